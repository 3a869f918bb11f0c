package ring_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ring-go/ring"
	"github.com/ring-go/ring/internal/testserver"
)

// condAged is a storage that stores on condition and tells versions.
type condAged interface {
	ring.Storage
	ring.AgedStorage
	ring.CondStorage
}

// TestCondAcross: storages that know nothing of each other, as those of two processes, see
// each other's writes as other versions, and of all that store under one condition, one
// does.
func TestCondAcross(t *testing.T) {
	t.Parallel()
	redis, memcached, dir := testserver.Redis(t), testserver.Memcached(t), t.TempDir()
	for name, open := range map[string]func() condAged{
		"redis":     func() condAged { return &ring.RedisStorage{Client: redisClient(t, redis)} },
		"memcached": func() condAged { return ageing(memcacheClient(t, memcached), 0, middleSpan, 0) },
		"diskcache": func() condAged { return &ring.DiskCacheStorage{Obj: openCache(t, dir, nil)} },
	} {
		t.Run(name, func(t *testing.T) {
			ctx, both := t.Context(), []condAged{open(), open()}
			require.NoError(t, both[0].SetValue(ctx, "key", "first", time.Hour))
			for n, write := range []func() error{
				func() error { return both[1].SetValue(ctx, "key", "other", time.Hour) },
				func() error { return both[1].DeleteValue(ctx, "key") },
			} {
				a, err := both[0].GetAged(ctx, "key")
				require.NoError(t, err)
				require.NoError(t, write())
				stored, err := both[0].ReplaceValue(ctx, "key", a.Version, "late", time.Hour)
				require.NoError(t, err)
				assert.False(t, stored, n)
			}
			for round := range 10 {
				key := fmt.Sprint("race", round)
				assert.Equal(t, 1, winners(t, func(g int) (bool, error) {
					return both[g%2].AddValue(ctx, key, fmt.Sprint(g), time.Hour)
				}))
				a, err := both[0].GetAged(ctx, key)
				require.NoError(t, err)
				assert.Equal(t, 1, winners(t, func(g int) (bool, error) {
					return both[g%2].ReplaceValue(ctx, key, a.Version, fmt.Sprint("new", g), time.Hour)
				}))
			}
		})
	}
}
