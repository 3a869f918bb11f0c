package ring_test

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/bradfitz/gomemcache/memcache"
	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/ring-go/ring"
	"github.com/ring-go/ring/internal/testserver"
)

// onServer is a function that is cached on its own server.
type onServer struct {
	*ring.Rope
	server   *testserver.Server
	runs     atomic.Int32
	reported atomic.Int32
}

// onServers returns one for each kind of server.
func onServers(t *testing.T, options ring.Options) map[string]*onServer {
	all := map[string]*onServer{
		"redis": {server: testserver.Redis(t)}, "hash": {server: testserver.Redis(t)}, "memcache": {server: testserver.Memcached(t)},
	}
	for name, s := range all {
		options := options
		options.OnError = func(context.Context, *ring.Error) { s.reported.Add(1) }
		var factory ring.Factory
		switch name {
		case "redis":
			factory = ring.RedisPy{Client: quickRedis(t, s.server), Options: options}
		case "hash":
			factory = ring.RedisPyHash{Client: quickRedis(t, s.server), HashKey: "h", Options: options}
		case "memcache":
			mc := memcacheClient(t, s.server)
			mc.Timeout = time.Second
			factory = ring.Memcache{Client: mc, Options: options}
		}
		s.Rope = ring.Wrap(func(ctx context.Context, n int) (int, error) {
			s.runs.Add(1)
			return n * 10, nil
		}, factory, ring.Name("f"))
	}
	return all
}

// quickRedis returns a client that gives up soon.
func quickRedis(t testing.TB, s *testserver.Server) *redis.Client {
	c := redis.NewClient(&redis.Options{
		Addr: s.Addr, MaxRetries: -1, DialTimeout: time.Second, ReadTimeout: time.Second, WriteTimeout: time.Second, DialerRetries: 1,
	})
	t.Cleanup(func() { assert.NoError(t, c.Close()) })
	return c
}

func noLeak(t *testing.T) {
	ignore := goleak.IgnoreCurrent()
	t.Cleanup(func() { goleak.VerifyNone(t, ignore) })
}

// TestStoppedServer: the server holds its connections and does not answer. A call with
// a context returns in time, whether or not the client respects contexts.
func TestStoppedServer(t *testing.T) {
	noLeak(t)
	for name, s := range onServers(t, ring.Options{}) {
		t.Run(name, func(t *testing.T) {
			_, err := s.Call(1)
			require.NoError(t, err)
			s.server.Stop()
			for action, call := range map[string]func(w *ring.Wire) error{
				"call":               func(w *ring.Wire) error { _, err := w.Call(1); return err },
				"get":                func(w *ring.Wire) error { _, err := w.Get(1); return err },
				"update":             func(w *ring.Wire) error { _, err := w.Update(2); return err },
				"set":                func(w *ring.Wire) error { return w.Set(5, 3) },
				"delete":             func(w *ring.Wire) error { return w.Delete(4) },
				"has":                func(w *ring.Wire) error { _, err := w.Has(1); return err },
				"get_many":           func(w *ring.Wire) error { _, err := w.GetMany(ring.Args{1}); return err },
				"set_many":           func(w *ring.Wire) error { return w.SetMany([]any{ring.Args{6}}, []any{1}) },
				"get_or_update_many": func(w *ring.Wire) error { _, err := w.GetOrUpdateMany(ring.Args{7}); return err },
				"delete_many":        func(w *ring.Wire) error { return w.DeleteMany(ring.Args{8}) },
				"has_many":           func(w *ring.Wire) error { _, err := w.HasMany(ring.Args{9}); return err },
			} {
				ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
				start := time.Now()
				err := call(s.WithContext(ctx))
				cancel()
				assert.ErrorIs(t, err, context.DeadlineExceeded, action)
				assert.ErrorContains(t, err, "ring: ", action)
				assert.Less(t, time.Since(start), 900*time.Millisecond, action) // 50ms and a slow machine; the client gives up after a second
			}
			s.server.Continue()
			assert.Eventually(t, func() bool {
				v, err := s.Call(1)
				return err == nil && v == 10
			}, 10*time.Second, 10*time.Millisecond)
		})
	}
}

