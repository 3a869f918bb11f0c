package pickle

import (
	"encoding/hex"
	"math"
	"math/big"
	"slices"
	"strings"
	"unicode/utf8"
)

// spend limits calls to a few times as many bytes or items as the data has. Only data
// that calls with the same argument again and again exceeds that.
func (d *decoder) spend(n int) error {
	d.copied += n
	if d.copied > 4*len(d.data) {
		return d.errorf("calls with shared arguments multiply the data")
	}
	return nil
}

// spendText is spend for text and bytes. Short ones count as one, because they cost no
// more than the reference to them: many equal addresses are one str in Python.
func (d *decoder) spendText(n node) error {
	if n.len <= longText {
		return d.spend(1)
	}
	return d.spend(int(n.len))
}

// call returns the result of calling a known class.
func (d *decoder) call(class, tuple node) (node, error) {
	args := d.items(tuple)
	switch class.class().call {
	case callEncode:
		return d.callEncode(args)
	case callBytes:
		if len(args) == 0 {
			return node{kind: kindBytes}, nil
		}
	case callByteArray:
		return d.callByteArray(args)
	case callSet:
		return d.callSet(kindSet, args)
	case callFrozenSet:
		return d.callSet(kindFrozenSet, args)
	case callComplex:
		return d.callComplex(args)
	case callReconstructor:
		return d.callReconstructor(args)
	case callDatetime:
		return d.callDatetime(args)
	case callDate:
		return d.callDate(args)
	case callTimedelta:
		return d.callTimedelta(args)
	case callTimezone:
		return d.callTimezone(args)
	case callDecimal:
		return d.callDecimal(args)
	case callOrderedDict:
		return d.callOrderedDict(args)
	case callNewObj:
		return d.callNewObj(args)
	case callNewObjEx:
		return d.callNewObjEx(args)
	case callGetattr:
		return d.getattr(args)
	case callOr:
		return d.callOr(tuple)
	case callGetitem:
		return d.callGetitem(args)
	case callUUID:
		return d.callUUID(args)
	case callSafeUUID:
		return d.newOpaque(safeUUID{}), nil
	}
	return d.callLibrary(class, tuple)
}

func (d *decoder) errArguments(name string) (node, error) {
	return node{}, d.errorf("%s is called with arguments that are not those of a pickle", name)
}

// isLatin1 reports whether n is the name of that encoding.
func (d *decoder) isLatin1(n node) bool {
	n = d.raw(n)
	if n.kind != kindStr && n.kind != kindOldStr {
		return false
	}
	name := string(d.bytes(n))
	return name == "latin1" || name == "latin-1"
}

func (d *decoder) callEncode(args []node) (node, error) {
	if len(args) != 2 || !d.isText(d.raw(args[0])) || !d.isLatin1(args[1]) {
		return d.errArguments("_codecs.encode")
	}
	return d.latin1(d.raw(args[0]))
}

// latin1 makes bytes from text whose characters stand for them.
func (d *decoder) latin1(n node) (node, error) {
	if err := d.spendText(n); err != nil {
		return node{}, err
	}
	text := d.bytes(n)
	dst := d.side
	for len(text) > 0 {
		r, size := utf8.DecodeRune(text)
		if r > 0xFF {
			return node{}, d.errorf("bytes as text beyond Latin-1")
		}
		dst = append(dst, byte(r))
		text = text[size:]
	}
	return d.sideNode(kindBytes, dst), nil
}

// packed returns the bytes into which a class packs its state; in pickles of Python 2
// they are a str.
func (d *decoder) packed(n node, size int) []byte {
	n = d.raw(n)
	switch n.kind {
	case kindStr:
		latin, err := d.latin1(n)
		if err != nil {
			return nil
		}
		n = latin
	case kindBytes, kindOldStr:
	default:
		return nil
	}
	if int(n.len) != size {
		return nil
	}
	return d.bytes(n)
}

