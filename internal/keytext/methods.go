package keytext

import (
	"fmt"
	"reflect"

	"github.com/ring-go/ring/internal/fault"
)

// Has tells whether a value of t, or its address, has the methods of iface.
func Has(t, iface reflect.Type) bool {
	return t.Implements(iface) || reflect.PointerTo(t).Implements(iface)
}

// HasOwn is has for methods that do not come from an embedded field while there are
// other fields, beside it or beside what it embeds itself: such a method knows nothing of
// these.
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

// embedded is the type that the only field of t embeds, or points to.
func embedded(t reflect.Type) reflect.Type {
	if t = t.Field(0).Type; t.Kind() == reflect.Pointer {
		return t.Elem()
	}
	return t
}

// accessor returns what makes a value of type t, or its address, a T.
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

// safely runs a method of an argument. One that panics, as with a nil inside that it
// did not expect, has no text.
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
