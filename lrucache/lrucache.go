// Package lrucache is a strict least-recently-used cache with optional expiry, the
// counterpart of Python's ring.func.lru_cache.
//
// The order is exact: Get, Touch and the first Set of a key make it the most recently
// used. Overwriting a value does not. A full cache evicts the least recently used key.
// An expired entry is never returned and never revived, but it counts towards the size
// until a Get or Touch finds it or it is evicted.
//
// A cache can hold millions of entries. An entry takes about 72 bytes beside its key and
// value. Entries are allocated in large chunks, which saves the garbage collector most
// of its work. Beyond 32,768 entries, the cache grows and shrinks chunk by chunk: no
// call copies it, and memory that is no longer needed is released. For a key of more
// than 4 KiB the cache keeps its SHA-256 digest instead.
package lrucache

import (
	"fmt"
	"hash/maphash"
	"sync"
	"sync/atomic"
	"time"
	"unsafe"
)

// Unbounded is the size of a cache that evicts nothing.
// Python: LruCache(maxsize=None).
const Unbounded = -1

// CacheInfo is a snapshot of a cache's counters. Python: functools.lru_cache.cache_info.
type CacheInfo struct {
	Hits     int // look-ups that found a value. Python: hits
	Misses   int // look-ups that found no value. Python: misses
	MaxSize  int // Unbounded: no limit. Python: maxsize
	CurrSize int // entries that have not expired; -1: unknown. Python: currsize
}

// LruCache is a cache with a maximum number of entries. It is safe for concurrent use.
// The zero value stores nothing.
// Python: ring.func.lru_cache.LruCache.
type LruCache struct {
	// Now is the clock for expiry; nil is the real clock, read as monotonic time. Set it
	// before the first use. It is called while the cache is locked and must not use the
	// cache.
	// Python: LruCache.now.
	Now func() time.Time

	maxSize int
	seed    maphash.Seed
	bits    uint32 // the bits of a hash that are used: all but digested, and in some tests none

	few atomic.Bool // there are at most fewEntries, or there were a moment ago

	_ [64]byte // a cache line between what every call reads and what every call writes

	mu     sync.Mutex // guards everything below; a hit writes the first fields
	hits   int
	misses int
	lru    lru
	start  time.Time // deadlines count from here
	log    log
}

// New returns an empty cache for maxSize entries. Unbounded is no limit; 0 is a cache
// that stores nothing. New panics if maxSize is below -1.
// Python: ring.func.lru_cache.LruCache.
func New(maxSize int) *LruCache {
	if maxSize < Unbounded {
		panic(fmt.Sprintf("lrucache: New(%d): the size must not be below -1 (Unbounded)", maxSize))
	}
	c := &LruCache{maxSize: maxSize, seed: maphash.MakeSeed(), bits: digested - 1, start: time.Now()}
	c.lru.limit = maxEntries
	if maxSize != Unbounded && uint64(maxSize) < maxEntries {
		c.lru.limit = uint32(maxSize)
	}
	c.lru.now = c.tick
	c.lru.clear()
	c.few.Store(true)
	return c
}

// tick reads the clock. The caller holds c.mu. If the clock panics, tick releases it:
// the methods do not defer the unlock, which would slow a hit by a tenth.
func (c *LruCache) tick() int64 {
	if c.Now == nil {
		return int64(time.Since(c.start))
	}
	now := c.now()
	if c.lru.mortal == 0 {
		// Move the start, but not far from the old one: the difference of two times is
		// limited to 292 years.
		c.start = now
	}
	return int64(now.Sub(c.start))
}

func (c *LruCache) now() time.Time {
	returned := false
	defer func() {
		if !returned {
			c.mu.Unlock()
		}
	}()
	now := c.Now()
	returned = true
	return now
}

// deadline turns a time to live into a reading of the clock. The caller holds c.mu.
func (c *LruCache) deadline(expire time.Duration) int64 {
	if expire == 0 {
		return never
	}
	now := c.tick() // negative before c.start, as in a synctest bubble
	at := now + int64(expire)
	switch {
	case expire > 0 && at < now: // later than the clock can express
		return never
	case expire < 0 && at > now:
		return now
	}
	return at
}

// Get returns the value of key and makes key the most recently used. It returns false if
// there is no value or it has expired.
// Python: LruCache.get.
func (c *LruCache) Get(key string) (any, bool) {
	if c.few.Load() {
		if value, ok := c.getOfFew(key); ok {
			return value, true
		}
	}
	n := c.name(key)
	c.mu.Lock()
	value, ok := c.hit(c.lru.find(n))
	if !ok {
		c.misses++
	}
	c.mu.Unlock()
	return value, ok
}

