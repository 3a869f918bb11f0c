package ringtest_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ring-go/ring"
	"github.com/ring-go/ring/lrucache"
	"github.com/ring-go/ring/ringtest"
)

func TestIsolateCachesApart(t *testing.T) {
	forStorages(t, func(t *testing.T, s stored) {
		f := &counted{}
		r := ring.Wrap(f.label, s.factory(t), ring.Name("label"), ring.Signature("n"))
		forms := formsOf(t, r)
		kept, err := r.Call(1)
		require.NoError(t, err)
		f.taken()
		before, inside := r.CacheInfo(), ring.CacheInfo{}

		t.Run("inside", func(t *testing.T) {
			ringtest.Isolate(t, r)
			info := r.CacheInfo()
			assert.Zero(t, info.Hits)
			assert.Zero(t, info.Misses)
			assert.Equal(t, before.MaxSize, info.MaxSize)
			isolated, err := r.Call(1)
			require.NoError(t, err)
			assert.NotEqual(t, kept, isolated)
			for _, form := range forms {
				got, err := form.call(1)
				require.NoError(t, err, form.name)
				assert.Equal(t, isolated, got, form.name)
			}
			assert.Equal(t, 1, f.taken())
			info = r.CacheInfo()
			assert.Equal(t, len(forms), info.Hits)
			assert.Equal(t, 1, info.Misses)
			isolatedSubFunctions(t, r, s.touches)
			assert.True(t, r.Explain(1).Cached)
			inside = r.CacheInfo()
		})

		for _, form := range forms {
			got, err := form.call(1)
			require.NoError(t, err, form.name)
			assert.Equal(t, kept, got, form.name)
		}
		all, err := r.HasMany(ring.Args{2}, ring.Args{3})
		require.NoError(t, err)
		assert.Equal(t, []bool{false, false}, all, "nothing was stored here")
		after := r.CacheInfo()
		assert.Equal(t, before.Hits+inside.Hits+len(forms), after.Hits, "all that there was counts in the end")
		assert.Equal(t, before.Misses+inside.Misses, after.Misses)
	})
}

// isolatedSubFunctions: 1 is cached, 2 and 3 are not.
func isolatedSubFunctions(t *testing.T, r *ring.Rope, touches bool) {
	t.Helper()
	require.NoError(t, r.Set("two", 2))
	require.NoError(t, r.SetMany([]any{ring.Args{3}, ring.Kwargs{"n": 2}}, []any{"three", "2"}))
	values, err := r.GetMany(ring.Args{2}, ring.Args{3}, ring.Args{4})
	require.NoError(t, err)
	assert.Equal(t, []any{"2", "three", nil}, values)
	all, err := r.HasMany(ring.Args{1}, ring.Args{4})
	require.NoError(t, err)
	assert.Equal(t, []bool{true, false}, all)
	has, err := r.Has(2)
	require.NoError(t, err)
	assert.True(t, has)
	for _, err := range []error{r.Touch(2), r.TouchMany(ring.Args{2}, ring.Args{3})} {
		assert.Equal(t, touches, err == nil, "%v", err)
		assert.Equal(t, !touches, errors.Is(err, errors.ErrUnsupported), "%v", err)
	}
	require.NoError(t, r.Delete(2))
	require.NoError(t, r.DeleteMany(ring.Args{3}, ring.Args{4}))
	values, err = r.GetMany(ring.Args{2}, ring.Args{3})
	require.NoError(t, err)
	assert.Equal(t, []any{nil, nil}, values)
	value, err := r.Update(1)
	require.NoError(t, err)
	again, err := r.Get(1)
	require.NoError(t, err)
	assert.Equal(t, value, again)
}

func TestIsolateNeedsNoServer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client := redis.NewClient(&redis.Options{Addr: "127.0.0.1:1"})
		defer client.Close()
		f := &counted{}
		r := ring.Wrap(f.label, ring.Redis{Client: client, KeyPrefix: "p", Expire: time.Hour, Coder: "json"})
		ringtest.Isolate(t, r)
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		for range 2 {
			_, err := r.WithContext(ctx).Call(1)
			require.NoError(t, err)
		}
		assert.Equal(t, 1, f.taken())
		time.Sleep(time.Hour - time.Nanosecond)
		assert.Equal(t, time.Nanosecond, r.Explain(1).TimeLeft)
		require.NoError(t, r.Touch(1))
		time.Sleep(time.Hour - time.Nanosecond)
		has, err := r.Has(1)
		require.NoError(t, err)
		assert.True(t, has, "it was touched")
		time.Sleep(time.Nanosecond)
		_, err = r.Call(1)
		require.NoError(t, err)
		assert.Equal(t, 1, f.taken(), "it has expired")
	})
}

