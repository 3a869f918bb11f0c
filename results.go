package ring

import (
	"fmt"
	"reflect"

	"github.com/ring-go/ring/internal/convert"
	"github.com/ring-go/ring/internal/pyvalue"
)

// value makes the outputs of the function one value and its error. A function may
// well return something beside an error.
func (c *callable) value(out []reflect.Value) (any, error) {
	var err error
	if c.fails {
		err, _ = out[len(out)-1].Interface().(error)
	}
	switch len(c.results) {
	case 0:
		return nil, err
	case 1:
		return out[0].Interface(), err
	}
	tuple := make(pyvalue.Tuple, len(c.results))
	for i := range tuple {
		tuple[i] = out[i].Interface()
	}
	return tuple, err
}

// outputs is the inverse of value. A value that is nil gives zero results. They take the
// place of in, the inputs of the call, if there is room: reflect needs these no more.
func (c *callable) outputs(in []reflect.Value, value any, err error) []reflect.Value {
	n := c.typ.NumOut()
	if cap(in) < n {
		in = lendOutputs(n)
	}
	out := in[:n]
	tuple, _ := value.(pyvalue.Tuple)
	for i, t := range c.results {
		v := value
		if len(c.results) > 1 {
			v = nil
			if i < len(tuple) {
				v = tuple[i]
			}
		}
		out[i] = output(v, t)
	}
	if c.fails {
		out[len(out)-1] = output(err, errorType)
	}
	return out
}

func output(v any, t reflect.Type) reflect.Value {
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

// fit makes a value one of the function's result type: what Set is given, or what
// a storage or coder gave back.
func (c *callable) fit(v any) (any, error) {
	switch len(c.results) {
	case 0:
		if v != nil {
			return nil, fmt.Errorf("the function has no result, so a %T cannot be one", v)
		}
		return nil, nil
	case 1:
		return fitTo(v, c.result)
	}
	parts, err := c.parts(v)
	if err != nil {
		return nil, err
	}
	tuple := make(pyvalue.Tuple, len(parts))
	for i, part := range parts {
		if tuple[i], err = fitTo(part, c.results[i]); err != nil {
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

// parts takes several results apart: a pyvalue.Tuple or another list, or the struct that a
// coder was given as their type.
func (c *callable) parts(v any) ([]any, error) {
	var parts []any
	switch s := reflect.ValueOf(v); {
	case s.IsValid() && s.Type() == c.result:
		for i := range s.NumField() {
			parts = append(parts, s.Field(i).Interface())
		}
	case s.IsValid() && (s.Kind() == reflect.Slice || s.Kind() == reflect.Array):
		parts, _ = convert.Elements(v)
	default:
		return nil, fmt.Errorf("%T is not a Tuple of %d results", v, len(c.results))
	}
	if len(parts) != len(c.results) {
		return nil, fmt.Errorf("%d values are not a Tuple of %d results", len(parts), len(c.results))
	}
	return parts, nil
}
