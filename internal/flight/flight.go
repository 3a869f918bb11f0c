// Package flight lets one of many callers do the work for a key, and orders the writes.
package flight

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/ring-go/ring/internal/keyhash"
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
	writes  atomic.Uint64      // writes that have ended
	parts   []part             // a power of 2; each key belongs to one
	mask    uint32             // of the bits of a hash by which it does
}

// part is a part of the keys, of which each has its own lock.
type part struct {
	mu     sync.Mutex // guards what follows
	states states
	spare  spares[Flight]
	began  uint64   // runs that have begun
	_      [64]byte // a cache line: parts are used at the same time
}

// partCount is how many parts the keys of a backend have that many goroutines can use at a
// time.
const (
	partBits  = 4
	partCount = 1 << partBits
)

// NewTable returns the flights of a backend, which is cache where that is not nil. A cache
// that has one lock has no use for more of them here.
func NewTable(backend any, cache *lrucache.LruCache) *Table {
	count := partCount
	if cache != nil && cache.Shards() == 1 {
		count = 1
	}
	return &Table{backend: backend, cache: cache, parts: make([]part, count), mask: uint32(count - 1)}
}

// hasher is that of all tables.
var hasher = keyhash.New()

// part returns the part that a key belongs to, and the hash of the key.
func (s *Table) part(key string) (*part, uint32) {
	hash := hasher.Hash(key)
	return &s.parts[hash>>(32-partBits)&s.mask], hash
}

// Idle tells whether nobody is busy with a key.
func (s *Table) Idle() bool {
	for i := range s.parts {
		p := &s.parts[i]
		p.mu.Lock()
		busy := p.states.len
		p.mu.Unlock()
		if busy > 0 {
			return false
		}
	}
	return true
}

// Cache returns the backend if it is an LruCache, or the one that a storage embeds, or
// nil.
func (s *Table) Cache() *lrucache.LruCache { return s.cache }

// spares are unused objects, for reuse.
type spares[T any] struct{ idle []*T }

// maxSpares is more than the usual number of concurrent calls.
const maxSpares = 64

func (s *spares[T]) take() *T {
	n := len(s.idle) - 1
	if n < 0 {
		return new(T)
	}
	t := s.idle[n]
	s.idle = s.idle[:n]
	return t
}

func (s *spares[T]) give(t *T) {
	if len(s.idle) < maxSpares {
		*t = *new(T)
		s.idle = append(s.idle, t)
	}
}

// Flight is one run of the function.
type Flight struct {
	Key     string
	part    *part         // the key's, whose lock guards the flight
	state   *keyState     // of the key; it exists as long as the flight is in its place
	Owner   any           // who led it
	began   uint64        // its place among the runs
	Written uint64        // writes to the cache by others when it began
	leader  atomic.Uint64 // see Leader
	next    *Flight       // among the updates of the key; the part's lock guards it
	givesUp time.Time     // the end of its patience with the look-up; zero: none; the part's lock guards it
	phase   Phase         // how far it has come; the part's lock guards it
	made    chan struct{} // closed when the phase is storing; nil while nobody asks; the part's lock guards it
	stale   bool          // something was written meanwhile; the part's lock guards it
	ended   bool          // the part's lock guards it
	known   bool          // to others than its leader; the part's lock guards it
	done    chan struct{} // closed at the end; nil while nobody waits; the part's lock guards it

	Outcome // set before ended

	Lease   any          // of the lock that the run holds across processes; nil: none
	Voided  bool         // somebody has written meanwhile: what it ran is its leader's only; only the leader uses it
	atEnd   func()       // called when the flight has landed; nil: nothing is
	Base    *Age         // what it found before the run: what it stores replaces that alone; nil: anything
	Renewal bool         // its key had a value, which others need not wait for; set before others know it
	life    atomic.Int64 // for how long its value is fresh: see SetLife
	ran     atomic.Int64 // when the run began: a meter.Moment
	waiting atomic.Int32 // calls that wait for it
	counted bool         // the run has begun and not returned; only the goroutine that runs the function uses it
	outlive bool         // the run goes on alone; only the leader uses it
	Trigger Trigger      // why the function runs; set before it does
	Behind  bool         // no call waits for it; set before the function runs

	outer     *Flight         // the flight in whose run this flight was started
	waits     map[*Flight]int // the flights that it waits for, and how often; waiting guards it
	Context   context.Context // of the call that leads; only the leader uses it
	InContext bool            // a context refers to the flight; only the leader uses it, until ended
	Left      bool            // the function's own context has ended; only the leader uses it, until ended

	Unanswered bool // the look-up failed; only the leader uses it
}

