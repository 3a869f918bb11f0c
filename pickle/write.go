package pickle

import (
	"encoding/binary"
	"math"
	"math/big"
	"unicode/utf8"
)

// encoder appends opcodes to buf. It writes no PUT opcodes and no frames; seal adds
// them.
type encoder struct {
	buf      []byte
	protocol int
	depth    int
	keys     []string // scratch for sorting
	classes  *classes
	truncate bool     // truncate times to microseconds
	inKey    int      // how many dict keys and members of sets enclose the current value
	same     *sharing // nil: every object is written

	memo
}

func (e *encoder) op(op byte) { e.buf = append(e.buf, op) }

func (e *encoder) none() { e.op(opNone) }

func (e *encoder) bool(v bool) {
	if v {
		e.op(opNewTrue)
	} else {
		e.op(opNewFalse)
	}
}

func (e *encoder) int(v int64) {
	switch {
	case v >= 0 && v <= math.MaxUint8:
		e.buf = append(e.buf, opBinInt1, byte(v))
	case v >= 0 && v <= math.MaxUint16:
		e.buf = append(e.buf, opBinInt2, byte(v), byte(v>>8))
	case v >= math.MinInt32 && v <= math.MaxInt32:
		e.buf = binary.LittleEndian.AppendUint32(append(e.buf, opBinInt), uint32(v))
	default:
		size := 8
		for size > 1 && v<<(72-8*size)>>(72-8*size) == v {
			size--
		}
		e.buf = append(e.buf, opLong1, byte(size))
		for i := range size {
			e.buf = append(e.buf, byte(v>>(8*i)))
		}
	}
}

func (e *encoder) uint(v uint64) error {
	if v <= math.MaxInt64 {
		e.int(int64(v))
		return nil
	}
	return e.bigInt(new(big.Int).SetUint64(v))
}

func (e *encoder) bigInt(v *big.Int) error {
	if v.IsInt64() {
		e.int(v.Int64())
		return nil
	}
	size := v.BitLen()/8 + 1 // one more than necessary for some negative numbers
	if size > math.MaxInt32 {
		return &TypeError{Type: bigIntType, Reason: "an int of over 2 GiB cannot be pickled"}
	}
	b := appendLong(make([]byte, 0, size), v)
	if len(b) < 256 {
		e.buf = append(e.buf, opLong1, byte(len(b)))
	} else {
		e.buf = binary.LittleEndian.AppendUint32(append(e.buf, opLong4), uint32(len(b)))
	}
	e.buf = append(e.buf, b...)
	return nil
}

func (e *encoder) float(v float64) {
	bits := math.Float64bits(v)
	if bits == goNaN {
		bits = pythonNaN
	}
	e.buf = binary.BigEndian.AppendUint64(append(e.buf, opBinFloat), bits)
}

// The NaN of each language.
const (
	goNaN     = 0x7FF8000000000001
	pythonNaN = 0x7FF8000000000000
)

// errLength is the error of protocols below 4 for text or bytes of 4 GiB and more.
func errLength(what string) error {
	return &TypeError{Value: what + " of over 4 GiB", Reason: "needs protocol 4 or 5"}
}

// str writes text. Python has one object for the empty str and for each character of
// Latin-1.
func (e *encoder) str(s string) error {
	if id, ok := strSingleton(s); ok {
		return e.once(id, func() error { e.text(s); return nil })
	}
	if !utf8.ValidString(s) && !validText([]byte(s)) {
		return &TypeError{Value: "text that is not UTF-8", Type: stringType, Reason: "use []byte for bytes"}
	}
	if uint64(len(s)) > math.MaxUint32 && e.protocol < 4 {
		return errLength("text")
	}
	if e.same != nil {
		return e.same.object(e, constant, func() error { e.text(s); return nil })
	}
	e.text(s)
	return nil
}

func strSingleton(s string) (int, bool) {
	if len(s) > 2 {
		return 0, false
	}
	if s == "" {
		return memoChar + 256, true
	}
	if s[0] < utf8.RuneSelf {
		return memoChar + int(s[0]), len(s) == 1
	}
	r, size := utf8.DecodeRuneInString(s)
	return memoChar + int(r), size == len(s) && size == 2 && r <= 0xFF
}

func (e *encoder) text(s string) {
	switch n := uint64(len(s)); {
	case n <= math.MaxUint8 && e.protocol >= 4:
		e.buf = append(e.buf, opShortBinUnicode, byte(n))
	case n <= math.MaxUint32:
		e.buf = binary.LittleEndian.AppendUint32(append(e.buf, opBinUnicode), uint32(n))
	default:
		e.buf = binary.LittleEndian.AppendUint64(append(e.buf, opBinUnicode8), n)
	}
	e.buf = append(e.buf, s...)
}

// bytes writes bytes. Python has one object for no bytes.
func (e *encoder) bytes(b []byte) error {
	if len(b) == 0 {
		return e.once(memoNoBytes, func() error { return e.freshBytes(b) })
	}
	if e.same != nil {
		return e.same.object(e, constant, func() error { return e.freshBytes(b) })
	}
	return e.freshBytes(b)
}

func (e *encoder) freshBytes(b []byte) error {
	n := uint64(len(b))
	switch {
	case e.protocol < 3:
		return e.latin1(b)
	case n <= math.MaxUint8:
		e.buf = append(e.buf, opShortBinBytes, byte(n))
	case n <= math.MaxUint32:
		e.buf = binary.LittleEndian.AppendUint32(append(e.buf, opBinBytes), uint32(n))
	case e.protocol < 4:
		return errLength("bytes")
	default:
		e.buf = binary.LittleEndian.AppendUint64(append(e.buf, opBinBytes8), n)
	}
	e.buf = append(e.buf, b...)
	return nil
}

