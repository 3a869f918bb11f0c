package ring

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/ring-go/ring/internal/callable"
	"github.com/ring-go/ring/internal/fault"
	"github.com/ring-go/ring/internal/flight"
	"github.com/ring-go/ring/internal/fresh"
	"github.com/ring-go/ring/internal/meter"
	"github.com/ring-go/ring/internal/store"
)

// CallOptions are the options of one call; the zero value changes nothing. Wire.With gives
// them to the calls of a wire, and WithCallOptions to those with a context, also of a function
// with its own type. They need no Freshness.
//
// They are for Call, GetOrUpdate and their bulk forms. Of the others, Get, Lookup and Has obey
// AllowStale, Set and Update obey Expire, and Update obeys SkipWrite.
type CallOptions struct {
	SkipRead   bool          // run the function, whatever is cached, and even if another call is running it
	SkipWrite  bool          // store nothing; if the function has to run, it does so for this call alone
	NoStale    bool          // rather wait for the run, and get its error, than get a value past its Expire
	AllowStale bool          // a value past its Expire counts for Get, Lookup and Has
	Expire     time.Duration // how long the value is fresh that the call stores; 0: as usual; DoNotStore: not at all
	Info       *CallInfo     // Call, GetOrUpdate, Get, Lookup and Update fill it in before they return; each call needs its own
}

// CallInfo is what a call got, and how.
type CallInfo struct {
	Rope    *Rope
	Key     string
	Outcome Outcome
	Left    time.Duration // until the Expire of the cached value; below 0: it has been past that for so long; 0: unknown
	Run     time.Duration // how long the function ran for this call; 0: it did not
	Hidden  error         // the latest failure, because of which the call got a value past its Expire
}

// Outcome is what a call got.
type Outcome uint8

const (
	Missed   Outcome = iota // no value, and the function did not run: Get and Lookup
	Hit                     // a cached value
	Stale                   // a cached value past its Expire
	Shared                  // the value of another call's run
	Ran                     // the value of its own run
	Negative                // an error that was remembered: see Freshness.CacheError
	Bypassed                // the value of a run that did not look into the cache: SkipRead, SkipWrite
	Failed                  // an error
)

var outcomes = [...]string{"missed", "hit", "stale", "shared", "ran", "negative", "bypassed", "failed"}

// String returns the name of the outcome in lower case.
func (o Outcome) String() string {
	if int(o) < len(outcomes) {
		return outcomes[o]
	}
	return fmt.Sprintf("Outcome(%d)", uint8(o))
}

// With returns a wire whose calls have the options o, and no others: neither those of this
// wire nor those of their contexts.
func (w *Wire) With(o CallOptions) *Wire {
	derived := *w
	derived.opts = &o
	switch {
	case o.Expire < DoNotStore:
		derived.err = fault.Argumentf("CallOptions.Expire is negative (%v): 0 is that of the rope, DoNotStore is not to store", o.Expire)
	case derived.err == nil:
		derived.err = errOptions
	}
	return &derived
}

// errOptions as the err of a wire leads its calls the long way, where options count.
var errOptions = errors.New("the wire has options")

// broken returns why every call of the wire fails, or nil.
func (w *Wire) broken() error {
	if w.err == errOptions {
		return nil
	}
	return w.err
}

type optionsKey struct{}

// optionsInUse: there has been a context with options.
var optionsInUse atomic.Bool

// useOptions makes all short ways look for options, before the first context has any.
var useOptions = sync.OnceFunc(func() {
	optionsInUse.Store(true)
	for _, r := range living.all() {
		r.askForOptions()
	}
})

// WithCallOptions returns a context with options. A call with that context has them, also of a
// cached function with its own type. The context that the function gets has them no more: they
// are not for the calls that the function makes.
//
// Only functions with a context parameter, and wires with that context, see the options. Their
// hits take a few nanoseconds longer once a program has called WithCallOptions.
func WithCallOptions(ctx context.Context, o CallOptions) context.Context {
	useOptions()
	return context.WithValue(ctx, optionsKey{}, &o)
}

