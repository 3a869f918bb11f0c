package ring

import (
	"context"
	"slices"
	"sync/atomic"

	"github.com/ring-go/ring/internal/batch"
	"github.com/ring-go/ring/internal/fault"
	"github.com/ring-go/ring/internal/flight"
	"github.com/ring-go/ring/internal/store"
)

// execute calls the function with bound values.
func (w *Wire) execute(ctx context.Context, values []any) (any, error) {
	if w.rope.batch != nil {
		return w.rope.callSeveral(ctx, values)
	}
	return w.run(ctx, w.runs, values)
}

// callSeveral is execute for a Batch. Others keep their values, but not this slice, on the stack.
//
//go:noinline
func (r *Rope) callSeveral(ctx context.Context, values []any) (any, error) {
	return r.batch.Call(ctx, slices.Clone(values))
}

// callPrepared is execute, unless a run for several elements has come to a result for this one.
func (w *Wire) callPrepared(ctx context.Context, values []any) (any, error) {
	if w.rope.batch != nil {
		if e, ok := w.Context().Value(preparedKey{}).(*prepared); ok && e.rope == w.rope && (w.rope.ui.standard || batch.Same(e.values, values)) {
			if r := e.result.Load(); r != nil {
				return r.Value, r.Err
			}
		}
	}
	return w.execute(ctx, values)
}

// executed makes the errors of a Batch that are not the function's own an *Error.
func (w *Wire) executed(value any, err error) (any, error) {
	if fault.IsUnanswered(err) {
		return value, w.fail("execute", "", err)
	}
	return value, err
}

// unexecuted undoes executed for a call that is more than an execute.
func (w *Wire) unexecuted(err error) error {
	if e, ok := err.(*Error); ok && e.Rope == w.rope.fn.Name && fault.IsUnanswered(e.Err) {
		return e.Err
	}
	return err
}

// together is a bulk call of a Batch; nil: of another rope.
type together struct {
	of       *Wire
	values   [][]any // of each element
	elements []prepared
	context  func(i int) context.Context
}

// prepared is what a run for several elements has come to for one of them.
type prepared struct {
	rope   *Rope
	values []any
	result atomic.Pointer[batch.Result] // nil: there has been no run
}

// preparedKey is the key of the *prepared in the context of a wire.
type preparedKey struct{}

// togetherOf returns a bulk call of a Batch.
func (w *Wire) togetherOf(ps []ArgPack) *together {
	if w.rope.batch == nil {
		return nil
	}
	t := &together{of: w, values: make([][]any, len(ps)), elements: make([]prepared, len(ps)), context: w.contextOf(ps)}
	for i, p := range ps {
		e := &t.elements[i]
		e.rope = w.rope
		var err error
		if e.values, _, err = w.rope.fn.Bind(p.pack(), w.isBound); err != nil {
			return nil // each element tells its own error
		}
		t.values[i] = e.values
	}
	return t
}

// forStore returns the call for the storage.
func (t *together) forStore() *store.Together {
	if t == nil {
		return nil
	}
	b := t.of.rope.batch
	return &store.Together{
		Max: b.Max,
		Groups: func(places []int, contextOf func(i int) context.Context) [][]int {
			return b.Groups(t.values, places, contextOf)
		},
		Run:  t.run,
		Fail: t.fail,
	}
}

// run runs the function for the elements at places.
func (t *together) run(ctx context.Context, places []int) (put func()) {
	calls := make([][]any, len(places))
	for n, i := range places {
		calls[n] = t.values[i]
	}
	results := t.of.rope.batch.Run(ctx, calls)
	return func() {
		for n, i := range places {
			t.elements[i].result.Store(&results[n])
		}
	}
}

// fail makes err the result of the elements at places.
func (t *together) fail(places []int, err error) {
	for _, i := range places {
		t.elements[i].result.Store(&batch.Result{Err: err})
	}
}

// fetch runs the function for all elements, beside the cache.
func (t *together) fetch() {
	if t != nil {
		t.forStore().Execute(len(t.elements), t.context)
	}
}

// wire returns w for the run of element i.
func (t *together) wire(w *Wire, i int) *Wire {
	if t == nil {
		return w
	}
	derived := *w
	derived.ctx = context.WithValue(w.Context(), preparedKey{}, &t.elements[i])
	return &derived
}

// prepare makes the run of a call return what was prepared for element i.
func (t *together) prepare(c *store.Call, i int) {
	run := c.Run
	c.Run = func(ctx context.Context, f *flight.Flight) (any, error) {
		return run(context.WithValue(ctx, preparedKey{}, &t.elements[i]), f)
	}
}
