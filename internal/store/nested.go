package store

import (
	"context"
	"runtime"
	"strings"

	"github.com/ring-go/ring/internal/flight"
)

// isNested reports whether the caller is within the run of f, for which it must not
// wait. A function that calls itself with the same key is an error, unless the key is
// partial: the arguments that the key leaves out can end the recursion.
func (s *Values) isNested(ctx context.Context, f *flight.Flight) bool {
	foreign := f.Owner != any(s)
	if flight.FlightIn(ctx).IsWithin(f) {
		return f.Leader() != 0 || foreign
	}
	if f.Leader() == 0 && !foreign || s.Flights.HasEnded(f) {
		return false
	}
	return f.Leader() != 0 && f.Leader() == flight.CurrentGoroutine() || foreign && inRun()
}

// inRun reports whether the goroutine is within a run of any rope.
func inRun() bool {
	pcs := make([]uintptr, 64)
	callee := ""
	for skip := 2; ; skip += len(pcs) {
		n := runtime.Callers(skip, pcs)
		if n == 0 {
			return false
		}
		frames := runtime.CallersFrames(pcs[:n])
		for more := true; more; {
			var frame runtime.Frame
			if frame, more = frames.Next(); leads(frame.Function, callee) {
				return true
			}
			callee = frame.Function
		}
	}
}

// leads reports whether a function with that name leads a flight while it calls callee. A call
// that may yet have to wait leads none.
func leads(function, callee string) bool {
	is := strings.HasSuffix
	switch {
	case is(function, ".(*Lead).look"), is(function, ".(*bulkRun).leadOne"), is(function, ".(*chunk).runMine"), is(function, ".(*gathering).call"), is(function, ".(*Values).runSought"), is(function, ".(*Values).leadRenewal"), is(function, ".(*Values).runWithin.func1"):
		return true
	case is(function, ".(*Values).RunOrJoin"):
		return !is(callee, ".(*Values).Seek")
	case is(function, ".(*Wire).finishTyped"):
		return !is(callee, ".(*Wire).seekTyped")
	}
	return false
}
