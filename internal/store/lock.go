package store

import (
	"context"
	"errors"
	"time"

	"github.com/ring-go/ring/internal/fault"
	"github.com/ring-go/ring/internal/flight"
	"github.com/ring-go/ring/internal/fresh"
)

// Locker locks keys across processes.
type Locker interface {
	// Acquire takes the lock of a key if nobody has it, and tells what is stored under the
	// key then; nil: the rope has to look. Otherwise the lease is nil, and left is how long
	// the lock lives if nobody renews it. What is stored is found then only if that costs
	// nothing more.
	Acquire(ctx context.Context, key string, span time.Duration) (lease Lease, found *Found, left time.Duration, err error)

	// Listen returns what rings when the lock of a key is released; nil: nothing does.
	Listen(key string) Bell
}

// Found is what is stored under a key.
type Found struct {
	Aged
	Hit bool // anything is
}

// Poller is a Locker that has to be asked when a lock is released.
type Poller interface {
	// Poll returns the Locker for the tries of one call, which remembers what it has seen.
	Poll() Locker

	// Pause returns how long to wait before the next try.
	Pause() time.Duration
}

// ManyLocker is a Locker that takes several locks in one go.
type ManyLocker interface {
	// AcquireMany is Acquire for different keys. It takes the locks that it can have.
	AcquireMany(ctx context.Context, keys []string, span time.Duration) []Try
}

// ManyStorer is a Locker that stores under several leases in one go.
type ManyStorer interface {
	// StoreMany is the Store of each of them. It returns what they return.
	StoreMany(ctx context.Context, all []Storing) (stored []bool, errs []error)
}

// Try is what Acquire returns.
type Try struct {
	Lease Lease
	Found *Found
	Left  time.Duration
	Err   error
}

// Storing is a value to store under a lease.
type Storing struct {
	Lease  Lease
	Data   any
	Expire time.Duration
	Base   *flight.Age
}

// Adder is a Locker whose storage cannot store on a condition by itself.
type Adder interface {
	// AddValue stores a value if there is none.
	AddValue(ctx context.Context, key string, data any, expire time.Duration) (added bool, err error)
}

// Lease is a lock that is held.
type Lease interface {
	// Store stores a value if the lock still holds and what is stored is as base says, and
	// releases the lock. base may be nil.
	Store(ctx context.Context, data any, expire time.Duration, base *flight.Age) (stored bool, err error)

	// Release releases the lock, unless Store has done so.
	Release(ctx context.Context) error
}

// Bell tells that a lock was released.
type Bell interface {
	Ready() <-chan struct{} // closed when it will tell
	Rung() <-chan struct{}  // closed when it has told
	Close()
}

// Lock is how a rope locks its keys; the zero Lock is off.
type Lock struct {
	Locker Locker
	Span   time.Duration // how long a dead holder blocks the others
	Wait   time.Duration // how long a call waits for another process; 0: as long as its context
}

// lockedRun takes the lock for a run that is about to begin in the flight f. It reports false
// if the call is over: another process has run, or the lock cannot be had. If the lock can
// not be had in time, the function runs without, and its value is stored only if nobody else
// has stored one.
func (s *Values) lockedRun(ctx context.Context, f *flight.Flight, o *flight.Outcome) (run bool) {
	q := s.newQueue(ctx)
	defer q.close()
	for {
		lease, found, left, err := q.locker.Acquire(ctx, f.Key, s.Lock.Span)
		switch {
		case err != nil:
			return s.lockFailed(ctx, f, err, o)
		case lease != nil:
			return s.holds(ctx, f, lease, found, o)
		case found != nil && s.isStored(ctx, f.Key, found, o):
			return false
		case q.listen(ctx, left, f.Key):
			continue // it may have been released before
		}
		over, err := q.wait(ctx, left, f.Key)
		switch {
		case err != nil:
			*o = flight.Outcome{Err: err, Abandoned: true}
			return false
		case over:
			f.Base = &flight.Age{Absent: true}
			return true
		}
	}
}

// locks tells whether a run in the flight f has to take the lock.
func (s *Values) locks(f *flight.Flight) bool {
	return s.Lock.Locker != nil && !f.IsApart() && !f.Unanswered
}

