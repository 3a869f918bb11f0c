package ring

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/ring-go/ring/internal/callable"
	"github.com/ring-go/ring/internal/flight"
	"github.com/ring-go/ring/internal/hit"
	"github.com/ring-go/ring/internal/keytext"
	"github.com/ring-go/ring/internal/meter"
	"github.com/ring-go/ring/internal/store"
)

// Wire has the methods of a cached function: of a rope, or of a rope bound to a receiver
// or a context. It is safe for concurrent use.
//
// The methods take the function's own arguments. A context.Context as the first
// argument, or in the function's own place for it, is the context of the call. A Kwargs
// as the last argument holds arguments by name. Errors are *Error values; only the
// function's own error is returned unchanged.
//
// Python: ring.func.base.RingWire.
type Wire struct {
	rope    *Rope
	ctx     context.Context // nil: Background
	bound   any
	isBound bool
	warms   bool           // its runs are those of Warm
	err     error          // why every call fails, or errOptions
	opts    *CallOptions   // nil: none
	runs    *flight.Flight // what an Execute within a get_or_update runs for; nil: for its caller alone
}

// Call runs the rope's default action: GetOrUpdate, unless Options.DefaultAction names
// another one. The value has the function's result type. It is nil for a function
// without results, and a Tuple for several results.
// Python: __call__.
func (w *Wire) Call(args ...any) (any, error) {
	h := w.rope.calls.Load()
	switch {
	case h == nil || w.err != nil:
		return w.defaultAction(args)
	case !h.Plain:
		return w.GetOrUpdate(args...)
	}
	value, key, f := h.ProbeScalars(hit.Get, args)
	switch f {
	case hit.Present:
		return value, nil
	case hit.Missing:
		return result(w.getOrRun(w.Context(), key, args))
	}
	return w.defaultAction(args)
}

// Key returns the key of the call. Python: key.
func (w *Wire) Key(args ...any) (string, error) {
	if key, ok := w.simpleKey(args); ok {
		return key, nil
	}
	w, p, err := w.prepare("key", slices.Clone(args))
	if err != nil {
		return "", err
	}
	return w.rope.ui.Key(w, p)
}

// Execute runs the function and does not use the cache. Python: execute.
func (w *Wire) Execute(args ...any) (any, error) {
	if h := w.rope.fast.Load(); h != nil && w.err == nil {
		if simple, ctx, ok := simpleArguments(h, args); ok && h.Fits(w.isBound, simple) {
			return result(w.executed(w.execute(w.runContext(ctx), w.allArgs(simple))))
		}
	}
	return w.runValue("execute", (*composed).Execute, slices.Clone(args))
}

// Get returns the cached value. For a miss it returns the miss value, which is nil
// unless Options.MissValue says otherwise. It does not run the function.
// Python: get.
func (w *Wire) Get(args ...any) (any, error) {
	value, key, ctx, f := w.short(hit.LookUp, args)
	switch f {
	case hit.Present:
		return value, nil
	case hit.Absent:
		w.missed()
		return w.rope.config.MissValue, nil
	case hit.Missing:
		return result(w.getKey(ctx, key))
	}
	return w.runValue("get", (*composed).Get, slices.Clone(args))
}

// Update runs the function and stores its value, also if one is cached. Python: update.
func (w *Wire) Update(args ...any) (any, error) {
	if _, key, ctx, f := w.short(hit.Key, args); f == hit.Missing {
		return result(w.updateKey(ctx, key, w.allArgs(w.withoutContext(args))))
	}
	return w.runValue("update", (*composed).Update, slices.Clone(args))
}

// GetOrUpdate returns the cached value, or runs the function and stores its value.
// Concurrent calls with one key share one run in a process. If the value could not be
// stored, it is returned together with the error.
// Python: get_or_update.
func (w *Wire) GetOrUpdate(args ...any) (any, error) {
	value, key, ctx, f := w.short(hit.Get, args)
	switch f {
	case hit.Present:
		return value, nil
	case hit.Missing:
		return result(w.getOrRun(ctx, key, w.withoutContext(args)))
	}
	return w.runValue("get_or_update", (*composed).GetOrUpdate, slices.Clone(args))
}

func (w *Wire) runValue(action string, f func(*composed, *Wire, ArgPack) (any, error), args []any) (any, error) {
	w, p, err := w.prepare(action, args)
	if err != nil {
		return nil, err
	}
	return result(f(w.rope.ui, w, p))
}

// Lookup is Get, but tells a cached nil from a miss. It asks the storage directly, even
// if the user interface has its own Get.
func (w *Wire) Lookup(args ...any) (value any, ok bool, err error) {
	value, key, ctx, f := w.short(hit.LookUp, args)
	switch f {
	case hit.Present, hit.Absent:
		if f == hit.Absent {
			w.missed()
		}
		return value, f == hit.Present, nil
	case hit.Missing:
		return w.lookUpKey(ctx, key)
	}
	w, p, err := w.prepare("get", slices.Clone(args))
	if err != nil {
		return nil, false, err
	}
	return w.lookUp(p)
}

