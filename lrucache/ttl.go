package lrucache

import "time"

// TTL returns how long key will still live, 0 for a value that does not expire. It
// reports false when there is none or it is expired. It changes neither the order nor
// the counts.
func (c *LruCache) TTL(key string) (left time.Duration, ok bool) {
	n := c.name(key)
	c.mu.Lock()
	_, s := c.lru.find(n)
	switch {
	case s == nil:
	case s.deadline == never:
		ok = true
	default:
		left = max(time.Duration(s.deadline-c.lru.now()), 0)
		ok = left > 0
	}
	c.mu.Unlock()
	return left, ok
}
