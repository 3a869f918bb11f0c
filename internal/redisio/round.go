package redisio

import (
	"context"
	"time"

	"github.com/redis/go-redis/v9"
)

// round is what one ask sends for a batch.
type round struct {
	cmds  []*redis.StringCmd // for the value of each look-up
	pairs []*pair            // of the look-ups that are aged; nil: none is
}

// newRound sets up the commands for a batch.
func newRound(ctx context.Context, batch []*lookup, again bool) round {
	r := round{cmds: make([]*redis.StringCmd, len(batch))}
	for n, l := range batch {
		c, p := l.first, l.pair
		if again { // the client may still hold the first commands
			c, p = new(command), new(pair)
		}
		if !l.q.aged {
			r.cmds[n] = c.ask(ctx, l.q, l.key)
			continue
		}
		if r.pairs == nil {
			r.pairs = make([]*pair, len(batch))
		}
		p.ask(ctx, l.q, l.key)
		r.pairs[n], r.cmds[n] = p, &p.command.StringCmd
	}
	return r
}

// send sends the commands in one round trip. Each then has an answer or an error.
func (r *round) send(ctx context.Context, client redis.UniversalClient) {
	switch {
	case r.pairs != nil:
		r.sendAged(ctx, client)
	case len(r.cmds) == 1:
		processText(ctx, client, r.cmds[0])
	default:
		Execute(ctx, client, r.cmds)
	}
}

// sendAged sends the commands for a value and for the time left to it next to each other.
func (r *round) sendAged(ctx context.Context, client redis.UniversalClient) {
	all := make([]redis.Cmder, 0, 2*len(r.cmds))
	for n, cmd := range r.cmds {
		all = append(all, cmd)
		if p := r.pairs[n]; p != nil {
			all = append(all, &p.left)
		}
	}
	Execute(ctx, client, all)
	for n, p := range r.pairs {
		if p != nil {
			r.cmds[n] = p.answer(ctx)
		}
	}
}

// left returns the time left to the value of a look-up; 0 if that was not asked for.
func (r *round) left(n int) time.Duration {
	if r.pairs == nil || r.pairs[n] == nil {
		return 0
	}
	return Left(&r.pairs[n].left)
}

// fail has all look-ups fail. It leaves alone the commands that the client may still
// hold.
func (r *round) fail(ctx context.Context, err error) {
	for n := range r.cmds {
		r.cmds[n] = failed(ctx, err)
	}
	r.pairs = nil
}
