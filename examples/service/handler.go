package main

import (
	"encoding/json"
	"errors"
	"net/http"
	"strconv"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/ring-go/ring"
	"github.com/ring-go/ring/promring"
	"github.com/ring-go/ring/ringdebug"
)

// newHandler returns the pages of the service.
func newHandler(s *shop) http.Handler {
	registry := prometheus.NewRegistry()
	registry.MustRegister(promring.New(promring.Options{}))

	pages := http.NewServeMux()
	pages.Handle("GET /metrics", promhttp.HandlerFor(registry, promhttp.HandlerOpts{}))
	pages.Handle("/debug/ring/", http.StripPrefix("/debug/ring", ringdebug.Handler(ringdebug.Options{})))
	pages.Handle("GET /product/{id}", answer(s.products))
	pages.Handle("GET /price/{id}", answer(s.prices))
	pages.Handle("GET /report/{id}", answer(s.reports))
	return pages
}

// answer calls a cached function with the number in the path.
func answer(r *ring.Rope) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		id, err := strconv.Atoi(req.PathValue("id"))
		if err != nil {
			http.Error(w, "that is no number", http.StatusBadRequest)
			return
		}
		value, err := r.Call(req.Context(), id)
		switch {
		case errors.Is(err, errNoProduct):
			http.Error(w, errNoProduct.Error(), http.StatusNotFound)
			return
		case err != nil:
			http.Error(w, "the source does not answer", http.StatusBadGateway)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(value) // a client that has gone gets nothing
	})
}
