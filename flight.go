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
	mu     sync.Mutex // guards keys and what its fields say
	keys   map[string]*keyState
	writes atomic.Uint64 // writes that have ended
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
	stale bool          // something was written meanwhile; flights.mu guards it
	ended bool          // flights.mu guards it
	done  chan struct{} // closed at the end; nil while nobody waits; flights.mu guards it

	outcome // set before ended

	outer *flight         // the flight in whose run this one was started
	waits map[*flight]int // those that it waits for, and how often; waiting guards it
	left  bool            // the function's own context has ended; the leader's, until ended
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
		st = &keyState{}
		s.keys[key] = st
	}
	st.refs++
	return st
}

func (s *flights) release(key string, st *keyState) {
	if st.refs--; st.refs == 0 {
		delete(s.keys, key)
	}
}

// join returns the key's flight, and whether the caller is to lead it.
func (s *flights) join(ctx context.Context, key string) (f *flight, leader bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if st := s.keys[key]; st != nil && st.flight != nil {
		f = st.flight
		if f.done == nil && !f.ended {
			f.done = make(chan struct{})
		}
		return f, false
	}
	st := s.state(key)
	st.flight = &flight{key: key, outer: flightIn(ctx)}
	return st.flight, true
}

// end makes the outcome known. The flight stays in its place until leave.
func (s *flights) end(f *flight, o outcome) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f.outcome, f.ended = o, true
	if f.done != nil {
		close(f.done)
	}
}

