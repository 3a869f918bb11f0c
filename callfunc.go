package ring

import (
	"context"
	"reflect"

	"github.com/ring-go/ring/internal/convert"
)

// call runs the function with bound values. A panic in it is not caught.
func (c *callable) call(ctx context.Context, values []any) (value any, err error) {
	var ok bool
	if c.fails {
		value, err, ok = c.callFailing(ctx, values)
	} else {
		value, err, ok = c.callDirect(ctx, values)
	}
	if !ok {
		return c.callReflected(ctx, values)
	}
	return value, err
}

func (c *callable) callReflected(ctx context.Context, values []any) (any, error) {
	var room [4]reflect.Value // saves an allocation
	in := room[:]
	if n := c.typ.NumIn(); n <= len(room) {
		in = in[:n]
	} else {
		in = make([]reflect.Value, n)
	}
	if c.ctx >= 0 {
		in[c.ctx] = reflect.ValueOf(ctx)
	}
	for i := range c.params {
		p := &c.params[i]
		if values[i] == nil {
			in[p.in] = reflect.Zero(p.typ)
			continue
		}
		in[p.in] = reflect.ValueOf(values[i])
	}
	var out []reflect.Value
	if c.typ.IsVariadic() {
		out = c.fn.CallSlice(in)
	} else {
		out = c.fn.Call(in)
	}
	return c.value(out)
}

// callOne calls a function of one parameter.
func (c *callable) callOne(v any) (any, error) {
	arg, err := convert.To(v, c.params[0].typ)
	if err != nil {
		return nil, err
	}
	return c.call(context.Background(), []any{arg.Interface()})
}
