package pickle

import (
	"encoding/binary"

	"github.com/ring-go/ring/internal/pickling"
)

// Python writes an object that a value holds twice only once, and then refers to it. A
// Go value does not show whether two equal objects are one object, and in Python it
// depends: equal literals are one, text that was read is not. So if a value's pickle is
// a key, the value has a form for each way in which its equal objects can be one.
//
// A first pass, the survey, finds out which objects are equal. Then each form is written
// in its own pass, which chooses where to refer to an object written before.

func init() {
	pickling.Forms = forms
	pickling.MarshalStored = marshalStored
}

const (
	mostForms = 16   // of one value
	smallKey  = 4096 // size up to which all forms are tried
)

// objectKind says what Python does with two equal objects in literals.
type objectKind uint8

const (
	constant  objectKind = iota // makes one object of them
	composite                   // the same, if everything in them is constant: tuples
	mutable                     // makes two, or there are no literals
	unique                      // has only one of each: members of an enum
	named                       // has only one of each: the names of modules and attributes. Equal text may be the same object
)

// object is an object that Python can refer to: anything but None, bools and numbers.
type object struct {
	class    int  // equal objects have the same class
	end      int  // the place after the last object within this one
	constant bool // equal literals are one object
	unique   bool // all equal objects are one object
	named    bool // all equal named objects are one object
	leaf     bool // it holds no other objects
}

// sharing is the part of an encoder that looks for equal objects.
type sharing struct {
	objects []object // in the order in which they begin
	next    int      // the next object to begin
	open    []int    // objects that have begun: in the survey their places, then their slots

	classes map[string]int // in the survey, by content; nil: the survey is over
	texts   []bool         // in the survey, by class: whether it has objects that are not unique
	repeats bool           // some class has two objects

	choose func(o object, written int) int // 0: write it again; else which of the written ones it is
	slots  map[int][]int                   // the written objects, by class
	names  map[int]int                     // 1 + the slot of the named one, by class
}

// object writes an object with write, or a reference to an equal one.
func (s *sharing) object(e *encoder, kind objectKind, write func() error) error {
	if s.classes != nil {
		return s.survey(e, kind, write)
	}
	o := s.objects[s.next]
	if slot := s.earlier(o); slot >= 0 {
		e.refer(slot)
		s.next = o.end
		return nil
	}
	s.next++
	s.open = append(s.open, -1)
	if err := write(); err != nil {
		return err
	}
	last := len(s.open) - 1
	slot := s.open[last]
	s.open = s.open[:last]
	if slot < 0 {
		slot = e.newSlot()
	}
	s.slots[o.class] = append(s.slots[o.class], slot)
	if o.named {
		s.setName(o, slot)
	}
	return nil
}

func (s *sharing) setName(o object, slot int) {
	if s.names == nil {
		s.names = map[int]int{}
	}
	s.names[o.class] = slot + 1
}

// earlier returns the slot of the object o if it was written before, or -1.
func (s *sharing) earlier(o object) int {
	written := s.slots[o.class]
	switch {
	case len(written) == 0:
		s.choose(o, 0)
		return -1
	case o.unique:
		return written[0]
	case o.named && s.names[o.class] > 0:
		return s.names[o.class] - 1
	}
	which := s.choose(o, len(written))
	if which == 0 {
		return -1
	}
	if o.named {
		s.setName(o, written[which-1])
	}
	return written[which-1]
}

// survey determines the class of an object, and stores it in its place.
func (s *sharing) survey(e *encoder, kind objectKind, write func() error) error {
	at, start := len(s.objects), len(e.buf)
	s.objects = append(s.objects, object{constant: kind != mutable, unique: kind == unique, named: kind == named})
	s.open = append(s.open, at)
	if err := write(); err != nil {
		return err
	}
	s.open = s.open[:len(s.open)-1]
	class, found := s.classes[string(e.buf[start:])]
	if !found {
		class = len(s.classes)
		s.classes[string(e.buf[start:])] = class
		s.texts = append(s.texts, false)
	}
	text := kind != unique && kind != named
	s.repeats = s.repeats || found && (text || s.texts[class])
	s.texts[class] = s.texts[class] || text
	e.buf = binary.LittleEndian.AppendUint32(append(e.buf[:start], opLongBinGet), uint32(class))

	o := &s.objects[at]
	o.class, o.end, o.leaf = class, len(s.objects), at == len(s.objects)-1
	if n := len(s.open); n > 0 && !o.constant {
		s.objects[s.open[n-1]].constant = false
	}
	return nil
}

