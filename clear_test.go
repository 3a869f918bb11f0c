package ring_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"maps"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bradfitz/gomemcache/memcache"
	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ring-go/ring"
	"github.com/ring-go/ring/diskcache"
	"github.com/ring-go/ring/internal/testserver"
	"github.com/ring-go/ring/lrucache"
	"github.com/ring-go/ring/shelve"
)

// clearable returns factories over one backend that ropes share, by name. Each takes the
// prefix of a rope.
func clearable(t *testing.T) map[string]func(prefix string) ring.Factory {
	server := testserver.Redis(t)
	client := redisClient(t, server)
	hash := redisClient(t, server)
	shards := redis.NewRing(&redis.RingOptions{Addrs: map[string]string{"a": testserver.Redis(t).Addr, "b": testserver.Redis(t).Addr}})
	t.Cleanup(func() { assert.NoError(t, shards.Close()) })
	cache, sharded := lrucache.New(ring.Unbounded), lrucache.NewSharded(ring.Unbounded, 8)
	plain, syncMap, own := map[string]any{}, &sync.Map{}, &listed{of: map[string]any{}}
	disk, err := diskcache.Open(t.TempDir(), &diskcache.Options{DiskMinFileSize: new(8)})
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, disk.Close()) })
	shelf, err := shelve.Open(filepath.Join(t.TempDir(), "shelf"), nil)
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, shelf.Close()) })
	outer := &sync.Map{}
	return map[string]func(prefix string) ring.Factory{
		"redis": func(p string) ring.Factory { return ring.Redis{Client: client, KeyPrefix: p, Coder: "json"} },
		"redis hash": func(p string) ring.Factory {
			return ring.RedisHash{Client: hash, HashKey: "h*", KeyPrefix: p, Coder: "json"}
		},
		"redis ring":  func(p string) ring.Factory { return ring.Redis{Client: shards, KeyPrefix: p, Coder: "json"} },
		"lru":         func(p string) ring.Factory { return ring.Lru{Lru: cache, KeyPrefix: p} },
		"sharded lru": func(p string) ring.Factory { return ring.Lru{Lru: sharded, KeyPrefix: p} },
		"map":         func(p string) ring.Factory { return ring.Dict{Obj: plain, KeyPrefix: p} },
		"sync map":    func(p string) ring.Factory { return ring.Dict{Obj: syncMap, KeyPrefix: p, Expire: time.Hour} },
		"mapping":     func(p string) ring.Factory { return ring.Dict{Obj: own, KeyPrefix: p} },
		"disk":        func(p string) ring.Factory { return ring.Disk{Obj: disk, KeyPrefix: p} },
		"shelf":       func(p string) ring.Factory { return ring.Shelve{Shelf: shelf, KeyPrefix: p} },
		"own": func(p string) ring.Factory {
			return ring.BaseFactory{StorageBackend: outer, StorageClass: newClearable, KeyPrefix: p}
		},
	}
}

// listed is a Mapping that tells its keys.
type listed struct {
	mu sync.Mutex
	of map[string]any
}

func (l *listed) Get(key string) (any, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	v, ok := l.of[key]
	return v, ok
}

func (l *listed) Set(key string, value any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.of[key] = value
}

func (l *listed) Delete(key string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.of, key)
}

func (l *listed) Keys() iter.Seq[string] {
	l.mu.Lock()
	defer l.mu.Unlock()
	return maps.Keys(maps.Clone(l.of))
}

// clearableRemote is a storage of one's own that can clear.
type clearableRemote struct{ *remote }

func newClearable(backend any) (ring.Storage, error) {
	return &clearableRemote{&remote{backend.(*sync.Map)}}, nil
}

func (r *clearableRemote) ClearPrefix(_ context.Context, prefix string) (n int, err error) {
	r.m.Range(func(key, _ any) bool {
		if strings.HasPrefix(key.(string), prefix) {
			r.m.Delete(key)
			n++
		}
		return true
	})
	return n, nil
}

// sentence is long enough for a file of its own in a diskcache of the tests.
func sentence(n int) string { return fmt.Sprintf("the text of number %d", n) }

