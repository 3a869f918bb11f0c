package keytext

import (
	"bytes"
	"fmt"
	"reflect"
	"unsafe"

	"github.com/ring-go/ring/internal/fault"
	"github.com/ring-go/ring/internal/pytext"
)

// brackets enclose a list or a tuple.
type brackets struct{ opening, closing string }

var (
	listBrackets  = brackets{"[", "]"}
	tupleBrackets = brackets{"(", ")"}
)

// end closes the brackets after n elements: a tuple of one has a comma.
func (b *brackets) end(t *Text, n int) {
	if n == 1 && b.closing == ")" {
		t.Buf = append(t.Buf, ',')
	}
	t.string(b.closing)
}

// buildList: slices and arrays are lists, a Tuple is a tuple.
func (c *compiler) buildList(co *coercer, t reflect.Type) error {
	elem, err := c.newCoercer(t.Elem())
	if err != nil {
		return fmt.Errorf("element (%v): %w", t.Elem(), err)
	}
	in := listBrackets
	if t == tupleType {
		in = tupleBrackets
	}
	c.listOf(co, elem, in)
	return nil
}

func (c *compiler) listOf(co *coercer, elem *coercer, in brackets) {
	write := writeList(elem, in)
	co.everywhere(write, shapeDelimited)
	if co.rule = ruleList; in == tupleBrackets {
		co.rule = ruleTuple
	}
	if elem.shape == shapeClosed {
		co.shape = shapeClosed
	}
	if c.Python {
		co.part = withoutBlanks(write)
	}
}

// writeList writes a list or a tuple. An array and a slice of numbers cannot contain
// themselves.
func writeList(elem *coercer, in brackets) coerceFunc {
	elements, numbers := writeElements(elem, in), writeNumbers(elem.scalar, in)
	return func(t *Text, v reflect.Value) error {
		switch {
		case v.Kind() == reflect.Array:
			return elements(t, v)
		case elem.scalar > ScalarString:
			return numbers(t, v)
		}
		return t.within(v, func() error { return elements(t, v) })
	}
}

// writeElements writes a list of any elements.
func writeElements(elem *coercer, in brackets) coerceFunc {
	return func(t *Text, v reflect.Value) error {
		t.string(in.opening)
		n := v.Len()
		for i := range n {
			if i > 0 {
				t.comma()
			}
			if err := elem.repr(t, v.Index(i)); err != nil {
				return err
			}
		}
		in.end(t, n)
		return nil
	}
}

// writeNumbers writes a slice of numbers or bools directly from memory.
func writeNumbers(elem Scalar, in brackets) coerceFunc {
	return func(t *Text, v reflect.Value) error {
		t.string(in.opening)
		at, size := v.UnsafePointer(), v.Type().Elem().Size()
		n := v.Len()
		for i := range n {
			if i > 0 {
				t.comma()
			}
			t.Buf = elem.AppendAt(t.Buf, unsafe.Add(at, uintptr(i)*size))
		}
		in.end(t, n)
		return nil
	}
}

// withoutBlanks removes the blanks from the text of write, also within strings, as
// Python does in a part that is a list.
func withoutBlanks(write coerceFunc) coerceFunc {
	return func(t *Text, v reflect.Value) error {
		start := len(t.Buf)
		err := write(t, v)
		if bytes.IndexByte(t.Buf[start:], ' ') >= 0 {
			t.Buf = append(t.Buf[:start], bytes.ReplaceAll(t.Buf[start:], []byte(" "), nil)...)
		}
		return err
	}
}

