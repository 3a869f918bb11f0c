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
		server := testserver.Redis(t, "--slowlog-log-slower-than", fmt.Sprint(othersWait.Microseconds()))
		client := redisClient(t, server)
		clearAmongMany(t, client, redisClient(t, server), client)
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
		clearAmongMany(t, client, other, nil)
	})
}

// othersWait is how long the server may let others wait for a command of Clear.
const othersWait = 5 * time.Millisecond

// clearAmongMany clears until others do not wait: on a busy machine the server itself has to wait
// for a processor now and then, in the middle of a command. slow is the client of a server that
// logs slow commands, or nil.
func clearAmongMany(t *testing.T, client, other redis.UniversalClient, slow *redis.Client) {
	fill(t, client, "app:f:x", manyEntries/2)
	fill(t, client, "app:f2", manyEntries/2)
	soon(t, othersWait, func(int) time.Duration {
		fill(t, client, "app:f", manyEntries)
		alone := observe(t, other, func() { time.Sleep(200 * time.Millisecond) })
		if slow != nil {
			require.NoError(t, slow.Do(t.Context(), "slowlog", "reset").Err())
		}
		f := ring.Wrap(sentence, ring.Redis{Client: client, KeyPrefix: "app:f"})
		began := time.Now()
		var n int
		var err error
		meanwhile := observe(t, other, func() { n, err = f.Clear(t.Context()) })
		t.Logf("Clear took %v; others were answered within %v; without Clear: %v", time.Since(began), meanwhile, alone)
		require.NoError(t, err)
		assert.Equal(t, manyEntries, n)
		slowest := slowestOf(t, slow)
		for prefix, want := range map[string]int{"app:f:[0-9]*": 0, "app:f:x:*": manyEntries / 2, "app:f2:*": manyEntries / 2} {
			assert.Equal(t, want, keysLike(t, client, prefix), prefix)
		}
		return max(slowest, meanwhile.most)
	})
}

// slowestOf returns how long the slowest command took a server, if that is logged.
func slowestOf(t *testing.T, server *redis.Client) (slowest time.Duration) {
	if server == nil {
		return 0
	}
	slow, err := server.SlowLogGet(t.Context(), -1).Result()
	require.NoError(t, err)
	for _, command := range slow {
		t.Logf("%v took the server %v", command.Args[0], command.Duration)
		slowest = max(slowest, command.Duration)
	}
	return slowest
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

// latencies are how long others waited for an answer: 99 % of them, and the slowest.
type latencies struct{ most, slowest time.Duration }

func (l latencies) String() string { return fmt.Sprintf("%v (99 %%), %v at most", l.most, l.slowest) }

// observe asks for one key after the other while do is going on.
func observe(t *testing.T, client redis.UniversalClient, do func()) latencies {
	stop, done := make(chan struct{}), make(chan []time.Duration)
	go func() { done <- latenciesOf(t.Context(), client, stop) }()
	do()
	close(stop)
	all := <-done
	require.NotEmpty(t, all)
	slices.Sort(all)
	return latencies{all[len(all)*99/100], all[len(all)-1]}
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
