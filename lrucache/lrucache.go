// Package lrucache is a strict least-recently-used cache with optional expiry, the
// counterpart of Python's ring.func.lru_cache.
//
// The order is exact: Get, Touch and the first Set of a key make it the most recently
// used. Overwriting a value does not. A full cache evicts the least recently used key.
// An expired entry is never returned and never revived, but it counts towards the size
// until a Get or Touch finds it or it is evicted.
//
// NewSharded makes a cache for many goroutines. It consists of several shards, each with
// its own lock and order, so that calls rarely wait for each other.
//
// A cache can hold millions of entries. An entry takes about 72 bytes beside its key and
// value. Entries are allocated in large chunks, which saves the garbage collector most
// of its work. Beyond 32,768 entries, the cache grows and shrinks chunk by chunk: no
// call copies it, and memory that is no longer needed is released. For a key of more
// than 4 KiB the cache keeps its SHA-256 digest instead.
package lrucache

import (
	"fmt"
	"sync/atomic"
	"time"

	"github.com/ring-go/ring/internal/keyhash"
)

// Unbounded is the size of a cache that evicts nothing.
// Python: LruCache(maxsize=None).
const Unbounded = -1

// CacheInfo is a snapshot of a cache's counters. Python: functools.lru_cache.cache_info.
type CacheInfo struct {
	Hits     int // look-ups that found a value. Python: hits
	Misses   int // look-ups that found no value. Python: misses
	Stale    int // of a rope: look-ups that found a value past its Expire, see ring.Freshness; else 0
	MaxSize  int // Unbounded: no limit. Python: maxsize
	CurrSize int // entries that have not expired; -1: unknown. Python: currsize
}

// LruCache is a cache with a maximum number of entries. It is safe for concurrent use.
// The zero value stores nothing.
// Python: ring.func.lru_cache.LruCache.
type LruCache struct {
	// Now is the clock for expiry; nil is the real clock, read as monotonic time. Set it
	// before the first use. It is called while a lock of the cache is held and must not
	// use the cache.
	// Python: LruCache.now.
	Now func() time.Time

	maxSize int
	hasher  keyhash.Hasher
	bits    uint32 // the bits of a hash that are used: all but digested, and in some tests none

	few  atomic.Bool // of a strict cache: there are at most fewEntries, or there were a moment ago
	kept atomic.Bool // all shards keep a log

	shift  uint8   // shifts a hash to the number of its shard; 0: the cache is strict
	shards []shard // nil: the cache is strict

	_      [64]byte // a cache line between what every call reads and what calls write
	writes atomic.Uint64
	only   [1]shard // of a strict cache, reached without the slice
}

// New returns an empty cache for maxSize entries. Unbounded is no limit; 0 is a cache
// that stores nothing. New panics if maxSize is below -1.
// Python: ring.func.lru_cache.LruCache.
func New(maxSize int) *LruCache {
	if maxSize < Unbounded {
		panic(fmt.Sprintf("lrucache: New(%d): the size must not be below -1 (Unbounded)", maxSize))
	}
	c := &LruCache{maxSize: maxSize, hasher: keyhash.New(), bits: digested - 1}
	c.begin()
	c.few.Store(true)
	return c
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
	s := c.shardOf(n)
	s.mu.Lock()
	value, ok := s.hit(s.lru.find(n))
	if !ok {
		s.misses++
	}
	s.mu.Unlock()
	return value, ok
}

// getOfFew finds a key among few entries, faster than by its hash. It may miss a key
// that is there.
func (c *LruCache) getOfFew(key string) (any, bool) {
	s := &c.only[0]
	s.mu.Lock()
	value, ok := s.hit(s.lru.scan(key))
	s.mu.Unlock()
	return value, ok
}

