package ring

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/ring-go/ring/lrucache"
)

// flights lets one of many callers do the work for a key, and orders the writes. All
// ropes over one backend have the same flights.
//
// A flight covers the look-up, the run and the store of one key. Every write to a
// key holds the key's lock, and at its end it detaches the flight that is running
// then: those who wait for it get its value, but the flight stores nothing, and
// whoever comes later starts anew and so sees what was written.
//
// An update is a flight that nobody joins. A write makes it stale as well, unless what
// was written comes from a run that began before it.
type flights struct {
	cache   *lrucache.LruCache // the backend, if it is one: others can write to it by themselves
	backend any                // kept alive, since it is found by its address

	mu     sync.Mutex // guards what follows, but for writes
	keys   map[string]*keyState
	states spares[keyState]
	spare  spares[flight]
	began  uint64        // runs that have begun
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
	refs    int // the flight, the updates, the writer and those who wait to write
	flight  *flight
	updates *flight // the first of those that run
	writing bool
	author  uint64        // the run whose value is being written; 0: it was given
	free    chan struct{} // closed when writing ends; nil while nobody waits
}

// flight is one run of the function.
type flight struct {
	key     string
	state   *keyState // the key's, which is there as long as the flight is in its place
	owner   *BaseStorage
	began   uint64        // its place among the runs
	written uint64        // writes that others had done to the cache when it began
	leader  goroutineID   // 0: nobody asked who leads
	next    *flight       // among the updates of the key; flights.mu guards it
	running bool          // the look-up is over; flights.mu guards it
	stale   bool          // something was written meanwhile; flights.mu guards it
	ended   bool          // flights.mu guards it
	known   bool          // to others than its leader; flights.mu guards it
	done    chan struct{} // closed at the end; nil while nobody waits; flights.mu guards it

	outcome // set before ended

	outer     *flight         // the flight in whose run this one was started
	waits     map[*flight]int // those that it waits for, and how often; waiting guards it
	inContext bool            // a context knows the flight; the leader's, until ended
	left      bool            // the function's own context has ended; the leader's, until ended
}

// outcome is how a flight ended.
type outcome struct {
	value     any
	err       error
	hit       bool
	ran       bool // the function made the value, whatever became of the store
	failed    bool // err is the storage's: the value could not be looked up
	abandoned bool // the leader left without a result: its context, or Goexit
}

// panicked is the error of a flight whose function panicked.
type panicked struct{ value any }

func (*panicked) Error() string { return "the function panicked" }

// shared is the outcome for one who waited. It had a hit if there was something to
// have: the function did not run for it.
func (o outcome) shared() outcome {
	if p, ok := o.err.(*panicked); ok {
		panic(p.value)
	}
	o.hit = o.err == nil
	return o.own()
}

// own is the outcome for one of several callers: a Tuple that one of them changes is not
// the others'.
func (o outcome) own() outcome {
	if tuple, ok := o.value.(Tuple); ok {
		o.value = slices.Clone(tuple)
	}
	return o
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
func (s *flights) join(ctx context.Context, key string, by *BaseStorage, who goroutineID) (f *flight, leader bool) {
	outer := flightIn(ctx) // the caller's code, so not under the lock
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
	f.owner, f.outer, f.leader = by, outer, who
	st.flight = f
	return f, true
}

// start begins a run. s.mu is held, and st is the caller's.
func (s *flights) start(key string, st *keyState) *flight {
	f := s.spare.take()
	s.began++
	f.key, f.state, f.began = key, st, s.began
	if s.cache != nil {
		f.written = s.cache.Writes()
	}
	return f
}

// overwritten tells whether others wrote to the key in the cache since the run began.
func (s *flights) overwritten(f *flight) bool {
	return s.cache != nil && s.cache.WrittenSince(f.key, f.written)
}

// begin starts an update of a key.
func (s *flights) begin(key string) *flight {
	s.mu.Lock()
	defer s.mu.Unlock()
	st := s.state(key)
	f := s.start(key, st)
	f.next, st.updates = st.updates, f
	return f
}

// drop ends an update. The caller must not touch f any more.
func (s *flights) drop(f *flight) {
	s.mu.Lock()
	defer s.mu.Unlock()
	at := &f.state.updates
	for *at != f {
		at = &(*at).next
	}
	*at = f.next
	s.release(f.key, f.state)
	s.spare.give(f)
}

// runs notes that the look-up is over.
func (s *flights) runs(f *flight) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f.running = true
}

// end makes the outcome known. The flight stays in its place until leave.
func (s *flights) end(f *flight, o outcome) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.finish(f, o)
}

// finish is end with s.mu held.
func (s *flights) finish(f *flight, o outcome) {
	if f.ended {
		return
	}
	f.outcome, f.ended = o, true
	if f.done != nil {
		close(f.done)
	}
}

func (s *flights) hasEnded(f *flight) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return f.ended
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
	st.writing, st.author = true, 0
	s.mu.Unlock()
	return nil
}

// lockFresh is lock for the key of a run, to write its value, unless something was
// written since it began.
func (s *flights) lockFresh(ctx context.Context, f *flight) (fresh bool, err error) {
	s.mu.Lock()
	if st := f.state; !st.writing {
		if fresh = !f.stale && !s.overwritten(f); fresh {
			st.writing, st.author = true, f.began
			st.refs++
		}
		s.mu.Unlock()
		return fresh, nil
	}
	s.mu.Unlock()
	if err := s.lock(ctx, f.key); err != nil {
		return false, err
	}
	return s.claim(f), nil
}

// claim makes f the author of what is written under its key, which is locked. If
// something was written since f began, it unlocks the key instead.
func (s *flights) claim(f *flight) (fresh bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if f.stale || s.overwritten(f) {
		s.free(f.key, f.state)
		return false
	}
	f.state.author = f.began
	return true
}

// writesEnded counts the writes that have ended.
func (s *flights) writesEnded() uint64 {
	n := s.writes.Load()
	if s.cache != nil {
		n += s.cache.Writes()
	}
	return n
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
	for f := st.updates; f != nil; f = f.next {
		if st.author == 0 || f.began < st.author {
			f.stale = true
		}
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
		st.writing, st.author = true, 0
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
