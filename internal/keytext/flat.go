package keytext

import "unsafe"

// flat writes a struct whose fields are all scalars, directly from memory.
type flat struct {
	first *flatField
	texts []uintptr // where the strings among the fields lie
}

type flatField struct {
	lead   string          // the text before it
	short  [shortLead]byte // the lead, if it is not longer
	offset uintptr
	scalar Scalar
	quoted bool       // it is a string, and not Python's
	next   *flatField // nil: it is the last. To follow a list takes half the instructions of a loop over a slice
}

// shortLead is the length of a lead that is copied as a whole word, without a call.
const shortLead = 16

func (f *flatField) appendLead(dst []byte) []byte {
	start := len(dst)
	if len(f.lead) > shortLead || cap(dst)-start < shortLead {
		return append(dst, f.lead...)
	}
	*(*[shortLead]byte)(unsafe.Add(unsafe.Pointer(unsafe.SliceData(dst)), start)) = f.short
	return dst[:start+len(f.lead)]
}

// newFlat returns nil for a struct that is empty or not flat.
func (c *compiler) newFlat(sorted []field) *flat {
	if len(sorted) == 0 {
		return nil
	}
	s := &flat{}
	last := &s.first
	for _, f := range sorted {
		if f.co.scalar == NoScalar {
			return nil
		}
		to := &flatField{lead: f.lead, offset: f.offset, scalar: f.co.scalar}
		to.quoted = to.scalar == ScalarString && !c.Python
		copy(to.short[:], f.lead)
		if to.scalar == ScalarString {
			s.texts = append(s.texts, f.offset)
		}
		*last, last = to, &to.next
	}
	return s
}

// append writes the struct in v as the part of a key. It does not keep v.
func (s *flat) append(dst []byte, v any) []byte { return s.appendAt(dst, dataOf(v)) }

// appendAt writes the struct that lies at a place.
func (s *flat) appendAt(dst []byte, at unsafe.Pointer) []byte {
	for f := s.first; f != nil; f = f.next {
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
