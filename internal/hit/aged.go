package hit

import "time"

// Aging says how much time has to be left to a value.
type Aging struct {
	Call time.Duration // for a call that would run the function
	Look time.Duration // for one that would not
}

// doAged is do where the values have an age, or lie elsewhere.
func (h *Plan) doAged(op Op, text []byte) (value any, key string, f Found) {
	if h.aging == nil {
		return h.missing(text)
	}
	margin := h.aging.Look
	switch op {
	case Get:
		margin = h.aging.Call
		fallthrough
	case LookUp:
		switch value, ok := h.hits.GetFreshBytes(text, margin); {
		case ok && h.accepts(value):
			return value, "", Present
		case ok:
			h.hits.TakeBack(1) // the long way counts it
		case op == LookUp:
			h.hits.CountMisses(1)
			return nil, "", Absent
		}
	case Has:
		return nil, "", found(h.hits.HasFreshBytes(text, margin))
	}
	return h.missing(text)
}
