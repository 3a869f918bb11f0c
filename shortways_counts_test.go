package ring_test

import (
	"math/rand/v2"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/ring-go/ring"
	"github.com/ring-go/ring/lrucache"
)

// TestCountsAreExact: every look-up is a hit or a miss, however many goroutines look up by whichever way.
func TestCountsAreExact(t *testing.T) {
	for _, cache := range []*lrucache.LruCache{lrucache.New(ring.Unbounded), lrucache.New(3), lrucache.New(0), lrucache.NewSharded(64, 8)} {
		r := ring.Wrap(func(n int) int { runtime.Gosched(); return n }, ring.Lru{Lru: cache, KeyPrefix: "f"})
		other := ring.Wrap(func(n int) int { return n }, ring.Lru{Lru: cache, KeyPrefix: "f"})
		typed := r.Func().(func(int) int)
		var looked atomic.Int64
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				for range 3000 {
					i, j := rand.IntN(10), rand.IntN(10)
					switch rand.IntN(12) {
					case 0:
						_, _ = r.Get(i)
						looked.Add(1)
					case 1:
						_, _, _ = r.Lookup(i)
						looked.Add(1)
					case 2:
						_, _ = r.GetMany(ring.Args{i}, ring.Args{j}, ring.Args{i})
						looked.Add(3)
					case 3:
						_, _ = r.GetOrUpdateMany(ring.Args{i}, ring.Args{j}, ring.Args{i})
						looked.Add(3)
					case 4:
						typed(i)
						looked.Add(1)
					case 5:
						_, _ = r.Scalars().Call(i)
						looked.Add(1)
					case 6:
						_, _ = r.GetOrUpdateMany(ring.Args{int64(i)}, ring.Args{j})
						looked.Add(2)
					case 7:
						_ = r.Delete(i)
						_, _ = other.Call(j)
					case 8:
						_ = r.DeleteMany(ring.Args{i}, ring.Args{j})
						_, _ = r.Has(i)
					case 9:
						_, _ = r.Call(int8(i))
						looked.Add(1)
					default:
						_, _ = r.Call(i)
						looked.Add(1)
					}
				}
			})
		}
		wg.Wait()
		info := r.CacheInfo()
		assert.EqualValues(t, looked.Load(), info.Hits+info.Misses)
	}
}
