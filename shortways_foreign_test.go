package ring

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ring-go/ring/internal/samples"
	"github.com/ring-go/ring/lrucache"
)

func quietly() Options { return Options{OnError: func(context.Context, *Error) {}} }

// TestForeignValueIsCountedOnce: CacheInfo counts one look-up once, also where others put
// a value of another type into the shared cache.
func TestForeignValueIsCountedOnce(t *testing.T) {
	for name, foreign := range map[string]any{"convertible": int8(3), "no result": "text"} {
		for action, call := range map[string]func(*Rope) error{
			"call":               func(r *Rope) error { _, err := r.Call(1); return err },
			"get":                func(r *Rope) error { _, err := r.Get(1); _ = err; return nil },
			"lookup":             func(r *Rope) error { _, _, err := r.Lookup(1); _ = err; return nil },
			"get_many":           func(r *Rope) error { _, err := r.GetMany(Args{1}); _ = err; return nil },
			"get_many of two":    func(r *Rope) error { _, err := r.GetMany(Args{2}, Args{1}); _ = err; return nil },
			"get_or_update_many": func(r *Rope) error { _, err := r.GetOrUpdateMany(Args{2}, Args{1}); return err },
			"typed":              func(r *Rope) error { r.Func().(func(int) int)(1); return nil },
			"scalars":            func(r *Rope) error { _, err := r.Scalars().Call(1); return err },
		} {
			t.Run(name+"/"+action, func(t *testing.T) {
				info := func(long bool) CacheInfo {
					cache := lrucache.New(10)
					r := Wrap(func(n int) int { return 2 * n }, Lru{Lru: cache, KeyPrefix: "f", Options: quietly()})
					if long {
						r.dropPlans()
					}
					cache.Set("f:1", foreign, 0)
					cache.Set("f:2", 4, 0)
					require.NoError(t, call(r))
					return r.CacheInfo()
				}
				assert.Equal(t, info(true), info(false), "the long way, the short way")
			})
		}
	}
}

// TestShortWaysBesideOthers is TestShortWaysAndTheLongOne with others who write to the cache, caches
// of shards, a clock that moves, and prefixes of all lengths.
func TestShortWaysBesideOthers(t *testing.T) {
	for _, c := range []struct {
		name   string
		make   func(prefix string, cache *lrucache.LruCache) Factory
		size   int
		shards int
		clock  bool
	}{
		{"strict", func(p string, c *lrucache.LruCache) Factory { return Lru{Lru: c, KeyPrefix: p, Options: quietly()} }, 5, 1, false},
		{"one", func(p string, c *lrucache.LruCache) Factory { return Lru{Lru: c, KeyPrefix: p, Options: quietly()} }, 1, 1, false},
		{"two", func(p string, c *lrucache.LruCache) Factory { return Lru{Lru: c, KeyPrefix: p, Options: quietly()} }, 2, 1, false},
		{"sharded", func(p string, c *lrucache.LruCache) Factory { return Lru{Lru: c, KeyPrefix: p, Options: quietly()} }, 1000, 8, false},
		{"clock", func(p string, c *lrucache.LruCache) Factory {
			return Lru{Lru: c, KeyPrefix: p, Expire: 3 * time.Second, Options: quietly()}
		}, 5, 1, true},
		{"miss", func(p string, c *lrucache.LruCache) Factory {
			o := quietly()
			o.MissValue = "missing"
			return Lru{Lru: c, KeyPrefix: p, Options: o}
		}, 5, 1, false},
		{"python", func(p string, c *lrucache.LruCache) Factory {
			o := quietly()
			o.KeyStyle = PythonKeys
			return Lru{Lru: c, KeyPrefix: p, Options: o}
		}, 5, 1, false},
		{"hash", func(p string, c *lrucache.LruCache) Factory {
			o := quietly()
			o.KeyStyle = HashKeys
			return Lru{Lru: c, KeyPrefix: p, Options: o}
		}, 5, 1, false},
		{"ascii", func(p string, c *lrucache.LruCache) Factory {
			o := quietly()
			o.KeyEncoding = "ascii"
			return Lru{Lru: c, KeyPrefix: p, Options: o}
		}, 5, 1, false},
	} {
		for i := range shapes {
			s := &shapes[i]
			if wayForeign && c.name == "miss" {
				continue // see TestMissValueBesideAnError
			}
			t.Run(c.name+"/"+s.name, func(t *testing.T) {
				seed := rand.Uint64()
				now := time.Unix(1000, 0)
				var caches [2]*lrucache.LruCache
				var ropes [2]*Rope
				var wires [2]*Wire
				prefix := string(slices.Repeat([]byte("p"), []int{1, 30, 31, 32, 33, 62, 63, 126, 127, 128, 129}[seed%11]))
				for i := range caches {
					caches[i] = lrucache.NewSharded(c.size, c.shards)
					if c.clock {
						caches[i].Now = func() time.Time { return now }
					}
					r, err := New(s.fn, c.make(prefix, caches[i]))
					if err != nil {
						return // the combination is refused: there is nothing to compare
					}
					ropes[i], wires[i] = r, &r.Wire
					if s.bound != nil {
						wires[i] = r.Bind(s.bound)
					}
				}
				ropes[1].dropPlans()
				a, b := rand.New(rand.NewPCG(seed, 0)), rand.New(rand.NewPCG(seed, 0))
				moves := rand.New(rand.NewPCG(seed, 1))
				var foreign bool
				for step := range samples.Rounds(400) {
					if moves.IntN(5) == 0 {
						now = now.Add(time.Duration(moves.IntN(4000)) * time.Millisecond)
					}
					if wayForeign && moves.IntN(10) == 0 {
						key, err := wires[1].Key(s.args(moves.IntN(12))...)
						if err == nil {
							v := []any{int8(3), "text", 3.5, nil, []byte("x"), 12, &point{}}[moves.IntN(7)]
							for _, cache := range caches {
								cache.Set(key, v, 0)
							}
							foreign = true
						}
					}
					did, want := s.act(wires[0], a.IntN), s.act(wires[1], b.IntN)
					require.Equal(t, plainly(want), plainly(did), "seed %d, step %d foreign %v", seed, step, foreign)
					if !wayForeign {
						require.Equal(t, ropes[1].CacheInfo(), ropes[0].CacheInfo(), "seed %d, step %d: %s", seed, step, did)
					}
					require.True(t, ropes[0].values().Flights.Idle(), did)
				}
			})
		}
	}
}

var wayForeign = false

func TestShortWaysWithForeignValues(t *testing.T) {
	wayForeign = true
	defer func() { wayForeign = false }()
	TestShortWaysBesideOthers(t)
}

// TestMissValueBesideAnError: Get of something that is no result returns the same by the short
// way and the long one.
func TestMissValueBesideAnError(t *testing.T) {
	get := func(long bool) string {
		cache := lrucache.New(10)
		r := Wrap(func(n int) int { return 2 * n }, Lru{Lru: cache, KeyPrefix: "f", Options: Options{MissValue: "missing"}})
		if long {
			r.dropPlans()
		}
		cache.Set("f:1", "text", 0)
		v, err := r.Get(1)
		require.Error(t, err)
		return fmt.Sprint(v)
	}
	assert.Equal(t, get(true), get(false))
}