// Set stores value as if the function had returned it for the arguments. The value is
// converted to the function's result type where that loses nothing.
// Python: set.
func (w *Wire) Set(value any, args ...any) error {
	if _, key, ctx, f := w.short(hit.Key, args); f == hit.Missing {
		if h := w.rope.fast.Load(); h != nil && h.Set(key, value) {
			return nil
		}
		if err := w.Storage().Set(ctx, key, value); err != nil {
			return w.hintSet(w.fail("set", key, err), value, slices.Clone(args))
		}
		return nil
	}
	copies := slices.Clone(args)
	w, p, err := w.prepare("set", copies)
	if err != nil {
		return err
	}
	return w.hintSet(w.rope.ui.Set(w, value, p), value, copies)
}

// Delete removes the cached value. It is no error if there is none. Python: delete.
func (w *Wire) Delete(args ...any) error {
	_, key, ctx, f := w.short(hit.Delete, args)
	switch f {
	case hit.Absent:
		return nil
	case hit.Missing:
		return w.fail("delete", key, w.Storage().Delete(ctx, key))
	}
	w, p, err := w.prepare("delete", slices.Clone(args))
	if err != nil {
		return err
	}
	return w.rope.ui.Delete(w, p)
}

// Has reports whether a value is cached. Python: has.
func (w *Wire) Has(args ...any) (bool, error) {
	_, key, ctx, f := w.short(hit.Has, args)
	switch f {
	case hit.Present, hit.Absent:
		return f == hit.Present, nil
	case hit.Missing:
		return w.hasKey(ctx, key)
	}
	w, p, err := w.prepare("has", slices.Clone(args))
	if err != nil {
		return false, err
	}
	return w.rope.ui.Has(w, p)
}

// Touch renews the expiry of the cached value. It is no error if there is none. If the
// storage cannot do it, the error is errors.ErrUnsupported.
// Python: touch.
func (w *Wire) Touch(args ...any) error {
	_, key, ctx, f := w.short(hit.Touch, args)
	switch f {
	case hit.Present, hit.Absent:
		return nil
	case hit.Missing:
		return w.fail("touch", key, w.Storage().Touch(ctx, key))
	}
	w, p, err := w.prepare("touch", slices.Clone(args))
	if err != nil {
		return err
	}
	return w.rope.ui.Touch(w, p)
}

// KeyMany returns the keys of several calls. As in all methods with Many, each element
// of argsList is one call: an Args or a Kwargs.
// Python: key_many.
func (w *Wire) KeyMany(argsList ...any) ([]string, error) {
	ps, err := w.argPacks("key_many", argsList)
	if err != nil {
		return nil, err
	}
	return w.rope.ui.KeyMany(w, ps)
}

// ExecuteMany runs the function for every call. Python: execute_many.
func (w *Wire) ExecuteMany(argsList ...any) ([]any, error) {
	return w.runMany("execute_many", (*composed).ExecuteMany, argsList)
}

// GetMany returns the cached values, and the miss value for each miss. Python: get_many.
func (w *Wire) GetMany(argsList ...any) ([]any, error) {
	if values, ok := w.getMany(argsList); ok {
		return values, nil
	}
	return w.runMany("get_many", (*composed).GetMany, argsList)
}

// UpdateMany runs the function for every call, once for equal calls, and stores the
// values.
// Python: update_many.
func (w *Wire) UpdateMany(argsList ...any) ([]any, error) {
	return w.runMany("update_many", (*composed).UpdateMany, argsList)
}

// GetOrUpdateMany returns the cached values, runs the function for the missing ones and
// stores their values. If elements fail, it returns the other values and an error that
// names the failed ones.
// Python: get_or_update_many.
func (w *Wire) GetOrUpdateMany(argsList ...any) ([]any, error) {
	if values, err, ok := w.getOrUpdateMany(argsList); ok {
		return values, err
	}
	return w.runMany("get_or_update_many", (*composed).GetOrUpdateMany, argsList)
}

func (w *Wire) runMany(action string, f func(*composed, *Wire, []ArgPack) ([]any, error), argsList []any) ([]any, error) {
	ps, err := w.argPacks(action, argsList)
	if err != nil {
		return nil, err
	}
	return f(w.rope.ui, w, ps)
}

// SetMany stores one value for each call in argsList. Python: set_many.
func (w *Wire) SetMany(argsList []any, values []any) error {
	if err, ok := w.setMany(argsList, values); ok {
		return err
	}
	ps, err := w.argPacks("set_many", argsList)
	if err != nil {
		if w.broken() == nil && len(values) > 0 && !slices.ContainsFunc(values, func(v any) bool { return !isElement(v) }) {
			err = w.fail("set_many", "", fmt.Errorf("%w; the calls come first, and then the values: SetMany(calls, values)", cause(err)))
		}
		return err
	}
	return w.rope.ui.SetMany(w, ps, values)
}

// DeleteMany removes the cached values. Python: delete_many.
func (w *Wire) DeleteMany(argsList ...any) error {
	if err, ok := w.deleteMany(argsList); ok {
		return err
	}
	ps, err := w.argPacks("delete_many", argsList)
	if err != nil {
		return err
	}
	return w.rope.ui.DeleteMany(w, ps)
}

