package batch

import (
	"context"
	"runtime"
	"slices"
	"sync"
	"time"

	"github.com/ring-go/ring/internal/flight"
)

// Config says how single calls are gathered.
type Config struct {
	Max  int           // elements of one run; 0: any number
	Wait time.Duration // how long a single call waits for others; 0: not at all
}

// gatherer gathers single calls for one run. It keeps no channel or timer while there is no
// call: one that was made in a bubble of testing/synctest must not outlive it.
type gatherer struct {
	Config
	run    func(ctx context.Context, calls [][]any) []Result
	shared func(values []any) []any // what the calls of one run have in common

	mu   sync.Mutex
	open []*gathering // those that take further calls
}

// gathering is the calls of one run. It runs on a goroutine of its own, because the first
// caller may leave before the others.
type gathering struct {
	of     *gatherer
	common []any
	ctx    context.Context // that of the run
	cancel context.CancelFunc
	flight *flight.Flight // stands for the run: the flights of all calls wait for it
	origin Origin         // until it is sealed, of.mu guards it
	full   chan struct{}
	done   chan struct{}

	members []*member // those that have not left; of.mu guards it
	sealed  bool      // no call joins any more; of.mu guards it

	panicked any
	exited   bool
}

// Origin is what the first call of a gathered run is part of. That has no flight of its own in
// the context.
type Origin struct {
	Owner   any // of the flight; nil: the call has none
	Trigger flight.Trigger
	Behind  bool // that of all calls
}

type originKey struct{}

// OriginIn returns the origin of the gathered run that has the context; nil: it is none.
func OriginIn(ctx context.Context) *Origin {
	o, _ := ctx.Value(originKey{}).(*Origin)
	return o
}

// member is a call of a gathering.
type member struct {
	values []any
	first  bool
	result Result // known when the gathering is done
}

// Call calls the function for one element: with others, if calls are gathered.
func (g *gatherer) Call(ctx context.Context, values []any) (any, error) {
	if g.Wait <= 0 {
		r := g.run(ctx, [][]any{values})[0]
		return r.Value, r.Err
	}
	for {
		r, settled := g.gather(ctx, values)
		if settled {
			return r.Value, r.Err
		}
	}
}

// gather is one try of a gathered call. It returns false if the run ended without a result
// for others than its first caller.
func (g *gatherer) gather(ctx context.Context, values []any) (r Result, settled bool) {
	own := flight.FlightIn(ctx)
	in, m, err := g.join(ctx, own, values)
	if err != nil {
		return Result{Err: err}, true
	}
	if own != nil {
		defer own.Settle(in.flight)
	}
	select {
	case <-in.done:
	case <-ctx.Done():
		in.leave(m)
		return Result{Err: ctx.Err()}, true
	}
	switch {
	case in.panicked != nil:
		panic(in.panicked)
	case in.exited && m.first:
		runtime.Goexit()
	case in.exited:
		return Result{}, false
	}
	if life := in.flight.Life(); own != nil && life != 0 && own.Life() == 0 {
		own.SetLife(life)
	}
	return m.result, true
}

// join adds a call to the gathering of those with the same further values, or begins one.
func (g *gatherer) join(ctx context.Context, own *flight.Flight, values []any) (*gathering, *member, error) {
	common := g.shared(values)
	g.mu.Lock()
	defer g.mu.Unlock()
	m := &member{values: values}
	i := slices.IndexFunc(g.open, func(o *gathering) bool { return same(o.common, common) })
	var in *gathering
	if i >= 0 {
		in = g.open[i]
	} else {
		in = g.begin(ctx, own, common)
		m.first = true
	}
	in.origin.Behind = in.origin.Behind && own != nil && own.Behind
	// Before the run begins, so that it finds out whom it must not wait for.
	if own != nil && !own.Await(in.flight) {
		return nil, nil, flight.ErrAwaited
	}
	if m.first {
		g.open = append(g.open, in)
		go in.wait()
	}
	if in.members = append(in.members, m); len(in.members) == g.Max {
		in.seal()
		close(in.full)
	}
	return in, m, nil
}

// begin returns a new gathering, whose run has the values of ctx, but not its end.
func (g *gatherer) begin(ctx context.Context, own *flight.Flight, common []any) *gathering {
	in := &gathering{of: g, common: common, full: make(chan struct{}), done: make(chan struct{})}
	if own != nil {
		in.origin = Origin{own.Owner, own.Trigger, own.Behind}
	}
	free, cancel := context.WithCancel(context.WithValue(context.WithoutCancel(ctx), originKey{}, &in.origin))
	in.flight = flight.NewApart(context.Background(), "", nil)
	in.ctx, in.cancel = flight.Within(free, in.flight), cancel
	return in
}

// seal lets no further call join. The gatherer's lock is held.
func (in *gathering) seal() {
	in.sealed = true
	in.of.open = slices.DeleteFunc(in.of.open, func(o *gathering) bool { return o == in })
}

// leave is for a call whose context has ended. When all have left, the run ends.
func (in *gathering) leave(m *member) {
	in.of.mu.Lock()
	defer in.of.mu.Unlock()
	in.members = slices.DeleteFunc(in.members, func(o *member) bool { return o == m })
	if len(in.members) > 0 {
		return
	}
	in.seal()
	in.cancel()
}

// wait waits for further calls, and then runs the function.
func (in *gathering) wait() {
	timer := time.NewTimer(in.of.Wait)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-in.full:
	case <-in.ctx.Done():
	}
	in.of.mu.Lock()
	in.seal()
	members := slices.Clone(in.members)
	in.of.mu.Unlock()
	defer in.cancel()
	defer close(in.done)
	if len(members) > 0 {
		in.call(members)
	}
}

// call runs the function. Package store knows it by its name, as one within which nothing
// waits for the run.
func (in *gathering) call(members []*member) {
	in.exited = true
	defer func() {
		if in.panicked = recover(); in.panicked != nil {
			in.exited = false
		}
	}()
	calls := make([][]any, len(members))
	for i, m := range members {
		calls[i] = m.values
	}
	for i, r := range in.of.run(in.ctx, calls) {
		members[i].result = r
	}
	in.exited = false
}
