package ring

import (
	"context"
	"reflect"
	"slices"
	"strings"

	"github.com/ring-go/ring/lrucache"
)

// hitPlan makes the key of a call of the simple kind in one go, without binding its
// arguments: positional ones that have their parameters' types. Of a function in an
// LruCache it answers the hits as well, without a string for the key. Whatever is out
// of the ordinary it leaves to the long way, which comes to the same key.
type hitPlan struct {
	fn     *callable
	plan   *keyPlan
	cache  *lrucache.LruCache // nil: the storage is another one, or has a coder
	scalar bool               // every part of the key is written without reflection
	kwargs bool               // the last parameter could take a Kwargs
	ctx    bool               // the first argument may be a context
	result reflect.Type       // nil: the function has none
}

// newHitPlan returns nil for a rope whose calls all go the long way.
func newHitPlan(r *Rope) *hitPlan {
	if !r.ui.standard || r.config.DefaultAction != "get_or_update" {
		return nil
	}
	h := &hitPlan{fn: r.fn, plan: r.plan, scalar: true, ctx: r.fn.ctx >= 0, result: r.fn.result}
	for i := range r.plan.parts {
		h.scalar = h.scalar && r.plan.parts[i].op != opText
	}
	for i := range r.fn.params {
		p := &r.fn.params[i]
		if p.kind != positionalOnly && p.kind != positionalOrKeyword {
			return nil
		}
		h.kwargs = p.typ.Kind() == reflect.Interface || p.typ.Kind() == reflect.Map
	}
	storage, ok := r.storage.storage.(*LruStorage)
	if ok && r.plan.plain && *r.storage.coder.Load() == nil && len(r.fn.results) <= 1 {
		h.cache = storage.Cache
	}
	return h
}

// keySize is the length up to which a key of scalars is made on the stack.
const keySize = 128

