package keytext

import (
	"reflect"
	"unsafe"
)

// KeySize is the length up to which a key of scalars is made on the stack. Buffers for
// longer keys are larger from the start.
const KeySize = 128

// Written says what happened to the parts of a key.
type Written uint8

const (
	Whole     Written = iota
	Unfit             // an argument has another type than its parameter
	Ambiguous         // write them again, escaped
	Crowded           // write them again, to a larger buffer
)

// AppendScalars writes the parts of arguments that are scalars or flat structs. args
// belong to the parameters after the first skip ones.
func AppendScalars(key []byte, parts []keyPart, args []any, skip int, escaped bool) ([]byte, Written) {
	for i := range parts {
		p := &parts[i]
		if i > 0 {
			key = append(key, ':')
		}
		v := &args[p.At-skip]
		if TypeAt(v) != p.word {
			return key, Unfit
		}
		start := len(key)
		switch p.scalar { // append, inlined for the most frequent kinds
		case ScalarString:
			s := StringIn(*v)
			if len(s) > cap(key)-start && cap(key) == KeySize {
				return key, Crowded
			}
			key = append(key, s...)
		case NoScalar:
			key = p.co.flat.append(key, *v)
		default:
			key = p.scalar.Append(key, *v)
		}
		if p.escapable {
			var ok bool
			if key, ok = delimit(key, start, escaped); !ok {
				return key, Ambiguous
			}
		}
	}
	return key, Whole
}

// Scalar returns the kind of scalar of the part.
func (p *keyPart) Scalar() Scalar { return p.scalar }

// Direct reports whether append can write the part: it is a scalar, or a flat struct
// without a RingKey.
func (p *keyPart) Direct() bool { return p.scalar != NoScalar || p.co.flat != nil && !p.keyer }

// append writes the part of a value that has the parameter's type, if it is direct.
func (p *keyPart) append(dst []byte, v any) []byte {
	if p.scalar == NoScalar {
		return p.co.flat.append(dst, v)
	}
	return p.scalar.Append(dst, v)
}

// WriteMethod is AppendScalars for a method bound to a receiver of any type.
func (k *Plan) WriteMethod(t *Text, head []byte, receiver any, args []any, escaped bool) (wrote Written) {
	parts, wrote := k.writeReceiver(t, head, receiver, escaped)
	if wrote == Whole {
		t.Buf, wrote = AppendScalars(t.Buf, parts, args, 1, escaped)
	}
	return wrote
}

// writeReceiver writes the head of a key and the part of the receiver, if that is one. It
// returns the parts that follow.
func (k *Plan) writeReceiver(t *Text, head []byte, receiver any, escaped bool) (rest []keyPart, wrote Written) {
	t.Buf = append(t.Buf, head...)
	parts := k.Parts
	if len(parts) == 0 || parts[0].At != 0 {
		return parts, Whole
	}
	start := len(t.Buf)
	if parts[0].write(t, receiver) != nil {
		return nil, Unfit
	}
	if parts[0].escapable {
		var ok bool
		if t.Buf, ok = delimit(t.Buf, start, escaped); !ok {
			return nil, Ambiguous
		}
	}
	if parts = parts[1:]; len(parts) > 0 {
		t.Buf = append(t.Buf, ':')
	}
	return parts, Whole
}

// TypedScalars is AppendScalars for the inputs of a typed call. It returns false if
// they have to be written again, escaped.
func (k *Plan) TypedScalars(key []byte, in []reflect.Value, escaped bool) (_ []byte, ok bool) {
	for i := range k.Parts {
		p := &k.Parts[i]
		if i > 0 {
			key = append(key, ':')
		}
		start := len(key)
		key = p.append(key, in[p.In].Interface())
		if p.escapable {
			if key, ok = delimit(key, start, escaped); !ok {
				return nil, false
			}
		}
	}
	return key, true
}

// AppendAt is AppendScalars for values where they lie: at has the places of the inputs
// behind the first skip ones.
func AppendAt(key []byte, parts []keyPart, at []unsafe.Pointer, skip int, escaped bool) ([]byte, Written) {
	for i := range parts {
		p := &parts[i]
		if i > 0 {
			key = append(key, ':')
		}
		start, from := len(key), at[p.In-skip]
		switch {
		case p.scalar == ScalarString:
			s := *(*string)(from)
			if len(s) > cap(key)-start && cap(key) == KeySize {
				return key, Crowded
			}
			key = append(key, s...)
		case p.scalar == ScalarInt:
			key = AppendInt(key, int64(*(*int)(from)))
		case p.scalar == NoScalar:
			if cap(key) == KeySize && !p.co.flat.fits(from, KeySize-start) {
				return key, Crowded
			}
			key = p.co.flat.appendAt(key, from)
		default:
			key = p.scalar.AppendAt(key, from)
		}
		if p.escapable {
			var ok bool
			if key, ok = delimit(key, start, escaped); !ok {
				return key, Ambiguous
			}
		}
	}
	return key, Whole
}

// WriteMethodAt is WriteMethod for values where they lie.
func (k *Plan) WriteMethodAt(t *Text, head []byte, receiver any, at []unsafe.Pointer, escaped bool) (wrote Written) {
	parts, wrote := k.writeReceiver(t, head, receiver, escaped)
	if wrote == Whole {
		t.Buf, wrote = AppendAt(t.Buf, parts, at, 1, escaped)
	}
	return wrote
}
