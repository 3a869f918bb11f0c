package diskcache

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestGetManyWhileReplaced replaces values while they are read: none is missed.
func TestGetManyWhileReplaced(t *testing.T) {
	c := open(t, t.TempDir(), nil)
	big := strings.Repeat("x", 40_000)
	keys := []any{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}
	values := make([]any, len(keys))
	for i := range values {
		values[i] = big
	}
	require.NoError(t, c.SetMany(ctx, keys, values, 0))
	stop, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		for {
			select {
			case <-stop:
				return
			default:
				assert.NoError(t, c.SetMany(ctx, keys, values, 0))
			}
		}
	}()
	for range 200 {
		got, found, err := c.GetMany(ctx, keys)
		if !assert.NoError(t, err) || !assert.NotContains(t, found, false) || !assert.Equal(t, values, got) {
			break
		}
	}
	close(stop)
	<-done
}
