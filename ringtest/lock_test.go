package ringtest_test

import (
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ring-go/ring"
	"github.com/ring-go/ring/ringtest"
)

// TestIsolateNeedsNoLock: a rope with a Lock needs no server, either.
func TestIsolateNeedsNoLock(t *testing.T) {
	client := redis.NewClient(&redis.Options{Addr: "127.0.0.1:1", MaxRetries: -1})
	t.Cleanup(func() { _ = client.Close() })
	r := ring.Wrap(func(n int) string { return "v" }, ring.Redis{Client: client, KeyPrefix: "n", Expire: time.Hour,
		Options: ring.Options{Lock: ring.Lock{Lease: time.Second}}})
	for name, change := range map[string]func(testing.TB, ...*ring.Rope){"isolated": ringtest.Isolate, "bypassed": ringtest.Bypass} {
		t.Run(name, func(t *testing.T) {
			change(t, r)
			value, err := r.Call(1)
			require.NoError(t, err)
			assert.Equal(t, "v", value)
			values, err := r.GetOrUpdateMany(ring.Args{1}, ring.Args{2})
			require.NoError(t, err)
			assert.Equal(t, []any{"v", "v"}, values)
			require.NoError(t, r.Delete(1))
		})
	}
}
