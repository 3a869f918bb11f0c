package store

import (
	"context"
	"errors"
	"reflect"
	"time"

	"github.com/ring-go/ring/internal/fault"
	"github.com/ring-go/ring/internal/flight"
	"github.com/ring-go/ring/internal/fresh"
	"github.com/ring-go/ring/lrucache"
)

// runFunc computes the value of a key, in the flight f.
type runFunc func(f *flight.Flight) (any, error)

// GetOrRun returns the value of key: from the storage or, if it has none, from run,
// whose value it stores. Concurrent callers share one look-up and run. who identifies
// the caller if its key is partial, else 0.
func (s *Values) GetOrRun(ctx context.Context, key string, who flight.Goroutine, run runFunc, o *flight.Outcome) {
	if !s.Glance(ctx, key, o) {
		s.RunOrJoin(ctx, key, who, run, o)
	}
}

// Glance looks for a value before anything else is done about a call, where that is in
// memory.
func (s *Values) Glance(ctx context.Context, key string, o *flight.Outcome) (hit bool) {
	if s.Memory {
		o.Value, o.Hit = s.glance(ctx, key)
	}
	return o.Hit
}

// RunOrJoin is GetOrRun for a caller that has just looked for the value. Recursive
// functions pass through here, so the size of its frame matters.
func (s *Values) RunOrJoin(ctx context.Context, key string, who flight.Goroutine, run runFunc, o *flight.Outcome) {
	var l Lead
	if !s.Seek(ctx, key, who, &l, o) {
		return
	}
	defer l.Crash()
	o.Value, o.Err = run(l.flight)
	l.Land(o)
}

// landNow stores the value of a run and lands it, where that can be done in one go: in an
// LruCache, as it is.
func (s *Values) landNow(f *flight.Flight, o *flight.Outcome) bool {
	if !s.isPlain() {
		return false
	}
	value, err := s.fit(o.Value)
	if err != nil {
		return false
	}
	life, keep, err := s.lifeOf(f)
	if err != nil || !keep {
		return false
	}
	o.Ran = true
	landed := s.Flights.LandNow(f, o, value, life)
	if landed {
		o.MakeOwn()
	}
	return landed
}

// isPlain tells whether the values lie in an LruCache as they are.
func (s *Values) isPlain() bool { return s.LRU != nil && *s.Coder.Load() == nil }

// lookFor is the look-up of a flight. The value is missing unless it is a hit or an
// error.
func (s *Values) lookFor(ctx context.Context, f *flight.Flight, o *flight.Outcome) {
	if s.isPlain() {
		s.lookForPlain(ctx, f, o)
		return
	}
	if s.isBounded() {
		s.Flights.Looks(f, s.limit(ctx))
	}
	value, err := s.lookUp(ctx, f)
	s.looked(ctx, f, value, err, o)
}

// looked makes what the storage has answered the outcome of the look-up.
func (s *Values) looked(ctx context.Context, f *flight.Flight, value any, err error, o *flight.Outcome) {
	if err == nil {
		o.Value, o.Hit, o.Age = value, true, f.Base
		return
	}
	if o.Failed = !IsMiss(err); o.Failed && !s.failsOpen(ctx, f, f.Key, err) {
		o.Err, o.Abandoned = err, ended(ctx) != nil
		return
	}
	if !s.Memory { // another rope may have a limit
		s.Flights.Runs(f)
	}
}

// lookForPlain is lookFor where the values lie in an LruCache as they are.
func (s *Values) lookForPlain(ctx context.Context, f *flight.Flight, o *flight.Outcome) {
	if data, ok := s.getPlain(f, o); ok {
		s.takePlain(ctx, f, data, o)
	}
}

// takePlain makes a value of the LruCache the outcome, if it is a result of the function.
func (s *Values) takePlain(ctx context.Context, f *flight.Flight, data any, o *flight.Outcome) {
	value, err := s.fitStored(data)
	if err != nil {
		s.OnError(flight.Within(ctx, f), f.Key, replacing(err))
		return
	}
	o.Value, o.Hit = value, true
}

// getPlain gets a value from an LruCache, with its age where that matters.
func (s *Values) getPlain(f *flight.Flight, o *flight.Outcome) (data any, ok bool) {
	if !s.ages() {
		return s.LRU.Get(f.Key)
	}
	data, left, ok := s.LRU.GetLeft(f.Key)
	if ok {
		o.Age = &flight.Age{Left: left}
	}
	return data, ok
}

