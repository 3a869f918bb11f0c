package lrucache

import "time"

// GetLeft is Get with the time left to the value: more than 0, or 0 if it does not
// expire.
func (c *LruCache) GetLeft(key string) (value any, left time.Duration, ok bool) {
	if c.few.Load() {
		if value, left, ok := c.getLeftOfFew(key); ok {
			return value, left, true
		}
	}
	n := c.name(key)
	s := c.shardOf(n)
	s.mu.Lock()
	value, left, ok = s.hitLeft(s.lru.find(n))
	if !ok {
		s.misses++
	}
	s.mu.Unlock()
	return value, left, ok
}

// getLeftOfFew is getOfFew with the time left.
func (c *LruCache) getLeftOfFew(key string) (any, time.Duration, bool) {
	s := &c.only[0]
	s.mu.Lock()
	value, left, ok := s.hitLeft(s.lru.scan(key))
	s.mu.Unlock()
	return value, left, ok
}

// hitLeft is hit with the time left. It reads the clock only once.
func (s *shard) hitLeft(i uint32, e *slot) (value any, left time.Duration, ok bool) {
	if e == nil {
		return nil, 0, false
	}
	if e.deadline != never {
		if left = until(e.deadline, s.lru.now()); left == 0 {
			s.lru.remove(i, e)
			return nil, 0, false
		}
	}
	s.lru.moveToFront(i)
	s.hits++
	return e.value, left, true
}

// Shorten leaves the value of key at most so much time; with a left of 0 or less it has
// expired. It never lengthens its life. It reports whether key had a value that had not
// expired. It does not affect the LRU order.
func (c *LruCache) Shorten(key string, left time.Duration) bool {
	n := c.name(key)
	s := c.shardOf(n)
	s.mu.Lock()
	_, e := s.lru.find(n)
	alive := e != nil && !s.lru.dead(e)
	if alive {
		at := s.deadline(left)
		if left == 0 {
			at = s.tick()
		}
		if at < e.deadline {
			s.lru.setDeadline(e, at)
		}
	}
	s.mu.Unlock()
	return alive
}
