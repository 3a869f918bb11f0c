package ring

import (
	"context"
	"errors"
	"reflect"
	"runtime"
	"strings"

	"github.com/ring-go/ring/internal/flight"
)

// runFunc makes the value of a key, in the flight f.
type runFunc func(f *flight.Flight) (any, error)

// getOrRun returns the value of key: from the storage or, when it has none, from
// run, whose value it stores. Of concurrent callers one looks and runs. glanced tells
// that the caller has just looked. who is the caller, where its key is partial; else 0.
//
// Recursive functions pass through here: what a frame holds counts.
func (s *BaseStorage) getOrRun(ctx context.Context, key string, glanced bool, who flight.Goroutine, run runFunc, o *flight.Outcome) {
	if !glanced {
		if o.Value, o.Hit = s.glance(ctx, key); o.Hit {
			return
		}
	}
	for {
		f, leader := s.flights.Join(ctx, key, s, who)
		if leader {
			s.lead(ctx, f, run, o)
			return
		}
		if s.follow(ctx, f, run, o) {
			return
		}
	}
}

// lead does the work of a flight. However it ends, the flight ends.
func (s *BaseStorage) lead(ctx context.Context, f *flight.Flight, run runFunc, o *flight.Outcome) {
	returned := false
	defer s.crash(f, &returned)
	if s.lookFor(ctx, f, o); !o.Hit && o.Err == nil {
		o.Value, o.Err = run(f)
		s.ran(ctx, f, o)
	}
	returned = true
	s.landed(ctx, f, o)
}

// crash ends a flight whose leader does not return.
func (s *BaseStorage) crash(f *flight.Flight, returned *bool) {
	if *returned {
		return
	}
	// Goexit is no panic: recover finds nothing.
	if r := recover(); r != nil {
		s.flights.Land(f, flight.Outcome{Err: &flight.Panicked{Value: r}})
		panic(r)
	}
	s.flights.Land(f, flight.Outcome{Abandoned: true})
}

// lookFor is the look-up of a flight. What is neither a hit nor an error is missing.
func (s *BaseStorage) lookFor(ctx context.Context, f *flight.Flight, o *flight.Outcome) {
	value, err := s.lookUp(ctx, f)
	if err == nil {
		o.Value, o.Hit = value, true
		return
	}
	if o.Failed = !isMiss(err); o.Failed && !s.failsOpen(ctx, f, f.Key, err) {
		o.Err, o.Abandoned = err, ended(ctx) != nil
		return
	}
	if s.isBounded() {
		s.flights.Runs(f)
	}
}

// lookUp is Get for a call that can make the value: what cannot be decoded is
// reported and missing.
func (s *BaseStorage) lookUp(ctx context.Context, f *flight.Flight) (any, error) {
	value, err := s.Get(ctx, f.Key)
	if err != nil && err != ErrNotFound && errors.Is(err, ErrCoder) {
		s.onError(flight.Within(ctx, f), f.Key, err)
		return nil, ErrNotFound
	}
	return value, err
}

// isMiss tells a miss from a value that a coder could not make for want of another
// one.
func isMiss(err error) bool {
	return err == ErrNotFound || errors.Is(err, ErrNotFound) && !errors.Is(err, ErrCoder)
}

// ran completes the outcome of a run. Where there is nothing to wait for it stores the
// value, but not after a look-up that failed: nor would the storage take it.
func (s *BaseStorage) ran(ctx context.Context, f *flight.Flight, o *flight.Outcome) {
	if o.Err != nil {
		o.Abandoned = f.Left || ended(ctx) != nil
		o.Err = &functionError{o.Err}
		return
	}
	o.Ran = true
	if o.Failed || s.storesBehind(ctx) {
		return
	}
	data, err := s.encode(o.Value)
	if err == nil {
		err = s.store(ctx, f, data)
	}
	if err != nil && !s.failsOpen(ctx, f, f.Key, err) {
		o.Err = err
	}
}

// landed ends the flight, after the store where that has yet to come.
func (s *BaseStorage) landed(ctx context.Context, f *flight.Flight, o *flight.Outcome) {
	if o.Ran && !o.Failed && s.storesBehind(ctx) {
		o.Err = s.storeFlight(ctx, f, *o)
	} else {
		s.flights.Land(f, *o)
	}
	*o = o.Own()
}

// storeFlight stores the value of a flight, and lands it when that is done, which can be
// after the caller has left.
func (s *BaseStorage) storeFlight(ctx context.Context, f *flight.Flight, o flight.Outcome) error {
	data, err := s.encodeFor(ctx, o.Value)
	if err != nil {
		if s.failsOpen(ctx, f, f.Key, err) {
			err = nil
		}
		o.Err = err
		s.flights.Land(f, o)
		return err
	}
	f.InContext = true // it is not used again: both the store and the caller know it
	known := func() { s.flights.End(f, o) }
	if s.isBounded() { // who waits for the value need not wait for the storage
		known()
	}
	return s.behind(ctx, f.Key, func(ctx context.Context) error {
		stored := o
		stored.Err = errGone
		defer func() { s.flights.Land(f, stored) }()
		if stored.Err = s.store(ctx, f, data); stored.Err != nil && s.failsOpen(ctx, f, f.Key, stored.Err) {
			stored.Err = nil
		}
		return stored.Err
	}, known)
}

