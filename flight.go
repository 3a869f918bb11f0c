package ring

import (
	"context"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
)

// flights lets one of many callers do the work for a key, and orders the writes.
//
// A flight covers the look-up, the run and the store of one key. Every write to a
// key holds the key's lock, and at its end it detaches the flight that is running
// then: those who wait for it get its value, but the flight stores nothing, and
// whoever comes later starts anew and so sees what was written.
type flights struct {
	mu     sync.Mutex // guards keys, the spares and what their fields say
	keys   map[string]*keyState
	states spares[keyState]
	spare  spares[flight]
	writes atomic.Uint64 // writes that have ended
}

// spares are objects that nobody uses any more, for the next ones who need one.
type spares[T any] struct{ free []*T }

// maxSpares is more than there are calls at a time, as a rule.
const maxSpares = 64

func (s *spares[T]) take() *T {
	n := len(s.free) - 1
	if n < 0 {
		return new(T)
	}
	t := s.free[n]
	s.free = s.free[:n]
	return t
}

func (s *spares[T]) give(t *T) {
	if len(s.free) < maxSpares {
		*t = *new(T)
		s.free = append(s.free, t)
	}
}

// keyState is there while somebody is busy with a key. flights.mu guards it.
type keyState struct {
	refs    int // the flight, the writer and those who wait to write
	flight  *flight
	writing bool
	free    chan struct{} // closed when writing ends; nil while nobody waits
}

// flight is one run of the function.
type flight struct {
	key   string
	state *keyState     // the key's, which is there as long as the flight is in its place
	stale bool          // something was written meanwhile; flights.mu guards it
	ended bool          // flights.mu guards it
	known bool          // to others than its leader; flights.mu guards it
	done  chan struct{} // closed at the end; nil while nobody waits; flights.mu guards it

	outcome // set before ended

	outer     *flight         // the flight in whose run this one was started
	waits     map[*flight]int // those that it waits for, and how often; waiting guards it
	inContext bool            // a context knows the flight; the leader's, until ended
	left      bool            // the function's own context has ended; the leader's, until ended
}

// waiting guards who waits for whom, over all ropes: flights that wait for each other
// can belong to several. It is held only when a call within a run has to wait.
var waiting sync.Mutex

// outcome is how a flight ended.
type outcome struct {
	value     any
	hit       bool
	ran       bool // the function made the value, whatever became of the store
	err       error
	panicked  any  // what the function panicked with
	abandoned bool // the leader left without a result: its context, or Goexit
}

func (s *flights) state(key string) *keyState {
	st := s.keys[key]
	if st == nil {
		if s.keys == nil {
			s.keys = map[string]*keyState{}
		}
		st = s.states.take()
		s.keys[key] = st
	}
	st.refs++
	return st
}

func (s *flights) release(key string, st *keyState) {
	if st.refs--; st.refs == 0 {
		delete(s.keys, key)
		s.states.give(st)
	}
}

// join returns the key's flight, and whether the caller is to lead it.
func (s *flights) join(ctx context.Context, key string) (f *flight, leader bool) {
	outer := flightIn(ctx) // the caller's code, so not under the lock
	s.mu.Lock()
	defer s.mu.Unlock()
	st := s.state(key)
	if f = st.flight; f != nil {
		st.refs-- // the flight has its own
		f.known = true
		if f.done == nil && !f.ended {
			f.done = make(chan struct{})
		}
		return f, false
	}
	st.flight = s.spare.take()
	st.flight.key, st.flight.state, st.flight.outer = key, st, outer
	return st.flight, true
}

// end makes the outcome known. The flight stays in its place until leave.
func (s *flights) end(f *flight, o outcome) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.finish(f, o)
}

// finish is end with s.mu held.
func (s *flights) finish(f *flight, o outcome) {
	f.outcome, f.ended = o, true
	if f.done != nil {
		close(f.done)
	}
}

// leave takes the flight out of the way.
func (s *flights) leave(f *flight) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.clear(f)
}

// land is end and leave. A flight that nobody else knows is used again: the caller
// must not touch f any more.
func (s *flights) land(f *flight, o outcome) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.clear(f)
	if f.known || f.inContext {
		s.finish(f, o)
		return
	}
	s.spare.give(f)
}

// clear takes the flight out of the way. s.mu is held.
func (s *flights) clear(f *flight) {
	if f.state.flight == f {
		f.state.flight = nil
	}
	s.release(f.key, f.state)
}

