package ring

import (
	"context"
	"errors"
	"reflect"
	"unsafe"

	"github.com/ring-go/ring/internal/callable"
	"github.com/ring-go/ring/internal/fault"
	"github.com/ring-go/ring/internal/hit"
)

// Cached is a *Rope or a *Wire. Func1 to Func4E make typed functions of either.
type Cached interface {
	Call(args ...any) (any, error)
	self() *Wire
}

func (w *Wire) self() *Wire { return w }

// Typed returns fn as a cached function of the same type, and its rope:
//
//	summarize, rope := ring.Typed(readAndCount, ring.Lru{})
//
// It takes functions of any shape: variadic ones, and any number of parameters and results.
// The function it returns is that of Wire.Func, made by reflection, so a hit takes several
// times as long as one of Decorate1 to Decorate4E, and allocates. Typed panics with an
// *Error if fn cannot be cached or the default action returns no result.
// Python: FactoryProxyBase.__call__.
func Typed[F any](fn F, f Factory, opts ...FuncOption) (F, *Rope) {
	r := Wrap(fn, f, opts...)
	r.mustKeepType("typed")
	r.mustReturn("typed")
	return r.typed().Interface().(F), r
}

// As gives the results of a Get or a Call their type:
//
//	price, ok, err := ring.As[int](prices.Get("apple"))
//
// It reports false for a nil value: a miss, unless Options.MissValue says otherwise, or a
// nil that is cached; Lookup tells these apart. It returns err as it is. A value of another
// type is an ErrArguments, not a panic.
func As[T any](value any, err error) (result T, ok bool, _ error) {
	if err != nil || value == nil {
		return result, false, err
	}
	result, ok = value.(T)
	if !ok {
		return result, false, &Error{Action: "as", Rope: reflect.TypeFor[T]().String(),
			Err: fault.Argumentf("the value is of type %T, not %v: name the type of the function's result", value, reflect.TypeFor[T]())}
	}
	return result, true, nil
}

// decorate wraps what a variable of a function type holds.
func decorate[F any](fnPtr *F, f Factory, opts []FuncOption) (original F, w *Wire) {
	cause := errNoFunction
	if fnPtr == nil {
		cause = errors.New("the pointer is nil: give that to a function variable, as in Decorate1(&f, …)")
	}
	if fnPtr == nil || reflect.ValueOf(*fnPtr).IsNil() {
		panic(&Error{Action: "decorate", Rope: reflect.TypeFor[F]().String(), Err: cause})
	}
	r := Wrap(*fnPtr, f, opts...)
	r.mustKeepType("decorate")
	r.mustReturn("decorate")
	return *fnPtr, &r.Wire
}

// view returns the wire of a cached function and the function itself, for a typed function
// of type F. The function is nil if it is a bound method, which is no F. view panics if F is
// not the type.
func view[F any](c Cached) (w *Wire, fn F) {
	want := reflect.TypeFor[F]()
	if v := reflect.ValueOf(c); v.IsValid() && (v.Kind() != reflect.Pointer || !v.IsNil()) {
		w = c.self()
	}
	if w == nil || w.rope == nil {
		panic(&Error{Action: "func", Rope: want.String(), Err: fault.Argumentf("the rope is nil: make it with Wrap or New first")})
	}
	if got := w.funcType(); !got.AssignableTo(want) {
		panic(&Error{Action: "func", Rope: w.rope.fn.Name,
			Err: fault.Argumentf("the function is a %v, not a %v: name its own types", got, want)})
	}
	w.rope.mustReturn("func")
	if w.err == callable.ErrNilContext { // as in a call of the function with a nil context
		w = w.WithContext(context.Background())
	}
	if !w.isBound || !w.rope.fn.Receiver {
		fn = w.rope.fn.Func.Convert(want).Interface().(F)
	}
	return w, fn
}

// remember notes whose function a typed one is, and returns it. Where the only result of the
// function is an error, which is not the R that it seems to be, it returns that of Wire.Func.
func remember[F any](w *Wire, typed F) F {
	if len(w.rope.fn.Results) == 0 {
		return w.typed().Convert(reflect.TypeFor[F]()).Interface().(F)
	}
	callable.Decorated.Add(reflect.ValueOf(typed), w.typedIdentity())
	return typed
}

