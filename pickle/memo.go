package pickle

import "encoding/binary"

// A pickle refers to an object written before by its number in the memo. For a few
// objects it is known that Python has only one of each: the classes that are called, the
// names of their modules, and the shortest str. The encoder looks for other shared
// objects only when a result gets so large that sharing may be the reason.

// The objects of which Python has only one.
const (
	memoChar    = 0               // 256 characters and the empty str
	memoNoBytes = memoChar + 257  // the empty bytes
	memoGlobal  = memoNoBytes + 1 // classes
	memoModule  = memoGlobal + 20 // names of modules
	memoLatin1  = memoModule + 20 // the name of an encoding
	memoInt     = memoLatin1 + 1  // the name of the attribute of a UUID
	memoUTC     = memoInt + 1     // datetime.timezone.utc
	memoSize    = memoUTC + 1
)

// slot is an object that can be referred to.
type slot struct {
	pos    int  // where in the buffer its PUT would be
	used   bool // something refers to it
	number int  // in the memo, once it is known
}

// memo is the part of the encoder that knows what was written before.
type memo struct {
	slots []slot        // in the order of pos
	known [memoSize]int // 1 + the place in slots
	used  bool          // some slot is used
	seen  map[identity]int
	named map[any]int // the objects of onceOf: 1 + the place in slots
}

// once writes an object by calling write, or a reference to it if it was written
// before.
func (e *encoder) once(id int, write func() error) error {
	if e.same != nil { // same counts the objects in it
		return e.same.object(e, unique, write)
	}
	if at := e.known[id]; at > 0 {
		e.refer(at - 1)
		return nil
	}
	if err := write(); err != nil {
		return err
	}
	e.known[id] = e.newSlot() + 1
	return nil
}

// onceOf is once for objects that are not known beforehand: a *class, or a name in its
// own type.
func (e *encoder) onceOf(id any, write func() error) error {
	if e.same != nil { // same counts the objects in it
		return e.same.object(e, unique, write)
	}
	if at := e.named[id]; at > 0 {
		e.refer(at - 1)
		return nil
	}
	if err := write(); err != nil {
		return err
	}
	if e.named == nil {
		e.named = map[any]int{}
	}
	e.named[id] = e.newSlot() + 1
	return nil
}

// name writes a name of which Python has only one object. once makes sure of that if
// equal objects are not looked for.
func (e *encoder) name(s string, once func(write func() error) error) {
	write := func() error { e.text(s); return nil }
	if e.same != nil {
		_ = e.same.object(e, named, write)
		return
	}
	_ = once(write)
}

// newSlot makes a slot of the object that ends here.
func (e *encoder) newSlot() int {
	e.slots = append(e.slots, slot{pos: len(e.buf)})
	return len(e.slots) - 1
}

// refer writes a reference. Until all references are known it contains the place in
// slots.
func (e *encoder) refer(at int) {
	e.slots[at].used = true
	e.used = true
	e.buf = binary.LittleEndian.AppendUint32(append(e.buf, opLongBinGet), uint32(at))
}

// global is a class or function that a pickle of Marshal makes Python call.
type global uint8

const (
	globalEncode global = iota
	globalBytes
	globalByteArray
	globalSet
	globalFrozenSet
	globalComplex
	globalDatetime
	globalDate
	globalTimedelta
	globalTimezone
	globalDecimal
	globalUUID
	globalOrderedDict
	globalTime
	globalFraction
	globalRange
	globalGetattr
	globalZoneInfo
)

// globals are their names. Those of one module share its name.
var globals = [...]struct {
	module, name string
	id           int // of the module
}{
	globalEncode:      {"_codecs", "encode", 0},
	globalBytes:       {"builtins", "bytes", 1},
	globalByteArray:   {"builtins", "bytearray", 1},
	globalSet:         {"builtins", "set", 1},
	globalFrozenSet:   {"builtins", "frozenset", 1},
	globalComplex:     {"builtins", "complex", 1},
	globalDatetime:    {"datetime", "datetime", 2},
	globalDate:        {"datetime", "date", 2},
	globalTimedelta:   {"datetime", "timedelta", 2},
	globalTimezone:    {"datetime", "timezone", 2},
	globalDecimal:     {"decimal", "Decimal", 3},
	globalUUID:        {"uuid", "UUID", 4},
	globalOrderedDict: {"collections", "OrderedDict", 5},
	globalTime:        {"datetime", "time", 2},
	globalFraction:    {"fractions", "Fraction", 6},
	globalRange:       {"builtins", "range", 1},
	globalGetattr:     {"builtins", "getattr", 1},
	globalZoneInfo:    {"zoneinfo", "ZoneInfo", 7},
}

// global writes a class: from protocol 4 on by two str, before by two lines.
func (e *encoder) global(g global) {
	_ = e.once(memoGlobal+int(g), func() error {
		c := &globals[g]
		module, name := c.module, c.name
		if e.protocol >= 4 {
			e.name(module, func(write func() error) error { return e.once(memoModule+c.id, write) })
			e.text(name)
			e.op(opStackGlobal)
			return nil
		}
		if e.protocol == 2 && module == "builtins" {
			module = "__builtin__"
			if g == globalRange {
				name = "xrange"
			}
		}
		e.buf = append(e.buf, opGlobal)
		e.buf = append(e.buf, module...)
		e.buf = append(e.buf, '\n')
		e.buf = append(e.buf, name...)
		e.buf = append(e.buf, '\n')
		return nil
	})
}
