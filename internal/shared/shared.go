// Package shared finds what belongs to an object, such as the lock of a map.
package shared

import (
	"reflect"
	"runtime"
	"sync"
	"weak"
)

// By finds what belongs to an object, for as long as somebody uses it: all who ask
// for the same object have the same T. A T has to keep its object alive, so that the
// address is still the object's own.
type By[T any] struct {
	mu    sync.Mutex
	known map[Object]weak.Pointer[T]
}

// Object is an object by its identity: a map or pointer by its address, which does not
// keep it alive, anything else by its value.
type Object struct {
	space string // tells apart what one object is used for
	typ   reflect.Type
	addr  uintptr
	value any
}

// ObjectOf reports false for what nobody can tell from its like.
func ObjectOf(space string, backend any) (Object, bool) {
	v := reflect.ValueOf(backend)
	if !v.IsValid() {
		return Object{}, false
	}
	obj := Object{space: space, typ: v.Type()}
	switch {
	case v.Kind() == reflect.Pointer && v.Type().Elem().Size() == 0: // all may have one address
		return Object{}, false
	case v.Kind() == reflect.Map || v.Kind() == reflect.Pointer:
		obj.addr = v.Pointer()
	case v.Comparable():
		obj.value = backend
	default:
		return Object{}, false
	}
	return obj, true
}

// Open returns the T of obj, which create makes where there is none yet.
func (s *By[T]) Open(obj Object, create func() *T) *T {
	s.mu.Lock()
	defer s.mu.Unlock()
	if t := s.known[obj].Value(); t != nil {
		return t
	}
	t := create()
	w := weak.Make(t)
	if s.known == nil {
		s.known = map[Object]weak.Pointer[T]{}
	}
	s.known[obj] = w
	runtime.AddCleanup(t, func(obj Object) {
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.known[obj] == w {
			delete(s.known, obj)
		}
	}, obj)
	return t
}
