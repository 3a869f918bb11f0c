package pickle

import (
	"encoding/binary"
	"math/big"
	"strings"
)

// The calls that make values of Python's standard library.

func (d *decoder) callLibrary(class, tuple node) (node, error) {
	args := d.items(tuple)
	switch class.class().call {
	case callTime:
		return d.callTime(args)
	case callZone:
		return d.callZone(args)
	case callPytz:
		return d.callPytz(args)
	case callPytzUTC, callTzUTC:
		return d.newValue(utc), nil
	case callPytzOffset:
		return d.callPytzOffset(args)
	case callTzBase:
		return d.newOpaque(tzinfo{}), nil
	case callTzOffset:
		return d.callTzOffset(args)
	case callTzLocal:
		return d.callTzLocal(args)
	case callTzFile:
		return d.callTzFile(class, args)
	case callTzUnpickle:
		return d.callTzUnpickle(args)
	case callFraction:
		return d.callFraction(args)
	case callCounter:
		return d.callCounter(args)
	case callDefaultDict:
		return d.callDefaultDict(args)
	case callDeque:
		return d.callDeque(args)
	case callRange:
		return d.callRange(args)
	case callPosixPath, callWindowsPath:
		return d.callPath(class, args)
	case callDtype:
		return d.callDtype(args)
	case callScalar:
		return d.callScalar(args)
	}
	return node{}, d.classError(class)
}

// callCounter makes a dict from its argument, a dict.
func (d *decoder) callCounter(args []node) (node, error) {
	if len(args) == 0 {
		return d.newContainer(kindDict, nil), nil
	}
	if len(args) != 1 || args[0].kind != kindDict {
		return d.errArguments("collections.Counter")
	}
	return d.copyItems(kindDict, args[0])
}

// callDefaultDict makes an empty dict, to be filled by SETITEMS. It ignores the default
// factory, a class or function.
func (d *decoder) callDefaultDict(args []node) (node, error) {
	if len(args) == 0 {
		return d.newContainer(kindDict, nil), nil
	}
	switch args[0].kind {
	case kindNone, kindClass, kindType, kindUnknown:
	default:
		return d.errArguments("collections.defaultdict")
	}
	if len(args) == 1 {
		return d.newContainer(kindDict, nil), nil
	}
	if len(args) != 2 || args[1].kind != kindDict {
		return d.errArguments("collections.defaultdict")
	}
	return d.copyItems(kindDict, args[1])
}

// callDeque makes a list: an empty one, which APPENDS fills, or in the way of Python 2
// one with the given items. It drops the limit of the length.
func (d *decoder) callDeque(args []node) (node, error) {
	if len(args) == 0 {
		return d.newContainer(kindList, nil), nil
	}
	if len(args) > 2 || args[0].kind != kindList && args[0].kind != kindTuple {
		return d.errArguments("collections.deque")
	}
	return d.copyItems(kindList, args[0])
}

// copyItems makes a container of the items of another one.
func (d *decoder) copyItems(k kind, from node) (node, error) {
	items := d.give(from)
	if err := d.spend(4 * len(items)); err != nil { // a container can be given this often: once
		return node{}, err
	}
	return d.newContainer(k, items), nil
}

func (d *decoder) callRange(args []node) (node, error) {
	if len(args) != 3 {
		return d.errArguments("range")
	}
	for _, n := range args {
		if raw := d.raw(n); raw.kind == kindLong || raw.kind == kindInt && int64(int(raw.payload)) != int64(raw.payload) {
			return node{}, &TypeError{Value: "a range of an " + d.describe(n), Type: rangeType, Reason: "beyond the ints that it can hold"}
		}
		if n.kind != kindInt {
			return d.errArguments("range")
		}
	}
	r := Range{int(args[0].payload), int(args[1].payload), int(args[2].payload)}
	if r.Step == 0 {
		return d.errArguments("range")
	}
	return d.newValue(r), nil
}

