package conformance

import (
	"encoding/json"
	"reflect"
)

// Param is a parameter of a recorded function.
type Param struct {
	Name    string
	Kind    string
	Default json.RawMessage
}

// Func returns a Go function with the parameters of a Python one: any for each, []any
// for *args, map[string]any for **kw. It returns its arguments.
func Func(params []Param) any {
	var in []reflect.Type
	for _, p := range params {
		switch p.Kind {
		case "var_positional":
			in = append(in, reflect.TypeFor[[]any]())
		case "var_keyword":
			in = append(in, reflect.TypeFor[map[string]any]())
		default:
			in = append(in, reflect.TypeFor[any]())
		}
	}
	typ := reflect.FuncOf(in, []reflect.Type{reflect.TypeFor[[]any]()}, false)
	return reflect.MakeFunc(typ, func(in []reflect.Value) []reflect.Value {
		args := []any{}
		for _, v := range in {
			args = append(args, v.Interface())
		}
		return []reflect.Value{reflect.ValueOf(args)}
	}).Interface()
}