// tryLock is lockedRun for a renewal that nobody waits for: it does not wait, either.
func (s *Values) tryLock(ctx context.Context, f *flight.Flight, o *flight.Outcome) (run bool) {
	lease, found, _, err := s.Lock.Locker.Acquire(ctx, f.Key, s.Lock.Span)
	switch {
	case err != nil:
		return s.lockFailed(ctx, f, err, o)
	case lease == nil:
		s.dropped(ctx, f.Key, errElsewhere)
		*o = flight.Outcome{Abandoned: true, Err: errElsewhere}
		return false
	}
	return s.holds(ctx, f, lease, found, o)
}

// errElsewhere: another process renews the value.
var errElsewhere = errors.New("another process runs the function")

// lockFailed is lockedRun for a storage that fails to lock.
func (s *Values) lockFailed(ctx context.Context, f *flight.Flight, err error, o *flight.Outcome) (run bool) {
	_ = s.note(ctx, f.Key, err)
	if s.failsOpen(ctx, f, f.Key, err) {
		f.Unanswered = true // the storage would not accept the value either
		return true
	}
	*o = flight.Outcome{Err: err, Failed: true, Abandoned: ended(ctx) != nil}
	return false
}

// holds begins a run that holds the lock, unless somebody has stored a value meanwhile.
func (s *Values) holds(ctx context.Context, f *flight.Flight, lease Lease, found *Found, o *flight.Outcome) (run bool) {
	s.hold(ctx, f, lease)
	return s.runsUnder(ctx, f, found, o)
}

// hold makes the flight release the lock at its end.
func (s *Values) hold(ctx context.Context, f *flight.Flight, lease Lease) {
	f.Hold(lease, func() { s.release(context.WithoutCancel(ctx), f.Key, lease) })
}

// runsUnder is holds for a lock that the flight holds.
func (s *Values) runsUnder(ctx context.Context, f *flight.Flight, found *Found, o *flight.Outcome) (run bool) {
	value, age, err := s.foundUnder(ctx, f.Key, found)
	switch {
	case err == nil && s.isNew(f.Key, age, o):
		*o = flight.Outcome{Value: value, Hit: true, Age: age}
		return false
	case err != nil && !IsMiss(err) && !errors.Is(err, fault.ErrCoder):
		return s.lockFailed(ctx, f, err, o)
	}
	f.Base = age
	return true
}

// isStored ends the wait for a lock if somebody has stored a value meanwhile.
func (s *Values) isStored(ctx context.Context, key string, found *Found, o *flight.Outcome) bool {
	value, age, err := s.foundUnder(ctx, key, found)
	if err != nil || !s.isNew(key, age, o) {
		return false
	}
	*o = flight.Outcome{Value: value, Hit: true, Age: age}
	return true
}

// isNew tells whether a value that was found needs no run, which is to replace what o tells.
func (s *Values) isNew(key string, age *flight.Age, o *flight.Outcome) bool {
	return s.policy().Of(key, age.Left) <= fresh.Due && !isSame(age, o)
}

// foundUnder returns the value under a key whose lock was just taken, and its age.
func (s *Values) foundUnder(ctx context.Context, key string, found *Found) (any, *flight.Age, error) {
	switch {
	case found == nil:
		return s.lookUnder(ctx, key)
	case !found.Hit:
		return nil, &flight.Age{Absent: true}, fault.ErrNotFound
	}
	value, err := s.Decode(found.Value)
	return value, &flight.Age{Left: found.Left, Version: found.Version}, err
}

// lookUnder is foundUnder where the lock does not tell.
func (s *Values) lookUnder(ctx context.Context, key string) (any, *flight.Age, error) {
	if s.Ages.Get != nil {
		return s.getAged(ctx, key)
	}
	value, err := s.get(ctx, key)
	return value, &flight.Age{Absent: IsMiss(err)}, err
}

// isSame is for a run that replaces a value which is fresh still: what was found is that value.
func isSame(found *flight.Age, o *flight.Outcome) bool {
	return o.Age != nil && o.Age.Version != nil && o.Age.Version == found.Version
}

func (s *Values) release(ctx context.Context, key string, lease Lease) {
	if err := lease.Release(ctx); err != nil {
		s.OnError(ctx, key, err)
	}
}
