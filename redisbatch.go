package ring

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"
)

// batcher joins the look-ups of concurrent callers. While some are under way, those
// who come wait and then go together, as one pipeline: with many callers, that is a
// fraction of the work for the server and for the client. A caller who is alone asks
// at once. The zero value is ready.
type batcher struct {
	mu      sync.Mutex // guards the rest
	busy    int        // lanes in use
	waiting []*lookup
}

// maxBatch is how many look-ups go together at most.
const maxBatch = 256

// lanes are how many look-ups or batches of them are under way at a time. With fewer,
// callers wait longer; with more, they share less.
var lanes = max(2, runtime.GOMAXPROCS(0))

// lookup is one caller's question.
type lookup struct {
	ctx   context.Context // the caller's
	key   string
	cmd   *redis.StringCmd
	batch []*lookup     // those that this one is to ask for, itself the first
	turn  chan struct{} // receives when cmd or batch is there
}

// question asks for a key.
type question func(ctx context.Context, c redis.Cmdable, key string) *redis.StringCmd

// get returns the answer for key, or the error of ctx.
func (b *batcher) get(ctx context.Context, client redis.UniversalClient, key string, ask question) *redis.StringCmd {
	b.mu.Lock()
	if b.busy < lanes {
		b.busy++
		b.mu.Unlock()
		defer b.next()
		return ask(ctx, client, key)
	}
	l := &lookup{ctx: ctx, key: key, turn: make(chan struct{}, 1)}
	b.waiting = append(b.waiting, l)
	b.mu.Unlock()

	select {
	case <-l.turn:
	case <-ctx.Done():
		b.abandon(client, l, ask)
		return failed(ctx, ctx.Err())
	}
	if l.batch == nil {
		return l.cmd
	}
	if ctx.Done() == nil {
		b.askAll(client, l.batch, ask)
		return l.cmd
	}
	go func() {
		defer func() { l.turn <- struct{}{} }()
		b.askAll(client, l.batch, ask)
	}()
	select {
	case <-l.turn:
		return l.cmd
	case <-ctx.Done():
		return failed(ctx, ctx.Err())
	}
}

func failed(ctx context.Context, err error) *redis.StringCmd {
	cmd := redis.NewStringCmd(ctx)
	cmd.SetErr(err)
	return cmd
}

// abandon takes l out of the queue. If its turn has come meanwhile, it still asks for
// the others.
func (b *batcher) abandon(client redis.UniversalClient, l *lookup, ask question) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for i, w := range b.waiting {
		if w == l {
			b.waiting = append(b.waiting[:i:i], b.waiting[i+1:]...)
			return
		}
	}
	if l.batch != nil {
		go b.askAll(client, l.batch, ask)
	}
}

// askAll asks for a batch and gives everyone the answer, whatever the client does.
func (b *batcher) askAll(client redis.UniversalClient, batch []*lookup, ask question) {
	defer b.next()
	ctx, cancel := together(batch)
	defer cancel()
	err := errors.New("the client did not return")
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("the client panicked: %v", r)
		}
		for i, l := range batch {
			if err != nil {
				l.cmd = failed(ctx, err)
			}
			if i > 0 {
				l.turn <- struct{}{}
			}
		}
	}()
	p := client.Pipeline()
	for _, l := range batch {
		l.cmd = ask(ctx, p, l.key)
	}
	sent, failure := p.Exec(ctx)
	err = nil
	if len(sent) != len(batch) { // else every command has an error of its own
		err = failure
	}
}

// together is the context of a batch. Nobody's answer depends on how long the others
// stay: it ends with the last of their deadlines, if all of them have one.
func together(batch []*lookup) (context.Context, context.CancelFunc) {
	ctx := context.WithoutCancel(batch[0].ctx)
	var last time.Time
	for _, l := range batch {
		deadline, ok := l.ctx.Deadline()
		if !ok {
			return ctx, func() {}
		}
		if deadline.After(last) {
			last = deadline
		}
	}
	return context.WithDeadline(ctx, last)
}

// next gives the lane to those who wait, or frees it.
func (b *batcher) next() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.waiting) == 0 {
		b.busy--
		return
	}
	n := min(len(b.waiting), maxBatch)
	batch := b.waiting[:n:n]
	b.waiting = b.waiting[n:]
	if len(b.waiting) == 0 {
		b.waiting = nil
	}
	batch[0].batch = batch
	batch[0].turn <- struct{}{}
}
