package pickle

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"math/big"
	"slices"
	"time"
	"unicode/utf8"
)

// callable is a class or function that is known by name. None of them is run: the decoder
// makes the Go value that their result would be.
type callable uint8

const (
	callEncode callable = iota
	callBytes
	callByteArray
	callSet
	callFrozenSet
	callComplex
	callObject
	callReconstructor
	callDatetime
	callDate
	callTimedelta
	callTimezone
	callDecimal
	callUUID
	callOrderedDict
)

// callables is everything there is. Protocols 0 to 2 use the modules of Python 2.
var callables = map[ClassError]callable{
	{"_codecs", "encode"}:          callEncode,
	{"__builtin__", "bytes"}:       callBytes,
	{"builtins", "bytes"}:          callBytes,
	{"__builtin__", "bytearray"}:   callByteArray,
	{"builtins", "bytearray"}:      callByteArray,
	{"__builtin__", "set"}:         callSet,
	{"builtins", "set"}:            callSet,
	{"__builtin__", "frozenset"}:   callFrozenSet,
	{"builtins", "frozenset"}:      callFrozenSet,
	{"__builtin__", "complex"}:     callComplex,
	{"builtins", "complex"}:        callComplex,
	{"__builtin__", "object"}:      callObject,
	{"builtins", "object"}:         callObject,
	{"copy_reg", "_reconstructor"}: callReconstructor,
	{"copyreg", "_reconstructor"}:  callReconstructor,
	{"datetime", "datetime"}:       callDatetime,
	{"datetime", "date"}:           callDate,
	{"datetime", "timedelta"}:      callTimedelta,
	{"datetime", "timezone"}:       callTimezone,
	{"decimal", "Decimal"}:         callDecimal,
	{"uuid", "UUID"}:               callUUID,
	{"collections", "OrderedDict"}: callOrderedDict,
}

// classError is the error for a use of a known class that is not known.
func (c callable) classError() error {
	var found *ClassError
	for name, other := range callables {
		if other == c && (found == nil || name.Module > found.Module) {
			found = &name
		}
	}
	return found
}

func (d *decoder) global(module, name string) error {
	c, ok := callables[ClassError{module, name}]
	if !ok {
		return &ClassError{module, name}
	}
	d.push(node{kind: kindClass, payload: uint64(c)})
	return nil
}

func (d *decoder) stackGlobal() error {
	name, err := d.popText()
	if err != nil {
		return err
	}
	module, err := d.popText()
	if err != nil {
		return err
	}
	return d.global(module, name)
}

func (d *decoder) popText() (string, error) {
	n, err := d.pop()
	if err != nil {
		return "", err
	}
	n = d.raw(n)
	if n.kind != kindStr {
		return "", d.errorf("the name of a class is not a str")
	}
	if n.len > 1000 {
		return "", d.errorf("the name of a class has %d bytes", n.len)
	}
	return string(d.bytes(n)), nil
}

// popCall takes a tuple of arguments and the class below it off the stack.
func (d *decoder) popCall() (callable, []node, error) {
	args, err := d.pop()
	if err != nil {
		return 0, nil, err
	}
	class, err := d.pop()
	if err != nil {
		return 0, nil, err
	}
	if class.kind != kindClass {
		return 0, nil, d.errorf("a call of something that is not a class")
	}
	if args.kind != kindTuple {
		return 0, nil, d.errorf("a call without a tuple of arguments")
	}
	return callable(class.payload), d.items(args), nil
}

// spend allows calls to take over a few times as many bytes or items as the data has: more
// can only come from calling with the same argument again and again.
func (d *decoder) spend(n int) error {
	d.copied += n
	if d.copied > 4*len(d.data) {
		return d.errorf("calls with shared arguments multiply the data")
	}
	return nil
}

// spendText is spend for text and bytes. Short ones cost no more than what refers to them:
// many equal addresses are one str in Python.
func (d *decoder) spendText(n node) error {
	if n.len <= longText {
		return d.spend(1)
	}
	return d.spend(int(n.len))
}

func (d *decoder) reduce() error {
	c, args, err := d.popCall()
	if err != nil {
		return err
	}
	n, err := d.call(c, args)
	if err == nil {
		d.push(n)
	}
	return err
}

