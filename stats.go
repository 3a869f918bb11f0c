package ring

import (
	"math"
	"sync/atomic"
	"time"

	"github.com/ring-go/ring/internal/meter"
)

// Stats are what a rope has done so far, over all its wires, and what it is doing. All fields
// but Entries, MaxEntries, Flights and Refreshing only grow. Rope.Clear does not reset them.
// Python has no counterpart.
type Stats struct {
	// Calls by what they got: Call, GetOrUpdate, Get and Lookup, their bulk forms element by
	// element, and the typed functions. A call that has no key, because its arguments are
	// wrong, counts nowhere, and neither does one that panics. Has, Set, Delete, Touch, Update
	// and Execute are no look-ups, and Warm counts apart.
	Hits     uint64 // a cached value
	Stale    uint64 // a cached value past its Expire
	Shared   uint64 // the value of another call's run
	Misses   uint64 // the value of its own run, or nothing: Get and Lookup
	Negative uint64 // an error that was remembered: see Freshness.CacheError
	Bypassed uint64 // the value of a run that did not look into the cache: SkipRead, SkipWrite
	Errors   uint64 // an error

	// Runs of the function, whatever for.
	Runs        uint64
	RunErrors   uint64 // those that returned an error
	RunPanics   uint64 // those that panicked, or ended their goroutine
	RunTimeouts uint64 // those that took longer than Freshness.RunTimeout

	// How long they took: RunBuckets[i] of them not longer than RunBounds()[i], but longer than
	// the bound before, and the last ones longer than all bounds. RunTime is that of all runs
	// in the buckets. A function that takes less than 10 µs on average is timed in one of 16 runs,
	// at random, which counts 16 times. A run that panics is not timed.
	RunTime    time.Duration
	RunBuckets [meter.Buckets]uint64

	Refreshes        uint64 // renewals behind that ran the function
	RefreshErrors    uint64 // those that failed
	RefreshesDropped uint64 // those that did not run: MaxRefreshes run already, or another process renews the value

	Verified uint64 // hits that Freshness.Verify has checked
	Differed uint64 // those whose value was not what the function returned

	StorageErrors uint64 // look-ups, stores and other uses of the storage that failed
	DecodeErrors  uint64 // values that a coder could not decode or encode, or that were no results of the function
	Evictions     uint64 // entries that an Lru removed for others; those of all ropes over the same cache

	LockWaits uint64        // calls that had to wait for a lock of another process, to run or to get its value
	LockWait  time.Duration // how long they waited, all together
	LocksLost uint64        // runs whose value was not stored, because somebody had written meanwhile or the lock was lost

	Batches       uint64 // runs of a Batch, which count as Runs as well
	BatchElements uint64 // the elements that they were for

	Entries    int64 // in the cache now; -1: not known
	MaxEntries int64 // of the cache; -1: no limit, or not known
	Flights    int64 // look-ups, runs and stores that are under way
	Refreshing int64 // renewals that are under way
}

// Stats returns what the rope has done so far. It reads counters that calls write at the same
// time, so the parts of a sum may differ by the calls that are under way. It takes a few
// microseconds and asks no server. CacheInfo is Python's form of it.
// Python has no counterpart.
func (r *Rope) Stats() Stats {
	calls, runs := r.meter.Calls(), r.meter.Counts()
	found, _, _ := layered.hits(r)
	s := Stats{
		Hits: r.shown.atLeast(uint64(max(r.planHits()+found, 0)) + calls[meter.Hit]), Stale: calls[meter.Stale], Shared: calls[meter.Shared],
		Misses: calls[meter.Missed] + calls[meter.Ran], Negative: calls[meter.Negative], Bypassed: calls[meter.Bypassed], Errors: calls[meter.Failed],

		Runs: runs.Runs, RunErrors: runs.Failed, RunPanics: runs.Panicked, RunTimeouts: runs.Late, RunTime: runs.Time, RunBuckets: runs.Buckets,

		Refreshes: r.meter.Refreshes.Load(), RefreshErrors: r.meter.RefreshErrors.Load(), RefreshesDropped: r.meter.RefreshesDropped.Load(),
		Verified: r.meter.Verified.Load(), Differed: r.meter.Differed.Load(),
		StorageErrors: r.meter.StorageErrors.Load(), DecodeErrors: r.meter.DecodeErrors.Load(),
		LockWaits: r.meter.LockWaits.Load(), LockWait: r.meter.LockWait(), LocksLost: r.meter.LocksLost.Load(),
		Batches: r.meter.Batches.Load(), BatchElements: r.meter.BatchElements.Load(),
		Entries: -1, MaxEntries: -1, Flights: int64(r.values().Flights.Count(r.owns)),
	}
	values := r.values()
	if values.LRU != nil {
		s.Entries, s.MaxEntries, s.Evictions = int64(values.LRU.Held()), int64(max(values.LRU.MaxSize(), -1)), values.LRU.Evictions()
	} else if sized, ok := values.Storage.(SizedStorage); ok {
		limit, current := sized.Size()
		s.Entries, s.MaxEntries = int64(current), int64(max(limit, -1))
	}
	if values.Policy != nil {
		s.Refreshing = values.Policy.Running()
	}
	return s
}

