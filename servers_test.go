package ring_test

import (
	"context"
	"fmt"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"github.com/bradfitz/gomemcache/memcache"
	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ring-go/ring"
	"github.com/ring-go/ring/internal/testserver"
	"github.com/ring-go/ring/storagetest"
)

func redisClient(t testing.TB, s *testserver.Server) *redis.Client {
	c := redis.NewClient(&redis.Options{Network: s.Network, Addr: s.Addr, PoolSize: 64})
	t.Cleanup(func() { assert.NoError(t, c.Close()) })
	return c
}

func memcacheClient(t testing.TB, servers ...*testserver.Server) *memcache.Client {
	var addrs []string
	for _, s := range servers {
		addrs = append(addrs, s.Addr)
	}
	c := memcache.New(addrs...)
	c.MaxIdleConns = 64
	c.Timeout = 5 * time.Second
	t.Cleanup(func() { assert.NoError(t, c.Close()) })
	return c
}

// prefixed gives every test its own keys on a shared server.
type prefixed struct {
	storage
	prefix string
}

type storage interface {
	ring.Storage
	ring.TouchStorage
	ring.BulkStorage
}

var prefixes atomic.Int64

func withPrefix(s storage) ring.Storage {
	p := prefixed{s, fmt.Sprintf("t%d/", prefixes.Add(1))}
	if aged, ok := s.(*ring.RedisStorage); ok {
		return prefixedAged{prefixedHas{p, aged}, aged}
	}
	if has, ok := s.(ring.HasStorage); ok {
		return prefixedHas{p, has}
	}
	return p
}

func (p prefixed) all(keys []string) []string {
	all := make([]string, len(keys))
	for i, key := range keys {
		all[i] = p.prefix + key
	}
	return all
}

func (p prefixed) GetValue(ctx context.Context, key string) (any, error) {
	return p.storage.GetValue(ctx, p.prefix+key)
}

func (p prefixed) SetValue(ctx context.Context, key string, value any, expire time.Duration) error {
	return p.storage.SetValue(ctx, p.prefix+key, value, expire)
}

func (p prefixed) DeleteValue(ctx context.Context, key string) error {
	return p.storage.DeleteValue(ctx, p.prefix+key)
}

func (p prefixed) TouchValue(ctx context.Context, key string, expire time.Duration) error {
	return p.storage.TouchValue(ctx, p.prefix+key, expire)
}

func (p prefixed) GetManyValues(ctx context.Context, keys []string) ([]any, error) {
	return p.storage.GetManyValues(ctx, p.all(keys))
}

func (p prefixed) SetManyValues(ctx context.Context, keys []string, values []any, expire time.Duration) error {
	return p.storage.SetManyValues(ctx, p.all(keys), values, expire)
}

func (p prefixed) DeleteManyValues(ctx context.Context, keys []string) error {
	return p.storage.DeleteManyValues(ctx, p.all(keys))
}

func (p prefixed) HasManyValues(ctx context.Context, keys []string) ([]bool, error) {
	return p.storage.HasManyValues(ctx, p.all(keys))
}

func (p prefixed) TouchManyValues(ctx context.Context, keys []string, expire time.Duration) error {
	return p.storage.TouchManyValues(ctx, p.all(keys), expire)
}

type prefixedHas struct {
	prefixed
	has ring.HasStorage
}

func (p prefixedHas) HasValue(ctx context.Context, key string) (bool, error) {
	return p.has.HasValue(ctx, p.prefix+key)
}

// prefixedAged is for a storage that can do everything.
type prefixedAged struct {
	prefixedHas
	aged *ring.RedisStorage
}

func (p prefixedAged) TTLValue(ctx context.Context, key string) (time.Duration, error) {
	return p.aged.TTLValue(ctx, p.prefix+key)
}

func (p prefixedAged) GetAged(ctx context.Context, key string) (ring.Aged, error) {
	return p.aged.GetAged(ctx, p.prefix+key)
}

func (p prefixedAged) GetManyAged(ctx context.Context, keys []string) ([]ring.Aged, error) {
	return p.aged.GetManyAged(ctx, p.all(keys))
}

func (p prefixedAged) AddValue(ctx context.Context, key string, value any, expire time.Duration) (bool, error) {
	return p.aged.AddValue(ctx, p.prefix+key, value, expire)
}

func (p prefixedAged) ReplaceValue(ctx context.Context, key string, version, value any, expire time.Duration) (bool, error) {
	return p.aged.ReplaceValue(ctx, p.prefix+key, version, value, expire)
}

func (p prefixedAged) ShortenValue(ctx context.Context, key string, left time.Duration) error {
	return p.aged.ShortenValue(ctx, p.prefix+key, left)
}

// busy lets the checks wait longer than Redis needs: on a busy machine, some steps take
// longer than the shortest expiry.
var busy = &storagetest.Options{Resolution: 50 * time.Millisecond}

