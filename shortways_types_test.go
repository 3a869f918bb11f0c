package ring

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ring-go/ring/lrucache"
)

// TestRopesOfDifferentTypes: ropes over one cache with the same keys and results of different types, with
// and without a coder, give each caller the right value.
func TestRopesOfDifferentTypes(t *testing.T) {
	for _, shards := range []int{1, 8} {
		cache := lrucache.NewSharded(Unbounded, shards)
		f := func(coder any) Lru { return Lru{Lru: cache, KeyPrefix: "f", Coder: coder, Options: quietly()} }
		yield := func() {
			if rand.IntN(2) == 0 {
				runtime.Gosched()
			}
		}
		ropes := []*Rope{
			Wrap(func(n int) int { yield(); return n }, f(nil)),
			Wrap(func(n int) string { yield(); return fmt.Sprint("s", n) }, f(nil)),
			Wrap(func(n int) (int, string) { yield(); return n, "" }, f(nil)),
			Wrap(func(n int) *point { yield(); return &point{X: n} }, f(nil)),
			Wrap(func(n int) map[string]int { yield(); return map[string]int{"n": n} }, f("json")),
			Wrap(func(n int) error2 { yield(); return error2{n} }, f("pickle")),
		}
		check := func(i, n int, v any) {
			switch i {
			case 0:
				assert.Equal(t, n, v)
			case 1:
				assert.Equal(t, fmt.Sprint("s", n), v)
			case 2:
				assert.Equal(t, Tuple{n, ""}, v)
			case 3:
				assert.Equal(t, n, v.(*point).X)
			case 4:
				assert.Equal(t, map[string]int{"n": n}, v)
			case 5:
				assert.Equal(t, error2{n}, v)
			}
		}
		var wg sync.WaitGroup
		for range 12 {
			wg.Go(func() {
				for range 1500 {
					i, n := rand.IntN(len(ropes)), rand.IntN(3)
					r := ropes[i]
					switch rand.IntN(8) {
					case 0:
						_ = r.Delete(n)
					case 1:
						v, ok, _ := r.Lookup(n)
						if ok {
							check(i, n, v)
						}
					case 2:
						vs, err := r.GetOrUpdateMany(Args{n}, Args{2 - n}, Args{n})
						assert.NoError(t, err)
						check(i, n, vs[0])
						check(i, 2-n, vs[1])
						check(i, n, vs[2])
					case 3:
						vs, _ := r.GetMany(Args{n}, Args{2 - n})
						if len(vs) == 2 && vs[0] != nil {
							check(i, n, vs[0])
						}
					case 4:
						v, err := r.Update(n)
						assert.NoError(t, err)
						check(i, n, v)
					case 5:
						v, err := r.Scalars().Call(n)
						assert.NoError(t, err)
						check(i, n, v)
					default:
						v, err := r.Call(n)
						assert.NoError(t, err)
						check(i, n, v)
					}
				}
			})
		}
		wg.Wait()
		require.True(t, ropes[0].values().Flights.Idle())
	}
}

type error2 struct{ N int }
