package keytext

import "unsafe"

// flat writes a struct whose fields are all scalars, directly from memory.
type flat struct {
	fields []flatField
	python bool // strings unchanged
}

type flatField struct {
	lead   string // the text before it
	offset uintptr
	scalar scalar
}

// newFlat returns nil for a struct that is empty or not flat.
func (c *Compiler) newFlat(sorted []field) *flat {
	if len(sorted) == 0 {
		return nil
	}
	s := &flat{python: c.Python}
	for _, f := range sorted {
		if f.co.scalar == NoScalar {
			return nil
		}
		s.fields = append(s.fields, flatField{f.lead, f.offset, f.co.scalar})
	}
	return s
}

// append writes the struct in v as the part of a key. It does not keep v.
func (s *flat) append(dst []byte, v any) []byte {
	at := DataOf(v)
	for i := range s.fields {
		f := &s.fields[i]
		dst = append(dst, f.lead...)
		if p := unsafe.Add(at, f.offset); f.scalar == ScalarString && !s.python {
			dst = appendItem(dst, *(*string)(p))
		} else {
			dst = f.scalar.appendAt(dst, p)
		}
	}
	return dst
}
