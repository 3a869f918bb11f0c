package keytext

import (
	"reflect"
	"slices"
)

// AddsNothing reports whether all receivers of a type have the same text. Even the
// addresses of values without state can matter.
func AddsNothing(receiver reflect.Type) bool {
	if receiver.Kind() == reflect.Pointer {
		receiver = receiver.Elem()
	}
	return isConstant(receiver, nil)
}

// isConstant reports whether all values of a type have the same text, except nil
// pointers. It trusts a type's own methods. outer are the enclosing types.
func isConstant(t reflect.Type, outer []reflect.Type) bool {
	if slices.Contains(outer, t) { // a list, whose length can differ
		return false
	}
	if Has(t, ringKeyerType) || Has(t, hashableType) || Has(t, includableType) || Has(t, includableMapType) {
		return false
	}
	outer = append(slices.Clip(outer), t)
	switch t.Kind() {
	case reflect.Pointer:
		return isConstant(t.Elem(), outer)
	case reflect.Array:
		return t.Len() == 0 || isConstant(t.Elem(), outer)
	case reflect.Struct:
		for i := range t.NumField() {
			f := t.Field(i)
			tag := f.Tag.Get("hash")
			if tag == "string" || tag != "ignore" && tag != "-" && f.Name != "_" && !isConstant(f.Type, outer) {
				return false
			}
		}
		return true
	}
	return false
}
