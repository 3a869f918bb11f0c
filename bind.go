package ring

import (
	"context"
	"fmt"
	"reflect"

	"github.com/ring-go/ring/internal/convert"
	"github.com/ring-go/ring/internal/fault"
	"github.com/ring-go/ring/internal/pyvalue"
	"github.com/ring-go/ring/internal/signature"
)

// argPack is one call's arguments, not yet bound to the function's parameters.
type argPack struct {
	bound  any // the receiver of a bound wire
	args   []any
	kwargs map[string]any
	bare   bool // there is no context among args
}

// bind makes the arguments of a call values of the parameters' types, in order.
// ctx is the context found among them, or nil.
func (c *callable) bind(p argPack, bound bool) (values []any, ctx context.Context, err error) {
	return c.bindWith(c.sig.Bind, p, bound)
}

// bindNamed is bind for an element of a bulk call in keyword form.
func (c *callable) bindNamed(p argPack, bound bool) (values []any, ctx context.Context, err error) {
	return c.bindWith(c.sig.BindNamed, p, bound)
}

func (c *callable) bindWith(bind func(string, []any, map[string]any, int) ([]any, error), p argPack, bound bool) ([]any, context.Context, error) {
	args, ctx := p.args, context.Context(nil)
	if !p.bare {
		args, ctx = c.takeContext(p.args, bound)
	}
	if ctx != nil && isNilContext(ctx) {
		return nil, nil, errNilContext
	}
	skip := 0
	if bound {
		skip = 1
		args = append([]any{p.bound}, args...)
	}
	values, err := bind(c.short, args, p.kwargs, skip)
	if err != nil {
		return nil, nil, fmt.Errorf("%w%s", err, c.bindHint(c.own(args, bound), p.kwargs, bound))
	}
	for i := range c.params {
		v := values[i]
		switch values[i], err = c.params[i].value(v); err {
		case nil:
		case errContextPlace:
			return nil, nil, fault.Argumentf("%s() %s: %v%s", c.short, c.params[i].describe(i), err, c.contextHint())
		default:
			return nil, nil, fault.Argumentf("%s() %s: %v%s", c.short, c.params[i].describe(i), err, c.valueHint(i, v, c.nilFirst(c.own(args, bound), bound)))
		}
	}
	return values, ctx, nil
}

// value makes what bind found for a parameter a value of its type.
func (p *parameter) value(v any) (any, error) {
	if v == signature.Unset {
		return p.defaultValue()
	}
	if v != nil && reflect.TypeOf(v) == p.typ {
		return v, nil
	}
	switch p.Kind {
	case signature.VarPositional, signature.VarKeyword:
		if isAny(p.typ.Elem()) && holdsContext(v) {
			return nil, errContextPlace
		}
	default:
		if isAny(p.typ) && isContext(v) {
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

// takeContext takes the context out of args: the first of them or, when the
// receiver is among them, the one behind it.
func (c *callable) takeContext(args []any, bound bool) ([]any, context.Context) {
	if c.ctx < 0 || len(args) == 0 {
		return args, nil
	}
	if ctx, ok := args[0].(context.Context); ok {
		return args[1:], ctx
	}
	if c.receiver && !bound && len(args) > 1 {
		if ctx, ok := args[1].(context.Context); ok {
			return append([]any{args[0]}, args[2:]...), ctx
		}
	}
	return args, nil
}

// pack is the inverse of bind: arguments that bind to values.
func (c *callable) pack(values []any, bound bool) argPack {
	p := argPack{bare: true}
	for i, v := range values {
		switch param := &c.params[i]; param.Kind {
		case signature.VarPositional:
			rest, _ := convert.Elements(v)
			p.args = append(p.args, rest...)
		case signature.VarKeyword, signature.KeywordOnly:
			if p.kwargs == nil {
				p.kwargs = map[string]any{}
			}
			if param.Kind == signature.KeywordOnly {
				p.kwargs[param.Name] = v
				continue
			}
			for it := reflect.ValueOf(v).MapRange(); it.Next(); {
				p.kwargs[it.Key().String()] = it.Value().Interface()
			}
		default:
			if i == 0 && bound {
				p.bound = v
				continue
			}
			p.args = append(p.args, v)
		}
	}
	return p
}

// spread makes the values that a bulk element gives by the name of *args positional
// ones.
func (c *callable) spread(p argPack, bound bool) (argPack, error) {
	i := c.sig.VarArgs
	if i < 0 || !c.sig.Named {
		return p, nil
	}
	if _, ok := p.kwargs[c.sig.Formals[i].Name]; !ok {
		return p, nil
	}
	values, _, err := c.bindNamed(p, bound)
	if err != nil {
		return p, err
	}
	return c.pack(values, bound), nil
}
