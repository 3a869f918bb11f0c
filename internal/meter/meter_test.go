package meter

import (
	"runtime"
	"sync"
	"testing"
	"time"
	"unsafe"

	"github.com/stretchr/testify/assert"
)

// TestStripes: calls on many goroutines use most of the stripes, and all count.
func TestStripes(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(maxStripes))
	m := New()
	assert.Len(t, m.calls, maxStripes)
	assert.EqualValues(t, 64, unsafe.Sizeof(stripe{}), "a cache line")
	var all sync.WaitGroup
	leave := make(chan struct{})
	for range 64 {
		all.Go(func() {
			for o := range Outcomes {
				m.Count(o)
			}
			m.CountSeveral(Hit, 2)
			<-leave // so that no other gets its stack
		})
	}
	close(leave)
	all.Wait()
	used := 0
	for i := range m.calls {
		if m.calls[i][Ran].Load() > 0 {
			used++
		}
	}
	assert.Greater(t, used, maxStripes/2)
	assert.Equal(t, Calls{64, 192, 64, 64, 64, 64, 64, 64}, m.Calls())
	assert.EqualValues(t, 192, m.Of(Hit))
}

// TestSampleIsFair: of a function that is seldom slow, and always at the same place of a period,
// the sums are right on average, although most runs are not timed.
func TestSampleIsFair(t *testing.T) {
	var r Runs
	const runs, slow = 1_000_000, 64 // one run of so many is slow
	for i := range runs {
		took := 100 * time.Nanosecond
		if i%slow == slow-1 {
			took = 50 * time.Microsecond
		}
		began := r.Begin()
		if began.IsTimed() {
			began -= Moment(took) << 1 // as if it had begun before
		}
		r.End(began, false)
	}
	c := r.Counts()
	assert.EqualValues(t, runs, c.Runs)
	timed := uint64(0)
	for _, n := range c.Buckets {
		timed += n
	}
	assert.InEpsilon(t, runs, timed, 0.03, "7 standard deviations")
	assert.InEpsilon(t, runs/slow, timed-c.Buckets[0], 0.3, "as many, and what the machine delays")
}
