package otelring_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"

	"github.com/ring-go/ring"
	"github.com/ring-go/ring/otelring"
	"github.com/ring-go/ring/ringtest"
)

// exporter returns a tracer, and where its spans go when they end.
func exporter(t *testing.T) (trace.Tracer, *tracetest.InMemoryExporter) {
	t.Helper()
	to := tracetest.NewInMemoryExporter()
	provider := sdktrace.NewTracerProvider(sdktrace.WithSyncer(to))
	t.Cleanup(func() { assert.NoError(t, provider.Shutdown(context.Background())) })
	return provider.Tracer("test"), to
}

func traceOf(t *testing.T, o otelring.Options) *ring.Trace {
	t.Helper()
	telemetry, err := otelring.New(o)
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, telemetry.Unregister()) })
	return telemetry.Trace()
}

// attributesOf returns the attributes of a span by name.
func attributesOf(s tracetest.SpanStub) map[attribute.Key]any {
	all := map[attribute.Key]any{}
	for _, a := range s.Attributes {
		all[a.Key] = a.Value.AsInterface()
	}
	return all
}

func double(_ context.Context, n int) (int, error) { return 2 * n, nil }

func TestRunIsAChildOfTheCaller(t *testing.T) {
	tracer, to := exporter(t)
	var within trace.SpanContext
	f := func(ctx context.Context, n int) (int, error) {
		within = trace.SpanContextFromContext(ctx)
		return double(ctx, n)
	}
	r := ring.Wrap(f, ring.Lru{KeyPrefix: "child", Options: ring.Options{Trace: traceOf(t, otelring.Options{Tracer: tracer})}}, ring.Name("spans.child"))

	ctx, caller := tracer.Start(t.Context(), "caller")
	for range 3 { // two hits
		_, err := r.Call(ctx, 1)
		require.NoError(t, err)
	}
	caller.End()

	spans := to.GetSpans()
	require.Len(t, spans, 2, "a hit makes no span")
	run := spans[0]
	assert.Equal(t, "spans.child", run.Name)
	assert.Equal(t, caller.SpanContext().SpanID(), run.Parent.SpanID())
	assert.Equal(t, caller.SpanContext().TraceID(), run.SpanContext.TraceID())
	assert.Equal(t, run.SpanContext, within, "what the function does is within the span")
	assert.Empty(t, run.Links)
	assert.Equal(t, codes.Unset, run.Status.Code)
	assert.Equal(t, map[attribute.Key]any{
		"ring.function": "spans.child", "ring.storage": "lru", "ring.trigger": "miss", "ring.behind": false,
		"ring.elements": int64(1), "ring.waiting": int64(0),
	}, attributesOf(run))
}

func TestRunBehindIsLinkedToTheCaller(t *testing.T) {
	tracer, to := exporter(t)
	options := ring.Options{
		Trace:     traceOf(t, otelring.Options{Tracer: tracer}),
		Freshness: ring.Freshness{StaleWhileRevalidate: time.Hour},
	}
	r := ring.Wrap(double, ring.Lru{Expire: time.Hour, Options: options}, ring.Name("spans.behind"))
	_, err := r.Call(t.Context(), 1)
	require.NoError(t, err)
	require.NoError(t, r.MarkStale(t.Context(), 1))
	to.Reset()

	ctx, caller := tracer.Start(t.Context(), "caller")
	_, err = r.Call(ctx, 1)
	require.NoError(t, err)
	caller.End()
	ringtest.Settle(t)

	spans := to.GetSpans()
	require.Len(t, spans, 2)
	run := spans[0]
	if run.Name == "caller" {
		run = spans[1]
	}
	assert.Equal(t, "spans.behind", run.Name)
	assert.False(t, run.Parent.IsValid(), "it begins a trace of its own")
	assert.NotEqual(t, caller.SpanContext().TraceID(), run.SpanContext.TraceID())
	require.Len(t, run.Links, 1)
	assert.Equal(t, caller.SpanContext().SpanID(), run.Links[0].SpanContext.SpanID())
	attributes := attributesOf(run)
	assert.Equal(t, true, attributes["ring.behind"])
	assert.Equal(t, "refresh", attributes["ring.trigger"])
}

