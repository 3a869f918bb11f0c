package pickle

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"unicode/utf8"
)

// run executes the data up to STOP and returns the topmost value. As in Python, it
// ignores what is below that value and what follows STOP.
func (d *decoder) run() (node, error) {
	for d.pos < len(d.data) {
		op := d.data[d.pos]
		d.pos++
		if op == opStop {
			return d.pop()
		}
		if err := d.execute(op); err != nil {
			return node{}, err
		}
	}
	return node{}, d.errorf("the data ends without STOP")
}

// execute performs an opcode. It is a table, however long.
func (d *decoder) execute(op byte) error {
	switch op {
	case opShortBinUnicode:
		return d.shortUnicode()
	case opNone:
		d.push(node{})
	case opNewTrue:
		d.push(node{kind: kindBool, payload: 1})
	case opNewFalse:
		d.push(node{kind: kindBool})
	case opBinInt1:
		return d.binInt(1)
	case opBinInt2:
		return d.binInt(2)
	case opBinInt:
		return d.binInt(4)
	case opLong1:
		return d.long(1)
	case opLong4:
		return d.long(4)
	case opBinFloat:
		return d.binFloat()
	case opInt, opLong, opFloat, opString, opUnicode, opGlobal, opInst, opGet, opPut, opPersID:
		return d.textual(op)

	case opBinUnicode:
		return d.unicode(4)
	case opBinUnicode8:
		return d.unicode(8)
	case opShortBinString:
		return d.pushBlob(kindOldStr, 1)
	case opBinString:
		return d.pushBlob(kindOldStr, 4)
	case opShortBinBytes:
		return d.pushBlob(kindBytes, 1)
	case opBinBytes:
		return d.pushBlob(kindBytes, 4)
	case opBinBytes8:
		return d.pushBlob(kindBytes, 8)
	case opByteArray8:
		return d.byteArray()

	case opMark:
		d.mark()
	case opEmptyList:
		d.push(d.newContainer(kindList, nil))
	case opEmptyTuple:
		d.push(d.newContainer(kindTuple, nil))
	case opEmptyDict:
		d.push(d.newContainer(kindDict, nil))
	case opEmptySet:
		d.push(d.newContainer(kindSet, nil))
	case opTuple1, opTuple2, opTuple3:
		return d.tuple(int(op-opTuple1) + 1)
	case opTuple:
		return d.collect(kindTuple)
	case opList:
		return d.collect(kindList)
	case opDict:
		return d.collect(kindDict)
	case opFrozenSet:
		return d.collect(kindFrozenSet)
	case opAppend:
		return d.appendOne()
	case opSetItem:
		return d.setItem()
	case opAppends:
		return d.addMany(opAppends)
	case opSetItems:
		return d.addMany(opSetItems)
	case opAddItems:
		return d.addMany(opAddItems)

	case opMemoize:
		return d.put(uint64(len(d.memo) + len(d.sparse)))
	case opBinPut:
		return d.numbered(1, d.put)
	case opLongBinPut:
		return d.numbered(4, d.put)
	case opBinGet:
		return d.numbered(1, d.get)
	case opLongBinGet:
		return d.numbered(4, d.get)

	case opPop:
		return d.discard()
	case opPopMark:
		at, err := d.unmark()
		if err == nil {
			d.stack = d.stack[:at]
		}
		return err
	case opDup:
		return d.dup()

	case opProto:
		return d.proto()
	case opFrame:
		return d.frame()
	case opStackGlobal:
		return d.stackGlobal()
	case opReduce:
		return d.reduce()
	case opNewObj:
		return d.newObject()
	case opBuild:
		return d.build()
	case opNewObjEx:
		return d.newObjectEx()
	case opObj:
		return d.markedObject()
	case opExt1, opExt2, opExt4:
		return fmt.Errorf("pickle: byte %d: an extension code of Python's copyreg: %w", d.pos, errors.ErrUnsupported)
	case opBinPersID:
		return d.errPersID()
	case opNextBuffer, opReadOnlyBuffer:
		return fmt.Errorf("pickle: byte %d: an out-of-band buffer, have Python pickle without buffer_callback: %w", d.pos, errors.ErrUnsupported)
	default:
		return d.errorf("unknown opcode %#02x", op)
	}
	return nil
}

