package store

import (
	"context"
	"errors"
	"reflect"
	"runtime"
	"strings"
	"time"

	"github.com/ring-go/ring/internal/fault"
	"github.com/ring-go/ring/internal/flight"
	"github.com/ring-go/ring/lrucache"
)

// runFunc makes the value of a key, in the flight f.
type runFunc func(f *flight.Flight) (any, error)

// GetOrRun returns the value of key: from the storage or, when it has none, from
// run, whose value it stores. Of concurrent callers one looks and runs. who is the caller,
// where its key is partial; else 0.
func (s *Values) GetOrRun(ctx context.Context, key string, who flight.Goroutine, run runFunc, o *flight.Outcome) {
	if !s.Glance(ctx, key, o) {
		s.RunOrJoin(ctx, key, who, run, o)
	}
}

// Glance looks for a value before anything else is done about a call.
func (s *Values) Glance(ctx context.Context, key string, o *flight.Outcome) (hit bool) {
	o.Value, o.Hit = s.glance(ctx, key)
	return o.Hit
}

// RunOrJoin is GetOrRun for a caller that has just looked by itself. Recursive functions
// pass through here: what a frame holds counts.
func (s *Values) RunOrJoin(ctx context.Context, key string, who flight.Goroutine, run runFunc, o *flight.Outcome) {
	for {
		f, leader := s.Flights.Join(ctx, key, s, who)
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
func (s *Values) lead(ctx context.Context, f *flight.Flight, run runFunc, o *flight.Outcome) {
	returned := false
	defer s.crash(f, &returned)
	if s.lookFor(ctx, f, o); !o.Hit && o.Err == nil {
		o.Value, o.Err = run(f)
		if returned = o.Err == nil && s.landNow(f, o); returned {
			return
		}
		s.ran(ctx, f, o)
	}
	returned = true
	s.landed(ctx, f, o)
}

// landNow stores the value of a run and lands it, where that can be done in one go: in an
// LruCache, as it is.
func (s *Values) landNow(f *flight.Flight, o *flight.Outcome) bool {
	if !s.isPlain() {
		return false
	}
	value, err := s.Fit(o.Value)
	if err != nil {
		return false
	}
	o.Ran = true
	landed := s.Flights.LandNow(f, *o, value, s.Expire)
	if landed {
		*o = o.Own()
	}
	return landed
}

// isPlain tells whether the values lie in an LruCache as they are.
func (s *Values) isPlain() bool { return s.LRU != nil && *s.Coder.Load() == nil }

// crash ends a flight whose leader does not return.
func (s *Values) crash(f *flight.Flight, returned *bool) {
	if *returned {
		return
	}
	// Goexit is no panic: recover finds nothing.
	if r := recover(); r != nil {
		s.Flights.Land(f, flight.Outcome{Err: &flight.Panicked{Value: r}})
		panic(r)
	}
	s.Flights.Land(f, flight.Outcome{Abandoned: true})
}

// lookFor is the look-up of a flight. What is neither a hit nor an error is missing.
func (s *Values) lookFor(ctx context.Context, f *flight.Flight, o *flight.Outcome) {
	if s.isPlain() {
		s.lookForPlain(ctx, f, o)
		return
	}
	if s.isBounded() {
		s.Flights.Looks(f, s.limit(ctx))
	}
	value, err := s.lookUp(ctx, f)
	if err == nil {
		o.Value, o.Hit = value, true
		return
	}
	if o.Failed = !IsMiss(err); o.Failed && !s.failsOpen(ctx, f, f.Key, err) {
		o.Err, o.Abandoned = err, ended(ctx) != nil
		return
	}
	if !s.Memory { // another rope can be bounded
		s.Flights.Runs(f)
	}
}

// lookForPlain is lookFor where the values lie in an LruCache as they are.
func (s *Values) lookForPlain(ctx context.Context, f *flight.Flight, o *flight.Outcome) {
	data, ok := s.LRU.Get(f.Key)
	if !ok {
		return
	}
	value, err := s.fitStored(data)
	if err != nil {
		s.OnError(flight.Within(ctx, f), f.Key, err)
		return
	}
	o.Value, o.Hit = value, true
}

// lookUp is Get for a call that can make the value: what cannot be decoded is
// reported and missing.
func (s *Values) lookUp(ctx context.Context, f *flight.Flight) (any, error) {
	value, err := s.Get(ctx, f.Key)
	if err != nil && err != fault.ErrNotFound && errors.Is(err, fault.ErrCoder) {
		s.OnError(flight.Within(ctx, f), f.Key, err)
		return nil, fault.ErrNotFound
	}
	return value, err
}

// IsMiss tells a miss from a value that a coder could not make for want of another
// one.
func IsMiss(err error) bool {
	return err == fault.ErrNotFound || errors.Is(err, fault.ErrNotFound) && !errors.Is(err, fault.ErrCoder)
}

// ran completes the outcome of a run. Where there is nothing to wait for it stores the
// value, but not after a look-up that failed: nor would the storage take it.
func (s *Values) ran(ctx context.Context, f *flight.Flight, o *flight.Outcome) {
	if o.Err != nil {
		o.Abandoned = f.Left || ended(ctx) != nil
		o.Err = &flight.FunctionError{Err: o.Err}
		return
	}
	o.Ran = true
	if o.Failed || s.storesBehind(ctx) {
		return
	}
	data, err := s.Encode(o.Value)
	if err == nil {
		err = s.store(ctx, f, data)
	}
	if err != nil && !s.failsOpen(ctx, f, f.Key, err) {
		o.Err = err
	}
}

// landed ends the flight, after the store where that has yet to come.
func (s *Values) landed(ctx context.Context, f *flight.Flight, o *flight.Outcome) {
	if o.Ran && !o.Failed && s.storesBehind(ctx) {
		o.Err = s.storeFlight(ctx, f, *o)
	} else {
		s.Flights.Land(f, *o)
	}
	*o = o.Own()
}

// storeFlight stores the value of a flight, and lands it when that is done, which can be
// after the caller has left.
func (s *Values) storeFlight(ctx context.Context, f *flight.Flight, o flight.Outcome) error {
	encoded := false
	defer func() {
		if !encoded { // the coder has ended the goroutine
			s.Flights.Land(f, flight.Outcome{Abandoned: true})
		}
	}()
	data, err := s.encodeFor(ctx, o.Value)
	encoded = true
	if err != nil {
		if s.failsOpen(ctx, f, f.Key, err) {
			err = nil
		}
		o.Err = err
		s.Flights.Land(f, o)
		return err
	}
	f.InContext = true // it is not used again: both the store and the caller know it
	s.Flights.Stores(f, o)
	return s.behind(ctx, f.Key, func(ctx context.Context) error {
		stored := o
		stored.Err = errGone
		defer func() { s.Flights.Land(f, stored) }()
		if stored.Err = s.store(ctx, f, data); stored.Err != nil && s.failsOpen(ctx, f, f.Key, stored.Err) {
			stored.Err = nil
		}
		return stored.Err
	}, func() {})
}

// store writes what was made in a run, unless something else was written meanwhile.
func (s *Values) store(ctx context.Context, f *flight.Flight, data any) error {
	if fresh, err := s.Flights.LockFresh(ctx, f); !fresh {
		return err
	}
	defer s.Flights.Unlock(f.Key)
	return s.setFresh(ctx, f, data)
}

// setFresh is SetValue for the value of a run, whose key is locked. Of a cache that
// others write to, it alone can tell whether they did so in this moment, also where
// another storage embeds that of the cache.
func (s *Values) setFresh(ctx context.Context, f *flight.Flight, data any) error {
	switch {
	case s.LRU != nil:
		s.LRU.SetSince(f.Key, data, s.Expire, f.Written)
		return nil
	case s.Flights.Cache() != nil:
		ctx = context.WithValue(ctx, sinceKey{}, since{s.Flights.Cache(), f.Written})
	}
	return s.Storage.SetValue(ctx, f.Key, data, s.Expire)
}

// sinceKey is where a context that stores the value of a run has its since.
type sinceKey struct{}

// since is what a run knows of a cache: the writes before it began.
type since struct {
	cache  *lrucache.LruCache
	writes uint64
}

// SetSince stores a value in a cache as the run asks for that ctx is of, if it is one.
func SetSince(ctx context.Context, cache *lrucache.LruCache, key string, value any, expire time.Duration) bool {
	run, ok := ctx.Value(sinceKey{}).(since)
	if !ok || run.cache != cache {
		return false
	}
	cache.SetSince(key, value, expire, run.writes)
	return true
}

// follow waits for a flight that another call leads. It reports false when the flight has
// ended without an outcome for this caller, which tries again.
func (s *Values) follow(ctx context.Context, f *flight.Flight, run runFunc, o *flight.Outcome) (ok bool) {
	if s.isNested(ctx, f) {
		s.runApart(ctx, f, run, o)
		return true
	}
	limit := s.limit(ctx)
	err := s.Flights.Wait(ctx, f, limit)
	if err == flight.ErrSlow {
		err = &slowError{limit}
	}
	switch {
	case err == nil, err == flight.ErrStoring:
	case err == fault.ErrRecursion && f.Leader != 0, isSlow(err) && s.failsOpen(ctx, nil, f.Key, err):
		s.runApart(ctx, f, run, o)
		return true
	default:
		*o = flight.Outcome{Err: err, Abandoned: ctx.Err() != nil}
		return true
	}
	ends := s.Flights.OutcomeOf(f)
	switch {
	case ends.Abandoned, ends.Failed && ends.Err != nil && s.Open:
		return false
	case !s.takes(f.Owner, &ends):
		s.Flights.MakeRoom(f)
		return false
	}
	*o = ends.Shared()
	if err == flight.ErrStoring && ctx.Err() != nil { // as for the call that made it
		*o = flight.Outcome{Value: o.Value, Err: ctx.Err(), Ran: true}
	}
	return true
}

// isNested tells whether the caller is within the run of f, for which it must not wait. A
// function that calls itself with the same key is an error, unless the key is partial: what
// it leaves out can end the recursion.
func (s *Values) isNested(ctx context.Context, f *flight.Flight) bool {
	foreign := f.Owner != any(s)
	if flight.FlightIn(ctx).IsWithin(f) {
		return f.Leader != 0 || foreign
	}
	if f.Leader == 0 && !foreign || s.Flights.HasEnded(f) {
		return false
	}
	return f.Leader != 0 && f.Leader == flight.CurrentGoroutine() || foreign && inRun()
}

// runApart runs the function for one caller, beside the flight f of its key. It stores
// nothing.
func (s *Values) runApart(ctx context.Context, f *flight.Flight, run runFunc, o *flight.Outcome) {
	o.Value, o.Err = run(flight.NewApart(ctx, f.Key, s))
	if o.Ran = o.Err == nil; !o.Ran {
		o.Err = &flight.FunctionError{Err: o.Err}
	}
}

// takes tells whether the value of a flight, which another rope can have led, is a result
// of the function.
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

// failsOpen reports a failure of the storage, if the rope goes on without it. A
// context that has ended is the caller's own failure, and one of a coder the
// value's.
//
// f is the flight that the caller leads, if any: what is reported to may call again.
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
			if frame, more = frames.Next(); leads(frame.Function) {
				return true
			}
		}
	}
}

// leads tells whether a function of that name runs what others wait for.
func leads(function string) bool {
	return strings.HasSuffix(function, ".(*Values).lead") || strings.HasSuffix(function, ".(*bulkRun).leadOne")
}
