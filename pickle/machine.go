package pickle

import (
	"encoding/binary"
	"fmt"
	"math"
	"slices"
)

// A pickle is a program for a stack machine. The decoder first runs it to its end on
// nodes, small values without pointers that refer to the data. Then it turns the result
// into Go values. So a list or dict is complete when its Go value is made, whatever was
// appended to it after others began to refer to it, and a typed result is decoded
// directly.

// kind says what a node stands for.
type kind uint8

const (
	kindNone kind = iota
	kindBool
	kindInt
	kindFloat
	kindStr    // text in the data
	kindOldStr // a str of Python 2: bytes that are text if they are ASCII
	kindBytes
	kindLong    // an int beyond int64: its two's complement bytes, low ones first
	kindShared  // a leaf that is referred to more than once: decoder.leaves
	kindValue   // a Go value: decoder.leaves
	kindClass   // a known class or function: its place in knownClasses
	kindType    // a registered class: its place in decoder.classes
	kindUnknown // any other class: its place in decoder.unknown
	kindOpaque  // something that only other values use, such as a numpy.dtype: decoder.leaves
	kindList
	kindTuple
	kindDict
	kindOrderedDict
	kindSet
	kindFrozenSet
	kindUUID   // uuid.UUID before its state is set: no items
	kindObject // an object of a registered class: see object.go
)

// node is one value on the stack.
type node struct {
	kind    kind
	side    bool   // the text lies in decoder.side, not in the data
	memoed  bool   // this leaf is in the memo already
	len     uint32 // of text and bytes
	payload uint64 // the number, the offset of the text, or the place in leaves or containers
}

func (n node) isContainer() bool { return n.kind >= kindList }

// leaf is a value without items and with one identity: the result of a call, or text
// that is referred to more than once.
type leaf struct {
	raw   node // the node before; kindValue if value is all there is
	value any
}

// container is a value with items: decoder.arena[start:start+len]. A dict has keys and
// values in turn.
type container struct {
	start, len, cap int
	shared          bool // there is more than one reference to it
	given           bool // calls or objects have taken over its items
}

// decoder is the machine. Its slices keep their memory between uses.
type decoder struct {
	data       []byte
	pos        int
	stack      []node
	marks      []int
	floor      int // the topmost mark: nothing below it can be reached
	memo       []node
	sparse     map[uint64]node // memo entries that are out of order
	arena      []node
	containers []container
	leaves     []leaf
	side       []byte
	copied     int // items taken over by calls, limited by the length of the data
	classes    *classes
	unknown    []unknownClass
	offsets    map[uint64]pytzOffset // of leaves that are timezones of pytz
	unset      map[uint64]bool       // leaves that are timezones whose offset is not set yet
	missing    int                   // zones that were not found

	results // the Go values made so far
}

func (d *decoder) errorf(format string, args ...any) error {
	return fmt.Errorf("%w: byte %d: %s", ErrSyntax, d.pos, fmt.Sprintf(format, args...))
}

func (d *decoder) push(n node) { d.stack = append(d.stack, n) }

func (d *decoder) errUnderflow() error { return d.errorf("an opcode finds nothing on the stack") }

// pop takes the topmost node off the stack.
func (d *decoder) pop() (node, error) {
	last := len(d.stack) - 1
	if last < d.floor {
		return node{}, d.errUnderflow()
	}
	n := d.stack[last]
	d.stack = d.stack[:last]
	return n, nil
}

// top returns the topmost node in its place.
func (d *decoder) top() (*node, error) {
	last := len(d.stack) - 1
	if last < d.floor {
		return nil, d.errUnderflow()
	}
	return &d.stack[last], nil
}

func (d *decoder) mark() {
	d.marks = append(d.marks, len(d.stack))
	d.floor = len(d.stack)
}

// unmark removes the topmost mark and returns its place. The nodes from there on belong
// to the caller, who has to cut the stack.
func (d *decoder) unmark() (int, error) {
	last := len(d.marks) - 1
	if last < 0 {
		return 0, d.errorf("there is no mark on the stack")
	}
	at := d.marks[last]
	d.marks = d.marks[:last]
	d.floor = 0
	if last > 0 {
		d.floor = d.marks[last-1]
	}
	return at, nil
}

// take returns the next n bytes of the data.
func (d *decoder) take(n uint64) ([]byte, error) {
	if n > uint64(len(d.data)-d.pos) {
		return nil, d.errorf("%d more bytes are announced than there are", n-uint64(len(d.data)-d.pos))
	}
	b := d.data[d.pos : d.pos+int(n)]
	d.pos += int(n)
	return b, nil
}

// number takes an unsigned little-endian number of size bytes.
func (d *decoder) number(size int) (uint64, error) {
	b, err := d.take(uint64(size))
	if err != nil {
		return 0, err
	}
	switch size {
	case 1:
		return uint64(b[0]), nil
	case 2:
		return uint64(binary.LittleEndian.Uint16(b)), nil
	case 4:
		return uint64(binary.LittleEndian.Uint32(b)), nil
	}
	return binary.LittleEndian.Uint64(b), nil
}

