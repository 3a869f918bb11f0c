package redisio

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"
)

// isAnswer reports whether cmd has an answer of the server, which may be a miss.
func isAnswer(cmd *redis.StringCmd) bool {
	err := cmd.Err()
	return err == nil || err == redis.Nil
}

// askFor asks for a look-up by itself. It unlocks the mutex.
func (b *Batcher) askFor(l *lookup, now time.Duration) (cmd *redis.StringCmd, left time.Duration) {
	on := b.occupy(1, now)
	b.mu.Unlock()
	answered := false
	defer func() { // whatever the client does
		b.mu.Lock()
		b.end(on, answered)
		b.mu.Unlock()
	}()
	if l.q.aged {
		cmd, left, answered = l.pair.alone(l.ctx, l.q, l.key)
		return cmd, left
	}
	cmd = l.first.ask(l.ctx, l.q, l.key)
	answered = processText(l.ctx, l.q.Client, cmd)
	return cmd, 0
}

// askAgain asks for a batch that has been asked for.
func (b *Batcher) askAgain(batch []*lookup, now time.Duration) {
	go b.askAll(batch, true, b.occupyFor(batch, now))
}

// askAll asks for a batch and delivers the answers, whatever the client does.
func (b *Batcher) askAll(batch []*lookup, again bool, on *lane) {
	q := batch[0].q
	ctx, cancel := together(batch)
	defer cancel()
	asked := newRound(ctx, batch, again)
	err := errors.New("the client did not return")
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("the client panicked: %v", r)
		}
		if err != nil {
			asked.fail(ctx, err)
		}
		b.deliver(batch, asked, on)
	}()
	asked.send(ctx, q.Client)
	err = nil
}

// deliver ends an ask and gives answers to the callers that have none yet. It ignores a
// failure while the same question is being asked elsewhere.
func (b *Batcher) deliver(batch []*lookup, asked round, on *lane) {
	cmds := asked.cmds
	answered := isAnswer(cmds[0])
	b.mu.Lock()
	for n, l := range batch {
		l.pending--
		if !l.settled && (l.pending == 0 || isAnswer(cmds[n])) {
			l.settled = true
			l.left = asked.left(n)
		} else {
			cmds[n] = nil
		}
	}
	b.end(on, answered)
	b.mu.Unlock()
	for n, cmd := range cmds {
		if cmd != nil {
			batch[n].answer <- cmd
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
