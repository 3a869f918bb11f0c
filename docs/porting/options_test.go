package porting_test

import (
	"fmt"

	"github.com/ring-go/ring"
)

func reportOf(year int) string { return fmt.Sprint("the report of ", year) }

func Example_options() {
	report := ring.Wrap(reportOf, ring.Dict{KeyPrefix: "report",
		Options: ring.Options{DefaultAction: "get"}})

	show(report.Call(2026)) // does not run anything
	_, err := report.Update(2026)
	must(err)
	show(report.Call(2026))
	show(report.Run("key", 2026))
	// Output:
	// None
	// the report of 2026
	// report:2026
}
