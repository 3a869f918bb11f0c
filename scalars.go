package ring

import (
	"reflect"

	"github.com/ring-go/ring/internal/fault"
	"github.com/ring-go/ring/internal/keytext"
)

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
	if h == nil || !h.only || s.wire.err != nil {
		return s.callMethod(args)
	}
	value, key, f := h.probeScalars(args)
	if f == present {
		return value, nil
	}
	return s.finish(h, key, f, args)
}

// callMethod is Call for a method that is bound and for what has to go the long way.
func (s *Scalars) callMethod(args []any) (any, error) {
	w := s.wire
	h := w.rope.fast.Load()
	if h == nil || !h.tail || h.others || !w.isBound || w.err != nil {
		return s.finish(nil, "", elsewhere, args)
	}
	value, key, f := h.probeMethod(w, args)
	if f == present {
		return value, nil
	}
	return s.finish(h, key, f, args)
}

// finish is Call for a call that has no value yet, or is out of the ordinary.
func (s *Scalars) finish(h *hitPlan, key string, f found, args []any) (any, error) {
	w := s.wire
	copies, err := copyScalars(args)
	if err != nil {
		return nil, w.fail("call", "", err)
	}
	if f == elsewhere {
		return w.Call(copies...)
	}
	return result(h.getOrUpdate(w, w.Context(), key, w.allArgs(copies)))
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
