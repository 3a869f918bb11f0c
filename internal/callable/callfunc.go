package callable

import (
	"context"
	"reflect"

	"github.com/ring-go/ring/internal/convert"
)

// Call calls the function with bound values. It does not catch a panic.
func (c *Callable) Call(ctx context.Context, values []any) (value any, err error) {
	var ok bool
	switch {
	case c.ContextAt >= 0:
		value, err, ok = c.callInContext(ctx, values)
	case c.Fails:
		value, err, ok = c.callFailing(values)
	default:
		value, err, ok = c.callDirect(values)
	}
	if !ok {
		return c.callReflected(ctx, values)
	}
	return value, err
}

func (c *Callable) callReflected(ctx context.Context, values []any) (any, error) {
	var room [4]reflect.Value // saves an allocation
	in := room[:]
	if n := c.Type.NumIn(); n <= len(room) {
		in = in[:n]
	} else {
		in = make([]reflect.Value, n)
	}
	if c.ContextAt >= 0 {
		in[c.ContextAt] = reflect.ValueOf(ctx)
	}
	for i := range c.Params {
		p := &c.Params[i]
		if values[i] == nil {
			in[p.In] = reflect.Zero(p.Type)
			continue
		}
		in[p.In] = reflect.ValueOf(values[i])
	}
	var out []reflect.Value
	if c.Type.IsVariadic() {
		out = c.Func.CallSlice(in)
	} else {
		out = c.Func.Call(in)
	}
	return c.value(out)
}

// CallOne calls a function with one parameter.
func (c *Callable) CallOne(v any) (any, error) {
	arg, err := convert.To(v, c.Params[0].Type)
	if err != nil {
		return nil, err
	}
	return c.Call(context.Background(), []any{arg.Interface()})
}
