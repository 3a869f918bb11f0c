package keytext

import (
	"bytes"
	"cmp"
	"fmt"
	"math/big"
	"reflect"
	"slices"
	"strings"
	"unsafe"

	"github.com/ring-go/ring/internal/fault"
	"github.com/ring-go/ring/internal/pytext"
)

// buildList: slices and arrays are lists, a Tuple is a tuple.
func (c *Compiler) buildList(co *coercer, t reflect.Type, opening, closing string) error {
	elem, err := c.compile(t.Elem())
	if err != nil {
		return fmt.Errorf("element (%v): %w", t.Elem(), err)
	}
	if t == tupleType {
		opening, closing = "(", ")"
	}
	c.listOf(co, elem, opening, closing)
	return nil
}

func (c *Compiler) listOf(co *coercer, elem *coercer, opening, closing string) {
	list := func(t *Text, v reflect.Value) error {
		t.string(opening)
		n := v.Len()
		for i := range n {
			if i > 0 {
				t.comma()
			}
			if err := elem.repr(t, v.Index(i)); err != nil {
				return err
			}
		}
		if n == 1 && opening == "(" {
			t.Buf = append(t.Buf, ',')
		}
		t.string(closing)
		return nil
	}
	numbers := func(t *Text, v reflect.Value) error {
		t.string(opening)
		at, size := v.UnsafePointer(), v.Type().Elem().Size()
		n := v.Len()
		for i := range n {
			if i > 0 {
				t.comma()
			}
			t.Buf = elem.scalar.appendAt(t.Buf, unsafe.Add(at, uintptr(i)*size))
		}
		if n == 1 && opening == "(" {
			t.Buf = append(t.Buf, ',')
		}
		t.string(closing)
		return nil
	}
	nested := func(t *Text, v reflect.Value) error {
		switch {
		case v.Kind() == reflect.Array:
			return list(t, v)
		case elem.scalar > ScalarString:
			return numbers(t, v)
		}
		return t.within(v, func() error { return list(t, v) })
	}
	co.everywhere(nested, shapeDelimited)
	if co.rule = ruleList; opening == "(" {
		co.rule = ruleTuple
	}
	if elem.shape == shapeClosed {
		co.shape = shapeClosed
	}
	if c.Python {
		co.Part = func(t *Text, v reflect.Value) error {
			start := len(t.Buf)
			err := nested(t, v)
			if bytes.IndexByte(t.Buf[start:], ' ') >= 0 {
				t.Buf = append(t.Buf[:start], bytes.ReplaceAll(t.Buf[start:], []byte(" "), nil)...)
			}
			return err
		}
	}
}

// member returns the coercer of a map's key or a set's member. Python has only hashable
// values there, so an array is a tuple, and an array of bytes is bytes.
func (c *Compiler) member(t reflect.Type) (*coercer, error) {
	if t.Kind() != reflect.Array || Has(t, ringKeyerType) || isHashed(t) || isTextual(t) {
		return c.compile(t)
	}
	co := &coercer{}
	if t.Elem().Kind() == reflect.Uint8 {
		co.everywhere(func(t *Text, v reflect.Value) error {
			b := make([]byte, v.Len())
			reflect.Copy(reflect.ValueOf(b), v)
			t.Buf = pytext.AppendBytes(t.Buf, b)
			return nil
		}, shapeDelimited)
		return co, nil
	}
	elem, err := c.member(t.Elem())
	if err != nil {
		return nil, err
	}
	c.listOf(co, elem, "(", ")")
	co.Part = co.repr
	return co, nil
}

// memberValue is member for a key that may be dynamic: it returns the coercer of the
// value in it.
func (c *Compiler) memberValue(static *coercer, v reflect.Value) (*coercer, reflect.Value, error) {
	if v.Kind() != reflect.Interface || v.IsNil() || v.Elem().Kind() != reflect.Array {
		return static, v, nil
	}
	t := v.Elem().Type()
	sub := Compiler{Rules: c.Rules, made: map[reflect.Type]*coercer{}}
	co, err := sub.member(t)
	if err != nil || c.Python || t.Name() == "" && (t.Elem() == AnyType || t.Elem() == byteType) {
		return co, v.Elem(), err // Python's tuple, or bytes
	}
	name, err := c.TypeName(t)
	if err != nil {
		return nil, v, fmt.Errorf("%w: %w", fault.ErrKey, err)
	}
	typed := &coercer{}
	typed.everywhere(func(t *Text, v reflect.Value) error {
		t.string(name + "(")
		err := co.repr(t, v)
		t.string(")")
		return err
	}, shapeDelimited)
	return typed, v.Elem(), nil
}

var (
	AnyType  = reflect.TypeFor[any]()
	byteType = reflect.TypeFor[byte]()
)

