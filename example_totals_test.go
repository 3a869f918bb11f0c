package ring_test

import (
	"fmt"
	"strings"

	"github.com/ring-go/ring"
)

// Two ropes with one name, as where a function is wrapped once for each of two caches.
var (
	firstUpper  = ring.Wrap(strings.ToUpper, ring.Lru{}, ring.Name("totals.upper"))
	secondUpper = ring.Wrap(strings.ToUpper, ring.Lru{}, ring.Name("totals.upper"))
)

// What ropes with one name do counts together.
func ExampleTotals() {
	for _, upper := range []*ring.Rope{firstUpper, secondUpper} {
		upper.Call("a")
		upper.Call("a")
	}
	for _, t := range ring.Totals() {
		if t.Function == "totals.upper" {
			fmt.Println(t.Storage, t.Ropes, t.Runs)
		}
	}
	// Output: lru 2 2
}
