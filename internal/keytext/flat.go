package keytext

import "unsafe"

// flat writes a struct whose fields are all scalars, directly from memory.
type flat struct {
	fields []flatField
	texts  []uintptr // where the strings among them lie
}

type flatField struct {
	lead   string          // the text before it
	short  [shortLead]byte // the lead, if it is not longer
	offset uintptr
	scalar Scalar
	quoted bool // it is a string, and not Python's
}

// shortLead is the length of a lead that is copied as a whole word, without a call.
const shortLead = 16

func (f *flatField) appendLead(dst []byte) []byte {
	if len(f.lead) > shortLead {
		return append(dst, f.lead...)
	}
	return append(dst, f.short[:]...)[:len(dst)+len(f.lead)]
}

// newFlat returns nil for a struct that is empty or not flat.
func (c *compiler) newFlat(sorted []field) *flat {
	if len(sorted) == 0 {
		return nil
	}
	s := &flat{}
	for _, f := range sorted {
		if f.co.scalar == NoScalar {
			return nil
		}
		to := flatField{lead: f.lead, offset: f.offset, scalar: f.co.scalar}
		to.quoted = to.scalar == ScalarString && !c.Python
		copy(to.short[:], f.lead)
		if to.scalar == ScalarString {
			s.texts = append(s.texts, f.offset)
		}
		s.fields = append(s.fields, to)
	}
	return s
}

// append writes the struct in v as the part of a key. It does not keep v.
func (s *flat) append(dst []byte, v any) []byte { return s.appendAt(dst, dataOf(v)) }

// appendAt writes the struct that lies at a place.
func (s *flat) appendAt(dst []byte, at unsafe.Pointer) []byte {
	for i := range s.fields {
		f := &s.fields[i]
		dst = f.appendLead(dst)
		switch p := unsafe.Add(at, f.offset); {
		case f.quoted:
			dst = appendBeforeComma(dst, *(*string)(p))
		case f.scalar == ScalarInt:
			dst = AppendInt(dst, int64(*(*int)(p)))
		default:
			dst = f.scalar.AppendAt(dst, p)
		}
	}
	return dst
}

// fits reports whether the strings of the struct that lies at a place are no longer than room.
func (s *flat) fits(at unsafe.Pointer, room int) bool {
	for _, offset := range s.texts {
		room -= len(*(*string)(unsafe.Add(at, offset)))
	}
	return room >= 0
}