// store writes what was made in a run, unless something else was written meanwhile.
func (s *BaseStorage) store(ctx context.Context, f *flight.Flight, data any) error {
	if fresh, err := s.flights.LockFresh(ctx, f); !fresh {
		return err
	}
	defer s.flights.Unlock(f.Key)
	return s.setFresh(ctx, f, data)
}

// setFresh is SetValue for the value of a run, whose key is locked. Of a cache that
// others write to, it alone can tell whether they did so in this moment.
func (s *BaseStorage) setFresh(ctx context.Context, f *flight.Flight, data any) error {
	if s.lru != nil {
		s.lru.SetSince(f.Key, data, s.expire, f.Written)
		return nil
	}
	return s.storage.SetValue(ctx, f.Key, data, s.expire)
}

// follow waits for a flight that another call leads. It reports false when the flight has
// ended without an outcome for this caller, which tries again.
func (s *BaseStorage) follow(ctx context.Context, f *flight.Flight, run runFunc, o *flight.Outcome) (ok bool) {
	if s.isNested(ctx, f) {
		s.runApart(ctx, f, run, o)
		return true
	}
	limit := s.limit(ctx)
	err := s.flights.Wait(ctx, f, limit)
	if err == flight.ErrSlow {
		err = &slowError{limit}
	}
	switch {
	case err == nil:
	case err == ErrRecursion && f.Leader != 0, isSlow(err) && s.failsOpen(ctx, nil, f.Key, err):
		s.runApart(ctx, f, run, o)
		return true
	default:
		*o = flight.Outcome{Err: err, Abandoned: ctx.Err() != nil}
		return true
	}
	if f.Abandoned || f.Failed && f.Err != nil && s.open || !s.takes(f) {
		return false
	}
	*o = f.Shared()
	return true
}

// isNested tells whether the caller is within the run of f, for which it must not wait. A
// function that calls itself with the same key is an error, unless the key is partial: what
// it leaves out can end the recursion.
func (s *BaseStorage) isNested(ctx context.Context, f *flight.Flight) bool {
	foreign := f.Owner != any(s)
	if flight.FlightIn(ctx).IsWithin(f) {
		return f.Leader != 0 || foreign
	}
	if f.Leader == 0 && !foreign || s.flights.HasEnded(f) {
		return false
	}
	return f.Leader != 0 && f.Leader == flight.CurrentGoroutine() || foreign && inRun()
}

// runApart runs the function for one caller, beside the flight f of its key. It stores
// nothing.
func (s *BaseStorage) runApart(ctx context.Context, f *flight.Flight, run runFunc, o *flight.Outcome) {
	o.Value, o.Err = run(flight.NewApart(ctx, f.Key, s))
	if o.Ran = o.Err == nil; !o.Ran {
		o.Err = &functionError{o.Err}
	}
}

// takes tells whether the value of a flight, which another rope can have led, is a result
// of the function.
func (s *BaseStorage) takes(f *flight.Flight) bool {
	owner := f.Owner.(*BaseStorage)
	if owner == s || owner.typ == s.typ || f.Err != nil {
		return true
	}
	switch {
	case s.typ == nil || f.Value == nil:
		return false
	case s.typ.Kind() == reflect.Interface:
		return reflect.TypeOf(f.Value).Implements(s.typ)
	}
	return reflect.TypeOf(f.Value) == s.typ
}

// failsOpen reports a failure of the storage, if the rope goes on without it. A
// context that has ended is the caller's own failure, and one of a coder the
// value's.
//
// f is the flight that the caller leads, if any: what is reported to may call again.
func (s *BaseStorage) failsOpen(ctx context.Context, f *flight.Flight, key string, err error) bool {
	if !s.open || ended(ctx) != nil || errors.Is(err, ErrCoder) {
		return false
	}
	if f != nil {
		ctx = flight.Within(ctx, f)
	}
	s.onError(ctx, key, err)
	return true
}

// inRun tells whether the goroutine is within a run of any rope.
func inRun() bool {
	pcs := make([]uintptr, 64)
	for skip := 2; ; skip += len(pcs) {
		n := runtime.Callers(skip, pcs)
		if n == 0 {
			return false
		}
		frames := runtime.CallersFrames(pcs[:n])
		for more := true; more; {
			var frame runtime.Frame
			if frame, more = frames.Next(); strings.HasSuffix(frame.Function, leadingFunction) {
				return true
			}
		}
	}
}

// leadingFunction is in the stack of every run.
const leadingFunction = ".(*BaseStorage).lead"
