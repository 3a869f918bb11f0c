// Package hit answers calls of the simple kind out of an LruCache: positional arguments that
// have their parameters' types. Their key is made in one go, without binding them, and looked
// up without a string for it. Whatever is out of the ordinary is left to the long way, which
// comes to the same key.
//
// Which way serves what:
//
//	Call, unbound, all parts scalars      ProbeScalars   on the stack
//	Call, bound, all but the receiver's   ProbeMethod    in a buffer of the pool
//	Call, anything else of the kind       Probe          in a buffer of the pool
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

// Plan is how the calls of one rope are answered.
type Plan struct {
	// MayHaveContext: the first argument may be a context.
	MayHaveContext bool
	// MayHaveKwargs: the last parameter could take a map of keyword arguments.
	MayHaveKwargs bool
	// Plain: ProbeScalars takes the arguments of a Call as they are. There is no receiver,
	// context or keyword argument among them.
	Plain bool
	// OnlyScalars: all parameters but a receiver are scalars, in the key or not.
	OnlyScalars bool

	kind    Kind
	fn      *callable.Callable
	plan    *keytext.Plan
	cache   *lrucache.LruCache    // nil: the storage is another one, or has a coder
	hits    *atomic.Int64         // the rope's
	head    []byte                // the prefix and, if there are parts, their first colon
	start   [keytext.KeySize]byte // a buffer that begins with the head
	words   []keytext.TypeWord    // those of the parameters; nil: an interface
	partial bool                  // there are parameters that are no part of the key
	result  reflect.Type          // nil: the function has none
	word    keytext.TypeWord      // the result's
	dynamic bool                  // result is an interface
}

// Kind is what the parts of a key are. The zero Kind is General.
type Kind uint8

const (
	General Kind = iota // of any type
	Method              // scalars or flat structs, but for the receiver's
	Scalars             // scalars or flat structs
)

// Kind returns what the parts of the keys are.
func (h *Plan) Kind() Kind { return h.kind }

// New returns the plan of a rope, or nil where all calls go the long way. cache is where
// values lie as they are, or nil; hits is the rope's count.
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

// kindOf looks at the parts. fits tells whether the head of a key leaves room on the stack.
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

// Cached tells whether the plan looks values up.
func (h *Plan) Cached() bool { return h.cache != nil }

// Found is what is known of a call once its key was looked for.
type Found uint8

const (
	Elsewhere Found = iota // the call is not of the simple kind
	Missing                // there is no value, or the cache is no LruCache
	Present
)

// Probe returns the value of a call or else its key.
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
	keytext.PutText(t) // without a defer: after a panic the pool does without t
	return value, key, f
}

// ProbeScalars is probe for arguments that are all scalars. It keeps none of them, so that
// a caller who does not either can have them on the stack.
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
	if h.cache != nil { // lookUp, without its call
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

// ProbeMethod is ProbeScalars for a method that is bound to a receiver of any type.
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

// lookUp looks for text, that of a key, in the cache, if that is an LruCache.
func (h *Plan) lookUp(text []byte) (value any, key string, f Found) {
	if h.cache != nil {
		if value, ok := h.cache.GetBytes(text); ok && h.accepts(value) {
			h.hits.Add(1)
			return value, "", Present
		}
	}
	return h.missing(text)
}

// missing returns the key of a call that has its text and no value yet.
func (h *Plan) missing(text []byte) (value any, key string, f Found) {
	key, err := h.plan.Finish(string(text))
	if err != nil {
		return nil, "", Elsewhere
	}
	return nil, key, Missing
}

// accepts tells whether a value, which others may have put into the cache, is a
// result of the function.
func (h *Plan) accepts(value any) bool {
	// Both are nil for a function without a result.
	return keytext.TypeOf(value) == h.word || h.dynamic && h.implements(value)
}

func (h *Plan) implements(value any) bool {
	return h.result.NumMethod() == 0 || value == nil || reflect.TypeOf(value).Implements(h.result)
}

// allFit tells whether the arguments have the types of their parameters, which are those
// behind the first skip ones. A call that is wrong must not be answered, also where what
// is wrong is no part of the key.
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

// Key is the key of a call for a bulk call. It reports false when the call is not of
// the simple kind.
func (h *Plan) Key(bound any, isBound bool, args []any) (string, bool) {
	t := keytext.GetText()
	defer keytext.PutText(t)
	if !h.writeKey(t, bound, isBound, args) {
		return "", false
	}
	key, err := h.plan.Finish(string(t.Buf))
	return key, err == nil
}

// ProbeTyped is probe for a function of the original's type.
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

// Fit tells whether the inputs of a typed call could be arguments as well.
func (h *Plan) Fit(values []any) bool {
	for i, v := range values {
		if v != nil && !h.fits(i, v) {
			return false
		}
	}
	return true
}
