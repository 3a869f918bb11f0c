package lrucache_test

import (
	"math"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/ring-go/ring/lrucache"
)

// expires checks that an entry lives exactly as long as it should, by a clock that wait
// moves.
func expires(t *testing.T, c *lrucache.LruCache, wait func(time.Duration)) {
	t.Helper()
	c.Set("a", 1, time.Second)
	c.Set("touched", 1, 0)
	assert.True(t, c.Touch("touched", time.Minute))
	c.Set("gone", 1, -time.Second)
	c.Set("kept", 1, math.MaxInt64)
	assert.False(t, c.Has("gone"))
	left, ok := c.TTL("a")
	assert.True(t, ok)
	assert.Equal(t, time.Second, left)

	wait(time.Second - 1)
	assert.True(t, c.Has("a"))
	wait(1)
	_, ok = c.TTL("a")
	assert.False(t, ok)
	_, ok = c.Get("a")
	assert.False(t, ok)
	assert.True(t, c.Has("touched"))
	wait(time.Minute)
	assert.False(t, c.Has("touched"))
	left, ok = c.TTL("kept")
	assert.True(t, ok)
	assert.True(t, left == 0 || left > century, "%v", left)
}

// TestCacheFromOutsideABubble: a bubble's clock begins long before the cache's.
func TestCacheFromOutsideABubble(t *testing.T) { onBoth(t, cacheFromOutsideABubble) }

func cacheFromOutsideABubble(t *testing.T, create func(size int) *lrucache.LruCache) {
	c := create(64)
	c.Set("outside", 1, time.Minute)
	synctest.Test(t, func(t *testing.T) {
		expires(t, c, time.Sleep)
		assert.True(t, c.Has("outside"), "it lives until a moment that is years ahead")
	})
	assert.True(t, c.Has("outside"))
}

// TestClockBeforeTheFirstReading: a custom clock can go back, also before the time from
// which deadlines count, and any distance.
func TestClockBeforeTheFirstReading(t *testing.T) { onBoth(t, clockBeforeTheFirstReading) }

func clockBeforeTheFirstReading(t *testing.T, create func(size int) *lrucache.LruCache) {
	for _, back := range []time.Duration{time.Second, century / 4, century, 2 * century, math.MaxInt64} {
		now := time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)
		c := create(64)
		c.Now = func() time.Time { return now }
		c.Set("before", 1, time.Hour) // the start no longer moves
		now = now.Add(-back)
		expires(t, c, func(d time.Duration) { now = now.Add(d) })
		assert.True(t, c.Has("before"))
		_, ok := c.TTL("before")
		assert.True(t, ok, "as Has says")
	}
}