// Decorate1 is Decorate for a func(A) R. The compiler infers the types:
//
//	rope := ring.Decorate1(&fib, ring.Lru{})
//
// It puts the cached function into the variable that fnPtr points to, and returns its rope.
// Like Decorate2 to Decorate4E, it does without reflection in a call: a hit in an Lru
// allocates nothing if all parameters are scalars or structs of scalars, up to a key of 4 KB;
// a context may precede them. The cached function is safe for concurrent use, but nothing else may use the
// variable while Decorate1 runs.
//
// There is no error result, so an error of the key or the storage goes to Options.OnError
// and the function runs, as Wire.Func tells. A panic of the function is the caller's.
// Decorate1 panics with an *Error if the pointer or the function is nil, if the function
// cannot be cached, or if the default action returns no result.
// Python: FactoryProxyBase.__call__.
func Decorate1[A, R any](fnPtr *func(A) R, f Factory, opts ...FuncOption) *Rope {
	original, w := decorate(fnPtr, f, opts)
	*fnPtr = func1(w, original)
	return w.rope
}

// Func1 returns the cached function of a rope or wire as a func(A) R. It is Wire.Func
// without its type assertion and reflection, as fast as that of Decorate1. A bound wire gives
// the method without its receiver. Func1 panics with an *Error if the rope is nil, if the
// function has other types, or if the default action returns no result.
func Func1[A, R any](c Cached) func(A) R {
	return func1(view[func(A) R](c))
}

func func1[A, R any](w *Wire, fn func(A) R) func(A) R {
	return remember(w, func(a A) R {
		at := [...]unsafe.Pointer{unsafe.Pointer(&a)}
		value, key, found := w.probeAt(at[:])
		if found != hit.Present {
			return miss1(w, fn, key, found, &at)
		}
		result, _ := value.(R)
		return result
	})
}

func miss1[A, R any](w *Wire, fn func(A) R, key string, found hit.Found, at *[1]unsafe.Pointer) R {
	value, _ := w.finishTyped(key, found, w.contextIn(at[:]), func() []any { return []any{*(*A)(at[0])} },
		func() (any, error) { return fn(*(*A)(at[0])), nil })
	result, _ := value.(R)
	return result
}

// Decorate1E is Decorate1 for a func(A) (R, error). The cached function returns all errors:
// those of the function as they are, with the result beside them, and others as an *Error.
// No result is cached that came with an error.
func Decorate1E[A, R any](fnPtr *func(A) (R, error), f Factory, opts ...FuncOption) *Rope {
	original, w := decorate(fnPtr, f, opts)
	*fnPtr = func1E(w, original)
	return w.rope
}

// Func1E returns the cached function of a rope or wire as a func(A) (R, error). It is Wire.Func
// without its type assertion and reflection, as fast as that of Decorate1E. A bound wire gives
// the method without its receiver. Func1E panics with an *Error if the rope is nil, if the
// function has other types, or if the default action returns no result.
func Func1E[A, R any](c Cached) func(A) (R, error) {
	return func1E(view[func(A) (R, error)](c))
}

func func1E[A, R any](w *Wire, fn func(A) (R, error)) func(A) (R, error) {
	return remember(w, func(a A) (R, error) {
		at := [...]unsafe.Pointer{unsafe.Pointer(&a)}
		value, key, found := w.probeAt(at[:])
		if found != hit.Present {
			return miss1E(w, fn, key, found, &at)
		}
		result, _ := value.(R)
		return result, nil
	})
}

func miss1E[A, R any](w *Wire, fn func(A) (R, error), key string, found hit.Found, at *[1]unsafe.Pointer) (R, error) {
	value, err := w.finishTyped(key, found, w.contextIn(at[:]), func() []any { return []any{*(*A)(at[0])} },
		func() (any, error) { return fn(*(*A)(at[0])) })
	result, _ := value.(R)
	return result, err
}

// Decorate2 is Decorate1 for a func(A, B) R.
func Decorate2[A, B, R any](fnPtr *func(A, B) R, f Factory, opts ...FuncOption) *Rope {
	original, w := decorate(fnPtr, f, opts)
	*fnPtr = func2(w, original)
	return w.rope
}

// Func2 is Func1 for a func(A, B) R.
func Func2[A, B, R any](c Cached) func(A, B) R {
	return func2(view[func(A, B) R](c))
}