func (d *decoder) callByteArray(args []node) (node, error) {
	if len(args) == 0 {
		return d.newValue(ByteArray{}), nil
	}
	n := d.raw(args[0])
	if len(args) == 2 && d.isText(n) && d.isLatin1(args[1]) {
		latin, err := d.latin1(n)
		if err != nil {
			return node{}, err
		}
		n = latin
	} else if len(args) != 1 || n.kind != kindBytes {
		return d.errArguments("bytearray")
	}
	if err := d.spendText(n); err != nil {
		return node{}, err
	}
	return d.newValue(ByteArray(append([]byte{}, d.bytes(n)...))), nil
}

func (d *decoder) callSet(k kind, args []node) (node, error) {
	if len(args) == 0 {
		return d.newContainer(k, nil), nil
	}
	if len(args) != 1 || args[0].kind != kindList {
		return d.errArguments("set or frozenset")
	}
	items := d.give(args[0])
	if err := d.spend(4 * len(items)); err != nil { // a list can be given to a call this often: once
		return node{}, err
	}
	return d.newContainer(k, items), nil
}

func (d *decoder) callComplex(args []node) (node, error) {
	if len(args) != 2 || args[0].kind != kindFloat || args[1].kind != kindFloat {
		return d.errArguments("complex")
	}
	return d.newValue(complex(args[0].float(), args[1].float())), nil
}

func floatNode(v float64) node { return node{kind: kindFloat, payload: math.Float64bits(v)} }
func (n node) float() float64  { return math.Float64frombits(n.payload) }

func (d *decoder) isUUID(n node) bool {
	switch n.kind {
	case kindInt:
		return int64(n.payload) >= 0
	case kindLong:
		if n.len > 17 { // 128 bits and the sign
			return false
		}
		v := d.bigInt(n)
		return v.Sign() >= 0 && v.BitLen() <= 128
	}
	return false
}

// callUUID makes a UUID from its hexadecimal digits, like a program; Python's own
// pickles contain an object instead.
func (d *decoder) callUUID(args []node) (node, error) {
	if len(args) != 1 {
		return node{}, &ClassError{"uuid", "UUID"}
	}
	text, _ := d.name(args[0])
	text = strings.NewReplacer("urn:", "", "uuid:", "", "{", "", "}", "", "-", "").Replace(text)
	b, err := hex.DecodeString(text)
	if err != nil || len(b) != len(UUID{}) {
		return node{}, &ClassError{"uuid", "UUID"}
	}
	return d.newValue(UUID(b)), nil
}

func (d *decoder) bigInt(n node) *big.Int {
	if n.kind == kindInt {
		return big.NewInt(int64(n.payload))
	}
	return bigFromLong(d.bytes(n))
}

func (d *decoder) callDecimal(args []node) (node, error) {
	if len(args) != 1 {
		return d.errArguments("decimal.Decimal")
	}
	n := d.raw(args[0])
	if n.kind != kindStr && n.kind != kindOldStr {
		return d.errArguments("decimal.Decimal")
	}
	if err := d.spendText(n); err != nil {
		return node{}, err
	}
	v := Decimal(d.bytes(n))
	if !v.valid() {
		return node{}, d.errorf("%.40q is not a Decimal", string(v))
	}
	return d.newValue(v), nil
}

// callOrderedDict makes an empty dict, which SETITEMS fills, or in the way of Python 2
// a dict from a list of pairs.
func (d *decoder) callOrderedDict(args []node) (node, error) {
	object := d.newContainer(kindOrderedDict, nil)
	if len(args) == 0 {
		return object, nil
	}
	if len(args) != 1 || args[0].kind != kindList {
		return d.errArguments("collections.OrderedDict")
	}
	pairs := d.give(args[0])
	if err := d.spend(8 * len(pairs)); err != nil { // two items each, as costly as those of a set
		return node{}, err
	}
	d.arena = slices.Grow(d.arena, 2*len(pairs))
	for _, pair := range pairs {
		if pair.kind != kindList && pair.kind != kindTuple || len(d.items(pair)) != 2 {
			return d.errArguments("collections.OrderedDict")
		}
		d.extend(object, d.give(pair))
	}
	return object, nil
}

// value returns the Go value of a node that a call made, else nil.
func (d *decoder) value(n node) any {
	if n.kind != kindValue {
		return nil
	}
	return d.leaves[n.payload].value
}
