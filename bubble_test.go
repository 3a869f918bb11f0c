package ring_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ring-go/ring"
	"github.com/ring-go/ring/lrucache"
)

// TestRopesFromOutsideABubble: a rope in a variable of the package is made before any
// test. Its values expire within the bubble of a test, whichever way they are stored.
func TestRopesFromOutsideABubble(t *testing.T) {
	for name, factory := range map[string]ring.Factory{
		"lru":        ring.Lru{Expire: time.Minute},
		"lru, coder": ring.Lru{Expire: time.Minute, Coder: "json"},
		"shared lru": ring.Lru{Lru: lrucache.New(99), KeyPrefix: "f", Expire: time.Minute},
		"dict":       ring.Dict{Expire: time.Minute},
	} {
		runs := 0
		square := func(n int) int { runs++; return n * n }
		r := ring.Decorate(&square, factory)
		for way, store := range map[string]func() error{
			"call":               func() error { _, err := r.Call(3); return err },
			"typed":              func() error { square(3); return nil },
			"update":             func() error { _, err := r.Update(3); return err },
			"set":                func() error { return r.Set(9, 3) },
			"get_or_update_many": func() error { _, err := r.GetOrUpdateMany(ring.Args{3}); return err },
			"set_many":           func() error { return r.SetMany([]any{ring.Args{3}}, []any{9}) },
		} {
			t.Run(name+"/"+way, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					require.NoError(t, store())
					time.Sleep(time.Minute - time.Second)
					has, err := r.Has(3)
					require.NoError(t, err)
					assert.True(t, has)
					require.NoError(t, r.Touch(3))
					time.Sleep(time.Minute - time.Second)
					runs = 0
					square(3)
					assert.Zero(t, runs, "a touch renews it")
					time.Sleep(2 * time.Second)
					has, err = r.Has(3)
					require.NoError(t, err)
					assert.False(t, has)
				})
			})
		}
	}
}
