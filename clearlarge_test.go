package ring_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ring-go/ring"
	"github.com/ring-go/ring/internal/testserver"
)

// manyEntries is how many entries each of two functions has.
const manyEntries = 100_000

// TestClearAmongMany: of 100,000 entries of the function and 100,000 of another one, exactly
// the first go, and the server answers others meanwhile.
func TestClearAmongMany(t *testing.T) {
	if testserver.Short() {
		t.Skip("it stores 200,000 entries")
	}
	t.Run("one server", func(t *testing.T) {
		client := redisClient(t, testserver.Redis(t, "--slowlog-log-slower-than", "5000"))
		clearAmongMany(t, client, client)
		slow, err := client.SlowLogGet(t.Context(), -1).Result()
		require.NoError(t, err)
		for _, command := range slow {
			t.Logf("%v took the server %v", command.Args[0], command.Duration) // KEYS is that of the test
		}
	})
	t.Run("cluster", func(t *testing.T) {
		var addrs []string
		for _, n := range testserver.Cluster(t) {
			addrs = append(addrs, n.Addr)
		}
		client := redis.NewClusterClient(&redis.ClusterOptions{Addrs: addrs})
		other := redis.NewClusterClient(&redis.ClusterOptions{Addrs: addrs})
		t.Cleanup(func() {
			assert.NoError(t, client.Close())
			assert.NoError(t, other.Close())
		})
		clearAmongMany(t, client, other)
	})
}

func clearAmongMany(t *testing.T, client, other redis.UniversalClient) {
	ctx := t.Context()
	fill(t, client, "app:f", manyEntries)
	fill(t, client, "app:f:x", manyEntries/2)
	fill(t, client, "app:f2", manyEntries/2)
	f := ring.Wrap(sentence, ring.Redis{Client: client, KeyPrefix: "app:f"})
	stop, latencies := make(chan struct{}), make(chan []time.Duration)
	go func() { latencies <- latenciesOf(ctx, other, stop) }()
	began := time.Now()
	n, err := f.Clear(ctx)
	took := time.Since(began)
	close(stop)
	require.NoError(t, err)
	assert.Equal(t, manyEntries, n)
	for prefix, want := range map[string]int{"app:f:[0-9]*": 0, "app:f:x:*": manyEntries / 2, "app:f2:*": manyEntries / 2} {
		assert.Equal(t, want, keysLike(t, client, prefix), prefix)
	}
	took95, slowest := percentiles(<-latencies)
	t.Logf("Clear took %v; others were answered within %v (95 %%), %v at most", took, took95, slowest)
	assert.Less(t, took95, 50*time.Millisecond, "others wait for Clear")
}

// fill stores entries as the rope of the prefix would.
func fill(t *testing.T, client redis.UniversalClient, prefix string, n int) {
	for from := 0; from < n; from += 10_000 {
		_, err := client.Pipelined(t.Context(), func(p redis.Pipeliner) error {
			for i := from; i < min(from+10_000, n); i++ {
				p.Set(t.Context(), fmt.Sprintf("%s:%d", prefix, i), "a value", time.Hour)
			}
			return nil
		})
		require.NoError(t, err)
	}
}

// keysLike returns the number of keys that match a pattern.
func keysLike(t *testing.T, client redis.UniversalClient, pattern string) (n int) {
	var mu sync.Mutex
	one := func(ctx context.Context, server *redis.Client) error {
		keys, err := server.Keys(ctx, pattern).Result()
		mu.Lock()
		defer mu.Unlock()
		n += len(keys)
		return err
	}
	if cluster, ok := client.(*redis.ClusterClient); ok {
		require.NoError(t, cluster.ForEachMaster(t.Context(), one))
		return n
	}
	require.NoError(t, one(t.Context(), client.(*redis.Client)))
	return n
}

// latenciesOf asks for one key after the other until stop is closed.
func latenciesOf(ctx context.Context, client redis.UniversalClient, stop chan struct{}) (all []time.Duration) {
	for i := 0; ; i++ {
		select {
		case <-stop:
			return all
		default:
		}
		began := time.Now()
		if client.Get(ctx, fmt.Sprintf("app:f2:%d", i%1000)).Err() == nil {
			all = append(all, time.Since(began))
		}
	}
}

func percentiles(all []time.Duration) (most, slowest time.Duration) {
	if len(all) == 0 {
		return 0, 0
	}
	slices.Sort(all)
	return all[len(all)*95/100], all[len(all)-1]
}
