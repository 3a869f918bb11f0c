package ropes

import (
	"fmt"
	"reflect"
	"strconv"

	"github.com/ring-go/ring/internal/pyvalue"
	"github.com/ring-go/ring/internal/signature"
)

// Bind returns why a call with these arguments is surely an ErrArguments; "" if it may be
// good. The context is not among them. named is for an element of a bulk call by names.
func (u Use) Bind(args []Value, kwargs map[string]Value, named bool) string {
	s := u.Signature()
	if s == nil || u.Bound && !u.Receiver {
		return ""
	}
	skip := 0
	given := make([]any, 0, len(args)+1)
	if u.Bound {
		given, skip = append(given, receiver), 1
	}
	for i := range args {
		given = append(given, &args[i])
	}
	byName := map[string]any{}
	for name, v := range kwargs {
		if named && s.VarArgs >= 0 && s.Formals[s.VarArgs].Name == name {
			return "" // a list of arguments
		}
		byName[name] = &v
	}
	values, err := s.Bind(u.Name, given, byName, skip)
	if err != nil {
		return err.Error()
	}
	for i, v := range values {
		if why := misfits(v, s.Formals[i], u.Params[i]); why != "" {
			return fmt.Sprintf("%s() %s: %s", u.Name, called(s.Formals[i], i), why)
		}
	}
	return ""
}

// receiver stands for the receiver of a bound wire.
var receiver = new(Value)

func called(f signature.Formal, i int) string {
	text := "parameter " + strconv.Itoa(i+1)
	if f.Name != "" {
		text += fmt.Sprintf(", %q", f.Label())
	}
	return text
}

// misfits returns why what Bind has found for a parameter of type t is refused.
func misfits(v any, f signature.Formal, t Type) string {
	switch v := v.(type) {
	case *Value:
		if v == receiver {
			return ""
		}
		why := v.Misfit(t)
		if why != "" && f.HasDefault && t.Kind == reflect.Pointer && t.Elem != nil && v.Misfit(*t.Elem) == "" {
			return ""
		}
		return why
	case pyvalue.Tuple:
		for i, element := range v {
			if why := elementMisfit(element, t); why != "" {
				return fmt.Sprintf("element %d: %s", i, why)
			}
		}
	case map[string]any:
		for name, element := range v {
			if why := elementMisfit(element, t); why != "" {
				return fmt.Sprintf("value of %q: %s", name, why)
			}
		}
	}
	return ""
}

func elementMisfit(element any, t Type) string {
	v, ok := element.(*Value)
	if !ok || v == receiver || t.Elem == nil {
		return ""
	}
	return v.Misfit(*t.Elem)
}
