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

// factoryParts are what all factories take. Each of them leaves a mark.
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

// class notes the backend.
func (p *factoryParts) class(class ring.StorageClass) ring.StorageClass {
	return func(backend any) (ring.Storage, error) {
		p.backend = backend
		return class(backend)
	}
}

// TestFactoriesTakeEveryPart: what a factory has in common with the others counts in
// each of them.
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
		factory func(p *factoryParts) ring.Factory
	}{
		"lru": {lru, time.Hour, func(p *factoryParts) ring.Factory {
			return ring.Lru{Lru: lru, Expire: time.Hour, KeyPrefix: p.prefix, Coder: p.coder, UserInterface: p.ui,
				StorageClass: p.class(ring.NewLruStorage), Options: p.options}
		}},
		"dict": {dict, time.Hour, func(p *factoryParts) ring.Factory {
			return ring.Dict{Obj: dict, Expire: time.Hour, KeyPrefix: p.prefix, Coder: p.coder, UserInterface: p.ui,
				StorageClass: p.class(ring.NewExpirableDictStorage), Options: p.options}
		}},
		"memcache": {mc, time.Hour, func(p *factoryParts) ring.Factory {
			return ring.Memcache{Client: mc, Expire: time.Hour, KeyPrefix: p.prefix, Coder: p.coder, UserInterface: p.ui,
				StorageClass: p.class(ring.NewMemcacheStorage), Options: p.options}
		}},
		"redis": {rdb, time.Hour, func(p *factoryParts) ring.Factory {
			return ring.RedisPy{Client: rdb, Expire: time.Hour, KeyPrefix: p.prefix, Coder: p.coder, UserInterface: p.ui,
				StorageClass: p.class(ring.NewRedisStorage), Options: p.options}
		}},
		"redis hash": {rdb, 0, func(p *factoryParts) ring.Factory {
			return ring.RedisPyHash{Client: rdb, HashKey: "parts", KeyPrefix: p.prefix, Coder: p.coder, UserInterface: p.ui,
				StorageClass: p.class(hash), Options: p.options}
		}},
		"shelve": {shelf, 0, func(p *factoryParts) ring.Factory {
			return ring.Shelve{Shelf: shelf, KeyPrefix: p.prefix, Coder: p.coder, UserInterface: p.ui,
				StorageClass: p.class(ring.NewShelveStorage), Options: p.options}
		}},
		"diskcache": {disk, time.Hour, func(p *factoryParts) ring.Factory {
			return ring.DiskCache{Obj: disk, Expire: time.Hour, KeyPrefix: p.prefix, Coder: p.coder, UserInterface: p.ui,
				StorageClass: p.class(ring.NewDiskCacheStorage), Options: p.options}
		}},
		"one's own": {lru, time.Hour, func(p *factoryParts) ring.Factory {
			return ring.BaseFactory{StorageBackend: lru, Expire: time.Hour, KeyPrefix: p.prefix, Coder: p.coder, UserInterface: p.ui,
				StorageClass: p.class(ring.NewLruStorage), Options: p.options}
		}},
	} {
		t.Run(name, func(t *testing.T) {
			p := newFactoryParts("parts-of-" + strings.ReplaceAll(name, " ", "-"))
			r := ring.Wrap(strings.ToUpper, tt.factory(p))
			assert.Equal(t, tt.backend, p.backend)
			assert.Equal(t, tt.expire, r.Config().Expire)
			assert.Equal(t, p.prefix, r.Config().KeyPrefix)

			key, err := r.Key("Go")
			require.NoError(t, err)
			assert.Equal(t, p.prefix+":go", key, "by the user interface")
			require.NoError(t, r.Delete("Go")) // the servers may have it from another run
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
