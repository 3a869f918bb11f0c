package ring

import (
	"context"
	"fmt"
	"reflect"
	"unsafe"

	"github.com/ring-go/ring/internal/callable"
	"github.com/ring-go/ring/internal/fault"
	"github.com/ring-go/ring/internal/flight"
	"github.com/ring-go/ring/internal/hit"
)

// Cached is a *Rope or a *Wire, for the functions that make a typed function of one.
type Cached interface {
	Call(args ...any) (any, error)
	self() *Wire
}

func (w *Wire) self() *Wire { return w }

// Typed returns fn as a cached function of the same type, and its rope. It takes functions
// of any shape; for those of one to four parameters and one result, with or without an
// error, Decorate1 to Decorate4E make faster ones. Misuse panics, as in Wrap.
// Python: FactoryProxyBase.__call__.
func Typed[F any](fn F, f Factory, opts ...FuncOption) (F, *Rope) {
	r := Wrap(fn, f, opts...)
	r.mustReturn("typed")
	return r.typed().Interface().(F), r
}

// As makes the results of a Get or Call typed:
//
//	price, ok, err := ring.As[int](prices.Get("apple"))
//
// It reports false for a nil value: a miss, unless Options.MissValue says otherwise, or a nil
// that is cached. A value of another type is an ErrArguments.
func As[T any](value any, err error) (result T, ok bool, _ error) {
	if err != nil || value == nil {
		return result, false, err
	}
	result, ok = value.(T)
	if !ok {
		return result, false, &Error{Action: "as", Rope: reflect.TypeFor[T]().String(),
			Err: fault.Argumentf("the value is a %T, not a %v: name the result type of the function", value, reflect.TypeFor[T]())}
	}
	return result, true, nil
}

// mustReturn panics where the default action returns no result of the function.
func (r *Rope) mustReturn(action string) {
	if !r.returnsResult() {
		panic(&Error{Action: action, Rope: r.fn.Name,
			Err: fmt.Errorf("the default action %q returns no result of the function: use Wrap", r.config.DefaultAction)})
	}
}

// decorate wraps what a variable of a function type holds.
func decorate[F any](fn *F, f Factory, opts []FuncOption) (original F, w *Wire) {
	if fn == nil || reflect.ValueOf(*fn).IsNil() {
		panic(&Error{Action: "decorate", Rope: reflect.TypeFor[F]().String(), Err: errNoFunction})
	}
	r := Wrap(*fn, f, opts...)
	r.mustReturn("decorate")
	return *fn, &r.Wire
}

// view returns the wire of a cached function and the function itself, for a typed function
// of type F. Of a bound method, which is no F, the function is nil. It panics where F is not
// the type.
func view[F any](c Cached) (w *Wire, fn F) {
	want := reflect.TypeFor[F]()
	if v := reflect.ValueOf(c); !v.IsValid() || v.IsNil() {
		panic(&Error{Action: "func", Rope: want.String(), Err: fault.Argumentf("the rope or wire is nil")})
	}
	w = c.self()
	if got := w.funcType(); got != want {
		panic(&Error{Action: "func", Rope: w.rope.fn.Name, Err: fault.Argumentf("the function is a %v, not a %v", got, want)})
	}
	w.rope.mustReturn("func")
	if w.err == callable.ErrNilContext { // as in a call of the function with a nil context
		w = w.WithContext(context.Background())
	}
	if !w.isBound || !w.rope.fn.Receiver {
		fn = w.rope.fn.Func.Interface().(F)
	}
	return w, fn
}

// remember notes whose function a typed one is.
func remember[F any](w *Wire, typed F) F {
	callable.Decorated.Add(reflect.ValueOf(typed), w.typedIdentity())
	return typed
}

// probeAt looks for the value of a typed call, whose inputs lie at the places at.
func (w *Wire) probeAt(at []unsafe.Pointer) (value any, key string, f hit.Found) {
	h := w.rope.calls.Load()
	if h == nil || w.err != nil {
		return nil, "", hit.Elsewhere
	}
	return h.ProbeAt(w.bound, w.isBound, at)
}

