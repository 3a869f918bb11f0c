package lrucache

import "math/rand/v2"

// Counter looks up keys in a cache and counts the hits, for one of several users of the
// cache that want their own counts. The locks that a look-up takes anyway guard the
// count, so users of a sharded cache do not wait for each other because of it. Clear
// does not change it. NewCounter makes one. It is safe for concurrent use.
type Counter struct {
	cache *LruCache
	hits  []cell // by the index of the shard, whose lock guards it
}

// cell fills a cache line, because shards are used at the same time.
type cell struct {
	n int
	_ [56]byte
}

// NewCounter returns a Counter for this cache. The cache keeps no reference to it, so
// it need not be closed.
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
	if len(text) > shortKey {
		n = c.longName(text)
	} else {
		n = name{text, c.hasher.short(text) & c.bits} // the method name, inlined
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

// getOfFew is getOfFew of the cache, with a count. It is a separate function because it
// would slow the other look-ups.
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

// CountMisses adds n to the misses of the cache, for look-ups by GetBytes and GetMany
// that found nothing and that no Get will follow.
func (h *Counter) CountMisses(n int) {
	shards := h.cache.all()
	s := &shards[0]
	if len(shards) > 1 { // misses are summed up, so any shard will do
		s = &shards[rand.IntN(len(shards))]
	}
	s.mu.Lock()
	s.misses += n
	s.mu.Unlock()
}
