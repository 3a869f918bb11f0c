package ring

import (
	"context"
	"reflect"
	"sync/atomic"

	"github.com/ring-go/ring/internal/callable"
	"github.com/ring-go/ring/internal/flight"
	"github.com/ring-go/ring/internal/keytext"
	"github.com/ring-go/ring/internal/signature"
	"github.com/ring-go/ring/lrucache"
)

// hitPlan answers the calls of the simple kind: positional arguments that have their
// parameters' types. Their key it makes in one go, without binding them; in an LruCache
// it looks that up without a string for it. Whatever is out of the ordinary it leaves
// to the long way, which comes to the same key.
type hitPlan struct {
	fn      *callable.Callable
	plan    *keytext.Plan
	cache   *lrucache.LruCache    // nil: the storage is another one, or has a coder
	hits    *atomic.Int64         // the rope's
	head    []byte                // the prefix and, if there are parts, their first colon
	start   [keytext.KeySize]byte // a buffer that begins with the head
	words   []keytext.TypeWord    // those of the parameters; nil: an interface
	partial bool                  // there are parameters that are no part of the key
	scalars bool                  // every part of the key is a scalar or a flat struct
	tail    bool                  // every part but the receiver's is a scalar or a flat struct
	others  bool                  // a parameter but the receiver is no scalar
	kwargs  bool                  // the last parameter could take a Kwargs
	ctx     bool                  // the first argument may be a context
	plain   bool                  // scalars, and a Call's arguments are the parameters': no receiver, context or Kwargs
	only    bool                  // scalars, and there is no parameter but them
	result  reflect.Type          // nil: the function has none
	word    keytext.TypeWord      // the result's
	dynamic bool                  // result is an interface
}

// newHitPlan returns nil for a rope whose calls all go the long way.
func newHitPlan(r *Rope) *hitPlan {
	if !r.ui.standard || r.config.DefaultAction != "get_or_update" {
		return nil
	}
	h := &hitPlan{fn: r.fn, plan: r.plan, hits: &r.hits, tail: true, ctx: r.fn.ContextAt >= 0, result: r.fn.Result, word: keytext.WordOf(r.fn.Result)}
	h.dynamic = h.result != nil && h.result.Kind() == reflect.Interface
	h.partial = len(r.plan.Parts) < len(r.fn.Params)
	h.head = []byte(r.plan.Prefix)
	if len(r.plan.Parts) > 0 {
		h.head = append(h.head, ':')
	}
	h.scalars = copy(h.start[:], h.head) == len(h.head)
	for i := range r.plan.Parts {
		p := &r.plan.Parts[i]
		h.scalars = h.scalars && p.Direct()
		h.tail = h.tail && (p.Direct() || r.fn.Receiver && p.At == 0)
	}
	for i := range r.fn.Params {
		p := &r.fn.Params[i]
		if p.Kind != signature.PositionalOnly && p.Kind != signature.PositionalOrKeyword {
			return nil
		}
		h.words = append(h.words, keytext.WordOf(p.Type))
		h.others = h.others || keytext.ScalarOf(p.Type.Kind()) == keytext.NoScalar && !(r.fn.Receiver && i == 0)
		h.kwargs = p.Type.Kind() == reflect.Interface || p.Type.Kind() == reflect.Map
	}
	h.plain = h.scalars && !r.fn.Receiver && !h.ctx && !h.kwargs
	h.only = h.scalars && !r.fn.Receiver && !h.others
	storage, ok := r.storage.storage.(*LruStorage)
	if ok && r.plan.Plain && *r.storage.coder.Load() == nil && len(r.fn.Results) <= 1 {
		h.cache = storage.Cache
	}
	return h
}

// found is what is known of a call once its key was looked for.
type found uint8

const (
	elsewhere found = iota // the call is not of the simple kind
	missing                // there is no value, or the cache is no LruCache
	present
)

