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

// flights lets one of many callers do the work for a key, and orders the writes. All
// ropes over one backend have the same flights.
//
// A flight covers the look-up, the run and the store of one key. Every write to a
// key holds the key's lock, and at its end it detaches the flight that is running
// then: those who wait for it get its value, but the flight stores nothing, and
// whoever comes later starts again and so sees what was written. A flight stays if what
// was written comes from a run that began before it.
//
// An update is a flight that nobody joins, for which the same holds.
type Table struct {
	cache   *lrucache.LruCache // the backend, if it is one: others can write to it by themselves
	backend any                // kept alive, since it is found by its address

	mu     sync.Mutex // guards what follows, but for writes
	keys   map[string]*keyState
	states spares[keyState]
	spare  spares[Flight]
	began  uint64        // runs that have begun
	writes atomic.Uint64 // writes that have ended
}

// NewTable returns the flights of a backend, which is cache where that is not nil.
func NewTable(backend any, cache *lrucache.LruCache) *Table {
	return &Table{backend: backend, cache: cache}
}

// Cache is the backend, if it is an LruCache, or what a storage embeds one for; else nil.
func (s *Table) Cache() *lrucache.LruCache { return s.cache }

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
	refs    int // the flight, the updates, the writer and those who wait to write
	flight  *Flight
	updates *Flight // the first of those that run
	writing bool
	author  uint64        // the run whose value is being written; 0: it was given
	free    chan struct{} // closed when writing ends; nil while nobody waits
}

// Flight is one run of the function.
type Flight struct {
	Key     string
	state   *keyState     // the key's, which is there as long as the flight is in its place
	Owner   any           // who led it
	began   uint64        // its place among the runs
	Written uint64        // writes that others had done to the cache when it began
	Leader  Goroutine     // 0: nobody asked who leads
	next    *Flight       // among the updates of the key; flights.mu guards it
	givesUp time.Time     // the end of its patience with the look-up; zero: none; Table.mu guards it
	phase   phase         // how far it has come; flights.mu guards it
	made    chan struct{} // closed when the phase is storing; nil while nobody asks; flights.mu guards it
	stale   bool          // something was written meanwhile; flights.mu guards it
	ended   bool          // flights.mu guards it
	known   bool          // to others than its leader; flights.mu guards it
	done    chan struct{} // closed at the end; nil while nobody waits; flights.mu guards it

	Outcome // set before ended

	outer     *Flight         // the flight in whose run this one was started
	waits     map[*Flight]int // those that it waits for, and how often; waiting guards it
	InContext bool            // a context knows the flight; the leader's, until ended
	Left      bool            // the function's own context has ended; the leader's, until ended
}

// Outcome is how a flight ended.
type Outcome struct {
	Value     any
	Err       error
	Hit       bool
	Ran       bool // the function made the value, whatever became of the store
	Failed    bool // err is the storage's: the value could not be looked up
	Abandoned bool // the leader left without a result: its context, or Goexit
}

// FunctionError marks the function's own error on its way through a flight.
type FunctionError struct{ Err error }

func (e *FunctionError) Error() string { return e.Err.Error() }

// Panicked is the error of a flight whose function panicked.
type Panicked struct{ Value any }

func (*Panicked) Error() string { return "the function panicked" }

// Shared is the outcome for one who waited. It had a hit if there was something to
// have: the function did not run for it.
func (o Outcome) Shared() Outcome {
	if p, ok := o.Err.(*Panicked); ok {
		panic(p.Value)
	}
	o.Hit = o.Err == nil
	return o.Own()
}

// Own is the outcome for one of several callers: a Tuple that one of them changes is not
// the others'.
func (o Outcome) Own() Outcome {
	if tuple, ok := o.Value.(pyvalue.Tuple); ok {
		o.Value = slices.Clone(tuple)
	}
	return o
}

func (s *Table) state(key string) *keyState {
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

// Idle tells whether nobody is busy with a key.
func (s *Table) Idle() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.keys) == 0
}

func (s *Table) release(key string, st *keyState) {
	if st.refs--; st.refs == 0 {
		delete(s.keys, key)
		s.states.give(st)
	}
}

