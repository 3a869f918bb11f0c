// Package shared finds the state that belongs to an object, such as the lock of a map.
package shared

import (
	"reflect"
	"runtime"
	"sync"
	"weak"
)

// By finds the state that belongs to an object, for as long as it is in use: all
// callers that ask for the same object get the same T. A T has to keep its object
// alive, so that no other object gets its address.
type By[T any] struct {
	mu    sync.Mutex
	known map[Object]weak.Pointer[T]
}

// Object identifies an object: a map or pointer by its address, which does not keep it
// alive, anything else by its value.
type Object struct {
	space string // tells different uses of one object apart
	typ   reflect.Type
	addr  uintptr
	value any
}

// ObjectOf returns false for an object that cannot be identified.
func ObjectOf(space string, backend any) (Object, bool) {
	v := reflect.ValueOf(backend)
	if !v.IsValid() {
		return Object{}, false
	}
	obj := Object{space: space, typ: v.Type()}
	switch {
	case v.Kind() == reflect.Pointer && v.Type().Elem().Size() == 0: // all of these may have the same address
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

// Open returns the T of obj. If there is none yet, create makes it.
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
