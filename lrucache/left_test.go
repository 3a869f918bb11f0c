package lrucache_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/ring-go/ring/lrucache"
)

func ExampleLruCache_GetLeft() {
	now := time.Now()
	c := lrucache.New(128)
	c.Now = func() time.Time { return now }
	c.Set("a", 1, time.Minute)
	c.Set("b", 2, 0)
	now = now.Add(45 * time.Second)
	fmt.Println(c.GetLeft("a"))
	fmt.Println(c.GetLeft("b")) // it stays
	fmt.Println(c.GetLeft("c")) // there is none
	// Output:
	// 1 15s true
	// 2 0s true
	// <nil> 0s false
}

func ExampleLruCache_Shorten() {
	now := time.Now()
	c := lrucache.New(128)
	c.Now = func() time.Time { return now }
	c.Set("a", 1, time.Hour)
	c.Shorten("a", time.Minute)
	c.Shorten("a", time.Hour) // which is no shorter
	fmt.Println(c.TTL("a"))
	fmt.Println(c.Shorten("b", time.Minute)) // there is none
	// Output:
	// 1m0s true
	// false
}

// TestGetLeft: as Get, it counts and makes the key the most recently used, whether the
// entries are few or many.
func TestGetLeft(t *testing.T) { onBoth(t, getLeft) }

func getLeft(t *testing.T, create func(size int) *lrucache.LruCache) {
	for _, others := range []int{0, 1000} {
		now := time.Unix(0, 0)
		c := create(4096)
		c.Now = func() time.Time { return now }
		for i := range others {
			c.Set(fmt.Sprint("other", i), i, 0)
		}
		key := func(i int) string { return strings.Repeat("k", i%3*3000) + fmt.Sprint(i) }
		for i := range 4 {
			c.Set(key(i), i, time.Duration(i)*time.Second)
		}
		now = now.Add(time.Second)
		for i, want := range []struct {
			value any
			left  time.Duration
			ok    bool
		}{{0, 0, true}, {nil, 0, false}, {2, time.Second, true}, {3, 2 * time.Second, true}} {
			value, left, ok := c.GetLeft(key(i))
			assert.Equal(t, want.value, value, i)
			assert.Equal(t, want.left, left, i)
			assert.Equal(t, want.ok, ok, i)
		}
		info := c.CacheInfo()
		assert.Equal(t, 3, info.Hits)
		assert.Equal(t, 1, info.Misses)
	}
}

// TestGetLeftIsAUse: the key is the last to be evicted.
func TestGetLeftIsAUse(t *testing.T) {
	for _, size := range []int{2, 100} {
		c := lrucache.New(size)
		c.Set("a", 1, time.Hour)
		for i := range size - 1 {
			c.Set(fmt.Sprint(i), i, 0)
		}
		c.GetLeft("a")
		c.GetLeft("a") // which is the first already
		c.Set("new", 2, 0)
		assert.True(t, c.Has("a"))
		assert.False(t, c.Has("0"))
	}
}

// TestShortenIsNoUse: it changes neither the order nor the counts.
func TestShortenIsNoUse(t *testing.T) {
	c := lrucache.New(2)
	before := c.CacheInfo()
	c.Set("old", 1, 0)
	c.Set("new", 2, 0)
	assert.True(t, c.Shorten("old", time.Hour))
	c.Set("newest", 3, 0)
	assert.False(t, c.Has("old"))
	assert.Equal(t, before.Hits, c.CacheInfo().Hits)
	assert.Equal(t, before.Misses, c.CacheInfo().Misses)
	for _, left := range []time.Duration{0, -1} {
		c.Set("ended", 1, 0)
		assert.True(t, c.Shorten("ended", left))
		assert.False(t, c.Has("ended"))
		assert.False(t, c.Shorten("ended", left))
	}
}