// buildMap: a map is a dict, sorted by its keys. As a part of the key, Python joins the
// keys and values by commas.
func (c *Compiler) buildMap(co *coercer, t reflect.Type) error {
	key, err := c.member(t.Key())
	if err != nil {
		return fmt.Errorf("key (%v): %w", t.Key(), err)
	}
	elem, err := c.compile(t.Elem())
	if err != nil {
		return fmt.Errorf("value (%v): %w", t.Elem(), err)
	}
	co.rule = ruleDict
	if key.shape == shapeClosed && elem.shape == shapeClosed {
		co.shape = shapeClosed
	}
	sorter := NewMapSorter(t, key, elem)
	co.Part = func(t *Text, v reflect.Value) error {
		defer func(blank bool) { t.blank = blank }(t.blank)
		t.blank = true
		between := func() { t.Buf = append(t.Buf, ',') }
		if sorter != nil {
			return sorter.Write(t, v, key.Item, elem.Item, between, ",")
		}
		return c.inOrder(t, v, key, elem, between, func(e entry) error {
			if err := e.co.Item(t, e.key); err != nil {
				return err
			}
			t.Buf = append(t.Buf, ',')
			return elem.Item(t, e.elem)
		})
	}
	co.repr = func(t *Text, v reflect.Value) error {
		colon := ":"
		if t.blank {
			colon = ": "
		}
		t.Buf = append(t.Buf, '{')
		err := func() error {
			if sorter != nil {
				return sorter.Write(t, v, key.repr, elem.repr, t.comma, colon)
			}
			return c.inOrder(t, v, key, elem, t.comma, func(e entry) error {
				if err := e.co.repr(t, e.key); err != nil {
					return err
				}
				t.string(colon)
				return elem.repr(t, e.elem)
			})
		}()
		t.Buf = append(t.Buf, '}')
		return err
	}
	co.Item = co.repr
	return nil
}

// buildSet: a set, sorted. As a part of the key, Python puts its strings between quotes
// without escapes, so a string with a quote needs another form.
func (c *Compiler) buildSet(co *coercer, t reflect.Type) error {
	key, err := c.member(t.Key())
	if err != nil {
		return fmt.Errorf("member (%v): %w", t.Key(), err)
	}
	empty, opening, closing := "set()", "{", "}"
	if co.rule = ruleSet; t == frozenSetType {
		co.rule = ruleFrozenSet
		empty, opening, closing = "frozenset()", "frozenset({", "})"
	}
	co.shape = shapeDelimited
	co.Part = func(t *Text, v reflect.Value) error {
		defer func(blank bool) { t.blank = blank }(t.blank)
		t.blank = true
		t.Buf = append(t.Buf, '{')
		err := c.inOrder(t, v, key, nil, func() { t.Buf = append(t.Buf, ',') }, func(e entry) error {
			if s, ok := dynamicString(e.key); ok {
				c.setString(t, s)
				return nil
			}
			if c.Python {
				return e.co.Item(t, e.key)
			}
			return e.co.repr(t, e.key)
		})
		t.Buf = append(t.Buf, '}')
		return err
	}
	co.repr = func(t *Text, v reflect.Value) error {
		if v.Len() == 0 {
			t.string(empty)
			return nil
		}
		t.string(opening)
		err := c.inOrder(t, v, key, nil, t.comma, func(e entry) error { return e.co.repr(t, e.key) })
		t.string(closing)
		return err
	}
	co.Item = co.repr
	return nil
}

// entry is the key of a map or the member of a set, as it is written, and the value of
// the key.
type entry struct {
	co        *coercer // of key, which may be dynamic
	key, elem reflect.Value
	text      string // for the order, if the key alone does not decide
}

// inOrder calls write for every entry of a map, in the order of the keys, and between in
// between.
func (c *Compiler) inOrder(t *Text, v reflect.Value, key, elem *coercer, between func(), write func(e entry) error) error {
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

// dynamicString returns v as a string, if it is one or an any that holds one.
func dynamicString(v reflect.Value) (string, bool) {
	if v.Kind() == reflect.Interface && !v.IsNil() {
		v = v.Elem()
	}
	return v.String(), v.Type() == StringType
}

// setString writes a string in a set: unchanged between single quotes or, if it contains
// one, with escapes between double quotes.
func (c *Compiler) setString(t *Text, s string) {
	if c.Python || strings.IndexByte(s, '\'') < 0 {
		t.Buf = append(append(append(t.Buf, '\''), s...), '\'')
		return
	}
	t.Buf = append(t.Buf, '"')
	t.string(setEscaper.Replace(s))
	t.Buf = append(t.Buf, '"')
}

var setEscaper = strings.NewReplacer(`\`, `\\`, `"`, `\"`)

// sorted returns the entries of a map in the order of their keys, sorted like in Python.
// Keys that Python cannot compare are an error with PythonKeys; otherwise they are
// sorted by their text. So are keys that differ only in Go, 1 and 1.0. Keys with the
// same text, NaN, are sorted by the text of their values. elem is nil for a set.
func (c *Compiler) sorted(t *Text, v reflect.Value, key, elem *coercer) ([]entry, error) {
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
		order, ok := Compare(a.key, b.key)
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

// aside returns the text of a value that is not written to the key here.
func (t *Text) aside(co *coercer, v reflect.Value) (string, error) {
	own := Text{depth: t.depth, seen: t.seen}
	err := co.repr(&own, v)
	return string(own.Buf), err
}

func isNaN(v reflect.Value) bool {
	return v.IsValid() && v.CanFloat() && v.Float() != v.Float()
}

// Compare compares two keys like Python's <; ok reports whether Python can compare them.
func Compare(a, b reflect.Value) (order int, ok bool) {
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
		if order, ok = Compare(a.Index(i), b.Index(i)); !ok || order != 0 {
			return order, ok
		}
	}
	return cmp.Compare(a.Len(), b.Len()), true
}

// indirect follows interfaces and pointers, but not for ever: they may form a cycle.
func indirect(v reflect.Value) reflect.Value {
	for hops := 0; (v.Kind() == reflect.Interface || v.Kind() == reflect.Pointer) && hops < PlainDepth; hops++ {
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
