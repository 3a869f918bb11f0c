package diskcache_test

import (
	"context"
	"fmt"
	"log"
	"math"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ring-go/ring/diskcache"
)

func ExampleCache_TTL() {
	dir, err := os.MkdirTemp("", "cache")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	now := time.Unix(1_000_000_000, 0)
	cache, err := diskcache.Open(dir, &diskcache.Options{Now: func() time.Time { return now }})
	if err != nil {
		log.Fatal(err)
	}
	defer cache.Close()
	ctx := context.Background()
	if err := cache.Set(ctx, "a", 1, time.Minute); err != nil {
		log.Fatal(err)
	}
	now = now.Add(45 * time.Second)
	fmt.Println(cache.TTL(ctx, "a"))
	fmt.Println(cache.TTL(ctx, "b"))
	// Output:
	// 15s <nil>
	// 0s diskcache: key not found
}

func TestTTL(t *testing.T) {
	ctx := context.Background()
	now := time.Unix(1e9, 0)
	cache, err := diskcache.Open(t.TempDir(), &diskcache.Options{Now: func() time.Time { return now }, Statistics: new(true), EvictionPolicy: diskcache.LeastRecentlyUsed})
	require.NoError(t, err)
	defer cache.Close()
	require.NoError(t, cache.Set(ctx, "mortal", "v", time.Second))
	require.NoError(t, cache.Set(ctx, "immortal", "v", 0))
	require.NoError(t, cache.Set(ctx, "long", "v", math.MaxInt64))

	left, err := cache.TTL(ctx, "immortal")
	require.NoError(t, err)
	assert.Zero(t, left)
	left, err = cache.TTL(ctx, "long")
	require.NoError(t, err)
	assert.Greater(t, left, 290*365*24*time.Hour)
	now = now.Add(time.Second)
	left, err = cache.TTL(ctx, "mortal")
	assert.Equal(t, diskcache.ErrNotFound, err)
	assert.Zero(t, left)
	hits, misses, err := cache.Stats(ctx)
	require.NoError(t, err)
	assert.Equal(t, 0, hits+misses, "it counts as no use")

	_, err = cache.TTL(ctx, func() {})
	assert.Error(t, err)
	require.NoError(t, cache.Close())
	_, err = cache.TTL(ctx, "long")
	assert.ErrorIs(t, err, diskcache.ErrClosed)
}