// TestClientGoesByContext: the client itself gives up at the caller's deadline, which
// can be a moment before the context ends. It still counts as the end of the context:
// the error says so, nothing is reported, and the function does not run.
func TestClientGoesByContext(t *testing.T) {
	server := testserver.Redis(t)
	client := redis.NewClient(&redis.Options{Addr: server.Addr, ContextTimeoutEnabled: true, MaxRetries: -1})
	defer client.Close()
	runs, reports := 0, 0
	r := ring.Wrap(func(n int) int { runs++; return n }, ring.RedisPy{Client: client, KeyPrefix: "f", Options: ring.Options{
		FailOpen: true, StorageTimeout: time.Minute, OnError: func(context.Context, *ring.Error) { reports++ },
	}})
	require.NoError(t, r.Set(1, 1))
	server.Stop()
	defer server.Continue()
	for range 10 {
		for action, call := range map[string]func(w *ring.Wire) error{
			"call":               func(w *ring.Wire) error { _, err := w.Call(1); return err },
			"has":                func(w *ring.Wire) error { _, err := w.Has(1); return err },
			"set":                func(w *ring.Wire) error { return w.Set(5, 3) },
			"set_many":           func(w *ring.Wire) error { return w.SetMany([]any{ring.Args{6}}, []any{1}) },
			"get_or_update_many": func(w *ring.Wire) error { _, err := w.GetOrUpdateMany(ring.Args{7}); return err },
		} {
			ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
			assert.ErrorIs(t, call(r.WithContext(ctx)), context.DeadlineExceeded, action)
			cancel()
		}
	}
	assert.Zero(t, runs)
	assert.Zero(t, reports)
}

// TestKilledServer: calls run while the server stops and comes back.
func TestKilledServer(t *testing.T) {
	noLeak(t)
	for name, s := range onServers(t, ring.Options{}) {
		t.Run(name, func(t *testing.T) {
			stop := make(chan struct{})
			var wg sync.WaitGroup
			var failed, worked atomic.Int32
			for g := range 8 {
				wg.Go(func() {
					for i := 0; ; i++ {
						select {
						case <-stop:
							return
						default:
						}
						n := (g + i) % 4
						v, err := s.Call(n)
						var e *ring.Error
						switch {
						case err == nil:
							assert.Equal(t, n*10, v)
							worked.Add(1)
						case errors.As(err, &e):
							failed.Add(1)
						default:
							assert.NoError(t, err)
						}
					}
				})
			}
			eventually := func(counter *atomic.Int32) {
				t.Helper()
				from := counter.Load()
				require.Eventually(t, func() bool { return counter.Load() > from }, 20*time.Second, time.Millisecond)
			}
			for range 3 {
				eventually(&worked)
				s.server.Kill()
				eventually(&failed)
				s.server.Start()
				eventually(&worked)
			}
			close(stop)
			wg.Wait()
		})
	}
}

// TestFailOpen: the function answers without its storage.
func TestFailOpen(t *testing.T) {
	noLeak(t)
	for name, s := range onServers(t, ring.Options{FailOpen: true}) {
		t.Run(name, func(t *testing.T) {
			s.server.Kill()
			for i := range 3 {
				v, err := s.Call(1)
				require.NoError(t, err)
				assert.Equal(t, 10, v)
				assert.EqualValues(t, i+1, s.runs.Load(), "nothing is cached")
				assert.EqualValues(t, i+1, s.reported.Load(), "one report: nothing is written after a failed look-up")
			}
			values, err := s.GetOrUpdateMany(ring.Args{1}, ring.Args{2}, ring.Args{1})
			require.NoError(t, err)
			assert.Equal(t, []any{10, 20, 10}, values)
			assert.EqualValues(t, 5, s.runs.Load())
			_, err = s.Get(1)
			assert.Error(t, err, "only get_or_update can do without")
			s.server.Start()
			assert.Eventually(t, func() bool {
				before := s.runs.Load()
				_, err := s.Call(3)
				return err == nil && s.runs.Load() == before
			}, 10*time.Second, 10*time.Millisecond)
		})
	}
}