// maxFraction limits the bits of each part of a Fraction: reducing it takes more than
// linear time.
const maxFraction = 100_000

func (d *decoder) callFraction(args []node) (node, error) {
	var parts [2]*big.Int
	switch {
	case len(args) == 1 && d.isText(d.raw(args[0])):
		n := d.raw(args[0])
		if n.len > maxFraction {
			return node{}, errFraction()
		}
		if err := d.spendText(n); err != nil {
			return node{}, err
		}
		whole, denominator, found := strings.Cut(string(d.bytes(n)), "/")
		if !found {
			denominator = "1"
		}
		unsigned := strings.TrimPrefix(whole, "-")
		if unsigned == "" || digits(unsigned) != len(unsigned) || denominator == "" || digits(denominator) != len(denominator) {
			return d.errArguments("fractions.Fraction")
		}
		parts[0], parts[1] = parseDecimal(unsigned), parseDecimal(denominator)
		if unsigned != whole {
			parts[0].Neg(parts[0])
		}
	case len(args) == 1 || len(args) == 2:
		parts[1] = big.NewInt(1)
		for i, n := range args {
			raw := d.raw(n)
			if raw.kind != kindInt && raw.kind != kindLong {
				return d.errArguments("fractions.Fraction")
			}
			if raw.len > maxFraction/8 {
				return node{}, errFraction()
			}
			if err := d.spendText(raw); err != nil {
				return node{}, err
			}
			parts[i] = d.bigInt(raw)
		}
	default:
		return d.errArguments("fractions.Fraction")
	}
	if parts[1].Sign() == 0 {
		return d.errArguments("fractions.Fraction")
	}
	if parts[0].BitLen() > maxFraction || parts[1].BitLen() > maxFraction {
		return node{}, errFraction()
	}
	return d.newValue(new(big.Rat).SetFrac(parts[0], parts[1])), nil
}

func errFraction() error {
	return &TypeError{Value: "a Fraction of very many digits", Type: ratType, Reason: "its parts have at most 100000 bits"}
}

// callTime makes a datetime.time from packed bytes or from numbers, and a timezone.
func (d *decoder) callTime(args []node) (node, error) {
	var t Time
	if len(args) > 0 && len(args) <= 2 {
		if b := d.packed(args[0], 6); b != nil {
			// The top bit of the hour is fold.
			t = Time{int(b[0] & 0x7F), int(b[1]), int(b[2]), int(b[3])<<16 | int(b[4])<<8 | int(b[5]), nil}
			return d.timeIn(t, args[1:])
		}
	}
	part, rest, ok := d.numbers(args, 4)
	if !ok {
		return d.errArguments("datetime.time")
	}
	t = Time{part[0], part[1], part[2], part[3], nil}
	return d.timeIn(t, rest)
}

func (d *decoder) timeIn(t Time, zone []node) (node, error) {
	if len(zone) > 0 && zone[0].kind != kindNone {
		loc, ok := d.location(zone[0])
		if !ok {
			return d.errArguments("datetime.time")
		}
		t.Location = loc
	}
	if len(zone) > 1 || !t.valid() {
		return d.errArguments("datetime.time")
	}
	return d.newValue(t), nil
}

// numbers takes up to most ints from the front of args; missing ones are 0. None but
// microseconds has more than four digits.
func (d *decoder) numbers(args []node, most int) (part [7]int, rest []node, ok bool) {
	i := 0
	for ; i < len(args) && i < most && args[i].kind == kindInt; i++ {
		if v := int64(args[i].payload); v < 0 || v > 999_999 {
			return part, nil, false
		}
		part[i] = int(args[i].payload)
	}
	// A timezone comes after all of them.
	return part, args[i:], i == len(args) || i == most && i+1 == len(args)
}

// packedDate reads the year, month and day in front of packed bytes.
func packedDate(b []byte) (year, month, day int) {
	return int(binary.BigEndian.Uint16(b)), int(b[2]), int(b[3])
}
