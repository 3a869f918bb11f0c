package ringtest

import (
	"testing"

	"github.com/ring-go/ring"
	"github.com/ring-go/ring/internal/standin"
)

// Bypass makes ropes call their functions as if they were not cached, until the test ends.
// Without ropes these are all that are alive; a rope that is made later is not among them.
//
// Every call runs the function, concurrent calls with equal arguments and equal elements of
// a bulk call as well. Nothing is read from the storage and nothing is written to it: Get
// and Has find nothing; Set, Delete and Touch check their arguments and do no more. So the
// entries are the same afterwards. A function that calls itself with the same arguments does
// not get an ErrRecursion, but goes on as it would without ring.
func Bypass(t testing.TB, ropes ...*ring.Rope) {
	t.Helper()
	for _, r := range targets(t, ropes) {
		r.put(t, standin.Layer{Storage: newMemory(r.base.Storage, nil), Apart: true})
	}
}
