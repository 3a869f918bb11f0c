package ringdebug

import (
	"time"

	"github.com/ring-go/ring"
)

// overviewJSON is the page of all ropes.
type overviewJSON struct {
	Time  time.Time  `json:"time"`
	Ropes []ropeJSON `json:"ropes"`
}

// ropeJSON is what a rope has done. Times are in seconds; null is what is not known.
type ropeJSON struct {
	ID      string `json:"id"` // the name= of the pages of the rope
	Name    string `json:"name"`
	Prefix  string `json:"prefix"`
	Storage string `json:"storage"`
	Place   string `json:"place"`

	CallsPerSecond *float64    `json:"calls_per_second"`
	Calls          callsJSON   `json:"calls"`
	HitRatio       float64     `json:"hit_ratio"`
	TimeSaved      float64     `json:"time_saved_seconds"`
	Runs           runsJSON    `json:"runs"`
	Refreshes      refreshJSON `json:"refreshes"`
	Verified       uint64      `json:"verified"`
	Differed       uint64      `json:"differed"`

	StorageErrors uint64 `json:"storage_errors"`
	DecodeErrors  uint64 `json:"decode_errors"`
	Evictions     uint64 `json:"evictions"`

	LockWaits     uint64  `json:"lock_waits"`
	LockWait      float64 `json:"lock_wait_seconds"`
	LocksLost     uint64  `json:"locks_lost"`
	Batches       uint64  `json:"batches"`
	BatchElements uint64  `json:"batch_elements"`

	Entries    *int64 `json:"entries"`
	MaxEntries *int64 `json:"max_entries"`
	Flights    int64  `json:"flights"`
}

type callsJSON struct {
	Hit      uint64 `json:"hit"`
	Stale    uint64 `json:"stale"`
	Shared   uint64 `json:"shared"`
	Miss     uint64 `json:"miss"`
	Negative uint64 `json:"negative"`
	Bypassed uint64 `json:"bypassed"`
	Error    uint64 `json:"error"`
}

type runsJSON struct {
	Total    uint64       `json:"total"`
	Errors   uint64       `json:"errors"`
	Panics   uint64       `json:"panics"`
	Timeouts uint64       `json:"timeouts"`
	Mean     float64      `json:"mean_seconds"`
	P50      float64      `json:"p50_seconds"`
	P95      float64      `json:"p95_seconds"`
	Buckets  []bucketJSON `json:"buckets"`
}

// bucketJSON is a number of runs that took not longer than Most, but longer than the bucket
// before says. Most is null for the last.
type bucketJSON struct {
	Most *float64 `json:"most_seconds"`
	Runs uint64   `json:"runs"`
}

type refreshJSON struct {
	Total   uint64 `json:"total"`
	Errors  uint64 `json:"errors"`
	Dropped uint64 `json:"dropped"`
	Now     int64  `json:"now"`
}

// jsonOf returns a row of the table for programs.
func jsonOf(r *row) ropeJSON {
	s := &r.Stats
	name := r.Local
	if r.Package != "" {
		name = r.Package + "." + r.Local
	}
	j := ropeJSON{
		ID: r.ID, Name: name, Prefix: r.Prefix, Storage: r.Storage, Place: r.Place,
		Calls:    callsJSON{s.Hits, s.Stale, s.Shared, s.Misses, s.Negative, s.Bypassed, s.Errors},
		HitRatio: s.HitRatio(), TimeSaved: r.Saved.Seconds(),
		Runs: runsJSON{s.Runs, s.RunErrors, s.RunPanics, s.RunTimeouts, s.MeanRun().Seconds(), r.P50.Seconds(), r.P95.Seconds(), bucketsOf(s)},

		Refreshes: refreshJSON{s.Refreshes, s.RefreshErrors, s.RefreshesDropped, s.Refreshing},
		Verified:  s.Verified, Differed: s.Differed, StorageErrors: s.StorageErrors, DecodeErrors: s.DecodeErrors, Evictions: s.Evictions,
		LockWaits: s.LockWaits, LockWait: s.LockWait.Seconds(), LocksLost: s.LocksLost, Batches: s.Batches, BatchElements: s.BatchElements,
		Entries: knownSize(s.Entries), MaxEntries: knownSize(s.MaxEntries), Flights: s.Flights,
	}
	if rate := r.Rate(); rate >= 0 {
		j.CallsPerSecond = &rate
	}
	return j
}

// bucketsOf returns the histogram of runs for programs.
func bucketsOf(s *ring.Stats) []bucketJSON {
	all := make([]bucketJSON, len(s.RunBuckets))
	for i, runs := range s.RunBuckets {
		all[i].Runs = runs
		if bounds := ring.RunBounds(); i < len(bounds) {
			most := bounds[i].Seconds()
			all[i].Most = &most
		}
	}
	return all
}

// knownSize returns nil for a number that is not known.
func knownSize(n int64) *int64 {
	if n < 0 {
		return nil
	}
	return &n
}
