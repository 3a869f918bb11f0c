package flight

import (
	"context"
	"errors"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/ring-go/ring/internal/fault"
)

// waiting guards which flight waits for which, over all ropes: flights that wait for
// each other can belong to several. It is held only when a call within a run has to
// wait.
var waiting sync.Mutex

// ErrSlow: the look-up of a flight takes longer than the waiting call may.
var ErrSlow = errors.New("the look-up takes too long")

// ErrStoring: the value of a flight is known, but not stored yet.
var ErrStoring = errors.New("the value is not stored yet")

// Wait returns when f has ended or ctx is done. patience, if it is not 0, limits the
// look-up and the store of f: Wait then returns early with ErrSlow or ErrStoring. It
// also returns ErrStoring if ctx is done and the value is known. It refuses to wait for
// a flight that cannot end before the caller does.
func (s *Table) Wait(ctx context.Context, f *Flight, patience time.Duration) error {
	f.part.mu.Lock()
	done, ended, made := f.done, f.ended, f.whenMade(patience > 0)
	f.part.mu.Unlock()
	if ended {
		return nil
	}
	f.waiting.Add(1)
	defer f.waiting.Add(-1)
	if own := FlightIn(ctx); own != nil {
		if !own.startWaiting(f) {
			return fault.ErrRecursion
		}
		defer own.stopWaiting(f)
	}
	if f.Leader() != 0 {
		who := CurrentGoroutine()
		if !who.startWaiting(f) {
			return fault.ErrRecursion
		}
		defer who.stopWaiting()
	}
	if patience > 0 {
		return s.waitPatiently(ctx, f, done, made, patience)
	}
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return s.over(f, ctx.Err())
	}
}

// whenMade returns a channel that is closed when the value is there, if somebody asks.
// The part's lock is held.
func (f *Flight) whenMade(asked bool) <-chan struct{} {
	if asked && f.made == nil && f.phase != storing {
		f.made = make(chan struct{})
	}
	return f.made
}

func (s *Table) waitPatiently(ctx context.Context, f *Flight, done, made <-chan struct{}, patience time.Duration) error {
	timer := time.NewTimer(patience)
	defer timer.Stop()
	for {
		select {
		case <-done:
			return nil
		case <-ctx.Done():
			return s.over(f, ctx.Err())
		case <-made: // from now on wait for the store
			made = nil
			timer.Reset(patience)
		case <-timer.C:
			if err := s.lostPatience(f, patience); err != nil {
				return err
			}
		}
	}
}

// lostPatience returns why a call does not wait for f beyond this patience; nil: it goes
// on waiting. It waits on for a look-up that will soon be over: all calls that came with
// the leader have then lost their patience, too.
func (s *Table) lostPatience(f *Flight, patience time.Duration) error {
	f.part.mu.Lock()
	defer f.part.mu.Unlock()
	switch {
	case f.ended || f.phase == running:
		return nil
	case f.phase == storing:
		return ErrStoring
	case !f.givesUp.IsZero() && time.Until(f.givesUp) < patience/32:
		return nil
	}
	return ErrSlow
}

// over returns why a call stops waiting for f: ErrStoring if the value is known, else
// err.
func (s *Table) over(f *Flight, err error) error {
	f.part.mu.Lock()
	defer f.part.mu.Unlock()
	if f.phase == storing {
		return ErrStoring
	}
	return err
}

// startWaiting records that own, and every enclosing flight, waits for f. It refuses if
// f waits for one of them.
func (own *Flight) startWaiting(f *Flight) bool {
	waiting.Lock()
	defer waiting.Unlock()
	if own.isAwaitedBy(f, map[*Flight]bool{}) {
		return false
	}
	for o := own; o != nil; o = o.outer {
		if o.waits == nil {
			o.waits = map[*Flight]int{}
		}
		o.waits[f]++
	}
	return true
}

func (own *Flight) stopWaiting(f *Flight) {
	waiting.Lock()
	defer waiting.Unlock()
	for o := own; o != nil; o = o.outer {
		if o.waits[f]--; o.waits[f] == 0 {
			delete(o.waits, f)
		}
	}
}

// isAwaitedBy reports whether f is own or an enclosing flight, or waits for one of
// these.
func (own *Flight) isAwaitedBy(f *Flight, seen map[*Flight]bool) bool {
	if seen[f] {
		return false
	}
	seen[f] = true
	if own.IsWithin(f) {
		return true
	}
	for next := range f.waits {
		if own.isAwaitedBy(next, seen) {
			return true
		}
	}
	return false
}

// IsWithin reports whether own, which may be nil, is f or was started in its run.
func (own *Flight) IsWithin(f *Flight) bool {
	for o := own; o != nil; o = o.outer {
		if o == f {
			return true
		}
	}
	return false
}

// awaited is what goroutines wait for, if the leaders are known; waiting guards it.
var awaited = map[Goroutine]*Flight{}

// startWaiting is for a call without a context: it records that the goroutine waits for
// f, unless the leader of f waits for a flight that the goroutine leads.
func (g Goroutine) startWaiting(f *Flight) bool {
	waiting.Lock()
	defer waiting.Unlock()
	for next := f; next != nil && next.Leader() != 0; next = awaited[next.Leader()] {
		if next.Leader() == g {
			return false
		}
	}
	awaited[g] = f
	return true
}

func (g Goroutine) stopWaiting() {
	waiting.Lock()
	defer waiting.Unlock()
	delete(awaited, g)
}

type flightKey struct{}

// Within returns a context by which calls within the run of f find it. Only the leader
// calls it.
func Within(ctx context.Context, f *Flight) context.Context {
	if !f.InContext { // a run that takes too long comes here while others read it
		f.InContext = true
	}
	return WithFlight(ctx, f)
}

func WithFlight(ctx context.Context, f *Flight) context.Context {
	return context.WithValue(ctx, flightKey{}, f)
}

func FlightIn(ctx context.Context) *Flight {
	f, _ := ctx.Value(flightKey{}).(*Flight)
	return f
}

// Goroutine identifies a goroutine. Go has no other way to tell that a call without a
// context comes from within a run. It takes microseconds, so it is only for ropes for
// which such a call makes sense.
type Goroutine uint64

func CurrentGoroutine() Goroutine {
	var buf [64]byte
	header := string(buf[:runtime.Stack(buf[:], false)])
	number, _, _ := strings.Cut(strings.TrimPrefix(header, "goroutine "), " ")
	id, _ := strconv.ParseUint(number, 10, 64)
	return Goroutine(id)
}