func func2[A, B, R any](w *Wire, fn func(A, B) R) func(A, B) R {
	return remember(w, func(a A, b B) R {
		at := [...]unsafe.Pointer{unsafe.Pointer(&a), unsafe.Pointer(&b)}
		value, key, found := w.probeAt(at[:])
		if found != hit.Present {
			return miss2(w, fn, key, found, &at)
		}
		result, _ := value.(R)
		return result
	})
}

func miss2[A, B, R any](w *Wire, fn func(A, B) R, key string, found hit.Found, at *[2]unsafe.Pointer) R {
	value, _ := w.finishTyped(key, found, w.contextIn(at[:]), func() []any { return []any{*(*A)(at[0]), *(*B)(at[1])} },
		func() (any, error) { return fn(*(*A)(at[0]), *(*B)(at[1])), nil })
	result, _ := value.(R)
	return result
}

// Decorate2E is Decorate1E for a func(A, B) (R, error).
func Decorate2E[A, B, R any](fnPtr *func(A, B) (R, error), f Factory, opts ...FuncOption) *Rope {
	original, w := decorate(fnPtr, f, opts)
	*fnPtr = func2E(w, original)
	return w.rope
}

// Func2E is Func1E for a func(A, B) (R, error).
func Func2E[A, B, R any](c Cached) func(A, B) (R, error) {
	return func2E(view[func(A, B) (R, error)](c))
}

func func2E[A, B, R any](w *Wire, fn func(A, B) (R, error)) func(A, B) (R, error) {
	return remember(w, func(a A, b B) (R, error) {
		at := [...]unsafe.Pointer{unsafe.Pointer(&a), unsafe.Pointer(&b)}
		value, key, found := w.probeAt(at[:])
		if found != hit.Present {
			return miss2E(w, fn, key, found, &at)
		}
		result, _ := value.(R)
		return result, nil
	})
}

func miss2E[A, B, R any](w *Wire, fn func(A, B) (R, error), key string, found hit.Found, at *[2]unsafe.Pointer) (R, error) {
	value, err := w.finishTyped(key, found, w.contextIn(at[:]), func() []any { return []any{*(*A)(at[0]), *(*B)(at[1])} },
		func() (any, error) { return fn(*(*A)(at[0]), *(*B)(at[1])) })
	result, _ := value.(R)
	return result, err
}

// Decorate3 is Decorate1 for a func(A, B, C) R.
func Decorate3[A, B, C, R any](fnPtr *func(A, B, C) R, f Factory, opts ...FuncOption) *Rope {
	original, w := decorate(fnPtr, f, opts)
	*fnPtr = func3(w, original)
	return w.rope
}

// Func3 is Func1 for a func(A, B, C) R.
func Func3[A, B, C, R any](c Cached) func(A, B, C) R {
	return func3(view[func(A, B, C) R](c))
}

func func3[A, B, C, R any](w *Wire, fn func(A, B, C) R) func(A, B, C) R {
	return remember(w, func(a A, b B, c C) R {
		at := [...]unsafe.Pointer{unsafe.Pointer(&a), unsafe.Pointer(&b), unsafe.Pointer(&c)}
		value, key, found := w.probeAt(at[:])
		if found != hit.Present {
			return miss3(w, fn, key, found, &at)
		}
		result, _ := value.(R)
		return result
	})
}

func miss3[A, B, C, R any](w *Wire, fn func(A, B, C) R, key string, found hit.Found, at *[3]unsafe.Pointer) R {
	value, _ := w.finishTyped(key, found, w.contextIn(at[:]), func() []any { return []any{*(*A)(at[0]), *(*B)(at[1]), *(*C)(at[2])} },
		func() (any, error) { return fn(*(*A)(at[0]), *(*B)(at[1]), *(*C)(at[2])), nil })
	result, _ := value.(R)
	return result
}

// Decorate3E is Decorate1E for a func(A, B, C) (R, error).
func Decorate3E[A, B, C, R any](fnPtr *func(A, B, C) (R, error), f Factory, opts ...FuncOption) *Rope {
	original, w := decorate(fnPtr, f, opts)
	*fnPtr = func3E(w, original)
	return w.rope
}

// Func3E is Func1E for a func(A, B, C) (R, error).
func Func3E[A, B, C, R any](c Cached) func(A, B, C) (R, error) {
	return func3E(view[func(A, B, C) (R, error)](c))
}