// blob takes a length of size bytes and then as many bytes.
func (d *decoder) blob(k kind, size int) (node, error) {
	length, err := d.number(size)
	if err != nil {
		return node{}, err
	}
	if length > math.MaxUint32 {
		return node{}, d.errorf("text or bytes of over 4 GiB")
	}
	at := d.pos
	if _, err := d.take(length); err != nil {
		return node{}, err
	}
	return node{kind: k, len: uint32(length), payload: uint64(at)}, nil
}

// bytes returns the text or bytes of a node.
func (d *decoder) bytes(n node) []byte {
	if n.side {
		return d.side[n.payload : n.payload+uint64(n.len)]
	}
	return d.data[n.payload : n.payload+uint64(n.len)]
}

// raw returns the leaf that n refers to, or n itself.
func (d *decoder) raw(n node) node {
	if n.kind == kindShared {
		return d.leaves[n.payload].raw
	}
	return n
}

func (d *decoder) items(n node) []node {
	c := &d.containers[n.payload]
	return d.arena[c.start : c.start+c.len]
}

func (d *decoder) newContainer(k kind, items []node) node {
	start := len(d.arena)
	d.arena = append(d.arena, items...)
	d.containers = append(d.containers, container{start: start, len: len(items), cap: len(items)})
	return node{kind: k, payload: uint64(len(d.containers) - 1)}
}

func (d *decoder) newValue(v any) node {
	d.leaves = append(d.leaves, leaf{raw: node{kind: kindValue}, value: v})
	return node{kind: kindValue, payload: uint64(len(d.leaves) - 1)}
}

// extend appends items to a container. If other items follow the container in the arena,
// it moves to the end, with room to grow, so that many calls cost no more than a few
// copies.
func (d *decoder) extend(n node, items []node) {
	c := &d.containers[n.payload]
	switch {
	case c.len+len(items) <= c.cap:
		copy(d.arena[c.start+c.len:], items)
	case c.len == 0 || c.start+c.cap == len(d.arena):
		if c.len == 0 {
			c.start = len(d.arena)
		}
		d.arena = append(d.arena[:c.start+c.len], items...)
		c.cap = c.len + len(items)
	default:
		start := len(d.arena)
		size := 2 * (c.len + len(items))
		d.arena = slices.Grow(d.arena, size)[:start+size]
		copy(d.arena[start:], d.arena[c.start:c.start+c.len])
		copy(d.arena[start+c.len:], items)
		clear(d.arena[start+c.len+len(items):])
		c.start, c.cap = start, size
	}
	c.len += len(items)
}

// refer returns a node for one more reference to n. It turns text into a leaf, so that
// all references together cost one copy of it.
func (d *decoder) refer(n node) node {
	switch n.kind {
	case kindStr, kindOldStr, kindBytes, kindLong:
		n.memoed = false
		d.leaves = append(d.leaves, leaf{raw: n})
		return node{kind: kindShared, payload: uint64(len(d.leaves) - 1)}
	}
	if n.isContainer() {
		d.share(n)
	}
	return n
}

// share records that a container is referred to more than once.
func (d *decoder) share(n node) {
	c := &d.containers[n.payload]
	if c.shared {
		return
	}
	c.shared = true
	if c.given {
		d.referItems(n)
	}
}

// give returns the items of a container for a call or an object that takes them over. A
// container that is referred to more than once may give its items as often.
func (d *decoder) give(n node) []node {
	c := &d.containers[n.payload]
	done := c.given && n.kind == kindTuple
	c.given = true
	if c.shared && !done {
		d.referItems(n)
	}
	return d.items(n)
}

func (d *decoder) referItems(n node) {
	items := d.items(n)
	for i := range items {
		items[i] = d.refer(items[i])
	}
}

// put stores the topmost node in the memo.
func (d *decoder) put(at uint64) error {
	n, err := d.top()
	if err != nil {
		return err
	}
	if n.memoed {
		*n = d.refer(*n)
	} else if n.kind == kindStr || n.kind == kindOldStr || n.kind == kindBytes || n.kind == kindLong {
		n.memoed = true
	}
	switch size := uint64(len(d.memo)); {
	case at < size:
		d.memo[at] = *n
	case at == size:
		d.memo = append(d.memo, *n)
		delete(d.sparse, at)
	default:
		if d.sparse == nil {
			d.sparse = map[uint64]node{}
		}
		d.sparse[at] = *n
	}
	return nil
}

// get pushes the content of the memo at a place.
func (d *decoder) get(at uint64) error {
	var entry node
	inOrder := at < uint64(len(d.memo))
	if inOrder {
		entry = d.memo[at]
	} else {
		var ok bool
		if entry, ok = d.sparse[at]; !ok {
			return d.errorf("there is nothing under %d in the memo", at)
		}
	}
	n := d.refer(entry)
	if n != entry {
		if inOrder {
			d.memo[at] = n
		} else {
			d.sparse[at] = n
		}
	}
	d.push(n)
	return nil
}