// optionsIn returns the options that a context holds, or nil.
func optionsIn(ctx context.Context) *CallOptions {
	if !optionsInUse.Load() || callable.IsNilContext(ctx) {
		return nil
	}
	o, _ := ctx.Value(optionsKey{}).(*CallOptions)
	return o
}

func hasOptions(ctx context.Context) bool { return optionsIn(ctx) != nil }

// askForOptions makes the short ways look for options in contexts.
func (r *Rope) askForOptions() {
	h := r.fast.Load()
	if h == nil || r.fn.ContextAt < 0 || h.Asks() {
		return
	}
	asking := h.Asking(hasOptions)
	r.fast.CompareAndSwap(h, asking)
	r.calls.CompareAndSwap(h, asking)
}

// takeOptions moves the options of the wire's context to the wire. What the function calls
// must not see them.
func (w *Wire) takeOptions() {
	if w.ctx == nil {
		return
	}
	o := optionsIn(w.ctx)
	if o == nil {
		return
	}
	w.ctx = withoutOptions(w.ctx)
	if w.opts == nil {
		*w = *w.With(*o)
	}
}

// withoutOptions returns a context that gives no options to the calls of the function.
func withoutOptions(ctx context.Context) context.Context {
	if !hasOptions(ctx) {
		return ctx
	}
	return context.WithValue(ctx, optionsKey{}, (*CallOptions)(nil))
}

// isFresh tells whether calls have to regard the age of values or options.
func (w *Wire) isFresh() bool {
	return w.rope.values().Policy != nil || w.opts != nil || w.rope.trace.Call != nil
}

// storeOptions returns the options for the storage.
func (w *Wire) storeOptions() store.Options {
	if w.opts == nil {
		return store.Options{}
	}
	o := w.opts
	return store.Options{SkipRead: o.SkipRead, SkipWrite: o.SkipWrite, NoStale: o.NoStale, AllowStale: o.AllowStale, Expire: o.Expire}
}

// begin sets the CallInfo of a call to that of one which has failed, until it is filled in.
func (w *Wire) begin() {
	if w.opts != nil && w.opts.Info != nil {
		*w.opts.Info = CallInfo{Rope: w.rope, Outcome: Failed}
	}
}

// inform fills in the CallInfo of a call, if it wants one.
func (w *Wire) inform(key string, o *flight.Outcome, got *store.Got) {
	if w.opts == nil || w.opts.Info == nil {
		return
	}
	*w.opts.Info = w.infoOf(key, o, got)
}

func (w *Wire) infoOf(key string, o *flight.Outcome, got *store.Got) CallInfo {
	return CallInfo{Rope: w.rope, Key: key, Outcome: outcomeOf(o, got), Left: got.Left, Run: got.Took, Hidden: got.Hidden}
}

// took counts a call by what it got, and tells the trace.
func (w *Wire) took(ctx context.Context, key string, o *flight.Outcome, got *store.Got) {
	w.rope.meter.Count(meter.Outcome(outcomeOf(o, got)))
	if w.rope.trace.Call != nil {
		w.rope.traceCall(ctx, w.infoOf(key, o, got))
	}
}

// plainOutcome is outcomeOf for a call without options and without Freshness.
func plainOutcome(o *flight.Outcome) Outcome {
	switch {
	case o.Hit && o.Ran:
		return Shared
	case o.Hit:
		return Hit
	case o.Ran || o.Err == nil:
		return Ran
	}
	return outcomeOf(o, &store.Got{})
}

func outcomeOf(o *flight.Outcome, got *store.Got) Outcome {
	_, remembered := o.Err.(*fresh.Remembered)
	switch {
	case remembered:
		return Negative
	case o.Err != nil && !o.Ran:
		return Failed
	case got.State >= fresh.Stale && o.Hit:
		return Stale
	case got.Apart:
		return Bypassed
	case o.Hit && o.Ran:
		return Shared
	case o.Hit:
		return Hit
	case o.Ran:
		return Ran
	}
	return Missed
}
