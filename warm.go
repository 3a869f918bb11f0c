package ring

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"sync"

	"github.com/ring-go/ring/internal/callable"
	"github.com/ring-go/ring/internal/fault"
	"github.com/ring-go/ring/internal/flight"
)

// WarmReport says what Warm did about the calls that it took from the sequence.
type WarmReport struct {
	Cached  int // had a value already, or got that of another call's run
	Ran     int // ran the function
	Failed  int // have no key, or their run, look-up or store failed
	Skipped int // were not begun, or given up, because the context ended
}

// defaultWarmth is how many calls of Warm run at a time if it is not said.
const defaultWarmth = 16

// Warm runs the function for those calls that have no cached value and stores the values, so
// that later calls find them: at the start of a program, or after Clear. Each element of calls
// is an Args or a Kwargs, as in GetOrUpdateMany, without a context. At most parallel of them
// run at a time; 0 is 16. Elements are taken from the sequence as they are needed.
//
// Each is a GetOrUpdate that waits for its value: a call that runs already is not run twice,
// one that is deleted meanwhile stays deleted, and a value past its Expire counts as missing.
// The wire's CallOptions hold, but with SkipWrite and DoNotStore Warm would be in vain, so they
// are an ErrArguments. CacheInfo does not count the calls. Warm asks the storage directly, even
// if the user interface has its own GetOrUpdate.
//
// Warm goes on after failures. The error joins those of up to ten calls, by their places, and
// says how many more there are. When ctx ends Warm takes no more calls, and the error is that
// of ctx, too. It returns when the runs that it has begun have returned. A panic of the
// function is that of Warm. Python has no counterpart.
func (w *Wire) Warm(ctx context.Context, calls iter.Seq[any], parallel int) (WarmReport, error) {
	if err := w.checkWarm(ctx, calls, parallel); err != nil {
		return WarmReport{}, w.fail("warm", "", err)
	}
	if parallel == 0 {
		parallel = defaultWarmth
	}
	within, stop := context.WithCancel(w.rope.warmed(ctx)) // its error is that of ctx, unless a panic ends all
	defer stop()
	h := &warming{wire: w.forWarm(within), ctx: within, stop: stop}
	if err := h.wire.checkStores(); err != nil {
		return WarmReport{}, w.fail("warm", "", err)
	}
	h.all(calls, parallel)
	return h.report, w.fail("warm", "", h.joined(ctx.Err()))
}

func (w *Wire) checkWarm(ctx context.Context, calls iter.Seq[any], parallel int) error {
	switch {
	case callable.IsNilContext(ctx):
		return callable.ErrNilContext
	case calls == nil:
		return fault.Argumentf("there is no sequence of calls")
	case parallel < 0:
		return fault.Argumentf("%d calls at a time are below 0, which is %d", parallel, defaultWarmth)
	}
	return w.broken()
}

// forWarm returns the wire for the calls of Warm.
func (w *Wire) forWarm(ctx context.Context) *Wire {
	w = w.WithContext(ctx)
	var o CallOptions
	if w.opts != nil {
		o = *w.opts
	}
	o.NoStale, o.Info = true, nil
	w = w.With(o)
	w.warms = true
	return w
}

// warmedKey is the key of the *Rope, a Batch, whose Warm has made a context.
type warmedKey struct{}

// warmed returns a context that tells the runs of a Batch why they run.
func (r *Rope) warmed(ctx context.Context) context.Context {
	if r.batch == nil {
		return ctx
	}
	return context.WithValue(ctx, warmedKey{}, r)
}

// checkStores reports options with which the values would not be stored.
func (w *Wire) checkStores() error {
	if w.opts.SkipWrite || w.opts.Expire == DoNotStore {
		return fault.Argumentf("the options SkipWrite and DoNotStore do not store, so that nothing would be warm")
	}
	return w.broken()
}

// warming is a Warm while it is under way.
type warming struct {
	wire *Wire
	ctx  context.Context
	stop context.CancelFunc

	mu       sync.Mutex // guards what follows
	report   WarmReport
	failures []warmFailure // the first ones
	panicked any           // nil: nothing has
}

