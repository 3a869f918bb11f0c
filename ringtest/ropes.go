package ringtest

import (
	"slices"
	"testing"

	"github.com/ring-go/ring"
	"github.com/ring-go/ring/internal/standin"
)

// target is a rope that is to be changed.
type target struct {
	rope *ring.Rope
	base standin.Base
}

// targets returns the ropes once each; none are all that are alive.
func targets(t testing.TB, ropes []*ring.Rope) []target {
	t.Helper()
	all := len(ropes) == 0
	if all {
		for _, rope := range standin.Ropes.Living() {
			ropes = append(ropes, rope.(*ring.Rope))
		}
	}
	var list []target
	for i, rope := range ropes {
		if slices.Contains(ropes[:i], rope) && !all {
			continue
		}
		if rope == nil {
			t.Fatalf("ringtest: rope %d is nil: make it with ring.Wrap first", i+1)
		}
		base, ok := standin.Ropes.Base(rope)
		if !ok {
			t.Fatalf("ringtest: rope %d was not made by ring: make it with ring.Wrap", i+1)
		}
		list = append(list, target{rope, base})
	}
	return list
}

// put puts a layer over a rope's storage until the test ends.
func (r target) put(t testing.TB, l standin.Layer) {
	t.Cleanup(standin.Ropes.Put(r.rope, l))
}