// call is Call, if plain is not enough.
func (h *hitPlan) call(w *Wire, args []any) (any, error) {
	simple, ctx, ok := h.arguments(args)
	if !ok {
		return w.defaultAction(args)
	}
	value, key, f := h.probe(w, simple)
	switch f {
	case present:
		return value, nil
	case elsewhere:
		return w.defaultAction(args)
	}
	if ctx == nil {
		ctx = w.Context()
	}
	return result(h.getOrUpdate(w, ctx, key, w.allArgs(simple)))
}

// allArgs are the arguments of a call with its receiver, in a slice of their own: that of
// the arguments may be on the caller's stack.
func (w *Wire) allArgs(args []any) []any {
	values := make([]any, 0, len(w.rope.fn.Params))
	if w.isBound {
		values = append(values, w.bound)
	}
	return append(values, args...)
}

// arguments separates the context from the others. It reports false for arguments
// by name.
func (h *hitPlan) arguments(args []any) (rest []any, ctx context.Context, ok bool) {
	if h.ctx && len(args) > 0 {
		if ctx, ok = args[0].(context.Context); ok {
			if callable.IsNilContext(ctx) {
				return nil, nil, false
			}
			args = args[1:]
		}
	}
	if n := len(args) - 1; h.kwargs && n >= 0 {
		if _, isKwargs := args[n].(Kwargs); isKwargs {
			return nil, nil, false
		}
	}
	return args, ctx, true
}

// probe returns the value of a call or else its key.
func (h *hitPlan) probe(w *Wire, args []any) (value any, key string, f found) {
	switch {
	case h.scalars && !w.isBound:
		return h.probeScalars(args)
	case h.tail && w.isBound:
		return h.probeMethod(w, args)
	}
	t := keytext.GetText()
	if h.writeKey(t, w, args) {
		value, key, f = h.lookUp(t.Buf)
	}
	keytext.PutText(t) // without a defer: after a panic the pool does without t
	return value, key, f
}

// probeScalars is probe for arguments that are all scalars. It keeps none of them, so that
// a caller who does not either can have them on the stack.
func (h *hitPlan) probeScalars(args []any) (value any, key string, f found) {
	if len(args) != len(h.fn.Params) || h.partial && !h.allFit(args, 0) {
		return nil, "", elsewhere
	}
	buf := h.start
	text, wrote := keytext.AppendScalars(buf[:len(h.head)], h.plan.Parts, args, 0, false)
	if wrote == keytext.Ambiguous {
		text, wrote = keytext.AppendScalars(buf[:len(h.head)], h.plan.Parts, args, 0, true)
	}
	switch wrote {
	case keytext.Unfit:
		return nil, "", elsewhere
	case keytext.Crowded:
		return h.probeLong(args)
	}
	if h.cache != nil { // lookUp, without its call
		if value, ok := h.cache.GetBytes(text); ok && h.accepts(value) {
			h.hits.Add(1)
			return value, "", present
		}
	}
	return h.missing(text)
}

