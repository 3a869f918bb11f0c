package ring

import (
	"reflect"
	"slices"
	"sync"
	"sync/atomic"
)

// partialKeys tells of a rope whether calls with different arguments can have one key,
// because it leaves something out or is the user's own. A call within the run of such a
// key, with the same key, need not be endless.
type partialKeys struct {
	always  atomic.Bool
	dynamic bool // if what an interface holds leaves something out
}

func (r *Rope) findPartialKeys() {
	k := r.plan
	r.partial.always.Store(!r.ui.standard || k.refactor != nil && !sameFunc(k.refactor, MemcacheKey) ||
		r.config.KeyStyle == PythonKeys || len(k.parts) < len(r.fn.params) ||
		slices.ContainsFunc(k.parts, func(p keyPart) bool { return completenessOf(p.typ) == incomplete }))
	r.partial.dynamic = slices.ContainsFunc(k.parts, func(p keyPart) bool { return completenessOf(p.typ) == undecided })
}

// has tells whether the key of a call is partial.
func (k *partialKeys) has(bound any, args []any, kwargs Kwargs) bool {
	return k.always.Load() || k.dynamic && k.hasDynamic(bound, args, kwargs)
}

func (k *partialKeys) hasDynamic(bound any, args []any, kwargs Kwargs) bool {
	if isIncomplete(bound) || slices.ContainsFunc(args, isIncomplete) {
		return true
	}
	for _, v := range kwargs {
		if isIncomplete(v) {
			return true
		}
	}
	return false
}

// isIncomplete tells whether the text of a value can be less than the value.
func isIncomplete(v any) bool {
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
	undecided               // what an interface holds decides
	incomplete              // a RingKey or a hash can leave something out
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
		return undecided
	}
	if t.Implements(ringKeyerType) || reflect.PointerTo(t).Implements(ringKeyerType) || isHashed(t) {
		return incomplete
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
