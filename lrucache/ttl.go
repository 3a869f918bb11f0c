package lrucache

import (
	"math"
	"time"
)

// TTL returns the time left to key, 0 for a value that does not expire. It returns false
// if there is no value or it has expired. It does not affect the LRU order and counts no
// hit or miss.
func (c *LruCache) TTL(key string) (left time.Duration, ok bool) {
	n := c.name(key)
	s := c.shardOf(n)
	s.mu.Lock()
	_, e := s.lru.find(n)
	switch {
	case e == nil:
	case e.deadline == never:
		ok = true
	default:
		left = until(e.deadline, s.lru.now())
		ok = left > 0
	}
	s.mu.Unlock()
	return left, ok
}

// until returns the time from now to a deadline, 0 if that is over.
func until(deadline, now int64) time.Duration {
	if now >= deadline {
		return 0
	}
	if left := deadline - now; left > 0 {
		return time.Duration(left)
	}
	return math.MaxInt64
}
