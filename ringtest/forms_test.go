package ringtest_test

import (
	"context"
	"fmt"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/bradfitz/gomemcache/memcache"
	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/ring-go/ring"
	"github.com/ring-go/ring/diskcache"
	"github.com/ring-go/ring/internal/testserver"
	"github.com/ring-go/ring/lrucache"
	"github.com/ring-go/ring/shelve"
)

// counted is a function that counts its runs.
type counted struct{ runs, seen atomic.Int64 }

func (c *counted) label(n int) (string, error) {
	return fmt.Sprintf("%d by run %d", n, c.runs.Add(1)), nil
}

// taken returns the runs since it was called last.
func (c *counted) taken() int {
	runs := c.runs.Load()
	return int(runs - c.seen.Swap(runs))
}

// ownKeys is a user interface of its own.
type ownKeys struct {
	ring.CacheUserInterface
	ring.BulkInterfaceMixin
}

func (o ownKeys) Key(w *ring.Wire, p ring.ArgPack) (string, error) {
	key, err := o.CacheUserInterface.Key(w, p)
	return "own:" + key, err
}

// remote is your own storage, which is not in memory and keeps values as they are.
type remote struct{ m *sync.Map }

func newRemote(backend any) (ring.Storage, error) { return &remote{backend.(*sync.Map)}, nil }

func (r *remote) GetValue(_ context.Context, key string) (any, error) {
	v, ok := r.m.Load(key)
	if !ok {
		return nil, ring.ErrNotFound
	}
	return v, nil
}

func (r *remote) SetValue(_ context.Context, key string, value any, _ time.Duration) error {
	r.m.Store(key, value)
	return nil
}

func (r *remote) DeleteValue(_ context.Context, key string) error {
	r.m.Delete(key)
	return nil
}

// stored is a factory, and which of the ways of a rope it goes.
type stored struct {
	name    string
	factory func(t *testing.T) ring.Factory
	touches bool
}

// inProcess are factories that need nothing.
var inProcess = []stored{
	{"lru", func(*testing.T) ring.Factory { return ring.Lru{} }, true},
	{"lru of shards", func(*testing.T) ring.Factory { return ring.Lru{MaxSize: 1000, Shards: 4} }, true},
	{"lru with a coder", func(*testing.T) ring.Factory { return ring.Lru{Coder: "json"} }, true},
	{"lru with a user interface", func(*testing.T) ring.Factory { return ring.Lru{UserInterface: ownKeys{}} }, true},
	{"own cache", func(*testing.T) ring.Factory { return ring.Lru{Lru: lrucache.New(9), KeyPrefix: "p"} }, true},
	{"dict", func(*testing.T) ring.Factory { return ring.Dict{} }, false},
	{"dict that expires", func(*testing.T) ring.Factory { return ring.Dict{Expire: time.Hour} }, true},
	{"sync.Map", func(*testing.T) ring.Factory { return ring.Dict{Obj: &sync.Map{}, KeyPrefix: "p"} }, false},
	{"own storage", func(*testing.T) ring.Factory {
		return ring.BaseFactory{StorageBackend: &sync.Map{}, StorageClass: newRemote, KeyPrefix: "p"}
	}, false},
}

// outside are factories of servers and files.
var outside = []stored{
	{"redis", func(t *testing.T) ring.Factory { return ring.Redis{Client: redisClient(t), KeyPrefix: "p"} }, false},
	{"redis with a coder", func(t *testing.T) ring.Factory {
		return ring.Redis{Client: redisClient(t), KeyPrefix: "p", Expire: time.Hour, Coder: "json", Options: ring.Options{FailOpen: true}}
	}, true},
	{"redis hash", func(t *testing.T) ring.Factory {
		return ring.RedisHash{Client: redisClient(t), HashKey: "h", KeyPrefix: "p"}
	}, false},
	{"memcached", func(t *testing.T) ring.Factory {
		client := memcache.New(testserver.Memcached(t).Addr)
		t.Cleanup(func() { client.Close() })
		return ring.Memcache{Client: client, KeyPrefix: "p", Expire: time.Hour}
	}, true},
	{"shelf", func(t *testing.T) ring.Factory {
		shelf, err := shelve.Open(filepath.Join(t.TempDir(), "shelf"), nil)
		require.NoError(t, err)
		t.Cleanup(func() { shelf.Close() })
		return ring.Shelve{Shelf: shelf, KeyPrefix: "p"}
	}, false},
	{"diskcache", func(t *testing.T) ring.Factory {
		cache, err := diskcache.Open(t.TempDir(), nil)
		require.NoError(t, err)
		t.Cleanup(func() { cache.Close() })
		return ring.DiskCache{Obj: cache, KeyPrefix: "p"}
	}, true},
}

func redisClient(t *testing.T) *redis.Client {
	t.Helper()
	client := redis.NewClient(&redis.Options{Addr: testserver.Redis(t).Addr})
	t.Cleanup(func() { client.Close() })
	return client
}

// forStorages runs a test on all storages.
func forStorages(t *testing.T, test func(t *testing.T, s stored)) {
	t.Helper()
	for _, s := range append(append([]stored{}, inProcess...), outside...) {
		t.Run(s.name, func(t *testing.T) { test(t, s) })
	}
}

// form is a way of calling a rope.
type form struct {
	name string
	call func(n int) (string, error)
}

// formsOf returns all ways of getting or updating, made now.
func formsOf(t *testing.T, r *ring.Rope) []form {
	t.Helper()
	text := func(value any, err error) (string, error) {
		s, _ := value.(string)
		return s, err
	}
	first := func(values []any, err error) (string, error) {
		if len(values) == 0 {
			return "", err
		}
		return text(values[0], err)
	}
	scalars, reflected := r.Scalars(), r.Func().(func(int) (string, error))
	ctx, cancel := context.WithCancel(context.Background())
	t.Cleanup(cancel)
	bound := r.WithContext(ctx)
	return []form{
		{"Call", func(n int) (string, error) { return text(r.Call(n)) }},
		{"Call by name", func(n int) (string, error) { return text(r.Call(ring.Kwargs{"n": n})) }},
		{"Call of another type", func(n int) (string, error) { return text(r.Call(int64(n))) }},
		{"Call with a context", func(n int) (string, error) { return text(bound.Call(n)) }},
		{"GetOrUpdate", func(n int) (string, error) { return text(r.GetOrUpdate(n)) }},
		{"Run", func(n int) (string, error) { return text(r.Run("get_or_update", n)) }},
		{"Scalars", func(n int) (string, error) { return text(scalars.Call(n)) }},
		{"Func1E", ring.Func1E[int, string](r)},
		{"Func", reflected},
		{"GetOrUpdateMany", func(n int) (string, error) { return first(r.GetOrUpdateMany(ring.Args{n})) }},
		{"GetOrUpdateMany by name", func(n int) (string, error) { return first(r.GetOrUpdateMany(ring.Kwargs{"n": n})) }},
	}
}
