package pickle

import (
	"bytes"
	"encoding/binary"
	"math"
	"strconv"
	"unicode/utf8"
)

// dtype is a numpy.dtype: the type of a scalar.
type dtype struct {
	kind byte // f, i, u, b, c, U, S, or an unknown one
	size int  // bytes of a value
	big  bool // the high byte comes first
}

func (*dtype) name() ClassError { return ClassError{"numpy", "dtype"} }

// setState sets the order of the bytes, and their number if the name does not contain
// it.
func (t *dtype) setState(d *decoder, state node) error {
	if state.kind != kindTuple {
		return d.errorf("a numpy.dtype with a state that is not a tuple")
	}
	if items := d.items(state); len(items) > 1 {
		if order, ok := d.name(items[1]); ok {
			t.big = order == ">"
		}
	}
	return nil
}

func (d *decoder) callDtype(args []node) (node, error) {
	if len(args) == 0 || len(args) > 4 {
		return d.errArguments("numpy.dtype")
	}
	name, ok := d.name(args[0])
	if !ok || name == "" {
		return d.errArguments("numpy.dtype")
	}
	t := &dtype{kind: name[0]}
	if size, err := strconv.Atoi(name[1:]); err == nil && size >= 0 {
		t.size = size
		if t.kind == 'U' {
			t.size = 4 * min(size, math.MaxInt32)
		}
	}
	return d.newOpaque(t), nil
}

// callScalar makes a number, bool, text or bytes from a dtype and the bytes of the
// value.
func (d *decoder) callScalar(args []node) (node, error) {
	if len(args) != 2 || args[0].kind != kindOpaque {
		return d.errArguments("numpy's scalar")
	}
	t, ok := d.leaves[args[0].payload].value.(*dtype)
	if !ok {
		return d.errArguments("numpy's scalar")
	}
	if raw := d.raw(args[1]); raw.kind == kindStr || t.kind == 'U' || t.kind == 'S' {
		if err := d.spendText(raw); err != nil {
			return node{}, err
		}
	}
	if name, ok := t.refused(); ok {
		return node{}, &ClassError{"numpy", name}
	}
	b := d.packed(args[1], t.size)
	if b == nil {
		if raw := d.raw(args[1]); t.size == 0 && (raw.kind == kindBytes || raw.kind == kindStr) && raw.len == 0 {
			b = []byte{}
		} else {
			return d.errArguments("numpy's scalar")
		}
	}
	return d.scalar(t, b)
}

// refused names the types whose values have no counterpart.
func (t *dtype) refused() (string, bool) {
	switch {
	case t.kind == 'M':
		return "datetime64", true
	case t.kind == 'm':
		return "timedelta64", true
	case t.kind == 'V':
		return "void", true
	case t.kind == 'f' && t.size > 8:
		return "longdouble", true
	case t.kind == 'c' && t.size > 16:
		return "clongdouble", true
	}
	switch t.kind {
	case 'f', 'c', 'i', 'u', 'b', 'U', 'S':
		return "", false
	}
	return "dtype", true
}

func (d *decoder) scalar(t *dtype, b []byte) (node, error) {
	switch t.kind {
	case 'b':
		if len(b) == 1 && b[0] <= 1 {
			return node{kind: kindBool, payload: uint64(b[0])}, nil
		}
	case 'i', 'u':
		if v, ok := t.number(b); ok {
			return d.whole(t, v, len(b)), nil
		}
	case 'f':
		if v, ok := t.float(b); ok {
			return floatNode(v), nil
		}
	case 'c':
		re, ok := t.float(b[:len(b)/2])
		im, both := t.float(b[len(b)/2:])
		if ok && both {
			return d.newValue(complex(re, im)), nil
		}
	case 'S':
		return d.sideNode(kindBytes, append(d.side, bytes.TrimRight(b, "\x00")...)), nil
	case 'U':
		return d.scalarText(t, b)
	}
	return d.errArguments("numpy's scalar")
}

// number reads up to 8 bytes.
func (t *dtype) number(b []byte) (uint64, bool) {
	order := binary.ByteOrder(binary.LittleEndian)
	if t.big {
		order = binary.BigEndian
	}
	switch len(b) {
	case 1:
		return uint64(b[0]), true
	case 2:
		return uint64(order.Uint16(b)), true
	case 4:
		return uint64(order.Uint32(b)), true
	case 8:
		return order.Uint64(b), true
	}
	return 0, false
}

// whole makes an int from a number of that many bytes.
func (d *decoder) whole(t *dtype, v uint64, size int) node {
	if t.kind == 'i' {
		unused := 64 - 8*size
		return node{kind: kindInt, payload: uint64(int64(v<<unused) >> unused)}
	}
	if v > math.MaxInt64 {
		return d.sideNode(kindLong, append(binary.LittleEndian.AppendUint64(d.side, v), 0))
	}
	return node{kind: kindInt, payload: v}
}

func (t *dtype) float(b []byte) (float64, bool) {
	v, ok := t.number(b)
	switch {
	case !ok || len(b) == 1:
		return 0, false
	case len(b) == 2:
		return halfFloat(uint16(v)), true
	case len(b) == 4:
		return float64(math.Float32frombits(uint32(v))), true
	}
	return math.Float64frombits(v), true
}

// halfFloat reads a float of 16 bits.
func halfFloat(v uint16) float64 {
	sign := 1.0
	if v>>15 != 0 {
		sign = -1
	}
	exponent, mantissa := int(v>>10&0x1F), float64(v&0x3FF)
	switch {
	case exponent == 0x1F && mantissa != 0:
		return math.NaN()
	case exponent == 0x1F:
		return math.Inf(int(sign))
	case exponent == 0:
		return sign * math.Ldexp(mantissa, -24)
	}
	return sign * math.Ldexp(1024+mantissa, exponent-25)
}

// scalarText reads text of 4 bytes a character. Like numpy it ignores zeros at the end,
// which are padding.
func (d *decoder) scalarText(t *dtype, b []byte) (node, error) {
	for len(b) > 0 && binary.LittleEndian.Uint32(b[len(b)-4:]) == 0 {
		b = b[:len(b)-4]
	}
	dst := d.side
	for ; len(b) > 0; b = b[4:] {
		r, _ := t.number(b[:4])
		if r > utf8.MaxRune {
			return node{}, d.errorf("%#x is not a character", r)
		}
		dst = appendRune(dst, rune(r))
	}
	return d.sideNode(kindStr, dst), nil
}