// highest is the largest number that was seen. The short ways count a hit before they know
// that they can use it, and take it back: what was shown must not go back.
type highest struct{ n atomic.Uint64 }

// atLeast returns n, or what it has returned before if that is more.
func (h *highest) atLeast(n uint64) uint64 {
	for {
		before := h.n.Load()
		if n <= before {
			return before
		}
		if h.n.CompareAndSwap(before, n) {
			return n
		}
	}
}

// Calls returns the number of all calls.
func (s Stats) Calls() uint64 {
	return s.Hits + s.Stale + s.Shared + s.Misses + s.Negative + s.Bypassed + s.Errors
}

// HitRatio returns the part of the calls, from 0 to 1, that got what was there without a run of
// their own: hits, stale hits, shared values and remembered errors. It is 0 before the first
// call.
func (s Stats) HitRatio() float64 {
	calls := s.Calls()
	if calls == 0 {
		return 0
	}
	return float64(s.Hits+s.Stale+s.Shared+s.Negative) / float64(calls)
}

// MeanRun returns how long a run takes on average; 0: none has been timed.
func (s Stats) MeanRun() time.Duration {
	n := s.timed()
	if n == 0 {
		return 0
	}
	return s.RunTime / time.Duration(n)
}

// TimeSaved returns how much time the function would have taken for the calls that got a value
// without a run of their own: their number times MeanRun, and at most the longest Duration.
func (s Stats) TimeSaved() time.Duration {
	n := s.timed()
	if n == 0 {
		return 0
	}
	saved := float64(s.Hits+s.Stale+s.Shared+s.Negative) * float64(s.RunTime) / float64(n)
	if saved >= math.MaxInt64 { // a Duration ends after 292 years, which a day of hits can save
		return math.MaxInt64
	}
	return time.Duration(saved)
}

// timed returns the number of runs in the buckets.
func (s Stats) timed() (n uint64) {
	for _, in := range s.RunBuckets {
		n += in
	}
	return n
}

// RunQuantile estimates, from the buckets, what the part q of the runs, from 0 to 1, does not
// take longer than: 0.95 gives p95. It supposes that the runs in a bucket are spread evenly,
// and for the last bucket returns its lower bound.
func (s Stats) RunQuantile(q float64) time.Duration {
	n := s.timed()
	if n == 0 || q != q {
		return 0
	}
	rank := min(max(q, 0), 1) * float64(n)
	below := 0.0
	for i, in := range s.RunBuckets {
		if in == 0 || below+float64(in) < rank {
			below += float64(in)
			continue
		}
		if i == len(meter.Bounds) {
			break
		}
		low := time.Duration(0)
		if i > 0 {
			low = meter.Bounds[i-1]
		}
		return low + time.Duration(float64(meter.Bounds[i]-low)*(rank-below)/float64(in))
	}
	return meter.Bounds[len(meter.Bounds)-1]
}

// RunBounds returns the upper bounds of Stats.RunBuckets, but for the last one, which has none.
func RunBounds() []time.Duration { return append([]time.Duration(nil), meter.Bounds[:]...) }

// Ropes returns all ropes of the program that are alive, in an order that depends only on how
// they were made. Those that have been collected as garbage are gone.
func Ropes() []*Rope { return inOrder(living.all()) }