// Leader returns the goroutine that runs the function; 0: no call needed to know.
func (f *Flight) Leader() Goroutine { return Goroutine(f.leader.Load()) }

// LedBy makes who the leader. A flight without one must not get one when others know it.
func (f *Flight) LedBy(who Goroutine) { f.leader.Store(uint64(who)) }

// SetLife makes the value of the run fresh for the duration life; -1: it is not stored; 0:
// as usual. The function may call it from any goroutine.
func (f *Flight) SetLife(life time.Duration) { f.life.Store(int64(life)) }

// Life returns what SetLife was given last, or 0.
func (f *Flight) Life() time.Duration { return time.Duration(f.life.Load()) }

// Join returns the key's flight, and whether the caller has to lead it.
func (s *Table) Join(ctx context.Context, key string, by any, who Goroutine) (f *Flight, leader bool) {
	outer := FlightIn(ctx) // calls the caller's code, so not under the lock
	p, hash := s.part(key)
	p.mu.Lock()
	st := p.states.hold(key, hash)
	if f = st.flight; f != nil && !s.overwritten(f) {
		st.refs-- // the flight has its own reference
		f.await()
		p.mu.Unlock()
		return f, false
	}
	f = s.lead(ctx, p, st, outer, by, who)
	p.mu.Unlock()
	return f, true
}

// await makes the flight one that others know. The part's lock is held.
func (f *Flight) await() {
	f.known = true
	if f.done == nil && !f.ended {
		f.done = make(chan struct{})
	}
}

// lead begins the flight of a key. p.mu is held, and st is the caller's.
func (s *Table) lead(ctx context.Context, p *part, st *keyState, outer *Flight, by any, who Goroutine) *Flight {
	if old := st.flight; old != nil { // what others wrote to the cache wins
		old.stale = true
	}
	f := s.start(p, st)
	f.Owner, f.Context, f.outer = by, ctx, outer
	if who != 0 {
		f.LedBy(who)
		f.joinOuter()
	}
	st.flight = f
	return f
}

// NewApart returns a flight that is not in a table, for a run beside the flight of its
// key.
func NewApart(ctx context.Context, key string, by any) *Flight {
	return &Flight{Key: key, Owner: by, Context: ctx, outer: FlightIn(ctx)}
}

// IsApart reports whether NewApart made the flight.
func (f *Flight) IsApart() bool { return f.part == nil }

// start begins a run. p.mu is held, and st is the caller's.
func (s *Table) start(p *part, st *keyState) *Flight {
	f := p.spare.take()
	p.began++
	f.Key, f.part, f.state, f.began = st.key, p, st, p.began
	if s.cache != nil {
		f.Written = s.cache.Writes()
	}
	return f
}

// joinOuter gives f the place of the run of its key that it is started within, which can
// be so where keys are partial: what f writes is no newer for the outer run, which stores
// last. The part's lock is held.
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
	return !f.ended && (f.Leader() == inner.Leader() || inner.outer.IsWithin(f))
}

// overwritten reports whether others have written to the key in the cache since the run
// began.
func (s *Table) overwritten(f *Flight) bool {
	return s.cache != nil && s.cache.WrittenSince(f.Key, f.Written)
}

// Begin starts an update of a key. who identifies the caller if its key is partial, else
// 0.
func (s *Table) Begin(ctx context.Context, key string, by any, who Goroutine) *Flight {
	var outer *Flight
	if who != 0 {
		outer = FlightIn(ctx) // calls the caller's code, so not under the lock
	}
	p, hash := s.part(key)
	p.mu.Lock()
	defer p.mu.Unlock()
	st := p.states.hold(key, hash)
	f := s.start(p, st)
	f.outer, f.Owner, f.Trigger = outer, by, Update
	if f.LedBy(who); who != 0 {
		f.joinOuter()
	}
	f.next, st.updates = st.updates, f
	return f
}

