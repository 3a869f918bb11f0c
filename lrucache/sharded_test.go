package lrucache_test

import (
	"runtime"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ring-go/ring/lrucache"
)

func TestNumberOfShards(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(3))
	for _, c := range []struct{ size, shards, want, limit int }{
		{100, 0, 1, 100},
		{100, 1, 1, 100},
		{100, 2, 2, 50},
		{100, 3, 4, 25},
		{100, 16, 16, 7},
		{10_000, -1, 16, 625}, // three processors
		{256, -1, 16, 16},
		{255, -1, 8, 32}, // 16 shards would have room for less than 16 entries each
		{31, -1, 1, 31},
		{15, 16, 8, 2},
		{3, 16, 2, 2},
		{1, 16, 1, 1},
		{0, 16, 1, 0},
		{1_000_000, 4097, 4096, 245},
		{1_000_000, 1 << 62, 4096, 245},
	} {
		got := lrucache.NewSharded(c.size, c.shards)
		assert.Equal(t, c.want, got.Shards(), "%+v", c)
		assert.Equal(t, c.limit, got.Limit(), "%+v", c)
		assert.Equal(t, c.size, got.MaxSize(), "%+v", c)
	}
	assert.Equal(t, 16, lrucache.NewSharded(lrucache.Unbounded, -1).Shards())
	assert.Equal(t, 8, lrucache.NewSharded(lrucache.Unbounded, 5).Shards())
	assert.Equal(t, 1, new(lrucache.LruCache).Shards())
	assert.PanicsWithValue(t, "lrucache: NewSharded(8, -2): the number of shards must not be below -1 (four per processor)",
		func() { lrucache.NewSharded(8, -2) })
}

// TestShardsAreUsedAlike: the keys of one shard are in many buckets, too.
func TestShardsAreUsedAlike(t *testing.T) {
	c := lrucache.NewSharded(lrucache.Unbounded, 16)
	keys := make([]int, c.Shards())
	for i := range 16_000 {
		keys[c.ShardOf(strconv.Itoa(i))]++
		c.Set(strconv.Itoa(i), i, 0)
	}
	for shard, n := range keys {
		assert.InDelta(t, 1000, n, 300, "shard %d", shard)
	}
	assert.Less(t, c.LongestChain(), 10)
	assert.Equal(t, 16_000, c.Len())
}

// TestShardsHoldMore: more than maxSize, by less than the number of shards.
func TestShardsHoldMore(t *testing.T) {
	c := lrucache.NewSharded(100, 16)
	for i := range 10_000 {
		c.Set(strconv.Itoa(i), i, 0)
	}
	assert.Equal(t, lrucache.CacheInfo{MaxSize: 100, CurrSize: 112}, c.CacheInfo())
}

func TestCounter(t *testing.T) {
	onBoth(t, func(t *testing.T, create func(size int) *lrucache.LruCache) {
		c := create(lrucache.Unbounded)
		mine, others := c.NewCounter(), c.NewCounter()
		for i := range 100 {
			c.Set(strconv.Itoa(i), i, 0)
		}
		for i := range 200 {
			value, ok := mine.GetBytes([]byte(strconv.Itoa(i)))
			require.Equal(t, i < 100, ok)
			if ok {
				require.Equal(t, i, value)
			}
		}
		others.GetBytes([]byte("1"))
		c.NewCounter().GetBytes([]byte("1"))
		assert.Equal(t, 100, mine.Load())
		assert.Equal(t, 1, others.Load())
		assert.Equal(t, lrucache.CacheInfo{Hits: 102, MaxSize: -1, CurrSize: 100}, c.CacheInfo())
		c.Clear()
		assert.Equal(t, 100, mine.Load(), "a count is its owner's")
	})
	var zero lrucache.LruCache
	counter := zero.NewCounter()
	counter.GetBytes([]byte("a"))
	assert.Zero(t, counter.Load())
}

