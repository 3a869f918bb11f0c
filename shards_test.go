package ring_test

import (
	"math/rand/v2"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ring-go/ring"
	"github.com/ring-go/ring/lrucache"
)

// shardsOf returns how many shards a rope's cache has.
func shardsOf(r *ring.Rope) int { return r.Storage().Backend().(*lrucache.LruCache).Shards() }

func TestShards(t *testing.T) {
	for _, c := range []struct{ shards, want int }{{0, 1}, {1, 1}, {2, 2}, {12, 16}} {
		r := ring.Wrap(strconv.Itoa, ring.Lru{MaxSize: 1000, Shards: c.shards})
		assert.Equal(t, c.want, shardsOf(r))
		assert.Equal(t, 1000, r.CacheInfo().MaxSize)
	}
	assert.Equal(t, lrucache.NewSharded(1000, -1).Shards(), shardsOf(ring.Wrap(strconv.Itoa, ring.Lru{MaxSize: 1000, Shards: -1})))
	assert.Equal(t, 4, shardsOf(ring.Wrap(strconv.Itoa, ring.Lru{MaxSize: ring.Unbounded, Shards: 4})))
	nothing := ring.Wrap(strconv.Itoa, ring.Lru{MaxSize: ring.CacheNothing, Shards: 16})
	_, err := nothing.Call(1)
	require.NoError(t, err)
	assert.Equal(t, ring.CacheInfo{Misses: 1}, nothing.CacheInfo())
}

// TestShardedAsStrict: if there is room, every action has the same answer with shards.
func TestShardedAsStrict(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	rnd := rand.New(rand.NewPCG(seed, 0))
	runs := map[*ring.Rope]*int{}
	wrap := func(cache *lrucache.LruCache, now *time.Time) *ring.Rope {
		cache.Now = func() time.Time { return *now }
		ran := new(int)
		r := ring.Wrap(func(n int) string { *ran++; return strconv.Itoa(n) + " in run " + strconv.Itoa(*ran) },
			ring.Lru{Lru: cache, KeyPrefix: "f", Expire: time.Minute})
		runs[r] = ran
		return r
	}
	now := time.Unix(0, 0)
	strict, sharded := wrap(lrucache.New(ring.Unbounded), &now), wrap(lrucache.NewSharded(ring.Unbounded, 8), &now)
	type answer struct {
		value any
		err   error
	}
	do := func(r *ring.Rope, action string, n int) (a answer) {
		switch action {
		case "set":
			a.err = r.Set("given", n)
		case "clear":
			r.Storage().Backend().(*lrucache.LruCache).Clear()
		case "get_many", "get_or_update_many", "has_many", "delete_many", "touch_many":
			a.value, a.err = r.Run(action, ring.Args{n}, ring.Args{n + 1}, ring.Args{n})
		default:
			a.value, a.err = r.Run(action, n)
		}
		return a
	}
	actions := []string{"get", "update", "get_or_update", "get_or_update", "set", "delete", "has", "touch", "execute",
		"get_many", "get_or_update_many", "has_many", "delete_many", "touch_many"}
	for i := range 5_000 {
		action, n := actions[rnd.IntN(len(actions))], rnd.IntN(100)
		if i%1000 == 500 {
			action = "clear"
		}
		want, got := do(strict, action, n), do(sharded, action, n)
		require.NoError(t, want.err, "%s %d", action, n)
		require.Equal(t, want, got, "%s %d", action, n)
		require.Equal(t, strict.CacheInfo(), sharded.CacheInfo(), "%s %d", action, n)
		now = now.Add(time.Duration(rnd.IntN(int(time.Second))))
	}
	assert.Equal(t, *runs[strict], *runs[sharded])
	for _, n := range []int{7, 1000} {
		_, want, _ := strings.Cut(strict.Explain(n).String(), "\n") // all but the functions' names
		_, got, _ := strings.Cut(sharded.Explain(n).String(), "\n")
		assert.Equal(t, want, got)
	}
}

// TestShardsAndManyGoroutines: each goroutine gets the value of its own arguments, and
// of concurrent calls with one key, one runs.
func TestShardsAndManyGoroutines(t *testing.T) {
	var ran atomic.Int64
	r := ring.Wrap(func(n int) string { ran.Add(1); return strconv.Itoa(n) }, ring.Lru{MaxSize: ring.Unbounded, Shards: 16})
	var wg sync.WaitGroup
	for g := range 64 {
		wg.Go(func() {
			for i := range 300 {
				n := (i*7 + g*31) % 200
				v, err := r.Call(n)
				assert.NoError(t, err)
				assert.Equal(t, strconv.Itoa(n), v)
			}
		})
	}
	wg.Wait()
	assert.EqualValues(t, 200, ran.Load(), "nothing was evicted")
	assert.Equal(t, ring.CacheInfo{Hits: 64*300 - 200, Misses: 200, MaxSize: ring.Unbounded, CurrSize: 200}, r.CacheInfo())
}

// TestShardsKeepTheOrderOfWrites: a shard does not store a value that was made before a
// delete, either.
func TestShardsKeepTheOrderOfWrites(t *testing.T) {
	cache := lrucache.NewSharded(1000, 16)
	var r *ring.Rope
	state := "old"
	r = ring.Wrap(func(n int) string {
		made := state
		if made == "old" {
			state = "new"
			require.NoError(t, r.Delete(n))
		}
		return made
	}, ring.Lru{Lru: cache, KeyPrefix: "f"})
	v, err := r.Call(1)
	require.NoError(t, err)
	assert.Equal(t, "old", v)
	v, err = r.Call(1)
	require.NoError(t, err)
	assert.Equal(t, "new", v)

	direct := ring.Wrap(func(n int) string { cache.Clear(); return "made before" }, ring.Lru{Lru: cache, KeyPrefix: "g"})
	_, err = direct.Call(1)
	require.NoError(t, err)
	assert.Zero(t, cache.Len(), "cleared by others meanwhile")
}