// TestIsolateExpiry: in memory, in the bubble.
func TestIsolateExpiry(t *testing.T) {
	for name, factory := range map[string]ring.Factory{
		"lru": ring.Lru{Expire: time.Hour}, "dict": ring.Dict{Expire: time.Hour},
	} {
		f := &counted{}
		r := ring.Wrap(f.label, factory) // outside of the bubble
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ringtest.Isolate(t, r)
				for range 3 {
					_, _ = r.Call(1)
					time.Sleep(59 * time.Minute)
					_, _ = r.Call(1)
					time.Sleep(2 * time.Minute)
				}
				assert.Equal(t, 3, f.taken())
			})
		})
	}
}

// TestIsolateKeepsTheClock of storages that have one.
func TestIsolateKeepsTheClock(t *testing.T) {
	now := time.Unix(0, 0)
	clock := func() time.Time { return now }
	cache := lrucache.New(10)
	cache.Now = clock
	withClock := func(backend any) (ring.Storage, error) {
		s, err := ring.NewExpirableDictStorage(backend)
		s.(*ring.ExpirableDictStorage).Now = clock
		return s, err
	}
	for name, factory := range map[string]ring.Factory{
		"lru":  ring.Lru{Lru: cache, KeyPrefix: "p", Expire: time.Hour},
		"dict": ring.Dict{Expire: time.Hour, StorageClass: withClock},
	} {
		f := &counted{}
		r := ring.Wrap(f.label, factory)
		ringtest.Isolate(t, r)
		for range 2 {
			_, _ = r.Call(1)
			_, _ = r.Call(1)
			now = now.Add(2 * time.Hour)
		}
		assert.Equal(t, 2, f.taken(), name)
	}
}

func TestIsolateEncodes(t *testing.T) {
	type item struct {
		Price int
		Tags  []string
	}
	load := func(n int) (any, error) {
		if n == 0 {
			return make(chan int), nil // no JSON
		}
		return map[string]any{"n": n}, nil
	}
	client := redis.NewClient(&redis.Options{Addr: "127.0.0.1:1"})
	defer client.Close()
	r := ring.Wrap(load, ring.Redis{Client: client, KeyPrefix: "p", Coder: "json"})
	ringtest.Isolate(t, r)
	_, err := r.Call(0)
	require.ErrorIs(t, err, ring.ErrCoder, "as on the server")
	_, err = r.Call(1)
	require.NoError(t, err)
	got, err := r.Call(1)
	require.NoError(t, err)
	assert.Equal(t, map[string]any{"n": 1.0}, got, "it went through JSON")

	items := ring.Wrap(func(n int) *item { return &item{n, []string{"a"}} }, ring.Redis{Client: client, KeyPrefix: "q", Coder: "json"})
	ringtest.Isolate(t, items)
	first, err := items.Call(1)
	require.NoError(t, err)
	first.(*item).Tags[0] = "changed"
	second, err := items.Call(1)
	require.NoError(t, err)
	assert.Equal(t, &item{1, []string{"a"}}, second, "the memory has a copy")
	text := ring.Wrap(func(n int) []byte { return []byte("abc") }, ring.Redis{Client: client, KeyPrefix: "t"})
	ringtest.Isolate(t, text)
	for range 3 {
		b, err := text.Call(1)
		require.NoError(t, err)
		require.Equal(t, []byte("abc"), b)
		b.([]byte)[0] = 'x'
	}
	numbers := ring.Wrap(func(n int) float64 { return 1.5 }, ring.Redis{Client: client, KeyPrefix: "n"})
	ringtest.Isolate(t, numbers)
	for range 2 {
		n, err := numbers.Call(1)
		require.NoError(t, err)
		assert.Equal(t, 1.5, n)
	}
}