// TestBulkRun: the run of a Batch is one span, with the number of its elements and no key.
func TestBulkRun(t *testing.T) {
	tracer, to := exporter(t)
	doubles := func(_ context.Context, ns []int) (map[int]int, error) {
		all := map[int]int{}
		for _, n := range ns {
			all[n] = 2 * n
		}
		return all, nil
	}
	options := ring.Options{Trace: traceOf(t, otelring.Options{Tracer: tracer, Keys: true})}
	r := ring.Wrap(doubles, ring.Lru{KeyPrefix: "bulk", Options: options}, ring.Batch(ring.BatchOptions{}), ring.Name("spans.bulk"))
	_, err := r.WithContext(t.Context()).GetOrUpdateMany(ring.Args{1}, ring.Args{2}, ring.Args{3})
	require.NoError(t, err)
	spans := to.GetSpans()
	require.Len(t, spans, 1)
	assert.Equal(t, int64(3), attributesOf(spans[0])["ring.elements"])
	assert.NotContains(t, attributesOf(spans[0]), attribute.Key("ring.key"))
}

// failing is a function that fails, panics, or returns.
func failing(_ context.Context, how string) (string, error) {
	switch how {
	case "fail-secret":
		return "", &os.PathError{Op: "open", Path: how, Err: os.ErrNotExist}
	case "panic-secret":
		panic(how)
	}
	return how, nil
}

func callFailing(t *testing.T, keys bool) tracetest.SpanStubs {
	t.Helper()
	tracer, to := exporter(t)
	options := ring.Options{Trace: traceOf(t, otelring.Options{Tracer: tracer, Keys: keys})}
	r := ring.Wrap(failing, ring.Lru{Options: options, KeyPrefix: "failing"}, ring.Name("spans.failing"))
	_, err := r.Call(t.Context(), "fail-secret")
	require.Error(t, err)
	assert.Panics(t, func() { _, _ = r.Call(t.Context(), "panic-secret") })
	_, err = r.Call(t.Context(), "return-secret")
	require.NoError(t, err)
	spans := to.GetSpans()
	require.Len(t, spans, 3)
	return spans
}

func TestErrorsAreTheStatus(t *testing.T) {
	spans := callFailing(t, false)
	assert.Equal(t, []codes.Code{codes.Error, codes.Error, codes.Unset},
		[]codes.Code{spans[0].Status.Code, spans[1].Status.Code, spans[2].Status.Code})
	assert.Equal(t, "*fs.PathError", attributesOf(spans[0])["error.type"])
	assert.Equal(t, "panic", attributesOf(spans[1])["error.type"])
	assert.NotContains(t, fmt.Sprintf("%+v", spans), "secret", "no key, argument, value or error text")
}

func TestKeys(t *testing.T) {
	spans := callFailing(t, true)
	assert.Equal(t, "open fail-secret: file does not exist", spans[0].Status.Description)
	assert.Equal(t, "failing:fail-secret", attributesOf(spans[0])["ring.key"])
	assert.Equal(t, "failing:return-secret", attributesOf(spans[2])["ring.key"])
}

// TestEventsAreThoseOfTheSpan: what happens beside the results is in the caller's span.
func TestEventsAreThoseOfTheSpan(t *testing.T) {
	broken := func(backend any) (ring.Storage, error) {
		lru, err := ring.NewLruStorage(backend)
		return &ringtest.Faulty{Storage: lru, Get: ringtest.Faults{Error: 1, Err: errors.New("secret")}}, err
	}
	for _, keys := range []bool{false, true} {
		tracer, to := exporter(t)
		options := ring.Options{
			Trace:    traceOf(t, otelring.Options{Tracer: tracer, Keys: keys}),
			FailOpen: true, OnError: func(context.Context, *ring.Error) {},
		}
		r := ring.Wrap(double, ring.Lru{StorageClass: broken, KeyPrefix: "events", Options: options}, ring.Name("spans.events"))
		ctx, caller := tracer.Start(t.Context(), "caller")
		_, err := r.Call(ctx, 1)
		require.NoError(t, err)
		caller.End()

		spans := to.GetSpans()
		require.Len(t, spans, 2)
		require.Len(t, spans[1].Events, 1)
		event := spans[1].Events[0]
		assert.Equal(t, "ring: storage failed", event.Name)
		assert.Contains(t, event.Attributes, attribute.String("ring.function", "spans.events"))
		assert.Equal(t, keys, slices.Contains(event.Attributes, attribute.String("ring.key", "events:1")))
		assert.Equal(t, keys, strings.Contains(fmt.Sprint(event.Attributes), "secret"))
	}
}

func TestNoSpansWithoutATracer(t *testing.T) {
	trace := traceOf(t, otelring.Options{Meter: otel.Meter("no spans")})
	assert.NotNil(t, trace.Run, "it measures how long runs take")
	assert.Nil(t, trace.Event)
	assert.Nil(t, trace.Call)
}
