package ring_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ring-go/ring"
	"github.com/ring-go/ring/internal/testserver"
	"github.com/ring-go/ring/storagetest"
)

func manyCalls(n int) []any {
	list := make([]any, n)
	for i := range list {
		list[i] = ring.Args{i}
	}
	return list
}

// TestRedisCluster: the same calls as on one server, over all slots, while a master
// dies and its replica takes over.
func TestRedisCluster(t *testing.T) {
	t.Parallel()
	nodes := testserver.Cluster(t, "--cluster-node-timeout", "1000") // replicas soon take over
	var addrs []string
	for _, n := range nodes {
		addrs = append(addrs, n.Addr)
	}
	client := redis.NewClusterClient(&redis.ClusterOptions{
		Addrs: addrs, DialTimeout: time.Second, ReadTimeout: time.Second, DialerRetries: 1, MaxRedirects: 2, PoolSize: 64,
		ClusterStateReloadInterval: 200 * time.Millisecond, // else the client asks for the new master after a minute
	})
	t.Cleanup(func() { assert.NoError(t, client.Close()) })
	t.Run("contract", func(t *testing.T) {
		storagetest.Run(t, func(t *testing.T) ring.Storage { return withPrefix(&ring.RedisStorage{Client: client}) }, busy)
	})
	t.Run("ages and conditions", func(t *testing.T) {
		condOn(t, client, "cond")
		shortenOn(t, client, "shorten")
		manyAgedOn(t, client, "many")
	})
	t.Run("freshness", func(t *testing.T) { freshOnCluster(t, client) })
	t.Run("refusing hooks", func(t *testing.T) {
		for _, hook := range []refusal{{errOpen}, {nil}} {
			for _, onNode := range []bool{false, true} {
				own := redis.NewClusterClient(&redis.ClusterOptions{Addrs: addrs, MaxRedirects: 2})
				if onNode {
					own.OnNewNode(func(node *redis.Client) { node.AddHook(afterSetup{hook}) })
				} else {
					require.NoError(t, own.Ping(t.Context()).Err())
					own.AddHook(hook)
				}
				cause := swallow
				if hook.err != nil {
					cause = hook.err.Error()
				}
				wantRefusedBoth(t, own, cause)
				wantRuns(t, own)
				assert.NoError(t, own.Close())
			}
		}
	})
	reported := 0
	square := func(n int) int { return n * n }
	factory := ring.RedisPy{Client: client, KeyPrefix: "f", Expire: time.Hour}
	r := ring.Wrap(square, factory)
	factory.Options = ring.Options{FailOpen: true, OnError: func(context.Context, *ring.Error) { reported++ }}
	open := ring.Wrap(square, factory)
	list := manyCalls(50)
	values, err := r.GetOrUpdateMany(list...)
	require.NoError(t, err)
	for n, v := range values {
		require.Equal(t, n*n, v)
	}
	require.NoError(t, r.TouchMany(list...))
	require.NoError(t, r.DeleteMany(list[:10]...))
	has, err := r.HasMany(list...)
	require.NoError(t, err)
	for n := range has {
		assert.Equal(t, n >= 10, has[n])
	}

	nodes[0].Kill()
	for n := range 50 { // an error or the right value, within the time
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
		v, err := r.WithContext(ctx).Call(n)
		if err == nil {
			assert.Equal(t, n*n, v)
		}
		v, err = open.WithContext(ctx).Call(n)
		if ctx.Err() == nil {
			require.NoError(t, err)
			assert.Equal(t, n*n, v)
		}
		cancel()
	}
	assert.Eventually(t, func() bool {
		_, err := r.GetOrUpdateMany(list...)
		return err == nil
	}, 60*time.Second, 50*time.Millisecond, "the replica takes over")
}

func TestRedisSentinel(t *testing.T) {
	t.Parallel()
	sentinel, master, _ := testserver.Sentinel(t)
	client := redis.NewFailoverClient(&redis.FailoverOptions{
		MasterName: "ring", SentinelAddrs: []string{sentinel.Addr}, DialTimeout: time.Second, ReadTimeout: time.Second, DialerRetries: 1,
	})
	t.Cleanup(func() { assert.NoError(t, client.Close()) })
	r := ring.Wrap(func(n int) int { return n * n }, ring.RedisPy{Client: client, KeyPrefix: "f"})
	list := manyCalls(20)
	_, err := r.GetOrUpdateMany(list...)
	require.NoError(t, err)
	master.Kill()
	assert.Eventually(t, func() bool {
		values, err := r.GetOrUpdateMany(list...)
		return err == nil && fmt.Sprint(values[3]) == "9"
	}, 60*time.Second, 50*time.Millisecond, "the replica takes over")
}

// TestRedisRing: go-redis' own client for several servers.
func TestRedisRing(t *testing.T) {
	t.Parallel()
	a, b := testserver.Redis(t), testserver.Redis(t)
	client := redis.NewRing(&redis.RingOptions{Addrs: map[string]string{"a": a.Addr, "b": b.Addr}})
	t.Cleanup(func() { assert.NoError(t, client.Close()) })
	storagetest.Run(t, func(t *testing.T) ring.Storage { return withPrefix(&ring.RedisStorage{Client: client}) }, busy)
	condOn(t, client, "cond")
	shortenOn(t, client, "shorten")
	manyAgedOn(t, client, "many")

	// Your own client around it works, too.
	for name, own := range map[string]redis.UniversalClient{"embedded": struct{ *redis.Ring }{client}, "inside": struct{ redis.UniversalClient }{client}} {
		t.Run(name, func(t *testing.T) {
			r := ring.Wrap(func(n int) int { return n * n }, ring.RedisPy{Client: own, KeyPrefix: name})
			list := manyCalls(20)
			_, err := r.GetOrUpdateMany(list...)
			require.NoError(t, err)
			for n := range 20 {
				has, err := r.Has(n)
				require.NoError(t, err)
				require.True(t, has, "a bulk call and a single one look in one place")
			}
		})
	}
}

// afterSetup is a refusal on a node. It lets the client's own commands through.
type afterSetup struct{ refusal }

func isOwn(cmd redis.Cmder) bool {
	switch cmd.Name() {
	case "hello", "client", "cluster", "command", "readonly", "ping":
		return true
	}
	return false
}

func (h afterSetup) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		if isOwn(cmd) {
			return next(ctx, cmd)
		}
		return h.err
	}
}

func (h afterSetup) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error {
		if isOwn(cmds[0]) {
			return next(ctx, cmds)
		}
		return h.err
	}
}
