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
		s.dropped(ctx, c.Key, errTooMany)
		return
	}
	s.start(ctx, c, age, func(*flight.Outcome) {})
}

// dropped records that a renewal does not begin.
func (s *Values) dropped(ctx context.Context, key string, why error) {
	s.Meter.RefreshesDropped.Add(1)
	s.Note(ctx, RefreshDropped, key, why)
}

// errTooMany: MaxRefreshes run, or Shutdown has been called.
var errTooMany = errors.New("as many renewals run as may, or none may any more")

// renewSoftly runs the function behind, and waits for it as long as the policy says. If it
// takes longer the outcome is an error.
func (s *Values) renewSoftly(ctx context.Context, c *Call, o *flight.Outcome) {
	soft, cancel := context.WithTimeout(ctx, s.policy().Soft)
	defer cancel()
	age := o.Age
	for again := true; again; again = soft.Err() == nil && (o.Err == errBusy || s.isOld(o)) {
		if f := s.Flights.Running(c.Key); f != nil {
			s.followSoftly(soft, f, o)
		} else {
			s.startSoftly(soft, c, age, o)
		}
	}
}

// errSoon: the run goes on. errBusy: another one runs.
var (
	errSoon = errors.New("the function has not returned within SoftTimeout")
	errBusy = errors.New("the function runs already")
)

// startSoftly starts a renewal, and waits for it until ctx ends.
func (s *Values) startSoftly(ctx context.Context, c *Call, age *flight.Age, o *flight.Outcome) {
	if *o = (flight.Outcome{Err: errSoon}); !s.policy().Begin() {
		s.dropped(ctx, c.Key, errTooMany)
		return
	}
	done := make(chan flight.Outcome, 1)
	if !s.start(ctx, c, age, func(o *flight.Outcome) { done <- *o }) {
		o.Err = errBusy
		return
	}
	select {
	case *o = <-done:
	case <-ctx.Done():
	}
}

// followSoftly waits for a flight until ctx ends.
func (s *Values) followSoftly(ctx context.Context, f *flight.Flight, o *flight.Outcome) {
	*o = flight.Outcome{Err: errSoon}
	if s.Flights.Wait(ctx, f, 0) != nil {
		return
	}
	ends := s.Flights.OutcomeOf(f)
	_, panicked := ends.Err.(*flight.Panicked)
	switch {
	case ends.Abandoned:
		o.Err = errBusy
	case !panicked && s.takes(f.Owner, &ends):
		*o = ends.Shared()
	}
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
	o := flight.Outcome{Abandoned: true, Err: errSoon}
	defer func() { r.after(&o) }()
	defer r.s.policy().End()
	exited := true
	defer r.survive(ctx, &exited)
	if f == nil {
		r.call.Who = flight.CurrentGoroutine()
		var leader bool
		if f, leader = r.s.Flights.Renew(ctx, r.call.Key, r.s, r.call.Who, false); !leader {
			o.Err, exited = errBusy, false
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
	o, exited = led, false
}

// context returns the context of the renewal. It is the user's to make, so that it may panic:
// the flight ends then.
func (r *renewal) context(ctx context.Context, f *flight.Flight) (context.Context, context.CancelFunc) {
	l := Lead{r.s, f}
	defer l.Crash()
	ctx, cancel := behindContext(ctx, r.s.policy())
	l.flight = nil
	return ctx, cancel
}

// behindContext returns the context of a run behind: that of the user, which Shutdown can end.
func behindContext(ctx context.Context, p *fresh.Policy) (context.Context, context.CancelFunc) {
	if p.Context != nil {
		if changed := p.Context(ctx); changed != nil {
			ctx = changed
		}
	}
	return fresh.Cancelable(ctx)
}

// survive reports the panic of a renewal, which has ended the goroutine if there is none
// and exited is true.
func (r *renewal) survive(ctx context.Context, exited *bool) {
	p := recover()
	if !*exited {
		return
	}
	err := errExited
	if p != nil {
		stack := r.call.stack
		if stack == nil {
			stack = debug.Stack()
		}
		err = fmt.Errorf("panic: %v\n%s", p, stack)
	}
	r.s.Meter.RefreshErrors.Add(1)
	r.s.policy().Failed(r.call.Key, err)
	defer func() { _ = recover() }() // OnError is the user's
	r.s.OnRefresh(ctx, r.call.Key, err)
}

// errExited: the function has called Goexit.
var errExited = errors.New("the function ended the goroutine")

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
		p.Remember(ctx, c.Key, err)
		if s.Flights.Outdated(f) { // what has been written is newer than the error
			p.Forget(c.Key)
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
	if who := f.Leader(); who != 0 {
		defer f.LedBy(who) // what comes after the run is done here
	}
	var settled atomic.Bool
	done := make(chan *timedRun, 1)
	go func() {
		defer cancel()
		if f.Leader() != 0 {
			f.LedBy(flight.CurrentGoroutine())
		}
		r := &timedRun{exited: true}
		defer func() {
			if settled.CompareAndSwap(false, true) {
				done <- r
				return
			}
			s.policy().End() // see Outlived below
			f.LeaveAlone(s.Meter)
			if r.panicked != nil {
				defer func() { _ = recover() }() // OnError is the user's
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
		if r.err != nil && bounded.Err() == context.DeadlineExceeded && ctx.Err() == nil && errors.Is(r.err, context.DeadlineExceeded) {
			r.err = &lateError{limit} // the function has obeyed its context
			s.Meter.Late()
			s.Note(ctx, RunLate, c.Key, nil)
		}
		return r.result(c)
	case <-timer.C:
	}
	s.Meter.Late()
	s.Note(ctx, RunLate, c.Key, nil)
	s.policy().Outlived()
	if !settled.CompareAndSwap(false, true) {
		s.policy().End()
		return (<-done).result(c)
	}
	f.Outlive()
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
