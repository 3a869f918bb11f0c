package redisio

import (
	"context"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"
)

// Batcher joins the look-ups of concurrent callers. A few callers ask at once, each
// alone. When more arrive, they wait for one another and are sent together, as one
// pipeline: with many callers, that is a fraction of the work for the server and for
// the client. The zero value is ready, and serves one client and hash.
//
// No caller waits long because of others. An ask that takes longer than usual is given
// up, as if its connection had fallen silent: the lane continues without it and asks
// again for the callers of that batch. The first answer wins.
type Batcher struct {
	way     atomic.Uint32 // how the client is asked
	answers sync.Pool     // channels that have received

	mu      sync.Mutex // guards the rest
	lanes   []lane
	busy    int // lanes in use
	batches int // of these, those that ask for a batch
	asked   int // look-ups that the lanes are asking for
	load    int // the recent level of asked
	waiting []*lookup
	lost    int           // asks that were given up and have not ended yet
	trouble time.Duration // when an ask was last given up; 0: never
	usual   time.Duration // the usual time of an answer
	watched bool          // a timer is set
	least   time.Duration // the shortest patience; 0: leastPatience
}

const (
	// maxBatch is the largest number of look-ups in a batch.
	maxBatch = 256

	// leastPatience is the shortest time after which an ask is given up.
	leastPatience = 10 * time.Millisecond

	// maxAsks is the largest number of asks for one look-up.
	maxAsks = 3

	// wariness is how long after trouble no caller asks alone, because a lane could not
	// repeat such an ask.
	wariness = 10 * time.Second
)

var (
	// laneCount is how many asks are under way at the same time. Up to that number,
	// callers ask alone: each is served sooner on its own connection than in a batch.
	laneCount = max(4, 2*runtime.GOMAXPROCS(0))

	// batchCount is how many of the lanes ask for batches. With fewer, callers wait
	// longer; with more, they share less.
	batchCount = max(2, runtime.GOMAXPROCS(0))
)

// The ways to ask a client.
const (
	unsettled uint32 = iota
	inBatches
	oneByOne
)

// lookup is one caller's question. The batcher's mutex guards the fields that change.
type lookup struct {
	ctx     context.Context // the caller's
	key     string
	answer  chan *redis.StringCmd // receives once
	settled bool                  // answer has received, or is about to receive
	asks    int                   // how often it was asked
	pending int                   // how many asks have not ended
	first   command               // of the first ask
}

// Get returns the answer for key, or the error of ctx.
func (b *Batcher) Get(ctx context.Context, q Question, key string) *redis.StringCmd {
	if b.way.Load() != inBatches && b.isOneByOne(q) {
		return q.alone(ctx, key)
	}
	now := clock()
	b.mu.Lock()
	if b.busy > 0 {
		b.giveUpOverdue(q, now)
	}
	if b.isQuiet() && b.isCalm(now) {
		i := b.freeLane()
		turn := b.occupy(i, nil, now)
		b.mu.Unlock()
		return b.askAlone(ctx, q, key, i, turn, now)
	}
	l := &lookup{ctx: ctx, key: key, answer: b.answerChannel()}
	b.waiting = append(b.waiting, l)
	if b.isQuiet() || len(b.waiting) >= b.load/batchCount {
		b.fill(q, now)
	}
	b.watch(q)
	b.mu.Unlock()
	return b.await(l)
}

// isOneByOne reports whether the client is asked for one value at a time.
func (b *Batcher) isOneByOne(q Question) bool {
	if b.way.Load() == unsettled {
		way := inBatches
		if q.goesAlone() {
			way = oneByOne
		}
		b.way.Store(way)
	}
	return b.way.Load() == oneByOne
}

// answerChannel returns a channel to which nobody sends.
func (b *Batcher) answerChannel() chan *redis.StringCmd {
	if c, ok := b.answers.Get().(chan *redis.StringCmd); ok {
		return c
	}
	return make(chan *redis.StringCmd, 1)
}

// await returns the answer for l, or the error of its context. If the caller gives up,
// the channel may still receive, so it is not reused.
func (b *Batcher) await(l *lookup) *redis.StringCmd {
	select {
	case cmd := <-l.answer:
		b.answers.Put(l.answer)
		return cmd
	case <-l.ctx.Done():
		b.abandon(l)
		return failed(l.ctx, l.ctx.Err())
	}
}

// abandon removes l from the queue, if it is there.
func (b *Batcher) abandon(l *lookup) {
	b.mu.Lock()
	defer b.mu.Unlock()
	l.settled = true
	if i := slices.Index(b.waiting, l); i >= 0 {
		b.waiting = append(b.waiting[:i:i], b.waiting[i+1:]...)
	}
}

// fill sends the waiting callers' questions, if there is a lane for them. At least one
// caller waits.
func (b *Batcher) fill(q Question, now time.Duration) {
	if b.batches >= batchCount && !b.isQuiet() {
		return
	}
	i := b.freeLane()
	if i < 0 {
		return
	}
	n := min(len(b.waiting), maxBatch)
	batch := b.waiting[:n:n]
	b.waiting = b.waiting[n:]
	if len(b.waiting) == 0 {
		b.waiting = nil
	}
	b.ask(q, i, batch, now)
}
