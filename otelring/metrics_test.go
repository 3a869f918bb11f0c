package otelring_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/metric/noop"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"

	"github.com/ring-go/ring"
	"github.com/ring-go/ring/otelring"
)

// reader returns a meter, and what reads it.
func reader(t *testing.T) (metric.Meter, *sdkmetric.ManualReader) {
	t.Helper()
	r := sdkmetric.NewManualReader()
	provider := sdkmetric.NewMeterProvider(sdkmetric.WithReader(r))
	t.Cleanup(func() { assert.NoError(t, provider.Shutdown(context.Background())) })
	return provider.Meter("test"), r
}

// collect returns the metrics by name.
func collect(t *testing.T, r *sdkmetric.ManualReader) map[string]metricdata.Metrics {
	t.Helper()
	var all metricdata.ResourceMetrics
	require.NoError(t, r.Collect(context.Background(), &all))
	byName := map[string]metricdata.Metrics{}
	for _, scope := range all.ScopeMetrics {
		for _, m := range scope.Metrics {
			byName[m.Name] = m
		}
	}
	return byName
}

// valueOf returns the value of a metric with all of the attributes.
func valueOf(t *testing.T, m metricdata.Metrics, attributes ...attribute.KeyValue) any {
	t.Helper()
	has := func(s attribute.Set) bool {
		for _, a := range attributes {
			if v, ok := s.Value(a.Key); !ok || v != a.Value {
				return false
			}
		}
		return true
	}
	var found []any
	switch data := m.Data.(type) {
	case metricdata.Sum[int64]:
		for _, p := range data.DataPoints {
			if has(p.Attributes) {
				found = append(found, p.Value)
			}
		}
	case metricdata.Sum[float64]:
		for _, p := range data.DataPoints {
			if has(p.Attributes) {
				found = append(found, p.Value)
			}
		}
	case metricdata.Histogram[float64]:
		for _, p := range data.DataPoints {
			if has(p.Attributes) {
				found = append(found, p)
			}
		}
	}
	require.Len(t, found, 1, "%s %v", m.Name, attributes)
	return found[0]
}

var made atomic.Int64

// unique returns another name each time: what ropes with one name do counts together.
func unique(name string) string { return fmt.Sprintf("%s.%d", name, made.Add(1)) }

var errNegative = errors.New("negative")

func half(_ context.Context, n int) (int, error) {
	if n < 0 {
		return 0, errNegative
	}
	return n / 2, nil
}

func TestMetrics(t *testing.T) {
	meter, from := reader(t)
	tracer, _ := exporter(t)
	trace := traceOf(t, otelring.Options{Meter: meter, Tracer: tracer})
	f := ring.Lru{MaxSize: 2, Options: ring.Options{Trace: trace}}
	name := unique("metrics.half")
	first, second := ring.Wrap(half, f, ring.Name(name)), ring.Wrap(half, f, ring.Name(name))
	ctx, caller := tracer.Start(t.Context(), "caller")
	for _, n := range []int{1, 1, 2, 3} {
		_, err := first.Call(ctx, n)
		require.NoError(t, err)
	}
	_, err := second.Call(ctx, -1)
	require.ErrorIs(t, err, errNegative)
	caller.End()

	metrics := collect(t, from)
	runtime.KeepAlive(first)
	runtime.KeepAlive(second)
	function, storage := attribute.String("function", name), attribute.String("storage", "lru")
	for outcome, n := range map[string]int64{"hit": 1, "miss": 3, "error": 1, "stale": 0, "shared": 0, "negative": 0, "bypassed": 0} {
		assert.Equal(t, n, valueOf(t, metrics["ring.calls"], function, storage, attribute.String("outcome", outcome)), outcome)
	}
	for instrument, n := range map[string]int64{"ring.runs": 4, "ring.run.errors": 1, "ring.evictions": 1, "ring.entries": 2, "ring.entries.max": 4, "ring.ropes": 2} {
		assert.Equal(t, n, valueOf(t, metrics[instrument], function, storage), instrument)
	}
	assert.True(t, metrics["ring.calls"].Data.(metricdata.Sum[int64]).IsMonotonic)
	assert.False(t, metrics["ring.entries"].Data.(metricdata.Sum[int64]).IsMonotonic)
	assert.Equal(t, "s", metrics["ring.run.time"].Unit)

	durations := valueOf(t, metrics["ring.run.duration"], function, storage, attribute.String("trigger", "miss")).(metricdata.HistogramDataPoint[float64])
	assert.Equal(t, uint64(4), durations.Count)
	assert.Len(t, durations.Bounds, len(ring.RunBounds()))
	require.NotEmpty(t, durations.Exemplars)
	id := caller.SpanContext().TraceID()
	assert.Equal(t, id[:], durations.Exemplars[0].TraceID, "a bucket leads to a span that is in it")
	assert.NotContains(t, fmt.Sprintf("%+v", metrics), name+":", "no key")
}

