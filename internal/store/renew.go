package store

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"runtime/debug"
	"sync/atomic"
	"time"

	"github.com/ring-go/ring/internal/flight"
	"github.com/ring-go/ring/internal/fresh"
)

// renewBehind runs the function for a call that does not wait for it, unless it runs already,
// has just failed, or too many others run.
func (s *Values) renewBehind(ctx context.Context, c *Call, age *flight.Age) {
	p := s.policy()
	if !p.Begin() {
		return
	}
	s.start(ctx, c, age, func(*flight.Outcome) {})
}

// renewSoftly runs the function behind, and waits for it as long as the policy says. If it
// takes longer the outcome is an error.
func (s *Values) renewSoftly(ctx context.Context, c *Call, o *flight.Outcome) {
	p := s.policy()
	age := o.Age
	*o = flight.Outcome{Err: errSoon}
	timer := time.NewTimer(p.Soft)
	defer timer.Stop()
	if p.Begin() {
		done := make(chan flight.Outcome, 1)
		if s.start(ctx, c, age, func(o *flight.Outcome) { done <- *o }) {
			select {
			case *o = <-done:
			case <-timer.C:
			case <-ctx.Done():
			}
			return
		}
	}
	if f := s.Flights.Running(c.Key); f != nil {
		s.followSoftly(ctx, f, o)
	}
}

// errSoon: the run goes on.
var errSoon = errors.New("the function has not returned within SoftTimeout")

// followSoftly waits for a flight as long as the policy says.
func (s *Values) followSoftly(ctx context.Context, f *flight.Flight, o *flight.Outcome) {
	soft, cancel := context.WithTimeout(ctx, s.policy().Soft)
	defer cancel()
	if s.Flights.Wait(soft, f, 0) != nil {
		return
	}
	ends := s.Flights.OutcomeOf(f)
	if _, panicked := ends.Err.(*flight.Panicked); panicked || ends.Abandoned || !s.takes(f.Owner, &ends) {
		return
	}
	*o = ends.Shared()
}

// start starts a renewal, for which the caller has taken a place, unless the function runs
// already. after gets its outcome.
func (s *Values) start(ctx context.Context, c *Call, age *flight.Age, after func(*flight.Outcome)) bool {
	r := &renewal{s: s, call: *c, age: age, after: after}
	r.call.Got = Got{}
	ctx = flight.WithFlight(context.WithoutCancel(ctx), nil) // no run waits for it
	if c.Who != 0 {                                          // only its own goroutine can lead it
		go r.run(ctx, nil)
		return true
	}
	f, leader := s.Flights.Renew(ctx, c.Key, s, 0, false)
	if !leader {
		s.policy().End()
		return false
	}
	go r.run(ctx, f)
	return true
}

// renewal is a run behind.
type renewal struct {
	s     *Values
	call  Call
	age   *flight.Age
	after func(*flight.Outcome) // gets the outcome
}

// run leads the flight f; nil: it first has to begin one.
func (r *renewal) run(ctx context.Context, f *flight.Flight) {
	defer r.s.policy().End()
	o := flight.Outcome{Abandoned: true, Err: errSoon}
	defer func() { r.after(&o) }()
	defer r.survive(ctx)
	if f == nil {
		r.call.Who = flight.CurrentGoroutine()
		var leader bool
		if f, leader = r.s.Flights.Renew(ctx, r.call.Key, r.s, r.call.Who, false); !leader {
			return
		}
	}
	ctx, cancel := r.context(ctx, f)
	defer cancel()
	limit := r.s.policy().Run
	if limit == 0 {
		limit = fresh.BehindLimit
	}
	var led flight.Outcome
	r.s.leadRenewal(ctx, &r.call, f, r.age, limit, true, &led)
	o = led
}

// context returns the context of the renewal. It is the user's to make, so that it may panic:
// the flight ends then.
func (r *renewal) context(ctx context.Context, f *flight.Flight) (context.Context, context.CancelFunc) {
	l := Lead{r.s, f}
	defer l.Crash()
	if change := r.s.policy().Context; change != nil {
		if changed := change(ctx); changed != nil {
			ctx = changed
		}
	}
	ctx, cancel := fresh.Cancelable(ctx)
	l.flight = nil
	return ctx, cancel
}