// wait returns when f has ended or ctx is done. It refuses to wait for a flight
// that cannot end before the caller does.
func (s *flights) wait(ctx context.Context, f *flight) error {
	s.mu.Lock()
	done, ended := f.done, f.ended
	s.mu.Unlock()
	if ended {
		return nil
	}
	if own := flightIn(ctx); own != nil {
		if !own.startWaiting(f) {
			return ErrRecursion
		}
		defer own.stopWaiting(f)
	}
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// startWaiting notes that own, and every flight around it, waits for f. It refuses
// where f waits for one of them.
func (own *flight) startWaiting(f *flight) bool {
	waiting.Lock()
	defer waiting.Unlock()
	if own.isAwaitedBy(f, map[*flight]bool{}) {
		return false
	}
	for o := own; o != nil; o = o.outer {
		if o.waits == nil {
			o.waits = map[*flight]int{}
		}
		o.waits[f]++
	}
	return true
}

func (own *flight) stopWaiting(f *flight) {
	waiting.Lock()
	defer waiting.Unlock()
	for o := own; o != nil; o = o.outer {
		if o.waits[f]--; o.waits[f] == 0 {
			delete(o.waits, f)
		}
	}
}

// isAwaitedBy tells whether f is own or one around it, or waits for such a one.
func (own *flight) isAwaitedBy(f *flight, seen map[*flight]bool) bool {
	if seen[f] {
		return false
	}
	seen[f] = true
	for o := own; o != nil; o = o.outer {
		if o == f {
			return true
		}
	}
	for next := range f.waits {
		if own.isAwaitedBy(next, seen) {
			return true
		}
	}
	return false
}

type flightKey struct{}

// inFlight returns a context by which calls within the run of f find it. It is for
// the leader.
func inFlight(ctx context.Context, f *flight) context.Context {
	f.inContext = true
	return withFlight(ctx, f)
}

func withFlight(ctx context.Context, f *flight) context.Context {
	return context.WithValue(ctx, flightKey{}, f)
}

func flightIn(ctx context.Context) *flight {
	f, _ := ctx.Value(flightKey{}).(*flight)
	return f
}

// lock waits until nobody else writes to key.
func (s *flights) lock(ctx context.Context, key string) error {
	s.mu.Lock()
	st := s.state(key)
	for st.writing {
		if st.free == nil {
			st.free = make(chan struct{})
		}
		free := st.free
		s.mu.Unlock()
		select {
		case <-free:
			s.mu.Lock()
		case <-ctx.Done():
			s.mu.Lock()
			s.release(key, st)
			s.mu.Unlock()
			return ctx.Err()
		}
	}
	st.writing = true
	s.mu.Unlock()
	return nil
}

// lockFresh is lock for the key of a flight, unless something was written since that
// began.
func (s *flights) lockFresh(ctx context.Context, f *flight) (fresh bool, err error) {
	s.mu.Lock()
	if st := f.state; !st.writing {
		if fresh = !f.stale; fresh {
			st.writing = true
			st.refs++
		}
		s.mu.Unlock()
		return fresh, nil
	}
	s.mu.Unlock()
	if err := s.lock(ctx, f.key); err != nil {
		return false, err
	}
	if s.isStale(f) {
		s.unlockUnused(f.key)
		return false, nil
	}
	return true, nil
}

// unlock ends a write and detaches the flight that is running.
func (s *flights) unlock(key string) {
	s.writes.Add(1)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.detach(key)
}

// detach is unlock with s.mu held.
func (s *flights) detach(key string) {
	st := s.keys[key]
	if st.flight != nil {
		st.flight.stale = true
		st.flight = nil
	}
	s.free(key, st)
}

// unlockUnused is unlock for a key that nothing was written to.
func (s *flights) unlockUnused(key string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.free(key, s.keys[key])
}

// free lets the next writer in. s.mu is held.
func (s *flights) free(key string, st *keyState) {
	st.writing = false
	if st.free != nil {
		close(st.free)
		st.free = nil
	}
	s.release(key, st)
}

// lockAll locks each key once. It returns what it has locked.
func (s *flights) lockAll(ctx context.Context, keys []string) ([]string, error) {
	if s.tryLockAll(keys) {
		return keys, nil
	}
	order := distinct(keys) // in which two callers cannot block each other
	for i, key := range order {
		if err := s.lock(ctx, key); err != nil {
			for _, key := range order[:i] {
				s.unlockUnused(key)
			}
			return nil, err
		}
	}
	return order, nil
}

// tryLockAll locks all keys at once, unless somebody writes to one of them. A
// repetition is such a writer, too.
func (s *flights) tryLockAll(keys []string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, key := range keys {
		st := s.state(key)
		if st.writing {
			s.release(key, st)
			for _, key := range keys[:i] {
				s.free(key, s.keys[key])
			}
			return false
		}
		st.writing = true
	}
	return true
}

// unlockAll unlocks what lockAll has locked.
func (s *flights) unlockAll(locked []string) {
	s.writes.Add(1)
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, key := range locked {
		s.detach(key)
	}
}

func distinct(keys []string) []string {
	return slices.Compact(slices.Sorted(slices.Values(keys)))
}

// isStale tells whether something was written since the flight began. The key is
// locked, so that nothing is being written now.
func (s *flights) isStale(f *flight) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return f.stale
}

