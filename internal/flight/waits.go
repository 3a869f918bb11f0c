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

// waiting guards who waits for whom, over all ropes: flights that wait for each other
// can belong to several. It is held only when a call within a run has to wait.
var waiting sync.Mutex

// ErrSlow: the look-up of a flight took longer than who waited for it can wait.
var ErrSlow = errors.New("the look-up takes too long")

// ErrStoring: the value of a flight is there, and not stored yet.
var ErrStoring = errors.New("the value is not stored yet")

// Wait returns when f has ended or ctx is done. patience, where it is not 0, is how long
// the look-up and the store of f may take: with ErrSlow and ErrStoring it returns early. It
// returns ErrStoring for ctx, too, where the value is there. It refuses to wait for a flight
// that cannot end before the caller does.
func (s *Table) Wait(ctx context.Context, f *Flight, patience time.Duration) error {
	s.mu.Lock()
	done, ended, made := f.done, f.ended, f.whenMade(patience > 0)
	s.mu.Unlock()
	if ended {
		return nil
	}
	if own := FlightIn(ctx); own != nil {
		if !own.startWaiting(f) {
			return fault.ErrRecursion
		}
		defer own.stopWaiting(f)
	}
	if f.Leader != 0 {
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
// Table.mu is held.
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
		case <-made: // from now on for the store
			made = nil
			timer.Reset(patience)
		case <-timer.C:
			if err := s.lostPatience(f, patience); err != nil {
				return err
			}
		}
	}
}

// lostPatience is why nobody waits for f any longer after so much patience; nil: it goes on.
// A look-up that will be over in a moment goes on: all who came with its leader have lost
// their patience by then.
func (s *Table) lostPatience(f *Flight, patience time.Duration) error {
	s.mu.Lock()
	defer s.mu.Unlock()
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

// over is why nobody waits for f any longer: ErrStoring where the value is there, else err.
func (s *Table) over(f *Flight, err error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if f.phase == storing {
		return ErrStoring
	}
	return err
}

// startWaiting notes that own, and every flight around it, waits for f. It refuses
// where f waits for one of them.
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

// isAwaitedBy tells whether f is own or one around it, or waits for such a one.
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

// IsWithin tells whether own, which may be nil, is f or was started in its run.
func (own *Flight) IsWithin(f *Flight) bool {
	for o := own; o != nil; o = o.outer {
		if o == f {
			return true
		}
	}
	return false
}

// awaited is what goroutines wait for, where the leaders are known; waiting guards it.
var awaited = map[Goroutine]*Flight{}

// startWaiting is that of a flight, for a call without a context: it notes that the
// goroutine waits for f, unless the leader of f waits for one that the goroutine leads.
func (g Goroutine) startWaiting(f *Flight) bool {
	waiting.Lock()
	defer waiting.Unlock()
	for next := f; next != nil && next.Leader != 0; next = awaited[next.Leader] {
		if next.Leader == g {
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

// Within returns a context by which calls within the run of f find it. It is for
// the leader.
func Within(ctx context.Context, f *Flight) context.Context {
	f.InContext = true
	return WithFlight(ctx, f)
}

func WithFlight(ctx context.Context, f *Flight) context.Context {
	return context.WithValue(ctx, flightKey{}, f)
}

func FlightIn(ctx context.Context) *Flight {
	f, _ := ctx.Value(flightKey{}).(*Flight)
	return f
}

// goroutineID tells goroutines apart. Go has no other way to say that a call without a
// context comes from within a run, and this one takes microseconds: it is for the ropes
// of which such a call makes sense.
type Goroutine uint64

func CurrentGoroutine() Goroutine {
	var buf [64]byte
	header := string(buf[:runtime.Stack(buf[:], false)])
	number, _, _ := strings.Cut(strings.TrimPrefix(header, "goroutine "), " ")
	id, _ := strconv.ParseUint(number, 10, 64)
	return Goroutine(id)
}
