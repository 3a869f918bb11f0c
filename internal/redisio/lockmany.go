package redisio

import (
	"context"
	"time"

	"github.com/redis/go-redis/v9"
)

// Taken is what Acquire returns.
type Taken struct {
	Lease *Lease
	Held  Held
	Left  time.Duration
	Err   error
}

// AcquireMany is Acquire for several values, in one pipeline.
func (l *Locks) AcquireMany(ctx context.Context, slots []Slot, span time.Duration) []Taken {
	all := make([]Taken, len(slots))
	asked := make([]*Lease, len(slots))
	var scripts []scripted
	for n, slot := range slots {
		if asked[n], all[n].Err = l.ask(slot); asked[n] != nil {
			scripts = append(scripts, scripted{asked[n], asked[n].scripts.acquire, []any{asked[n].token, Milliseconds(span)}})
		}
	}
	cmds := l.runMany(ctx, scripts)
	for n, a := range asked {
		if a == nil {
			continue
		}
		t := &all[n]
		t.Lease, t.Held, t.Left, t.Err = a.taken(cmds[0], span)
		cmds = cmds[1:]
	}
	return all
}

// Stored is what Store gets.
type Stored struct {
	Lease  *Lease
	Value  any
	Expire time.Duration
	Was    Condition
}

// StoreMany is Lease.Store for several leases, in one pipeline.
func (l *Locks) StoreMany(ctx context.Context, all []Stored) (stored []bool, errs []error) {
	stored, errs = make([]bool, len(all)), make([]error, len(all))
	var scripts []scripted
	var places []int
	for n, s := range all {
		if s.Lease.renewal.End() {
			scripts = append(scripts, scripted{s.Lease, s.Lease.scripts.store, s.Lease.storing(s.Value, s.Expire, s.Was)})
			places = append(places, n)
		}
	}
	for n, cmd := range l.runMany(context.WithoutCancel(ctx), scripts) {
		got, err := cmd.Int64()
		stored[places[n]], errs[places[n]] = got == 1, err
	}
	return stored, errs
}

// scripted is a script of a lease with its arguments.
type scripted struct {
	lease  *Lease
	script *redis.Script
	args   []any
}

// runMany runs scripts in one pipeline, and those again by their text that the server did not
// know.
func (l *Locks) runMany(ctx context.Context, scripts []scripted) []*redis.Cmd {
	cmds := make([]*redis.Cmd, len(scripts))
	pipeline := func(unknown bool, queue func(p redis.Pipeliner, s scripted) *redis.Cmd) {
		p := l.client.Pipeline()
		for n, s := range scripts {
			if !unknown || redis.HasErrorPrefix(cmds[n].Err(), "NOSCRIPT") {
				cmds[n] = queue(p, s)
			}
		}
		if p.Len() == 0 {
			return
		}
		_, err := p.Exec(ctx)
		for _, cmd := range cmds {
			if cmd.Err() == nil && cmd.Val() == nil {
				cmd.SetErr(reason(err))
			}
		}
	}
	pipeline(false, func(p redis.Pipeliner, s scripted) *redis.Cmd {
		return s.script.EvalSha(ctx, p, s.lease.keys(), s.lease.args(s.args)...)
	})
	pipeline(true, func(p redis.Pipeliner, s scripted) *redis.Cmd {
		return s.script.Eval(ctx, p, s.lease.keys(), s.lease.args(s.args)...)
	})
	return cmds
}
