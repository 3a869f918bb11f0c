// Package otelring tells OpenTelemetry what the cached functions of a program do: metrics of all
// of them, and a span for each run of those that have its Trace.
//
//	telemetry, err := otelring.New(otelring.Options{Meter: otel.Meter("shop"), Tracer: otel.Tracer("shop")})
//	…
//	summary := ring.Wrap(summarize, ring.Lru{Options: ring.Options{Trace: telemetry.Trace()}})
//
// The metrics are those of ring.Totals, by function and kind of storage. They are observed when
// a reader collects them, and cost calls nothing. A hit makes no span. Those of package otel are
// meters and tracers that work before their providers are set, so they are for package variables.
package otelring

import (
	"errors"

	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/trace"

	"github.com/ring-go/ring"
)

// Options of New.
type Options struct {
	Meter  metric.Meter // nil: no metrics
	Tracer trace.Tracer // nil: no spans

	// Keys puts keys, and the texts of errors, into spans and their events. Both may hold
	// arguments of calls. Metrics never have them.
	Keys bool
}

// Instrumentation is what New has set up.
type Instrumentation struct {
	trace        ring.Trace
	registration metric.Registration // nil: there are no metrics
}

// New begins to observe all ropes of the program, also those that are made later. Call it once
// for each meter. Without a Meter and a Tracer there is nothing to do, which is an error.
func New(o Options) (*Instrumentation, error) {
	if o.Meter == nil && o.Tracer == nil {
		return nil, errors.New("otelring: there is neither a Meter for metrics nor a Tracer for spans: give one, such as otel.Meter(\"shop\")")
	}
	in := &Instrumentation{}
	if o.Tracer != nil {
		in.trace = spans{o.Tracer, o.Keys}.trace()
	}
	if o.Meter == nil {
		return in, nil
	}
	duration, err := durationOf(o.Meter)
	if err != nil {
		return nil, err
	}
	if in.registration, err = observe(o.Meter); err != nil {
		return nil, err
	}
	// The span is the outer one, so that a measurement within can have it as its exemplar.
	in.trace = *ring.Traces(&in.trace, &ring.Trace{Run: duration.run})
	return in, nil
}

// Trace returns what Options.Trace of a factory needs for spans and for ring.run.duration.
func (in *Instrumentation) Trace() *ring.Trace { return &in.trace }

// Unregister ends the metrics. What has the Trace keeps it.
func (in *Instrumentation) Unregister() error {
	if in.registration == nil {
		return nil
	}
	return in.registration.Unregister()
}
