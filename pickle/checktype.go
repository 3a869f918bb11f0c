package pickle

import (
	"reflect"
	"slices"
	"sync"
)

// CheckType reports whether every value of a type that Marshal accepts comes back from
// Unmarshal into the same type without loss. The error is a *TypeError that names the
// first type that does not:
//
//   - a channel, function or unsafe pointer
//   - an interface with methods
//   - a struct with unexported fields, unless it has both MarshalText and UnmarshalText
//   - a struct with fields of the same name that hide each other
//   - a pointer to something that can itself be nil
//   - a map key that Python cannot hash or Go cannot find again
//
// Fields tagged "-" do not count: they are left out on purpose. An empty interface is
// allowed: it comes back with the natural types.
func CheckType(t reflect.Type) error {
	if t == nil {
		return &TypeError{Reason: "there is no type"}
	}
	if result, ok := checked.Load(t); ok {
		err, _ := result.(error)
		return err
	}
	err := checker{}.check(t)
	checked.Store(t, err)
	return err
}

var checked sync.Map // reflect.Type → error or nil

// checker holds the types already visited, because types may contain themselves.
type checker map[reflect.Type]bool

func (c checker) check(t reflect.Type) error {
	if c[t] {
		return nil
	}
	c[t] = true
	if t == locationType || t == locationType.Elem() {
		return refuse(t, "it would come back as another fixed zone: hold its name")
	}
	if isKnown(t) {
		return nil
	}
	if t == bigFloatType {
		return refuse(t, "its text loses precision: use the text of Text('p', 0)")
	}
	if isText(t) && t.Kind() != reflect.Pointer && t.Kind() != reflect.Interface {
		if !reflect.PointerTo(t).Implements(textUnmarshalerType) {
			return refuse(t, "it has MarshalText and no UnmarshalText")
		}
		return nil
	}
	switch t.Kind() {
	case reflect.Chan, reflect.Func, reflect.UnsafePointer:
		return refuse(t, "cannot be pickled")
	case reflect.Interface:
		if t.NumMethod() > 0 {
			return refuse(t, "what it held cannot be told from a pickle: use the type itself")
		}
	case reflect.Pointer:
		if nilable(t.Elem()) {
			return refuse(t, "a nil in it would come back as a nil pointer: use what it points to")
		}
		return c.check(t.Elem())
	case reflect.Slice, reflect.Array:
		return c.check(t.Elem())
	case reflect.Map:
		if err := c.checkKey(t.Key()); err != nil {
			return err
		}
		return c.check(t.Elem())
	case reflect.Struct:
		return c.checkStruct(t)
	}
	return nil
}

func refuse(t reflect.Type, reason string) error { return &TypeError{Type: t, Reason: reason} }

func nilable(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.Pointer, reflect.Map, reflect.Interface, reflect.Slice:
		return true
	}
	return false
}

func (c checker) checkKey(t reflect.Type) error {
	switch {
	case t == timeType:
		return refuse(t, "as map key it is compared by its Location: use UnixMicro")
	case isKnown(t) && t.Kind() == reflect.Pointer:
		return refuse(t, "as map key it is compared by identity")
	case isKnown(t) || isText(t):
		return c.check(t)
	}
	switch t.Kind() {
	case reflect.Pointer, reflect.Struct:
		return refuse(t, "as map key it has no counterpart in Python: use text, numbers or arrays")
	case reflect.Array:
		return c.checkKey(t.Elem())
	}
	return c.check(t)
}

// checkStruct checks that every field is written, and then their types.
func (c checker) checkStruct(t reflect.Type) error {
	fields, hidden := structFields(t)
	if hidden {
		return refuse(t, "unexported fields would be lost: export them, tag them with `pickle:\"-\"`, or add MarshalText and UnmarshalText")
	}
	if n := countFields(t, nil); n != len(fields) {
		return refuse(t, "fields of one name hide each other: give them different names by tags")
	}
	if err := checkEmbedded(t, fields); err != nil {
		return err
	}
	for _, f := range fields {
		if err := c.check(t.FieldByIndex(f.index).Type); err != nil {
			return inField(err, f.name)
		}
	}
	return nil
}

// checkEmbedded refuses embedded pointers that cannot be told from nil ones.
func checkEmbedded(t reflect.Type, fields []field) error {
	always := map[int]bool{} // embedded pointers with a field that is always written
	for _, f := range fields {
		always[f.index[0]] = always[f.index[0]] || !f.omitEmpty
	}
	for _, f := range fields {
		sf := t.Field(f.index[0])
		if len(f.index) == 1 || sf.Type.Kind() != reflect.Pointer {
			continue
		}
		if isTupleStruct(t) || !always[f.index[0]] {
			return refuse(t, "the embedded pointer "+sf.Name+" would come back changed when it is nil or empty: embed the struct itself")
		}
	}
	return nil
}

// countFields counts the exported fields of a struct and the structs embedded in it. A
// struct that is embedded in itself counts as one.
func countFields(t reflect.Type, outer []reflect.Type) int {
	if slices.Contains(outer, t) {
		return 1
	}
	n := 0
	for i := range t.NumField() {
		sf := t.Field(i)
		f := newField(sf, nil)
		switch embedded := embeddedStruct(sf); {
		case f.leftOut:
		case embedded != nil && !f.tagged:
			n += countFields(embedded, append(outer, t))
		case sf.IsExported():
			n++
		}
	}
	return n
}