func TestRedisContract(t *testing.T) {
	t.Parallel()
	for _, server := range []*testserver.Server{testserver.Redis(t), testserver.RedisSocket(t)} {
		client := redisClient(t, server)
		t.Run("string/"+server.Network, func(t *testing.T) {
			storagetest.Run(t, func(t *testing.T) ring.Storage { return withPrefix(&ring.RedisStorage{Client: client}) }, busy)
		})
		t.Run("hash/"+server.Network, func(t *testing.T) {
			storagetest.Run(t, func(t *testing.T) ring.Storage {
				return &ring.RedisHashStorage{Client: client, HashKey: "h" + strconv.FormatInt(prefixes.Add(1), 10)}
			}, busy)
		})
	}
}

func TestMemcacheContract(t *testing.T) {
	t.Parallel()
	for _, client := range []*memcache.Client{
		memcacheClient(t, testserver.Memcached(t, "-m", "256")),
		memcacheClient(t, testserver.MemcachedSocket(t, "-m", "256")),
		memcacheClient(t, testserver.Memcached(t), testserver.Memcached(t), testserver.Memcached(t)),
	} {
		t.Run("", func(t *testing.T) {
			t.Parallel()
			storagetest.Run(t, func(t *testing.T) ring.Storage { return withPrefix(&ring.MemcacheStorage{Client: client}) },
				&storagetest.Options{Resolution: time.Second})
		})
	}
}

// TestMemcacheForeignValues: a value that a Python client has pickled or compressed is
// not read as text.
func TestMemcacheForeignValues(t *testing.T) {
	t.Parallel()
	client := memcacheClient(t, testserver.Memcached(t))
	var reported []error
	options := ring.Options{OnError: func(_ context.Context, err *ring.Error) { reported = append(reported, err) }}
	f := ring.Wrap(func(n int) string { return "made here" }, ring.Memcache{Client: client, KeyPrefix: "f", Options: options})
	for n, flags := range []uint32{0, 1, 2, 4, 8, 9, 16} {
		require.NoError(t, client.Set(&memcache.Item{Key: fmt.Sprintf("f:%d", n), Value: []byte("stored"), Flags: flags}))
		v, err := f.Get(n)
		all, errMany := f.GetMany(ring.Args{n}, ring.Args{99})
		has, errHas := f.Has(n)
		require.NoError(t, errHas)
		assert.True(t, has)
		if flags&(1|8) == 0 {
			require.NoError(t, err)
			require.NoError(t, errMany)
			assert.Equal(t, "stored", v)
			assert.Equal(t, []any{"stored", nil}, all)
			continue
		}
		require.ErrorIs(t, err, ring.ErrCoder)
		require.ErrorContains(t, err, fmt.Sprintf("flags %d", flags))
		require.ErrorIs(t, errMany, ring.ErrCoder)

		reported = nil
		for range 2 {
			v, err = f.Call(n)
			require.NoError(t, err)
			assert.Equal(t, "made here", v)
		}
		require.Len(t, reported, 1)
		require.ErrorIs(t, reported[0], ring.ErrCoder)
	}
}

// TestServersEndToEnd: with one line changed, the factory, the function is cached on a
// server.
func TestServersEndToEnd(t *testing.T) {
	rdb, mc := redisClient(t, testserver.Redis(t)), memcacheClient(t, testserver.Memcached(t))
	type row struct {
		ID   int
		Name string
	}
	for name, factory := range map[string]ring.Factory{
		"redis":            ring.RedisPy{Client: rdb, KeyPrefix: "r", Coder: "json"},
		"redis expiring":   ring.Redis{Client: rdb, KeyPrefix: "re", Coder: "json", Expire: time.Hour},
		"hash":             ring.RedisPyHash{Client: rdb, HashKey: "h", KeyPrefix: "rh", Coder: "json"},
		"memcache":         ring.Memcache{Client: mc, KeyPrefix: "m", Coder: "json"},
		"memcache expires": ring.Memcache{Client: mc, KeyPrefix: "me", Coder: "json", Expire: time.Hour},
	} {
		t.Run(name, func(t *testing.T) {
			runs := 0
			r := ring.Wrap(func(ctx context.Context, id int) (*row, error) { runs++; return &row{id, "n"}, ctx.Err() }, factory)
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			for range 2 {
				v, err := r.Call(ctx, 1)
				require.NoError(t, err)
				assert.Equal(t, &row{1, "n"}, v)
			}
			assert.Equal(t, 1, runs)
			values, err := r.GetOrUpdateMany(ring.Args{1}, ring.Args{2}, ring.Args{2})
			require.NoError(t, err)
			assert.Equal(t, []any{&row{1, "n"}, &row{2, "n"}, &row{2, "n"}}, values)
			assert.Equal(t, 2, runs)
			has, err := r.HasMany(ring.Args{1}, ring.Args{3})
			require.NoError(t, err)
			assert.Equal(t, []bool{true, false}, has)
			require.NoError(t, r.DeleteMany(ring.Args{1}, ring.Args{2}))
			v, err := r.Get(1)
			require.NoError(t, err)
			assert.Nil(t, v)
		})
	}
}
