package lrucache

// Counter counts hits, for one of several users of a cache who want to know their own. It
// is written under the locks that a look-up holds anyway: users of a sharded cache do not
// meet at it. Clear leaves it as it is. NewCounter makes one.
type Counter struct {
	cache *LruCache
	hits  []cell // by the number of the shard, whose lock guards it
}

// cell fills a cache line, since shards are used at the same time.
type cell struct {
	n int
	_ [56]byte
}

// NewCounter returns a Counter for GetCounted and GetMany of this cache. The cache does not
// know it: nothing has to be closed.
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

// check panics when h is a Counter of another cache than c, whose locks do not guard it.
func (h *Counter) check(c *LruCache) {
	if h != nil && h.cache != c {
		panic("lrucache: the Counter is that of another cache: NewCounter of this one makes one")
	}
}

// add counts a hit in s, whose lock is held. h may be nil.
func (h *Counter) add(s *shard) {
	if h != nil {
		h.hits[s.number].n++
	}
}

// GetCounted is GetBytes, and counts a hit in hits as well, if that is not nil. It panics
// when hits is a Counter of another cache.
func (c *LruCache) GetCounted(key []byte, hits *Counter) (any, bool) {
	hits.check(c)
	text := textOf(key)
	if c.few.Load() {
		if value, ok := c.getOfFewCounted(text, hits); ok {
			return value, true
		}
	}
	n := c.name(text)
	s := c.shardOf(n)
	s.mu.Lock()
	value, ok := s.hit(s.lru.find(n))
	if ok {
		hits.add(s)
	}
	s.mu.Unlock()
	return value, ok
}

// getOfFewCounted is getOfFew for GetCounted. In one function the other look-ups would be
// slower.
func (c *LruCache) getOfFewCounted(key string, hits *Counter) (any, bool) {
	s := &c.only[0]
	s.mu.Lock()
	value, ok := s.hit(s.lru.scan(key))
	if ok {
		hits.add(s)
	}
	s.mu.Unlock()
	return value, ok
}