// warmCall is an element and its place.
type warmCall struct {
	at      int
	element any
}

type warmFailure struct {
	at  int
	err error
}

// maxFailures is how many errors are kept.
const maxFailures = 10

// all takes the calls from the sequence and hands them to goroutines, which it starts as they
// are needed. It returns when they have ended.
func (h *warming) all(calls iter.Seq[any], parallel int) {
	queue := make(chan warmCall)
	var workers sync.WaitGroup
	defer func() {
		if h.panicked != nil {
			panic(h.panicked)
		}
	}()
	defer workers.Wait()
	defer close(queue)
	at := 0
	for element := range calls {
		if at < parallel {
			workers.Go(func() { h.work(queue) })
		}
		if !h.hand(queue, warmCall{at, element}) {
			return
		}
		at++
	}
}

// hand gives a call to the next goroutine that is free. It reports false at the end of the
// context.
func (h *warming) hand(queue chan<- warmCall, c warmCall) bool {
	if h.ctx.Err() == nil {
		select {
		case queue <- c:
			return true
		case <-h.ctx.Done():
		}
	}
	h.count(func(r *WarmReport) { r.Skipped++ })
	return false
}

// work does one call after the other. If the function panics or ends the goroutine, that is
// the end of all.
func (h *warming) work(queue <-chan warmCall) {
	var c warmCall
	done := false
	defer func() {
		if done {
			return
		}
		if r := recover(); r != nil {
			h.mu.Lock()
			h.panicked = r
			h.mu.Unlock()
		} else { // Goexit is not a panic
			h.fail(c.at, errors.New("the function ended its goroutine"))
		}
		h.stop()
	}()
	for c = range queue {
		h.one(c)
	}
	done = true
}

// one is a call.
func (h *warming) one(c warmCall) {
	key, p, err := h.wire.warmKey(c.element)
	if err != nil {
		h.fail(c.at, err)
		return
	}
	var o flight.Outcome
	call := h.wire.packCall(key, p)
	call.Unverified = true
	h.wire.rope.values().GetFresh(h.ctx, &call, &o)
	err = flight.Unmarked(o.Err)
	switch over := h.ctx.Err(); {
	case err != nil && over != nil && errors.Is(err, over):
		h.count(func(r *WarmReport) { r.Skipped++ })
	case err != nil:
		h.fail(c.at, fmt.Errorf("%q: %w", key, err))
	case o.Hit:
		h.count(func(r *WarmReport) { r.Cached++ })
	default:
		h.count(func(r *WarmReport) { r.Ran++ })
	}
}

// warmKey returns the key and the arguments of an element.
func (w *Wire) warmKey(element any) (string, ArgPack, error) {
	ps, err := w.argPacks("warm", []any{element})
	if err != nil {
		return "", ArgPack{}, cause(err)
	}
	p := ps[0]
	if !p.bare {
		if _, given := w.rope.fn.TakeContext(p.Args, w.isBound); given != nil {
			return "", p, fault.Argumentf("it has a context: give that to Warm")
		}
	}
	key, err := w.rope.ui.Key(w, p)
	return key, p, err
}

func (h *warming) count(change func(*WarmReport)) {
	h.mu.Lock()
	defer h.mu.Unlock()
	change(&h.report)
}

func (h *warming) fail(at int, err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.report.Failed++
	if len(h.failures) < maxFailures {
		h.failures = append(h.failures, warmFailure{at, err})
	}
}

// joined joins the errors, after that of the context.
func (h *warming) joined(errs ...error) error {
	slices.SortFunc(h.failures, func(a, b warmFailure) int { return cmp.Compare(a.at, b.at) })
	for _, f := range h.failures {
		errs = append(errs, fmt.Errorf("element %d, %w", f.at, f.err))
	}
	if more := h.report.Failed - len(h.failures); more > 0 {
		errs = append(errs, fmt.Errorf("%d more failed", more))
	}
	return errors.Join(errs...)
}
