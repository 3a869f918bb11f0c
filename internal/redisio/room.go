package redisio

import (
	"runtime"
	"time"

	"github.com/redis/go-redis/v9"
)

const (
	// leastRoom is the least number of asks that may be under way.
	leastRoom = 4

	// askTime is the time of an answer for which one more ask may be under way.
	askTime = 50 * time.Microsecond

	// workTime is about what each look-up adds to the time of an answer.
	workTime = 4 * time.Microsecond
)

// room is how many asks may be under way. So many callers ask each by itself: a connection
// of its own serves each of them sooner than a turn in a batch. With more asks, callers share
// less. Those that were given up take their part.
func (b *Batcher) room() int { return leastRoom + max(0, b.further-b.lost) }

// learnRoom updates the room by the time of an answer to n look-ups. If the server is far,
// there is room for more: the processors have time for them, and a turn costs a caller as
// much as the way does. The shortest time counts, without the work for the look-ups: where
// work is what takes long, more asks at a time would only add to it.
func (b *Batcher) learnRoom(took time.Duration, n int) {
	took = max(took-time.Duration(n)*workTime, 1)
	if b.nearest == 0 {
		b.nearest = took
	}
	b.nearest = min(took, b.nearest+b.nearest/32+time.Microsecond)
	b.further = int(b.nearest / askTime)
	if b.further > 0 {
		b.further = min(b.further, int(b.spare.Load())-leastRoom)
	}
}

// spare returns how many connections of the client the batcher may hold: half of them must
// stay available.
func spare(client redis.UniversalClient) int {
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
