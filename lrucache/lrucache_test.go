package lrucache_test

import (
	"fmt"
	"math"
	"runtime"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ring-go/ring/internal/conformance"
	"github.com/ring-go/ring/lrucache"
)

func TestStrictOrder(t *testing.T) {
	c := lrucache.New(3)
	for _, k := range []string{"a", "b", "c"} {
		c.Set(k, k, 0)
	}
	_, ok := c.Get("a")
	require.True(t, ok)
	require.True(t, c.Touch("b", 0))
	c.Set("d", "d", 0) // c is the least recently used
	assert.False(t, c.Has("c"))
	c.Set("a", "A", 0) // overwriting is not a use
	c.Set("e", "e", 0)
	assert.False(t, c.Has("a"))
	assert.True(t, c.Has("b"))
	assert.Equal(t, 3, c.Len())
}

func TestSizes(t *testing.T) { onBoth(t, sizes) }

func sizes(t *testing.T, create func(size int) *lrucache.LruCache) {
	none := create(0)
	none.Set("a", 1, 0)
	_, ok := none.Get("a")
	assert.False(t, ok)
	assert.Equal(t, lrucache.CacheInfo{Misses: 1}, none.CacheInfo())

	all := create(lrucache.Unbounded)
	for i := range 10_000 {
		all.Set(strconv.Itoa(i), i, 0)
	}
	assert.Equal(t, 10_000, all.Len())
	assert.Equal(t, lrucache.Unbounded, all.CacheInfo().MaxSize)

	assert.PanicsWithValue(t, "lrucache: New(-2): the size must not be below -1 (Unbounded)", func() { create(-2) })
}

func TestExpiryOnTheRealClock(t *testing.T) { onBoth(t, expiryOnTheRealClock) }

func expiryOnTheRealClock(t *testing.T, create func(size int) *lrucache.LruCache) {
	synctest.Test(t, func(t *testing.T) {
		c := create(64)
		c.Set("a", nil, time.Second)
		c.Set("b", 2, time.Duration(math.MaxInt64))
		c.Set("gone", 3, -1)
		assert.False(t, c.Has("gone"))
		assert.Equal(t, 2, c.Len())

		time.Sleep(time.Second - 1)
		v, ok := c.Get("a")
		assert.True(t, ok)
		assert.Nil(t, v)
		require.True(t, c.Touch("a", time.Second))

		time.Sleep(time.Second)
		assert.False(t, c.Touch("a", time.Hour), "a dead entry is not revived")
		assert.False(t, c.Has("a"))
		assert.False(t, c.Delete("a"))
		assert.True(t, c.Delete("b"))
		assert.Zero(t, c.Len())
	})
}

func TestClockOfTheYearOne(t *testing.T) { onBoth(t, clockOfTheYearOne) }

func clockOfTheYearOne(t *testing.T, create func(size int) *lrucache.LruCache) {
	now := time.Time{}
	c := create(64)
	c.Now = func() time.Time { return now }
	c.Set("a", 1, time.Second)
	assert.True(t, c.Has("a"))
	now = now.Add(time.Second)
	assert.False(t, c.Has("a"))
}

func TestGetBytes(t *testing.T) { onBoth(t, getBytes) }

func getBytes(t *testing.T, create func(size int) *lrucache.LruCache) {
	c := create(64)
	c.Set("k", 1, 0)
	key := []byte("k")
	v, ok := c.GetBytes(key)
	assert.True(t, ok)
	assert.Equal(t, 1, v)
	_, ok = c.GetBytes([]byte("other"))
	assert.False(t, ok)
	assert.Equal(t, lrucache.CacheInfo{Hits: 1, MaxSize: 64, CurrSize: 1}, c.CacheInfo())
	assert.Zero(t, testing.AllocsPerRun(100, func() { c.GetBytes(key) }))
}

func TestClockThatPanicsOrJumps(t *testing.T) { onBoth(t, clockThatPanicsOrJumps) }

func clockThatPanicsOrJumps(t *testing.T, create func(size int) *lrucache.LruCache) {
	c := create(64)
	broken := false
	now := time.Unix(0, 0)
	c.Now = func() time.Time {
		if broken {
			panic("no time")
		}
		now = now.Add(time.Second)
		return now
	}
	c.Set("k", 1, time.Minute)
	broken = true
	assert.Panics(t, func() { c.GetBytes([]byte("k")) })
	broken = false
	assert.True(t, c.Has("k"), "the lock is free")

	c.Clear()
	c.Set("k", 1, 2*time.Second) // it has not expired at the first reading of Touch, but would at a second one
	c.Touch("k", time.Minute)
	c.Touch("k", time.Minute)
	c.Delete("k")
	assert.Zero(t, c.Len())
}

func TestZeroValueStoresNothing(t *testing.T) {
	var c lrucache.LruCache
	c.Set("k", 1, time.Hour)
	_, ok := c.Get("k")
	assert.False(t, ok)
	assert.False(t, c.Delete("k") || c.Has("k") || c.Touch("k", 0))
	assert.Zero(t, c.Len())
	c.Clear()
	assert.Equal(t, lrucache.CacheInfo{}, c.CacheInfo())
}

// TestClockThatPanics: whichever method reads the clock, the lock is free afterwards.
func TestClockThatPanics(t *testing.T) { onBoth(t, clockThatPanics) }

