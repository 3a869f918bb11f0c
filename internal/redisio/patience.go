package redisio

import (
	"runtime"
	"time"

	"github.com/redis/go-redis/v9"
)

// epoch is before every time of a batcher, so that none of them is 0.
var epoch = time.Now().Add(-time.Hour)

// clock returns the time since epoch.
func clock() time.Duration { return time.Since(epoch) }

// How long a batcher waits for an answer, and what it does then.

// patience returns how long an ask may take. It grows with every ask that is given up:
// if there are many, the server is slow, not a connection.
func (b *Batcher) patience() time.Duration {
	least := b.least
	if least == 0 {
		least = leastPatience
	}
	return (least + 4*b.usual) * time.Duration(1+b.lost)
}

// learn updates the usual time by the time of an answer. A very late answer has little
// weight.
func (b *Batcher) learn(took time.Duration) {
	b.usual += (min(took, 8*leastPatience+4*b.usual, time.Second) - b.usual) / 8
}

// isSample reports whether the time of an ask is measured: for the first asks on a
// lane, and for one in four afterwards. The usual time seldom changes, and reading the
// clock has a cost.
func isSample(turn uint64) bool { return turn <= 16 || turn%4 == 0 }

// watch sets a timer to check the lanes, if there is none.
func (b *Batcher) watch(q Question) {
	if b.watched {
		return
	}
	b.watched = true
	time.AfterFunc(b.patience(), func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.watched = false
		b.giveUpOverdue(q, clock())
		if b.busy > 0 {
			b.watch(q)
		}
	})
}

// giveUpOverdue gives up the asks that take too long.
func (b *Batcher) giveUpOverdue(q Question, now time.Duration) {
	for i := range b.lanes {
		if l := &b.lanes[i]; !l.busy || now-l.since <= b.patience() {
			continue
		}
		if b.lost >= mostLost(q.Client) {
			return
		}
		b.giveUp(q, i, now)
	}
}

// giveUp frees a lane without waiting for its ask. It asks again for the callers of the
// batch, apart from other callers: one of their answers may be the slow one.
func (b *Batcher) giveUp(q Question, i int, now time.Duration) {
	var again []*lookup
	for _, l := range b.lanes[i].batch {
		if !l.settled && l.asks < maxAsks && l.ctx.Err() == nil {
			again = append(again, l)
		}
	}
	b.lost++
	b.trouble = now
	b.release(i)
	b.lanes[i].turn++
	if len(again) > 0 {
		b.ask(q, i, again, now)
		return
	}
	if len(b.waiting) > 0 {
		b.fill(q, now)
	}
}

// mostLost returns how many asks may be given up at the same time: each holds a
// connection of the client, and half of the connections must stay available.
func mostLost(client redis.UniversalClient) int {
	size := 0
	switch c := client.(type) {
	case interface{ Options() *redis.Options }:
		size = c.Options().PoolSize
	case interface{ Options() *redis.ClusterOptions }:
		size = c.Options().PoolSize
	case interface{ Options() *redis.RingOptions }:
		size = c.Options().PoolSize
	}
	if size == 0 {
		size = 10 * runtime.GOMAXPROCS(0) // go-redis' own default
	}
	return size / 2
}
