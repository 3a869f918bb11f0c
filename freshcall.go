package ring

import (
	"context"
	"maps"
	"slices"

	"github.com/ring-go/ring/internal/flight"
	"github.com/ring-go/ring/internal/store"
)

// Calls of a rope with Freshness, or with options of their own. Those of others do not come
// here.

// freshCall returns what the storage has to know of a call. run gets the context of the run,
// and can be called after the call has ended. p returns the arguments for ExpireFunc.
func (w *Wire) freshCall(key string, who flight.Goroutine, p func() ArgPack, run func(ctx context.Context, f *flight.Flight) (any, error)) store.Call {
	c := store.Call{Key: key, Who: who, Run: run, Options: w.storeOptions()}
	if lifeOf := w.rope.expireFunc; lifeOf != nil {
		c.Run = func(ctx context.Context, f *flight.Flight) (any, error) {
			value, err := run(ctx, f)
			if err == nil && f.Life() == 0 {
				f.SetLife(lifeOf(value, p()))
			}
			return value, err
		}
	}
	return c
}

// valuesCall is freshCall for the values that the function is called with.
func (w *Wire) valuesCall(key string, values []any, who flight.Goroutine) store.Call {
	return w.freshCall(key, who,
		func() ArgPack { return packed(w.rope.fn.Pack(values, w.isBound)) },
		func(ctx context.Context, f *flight.Flight) (any, error) { return w.runIn(f, ctx, values) })
}

// packCall is freshCall for arguments that are still to be bound. A context among them has
// become that of the call. The run may read them after the call has ended, so Kwargs, which
// are the caller's, are copied.
func (w *Wire) packCall(key string, p ArgPack) store.Call {
	p.Kwargs = maps.Clone(p.Kwargs)
	if !p.bare {
		p.Args, _ = w.rope.fn.TakeContext(p.Args, w.isBound)
	}
	return w.freshCall(key, w.leader(p.Args, p.Kwargs),
		func() ArgPack { return p },
		func(ctx context.Context, f *flight.Flight) (any, error) {
			derived := *w
			derived.ctx = ctx
			return derived.executeIn(f, p)
		})
}

// getFresh is GetOrUpdate.
func (w *Wire) getFresh(ctx context.Context, c store.Call) (any, error) {
	var o flight.Outcome
	w.rope.values().GetFresh(ctx, &c, &o)
	return w.gotFresh(ctx, &c, &o)
}

// gotFresh counts what a GetOrUpdate came to, tells the caller, and returns its results.
func (w *Wire) gotFresh(ctx context.Context, c *store.Call, o *flight.Outcome) (any, error) {
	w.took(ctx, c.Key, o, &c.Got)
	w.inform(c.Key, o, &c.Got)
	if o.Err == nil {
		return o.Value, nil
	}
	return o.Value, w.failOutcome("get_or_update", c.Key, o)
}

// updateFresh is Update.
func (w *Wire) updateFresh(ctx context.Context, c store.Call) (any, error) {
	if c.SkipWrite {
		c.SkipRead = true
		var o flight.Outcome
		w.rope.values().GetFresh(ctx, &c, &o)
		w.inform(c.Key, &o, &c.Got)
		return o.Value, w.failOutcome("update", c.Key, &o)
	}
	o := w.rope.values().UpdateFresh(ctx, &c)
	w.inform(c.Key, &o, &c.Got)
	return w.updated(c.Key, &o)
}

// look is Get by the key with the options of the call.
func (w *Wire) look(ctx context.Context, key string) (any, error) {
	value, got, err := w.rope.values().Look(ctx, key, w.opts != nil && w.opts.AllowStale)
	o := flight.Outcome{Value: value, Err: err, Hit: err == nil}
	if store.IsMiss(err) {
		o.Err = nil
	}
	w.took(ctx, key, &o, &got)
	w.inform(key, &o, &got)
	return value, err
}

