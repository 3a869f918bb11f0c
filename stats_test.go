package ring_test

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"reflect"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ring-go/ring"
	"github.com/ring-go/ring/diskcache"
	"github.com/ring-go/ring/internal/testserver"
	"github.com/ring-go/ring/shelve"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// countedBackends are all storages, and what of Freshness and Lock they have.
func countedBackends(t *testing.T) map[string]ring.Factory {
	rdb, mc := redisClient(t, testserver.Redis(t)), memcacheClient(t, testserver.Memcached(t))
	fresh := ring.Freshness{RefreshAhead: 200 * time.Millisecond, StaleWhileRevalidate: time.Second, CacheError: ring.CacheErrors(20*time.Millisecond, errOdd)}
	negative := ring.Freshness{CacheError: fresh.CacheError}
	lock := ring.Lock{Lease: time.Second}
	disk := func(name string) *diskcache.Cache {
		c, err := diskcache.Open(t.TempDir(), nil)
		require.NoError(t, err, name)
		t.Cleanup(func() { assert.NoError(t, c.Close()) })
		return c
	}
	shelf, err := shelve.Open(t.TempDir()+"/shelf", nil)
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, shelf.Close()) })
	return map[string]ring.Factory{
		"lru":             ring.Lru{MaxSize: 16},
		"lru, shards":     ring.Lru{MaxSize: 64, Shards: 4},
		"lru, fresh":      ring.Lru{MaxSize: 64, Expire: 300 * time.Millisecond, Options: ring.Options{Freshness: fresh}},
		"dict":            ring.Dict{},
		"dict, expiry":    ring.Dict{Expire: 50 * time.Millisecond},
		"own":             ring.BaseFactory{StorageBackend: &sync.Map{}, StorageClass: newRemote, KeyPrefix: "own"},
		"redis":           ring.Redis{Client: rdb, KeyPrefix: "plain", Expire: time.Second, Coder: "json"},
		"redis, fresh":    ring.Redis{Client: rdb, KeyPrefix: "fresh", Expire: 300 * time.Millisecond, Coder: "json", Options: ring.Options{Freshness: fresh}},
		"redis, lock":     ring.Redis{Client: rdb, KeyPrefix: "lock", Expire: time.Second, Coder: "json", Options: ring.Options{Lock: lock, Freshness: negative}},
		"redis hash":      ring.RedisHash{Client: rdb, HashKey: "hash", KeyPrefix: "hash", Coder: "json", Options: ring.Options{Freshness: negative}},
		"memcache":        ring.Memcache{Client: mc, KeyPrefix: "plain", Coder: "json", Expire: time.Second},
		"memcache, fresh": ring.Memcache{Client: mc, KeyPrefix: "fresh", Coder: "json", Expire: 2 * time.Second, Options: ring.Options{Freshness: ring.Freshness{RefreshAhead: time.Second, StaleIfError: time.Second}}},
		"shelve":          ring.Shelve{Shelf: shelf, KeyPrefix: "shelf"},
		"diskcache":       ring.DiskCache{Obj: disk("plain"), KeyPrefix: "plain"},
		"diskcache, lock": ring.DiskCache{Obj: disk("lock"), KeyPrefix: "lock", Expire: time.Second, Options: ring.Options{Lock: lock}},
	}
}

var errOdd = errors.New("an odd number in its first run")

// oddFails is a function that fails now and then, and counts its runs.
type oddFails struct{ runs, failed atomic.Uint64 }

func (f *oddFails) run(_ context.Context, n int) (int, error) {
	if run := f.runs.Add(1); n%2 == 1 && run%3 == 0 {
		f.failed.Add(1)
		return 0, errOdd
	}
	return n, nil
}

