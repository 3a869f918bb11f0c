package lrucache_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ring-go/ring/lrucache"
)

func ExampleLruCache_TTL() {
	now := time.Now()
	c := lrucache.New(128)
	c.Now = func() time.Time { return now }
	c.Set("a", 1, time.Minute)
	c.Set("b", 2, 0)
	now = now.Add(45 * time.Second)
	fmt.Println(c.TTL("a"))
	fmt.Println(c.TTL("b")) // it stays
	fmt.Println(c.TTL("c")) // there is none
	// Output:
	// 15s true
	// 0s true
	// 0s false
}

const century = 100 * 365 * 24 * time.Hour

func TestTTLChangesNothing(t *testing.T) {
	now := time.Unix(0, 0)
	c := lrucache.New(2)
	c.Now = func() time.Time { return now }
	c.Set("a", 1, time.Second)
	c.Set("b", 2, century)
	c.Set("dead", 3, -1)
	_, ok := c.TTL("dead")
	assert.False(t, ok)
	c.Set("a", 1, time.Second)
	c.Set("b", 2, century)
	before := c.CacheInfo()
	now = now.Add(time.Second - 1)
	left, ok := c.TTL("a")
	assert.True(t, ok)
	assert.Equal(t, time.Duration(1), left)
	left, ok = c.TTL("b")
	assert.True(t, ok)
	assert.Equal(t, century-time.Second+1, left)
	assert.Equal(t, before, c.CacheInfo())
	now = now.Add(1)
	_, ok = c.TTL("a")
	assert.False(t, ok, "at its deadline it is gone, as for Has")
	assert.False(t, c.Has("a"))

	c.Clear()
	c.Set("old", 1, 0)
	c.Set("new", 2, 0)
	_, ok = c.TTL("old")
	require.True(t, ok)
	c.Set("newest", 3, 0)
	assert.False(t, c.Has("old"), "TTL was no use of it")
}