// TestIsolateSeveralResults on all storages that keep them without a coder.
func TestIsolateSeveralResults(t *testing.T) {
	type point struct{ X, Y int }
	where := func(n int) (string, *point, []point) { return "p", &point{n, n}, []point{{n, 1}} }
	for _, s := range append(append([]stored{}, inProcess...), outside...) {
		if s.name == "redis" || s.name == "redis hash" || s.name == "memcached" {
			continue // these need a coder
		}
		t.Run(s.name, func(t *testing.T) {
			r := ring.Wrap(where, s.factory(t))
			typed := r.Func().(func(int) (string, *point, []point))
			ringtest.Isolate(t, r)
			for range 2 {
				a, b, c := typed(3)
				assert.Equal(t, []any{"p", &point{3, 3}, []point{{3, 1}}}, []any{a, b, c})
			}
			assert.Equal(t, 1, r.CacheInfo().Hits)
		})
	}
}

func TestIsolateSharesWhatIsShared(t *testing.T) {
	cache := lrucache.New(10)
	dict := &sync.Map{}
	client := redisClient(t)
	for name, pair := range map[string][2]ring.Factory{
		"lru":         {ring.Lru{Lru: cache, KeyPrefix: "p"}, ring.Lru{Lru: cache, KeyPrefix: "p", Expire: time.Hour}},
		"dict":        {ring.Dict{Obj: dict, KeyPrefix: "p"}, ring.Dict{Obj: dict, KeyPrefix: "p", Expire: time.Hour}},
		"redis":       {ring.Redis{Client: client, KeyPrefix: "p"}, ring.Redis{Client: client, KeyPrefix: "p"}},
		"own storage": {sharedRemote(dict), sharedRemote(dict)},
	} {
		t.Run(name, func(t *testing.T) {
			f, g := &counted{}, &counted{}
			a, b := ring.Wrap(f.label, pair[0]), ring.Wrap(g.label, pair[1])
			third := ring.Wrap(g.label, ring.Lru{KeyPrefix: "p"})
			ringtest.Isolate(t, a, b, a, third)
			_, err := a.Call(1)
			require.NoError(t, err)
			_, err = b.Call(1)
			require.NoError(t, err)
			assert.Equal(t, name == "own storage", g.taken() == 1, "two of your own storages are not known to share")
			has, err := third.Has(1)
			require.NoError(t, err)
			assert.False(t, has)
		})
	}
}

func sharedRemote(m *sync.Map) ring.Factory {
	return ring.BaseFactory{StorageBackend: m, StorageClass: newRemote, KeyPrefix: "p"}
}

func TestIsolateBackends(t *testing.T) {
	cache := lrucache.New(10)
	r := ring.Wrap(func(n int) int { return n }, ring.Lru{Lru: cache, KeyPrefix: "p"})
	_, _ = r.Call(1)
	t.Run("inside", func(t *testing.T) {
		ringtest.Isolate(t, r)
		_, _ = r.Call(2)
		r.Storage().Backend().(*lrucache.LruCache).Clear()
		has, err := r.Has(2)
		require.NoError(t, err)
		assert.False(t, has)
	})
	assert.Same(t, cache, r.Storage().Backend())
	assert.True(t, cache.Has("p:1"), "the own cache was not cleared")
	assert.Equal(t, 1, cache.Len())
}

func TestNestedChanges(t *testing.T) {
	f := &counted{}
	r := ring.Wrap(f.label, ring.Lru{})
	call := func() string {
		value, err := r.Call(1)
		require.NoError(t, err)
		return value.(string)
	}
	own := call()
	t.Run("isolated", func(t *testing.T) {
		ringtest.Isolate(t, r)
		isolated := call()
		assert.NotEqual(t, own, isolated)
		t.Run("bypassed", func(t *testing.T) {
			ringtest.Bypass(t, r)
			assert.NotEqual(t, call(), call())
			t.Run("isolated again", func(t *testing.T) {
				ringtest.Isolate(t, r)
				again := call()
				assert.NotEqual(t, isolated, again)
				assert.Equal(t, again, call())
			})
			assert.NotEqual(t, call(), call())
		})
		assert.Equal(t, isolated, call())
	})
	assert.Equal(t, own, call())
}

