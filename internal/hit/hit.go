// Package hit answers simple calls from an LruCache: calls with positional arguments
// that have their parameters' types. It writes the key without binding the arguments,
// and looks it up without making a string. It leaves other calls to package callable,
// which makes the same key.
//
// Which function serves which calls:
//
//	Call, unbound, all parts scalars      ProbeScalars   on the stack
//	Call, bound, all but the receiver's   ProbeMethod    in a buffer of the pool
//	Call, anything else that is simple    Probe          in a buffer of the pool
//	the cached function with its type     ProbeTyped     as above, by reflect.Value
//	bulk calls                            Key            no look-up
package hit

import (
	"context"
	"reflect"
	"sync/atomic"

	"github.com/ring-go/ring/internal/callable"
	"github.com/ring-go/ring/internal/keytext"
	"github.com/ring-go/ring/internal/signature"
	"github.com/ring-go/ring/lrucache"
)

// Plan says how to answer the calls of one rope.
type Plan struct {
	// MayHaveContext: the first argument may be a context.
	MayHaveContext bool
	// MayHaveKwargs: the last parameter could take a map, which could also be keyword
	// arguments.
	MayHaveKwargs bool
	// Plain: ProbeScalars takes the arguments of a Call unchanged. There is no receiver,
	// context or keyword argument among them.
	Plain bool
	// OnlyScalars: all parameters but a receiver are scalars, in the key or not.
	OnlyScalars bool

	kind    Kind
	fn      *callable.Callable
	plan    *keytext.Plan
	cache   *lrucache.LruCache    // nil: another storage, or one with a coder
	hits    *atomic.Int64         // the rope's count
	head    []byte                // the prefix and, if there are parts, their first colon
	start   [keytext.KeySize]byte // a buffer that begins with the head
	words   []keytext.TypeWord    // the types of the parameters; nil: an interface
	partial bool                  // some parameters are not part of the key
	result  reflect.Type          // nil: the function has no result
	word    keytext.TypeWord      // the result's
	dynamic bool                  // result is an interface
}

// Kind says what the parts of a key are. The zero Kind is General.
type Kind uint8

const (
	General Kind = iota // of any type
	Method              // scalars or flat structs, except the receiver
	Scalars             // scalars or flat structs
)

// Kind returns what the parts of the keys are.
func (h *Plan) Kind() Kind { return h.kind }

// New returns the plan of a rope, or nil if it has no simple calls. cache holds the
// values themselves, or is nil; hits is the rope's count.
func New(fn *callable.Callable, plan *keytext.Plan, cache *lrucache.LruCache, hits *atomic.Int64) *Plan {
	h := &Plan{fn: fn, plan: plan, hits: hits, MayHaveContext: fn.ContextAt >= 0, OnlyScalars: true, result: fn.Result, word: keytext.WordOf(fn.Result)}
	h.dynamic = h.result != nil && h.result.Kind() == reflect.Interface
	h.partial = len(plan.Parts) < len(fn.Params)
	h.head = []byte(plan.Prefix)
	if len(plan.Parts) > 0 {
		h.head = append(h.head, ':')
	}
	h.kind = kindOf(fn, plan, copy(h.start[:], h.head) == len(h.head))
	for i := range fn.Params {
		p := &fn.Params[i]
		if p.Kind != signature.PositionalOnly && p.Kind != signature.PositionalOrKeyword {
			return nil
		}
		h.words = append(h.words, keytext.WordOf(p.Type))
		h.OnlyScalars = h.OnlyScalars && (keytext.ScalarOf(p.Type.Kind()) != keytext.NoScalar || fn.Receiver && i == 0)
		h.MayHaveKwargs = p.Type.Kind() == reflect.Interface || p.Type.Kind() == reflect.Map
	}
	h.Plain = h.kind == Scalars && !fn.Receiver && !h.MayHaveContext && !h.MayHaveKwargs
	if plan.Plain && len(fn.Results) <= 1 {
		h.cache = cache
	}
	return h
}

// kindOf returns the kind of the parts. fits tells whether the head of a key leaves room
// on the stack.
func kindOf(fn *callable.Callable, plan *keytext.Plan, fits bool) Kind {
	kind := Scalars
	if !fits {
		kind = Method
	}
	for i := range plan.Parts {
		p := &plan.Parts[i]
		switch {
		case p.Direct():
		case fn.Receiver && p.At == 0:
			kind = min(kind, Method)
		default:
			return General
		}
	}
	return kind
}

// Cached reports whether the plan looks up values.
func (h *Plan) Cached() bool { return h.cache != nil }

// Found is what is known of a call after its key was looked up.
type Found uint8

const (
	Elsewhere Found = iota // the call is not simple
	Missing                // there is no value, or no LruCache
	Present
)

// Probe returns the value of a call, or else its key.
func (h *Plan) Probe(bound any, isBound bool, args []any) (value any, key string, f Found) {
	switch {
	case h.kind == Scalars && !isBound:
		return h.ProbeScalars(args)
	case h.kind != General && isBound:
		return h.ProbeMethod(bound, args)
	}
	t := keytext.GetText()
	if h.writeKey(t, bound, isBound, args) {
		value, key, f = h.lookUp(t.Buf)
	}
	keytext.PutText(t) // no defer: after a panic the pool loses t
	return value, key, f
}

