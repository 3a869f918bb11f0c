package ring_test

import (
	"errors"
	"math/rand/v2"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/ring-go/ring"
	"github.com/ring-go/ring/lrucache"
)

// TestNothingOlderByTheShortestWays is TestNothingOlderThanADelete by the shortest ways, with shards, sets, typed
// calls, runs that fail, panic, exit, and that write to their own key.
func TestNothingOlderByTheShortestWays(t *testing.T) {
	clocked := lrucache.NewSharded(1000, 4)
	clocked.Now = time.Now
	for name, c := range map[string]struct {
		cache *lrucache.LruCache
		coder any
	}{
		"strict": {lrucache.New(ring.Unbounded), nil}, "two": {lrucache.New(2), nil}, "one": {lrucache.New(1), nil},
		"nothing": {lrucache.New(0), nil}, "sharded": {lrucache.NewSharded(ring.Unbounded, 64), nil}, "clock": {clocked, nil}, "coded": {lrucache.NewSharded(1000, 4), "pickle"},
	} {
		t.Run(name, func(t *testing.T) {
			var s versioned
			var ropes []*ring.Rope
			var wild atomic.Bool
			read := func(key int) (int, error) {
				version := s.version[key].Load()
				if rand.IntN(3) == 0 {
					nap()
				} else if rand.IntN(3) == 0 {
					runtime.Gosched()
				}
				r := ropes[rand.IntN(len(ropes))]
				if wild.Load() {
					switch rand.IntN(40) {
					case 0:
						panic("read")
					case 1:
						return 0, errors.New("read")
					case 2:
						runtime.Goexit()
					case 3:
						s.change(func() error { return r.Delete(key) }, key)
					case 4:
						s.change(func() error { return r.DeleteMany(ring.Args{key}) }, key)
					case 5:
						_, _ = r.Update(key)
					}
				}
				return int(version)*sourceKeys + key, nil
			}
			for range 3 {
				ropes = append(ropes, ring.Wrap(read, ring.Lru{Lru: c.cache, Coder: c.coder, KeyPrefix: "k", Expire: time.Duration(rand.IntN(2)) * time.Hour}))
			}
			act := func() {
				r := ropes[rand.IntN(len(ropes))]
				i, j := rand.IntN(sourceKeys), rand.IntN(sourceKeys)
				one := func(v any, err error) ([]any, error) { return []any{v}, err }
				switch rand.IntN(20) {
				case 0, 1:
					s.change(func() error { return r.Delete(i) }, i)
				case 2:
					s.change(func() error { return r.DeleteMany(ring.Args{i}, ring.Args{j}) }, i, j)
				case 3:
					_, _ = r.Update(i)
				case 4:
					s.check(t, func() ([]any, error) {
						return r.UpdateMany(ring.Args{i}, ring.Args{j}, ring.Args{i})
					}, i, j)
				case 5:
					s.change(func() error { c.cache.Delete(must(r.Key(i))); return nil }, i)
				case 6:
					s.change(func() error { c.cache.Clear(); return nil }, 0, 1, 2)
				case 7, 8:
					s.check(t, func() ([]any, error) { return r.GetOrUpdateMany(ring.Args{i}, ring.Args{j}) }, i, j)
				case 9:
					s.check(t, func() ([]any, error) { return r.GetOrUpdateMany(ring.Args{int64(i)}, ring.Args{j}) }, i, j)
				case 10:
					s.check(t, func() ([]any, error) { return one(r.Scalars().Call(i)) }, i)
				case 11:
					s.check(t, func() ([]any, error) { v, err := r.Func().(func(int) (int, error))(i); return []any{v}, err }, i)
				case 12:
					s.check(t, func() ([]any, error) { return one(r.GetOrUpdate(int64(i))) }, i)
				case 13:
					s.check(t, func() ([]any, error) {
						v, ok, err := r.Lookup(i)
						if !ok {
							err = errors.New("miss")
						}
						return []any{v}, err
					}, i)
				case 14:
					_ = r.Touch(i)
					_ = r.TouchMany(ring.Args{i}, ring.Args{j})
				default:
					s.check(t, func() ([]any, error) { return one(r.Call(i)) }, i)
				}
			}
			for _, w := range []bool{false, true} {
				wild.Store(w)
				var wg sync.WaitGroup
				for range 12 {
					wg.Go(func() {
						for range 500 {
							var inner sync.WaitGroup
							if !w {
								act()
								continue
							}
							inner.Go(func() {
								defer func() {
									if r := recover(); r != nil && r != "read" {
										panic(r)
									}
								}()
								act()
							})
							inner.Wait()
						}
					})
				}
				wg.Wait()
				assert.Eventually(t, ring.FlightsOf(ropes[0]).Idle, 10*time.Second, time.Millisecond, "the stores that go on have an end")
			}
		})
	}
}
