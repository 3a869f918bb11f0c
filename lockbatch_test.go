package ring_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ring-go/ring"
	"github.com/ring-go/ring/internal/testserver"
)

// TestLockOfABatch: the elements of a bulk call run one after the other, each under its lock.
func TestLockOfABatch(t *testing.T) {
	t.Parallel()
	client := redisClient(t, testserver.Redis(t))
	var asked [][]int
	r := ring.Wrap(func(_ context.Context, ids []int) (map[int]string, error) {
		asked = append(asked, ids)
		found := map[int]string{}
		for _, id := range ids {
			if id < 10 {
				found[id] = "ok"
			}
		}
		return found, nil
	}, ring.Redis{Client: client, KeyPrefix: "b", Expire: time.Hour, Options: ring.Options{Lock: ring.Lock{Lease: time.Minute}}},
		ring.Batch(ring.BatchOptions{}))
	values, err := r.GetOrUpdateMany(ring.Args{1}, ring.Args{2}, ring.Args{1}, ring.Args{11})
	require.ErrorIs(t, err, ring.ErrNotFound)
	assert.Equal(t, []any{"ok", "ok", "ok", nil}, values)
	assert.Equal(t, [][]int{{1}, {2}, {11}}, asked)
	has, err := r.HasMany(ring.Args{1}, ring.Args{2}, ring.Args{11})
	require.NoError(t, err)
	assert.Equal(t, []bool{true, true, false}, has)
	keys, err := client.Keys(t.Context(), "ring:lock:*").Result()
	require.NoError(t, err)
	assert.Empty(t, keys)
}
