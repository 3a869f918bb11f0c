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

// Wait returns when f has ended, ctx is done, or the look-up of f has taken longer than
// patience, which 0 leaves open. It refuses to wait for a flight that cannot end before
// the caller does.
func (s *Table) Wait(ctx context.Context, f *Flight, patience time.Duration) error {
	s.Mu.Lock()
	done, ended := f.done, f.ended
	s.Mu.Unlock()
	if ended {
		return nil
	}
	if own := FlightIn(ctx); own != nil {
		if !own.startWaiting(f) {
			return fault.ErrRecursion
		}
		defer own.stopWaiting(f)
	}
	if patience > 0 {
		return s.waitPatiently(ctx, f, done, patience)
	}
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (s *Table) waitPatiently(ctx context.Context, f *Flight, done <-chan struct{}, patience time.Duration) error {
	timer := time.NewTimer(patience)
	defer timer.Stop()
	for {
		select {
		case <-done:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		case <-timer.C:
			s.Mu.Lock()
			running := f.running || f.ended
			s.Mu.Unlock()
			if !running {
				return ErrSlow
			}
		}
	}
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