// leave takes the flight out of the way.
func (s *flights) leave(f *flight) {
	s.mu.Lock()
	defer s.mu.Unlock()
	st := s.keys[f.key]
	if st.flight == f {
		st.flight = nil
	}
	s.release(f.key, st)
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

// inFlight returns a context by which calls within the run of f find it.
func inFlight(ctx context.Context, f *flight) context.Context {
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

// unlock ends a write and detaches the flight that is running.
func (s *flights) unlock(key string) {
	s.writes.Add(1)
	s.mu.Lock()
	defer s.mu.Unlock()
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

// lockAll locks each key once, in an order in which two callers cannot block each
// other.
func (s *flights) lockAll(ctx context.Context, keys []string) error {
	locked := 0
	order := distinct(keys)
	for _, key := range order {
		if err := s.lock(ctx, key); err != nil {
			for _, key := range order[:locked] {
				s.unlockUnused(key)
			}
			return err
		}
		locked++
	}
	return nil
}

func (s *flights) unlockAll(keys []string) {
	for _, key := range distinct(keys) {
		s.unlock(key)
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
// run, whose value it stores. Of concurrent callers one looks and runs.
func (s *BaseStorage) getOrRun(ctx context.Context, key string, run runFunc) outcome {
	if value, ok := s.glance(ctx, key); ok {
		return outcome{value: value, hit: true}
	}
	for {
		f, leader := s.flights.join(ctx, key)
		if leader {
			s.lead(ctx, f, run)
			return f.own()
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
func (s *BaseStorage) lead(ctx context.Context, f *flight, run runFunc) {
	defer s.flights.leave(f)
	s.guard(ctx, f, func() outcome {
		value, err := s.lookUp(ctx, f)
		if err == nil {
			return outcome{value: value, hit: true}
		}
		failed := !isMiss(err)
		if failed && !s.failsOpen(ctx, f.key, err) {
			return outcome{err: err}
		}
		if value, err = run(f); err != nil {
			return outcome{value: value, err: err}
		}
		if failed { // nor would it store the value
			return outcome{value: value, ran: true}
		}
		if err = s.store(ctx, f, value); err != nil && s.failsOpen(ctx, f.key, err) {
			err = nil
		}
		return outcome{value: value, ran: true, err: err}
	})
}

// failsOpen reports a failure of the storage, if the rope goes on without it. A
// context that has ended is the caller's own failure, and one of a coder the
// value's.
func (s *BaseStorage) failsOpen(ctx context.Context, key string, err error) bool {
	if !s.open || ctx.Err() != nil || errors.Is(err, ErrCoder) {
		return false
	}
	s.onError(ctx, key, err)
	return true
}

// guard ends f with what do returns, also when do does not return.
func (s *BaseStorage) guard(ctx context.Context, f *flight, do func() outcome) {
	returned := false
	defer func() {
		if returned {
			return
		}
		// Goexit is no panic: recover finds nothing.
		if r := recover(); r != nil {
			s.flights.end(f, outcome{panicked: r})
			panic(r)
		}
		s.flights.end(f, outcome{abandoned: true})
	}()
	o := do()
	returned = true
	o.abandoned = o.err != nil && (f.left || ctx.Err() != nil)
	s.flights.end(f, o)
}

// lookUp is Get for a call that can make the value: what cannot be decoded is
// reported and missing.
func (s *BaseStorage) lookUp(ctx context.Context, f *flight) (any, error) {
	value, err := s.Get(ctx, f.key)
	if errors.Is(err, ErrCoder) {
		s.onError(inFlight(ctx, f), f.key, err)
		return nil, ErrNotFound
	}
	return value, err
}

// isMiss tells a miss from a value that a coder could not make for want of another
// one.
func isMiss(err error) bool {
	return errors.Is(err, ErrNotFound) && !errors.Is(err, ErrCoder)
}

// store keeps the value of a flight, unless something else was written meanwhile.
func (s *BaseStorage) store(ctx context.Context, f *flight, value any) error {
	data, err := s.encode(value)
	if err != nil {
		return err
	}
	if err := s.flights.lock(ctx, f.key); err != nil {
		return err
	}
	if s.flights.isStale(f) {
		s.flights.unlockUnused(f.key)
		return nil
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
	first := make(map[string]int, len(keys))
	var unique []string
	for i, key := range keys {
		if _, ok := first[key]; !ok {
			first[key] = i
			unique = append(unique, key)
		}
	}
	outcomes := make([]outcome, len(keys))
	writes := s.flights.writes.Load()
	known, err := s.lookUpMany(ctx, unique)
	failed := err != nil
	if failed && !s.failsOpen(ctx, "", err) {
		for i := range outcomes {
			outcomes[i].err = err
		}
		return outcomes
	}
	if failed {
		known = slices.Repeat([]found{{err: ErrNotFound}}, len(unique))
	}

	var led []*flight
	defer func() {
		for _, f := range led {
			s.flights.leave(f)
		}
	}()
	runElement := func(i int) outcome {
		return s.runOne(contextOf(i), keys[i], writes, &led, func(f *flight) (any, error) { return run(f, i) })
	}
	for n, key := range unique {
		i := first[key]
		switch k := known[n]; {
		case k.err == nil:
			outcomes[i] = outcome{value: k.value, hit: true}
			continue
		case errors.Is(k.err, ErrCoder):
			s.onError(ctx, key, k.err)
		}
		outcomes[i] = runElement(i)
	}
	for i, key := range keys {
		// An element whose own context has ended fails only itself.
		if first[key] != i && outcomes[first[key]].abandoned {
			first[key] = i
			outcomes[i] = runElement(i)
		}
	}
	if !failed {
		s.storeAll(ctx, led, outcomes, first)
	}
	for i, key := range keys {
		if f := first[key]; f < i {
			outcomes[i] = outcomes[f].shared()
		}
	}
	return outcomes
}

// runOne makes the value of one key of a bulk call that was not found when writes
// writes had ended. A flight whose value is to be stored is appended to led.
func (s *BaseStorage) runOne(ctx context.Context, key string, writes uint64, led *[]*flight, run runFunc) outcome {
	for {
		if err := ctx.Err(); err != nil {
			return outcome{err: err, abandoned: true}
		}
		f, leader := s.flights.join(ctx, key)
		if leader {
			if s.leadOne(ctx, f, writes, run) {
				*led = append(*led, f)
			}
			return f.own()
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
func (s *BaseStorage) leadOne(ctx context.Context, f *flight, writes uint64, run runFunc) (pending bool) {
	defer func() {
		if !pending {
			s.flights.leave(f)
		}
	}()
	s.guard(ctx, f, func() outcome {
		// Whoever wrote since the look-up may have written this key.
		if s.flights.writes.Load() != writes {
			if value, err := s.lookUp(ctx, f); err == nil {
				return outcome{value: value, hit: true}
			}
		}
		value, err := run(f)
		return outcome{value: value, err: err, ran: err == nil}
	})
	return f.err == nil && !f.hit
}

// storeAll stores the values of the flights in one go, but for those whose key was
// written to meanwhile.
func (s *BaseStorage) storeAll(ctx context.Context, led []*flight, outcomes []outcome, first map[string]int) {
	var keys []string
	for _, f := range led {
		keys = append(keys, f.key)
	}
	if len(keys) == 0 {
		return
	}
	if err := s.flights.lockAll(ctx, keys); err != nil {
		for _, key := range keys {
			s.notStored(ctx, &outcomes[first[key]], key, err)
		}
		return
	}
	var fresh []string
	var values []any
	for _, f := range led {
		if s.flights.isStale(f) {
			s.flights.unlockUnused(f.key)
			continue
		}
		fresh, values = append(fresh, f.key), append(values, f.value)
	}
	if len(fresh) == 0 {
		return
	}
	for i, err := range s.setLocked(ctx, fresh, values, s.expire) {
		if err != nil {
			s.notStored(ctx, &outcomes[first[fresh[i]]], fresh[i], err)
		}
	}
}

func (s *BaseStorage) notStored(ctx context.Context, o *outcome, key string, err error) {
	if !s.failsOpen(ctx, key, err) {
		o.err = err
	}
}