// finishTyped is a typed call whose value probeAt has not found. box returns the inputs, and
// run calls the function with them; the context among them becomes that of the run. For a
// function without an error result it returns the results even if the storage has failed.
//
// Recursive functions pass through here, and what a frame holds counts: what is rare has
// frames of its own.
func (w *Wire) finishTyped(key string, f hit.Found, at []unsafe.Pointer, box func() []any, run func() (any, error)) (value any, err error) {
	if f == hit.Missing && !w.isBound && !w.rope.partial.canBe() {
		value, err = w.runTyped(key, at, run)
	} else {
		value, err = w.finishBoxed(at, box)
	}
	if err != nil && !w.rope.fn.Fails {
		return w.failTyped(at, box, value, err), nil
	}
	return value, err
}

// runTyped is GetOrUpdate for a typed call whose key is known and not partial.
func (w *Wire) runTyped(key string, at []unsafe.Pointer, run func() (any, error)) (any, error) {
	ctx := w.contextAt(at)
	var o flight.Outcome
	if !w.glance(ctx, key, &o) {
		w.rope.storage.RunOrJoin(ctx, key, 0, func(f *flight.Flight) (any, error) {
			w.enter(f, ctx, at)
			return run()
		}, &o)
	}
	value, err := w.gotOrRan(key, &o)
	if i := w.contextPlace(); i >= 0 && err != nil {
		*(*context.Context)(at[i]) = ctx // in case that it runs once more
	}
	return value, err
}

// enter makes the context of a typed call that of a run.
//
//go:noinline
func (w *Wire) enter(f *flight.Flight, ctx context.Context, at []unsafe.Pointer) {
	if i := w.contextPlace(); i >= 0 {
		*(*context.Context)(at[i]) = flight.Within(ctx, f)
	}
}

// failTyped reports the error of a function that returns none, and runs the function if it
// has not run.
//
//go:noinline
func (w *Wire) failTyped(at []unsafe.Pointer, box func() []any, value any, err error) any {
	ctx := w.contextAt(at)
	if w.reportTyped(ctx, err) {
		value, _ = w.rope.fn.Call(ctx, w.bindInputs(box()))
	}
	return value
}

