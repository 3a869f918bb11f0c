package ring

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"unsafe"

	"github.com/ring-go/ring/internal/callable"
	"github.com/ring-go/ring/internal/flight"
	"github.com/ring-go/ring/internal/hit"
	"github.com/ring-go/ring/internal/store"
)

// Func returns the cached function with the type of the original, without the receiver
// if the wire is bound to one. A panic in it is the function's own.
//
// If the function has no error result, an error of the key or the storage goes to
// Options.OnError and the function runs. An error of your own user interface goes there
// as well, and the results are zero. If the default action is get, a miss is zero.
func (w *Wire) Func() any {
	return w.typed().Interface()
}

// typed returns the cached function with the type of the original.
func (w *Wire) typed() reflect.Value {
	if w.err == callable.ErrNilContext { // as in a call of the function with a nil context
		w = w.WithContext(context.Background())
	}
	fn := reflect.MakeFunc(w.funcType(), w.callTyped())
	callable.Decorated.Add(fn, w.typedIdentity())
	return fn
}

// funcType returns the type of the cached function: that of the original, without the
// receiver if the wire is bound.
func (w *Wire) funcType() reflect.Type {
	typ := w.rope.fn.Type
	if !w.isBound || !w.rope.fn.Receiver {
		return typ
	}
	in := make([]reflect.Type, 0, typ.NumIn()-1)
	for i := 1; i < typ.NumIn(); i++ {
		in = append(in, typ.In(i))
	}
	out := make([]reflect.Type, typ.NumOut())
	for i := range out {
		out[i] = typ.Out(i)
	}
	return reflect.FuncOf(in, out, typ.IsVariadic())
}

// typedIdentity tells whose function a typed one is.
func (w *Wire) typedIdentity() callable.Identity {
	id := w.rope.fn.Identity
	if w.isBound && w.rope.fn.Receiver {
		id.Origin, id.Stable, id.Receiver, id.Signature = callable.MethodValue, false, false, id.Signature.WithoutReceiver()
	}
	return id
}

// mustReturn panics where the default action returns no result of the function.
func (r *Rope) mustReturn(action string) {
	if !r.returnsResult() {
		panic(&Error{Action: action, Rope: r.fn.Name,
			Err: fmt.Errorf("the default action %q returns no result of the function: call the methods of the rope that Wrap returns", r.config.DefaultAction)})
	}
	if p := r.values().Policy; p != nil && p.Run > 0 && !r.fn.Fails {
		panic(&Error{Action: action, Rope: r.fn.Name,
			Err: errors.New("the function returns no error, so that it cannot tell when RunTimeout is over: return an error as well, or call the methods of the rope that Wrap returns")})
	}
}

// callTyped is Call with the function's own inputs and outputs. Recursive functions pass
// through here, so the size of its frame matters.
func (w *Wire) callTyped() func(in []reflect.Value) []reflect.Value {
	return func(in []reflect.Value) []reflect.Value {
		h := w.rope.calls.Load()
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
		value, err := w.getOrRunTyped(w.inputContext(in), key, values)
		return w.typedOutputs(in, value, err)
	}
}

