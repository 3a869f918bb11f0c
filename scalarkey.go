package ring

import "reflect"

// keySize is the length up to which a key of scalars is made on the stack. The buffers
// for longer ones are larger from the start.
const keySize = 128

// written is what became of the parts of a key.
type written uint8

const (
	whole     written = iota
	unfit             // an argument has another type than its parameter
	ambiguous         // they have to be written again, escaped
	crowded           // they have to be written again, where there is room for them
)

// appendScalars writes the parts of arguments that are scalars or flat structs; args are
// those of the parameters behind the first skip ones.
func appendScalars(key []byte, parts []keyPart, args []any, skip int, escaped bool) ([]byte, written) {
	for i := range parts {
		p := &parts[i]
		if i > 0 {
			key = append(key, ':')
		}
		v := args[p.at-skip]
		if typeOf(v) != p.word {
			return key, unfit
		}
		start := len(key)
		if p.scalar == scalarString { // without the call that the others take
			s := *(*string)(dataOf(v))
			if len(s) > cap(key)-start && cap(key) == keySize {
				return key, crowded
			}
			key = append(key, s...)
		} else {
			key = p.append(key, v)
		}
		if p.free {
			var ok bool
			if key, ok = delimit(key, start, escaped); !ok {
				return key, ambiguous
			}
		}
	}
	return key, whole
}

// direct tells whether the part is that of a scalar, or of a flat struct that has no
// RingKey: append can write it.
func (p *keyPart) direct() bool { return p.scalar != noScalar || p.co.flat != nil && !p.keyer }

// append writes the part of a value that has the parameter's type, if it is direct.
func (p *keyPart) append(dst []byte, v any) []byte {
	if p.scalar == noScalar {
		return p.co.flat.append(dst, v)
	}
	return p.scalar.append(dst, v)
}

// writeMethod is appendScalars for a method that is bound to a receiver of any type.
func (k *keyPlan) writeMethod(t *text, head []byte, receiver any, args []any, escaped bool) (wrote written) {
	t.buf = append(t.buf, head...)
	parts := k.parts
	if len(parts) > 0 && parts[0].at == 0 {
		start := len(t.buf)
		if parts[0].write(t, receiver) != nil {
			return unfit
		}
		if parts[0].free {
			var ok bool
			if t.buf, ok = delimit(t.buf, start, escaped); !ok {
				return ambiguous
			}
		}
		if parts = parts[1:]; len(parts) > 0 {
			t.buf = append(t.buf, ':')
		}
	}
	t.buf, wrote = appendScalars(t.buf, parts, args, 1, escaped)
	return wrote
}

// typedScalars is appendScalars for the inputs of a typed call. It reports false when they
// have to be written again, escaped.
func (k *keyPlan) typedScalars(key []byte, in []reflect.Value, escaped bool) (_ []byte, ok bool) {
	for i := range k.parts {
		p := &k.parts[i]
		if i > 0 {
			key = append(key, ':')
		}
		start := len(key)
		key = p.append(key, in[p.in].Interface())
		if p.free {
			if key, ok = delimit(key, start, escaped); !ok {
				return nil, false
			}
		}
	}
	return key, true
}
