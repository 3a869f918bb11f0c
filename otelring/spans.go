package otelring

import (
	"context"
	"fmt"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"github.com/ring-go/ring"
)

// spans makes a span for each run. A run that a call waits for is a child of the caller's span.
// A run behind may outlive that, so it begins a trace of its own, with a link to it.
type spans struct {
	tracer trace.Tracer
	keys   bool
}

func (s spans) trace() ring.Trace { return ring.Trace{Run: s.run, Event: s.event} }

// run begins the span of a run.
func (s spans) run(ctx context.Context, r ring.RunInfo) (context.Context, func(ring.RunResult)) {
	config := r.Rope.Config()
	options := []trace.SpanStartOption{trace.WithAttributes(
		attribute.String("ring.function", config.Name),
		attribute.String("ring.storage", config.Storage),
		attribute.String("ring.trigger", r.Trigger.String()),
		attribute.Bool("ring.behind", r.Behind),
		attribute.Int("ring.elements", r.Elements),
	)}
	if s.keys && r.Key != "" {
		options = append(options, trace.WithAttributes(attribute.String("ring.key", r.Key)))
	}
	if r.Behind {
		options = append(options, trace.WithNewRoot())
		if caller := trace.LinkFromContext(ctx); caller.SpanContext.IsValid() {
			options = append(options, trace.WithLinks(caller))
		}
	}
	ctx, span := s.tracer.Start(ctx, config.Name, options...)
	return ctx, func(result ring.RunResult) { s.end(span, result) }
}

// end ends the span of a run.
func (s spans) end(span trace.Span, result ring.RunResult) {
	span.SetAttributes(attribute.Int("ring.waiting", result.Waiting))
	switch {
	case result.Panicked:
		span.SetAttributes(attribute.String("error.type", "panic"))
		span.SetStatus(codes.Error, "the function panicked or ended its goroutine")
	case result.Err != nil:
		span.SetAttributes(attribute.String("error.type", fmt.Sprintf("%T", result.Err)))
		span.SetStatus(codes.Error, s.text(result.Err))
	}
	span.End()
}

// event adds what happened to the span of the call or run in which it did.
func (s spans) event(ctx context.Context, e ring.Event) {
	span := trace.SpanFromContext(ctx)
	if !span.IsRecording() {
		return
	}
	attributes := []attribute.KeyValue{attribute.String("ring.function", e.Rope.Config().Name)}
	if e.Err != nil {
		attributes = append(attributes, attribute.String("error.type", fmt.Sprintf("%T", e.Err)))
	}
	if s.keys {
		attributes = append(attributes, attribute.String("ring.key", e.Key))
		if e.Err != nil {
			attributes = append(attributes, attribute.String("error.message", e.Err.Error()))
		}
	}
	span.AddEvent("ring: "+e.Kind.String(), trace.WithTimestamp(e.Time), trace.WithAttributes(attributes...))
}

// text returns the text of an error where it may be seen.
func (s spans) text(err error) string {
	if s.keys {
		return err.Error()
	}
	return "the function returned an error"
}
