package ring

import (
	"context"
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

// wait returns when f has ended, ctx is done, or the look-up of f has taken longer than
// patience, which 0 leaves open. It refuses to wait for a flight that cannot end before
// the caller does.
func (s *flights) wait(ctx context.Context, f *flight, patience time.Duration) error {
	s.mu.Lock()
	done, ended := f.done, f.ended
	s.mu.Unlock()
	if ended {
		return nil
	}
	if own := flightIn(ctx); own != nil {
		if !own.startWaiting(f) {
			return fault.Recursion
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

func (s *flights) waitPatiently(ctx context.Context, f *flight, done <-chan struct{}, patience time.Duration) error {
	timer := time.NewTimer(patience)
	defer timer.Stop()
	for {
		select {
		case <-done:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		case <-timer.C:
			s.mu.Lock()
			running := f.running || f.ended
			s.mu.Unlock()
			if !running {
				return &slowError{patience}
			}
		}
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
	if own.isWithin(f) {
		return true
	}
	for next := range f.waits {
		if own.isAwaitedBy(next, seen) {
			return true
		}
	}
	return false
}

// isWithin tells whether own, which may be nil, is f or was started in its run.
func (own *flight) isWithin(f *flight) bool {
	for o := own; o != nil; o = o.outer {
		if o == f {
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

// goroutineID tells goroutines apart. Go has no other way to say that a call without a
// context comes from within a run, and this one takes microseconds: it is for the ropes
// of which such a call makes sense.
type goroutineID uint64

func currentGoroutine() goroutineID {
	var buf [64]byte
	header := string(buf[:runtime.Stack(buf[:], false)])
	number, _, _ := strings.Cut(strings.TrimPrefix(header, "goroutine "), " ")
	id, _ := strconv.ParseUint(number, 10, 64)
	return goroutineID(id)
}

// inRun tells whether the goroutine is within a run of any rope.
func inRun() bool {
	pcs := make([]uintptr, 64)
	for skip := 2; ; skip += len(pcs) {
		n := runtime.Callers(skip, pcs)
		if n == 0 {
			return false
		}
		frames := runtime.CallersFrames(pcs[:n])
		for more := true; more; {
			var frame runtime.Frame
			if frame, more = frames.Next(); strings.HasSuffix(frame.Function, ".(*BaseStorage).lead") {
				return true
			}
		}
	}
}
