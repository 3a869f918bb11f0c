package keytext

import "reflect"

// AddsNothing tells whether all receivers of a type have one text. Also the addresses of
// values without state can mean something.
func AddsNothing(receiver reflect.Type) bool {
	if receiver.Kind() == reflect.Pointer {
		receiver = receiver.Elem()
	}
	return isConstant(receiver)
}

// isConstant tells whether all values of a type have one text. What a type says of itself
// is believed.
func isConstant(t reflect.Type) bool {
	if Has(t, ringKeyerType) || Has(t, hashableType) || Has(t, includableType) || Has(t, includableMapType) {
		return false
	}
	switch t.Kind() {
	case reflect.Array:
		return t.Len() == 0 || isConstant(t.Elem())
	case reflect.Struct:
		for i := range t.NumField() {
			f := t.Field(i)
			tag := f.Tag.Get("hash")
			if tag != "ignore" && tag != "-" && f.Name != "_" && !isConstant(f.Type) {
				return false
			}
		}
		return true
	}
	return false
}
