package meter

import (
	"math"
	"math/rand/v2"
	"slices"
	"sync/atomic"
	"time"
)

// Bounds are the upper bounds of the buckets of run times. What is longer is in one more
// bucket.
var Bounds = [Buckets - 1]time.Duration{
	10 * time.Microsecond, 100 * time.Microsecond, 250 * time.Microsecond, 500 * time.Microsecond,
	time.Millisecond, 2500 * time.Microsecond, 5 * time.Millisecond, 10 * time.Millisecond, 25 * time.Millisecond, 50 * time.Millisecond,
	100 * time.Millisecond, 250 * time.Millisecond, 500 * time.Millisecond,
	time.Second, 2500 * time.Millisecond, 5 * time.Second, 10 * time.Second, 30 * time.Second, time.Minute,
}

// Buckets is how many buckets there are.
const Buckets = 20

// Runs counts runs of the function, and how long they take.
//
// Reading the clock twice costs a fifth of a miss in memory. So a function that takes less
// than short on average is timed only once in sample runs, which counts for all of them. The
// choice does not depend on how long the run takes that it is about, so the sums are right
// on average.
type Runs struct {
	runs, failed, panicked, late atomic.Uint64

	total   atomic.Int64 // the time of those in the buckets
	buckets [Buckets]atomic.Uint64
	timed   atomic.Uint64 // those in the buckets
	quick   atomic.Bool   // most runs are not timed
}

const (
	short  = 10 * time.Microsecond // reading the clock twice takes less than a hundredth of it
	sample = 16                    // a power of 2
	enough = 64                    // that many runs are timed before any is not
)

// Moment is when a run began; 0: none has. The lowest bit tells that the run counts once, and
// not for sample runs.
type Moment int64

// Untimed is the moment of a run that is not timed.
const Untimed Moment = math.MinInt64

// zero is when the program began.
var zero = time.Now()

// Now returns the moment, which counts for one run.
func Now() Moment { return Moment(time.Since(zero))<<1 | 1 }

// IsTimed tells whether the moment is known.
func (m Moment) IsTimed() bool { return m != 0 && m != Untimed }

// Since returns the time since the moment.
func (m Moment) Since() time.Duration { return time.Since(zero) - time.Duration(m>>1) }

// Begin counts a run that begins.
func (r *Runs) Begin() Moment {
	r.runs.Add(1)
	switch {
	case !r.quick.Load():
		return Now()
	case rand.Uint32()%sample == 0: // at random, because what callers do can have a period
		return Now() &^ 1
	}
	return Untimed
}

// End records that a run has returned.
func (r *Runs) End(began Moment, failed bool) {
	if failed {
		r.failed.Add(1)
	}
	if began != Untimed {
		r.time(began)
	}
}

func (r *Runs) time(began Moment) {
	took, weight := began.Since(), uint64(1)
	if began&1 == 0 {
		weight = sample
	}
	i, _ := slices.BinarySearch(Bounds[:], took)
	r.buckets[i].Add(weight)
	n := r.timed.Add(weight)
	total := r.total.Add(int64(took) * int64(weight))
	if quick := n >= enough && total < int64(n)*int64(short); quick != r.quick.Load() {
		r.quick.Store(quick)
	}
}

// Panicked records that a run has panicked or ended its goroutine.
func (r *Runs) Panicked() { r.panicked.Add(1) }

// Late records that a run took too long.
func (r *Runs) Late() { r.late.Add(1) }

// RunCounts is what Runs has counted.
type RunCounts struct {
	Runs, Failed, Panicked, Late uint64
	Time                         time.Duration // of the runs in the buckets
	Buckets                      [Buckets]uint64
}

// Counts returns the counts so far.
func (r *Runs) Counts() RunCounts {
	c := RunCounts{Failed: r.failed.Load(), Panicked: r.panicked.Load(), Late: r.late.Load(), Time: time.Duration(r.total.Load())}
	for i := range c.Buckets {
		c.Buckets[i] = r.buckets[i].Load()
	}
	c.Runs = r.runs.Load()
	return c
}