// late is a test whose end is chosen.
type late struct {
	testing.TB
	ends []func()
}

func (l *late) Cleanup(f func()) { l.ends = append(l.ends, f) }

func (l *late) end() {
	for i := len(l.ends) - 1; i >= 0; i-- {
		l.ends[i]()
	}
}

// TestEndsInAnyOrder: tests that run at the same time end in any order.
func TestEndsInAnyOrder(t *testing.T) {
	f := &counted{}
	r := ring.Wrap(f.label, ring.Lru{})
	own, err := r.Call(1)
	require.NoError(t, err)
	one, two := &late{TB: t}, &late{TB: t}
	ringtest.Isolate(one, r)
	_, _ = r.Call(1)
	ringtest.Bypass(two, r)
	one.end()
	f.taken()
	_, _ = r.Call(1)
	_, _ = r.Call(1)
	assert.Equal(t, 2, f.taken(), "the second one goes on")
	two.end()
	got, err := r.Call(1)
	require.NoError(t, err)
	assert.Equal(t, own, got)
}

// TestChangesWhileOthersCall is for the race detector. Every result is right at any time.
func TestChangesWhileOthersCall(t *testing.T) {
	for _, s := range inProcess {
		t.Run(s.name, func(t *testing.T) {
			r := ring.Wrap(func(n int) (string, error) { return string(rune('a' + n)), nil }, s.factory(t), ring.Name("letter"), ring.Signature("n"))
			forms := formsOf(t, r)
			stop := make(chan struct{})
			var group sync.WaitGroup
			for _, form := range forms {
				group.Go(func() {
					for n := 0; ; n++ {
						select {
						case <-stop:
							return
						default:
						}
						got, err := form.call(n % 3)
						if err != nil || got != string(rune('a'+n%3)) {
							t.Errorf("%s: %q, %v", form.name, got, err)
							return
						}
						_ = r.Delete(n % 3)
						_ = r.CacheInfo()
					}
				})
			}
			for range 100 {
				test := &late{TB: t}
				ringtest.Isolate(test, r)
				ringtest.Guard(test, r)
				ringtest.Bypass(test, r)
				test.end()
			}
			close(stop)
			group.Wait()
		})
	}
}

// TestRunsEndWhereTheyBegan: what a run stores belongs to the storage of its beginning.
func TestRunsEndWhereTheyBegan(t *testing.T) {
	for _, factory := range []ring.Factory{ring.Lru{}, ring.Dict{}, sharedRemote(&sync.Map{})} {
		synctest.Test(t, func(t *testing.T) {
			r := ring.Wrap(func(n int) int {
				time.Sleep(time.Minute)
				return n
			}, factory, ring.Name("slow"))
			go func() { _, _ = r.Call(1) }()
			synctest.Wait()
			test := &late{TB: t}
			ringtest.Isolate(test, r)
			time.Sleep(time.Hour)
			has, err := r.Has(1)
			require.NoError(t, err)
			assert.False(t, has)
			go func() { _, _ = r.Call(2) }()
			synctest.Wait()
			test.end()
			time.Sleep(time.Hour)
			all, err := r.HasMany(ring.Args{1}, ring.Args{2})
			require.NoError(t, err)
			assert.Equal(t, []bool{true, false}, all)
		})
	}
}

// TestPublicRingMeanwhile: what a PublicRing changes remains.
func TestPublicRingMeanwhile(t *testing.T) {
	r := ring.Wrap(func(n int) string { return "value" }, ring.Lru{}, ring.Name("f"))
	t.Run("inside", func(t *testing.T) {
		ringtest.Isolate(t, r)
		require.NoError(t, r.Ring().Key(func(n int) string { return "mine" }))
		require.NoError(t, r.Ring().Encode(func(s string) any { return "<" + s + ">" }))
		_, err := r.Call(1)
		require.NoError(t, err)
	})
	_, err := r.Call(1)
	require.NoError(t, err)
	key, err := r.Key(1)
	require.NoError(t, err)
	assert.Equal(t, "mine", key)
	stored, ok := r.Storage().Backend().(*lrucache.LruCache).Get("mine")
	assert.True(t, ok)
	assert.Equal(t, "<value>", stored)
}