// callForms are all forms of calls that count, and how many calls each is.
var callForms = []func(w *ring.Wire, typed func(context.Context, int) (int, error), n int) int{
	func(w *ring.Wire, _ func(context.Context, int) (int, error), n int) int { _, _ = w.Call(n); return 1 },
	func(w *ring.Wire, _ func(context.Context, int) (int, error), n int) int {
		_, _ = w.GetOrUpdate(n)
		return 1
	},
	func(w *ring.Wire, _ func(context.Context, int) (int, error), n int) int { _, _ = w.Get(n); return 1 },
	func(w *ring.Wire, _ func(context.Context, int) (int, error), n int) int {
		_, _, _ = w.Lookup(n)
		return 1
	},
	func(w *ring.Wire, _ func(context.Context, int) (int, error), n int) int {
		_, _ = w.Scalars().Call(n)
		return 1
	},
	func(w *ring.Wire, _ func(context.Context, int) (int, error), n int) int {
		_, _ = w.Run("get_or_update", n)
		return 1
	},
	func(_ *ring.Wire, typed func(context.Context, int) (int, error), n int) int {
		_, _ = typed(context.Background(), n)
		return 1
	},
	func(w *ring.Wire, _ func(context.Context, int) (int, error), n int) int {
		_, _ = w.GetMany(ring.Args{n}, ring.Args{n + 1}, ring.Args{n})
		return 3
	},
	func(w *ring.Wire, _ func(context.Context, int) (int, error), n int) int {
		_, _ = w.GetOrUpdateMany(ring.Args{n}, ring.Args{n + 1}, ring.Args{n}, ring.Kwargs{"n": n + 2})
		return 4
	},
	func(w *ring.Wire, _ func(context.Context, int) (int, error), n int) int {
		_, _ = w.Call(ring.Kwargs{"n": n})
		return 1
	},
	func(w *ring.Wire, _ func(context.Context, int) (int, error), n int) int {
		_, _ = w.With(ring.CallOptions{SkipRead: true}).Call(n)
		return 1
	},
	func(w *ring.Wire, _ func(context.Context, int) (int, error), n int) int {
		_, _ = w.With(ring.CallOptions{SkipWrite: true, NoStale: true}).Call(n)
		return 1
	},
	func(_ *ring.Wire, typed func(context.Context, int) (int, error), n int) int {
		_, _ = typed(ring.WithCallOptions(context.Background(), ring.CallOptions{AllowStale: true}), n)
		return 1
	},
	// These count as no calls.
	func(w *ring.Wire, _ func(context.Context, int) (int, error), n int) int { _ = w.Delete(n); return 0 },
	func(w *ring.Wire, _ func(context.Context, int) (int, error), n int) int { _, _ = w.Update(n); return 0 },
	func(w *ring.Wire, _ func(context.Context, int) (int, error), n int) int {
		_, _ = w.Execute(n)
		return 0
	},
	func(w *ring.Wire, _ func(context.Context, int) (int, error), n int) int { _, _ = w.Has(n); return 0 },
	func(w *ring.Wire, _ func(context.Context, int) (int, error), n int) int { _ = w.Set(n, n); return 0 },
	func(w *ring.Wire, _ func(context.Context, int) (int, error), _ int) int {
		_, _ = w.Call("no number")
		return 0
	},
	func(w *ring.Wire, _ func(context.Context, int) (int, error), n int) int {
		_, _ = w.UpdateMany(ring.Args{n}, ring.Args{n + 1})
		return 0
	},
}

// TestStatsSums: each call counts once, by what it got, and each run counts once, on every
// storage and for every form of a call, while many call at the same time.
func TestStatsSums(t *testing.T) {
	for name, factory := range countedBackends(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var f oddFails
			var traced atomic.Uint64
			for _, trace := range []*ring.Trace{nil, {Call: func(context.Context, ring.CallInfo) { traced.Add(1) }}} {
				f.runs.Store(0)
				f.failed.Store(0)
				r := ring.Wrap(f.run, withTrace(factory, trace), ring.Name("odd"), ring.Signature("n"))
				calls := callManyWays(r)
				require.Eventually(t, func() bool { return r.Stats().Refreshing == 0 }, 5*time.Second, time.Millisecond)
				s := r.Stats()
				assert.Equal(t, calls, s.Calls(), "%+v", s)
				assert.Equal(t, f.runs.Load(), s.Runs)
				assert.Equal(t, f.failed.Load(), s.RunErrors)
				assert.Zero(t, s.RunPanics+s.StorageErrors+s.DecodeErrors+s.RunTimeouts)
				assert.Zero(t, s.Flights)
				if trace != nil {
					assert.Equal(t, calls, traced.Load())
				}
				info := r.CacheInfo()
				assert.Equal(t, calls, uint64(info.Hits+info.Misses+info.Stale))
			}
		})
	}
}

// callManyWays calls in all forms from many goroutines. It returns the number of the calls that
// count.
func callManyWays(r *ring.Rope) uint64 {
	typed := ring.Func2E[context.Context, int, int](r)
	var calls atomic.Uint64
	var all sync.WaitGroup
	for g := range 8 {
		all.Go(func() {
			random := rand.New(rand.NewPCG(1, uint64(g)))
			for range 150 {
				form := callForms[random.IntN(len(callForms))]
				calls.Add(uint64(form(&r.Wire, typed, random.IntN(40))))
			}
		})
	}
	all.Wait()
	return calls.Load()
}