// TestFewCounted: hits count, too, if keys are compared instead of hashed.
func TestFewCounted(t *testing.T) {
	c := lrucache.New(8)
	c.Set("a", 1, 0)
	hits := c.NewCounter()
	value, ok := hits.GetBytes([]byte("a"))
	assert.True(t, ok)
	assert.Equal(t, 1, value)
	_, ok = hits.GetBytes([]byte("b"))
	assert.False(t, ok)
	assert.Equal(t, 1, hits.Load())
}

func TestGetManyThatIsWrong(t *testing.T) {
	onBoth(t, func(t *testing.T, create func(size int) *lrucache.LruCache) {
		c := create(64)
		c.Set("a", 1, 0)
		assert.Zero(t, c.NewCounter().GetMany(nil, nil, nil))
		assert.Panics(t, func() { c.NewCounter().GetMany([]byte("aa"), []int{1, 2}, []any{0}) }, "too few values")
		assert.Panics(t, func() { c.NewCounter().GetMany([]byte("a"), []int{2}, []any{0}) }, "beyond the text")
		assert.Panics(t, func() { c.NewCounter().GetMany([]byte("aa"), []int{2, 1}, []any{0, 0}) }, "down")
		assert.Equal(t, lrucache.CacheInfo{MaxSize: 64, CurrSize: 1}, c.CacheInfo(), "the locks are free, and nothing was looked up")
	})
}

func TestBytesAllocateNothing(t *testing.T) {
	onBoth(t, func(t *testing.T, create func(size int) *lrucache.LruCache) {
		c := create(1024)
		var text []byte
		var ends []int
		var values [100]any
		for i := range values {
			c.Set(strconv.Itoa(i), i, 0)
			text = strconv.AppendInt(text, int64(i), 10)
			ends = append(ends, len(text))
		}
		hits := c.NewCounter()
		for name, call := range map[string]func(){
			"GetBytes":    func() { var key [8]byte; c.GetBytes(append(key[:0], "12"...)) },
			"Counter":     func() { var key [8]byte; hits.GetBytes(append(key[:0], "12"...)) },
			"HasBytes":    func() { var key [8]byte; c.HasBytes(append(key[:0], "12"...)) },
			"TouchBytes":  func() { var key [8]byte; c.TouchBytes(append(key[:0], "12"...), time.Hour) },
			"DeleteBytes": func() { var key [8]byte; c.DeleteBytes(append(key[:0], "no"...)) },
			"GetMany":     func() { hits.GetMany(text, ends, values[:]) },
		} {
			assert.Zero(t, testing.AllocsPerRun(100, call), name)
		}
	})
}

// TestManyGoroutines: whatever other goroutines do, a look-up finds a value of its key,
// and every hit is counted.
func TestManyGoroutines(t *testing.T) {
	onBoth(t, func(t *testing.T, create func(size int) *lrucache.LruCache) {
		c := create(256)
		shared := c.NewCounter()
		var found, wrong [64]int
		var wg sync.WaitGroup
		for g := range 64 {
			wg.Go(func() {
				own := c.NewCounter()
				for i := range 500 {
					n := (i*7 + g*31) % 512
					key := strconv.Itoa(n)
					count := func(value any, ok bool, counted int) {
						if ok {
							found[g] += counted
							if value != n {
								wrong[g]++
							}
						}
					}
					value, ok := shared.GetBytes([]byte(key))
					count(value, ok, 1)
					if !ok {
						c.Set(key, n, 0)
					}
					values := []any{nil, nil}
					missing := shared.GetMany([]byte(key+key), []int{len(key), 2 * len(key)}, values)
					count(values[0], missing == 0, 2)
					if missing == 1 { // it was stored, or evicted, between the two
						found[g]++
					}
					if i%50 == 0 {
						c.DeleteBytes([]byte(key))
						c.CacheInfo()
					}
					own.GetBytes([]byte(key))
				}
				own.Load()
			})
		}
		wg.Wait()
		sum := 0
		for g := range found {
			sum += found[g]
			assert.Zero(t, wrong[g])
		}
		assert.Equal(t, sum, shared.Load())
		assert.NotZero(t, sum)
		_, err := c.Keys()
		assert.NoError(t, err)
	})
}
