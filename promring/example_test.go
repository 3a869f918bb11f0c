package promring_test

import (
	"fmt"
	"net/http/httptest"
	"strings"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/ring-go/ring"
	"github.com/ring-go/ring/promring"
)

var upper = ring.Wrap(strings.ToUpper, ring.Lru{}, ring.Name("upper"))

func ExampleNew() {
	upper.Call("a")
	upper.Call("a")

	registry := prometheus.NewRegistry()
	registry.MustRegister(promring.New(promring.Options{}))
	page := httptest.NewRecorder()
	promhttp.HandlerFor(registry, promhttp.HandlerOpts{}).ServeHTTP(page, httptest.NewRequest("GET", "/metrics", nil))
	for line := range strings.Lines(page.Body.String()) {
		if strings.Contains(line, `function="upper",outcome="hit"`) || strings.Contains(line, `function="upper",outcome="miss"`) {
			fmt.Println(strings.Fields(line)[0])
		}
	}
	// Output:
	// ring_calls_total{function="upper",outcome="hit",storage="lru"}
	// ring_calls_total{function="upper",outcome="miss",storage="lru"}
}

var lower = ring.Wrap(strings.ToLower, ring.Lru{}, ring.Name("shop.lower"))

// A collector that shows the functions of one package alone.
func ExampleOptions() {
	lower.Call("A")

	registry := prometheus.NewRegistry()
	registry.MustRegister(promring.New(promring.Options{
		Only: func(function string) bool { return strings.HasPrefix(function, "shop.") },
	}))
	families, err := registry.Gather()
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, f := range families {
		if f.GetName() != "ring_ropes" {
			continue
		}
		for _, m := range f.GetMetric() {
			fmt.Println(m.GetLabel()[0].GetValue(), m.GetGauge().GetValue())
		}
	}
	// Output: shop.lower 1
}
