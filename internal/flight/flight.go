// Package flight lets one of many callers do the work for a key, and orders the writes.
package flight

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/ring-go/ring/internal/pyvalue"
	"github.com/ring-go/ring/lrucache"
)

// Table lets one of many callers do the work for a key, and orders the writes. All ropes
// over one backend share a Table.
//
// A flight covers the look-up, the run and the store of one key. Every write to a key
// holds the key's lock. At its end it detaches the running flight: those who wait for
// the flight get its value, but the flight does not store it, and a later caller starts
// a new one and so sees what was written. A write from a run that began before the
// flight does not detach it.
//
// An update is a flight that nobody joins; the same rules apply.
type Table struct {
	cache   *lrucache.LruCache // the backend, if it is one: others can write to it directly
	backend any                // kept alive, because its address identifies it

	Mu     sync.Mutex // guards what follows, except writes
	Keys   map[string]*keyState
	states spares[keyState]
	spare  spares[Flight]
	began  uint64        // runs that have begun
	writes atomic.Uint64 // writes that have ended
}

// NewTable returns the flights of a backend, which is cache unless cache is nil.
func NewTable(backend any, cache *lrucache.LruCache) *Table {
	return &Table{backend: backend, cache: cache}
}

// Cache returns the backend if it is an LruCache, or the one that a storage embeds, or
// nil.
func (s *Table) Cache() *lrucache.LruCache { return s.cache }

// spares are unused objects, for reuse.
type spares[T any] struct{ free []*T }

// maxSpares is more than the usual number of concurrent calls.
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

// keyState exists while a key is in use. Table.Mu guards it.
type keyState struct {
	refs    int // the flight, the updates, the writer and those who wait to write
	flight  *Flight
	updates *Flight // the first of the running updates
	writing bool
	author  uint64        // the run whose value is being written; 0: a value given by a caller
	free    chan struct{} // closed when writing ends; nil while nobody waits
}

// Flight is one run of the function.
type Flight struct {
	Key     string
	state   *keyState     // of the key; it exists as long as the flight is in its place
	Owner   any           // who led it
	began   uint64        // its place among the runs
	Written uint64        // writes to the cache by others when it began
	Leader  Goroutine     // 0: no call needed to know
	next    *Flight       // among the updates of the key; Table.Mu guards it
	givesUp time.Time     // the end of its patience with the look-up; zero: no limit; Table.Mu guards it
	phase   phase         // how far it has come; Table.Mu guards it
	made    chan struct{} // closed when the phase is storing; nil while nobody waits for that; Table.Mu guards it
	stale   bool          // something was written meanwhile; Table.Mu guards it
	ended   bool          // Table.Mu guards it
	known   bool          // others than its leader know it; Table.Mu guards it
	done    chan struct{} // closed at the end; nil while nobody waits; Table.Mu guards it

	Outcome // set before ended

	outer     *Flight         // the flight in whose run this flight was started
	waits     map[*Flight]int // the flights that it waits for, and how often; waiting guards it
	InContext bool            // a context refers to the flight; only the leader uses it, until ended
	Left      bool            // the function's own context has ended; only the leader uses it, until ended
}

// Outcome is how a flight ended.
type Outcome struct {
	Value     any
	Err       error
	Hit       bool
	Ran       bool // the function returned the value, whether it was stored or not
	Failed    bool // err is the storage's: the look-up failed
	Abandoned bool // the leader ended without a result: by its context, or Goexit
}

// FunctionError marks the function's own error while it passes through a flight.
type FunctionError struct{ Err error }

func (e *FunctionError) Error() string { return e.Err.Error() }

// Panicked is the error of a flight whose function panicked.
type Panicked struct{ Value any }

func (*Panicked) Error() string { return "the function panicked" }

// Shared returns the outcome for a caller that waited. If there is a value it is a hit:
// the function did not run for that caller.
func (o Outcome) Shared() Outcome {
	if p, ok := o.Err.(*Panicked); ok {
		panic(p.Value)
	}
	o.Hit = o.Err == nil
	return o.Own()
}

// Own returns the outcome for one of several callers. Each gets its own Tuple, which it
// may change.
func (o Outcome) Own() Outcome {
	if tuple, ok := o.Value.(pyvalue.Tuple); ok {
		o.Value = slices.Clone(tuple)
	}
	return o
}

func (s *Table) state(key string) *keyState {
	st := s.Keys[key]
	if st == nil {
		if s.Keys == nil {
			s.Keys = map[string]*keyState{}
		}
		st = s.states.take()
		s.Keys[key] = st
	}
	st.refs++
	return st
}

func (s *Table) release(key string, st *keyState) {
	if st.refs--; st.refs == 0 {
		delete(s.Keys, key)
		s.states.give(st)
	}
}

// Join returns the key's flight, and whether the caller has to lead it.
func (s *Table) Join(ctx context.Context, key string, by any, who Goroutine) (f *Flight, leader bool) {
	outer := FlightIn(ctx) // calls the caller's code, so not under the lock
	s.Mu.Lock()
	defer s.Mu.Unlock()
	st := s.state(key)
	if f = st.flight; f != nil && !s.overwritten(f) {
		st.refs-- // the flight has its own reference
		f.known = true
		if f.done == nil && !f.ended {
			f.done = make(chan struct{})
		}
		return f, false
	}
	if f != nil { // what others wrote to the cache wins
		f.stale = true
	}
	f = s.start(key, st)
	f.Owner, f.outer, f.Leader = by, outer, who
	if who != 0 {
		f.joinOuter()
	}
	st.flight = f
	return f, true
}