func clockThatPanics(t *testing.T, create func(size int) *lrucache.LruCache) {
	for name, call := range map[string]func(*lrucache.LruCache){
		"Get":       func(c *lrucache.LruCache) { c.Get("k") },
		"GetBytes":  func(c *lrucache.LruCache) { c.GetBytes([]byte("k")) },
		"Counter":   func(c *lrucache.LruCache) { c.NewCounter().GetBytes([]byte("k")) },
		"GetMany":   func(c *lrucache.LruCache) { c.NewCounter().GetMany([]byte("kkk"), []int{1, 2, 3}, []any{0, 0, 0}) },
		"TTL":       func(c *lrucache.LruCache) { c.TTL("k") },
		"GetLeft":   func(c *lrucache.LruCache) { c.GetLeft("k") },
		"Shorten":   func(c *lrucache.LruCache) { c.Shorten("k", time.Second) },
		"Set":       func(c *lrucache.LruCache) { c.Set("k", 2, time.Hour) },
		"Set a new": func(c *lrucache.LruCache) { c.Set("new", 2, time.Hour) },
		"Delete":    func(c *lrucache.LruCache) { c.Delete("k") },
		"Has":       func(c *lrucache.LruCache) { c.Has("k") },
		"Touch":     func(c *lrucache.LruCache) { c.Touch("k", time.Hour) },
		"Len":       func(c *lrucache.LruCache) { c.Len() },
		"CacheInfo": func(c *lrucache.LruCache) { c.CacheInfo() },
	} {
		t.Run(name, func(t *testing.T) {
			c := create(64)
			now := func() time.Time { return time.Unix(0, 0) }
			c.Now = now
			c.Set("k", 1, time.Minute)
			c.Now = func() time.Time { panic("no time") }
			assert.PanicsWithValue(t, "no time", func() { call(c) })
			var wg sync.WaitGroup
			c.Now = func() time.Time { runtime.Goexit(); return time.Time{} }
			wg.Go(func() { call(c) })
			wg.Wait()
			c.Now = now
			v, ok := c.Get("k")
			assert.True(t, ok)
			assert.Equal(t, 1, v)
			assert.Equal(t, 1, c.Len())
			_, err := c.Keys()
			assert.NoError(t, err)
		})
	}
}

func TestConcurrentUse(t *testing.T) { onBoth(t, concurrentUse) }

func concurrentUse(t *testing.T, create func(size int) *lrucache.LruCache) {
	c := create(16)
	var wg sync.WaitGroup
	for g := range 64 {
		wg.Go(func() {
			for i := range 1_000 {
				k := strconv.Itoa((i * (g + 1)) % 32)
				c.Set(k, k, time.Hour)
				if v, ok := c.Get(k); ok {
					assert.Equal(t, k, v)
				}
				c.Touch(k, time.Minute)
				if i%7 == 0 {
					c.Delete(k)
				}
				c.CacheInfo()
			}
		})
	}
	wg.Wait()
	assert.LessOrEqual(t, c.Len(), 16)
	_, err := c.Keys()
	assert.NoError(t, err)
}

// op is one line of a recorded trace of Python's LruCache.
type op struct {
	Op      string
	Key     string
	Value   any
	Expire  *float64
	Now     float64
	Result  any
	Expired bool
}

type trace struct {
	MaxSize    *int
	Ops        []op
	Deviations []struct {
		I    int
		Kind string
		Sane any
	}
	Revives bool
}

func (o op) expire() time.Duration {
	switch {
	case o.Expire == nil:
		return 0
	case *o.Expire == 0: // Python: it has expired at once, like any time that is not in the future
		return -1
	}
	return time.Duration(*o.Expire * float64(time.Second))
}

func outcome(ok bool) any {
	if ok {
		return "ok"
	}
	return "KeyError"
}

// TestPythonTrace replays a recording of Python's LruCache. If Python returns an entry
// past its deadline, the recorded sane answer counts; a trace in which Python revives
// such an entry is followed up to that point.
func TestPythonTrace(t *testing.T) {
	replayed := 0
	for n, tr := range conformance.Lines[trace](t, "testdata/lru_trace.jsonl") {
		t.Run(fmt.Sprint(n+1), func(t *testing.T) {
			size := lrucache.Unbounded
			if tr.MaxSize != nil {
				size = *tr.MaxSize
			}
			var now time.Duration
			c := lrucache.New(size)
			c.Now = func() time.Time { return time.Unix(0, 0).Add(now) }
			sane := map[int]any{}
			for _, d := range tr.Deviations {
				sane[d.I] = d.Sane
			}
			for i, o := range tr.Ops {
				now = time.Duration(o.Now * float64(time.Second))
				want, deviates := sane[i]
				if !deviates {
					want = o.Result
				}
				var got any
				switch o.Op {
				case "set":
					c.Set(o.Key, o.Value, o.expire())
					want = nil
				case "get":
					v, ok := c.Get(o.Key)
					if got = v; !ok {
						got = map[string]any{"$miss": true}
					}
				case "has":
					got = c.Has(o.Key)
				case "delete":
					got = outcome(c.Delete(o.Key))
				case "touch":
					got = outcome(c.Touch(o.Key, o.expire()))
				case "clear":
					c.Clear()
					want = nil
				case "info":
					info := c.CacheInfo()
					var max any = float64(info.MaxSize)
					if info.MaxSize == lrucache.Unbounded {
						max = nil
					}
					if deviates { // only the current size is recorded then
						want = []any{o.Result.([]any)[0], o.Result.([]any)[1], o.Result.([]any)[2], want}
					}
					got = []any{float64(info.Hits), float64(info.Misses), max, float64(info.CurrSize)}
				default:
					require.Failf(t, "unknown", "op %q", o.Op)
				}
				require.Equal(t, want, got, "op %d: %+v", i, o)
				replayed++
				if o.Op == "touch" && deviates && tr.Revives {
					return
				}
			}
		})
	}
	assert.Greater(t, replayed, 2_000)
}
