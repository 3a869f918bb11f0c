package ring_test

import (
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ring-go/ring"
)

// TestAllocationsOfHits: a look-up of a cached value allocates the box of its argument,
// and a write its key as well.
func TestAllocationsOfHits(t *testing.T) {
	type point struct {
		X, Y  int
		Name  string
		Scale float64
		On    bool
	}
	n, s := 1_000_000+len(t.Name()), "of "+t.Name() // no constants, which have no box of their own
	p := point{n, 2, s, 4.5, true}
	ints, texts := ring.Wrap(func(n int) int { return n }, ring.Lru{}), ring.Wrap(func(s string) int { return len(s) }, ring.Lru{})
	changed, structs := ring.Wrap(func(n int) int { return n }, ring.Lru{}), ring.Wrap(func(p point) int { return p.X }, ring.Lru{})
	var value any = n // boxed already
	for _, err := range []error{ints.Set(value, n), texts.Set(value, s)} {
		require.NoError(t, err)
	}
	for name, c := range map[string]struct {
		allocs float64 // at most
		call   func() error
	}{
		"Key, a struct":         {2, func() error { _, err := structs.Key(p); return err }},
		"Get, an int":           {1, func() error { _, err := ints.Get(n); return err }},
		"Get, a string":         {1, func() error { _, err := texts.Get(s); return err }},
		"GetOrUpdate, an int":   {1, func() error { _, err := ints.GetOrUpdate(n); return err }},
		"GetOrUpdate, a string": {1, func() error { _, err := texts.GetOrUpdate(s); return err }},
		"Lookup, an int":        {1, func() error { _, _, err := ints.Lookup(n); return err }},
		"Lookup, a string":      {1, func() error { _, _, err := texts.Lookup(s); return err }},
		"Has, an int":           {1, func() error { _, err := ints.Has(n); return err }},
		"Has, a string":         {1, func() error { _, err := texts.Has(s); return err }},
		"Touch, an int":         {1, func() error { return ints.Touch(n) }},
		"Touch, a string":       {1, func() error { return texts.Touch(s) }},
		"Set, an int":           {3, func() error { return ints.Set(value, n) }},
		"Set, a string":         {3, func() error { return texts.Set(value, s) }},
		"Set and Delete": {3, func() error {
			if err := changed.Set(value, n); err != nil {
				return err
			}
			return changed.Delete(n)
		}},
	} {
		got := testing.AllocsPerRun(200, func() {
			if err := c.call(); err != nil {
				t.Error(err)
			}
		})
		assert.LessOrEqual(t, got, c.allocs+racing, name)
	}
	assert.Equal(t, 0, ints.CacheInfo().Misses+texts.CacheInfo().Misses, "all of them are hits")
}

// TestAllocationsOfBulkHits: a bulk call allocates its list of values, and nothing for
// each of its elements.
func TestAllocationsOfBulkHits(t *testing.T) {
	const elements = 100
	ints := ring.Wrap(func(n int) int { return n }, ring.Lru{})
	list := make([]any, elements)
	for i := range list {
		list[i] = ring.Args{1_000_000 + i}
	}
	_, err := ints.UpdateMany(list...)
	require.NoError(t, err)
	for name, many := range map[string]func(...any) ([]any, error){"GetMany": ints.GetMany, "GetOrUpdateMany": ints.GetOrUpdateMany} {
		got := testing.AllocsPerRun(200, func() {
			if values, err := many(list...); err != nil || values[elements-1] != 1_000_000+elements-1 {
				t.Error(name, values, err)
			}
		})
		assert.LessOrEqual(t, got, 0.05*elements+racing, name)
	}
}

// TestAllocationsOfMisses: beside the boxes of the argument and the result, a miss
// allocates its key.
func TestAllocationsOfMisses(t *testing.T) {
	const runs = 1000
	texts := make([]string, runs+1) // AllocsPerRun begins with a run that it does not count
	for i := range texts {
		texts[i] = "user-" + strconv.Itoa(1_000_000+i)
	}
	ints := ring.Wrap(func(n int) int { return n }, ring.Lru{})
	lengths := ring.Wrap(func(s string) int { return len(s) }, ring.Lru{})
	reflected := ring.Wrap(func(n int) float64 { return float64(n) }, ring.Lru{}) // its type is called by reflection
	for name, c := range map[string]struct {
		allocs float64 // at most
		call   func(i int) (any, error)
	}{
		"an int":               {3, func(i int) (any, error) { return ints.Call(1_000_000 + i) }},
		"a string":             {3, func(i int) (any, error) { return lengths.Call(texts[i]) }},
		"a call by reflection": {4, func(i int) (any, error) { return reflected.Call(1_000_000 + i) }},
	} {
		i := 0
		got := testing.AllocsPerRun(runs, func() {
			_, err := c.call(i)
			require.NoError(t, err)
			i++
		})
		assert.LessOrEqual(t, got, c.allocs+racing, name)
	}
	for _, cached := range []*ring.Rope{ints, lengths, reflected} {
		assert.Equal(t, ring.CacheInfo{Misses: runs + 1, MaxSize: 128, CurrSize: 128}, cached.CacheInfo())
	}
}
