package keytext

import (
	"reflect"
	"slices"
	"sync"
)

// IsIncomplete tells whether the text of a value can be less than the value.
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

// completenesses are those of the types that interfaces held.
var completenesses sync.Map

// completeness is how much of a value its text tells.
type completeness int

const (
	complete   completeness = iota
	Undecided               // what an interface holds decides
	Incomplete              // a RingKey or a hash can leave something out
)

func completenessOf(t reflect.Type) completeness {
	return typeWalk{}.completeness(t)
}

// typeWalk is the types that a walk through a type and its parts has seen.
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

// typesWithin are the types that the values of a type are made of.
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

// Completeness is that of the least complete part.
func (k *Plan) Completeness() completeness {
	worst := complete
	for i := range k.Parts {
		worst = max(worst, completenessOf(k.Parts[i].Type))
	}
	return worst
}

// Has tells whether the parameter at a place is part of the key.
func (k *Plan) Has(at int) bool {
	return slices.ContainsFunc(k.Parts, func(p keyPart) bool { return p.At == at })
}
