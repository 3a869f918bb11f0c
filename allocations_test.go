package ring

import (
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestAllocationsOfMisses: beside the box of the argument and that of the result, a miss
// keeps its key.
func TestAllocationsOfMisses(t *testing.T) {
	const runs = 1000
	texts := make([]string, runs+1) // AllocsPerRun begins with one that it does not count
	for i := range texts {
		texts[i] = "user-" + strconv.Itoa(1_000_000+i)
	}
	ints := Wrap(func(n int) int { return n }, Lru{})
	lengths := Wrap(func(s string) int { return len(s) }, Lru{})
	reflected := Wrap(func(n int) float64 { return float64(n) }, Lru{}) // of a type that is called by reflection
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
	for _, cached := range []*Rope{ints, lengths, reflected} {
		assert.Equal(t, CacheInfo{Misses: runs + 1, MaxSize: 128, CurrSize: 128}, cached.CacheInfo())
	}
}
