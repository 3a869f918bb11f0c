package pickle

import (
	"encoding/binary"
	"math/big"
)

// The code below makes a key's form, which keyOf returns for a Go value, from a node
// together with its value. It makes the form of a shared object once, even if it is a
// key of many dicts. The same holds for a frozenset, whose form an enclosing frozenset
// needs again.

// form is keyOf for the natural value v of n.
func (d *decoder) form(n node, v any) (any, error) {
	if _, ok := v.(string); ok {
		return v, nil
	}
	keep := d.keepsForm(n, v)
	if keep {
		if form, ok := d.forms[n]; ok {
			return form, nil
		}
	}
	form, err := d.makeForm(n, v)
	if keep && err == nil {
		if d.forms == nil {
			d.forms = map[node]any{}
		}
		d.forms[n] = form
	}
	return form, err
}

// keepsForm reports whether n may be a key again. Of the results of calls, only a
// Decimal and a Fraction are worth an entry.
func (d *decoder) keepsForm(n node, v any) bool {
	switch {
	case n.kind == kindFrozenSet:
		return true
	case n.isContainer():
		return d.containers[n.payload].shared
	case n.kind == kindValue:
		switch v.(type) {
		case Decimal, *big.Rat:
			return true
		}
		return false
	}
	return n.kind == kindShared
}

func (d *decoder) makeForm(n node, v any) (any, error) {
	switch v := v.(type) {
	case Tuple:
		text, err := d.tupleText(nil, n, v)
		return tupleKey(text), err
	case *FrozenSet:
		text, err := d.setText(n, v)
		return setKey(text), err
	}
	return keyOf(v)
}

// tupleText is appendTupleKey for a node.
func (d *decoder) tupleText(dst []byte, n node, v Tuple) ([]byte, error) {
	dst = append(dst, 't')
	dst = binary.AppendUvarint(dst, uint64(len(v)))
	for i, item := range d.items(n) {
		var err error
		if dst, err = d.appendItem(dst, item, v[i]); err != nil {
			return nil, err
		}
	}
	return dst, nil
}

// setText is appendSetKey for a node.
func (d *decoder) setText(n node, v *FrozenSet) ([]byte, error) {
	members := make([]string, v.Len())
	for i, item := range d.items(n) {
		text, err := d.appendItem(nil, item, v.set.members.pairs[i].Key)
		if err != nil {
			return nil, err
		}
		members[i] = string(text)
	}
	return appendMembers(nil, members), nil
}

func (d *decoder) appendItem(dst []byte, n node, v any) ([]byte, error) {
	if tuple, ok := v.(Tuple); ok && !d.keepsForm(n, v) {
		return d.tupleText(dst, n, tuple)
	}
	form, err := d.form(n, v)
	if err != nil {
		return nil, err
	}
	return appendForm(dst, form), nil
}
