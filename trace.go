package ring

import (
	"context"
	"fmt"
	"time"
)

// Trace holds functions that are told what a rope does: Options.Trace. Those that are nil cost
// nothing. They must be safe for concurrent use, and run on the goroutine of the call, so they
// should be quick. A panic in one of them goes to Options.OnError, with the action "trace", and
// harms neither the call nor those that wait for it. Traces combines several.
//
// To count, read Rope.Stats instead: that costs calls nothing.
// Python has no counterpart.
type Trace struct {
	// Run is called before each run of the function, on the goroutine that runs it. The function
	// gets the context that Run returns, if it has a context; nil is the one that Run got. What
	// Run returns beside that is called when the function has returned, panicked or ended its
	// goroutine; nil is not called.
	Run func(ctx context.Context, r RunInfo) (context.Context, func(RunResult))

	// Call is called after each call that Stats counts, hits included. All calls of the rope
	// then go the long way: a hit takes several times as long.
	Call func(ctx context.Context, c CallInfo)

	// Event is called when something happens that no call returns.
	Event func(ctx context.Context, e Event)
}

// Trigger is why a function runs.
type Trigger uint8

const (
	ByMiss    Trigger = iota // a call found no value
	ByRefresh                // the value is to be renewed: see Freshness
	ByUpdate                 // Update, or CallOptions.SkipRead
	ByWarm                   // Warm
	ByExecute                // Execute, or a call that neither looks nor stores
	ByVerify                 // Freshness.Verify
)

var triggers = [...]string{"miss", "refresh", "update", "warm", "execute", "verify"}

// String returns the name of the trigger in lower case.
func (t Trigger) String() string { return nameOf(triggers[:], uint8(t), "Trigger") }

// RunInfo is a run that begins.
type RunInfo struct {
	Rope     *Rope
	Key      string // "" for a run of several elements, and for Execute
	Trigger  Trigger
	Behind   bool // no call waits for it
	Elements int  // the elements of a Batch that it is for; 1 for other functions
}

// RunResult is how a run ended.
type RunResult struct {
	Took     time.Duration
	Err      error // what the function returned
	Panicked bool  // it did not return: it panicked or ended its goroutine
	Waiting  int   // the calls that were waiting for it at its end, beside the one that ran it
}

// nameOf returns the name of a number, if it has one.
func nameOf(names []string, n uint8, typ string) string {
	if int(n) < len(names) {
		return names[n]
	}
	return fmt.Sprintf("%s(%d)", typ, n)
}

// Traces returns a Trace that calls all of ts, which may be nil. Run and its ends are nested
// like function calls: each gets the context of the one before, and the last one ends first.
func Traces(ts ...*Trace) *Trace {
	var all Trace
	for _, t := range ts {
		if t != nil {
			all.Run = bothRuns(all.Run, t.Run)
			all.Call = both(all.Call, t.Call)
			all.Event = both(all.Event, t.Event)
		}
	}
	return &all
}

// both calls a and then b.
func both[T any](a, b func(context.Context, T)) func(context.Context, T) {
	switch {
	case a == nil:
		return b
	case b == nil:
		return a
	}
	return func(ctx context.Context, t T) {
		defer b(ctx, t) // also if a panics
		a(ctx, t)
	}
}

type runHook = func(context.Context, RunInfo) (context.Context, func(RunResult))

// bothRuns calls the outer and then the inner hook.
func bothRuns(outer, inner runHook) runHook {
	switch {
	case outer == nil:
		return inner
	case inner == nil:
		return outer
	}
	return func(ctx context.Context, r RunInfo) (context.Context, func(RunResult)) {
		between, endOuter := outer(ctx, r)
		if between == nil {
			between = ctx
		}
		within, endInner := inner(between, r)
		if within == nil {
			within = between
		}
		return within, func(result RunResult) {
			if endOuter != nil {
				defer endOuter(result)
			}
			if endInner != nil {
				endInner(result)
			}
		}
	}
}