func TestRedisOutOfMemory(t *testing.T) {
	server := testserver.Redis(t, "--maxmemory", "1mb", "--maxmemory-policy", "noeviction")
	for _, open := range []bool{false, true} {
		reported := 0
		r := ring.Wrap(func(n int) string { return strings.Repeat("x", 100_000) }, ring.RedisPy{
			Client: redisClient(t, server), KeyPrefix: fmt.Sprint("f", open),
			Options: ring.Options{FailOpen: open, OnError: func(_ context.Context, err *ring.Error) { reported++ }},
		})
		var failed error
		for n := range 20 {
			v, err := r.Call(n)
			assert.Len(t, v, 100_000, "the value was made")
			failed = errors.Join(failed, err)
		}
		if open {
			assert.NoError(t, failed)
			assert.NotZero(t, reported)
			continue
		}
		assert.ErrorContains(t, failed, "OOM command not allowed")
		assert.ErrorContains(t, failed, "ring: get_or_update ")
		// The server may have some memory again now, that of its buffers.
		require.NoError(t, redisClient(t, server).ConfigSet(t.Context(), "maxmemory", "1").Err())
		assert.ErrorContains(t, r.SetMany([]any{ring.Args{100}, ring.Args{101}}, []any{"x", "y"}), "OOM command not allowed")
	}
}

func TestRedisRefusals(t *testing.T) {
	ctx := t.Context()
	count := func(n int) int { return n * 10 }

	t.Run("wrong type", func(t *testing.T) {
		client := redisClient(t, testserver.Redis(t))
		r := ring.Wrap(count, ring.RedisPy{Client: client, KeyPrefix: "f"})
		require.NoError(t, client.LPush(ctx, "f:1", "x").Err())
		_, err := r.Call(1)
		assert.ErrorContains(t, err, `ring: get_or_update github.com/ring-go/ring_test.TestRedisRefusals.func1 "f:1": WRONGTYPE`)
		_, err = r.GetOrUpdateMany(ring.Args{1}, ring.Args{2})
		assert.ErrorContains(t, err, "WRONGTYPE")
		assert.Equal(t, "list", client.Type(ctx, "f:1").Val())

		require.NoError(t, client.Set(ctx, "h", "no hash", 0).Err())
		h := ring.Wrap(count, ring.RedisPyHash{Client: client, HashKey: "h", KeyPrefix: "f"})
		_, err = h.Call(1)
		assert.ErrorContains(t, err, "WRONGTYPE")
	})
	t.Run("no password", func(t *testing.T) {
		r := ring.Wrap(count, ring.RedisPy{Client: redisClient(t, testserver.Redis(t, "--requirepass", "secret")), KeyPrefix: "f"})
		_, err := r.Call(1)
		assert.ErrorContains(t, err, "NOAUTH")
	})
	t.Run("read-only replica", func(t *testing.T) {
		master := testserver.Redis(t)
		host, port, _ := strings.Cut(master.Addr, ":")
		client := redisClient(t, testserver.Redis(t, "--replicaof", host+" "+port))
		r := ring.Wrap(count, ring.RedisPy{Client: client, KeyPrefix: "f"})
		require.Eventually(t, func() bool { return strings.Contains(client.Info(ctx, "replication").Val(), "master_link_status:up") }, 20*time.Second, 10*time.Millisecond)
		v, err := r.Call(1)
		assert.ErrorContains(t, err, "READONLY")
		assert.Equal(t, 10, v, "the value was made")
	})
	t.Run("half of a pipeline", func(t *testing.T) {
		server := testserver.Redis(t)
		require.NoError(t, redisClient(t, server).Do(ctx, "ACL", "SETUSER", "half", "on", "nopass", "~f:1", "~f:3", "+@all").Err())
		client := redis.NewClient(&redis.Options{Addr: server.Addr, Username: "half", Password: "any"})
		defer client.Close()
		r := ring.Wrap(count, ring.RedisPy{Client: client, KeyPrefix: "f", Expire: time.Hour})
		list := []any{ring.Args{1}, ring.Args{2}, ring.Args{3}, ring.Args{4}}
		err := r.SetMany(list, []any{1, 2, 3, 4})
		assert.ErrorContains(t, err, `element 1, "f:2": NOPERM`)
		assert.ErrorContains(t, err, `element 3, "f:4": NOPERM`)
		assert.NotContains(t, err.Error(), "element 0")
		assert.NotContains(t, err.Error(), "element 2")
		v, err := r.Call(3)
		require.NoError(t, err)
		assert.Equal(t, 3, v)
		values, err := r.UpdateMany(list...)
		assert.Equal(t, []any{10, 20, 30, 40}, values)
		assert.ErrorContains(t, err, `element 1, "f:2": NOPERM`)
		assert.NotContains(t, err.Error(), "element 2")
		assert.ErrorContains(t, r.TouchMany(list...), `element 3, "f:4": NOPERM`)
	})
}

