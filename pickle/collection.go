package pickle

import (
	"bytes"
	"cmp"
	"reflect"
	"slices"
)

func (b builder) compileSlice(c *codec) {
	t := c.typ
	elem := b.codec(t.Elem())
	c.decode = func(d *decoder, n node, v reflect.Value) error { return decodeSlice(d, elem, n, v) }
	if t.Elem().Kind() == reflect.Uint8 {
		c.encode = func(e *encoder, v reflect.Value) error {
			if v.IsNil() {
				e.none()
				return nil
			}
			return e.sharedBytes(v.Bytes())
		}
		return
	}
	c.encode = func(e *encoder, v reflect.Value) error {
		if v.IsNil() {
			e.none()
			return nil
		}
		if err := e.enter(t); err != nil {
			return err
		}
		err := e.share(identity{t, v.UnsafePointer(), v.Len()}, func() error {
			return e.list(v.Len(), func(i int) error { return elem.encode(e, v.Index(i)) })
		})
		e.depth--
		return err
	}
}

func (b builder) compileArray(c *codec) {
	elem := b.codec(c.typ.Elem())
	c.encode = nested(c.typ, func(e *encoder, v reflect.Value) error {
		return e.list(v.Len(), func(i int) error { return elem.encode(e, v.Index(i)) })
	})
	// A key has to be hashable in Python.
	c.encodeKey = func(e *encoder, v reflect.Value) error {
		return e.tuple(v.Len(), func(i int) error { return elem.encodeKey(e, v.Index(i)) })
	}
	c.decode = func(d *decoder, n node, v reflect.Value) error { return decodeArray(d, elem, n, v) }
}

// entry is one entry of a Go map on its way into a dict or set.
type entry struct {
	key, value reflect.Value
	text       []byte // the key in pickled form, if that decides the order
}

func (b builder) compileMap(c *codec) {
	t := c.typ
	key, elem := b.codec(t.Key()), b.codec(t.Elem())
	isSet := t.Elem() == emptyStructType
	order := keyOrder(key)
	write := func(e *encoder, v reflect.Value) error {
		entries := make([]entry, 0, v.Len())
		for it := v.MapRange(); it.Next(); {
			entries = append(entries, entry{key: it.Key(), value: it.Value()})
		}
		if err := order(e, entries); err != nil {
			return err
		}
		if isSet {
			return e.set(len(entries), func(i int) error { return e.mapKey(key, entries[i].key) })
		}
		return e.newDict(len(entries), func(i int) error {
			if err := e.mapKey(key, entries[i].key); err != nil {
				return err
			}
			return elem.encode(e, entries[i].value)
		})
	}
	c.encode = func(e *encoder, v reflect.Value) error {
		if v.IsNil() {
			e.none()
			return nil
		}
		if err := e.enter(t); err != nil {
			return err
		}
		err := e.share(identity{t, v.UnsafePointer(), 1}, func() error { return write(e, v) })
		e.depth--
		return err
	}
	switch {
	case t == mapType:
		c.decode = decodeAnyMap
	case isSet:
		c.decode = func(d *decoder, n node, v reflect.Value) error { return decodeGoSet(d, key, n, v) }
	default:
		c.decode = func(d *decoder, n node, v reflect.Value) error { return decodeMap(d, key, elem, n, v) }
	}
}

// mapKey writes a key of a map.
func (e *encoder) mapKey(c *codec, key reflect.Value) error {
	e.inKey++
	err := c.encodeKey(e, key)
	e.inKey--
	return err
}

// keyOrder returns the function that sorts the entries of a map: numbers and text by
// value, all other keys by their pickles.
func keyOrder(key *codec) func(*encoder, []entry) error {
	t := key.typ
	by := func(compare func(a, b entry) int) func(*encoder, []entry) error {
		return func(_ *encoder, entries []entry) error {
			slices.SortFunc(entries, compare)
			return nil
		}
	}
	if t == durationType || t == decimalType || isText(t) {
		return orderByPickle(key)
	}
	switch t.Kind() {
	case reflect.String:
		return by(func(a, b entry) int { return cmp.Compare(a.key.String(), b.key.String()) })
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return by(func(a, b entry) int { return cmp.Compare(a.key.Int(), b.key.Int()) })
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		return by(func(a, b entry) int { return cmp.Compare(a.key.Uint(), b.key.Uint()) })
	case reflect.Float32, reflect.Float64:
		return by(func(a, b entry) int { return cmp.Compare(a.key.Float(), b.key.Float()) })
	}
	return orderByPickle(key)
}

// orderByPickle also refuses keys that differ in Go but not in Python, such as 1 and
// true: one of them would be lost.
func orderByPickle(key *codec) func(*encoder, []entry) error {
	return func(e *encoder, entries []entry) error {
		seen := make(map[any]bool, len(entries))
		for i := range entries {
			text, err := marshal(e.classes, e.protocol, func(e *encoder) error { return key.encodeKey(e, entries[i].key) })
			if err != nil {
				return err
			}
			var natural any
			if err := unmarshal(e.classes, text, &natural); err != nil {
				return err
			}
			k, err := keyOf(natural)
			if err != nil {
				return err
			}
			if seen[k] {
				return &TypeError{Type: key.typ, Reason: "two keys of a map are equal in Python"}
			}
			seen[k] = true
			entries[i].text = text
		}
		slices.SortFunc(entries, func(a, b entry) int { return bytes.Compare(a.text, b.text) })
		return nil
	}
}