// TestClear: all entries of the function go, those of functions with similar prefixes stay,
// and the counters begin anew.
func TestClear(t *testing.T) {
	for name, factory := range clearable(t) {
		t.Run(name, func(t *testing.T) {
			f := ring.Wrap(sentence, factory("app:f*"))
			like := []*ring.Rope{ring.Wrap(sentence, factory("app:f*2")), ring.Wrap(sentence, factory("app:fx")), ring.Wrap(sentence, factory("app"))}
			if name != "own" { // it knows the prefix alone
				like = append(like, ring.Wrap(sentence, factory("app:f*:x")))
			}
			for _, r := range append(like, f) {
				_, err := r.GetOrUpdateMany(manyCalls(250)...)
				require.NoError(t, err)
			}
			_, err := f.Call(1)
			require.NoError(t, err)
			info := f.CacheInfo()
			assert.Equal(t, []int{1, 250}, []int{info.Hits, info.Misses})

			n, err := f.Clear(t.Context())
			require.NoError(t, err)
			assert.Equal(t, 250, n)
			info = f.CacheInfo()
			assert.Zero(t, info.Hits+info.Misses)
			has, err := f.HasMany(manyCalls(250)...)
			require.NoError(t, err)
			assert.NotContains(t, has, true)
			for _, r := range like {
				has, err := r.HasMany(manyCalls(250)...)
				require.NoError(t, err)
				assert.NotContains(t, has, false)
			}
			_, err = f.Call(1)
			require.NoError(t, err)
			assert.Equal(t, 1, f.CacheInfo().Misses)
			n, err = f.Clear(t.Context())
			require.NoError(t, err)
			assert.Equal(t, 1, n)
			n, err = f.Clear(t.Context())
			require.NoError(t, err)
			assert.Zero(t, n)
		})
	}
}

// TestClearWinsOverRuns: neither a run nor an update that is under way stores its value, and
// calls after Clear run the function again.
func TestClearWinsOverRuns(t *testing.T) {
	for name, factory := range clearable(t) {
		for _, action := range []string{"get_or_update", "update", "get_or_update_many"} {
			t.Run(name+"/"+action, func(t *testing.T) {
				g := newGate()
				f := ring.Wrap(g.run, factory("runs "+action))
				other := newGate()
				foreign := ring.Wrap(other.run, factory("runs "+action+"2"))
				ended := make(chan error, 2)
				for _, r := range []*ring.Rope{f, foreign} {
					go func() {
						arg := any(1)
						if strings.HasSuffix(action, "_many") {
							arg = ring.Args{1}
						}
						_, err := r.Run(action, arg)
						ended <- err
					}()
				}
				for _, started := range []*gate{g, other} {
					require.Eventually(t, func() bool { return started.runs.Load() == 1 }, 10*time.Second, time.Millisecond)
				}
				_, err := f.Clear(t.Context())
				require.NoError(t, err)
				has, err := f.Has(1)
				require.NoError(t, err)
				assert.False(t, has)
				close(g.release)
				close(other.release)
				require.NoError(t, <-ended)
				require.NoError(t, <-ended)
				has, err = f.Has(1)
				require.NoError(t, err)
				assert.False(t, has, "the run was older than Clear")
				has, err = foreign.Has(1)
				require.NoError(t, err)
				assert.True(t, has, "the run of another function")
				idle(t, f)
			})
		}
	}
}

// TestClearPrivate: a storage of one rope is emptied, however its keys are made.
func TestClearPrivate(t *testing.T) {
	for name, factory := range map[string]ring.Factory{
		"lru":      ring.Lru{MaxSize: ring.Unbounded},
		"shards":   ring.Lru{MaxSize: ring.Unbounded, Shards: 4},
		"dict":     ring.Dict{},
		"refactor": ring.Dict{Options: ring.Options{KeyRefactor: strings.ToUpper}},
		"encoding": ring.Dict{KeyPrefix: "é", Options: ring.Options{KeyEncoding: "latin-1"}},
		"noprefix": ring.Dict{KeyPrefix: ring.NoPrefix, Expire: time.Hour},
		"expiring": ring.Lru{Expire: time.Hour, MaxSize: ring.Unbounded},
	} {
		t.Run(name, func(t *testing.T) {
			f := ring.Wrap(sentence, factory)
			_, err := f.GetOrUpdateMany(manyCalls(100)...)
			require.NoError(t, err)
			n, err := f.Clear(t.Context())
			require.NoError(t, err)
			assert.Equal(t, 100, n)
			assert.Zero(t, f.CacheInfo().CurrSize)
			assert.Zero(t, f.CacheInfo().Misses)
			_, err = f.Call(1)
			require.NoError(t, err)
			_, err = f.Call(1)
			require.NoError(t, err)
			assert.Equal(t, 1, f.CacheInfo().Hits)
		})
	}
}