func (d *decoder) call(c callable, args []node) (node, error) {
	switch c {
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
	}
	return node{}, c.classError()
}

func (d *decoder) errArguments(name string) (node, error) {
	return node{}, d.errorf("%s is called with arguments that are not those of a pickle", name)
}

// isLatin1 tells whether n is the name of that encoding.
func (d *decoder) isLatin1(n node) bool {
	n = d.raw(n)
	if n.kind != kindStr && n.kind != kindOldStr {
		return false
	}
	name := string(d.bytes(n))
	return name == "latin1" || name == "latin-1"
}

func (d *decoder) callEncode(args []node) (node, error) {
	if len(args) != 2 || d.raw(args[0]).kind != kindStr || !d.isLatin1(args[1]) {
		return d.errArguments("_codecs.encode")
	}
	return d.latin1(d.raw(args[0]))
}

// latin1 makes bytes of text that stands for them character by character.
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

// packed returns the bytes that a class packs its state in; the pickles of Python 2 have
// them as a str.
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
	if len(args) == 2 && n.kind == kindStr && d.isLatin1(args[1]) {
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
	items := d.items(args[0])
	if err := d.spend(4 * len(items)); err != nil { // as often as a list can be given: once
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

func floatNode(v float64) node    { return node{kind: kindFloat, payload: math.Float64bits(v)} }
func (n node) float() float64     { return math.Float64frombits(n.payload) }
func (n node) is(c callable) bool { return n.kind == kindClass && callable(n.payload) == c }

// callReconstructor makes an object without state, as protocols 0 and 1 do.
func (d *decoder) callReconstructor(args []node) (node, error) {
	if len(args) != 3 || args[0].kind != kindClass || !args[1].is(callObject) || args[2].kind != kindNone {
		return d.errArguments("copyreg._reconstructor")
	}
	if !args[0].is(callUUID) {
		return node{}, callable(args[0].payload).classError()
	}
	return d.newContainer(kindUUID, nil), nil
}

// newObject makes an object without state, as protocols from 2 on do.
func (d *decoder) newObject() error {
	c, args, err := d.popCall()
	if err != nil {
		return err
	}
	if c != callUUID || len(args) != 0 {
		return c.classError()
	}
	d.push(d.newContainer(kindUUID, nil))
	return nil
}

// unknownObject names the class that OBJ or NEWOBJ_EX would make an object of.
func (d *decoder) unknownObject(op byte) error {
	at := len(d.stack) - 3
	if op == opObj {
		var err error
		if at, err = d.unmark(); err != nil {
			return err
		}
	}
	if at < d.floor || at >= len(d.stack) || d.stack[at].kind != kindClass {
		return d.errorf("an object of something that is not a class")
	}
	return callable(d.stack[at].payload).classError()
}

// build sets the state of an object, which can only be a UUID.
func (d *decoder) build() error {
	state, err := d.pop()
	if err != nil {
		return err
	}
	object, err := d.top()
	if err != nil {
		return err
	}
	if object.kind == kindOrderedDict {
		return fmt.Errorf("pickle: byte %d: an OrderedDict with attributes, have Python delete those: %w", d.pos, errors.ErrUnsupported)
	}
	if object.kind != kindUUID || state.kind != kindDict || len(d.items(*object)) != 0 {
		return d.errorf("BUILD on something that has no state")
	}
	items := d.items(state)
	for i := 0; i < len(items); i += 2 {
		if key := d.raw(items[i]); key.kind == kindStr && string(d.bytes(key)) == "int" {
			number := d.raw(items[i+1])
			if !d.isUUID(number) {
				return d.errorf("a UUID that is not an int of 128 bits")
			}
			d.extend(*object, []node{number})
			return nil
		}
	}
	return d.errorf("a UUID without its number")
}

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

func (d *decoder) bigInt(n node) *big.Int {
	if n.kind == kindInt {
		return big.NewInt(int64(n.payload))
	}
	return bigFromLong(d.bytes(n))
}

func (d *decoder) callDatetime(args []node) (node, error) {
	if len(args) != 1 && len(args) != 2 {
		return d.errArguments("datetime.datetime")
	}
	loc := time.UTC
	if len(args) == 2 {
		var ok bool
		if loc, ok = d.value(args[1]).(*time.Location); !ok {
			return d.errArguments("datetime.datetime")
		}
	}
	b := d.packed(args[0], 10)
	if b == nil {
		return d.errArguments("datetime.datetime")
	}
	// The top bit of the month is fold: which of two equal times at the end of summer time
	// is meant. It says nothing where the offset is fixed.
	date := Date{int(binary.BigEndian.Uint16(b)), time.Month(b[2] & 0x7F), int(b[3])}
	micro := int(b[7])<<16 | int(b[8])<<8 | int(b[9])
	if !date.valid() || b[4] > 23 || b[5] > 59 || b[6] > 59 || micro > 999999 {
		return d.errArguments("datetime.datetime")
	}
	return d.newValue(time.Date(date.Year, date.Month, date.Day, int(b[4]), int(b[5]), int(b[6]), micro*1000, loc)), nil
}

func (d *decoder) callDate(args []node) (node, error) {
	if len(args) != 1 {
		return d.errArguments("datetime.date")
	}
	b := d.packed(args[0], 4)
	if b == nil {
		return d.errArguments("datetime.date")
	}
	date := Date{int(binary.BigEndian.Uint16(b)), time.Month(b[2]), int(b[3])}
	if !date.valid() {
		return d.errArguments("datetime.date")
	}
	return d.newValue(date), nil
}

func (d *decoder) callTimedelta(args []node) (node, error) {
	const maxDays = 999999999
	if len(args) != 3 {
		return d.errArguments("datetime.timedelta")
	}
	var part [3]int64 // days, seconds, microseconds
	for i, n := range args {
		part[i] = int64(n.payload)
		if n.kind != kindInt || part[i] > maxDays || part[i] < -maxDays {
			return d.errArguments("datetime.timedelta")
		}
	}
	micro := (part[0]*86400+part[1])*1e6 + part[2]
	if part[0] > 107000 || part[0] < -107000 || micro > math.MaxInt64/1000 || micro < math.MinInt64/1000 {
		return node{}, &TypeError{Value: fmt.Sprintf("a timedelta of %d days", part[0]), Type: durationType, Reason: "beyond the 292 years that it can tell"}
	}
	return d.newValue(time.Duration(micro * 1000)), nil
}

func (d *decoder) callTimezone(args []node) (node, error) {
	if len(args) != 1 && len(args) != 2 {
		return d.errArguments("datetime.timezone")
	}
	offset, ok := d.value(args[0]).(time.Duration)
	if !ok || offset.Abs() >= 24*time.Hour {
		return d.errArguments("datetime.timezone")
	}
	if offset%time.Second != 0 {
		return node{}, &TypeError{Value: "a timezone of offset " + offset.String(), Type: locationType, Reason: "offsets are in whole seconds"}
	}
	name := ""
	if len(args) == 2 {
		n := d.raw(args[1])
		if n.kind != kindStr {
			return d.errArguments("datetime.timezone")
		}
		if err := d.spendText(n); err != nil {
			return node{}, err
		}
		name = string(d.bytes(n))
	} else if offset == 0 {
		name = "UTC"
	}
	return d.newValue(time.FixedZone(name, int(offset/time.Second))), nil
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

// callOrderedDict makes an empty one, to be filled by SETITEMS, or in the way of Python 2
// one of a list of pairs.
func (d *decoder) callOrderedDict(args []node) (node, error) {
	object := d.newContainer(kindOrderedDict, nil)
	if len(args) == 0 {
		return object, nil
	}
	if len(args) != 1 || args[0].kind != kindList {
		return d.errArguments("collections.OrderedDict")
	}
	pairs := d.items(args[0])
	if err := d.spend(8 * len(pairs)); err != nil { // two items each, as costly as those of a set
		return node{}, err
	}
	d.arena = slices.Grow(d.arena, 2*len(pairs))
	for _, pair := range pairs {
		if pair.kind != kindList && pair.kind != kindTuple || len(d.items(pair)) != 2 {
			return d.errArguments("collections.OrderedDict")
		}
		d.extend(object, d.items(pair))
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