func TestOneOfThreeMemcachedGone(t *testing.T) {
	noLeak(t)
	servers := []*testserver.Server{testserver.Memcached(t), testserver.Memcached(t), testserver.Memcached(t)}
	client := memcacheClient(t, servers...)
	client.Timeout = time.Second
	reported := 0
	factory := ring.Memcache{Client: client, KeyPrefix: "f"}
	r := ring.Wrap(func(n int) int { return n }, factory)
	factory.Options = ring.Options{FailOpen: true, OnError: func(context.Context, *ring.Error) { reported++ }}
	open := ring.Wrap(func(n int) int { return n }, factory)
	var list []any
	for n := range 60 {
		list = append(list, ring.Args{n})
	}
	_, err := r.GetOrUpdateMany(list...)
	require.NoError(t, err)
	servers[1].Kill()
	failed := 0
	for n := range 60 {
		v, err := r.Call(n)
		if err != nil {
			failed++
			continue
		}
		assert.Equal(t, n, v)
		v, err = open.Call(n)
		require.NoError(t, err)
		assert.Equal(t, n, v)
	}
	assert.Greater(t, failed, 5)
	assert.Less(t, failed, 40)
	values, err := r.GetMany(list...)
	require.Error(t, err)
	assert.Len(t, values, 60)
	var numbers []any
	for n := range list {
		numbers = append(numbers, n)
	}
	err = r.SetMany(list, numbers)
	require.ErrorContains(t, err, "element ")
	assert.Equal(t, failed, strings.Count(err.Error(), "element "), "those of the server that is gone, and no others")
	values, err = open.GetOrUpdateMany(list...)
	require.NoError(t, err)
	assert.Equal(t, numbers, values)
	assert.NotZero(t, reported)
	servers[1].Start()
	assert.Eventually(t, func() bool {
		_, err := r.GetOrUpdateMany(list...)
		return err == nil
	}, 10*time.Second, 10*time.Millisecond)
}

// TestMemcacheBulkGivenUp: when the caller has gone, the rest of a bulk write is not
// tried, and its keys are not held.
func TestMemcacheBulkGivenUp(t *testing.T) {
	noLeak(t)
	server := testserver.Memcached(t)
	client := memcacheClient(t, server)
	client.Timeout, client.MaxIdleConns = 100*time.Millisecond, 1
	r := ring.Wrap(func(n int) int { return n }, ring.Memcache{Client: client, KeyPrefix: "f"})
	list := manyCalls(100)
	values := make([]any, len(list))
	for i := range values {
		values[i] = i
	}
	server.Stop()
	defer server.Continue()
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	require.ErrorIs(t, r.WithContext(ctx).SetMany(list, values), context.DeadlineExceeded)
	start := time.Now()
	assert.ErrorContains(t, r.Set(1, 99), "timeout")
	assert.Less(t, time.Since(start), 5*time.Second, "100 tries would be ten")
}

