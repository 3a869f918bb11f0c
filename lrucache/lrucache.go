// Package lrucache is a strict least-recently-used cache with optional expiry,
// the counterpart of Python's ring.func.lru_cache.
//
// The order is exact: Get, Touch and the first Set of a key make it the most
// recently used, overwriting does not, and a full cache evicts the key whose
// last use lies furthest back. An expired entry is never returned and never
// revived, but it keeps its place, and so its share of the capacity, until a Get or Touch
// finds it or it is evicted.
package lrucache

import (
	"fmt"
	"sync"
	"time"
)

// Unbounded is the size of a cache that evicts nothing.
// Python: LruCache(maxsize=None).
const Unbounded = -1

// CacheInfo is a snapshot of a cache. Python: functools.lru_cache.cache_info.
type CacheInfo struct {
	Hits     int // look-ups that found a value. Python: hits
	Misses   int // look-ups that found none. Python: misses
	MaxSize  int // Unbounded: no limit. Python: maxsize
	CurrSize int // entries that are not expired; -1 where that cannot be told. Python: currsize
}

// LruCache is a cache of at most a fixed number of entries. It is safe for
// concurrent use. The zero value stores nothing. Python: ring.func.lru_cache.LruCache.
type LruCache struct {
	// Now is the clock that decides about expiry; nil is the real one, read as
	// monotonic time. Set it before the first use. It is called with the cache's
	// lock held and must not use the cache. Python: LruCache.now.
	Now func() time.Time

	maxSize int

	mu     sync.Mutex // guards everything below
	lru    lru
	start  time.Time // what deadlines count from
	hits   int
	misses int
}

// New returns an empty cache for maxSize entries: Unbounded for no limit, 0 for a
// cache that stores nothing. It panics when maxSize is below -1.
// Python: ring.func.lru_cache.LruCache.
func New(maxSize int) *LruCache {
	if maxSize < Unbounded {
		panic(fmt.Sprintf("lrucache: New(%d): the size must not be below -1 (Unbounded)", maxSize))
	}
	c := &LruCache{maxSize: maxSize, start: time.Now()}
	c.lru.now = c.tick
	c.lru.clear()
	return c
}

// tick reads the clock. c.mu is held.
func (c *LruCache) tick() int64 {
	if c.Now == nil {
		return int64(time.Since(c.start))
	}
	now := c.Now()
	if c.lru.mortal == 0 {
		// Nothing depends on the old start: stay close to it, since the
		// distance of two times is limited to 292 years.
		c.start = now
	}
	return int64(now.Sub(c.start))
}

// deadline turns a time to live into a reading of the clock. c.mu is held.
func (c *LruCache) deadline(expire time.Duration) int64 {
	if expire == 0 {
		return never
	}
	at := c.tick() + int64(expire)
	if expire > 0 && at < 0 { // beyond what the clock can tell
		return never
	}
	return at
}

// Get returns the value of key and makes key the most recently used. It reports
// false when there is none or it is expired. Python: LruCache.get.
func (c *LruCache) Get(key string) (any, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	value, ok := c.hit(c.lru.entries[key])
	if !ok {
		c.misses++
	}
	return value, ok
}

// GetBytes is Get for a key that is not a string yet: it allocates nothing and
// does not keep key. A miss is not counted; the caller, who goes on to make the
// value, is expected to find that out by a Get.
func (c *LruCache) GetBytes(key []byte) (any, bool) {
	c.mu.Lock()
	defer c.mu.Unlock() // Now may panic
	return c.hit(c.lru.entries[string(key)])
}

// hit counts and returns the value of e, which may be nil or dead.
func (c *LruCache) hit(e *entry) (any, bool) {
	if e == nil || !c.lru.use(e) {
		return nil, false
	}
	c.hits++
	return e.value, true
}

// Set stores value under key, for expire or, when expire is 0, for good. A
// negative expire stores an entry that is expired from the start. A full cache
// evicts the least recently used key first. Python: LruCache.set.
func (c *LruCache) Set(key string, value any, expire time.Duration) {
	if c.maxSize == 0 {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.lru.set(key, value, c.deadline(expire))
	if c.maxSize != Unbounded {
		c.lru.shrink(c.maxSize)
	}
}

// Delete removes key and reports whether it held a value that was not expired.
// Python: LruCache.delete.
func (c *LruCache) Delete(key string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	e := c.lru.entries[key]
	if e == nil {
		return false
	}
	dead := c.lru.dead(e)
	c.lru.remove(e)
	return !dead
}

// Has reports whether key holds a value that is not expired. It changes neither
// the order nor the counts. Python: LruCache.has.
func (c *LruCache) Has(key string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	e := c.lru.entries[key]
	return e != nil && !c.lru.dead(e)
}

// Touch makes key the most recently used and lets it live for expire from now on,
// or for good when expire is 0. It reports whether there was a live entry; a dead
// one stays dead. Python: LruCache.touch.
func (c *LruCache) Touch(key string, expire time.Duration) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	e := c.lru.entries[key]
	if e == nil || !c.lru.use(e) {
		return false
	}
	c.lru.setDeadline(e, c.deadline(expire))
	return true
}

// Clear removes all entries and sets the counts to 0.
// Python: LruCache.clear, functools.lru_cache.cache_clear.
func (c *LruCache) Clear() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.lru.clear()
	c.hits, c.misses = 0, 0
}

// Len returns the number of entries that are not expired. It looks at every entry
// when some of them can expire.
func (c *LruCache) Len() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.lru.alive()
}

// MaxSize returns the size given to New.
func (c *LruCache) MaxSize() int { return c.maxSize }

// CacheInfo returns the counts of Get and the size. Python: LruCache.cache_info.
func (c *LruCache) CacheInfo() CacheInfo {
	c.mu.Lock()
	defer c.mu.Unlock()
	return CacheInfo{Hits: c.hits, Misses: c.misses, MaxSize: c.maxSize, CurrSize: c.lru.alive()}
}