// TestPanicsAreNotTimed: as in Stats.
func TestPanicsAreNotTimed(t *testing.T) {
	meter, from := reader(t)
	f := ring.Lru{Options: ring.Options{Trace: traceOf(t, otelring.Options{Meter: meter})}}
	name := unique("metrics.panics")
	r := ring.Wrap(func(string) int { panic("as planned") }, f, ring.Name(name))
	assert.Panics(t, func() { _, _ = r.Call("a") })
	metrics := collect(t, from)
	assert.Equal(t, int64(1), valueOf(t, metrics["ring.run.panics"], attribute.String("function", name)))
	assert.NotContains(t, metrics, "ring.run.duration")
	runtime.KeepAlive(r)
}

func TestUnregister(t *testing.T) {
	meter, from := reader(t)
	telemetry, err := otelring.New(otelring.Options{Meter: meter})
	require.NoError(t, err)
	r := ring.Wrap(half, ring.Lru{}, ring.Name("metrics.unregister"))
	require.Contains(t, collect(t, from), "ring.calls")
	runtime.KeepAlive(r)
	require.NoError(t, telemetry.Unregister())
	assert.NotContains(t, collect(t, from), "ring.calls")
}

// brokenMeter makes no instrument of one kind.
type brokenMeter struct {
	noop.Meter
	kind string
}

var errBroken = errors.New("no such instrument")

func (m brokenMeter) of(kind string) error {
	if m.kind == kind {
		return errBroken
	}
	return nil
}

func (m brokenMeter) Float64Histogram(string, ...metric.Float64HistogramOption) (metric.Float64Histogram, error) {
	return noop.Float64Histogram{}, m.of("histogram")
}

func (m brokenMeter) Int64ObservableCounter(name string, _ ...metric.Int64ObservableCounterOption) (metric.Int64ObservableCounter, error) {
	return noop.Int64ObservableCounter{}, m.of(name)
}

func (m brokenMeter) Float64ObservableCounter(string, ...metric.Float64ObservableCounterOption) (metric.Float64ObservableCounter, error) {
	return noop.Float64ObservableCounter{}, m.of("time")
}

func (m brokenMeter) Int64ObservableUpDownCounter(string, ...metric.Int64ObservableUpDownCounterOption) (metric.Int64ObservableUpDownCounter, error) {
	return noop.Int64ObservableUpDownCounter{}, m.of("level")
}

func (m brokenMeter) RegisterCallback(metric.Callback, ...metric.Observable) (metric.Registration, error) {
	return noop.Registration{}, m.of("callback")
}

func TestBrokenMeter(t *testing.T) {
	for _, kind := range []string{"histogram", "ring.calls", "ring.runs", "time", "level", "callback"} {
		_, err := otelring.New(otelring.Options{Meter: brokenMeter{kind: kind}})
		assert.ErrorIs(t, err, errBroken, kind)
	}
	_, err := otelring.New(otelring.Options{Meter: brokenMeter{}})
	assert.NoError(t, err)
}
