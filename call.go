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

// newHitPlan returns nil for a rope whose calls all go the long way.
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

// callSimple is Call by a plan whose calls are not plain.
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

// simpleArguments separates the context from the others. It reports false for arguments
// by name.
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

// allArgs are the arguments of a call with its receiver, in a slice of their own: that of
// the arguments may be on the caller's stack.
func (w *Wire) allArgs(args []any) []any {
	values := make([]any, 0, len(w.rope.fn.Params))
	if w.isBound {
		values = append(values, w.bound)
	}
	return append(values, args...)
}

// probes tells whether a plan has looked a value up that it did not find.
func (r *Rope) probes() bool {
	h := r.fast.Load()
	return h != nil && h.Cached()
}

// getOrRun is GetOrUpdate for bound values whose key was not found at once. Beside
// the function's own error it returns what the function did.
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

// Scalars calls a cached function with strings, numbers and bools alone. Its Call
// answers a hit without allocating: the compiler then keeps the arguments on the
// caller's stack, which it cannot do for a Call that takes anything. It is safe for
// concurrent use.
type Scalars struct{ wire *Wire }

// Scalars returns the means of calling the function with scalars alone, for the
// hottest of loops. The wire's context and receiver are those of its calls.
func (w *Wire) Scalars() *Scalars { return &Scalars{w} }

// Call is Wire.Call for arguments whose types are kinds of string, bool, integer or
// float. Any other argument, a context and a Kwargs among them, is an ErrArguments.
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

// callMethod is Call for a method that is bound and for what has to go the long way.
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

// finish is Call for a call that has no value yet, or is out of the ordinary.
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

// copyScalars makes copies that can outlive the caller's.
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

// partialKeys tells of a rope whether calls with different arguments can have one key,
// because it leaves something out or is the user's own. A call within the run of such a
// key, with the same key, need not be endless.
type partialKeys struct {
	always  atomic.Bool
	dynamic bool // if what an interface holds leaves something out
}

func (r *Rope) findPartialKeys() {
	k := r.plan
	worst := k.Completeness()
	r.partial.always.Store(!r.ui.standard || k.Refactor != nil && !doctor.SameFunc(k.Refactor, MemcacheKey) ||
		r.config.KeyStyle == PythonKeys || len(k.Parts) < len(r.fn.Params) || worst == keytext.Incomplete)
	r.partial.dynamic = worst == keytext.Undecided
}

// canBe tells whether the key of some call is partial.
func (k *partialKeys) canBe() bool { return k.always.Load() || k.dynamic }

// has tells whether the key of a call is partial.
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

// typed makes the cached function.
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
// through here: what a frame holds counts.
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

// callTypedSlowly is callTyped for what is out of the ordinary.
func (w *Wire) callTypedSlowly(in []reflect.Value) []reflect.Value {
	if w.err != nil {
		return w.typedOutputs(in, nil, w.fail("call", "", w.err))
	}
	value, err := w.WithContext(w.inputContext(in)).typedAction(w.inputs(in))
	return w.typedOutputs(in, value, err)
}

// typedOutputs are the outputs of a typed call. A function without an error result
// answers all the same when the storage has failed.
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

// typedAction does the default action. Its value is one of the function's results,
// or nil, also beside an error.
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

// inputs are the bound values of a typed call.
func (w *Wire) inputs(in []reflect.Value) []any {
	return w.rope.fn.Inputs(nil, w.bound, w.isBound, in)
}

// inputContext is the context of a typed call.
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

// result leaves out what the function returned beside its error, which only a typed
// call returns.
func result(value any, err error) (any, error) {
	if e, ok := err.(*Error); err != nil && !(ok && e.made) {
		return nil, err
	}
	return value, err
}

// simpleKey is the key of a call of the simple kind.
func (w *Wire) simpleKey(h *hit.Plan, args []any) (string, bool) {
	args, _, ok := simpleArguments(h, args)
	if !ok {
		return "", false
	}
	return h.Key(w.bound, w.isBound, args)
}

// leader is who leads the flight of a call, for those that have to know it: a call
// within the run of the same key must be told from others where the key is partial.
func (w *Wire) leader(args []any, kwargs Kwargs) flight.Goroutine {
	if !w.rope.partial.has(w.bound, args, kwargs) {
		return 0
	}
	return flight.CurrentGoroutine()
}

// executeIn runs the function within a flight, in which its calls to itself are
// recognized by their context.
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

// runContext is the context that the function gets: the one among its arguments or
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

// updateIn is executeIn for an update, within which others are recognized only where the
// key is partial.
func (w *Wire) updateIn(f *flight.Flight, p ArgPack) (any, error) {
	if f.Leader == 0 {
		return w.UserInterface().Execute(w, p)
	}
	return w.executeIn(f, p)
}
