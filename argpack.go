package ring

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"

	"github.com/ring-go/ring/internal/callable"
	"github.com/ring-go/ring/internal/fault"
	"github.com/ring-go/ring/internal/pyvalue"
	"github.com/ring-go/ring/internal/signature"
	"github.com/ring-go/ring/pickle"
)

// Args are positional arguments, one element of a bulk call.
// Python: builtins.tuple.
type Args []any

// Kwargs are arguments by name. A Kwargs is the last argument of a call, or one element
// of a bulk call. In a bulk call the name of *args may stand for a list of further
// positional arguments.
// Python: builtins.dict.
type Kwargs map[string]any

// ArgPack holds one call's arguments as a user interface sees them, before they are
// bound to the function's parameters. Args may begin with a context.Context.
// Python: ring.func.base.ArgPack.
type ArgPack struct {
	Bound  any    // the receiver of a bound wire, nil when there is none. Python: bounds
	Args   Args   // Python: args
	Kwargs Kwargs // Python: kwargs

	bare bool // there is no context among Args
}

// Tuple holds several values in one: the results of a function that has several, or
// Python's tuple as an argument or default value.
// Python: builtins.tuple.
type Tuple = pickle.Tuple

// FrozenSet is Python's frozenset, a map[any]struct{}, as an argument or default value.
// Use it where the key has to differ from that of a set, which is any map[T]struct{}.
// Python: builtins.frozenset.
type FrozenSet = pyvalue.FrozenSet

// Ellipsis is Python's ..., as an argument or default value. Python: builtins.Ellipsis.
var Ellipsis = pyvalue.Ellipsis

// pack returns p as a callable.Pack.
func (p ArgPack) pack() callable.Pack {
	return callable.Pack{Bound: p.Bound, Args: p.Args, Kwargs: p.Kwargs, Bare: p.bare}
}

func packed(p callable.Pack) ArgPack {
	return ArgPack{Bound: p.Bound, Args: p.Args, Kwargs: p.Kwargs, bare: p.Bare}
}

func init() {
	callable.ArgsType, callable.KwargsType = reflect.TypeFor[Args](), reflect.TypeFor[Kwargs]()
}

// prepare separates the context and the keyword arguments from the others.
func (w *Wire) prepare(action string, args []any) (*Wire, ArgPack, error) {
	if err := w.broken(); err != nil {
		return w, ArgPack{}, w.fail(action, "", err)
	}
	args, ctx := w.rope.fn.TakeContext(args, w.isBound)
	if ctx != nil {
		w = w.WithContext(ctx)
		if err := w.broken(); err != nil {
			return w, ArgPack{}, w.fail(action, "", err)
		}
	}
	p := w.argPack(args)
	p.bare = true
	return w, p, nil
}

func (w *Wire) argPack(args []any) ArgPack {
	p := ArgPack{Bound: w.bound, Args: args}
	if n := len(args) - 1; n >= 0 {
		if kwargs, ok := args[n].(Kwargs); ok {
			p.Args, p.Kwargs = args[:n:n], kwargs
		}
	}
	return p
}

// argPacks turns the elements of a bulk call into ArgPacks.
func (w *Wire) argPacks(action string, list []any) ([]ArgPack, error) {
	if err := w.broken(); err != nil {
		return nil, w.fail(action, "", err)
	}
	ps := make([]ArgPack, len(list))
	for i, element := range list {
		switch e := element.(type) {
		case Args:
			ps[i] = w.argPack(e)
		case Kwargs:
			p, err := w.rope.fn.Spread(callable.Pack{Bound: w.bound, Kwargs: e}, w.isBound)
			if err != nil {
				return nil, w.fail(action, "", fmt.Errorf("element %d: %w", i, err))
			}
			ps[i] = packed(p)
		default:
			return nil, w.fail(action, "", fault.Argumentf("element %d is %s", i, elementHint(element)))
		}
	}
	return ps, nil
}

// hintSet adds to an error of Set what the caller may have meant.
func (w *Wire) hintSet(err error, value any, args []any) error {
	e, ok := err.(*Error)
	if !ok || !errors.Is(e, ErrArguments) {
		return err
	}
	hinted := *e
	hinted.Err = fmt.Errorf("%w%s", e.Err, w.setHint(value, args))
	return &hinted
}

// setHint is for a failed Set: it is easy to forget that the value comes first.
func (w *Wire) setHint(value any, args []any) string {
	if _, misfit := w.rope.fn.Fit(value); callable.IsContext(value) && (misfit != nil || callable.IsAny(w.rope.fn.Result)) {
		return "; the value comes first, and then a context: Set(value, ctx, …)"
	}
	args, _ = w.rope.fn.TakeContext(args, w.isBound)
	const first = "; the value comes first, and then the arguments: Set(value, args...)"
	if _, _, err := w.rope.fn.Bind(w.argPack(slices.Clone(args)).pack(), w.isBound); signature.IsMissing(err) {
		return first
	}
	n := len(args) - 1
	if n < 0 {
		return ""
	}
	_, _, err := w.rope.fn.Bind(w.argPack(append([]any{value}, args[:n]...)).pack(), w.isBound)
	if _, misfit := w.rope.fn.Fit(args[n]); err != nil || misfit != nil {
		return ""
	}
	return first
}

// kwargsHint is for element i of a bulk call, which lacks arguments: the one before it may
// have been meant to hold them.
func kwargsHint(ps []ArgPack, i int, err error) string {
	if i == 0 || len(ps[i].Args) > 0 || len(ps[i].Kwargs) == 0 || len(ps[i-1].Kwargs) > 0 || !signature.IsMissing(err) {
		return ""
	}
	return "; a Kwargs is a call of its own; for one call write ring.Args{1, ring.Kwargs{…}}"
}

// elementHint is for an element of a bulk call that is neither Args nor Kwargs.
func elementHint(element any) string {
	switch e := element.(type) {
	case context.Context:
		return "a context: give one for all calls by WithContext(ctx), or that of one call first in its ring.Args"
	case []any:
		if len(e) > 0 && isElement(e[0]) {
			return "a list of calls: spread it, as in GetMany(list...)"
		}
		return "an []any: make it ring.Args(list)"
	case []Args, []Kwargs:
		return fmt.Sprintf("a %T: give every call as an element of its own, or spread an []any of them", element)
	case map[string]any:
		return "a map[string]any: make it ring.Kwargs(m)"
	}
	return fmt.Sprintf("a %T: give ring.Args or ring.Kwargs, one for each call", element)
}

func isElement(v any) bool {
	switch v.(type) {
	case Args, Kwargs:
		return true
	}
	return false
}
