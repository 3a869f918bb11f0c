package diskcache

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestFarClock uses a clock beyond the years of time.Time.UnixNano.
func TestFarClock(t *testing.T) {
	for _, now := range []time.Time{
		time.Date(1, 1, 2, 3, 4, 5, 0, time.UTC),
		time.Date(1600, 1, 1, 0, 0, 0, 500_000_000, time.UTC),
		time.Date(2500, 1, 1, 0, 0, 0, 0, time.UTC),
	} {
		c := open(t, t.TempDir(), &Options{Now: func() time.Time { return now }})
		require.NoError(t, c.Set(ctx, "k", 1, time.Hour))
		item, err := c.GetItem(ctx, "k")
		require.NoError(t, err)
		assert.WithinDuration(t, now.Add(time.Hour), item.Expires, 10*time.Microsecond)
	}
}
