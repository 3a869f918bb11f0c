package callable

import (
	"context"
	"fmt"
	"reflect"
	"slices"

	"github.com/ring-go/ring/internal/convert"
	"github.com/ring-go/ring/internal/fault"
	"github.com/ring-go/ring/internal/pyvalue"
	"github.com/ring-go/ring/internal/signature"
)

// Pack holds one call's arguments, before they are bound to the function's parameters.
type Pack struct {
	Bound  any // the receiver of a bound wire
	Args   []any
	Kwargs map[string]any
	Bare   bool // there is no context among Args
}

// Bind converts the arguments of a call to the types of the parameters, in order. ctx is
// the context among them, or nil.
func (c *Callable) Bind(p Pack, bound bool) (values []any, ctx context.Context, err error) {
	return c.bindWith(c.Signature.Bind, p, bound)
}

// bindNamed is Bind for an element of a bulk call in keyword form.
func (c *Callable) bindNamed(p Pack, bound bool) (values []any, ctx context.Context, err error) {
	return c.bindWith(c.Signature.BindNamed, p, bound)
}

func (c *Callable) bindWith(bind func(string, []any, map[string]any, int) ([]any, error), p Pack, bound bool) ([]any, context.Context, error) {
	args, ctx := p.Args, context.Context(nil)
	if !p.Bare {
		args, ctx = c.TakeContext(p.Args, bound)
	}
	if ctx != nil && IsNilContext(ctx) {
		return nil, nil, ErrNilContext
	}
	skip := 0
	if bound {
		skip = 1
		args = append([]any{p.Bound}, args...)
	}
	values, err := bind(c.Short, args, p.Kwargs, skip)
	if err != nil {
		return nil, nil, fmt.Errorf("%w%s", err, c.bindHint(ownArgs(args, bound), p.Kwargs, bound))
	}
	for i := range c.Params {
		v := values[i]
		switch values[i], err = c.Params[i].value(v); err {
		case nil:
		case errContextPlace:
			return nil, nil, fault.Argumentf("%s() %s: %v%s", c.Short, c.Params[i].Describe(i), err, c.contextHint())
		default:
			return nil, nil, fault.Argumentf("%s() %s: %v%s", c.Short, c.Params[i].Describe(i), err, c.valueHint(i, v, c.nilFirst(ownArgs(args, bound), bound)))
		}
	}
	return values, ctx, nil
}

// value converts the value that Bind found for a parameter to its type.
func (p *Parameter) value(v any) (any, error) {
	if v == signature.Unset {
		return p.defaultValue()
	}
	if p.Kind == signature.VarKeyword && IsAny(p.Type.Elem()) && holdsContext(v) {
		return nil, errContextPlace
	}
	if v != nil && reflect.TypeOf(v) == p.Type {
		return v, nil
	}
	switch p.Kind {
	case signature.VarKeyword:
	case signature.VarPositional:
		if IsAny(p.Type.Elem()) && holdsContext(v) {
			return nil, errContextPlace
		}
	default:
		if IsAny(p.Type) && IsContext(v) {
			return nil, errContextPlace
		}
	}
	if tuple, ok := v.(pyvalue.Tuple); ok && p.Kind == signature.VarPositional {
		v = []any(tuple)
	}
	to, err := p.convert(v)
	if err != nil {
		return nil, err
	}
	return to.Interface(), nil
}

// Pack is the inverse of Bind: it returns arguments that bind to values.
func (c *Callable) Pack(values []any, bound bool) Pack {
	p := Pack{Bare: true}
	for i, v := range values {
		switch param := &c.Params[i]; param.Kind {
		case signature.VarPositional:
			rest, _ := convert.Elements(v)
			p.Args = append(p.Args, rest...)
		case signature.VarKeyword, signature.KeywordOnly:
			if p.Kwargs == nil {
				p.Kwargs = map[string]any{}
			}
			if param.Kind == signature.KeywordOnly {
				p.Kwargs[param.Name] = v
				continue
			}
			for it := reflect.ValueOf(v).MapRange(); it.Next(); {
				p.Kwargs[it.Key().String()] = it.Value().Interface()
			}
		default:
			if i == 0 && bound {
				p.Bound = v
				continue
			}
			p.Args = append(p.Args, v)
		}
	}
	return p
}

// Spread turns the values that a bulk element gives by the name of *args into positional
// arguments.
func (c *Callable) Spread(p Pack, bound bool) (Pack, error) {
	i := c.Signature.VarArgs
	if i < 0 || !c.Signature.Named {
		return p, nil
	}
	if _, ok := p.Kwargs[c.Signature.Formals[i].Name]; !ok {
		return p, nil
	}
	values, _, err := c.bindNamed(p, bound)
	if err != nil {
		return p, err
	}
	return c.Pack(values, bound), nil
}

// Inputs appends to values the bound values of a call with the function's own inputs.
func (c *Callable) Inputs(values []any, bound any, isBound bool, in []reflect.Value) []any {
	values = slices.Grow(values, len(c.Params))
	offset := 0
	if isBound {
		values, offset = append(values, bound), 1
	}
	for i := range c.Params {
		if p := &c.Params[i]; p.In >= offset {
			values = append(values, in[p.In-offset].Interface())
		}
	}
	return values
}
