package conformance

import (
	"cmp"
	"encoding/json"
	"reflect"
	"slices"
	"strings"

	"github.com/ring-go/ring/internal/pyvalue"
)

// Value is a recorded value in Go: a dict is a map[any]any, a set a map[any]struct{},
// and an object has one of the classes of this package.
type Value struct {
	Go any

	// Unordered: the value contains a dict that is not in the order of its keys, which
	// a Go map cannot keep.
	Unordered bool

	// Unsorted: the value itself is such a dict. This matters within *args and **kw,
	// too.
	Unsorted bool
}

// UnmarshalJSON reads a note.
func (v *Value) UnmarshalJSON(data []byte) error {
	note, err := Note(data)
	if err != nil {
		return err
	}
	*v = Value{Go: plain.Value(note)}
	v.findDicts(note, true)
	return nil
}

func (v *Value) findDicts(note any, itself bool) {
	switch note := note.(type) {
	case []any:
		for _, item := range note {
			v.findDicts(item, false)
		}
	case map[string]any:
		for tag, content := range note {
			if tag == "$dict" && !isSorted(plain.Pairs(content)) {
				v.Unsorted, v.Unordered = v.Unsorted || itself, v.Unordered || !itself
			}
			v.findDicts(content, false)
		}
	}
}

// isSorted reports whether the keys that are text or numbers are in order. Other keys
// are, in the existing files.
func isSorted(pairs [][2]any) bool {
	return slices.IsSortedFunc(pairs, func(a, b [2]any) int {
		if s, ok := a[0].(string); ok {
			if other, ok := b[0].(string); ok {
				return strings.Compare(s, other)
			}
			return 0
		}
		x, okX := asFloat(a[0])
		y, okY := asFloat(b[0])
		if !okX || !okY {
			return 0
		}
		return cmp.Compare(x, y)
	})
}

func asFloat(v any) (f float64, ok bool) {
	switch v := v.(type) {
	case int:
		return float64(v), true
	case float64:
		return v, true
	}
	return 0, false
}

// Values returns the values of a list, and whether one of them is unordered.
func Values(vs []Value) (values []any, unordered bool) {
	for _, v := range vs {
		values = append(values, v.Go)
		unordered = unordered || v.Unordered
	}
	return values, unordered
}

// Kwargs holds the keyword arguments of a call; see Value.
type Kwargs struct {
	Go                  map[string]any
	Unordered, Unsorted bool
}

// UnmarshalJSON reads an object of notes.
func (k *Kwargs) UnmarshalJSON(data []byte) error {
	var notes map[string]Value
	if err := json.Unmarshal(data, &notes); err != nil {
		return err
	}
	*k = Kwargs{Go: map[string]any{}}
	for name, v := range notes {
		k.Go[name] = v.Go
		k.Unordered, k.Unsorted = k.Unordered || v.Unordered, k.Unsorted || v.Unsorted
	}
	return nil
}

// plain makes Go's maps.
var plain = Notation{
	Set:       func(members []any) any { return Set(members) },
	FrozenSet: func(members []any) any { return pyvalue.FrozenSet(Set(members)) },
	Dict:      func(pairs [][2]any) any { return Map(pairs) },
	Other:     object,
}

// Set returns a set as a Go map.
func Set(members []any) map[any]struct{} {
	set := map[any]struct{}{}
	for _, member := range members {
		set[hashable(member)] = struct{}{}
	}
	return set
}

// Map returns a dict as a Go map.
func Map(pairs [][2]any) map[any]any {
	dict := map[any]any{}
	for _, pair := range pairs {
		dict[hashable(pair[0])] = pair[1]
	}
	return dict
}

// hashable turns a tuple or bytes into an array, which can be a key in Go.
func hashable(v any) any {
	switch v := v.(type) {
	case pyvalue.Tuple:
		array := reflect.New(reflect.ArrayOf(len(v), reflect.TypeFor[any]())).Elem()
		for i, item := range v {
			if item = hashable(item); item != nil {
				array.Index(i).Set(reflect.ValueOf(item))
			}
		}
		return array.Interface()
	case []byte:
		array := reflect.New(reflect.ArrayOf(len(v), reflect.TypeFor[byte]())).Elem()
		reflect.Copy(array, reflect.ValueOf(v))
		return array.Interface()
	}
	return v
}
