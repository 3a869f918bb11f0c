package callable

import (
	"fmt"
	"reflect"

	"github.com/ring-go/ring/internal/convert"
	"github.com/ring-go/ring/internal/fault"
	"github.com/ring-go/ring/internal/pyvalue"
)

// value returns the outputs of the function as one value and its error. A function may
// return a value beside an error.
func (c *Callable) value(out []reflect.Value) (any, error) {
	var err error
	if c.Fails {
		err, _ = out[len(out)-1].Interface().(error)
	}
	switch len(c.Results) {
	case 0:
		return nil, err
	case 1:
		return out[0].Interface(), err
	}
	tuple := make(pyvalue.Tuple, len(c.Results))
	for i := range tuple {
		tuple[i] = out[i].Interface()
	}
	return tuple, err
}

// Outputs is the inverse of value. A nil value becomes zero results. They overwrite in,
// the inputs of the call, if there is room: reflect no longer needs these.
func (c *Callable) Outputs(in []reflect.Value, value any, err error) []reflect.Value {
	n := c.Type.NumOut()
	if cap(in) < n {
		in = lendOutputs(n)
	}
	out := in[:n]
	tuple, _ := value.(pyvalue.Tuple)
	for i, t := range c.Results {
		v := value
		if len(c.Results) > 1 {
			v = nil
			if i < len(tuple) {
				v = tuple[i]
			}
		}
		out[i] = ValueOf(v, t)
	}
	if c.Fails {
		out[len(out)-1] = ValueOf(err, errorType)
	}
	return out
}

// ValueOf returns v as a value of type t, which is v's or an interface. A nil v is the zero value.
func ValueOf(v any, t reflect.Type) reflect.Value {
	if v == nil {
		return reflect.Zero(t)
	}
	if t.Kind() != reflect.Interface {
		return reflect.ValueOf(v)
	}
	out := reflect.New(t).Elem()
	out.Set(reflect.ValueOf(v))
	return out
}

// Fit converts a value to the function's result type: the argument of Set, or what a
// storage or coder has returned.
func (c *Callable) Fit(v any) (any, error) {
	switch len(c.Results) {
	case 0:
		if v != nil {
			return nil, fmt.Errorf("the function has no result, so a %T cannot be one", v)
		}
		return nil, nil
	case 1:
		return fitTo(v, c.Result)
	}
	parts, err := c.parts(v)
	if err != nil {
		return nil, err
	}
	tuple := make(pyvalue.Tuple, len(parts))
	for i, part := range parts {
		if tuple[i], err = fitTo(part, c.Results[i]); err != nil {
			return nil, fmt.Errorf("result %d: %w", i+1, err)
		}
	}
	return tuple, nil
}

func fitTo(v any, t reflect.Type) (any, error) {
	if v != nil && reflect.TypeOf(v) == t {
		return v, nil
	}
	to, err := convert.To(v, t)
	if err != nil {
		return nil, err
	}
	return to.Interface(), nil
}

// parts splits several results: a pyvalue.Tuple or another list, or the struct that a
// coder gets as their type.
func (c *Callable) parts(v any) ([]any, error) {
	var parts []any
	switch s := reflect.ValueOf(v); {
	case s.IsValid() && s.Type() == c.Result:
		for i := range s.NumField() {
			parts = append(parts, s.Field(i).Interface())
		}
	case s.IsValid() && (s.Kind() == reflect.Slice || s.Kind() == reflect.Array):
		parts, _ = convert.Elements(v)
	default:
		return nil, fmt.Errorf("%T is not a ring.Tuple of %d results", v, len(c.Results))
	}
	if len(parts) != len(c.Results) {
		return nil, fmt.Errorf("%d value%s cannot be a ring.Tuple of %d results", len(parts), fault.Plural(len(parts)), len(c.Results))
	}
	return parts, nil
}
