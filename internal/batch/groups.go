package batch

import (
	"context"
	"reflect"
)

// Groups divides the calls at places into those that can go into one run: what differs is
// the element alone. They also have one context.
func (b *Func) Groups(calls [][]any, places []int, contextOf func(i int) context.Context) [][]int {
	var groups [][]int
	known := map[any]int{} // the groups of comparable values
	var others []int       // the other groups
	for _, i := range places {
		common := append(b.further(calls[i]), contextOf(i))
		id, comparable := chained(common)
		var at int
		var ok bool
		if comparable {
			at, ok = known[id]
		} else {
			at, ok = b.search(calls, groups, others, i, contextOf)
		}
		if !ok {
			at = len(groups)
			groups = append(groups, nil)
			if comparable {
				known[id] = at
			} else {
				others = append(others, at)
			}
		}
		groups[at] = append(groups[at], i)
	}
	return groups
}

// search looks for the group of a call among those of values that cannot be compared.
func (b *Func) search(calls [][]any, groups [][]int, others []int, i int, contextOf func(i int) context.Context) (at int, ok bool) {
	for _, at := range others {
		first := groups[at][0]
		if same(b.further(calls[first]), b.further(calls[i])) && sameContext(contextOf(first), contextOf(i)) {
			return at, true
		}
	}
	return 0, false
}

// chained returns values as one that can be a key, if they can be compared.
func chained(values []any) (id any, ok bool) {
	for _, v := range values {
		if v != nil && !reflect.ValueOf(v).Comparable() {
			return nil, false
		}
		id = [2]any{id, v}
	}
	return id, true
}

// same tells whether two calls have the same further arguments.
func same(a, b []any) bool {
	for i, v := range a {
		if isComparable(v) && isComparable(b[i]) {
			if v != b[i] {
				return false
			}
		} else if !reflect.DeepEqual(v, b[i]) {
			return false
		}
	}
	return true
}

func isComparable(v any) bool { return v == nil || reflect.ValueOf(v).Comparable() }

// sameContext tells whether two contexts are the same one.
func sameContext(a, b context.Context) bool {
	return isComparable(a) && isComparable(b) && a == b
}

// Same tells whether two calls have the same values.
func Same(a, b []any) bool { return len(a) == len(b) && same(a, b) }