// arguments separates the context from the others. It reports false for arguments
// by name.
func (h *hitPlan) arguments(args []any) (rest []any, ctx context.Context, ok bool) {
	if h.ctx && len(args) > 0 {
		if ctx, ok = args[0].(context.Context); ok {
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

// hit returns the cached value for the arguments of a Call. It reports false when
// there is none or the call is not of the simple kind.
func (h *hitPlan) hit(w *Wire, args []any) (value any, ok bool) {
	if args, _, ok = h.arguments(args); !ok || h.cache == nil {
		return nil, false
	}
	if h.scalar && !w.isBound {
		var buf [keySize]byte
		var key []byte
		if key, ok = h.scalars(buf[:0], args); ok {
			value, ok = h.cache.GetBytes(key)
		}
	} else {
		t := getText()
		defer putText(t)
		if h.values(t, w, args) {
			value, ok = h.cache.GetBytes(t.buf)
		} else {
			ok = false
		}
	}
	if !ok || !h.accepts(value) {
		return nil, false
	}
	w.rope.hits.Add(1)
	return value, true
}

// key is the key of a Call for a storage that wants a string. It reports false when
// the call is not of the simple kind.
func (h *hitPlan) key(w *Wire, args []any) (string, bool) {
	if h.scalar && !w.isBound {
		var buf [keySize]byte
		key, ok := h.scalars(buf[:0], args)
		if !ok {
			return "", false
		}
		return h.finish(key)
	}
	t := getText()
	defer putText(t)
	if !h.values(t, w, args) {
		return "", false
	}
	return h.finish(t.buf)
}

func (h *hitPlan) finish(text []byte) (string, bool) {
	key, err := h.plan.finish(string(text))
	return key, err == nil
}

// getOrUpdate is GetOrUpdate for a call of the simple kind; it reports false for
// another one, which it has not begun.
func (h *hitPlan) getOrUpdate(w *Wire, args []any) (value any, err error, ok bool) {
	args, ctx, ok := h.arguments(args)
	if !ok {
		return nil, nil, false
	}
	key, ok := h.key(w, args)
	if !ok {
		return nil, nil, false
	}
	if ctx == nil {
		ctx = w.Context()
	}
	o := w.rope.storage.getOrRun(ctx, key, func(f *flight) (any, error) {
		return h.execute(w, ctx, f, args)
	})
	w.count(o)
	value, err = result(o.value, w.failOutcome("get_or_update", key, o))
	return value, err, true
}

// execute runs the function within a flight.
func (h *hitPlan) execute(w *Wire, ctx context.Context, f *flight, args []any) (any, error) {
	values := make([]any, 0, len(h.fn.params)) // not args: that slice may be on the caller's stack
	if w.isBound {
		values = append(values, w.bound)
	}
	if h.ctx {
		ctx = inFlight(ctx, f)
	}
	value, err := h.fn.call(ctx, append(values, args...))
	if err != nil {
		err = &functionError{err}
	}
	return value, err
}

// accepts tells whether a value, which others may have put into the cache, is a
// result of the function.
func (h *hitPlan) accepts(value any) bool {
	switch {
	case h.result == nil:
		return value == nil
	case h.result.Kind() != reflect.Interface:
		return reflect.TypeOf(value) == h.result
	}
	return h.result.NumMethod() == 0 || value == nil || reflect.TypeOf(value).Implements(h.result)
}

// scalars appends the key of strings, numbers and bools.
func (h *hitPlan) scalars(key []byte, args []any) ([]byte, bool) {
	if len(args) != len(h.fn.params) {
		return nil, false
	}
	key = append(key, h.plan.prefix...)
	escaped := h.plan.escape && h.ambiguous(args)
	for i := range h.plan.parts {
		p := &h.plan.parts[i]
		key = append(key, ':')
		if s, ok := args[p.param].(string); ok && escaped && p.op == opString {
			key = appendEscaped(key, s)
			continue
		}
		var ok bool
		if key, ok = p.op.append(key, args[p.param]); !ok {
			return nil, false
		}
	}
	return key, h.ignoredFit(args)
}

func (h *hitPlan) ambiguous(args []any) bool {
	for i := range h.plan.parts {
		if s, ok := args[h.plan.parts[i].param].(string); ok && isAmbiguousString(s) {
			return true
		}
	}
	return false
}

func appendEscaped(dst []byte, s string) []byte {
	for i := range len(s) {
		if s[i] == ':' || s[i] == '\\' {
			dst = append(dst, '\\')
		}
		dst = append(dst, s[i])
	}
	return dst
}

// ignoredFit tells whether the arguments that are no part of the key have the types
// of their parameters. A call that is wrong must not be answered.
func (h *hitPlan) ignoredFit(args []any) bool {
	if len(h.plan.parts) == len(h.fn.params) {
		return true
	}
	for i := range h.fn.params {
		if !h.fits(i, args[i]) {
			return false
		}
	}
	return true
}

func (h *hitPlan) fits(i int, arg any) bool {
	t := h.fn.params[i].typ
	if t.Kind() != reflect.Interface {
		return reflect.TypeOf(arg) == t
	}
	_, isContext := arg.(context.Context)
	return arg != nil && t.NumMethod() == 0 && !isContext
}

// values writes the key of arguments of any type to t.
func (h *hitPlan) values(t *text, w *Wire, args []any) bool {
	if w.isBound {
		t.values = append(t.values, w.bound)
	}
	t.values = append(t.values, args...)
	if len(t.values) != len(h.fn.params) {
		return false
	}
	for i, v := range t.values {
		if !h.fits(i, v) {
			return false
		}
	}
	return h.plan.write(t, t.values) == nil
}

// hitTyped is hit for a function of the original's type.
func (w *Wire) hitTyped(in []reflect.Value) ([]reflect.Value, bool) {
	h := w.rope.fast.Load()
	if h == nil || h.cache == nil || w.err != nil {
		return nil, false
	}
	var (
		value any
		ok    bool
	)
	if h.scalar && !w.isBound {
		value, ok = h.typedScalars(in)
	} else {
		value, ok = h.typedValues(w, in)
	}
	if !ok || !h.accepts(value) {
		return nil, false
	}
	w.rope.hits.Add(1)
	return h.fn.outputs(value, nil), true
}

func (h *hitPlan) typedScalars(in []reflect.Value) (any, bool) {
	var buf [keySize]byte
	key := append(buf[:0], h.plan.prefix...)
	escaped := h.plan.escape && slices.ContainsFunc(h.plan.parts, func(p keyPart) bool {
		return p.op == opString && isAmbiguousString(in[h.fn.params[p.param].in].String())
	})
	for i := range h.plan.parts {
		p := &h.plan.parts[i]
		key = append(key, ':')
		v := in[h.fn.params[p.param].in]
		if p.op == opString && escaped {
			key = appendEscaped(key, v.String())
			continue
		}
		key = p.op.appendValue(key, v)
	}
	return h.cache.GetBytes(key)
}

func (h *hitPlan) typedValues(w *Wire, in []reflect.Value) (any, bool) {
	t := getText()
	defer putText(t)
	values, _ := w.inputs(in)
	if h.plan.write(t, values) != nil {
		return nil, false
	}
	return h.cache.GetBytes(t.buf)
}

func isAmbiguousString(s string) bool {
	return strings.IndexByte(s, ':') >= 0 || strings.HasSuffix(s, `\`)
}
