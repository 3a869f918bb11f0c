package otelring

import (
	"context"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"

	"github.com/ring-go/ring"
)

// outcomes are what calls can get.
var outcomes = [...]struct {
	name  string
	count func(*ring.Total) uint64
}{
	{"hit", func(t *ring.Total) uint64 { return t.Hits }},
	{"stale", func(t *ring.Total) uint64 { return t.Stale }},
	{"shared", func(t *ring.Total) uint64 { return t.Shared }},
	{"miss", func(t *ring.Total) uint64 { return t.Misses }},
	{"negative", func(t *ring.Total) uint64 { return t.Negative }},
	{"bypassed", func(t *ring.Total) uint64 { return t.Bypassed }},
	{"error", func(t *ring.Total) uint64 { return t.Errors }},
}

// counts are what only grows.
var counts = []struct {
	name, unit, description string
	of                      func(*ring.Total) uint64
}{
	{"ring.runs", "{run}", "Runs of the function, for calls and behind.", func(t *ring.Total) uint64 { return t.Runs }},
	{"ring.run.errors", "{run}", "Runs that returned an error.", func(t *ring.Total) uint64 { return t.RunErrors }},
	{"ring.run.panics", "{run}", "Runs that panicked or ended their goroutine.", func(t *ring.Total) uint64 { return t.RunPanics }},
	{"ring.run.timeouts", "{run}", "Runs that took longer than Freshness.RunTimeout.", func(t *ring.Total) uint64 { return t.RunTimeouts }},
	{"ring.run.timed", "{run}", "Runs whose time is in ring.run.time.", timed},
	{"ring.refreshes", "{run}", "Renewals behind that ran the function.", func(t *ring.Total) uint64 { return t.Refreshes }},
	{"ring.refresh.errors", "{run}", "Renewals behind that failed.", func(t *ring.Total) uint64 { return t.RefreshErrors }},
	{"ring.refresh.dropped", "{run}", "Renewals behind that did not run.", func(t *ring.Total) uint64 { return t.RefreshesDropped }},
	{"ring.verified", "{call}", "Hits that Freshness.Verify has checked.", func(t *ring.Total) uint64 { return t.Verified }},
	{"ring.differed", "{call}", "Checked hits whose value was not what the function returned.", func(t *ring.Total) uint64 { return t.Differed }},
	{"ring.storage.errors", "{operation}", "Uses of the storage that failed.", func(t *ring.Total) uint64 { return t.StorageErrors }},
	{"ring.decode.errors", "{value}", "Values that could not be decoded or encoded.", func(t *ring.Total) uint64 { return t.DecodeErrors }},
	{"ring.evictions", "{entry}", "Entries that the cache removed for others.", func(t *ring.Total) uint64 { return t.Evictions }},
	{"ring.lock.waits", "{call}", "Calls that had to wait for a lock of another process.", func(t *ring.Total) uint64 { return t.LockWaits }},
	{"ring.lock.lost", "{run}", "Runs whose value was not stored.", func(t *ring.Total) uint64 { return t.LocksLost }},
	{"ring.batches", "{run}", "Runs for several elements.", func(t *ring.Total) uint64 { return t.Batches }},
	{"ring.batch.elements", "{element}", "Elements that those runs were for.", func(t *ring.Total) uint64 { return t.BatchElements }},
}

// times are durations that only grow, in seconds.
var times = []struct {
	name, description string
	of                func(*ring.Total) float64
}{
	{"ring.run.time", "How long runs took, all together.", func(t *ring.Total) float64 { return t.RunTime.Seconds() }},
	{"ring.lock.wait", "How long runs waited for other processes, all together.", func(t *ring.Total) float64 { return t.LockWait.Seconds() }},
}

// levels are what is there at the moment; below 0: not known.
var levels = []struct {
	name, unit, description string
	of                      func(*ring.Total) int64
}{
	{"ring.entries", "{entry}", "Entries in the cache.", func(t *ring.Total) int64 { return t.Entries }},
	{"ring.entries.max", "{entry}", "Entries that the cache has room for, if it is limited.", func(t *ring.Total) int64 { return t.MaxEntries }},
	{"ring.flights", "{flight}", "Look-ups, runs and stores that are under way.", func(t *ring.Total) int64 { return t.Flights }},
	{"ring.refreshing", "{run}", "Renewals behind that are under way.", func(t *ring.Total) int64 { return t.Refreshing }},
	{"ring.ropes", "{rope}", "Cached functions with that name.", func(t *ring.Total) int64 { return int64(t.Ropes) }},
}

// timed returns the number of runs in the buckets.
func timed(t *ring.Total) (n uint64) {
	for _, in := range t.RunBuckets {
		n += in
	}
	return n
}

// instruments are those of one meter.
type instruments struct {
	calls  metric.Int64ObservableCounter
	counts []metric.Int64ObservableCounter
	times  []metric.Float64ObservableCounter
	levels []metric.Int64ObservableUpDownCounter
	all    []metric.Observable
}

// observe makes the instruments, and has them observed whenever a reader collects.
func observe(m metric.Meter) (metric.Registration, error) {
	in, err := instrumentsOf(m)
	if err != nil {
		return nil, err
	}
	return m.RegisterCallback(func(_ context.Context, to metric.Observer) error {
		totals := ring.Totals()
		for i := range totals {
			in.observe(to, &totals[i])
		}
		return nil
	}, in.all...)
}

func instrumentsOf(m metric.Meter) (*instruments, error) {
	in := &instruments{}
	var err error
	if in.calls, err = m.Int64ObservableCounter("ring.calls", metric.WithUnit("{call}"),
		metric.WithDescription("Calls of the cached function, by what they got.")); err != nil {
		return nil, err
	}
	in.all = append(in.all, in.calls)
	for _, c := range counts {
		made, err := m.Int64ObservableCounter(c.name, metric.WithUnit(c.unit), metric.WithDescription(c.description))
		if err != nil {
			return nil, err
		}
		in.counts, in.all = append(in.counts, made), append(in.all, made)
	}
	for _, c := range times {
		made, err := m.Float64ObservableCounter(c.name, metric.WithUnit("s"), metric.WithDescription(c.description))
		if err != nil {
			return nil, err
		}
		in.times, in.all = append(in.times, made), append(in.all, made)
	}
	for _, c := range levels {
		made, err := m.Int64ObservableUpDownCounter(c.name, metric.WithUnit(c.unit), metric.WithDescription(c.description))
		if err != nil {
			return nil, err
		}
		in.levels, in.all = append(in.levels, made), append(in.all, made)
	}
	return in, nil
}

// observe tells what one function did over one kind of storage.
func (in *instruments) observe(to metric.Observer, t *ring.Total) {
	function, storage := attribute.String("function", t.Function), attribute.String("storage", t.Storage)
	for _, o := range outcomes {
		to.ObserveInt64(in.calls, int64(o.count(t)), metric.WithAttributes(function, storage, attribute.String("outcome", o.name)))
	}
	both := metric.WithAttributeSet(attribute.NewSet(function, storage))
	for i, c := range counts {
		to.ObserveInt64(in.counts[i], int64(c.of(t)), both)
	}
	for i, c := range times {
		to.ObserveFloat64(in.times[i], c.of(t), both)
	}
	for i, c := range levels {
		if n := c.of(t); n >= 0 {
			to.ObserveInt64(in.levels[i], n, both)
		}
	}
}
