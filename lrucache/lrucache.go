// Package lrucache is a strict least-recently-used cache with optional expiry,
// the counterpart of Python's ring.func.lru_cache.
//
// The order is exact: Get, Touch and the first Set of a key make it the most
// recently used, overwriting does not, and a full cache evicts the key whose
// last use lies furthest back. An expired entry is never returned and never
// revived, but it keeps its place, and so its share of the capacity, until a Get or Touch
// finds it or it is evicted.
//
// A cache is made for millions of entries. One takes about 72 bytes beside its key and value,
// in pieces of many, which spares the garbage collector most of its work. Beyond 32,768
// entries no call makes a piece anew to let it grow, and what entries leave empty is given
// back. Of a key of more than 4 KiB the cache keeps the SHA-256 digest instead.
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
	seed    maphash.Seed
	bits    uint32 // those of a hash that count: all but digested, and in some tests none

	few atomic.Bool // there are at most fewEntries, or were a moment ago

	_ [64]byte // a cache line: what every call reads is apart from what every call writes

	mu     sync.Mutex // guards everything below, of which a hit writes what comes first
	hits   int
	misses int
	lru    lru
	start  time.Time // what deadlines count from
	log    log
}

// New returns an empty cache for maxSize entries: Unbounded for no limit, 0 for a
// cache that stores nothing. It panics when maxSize is below -1.
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

// tick reads the clock. c.mu is held, and released when the clock panics: the methods
// have no defer for that, which would make a hit slower by a tenth.
func (c *LruCache) tick() int64 {
	if c.Now == nil {
		return int64(time.Since(c.start))
	}
	now := c.now()
	if c.lru.mortal == 0 {
		// Nothing depends on the old start: stay close to it, since the
		// distance of two times is limited to 292 years.
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

// deadline turns a time to live into a reading of the clock. c.mu is held.
func (c *LruCache) deadline(expire time.Duration) int64 {
	if expire == 0 {
		return never
	}
	now := c.tick() // negative before c.start, as within a synctest bubble
	at := now + int64(expire)
	switch {
	case expire > 0 && at < now: // beyond what the clock can tell
		return never
	case expire < 0 && at > now:
		return now
	}
	return at
}

// Get returns the value of key and makes key the most recently used. It reports
// false when there is none or it is expired. Python: LruCache.get.
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

// GetBytes is Get for a key that is not a string yet: it does not keep key, and
// allocates nothing unless key is longer than 4 KiB. A miss is not counted; the caller,
// who goes on to make the value, is expected to find that out by a Get.
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

// getOfFew finds a key among few entries, in less time than its hash takes. What it does
// not find may be there all the same.
func (c *LruCache) getOfFew(key string) (any, bool) {
	c.mu.Lock()
	value, ok := c.hit(c.lru.scan(key))
	c.mu.Unlock()
	return value, ok
}

// hit counts and returns the value of s, which is slot i; nil is none.
func (c *LruCache) hit(i uint32, s *slot) (any, bool) {
	if s == nil || !c.lru.use(i, s) {
		return nil, false
	}
	c.hits++
	return s.value, true
}

// Set stores value under key, for expire or, when expire is 0, for good. A
// negative expire stores an entry that is expired from the start. A full cache
// evicts the least recently used key first. Whatever its size, a cache is full with
// 4 294 967 294 entries. Python: LruCache.set.
func (c *LruCache) Set(key string, value any, expire time.Duration) {
	n := c.name(key)
	c.mu.Lock()
	if c.maxSize != 0 {
		c.set(n, value, expire)
	}
	c.log.write(n)
	c.mu.Unlock()
}

// set is Set with c.mu held.
func (c *LruCache) set(n name, value any, expire time.Duration) {
	c.lru.set(n, value, c.deadline(expire))
	if few := c.lru.entries() <= fewEntries; few != c.few.Load() {
		c.few.Store(few)
	}
}

// Delete removes key and reports whether it held a value that was not expired.
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

// Has reports whether key holds a value that is not expired. It changes neither
// the order nor the counts. Python: LruCache.has.
func (c *LruCache) Has(key string) bool {
	n := c.name(key)
	c.mu.Lock()
	_, s := c.lru.find(n)
	alive := s != nil && !c.lru.dead(s)
	c.mu.Unlock()
	return alive
}

// Touch makes key the most recently used and lets it live for expire from now on,
// or for good when expire is 0. It reports whether there was a live entry; a dead
// one stays dead. Python: LruCache.touch.
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

// Clear removes all entries and sets the counts to 0.
// Python: LruCache.clear, functools.lru_cache.cache_clear.
func (c *LruCache) Clear() {
	c.mu.Lock()
	c.lru.clear()
	c.hits, c.misses = 0, 0
	c.log.clear()
	c.mu.Unlock()
}

// Len returns the number of entries that are not expired. It looks at every entry
// when some of them can expire.
func (c *LruCache) Len() int {
	c.mu.Lock()
	alive := c.lru.alive()
	c.mu.Unlock()
	return alive
}

// MaxSize returns the size given to New.
func (c *LruCache) MaxSize() int { return c.maxSize }

// CacheInfo returns the counts of Get and the size. Python: LruCache.cache_info.
func (c *LruCache) CacheInfo() CacheInfo {
	c.mu.Lock()
	info := CacheInfo{Hits: c.hits, Misses: c.misses, MaxSize: c.maxSize, CurrSize: c.lru.alive()}
	c.mu.Unlock()
	return info
}