// ProbeScalars is Probe for arguments that are all scalars. It does not keep them, so a
// caller that does not either can have them on the stack.
func (h *Plan) ProbeScalars(args []any) (value any, key string, f Found) {
	if len(args) != len(h.fn.Params) || h.partial && !h.allFit(args, 0) {
		return nil, "", Elsewhere
	}
	buf := h.start
	text, wrote := keytext.AppendScalars(buf[:len(h.head)], h.plan.Parts, args, 0, false)
	if wrote == keytext.Ambiguous {
		text, wrote = keytext.AppendScalars(buf[:len(h.head)], h.plan.Parts, args, 0, true)
	}
	switch wrote {
	case keytext.Unfit:
		return nil, "", Elsewhere
	case keytext.Crowded:
		return h.probeLong(args)
	}
	if h.cache != nil { // lookUp, inlined
		if value, ok := h.cache.GetBytes(text); ok && h.accepts(value) {
			h.hits.Add(1)
			return value, "", Present
		}
	}
	return h.missing(text)
}

// probeLong is ProbeScalars for a key that is too long for the stack.
func (h *Plan) probeLong(args []any) (value any, key string, f Found) {
	t := keytext.GetText()
	var wrote keytext.Written
	t.Buf, wrote = keytext.AppendScalars(append(t.Buf, h.head...), h.plan.Parts, args, 0, false)
	if wrote == keytext.Ambiguous {
		t.Buf, wrote = keytext.AppendScalars(append(t.Buf[:0], h.head...), h.plan.Parts, args, 0, true)
	}
	if wrote == keytext.Whole {
		value, key, f = h.lookUp(t.Buf)
	}
	keytext.PutText(t)
	return value, key, f
}

// ProbeMethod is ProbeScalars for a method bound to a receiver of any type.
func (h *Plan) ProbeMethod(bound any, args []any) (value any, key string, f Found) {
	if len(args) != len(h.fn.Params)-1 || h.partial && !h.allFit(args, 1) {
		return nil, "", Elsewhere
	}
	t := keytext.GetText()
	wrote := h.plan.WriteMethod(t, h.head, bound, args, false)
	if wrote == keytext.Ambiguous {
		t.Buf = t.Buf[:0]
		wrote = h.plan.WriteMethod(t, h.head, bound, args, true)
	}
	if wrote == keytext.Whole {
		value, key, f = h.lookUp(t.Buf)
	}
	keytext.PutText(t)
	return value, key, f
}

// lookUp looks up the text of a key in the cache, if there is one.
func (h *Plan) lookUp(text []byte) (value any, key string, f Found) {
	if h.cache != nil {
		if value, ok := h.cache.GetBytes(text); ok && h.accepts(value) {
			h.hits.Add(1)
			return value, "", Present
		}
	}
	return h.missing(text)
}

// missing returns the key of a call that has no value yet.
func (h *Plan) missing(text []byte) (value any, key string, f Found) {
	key, err := h.plan.Finish(string(text))
	if err != nil {
		return nil, "", Elsewhere
	}
	return nil, key, Missing
}

// accepts reports whether a value, which others may have stored in the cache, is a
// result of the function.
func (h *Plan) accepts(value any) bool {
	// Both are nil for a function without a result.
	return keytext.TypeOf(value) == h.word || h.dynamic && h.implements(value)
}

func (h *Plan) implements(value any) bool {
	return h.result.NumMethod() == 0 || value == nil || reflect.TypeOf(value).Implements(h.result)
}

// allFit reports whether the arguments have the types of their parameters, which begin
// after the first skip ones. It also checks those that are not part of the key: a wrong
// call must not be answered.
func (h *Plan) allFit(args []any, skip int) bool {
	for i, arg := range args {
		if !h.fits(i+skip, arg) {
			return false
		}
	}
	return true
}

func (h *Plan) fits(i int, arg any) bool {
	if word := h.words[i]; word != nil {
		return keytext.TypeOf(arg) == word
	}
	_, isContext := arg.(context.Context)
	return arg != nil && h.fn.Params[i].Type.NumMethod() == 0 && !isContext
}

// writeKey writes the key of arguments of any type to t.
func (h *Plan) writeKey(t *keytext.Text, bound any, isBound bool, args []any) bool {
	skip := 0
	if isBound {
		if skip = 1; bound == nil {
			return false
		}
	}
	if len(args)+skip != len(h.fn.Params) {
		return false
	}
	return h.allFit(args, skip) && h.plan.Write(t, bound, args) == nil
}

// Key returns the key of a call for a bulk call. It returns false if the call is not
// simple.
func (h *Plan) Key(bound any, isBound bool, args []any) (string, bool) {
	t := keytext.GetText()
	defer keytext.PutText(t)
	if !h.writeKey(t, bound, isBound, args) {
		return "", false
	}
	key, err := h.plan.Finish(string(t.Buf))
	return key, err == nil
}

// ProbeTyped is Probe for a function of the original's type.
func (h *Plan) ProbeTyped(bound any, isBound bool, in []reflect.Value) (value any, key string, f Found) {
	if h.kind != Scalars || isBound {
		return h.probeInputs(bound, isBound, in)
	}
	buf := h.start
	text, ok := h.plan.TypedScalars(buf[:len(h.head)], in, false)
	if !ok {
		text, _ = h.plan.TypedScalars(buf[:len(h.head)], in, true)
	}
	return h.lookUp(text)
}

func (h *Plan) probeInputs(bound any, isBound bool, in []reflect.Value) (value any, key string, f Found) {
	t := keytext.GetText()
	t.Values = h.fn.Inputs(t.Values, bound, isBound, in)
	if h.plan.Write(t, nil, t.Values) == nil {
		value, key, f = h.lookUp(t.Buf)
	}
	keytext.PutText(t)
	return value, key, f
}

// Fit reports whether the inputs of a typed call could be arguments of a Call as well.
func (h *Plan) Fit(values []any) bool {
	for i, v := range values {
		if v != nil && !h.fits(i, v) {
			return false
		}
	}
	return true
}
