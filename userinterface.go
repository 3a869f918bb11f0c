package ring

import (
	"context"
	"slices"

	"github.com/ring-go/ring/internal/fault"
	"github.com/ring-go/ring/internal/flight"
	"github.com/ring-go/ring/internal/store"
)

// UserInterface defines the sub-functions of a rope. They get the wire that they were
// called on and the arguments, and must be safe for concurrent use. To replace some of
// them, embed CacheUserInterface in a struct and write those. They reach the other
// sub-functions of the rope through w.UserInterface(). Errors of their own reach the
// caller unchanged.
// Python: ring.func.base.BaseUserInterface.
type UserInterface interface {
	Key(w *Wire, p ArgPack) (string, error)      // Python: key
	Execute(w *Wire, p ArgPack) (any, error)     // Python: execute
	Get(w *Wire, p ArgPack) (any, error)         // Python: get
	Update(w *Wire, p ArgPack) (any, error)      // Python: update
	GetOrUpdate(w *Wire, p ArgPack) (any, error) // Python: get_or_update
	Set(w *Wire, value any, p ArgPack) error     // Python: set
	Delete(w *Wire, p ArgPack) error             // Python: delete
	Has(w *Wire, p ArgPack) (bool, error)        // Python: has
	Touch(w *Wire, p ArgPack) error              // Python: touch
}

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

// SubFunction is an additional sub-function, for Run.
type SubFunction func(w *Wire, p ArgPack) (any, error)

// CacheUserInterface has the usual sub-functions.
// Python: ring.func.sync.CacheUserInterface.
type CacheUserInterface struct{}

var _ UserInterface = CacheUserInterface{}

// Key returns the key of a call. Python: BaseUserInterface.key, RingRope.compose_key.
func (CacheUserInterface) Key(w *Wire, p ArgPack) (string, error) {
	key, err := w.rope.key(w, p)
	return key, w.fail("key", "", err)
}

// Execute runs the function, whatever is cached. Python: BaseUserInterface.execute.
func (CacheUserInterface) Execute(w *Wire, p ArgPack) (any, error) {
	values, ctx, err := w.rope.fn.Bind(p.pack(), w.isBound)
	if err != nil {
		return nil, w.fail("execute", "", err)
	}
	return w.executed(w.callPrepared(w.runContext(ctx), values))
}

// Get returns the cached value, or the rope's miss value. Python: get.
func (CacheUserInterface) Get(w *Wire, p ArgPack) (any, error) {
	w.begin()
	key, err := w.UserInterface().Key(w, p)
	if err != nil {
		return w.rope.config.MissValue, w.fail("get", "", err)
	}
	return w.getKey(w.Context(), key)
}

// Update runs the function and stores its value. Python: update.
func (CacheUserInterface) Update(w *Wire, p ArgPack) (any, error) {
	w.begin()
	key, err := w.UserInterface().Key(w, p)
	if err != nil {
		return nil, w.fail("update", "", err)
	}
	if w.isFresh() {
		return w.updateFresh(w.Context(), w.packCall(key, p))
	}
	o := w.rope.values().Update(w.Context(), key, w.leader(p.Args, p.Kwargs), func(f *flight.Flight) (any, error) {
		return w.updateIn(f, p)
	})
	return w.updated(key, &o)
}

// GetOrUpdate returns the cached value, or runs the function and stores its value.
// Concurrent calls with one key share one run.
// Python: get_or_update.
func (CacheUserInterface) GetOrUpdate(w *Wire, p ArgPack) (any, error) {
	w.begin()
	key, err := w.UserInterface().Key(w, p)
	if err != nil {
		return nil, w.fail("get_or_update", "", err)
	}
	if w.isFresh() {
		return w.getFresh(w.Context(), w.packCall(key, p))
	}
	var o flight.Outcome
	w.rope.values().GetOrRun(w.Context(), key, w.leader(p.Args, p.Kwargs), func(f *flight.Flight) (any, error) {
		return w.executeIn(f, p)
	}, &o)
	w.count(o.Hit)
	return o.Value, w.failOutcome("get_or_update", key, &o)
}

// Set stores value as if the function had returned it. Python: set.
func (CacheUserInterface) Set(w *Wire, value any, p ArgPack) error {
	key, err := w.UserInterface().Key(w, p)
	if err == nil {
		err = w.setKey(w.Context(), key, value)
	}
	return w.fail("set", key, err)
}

// Delete removes the cached value, if there is one. Python: delete.
func (CacheUserInterface) Delete(w *Wire, p ArgPack) error {
	key, err := w.UserInterface().Key(w, p)
	if err == nil {
		err = w.Storage().Delete(w.Context(), key)
	}
	return w.fail("delete", key, err)
}

