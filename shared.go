package ring

import (
	"reflect"
	"runtime"
	"sync"
	"weak"
)

// sharedBy finds what belongs to an object, for as long as somebody uses it: all who ask
// for the same object have the same T. A T has to keep its object alive, so that the
// address is still the object's own.
type sharedBy[T any] struct {
	mu    sync.Mutex
	known map[object]weak.Pointer[T]
}

// object is an object by its identity: a map or pointer by its address, which does not
// keep it alive, anything else by its value.
type object struct {
	space string // tells apart what one object is used for
	typ   reflect.Type
	addr  uintptr
	value any
}

// objectOf reports false for what nobody can tell from its like.
func objectOf(space string, backend any) (object, bool) {
	v := reflect.ValueOf(backend)
	if !v.IsValid() {
		return object{}, false
	}
	obj := object{space: space, typ: v.Type()}
	switch {
	case v.Kind() == reflect.Pointer && v.Type().Elem().Size() == 0: // all may have one address
		return object{}, false
	case v.Kind() == reflect.Map || v.Kind() == reflect.Pointer:
		obj.addr = v.Pointer()
	case v.Comparable():
		obj.value = backend
	default:
		return object{}, false
	}
	return obj, true
}

// open returns the T of obj, which create makes where there is none yet.
func (s *sharedBy[T]) open(obj object, create func() *T) *T {
	s.mu.Lock()
	defer s.mu.Unlock()
	if t := s.known[obj].Value(); t != nil {
		return t
	}
	t := create()
	w := weak.Make(t)
	if s.known == nil {
		s.known = map[object]weak.Pointer[T]{}
	}
	s.known[obj] = w
	runtime.AddCleanup(t, func(obj object) {
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.known[obj] == w {
			delete(s.known, obj)
		}
	}, obj)
	return t
}