// probeLong is probeScalars for a key that is too long for the stack.
func (h *hitPlan) probeLong(args []any) (value any, key string, f found) {
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

// probeMethod is probeScalars for a method that is bound to a receiver of any type.
func (h *hitPlan) probeMethod(w *Wire, args []any) (value any, key string, f found) {
	if len(args) != len(h.fn.Params)-1 || h.partial && !h.allFit(args, 1) {
		return nil, "", elsewhere
	}
	t := keytext.GetText()
	wrote := h.plan.WriteMethod(t, h.head, w.bound, args, false)
	if wrote == keytext.Ambiguous {
		t.Buf = t.Buf[:0]
		wrote = h.plan.WriteMethod(t, h.head, w.bound, args, true)
	}
	if wrote == keytext.Whole {
		value, key, f = h.lookUp(t.Buf)
	}
	keytext.PutText(t)
	return value, key, f
}

// lookUp looks for text, that of a key, in the cache, if that is an LruCache.
func (h *hitPlan) lookUp(text []byte) (value any, key string, f found) {
	if h.cache != nil {
		if value, ok := h.cache.GetBytes(text); ok && h.accepts(value) {
			h.hits.Add(1)
			return value, "", present
		}
	}
	return h.missing(text)
}

// missing returns the key of a call that has its text and no value yet.
func (h *hitPlan) missing(text []byte) (value any, key string, f found) {
	key, err := h.plan.Finish(string(text))
	if err != nil {
		return nil, "", elsewhere
	}
	return nil, key, missing
}

// getOrUpdate is GetOrUpdate for bound values whose key was not found at once. Beside
// the function's own error it returns what the function did.
func (h *hitPlan) getOrUpdate(w *Wire, ctx context.Context, key string, values []any) (any, error) {
	var o flight.Outcome
	w.rope.storage.getOrRun(ctx, key, h.cache != nil, w.leader(values, nil), func(f *flight.Flight) (any, error) {
		if h.ctx {
			return h.fn.Call(flight.Within(ctx, f), values)
		}
		return h.fn.Call(ctx, values)
	}, &o)
	w.count(o.Hit)
	return o.Value, w.failOutcome("get_or_update", key, &o)
}

// accepts tells whether a value, which others may have put into the cache, is a
// result of the function.
func (h *hitPlan) accepts(value any) bool {
	// Both are nil for a function without a result.
	return keytext.TypeOf(value) == h.word || h.dynamic && h.implements(value)
}

func (h *hitPlan) implements(value any) bool {
	return h.result.NumMethod() == 0 || value == nil || reflect.TypeOf(value).Implements(h.result)
}

// allFit tells whether the arguments have the types of their parameters, which are those
// behind the first skip ones. A call that is wrong must not be answered, also where what
// is wrong is no part of the key.
func (h *hitPlan) allFit(args []any, skip int) bool {
	for i, arg := range args {
		if !h.fits(i+skip, arg) {
			return false
		}
	}
	return true
}

func (h *hitPlan) fits(i int, arg any) bool {
	if word := h.words[i]; word != nil {
		return keytext.TypeOf(arg) == word
	}
	_, isContext := arg.(context.Context)
	return arg != nil && h.fn.Params[i].Type.NumMethod() == 0 && !isContext
}

// writeKey writes the key of arguments of any type to t.
func (h *hitPlan) writeKey(t *keytext.Text, w *Wire, args []any) bool {
	skip := 0
	if w.isBound {
		if skip = 1; w.bound == nil {
			return false
		}
	}
	if len(args)+skip != len(h.fn.Params) {
		return false
	}
	return h.allFit(args, skip) && h.plan.Write(t, w.bound, args) == nil
}

// key is the key of a call for a bulk call. It reports false when the call is not of
// the simple kind.
func (h *hitPlan) key(w *Wire, args []any) (string, bool) {
	args, _, ok := h.arguments(args)
	if !ok {
		return "", false
	}
	t := keytext.GetText()
	defer keytext.PutText(t)
	if !h.writeKey(t, w, args) {
		return "", false
	}
	key, err := h.plan.Finish(string(t.Buf))
	return key, err == nil
}

// probeTyped is probe for a function of the original's type.
func (h *hitPlan) probeTyped(w *Wire, in []reflect.Value) (value any, key string, f found) {
	if !h.scalars || w.isBound {
		return h.probeInputs(w, in)
	}
	buf := h.start
	text, ok := h.plan.TypedScalars(buf[:len(h.head)], in, false)
	if !ok {
		text, _ = h.plan.TypedScalars(buf[:len(h.head)], in, true)
	}
	return h.lookUp(text)
}

func (h *hitPlan) probeInputs(w *Wire, in []reflect.Value) (value any, key string, f found) {
	t := keytext.GetText()
	t.Values = w.inputs(t.Values, in)
	if h.plan.Write(t, nil, t.Values) == nil {
		value, key, f = h.lookUp(t.Buf)
	}
	keytext.PutText(t)
	return value, key, f
}

// fit tells whether the inputs of a typed call could be arguments as well.
func (h *hitPlan) fit(values []any) bool {
	for i, v := range values {
		if v != nil && !h.fits(i, v) {
			return false
		}
	}
	return true
}
