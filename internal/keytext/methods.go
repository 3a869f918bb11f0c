package keytext

import (
	"fmt"
	"reflect"

	"github.com/ring-go/ring/internal/fault"
)

// Has reports whether a value of t, or its address, has the methods of iface.
func Has(t, iface reflect.Type) bool {
	return t.Implements(iface) || reflect.PointerTo(t).Implements(iface)
}

// HasOwn is Has, but does not count methods of an embedded field if there are other
// fields, beside that field or beside one that it embeds: such a method does not know
// them.
func HasOwn(t, iface reflect.Type) bool {
	if !Has(t, iface) {
		return false
	}
	for t.Kind() == reflect.Struct {
		i := 0
		for i < t.NumField() && !(t.Field(i).Anonymous && Has(t.Field(i).Type, iface)) {
			i++
		}
		if i == t.NumField() {
			return true
		}
		if t.NumField() > 1 {
			return false
		}
		t = embedded(t)
	}
	return true
}

// embedded returns the type that the only field of t embeds, or points to.
func embedded(t reflect.Type) reflect.Type {
	if t = t.Field(0).Type; t.Kind() == reflect.Pointer {
		return t.Elem()
	}
	return t
}

// accessor returns a function that returns a value of type t, or its address, as a T.
func accessor[T any](t reflect.Type) func(reflect.Value) T {
	if t.Implements(reflect.TypeFor[T]()) {
		return func(v reflect.Value) T { return v.Interface().(T) }
	}
	return func(v reflect.Value) T {
		if !v.CanAddr() {
			p := reflect.New(t)
			p.Elem().Set(v)
			return p.Interface().(T)
		}
		return v.Addr().Interface().(T)
	}
}

// safely calls a method of an argument. If it panics, for example because of a nil that
// it did not expect, the argument has no text.
func safely[T any](method func() (T, error)) (result T, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panic: %v", r)
		}
	}()
	return method()
}

// safeRingKey is safely for RingKey.
func safeRingKey(k ringKeyer) (key string, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%w: panic: %v", fault.ErrKey, r)
		}
	}()
	return k.RingKey(), nil
}
