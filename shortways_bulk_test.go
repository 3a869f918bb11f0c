package ring

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ring-go/ring/internal/samples"
	"github.com/ring-go/ring/lrucache"
)

// TestShortWaysLargeBulk: bulk calls of hundreds of elements, with repetitions and keys of all lengths, by both ways
// and in caches of shards. The cache's own counts are the same, too.
func TestShortWaysLargeBulk(t *testing.T) {
	lengths := []int{0, 1, 3, 7, 8, 9, 15, 16, 17, 47, 48, 49, 63, 64, 65, 127, 128, 129, 4094, 4095, 4096, 4097, 70000}
	for _, shards := range []int{1, 2, 32} {
		for _, size := range []int{Unbounded, 3, 64, 0} {
			if shards > 1 && size > 0 {
				continue // random places
			}
			f := func(s string, n int) (string, error) { return s[:min(3, len(s))] + fmt.Sprint(n), errOdd(n) }
			g := func(s string) (string, error) { return s[:min(3, len(s))] + "!", errOdd(len(s)) }
			for which, fn := range []any{f, g} {
				var caches [2]*lrucache.LruCache
				var ropes [2]*Rope
				for i := range ropes {
					caches[i] = lrucache.NewSharded(size, shards)
					ropes[i] = Wrap(fn, Lru{Lru: caches[i], KeyPrefix: "f", Options: quietly()})
				}
				ropes[1].dropPlans()
				for seed := range uint64(samples.Rounds(60)) {
					var dids [2]string
					for i, r := range ropes {
						random := rand.New(rand.NewPCG(seed, 1))
						var list, values []any
						for range random.IntN(300) {
							a := Args{strings.Repeat(fmt.Sprint(random.IntN(10)), lengths[random.IntN(len(lengths)-random.IntN(2))])}
							if which == 0 {
								a = append(a, random.IntN(5))
							}
							list, values = append(list, a), append(values, fmt.Sprint("set", random.IntN(1000)))
						}
						var v any
						var err error
						switch random.IntN(7) {
						case 0, 1:
							v, err = r.GetMany(list...)
						case 2, 3:
							v, err = r.GetOrUpdateMany(list...)
						case 4:
							err = r.SetMany(list, values)
						case 5:
							err = r.DeleteMany(list[:len(list)/3]...)
						case 6:
							v, err = r.HasMany(list...)
						}
						dids[i] = fmt.Sprint(v, err, r.CacheInfo())
					}
					require.Equal(t, dids[1], dids[0], seed)
				}
				info, want := caches[0].CacheInfo(), caches[1].CacheInfo()
				t.Log(info, want)
				require.Equal(t, want.CurrSize, info.CurrSize)
			}
		}
	}
}