// Set stores value under key for the duration expire, or for good if expire is 0. A
// negative expire stores an entry that has already expired. A full cache first evicts
// the least recently used key. Whatever its size, a cache holds at most 4 294 967 294
// entries.
// Python: LruCache.set.
func (c *LruCache) Set(key string, value any, expire time.Duration) {
	n := c.name(key)
	s := c.shardOf(n)
	s.mu.Lock()
	if c.maxSize != 0 {
		c.set(s, n, value, expire)
	}
	s.log.write(n, &c.writes)
	s.mu.Unlock()
}

// set is Set for a caller that holds the lock of s, the shard of n.
func (c *LruCache) set(s *shard, n name, value any, expire time.Duration) {
	s.lru.set(n, value, s.deadline(expire))
	if few := s.lru.entries() <= fewEntries; few != c.few.Load() && c.shift == 0 {
		c.few.Store(few)
	}
}

// Delete removes key and reports whether it had a value that had not expired.
// Python: LruCache.delete.
func (c *LruCache) Delete(key string) bool {
	n := c.name(key)
	s := c.shardOf(n)
	s.mu.Lock()
	i, e := s.lru.find(n)
	alive := e != nil && !s.lru.dead(e)
	if e != nil {
		s.lru.remove(i, e)
	}
	s.log.write(n, &c.writes)
	s.mu.Unlock()
	return alive
}

// Has reports whether key has a value that has not expired. It does not affect the LRU
// order and counts no hit or miss.
// Python: LruCache.has.
func (c *LruCache) Has(key string) bool {
	n := c.name(key)
	s := c.shardOf(n)
	s.mu.Lock()
	_, e := s.lru.find(n)
	alive := e != nil && !s.lru.dead(e)
	s.mu.Unlock()
	return alive
}

// Touch makes key the most recently used and sets its expiry to expire from now on, or
// to none if expire is 0. It reports whether key had a value that had not expired. It
// does not revive an expired one.
// Python: LruCache.touch.
func (c *LruCache) Touch(key string, expire time.Duration) bool {
	n := c.name(key)
	s := c.shardOf(n)
	s.mu.Lock()
	i, e := s.lru.find(n)
	alive := e != nil && s.lru.use(i, e)
	if alive {
		s.lru.setDeadline(e, s.deadline(expire))
	}
	s.mu.Unlock()
	return alive
}

// Clear removes all entries and resets the counters to 0. It clears one shard after the
// other: values stored meanwhile may stay.
// Python: LruCache.clear, functools.lru_cache.cache_clear.
func (c *LruCache) Clear() {
	shards := c.all()
	for i := range shards {
		s := &shards[i]
		s.mu.Lock()
		s.lru.clear()
		s.hits, s.misses = 0, 0
		s.log.clear(&c.writes)
		s.mu.Unlock()
	}
}

// Len returns the number of entries that have not expired. If some of them can expire,
// it visits every entry.
func (c *LruCache) Len() int { return c.CacheInfo().CurrSize }

// Held returns the number of entries, also of those that have expired and not been removed yet.
// It is quicker than Len.
func (c *LruCache) Held() (n int) {
	shards := c.all()
	for i := range shards {
		s := &shards[i]
		s.mu.Lock()
		n += int(s.lru.entries())
		s.mu.Unlock()
	}
	return n
}

// Evictions returns how many entries were removed because the cache was full. Clear does not
// reset it.
func (c *LruCache) Evictions() (n uint64) {
	shards := c.all()
	for i := range shards {
		s := &shards[i]
		s.mu.Lock()
		n += s.lru.evicted
		s.mu.Unlock()
	}
	return n
}

// MaxSize returns the size given to New.
func (c *LruCache) MaxSize() int { return c.maxSize }

// CacheInfo returns the counters of Get and the size, reading one shard after the other.
// Python: LruCache.cache_info.
func (c *LruCache) CacheInfo() CacheInfo {
	info := CacheInfo{MaxSize: c.maxSize}
	shards := c.all()
	for i := range shards {
		s := &shards[i]
		s.mu.Lock()
		info.CurrSize += s.lru.alive()
		info.Hits += s.hits
		info.Misses += s.misses
		s.mu.Unlock()
	}
	return info
}
