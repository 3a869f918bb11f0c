package hit

import (
	"context"
	"unsafe"
)

// Asking is part of a plan for calls whose context can hold options.
type Asking struct {
	plan *Plan // for calls without options
	has  func(context.Context) bool
}

// Asking returns a plan that leaves calls to the long way for whose contexts has returns
// true. Others it answers as h does.
func (h *Plan) Asking(has func(context.Context) bool) *Plan {
	asking := *h
	asking.asking = &Asking{h, has}
	asking.way, asking.Plain, asking.OnlyScalars, asking.ScalarCalls = General, false, false, false
	return &asking
}

// Asks tells whether the plan looks for options.
func (h *Plan) Asks() bool { return h.asking != nil }

// For returns the plan for a call with the context ctx; nil: it has options.
func (h *Plan) For(ctx context.Context) *Plan {
	switch a := h.asking; {
	case a == nil:
		return h
	case a.has(ctx):
		return nil
	default:
		return a.plan
	}
}

// WithoutContext returns the plan for a call without a context of its own.
func (h *Plan) WithoutContext() *Plan {
	if h.asking != nil {
		return h.asking.plan
	}
	return h
}

// askAt is ProbeAt for a plan that asks. Other plans cannot write the key.
func (h *Plan) askAt(bound any, isBound bool, at []unsafe.Pointer) (value any, key string, f Found) {
	a := h.asking
	if a == nil {
		return nil, "", Elsewhere
	}
	if ctx := *(*context.Context)(at[h.contextPlace(isBound)]); ctx != nil && a.has(ctx) {
		return nil, "", Elsewhere
	}
	return a.plan.ProbeAt(bound, isBound, at)
}

// contextPlace returns the place of the context among the inputs of a typed call.
func (h *Plan) contextPlace(isBound bool) int {
	if isBound {
		return max(h.fn.ContextAt-1, 0)
	}
	return h.fn.ContextAt
}