// TestClearRefuses: what cannot be found is not removed.
func TestClearRefuses(t *testing.T) {
	obj := map[string]any{}
	key := ring.Wrap(sentence, ring.Dict{Obj: obj, KeyPrefix: "own"})
	require.NoError(t, key.Ring().Key(func(n int) string { return fmt.Sprint("key", n) }))
	client := memcache.New("127.0.0.1:1") // nobody asks it
	for _, c := range []struct {
		rope *ring.Rope
		want string
	}{
		{ring.Wrap(sentence, ring.Memcache{Client: client, KeyPrefix: "f"}), "Memcached does not tell its keys: put a version"},
		{ring.Wrap(sentence, ring.Dict{Obj: obj, KeyPrefix: ring.NoPrefix}), "without a prefix"},
		{ring.Wrap(sentence, ring.Dict{Obj: obj, KeyPrefix: "f", Options: ring.Options{KeyRefactor: strings.ToUpper}}), "a KeyRefactor makes the keys"},
		{ring.Wrap(sentence, ring.Dict{Obj: bareMapping{}, KeyPrefix: "f"}), "cannot tell its keys: give it a method Keys()"},
		{ring.Wrap(sentence, ring.BaseFactory{StorageBackend: &sync.Map{}, StorageClass: newRemote, KeyPrefix: "f"}), "give it ClearPrefix (ring.ClearStorage)"},
		{key, "your own code makes the keys"},
	} {
		n, err := c.rope.Clear(t.Context())
		assert.Zero(t, n)
		assert.ErrorIs(t, err, errors.ErrUnsupported)
		assert.ErrorContains(t, err, c.want)
	}
	var none context.Context
	_, err := key.Clear(none)
	assert.ErrorIs(t, err, ring.ErrArguments)
}

// bareMapping is a Mapping without keys.
type bareMapping struct{}

func (bareMapping) Get(string) (any, bool) { return nil, false }
func (bareMapping) Set(string, any)        {}
func (bareMapping) Delete(string)          {}

// TestClearOneKey: the value of a function without parameters goes from every storage.
func TestClearOneKey(t *testing.T) {
	client := memcacheClient(t, testserver.Memcached(t))
	for name, factory := range map[string]ring.Factory{
		"memcache": ring.Memcache{Client: client, KeyPrefix: strings.Repeat("long", 100)},
		"own":      ring.BaseFactory{StorageBackend: &sync.Map{}, StorageClass: newRemote, KeyPrefix: "one"},
		"dict":     ring.Dict{Obj: map[string]any{"one:1": 1}, KeyPrefix: "one"},
	} {
		t.Run(name, func(t *testing.T) {
			f := ring.Wrap(func() string { return "it" }, factory)
			for want := range 2 {
				n, err := f.Clear(t.Context())
				require.NoError(t, err)
				assert.Equal(t, want, n)
				_, err = f.Call()
				require.NoError(t, err)
			}
			assert.Equal(t, 1, f.CacheInfo().Misses)
		})
	}
}

