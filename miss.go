package ring

import (
	"context"
	"errors"
	"reflect"
)

// runFunc makes the value of a key, in the flight f.
type runFunc func(f *flight) (any, error)

// getOrRun returns the value of key: from the storage or, when it has none, from
// run, whose value it stores. Of concurrent callers one looks and runs. glanced tells
// that the caller has just looked. who is the caller, where its key is partial; else 0.
//
// Recursive functions pass through here: what a frame holds counts.
func (s *BaseStorage) getOrRun(ctx context.Context, key string, glanced bool, who goroutineID, run runFunc, o *outcome) {
	if !glanced {
		if o.value, o.hit = s.glance(ctx, key); o.hit {
			return
		}
	}
	for {
		f, leader := s.flights.join(ctx, key, s, who)
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
func (s *BaseStorage) lead(ctx context.Context, f *flight, run runFunc, o *outcome) {
	returned := false
	defer s.crash(f, &returned)
	if s.lookFor(ctx, f, o); !o.hit && o.err == nil {
		o.value, o.err = run(f)
		s.ran(ctx, f, o)
	}
	returned = true
	s.landed(ctx, f, o)
}

// crash ends a flight whose leader does not return.
func (s *BaseStorage) crash(f *flight, returned *bool) {
	if *returned {
		return
	}
	// Goexit is no panic: recover finds nothing.
	if r := recover(); r != nil {
		s.flights.land(f, outcome{err: &panicked{r}})
		panic(r)
	}
	s.flights.land(f, outcome{abandoned: true})
}

// lookFor is the look-up of a flight. What is neither a hit nor an error is missing.
func (s *BaseStorage) lookFor(ctx context.Context, f *flight, o *outcome) {
	value, err := s.lookUp(ctx, f)
	if err == nil {
		o.value, o.hit = value, true
		return
	}
	if o.failed = !isMiss(err); o.failed && !s.failsOpen(ctx, f, f.key, err) {
		o.err, o.abandoned = err, ended(ctx) != nil
		return
	}
	if s.isBounded() {
		s.flights.runs(f)
	}
}

// lookUp is Get for a call that can make the value: what cannot be decoded is
// reported and missing.
func (s *BaseStorage) lookUp(ctx context.Context, f *flight) (any, error) {
	value, err := s.Get(ctx, f.key)
	if err != nil && err != ErrNotFound && errors.Is(err, ErrCoder) {
		s.onError(inFlight(ctx, f), f.key, err)
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
func (s *BaseStorage) ran(ctx context.Context, f *flight, o *outcome) {
	if o.err != nil {
		o.abandoned = f.left || ended(ctx) != nil
		o.err = &functionError{o.err}
		return
	}
	o.ran = true
	if o.failed || s.storesBehind(ctx) {
		return
	}
	data, err := s.encode(o.value)
	if err == nil {
		err = s.store(ctx, f, data)
	}
	if err != nil && !s.failsOpen(ctx, f, f.key, err) {
		o.err = err
	}
}

// landed ends the flight, after the store where that has yet to come.
func (s *BaseStorage) landed(ctx context.Context, f *flight, o *outcome) {
	if o.ran && !o.failed && s.storesBehind(ctx) {
		o.err = s.storeFlight(ctx, f, *o)
	} else {
		s.flights.land(f, *o)
	}
	*o = o.own()
}

// storeFlight stores the value of a flight, and lands it when that is done, which can be
// after the caller has left.
func (s *BaseStorage) storeFlight(ctx context.Context, f *flight, o outcome) error {
	data, err := s.encodeFor(ctx, o.value)
	if err != nil {
		if s.failsOpen(ctx, f, f.key, err) {
			err = nil
		}
		o.err = err
		s.flights.land(f, o)
		return err
	}
	f.inContext = true // it is not used again: both the store and the caller know it
	known := func() { s.flights.end(f, o) }
	if s.isBounded() { // who waits for the value need not wait for the storage
		known()
	}
	return s.behind(ctx, f.key, func(ctx context.Context) error {
		stored := o
		stored.err = errGone
		defer func() { s.flights.land(f, stored) }()
		if stored.err = s.store(ctx, f, data); stored.err != nil && s.failsOpen(ctx, f, f.key, stored.err) {
			stored.err = nil
		}
		return stored.err
	}, known)
}

// store writes what was made in a run, unless something else was written meanwhile.
func (s *BaseStorage) store(ctx context.Context, f *flight, data any) error {
	if fresh, err := s.flights.lockFresh(ctx, f); !fresh {
		return err
	}
	defer s.flights.unlock(f.key)
	return s.setFresh(ctx, f, data)
}

// setFresh is SetValue for the value of a run, whose key is locked. Of a cache that
// others write to, it alone can tell whether they did so in this moment.
func (s *BaseStorage) setFresh(ctx context.Context, f *flight, data any) error {
	if s.lru != nil {
		s.lru.SetSince(f.key, data, s.expire, f.written)
		return nil
	}
	return s.storage.SetValue(ctx, f.key, data, s.expire)
}

// follow waits for a flight that another call leads. It reports false when the flight has
// ended without an outcome for this caller, which tries again.
func (s *BaseStorage) follow(ctx context.Context, f *flight, run runFunc, o *outcome) (ok bool) {
	if s.isNested(ctx, f) {
		s.runApart(ctx, f, run, o)
		return true
	}
	switch err := s.flights.wait(ctx, f, s.limit(ctx)); {
	case err == nil:
	case err == ErrRecursion && f.leader != 0, isSlow(err) && s.failsOpen(ctx, nil, f.key, err):
		s.runApart(ctx, f, run, o)
		return true
	default:
		*o = outcome{err: err, abandoned: ctx.Err() != nil}
		return true
	}
	if f.abandoned || f.failed && f.err != nil && s.open || !s.takes(f) {
		return false
	}
	*o = f.shared()
	return true
}

// isNested tells whether the caller is within the run of f, for which it must not wait. A
// function that calls itself with the same key is an error, unless the key is partial: what
// it leaves out can end the recursion.
func (s *BaseStorage) isNested(ctx context.Context, f *flight) bool {
	foreign := f.owner != s
	if flightIn(ctx).isWithin(f) {
		return f.leader != 0 || foreign
	}
	if f.leader == 0 && !foreign || s.flights.hasEnded(f) {
		return false
	}
	return f.leader != 0 && f.leader == currentGoroutine() || foreign && inRun()
}

// runApart runs the function for one caller, beside the flight f of its key. It stores
// nothing.
func (s *BaseStorage) runApart(ctx context.Context, f *flight, run runFunc, o *outcome) {
	o.value, o.err = run(&flight{key: f.key, owner: s, outer: flightIn(ctx)})
	if o.ran = o.err == nil; !o.ran {
		o.err = &functionError{o.err}
	}
}

// takes tells whether the value of a flight, which another rope can have led, is a result
// of the function.
func (s *BaseStorage) takes(f *flight) bool {
	if f.owner == s || f.owner.typ == s.typ || f.err != nil {
		return true
	}
	switch {
	case s.typ == nil || f.value == nil:
		return false
	case s.typ.Kind() == reflect.Interface:
		return reflect.TypeOf(f.value).Implements(s.typ)
	}
	return reflect.TypeOf(f.value) == s.typ
}

// failsOpen reports a failure of the storage, if the rope goes on without it. A
// context that has ended is the caller's own failure, and one of a coder the
// value's.
//
// f is the flight that the caller leads, if any: what is reported to may call again.
func (s *BaseStorage) failsOpen(ctx context.Context, f *flight, key string, err error) bool {
	if !s.open || ended(ctx) != nil || errors.Is(err, ErrCoder) {
		return false
	}
	if f != nil {
		ctx = inFlight(ctx, f)
	}
	s.onError(ctx, key, err)
	return true
}
