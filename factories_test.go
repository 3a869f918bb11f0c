package ring_test

import (
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/bradfitz/gomemcache/memcache"
	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ring-go/ring"
	"github.com/ring-go/ring/lrucache"
)

// factoryParts holds the parts that all factories take. Each of them leaves a mark.
type factoryParts struct {
	prefix  string
	coder   ring.CoderTuple
	encoded int
	ui      ring.UserInterface
	backend any
	options ring.Options
}

func newFactoryParts(prefix string) *factoryParts {
	p := &factoryParts{
		prefix:  prefix,
		ui:      ring.Compose(LowerCaseKeys{}, ring.BulkInterfaceMixin{}),
		options: ring.Options{MissValue: "missing"},
	}
	p.coder.Encode = func(v any) (any, error) { p.encoded++; return []byte(v.(string)), nil }
	p.coder.Decode = func(data any, _ reflect.Type) (any, error) { return string(data.([]byte)), nil }
	return p
}

// class records the backend.
func (p *factoryParts) class(class ring.StorageClass) ring.StorageClass {
	return func(backend any) (ring.Storage, error) {
		p.backend = backend
		return class(backend)
	}
}

// in returns the factory with the parts, in the fields that all factories have.
func (p *factoryParts) in(f ring.Factory) ring.Factory {
	fields := reflect.New(reflect.TypeOf(f)).Elem()
	fields.Set(reflect.ValueOf(f))
	for name, part := range map[string]any{
		"KeyPrefix": p.prefix, "Coder": p.coder, "UserInterface": p.ui, "Options": p.options,
		"StorageClass": p.class(fields.FieldByName("StorageClass").Interface().(ring.StorageClass)),
	} {
		fields.FieldByName(name).Set(reflect.ValueOf(part))
	}
	return fields.Interface().(ring.Factory)
}

// TestFactoriesTakeEveryPart: each factory uses every part that all factories have in
// common.
func TestFactoriesTakeEveryPart(t *testing.T) {
	lru, dict := lrucache.New(10), map[string]any{}
	rdb, mc := redisClientAt(t, redisAddr), memcache.New(memcachedAddr)
	t.Cleanup(func() { assert.NoError(t, mc.Close()) })
	shelf, disk := openShelf(t, filepath.Join(t.TempDir(), "shelf")), openCache(t, t.TempDir(), nil)
	hash := func(backend any) (ring.Storage, error) {
		return &ring.RedisHashStorage{Client: backend.(redis.UniversalClient), HashKey: "parts"}, nil
	}
	for name, tt := range map[string]struct {
		backend any
		expire  time.Duration
		factory ring.Factory
	}{
		"lru":        {lru, time.Hour, ring.Lru{Lru: lru, Expire: time.Hour, StorageClass: ring.NewLruStorage}},
		"dict":       {dict, time.Hour, ring.Dict{Obj: dict, Expire: time.Hour, StorageClass: ring.NewExpirableDictStorage}},
		"memcache":   {mc, time.Hour, ring.Memcache{Client: mc, Expire: time.Hour, StorageClass: ring.NewMemcacheStorage}},
		"redis":      {rdb, time.Hour, ring.RedisPy{Client: rdb, Expire: time.Hour, StorageClass: ring.NewRedisStorage}},
		"redis hash": {rdb, 0, ring.RedisPyHash{Client: rdb, HashKey: "parts", StorageClass: hash}},
		"shelve":     {shelf, 0, ring.Shelve{Shelf: shelf, StorageClass: ring.NewShelveStorage}},
		"diskcache":  {disk, time.Hour, ring.DiskCache{Obj: disk, Expire: time.Hour, StorageClass: ring.NewDiskCacheStorage}},
		"base":       {lru, time.Hour, ring.BaseFactory{StorageBackend: lru, Expire: time.Hour, StorageClass: ring.NewLruStorage}},
	} {
		t.Run(name, func(t *testing.T) {
			p := newFactoryParts("parts-of-" + strings.ReplaceAll(name, " ", "-"))
			r := ring.Wrap(strings.ToUpper, p.in(tt.factory))
			assert.Equal(t, tt.backend, p.backend)
			assert.Equal(t, tt.expire, r.Config().Expire)
			assert.Equal(t, p.prefix, r.Config().KeyPrefix)

			key, err := r.Key("Go")
			require.NoError(t, err)
			assert.Equal(t, p.prefix+":go", key, "by the user interface")
			require.NoError(t, r.Delete("Go")) // the servers may have it from an earlier run
			v, err := r.Get("Go")
			require.NoError(t, err)
			assert.Equal(t, "missing", v, "by the options")
			for range 2 {
				v, err = r.Call("Go")
				require.NoError(t, err)
				assert.Equal(t, "GO", v)
			}
			assert.Equal(t, 1, p.encoded, "by the coder")
		})
	}
}