// getFreshValues is GetOrUpdate, without options, for the values that the function is called
// with. They are asked for only where it may run.
//
//go:noinline
func (w *Wire) getFreshValues(ctx context.Context, key string, who flight.Goroutine, values func() []any) (any, error) {
	s := w.rope.values()
	var k store.Seeking
	var o flight.Outcome
	leads, isNew := false, s.Memory || s.Apart
	if !isNew {
		leads = s.SeekFresh(ctx, key, who, &k, &o)
		if !leads && s.IsSettled(key, &o) {
			return w.gotOrRan(key, &o)
		}
	}
	c := w.valuesCall(key, values(), who)
	if isNew {
		return w.getFresh(ctx, c)
	}
	return w.finishFresh(ctx, s, c, &k, leads, o)
}

// finishFresh is getFresh for a call that has looked for its value.
func (w *Wire) finishFresh(ctx context.Context, s *store.Values, c store.Call, k *store.Seeking, leads bool, o flight.Outcome) (any, error) {
	s.FinishFresh(ctx, &c, k, leads, &o)
	return w.gotFresh(ctx, &c, &o)
}

// packCalls is packCall for the calls of a bulk call.
func (w *Wire) packCalls(keys []string, ps []ArgPack) ([]store.Call, *together) {
	calls := make([]store.Call, len(ps))
	t := w.togetherOf(ps)
	for i, p := range ps {
		p.Args = slices.Clone(p.Args)
		calls[i] = w.packCall(keys[i], p)
		if t != nil {
			t.prepare(&calls[i], i)
		}
	}
	return calls, t
}

// getFreshMany is GetOrUpdateMany.
func (w *Wire) getFreshMany(keys []string, ps []ArgPack) ([]any, error) {
	calls, together := w.packCalls(keys, ps)
	outcomes := w.rope.values().GetFreshMany(w.Context(), calls, w.contextOf(ps), together.forStore())
	for i := range outcomes {
		w.took(w.Context(), keys[i], &outcomes[i], &calls[i].Got)
	}
	values, errs := w.results(outcomes)
	return values, w.fail("get_or_update_many", "", store.ElementErrors(keys, causes(errs)))
}

// updateFreshMany is UpdateMany.
func (w *Wire) updateFreshMany(keys []string, ps []ArgPack) ([]any, error) {
	calls, together := w.packCalls(keys, ps)
	outcomes := w.rope.values().UpdateFreshMany(w.Context(), calls, w.contextOf(ps), together.forStore())
	values, errs := w.results(outcomes)
	return values, w.fail("update_many", "", store.ElementErrors(keys, causes(errs)))
}

// causes replaces the errors of runs by what the function returned.
func causes(errs []error) []error {
	for i, err := range errs {
		errs[i] = flight.Unmarked(err)
	}
	return errs
}

// MarkStale makes the cached value appear as if its Expire had just passed: it is served while
// it is renewed, or if the function fails. If there is none, that is no error. What a run that
// is under way returns is not stored. Without StaleWhileRevalidate and StaleIfError it is
// errors.ErrUnsupported: use Delete. Python has no counterpart.
func (w *Wire) MarkStale(args ...any) error {
	key, err := w.Key(args...)
	if err == nil {
		err = w.rope.values().MarkStale(w.callContext(args), []string{key})
	}
	return w.fail("mark_stale", key, err)
}

// MarkStaleMany is MarkStale for several calls. Each element of argsList is an Args or a
// Kwargs. Python has no counterpart.
func (w *Wire) MarkStaleMany(argsList ...any) error {
	keys, err := w.KeyMany(argsList...)
	if err == nil {
		err = w.rope.values().MarkStale(w.Context(), keys)
	}
	return w.fail("mark_stale_many", "", err)
}

// callContext returns the context of a call with these arguments.
func (w *Wire) callContext(args []any) context.Context {
	if _, ctx := w.rope.fn.TakeContext(args, w.isBound); ctx != nil {
		return ctx
	}
	return w.Context()
}