// HasMany reports for every call whether its value is cached. Python: has_many.
func (w *Wire) HasMany(argsList ...any) ([]bool, error) {
	if h, t := w.shortMany(argsList); h != nil {
		defer keytext.PutText(t)
		return h.HasMany(t), nil
	}
	ps, err := w.argPacks("has_many", argsList)
	if err != nil {
		return nil, err
	}
	return w.rope.ui.HasMany(w, ps)
}

// TouchMany renews the expiry of the cached values. Python: touch_many.
func (w *Wire) TouchMany(argsList ...any) error {
	if h, t := w.shortMany(argsList); h != nil {
		defer keytext.PutText(t)
		h.TouchMany(t)
		return nil
	}
	ps, err := w.argPacks("touch_many", argsList)
	if err != nil {
		return err
	}
	return w.rope.ui.TouchMany(w, ps)
}

// Run runs a sub-function by its Python name: "get_or_update", "delete_many", or one
// that the user interface adds. "set" takes the value before the other arguments;
// "set_many" takes two lists, each a []any. The result is what the sub-function returns:
// a string for "key", a bool for "has", nil for "set".
// Python: run.
func (w *Wire) Run(action string, args ...any) (any, error) {
	if a, isMany := findAction(action); isMany {
		return a.many(w, args...)
	} else if a != nil {
		return a.one(w, args...)
	}
	if f, ok := w.rope.ui.extra[action]; ok {
		return w.runValue(action, func(_ *composed, w *Wire, p ArgPack) (any, error) { return f(w, p) }, args)
	}
	return nil, w.fail(action, "", fmt.Errorf("%w: there is no sub-function %q%s", errors.ErrUnsupported, action, w.rope.actionHint(action)))
}

// WithContext returns a wire whose calls use the context ctx, unless their arguments
// contain another one. Neither the context nor its values are part of the key. If ctx
// ends, a call stops waiting for another call and for the storage. If ctx is nil, every
// call is an ErrArguments.
func (w *Wire) WithContext(ctx context.Context) *Wire {
	derived := *w
	derived.ctx = ctx
	switch {
	case callable.IsNilContext(ctx):
		derived.ctx = nil
		if derived.broken() == nil {
			derived.err = callable.ErrNilContext
		}
	case derived.err == callable.ErrNilContext:
		derived.err = nil
		if derived.opts != nil {
			derived.err = errOptions
		}
	}
	derived.takeOptions()
	return &derived
}

// Context returns the context of the call, never nil.
func (w *Wire) Context() context.Context {
	if w.ctx == nil {
		return context.Background()
	}
	return w.ctx
}

// Storage returns the rope's storage. Python: storage, RingRope.storage.
func (w *Wire) Storage() *BaseStorage { return &w.rope.base }

// UserInterface returns the sub-functions of the rope, as its user interface composes
// them. The value is also a BulkUserInterface.
// Python: Config.user_interface.
func (w *Wire) UserInterface() UserInterface { return w.rope.ui }

// lookUp asks the storage for the value of a call.
func (w *Wire) lookUp(p ArgPack) (any, bool, error) {
	w.begin()
	key, err := w.rope.ui.Key(w, p)
	if err != nil {
		return nil, false, w.fail("get", "", err)
	}
	return w.lookUpKey(w.Context(), key)
}

// lookUpKey is Lookup by the key.
func (w *Wire) lookUpKey(ctx context.Context, key string) (any, bool, error) {
	value, err := w.getByKey(ctx, key)
	if store.IsMiss(err) {
		return nil, false, nil
	}
	return value, err == nil, w.fail("get", key, err)
}

// getByKey asks the storage for a value, and counts the look-up.
func (w *Wire) getByKey(ctx context.Context, key string) (any, error) {
	if w.opts != nil || w.rope.trace.Call != nil {
		return w.look(ctx, key)
	}
	value, err := w.Storage().Get(ctx, key)
	w.rope.meter.Count(lookedUp(err))
	return value, err
}

// lookedUp returns what a look-up got.
func lookedUp(err error) meter.Outcome {
	switch {
	case err == nil:
		return meter.Hit
	case store.IsMiss(err):
		return meter.Missed
	}
	return meter.Failed
}

// keys makes the keys of a bulk call, or returns an error that names the elements
// without one.
func (w *Wire) keys(ps []ArgPack) ([]string, error) {
	keys := make([]string, len(ps))
	var errs []error
	for i, p := range ps {
		if len(p.Kwargs) == 0 {
			var ok bool
			if keys[i], ok = w.simpleKey(p.Args); ok {
				continue
			}
		}
		var err error
		if keys[i], err = w.rope.ui.Key(w, p); err != nil {
			errs = append(errs, fmt.Errorf("element %d: %w%s", i, cause(err), kwargsHint(ps, i, err)))
		}
	}
	if errs != nil {
		return nil, errors.Join(errs...)
	}
	return keys, nil
}
