package ring_test

import (
	"math/rand/v2"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/ring-go/ring"
	"github.com/ring-go/ring/lrucache"
)

func spin(d time.Duration) {
	for end := time.Now().Add(d); time.Now().Before(end); {
	}
}

// TestBulkBesideALanding: a GetOrUpdateMany of the long way (several results) that begins while a Call
// of the key runs does not run the function again when that has stored its value.
func TestBulkBesideALanding(t *testing.T) {
	cache := lrucache.New(ring.Unbounded)
	for i := range 3_000 { // Len visits all of them, with the lock held
		cache.Set(strconv.Itoa(i), i, time.Hour)
	}
	var ran atomic.Int64
	f := ring.Wrap(func(n int) (int, string) { ran.Add(1); spin(20 * time.Microsecond); return n, "" }, ring.Lru{Lru: cache, KeyPrefix: "f"})
	var stop atomic.Bool
	var back sync.WaitGroup
	for range 2 {
		back.Go(func() {
			for !stop.Load() {
				cache.Len()
			}
		})
	}
	const keys = 800
	for n := range keys {
		var wg sync.WaitGroup
		wg.Go(func() { _, _ = f.Call(n) })
		for range 3 {
			wg.Go(func() {
				spin(time.Duration(rand.IntN(60)) * time.Microsecond)
				_, _ = f.GetOrUpdateMany(ring.Args{n})
			})
		}
		wg.Wait()
	}
	stop.Store(true)
	back.Wait()
	assert.EqualValues(t, keys, ran.Load(), "one run for each key")
}
