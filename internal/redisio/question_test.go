package redisio

import (
	"context"
	"sync"
	"testing"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ring-go/ring/internal/testserver"
)

// TestGoesAlone: a client with its own cache is asked for one value at a time, and so
// is a client of several servers, except for a hash, which is on one server.
func TestGoesAlone(t *testing.T) {
	client := func(o redis.Options) *redis.Client {
		o.Addr = "127.0.0.1:1"
		c := redis.NewClient(&o)
		t.Cleanup(func() { c.Close() })
		return c
	}
	cache := &redis.ClientSideCacheConfig{}
	plain, cached := client(redis.Options{}), client(redis.Options{Protocol: 3, ClientSideCacheConfig: cache})
	shards := redis.NewRing(&redis.RingOptions{Addrs: map[string]string{"a": "127.0.0.1:1"}})
	t.Cleanup(func() { shards.Close() })
	for name, tt := range map[string]struct {
		client      redis.UniversalClient
		alone, hash bool
	}{
		"plain":               {plain, false, false},
		"embedded":            {struct{ *redis.Client }{plain}, false, false},
		"cache":               {cached, true, true},
		"own cache":           {client(redis.Options{Protocol: 3, ClientSideCache: redis.NewLocalCache(*cache)}), true, true},
		"embedded with cache": {struct{ *redis.Client }{cached}, true, true},
		"RESP2 has none":      {client(redis.Options{Protocol: 2, ClientSideCacheConfig: cache}), false, false},
		"database 1 has none": {client(redis.Options{Protocol: 3, DB: 1, ClientSideCacheConfig: cache}), false, false},
		"shards":              {shards, true, false},
		"unknown":             {struct{ redis.UniversalClient }{plain}, true, false},
	} {
		assert.Equal(t, tt.alone, Question{Client: tt.client}.goesAlone(), name)
		assert.Equal(t, tt.hash, Question{Client: tt.client, Hash: &name}.goesAlone(), name)
	}
}

// TestClientSideCache: concurrent callers all get what is in the client's cache.
func TestClientSideCache(t *testing.T) {
	const callers, each = 32, 20
	client := redis.NewClient(&redis.Options{
		Addr: testserver.Redis(t).Addr, Protocol: 3, ClientSideCacheConfig: &redis.ClientSideCacheConfig{},
	})
	defer client.Close()
	ctx, hash := context.Background(), "hash"
	require.NoError(t, client.Set(ctx, "key", "value", 0).Err())
	require.NoError(t, client.HSet(ctx, hash, "key", "value").Err())
	for _, q := range []Question{{Client: client}, {Client: client, Hash: &hash}} {
		b := new(Batcher)
		require.NoError(t, b.Get(ctx, q, "key").Err())
		before := client.CSCStats()
		var wg sync.WaitGroup
		for range callers {
			wg.Go(func() {
				for range each {
					assert.Equal(t, "value", b.Get(ctx, q, "key").Val())
				}
			})
		}
		wg.Wait()
		after := client.CSCStats()
		assert.EqualValues(t, callers*each, after.Hits-before.Hits)
		assert.Equal(t, before.Misses, after.Misses)
	}
}
