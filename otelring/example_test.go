package otelring_test

import (
	"context"
	"fmt"
	"runtime"
	"strings"

	"go.opentelemetry.io/otel"

	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"github.com/ring-go/ring"
	"github.com/ring-go/ring/otelring"
)

// The metrics of all cached functions. A program has an exporter in the place of the reader.
func ExampleNew() {
	reader := sdkmetric.NewManualReader()
	provider := sdkmetric.NewMeterProvider(sdkmetric.WithReader(reader))
	telemetry, err := otelring.New(otelring.Options{Meter: provider.Meter("shop")})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer telemetry.Unregister()

	upper := ring.Wrap(strings.ToUpper, ring.Lru{}, ring.Name("shop.upper"))
	upper.Call("a")
	upper.Call("a")

	show(reader, "ring.runs", "shop.upper")
	runtime.KeepAlive(upper)
	// Output: ring.runs true
}

// show prints whether a metric says something of a function.
func show(reader *sdkmetric.ManualReader, name, function string) {
	var all metricdata.ResourceMetrics
	if err := reader.Collect(context.Background(), &all); err != nil {
		fmt.Println(err)
	}
	for _, scope := range all.ScopeMetrics {
		for _, m := range scope.Metrics {
			sum, ok := m.Data.(metricdata.Sum[int64])
			for _, p := range sum.DataPoints {
				if v, _ := p.Attributes.Value("function"); ok && m.Name == name && v.AsString() == function {
					fmt.Println(m.Name, p.Value > 0)
				}
			}
		}
	}
}

// A span for each run. A hit makes none.
func ExampleInstrumentation_Trace() {
	spans := tracetest.NewInMemoryExporter()
	provider := sdktrace.NewTracerProvider(sdktrace.WithSyncer(spans))
	telemetry, err := otelring.New(otelring.Options{Tracer: provider.Tracer("shop")})
	if err != nil {
		fmt.Println(err)
		return
	}

	upper := ring.Wrap(strings.ToUpper, ring.Lru{Options: ring.Options{Trace: telemetry.Trace()}}, ring.Name("shop.upper"))
	upper.Call("a")
	upper.Call("a")
	for _, span := range spans.GetSpans() {
		fmt.Println(span.Name, span.Attributes[2].Key, span.Attributes[2].Value.AsString())
	}
	// Output: shop.upper ring.trigger miss
}

// Spans with keys, where whoever sees the spans may see the arguments of calls.
func ExampleOptions() {
	spans := tracetest.NewInMemoryExporter()
	provider := sdktrace.NewTracerProvider(sdktrace.WithSyncer(spans))
	telemetry, err := otelring.New(otelring.Options{Tracer: provider.Tracer("shop"), Keys: true})
	if err != nil {
		fmt.Println(err)
		return
	}

	upper := ring.Wrap(strings.ToUpper, ring.Lru{Options: ring.Options{Trace: telemetry.Trace()}}, ring.Name("shop.upper"))
	upper.Call("a")
	for _, a := range spans.GetSpans()[0].Attributes {
		if a.Key == "ring.key" {
			fmt.Println(a.Value.AsString())
		}
	}
	// Output: shop.upper:a
}

// What does not need its metrics any more ends them.
func ExampleInstrumentation() {
	reader := sdkmetric.NewManualReader()
	provider := sdkmetric.NewMeterProvider(sdkmetric.WithReader(reader))
	telemetry, err := otelring.New(otelring.Options{Meter: provider.Meter("shop")})
	if err != nil {
		fmt.Println(err)
		return
	}
	upper := ring.Wrap(strings.ToUpper, ring.Lru{}, ring.Name("shop.last"))
	upper.Call("a")
	show(reader, "ring.runs", "shop.last")
	runtime.KeepAlive(upper)

	fmt.Println(telemetry.Unregister())
	show(reader, "ring.runs", "shop.last")
	// Output:
	// ring.runs true
	// <nil>
}

func ExampleInstrumentation_Unregister() {
	telemetry, err := otelring.New(otelring.Options{Meter: otel.Meter("shop")})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(telemetry.Unregister())
	// Output: <nil>
}

// Nothing to do is a mistake.
func ExampleOptions_nothing() {
	_, err := otelring.New(otelring.Options{})
	fmt.Println(err)
	// Output: otelring: there is neither a Meter for metrics nor a Tracer for spans: give one, such as otel.Meter("shop")
}
