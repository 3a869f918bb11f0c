package ring

import (
	"context"
	"slices"

	"github.com/ring-go/ring/internal/fault"
	"github.com/ring-go/ring/internal/flight"
	"github.com/ring-go/ring/internal/store"
)

// BulkUserInterface defines the sub-functions for several calls at once.
// Python: ring.func.base.AbstractBulkUserInterfaceMixin.
type BulkUserInterface interface {
	KeyMany(w *Wire, ps []ArgPack) ([]string, error)      // Python: key_many
	ExecuteMany(w *Wire, ps []ArgPack) ([]any, error)     // Python: execute_many
	GetMany(w *Wire, ps []ArgPack) ([]any, error)         // Python: get_many
	UpdateMany(w *Wire, ps []ArgPack) ([]any, error)      // Python: update_many
	GetOrUpdateMany(w *Wire, ps []ArgPack) ([]any, error) // Python: get_or_update_many
	SetMany(w *Wire, ps []ArgPack, values []any) error    // Python: set_many
	DeleteMany(w *Wire, ps []ArgPack) error               // Python: delete_many
	HasMany(w *Wire, ps []ArgPack) ([]bool, error)        // Python: has_many
	TouchMany(w *Wire, ps []ArgPack) error                // Python: touch_many
}

// BulkInterfaceMixin has the usual sub-functions for several calls. Each of them first
// makes all keys: if one call is wrong, it does nothing. If an element fails later, its
// value is the rope's miss value, and a joined error names it.
// Python: ring.func.sync.BulkInterfaceMixin.
type BulkInterfaceMixin struct{}

var _ BulkUserInterface = BulkInterfaceMixin{}

// KeyMany returns the keys of the calls.
// Python: AbstractBulkUserInterfaceMixin.key_many.
func (BulkInterfaceMixin) KeyMany(w *Wire, ps []ArgPack) ([]string, error) {
	keys, err := w.keys(ps)
	return keys, w.fail("key_many", "", err)
}

// ExecuteMany runs the function for every call. Python: execute_many.
func (BulkInterfaceMixin) ExecuteMany(w *Wire, ps []ArgPack) ([]any, error) {
	keys, err := w.keys(ps)
	if err != nil {
		return nil, w.fail("execute_many", "", err)
	}
	values, errs := make([]any, len(ps)), make([]error, len(ps))
	together := w.togetherOf(ps)
	together.fetch()
	for i, p := range ps {
		values[i], errs[i] = together.wire(w, i).executeElement(p)
	}
	return values, w.fail("execute_many", "", store.ElementErrors(keys, errs))
}

// executeElement is Execute, but returns the miss value for a failed run.
func (w *Wire) executeElement(p ArgPack) (any, error) {
	value, err := w.UserInterface().Execute(w, p)
	if err != nil {
		return w.rope.config.MissValue, err
	}
	return value, nil
}

// GetMany returns the cached values, and the rope's miss value for each miss.
// Python: get_many.
func (BulkInterfaceMixin) GetMany(w *Wire, ps []ArgPack) ([]any, error) {
	keys, err := w.keys(ps)
	if err != nil {
		return nil, w.fail("get_many", "", err)
	}
	values, err := w.getKeys(keys)
	return values, w.fail("get_many", "", err)
}

// getKeys is GetMany by the keys.
func (w *Wire) getKeys(keys []string) ([]any, error) {
	get := w.rope.values().GetMany
	if w.opts != nil && w.opts.AllowStale {
		get = w.rope.values().GetManyKept
	}
	values, err := get(w.Context(), keys)
	failed := values == nil // the storage, for all
	if failed {
		values = slices.Repeat([]any{ErrNotFound}, len(keys))
	}
	for i, v := range values {
		o := flight.Outcome{Hit: v != any(ErrNotFound)}
		if failed {
			o.Err = err
		}
		w.took(w.Context(), keys[i], &o, &store.Got{})
		if !o.Hit {
			values[i] = w.rope.config.MissValue
		}
	}
	return values, err
}

// UpdateMany runs the function for every call, once for equal calls, and stores the
// values together.
// Python: update_many.
func (BulkInterfaceMixin) UpdateMany(w *Wire, ps []ArgPack) ([]any, error) {
	keys, err := w.keys(ps)
	if err != nil {
		return nil, w.fail("update_many", "", err)
	}
	if w.isFresh() {
		return w.updateFreshMany(keys, ps)
	}
	together := w.togetherOf(ps)
	outcomes := w.rope.values().UpdateMany(w.Context(), keys, w.leaderOf(ps), w.contextOf(ps), func(f *flight.Flight, i int) (any, error) {
		return together.wire(w, i).updateIn(f, ps[i])
	}, together.forStore())
	values, errs := w.results(outcomes)
	return values, w.fail("update_many", "", store.ElementErrors(keys, errs))
}