// lookUp is Get for a call that can run the function: a value that cannot be decoded is
// reported and missing.
func (s *Values) lookUp(ctx context.Context, f *flight.Flight) (any, error) {
	value, err := s.getIn(ctx, f)
	if err != nil && err != fault.ErrNotFound && errors.Is(err, fault.ErrCoder) {
		s.OnError(flight.Within(ctx, f), f.Key, replacing(err))
		return nil, fault.ErrNotFound
	}
	return value, err
}

// getIn is Get within a flight. What it finds is what the flight stores instead of.
func (s *Values) getIn(ctx context.Context, f *flight.Flight) (value any, err error) {
	if !s.ages() {
		return s.get(ctx, f.Key)
	}
	value, f.Base, err = s.getAged(ctx, f.Key)
	return value, err
}

// IsMiss tells a miss from a value that a coder could not decode because it did not find
// another value.
func IsMiss(err error) bool {
	return err == fault.ErrNotFound || errors.Is(err, fault.ErrNotFound) && !errors.Is(err, fault.ErrCoder)
}

// ran completes the outcome of a run. If there is nothing to wait for, it stores the
// value, but not after a failed look-up: the storage would not accept it either.
func (s *Values) ran(ctx context.Context, f *flight.Flight, o *flight.Outcome) {
	if o.Err != nil {
		o.Err = ofFunction(o.Err)
		o.Abandoned = !IsLate(o.Err) && (f.Left || ended(ctx) != nil)
		return
	}
	o.Ran = true
	if o.Failed || s.storesBehind(ctx) {
		return
	}
	data, err := s.Encode(o.Value)
	if s.note(ctx, f.Key, err) == nil {
		err = s.store(ctx, f, data)
	}
	if err != nil && !s.failsOpen(ctx, f, f.Key, err) {
		o.Err = err
	}
}

// landed ends the flight, after the store if that has not happened yet.
func (s *Values) landed(ctx context.Context, f *flight.Flight, o *flight.Outcome) {
	if o.Ran && !o.Failed && s.storesBehind(ctx) {
		o.Err = s.storeFlight(ctx, f, *o)
	} else {
		o.Abandoned = o.Abandoned || f.Voided // others may have come after the write
		s.Flights.Land(f, o)
	}
	o.MakeOwn()
}

// storeFlight stores the value of a flight and then lands the flight, which may be after
// the caller has gone.
func (s *Values) storeFlight(ctx context.Context, f *flight.Flight, o flight.Outcome) error {
	encoded := false
	defer func() {
		if !encoded { // the coder has ended the goroutine
			s.Flights.Land(f, &flight.Outcome{Abandoned: true})
		}
	}()
	data, err := s.encodeFor(ctx, f.Key, o.Value)
	encoded = true
	if err != nil {
		if s.failsOpen(ctx, f, f.Key, err) {
			err = nil
		}
		o.Err = err
		s.Flights.Land(f, &o)
		return err
	}
	f.InContext = true // do not reuse it: both the store and the caller know it
	s.Flights.Stores(f, o)
	return s.behind(ctx, f.Key, func(ctx context.Context) error {
		stored := o
		stored.Err = errGone
		defer func() { s.Flights.Land(f, &stored) }()
		if stored.Err = s.store(ctx, f, data); stored.Err != nil && s.failsOpen(ctx, f, f.Key, stored.Err) {
			stored.Err = nil
		}
		stored.Abandoned = f.Voided
		return stored.Err
	}, func() {})
}

// store writes the value of a run, unless something else was written meanwhile.
func (s *Values) store(ctx context.Context, f *flight.Flight, data any) error {
	if fresh, err := s.Flights.LockFresh(ctx, f); !fresh {
		s.voids(ctx, f, f.Lease != nil) // another process may have been first
		return err
	}
	defer s.Flights.Unlock(f.Key)
	return s.setFresh(ctx, f, data)
}

// setFresh is setRun, and notes a failure.
func (s *Values) setFresh(ctx context.Context, f *flight.Flight, data any) error {
	return s.note(ctx, f.Key, s.setRun(ctx, f, data))
}

