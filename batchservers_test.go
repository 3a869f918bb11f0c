package ring_test

import (
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ring-go/ring"
	"github.com/ring-go/ring/internal/testserver"
)

// TestBatchOnServers: on real servers a bulk call is one look-up, one run and one store.
func TestBatchOnServers(t *testing.T) {
	t.Parallel()
	o := ring.Options{Freshness: ring.Freshness{StaleWhileRevalidate: time.Hour}}
	rdb := redisClient(t, testserver.Redis(t))
	memcached := memcacheClient(t, testserver.Memcached(t))
	for name, f := range map[string]ring.Factory{
		"redis":            ring.RedisPy{Client: rdb, KeyPrefix: "batch", Expire: time.Hour},
		"redis, json":      ring.RedisPy{Client: rdb, KeyPrefix: "batch-json", Expire: time.Hour, Coder: "json"},
		"redis, fresh":     ring.RedisPy{Client: rdb, KeyPrefix: "batch-fresh", Expire: time.Hour, Options: o},
		"redis hash":       ring.RedisPyHash{Client: rdb, KeyPrefix: "batch-hash", HashKey: "batch"},
		"memcached":        ring.Memcache{Client: memcached, KeyPrefix: "batch", Expire: time.Hour},
		"memcached, fresh": ring.Memcache{Client: memcached, KeyPrefix: "batch-fresh", Expire: time.Hour, Options: o},
	} {
		t.Run(name, func(t *testing.T) { wantBatches(t, f) })
	}
}

// TestBatchOnACluster: the same, over all slots.
func TestBatchOnACluster(t *testing.T) {
	t.Parallel()
	var addrs []string
	for _, n := range testserver.Cluster(t) {
		addrs = append(addrs, n.Addr)
	}
	client := redis.NewClusterClient(&redis.ClusterOptions{Addrs: addrs})
	t.Cleanup(func() { assert.NoError(t, client.Close()) })
	wantBatches(t, ring.RedisPy{Client: client, KeyPrefix: "batch", Expire: time.Hour})
}

func wantBatches(t *testing.T, f ring.Factory) {
	t.Helper()
	var l loader
	r := ring.Wrap(l.load, f, ring.Batch(ring.BatchOptions{}), ring.Name("load"))
	wantMissingRun(t, r, &l)
	require.NoError(t, r.DeleteMany(callsOf(numbers(0, 100))...))
	l.lacking = map[int]bool{1: true, 3: true}
	wantLacking(t, r, &l)

	gathering := ring.Wrap(l.load, f, ring.Batch(ring.BatchOptions{MaxWait: time.Hour, MaxSize: 50, CacheMissing: time.Hour}), ring.Name("load"))
	require.NoError(t, gathering.DeleteMany(callsOf(numbers(0, 50))...))
	l.taken()
	results := make(chan error)
	for id := range 50 {
		go func() {
			_, err := gathering.Call(id)
			results <- err
		}()
	}
	lacking := 0
	for range 50 {
		if err := <-results; err != nil {
			assert.ErrorIs(t, err, ring.ErrNotFound)
			lacking++
		}
	}
	assert.Equal(t, 2, lacking)
	assert.Equal(t, [][]int{numbers(0, 50)}, l.taken())
	_, err := gathering.GetOrUpdateMany(callsOf(numbers(0, 50))...)
	require.ErrorIs(t, err, ring.ErrNotFound)
	assert.Empty(t, l.taken(), "missing elements are remembered")
}
