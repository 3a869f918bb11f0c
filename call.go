package ring

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"

	"github.com/ring-go/ring/internal/callable"
	"github.com/ring-go/ring/internal/fault"
	"github.com/ring-go/ring/internal/flight"
	"github.com/ring-go/ring/internal/hit"
	"github.com/ring-go/ring/internal/keytext"
	"github.com/ring-go/ring/internal/meter"
	"github.com/ring-go/ring/internal/store"
)

// planCalls chooses the short ways, if there are any for the rope.
func (r *Rope) planCalls() {
	if !r.ui.standard || r.trace.Call != nil || r.config.Freshness.Verify > 0 { // no call is short
		return
	}
	h := r.planOf(r.values())
	r.counted = h
	r.fast.Store(h)
	if r.config.DefaultAction == "get_or_update" {
		r.calls.Store(h)
	}
}

// planOf returns the short ways to values.
func (r *Rope) planOf(values *store.Values) *hit.Plan {
	c := hit.Config{Fn: r.fn, Keys: r.plan, Flights: values.Flights, Expire: values.Expire}
	if p := values.Policy; p != nil {
		c.Aging = &hit.Aging{Call: p.Grace + p.Ahead, Look: p.Grace}
	}
	if *values.Coder.Load() == nil {
		c.Cache = values.LRU
	}
	return hit.New(c)
}

// short goes the short way of a sub-function: it does op under the key of a call of the
// simple kind, or else returns the key, with the context of the call.
func (w *Wire) short(op hit.Op, args []any) (value any, key string, ctx context.Context, f hit.Found) {
	h := w.rope.fast.Load()
	switch {
	case h == nil || w.err != nil:
		return nil, "", nil, hit.Elsewhere
	case h.Plain:
		value, key, f = h.ProbeScalars(op, args)
		return value, key, w.Context(), f
	}
	simple, ctx, ok := simpleArguments(h, args)
	if !ok {
		return nil, "", nil, hit.Elsewhere
	}
	if ctx == nil {
		ctx = w.Context()
	} else if h = h.For(ctx); h == nil {
		return nil, "", nil, hit.Elsewhere
	}
	value, key, f = h.Probe(op, w.bound, w.isBound, simple)
	return value, key, ctx, f
}

// simpleArguments separates the context from the other arguments. It reports false if
// there are arguments by name.
func simpleArguments(h *hit.Plan, args []any) (rest []any, ctx context.Context, ok bool) {
	if h.MayHaveContext && len(args) > 0 {
		if ctx, ok = args[0].(context.Context); ok {
			if callable.IsNilContext(ctx) {
				return nil, nil, false
			}
			args = args[1:]
		}
	}
	if n := len(args) - 1; h.MayHaveKwargs && n >= 0 {
		if _, isKwargs := args[n].(Kwargs); isKwargs {
			return nil, nil, false
		}
	}
	return args, ctx, true
}

// withoutContext returns the arguments of a call without its context.
func (w *Wire) withoutContext(args []any) []any {
	args, _ = w.rope.fn.TakeContext(args, w.isBound)
	return args
}

// allArgs returns the receiver and the arguments in a new slice: the caller's may be on
// the stack.
func (w *Wire) allArgs(args []any) []any {
	values := make([]any, 0, len(w.rope.fn.Params))
	if w.isBound {
		values = append(values, w.bound)
	}
	return append(values, args...)
}

// probes reports whether the plan has already looked for a value in vain.
func (r *Rope) probes() bool {
	h := r.fast.Load()
	return h != nil && h.Cached()
}

// getOrRun is GetOrUpdate for arguments of the simple kind whose key was not found at once.
// It returns what the function returned beside an error of its own. The arguments, which can
// be on the caller's stack, are copied only for a run.
func (w *Wire) getOrRun(ctx context.Context, key string, args []any) (any, error) {
	values := w.rope.values()
	if values.Policy != nil {
		return w.getFreshValues(ctx, key, w.leader(args, nil), func() []any { return w.allArgs(args) })
	}
	var o flight.Outcome
	if !values.Memory || !w.glance(ctx, key, &o) {
		who := flight.Goroutine(0)
		if w.rope.partial.canBe() {
			who = w.leader(args, nil)
		}
		values.RunOrJoin(ctx, key, who, func(f *flight.Flight) (any, error) {
			return w.runIn(f, ctx, w.allArgs(args))
		}, &o)
	}
	return w.gotOrRan(key, &o)
}

// glance looks for a value in memory, unless that has just been done.
func (w *Wire) glance(ctx context.Context, key string, o *flight.Outcome) bool {
	return !w.rope.probes() && w.rope.values().Glance(ctx, key, o)
}