func func3E[A, B, C, R any](w *Wire, fn func(A, B, C) (R, error)) func(A, B, C) (R, error) {
	return remember(w, func(a A, b B, c C) (R, error) {
		at := [...]unsafe.Pointer{unsafe.Pointer(&a), unsafe.Pointer(&b), unsafe.Pointer(&c)}
		value, key, found := w.probeAt(at[:])
		if found != hit.Present {
			return miss3E(w, fn, key, found, &at)
		}
		result, _ := value.(R)
		return result, nil
	})
}

func miss3E[A, B, C, R any](w *Wire, fn func(A, B, C) (R, error), key string, found hit.Found, at *[3]unsafe.Pointer) (R, error) {
	value, err := w.finishTyped(key, found, w.contextIn(at[:]), func() []any { return []any{*(*A)(at[0]), *(*B)(at[1]), *(*C)(at[2])} },
		func() (any, error) { return fn(*(*A)(at[0]), *(*B)(at[1]), *(*C)(at[2])) })
	result, _ := value.(R)
	return result, err
}

// Decorate4 is Decorate1 for a func(A, B, C, D) R.
func Decorate4[A, B, C, D, R any](fnPtr *func(A, B, C, D) R, f Factory, opts ...FuncOption) *Rope {
	original, w := decorate(fnPtr, f, opts)
	*fnPtr = func4(w, original)
	return w.rope
}

// Func4 is Func1 for a func(A, B, C, D) R.
func Func4[A, B, C, D, R any](c Cached) func(A, B, C, D) R {
	return func4(view[func(A, B, C, D) R](c))
}

func func4[A, B, C, D, R any](w *Wire, fn func(A, B, C, D) R) func(A, B, C, D) R {
	return remember(w, func(a A, b B, c C, d D) R {
		at := [...]unsafe.Pointer{unsafe.Pointer(&a), unsafe.Pointer(&b), unsafe.Pointer(&c), unsafe.Pointer(&d)}
		value, key, found := w.probeAt(at[:])
		if found != hit.Present {
			return miss4(w, fn, key, found, &at)
		}
		result, _ := value.(R)
		return result
	})
}

func miss4[A, B, C, D, R any](w *Wire, fn func(A, B, C, D) R, key string, found hit.Found, at *[4]unsafe.Pointer) R {
	value, _ := w.finishTyped(key, found, w.contextIn(at[:]), func() []any { return []any{*(*A)(at[0]), *(*B)(at[1]), *(*C)(at[2]), *(*D)(at[3])} },
		func() (any, error) { return fn(*(*A)(at[0]), *(*B)(at[1]), *(*C)(at[2]), *(*D)(at[3])), nil })
	result, _ := value.(R)
	return result
}

// Decorate4E is Decorate1E for a func(A, B, C, D) (R, error).
func Decorate4E[A, B, C, D, R any](fnPtr *func(A, B, C, D) (R, error), f Factory, opts ...FuncOption) *Rope {
	original, w := decorate(fnPtr, f, opts)
	*fnPtr = func4E(w, original)
	return w.rope
}

// Func4E is Func1E for a func(A, B, C, D) (R, error).
func Func4E[A, B, C, D, R any](c Cached) func(A, B, C, D) (R, error) {
	return func4E(view[func(A, B, C, D) (R, error)](c))
}

func func4E[A, B, C, D, R any](w *Wire, fn func(A, B, C, D) (R, error)) func(A, B, C, D) (R, error) {
	return remember(w, func(a A, b B, c C, d D) (R, error) {
		at := [...]unsafe.Pointer{unsafe.Pointer(&a), unsafe.Pointer(&b), unsafe.Pointer(&c), unsafe.Pointer(&d)}
		value, key, found := w.probeAt(at[:])
		if found != hit.Present {
			return miss4E(w, fn, key, found, &at)
		}
		result, _ := value.(R)
		return result, nil
	})
}

func miss4E[A, B, C, D, R any](w *Wire, fn func(A, B, C, D) (R, error), key string, found hit.Found, at *[4]unsafe.Pointer) (R, error) {
	value, err := w.finishTyped(key, found, w.contextIn(at[:]), func() []any { return []any{*(*A)(at[0]), *(*B)(at[1]), *(*C)(at[2]), *(*D)(at[3])} },
		func() (any, error) { return fn(*(*A)(at[0]), *(*B)(at[1]), *(*C)(at[2]), *(*D)(at[3])) })
	result, _ := value.(R)
	return result, err
}
