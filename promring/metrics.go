package promring

import (
	"github.com/prometheus/client_golang/prometheus"

	"github.com/ring-go/ring"
)

// calls are counted by what they got.
var calls = describe("calls_total", "Calls of the cached function, by what they got.", "outcome")

// durations are those of the runs that are timed.
var durations = describe("run_duration_seconds", "How long runs of the function took. Of a function that takes less than 10 µs, one run in 16 is timed and counts 16 times.")

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

// metric is one fact about a function.
type metric struct {
	desc  *prometheus.Desc
	kind  prometheus.ValueType
	value func(*ring.Total) float64 // below 0: not known
}

var metrics = [...]metric{
	counter("runs_total", "Runs of the function, for calls and behind.", func(t *ring.Total) uint64 { return t.Runs }),
	counter("run_errors_total", "Runs that returned an error.", func(t *ring.Total) uint64 { return t.RunErrors }),
	counter("run_panics_total", "Runs that panicked or ended their goroutine.", func(t *ring.Total) uint64 { return t.RunPanics }),
	counter("run_timeouts_total", "Runs that took longer than Freshness.RunTimeout.", func(t *ring.Total) uint64 { return t.RunTimeouts }),

	counter("refreshes_total", "Renewals behind that ran the function.", func(t *ring.Total) uint64 { return t.Refreshes }),
	counter("refresh_errors_total", "Renewals behind that failed.", func(t *ring.Total) uint64 { return t.RefreshErrors }),
	counter("refreshes_dropped_total", "Renewals behind that did not run, because enough run already or another process renews the value.",
		func(t *ring.Total) uint64 { return t.RefreshesDropped }),

	counter("verified_total", "Hits that Freshness.Verify has checked.", func(t *ring.Total) uint64 { return t.Verified }),
	counter("differed_total", "Checked hits whose value was not what the function returned.", func(t *ring.Total) uint64 { return t.Differed }),

	counter("storage_errors_total", "Uses of the storage that failed.", func(t *ring.Total) uint64 { return t.StorageErrors }),
	counter("decode_errors_total", "Values that could not be decoded or encoded.", func(t *ring.Total) uint64 { return t.DecodeErrors }),
	counter("evictions_total", "Entries that the cache removed for others.", func(t *ring.Total) uint64 { return t.Evictions }),

	counter("lock_waits_total", "Calls that had to wait for a lock of another process.", func(t *ring.Total) uint64 { return t.LockWaits }),
	{describe("lock_wait_seconds_total", "How long calls waited for locks of other processes."), prometheus.CounterValue, func(t *ring.Total) float64 { return t.LockWait.Seconds() }},
	counter("locks_lost_total", "Runs whose value was not stored, because somebody had written meanwhile or the lock was lost.", func(t *ring.Total) uint64 { return t.LocksLost }),

	counter("batches_total", "Runs for several elements.", func(t *ring.Total) uint64 { return t.Batches }),
	counter("batch_elements_total", "Elements that those runs were for.", func(t *ring.Total) uint64 { return t.BatchElements }),

	gauge("entries", "Entries in the cache.", func(t *ring.Total) int64 { return t.Entries }),
	gauge("max_entries", "Entries that the cache has room for, if it is limited.", func(t *ring.Total) int64 { return t.MaxEntries }),
	gauge("flights", "Look-ups, runs and stores that are under way.", func(t *ring.Total) int64 { return t.Flights }),
	gauge("refreshing", "Renewals behind that are under way.", func(t *ring.Total) int64 { return t.Refreshing }),
	gauge("ropes", "Cached functions with that name.", func(t *ring.Total) int64 { return int64(t.Ropes) }),
}

func describe(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc("ring_"+name, help, append([]string{"function", "storage"}, labels...), nil)
}

func counter(name, help string, count func(*ring.Total) uint64) metric {
	return metric{describe(name, help), prometheus.CounterValue, func(t *ring.Total) float64 { return float64(count(t)) }}
}

func gauge(name, help string, count func(*ring.Total) int64) metric {
	return metric{describe(name, help), prometheus.GaugeValue, func(t *ring.Total) float64 { return float64(count(t)) }}
}
