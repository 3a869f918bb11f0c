package lrucache

import (
	"math/rand/v2"
	"time"

	"github.com/ring-go/ring/internal/keyhash"
)

// Counter looks up values in a cache and counts the hits, for one of several users of
// the cache. The locks that a look-up holds anyway guard the count, so users of a
// sharded cache do not contend for it. Clear does not change the count. NewCounter makes
// a Counter. It is safe for concurrent use.
type Counter struct {
	cache *LruCache
	hits  []cell // by the index of the shard, whose lock guards it
}

// cell fills a cache line, because shards are used at the same time.
type cell struct {
	n int
	_ [56]byte
}

// NewCounter returns a Counter for this cache. The cache does not refer to it, so there
// is nothing to close.
func (c *LruCache) NewCounter() *Counter {
	return &Counter{cache: c, hits: make([]cell, len(c.all()))}
}

// Load returns the hits so far.
func (h *Counter) Load() int {
	sum := 0
	shards := h.cache.all()
	for i := range shards {
		s := &shards[i]
		s.mu.Lock()
		sum += h.hits[i].n
		s.mu.Unlock()
	}
	return sum
}

// GetBytes is GetBytes of the cache, and counts a hit.
func (h *Counter) GetBytes(key []byte) (any, bool) {
	c, text := h.cache, textOf(key)
	if c.few.Load() {
		if value, ok := h.getOfFew(text); ok {
			return value, true
		}
	}
	var n name
	if len(text) > keyhash.ShortKey {
		n = c.longName(text)
	} else {
		n = name{text, c.hasher.Short(text) & c.bits} // name, without its call
	}
	s := c.shardOf(n)
	s.mu.Lock()
	value, ok := s.hit(s.lru.find(n))
	if ok {
		h.hits[s.number].n++
	}
	s.mu.Unlock()
	return value, ok
}

// getOfFew is that of the cache, and counts a hit. In one function with the other
// look-ups it would slow these.
func (h *Counter) getOfFew(key string) (any, bool) {
	s := &h.cache.only[0]
	s.mu.Lock()
	value, ok := s.hit(s.lru.scan(key))
	if ok {
		h.hits[0].n++
	}
	s.mu.Unlock()
	return value, ok
}

// GetFreshBytes is GetBytes for a value to which more time is left than margin, or which
// does not expire. Another value is not returned, and stays. With a key of the usual length
// it does not allocate.
func (h *Counter) GetFreshBytes(key []byte, margin time.Duration) (value any, ok bool) {
	c, text := h.cache, textOf(key)
	var n name
	if len(text) > keyhash.ShortKey {
		n = c.longName(text)
	} else {
		n = name{text, c.hasher.Short(text) & c.bits} // name, without its call
	}
	s := c.shardOf(n)
	s.mu.Lock()
	i, e := s.lru.find(n)
	if e != nil && s.lru.isFresh(e, margin) {
		s.lru.moveToFront(i) // it is alive
		s.hits++
		h.hits[s.number].n++
		value, ok = e.value, true
	}
	s.mu.Unlock()
	return value, ok
}

// HasFreshBytes is HasBytes of the cache for a value as GetFreshBytes wants it.
func (h *Counter) HasFreshBytes(key []byte, margin time.Duration) bool {
	n := h.cache.name(textOf(key))
	s := h.cache.shardOf(n)
	s.mu.Lock()
	_, e := s.lru.find(n)
	ok := e != nil && s.lru.isFresh(e, margin)
	s.mu.Unlock()
	return ok
}

// CountMisses adds n to the misses of the cache. It is for look-ups by GetBytes and GetMany
// that found nothing and that no Get will follow.
func (h *Counter) CountMisses(n int) {
	s := h.anyShard()
	s.mu.Lock()
	s.misses += n
	s.mu.Unlock()
}

// TakeBack takes n hits back, from the cache as well: look-ups that found what is of no use
// to the caller, who will look again.
func (h *Counter) TakeBack(n int) {
	s := h.anyShard()
	s.mu.Lock()
	s.hits -= n
	h.hits[s.number].n -= n
	s.mu.Unlock()
}

// anyShard returns one of the shards, whose counts are only ever summed up.
func (h *Counter) anyShard() *shard {
	shards := h.cache.all()
	if len(shards) == 1 {
		return &shards[0]
	}
	return &shards[rand.IntN(len(shards))]
}
