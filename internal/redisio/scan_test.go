package redisio

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ring-go/ring/internal/testserver"
)

// TestScan: the prefix is text, whatever a pattern would make of it.
func TestScan(t *testing.T) {
	client := redis.NewClient(&redis.Options{Addr: testserver.Redis(t).Addr})
	defer client.Close()
	for _, prefix := range []string{"f:", "f*:", "f?:", "[f]:", "f\\:", "^f-:", "é\xff:", ""} {
		require.NoError(t, client.FlushDB(t.Context()).Err())
		var want, fields []string
		for i := range 300 {
			want = append(want, fmt.Sprintf("%s%d", prefix, i))
			fields = append(fields, want[i], "value")
			require.NoError(t, client.Set(t.Context(), want[i], "v", 0).Err())
		}
		if prefix != "" {
			for _, foreign := range []string{"f", "fx:1", "g:1", "x" + prefix + "1"} {
				fields = append(fields, foreign, "value")
				require.NoError(t, client.Set(t.Context(), foreign, "v", 0).Err())
			}
		}
		require.Equal(t, want, scanned(t, client, "", prefix), prefix)
		require.NoError(t, client.FlushDB(t.Context()).Err())
		require.NoError(t, client.HSet(t.Context(), "hash", fields).Err())
		require.Equal(t, want, scanned(t, client, "hash", prefix), prefix)
	}
}

// scanned returns the numbered keys in order, each once.
func scanned(t *testing.T, client redis.UniversalClient, hash, prefix string) (keys []string) {
	found := map[string]bool{}
	require.NoError(t, Scan(t.Context(), client, hash, prefix, 50, func(_ context.Context, page []string) error {
		for _, key := range page {
			found[key] = true
		}
		return nil
	}))
	for i := range found {
		keys = append(keys, i)
	}
	all := make([]string, 0, len(keys))
	for i := range len(keys) {
		if key := fmt.Sprintf("%s%d", prefix, i); found[key] {
			all = append(all, key)
		}
	}
	assert.Len(t, all, len(keys))
	return all
}

// swallowing is a hook that answers nothing.
type swallowing struct{}

func (swallowing) DialHook(next redis.DialHook) redis.DialHook { return next }
func (swallowing) ProcessHook(redis.ProcessHook) redis.ProcessHook {
	return func(context.Context, redis.Cmder) error { return nil }
}
func (swallowing) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return next
}

// TestScanFails: no answer is not an empty one, and an error of take ends it.
func TestScanFails(t *testing.T) {
	client := redis.NewClient(&redis.Options{Addr: testserver.Redis(t).Addr})
	defer client.Close()
	require.NoError(t, client.Set(t.Context(), "f:1", "v", 0).Err())
	no := errors.New("no")
	take := func(context.Context, []string) error { return no }
	assert.ErrorIs(t, Scan(t.Context(), client, "", "f:", 10, take), no)
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	assert.ErrorIs(t, Scan(ended, client, "", "f:", 10, take), context.Canceled)
	client.AddHook(swallowing{})
	assert.ErrorIs(t, Scan(t.Context(), client, "", "f:", 10, take), errUnanswered)
}
