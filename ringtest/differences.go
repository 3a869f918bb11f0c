package ringtest

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// change is a part of a value that was one thing and is another.
type change struct{ path, old, now string }

// changes are some of those of a value.
type changes []change

// maxChanges is how many of the changes of one value are shown.
const maxChanges = 5

func (c changes) String() string {
	var b strings.Builder
	for i, one := range c {
		if i == maxChanges {
			b.WriteString("\n\tand more")
			break
		}
		path := one.path
		if path == "" {
			path = "the value"
		}
		fmt.Fprintf(&b, "\n\t%s: was %s, is %s", path, one.old, one.now)
	}
	return b.String()
}

// differences returns the changes between two snapshots of a value, one more than are shown
// at most.
func differences(old, now *node) changes {
	var c changes
	c.compare("", old, now)
	return c
}

func (c *changes) add(path, old, now string) { *c = append(*c, change{path, old, now}) }

func (c *changes) compare(path string, old, now *node) {
	switch {
	case len(*c) > maxChanges:
	case old.typ != now.typ, old.shape != now.shape, !sameLeaf(old.leaf, now.leaf):
		c.add(path, old.String(), now.String())
	case old.shape == raw:
		c.compareBytes(path, old, now)
	case old.shape == mapping:
		c.compareEntries(path, old, now)
	case len(old.parts) != len(now.parts):
		c.add(path, old.String(), now.String())
	case old.shape == list:
		c.compareElements(path, old, now)
	default:
		for i, p := range old.parts {
			c.compare(path+p.name, p.node, now.parts[i].node)
		}
	}
}

// compareElements writes the paths of elements only where something has changed: there can
// be very many.
func (c *changes) compareElements(path string, old, now *node) {
	for i, p := range old.parts {
		var inside changes
		inside.compare("", p.node, now.parts[i].node)
		for _, one := range inside {
			c.add(fmt.Sprintf("%s[%d]%s", path, i, one.path), one.old, one.now)
		}
		if len(*c) > maxChanges {
			return
		}
	}
}

func (c *changes) compareBytes(path string, old, now *node) {
	if len(old.bytes) != len(now.bytes) {
		c.add(path, old.String(), now.String())
		return
	}
	for i, b := range old.bytes {
		if b != now.bytes[i] {
			c.add(fmt.Sprintf("%s[%d]", path, i), fmt.Sprintf("%d of %v", b, old), fmt.Sprintf("%d of %v", now.bytes[i], now))
			return
		}
	}
}

// compareEntries goes through the entries of two maps, which are in the same order.
func (c *changes) compareEntries(path string, old, now *node) {
	a, b := old.parts, now.parts
	for len(a) > 0 || len(b) > 0 {
		switch {
		case len(b) == 0 || len(a) > 0 && a[0].name < b[0].name:
			c.add(path+a[0].name, a[0].node.String(), "nothing")
			a = a[1:]
		case len(a) == 0 || b[0].name < a[0].name:
			c.add(path+b[0].name, "nothing", b[0].node.String())
			b = b[1:]
		default:
			c.compare(path+a[0].name, a[0].node, b[0].node)
			a, b = a[1:], b[1:]
		}
	}
}

// sameLeaf compares by bits: a NaN is the same as before.
func sameLeaf(a, b any) bool {
	switch x := a.(type) {
	case float64:
		y, ok := b.(float64)
		return ok && math.Float64bits(x) == math.Float64bits(y)
	case complex128:
		y, ok := b.(complex128)
		return ok && sameLeaf(real(x), real(y)) && sameLeaf(imag(x), imag(y))
	}
	return a == b
}

// maxText is how much of a value is shown.
const maxText = 120

// String is about the %v of the value.
func (n *node) String() string {
	var b strings.Builder
	n.write(&b)
	if b.Len() > maxText {
		return strings.ToValidUTF8(b.String()[:maxText], "") + "…"
	}
	return b.String()
}

func (n *node) write(b *strings.Builder) {
	if b.Len() > maxText {
		return
	}
	switch n.shape {
	case leaf:
		b.WriteString(n.leafText())
	case raw:
		b.WriteString(strconv.Quote(string(n.bytes)))
	case inside:
		if n.typ.Name() == "" && n.typ.String()[0] == '*' {
			b.WriteByte('&')
		}
		n.parts[0].node.write(b)
	case fields:
		n.writeParts(b, "{", "}", func(name string) string { return name[1:] + ":" })
	case list:
		n.writeParts(b, "[", "]", func(string) string { return "" })
	case mapping:
		n.writeParts(b, "map[", "]", func(name string) string { return name[1:len(name)-1] + ":" })
	default:
		b.WriteString("…")
	}
}

func (n *node) writeParts(b *strings.Builder, begin, end string, label func(name string) string) {
	b.WriteString(begin)
	for i, p := range n.parts {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(label(p.name))
		p.node.write(b)
	}
	b.WriteString(end)
}

func (n *node) leafText() string {
	switch x := n.leaf.(type) {
	case nil:
		return "nil"
	case string:
		return strconv.Quote(x)
	case address:
		return fmt.Sprintf("%v(%#x)", n.typ, uintptr(x))
	}
	return fmt.Sprint(n.leaf)
}