func TestMemcacheTooLarge(t *testing.T) {
	r := ring.Wrap(func(n int) string { return strings.Repeat("x", n) }, ring.Memcache{Client: memcacheClient(t, testserver.Memcached(t)), KeyPrefix: "f"})
	v, err := r.Call(2 << 20)
	assert.Len(t, v, 2<<20)
	assert.ErrorContains(t, err, "set a value of 2097152 bytes: ")
	assert.ErrorContains(t, err, "too large")
	_, err = r.Call(1000)
	assert.NoError(t, err)
}

// TestNoBytes: your own coder has to return text or a number. The client of Redis would
// accept more, Python's does not.
func TestNoBytes(t *testing.T) {
	rdb, mc := redisClient(t, testserver.Redis(t)), memcacheClient(t, testserver.Memcached(t))
	coder := ring.CoderTuple{
		Encode: func(v any) (any, error) { return map[int]any{0: nil, 1: true, 2: time.Second}[v.(int)], nil },
		Decode: func(any, reflect.Type) (any, error) { return 0, nil },
	}
	for name, factory := range map[string]ring.Factory{
		"redis":     ring.RedisPy{Client: rdb, KeyPrefix: "f", Coder: coder},
		"hash":      ring.RedisPyHash{Client: rdb, HashKey: "h", KeyPrefix: "f", Coder: coder},
		"memcached": ring.Memcache{Client: mc, KeyPrefix: "f", Coder: coder},
	} {
		r := ring.Wrap(func(n int) int { return n }, factory)
		for n, typ := range []string{"nil", "bool", "time.Duration"} {
			err := r.Set(n, n)
			assert.ErrorIs(t, err, ring.ErrCoder, name)
			assert.ErrorContains(t, err, "it made a "+typ+" for a storage that keeps bytes", name)
			has, err := r.Has(n)
			require.NoError(t, err)
			assert.False(t, has, name)
		}
	}
}

type octet byte

func TestServerFactoriesRefuse(t *testing.T) {
	rdb := redisClient(t, testserver.Redis(t))
	f := func(n int) int { return n }
	for _, tt := range []struct {
		fn      any
		factory ring.Factory
		want    string
	}{
		{f, ring.RedisPy{}, "ring.Redis (RedisPy): Client is nil: give a client"},
		{f, ring.RedisPy{Client: (*redis.Client)(nil)}, "ring.Redis (RedisPy): Client is nil"},
		{f, ring.RedisPyHash{Client: rdb}, "ring.RedisHash (RedisPyHash): HashKey is missing"},
		{f, ring.RedisPyHash{HashKey: "h"}, "ring.RedisHash (RedisPyHash): Client is nil"},
		{f, ring.Memcache{}, "ring.Memcache: Client is nil"},
		{f, ring.Memcache{Client: (*memcache.Client)(nil)}, "ring.Memcache: Client is nil"},
		{f, ring.RedisPy{Client: rdb}, "does not identify the function"},
		{func(n int) bool { return true }, ring.RedisPy{Client: rdb, KeyPrefix: "f"}, `result 1 (bool): coder: it cannot be restored: the storage keeps bytes, which are text or a number: give the factory a Coder, such as "json"`},
		{func(n int) any { return 1 }, ring.RedisPy{Client: rdb, KeyPrefix: "f"}, "result 1 (interface {})"},
		{func(n int) []octet { return nil }, ring.RedisPy{Client: rdb, KeyPrefix: "f"}, "result 1 ([]ring_test.octet): coder: it cannot be restored"},
		{func(n int) (int, int) { return 1, 2 }, ring.RedisPy{Client: rdb, KeyPrefix: "f"}, "the function has 2 results, and the storage keeps bytes"},
		{func(n int) {}, ring.RedisPy{Client: rdb, KeyPrefix: "f"}, "the function has 0 results"},
	} {
		_, err := ring.New(tt.fn, tt.factory)
		assert.ErrorContains(t, err, tt.want)
	}
	r := ring.Wrap(f, ring.RedisPy{Client: rdb, KeyPrefix: "f"})
	assert.ErrorIs(t, r.Touch(1), errors.ErrUnsupported)
	assert.ErrorIs(t, r.TouchMany(ring.Args{1}), errors.ErrUnsupported)
}