// setRun is SetValue for the value of a run whose key is locked. If others write to a
// cache directly, only the cache can tell whether they did so at this moment, also if
// another storage embeds that of the cache.
func (s *Values) setRun(ctx context.Context, f *flight.Flight, data any) error {
	life, keep, err := s.lifeOf(f)
	switch {
	case err != nil || !keep:
		return err
	case f.Lease != nil:
		s.Flights.Retire(f) // others may write as soon as the lock is released
		stored, err := f.Lease.(Lease).Store(ctx, data, life, f.Base)
		s.voids(ctx, f, !stored && err == nil)
		return err
	case s.LRU != nil:
		s.LRU.SetSince(f.Key, data, life, f.Written)
		return nil
	case s.Flights.Cache() != nil:
		ctx = context.WithValue(ctx, sinceKey{}, since{s.Flights.Cache(), f.Written})
	case f.Base != nil && s.cond != nil:
		return s.replace(ctx, f, data, life)
	case f.Base != nil && f.Base.Absent:
		if adder, ok := s.Lock.Locker.(Adder); ok {
			_, err := adder.AddValue(ctx, f.Key, data, life)
			return err
		}
	}
	return s.Storage.SetValue(ctx, f.Key, data, life)
}

// sinceKey is the key of the since in a context that stores the value of a run.
type sinceKey struct{}

// since is what a run knows of a cache: the writes before the run began.
type since struct {
	cache  *lrucache.LruCache
	writes uint64
}

// SetSince stores a value in a cache by the rule of the run to which ctx belongs. It
// reports false if ctx belongs to none.
func SetSince(ctx context.Context, cache *lrucache.LruCache, key string, value any, expire time.Duration) bool {
	run, ok := ctx.Value(sinceKey{}).(since)
	if !ok || run.cache != cache {
		return false
	}
	cache.SetSince(key, value, expire, run.writes)
	return true
}

// follow waits for a flight that another call leads. It returns false if the flight has
// ended without an outcome for this caller, which then tries again. A caller that must not
// wait gets a flight of its own, in which it has to run the function.
func (s *Values) follow(ctx context.Context, f *flight.Flight, o *flight.Outcome) (apart *flight.Flight, ok bool) {
	if s.isNested(ctx, f) {
		return flight.NewApart(ctx, f.Key, s), true
	}
	limit := s.limit(ctx)
	err := s.Flights.Wait(ctx, f, limit)
	if err == flight.ErrSlow {
		err = &slowError{s.Place, limit}
	}
	switch {
	case err == nil, err == flight.ErrStoring:
	case err == fault.ErrRecursion && f.Leader() != 0, isSlow(err) && s.failsOpen(ctx, nil, f.Key, err):
		return flight.NewApart(ctx, f.Key, s), true
	default:
		*o = flight.Outcome{Err: err, Abandoned: ctx.Err() != nil}
		return nil, true
	}
	ends := s.Flights.OutcomeOf(f)
	switch {
	case ends.Abandoned, ends.Failed && ends.Err != nil && s.Open:
		return nil, false
	case !s.takes(f.Owner, &ends):
		s.Flights.MakeRoom(f)
		return nil, false
	}
	*o = ends.Shared()
	if err == flight.ErrStoring && ctx.Err() != nil { // as for the call that led the flight
		*o = flight.Outcome{Value: o.Value, Err: ctx.Err(), Ran: true}
	}
	return nil, true
}

// ofFunction marks the error of a run, if it is the function's own.
func ofFunction(err error) error {
	switch err.(type) {
	case *lateError, *fresh.Remembered, *fault.Unanswered:
		return err
	}
	return &flight.FunctionError{Err: err}
}

// takes reports whether the value of a flight, which another rope may have led, is a
// result of the function.
func (s *Values) takes(owner any, o *flight.Outcome) bool {
	if by := owner.(*Values); by == s || by.Type == s.Type || o.Err != nil {
		return true
	}
	switch {
	case s.Type == nil || o.Value == nil:
		return false
	case s.Type.Kind() == reflect.Interface:
		return reflect.TypeOf(o.Value).Implements(s.Type)
	}
	return reflect.TypeOf(o.Value) == s.Type
}

// failsOpen reports a failure of the storage to OnError, if the rope works without the
// storage. A context that has ended is not such a failure, nor is an error of the coder.
//
// f is the flight that the caller leads, if any: OnError may call the rope again.
func (s *Values) failsOpen(ctx context.Context, f *flight.Flight, key string, err error) bool {
	if !s.Open || ended(ctx) != nil || errors.Is(err, fault.ErrCoder) {
		return false
	}
	if f != nil {
		ctx = flight.Within(ctx, f)
	}
	s.OnError(ctx, key, err)
	return true
}
