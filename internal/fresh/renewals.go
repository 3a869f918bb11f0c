package fresh

import (
	"context"
	"sync"
	"sync/atomic"
	"time"
)

// renewals bounds the runs behind of one rope.
type renewals struct {
	max     int64
	running atomic.Int64
}

// Begin takes one of the places for renewals. If there is none, it reports false; the caller
// does not wait for one. End gives the place back.
func (p *Policy) Begin() bool {
	r := &p.renewals
	if r.running.Add(1) > r.max {
		r.running.Add(-1)
		return false
	}
	if !all.begin() {
		r.running.Add(-1)
		return false
	}
	return true
}

// End gives a place back.
func (p *Policy) End() {
	p.renewals.running.Add(-1)
	all.end()
}

// Outlived records that a run goes on which nobody waits for any more. It counts as a
// renewal until End.
func (p *Policy) Outlived() {
	p.renewals.running.Add(1)
	all.outlived()
}

// Running returns how many places are taken.
func (p *Policy) Running() int64 { return p.renewals.running.Load() }

// group is what runs behind in the whole process. It has no channels: one that was made in a
// bubble of testing/synctest cannot be closed from outside.
type group struct {
	mu      sync.Mutex
	running int
	closed  bool
	ended   bool                 // Shutdown has canceled what runs
	cancels map[*cancelable]bool // of what runs
}

// cancelable is a renewal that Shutdown can end.
type cancelable struct{ cancel context.CancelFunc }

var all group

func (g *group) begin() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.closed {
		return false
	}
	g.running++
	return true
}

func (g *group) outlived() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.running++
}

func (g *group) end() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.running--
}

// IsShut reports whether Shutdown has been called.
func IsShut() bool {
	all.mu.Lock()
	defer all.mu.Unlock()
	return all.closed
}

func (g *group) busy() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.running > 0
}

// Cancelable returns a context that Shutdown can end. The caller calls cancel at the end.
func Cancelable(ctx context.Context) (_ context.Context, cancel context.CancelFunc) {
	ctx, stop := context.WithCancel(ctx)
	c := &cancelable{stop}
	all.mu.Lock()
	defer all.mu.Unlock()
	if all.cancels == nil {
		all.cancels = map[*cancelable]bool{}
	}
	if all.cancels[c] = true; all.ended {
		stop()
	}
	return ctx, func() {
		stop()
		all.mu.Lock()
		defer all.mu.Unlock()
		delete(all.cancels, c)
	}
}

// Wait returns when no renewal runs, or with the error of ctx.
func Wait(ctx context.Context) error {
	for all.busy() {
		select {
		case <-time.After(time.Millisecond):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// Shutdown ends all renewals, for good: no new one begins, and it waits for those that run.
// When ctx is done it cancels their contexts, and returns the error of ctx.
func Shutdown(ctx context.Context) error {
	all.mu.Lock()
	all.closed = true
	all.mu.Unlock()
	err := Wait(ctx)
	if err == nil {
		return nil
	}
	all.mu.Lock()
	defer all.mu.Unlock()
	all.ended = true
	for c := range all.cancels {
		c.cancel()
	}
	return err
}

// Reopen undoes Shutdown, for tests.
func Reopen() {
	all.mu.Lock()
	defer all.mu.Unlock()
	all.closed, all.ended = false, false
}