// gotOrRan counts what a GetOrUpdate came to, and returns its results.
func (w *Wire) gotOrRan(key string, o *flight.Outcome) (any, error) {
	w.count(o)
	if o.Err == nil {
		return o.Value, nil
	}
	return o.Value, w.failOutcome("get_or_update", key, o)
}

// runIn runs the function within a flight. Recursive functions pass through here, so the size of
// its frame matters.
func (w *Wire) runIn(f *flight.Flight, ctx context.Context, values []any) (value any, err error) {
	if w.rope.fn.ContextAt >= 0 || w.rope.trace.Run != nil {
		ctx = flight.Within(ctx, f)
	}
	if w.rope.batch != nil { // as in call, whose frame counts here
		return w.rope.callSeveral(ctx, values)
	}
	if w.rope.trace.Run != nil {
		return w.runTraced(ctx, f, values)
	}
	f.Begin(w.rope.meter) // whoever leads the flight counts a panic
	value, err = w.rope.fn.Call(ctx, values)
	f.End(w.rope.meter, err)
	return value, err
}

// Scalars calls a cached function with strings, numbers and bools alone. A hit by its
// Call does not allocate: the compiler keeps the arguments on the caller's stack, which
// it cannot do for a Call that takes anything. It is safe for concurrent use.
type Scalars struct{ wire *Wire }

// Scalars returns a caller for scalar arguments, for hot loops. Its calls use the wire's
// context and receiver.
func (w *Wire) Scalars() *Scalars { return &Scalars{w} }

// Call is Wire.Call for arguments whose types are kinds of string, bool, integer or
// float. Any other argument is an ErrArguments, a context or a Kwargs as well.
func (s *Scalars) Call(args ...any) (any, error) {
	h := s.wire.rope.calls.Load()
	if h == nil || !h.ScalarCalls || s.wire.err != nil {
		return s.callMethod(args)
	}
	value, key, f := h.ProbeScalars(hit.Get, args)
	if f == hit.Present {
		return value, nil
	}
	return s.finish(key, f, args)
}

// callMethod is Call for a bound method, for a rope that looks for options in contexts, of which
// there is none among the arguments, and for calls that have to bind their arguments.
func (s *Scalars) callMethod(args []any) (value any, err error) {
	w := s.wire
	h := w.rope.calls.Load()
	if h == nil || w.err != nil {
		return s.finish("", hit.Elsewhere, args)
	}
	var key string
	f := hit.Elsewhere
	switch h = h.WithoutContext(); {
	case h.ScalarCalls:
		value, key, f = h.ProbeScalars(hit.Get, args)
	case h.Way() != hit.General && h.OnlyScalars && w.isBound:
		value, key, f = h.ProbeMethod(hit.Get, w.bound, args)
	}
	if f == hit.Present {
		return value, nil
	}
	return s.finish(key, f, args)
}

// finish completes a call that has no value yet or is not simple.
func (s *Scalars) finish(key string, f hit.Found, args []any) (any, error) {
	w := s.wire
	copies, err := copyScalars(args)
	if err != nil {
		return nil, w.fail("call", "", err)
	}
	if f == hit.Elsewhere {
		return w.Call(copies...)
	}
	return result(w.getOrRun(w.Context(), key, copies))
}

// copyScalars copies the arguments, so that they can outlive the caller's stack.
func copyScalars(args []any) ([]any, error) {
	copies := make([]any, len(args))
	for i, arg := range args {
		var ok bool
		if copies[i], ok = keytext.CopyScalar(arg); !ok {
			return nil, fault.Argumentf("argument %d is a %v: Scalars takes strings, numbers and bools alone, Call takes the others", i+1, reflect.TypeOf(arg))
		}
	}
	return copies, nil
}

func (w *Wire) defaultAction(args []any) (any, error) {
	copies := slices.Clone(args) // so that the caller's slice is on the stack
	switch action := w.rope.config.DefaultAction; action {
	case "get_or_update":
		return w.runValue(action, (*composed).GetOrUpdate, copies)
	case NoDefaultAction:
		return nil, w.fail("call", "", fmt.Errorf("%w: the rope has no default action", errors.ErrUnsupported))
	default:
		return w.Run(action, copies...)
	}
}

// result drops what the function returned beside its error: only a typed call returns
// that.
func result(value any, err error) (any, error) {
	if e, ok := err.(*Error); err != nil && !(ok && e.made) {
		return nil, err
	}
	return value, err
}

// simpleKey returns the key of a simple call.
func (w *Wire) simpleKey(args []any) (string, bool) {
	_, key, _, f := w.short(hit.Key, args)
	return key, f == hit.Missing
}