// Join returns the key's flight, and whether the caller is to lead it.
func (s *Table) Join(ctx context.Context, key string, by any, who Goroutine) (f *Flight, leader bool) {
	outer := FlightIn(ctx) // the caller's code, so not under the lock
	s.mu.Lock()
	defer s.mu.Unlock()
	st := s.state(key)
	if f = st.flight; f != nil && !s.overwritten(f) {
		st.refs-- // the flight has its own
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

// NewApart returns a flight that is in no table, for a run beside that of its key.
func NewApart(ctx context.Context, key string, by any) *Flight {
	return &Flight{Key: key, Owner: by, outer: FlightIn(ctx)}
}

// start begins a run. s.mu is held, and st is the caller's.
func (s *Table) start(key string, st *keyState) *Flight {
	f := s.spare.take()
	s.began++
	f.Key, f.state, f.began = key, st, s.began
	if s.cache != nil {
		f.Written = s.cache.Writes()
	}
	return f
}

// joinOuter gives f the place of the run of its key that it is started within, which can
// be so where keys are partial: what f writes is no newer for the outer run, which stores
// last. Table.mu is held.
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

// encloses tells whether the run of f has not ended and inner was started within it.
func (f *Flight) encloses(inner *Flight) bool {
	return !f.ended && (f.Leader == inner.Leader || inner.outer.IsWithin(f))
}

// overwritten tells whether others wrote to the key in the cache since the run began.
func (s *Table) overwritten(f *Flight) bool {
	return s.cache != nil && s.cache.WrittenSince(f.Key, f.Written)
}

// Begin starts an update of a key. who is the caller, where its key is partial; else 0.
func (s *Table) Begin(ctx context.Context, key string, who Goroutine) *Flight {
	var outer *Flight
	if who != 0 {
		outer = FlightIn(ctx) // the caller's code, so not under the lock
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	st := s.state(key)
	f := s.start(key, st)
	if f.outer, f.Leader = outer, who; who != 0 {
		f.joinOuter()
	}
	f.next, st.updates = st.updates, f
	return f
}

// Drop ends an update. The caller must not touch f any more.
func (s *Table) Drop(f *Flight) {
	s.mu.Lock()
	defer s.mu.Unlock()
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
	storing // the value is there
)

// Looks notes that the look-up begins, and takes no longer than limit.
func (s *Table) Looks(f *Flight, limit time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f.givesUp = time.Now().Add(limit)
}

// Runs notes that the look-up is over.
func (s *Table) Runs(f *Flight) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f.phase = running
}

// Stores notes what was made, which is yet to be stored.
func (s *Table) Stores(f *Flight, o Outcome) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f.Outcome, f.phase = o, storing
	if f.made != nil {
		close(f.made)
	}
}

// OutcomeOf returns what is known of how a flight ends.
func (s *Table) OutcomeOf(f *Flight) Outcome {
	s.mu.Lock()
	defer s.mu.Unlock()
	return f.Outcome
}

// End makes the outcome known. The flight stays in its place until leave.
func (s *Table) End(f *Flight, o Outcome) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.finish(f, o)
}

// finish is end with s.mu held.
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
	s.mu.Lock()
	defer s.mu.Unlock()
	return f.ended
}

// Leave takes the flight out of the way.
func (s *Table) Leave(f *Flight) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.clear(f)
}

// Land is end and leave. A flight that nobody else knows is used again: the caller
// must not touch f any more.
func (s *Table) Land(f *Flight, o Outcome) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.clear(f)
	if f.known || f.InContext {
		s.finish(f, o)
		return
	}
	s.spare.give(f)
}

// MakeRoom takes a flight that has ended, with a value that is none for the caller, out of
// the way. It stores nothing then: the run that begins next is newer.
func (s *Table) MakeRoom(f *Flight) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if f.state.flight == f {
		f.state.flight = nil
		f.stale = true
	}
}

// clear takes the flight out of the way. s.mu is held.
func (s *Table) clear(f *Flight) {
	if f.state.flight == f {
		f.state.flight = nil
	}
	s.release(f.Key, f.state)
}