// member returns the coercer of a map's key or a set's member. Python has only hashable
// values there, so an array is a tuple, and an array of bytes is bytes.
func (c *compiler) member(t reflect.Type) (*coercer, error) {
	if t.Kind() != reflect.Array || Has(t, ringKeyerType) || isHashed(t) || isTextual(t) {
		return c.newCoercer(t)
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
	c.listOf(co, elem, tupleBrackets)
	co.part = co.repr
	return co, nil
}

// memberValue is member for a key that may be dynamic: it returns the coercer of the
// value in it.
func (c *compiler) memberValue(static *coercer, v reflect.Value) (*coercer, reflect.Value, error) {
	if v.Kind() != reflect.Interface || v.IsNil() || v.Elem().Kind() != reflect.Array {
		return static, v, nil
	}
	t := v.Elem().Type()
	sub := newCompiler(c.Rules)
	co, err := sub.member(t)
	if err != nil || c.Python || t.Name() == "" && (t.Elem() == anyType || t.Elem() == byteType) {
		return co, v.Elem(), err // Python's tuple, or bytes
	}
	name, err := c.typeName(t)
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

// buildMap: a map is a dict, sorted by its keys. As a part of the key, Python joins the
// keys and values by commas.
func (c *compiler) buildMap(co *coercer, t reflect.Type) error {
	key, err := c.member(t.Key())
	if err != nil {
		return fmt.Errorf("key (%v): %w", t.Key(), err)
	}
	elem, err := c.newCoercer(t.Elem())
	if err != nil {
		return fmt.Errorf("value (%v): %w", t.Elem(), err)
	}
	co.rule = ruleDict
	if key.shape == shapeClosed && elem.shape == shapeClosed {
		co.shape = shapeClosed
	}
	sorter := newMapSorter(t, key, elem)
	co.part = c.writeDictPart(sorter, key, elem)
	co.repr = c.writeDict(sorter, key, elem)
	co.item = co.repr
	return nil
}

// writeDictPart writes a map as a parameter's whole part of a key. sorter is nil for a
// map that needs inOrder.
func (c *compiler) writeDictPart(sorter *mapSorter, key, elem *coercer) coerceFunc {
	return func(t *Text, v reflect.Value) error {
		defer func(blank bool) { t.blank = blank }(t.blank)
		t.blank = true
		between := func() { t.Buf = append(t.Buf, ',') }
		if sorter != nil {
			return sorter.write(t, v, key.item, elem.item, between, ",")
		}
		return c.inOrder(t, v, key, elem, between, func(e entry) error {
			if err := e.co.item(t, e.key); err != nil {
				return err
			}
			t.Buf = append(t.Buf, ',')
			return elem.item(t, e.elem)
		})
	}
}

// writeDict writes a map within another value.
func (c *compiler) writeDict(sorter *mapSorter, key, elem *coercer) coerceFunc {
	pairs := func(t *Text, v reflect.Value, colon string) error {
		if sorter != nil {
			return sorter.write(t, v, key.repr, elem.repr, t.comma, colon)
		}
		return c.inOrder(t, v, key, elem, t.comma, func(e entry) error {
			if err := e.co.repr(t, e.key); err != nil {
				return err
			}
			t.string(colon)
			return elem.repr(t, e.elem)
		})
	}
	return func(t *Text, v reflect.Value) error {
		colon := ":"
		if t.blank {
			colon = ": "
		}
		t.Buf = append(t.Buf, '{')
		err := pairs(t, v, colon)
		t.Buf = append(t.Buf, '}')
		return err
	}
}

// buildSet: a set, sorted. As a part of the key, Python puts its strings between quotes
// without escapes, so a string with a quote needs another form.
func (c *compiler) buildSet(co *coercer, t reflect.Type) error {
	key, err := c.member(t.Key())
	if err != nil {
		return fmt.Errorf("member (%v): %w", t.Key(), err)
	}
	empty, in := "set()", brackets{"{", "}"}
	if co.rule = ruleSet; t == frozenSetType {
		co.rule = ruleFrozenSet
		empty, in = "frozenset()", brackets{"frozenset({", "})"}
	}
	co.shape = shapeDelimited
	co.part = c.writeSetPart(key)
	co.repr = c.writeSet(key, empty, in)
	co.item = co.repr
	return nil
}

// writeSetPart writes a set as a parameter's whole part of a key.
func (c *compiler) writeSetPart(key *coercer) coerceFunc {
	return func(t *Text, v reflect.Value) error {
		defer func(blank bool) { t.blank = blank }(t.blank)
		t.blank = true
		t.Buf = append(t.Buf, '{')
		err := c.inOrder(t, v, key, nil, func() { t.Buf = append(t.Buf, ',') }, func(e entry) error {
			if s, ok := dynamicString(e.key); ok {
				c.setString(t, s)
				return nil
			}
			if c.Python {
				return e.co.item(t, e.key)
			}
			return e.co.repr(t, e.key)
		})
		t.Buf = append(t.Buf, '}')
		return err
	}
}

// dynamicString returns v as a string, if it is one or an any that holds one.
func dynamicString(v reflect.Value) (string, bool) {
	if v.Kind() == reflect.Interface && !v.IsNil() {
		v = v.Elem()
	}
	return v.String(), v.Type() == stringType
}

// writeSet writes a set within another value. Python has no literal of an empty set.
func (c *compiler) writeSet(key *coercer, empty string, in brackets) coerceFunc {
	return func(t *Text, v reflect.Value) error {
		if v.Len() == 0 {
			t.string(empty)
			return nil
		}
		t.string(in.opening)
		err := c.inOrder(t, v, key, nil, t.comma, func(e entry) error { return e.co.repr(t, e.key) })
		t.string(in.closing)
		return err
	}
}