// withTrace returns the factory with a Trace.
func withTrace(f ring.Factory, trace *ring.Trace) ring.Factory {
	return optioned(f, func(o *ring.Options) { o.Trace = trace })
}

// optioned returns the factory with other options.
func optioned(f ring.Factory, change func(*ring.Options)) ring.Factory {
	v := reflect.New(reflect.TypeOf(f)).Elem()
	v.Set(reflect.ValueOf(f))
	change(v.FieldByName("Options").Addr().Interface().(*ring.Options))
	return v.Interface().(ring.Factory)
}

// TestStatsOfRuns: how long the runs take, in buckets, and what that saved.
func TestStatsOfRuns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := ring.Wrap(func(ms int) int {
			time.Sleep(time.Duration(ms) * time.Millisecond)
			return ms
		}, ring.Lru{MaxSize: 2, Options: ring.Options{OnError: func(context.Context, *ring.Error) {}}})
		for _, ms := range []int{3, 3, 40, 3, 700, 90_000} {
			_, err := r.Call(ms)
			require.NoError(t, err)
		}
		s := r.Stats()
		assert.Equal(t, uint64(4), s.Runs)
		assert.Equal(t, uint64(2), s.Hits)
		assert.Equal(t, uint64(2), s.Evictions)
		assert.Equal(t, int64(2), s.Entries)
		assert.Equal(t, int64(2), s.MaxEntries)
		assert.Equal(t, 90*time.Second+743*time.Millisecond, s.RunTime)
		assert.Equal(t, s.RunTime/4, s.MeanRun())
		assert.Equal(t, s.RunTime/2, s.TimeSaved())
		var in []time.Duration
		for i, n := range s.RunBuckets {
			if n > 0 {
				in = append(in, append(ring.RunBounds(), time.Hour)[i])
				assert.Equal(t, uint64(1), n)
			}
		}
		assert.Equal(t, []time.Duration{5 * time.Millisecond, 50 * time.Millisecond, time.Second, time.Hour}, in)
		assert.Equal(t, 5*time.Millisecond, s.RunQuantile(0.25))
		assert.Equal(t, 25*time.Millisecond+12_500*time.Microsecond, s.RunQuantile(0.375))
		assert.Equal(t, time.Minute, s.RunQuantile(1))
		assert.InDelta(t, 1.0/3, s.HitRatio(), 1e-9)
	})
}

// TestStatsOfNothing: no division by zero.
func TestStatsOfNothing(t *testing.T) {
	s := ring.Wrap(func(n int) int { return n }, ring.Dict{}).Stats()
	assert.Equal(t, ring.Stats{MaxEntries: -1}, s)
	assert.Zero(t, s.HitRatio())
	assert.Zero(t, s.MeanRun())
	assert.Zero(t, s.TimeSaved())
	assert.Zero(t, s.RunQuantile(0.5))
}

// TestStatsOfPanics: a run that does not return counts once, whatever called it.
func TestStatsOfPanics(t *testing.T) {
	forBackends(t, func(t *testing.T, f ring.Factory) {
		r := ring.Wrap(func(_ context.Context, n int) (int, error) { panic(n) }, f, ring.Name("panics"), ring.Signature("n"))
		typed := ring.Func2E[context.Context, int, int](r)
		fn := r.Func().(func(context.Context, int) (int, error))
		forms := []func(){
			func() { _, _ = r.Call(1) },
			func() { _, _ = r.Call(ring.Kwargs{"n": 1}) },
			func() { _, _ = typed(t.Context(), 1) },
			func() { _, _ = fn(t.Context(), 1) },
			func() { _, _ = r.Update(1) },
			func() { _, _ = r.Execute(1) },
			func() { _, _ = r.Execute(ring.Kwargs{"n": 1}) },
			func() { _, _ = r.GetOrUpdateMany(ring.Args{1}, ring.Args{2}) },
			func() { _, _ = r.UpdateMany(ring.Args{1}, ring.Args{2}) },
			func() { _, _ = r.With(ring.CallOptions{SkipRead: true, SkipWrite: true}).Call(1) },
			func() { _, _ = r.With(ring.CallOptions{SkipWrite: true}).Call(1) },
			func() { _, _ = r.With(ring.CallOptions{NoStale: true}).Call(1) },
		}
		for i, form := range forms {
			assert.Panics(t, form, "form %d", i)
			s := r.Stats()
			assert.Equal(t, uint64(i+1), s.Runs, "form %d", i)
			assert.Equal(t, uint64(i+1), s.RunPanics, "form %d", i)
		}
		assert.Zero(t, r.Stats().Calls(), "a call that panics counts nowhere")
		idle(t, r)
	})
}

