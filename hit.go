package ring

import (
	"context"
	"reflect"
	"slices"
	"strings"

	"github.com/ring-go/ring/lrucache"
)

// hitPlan answers a hit of a function that is cached in an LruCache, without
// binding, boxing or a string for the key. Whatever is out of the ordinary it leaves
// to the long way, which comes to the same key.
type hitPlan struct {
	fn       *callable
	plan     *keyPlan
	cache    *lrucache.LruCache
	scalar   bool         // every part of the key is written without reflection
	variable bool         // the number of arguments is not fixed
	kwargs   bool         // the last parameter could take a Kwargs
	ctx      bool         // the first argument may be a context
	result   reflect.Type // nil: the function has none
}

// newHitPlan returns nil for a rope whose hits go the long way.
func newHitPlan(r *Rope) *hitPlan {
	storage, ok := r.storage.storage.(*LruStorage)
	if !ok || !r.ui.standard || !r.plan.plain || *r.storage.coder.Load() != nil ||
		r.config.DefaultAction != "get_or_update" || len(r.fn.results) > 1 {
		return nil
	}
	h := &hitPlan{fn: r.fn, plan: r.plan, cache: storage.Cache, scalar: true, ctx: r.fn.ctx >= 0, result: r.fn.result}
	for i := range r.plan.parts {
		h.scalar = h.scalar && r.plan.parts[i].op != opText
	}
	for i := range r.fn.params {
		p := &r.fn.params[i]
		h.variable = h.variable || p.kind != positionalOnly && p.kind != positionalOrKeyword
		h.kwargs = p.typ.Kind() == reflect.Interface || p.typ.Kind() == reflect.Map
	}
	return h
}

// keySize is the length up to which a key of scalars is made on the stack.
const keySize = 128

// hit returns the cached value for the arguments of a Call. It reports false when
// there is none or the call is not of the simple kind.
func (w *Wire) hit(args []any) (any, bool) {
	h := w.rope.fast.Load()
	if h == nil || h.variable || w.err != nil {
		return nil, false
	}
	if h.ctx && len(args) > 0 {
		if _, ok := args[0].(context.Context); ok {
			args = args[1:]
		}
	}
	if n := len(args) - 1; h.kwargs && n >= 0 {
		if _, ok := args[n].(Kwargs); ok {
			return nil, false
		}
	}
	var (
		value any
		ok    bool
	)
	if h.scalar && !w.isBound {
		if len(args) != len(h.fn.params) {
			return nil, false
		}
		value, ok = h.scalars(args)
	} else {
		value, ok = h.values(w, args)
	}
	if !ok || !h.accepts(value) {
		return nil, false
	}
	w.rope.hits.Add(1)
	return value, true
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

// scalars looks up a key of strings, numbers and bools.
func (h *hitPlan) scalars(args []any) (any, bool) {
	var buf [keySize]byte
	key := append(buf[:0], h.plan.prefix...)
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
	if !h.ignoredFit(args) {
		return nil, false
	}
	return h.cache.GetBytes(key)
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

// values looks up a key of arguments of any type.
func (h *hitPlan) values(w *Wire, args []any) (any, bool) {
	t := getText()
	defer putText(t)
	if w.isBound {
		t.values = append(t.values, w.bound)
	}
	t.values = append(t.values, args...)
	if len(t.values) != len(h.fn.params) {
		return nil, false
	}
	for i, v := range t.values {
		if !h.fits(i, v) {
			return nil, false
		}
	}
	return h.lookUp(t)
}

// lookUp looks up the key of t.values.
func (h *hitPlan) lookUp(t *text) (any, bool) {
	if h.plan.write(t, t.values) != nil {
		return nil, false
	}
	return h.cache.GetBytes(t.buf)
}

// hitTyped is hit for a function of the original's type.
func (w *Wire) hitTyped(in []reflect.Value) ([]reflect.Value, bool) {
	h := w.rope.fast.Load()
	if h == nil || w.err != nil {
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
	t.values = append(t.values, values...)
	return h.lookUp(t)
}

func isAmbiguousString(s string) bool {
	return strings.IndexByte(s, ':') >= 0 || strings.HasSuffix(s, `\`)
}