// runFunc makes the value of a key, in the flight f.
type runFunc func(f *flight) (any, error)

// getOrRun returns the value of key: from the storage or, when it has none, from
// run, whose value it stores. Of concurrent callers one looks and runs. glanced tells
// that the caller has just looked by himself.
func (s *BaseStorage) getOrRun(ctx context.Context, key string, glanced bool, run runFunc) outcome {
	if !glanced {
		if value, ok := s.glance(ctx, key); ok {
			return outcome{value: value, hit: true}
		}
	}
	for {
		f, leader := s.flights.join(ctx, key)
		if leader {
			return s.lead(ctx, f, run).own()
		}
		if err := s.flights.wait(ctx, f); err != nil {
			return outcome{err: err}
		}
		if o := f.shared(); !o.abandoned {
			return o
		}
	}
}

// shared is the outcome for one who waited. He had a hit if there was something to
// have: the function did not run for him.
func (o outcome) shared() outcome {
	if o.panicked != nil {
		panic(o.panicked)
	}
	o.hit = o.err == nil
	return o.own()
}

// own is the outcome for one of several callers: what he does to a Tuple is not the
// others' business.
func (o outcome) own() outcome {
	if tuple, ok := o.value.(Tuple); ok {
		o.value = slices.Clone(tuple)
	}
	return o
}