func (d *decoder) errPersID() error {
	return fmt.Errorf("pickle: byte %d: a persistent id: %w", d.pos, errors.ErrUnsupported)
}

func (d *decoder) proto() error {
	v, err := d.number(1)
	if err == nil && v > highestProtocol {
		err = d.errorf("protocol %d is not known", v)
	}
	return err
}

// frame checks that the frame is within the data. A reader that has all the data needs
// no more of its bounds.
func (d *decoder) frame() error {
	n, err := d.number(8)
	if err == nil && n > uint64(len(d.data)-d.pos) {
		err = d.errorf("a frame of %d bytes, but only %d follow", n, len(d.data)-d.pos)
	}
	return err
}

func (d *decoder) numbered(size int, do func(uint64) error) error {
	at, err := d.number(size)
	if err != nil {
		return err
	}
	return do(at)
}

func (d *decoder) binInt(size int) error {
	v, err := d.number(size)
	if err != nil {
		return err
	}
	if size == 4 {
		v = uint64(int32(v))
	}
	d.push(node{kind: kindInt, payload: v})
	return nil
}

func (d *decoder) long(size int) error {
	n, err := d.blob(kindLong, size)
	if err != nil {
		return err
	}
	if n.len > math.MaxInt32 {
		return d.errorf("an int of a negative number of bytes")
	}
	b := d.bytes(n)
	n.len = uint32(longSize(b))
	if b = b[:n.len]; len(b) <= 8 {
		n = node{kind: kindInt, payload: uint64(shortLong(b))}
	}
	d.push(n)
	return nil
}

// longSize returns how many bytes of two's complement, low ones first, are more than
// padding: a kindLong is always beyond int64, and its length tells its size.
func longSize(b []byte) int {
	n := len(b)
	for n > 1 && (b[n-1] == 0 && b[n-2] < 0x80 || b[n-1] == 0xFF && b[n-2] >= 0x80) {
		n--
	}
	return n
}

// shortLong reads up to 8 bytes of two's complement, low ones first.
func shortLong(b []byte) int64 {
	if len(b) == 0 {
		return 0
	}
	var v uint64
	for i, c := range b {
		v |= uint64(c) << (8 * i)
	}
	unused := 64 - 8*len(b)
	return int64(v<<unused) >> unused
}

func (d *decoder) binFloat() error {
	b, err := d.take(8)
	if err != nil {
		return err
	}
	d.push(node{kind: kindFloat, payload: binary.BigEndian.Uint64(b)})
	return nil
}

func (d *decoder) pushBlob(k kind, size int) error {
	n, err := d.blob(k, size)
	if err == nil {
		d.push(n)
	}
	return err
}

// shortUnicode is unicode(1), inlined: most of a usual pickle is short text.
func (d *decoder) shortUnicode() error {
	rest := d.data[d.pos:]
	if len(rest) == 0 || len(rest) <= int(rest[0]) || !utf8.Valid(rest[1:1+int(rest[0])]) {
		return d.unicode(1)
	}
	d.push(node{kind: kindStr, len: uint32(rest[0]), payload: uint64(d.pos + 1)})
	d.pos += 1 + int(rest[0])
	return nil
}

func (d *decoder) unicode(size int) error {
	n, err := d.blob(kindStr, size)
	if err != nil {
		return err
	}
	if !validText(d.bytes(n)) {
		return d.errorf("a str that is not UTF-8")
	}
	d.push(n)
	return nil
}

