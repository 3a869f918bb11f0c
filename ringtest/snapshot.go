package ringtest

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// node is what a part of a value was at some time. It refers to nothing of the value.
type node struct {
	typ   reflect.Type // nil: a nil interface
	shape shape
	leaf  any    // of shape leaf: a bool, number, string or address; nil: a nil pointer, slice or map
	bytes []byte // of shape raw
	parts []part // of the others
}

type shape uint8

const (
	leaf    shape = iota
	raw           // bytes
	inside        // what a pointer points to, or an interface holds: one part
	fields        // of a struct
	list          // the elements of a slice or an array
	mapping       // the entries of a map
	again         // a pointer, slice or map that was met before; the leaf says as which
	closed        // not looked at
)

// part is a field, an element or an entry.
type part struct {
	name string // how it is reached; that of an element is its place
	node *node
}

// maxDepth is how far a snapshot goes into a value.
const maxDepth = 10_000

// snapshot returns what a value is now.
func snapshot(value any) *node {
	s := shooting{met: map[place]int{}}
	return s.take(reflect.ValueOf(value))
}

// shooting is a snapshot that is being taken.
type shooting struct {
	met   map[place]int // pointers, slices and maps, numbered in their order
	depth int
}

// place tells pointers, slices and maps apart.
type place struct {
	addr uintptr
	typ  reflect.Type
	len  int
}

func (s *shooting) take(v reflect.Value) *node {
	if !v.IsValid() {
		return &node{}
	}
	n := &node{typ: v.Type()}
	if s.depth++; s.depth > maxDepth || isClosed(v.Type()) {
		n.shape = closed
	} else {
		s.fill(n, v)
	}
	s.depth--
	return n
}

func (s *shooting) fill(n *node, v reflect.Value) {
	switch v.Kind() {
	case reflect.Interface:
		if !v.IsNil() {
			n.shape, n.parts = inside, []part{{"", s.take(v.Elem())}}
		}
	case reflect.Pointer:
		switch {
		case v.IsNil():
		case isClosed(v.Type().Elem()), v.Type().Elem().Size() == 0:
			n.shape = closed
		case !s.isAgain(n, v, 0):
			n.shape, n.parts = inside, []part{{"", s.take(v.Elem())}}
		}
	case reflect.Slice:
		if !v.IsNil() && (v.Len() == 0 || !s.isAgain(n, v, v.Len())) {
			s.elements(n, v)
		}
	case reflect.Array:
		s.elements(n, v)
	case reflect.Map:
		if !v.IsNil() && !s.isAgain(n, v, 0) {
			s.entries(n, v)
		}
	case reflect.Struct:
		n.shape = fields
		for i := range v.NumField() {
			n.parts = append(n.parts, part{"." + v.Type().Field(i).Name, s.take(v.Field(i))})
		}
	default:
		n.leaf = leafOf(v)
	}
}

// isAgain notes a pointer, slice or map, and tells whether it was met before.
func (s *shooting) isAgain(n *node, v reflect.Value, length int) bool {
	at := place{v.Pointer(), v.Type(), length}
	if number, met := s.met[at]; met {
		n.shape, n.leaf = again, number
		return true
	}
	s.met[at] = len(s.met)
	return false
}

func (s *shooting) elements(n *node, v reflect.Value) {
	if v.Type().Elem().Kind() == reflect.Uint8 && v.Kind() == reflect.Slice {
		n.shape, n.bytes = raw, slices.Clone(v.Bytes())
		return
	}
	n.shape, n.parts = list, make([]part, 0, v.Len())
	for i := range v.Len() {
		n.parts = append(n.parts, part{"", s.take(v.Index(i))})
	}
}

// entries notes the entries of a map by the texts of their keys, in the order of these.
// Entries whose keys have the same text, such as NaN, cannot be told apart.
func (s *shooting) entries(n *node, v reflect.Value) {
	type entry struct {
		key   string
		value reflect.Value
	}
	var all []entry
	for each := v.MapRange(); each.Next(); {
		all = append(all, entry{keyText(each.Key()), each.Value()})
	}
	slices.SortFunc(all, func(a, b entry) int { return strings.Compare(a.key, b.key) })
	n.shape = mapping
	for i, e := range all {
		value := &node{shape: closed}
		if !(i > 0 && all[i-1].key == e.key || i+1 < len(all) && all[i+1].key == e.key) {
			value = s.take(e.value)
		}
		n.parts = append(n.parts, part{"[" + e.key + "]", value})
	}
}

// keyText is the text of a map's key. A pointer in it counts as such.
func keyText(key reflect.Value) string {
	switch key.Kind() {
	case reflect.Interface:
		if key.IsNil() {
			return "nil"
		}
		return fmt.Sprintf("%v(%s)", key.Elem().Type(), keyText(key.Elem()))
	case reflect.Pointer, reflect.Chan, reflect.UnsafePointer:
		return fmt.Sprintf("%v(%#x)", key.Type(), key.Pointer())
	case reflect.Struct, reflect.Array:
		var texts []string
		for i := range lengthOf(key) {
			texts = append(texts, keyText(elementOf(key, i)))
		}
		return "{" + strings.Join(texts, " ") + "}"
	case reflect.String:
		return fmt.Sprintf("%q", key.String())
	}
	return fmt.Sprint(leafOf(key))
}

func lengthOf(v reflect.Value) int {
	if v.Kind() == reflect.Struct {
		return v.NumField()
	}
	return v.Len()
}

func elementOf(v reflect.Value, i int) reflect.Value {
	if v.Kind() == reflect.Struct {
		return v.Field(i)
	}
	return v.Index(i)
}

// leafOf returns what does not consist of parts, also of a field that is not exported.
func leafOf(v reflect.Value) any {
	switch {
	case v.Kind() == reflect.Bool:
		return v.Bool()
	case v.Kind() == reflect.String:
		return strings.Clone(v.String())
	case v.CanInt():
		return v.Int()
	case v.CanUint():
		return v.Uint()
	case v.CanFloat():
		return v.Float()
	case v.CanComplex():
		return v.Complex()
	}
	return address(v.Pointer()) // of a func, a channel or an unsafe pointer
}

// address tells what cannot be looked into.
type address uintptr

// isClosed tells whether values of a type are not looked at: they are made to be changed, and
// protect themselves, or the runtime fills them in when it likes.
func isClosed(t reflect.Type) bool {
	switch t.PkgPath() {
	case "sync", "sync/atomic", "context", "reflect", "internal/abi":
		return t.Kind() == reflect.Struct
	case "time":
		return t.Name() == "Location" || t.Name() == "Timer" || t.Name() == "Ticker"
	}
	if t.Kind() != reflect.Struct {
		return false
	}
	for i := range t.NumField() {
		f := t.Field(i).Type
		if f.Kind() == reflect.Pointer {
			f = f.Elem()
		}
		if path := f.PkgPath(); path == "sync" || path == "sync/atomic" {
			return true
		}
	}
	return false
}
