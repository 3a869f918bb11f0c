package lrucache

import (
	"time"
	"unsafe"
)

// textOf returns key as a string, which is valid while nobody changes key.
func textOf(key []byte) string { return *(*string)(unsafe.Pointer(&key)) }

// GetBytes is Get for a key in a []byte. It does not keep key, and does not allocate
// unless key is longer than 4 KiB. It does not count a miss: the caller is expected to
// call Get before it computes the value.
func (c *LruCache) GetBytes(key []byte) (any, bool) {
	text := textOf(key)
	if c.few.Load() {
		if value, ok := c.getOfFew(text); ok {
			return value, true
		}
	}
	n := c.name(text)
	s := c.shardOf(n)
	s.mu.Lock()
	value, ok := s.hit(s.lru.find(n))
	s.mu.Unlock()
	return value, ok
}

// HasBytes is Has for a key in a []byte, see GetBytes.
func (c *LruCache) HasBytes(key []byte) bool { return c.Has(textOf(key)) }

// TouchBytes is Touch for a key in a []byte, see GetBytes.
func (c *LruCache) TouchBytes(key []byte, expire time.Duration) bool {
	return c.Touch(textOf(key), expire)
}

// DeleteBytes is Delete for a key in a []byte, see GetBytes.
func (c *LruCache) DeleteBytes(key []byte) bool { return c.Delete(textOf(key)) }