// latin1 writes bytes for protocol 2, which has no opcode for them, as the call that
// encodes text with the same characters.
func (e *encoder) latin1(b []byte) error {
	if len(b) == 0 {
		e.global(globalBytes)
		e.buf = append(e.buf, opEmptyTuple, opReduce)
		return nil
	}
	runes := make([]rune, len(b))
	for i, c := range b {
		runes[i] = rune(c)
	}
	text := string(runes)
	if uint64(len(text)) > math.MaxUint32 {
		return errLength("bytes")
	}
	e.global(globalEncode)
	if id, ok := strSingleton(text); ok {
		_ = e.once(id, func() error { e.text(text); return nil })
	} else {
		e.text(text)
	}
	e.name("latin1", func(write func() error) error { return e.once(memoLatin1, write) })
	e.buf = append(e.buf, opTuple2, opReduce)
	return nil
}

func (e *encoder) byteArray(b []byte) error {
	if e.protocol >= 5 {
		e.buf = binary.LittleEndian.AppendUint64(append(e.buf, opByteArray8), uint64(len(b)))
		e.buf = append(e.buf, b...)
		return nil
	}
	e.global(globalByteArray)
	if len(b) == 0 {
		e.buf = append(e.buf, opEmptyTuple, opReduce)
		return nil
	}
	if err := e.freshBytes(b); err != nil {
		return err
	}
	e.buf = append(e.buf, opTuple1, opReduce)
	return nil
}

// batchSize is how many items one APPENDS, SETITEMS or ADDITEMS adds.
const batchSize = 1000

// list writes a list of n items.
func (e *encoder) list(n int, item func(i int) error) error {
	if e.same != nil {
		return e.same.object(e, mutable, func() error { return e.freshList(n, item) })
	}
	return e.freshList(n, item)
}

func (e *encoder) freshList(n int, item func(i int) error) error {
	e.op(opEmptyList)
	e.begun()
	return e.listItems(n, item)
}

// newDict writes a dict of n pairs.
func (e *encoder) newDict(n int, item func(i int) error) error {
	return e.object(mutable, func() error {
		e.op(opEmptyDict)
		e.begun()
		return e.dictItems(n, item)
	})
}

func (e *encoder) listItems(n int, item func(i int) error) error {
	if n == 1 {
		if err := item(0); err != nil {
			return err
		}
		e.op(opAppend)
		return nil
	}
	for i := 0; i < n; i += batchSize {
		if err := e.batch(i, min(n, i+batchSize), opAppends, item); err != nil {
			return err
		}
	}
	return nil
}

func (e *encoder) batch(from, to int, op byte, item func(i int) error) error {
	e.op(opMark)
	for i := from; i < to; i++ {
		if err := item(i); err != nil {
			return err
		}
	}
	e.op(op)
	return nil
}

// dictItems adds n pairs to the dict that was written last. After full batches it
// writes an empty one, like Python.
func (e *encoder) dictItems(n int, item func(i int) error) error {
	switch n {
	case 0:
		return nil
	case 1:
		if err := item(0); err != nil {
			return err
		}
		e.op(opSetItem)
		return nil
	}
	for i := 0; i <= n; i += batchSize {
		if err := e.batch(i, min(n, i+batchSize), opSetItems, item); err != nil {
			return err
		}
	}
	return nil
}

// orderedItems is dictItems in the way that Python writes the items of objects: without
// an empty batch, and with a last single pair by itself.
func (e *encoder) orderedItems(n int, item func(i int) error) error {
	for i := 0; i < n; i += batchSize {
		if i == n-1 {
			if err := item(i); err != nil {
				return err
			}
			e.op(opSetItem)
			return nil
		}
		if err := e.batch(i, min(n, i+batchSize), opSetItems, item); err != nil {
			return err
		}
	}
	return nil
}

// set writes a set of n items: below protocol 4 a call with a list of them.
func (e *encoder) set(n int, item func(i int) error) error {
	return e.object(mutable, func() error { return e.freshSet(n, item) })
}

func (e *encoder) freshSet(n int, item func(i int) error) error {
	if e.protocol < 4 {
		return e.callSet(globalSet, n, item)
	}
	e.op(opEmptySet)
	e.begun()
	if n == 0 {
		return nil
	}
	for i := 0; i <= n; i += batchSize {
		if err := e.batch(i, min(n, i+batchSize), opAddItems, item); err != nil {
			return err
		}
	}
	return nil
}

func (e *encoder) frozenSet(n int, item func(i int) error) error {
	return e.object(mutable, func() error {
		if e.protocol < 4 {
			return e.callSet(globalFrozenSet, n, item)
		}
		return e.batch(0, n, opFrozenSet, item)
	})
}

func (e *encoder) callSet(g global, n int, item func(i int) error) error {
	e.global(g)
	e.op(opEmptyList)
	if err := e.listItems(n, item); err != nil {
		return err
	}
	e.buf = append(e.buf, opTuple1, opReduce)
	return nil
}

// tuple writes a tuple of n items.
func (e *encoder) tuple(n int, item func(i int) error) error {
	if n == 0 {
		e.op(opEmptyTuple)
		return nil
	}
	if e.same != nil {
		return e.same.object(e, composite, func() error { return e.freshTuple(n, item) })
	}
	return e.freshTuple(n, item)
}

func (e *encoder) freshTuple(n int, item func(i int) error) error {
	if n > 3 {
		e.op(opMark)
	}
	for i := range n {
		if err := item(i); err != nil {
			return err
		}
	}
	if n > 3 {
		e.op(opTuple)
	} else {
		e.op(byte(opTuple1 - 1 + n))
	}
	return nil
}