// NewApart returns a flight that is not in a table, for a run beside the flight of its
// key.
func NewApart(ctx context.Context, key string, by any) *Flight {
	return &Flight{Key: key, Owner: by, outer: FlightIn(ctx)}
}

// start begins a run. The caller holds s.Mu and a reference to st.
func (s *Table) start(key string, st *keyState) *Flight {
	f := s.spare.take()
	s.began++
	f.Key, f.state, f.began = key, st, s.began
	if s.cache != nil {
		f.Written = s.cache.Writes()
	}
	return f
}

// joinOuter gives f the number of an enclosing run of the same key, which is possible
// with partial keys: what f writes is then no newer than the outer run, which stores
// last. The caller holds Table.Mu.
func (f *Flight) joinOuter() {
	if outer := f.state.flight; outer != nil && outer.encloses(f) {
		f.began = outer.began
	}
	for outer := f.state.updates; outer != nil; outer = outer.next {
		if outer.encloses(f) {
			f.began = min(f.began, outer.began)
		}
	}
}

// encloses reports whether inner was started within the run of f, which has not ended.
func (f *Flight) encloses(inner *Flight) bool {
	return !f.ended && (f.Leader == inner.Leader || inner.outer.IsWithin(f))
}

// overwritten reports whether others have written to the key in the cache since the run
// began.
func (s *Table) overwritten(f *Flight) bool {
	return s.cache != nil && s.cache.WrittenSince(f.Key, f.Written)
}

// Begin starts an update of a key. who identifies the caller if its key is partial, else
// 0.
func (s *Table) Begin(ctx context.Context, key string, who Goroutine) *Flight {
	var outer *Flight
	if who != 0 {
		outer = FlightIn(ctx) // calls the caller's code, so not under the lock
	}
	s.Mu.Lock()
	defer s.Mu.Unlock()
	st := s.state(key)
	f := s.start(key, st)
	if f.outer, f.Leader = outer, who; who != 0 {
		f.joinOuter()
	}
	f.next, st.updates = st.updates, f
	return f
}

// Drop ends an update. The caller must not use f afterwards.
func (s *Table) Drop(f *Flight) {
	s.Mu.Lock()
	defer s.Mu.Unlock()
	at := &f.state.updates
	for *at != f {
		at = &(*at).next
	}
	*at = f.next
	s.release(f.Key, f.state)
	if !f.InContext {
		s.spare.give(f)
	}
}

// phase is how far a flight has come.
type phase uint8

const (
	looking phase = iota
	running
	storing // the function has returned the value
)

// Looks records that the look-up begins, and that it takes no longer than limit.
func (s *Table) Looks(f *Flight, limit time.Duration) {
	s.Mu.Lock()
	defer s.Mu.Unlock()
	f.givesUp = time.Now().Add(limit)
}

// Runs records that the look-up is over.
func (s *Table) Runs(f *Flight) {
	s.Mu.Lock()
	defer s.Mu.Unlock()
	f.phase = running
}

// Stores records the outcome of the run, which is about to be stored.
func (s *Table) Stores(f *Flight, o Outcome) {
	s.Mu.Lock()
	defer s.Mu.Unlock()
	f.Outcome, f.phase = o, storing
	if f.made != nil {
		close(f.made)
	}
}

// OutcomeOf returns the outcome of a flight, as far as it is known.
func (s *Table) OutcomeOf(f *Flight) Outcome {
	s.Mu.Lock()
	defer s.Mu.Unlock()
	return f.Outcome
}

// End publishes the outcome. The flight stays in its place until Leave.
func (s *Table) End(f *Flight, o Outcome) {
	s.Mu.Lock()
	defer s.Mu.Unlock()
	s.finish(f, o)
}

// finish is End for a caller that holds s.Mu.
func (s *Table) finish(f *Flight, o Outcome) {
	if f.ended {
		return
	}
	f.Outcome, f.ended = o, true
	if f.done != nil {
		close(f.done)
	}
}

func (s *Table) HasEnded(f *Flight) bool {
	s.Mu.Lock()
	defer s.Mu.Unlock()
	return f.ended
}

// Leave removes the flight from its place.
func (s *Table) Leave(f *Flight) {
	s.Mu.Lock()
	defer s.Mu.Unlock()
	s.clear(f)
}

// Land is End and Leave. A flight that only its leader knows is reused: the caller must
// not use f afterwards.
func (s *Table) Land(f *Flight, o Outcome) {
	s.Mu.Lock()
	defer s.Mu.Unlock()
	s.clear(f)
	if f.known || f.InContext {
		s.finish(f, o)
		return
	}
	s.spare.give(f)
}

// MakeRoom removes a flight that has ended with a value that the caller cannot use. The
// flight then stores nothing: the next run is newer.
func (s *Table) MakeRoom(f *Flight) {
	s.Mu.Lock()
	defer s.Mu.Unlock()
	if f.state.flight == f {
		f.state.flight = nil
		f.stale = true
	}
}

// clear removes the flight from its place. The caller holds s.Mu.
func (s *Table) clear(f *Flight) {
	if f.state.flight == f {
		f.state.flight = nil
	}
	s.release(f.Key, f.state)
}
