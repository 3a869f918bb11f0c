package ring

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"sync/atomic"

	"github.com/ring-go/ring/internal/callable"
	"github.com/ring-go/ring/internal/doctor"
	"github.com/ring-go/ring/internal/fault"
	"github.com/ring-go/ring/internal/flight"
	"github.com/ring-go/ring/internal/hit"
	"github.com/ring-go/ring/internal/keytext"
	"github.com/ring-go/ring/lrucache"
)

// newHitPlan returns nil if every call of the rope has to bind its arguments.
func newHitPlan(r *Rope) *hit.Plan {
	if !r.ui.standard || r.config.DefaultAction != "get_or_update" {
		return nil
	}
	var cache *lrucache.LruCache
	if *r.storage.Coder.Load() == nil {
		cache = r.storage.LRU
	}
	return hit.New(r.fn, r.plan, cache, &r.hits)
}

// callSimple is Call for a plan whose calls are simple, but not plain.
func (w *Wire) callSimple(h *hit.Plan, args []any) (any, error) {
	simple, ctx, ok := simpleArguments(h, args)
	if !ok {
		return w.defaultAction(args)
	}
	value, key, f := h.Probe(w.bound, w.isBound, simple)
	switch f {
	case hit.Present:
		return value, nil
	case hit.Elsewhere:
		return w.defaultAction(args)
	}
	if ctx == nil {
		ctx = w.Context()
	}
	return result(w.getOrRun(ctx, key, w.allArgs(simple)))
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

// getOrRun is GetOrUpdate for bound values whose key was not found by the plan. Beside
// the function's own error it returns what the function returned.
func (w *Wire) getOrRun(ctx context.Context, key string, values []any) (any, error) {
	var o flight.Outcome
	if w.rope.probes() || !w.rope.storage.Glance(ctx, key, &o) {
		w.rope.storage.RunOrJoin(ctx, key, w.leader(values, nil), func(f *flight.Flight) (any, error) {
			if w.rope.fn.ContextAt >= 0 {
				return w.rope.fn.Call(flight.Within(ctx, f), values)
			}
			return w.rope.fn.Call(ctx, values)
		}, &o)
	}
	w.count(o.Hit)
	return o.Value, w.failOutcome("get_or_update", key, &o)
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
	h := s.wire.rope.fast.Load()
	if h == nil || !h.OnlyScalars || h.Kind() != hit.Scalars || s.wire.rope.fn.Receiver || s.wire.err != nil {
		return s.callMethod(args)
	}
	value, key, f := h.ProbeScalars(args)
	if f == hit.Present {
		return value, nil
	}
	return s.finish(h, key, f, args)
}

// callMethod is Call for a bound method and for calls that have to bind their arguments.
func (s *Scalars) callMethod(args []any) (any, error) {
	w := s.wire
	h := w.rope.fast.Load()
	if h == nil || h.Kind() == hit.General || !h.OnlyScalars || !w.isBound || w.err != nil {
		return s.finish(nil, "", hit.Elsewhere, args)
	}
	value, key, f := h.ProbeMethod(w.bound, args)
	if f == hit.Present {
		return value, nil
	}
	return s.finish(h, key, f, args)
}

// finish completes a call that has no value yet or is not simple.
func (s *Scalars) finish(h *hit.Plan, key string, f hit.Found, args []any) (any, error) {
	w := s.wire
	copies, err := copyScalars(args)
	if err != nil {
		return nil, w.fail("call", "", err)
	}
	if f == hit.Elsewhere {
		return w.Call(copies...)
	}
	return result(w.getOrRun(w.Context(), key, w.allArgs(copies)))
}

// copyScalars copies the arguments, so that they can outlive the caller's stack.
func copyScalars(args []any) ([]any, error) {
	copies := make([]any, len(args))
	for i, arg := range args {
		var ok bool
		if copies[i], ok = copyScalar(arg); !ok {
			return nil, fault.Argumentf("argument %d is a %v: Scalars takes strings, numbers and bools alone, Call takes the others", i+1, reflect.TypeOf(arg))
		}
	}
	return copies, nil
}

func copyScalar(v any) (any, bool) {
	switch v := v.(type) {
	case string:
		return v, true
	case int:
		return v, true
	case nil:
		return nil, false
	}
	from := reflect.ValueOf(v)
	to := reflect.New(from.Type()).Elem()
	switch s := keytext.ScalarOf(from.Kind()); {
	case s == keytext.NoScalar:
		return nil, false
	case s == keytext.ScalarString:
		to.SetString(from.String())
	case s == keytext.ScalarBool:
		to.SetBool(from.Bool())
	case from.CanInt():
		to.SetInt(from.Int())
	case from.CanUint():
		to.SetUint(from.Uint())
	default:
		to.SetFloat(from.Float())
	}
	return to.Interface(), true
}

// partialKeys tells whether calls of a rope with different arguments can have the same
// key, because the key leaves something out or the user's code makes it. A call within
// the run of such a key, with the same key, need not recurse for ever.
type partialKeys struct {
	always  atomic.Bool
	dynamic bool // whether a value in an interface leaves something out
}

func (r *Rope) findPartialKeys() {
	k := r.plan
	worst := k.Completeness()
	r.partial.always.Store(!r.ui.standard || k.Refactor != nil && !doctor.SameFunc(k.Refactor, MemcacheKey) ||
		r.config.KeyStyle == PythonKeys || len(k.Parts) < len(r.fn.Params) || worst == keytext.Incomplete)
	r.partial.dynamic = worst == keytext.Undecided
}

// canBe reports whether the key of any call can be partial.
func (k *partialKeys) canBe() bool { return k.always.Load() || k.dynamic }

// has reports whether the key of this call is partial.
func (k *partialKeys) has(bound any, args []any, kwargs Kwargs) bool {
	return k.always.Load() || k.dynamic && k.hasDynamic(bound, args, kwargs)
}

func (k *partialKeys) hasDynamic(bound any, args []any, kwargs Kwargs) bool {
	if keytext.IsIncomplete(bound) || slices.ContainsFunc(args, keytext.IsIncomplete) {
		return true
	}
	for _, v := range kwargs {
		if keytext.IsIncomplete(v) {
			return true
		}
	}
	return false
}

// typed returns the cached function with the type of the original.
func (w *Wire) typed() reflect.Value {
	if w.err == callable.ErrNilContext { // as in a call of the function with a nil context
		w = w.WithContext(context.Background())
	}
	c := w.rope.fn
	typ := c.Type
	id := c.Identity
	if w.isBound && c.Receiver {
		in := make([]reflect.Type, 0, typ.NumIn()-1)
		for i := 1; i < typ.NumIn(); i++ {
			in = append(in, typ.In(i))
		}
		out := make([]reflect.Type, typ.NumOut())
		for i := range out {
			out[i] = typ.Out(i)
		}
		typ = reflect.FuncOf(in, out, typ.IsVariadic())
		id.Origin, id.Stable, id.Receiver, id.Signature = callable.MethodValue, false, false, id.Signature.WithoutReceiver()
	}
	fn := reflect.MakeFunc(typ, w.callTyped())
	callable.Decorated.Add(fn, id)
	return fn
}

// callTyped is Call with the function's own inputs and outputs. Recursive functions pass
// through here, so the size of its frame matters.
func (w *Wire) callTyped() func(in []reflect.Value) []reflect.Value {
	return func(in []reflect.Value) []reflect.Value {
		h := w.rope.fast.Load()
		if h == nil || w.err != nil {
			return w.callTypedSlowly(in)
		}
		value, key, f := h.ProbeTyped(w.bound, w.isBound, in)
		if f == hit.Present {
			return w.rope.fn.Outputs(in, value, nil)
		}
		values := w.inputs(in)
		if f == hit.Elsewhere || !h.Fit(values) {
			return w.callTypedSlowly(in)
		}
		value, err := w.getOrRun(w.inputContext(in), key, values)
		return w.typedOutputs(in, value, err)
	}
}

// callTypedSlowly is callTyped for calls that are not simple.
func (w *Wire) callTypedSlowly(in []reflect.Value) []reflect.Value {
	if w.err != nil {
		return w.typedOutputs(in, nil, w.fail("call", "", w.err))
	}
	value, err := w.WithContext(w.inputContext(in)).typedAction(w.inputs(in))
	return w.typedOutputs(in, value, err)
}

// typedOutputs returns the outputs of a typed call. A function without an error result
// returns its results even if the storage has failed.
func (w *Wire) typedOutputs(in []reflect.Value, value any, err error) []reflect.Value {
	c := w.rope.fn
	if err == nil || c.Fails {
		return c.Outputs(in, value, err)
	}
	ctx := w.inputContext(in)
	e, ok := err.(*Error)
	if !ok { // a user interface's own error: it may have meant that nothing shall run
		w.rope.report(ctx, &Error{Action: w.rope.config.DefaultAction, Rope: c.Name, Err: err})
		return c.Outputs(in, value, nil)
	}
	w.rope.report(ctx, e)
	if !e.made && w.err == nil {
		value, _ = c.Call(ctx, w.inputs(in))
	}
	return c.Outputs(in, value, nil)
}

// typedAction runs the default action. Its value is one of the function's results, or
// nil, also beside an error.
func (w *Wire) typedAction(values []any) (any, error) {
	if w.err != nil {
		return nil, w.fail("call", "", w.err)
	}
	p := packed(w.rope.fn.Pack(values, w.isBound))
	var value any
	var err error
	switch action := w.rope.config.DefaultAction; action {
	case "get_or_update":
		value, err = w.rope.ui.GetOrUpdate(w, p)
	case "execute":
		value, err = w.rope.ui.Execute(w, p)
	case "get":
		value, err = w.rope.ui.Get(w, p)
	case "update":
		value, err = w.rope.ui.Update(w, p)
	default:
		f, ok := w.rope.ui.extra[action]
		if !ok {
			return nil, w.fail("call", "", fmt.Errorf("%w: the rope has no default action that returns a result", errors.ErrUnsupported))
		}
		value, err = f(w, p)
	}
	if value == nil {
		return nil, err
	}
	fitted, misfit := w.rope.fn.Fit(value)
	if err == nil && misfit != nil {
		err = w.fail(w.rope.config.DefaultAction, "", misfit)
	}
	return fitted, err
}

// inputs returns the bound values of a typed call.
func (w *Wire) inputs(in []reflect.Value) []any {
	return w.rope.fn.Inputs(nil, w.bound, w.isBound, in)
}

// inputContext returns the context of a typed call.
func (w *Wire) inputContext(in []reflect.Value) context.Context {
	i := w.rope.fn.ContextAt
	if i < 0 {
		return w.Context()
	}
	if w.isBound {
		i--
	}
	ctx, _ := in[i].Interface().(context.Context)
	if callable.IsNilContext(ctx) {
		return w.Context()
	}
	return ctx
}

func (w *Wire) defaultAction(args []any) (any, error) {
	copies := slices.Clone(args) // so that the caller's slice is on the stack
	switch action := w.rope.config.DefaultAction; action {
	case "get_or_update":
		return w.GetOrUpdate(copies...)
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
func (w *Wire) simpleKey(h *hit.Plan, args []any) (string, bool) {
	args, _, ok := simpleArguments(h, args)
	if !ok {
		return "", false
	}
	return h.Key(w.bound, w.isBound, args)
}

// leader returns who leads the flight of a call, where that matters: with a partial key,
// a call within the run of the same key must be told from others.
func (w *Wire) leader(args []any, kwargs Kwargs) flight.Goroutine {
	if !w.rope.partial.has(w.bound, args, kwargs) {
		return 0
	}
	return flight.CurrentGoroutine()
}

// executeIn runs the function within a flight. The context of the run marks its calls to
// itself.
func (w *Wire) executeIn(f *flight.Flight, p ArgPack) (any, error) {
	if w.rope.fn.ContextAt >= 0 || !w.rope.ui.standard {
		w = w.WithContext(flight.Within(w.Context(), f))
	}
	value, err := w.rope.ui.Execute(w, p)
	if err == nil {
		return value, nil
	}
	// A bulk call's elements can have contexts of their own.
	if _, given := w.rope.fn.TakeContext(p.Args, w.isBound); given != nil && !p.bare {
		f.Left = given.Err() != nil
	}
	return value, err
}

// runContext returns the context that the function gets: the one among its arguments, or
// else the wire's.
func (w *Wire) runContext(given context.Context) context.Context {
	if given == nil {
		return w.Context()
	}
	if f := flight.FlightIn(w.Context()); f != nil && flight.FlightIn(given) != f {
		return flight.WithFlight(given, f)
	}
	return given
}

// updateIn is executeIn for an update. It marks the context only where the key is
// partial.
func (w *Wire) updateIn(f *flight.Flight, p ArgPack) (any, error) {
	if f.Leader == 0 {
		return w.UserInterface().Execute(w, p)
	}
	return w.executeIn(f, p)
}
