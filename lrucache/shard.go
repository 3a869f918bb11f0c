package lrucache

import (
	"sync"
	"time"
)

// shard is a cache for the keys whose hashes begin with the same bits, with its own
// lock. A strict cache has one shard, for all keys.
type shard struct {
	_ [64]byte // a cache line between the shards, which different calls write

	mu     sync.Mutex // guards everything below except cache and number
	hits   int
	misses int
	cache  *LruCache // the whole cache; nil in the zero LruCache
	number int       // its index among the shards
	lru    lru
	start  time.Time // deadlines count from here
	log    log
}

// begin makes s an empty shard for limit entries.
func (s *shard) begin(c *LruCache, number int, limit uint32, start time.Time) {
	s.cache, s.number, s.start = c, number, start
	s.lru.limit, s.lru.now = limit, s.tick
	s.lru.clear()
}

// hit counts and returns the value of e, which is slot i. If there is none, e is nil.
func (s *shard) hit(i uint32, e *slot) (any, bool) {
	if e == nil || !s.lru.use(i, e) {
		return nil, false
	}
	s.hits++
	return e.value, true
}

// tick reads the clock. The caller holds s.mu. If the clock panics, tick releases it:
// the methods do not defer the unlock, which would slow a hit by a tenth.
func (s *shard) tick() int64 {
	if s.cache.Now == nil {
		return int64(time.Since(s.start))
	}
	now := s.now()
	if s.lru.mortal == 0 {
		// Move the start, but not far from the old one: the difference of two times is
		// limited to 292 years.
		s.start = now
	}
	return int64(now.Sub(s.start))
}

func (s *shard) now() time.Time {
	returned := false
	defer func() {
		if !returned {
			s.mu.Unlock()
		}
	}()
	now := s.cache.Now()
	returned = true
	return now
}

// deadline turns a time to live into a reading of the clock. The caller holds s.mu.
func (s *shard) deadline(expire time.Duration) int64 {
	if expire == 0 {
		return never
	}
	now := s.tick() // negative before s.start, as in a synctest bubble
	at := now + int64(expire)
	switch {
	case expire > 0 && at < now: // later than the clock can express
		return never
	case expire < 0 && at > now:
		return now
	}
	return at
}