// callTypedSlowly is callTyped for calls that are not simple.
func (w *Wire) callTypedSlowly(in []reflect.Value) []reflect.Value {
	if err := w.broken(); err != nil {
		return w.typedOutputs(in, nil, w.fail("call", "", err))
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
	if ctx := w.inputContext(in); w.reportTyped(ctx, err) {
		value, _ = w.run(ctx, nil, w.inputs(in))
	}
	return c.Outputs(in, value, nil)
}

// reportTyped reports an error that a typed function cannot return. It tells whether the
// function has yet to run for the call.
func (w *Wire) reportTyped(ctx context.Context, err error) (run bool) {
	e, ok := err.(*Error)
	if !ok { // a user interface's own error: it may have meant that nothing shall run
		w.rope.report(ctx, &Error{Action: w.rope.config.DefaultAction, Rope: w.rope.fn.Name, Err: err})
		return false
	}
	w.rope.report(ctx, e)
	return !e.made && w.broken() == nil
}

// typedAction runs the default action. Its value is one of the function's results, or
// nil, also beside an error.
func (w *Wire) typedAction(values []any) (any, error) {
	if err := w.broken(); err != nil {
		return nil, w.fail("call", "", err)
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

// getOrRunTyped is getOrRun for all values that the function is called with.
func (w *Wire) getOrRunTyped(ctx context.Context, key string, values []any) (any, error) {
	if w.rope.values().Policy != nil {
		return w.getFreshValues(ctx, key, w.leader(values, nil), func() []any { return values })
	}
	var o flight.Outcome
	if !w.glance(ctx, key, &o) {
		w.rope.values().RunOrJoin(ctx, key, w.leader(values, nil), func(f *flight.Flight) (any, error) {
			return w.runIn(f, ctx, values)
		}, &o)
	}
	return w.gotOrRan(key, &o)
}

// The functions of typed.go say where their inputs lie, and box them only where they are
// needed as values.

// probeAt looks for the value of a typed call, whose inputs lie at the places at.
func (w *Wire) probeAt(at []unsafe.Pointer) (value any, key string, f hit.Found) {
	h := w.rope.calls.Load()
	if h == nil || w.err != nil {
		return nil, "", hit.Elsewhere
	}
	return h.ProbeAt(w.bound, w.isBound, at)
}

// finishTyped is a typed call whose value probeAt has not found. box returns the inputs, and
// run calls the function with them. The context among them lies at place, where that is not
// nil, and becomes that of the run. For a function without an error result it returns the
// results even if the storage has failed.
//
// Recursive functions pass through here, and what a frame holds counts: all but the run has
// frames of its own, which are gone before it. Package store knows these functions by name.
func (w *Wire) finishTyped(key string, f hit.Found, place *context.Context, box func() []any, run func() (any, error)) (any, error) {
	var l store.Lead
	value, err, leads := w.seekTyped(&l, key, f, place, box)
	if !leads {
		return value, err
	}
	defer l.Crash()
	value, err = run()
	return w.landTyped(&l, box, value, err)
}

// seekTyped is finishTyped up to the run. If the caller does not have to run the function, it
// returns the results.
//
//go:noinline
func (w *Wire) seekTyped(l *store.Lead, key string, f hit.Found, place *context.Context, box func() []any) (value any, err error, leads bool) {
	ctx := w.contextAt(place)
	if f != hit.Missing || w.isBound || w.rope.partial.canBe() || w.rope.values().Policy != nil || w.rope.trace.Run != nil {
		value, err = w.finishBoxed(ctx, key, f, box)
		value, err = w.resultsTyped(ctx, box, value, err)
		return value, err, false
	}
	var o flight.Outcome
	if !w.glance(ctx, key, &o) && w.rope.values().Seek(ctx, key, 0, l, &o) {
		if place != nil {
			*place = l.Within()
		}
		l.Begin()
		return nil, nil, true
	}
	value, err = w.gotOrRan(key, &o)
	value, err = w.resultsTyped(ctx, box, value, err)
	return value, err, false
}

// landTyped is finishTyped after the run.
//
//go:noinline
func (w *Wire) landTyped(l *store.Lead, box func() []any, value any, err error) (any, error) {
	o := flight.Outcome{Value: value, Err: err}
	ctx, key := l.Context(), l.Key()
	l.End(err)
	l.Land(&o)
	value, err = w.gotOrRan(key, &o)
	return w.resultsTyped(ctx, box, value, err)
}

// resultsTyped returns the results of a typed call. Where the function returns no error, it
// reports that, and runs the function if it has not run.
func (w *Wire) resultsTyped(ctx context.Context, box func() []any, value any, err error) (any, error) {
	if err == nil || w.rope.fn.Fails {
		return value, err
	}
	return w.failTyped(ctx, box, value, err), nil
}

// failTyped reports the error of a function that returns none, and runs the function if it
// has not run.
//
//go:noinline
func (w *Wire) failTyped(ctx context.Context, box func() []any, value any, err error) any {
	if w.reportTyped(ctx, err) {
		value, _ = w.run(ctx, nil, w.bindInputs(box()))
	}
	return value
}

// finishBoxed is finishTyped by the values that the function is called with.
//
//go:noinline
func (w *Wire) finishBoxed(ctx context.Context, key string, f hit.Found, box func() []any) (value any, err error) {
	values := w.bindInputs(box())
	h := w.rope.calls.Load()
	if h == nil || w.err != nil || h.For(ctx) == nil {
		return w.WithContext(ctx).typedAction(values)
	}
	if f == hit.Elsewhere {
		value, key, f = h.ProbeValues(values)
	}
	switch {
	case f == hit.Present:
		return value, nil
	case f == hit.Missing && h.Fit(values):
		return w.getOrRunTyped(ctx, key, values)
	}
	return w.WithContext(ctx).typedAction(values)
}

// bindInputs returns the values that the function is called with: without the context, and
// with the receiver of a bound wire.
func (w *Wire) bindInputs(inputs []any) []any {
	if i := w.contextPlace(); i >= 0 {
		inputs = append(inputs[:i:i], inputs[i+1:]...)
	}
	if w.isBound {
		return append([]any{w.bound}, inputs...)
	}
	return inputs
}

// contextPlace is the place of the context among the inputs of a typed call; -1: it has none.
func (w *Wire) contextPlace() int {
	if w.isBound {
		return max(w.rope.fn.ContextAt-1, -1)
	}
	return w.rope.fn.ContextAt
}

// contextIn returns where the context of a typed call lies, whose inputs lie at the places at;
// nil: it has none.
func (w *Wire) contextIn(at []unsafe.Pointer) *context.Context {
	if i := w.contextPlace(); i >= 0 {
		return (*context.Context)(at[i])
	}
	return nil
}

// contextAt returns the context that lies at a place, or else that of the wire.
func (w *Wire) contextAt(place *context.Context) context.Context {
	if place != nil && !callable.IsNilContext(*place) {
		return *place
	}
	return w.Context()
}