// begun records that the object being written can be referred to from here on: Python
// creates containers before their content.
func (e *encoder) begun() {
	if s := e.same; s != nil && s.classes == nil && len(s.open) > 0 {
		s.open[len(s.open)-1] = e.newSlot()
	}
}

// object is sharing.object, for an encoder that may have no sharing.
func (e *encoder) object(kind objectKind, write func() error) error {
	if e.same == nil {
		return write()
	}
	return e.same.object(e, kind, write)
}

// forms implements pickling.Forms.
func forms(v any, protocol int) ([][]byte, error) {
	protocol, err := writable(protocol)
	if err != nil {
		return nil, err
	}
	data, err := Marshal(v, protocol)
	if err != nil {
		return nil, err
	}
	s := sharing{classes: map[string]int{}}
	if _, err := marshal(defaultRegistry.table.Load(), protocol, func(e *encoder) error { e.same = &s; return e.value(v) }); err != nil {
		return nil, err
	}
	if !s.repeats {
		return [][]byte{data}, nil
	}
	f := former{value: v, protocol: protocol, objects: s.objects, seen: map[string]bool{}}
	if err := f.usual(data); err != nil {
		return nil, err
	}
	if len(data) <= smallKey {
		if err := f.others(); err != nil {
			return nil, err
		}
	}
	return f.all, nil
}

// former collects the forms of a value.
type former struct {
	value    any
	protocol int
	objects  []object
	all      [][]byte
	seen     map[string]bool
}

func (f *former) add(data []byte) {
	if !f.seen[string(data)] {
		f.seen[string(data)] = true
		f.all = append(f.all, data)
	}
}

// write adds the form that results from a choice.
func (f *former) write(choose func(o object, written int) int) error {
	s := &sharing{objects: f.objects, choose: choose, slots: map[int][]int{}}
	data, err := marshal(defaultRegistry.table.Load(), f.protocol, func(e *encoder) error { e.same = s; return e.value(f.value) })
	if err == nil {
		f.add(data)
	}
	return err
}

// usual adds the most likely forms: the form of literals, the plain one, the one in
// which all equal objects are one, and the one in which leaves such as text are one but
// their containers are not.
func (f *former) usual(plain []byte) error {
	if err := f.write(func(o object, written int) int { return one(o.constant && written > 0) }); err != nil {
		return err
	}
	f.add(plain)
	if err := f.write(func(_ object, written int) int { return one(written > 0) }); err != nil {
		return err
	}
	return f.write(func(o object, written int) int { return one(written > 0 && o.leaf) })
}

func one(yes bool) int {
	if yes {
		return 1
	}
	return 0
}

// others adds all other forms, up to mostForms: it counts through the possible choices,
// like an odometer.
func (f *former) others() error {
	var picks []int
	for range mostForms {
		if len(f.all) >= mostForms {
			return nil
		}
		var taken, limits []int
		err := f.write(func(_ object, written int) int {
			if written == 0 {
				return 0
			}
			pick := 0
			if len(taken) < len(picks) {
				pick = picks[len(taken)]
			}
			taken, limits = append(taken, pick), append(limits, written)
			return pick
		})
		if err != nil {
			return err
		}
		i := len(taken) - 1
		for i >= 0 && taken[i] == limits[i] {
			i--
		}
		if i < 0 {
			return nil
		}
		picks = append(taken[:i], taken[i]+1)
	}
	return nil
}

// marshalStored implements pickling.MarshalStored.
func marshalStored(classes, v any, protocol int) ([]byte, error) {
	r, _ := classes.(*Registry)
	protocol, err := writable(protocol)
	if err != nil {
		return nil, err
	}
	return marshal(r.orDefault().table.Load(), protocol, func(e *encoder) error { e.truncate = true; return e.value(v) })
}
