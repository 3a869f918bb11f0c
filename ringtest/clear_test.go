package ringtest_test

import (
	"fmt"
	"testing"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ring-go/ring"
	"github.com/ring-go/ring/lrucache"
	"github.com/ring-go/ring/ringtest"
)

// TestClearInTests: Clear works on what stands in the place of storages.
func TestClearInTests(t *testing.T) {
	client := redis.NewClient(&redis.Options{Addr: "127.0.0.1:1"}) // nobody asks it
	defer client.Close()
	faulty := &ringtest.Faulty{TB: t, Seed: 1}
	class := func(backend any) (s ring.Storage, err error) {
		faulty.Storage, err = ring.NewLruStorage(backend)
		return faulty, err
	}
	for name, factory := range map[string]ring.Factory{
		"redis":  ring.Redis{Client: client, KeyPrefix: "f"},
		"lru":    ring.Lru{},
		"shared": ring.Lru{Lru: lrucache.New(10), KeyPrefix: "f"},
		"faulty": ring.Lru{Lru: lrucache.New(10), KeyPrefix: "f", StorageClass: class},
	} {
		for way, prepare := range map[string]func(*testing.T, *ring.Rope){
			"isolate": func(t *testing.T, r *ring.Rope) { ringtest.Isolate(t, r) },
			"guard": func(t *testing.T, r *ring.Rope) {
				ringtest.Isolate(t, r)
				ringtest.Guard(t, r)
			},
		} {
			t.Run(name+"/"+way, func(t *testing.T) {
				f := ring.Wrap(func(n int) string { return fmt.Sprint(n) }, factory)
				prepare(t, f)
				_, err := f.GetOrUpdateMany(ring.Args{1}, ring.Args{2})
				require.NoError(t, err)
				n, err := f.Clear(t.Context())
				require.NoError(t, err)
				assert.Equal(t, 2, n)
				assert.Zero(t, f.CacheInfo().Misses)
				has, err := f.Has(1)
				require.NoError(t, err)
				assert.False(t, has)
			})
		}
	}
	t.Run("bypass", func(t *testing.T) {
		f := ring.Wrap(func(n int) int { return n }, ring.Lru{})
		_, err := f.Call(1)
		require.NoError(t, err)
		ringtest.Bypass(t, f)
		n, err := f.Clear(t.Context())
		require.NoError(t, err)
		assert.Zero(t, n, "there is no cache")
	})
	t.Run("faulty", func(t *testing.T) {
		f := ring.Wrap(func(n int) int { return n }, ring.Lru{Lru: lrucache.New(10), KeyPrefix: "f", StorageClass: class})
		_, err := f.Call(1)
		require.NoError(t, err)
		faulty.Delete.Error = 1
		_, err = f.Clear(t.Context())
		assert.ErrorIs(t, err, ringtest.ErrFault)
		assert.Equal(t, 1, f.CacheInfo().Misses, "it has failed")
		faulty.Delete.Error = 0
		n, err := f.Clear(t.Context())
		require.NoError(t, err)
		assert.Equal(t, 1, n)
	})
}
