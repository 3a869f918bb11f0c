package otelring

import (
	"context"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"

	"github.com/ring-go/ring"
)

// duration is the histogram of runs. A histogram cannot be observed, so that it is recorded at
// the end of each run, by those ropes that have the Trace.
type duration struct{ metric.Float64Histogram }

func durationOf(m metric.Meter) (duration, error) {
	var bounds []float64
	for _, b := range ring.RunBounds() {
		bounds = append(bounds, b.Seconds())
	}
	h, err := m.Float64Histogram("ring.run.duration", metric.WithUnit("s"), metric.WithExplicitBucketBoundaries(bounds...),
		metric.WithDescription("How long runs of the function took, for the functions that have the Trace."))
	return duration{h}, err
}

// run records a run that does not panic.
func (d duration) run(ctx context.Context, r ring.RunInfo) (context.Context, func(ring.RunResult)) {
	return ctx, func(result ring.RunResult) {
		if result.Panicked {
			return
		}
		config := r.Rope.Config()
		d.Record(context.WithoutCancel(ctx), result.Took.Seconds(), metric.WithAttributes(
			attribute.String("function", config.Name), attribute.String("storage", config.Storage),
			attribute.String("trigger", r.Trigger.String())))
	}
}
