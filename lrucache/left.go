package lrucache

import "time"

// GetLeft is Get that also returns the time left to the value, 0 if it does not expire.
func (c *LruCache) GetLeft(key string) (value any, left time.Duration, ok bool) {
	n := c.name(key)
	s := c.shardOf(n)
	s.mu.Lock()
	i, e := s.lru.find(n)
	value, ok = s.hit(i, e)
	switch {
	case !ok:
		s.misses++
	case e.deadline != never:
		left = max(until(e.deadline, s.lru.now()), 1)
	}
	s.mu.Unlock()
	return value, left, ok
}
