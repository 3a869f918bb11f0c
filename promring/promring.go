// Package promring shows what the cached functions of a program do as metrics of Prometheus.
//
//	prometheus.MustRegister(promring.New(promring.Options{}))
//
// The metrics are those of ring.Totals, by function and kind of storage, so ropes with one name
// count together and counters never go back. Nothing is counted twice and no call gets slower:
// a scrape reads what the ropes count anyway. No metric has a key, an argument or a value in it.
package promring

import (
	"strconv"
	"unicode/utf8"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/ring-go/ring"
)

// Options of New; the zero value shows all functions.
type Options struct {
	// Only tells by its name whether a function is shown; nil: all are. Each function has about
	// 60 series.
	Only func(function string) bool
}

// New returns a collector of the metrics of all ropes of the program, also of those that are
// made later. Register it once.
func New(o Options) prometheus.Collector { return collector{o} }

type collector struct{ Options }

// Describe implements prometheus.Collector.
func (c collector) Describe(descs chan<- *prometheus.Desc) {
	descs <- calls
	descs <- durations
	for i := range metrics {
		descs <- metrics[i].desc
	}
}

// Collect implements prometheus.Collector.
func (c collector) Collect(to chan<- prometheus.Metric) {
	totals := ring.Totals()
	for i := range totals {
		if t := &totals[i]; c.Only == nil || c.Only(t.Function) {
			collect(to, t)
		}
	}
}

// collect sends the metrics of one function over one kind of storage.
func collect(to chan<- prometheus.Metric, t *ring.Total) {
	function, storage := label(t.Function), label(t.Storage)
	for _, o := range outcomes {
		to <- prometheus.MustNewConstMetric(calls, prometheus.CounterValue, float64(o.count(t)), function, storage, o.name)
	}
	to <- histogram(t, function, storage)
	for i := range metrics {
		m := &metrics[i]
		if value := m.value(t); value >= 0 { // below 0: not known
			to <- prometheus.MustNewConstMetric(m.desc, m.kind, value, function, storage)
		}
	}
}

// histogram returns how long runs took, with cumulative buckets.
func histogram(t *ring.Total, labels ...string) prometheus.Metric {
	bounds := ring.RunBounds()
	buckets := make(map[float64]uint64, len(bounds))
	var count uint64
	for i, n := range t.RunBuckets {
		count += n
		if i < len(bounds) {
			buckets[bounds[i].Seconds()] = count
		}
	}
	return prometheus.MustNewConstHistogram(durations, count, t.RunTime.Seconds(), buckets, labels...)
}

// label returns a name as a label, which has to be UTF-8. Another name is quoted: names that
// differ stay different.
func label(name string) string {
	if utf8.ValidString(name) {
		return name
	}
	return strconv.QuoteToASCII(name)
}