// survive reports a panic of a renewal.
func (r *renewal) survive(ctx context.Context) {
	if p := recover(); p != nil {
		stack := r.call.stack
		if stack == nil {
			stack = debug.Stack()
		}
		err := fmt.Errorf("panic: %v\n%s", p, stack)
		r.s.policy().Failed(r.call.Key, err)
		defer func() { _ = recover() }() // OnError is the user's
		r.s.OnRefresh(ctx, r.call.Key, err)
	}
}

// runOrRecall runs the function, unless an error is remembered of it.
func (s *Values) runOrRecall(ctx context.Context, c *Call, f *flight.Flight) (any, error) {
	if r := s.policy().Recall(c.Key); r != nil {
		return nil, r
	}
	return s.runTimed(ctx, c, f, s.policy().Run)
}

// runTimed runs the function, not longer than limit; 0: as long as it takes.
func (s *Values) runTimed(ctx context.Context, c *Call, f *flight.Flight, limit time.Duration) (value any, err error) {
	p := s.policy()
	began := time.Now()
	if limit == 0 {
		value, err = c.Run(ctx, f)
	} else {
		value, err = s.runWithin(ctx, c, f, limit)
	}
	c.Got.Took = time.Since(began)
	if err != nil {
		if !s.Flights.Outdated(f) {
			p.Remember(ctx, c.Key, err)
		}
		return value, err
	}
	p.Succeeded(c.Key)
	if c.Expire != 0 {
		f.SetLife(c.Expire)
	}
	return value, nil
}

// lateError is that of a run that took too long.
type lateError struct{ limit time.Duration }

func (e *lateError) Error() string {
	return fmt.Sprintf("the function has not returned within RunTimeout, %v", e.limit)
}

func (e *lateError) Timeout() bool { return true }
func (e *lateError) Unwrap() error { return context.DeadlineExceeded }

// IsLate tells whether the function has not returned in time.
func IsLate(err error) bool {
	_, ok := err.(*lateError)
	return ok
}

// runWithin runs the function on its own goroutine, which goes on alone if that takes longer
// than limit.
func (s *Values) runWithin(ctx context.Context, c *Call, f *flight.Flight, limit time.Duration) (any, error) {
	bounded, cancel := context.WithTimeout(ctx, limit)
	f.InContext = true // the function may still know it when the flight has landed
	var settled atomic.Bool
	done := make(chan *timedRun, 1)
	go func() {
		defer cancel()
		r := &timedRun{exited: true}
		defer func() {
			if settled.CompareAndSwap(false, true) {
				done <- r
				return
			}
			s.policy().End() // see Outlived below
			if r.panicked != nil {
				s.OnRefresh(ctx, c.Key, fmt.Errorf("panic: %v\n%s", r.panicked, r.stack))
			}
		}()
		defer func() {
			if r.panicked = recover(); r.panicked != nil {
				r.stack = debug.Stack()
			}
		}()
		r.value, r.err = c.Run(bounded, f)
		r.exited = false
	}()
	timer := time.NewTimer(limit)
	defer timer.Stop()
	select {
	case r := <-done:
		return r.result(c)
	case <-timer.C:
	}
	s.policy().Outlived()
	if !settled.CompareAndSwap(false, true) {
		s.policy().End()
		return (<-done).result(c)
	}
	return nil, &lateError{limit}
}

// timedRun is how a run on its own goroutine ended.
type timedRun struct {
	value    any
	err      error
	panicked any
	stack    []byte
	exited   bool
}

// result ends the caller as the run has ended.
func (r *timedRun) result(c *Call) (any, error) {
	if r.panicked != nil {
		c.stack = r.stack
		panic(r.panicked)
	}
	if r.exited {
		runtime.Goexit()
	}
	return r.value, r.err
}
