package callable

import (
	"context"
	"errors"
	"reflect"
	"slices"
	"unsafe"

	"github.com/ring-go/ring/internal/fault"
	"github.com/ring-go/ring/internal/pyvalue"
)

// ErrNilContext is the error of a wire or a call with a nil context.
var ErrNilContext = fault.Argumentf(nilContextHint)

const nilContextHint = "nil is no context: give context.Background(), or leave it out"

// errContextPlace is for a context where any value is allowed.
var errContextPlace = errors.New("a context has no place here")

// IsNilContext reports whether a context is nil or a nil pointer.
func IsNilContext(ctx context.Context) bool {
	return (*[2]unsafe.Pointer)(unsafe.Pointer(&ctx))[1] == nil
}

// IsContext reports whether v is a context.
func IsContext(v any) bool {
	switch v.(type) {
	case nil, string, int, int64, float64, bool:
		return false // most contexts have one of these types, which need no reflection
	}
	_, ok := v.(context.Context)
	return ok
}

// holdsContext reports whether the values of *args or **kw contain a context, which
// could be meant as the context of the call.
func holdsContext(v any) bool {
	switch v := v.(type) {
	case pyvalue.Tuple:
		return slices.ContainsFunc(v, IsContext)
	case map[string]any:
		for _, value := range v {
			if IsContext(value) {
				return true
			}
		}
	}
	return false
}

// isStray reports whether v is a context that no parameter accepts.
func (c *Callable) isStray(v any) bool {
	return IsContext(v) && !slices.ContainsFunc(c.Params, func(p Parameter) bool {
		return !IsAny(p.Type) && reflect.TypeOf(v).AssignableTo(p.Type)
	})
}

// TakeContext takes the context out of args: the first argument, or the one after the
// receiver if that is among them.
func (c *Callable) TakeContext(args []any, bound bool) ([]any, context.Context) {
	if c.ContextAt < 0 || len(args) == 0 {
		return args, nil
	}
	if ctx, ok := args[0].(context.Context); ok {
		return args[1:], ctx
	}
	if c.Receiver && !bound && len(args) > 1 {
		if ctx, ok := args[1].(context.Context); ok {
			return append([]any{args[0]}, args[2:]...), ctx
		}
	}
	return args, nil
}
