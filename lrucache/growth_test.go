package lrucache_test

import (
	"math/rand/v2"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"weak"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ring-go/ring/lrucache"
)

// TestGrowthAndShrinkage grows and shrinks a cache over many chunks and buckets.
func TestGrowthAndShrinkage(t *testing.T) { onBoth(t, growthAndShrinkage) }

func growthAndShrinkage(t *testing.T, create func(size int) *lrucache.LruCache) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	rnd := rand.New(rand.NewPCG(seed, 0))
	c, want := create(lrucache.Unbounded), map[string]int{}
	top := 40_000
	if c.Shards() > 1 { // each of them is like any other cache
		top = 4_000
	}
	check := func() {
		keys, err := c.Keys()
		require.NoError(t, err)
		require.Len(t, keys, len(want))
	}
	for turn, share := range []int{90, 15, 90, 3, 60, 0, 90, 40} { // sets among a hundred operations
		for i := range 3 * top {
			key := strconv.Itoa(rnd.IntN(top))
			_, known := want[key]
			if rnd.IntN(100) < share {
				c.Set(key, turn*i, 0)
				want[key] = turn * i
			} else {
				require.Equal(t, known, c.Delete(key))
				delete(want, key)
			}
			if i%20_000 == 0 {
				check()
			}
		}
		check()
		for key, v := range want {
			got, ok := c.GetBytes([]byte(key))
			require.True(t, ok)
			require.Equal(t, v, got)
		}
	}
	for key := range want {
		require.True(t, c.Delete(key))
		delete(want, key)
	}
	check()
	assert.LessOrEqual(t, c.Room(), 16*c.Shards())
}

// TestRoom: a cache takes no more memory than it will need, and releases what it no
// longer needs.
func TestRoom(t *testing.T) {
	small := lrucache.New(100)
	for i := range 1000 {
		small.Set(strconv.Itoa(i), i, 0)
	}
	assert.Equal(t, 101, small.Room(), "a hundred entries and what 0 stands for")

	// around the size from which there is more than one chunk
	for _, size := range []int{1023, 32_766, 32_767, 32_768, 32_769, 33_791, 33_792, 33_793} {
		c := lrucache.New(size)
		for _, n := range []int{size + 1, size / 3, size + 1, 0, 2 * size} {
			for i := range n {
				c.Set(strconv.Itoa(i), i, 0)
			}
			for i := n; i < 2*size; i++ {
				c.Delete(strconv.Itoa(i))
			}
			keys, err := c.Keys()
			require.NoError(t, err)
			require.Len(t, keys, min(n, size))
		}
	}

	large := lrucache.New(1_000_000)
	large.Set("a", 1, 0)
	assert.LessOrEqual(t, large.Room(), 8)
	for i := range 50_000 {
		large.Set(strconv.Itoa(i), i, 0)
	}
	assert.Less(t, large.Room(), 52_100)
	for i := range 42_000 {
		large.Delete(strconv.Itoa(i))
	}
	assert.Less(t, large.Room(), 17_500)
	large.Clear()
	assert.Zero(t, large.Room())
}

// TestValuesAreLetGo: a value that is no longer in the cache can be collected.
func TestValuesAreLetGo(t *testing.T) {
	c := lrucache.New(2)
	held := func(key string) weak.Pointer[[64]int] {
		value := new([64]int)
		c.Set(key, value, 0)
		return weak.Make(value)
	}
	overwritten, evicted := held("a"), held("b")
	for _, leave := range []struct {
		name  string
		value weak.Pointer[[64]int]
		by    func()
	}{
		{"overwritten", overwritten, func() { c.Set("a", nil, 0) }},
		{"evicted", evicted, func() { c.Get("a"); c.Set("c", nil, 0) }},
		{"deleted", held("d"), func() { c.Delete("d") }},
		{"expired", held("e"), func() { c.Touch("e", -1); c.Get("e") }},
		{"cleared", held("f"), func() { c.Clear() }},
	} {
		leave.by()
		runtime.GC()
		assert.Nil(t, leave.value.Value(), leave.name)
	}
	runtime.KeepAlive(c)
}

// TestLongKeys: an entry stores a digest of a long key. Long keys meet neither one
// another nor a key that is spelled like the digest.
func TestLongKeys(t *testing.T) { onBoth(t, longKeys) }

func longKeys(t *testing.T, create func(size int) *lrucache.LruCache) {
	c := create(lrucache.Unbounded)
	megabyte := strings.Repeat("x", 1<<20)
	c.Set(megabyte, 1, 0)
	c.Set(megabyte+"y", 2, 0)
	kept, err := c.Keys()
	require.NoError(t, err)
	require.Len(t, kept, 2)
	for _, key := range kept {
		assert.Len(t, key, 32)
		assert.False(t, c.Has(key))
		c.Set(key, 3, 0)
	}
	assert.Equal(t, 4, c.Len())

	v, ok := c.GetBytes([]byte(megabyte))
	assert.True(t, ok)
	assert.Equal(t, 1, v)
	v, ok = c.Get(megabyte + "y")
	assert.True(t, ok)
	assert.Equal(t, 2, v)
	assert.True(t, c.Touch(megabyte, 0))
	assert.True(t, c.Delete(megabyte))
	assert.False(t, c.Has(megabyte))

	atMost := strings.Repeat("x", lrucache.LongKey)
	assert.Equal(t, atMost, c.Kept(atMost))
	assert.Len(t, c.Kept(atMost+"x"), 32)
}

func TestZeroValue(t *testing.T) {
	var c lrucache.LruCache
	c.Set("a", 1, 0)
	_, ok := c.Get("a")
	assert.False(t, ok)
	_, ok = c.GetBytes([]byte(strings.Repeat("x", 1<<20)))
	assert.False(t, ok)
	assert.False(t, c.Has("a") || c.Touch("a", 0) || c.Delete("a"))
	assert.Equal(t, lrucache.CacheInfo{Misses: 1}, c.CacheInfo())
	c.Clear()
	assert.Equal(t, lrucache.CacheInfo{}, c.CacheInfo())
}
