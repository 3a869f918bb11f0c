package ring

import (
	"context"
	"fmt"
	"runtime/debug"
	"time"

	"github.com/ring-go/ring/internal/batch"
	"github.com/ring-go/ring/internal/flight"
	"github.com/ring-go/ring/internal/store"
)

// run calls the function, for the flight f if that is not nil, and counts the run.
func (w *Wire) run(ctx context.Context, f *flight.Flight, values []any) (any, error) {
	if w.rope.trace.Run != nil {
		return w.runTraced(ctx, f, values)
	}
	return w.rope.runCounted(ctx, f, values)
}

// runCounted calls the function, and counts the run.
func (r *Rope) runCounted(ctx context.Context, f *flight.Flight, values []any) (value any, err error) {
	began, returned := r.meter.Begin(), false
	if f != nil {
		f.RunsSince(began)
	}
	defer func() {
		if !returned {
			r.meter.Panicked()
		}
	}()
	value, err = r.fn.Call(ctx, values)
	returned = true
	r.meter.End(began, err != nil)
	return value, err
}

// runTraced is run for a rope whose runs are traced.
func (w *Wire) runTraced(ctx context.Context, f *flight.Flight, values []any) (value any, err error) {
	info := w.rope.runInfo(f)
	if w.warms && info.Trigger == ByMiss {
		info.Trigger = ByWarm
	}
	ctx, end := w.rope.traceRun(ctx, info, f)
	result := RunResult{Panicked: true}
	defer func() { end(result) }()
	value, err = w.rope.runCounted(ctx, f, values)
	result.Panicked, result.Err = false, err
	return value, err
}

// runInfo tells about the run of the flight f, which may be nil.
func (r *Rope) runInfo(f *flight.Flight) RunInfo {
	info := RunInfo{Rope: r, Trigger: ByExecute, Elements: 1}
	if f != nil {
		info.Key, info.Trigger, info.Behind = f.Key, Trigger(f.Trigger), f.Behind
	}
	return info
}

// traceRun tells the trace that a run begins. The caller calls end when it has ended.
func (r *Rope) traceRun(ctx context.Context, info RunInfo, f *flight.Flight) (within context.Context, end func(RunResult)) {
	within, atEnd := r.beginTrace(ctx, info)
	began := time.Now()
	return within, func(result RunResult) {
		if atEnd == nil {
			return
		}
		defer r.surviveHook(ctx, info.Key)
		if result.Took = time.Since(began); f != nil {
			result.Waiting = f.Waiting()
		}
		atEnd(result)
	}
}

// beginTrace calls Trace.Run.
func (r *Rope) beginTrace(ctx context.Context, info RunInfo) (within context.Context, atEnd func(RunResult)) {
	within = ctx
	defer r.surviveHook(ctx, info.Key)
	changed, end := r.trace.Run(ctx, info)
	if atEnd = end; changed == nil {
		return within, atEnd
	}
	if f := flight.FlightIn(ctx); f != nil && flight.FlightIn(changed) != f {
		changed = flight.WithFlight(changed, f) // which it has left out
	}
	return changed, atEnd
}

// surviveHook reports the panic of a hook.
func (r *Rope) surviveHook(ctx context.Context, key string) {
	if p := recover(); p != nil {
		r.report(ctx, &Error{Action: "trace", Rope: r.fn.Name, Key: key, Err: fmt.Errorf("panic: %v\n%s", p, debug.Stack())})
	}
}

// traceCall tells the trace of a call.
func (r *Rope) traceCall(ctx context.Context, c CallInfo) {
	defer r.surviveHook(ctx, c.Key)
	r.trace.Call(ctx, c)
}

// observeBatch counts the runs of a Batch, and tells the trace of them.
func (r *Rope) observeBatch() {
	if r.batch != nil {
		r.batch.Around = r.runBatch
	}
}

// runBatch runs the function for several elements.
func (r *Rope) runBatch(ctx context.Context, elements int, run func(context.Context) error) {
	r.meter.Batches.Add(1)
	r.meter.BatchElements.Add(uint64(elements))
	result := RunResult{Panicked: true}
	if r.trace.Run != nil {
		f := r.flightIn(ctx)
		info := r.batchInfo(ctx, f)
		info.Elements = elements
		var end func(RunResult)
		ctx, end = r.traceRun(ctx, info, f)
		defer func() { end(result) }()
	}
	began := r.meter.Begin()
	defer func() {
		if result.Panicked {
			r.meter.Panicked()
		}
	}()
	err := run(ctx)
	result.Panicked, result.Err = false, err
	r.meter.End(began, err != nil)
}

// batchInfo is runInfo for the run of a Batch, which f may be one of several flights of.
func (r *Rope) batchInfo(ctx context.Context, f *flight.Flight) RunInfo {
	info := r.runInfo(f)
	info.Key = ""
	if o := batch.OriginIn(ctx); f == nil && o != nil && r.owns(o.Owner) {
		info.Trigger, info.Behind = Trigger(o.Trigger), o.Behind
	}
	if info.Trigger == ByMiss && ctx.Value(warmedKey{}) == r {
		info.Trigger = ByWarm
	}
	return info
}

// flightIn returns the flight of the rope in whose run the caller is; nil: it is in none.
func (r *Rope) flightIn(ctx context.Context) *flight.Flight {
	f := flight.FlightIn(ctx)
	if f == nil || !r.owns(f.Owner) {
		return nil
	}
	return f
}

// owns tells whether the owner of a flight is the rope.
func (r *Rope) owns(owner any) bool {
	by, ok := owner.(*store.Values)
	return ok && by.Meter == r.meter
}
