package keytext

import (
	"cmp"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/mitchellh/hashstructure/v2"
)

// standInFunc returns what is hashed instead of a value.
type standInFunc func(reflect.Value) (any, error)

func itself(v reflect.Value) (any, error) { return v.Interface(), nil }

// standIn returns the function that replaces maps and times in a value.
//
// hashstructure combines the entries of a map by exclusive or. Anyone who can choose a
// few hundred entries can then make two maps with the same hash; with a sorted list
// nobody can. Of a time it hashes the offset, but not the zone; the text of the time has
// both.
func standIn(t reflect.Type) (standInFunc, error) {
	if t == timeType {
		return func(v reflect.Value) (any, error) { return string(appendInstant(nil, timeIn(v))), nil }, nil
	}
	if !hasMapOrTime(t) {
		return itself, nil
	}
	switch t.Kind() {
	case reflect.Map:
		pairs, err := sortedPairs(t)
		if err != nil {
			return nil, err
		}
		return func(v reflect.Value) (any, error) { return pairs(v, includeAll) }, nil
	case reflect.Slice, reflect.Array:
		return standInList(t)
	}
	return namedFields(t)
}

func standInList(t reflect.Type) (standInFunc, error) {
	elem, err := standIn(t.Elem())
	if err != nil {
		return nil, err
	}
	return func(v reflect.Value) (any, error) {
		list := make([]any, v.Len())
		for i := range list {
			var err error
			if list[i], err = elem(v.Index(i)); err != nil {
				return nil, err
			}
		}
		return list, nil
	}, nil
}

// includeFunc reports whether an entry of a map is to be hashed.
type includeFunc func(k, elem reflect.Value) (bool, error)

func includeAll(k, elem reflect.Value) (bool, error) { return true, nil }

// pairsFunc makes a list of the entries of a map for which include returns true.
type pairsFunc func(v reflect.Value, include includeFunc) (any, error)

// sortedPairs replaces a map by the texts of its entries, as in a key.
func sortedPairs(t reflect.Type) (pairsFunc, error) {
	key, err := Rules{}.coercerFor(t.Key())
	if err != nil {
		return nil, fmt.Errorf("key (%v): %w", t.Key(), err)
	}
	elem, err := Rules{}.coercerFor(t.Elem())
	if err != nil {
		return nil, fmt.Errorf("value (%v): %w", t.Elem(), err)
	}
	return func(v reflect.Value, include includeFunc) (any, error) {
		pairs := make([][2]string, 0, v.Len())
		for it := v.MapRange(); it.Next(); {
			k, e := it.Key(), it.Value()
			if included, err := include(k, e); err != nil {
				return nil, err
			} else if !included {
				continue
			}
			pair, err := pairText(key, k, elem, e)
			if err != nil {
				return nil, err
			}
			pairs = append(pairs, pair)
		}
		slices.SortFunc(pairs, func(a, b [2]string) int {
			return cmp.Or(strings.Compare(a[0], b[0]), strings.Compare(a[1], b[1]))
		})
		return pairs, nil
	}, nil
}

// pairText returns the text of an entry of a map.
func pairText(key *coercer, k reflect.Value, elem *coercer, e reflect.Value) (pair [2]string, err error) {
	var t Text
	if pair[0], err = t.aside(key, k); err != nil {
		return pair, err
	}
	pair[1], err = t.aside(elem, e)
	return pair, err
}

// hashedField is a field as hashstructure sees it.
type hashedField struct {
	name   string
	index  int
	string bool // it is hashed by its String method
	value  func(owner any, v reflect.Value) (any, error)
}

// namedFields returns the fields of a struct that hashstructure sees, in their order.
func namedFields(t reflect.Type) (standInFunc, error) {
	var fields []hashedField
	for i := range t.NumField() {
		f := t.Field(i)
		if tag := f.Tag.Get("hash"); tag == "ignore" || tag == "-" || !f.IsExported() {
			continue
		}
		field, err := newHashedField(f)
		if err != nil {
			return nil, fmt.Errorf("field %s (%v): %w", f.Name, f.Type, err)
		}
		field.index = i
		fields = append(fields, field)
	}
	return func(v reflect.Value) (any, error) {
		owner := v.Interface()
		list := []any{t.Name()}
		for i := range fields {
			f := &fields[i]
			value := v.Field(f.index)
			included, err := f.included(owner, value)
			if err != nil {
				return nil, err
			}
			if !included {
				continue
			}
			stand, err := f.value(owner, value)
			if err != nil {
				return nil, err
			}
			list = append(list, f.name, stand)
		}
		return list, nil
	}, nil
}

func newHashedField(f reflect.StructField) (hashedField, error) {
	field := hashedField{name: f.Name, string: f.Tag.Get("hash") == "string"}
	switch {
	case field.string && f.Type != timeType: // the text of a time says more than its String
		stringer := accessor[fmt.Stringer](f.Type)
		field.value = func(_ any, v reflect.Value) (any, error) { return stringer(v).String(), nil }
	case f.Type.Kind() == reflect.Map:
		pairs, err := sortedPairs(f.Type)
		if err != nil {
			return field, err
		}
		field.value = func(owner any, v reflect.Value) (any, error) { return pairs(v, includedEntries(owner, f.Name)) }
	default:
		stand, err := standIn(f.Type)
		if err != nil {
			return field, err
		}
		field.value = func(_ any, v reflect.Value) (any, error) { return stand(v) }
	}
	return field, nil
}

// included asks a struct whether its field is to be hashed, like hashstructure.
func (f *hashedField) included(owner any, v reflect.Value) (bool, error) {
	chooser, ok := owner.(hashstructure.Includable)
	if !ok {
		return true, nil
	}
	if f.string {
		text, err := f.value(owner, v)
		if err != nil {
			return false, err
		}
		v = reflect.ValueOf(text)
	}
	return chooser.HashInclude(f.name, v)
}

// includedEntries returns the rule of a struct for the entries of its map, or nil if it
// has none.
func includedEntries(owner any, field string) includeFunc {
	chooser, ok := owner.(hashstructure.IncludableMap)
	if !ok {
		return includeAll
	}
	return func(k, elem reflect.Value) (bool, error) {
		return chooser.HashIncludeMap(field, k.Interface(), elem.Interface())
	}
}

// hasMapOrTime reports whether another value has to be hashed instead of one of this
// type.
func hasMapOrTime(t reflect.Type) bool {
	if t == timeType {
		return true
	}
	switch t.Kind() {
	case reflect.Map:
		return true
	case reflect.Slice, reflect.Array:
		return hasMapOrTime(t.Elem())
	case reflect.Struct:
		if t.Implements(hashableType) {
			return false
		}
		for i := range t.NumField() {
			f := t.Field(i)
			if tag := f.Tag.Get("hash"); tag != "ignore" && tag != "-" && hasMapOrTime(f.Type) {
				return true
			}
		}
	}
	return false
}