// TestClearBelow: where the keys of another rope begin with ours, its values stay if they
// cannot be ours. A storage that knows the prefix alone refuses.
func TestClearBelow(t *testing.T) {
	one, err := newClearable(&sync.Map{})
	require.NoError(t, err)
	remoteRope := func(prefix string) *ring.Rope {
		return ring.Wrap(sentence, ring.BaseFactory{StorageClass: func(any) (ring.Storage, error) { return one, nil }, KeyPrefix: prefix})
	}
	above, below := remoteRope("f"), remoteRope("f:g")
	_, err = above.Clear(t.Context())
	assert.ErrorIs(t, err, errors.ErrUnsupported)
	assert.ErrorContains(t, err, `begin with "f:"`)
	_, err = below.Clear(t.Context())
	assert.NoError(t, err)

	obj := map[string]any{}
	spelled := ring.Wrap(func(s string) string { return s }, ring.Dict{Obj: obj, KeyPrefix: "s"})
	inner := ring.Wrap(sentence, ring.Dict{Obj: obj, KeyPrefix: "s:n"})
	_, err = inner.Call(1)
	require.NoError(t, err)
	has, err := spelled.Has("n:1")
	require.NoError(t, err)
	require.True(t, has)
	n, err := spelled.Clear(t.Context())
	require.NoError(t, err)
	assert.Equal(t, 1, n, "it could be found by a call")
}

// TestClearEncoded: the keys are compared as they are encoded.
func TestClearEncoded(t *testing.T) {
	obj := map[string]any{}
	latin := ring.Options{KeyEncoding: "latin-1"}
	f := ring.Wrap(func(a string, b int) int { return b }, ring.Dict{Obj: obj, KeyPrefix: "é", Options: latin})
	foreign := ring.Wrap(func(b int) int { return b }, ring.Dict{Obj: obj, KeyPrefix: "é", Options: latin})
	for _, r := range []func() (any, error){
		func() (any, error) { return f.Call("ü", 1) }, func() (any, error) { return foreign.Call(1) },
	} {
		_, err := r()
		require.NoError(t, err)
	}
	n, err := f.Clear(t.Context())
	require.NoError(t, err)
	assert.Equal(t, 1, n)
	assert.Contains(t, obj, "\xe9:1")
}

// TestClearForgets: neither remembered errors nor pauses last.
func TestClearForgets(t *testing.T) {
	fails := true
	runs := 0
	f := ring.Wrap(func(n int) (int, error) {
		if runs++; fails {
			return 0, errors.New("no")
		}
		return n, nil
	}, ring.Lru{Expire: time.Hour, Options: ring.Options{Freshness: ring.Freshness{CacheError: func(error) time.Duration { return time.Hour }}}})
	_, err := f.Call(1)
	require.Error(t, err)
	fails = false
	_, err = f.Call(1)
	require.Error(t, err, "it is remembered")
	require.Equal(t, 1, runs)
	_, err = f.Clear(t.Context())
	require.NoError(t, err)
	v, err := f.Call(1)
	require.NoError(t, err)
	assert.Equal(t, 1, v)
}

// TestClearEnds: Clear ends with its context.
func TestClearEnds(t *testing.T) {
	server := testserver.Redis(t)
	client := redisClient(t, server)
	f := ring.Wrap(sentence, ring.Redis{Client: client, KeyPrefix: "f"})
	_, err := f.Call(1)
	require.NoError(t, err)
	server.Stop()
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	_, err = f.Clear(ctx)
	assert.ErrorIs(t, err, context.DeadlineExceeded)
	server.Continue()
}

// TestClearWaitsForStores: what is being stored when Clear begins goes as well.
func TestClearWaitsForStores(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &slowSet{clearableRemote: clearableRemote{&remote{&sync.Map{}}}, entered: make(chan struct{})}
		f := ring.Wrap(sentence, ring.BaseFactory{StorageClass: func(any) (ring.Storage, error) { return s, nil }, KeyPrefix: "f"})
		called := make(chan error, 1)
		go func() {
			_, err := f.Call(1)
			called <- err
		}()
		<-s.entered
		n, err := f.Clear(t.Context())
		require.NoError(t, err)
		assert.Equal(t, 1, n)
		require.NoError(t, <-called)
		has, err := f.Has(1)
		require.NoError(t, err)
		assert.False(t, has)
	})
}

// slowSet stores a second after it was asked to.
type slowSet struct {
	clearableRemote
	entered chan struct{}
}

func (s *slowSet) SetValue(ctx context.Context, key string, value any, expire time.Duration) error {
	close(s.entered)
	time.Sleep(time.Second)
	return s.clearableRemote.SetValue(ctx, key, value, expire)
}
