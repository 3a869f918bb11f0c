package flight

import "github.com/ring-go/ring/internal/fault"

// ErrAwaited: a run cannot wait for another one, because that waits for it.
var ErrAwaited = fault.ErrRecursion

// Together makes flights those of one run, whose context is that of the last one: a call
// within it must not wait for any of them. Nobody has the context of one of them yet.
func Together(flights []*Flight) {
	for i, f := range flights {
		f.InContext = true
		if i > 0 {
			f.outer = flights[i-1]
		}
	}
}

// Await records that the run of own waits for that of f, which is not in a table. It reports
// false where f waits for own.
func (own *Flight) Await(f *Flight) bool { return own.startWaiting(f) }

// Settle ends what Await began.
func (own *Flight) Settle(f *Flight) { own.stopWaiting(f) }