// shortMany writes the keys of a bulk call, if all its calls are of the simple kind and the
// values lie in an LruCache as they are. The caller gives the text back to the pool.
func (w *Wire) shortMany(list []any) (*hit.Plan, *keytext.Text) {
	h := w.rope.fast.Load()
	if h == nil || w.err != nil || !h.Cached() {
		return nil, nil
	}
	t := keytext.GetText()
	for _, element := range list {
		args, ok := element.(Args)
		if ok && !h.Plain {
			var ctx context.Context
			args, ctx, ok = simpleArguments(h, args)
			ok = ok && ctx == nil
		}
		if !ok || !h.Append(t, w.bound, w.isBound, args) {
			keytext.PutText(t)
			return nil, nil
		}
	}
	return h, t
}

// setMany is SetMany the short way. It reports false where the call has to go the long way.
func (w *Wire) setMany(list, values []any) (err error, ok bool) {
	h, t := w.shortMany(list)
	if h == nil {
		return nil, false
	}
	defer keytext.PutText(t)
	if len(values) != len(list) || !h.AcceptsAll(values) {
		return nil, false
	}
	return w.writeEach("set_many", t, func(i int) bool { return h.Set(string(t.Key(i)), values[i]) },
		func(i int, key string) error { return w.Storage().Set(w.Context(), key, values[i]) }), true
}

// deleteMany is DeleteMany the short way. It reports false where the call has to go the long
// way.
func (w *Wire) deleteMany(list []any) (err error, ok bool) {
	h, t := w.shortMany(list)
	if h == nil {
		return nil, false
	}
	defer keytext.PutText(t)
	return w.writeEach("delete_many", t, func(i int) bool { return h.DeleteNow(t, i) },
		func(_ int, key string) error { return w.Storage().Delete(w.Context(), key) }), true
}

// writeEach writes under each of the keys of a bulk call: now or, where somebody is busy with
// the key, after that.
func (w *Wire) writeEach(action string, t *keytext.Text, now func(i int) bool, later func(i int, key string) error) error {
	var errs []error
	for i := range t.Ends {
		if now(i) {
			continue
		}
		key := string(t.Key(i))
		if err := later(i, key); err != nil {
			errs = append(errs, store.ElementError(i, key, err))
		}
	}
	return w.fail(action, "", errors.Join(errs...))
}

// getMany is GetMany the short way. It reports false where the call has to go the long way.
func (w *Wire) getMany(list []any) (values []any, ok bool) {
	h, t := w.shortMany(list)
	if h == nil {
		return nil, false
	}
	defer keytext.PutText(t)
	values = make([]any, len(list))
	missing, ok := h.GetMany(t, values)
	if missing == 0 || !ok {
		return values, ok
	}
	h.Missed(missing)
	w.rope.meter.CountSeveral(meter.Missed, missing)
	for i, value := range values {
		if value == hit.None {
			values[i] = w.rope.config.MissValue
		}
	}
	return values, true
}

// getOrUpdateMany is GetOrUpdateMany the short way. It reports false where the call has to go
// the long way.
func (w *Wire) getOrUpdateMany(list []any) (values []any, err error, ok bool) {
	h, t := w.shortMany(list)
	if h == nil {
		return nil, nil, false
	}
	values = make([]any, len(list))
	n, ok := h.GetMany(t, values)
	if n == 0 || !ok {
		keytext.PutText(t)
		return values, nil, ok
	}
	if w.rope.batch != nil { // the long way looks for all of them
		keytext.PutText(t)
		h.TakeBack(len(list) - n)
		return nil, nil, false
	}
	missing, keys := make([]int, 0, n), make([]string, 0, n)
	for i, value := range values {
		if value == hit.None {
			missing, keys = append(missing, i), append(keys, string(t.Key(i)))
		}
	}
	keytext.PutText(t)
	returned := false
	defer func() {
		if !returned { // the function panicked: nothing counts
			h.TakeBack(len(list) - n)
		}
	}()
	err = w.runMissing(list, values, missing, keys)
	returned = true
	return values, err, true
}

// runMissing completes the values of a GetOrUpdateMany. missing are the places of those that
// were not found, and keys their keys.
func (w *Wire) runMissing(list, values []any, missing []int, keys []string) error {
	ctx := w.Context()
	calls := make([][]any, len(missing))
	var who flight.Goroutine
	for n, i := range missing {
		calls[n] = w.allArgs(list[i].(Args))
		if who == 0 && w.rope.partial.canBe() {
			who = w.leader(calls[n], nil)
		}
	}
	outcomes := w.rope.values().RunMissing(ctx, keys, who, func(f *flight.Flight, n int) (any, error) {
		return w.runIn(f, ctx, calls[n])
	})
	found, errs := w.ranMany(outcomes)
	var failed []error
	for n, i := range missing {
		values[i] = found[n]
		if errs != nil && errs[n] != nil {
			failed = append(failed, store.ElementError(i, keys[n], errs[n]))
		}
	}
	return w.fail("get_or_update_many", "", errors.Join(failed...))
}
