package keytext

import (
	"cmp"
	"fmt"
	"math/big"
	"reflect"
	"slices"
	"strings"

	"github.com/ring-go/ring/internal/fault"
)

// entry is the key of a map or the member of a set, as it is written, and the value of
// the key.
type entry struct {
	co        *coercer // of key, which may be dynamic
	key, elem reflect.Value
	text      string // for the order, if the key alone does not decide
}

// inOrder calls write for every entry of a map, in the order of the keys, and between
// after each but the last.
func (c *compiler) inOrder(t *Text, v reflect.Value, key, elem *coercer, between func(), write func(e entry) error) error {
	return t.within(v, func() error {
		entries, err := c.sorted(t, v, key, elem)
		if err != nil {
			return err
		}
		for i, e := range entries {
			if i > 0 {
				between()
			}
			if err := write(e); err != nil {
				return err
			}
		}
		return nil
	})
}

// sorted returns the entries of a map in the order of their keys, sorted like in Python.
// Keys that Python cannot compare are an error with PythonKeys; otherwise they are
// sorted by their text. So are keys that differ only in Go, 1 and 1.0. Keys with the
// same text, NaN, are sorted by the text of their values. elem is nil for a set.
func (c *compiler) sorted(t *Text, v reflect.Value, key, elem *coercer) ([]entry, error) {
	entries := make([]entry, 0, v.Len())
	for it := v.MapRange(); it.Next(); {
		co, k, err := c.memberValue(key, it.Key())
		if err != nil {
			return nil, err
		}
		entries = append(entries, entry{co: co, key: k, elem: it.Value()})
	}
	comparable, tied := true, slices.ContainsFunc(entries, func(e entry) bool { return isNaN(indirect(e.key)) })
	slices.SortStableFunc(entries, func(a, b entry) int {
		order, ok := compareKeys(a.key, b.key)
		comparable = comparable && ok
		tied = tied || order == 0
		return order
	})
	if comparable && !tied {
		return entries, nil
	}
	if !comparable && c.Python {
		return nil, fmt.Errorf("%w: Python cannot sort keys of these types together", fault.ErrKey)
	}
	if err := sortByText(entries, func(e entry) (string, error) { return t.aside(e.co, e.key) }); err != nil {
		return nil, err
	}
	for from, to := 0, 1; elem != nil && from < len(entries); from, to = to, to+1 {
		for to < len(entries) && entries[to].text == entries[from].text {
			to++
		}
		if to-from == 1 {
			continue
		}
		if err := sortByText(entries[from:to], func(e entry) (string, error) { return t.aside(elem, e.elem) }); err != nil {
			return nil, err
		}
	}
	return entries, nil
}

// sortByText sorts entries by the text that get returns.
func sortByText(entries []entry, get func(entry) (string, error)) error {
	for i := range entries {
		var err error
		if entries[i].text, err = get(entries[i]); err != nil {
			return err
		}
	}
	slices.SortFunc(entries, func(a, b entry) int { return cmp.Compare(a.text, b.text) })
	return nil
}

// aside returns the text of a value without writing it to the key.
func (t *Text) aside(co *coercer, v reflect.Value) (string, error) {
	own := Text{depth: t.depth, seen: t.seen}
	err := co.repr(&own, v)
	return string(own.Buf), err
}

func isNaN(v reflect.Value) bool {
	return v.IsValid() && v.CanFloat() && v.Float() != v.Float()
}

// compareKeys compares two keys like Python's <; ok reports whether Python can compare
// them.
func compareKeys(a, b reflect.Value) (order int, ok bool) {
	a, b = indirect(a), indirect(b)
	if !a.IsValid() || !b.IsValid() {
		return 0, false
	}
	if a.Kind() == reflect.String && b.Kind() == reflect.String {
		return strings.Compare(a.String(), b.String()), true
	}
	switch {
	case a.CanInt() && b.CanInt():
		return cmp.Compare(a.Int(), b.Int()), true
	case a.CanUint() && b.CanUint():
		return cmp.Compare(a.Uint(), b.Uint()), true
	case a.CanFloat() && b.CanFloat():
		return cmp.Compare(a.Float(), b.Float()), true
	}
	if x, ok := number(a); ok {
		y, ok := number(b)
		if !ok {
			return 0, false
		}
		if x == nil || y == nil { // NaN
			return 0, true
		}
		return x.Cmp(y), true
	}
	if a.Kind() != reflect.Array || b.Kind() != reflect.Array {
		return 0, false
	}
	for i := range min(a.Len(), b.Len()) {
		if order, ok = compareKeys(a.Index(i), b.Index(i)); !ok || order != 0 {
			return order, ok
		}
	}
	return cmp.Compare(a.Len(), b.Len()), true
}

// indirect follows interfaces and pointers, but not for ever: they may form a cycle.
func indirect(v reflect.Value) reflect.Value {
	for hops := 0; (v.Kind() == reflect.Interface || v.Kind() == reflect.Pointer) && hops < plainDepth; hops++ {
		v = v.Elem()
	}
	return v
}

// number returns v as a number that compares exactly; nil for NaN.
func number(v reflect.Value) (*big.Float, bool) {
	switch {
	case v.Kind() == reflect.Bool:
		if v.Bool() {
			return big.NewFloat(1), true
		}
		return big.NewFloat(0), true
	case v.CanFloat():
		if v.Float() != v.Float() {
			return nil, true
		}
		return big.NewFloat(v.Float()), true
	case v.CanInt():
		return new(big.Float).SetInt64(v.Int()), true
	case v.CanUint():
		return new(big.Float).SetUint64(v.Uint()), true
	case v.Type() == bigIntType && v.CanAddr():
		return new(big.Float).SetInt(v.Addr().Interface().(*big.Int)), true
	}
	return nil, false
}