// Has reports whether a value is cached. Python: has.
func (CacheUserInterface) Has(w *Wire, p ArgPack) (bool, error) {
	key, err := w.UserInterface().Key(w, p)
	if err != nil {
		return false, w.fail("has", "", err)
	}
	return w.hasKey(w.Context(), key)
}

// Touch renews the expiry of the cached value, if there is one. Python: touch.
func (CacheUserInterface) Touch(w *Wire, p ArgPack) error {
	key, err := w.UserInterface().Key(w, p)
	if err == nil {
		err = w.Storage().Touch(w.Context(), key)
	}
	return w.fail("touch", key, err)
}

// getKey is Get by the key.
func (w *Wire) getKey(ctx context.Context, key string) (any, error) {
	value, ok, err := w.lookUpKey(ctx, key)
	if !ok {
		return w.rope.config.MissValue, err
	}
	return value, nil
}

// setKey is Set by the key.
func (w *Wire) setKey(ctx context.Context, key string, value any) error {
	switch {
	case w.opts == nil || w.opts.Expire == 0:
		return w.Storage().Set(ctx, key, value)
	case w.opts.Expire == DoNotStore:
		return nil
	}
	return w.Storage().Set(ctx, key, value, w.opts.Expire)
}

// setKeys is SetMany by the keys.
func (w *Wire) setKeys(keys []string, values []any) error {
	switch {
	case w.opts == nil || w.opts.Expire == 0:
		return w.Storage().SetMany(w.Context(), keys, values)
	case w.opts.Expire == DoNotStore:
		return nil
	}
	return w.Storage().SetMany(w.Context(), keys, values, w.opts.Expire)
}

// hasKey is Has by the key.
func (w *Wire) hasKey(ctx context.Context, key string) (bool, error) {
	has := w.rope.values().Has
	if w.opts != nil && w.opts.AllowStale {
		has = w.rope.values().HasKept
	}
	ok, err := has(ctx, key)
	return ok, w.fail("has", key, err)
}

// updateKey is Update by the key.
func (w *Wire) updateKey(ctx context.Context, key string, values []any) (any, error) {
	if w.isFresh() {
		return w.updateFresh(ctx, w.valuesCall(key, values, w.leader(values, nil)))
	}
	o := w.rope.values().Update(ctx, key, w.leader(values, nil), func(f *flight.Flight) (any, error) {
		return w.runIn(f, ctx, values)
	})
	return w.updated(key, &o)
}

// updated is what an update returns.
func (w *Wire) updated(key string, o *flight.Outcome) (any, error) {
	if o.Err != nil && o.Ran {
		return o.Value, w.failStore("update", key, o.Err)
	}
	if store.IsLate(o.Err) || fault.IsUnanswered(o.Err) {
		return o.Value, w.fail("update", key, o.Err)
	}
	return o.Value, o.Err
}

// leader returns who leads the flight of a call, where that matters: with a partial key,
// a call within the run of the same key must be told from others.
func (w *Wire) leader(args []any, kwargs Kwargs) flight.Goroutine {
	if !w.rope.partial.has(w.bound, args, kwargs) {
		return 0
	}
	return flight.CurrentGoroutine()
}

// executeIn runs the function within a flight. The context of the run marks its calls to
// itself.
func (w *Wire) executeIn(f *flight.Flight, p ArgPack) (any, error) {
	if w.rope.fn.ContextAt >= 0 || !w.rope.ui.standard {
		w = w.WithContext(flight.Within(w.Context(), f))
	}
	value, err := w.rope.ui.Execute(w, p)
	if err == nil {
		return value, nil
	}
	err = w.unexecuted(err)
	// A bulk call's elements can have contexts of their own.
	if _, given := w.rope.fn.TakeContext(p.Args, w.isBound); given != nil && !p.bare {
		f.Left = given.Err() != nil
	}
	return value, err
}

// runContext returns the context that the function gets: the one among its arguments, or
// else the wire's.
func (w *Wire) runContext(given context.Context) context.Context {
	if given == nil {
		return w.Context()
	}
	given = withoutOptions(given)
	if f := flight.FlightIn(w.Context()); f != nil && flight.FlightIn(given) != f {
		return flight.WithFlight(given, f)
	}
	return given
}

// updateIn is executeIn for an update. Without a context the run does not need to be known.
func (w *Wire) updateIn(f *flight.Flight, p ArgPack) (any, error) {
	if f.Leader() == 0 && w.rope.fn.ContextAt < 0 && w.rope.batch == nil {
		return w.UserInterface().Execute(w, p)
	}
	return w.executeIn(f, p)
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
	if values == nil { // the storage failed for all
		values = slices.Repeat([]any{ErrNotFound}, len(keys))
	}
	for i, v := range values {
		hit := v != any(ErrNotFound)
		w.count(hit)
		if !hit {
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
		w.count(outcomes[i].Hit)
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
