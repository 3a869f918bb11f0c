package lrucache_test

import (
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/ring-go/ring/lrucache"
)

func TestSetSince(t *testing.T) { onBoth(t, setSince) }

func setSince(t *testing.T, create func(size int) *lrucache.LruCache) {
	c := create(64)
	for name, write := range map[string]func(){
		"set":    func() { c.Set("a", "theirs", 0) },
		"delete": func() { c.Delete("a") },
		"clear":  c.Clear,
	} {
		since := c.Writes()
		assert.False(t, c.WrittenSince("a", since), name)
		assert.True(t, c.SetSince("a", "mine", 0, since), name)
		assert.True(t, c.SetSince("a", "mine again", 0, since), "it counts as no write itself")
		write()
		assert.True(t, c.WrittenSince("a", since), name)
		assert.False(t, c.SetSince("a", "late", 0, since), name)
		v, _ := c.Get("a")
		assert.NotEqual(t, "late", v, name)
		assert.True(t, c.SetSince("a", "now", 0, c.Writes()), name)
	}
	since := c.Writes()
	c.Touch("a", time.Hour)
	c.Get("a")
	assert.False(t, c.WrittenSince("a", since), "a look-up and a touch are no writes")
	assert.False(t, create(0).SetSince("a", 1, 0, 0))
	assert.False(t, new(lrucache.LruCache).SetSince("a", 1, 0, 0))
}

// TestOthersAreRarelyTakenFor: a write of another key is rarely reported.
func TestOthersAreRarelyTakenFor(t *testing.T) { onBoth(t, othersAreRarelyTakenFor) }

func othersAreRarelyTakenFor(t *testing.T, create func(size int) *lrucache.LruCache) {
	c := create(lrucache.Unbounded)
	since := c.Writes()
	for i := range 100 {
		c.Set("other"+strconv.Itoa(i), i, 0)
	}
	taken := 0
	for i := range 1000 {
		if c.WrittenSince("key"+strconv.Itoa(i), since) {
			taken++
		}
	}
	assert.Less(t, taken, 100, "24 of them on average")
}

// TestSetSinceBeside: after a delete of a key, nothing older is found under it.
func TestSetSinceBeside(t *testing.T) { onBoth(t, setSinceBeside) }

func setSinceBeside(t *testing.T, create func(size int) *lrucache.LruCache) {
	c := create(64)
	var wg sync.WaitGroup
	var mu sync.Mutex
	state := 0
	for range 4 {
		wg.Go(func() {
			for range 2000 {
				since := c.Writes()
				mu.Lock()
				made := state
				mu.Unlock()
				c.SetSince("a", made, 0, since)
			}
		})
	}
	for i := range 2000 {
		mu.Lock()
		state = i + 1
		mu.Unlock()
		c.Delete("a")
		if v, ok := c.Get("a"); ok {
			assert.Equal(t, i+1, v)
		}
	}
	wg.Wait()
}