// GetBytes is Get for a key in a []byte. It does not keep key, and does not allocate
// unless key is longer than 4 KiB. It does not count a miss: the caller is expected to
// call Get before it computes the value.
func (c *LruCache) GetBytes(key []byte) (any, bool) {
	text := unsafe.String(unsafe.SliceData(key), len(key))
	if c.few.Load() {
		if value, ok := c.getOfFew(text); ok {
			return value, true
		}
	}
	n := c.name(text)
	c.mu.Lock()
	value, ok := c.hit(c.lru.find(n))
	c.mu.Unlock()
	return value, ok
}

// getOfFew finds a key among few entries, faster than by its hash. It may miss a key
// that is there.
func (c *LruCache) getOfFew(key string) (any, bool) {
	c.mu.Lock()
	value, ok := c.hit(c.lru.scan(key))
	c.mu.Unlock()
	return value, ok
}

// hit counts and returns the value of s, which is slot i. If there is none, s is nil.
func (c *LruCache) hit(i uint32, s *slot) (any, bool) {
	if s == nil || !c.lru.use(i, s) {
		return nil, false
	}
	c.hits++
	return s.value, true
}

// Set stores value under key for the duration expire, or for good if expire is 0. A
// negative expire stores an entry that has already expired. A full cache first evicts
// the least recently used key. Whatever its size, a cache holds at most 4 294 967 294
// entries.
// Python: LruCache.set.
func (c *LruCache) Set(key string, value any, expire time.Duration) {
	n := c.name(key)
	c.mu.Lock()
	if c.maxSize != 0 {
		c.set(n, value, expire)
	}
	c.log.write(n)
	c.mu.Unlock()
}

// set is Set for a caller that holds c.mu.
func (c *LruCache) set(n name, value any, expire time.Duration) {
	c.lru.set(n, value, c.deadline(expire))
	if few := c.lru.entries() <= fewEntries; few != c.few.Load() {
		c.few.Store(few)
	}
}

// Delete removes key and reports whether it had a value that had not expired.
// Python: LruCache.delete.
func (c *LruCache) Delete(key string) bool {
	n := c.name(key)
	c.mu.Lock()
	i, s := c.lru.find(n)
	alive := s != nil && !c.lru.dead(s)
	if s != nil {
		c.lru.remove(i, s)
	}
	c.log.write(n)
	c.mu.Unlock()
	return alive
}

// Has reports whether key has a value that has not expired. It does not affect the LRU
// order and counts no hit or miss.
// Python: LruCache.has.
func (c *LruCache) Has(key string) bool {
	n := c.name(key)
	c.mu.Lock()
	_, s := c.lru.find(n)
	alive := s != nil && !c.lru.dead(s)
	c.mu.Unlock()
	return alive
}

// Touch makes key the most recently used and sets its expiry to expire from now on, or
// to none if expire is 0. It reports whether key had a value that had not expired. It
// does not revive an expired one.
// Python: LruCache.touch.
func (c *LruCache) Touch(key string, expire time.Duration) bool {
	n := c.name(key)
	c.mu.Lock()
	i, s := c.lru.find(n)
	alive := s != nil && c.lru.use(i, s)
	if alive {
		c.lru.setDeadline(s, c.deadline(expire))
	}
	c.mu.Unlock()
	return alive
}

// Clear removes all entries and resets the counters to 0.
// Python: LruCache.clear, functools.lru_cache.cache_clear.
func (c *LruCache) Clear() {
	c.mu.Lock()
	c.lru.clear()
	c.hits, c.misses = 0, 0
	c.log.clear()
	c.mu.Unlock()
}

// Len returns the number of entries that have not expired. If some of them can expire,
// it visits every entry.
func (c *LruCache) Len() int {
	c.mu.Lock()
	alive := c.lru.alive()
	c.mu.Unlock()
	return alive
}

// MaxSize returns the size given to New.
func (c *LruCache) MaxSize() int { return c.maxSize }

// CacheInfo returns the counters of Get and the size. Python: LruCache.cache_info.
func (c *LruCache) CacheInfo() CacheInfo {
	c.mu.Lock()
	info := CacheInfo{Hits: c.hits, Misses: c.misses, MaxSize: c.maxSize, CurrSize: c.lru.alive()}
	c.mu.Unlock()
	return info
}
