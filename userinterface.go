package ring

import (
	"context"

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
	w.count(&o)
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
	if w.rope.fn.ContextAt >= 0 || !w.rope.ui.standard || w.rope.trace.Run != nil {
		w = w.WithContext(flight.Within(w.Context(), f))
		w.runs = f
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
	if f.Leader() == 0 && w.rope.fn.ContextAt < 0 && w.rope.batch == nil && w.rope.trace.Run == nil {
		return w.UserInterface().Execute(w, p)
	}
	return w.executeIn(f, p)
}
