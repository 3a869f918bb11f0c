package conformance

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strconv"

	"github.com/ring-go/ring/internal/pyvalue"
)

// The classes of the recorded objects.
type (
	A          struct{}
	_Hidden    struct{}
	CamelCase2 struct{}
	Empty      struct{}
	Point      struct {
		X any `ring:"x"`
		Y any `ring:"y"`
	}
	User struct {
		Name   any `ring:"name"`
		Age    any `ring:"age"`
		Active any `ring:"active"`
	}
	Data struct {
		Name   any `ring:"name"`
		MyInt  any `ring:"my_int"`
		MyDict any `ring:"my_dict"`
	}
	Lists struct {
		B any `ring:"b"`
		A any `ring:"a"`
	}
	Maps struct {
		D any `ring:"d"`
	}
	Opt struct {
		V   any `ring:"v"`
		W   any `ring:"w"`
		Raw any `ring:"raw"`
	}
	Inner struct {
		P any `ring:"p"`
		Q any `ring:"q"`
	}
	Outer struct {
		Inner any `ring:"inner"`
		N     any `ring:"n"`
	}
	Item struct {
		I any `ring:"i"`
	}
	Many struct {
		Items any `ring:"items"`
	}
	Pair struct {
		Left  any `ring:"left"`
		Right any `ring:"right"`
	}
	SpecialItem struct{}
	Quote       struct {
		S any `ring:"s"`
		T any `ring:"t"`
	}
)

// pointYX is the class Point with its fields in the other order: a second type with
// that name.
func pointYX() reflect.Type {
	type Point struct {
		Y any `ring:"y"`
		X any `ring:"x"`
	}
	return reflect.TypeFor[Point]()
}

var classes = map[string]reflect.Type{}

func init() {
	for _, t := range []reflect.Type{
		reflect.TypeFor[User](), reflect.TypeFor[A](), reflect.TypeFor[_Hidden](), reflect.TypeFor[CamelCase2](),
		reflect.TypeFor[Empty](), reflect.TypeFor[Point](), reflect.TypeFor[Data](), reflect.TypeFor[Lists](),
		reflect.TypeFor[Maps](), reflect.TypeFor[Opt](), reflect.TypeFor[Inner](), reflect.TypeFor[Outer](),
		reflect.TypeFor[Item](), reflect.TypeFor[Many](), reflect.TypeFor[Quote](), reflect.TypeFor[Pair](),
		reflect.TypeFor[SpecialItem](),
	} {
		classes[t.Name()] = t
	}
}

// The kinds of objects that were recorded in only one form.
type (
	ringKeyed struct{ text string }
	stringed  struct{ text string }
	Opaque    struct{ hidden *int }
	Acct      struct{ hash uint64 }
	Shown     struct {
		hash uint64
		text string
	}
)

func (r ringKeyed) RingKey() string   { return r.text }
func (s stringed) String() string     { return s.text }
func (a Acct) Hash() (uint64, error)  { return a.hash, nil }
func (s Shown) Hash() (uint64, error) { return s.hash, nil }
func (s Shown) String() string        { return s.text }

// object reads the notes of objects.
func object(n *Notation, tag string, content any) any {
	switch tag {
	case "$ellipsis":
		return pyvalue.Ellipsis
	case "$type":
		return class(content.(string))
	case "$dataclass":
		return dataclass(n, content.(map[string]any))
	case "$ringkey":
		return ringKeyed{content.(string)}
	case "$str":
		return stringed{content.(string)}
	case "$plain":
		return Opaque{new(int)}
	case "$hashable":
		return withHash(content.(map[string]any))
	}
	panic("unknown tag " + tag)
}

func class(name string) reflect.Type {
	t, ok := classes[name]
	if !ok {
		panic("unknown class " + name)
	}
	return t
}

func dataclass(n *Notation, content map[string]any) any {
	fields := content["fields"].([]any)
	typ := class(content["name"].(string))
	if typ.Name() == "Point" && fields[0].([]any)[0] == "y" {
		typ = pointYX()
	}
	s := reflect.New(typ).Elem()
	for i, field := range fields {
		pair := field.([]any)
		if typ.Field(i).Tag.Get("ring") != pair[0] {
			panic(fmt.Sprintf("field %v of %v", pair[0], typ))
		}
		if value := n.Value(pair[1]); value != nil {
			s.Field(i).Set(reflect.ValueOf(value))
		}
	}
	return s.Interface()
}

func withHash(content map[string]any) any {
	hash := uint64(must(strconv.ParseInt(string(content["hash"].(json.Number)), 10, 64)))
	if text, ok := content["str"]; ok {
		return Shown{hash, text.(string)}
	}
	return Acct{hash}
}
