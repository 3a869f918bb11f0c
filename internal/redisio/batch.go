package redisio

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"
)

// Batcher joins the look-ups of concurrent callers. While some are under way, later ones
// wait and then go together, as one pipeline: with many callers, that is a fraction of
// the work for the server and for the client. A single caller asks at once. The zero
// value is ready.
//
// Nobody waits long because of others. An ask that takes longer than usual is given up,
// as if its connection had fallen silent: the lane goes on without it and asks again for
// the callers of that batch. The first answer wins.
type Batcher struct {
	mu      sync.Mutex // guards the rest
	lanes   []lane
	busy    int // lanes in use
	waiting []*lookup
	lost    int           // asks that were given up and have not ended yet
	trouble time.Time     // when an ask was last given up
	usual   time.Duration // the usual time of an answer
	watched bool          // a timer is set
	least   time.Duration // the shortest patience; 0: leastPatience
}

const (
	// maxBatch is the largest number of look-ups in a batch.
	maxBatch = 256

	// leastPatience is the shortest time after which an ask is given up.
	leastPatience = 10 * time.Millisecond

	// maxAsks is how often one look-up is asked at most.
	maxAsks = 3

	// wariness is how long after trouble no caller asks alone, which a lane could not
	// repeat.
	wariness = 10 * time.Second
)

// laneCount is how many asks are under way at the same time. With fewer, callers wait
// longer; with more, they share less.
var laneCount = max(2, runtime.GOMAXPROCS(0))

// lane is one of the concurrent asks.
type lane struct {
	turn  uint64    // the number of its ask: an ask with another number was given up
	since time.Time // when the ask began; zero: the lane is free
	batch []*lookup // what it asks for; nil: the caller asks alone
}

// lookup is one caller's question. The batcher's mutex guards the fields that change.
type lookup struct {
	ctx     context.Context // the caller's
	key     string
	answer  chan *redis.StringCmd // receives once
	settled bool                  // answer has received, or is about to receive
	asks    int                   // how often it was asked
	pending int                   // how many asks have not ended
}

// Question says what to ask for a key.
type Question struct {
	Client redis.UniversalClient
	Hash   *string // the hash that the key is a field of; nil: none
}

func (q Question) command(ctx context.Context, key string) *redis.StringCmd {
	if q.Hash == nil {
		return TextCommand(ctx, "get", key)
	}
	return TextCommand(ctx, "hget", *q.Hash, key)
}

// Get returns the answer for key, or the error of ctx.
func (b *Batcher) Get(ctx context.Context, q Question, key string) *redis.StringCmd {
	now := time.Now()
	b.mu.Lock()
	if b.busy > 0 {
		b.giveUpOverdue(q, now)
	}
	i := b.freeLane()
	if i >= 0 && b.isCalm(now) {
		turn := b.occupy(i, nil, now)
		b.mu.Unlock()
		return b.askAlone(ctx, q, key, i, turn, now)
	}
	l := &lookup{ctx: ctx, key: key, answer: make(chan *redis.StringCmd, 1)}
	b.waiting = append(b.waiting, l)
	if i >= 0 {
		b.fill(q, i, now)
	}
	b.watch(q)
	b.mu.Unlock()

	select {
	case cmd := <-l.answer:
		return cmd
	case <-ctx.Done():
		b.abandon(l)
		return failed(ctx, ctx.Err())
	}
}

// freeLane returns the index of a free lane, -1 if there is none.
func (b *Batcher) freeLane() int {
	if b.lanes == nil {
		b.lanes = make([]lane, laneCount)
	}
	if b.busy == len(b.lanes) {
		return -1
	}
	for i := range b.lanes {
		if b.lanes[i].since.IsZero() {
			return i
		}
	}
	return -1
}

// occupy takes a free lane for an ask.
func (b *Batcher) occupy(i int, batch []*lookup, now time.Time) (turn uint64) {
	l := &b.lanes[i]
	l.turn++
	l.since, l.batch = now, batch
	b.busy++
	return l.turn
}

func (b *Batcher) release(i int) {
	b.lanes[i].since, b.lanes[i].batch = time.Time{}, nil
	b.busy--
}

