package hit

import (
	"unsafe"

	"github.com/ring-go/ring/internal/keytext"
)

// A typed function hands over where its inputs lie, in the order that the function has them,
// but for the receiver of a bound one. They are read there, and nothing is boxed.

// ProbeAt is Probe with Get for the inputs of a typed function. It reports Elsewhere where
// a part of the key is neither a scalar nor a flat struct.
func (h *Plan) ProbeAt(bound any, isBound bool, at []unsafe.Pointer) (value any, key string, f Found) {
	switch {
	case h.way == One && !isBound:
		return h.probeOneAt(at[h.plan.Parts[0].In])
	case h.way == General || h.way == Method && !isBound:
		return h.askAt(bound, isBound, at)
	case isBound:
		return h.probeMethodAt(bound, at)
	}
	buf := h.start
	text, wrote := keytext.AppendAt(buf[:len(h.head)], h.plan.Parts, at, 0, false)
	if wrote == keytext.Ambiguous {
		text, wrote = keytext.AppendAt(buf[:len(h.head)], h.plan.Parts, at, 0, true)
	}
	if wrote == keytext.Crowded {
		return h.probeLongAt(at)
	}
	return h.do(Get, text)
}

// probeOneAt is ProbeAt for a single scalar.
func (h *Plan) probeOneAt(at unsafe.Pointer) (value any, key string, f Found) {
	buf := h.one.start
	text := buf[:len(h.head)]
	switch h.one.scalar {
	case keytext.ScalarString:
		s := *(*string)(at)
		if len(s) > len(buf)-len(text) {
			return h.probeLongOne(s)
		}
		keytext.CopyText(buf[len(text):], s)
		text = buf[:len(text)+len(s)]
	case keytext.ScalarInt:
		text = keytext.AppendInt(text, int64(*(*int)(at)))
	default:
		text = h.one.scalar.AppendAt(text, at)
	}
	if h.cache != nil {
		if value, ok := h.hits.GetBytes(text); ok {
			if h.accepts(value) {
				return value, "", Present
			}
			h.hits.TakeBack(1) // the long way counts it
		}
		return h.missing(text)
	}
	return h.doAged(Get, text)
}

// probeLongOne is probeOneAt for a text that is too long for the stack.
func (h *Plan) probeLongOne(s string) (value any, key string, f Found) {
	t := keytext.GetText()
	t.Buf = append(append(t.Buf, h.head...), s...)
	value, key, f = h.do(Get, t.Buf)
	keytext.PutText(t)
	return value, key, f
}

// probeLongAt is ProbeAt for a key that is too long for the stack.
func (h *Plan) probeLongAt(at []unsafe.Pointer) (value any, key string, f Found) {
	t := keytext.GetText()
	var wrote keytext.Written
	t.Buf, wrote = keytext.AppendAt(append(t.Buf, h.head...), h.plan.Parts, at, 0, false)
	if wrote == keytext.Ambiguous {
		t.Buf, _ = keytext.AppendAt(append(t.Buf[:0], h.head...), h.plan.Parts, at, 0, true)
	}
	value, key, f = h.do(Get, t.Buf)
	keytext.PutText(t)
	return value, key, f
}

// probeMethodAt is ProbeAt for a method that is bound to a receiver of any type.
func (h *Plan) probeMethodAt(bound any, at []unsafe.Pointer) (value any, key string, f Found) {
	t := keytext.GetText()
	wrote := h.plan.WriteMethodAt(t, h.head, bound, at, false)
	if wrote == keytext.Ambiguous {
		t.Buf = t.Buf[:0]
		wrote = h.plan.WriteMethodAt(t, h.head, bound, at, true)
	}
	if wrote == keytext.Whole {
		value, key, f = h.do(Get, t.Buf)
	}
	keytext.PutText(t)
	return value, key, f
}

// ProbeValues is ProbeAt for inputs of any types, boxed, without the context and with the
// receiver.
func (h *Plan) ProbeValues(values []any) (value any, key string, f Found) {
	t := keytext.GetText()
	if h.plan.Write(t, nil, values) == nil {
		value, key, f = h.do(Get, t.Buf)
	}
	keytext.PutText(t)
	return value, key, f
}