// finishBoxed is a typed call by all values that the function is called with.
//
//go:noinline
func (w *Wire) finishBoxed(at []unsafe.Pointer, box func() []any) (any, error) {
	ctx, values := w.contextAt(at), w.bindInputs(box())
	h := w.rope.calls.Load()
	if h == nil || w.err != nil {
		return w.WithContext(ctx).typedAction(values)
	}
	value, key, f := h.ProbeValues(values)
	switch f {
	case hit.Present:
		return value, nil
	case hit.Missing:
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

// contextAt returns the context of a typed call whose inputs lie at the places at.
//
//go:noinline
func (w *Wire) contextAt(at []unsafe.Pointer) context.Context {
	if i := w.contextPlace(); i >= 0 {
		if ctx := *(*context.Context)(at[i]); !callable.IsNilContext(ctx) {
			return ctx
		}
	}
	return w.Context()
}

// Decorate1 is Decorate for a function of one parameter that returns a result. The compiler
// infers the types. A hit neither boxes nor reflects, and allocates nothing where the parameter is
// a scalar or a struct of scalars.
// Python: FactoryProxyBase.__call__.
func Decorate1[A, R any](fnPtr *func(A) R, f Factory, opts ...FuncOption) *Rope {
	original, w := decorate(fnPtr, f, opts)
	*fnPtr = func1(w, original)
	return w.rope
}

// Func1 returns the cached function of a rope or wire with its own type, func(A) R,
// as Func does, at the speed of Decorate1. It panics if the function has another type.
func Func1[A, R any](c Cached) func(A) R {
	return func1(view[func(A) R](c))
}

func func1[A, R any](w *Wire, fn func(A) R) func(A) R {
	return remember(w, func(a A) R {
		at := [...]unsafe.Pointer{unsafe.Pointer(&a)}
		value, key, found := w.probeAt(at[:])
		if found != hit.Present {
			return miss1(w, fn, key, found, a)
		}
		result, _ := value.(R)
		return result
	})
}

func miss1[A, R any](w *Wire, fn func(A) R, key string, found hit.Found, a A) R {
	at := [...]unsafe.Pointer{unsafe.Pointer(&a)}
	value, _ := w.finishTyped(key, found, at[:], func() []any { return []any{a} },
		func() (any, error) { return fn(a), nil })
	result, _ := value.(R)
	return result
}

// Decorate1E is Decorate for a function of one parameter that returns a result and an error. The compiler
// infers the types. A hit neither boxes nor reflects, and allocates nothing where the parameter is
// a scalar or a struct of scalars.
// Python: FactoryProxyBase.__call__.
func Decorate1E[A, R any](fnPtr *func(A) (R, error), f Factory, opts ...FuncOption) *Rope {
	original, w := decorate(fnPtr, f, opts)
	*fnPtr = func1E(w, original)
	return w.rope
}

// Func1E returns the cached function of a rope or wire with its own type, func(A) (R, error),
// as Func does, at the speed of Decorate1E. It panics if the function has another type.
func Func1E[A, R any](c Cached) func(A) (R, error) {
	return func1E(view[func(A) (R, error)](c))
}

func func1E[A, R any](w *Wire, fn func(A) (R, error)) func(A) (R, error) {
	return remember(w, func(a A) (R, error) {
		at := [...]unsafe.Pointer{unsafe.Pointer(&a)}
		value, key, found := w.probeAt(at[:])
		if found != hit.Present {
			return miss1E(w, fn, key, found, a)
		}
		result, _ := value.(R)
		return result, nil
	})
}

func miss1E[A, R any](w *Wire, fn func(A) (R, error), key string, found hit.Found, a A) (R, error) {
	at := [...]unsafe.Pointer{unsafe.Pointer(&a)}
	value, err := w.finishTyped(key, found, at[:], func() []any { return []any{a} },
		func() (any, error) { return fn(a) })
	result, _ := value.(R)
	return result, err
}

// Decorate2 is Decorate for a function of two parameters that returns a result. The compiler
// infers the types. A hit neither boxes nor reflects, and allocates nothing where the parameters are
// scalars or structs of scalars.
// Python: FactoryProxyBase.__call__.
func Decorate2[A, B, R any](fnPtr *func(A, B) R, f Factory, opts ...FuncOption) *Rope {
	original, w := decorate(fnPtr, f, opts)
	*fnPtr = func2(w, original)
	return w.rope
}

// Func2 returns the cached function of a rope or wire with its own type, func(A, B) R,
// as Func does, at the speed of Decorate2. It panics if the function has another type.
func Func2[A, B, R any](c Cached) func(A, B) R {
	return func2(view[func(A, B) R](c))
}

func func2[A, B, R any](w *Wire, fn func(A, B) R) func(A, B) R {
	return remember(w, func(a A, b B) R {
		at := [...]unsafe.Pointer{unsafe.Pointer(&a), unsafe.Pointer(&b)}
		value, key, found := w.probeAt(at[:])
		if found != hit.Present {
			return miss2(w, fn, key, found, a, b)
		}
		result, _ := value.(R)
		return result
	})
}

func miss2[A, B, R any](w *Wire, fn func(A, B) R, key string, found hit.Found, a A, b B) R {
	at := [...]unsafe.Pointer{unsafe.Pointer(&a), unsafe.Pointer(&b)}
	value, _ := w.finishTyped(key, found, at[:], func() []any { return []any{a, b} },
		func() (any, error) { return fn(a, b), nil })
	result, _ := value.(R)
	return result
}

// Decorate2E is Decorate for a function of two parameters that returns a result and an error. The compiler
// infers the types. A hit neither boxes nor reflects, and allocates nothing where the parameters are
// scalars or structs of scalars.
// Python: FactoryProxyBase.__call__.
func Decorate2E[A, B, R any](fnPtr *func(A, B) (R, error), f Factory, opts ...FuncOption) *Rope {
	original, w := decorate(fnPtr, f, opts)
	*fnPtr = func2E(w, original)
	return w.rope
}

// Func2E returns the cached function of a rope or wire with its own type, func(A, B) (R, error),
// as Func does, at the speed of Decorate2E. It panics if the function has another type.
func Func2E[A, B, R any](c Cached) func(A, B) (R, error) {
	return func2E(view[func(A, B) (R, error)](c))
}

func func2E[A, B, R any](w *Wire, fn func(A, B) (R, error)) func(A, B) (R, error) {
	return remember(w, func(a A, b B) (R, error) {
		at := [...]unsafe.Pointer{unsafe.Pointer(&a), unsafe.Pointer(&b)}
		value, key, found := w.probeAt(at[:])
		if found != hit.Present {
			return miss2E(w, fn, key, found, a, b)
		}
		result, _ := value.(R)
		return result, nil
	})
}

func miss2E[A, B, R any](w *Wire, fn func(A, B) (R, error), key string, found hit.Found, a A, b B) (R, error) {
	at := [...]unsafe.Pointer{unsafe.Pointer(&a), unsafe.Pointer(&b)}
	value, err := w.finishTyped(key, found, at[:], func() []any { return []any{a, b} },
		func() (any, error) { return fn(a, b) })
	result, _ := value.(R)
	return result, err
}

// Decorate3 is Decorate for a function of three parameters that returns a result. The compiler
// infers the types. A hit neither boxes nor reflects, and allocates nothing where the parameters are
// scalars or structs of scalars.
// Python: FactoryProxyBase.__call__.
func Decorate3[A, B, C, R any](fnPtr *func(A, B, C) R, f Factory, opts ...FuncOption) *Rope {
	original, w := decorate(fnPtr, f, opts)
	*fnPtr = func3(w, original)
	return w.rope
}

// Func3 returns the cached function of a rope or wire with its own type, func(A, B, C) R,
// as Func does, at the speed of Decorate3. It panics if the function has another type.
func Func3[A, B, C, R any](c Cached) func(A, B, C) R {
	return func3(view[func(A, B, C) R](c))
}

func func3[A, B, C, R any](w *Wire, fn func(A, B, C) R) func(A, B, C) R {
	return remember(w, func(a A, b B, c C) R {
		at := [...]unsafe.Pointer{unsafe.Pointer(&a), unsafe.Pointer(&b), unsafe.Pointer(&c)}
		value, key, found := w.probeAt(at[:])
		if found != hit.Present {
			return miss3(w, fn, key, found, a, b, c)
		}
		result, _ := value.(R)
		return result
	})
}

func miss3[A, B, C, R any](w *Wire, fn func(A, B, C) R, key string, found hit.Found, a A, b B, c C) R {
	at := [...]unsafe.Pointer{unsafe.Pointer(&a), unsafe.Pointer(&b), unsafe.Pointer(&c)}
	value, _ := w.finishTyped(key, found, at[:], func() []any { return []any{a, b, c} },
		func() (any, error) { return fn(a, b, c), nil })
	result, _ := value.(R)
	return result
}

// Decorate3E is Decorate for a function of three parameters that returns a result and an error. The compiler
// infers the types. A hit neither boxes nor reflects, and allocates nothing where the parameters are
// scalars or structs of scalars.
// Python: FactoryProxyBase.__call__.
func Decorate3E[A, B, C, R any](fnPtr *func(A, B, C) (R, error), f Factory, opts ...FuncOption) *Rope {
	original, w := decorate(fnPtr, f, opts)
	*fnPtr = func3E(w, original)
	return w.rope
}

// Func3E returns the cached function of a rope or wire with its own type, func(A, B, C) (R, error),
// as Func does, at the speed of Decorate3E. It panics if the function has another type.
func Func3E[A, B, C, R any](c Cached) func(A, B, C) (R, error) {
	return func3E(view[func(A, B, C) (R, error)](c))
}

func func3E[A, B, C, R any](w *Wire, fn func(A, B, C) (R, error)) func(A, B, C) (R, error) {
	return remember(w, func(a A, b B, c C) (R, error) {
		at := [...]unsafe.Pointer{unsafe.Pointer(&a), unsafe.Pointer(&b), unsafe.Pointer(&c)}
		value, key, found := w.probeAt(at[:])
		if found != hit.Present {
			return miss3E(w, fn, key, found, a, b, c)
		}
		result, _ := value.(R)
		return result, nil
	})
}

func miss3E[A, B, C, R any](w *Wire, fn func(A, B, C) (R, error), key string, found hit.Found, a A, b B, c C) (R, error) {
	at := [...]unsafe.Pointer{unsafe.Pointer(&a), unsafe.Pointer(&b), unsafe.Pointer(&c)}
	value, err := w.finishTyped(key, found, at[:], func() []any { return []any{a, b, c} },
		func() (any, error) { return fn(a, b, c) })
	result, _ := value.(R)
	return result, err
}

// Decorate4 is Decorate for a function of four parameters that returns a result. The compiler
// infers the types. A hit neither boxes nor reflects, and allocates nothing where the parameters are
// scalars or structs of scalars.
// Python: FactoryProxyBase.__call__.
func Decorate4[A, B, C, D, R any](fnPtr *func(A, B, C, D) R, f Factory, opts ...FuncOption) *Rope {
	original, w := decorate(fnPtr, f, opts)
	*fnPtr = func4(w, original)
	return w.rope
}

// Func4 returns the cached function of a rope or wire with its own type, func(A, B, C, D) R,
// as Func does, at the speed of Decorate4. It panics if the function has another type.
func Func4[A, B, C, D, R any](c Cached) func(A, B, C, D) R {
	return func4(view[func(A, B, C, D) R](c))
}

func func4[A, B, C, D, R any](w *Wire, fn func(A, B, C, D) R) func(A, B, C, D) R {
	return remember(w, func(a A, b B, c C, d D) R {
		at := [...]unsafe.Pointer{unsafe.Pointer(&a), unsafe.Pointer(&b), unsafe.Pointer(&c), unsafe.Pointer(&d)}
		value, key, found := w.probeAt(at[:])
		if found != hit.Present {
			return miss4(w, fn, key, found, a, b, c, d)
		}
		result, _ := value.(R)
		return result
	})
}

func miss4[A, B, C, D, R any](w *Wire, fn func(A, B, C, D) R, key string, found hit.Found, a A, b B, c C, d D) R {
	at := [...]unsafe.Pointer{unsafe.Pointer(&a), unsafe.Pointer(&b), unsafe.Pointer(&c), unsafe.Pointer(&d)}
	value, _ := w.finishTyped(key, found, at[:], func() []any { return []any{a, b, c, d} },
		func() (any, error) { return fn(a, b, c, d), nil })
	result, _ := value.(R)
	return result
}

// Decorate4E is Decorate for a function of four parameters that returns a result and an error. The compiler
// infers the types. A hit neither boxes nor reflects, and allocates nothing where the parameters are
// scalars or structs of scalars.
// Python: FactoryProxyBase.__call__.
func Decorate4E[A, B, C, D, R any](fnPtr *func(A, B, C, D) (R, error), f Factory, opts ...FuncOption) *Rope {
	original, w := decorate(fnPtr, f, opts)
	*fnPtr = func4E(w, original)
	return w.rope
}

// Func4E returns the cached function of a rope or wire with its own type, func(A, B, C, D) (R, error),
// as Func does, at the speed of Decorate4E. It panics if the function has another type.
func Func4E[A, B, C, D, R any](c Cached) func(A, B, C, D) (R, error) {
	return func4E(view[func(A, B, C, D) (R, error)](c))
}

func func4E[A, B, C, D, R any](w *Wire, fn func(A, B, C, D) (R, error)) func(A, B, C, D) (R, error) {
	return remember(w, func(a A, b B, c C, d D) (R, error) {
		at := [...]unsafe.Pointer{unsafe.Pointer(&a), unsafe.Pointer(&b), unsafe.Pointer(&c), unsafe.Pointer(&d)}
		value, key, found := w.probeAt(at[:])
		if found != hit.Present {
			return miss4E(w, fn, key, found, a, b, c, d)
		}
		result, _ := value.(R)
		return result, nil
	})
}

func miss4E[A, B, C, D, R any](w *Wire, fn func(A, B, C, D) (R, error), key string, found hit.Found, a A, b B, c C, d D) (R, error) {
	at := [...]unsafe.Pointer{unsafe.Pointer(&a), unsafe.Pointer(&b), unsafe.Pointer(&c), unsafe.Pointer(&d)}
	value, err := w.finishTyped(key, found, at[:], func() []any { return []any{a, b, c, d} },
		func() (any, error) { return fn(a, b, c, d) })
	result, _ := value.(R)
	return result, err
}