// isCalm reports whether a caller may ask alone, which cannot be given up.
func (b *Batcher) isCalm(now time.Time) bool {
	return b.lost == 0 && (b.trouble.IsZero() || now.Sub(b.trouble) > wariness)
}

// askAlone asks in the caller's goroutine.
func (b *Batcher) askAlone(ctx context.Context, q Question, key string, i int, turn uint64, since time.Time) *redis.StringCmd {
	cmd := q.command(ctx, key)
	defer func() { b.end(q, i, turn, since, isAnswer(cmd)) }()
	_ = Process(ctx, q.Client, cmd)
	return cmd
}

// isAnswer tells an answer of the server, which may be a miss, from a failure.
func isAnswer(cmd *redis.StringCmd) bool { return cmd.Err() == nil || cmd.Err() == redis.Nil }

// end frees the lane of an ask that has ended, for the waiting callers.
func (b *Batcher) end(q Question, i int, turn uint64, since time.Time, answered bool) {
	now := time.Now()
	b.mu.Lock()
	defer b.mu.Unlock()
	if answered {
		b.learn(now.Sub(since))
	}
	if b.lanes[i].turn != turn {
		b.lost--
		return
	}
	b.release(i)
	b.fill(q, i, now)
}

// fill uses a free lane to ask for the waiting callers.
func (b *Batcher) fill(q Question, i int, now time.Time) {
	if len(b.waiting) == 0 {
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

// ask asks for a batch on a lane that is free.
func (b *Batcher) ask(q Question, i int, batch []*lookup, now time.Time) {
	for _, l := range batch {
		l.asks++
		l.pending++
	}
	turn := b.occupy(i, batch, now)
	go b.askAll(q, batch, i, turn, now)
}

// askAll asks for a batch and delivers the answers, whatever the client does.
func (b *Batcher) askAll(q Question, batch []*lookup, i int, turn uint64, since time.Time) {
	ctx, cancel := together(batch)
	defer cancel()
	cmds := make([]*redis.StringCmd, len(batch))
	for n, l := range batch {
		cmds[n] = q.command(ctx, l.key)
	}
	err := errors.New("the client did not return")
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("the client panicked: %v", r)
		}
		if err != nil {
			for n := range cmds { // not the commands that the client may still hold
				cmds[n] = failed(ctx, err)
			}
		}
		b.deliver(batch, cmds)
		b.end(q, i, turn, since, isAnswer(cmds[0]))
	}()
	if len(batch) == 1 {
		_ = Process(ctx, q.Client, cmds[0])
	} else {
		Execute(ctx, q.Client, cmds)
	}
	err = nil
}

// deliver delivers the answers to callers that have none yet. It ignores a failure while
// the same question is being asked elsewhere.
func (b *Batcher) deliver(batch []*lookup, cmds []*redis.StringCmd) {
	var first []int
	b.mu.Lock()
	for i, l := range batch {
		l.pending--
		if !l.settled && (l.pending == 0 || isAnswer(cmds[i])) {
			l.settled = true
			first = append(first, i)
		}
	}
	b.mu.Unlock()
	for _, i := range first {
		batch[i].answer <- cmds[i]
	}
}

// abandon removes l from the queue, if it is there.
func (b *Batcher) abandon(l *lookup) {
	b.mu.Lock()
	defer b.mu.Unlock()
	l.settled = true
	for i, w := range b.waiting {
		if w == l {
			b.waiting = append(b.waiting[:i:i], b.waiting[i+1:]...)
			return
		}
	}
}

func failed(ctx context.Context, err error) *redis.StringCmd {
	cmd := redis.NewStringCmd(ctx)
	cmd.SetErr(err)
	return cmd
}

// together returns the context of a batch. For a single caller it is the caller's own.
// For several it has no values, because a hook could take them for another caller's. It
// ends with the last of their deadlines, if all have one, so no caller's answer depends
// on how long the others wait.
func together(batch []*lookup) (context.Context, context.CancelFunc) {
	if len(batch) == 1 {
		return batch[0].ctx, func() {}
	}
	var last time.Time
	for _, l := range batch {
		deadline, ok := l.ctx.Deadline()
		if !ok {
			return context.Background(), func() {}
		}
		if deadline.After(last) {
			last = deadline
		}
	}
	return context.WithDeadline(context.Background(), last)
}