// TestStatsGrow: Clear resets CacheInfo, but no counter.
func TestStatsGrow(t *testing.T) {
	r := ring.Wrap(func(n int) int { return n }, ring.Lru{})
	for range 3 {
		_, err := r.Call(1)
		require.NoError(t, err)
	}
	_, err := r.Clear(t.Context())
	require.NoError(t, err)
	assert.Zero(t, r.CacheInfo().Hits)
	s := r.Stats()
	assert.Equal(t, uint64(2), s.Hits)
	assert.Equal(t, uint64(1), s.Misses)
	_, err = r.Call(1)
	require.NoError(t, err)
	assert.Equal(t, uint64(2), r.Stats().Misses)
	assert.Equal(t, 1, r.CacheInfo().Misses)
}

// TestStatsNeverGoBack: a bulk call counts its hits at once, and takes them back when the function
// panics. What Stats has shown meanwhile stays, until as many hits have come.
func TestStatsNeverGoBack(t *testing.T) {
	var r *ring.Rope
	shown := uint64(0)
	r = ring.Wrap(func(n int) int {
		if n == 2 {
			shown = r.Stats().Hits
			panic(n)
		}
		return n
	}, ring.Lru{})
	for range 3 {
		_, err := r.Call(1)
		require.NoError(t, err)
	}
	assert.Panics(t, func() { _, _ = r.GetOrUpdateMany(ring.Args{1}, ring.Args{2}) })
	assert.GreaterOrEqual(t, r.Stats().Hits, shown)
	for range 3 {
		_, err := r.Call(1)
		require.NoError(t, err)
	}
	assert.Equal(t, uint64(5), r.Stats().Hits)
}

// TestTimeSavedHasAnEnd: more than a Duration can hold is the longest one.
func TestTimeSavedHasAnEnd(t *testing.T) {
	s := ring.Stats{Hits: 1e12, RunTime: time.Second}
	s.RunBuckets[13] = 1
	assert.Equal(t, time.Duration(math.MaxInt64), s.TimeSaved())
}

// TestQuickRunsAreSampled: a function that takes no time is timed once in 16 runs on average,
// which count for all of them.
func TestQuickRunsAreSampled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		took := time.Duration(0)
		r := ring.Wrap(func(n int) int { time.Sleep(took); return n }, ring.Lru{})
		run := func(n int) {
			for range n {
				_, err := r.Execute(1)
				require.NoError(t, err)
			}
		}
		run(160_000)
		s := r.Stats()
		assert.Equal(t, uint64(160_000), s.Runs)
		assert.InEpsilon(t, 160_000, s.RunBuckets[0], 0.07, "7 standard deviations")
		assert.NotEqual(t, uint64(160_000), s.RunBuckets[0])
		took = time.Millisecond
		run(10_000) // until it is slow on average, some are timed, and then all of them
		s = r.Stats()
		assert.InEpsilon(t, 10*time.Second, s.RunTime, 0.07)
		run(10)
		assert.Equal(t, s.RunTime+10*time.Millisecond, r.Stats().RunTime)
	})
}

// TestFlights: who runs now, since when, and who waits.
func TestFlights(t *testing.T) {
	forBackends(t, func(t *testing.T, f ring.Factory) {
		g := newGate()
		r := ring.Wrap(g.run, f, ring.Name("gate"))
		var all sync.WaitGroup
		call := func(n int) {
			all.Go(func() { _, _ = r.Call(n) })
			synctest.Wait()
		}
		call(1)
		time.Sleep(time.Second)
		call(1)
		call(2)
		all.Go(func() { _, _ = r.Update(3) })
		time.Sleep(time.Second)
		synctest.Wait()
		assert.Equal(t, []ring.FlightInfo{
			{Key: "gate:1", Trigger: ring.ByMiss, Phase: "running", Age: 2 * time.Second, Waiting: 1},
			{Key: "gate:2", Trigger: ring.ByMiss, Phase: "running", Age: time.Second},
			{Key: "gate:3", Trigger: ring.ByUpdate, Phase: "running", Age: time.Second},
		}, r.Flights())
		assert.Equal(t, int64(3), r.Stats().Flights)
		close(g.release)
		all.Wait()
		assert.Empty(t, r.Flights())
	})
}
