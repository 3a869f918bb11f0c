package ring

import (
	"context"
	"reflect"

	"github.com/ring-go/ring/internal/callable"
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