func (d *decoder) byteArray() error {
	n, err := d.blob(kindBytes, 8)
	if err == nil {
		d.push(d.newValue(ByteArray(append([]byte{}, d.bytes(n)...))))
	}
	return err
}

func (d *decoder) tuple(size int) error {
	at := len(d.stack) - size
	if at < d.floor {
		return d.errUnderflow()
	}
	t := d.newContainer(kindTuple, d.stack[at:])
	d.stack = append(d.stack[:at], t)
	return nil
}

// collect makes a container of everything down to the mark.
func (d *decoder) collect(k kind) error {
	at, err := d.unmark()
	if err != nil {
		return err
	}
	if k == kindDict && (len(d.stack)-at)%2 != 0 {
		return d.errorf("a dict key without a value")
	}
	c := d.newContainer(k, d.stack[at:])
	d.stack = append(d.stack[:at], c)
	return nil
}

func (d *decoder) appendOne() error {
	at := len(d.stack) - 2
	if at < d.floor {
		return d.errUnderflow()
	}
	if d.stack[at].kind == kindObject {
		return errItems(d.classOf(d.stack[at]), "list")
	}
	if d.stack[at].kind != kindList {
		return d.errorf("APPEND to something that is not a list")
	}
	d.extend(d.stack[at], d.stack[at+1:])
	d.stack = d.stack[:at+1]
	return nil
}

func (d *decoder) setItem() error {
	at := len(d.stack) - 3
	if at < d.floor {
		return d.errUnderflow()
	}
	if err := d.setItems(d.stack[at], d.stack[at+1:]); err != nil {
		return err
	}
	d.stack = d.stack[:at+1]
	return nil
}

// setItems sets keys to values; in a list the keys are indexes.
func (d *decoder) setItems(n node, pairs []node) error {
	switch n.kind {
	case kindDict, kindOrderedDict:
		d.extend(n, pairs)
		return nil
	case kindList:
		return d.setIndexes(d.items(n), pairs)
	case kindObject:
		return errItems(d.classOf(n), "dict")
	}
	return d.errorf("SETITEM on something that is not a dict")
}

func (d *decoder) setIndexes(list, pairs []node) error {
	for i := 0; i < len(pairs); i += 2 {
		at := int64(pairs[i].payload)
		if at < 0 {
			at += int64(len(list))
		}
		if k := pairs[i].kind; k != kindInt && k != kindBool || at < 0 || at >= int64(len(list)) {
			return d.errorf("SETITEM with an index that the list does not have")
		}
		list[at] = pairs[i+1]
	}
	return nil
}

// addMany adds everything down to the mark to the container below it.
func (d *decoder) addMany(op byte) error {
	at, err := d.unmark()
	if err != nil {
		return err
	}
	if at-1 < d.floor {
		return d.errUnderflow()
	}
	container, items := d.stack[at-1], d.stack[at:]
	switch {
	case op == opSetItems && len(items)%2 != 0:
		return d.errorf("a dict key without a value")
	case op == opSetItems:
		err = d.setItems(container, items)
	case op == opAppends && container.kind == kindList, op == opAddItems && container.kind == kindSet:
		d.extend(container, items)
	case op == opAppends && container.kind == kindObject:
		err = errItems(d.classOf(container), "list")
	case op == opAddItems && container.kind == kindObject:
		err = errItems(d.classOf(container), "set")
	default:
		err = d.errorf("opcode %q on something of another type", op)
	}
	d.stack = d.stack[:at]
	return err
}

// discard drops the topmost value, or the mark if that is on top.
func (d *decoder) discard() error {
	if len(d.marks) > 0 && len(d.stack) == d.floor {
		_, err := d.unmark()
		return err
	}
	_, err := d.pop()
	return err
}

func (d *decoder) dup() error {
	n, err := d.top()
	if err != nil {
		return err
	}
	*n = d.refer(*n)
	d.push(*n)
	return nil
}
