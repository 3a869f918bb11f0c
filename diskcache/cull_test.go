package diskcache

import (
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestPolicies(t *testing.T) {
	for _, tt := range []struct {
		policy EvictionPolicy
		left   []any
	}{
		{LeastRecentlyStored, []any{"b", "c", "d"}},
		{LeastRecentlyUsed, []any{"a", "c", "d"}},
		{LeastFrequentlyUsed, []any{"a", "b", "c"}},
		{NoEviction, []any{"a", "b", "c", "d"}},
	} {
		t.Run(string(tt.policy), func(t *testing.T) {
			now := newClock()
			c := open(t, t.TempDir(), &Options{Now: now.Now, EvictionPolicy: tt.policy, CullLimit: new(1)})
			tick := func(err error) {
				require.NoError(t, err)
				now.advance(time.Second)
			}
			for _, key := range []any{"a", "b", "c"} {
				tick(c.Set(ctx, key, strings.Repeat("x", 100_000), 0))
			}
			for _, key := range []any{"b", "b", "c", "c", "a"} {
				_, err := c.Get(ctx, key)
				tick(err)
			}
			require.NoError(t, c.Close())
			c = open(t, c.Directory(), &Options{Now: now.Now, SizeLimit: new(int64(400_000))})
			tick(c.Set(ctx, "d", strings.Repeat("x", 100_000), 0))
			var left []any
			for key, err := range c.Keys(ctx) {
				require.NoError(t, err)
				left = append(left, key)
			}
			assert.Equal(t, tt.left, left)
		})
	}
}

func TestCullLimitZeroKeepsAll(t *testing.T) {
	now := newClock()
	c := open(t, t.TempDir(), &Options{Now: now.Now, CullLimit: new(0), SizeLimit: new(int64(0))})
	for i := range 30 {
		require.NoError(t, c.Set(ctx, i, i, time.Second))
		now.advance(time.Minute)
	}
	n, err := c.Len(ctx)
	require.NoError(t, err)
	assert.Equal(t, 30, n)
	n, err = c.Cull(ctx)
	require.NoError(t, err)
	assert.Equal(t, 30, n)
}

func TestCull(t *testing.T) {
	c := open(t, t.TempDir(), &Options{CullLimit: new(0), SizeLimit: new(int64(1 << 20))})
	for i := range 50 {
		require.NoError(t, c.Set(ctx, i, make([]byte, 50_000), 0))
	}
	volume, err := c.Volume(ctx)
	require.NoError(t, err)
	assert.Greater(t, volume, int64(50*50_000))
	n, err := c.Cull(ctx)
	require.NoError(t, err)
	assert.Equal(t, 30, n, "in steps of ten, until 20 * 50 kB are left")
	volume, err = c.Volume(ctx)
	require.NoError(t, err)
	assert.LessOrEqual(t, volume, int64(1<<20))
	assert.Len(t, valueFiles(t, c.Directory()), 20)
}

// TestSizeLimitWithoutVacuum: a file that does not get smaller does not cost all entries.
// In Python it does.
func TestSizeLimitWithoutVacuum(t *testing.T) {
	const limit = 1 << 20
	for _, mode := range []int{0, 2} {
		c := open(t, t.TempDir(), &Options{SizeLimit: new(int64(limit)), SQLiteAutoVacuum: new(mode)})
		value := make([]byte, 2000)
		for i := range 1000 {
			require.NoError(t, c.Set(ctx, i, value, 0))
		}
		n, err := c.Len(ctx)
		require.NoError(t, err)
		assert.Greater(t, n, limit/8000)
		volume, err := c.Volume(ctx)
		require.NoError(t, err)
		assert.Less(t, volume, int64(limit+limit/10))

		smaller := open(t, c.Directory(), &Options{SizeLimit: new(int64(limit / 2)), SQLiteAutoVacuum: new(1)})
		culled, err := smaller.Cull(ctx)
		require.NoError(t, err)
		assert.Greater(t, culled, n/4)
		assert.Less(t, culled, n*3/4)
	}
}

func TestSizeLimitUnderLoad(t *testing.T) {
	const limit = 2 << 20
	c := open(t, t.TempDir(), &Options{SizeLimit: new(int64(limit))})
	var wg sync.WaitGroup
	for g := range 8 {
		wg.Go(func() {
			for i := range 60 {
				key := g*1000 + i
				if i%3 == 0 {
					keys, values := []any{key, -key}, []any{make([]byte, 40_000), make([]byte, 20_000)}
					assert.NoError(t, c.SetMany(ctx, keys, values, 0))
				} else {
					assert.NoError(t, c.Set(ctx, key, make([]byte, 40_000), 0))
				}
				volume, err := c.Volume(ctx)
				assert.NoError(t, err)
				assert.Less(t, volume, int64(limit+8*100_000))
			}
		})
	}
	wg.Wait()
}
