package ringdebug

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"
	"time"

	"github.com/ring-go/ring"
)

var contextType = reflect.TypeFor[context.Context]()

// typeOf writes the type of a rope's function.
func typeOf(r *ring.Rope) string { return fmt.Sprintf("%T", r.Func()) }

// argumentsOf reads the arguments of a call: a JSON list of them, or an object by their names.
// Nothing is a call without arguments.
func argumentsOf(r *ring.Rope, text string) ([]any, error) {
	text = strings.TrimSpace(text)
	switch {
	case text == "":
		return nil, nil
	case text[0] == '{':
		var byName map[string]json.RawMessage
		if err := decode([]byte(text), &byName); err != nil {
			return nil, err
		}
		kwargs := ring.Kwargs{}
		for name, raw := range byName {
			value, err := loose(raw)
			if err != nil {
				return nil, err
			}
			kwargs[name] = value
		}
		return []any{kwargs}, nil
	case text[0] != '[':
		return nil, errors.New(`the arguments are a list, such as ["a", 1], or an object by name, such as {"n": 1}`)
	}
	var list []json.RawMessage
	if err := decode([]byte(text), &list); err != nil {
		return nil, err
	}
	args := make([]any, len(list))
	for i, raw := range list {
		var err error
		if args[i], err = argument(raw, parameter(r, i)); err != nil {
			return nil, fmt.Errorf("argument %d: %w", i+1, err)
		}
	}
	return args, nil
}

// parameter returns the type of the i-th argument; nil: there is no such parameter. A context
// is no argument.
func parameter(r *ring.Rope, i int) reflect.Type {
	f := reflect.TypeOf(r.Func())
	if f == nil || f.Kind() != reflect.Func {
		return nil
	}
	for at := range f.NumIn() {
		in := f.In(at)
		if in == contextType {
			continue
		}
		if f.IsVariadic() && at == f.NumIn()-1 {
			return in.Elem()
		}
		if i == 0 {
			return in
		}
		i--
	}
	return nil
}

// argument decodes an argument as a value of its parameter's type, so that structs and times
// can be given. What is none is decoded by itself, and the rope decides whether it fits.
func argument(raw json.RawMessage, t reflect.Type) (any, error) {
	var text string
	if t == reflect.TypeFor[time.Duration]() && json.Unmarshal(raw, &text) == nil {
		return time.ParseDuration(text)
	}
	if t == nil || t.Kind() == reflect.Interface {
		return loose(raw)
	}
	if string(bytes.TrimSpace(raw)) == "null" && !hasNull(t) {
		return nil, fmt.Errorf("null is no %s", t)
	}
	value := reflect.New(t)
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	if d.Decode(value.Interface()) == nil {
		return value.Elem().Interface(), nil
	}
	return loose(raw)
}

var decodesItself = reflect.TypeFor[json.Unmarshaler]()

// hasNull reports whether a type has a value for null. For others the decoder leaves the zero
// value, which would pass for an argument that somebody gave.
func hasNull(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.Pointer, reflect.Map, reflect.Slice:
		return true
	}
	return reflect.PointerTo(t).Implements(decodesItself)
}

// loose decodes JSON as what it says: whole numbers are int64.
func loose(raw json.RawMessage) (any, error) {
	var value any
	if err := decode(raw, &value); err != nil {
		return nil, err
	}
	return plainNumbers(value), nil
}

// decode reads one JSON value and nothing after it.
func decode(text []byte, to any) error {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	if err := d.Decode(to); err != nil {
		return fmt.Errorf("this is no JSON: %w", err)
	}
	if _, err := d.Token(); err != io.EOF {
		return errors.New("this is no JSON: there is something after its end")
	}
	return nil
}

// plainNumbers makes Go's numbers of JSON's.
func plainNumbers(value any) any {
	switch v := value.(type) {
	case json.Number:
		if n, err := v.Int64(); err == nil {
			return n
		}
		if f, err := v.Float64(); err == nil {
			return f
		}
		return v.String()
	case []any:
		for i := range v {
			v[i] = plainNumbers(v[i])
		}
	case map[string]any:
		for k := range v {
			v[k] = plainNumbers(v[k])
		}
	}
	return value
}
