package lrucache

import (
	"fmt"
	"math/bits"
	"runtime"
	"time"
)

const (
	// maxShards is far more than the processors of any machine.
	maxShards = 4096
	// minShard is the smallest room of a shard if NewSharded chooses their number. With
	// less room, keys in use evict each other.
	minShard = 16
)

// NewSharded returns an empty cache of several shards, with room for maxSize entries,
// like New. Each shard has its own lock, and a key's hash decides about its shard, so
// goroutines that use the cache at the same time rarely wait for each other. A single
// goroutine pays up to a quarter more than with New. The most frequent keys can be in
// the same shard.
//
// The number of shards is rounded up to a power of 2, at most 4096. 0 and 1 are the
// strict cache of New. -1 is four shards for each processor that Go uses (GOMAXPROCS),
// or fewer, so that each has room for 16 entries. NewSharded panics if shards is below
// -1.
//
// Each shard has its own order: a full shard evicts its own least recently used key,
// even if other shards have room or older keys. Give every shard room for dozens of
// entries. The room of a shard is rounded up, so the cache can hold more than maxSize
// entries, by less than the number of shards. If maxSize is smaller than that number,
// there are fewer shards.
func NewSharded(maxSize, shards int) *LruCache {
	if shards < -1 {
		panic(fmt.Sprintf("lrucache: NewSharded(%d, %d): the number of shards must not be below -1 (four per processor)", maxSize, shards))
	}
	c := New(maxSize)
	n := shardsFor(maxSize, shards)
	if n == 1 {
		return c
	}
	c.few.Store(false)
	c.shift = uint8(bits.Len32(digested-1) - bits.Len(uint(n-1)))
	c.shards = make([]shard, n)
	c.begin()
	return c
}

// shardsFor returns how many shards NewSharded makes.
func shardsFor(maxSize, shards int) int {
	room := 1
	if shards < 0 {
		shards, room = 4*runtime.GOMAXPROCS(0), minShard
	}
	n := 1
	for n < min(shards, maxShards) {
		n *= 2
	}
	for n > 1 && maxSize != Unbounded && n*room > maxSize {
		n /= 2
	}
	return n
}

// begin makes all shards empty.
func (c *LruCache) begin() {
	shards := c.all()
	limit := uint32(maxEntries)
	if n := uint64(len(shards)); c.maxSize != Unbounded {
		limit = uint32(min((uint64(c.maxSize)+n-1)/n, maxEntries))
	}
	start := time.Now()
	for i := range shards {
		shards[i].begin(c, i, limit, start)
	}
}

// Shards returns the number of shards, which is 1 for a strict cache. It can differ from
// the argument of NewSharded.
func (c *LruCache) Shards() int { return len(c.all()) }

// shardOf returns the shard of a name, by the first bits of its hash. The table of the
// shard uses the last ones.
func (c *LruCache) shardOf(n name) *shard {
	if c.shift == 0 {
		return &c.only[0]
	}
	return &c.shards[n.hash&^digested>>(c.shift&31)]
}

// all returns the shards.
func (c *LruCache) all() []shard {
	if c.shift == 0 {
		return c.only[:]
	}
	return c.shards
}