// TestBytesWithoutCoder: values are written like Python's clients write them, and read
// in the function's own type.
func TestBytesWithoutCoder(t *testing.T) {
	client := redisClient(t, testserver.Redis(t))
	type name string
	for i, tt := range []struct {
		fn     any
		value  any
		stored string
	}{
		{func() string { return "" }, "é", "é"}, {func() name { return "" }, name("x"), "x"}, {func() []byte { return nil }, []byte{0, 255}, "\x00\xff"},
		{func() int8 { return 0 }, int8(-5), "-5"}, {func() uint64 { return 0 }, uint64(1<<64 - 1), "18446744073709551615"},
		{func() float64 { return 0 }, 1.5, "1.5"}, {func() float64 { return 0 }, 2.0, "2.0"}, {func() float32 { return 0 }, float32(0.1), "0.1"},
		{func() time.Duration { return 0 }, time.Second, "1000000000"}, {func() string { return "" }, "", ""},
	} {
		prefix := fmt.Sprint("f", i)
		r := ring.Wrap(tt.fn, ring.RedisPy{Client: client, KeyPrefix: prefix})
		require.NoError(t, r.Set(tt.value))
		raw, err := client.Get(t.Context(), prefix).Result()
		require.NoError(t, err)
		assert.Equal(t, tt.stored, raw)
		v, ok, err := r.Lookup()
		require.NoError(t, err)
		assert.True(t, ok)
		assert.Equal(t, tt.value, v)
	}
	r := ring.Wrap(func() int { return 7 }, ring.RedisPy{Client: client, KeyPrefix: "n", Options: ring.Options{OnError: func(context.Context, *ring.Error) {}}})
	require.NoError(t, client.Set(t.Context(), "n", "not a number", 0).Err())
	_, err := r.Get()
	assert.ErrorIs(t, err, ring.ErrCoder)
	v, err := r.Call()
	require.NoError(t, err)
	assert.Equal(t, 7, v)
}

func TestExpiryOnServers(t *testing.T) {
	client := redisClient(t, testserver.Redis(t))
	r := ring.Wrap(func(n int) int { return n }, ring.RedisPy{Client: client, KeyPrefix: "f", Expire: 1500*time.Millisecond + 1})
	_, err := r.Call(1)
	require.NoError(t, err)
	require.NoError(t, r.SetMany([]any{ring.Args{2}}, []any{5}))
	for _, key := range []string{"f:1", "f:2"} {
		ttl, err := client.PTTL(t.Context(), key).Result()
		require.NoError(t, err)
		assert.LessOrEqual(t, ttl, 1501*time.Millisecond)
		assert.Greater(t, ttl, time.Second)
	}
	require.NoError(t, client.Persist(t.Context(), "f:1").Err())
	require.NoError(t, r.Touch(1))
	ttl, err := client.PTTL(t.Context(), "f:1").Result()
	require.NoError(t, err)
	assert.Greater(t, ttl, time.Second)

	mc := memcacheClient(t, testserver.Memcached(t))
	month := ring.Wrap(func(n int) int { return n }, ring.Memcache{Client: mc, KeyPrefix: "f", Expire: 31 * 24 * time.Hour})
	_, err = month.Call(1)
	require.NoError(t, err)
	has, err := month.Has(1)
	require.NoError(t, err)
	assert.True(t, has, "31 days are no time of 1970")
}

// quiet keeps go-redis' messages about refused connections, which these tests cause,
// out of the output.
type quiet struct{}

func (quiet) Printf(context.Context, string, ...any) {}

func init() { redis.SetLogger(quiet{}) }
