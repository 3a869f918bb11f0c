package lrucache

import (
	"sync/atomic"
	"time"
)

// Writes returns a number that grows with every Set, Delete and Clear. To store a value
// computed from data that can change, call Writes before reading the data, and store the
// value by SetSince.
func (c *LruCache) Writes() uint64 {
	if !c.kept.Load() {
		c.keepLogs()
	}
	return c.writes.Load()
}

// keepLogs makes every shard keep a log. It returns when every write that is not in a
// log has ended.
func (c *LruCache) keepLogs() {
	shards := c.all()
	for i := range shards {
		s := &shards[i]
		s.mu.Lock()
		s.log.size = logSize / len(shards)
		s.mu.Unlock()
	}
	c.kept.Store(true)
}

// WrittenSince reports whether key was set or deleted, or the cache cleared, since
// Writes returned writes. It may also report a write of another key, with a chance of 1
// to 4096 for each key written.
func (c *LruCache) WrittenSince(key string, writes uint64) bool {
	if c.writes.Load() == writes {
		return false
	}
	n := c.name(key)
	s := c.shardOf(n)
	s.mu.Lock()
	written := s.log.hasSince(n, writes)
	s.mu.Unlock()
	return written
}

// SetSince is Set, unless WrittenSince reports a write. It reports whether it has stored
// the value. It does not itself count as a write: the value is no newer than the data
// that it was computed from.
func (c *LruCache) SetSince(key string, value any, expire time.Duration, writes uint64) bool {
	if c.maxSize == 0 {
		return false
	}
	n := c.name(key)
	s := c.shardOf(n)
	s.mu.Lock()
	fresh := !s.log.hasSince(n, writes)
	if fresh {
		c.set(s, n, value, expire)
	}
	s.mu.Unlock()
	return fresh
}

// logSize is the number of keys that the logs of all shards can tell apart. It is a
// power of 2 and not smaller than maxShards.
const logSize = 4096

// log remembers when the keys of a shard were written, beginning with the first call of
// Writes. The shard's lock guards it. Writes are numbered throughout the cache.
type log struct {
	size    int      // a power of 2; 0: no log is kept
	cleared uint64   // the number of the last Clear
	last    []uint64 // the number of the last write, by a part of the key's hash; nil: no write
}

// write records that a key was written. The write itself comes first: a reader of its
// number sees the write.
func (l *log) write(n name, writes *atomic.Uint64) {
	if l.size == 0 {
		return
	}
	if l.last == nil {
		l.last = make([]uint64, l.size)
	}
	*l.at(n) = writes.Add(1)
}

func (l *log) clear(writes *atomic.Uint64) {
	if l.size != 0 {
		l.cleared = writes.Add(1)
	}
}

func (l *log) hasSince(n name, writes uint64) bool {
	return l.cleared > writes || l.last != nil && *l.at(n) > writes
}

func (l *log) at(n name) *uint64 { return &l.last[int(n.hash)&(len(l.last)-1)] }
