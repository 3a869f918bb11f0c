package callable

import (
	"context"
	"fmt"
	"reflect"
	"slices"

	"github.com/ring-go/ring/internal/convert"
	"github.com/ring-go/ring/internal/pyvalue"
	"github.com/ring-go/ring/internal/signature"
)

// The types of arguments in package ring. Bind gives a hint if one is in the wrong
// place.
var ArgsType, KwargsType reflect.Type

// contextHint says where a context belongs.
func (c *Callable) contextHint() string {
	if c.ContextAt < 0 {
		return ": use WithContext(ctx), since the function itself takes none"
	}
	return ": give one as the first argument, as in Call(ctx, …), or use WithContext(ctx)"
}

// bindHint is for too many or too few arguments, or wrong names.
func (c *Callable) bindHint(own []any, kwargs map[string]any, bound bool) string {
	switch {
	case slices.ContainsFunc(own, c.isStray):
		return "; a context has no place there" + c.contextHint()
	case holdsContext(kwargs):
		return "; a context is no keyword argument" + c.contextHint()
	case c.nilFirst(own, bound):
		return "; " + nilContextHint
	case len(own) == 1 && len(kwargs) == 0 && isList(own[0]):
		return "; a list is one argument: spread it, as in Call(args...), where args is an []any"
	case slices.ContainsFunc(own, func(v any) bool { return reflect.TypeOf(v) == KwargsType }):
		return "; keyword arguments go last"
	case len(own) > 0 && len(kwargs) == 0 && reflect.ValueOf(own[len(own)-1]).Kind() == reflect.Map:
		return "; a map is one argument: for arguments by name, make it a ring.Kwargs"
	case c.Receiver && !bound:
		return "; it is a method: Bind it to a receiver, or give that as the first argument"
	}
	return ""
}

// ownArgs returns the arguments without a bound receiver.
func ownArgs(args []any, bound bool) []any {
	if bound {
		return args[1:]
	}
	return args
}

// nilFirst reports whether nil is in the place of a context.
func (c *Callable) nilFirst(own []any, bound bool) bool {
	switch {
	case c.ContextAt < 0 || len(own) == 0:
		return false
	case own[0] == nil:
		return true
	}
	return c.Receiver && !bound && len(own) > 1 && own[1] == nil
}

func isList(v any) bool {
	k := reflect.ValueOf(v).Kind()
	return k == reflect.Slice || k == reflect.Array
}

// valueHint is for parameter i, whose type v does not fit. nilFirst is the result of
// the method nilFirst.
func (c *Callable) valueHint(i int, v any, nilFirst bool) string {
	p := &c.Params[i]
	tuple, isTuple := v.(pyvalue.Tuple)
	switch typ := reflect.TypeOf(v); {
	case typ == ArgsType:
		return ": spread it, as in Call(args...)"
	case typ == KwargsType && p.Kind != signature.VarKeyword:
		return ": keyword arguments go last"
	case holdsContext(v) && typ.Kind() == reflect.Map:
		return "; a context is no keyword argument" + c.contextHint()
	case v != nil && c.Signature.Named && typ.Kind() == reflect.Map && typ.Key().Kind() == reflect.String &&
		p.Kind != signature.VarKeyword && p.Type.Kind() != reflect.Map:
		return "; for arguments by name, make it a ring.Kwargs"
	}
	switch v.(type) {
	case nil:
		if nilFirst {
			return "; " + nilContextHint
		}
	case context.Context:
		return "; a context has no place there" + c.contextHint()
	}
	if p.Kind != signature.VarPositional || !isTuple {
		return ""
	}
	switch {
	case slices.ContainsFunc(tuple, IsContext):
		return "; a context has no place there" + c.contextHint()
	case nilFirst:
		return "; " + nilContextHint
	case slices.ContainsFunc(tuple, func(v any) bool { return reflect.TypeOf(v) == ArgsType }):
		return ": spread it, as in Call(args...)"
	case slices.ContainsFunc(tuple, func(v any) bool { return isList(v) && fits(v, p.Type) }):
		return fmt.Sprintf(": its elements are arguments of their own, as in Call(1, 2) or, with an []any, Call(list...), not a %v", p.Type)
	}
	return ""
}

func fits(v any, t reflect.Type) bool {
	_, err := convert.To(v, t)
	return err == nil
}