// lead does the work of a flight. However it ends, the flight ends.
func (s *BaseStorage) lead(ctx context.Context, f *flight, run runFunc) outcome {
	o := s.guard(ctx, f, func() outcome {
		value, err := s.lookUp(ctx, f)
		if err == nil {
			return outcome{value: value, hit: true}
		}
		failed := !isMiss(err)
		if failed && !s.failsOpen(ctx, f, f.key, err) {
			return outcome{err: err}
		}
		if value, err = run(f); err != nil {
			return outcome{value: value, err: err}
		}
		if failed { // nor would it store the value
			return outcome{value: value, ran: true}
		}
		if err = s.store(ctx, f, value); err != nil && s.failsOpen(ctx, f, f.key, err) {
			err = nil
		}
		return outcome{value: value, ran: true, err: err}
	})
	s.flights.land(f, o)
	return o
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

// guard returns what do returns. When do does not return, it ends f.
func (s *BaseStorage) guard(ctx context.Context, f *flight, do func() outcome) outcome {
	returned := false
	defer func() {
		if returned {
			return
		}
		// Goexit is no panic: recover finds nothing.
		if r := recover(); r != nil {
			s.flights.land(f, outcome{panicked: r})
			panic(r)
		}
		s.flights.land(f, outcome{abandoned: true})
	}()
	o := do()
	o.abandoned = o.err != nil && (f.left || ended(ctx) != nil)
	returned = true
	return o
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

// store keeps the value of a flight, unless something else was written meanwhile.
func (s *BaseStorage) store(ctx context.Context, f *flight, value any) error {
	data, err := s.encodeFor(ctx, value)
	if err != nil {
		return err
	}
	if fresh, err := s.flights.lockFresh(ctx, f); !fresh {
		return err
	}
	return s.setLockedValue(ctx, f.key, data, s.expire)
}

// getOrRunMany is getOrRun for several keys, with one look-up and one store for all
// of them. run is called for one key after the other; equal keys share one run.
//
// A flight whose run has ended stays in its place until all values are stored, so
// that nobody runs it again meanwhile. No flight is begun before its turn: what run
// does may need the keys that are still to come.
//
// contextOf is the context of an element, by which it waits and runs. The look-up and
// the store go by ctx.
func (s *BaseStorage) getOrRunMany(ctx context.Context, keys []string, contextOf func(i int) context.Context, run func(f *flight, i int) (any, error)) []outcome {
	writes := s.flights.writes.Load()
	outcomes, err := s.lookUpMany(ctx, keys)
	failed := err != nil
	switch {
	case failed && !s.failsOpen(ctx, nil, "", err):
		return slices.Repeat([]outcome{{err: err}}, len(keys))
	case failed:
		outcomes = slices.Repeat([]outcome{{err: ErrNotFound}}, len(keys))
	}
	if !slices.ContainsFunc(outcomes, func(o outcome) bool { return !o.hit }) {
		return outcomes
	}

	var led []element
	defer func() {
		for _, e := range led {
			s.flights.leave(e.flight)
		}
	}()
	first := make(map[string]int) // where each key that is missing was run
	same := make([]int, len(keys))
	for i, key := range keys {
		same[i] = i
		if outcomes[i].hit {
			continue
		}
		// An element whose own context has ended fails only itself.
		if f, ok := first[key]; ok && !outcomes[f].abandoned {
			same[i] = f
			continue
		}
		if errors.Is(outcomes[i].err, ErrCoder) {
			s.onError(ctx, key, outcomes[i].err)
		}
		first[key] = i
		outcomes[i] = s.runOne(contextOf(i), key, i, writes, &led, func(f *flight) (any, error) { return run(f, i) })
	}
	if !failed { // else nor would it store the values
		s.storeAll(ctx, led, outcomes)
	}
	for i, f := range same {
		if f != i {
			outcomes[i] = outcomes[f].shared()
		}
	}
	return outcomes
}

// element is a flight whose value is to be stored, and its place in a bulk call.
type element struct {
	flight *flight
	place  int
}

// runOne makes the value of one key of a bulk call that was not found when writes
// writes had ended. A flight whose value is to be stored is appended to led.
func (s *BaseStorage) runOne(ctx context.Context, key string, place int, writes uint64, led *[]element, run runFunc) outcome {
	for {
		if err := ctx.Err(); err != nil {
			return outcome{err: err, abandoned: true}
		}
		f, leader := s.flights.join(ctx, key)
		if leader {
			o, pending := s.leadOne(ctx, f, writes, run)
			if pending {
				*led = append(*led, element{f, place})
			}
			return o.own()
		}
		if err := s.flights.wait(ctx, f); err != nil {
			return outcome{err: err, abandoned: ctx.Err() != nil}
		}
		if o := f.shared(); !o.abandoned {
			return o
		}
	}
}

// leadOne is lead without the store. It reports whether there is something to
// store; the flight is then left in its place.
func (s *BaseStorage) leadOne(ctx context.Context, f *flight, writes uint64, run runFunc) (o outcome, pending bool) {
	o = s.guard(ctx, f, func() outcome {
		// Whoever wrote since the look-up may have written this key.
		if s.flights.writes.Load() != writes {
			if value, err := s.lookUp(ctx, f); err == nil {
				return outcome{value: value, hit: true}
			}
		}
		value, err := run(f)
		return outcome{value: value, err: err, ran: err == nil}
	})
	if o.err != nil || o.hit {
		s.flights.land(f, o)
		return o, false
	}
	s.flights.end(f, o)
	return o, true
}

// storeAll stores the values of the flights in one go, but for those whose key was
// written to meanwhile.
func (s *BaseStorage) storeAll(ctx context.Context, led []element, outcomes []outcome) {
	if len(led) == 0 {
		return
	}
	keys := make([]string, len(led))
	for i, e := range led {
		keys[i] = e.flight.key
	}
	if _, err := s.flights.lockAll(ctx, keys); err != nil {
		for _, e := range led {
			s.notStored(ctx, &outcomes[e.place], e.flight.key, err)
		}
		return
	}
	var (
		fresh  []string
		values []any
		places []int
	)
	for _, e := range led {
		if s.flights.isStale(e.flight) {
			s.flights.unlockUnused(e.flight.key)
			continue
		}
		fresh, values, places = append(fresh, e.flight.key), append(values, e.flight.value), append(places, e.place)
	}
	if len(fresh) == 0 {
		return
	}
	for i, err := range s.setLocked(ctx, fresh, values, s.expire, fresh) {
		if err != nil {
			s.notStored(ctx, &outcomes[places[i]], fresh[i], err)
		}
	}
}

func (s *BaseStorage) notStored(ctx context.Context, o *outcome, key string, err error) {
	if !s.failsOpen(ctx, nil, key, err) {
		o.err = err
	}
}