// Drop ends an update. The caller must not use f afterwards.
func (s *Table) Drop(f *Flight) {
	p := f.part
	p.mu.Lock()
	defer p.mu.Unlock()
	at := &f.state.updates
	for *at != f {
		at = &(*at).next
	}
	*at = f.next
	p.states.release(f.state)
	if !f.InContext {
		p.spare.give(f)
	}
}

// Phase is how far a flight has come.
type Phase uint8

const (
	looking Phase = iota
	running
	storing // the function has returned the value
)

// Looks records that the look-up begins, and that it takes no longer than limit.
func (s *Table) Looks(f *Flight, limit time.Duration) {
	f.part.mu.Lock()
	defer f.part.mu.Unlock()
	f.givesUp = time.Now().Add(limit)
}

// Runs records that the look-up is over.
func (s *Table) Runs(f *Flight) {
	f.part.mu.Lock()
	defer f.part.mu.Unlock()
	f.phase = running
}

// Stores records the outcome of the run, which is about to be stored.
func (s *Table) Stores(f *Flight, o Outcome) {
	f.part.mu.Lock()
	defer f.part.mu.Unlock()
	f.Outcome, f.phase = o, storing
	if f.made != nil {
		close(f.made)
	}
}

// OutcomeOf returns the outcome of a flight, as far as it is known.
func (s *Table) OutcomeOf(f *Flight) Outcome {
	f.part.mu.Lock()
	defer f.part.mu.Unlock()
	return f.Outcome
}

// End publishes the outcome. The flight stays in its place until Leave.
func (s *Table) End(f *Flight, o *Outcome) {
	f.part.mu.Lock()
	defer f.part.mu.Unlock()
	f.finish(o)
}

// finish is End with the lock held.
func (f *Flight) finish(o *Outcome) {
	if f.ended {
		return
	}
	f.Outcome, f.ended = *o, true
	if f.done != nil {
		close(f.done)
	}
}

func (s *Table) HasEnded(f *Flight) bool {
	f.part.mu.Lock()
	defer f.part.mu.Unlock()
	return f.ended
}

// Leave removes the flight from its place.
func (s *Table) Leave(f *Flight) {
	f.part.mu.Lock()
	defer f.part.mu.Unlock()
	f.part.clear(f)
}

// Retire lets nobody join the flight any more, because its outcome is about to be older than what
// the next caller may know. Who has joined waits for its end.
func (s *Table) Retire(f *Flight) {
	f.part.mu.Lock()
	defer f.part.mu.Unlock()
	if f.state.flight == f {
		f.state.flight = nil
	}
}

// Land is End and Leave. A flight that only its leader knows is reused: the caller must
// not use f afterwards.
func (s *Table) Land(f *Flight, o *Outcome) {
	p, atEnd := f.part, f.atEnd
	p.mu.Lock()
	p.land(f, o)
	p.mu.Unlock()
	if atEnd != nil {
		atEnd()
	}
}

// Hold records that the run holds a lock across processes. atEnd is called when the flight
// has landed.
func (f *Flight) Hold(lease any, atEnd func()) {
	f.InContext = true // it is not reused
	f.Lease, f.atEnd = lease, atEnd
}

// HasLease reports whether f, which may be nil, or a flight in whose run it was started, holds
// a lock across processes.
func (f *Flight) HasLease() bool {
	for o := f; o != nil; o = o.outer {
		if o.Lease != nil {
			return true
		}
	}
	return false
}

func (p *part) land(f *Flight, o *Outcome) {
	p.clear(f)
	if f.known || f.InContext {
		f.finish(o)
		return
	}
	p.spare.give(f)
}

// MakeRoom removes a flight that has ended with a value that the caller cannot use. The
// flight then stores nothing: the next run is newer.
func (s *Table) MakeRoom(f *Flight) {
	f.part.mu.Lock()
	defer f.part.mu.Unlock()
	if f.state.flight == f {
		f.state.flight = nil
		f.stale = true
	}
}

// clear takes the flight out of the way. p.mu is held.
func (p *part) clear(f *Flight) {
	if f.state.flight == f {
		f.state.flight = nil
	}
	p.states.release(f.state)
}
