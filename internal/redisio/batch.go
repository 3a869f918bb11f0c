package redisio

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"
)

// Batcher joins the look-ups of concurrent callers. A few callers ask at once, each by
// itself. When more come, those who come at the same moment go together, as one pipeline:
// that is a fraction of the work for the server and for the client. There is room for as many
// asks at a time as callers are few, and more if the server is far; who comes when it is used
// waits until one of them ends. The zero value is ready, and serves one client and hash.
//
// No caller waits long because of others. An ask that takes longer than usual is given
// up, as if its connection had fallen silent: the lane continues without it and asks
// again for the callers of that batch. The first answer wins.
type Batcher struct {
	way     atomic.Uint32 // in which the client is asked
	spare   atomic.Int32  // how many of its connections the batcher may hold
	answers sync.Pool     // of channels that have received

	mu      sync.Mutex // guards the rest
	lanes   []*lane
	free    *lane // the first of the lanes that are not in use
	busy    int   // lanes in use
	asked   int   // look-ups that the lanes ask for
	load    int   // what asked has come to lately
	waiting []*lookup
	gathers bool          // somebody gives way to others, and then asks for those that wait
	atOnce  time.Duration // until then no caller does so
	lost    int           // asks that were given up and have not ended yet
	trouble time.Duration // when the last one was given up; 0: none was
	usual   time.Duration // the usual time of an answer
	nearest time.Duration // the shortest time of an answer lately
	further int           // how many asks it adds to leastRoom
	checked time.Duration // when the lanes were last checked
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

// The ways to ask a client.
const (
	unsettled uint32 = iota
	inBatches
	oneByOne
)

// lookup is one caller's question. The batcher's mutex guards the fields that change.
type lookup struct {
	ctx     context.Context // the caller's
	q       Question
	key     string
	answer  chan *redis.StringCmd // receives once
	left    time.Duration         // the time left to the value, if the question is aged: set before answer receives
	settled bool                  // answer has received, or is about to receive
	asks    int                   // how often it was asked
	pending int                   // how many asks have not ended
	first   *command              // of the first ask, unless the question is aged
	pair    *pair                 // of the first ask, if it is aged
}

// newLookup returns a lookup with its first commands, in one allocation.
func newLookup(ctx context.Context, q Question, key string) *lookup {
	if q.aged {
		l := new(struct {
			lookup
			own pair
		})
		l.lookup = lookup{ctx: ctx, q: q, key: key, pair: &l.own}
		return &l.lookup
	}
	l := new(struct {
		lookup
		own command
	})
	l.lookup = lookup{ctx: ctx, q: q, key: key, first: &l.own}
	return &l.lookup
}

// Get returns the answer for key, or the error of ctx.
func (b *Batcher) Get(ctx context.Context, q Question, key string) *redis.StringCmd {
	cmd, _ := b.get(ctx, q, key)
	return cmd
}

// GetAged is Get with the time left to the value: more than 0, or 0 if it does not
// expire. The question has no Hash.
func (b *Batcher) GetAged(ctx context.Context, q Question, key string) (*redis.StringCmd, time.Duration) {
	q.aged = true
	return b.get(ctx, q, key)
}

func (b *Batcher) get(ctx context.Context, q Question, key string) (cmd *redis.StringCmd, left time.Duration) {
	if b.way.Load() != inBatches && b.isOneByOne(q) {
		cmd, left, _ = q.alone(ctx, key)
		return cmd, left
	}
	now := clock()
	b.mu.Lock()
	if b.busy > 0 && now-b.checked > leastPatience/8 {
		b.giveUpOverdue(now)
	}
	if !b.areFew() || !b.isCalm(now) {
		return b.join(ctx, q, key, now)
	}
	l := b.occupy(1, now)
	b.mu.Unlock()

	answered := false
	defer func() { // whatever the client does
		b.mu.Lock()
		b.end(l, answered)
		b.mu.Unlock()
	}()
	if q.aged {
		cmd, left, answered = q.agedAlone(ctx, key)
		return cmd, left
	}
	cmd = new(command).ask(ctx, q, key) // as askFor does, without a lookup
	answered = processText(ctx, q.Client, cmd)
	return cmd, 0
}

// join asks for the key with others. It unlocks the mutex.
func (b *Batcher) join(ctx context.Context, q Question, key string, now time.Duration) (*redis.StringCmd, time.Duration) {
	l := newLookup(ctx, q, key)
	b.waiting = append(b.waiting, l)
	if len(b.waiting) == 1 && now >= b.atOnce && b.hasRoom() && b.isCalm(now) {
		return b.lead(l, now)
	}
	l.answer = b.answerChannel()
	b.fill()
	b.watch()
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
		b.spare.Store(int32(spare(q.Client)))
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
func (b *Batcher) await(l *lookup) (*redis.StringCmd, time.Duration) {
	if l.ctx.Done() == nil { // there is nothing else to wait for, and a select takes longer
		cmd := <-l.answer
		b.answers.Put(l.answer)
		return cmd, l.left
	}
	select {
	case cmd := <-l.answer:
		b.answers.Put(l.answer)
		return cmd, l.left
	case <-l.ctx.Done():
		b.abandon(l)
		return failed(l.ctx, l.ctx.Err()), 0
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
