package lrucache

import (
	"sync/atomic"
	"time"
)

// Writes returns a number that grows with every Set, Delete and Clear. To store a value
// computed from data that can change, call Writes before reading the data, and store the
// value by SetSince.
func (c *LruCache) Writes() uint64 {
	if !c.log.kept.Load() {
		c.mu.Lock()
		c.log.kept.Store(true)
		c.mu.Unlock()
	}
	return c.log.writes.Load()
}

// WrittenSince reports whether key was set or deleted, or the cache cleared, since
// Writes returned writes. It may also report a write of another key, with a chance of 1
// to 4096 for each key written.
func (c *LruCache) WrittenSince(key string, writes uint64) bool {
	if c.log.writes.Load() == writes {
		return false
	}
	n := c.name(key)
	c.mu.Lock()
	written := c.log.hasSince(n, writes)
	c.mu.Unlock()
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
	c.mu.Lock()
	fresh := !c.log.hasSince(n, writes)
	if fresh {
		c.set(n, value, expire)
	}
	c.mu.Unlock()
	return fresh
}

// logSize is a power of 2.
const logSize = 4096

// log remembers when keys were written, beginning with the first call of Writes. The
// cache's lock guards changes.
type log struct {
	kept    atomic.Bool
	writes  atomic.Uint64
	cleared uint64   // the number of the last Clear
	last    []uint64 // the number of the last write, by a part of the key's hash
}

// write records that a key was written.
func (l *log) write(n name) {
	if !l.kept.Load() {
		return
	}
	if l.last == nil {
		l.last = make([]uint64, logSize)
	}
	l.last[n.hash%logSize] = l.writes.Add(1)
}

func (l *log) clear() {
	if l.kept.Load() {
		l.cleared = l.writes.Add(1)
	}
}

func (l *log) hasSince(n name, writes uint64) bool {
	return l.cleared > writes || l.last != nil && l.last[n.hash%logSize] > writes
}