// leaderOf is leader for a bulk call.
func (w *Wire) leaderOf(ps []ArgPack) flight.Goroutine {
	if !w.rope.partial.canBe() {
		return 0
	}
	for i := range ps {
		if who := w.leader(ps[i].Args, ps[i].Kwargs); who != 0 {
			return who
		}
	}
	return 0
}

// contextOf returns a function for the context of each call.
func (w *Wire) contextOf(ps []ArgPack) func(i int) context.Context {
	return func(i int) context.Context {
		if ps[i].bare {
			return w.Context()
		}
		_, given := w.rope.fn.TakeContext(ps[i].Args, w.isBound)
		return w.runContext(given)
	}
}

// results returns the values of a bulk call, with the miss value where there is none.
func (w *Wire) results(outcomes []flight.Outcome) ([]any, []error) {
	values := make([]any, len(outcomes))
	var errs []error // nil: there is none
	for i := range outcomes {
		o := &outcomes[i]
		if values[i] = o.Value; o.Err == nil {
			continue
		}
		if !o.Ran {
			values[i] = w.rope.config.MissValue
		}
		if errs == nil {
			errs = make([]error, len(outcomes))
		}
		errs[i] = o.Err
	}
	return values, errs
}

// GetOrUpdateMany returns the cached values, runs the function for the missing ones,
// once for equal calls, and stores their values together. If elements fail, it returns
// the other values and an error that names the failed ones.
// Python: get_or_update_many.
func (BulkInterfaceMixin) GetOrUpdateMany(w *Wire, ps []ArgPack) ([]any, error) {
	keys, err := w.keys(ps)
	if err != nil {
		return nil, w.fail("get_or_update_many", "", err)
	}
	if w.isFresh() {
		return w.getFreshMany(keys, ps)
	}
	together := w.togetherOf(ps)
	outcomes := w.rope.values().GetOrRunMany(w.Context(), keys, w.leaderOf(ps), w.contextOf(ps), func(f *flight.Flight, i int) (any, error) {
		return together.wire(w, i).executeIn(f, ps[i])
	}, together.forStore())
	values, errs := w.ranMany(outcomes)
	return values, w.fail("get_or_update_many", "", store.ElementErrors(keys, errs))
}

// ranMany counts what a GetOrUpdateMany came to, and returns its results.
func (w *Wire) ranMany(outcomes []flight.Outcome) ([]any, []error) {
	for i := range outcomes {
		w.count(&outcomes[i])
	}
	values, errs := w.results(outcomes)
	return values, causes(errs)
}

// SetMany stores values as if the function had returned them.
// Python: set_many.
func (BulkInterfaceMixin) SetMany(w *Wire, ps []ArgPack, values []any) error {
	if len(ps) != len(values) {
		return w.fail("set_many", "", fault.Argumentf("%d values for %d calls", len(values), len(ps)))
	}
	keys, err := w.keys(ps)
	if err == nil {
		err = w.setKeys(keys, values)
	}
	return w.fail("set_many", "", err)
}

// DeleteMany removes the cached values. Python: delete_many.
func (BulkInterfaceMixin) DeleteMany(w *Wire, ps []ArgPack) error {
	keys, err := w.keys(ps)
	if err == nil {
		err = w.Storage().DeleteMany(w.Context(), keys)
	}
	return w.fail("delete_many", "", err)
}

// HasMany reports for every call whether its value is cached. Python: has_many.
func (BulkInterfaceMixin) HasMany(w *Wire, ps []ArgPack) ([]bool, error) {
	keys, err := w.keys(ps)
	if err != nil {
		return nil, w.fail("has_many", "", err)
	}
	has := w.rope.values().HasMany
	if w.opts != nil && w.opts.AllowStale {
		has = w.rope.values().HasManyKept
	}
	all, err := has(w.Context(), keys)
	return all, w.fail("has_many", "", err)
}

// TouchMany renews the expiry of the cached values. Python: touch_many.
func (BulkInterfaceMixin) TouchMany(w *Wire, ps []ArgPack) error {
	keys, err := w.keys(ps)
	if err == nil {
		err = w.Storage().TouchMany(w.Context(), keys)
	}
	return w.fail("touch_many", "", err)
}
