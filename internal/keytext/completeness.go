package keytext

import (
	"reflect"
	"slices"
	"sync"
)

// IsIncomplete reports whether the text of a value may leave out part of it.
func IsIncomplete(v any) bool {
	switch v.(type) {
	case nil, bool, int, int64, float64, string, []byte:
		return false
	}
	t := reflect.TypeOf(v)
	c, ok := completenesses.Load(t)
	if !ok {
		c, _ = completenesses.LoadOrStore(t, completenessOf(t))
	}
	return c != complete
}

// completenesses holds the completeness of types that interfaces have held.
var completenesses sync.Map

// completeness says whether a text contains the whole value.
type completeness int

const (
	complete   completeness = iota
	Undecided               // it depends on what an interface holds
	Incomplete              // a RingKey or a hash can leave something out
)

func completenessOf(t reflect.Type) completeness {
	return typeWalk{}.completeness(t)
}

// typeWalk holds the types visited while walking through a type and its parts.
type typeWalk map[reflect.Type]bool

func (w typeWalk) completeness(t reflect.Type) completeness {
	if w[t] {
		return complete
	}
	w[t] = true
	if t.Kind() == reflect.Interface {
		return Undecided
	}
	if t.Implements(ringKeyerType) || reflect.PointerTo(t).Implements(ringKeyerType) || isHashed(t) {
		return Incomplete
	}
	worst := complete
	for _, part := range typesWithin(t) {
		worst = max(worst, w.completeness(part))
	}
	return worst
}

// typesWithin returns the types of the parts of a type.
func typesWithin(t reflect.Type) []reflect.Type {
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Array:
		return []reflect.Type{t.Elem()}
	case reflect.Map:
		return []reflect.Type{t.Key(), t.Elem()}
	case reflect.Struct:
		fields := make([]reflect.Type, t.NumField())
		for i := range fields {
			fields[i] = t.Field(i).Type
		}
		return fields
	}
	return nil
}

// Completeness returns the completeness of the least complete part.
func (k *Plan) Completeness() completeness {
	worst := complete
	for i := range k.Parts {
		worst = max(worst, completenessOf(k.Parts[i].Type))
	}
	return worst
}

// Has reports whether the parameter at a place is part of the key.
func (k *Plan) Has(at int) bool {
	return slices.ContainsFunc(k.Parts, func(p keyPart) bool { return p.At == at })
}
