// Package howto_test holds the programs of ../howto.md and of the README.
package howto_test

import (
	"fmt"
	"sync/atomic"
)

// must ends an example that cannot go on.
func must(err error) {
	if err != nil {
		panic(err)
	}
}

// loads counts the runs of load.
var loads atomic.Int64

// load is a function that costs something.
func load(id int) (string, error) {
	return fmt.Sprintf("user %d, load %d", id, loads.Add(1)), nil
}
