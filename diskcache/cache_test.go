package diskcache

import (
	"context"
	"math"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ring-go/ring/pickle"
)

var ctx = context.Background()

func TestKeysThatAreOne(t *testing.T) {
	c := open(t, t.TempDir(), nil)
	keys := [][]any{
		{"1", id("1")},
		{[]byte("1")},
		{1, 1.0, int8(1), uint64(1), float32(1)},
		{true},
		{nil},
		{[]byte{}, []byte(nil)},
		{""},
		{1.25},
		{pickle.Tuple{1, "a"}},
		{[2]int{1, 2}, []int{1, 2}, []any{1, 2}},
		{uint64(1 << 63)},
		{time.Second},
	}
	for i, same := range keys {
		require.NoError(t, c.Set(ctx, same[0], i, 0))
	}
	for i, same := range keys {
		for _, key := range same {
			got, err := c.Get(ctx, key)
			require.NoError(t, err, "%T %v", key, key)
			assert.Equal(t, i, got, "%T %v", key, key)
		}
	}
	n, err := c.Len(ctx)
	require.NoError(t, err)
	assert.Len(t, keys, n)
	i := 0
	for key, err := range c.Keys(ctx) {
		require.NoError(t, err)
		got, err := c.Get(ctx, key)
		require.NoError(t, err)
		assert.Equal(t, i, got)
		i++
	}
	assert.Equal(t, len(keys), i)
}

func TestExpiry(t *testing.T) {
	now := newClock()
	c := open(t, t.TempDir(), &Options{Now: now.Now, CullLimit: new(0)})
	require.NoError(t, c.Set(ctx, "k", 1, time.Second))
	item, err := c.GetItem(ctx, "k")
	require.NoError(t, err)
	assert.Equal(t, Item{Value: 1, Expires: now.Now().Add(time.Second)}, item)

	now.advance(999 * time.Millisecond)
	touched, err := c.Touch(ctx, "k", time.Second)
	require.NoError(t, err)
	assert.True(t, touched)
	now.advance(time.Second)
	_, err = c.Get(ctx, "k")
	assert.Equal(t, ErrNotFound, err, "at its deadline it is over")
	has, err := c.Has(ctx, "k")
	require.NoError(t, err)
	assert.False(t, has)
	touched, err = c.Touch(ctx, "k", time.Hour)
	require.NoError(t, err)
	assert.False(t, touched, "a dead entry stays dead")
	deleted, err := c.Delete(ctx, "k")
	require.NoError(t, err)
	assert.False(t, deleted)
	_, err = c.Pop(ctx, "k")
	assert.Equal(t, ErrNotFound, err)
	n, err := c.Len(ctx)
	require.NoError(t, err)
	assert.Equal(t, 1, n, "it is there still")

	n, err = c.Expire(ctx)
	require.NoError(t, err)
	assert.Zero(t, n, "a deadline of just now is not yet past")
	now.advance(1)
	now.advance(time.Microsecond)
	n, err = c.Expire(ctx)
	require.NoError(t, err)
	assert.Equal(t, 1, n)

	require.NoError(t, c.Set(ctx, "k", 1, -time.Second))
	_, err = c.Get(ctx, "k")
	assert.Equal(t, ErrNotFound, err)
	added, err := c.Add(ctx, "k", 2, 0)
	require.NoError(t, err)
	assert.True(t, added)
	added, err = c.Add(ctx, "k", strings.Repeat("3", 40_000), 0)
	require.NoError(t, err)
	assert.False(t, added)
	assert.Empty(t, valueFiles(t, c.Directory()), "what was not added leaves no file")
	touched, err = c.Touch(ctx, "k", 0)
	require.NoError(t, err)
	assert.True(t, touched)
}

func TestTags(t *testing.T) {
	for _, index := range []bool{false, true} {
		c := open(t, t.TempDir(), &Options{TagIndex: &index})
		for i := range 250 {
			require.NoError(t, c.Set(ctx, i, strings.Repeat("x", 10+i%2*40_000), 0, []any{"red", 7, nil, []byte("b"), 1.5}[i%5]))
		}
		item, err := c.GetItem(ctx, 0)
		require.NoError(t, err)
		assert.Equal(t, "red", item.Tag)
		item, err = c.GetItem(ctx, 1)
		require.NoError(t, err)
		assert.Equal(t, 7, item.Tag)
		for _, tag := range []any{"red", 7, []byte("b")} {
			n, err := c.Evict(ctx, tag)
			require.NoError(t, err)
			assert.Equal(t, 50, n, tag)
		}
		n, err := c.Evict(ctx, nil)
		require.NoError(t, err)
		assert.Zero(t, n)
		n, err = c.Clear(ctx)
		require.NoError(t, err)
		assert.Equal(t, 100, n)
		assert.Empty(t, valueFiles(t, c.Directory()))
	}
}

func TestPop(t *testing.T) {
	now := newClock()
	c := open(t, t.TempDir(), &Options{Now: now.Now})
	big := strings.Repeat("x", 40_000)
	require.NoError(t, c.Set(ctx, "k", big, time.Minute, "tag"))
	item, err := c.PopItem(ctx, "k")
	require.NoError(t, err)
	assert.Equal(t, Item{big, now.Now().Add(time.Minute), "tag"}, item)
	assert.Empty(t, valueFiles(t, c.Directory()))
	_, err = c.Pop(ctx, "k")
	assert.Equal(t, ErrNotFound, err)
}

func TestIncr(t *testing.T) {
	now := newClock()
	c := open(t, t.TempDir(), &Options{Now: now.Now, CullLimit: new(0)})
	for _, tt := range []struct {
		delta   int64
		initial []int64
		want    int64
	}{{1, nil, 1}, {5, nil, 6}, {-10, []int64{100}, -4}} {
		sum, err := c.Incr(ctx, "n", tt.delta, tt.initial...)
		require.NoError(t, err)
		assert.Equal(t, tt.want, sum)
	}
	difference, err := c.Decr(ctx, "m", 3, 10)
	require.NoError(t, err)
	assert.EqualValues(t, 7, difference)

	require.NoError(t, c.Set(ctx, "max", int64(math.MaxInt64), 0))
	_, err = c.Incr(ctx, "max", 1)
	assert.ErrorIs(t, err, ErrValue)
	_, err = c.Decr(ctx, "max", math.MinInt64)
	assert.ErrorIs(t, err, ErrValue)
	require.NoError(t, c.Set(ctx, "s", "x", 0))
	_, err = c.Incr(ctx, "s", 1)
	assert.ErrorIs(t, err, ErrValue)
	_, err = c.Incr(ctx, "s2", 1, 2, 3)
	assert.ErrorIs(t, err, ErrValue)

	require.NoError(t, c.Set(ctx, "short", 5, time.Second))
	now.advance(time.Minute)
	sum, err := c.Incr(ctx, "short", 1)
	require.NoError(t, err)
	assert.EqualValues(t, 1, sum, "what has expired does not count")
}

func TestAddIsExact(t *testing.T) {
	for _, tt := range [][3]int64{{1, 2, 3}, {math.MaxInt64, 0, math.MaxInt64}, {math.MinInt64, math.MaxInt64, -1}, {5, -7, -2}} {
		sum, err := add(tt[0], tt[1])
		require.NoError(t, err)
		assert.Equal(t, tt[2], sum)
	}
	for _, tt := range [][2]int64{{math.MaxInt64, 1}, {math.MinInt64, -1}, {math.MinInt64, math.MinInt64}} {
		_, err := add(tt[0], tt[1])
		assert.Error(t, err)
	}
}

func TestBulk(t *testing.T) {
	for _, policy := range []EvictionPolicy{LeastRecentlyStored, LeastRecentlyUsed} {
		now := newClock()
		c := open(t, t.TempDir(), &Options{EvictionPolicy: policy, Now: now.Now, CullLimit: new(0)})
		big := strings.Repeat("x", 40_000)
		keys, values := []any{"a", 1, "b", "a"}, []any{"first", nil, big, "last"}
		require.NoError(t, c.SetMany(ctx, keys, values, time.Minute, "tag"))
		got, found, err := c.GetMany(ctx, []any{"a", "none", 1.0, "b"})
		require.NoError(t, err)
		assert.Equal(t, []any{"last", nil, nil, big}, got)
		assert.Equal(t, []bool{true, false, true, true}, found)

		has, err := c.HasMany(ctx, []any{"b", "none"})
		require.NoError(t, err)
		assert.Equal(t, []bool{true, false}, has)
		touched, err := c.TouchMany(ctx, []any{"b", "none"}, time.Hour)
		require.NoError(t, err)
		assert.Equal(t, []bool{true, false}, touched)
		now.advance(2 * time.Minute)
		has, err = c.HasMany(ctx, []any{"a", "b"})
		require.NoError(t, err)
		assert.Equal(t, []bool{false, true}, has)

		var s string
		n := -1
		found, err = c.GetManyTo(ctx, []any{"b", "b"}, []any{&n, &s})
		require.ErrorIs(t, err, ErrValue)
		assert.Contains(t, err.Error(), `key "b": `)
		assert.Equal(t, []bool{false, true}, found)
		assert.Equal(t, big, s)

		deleted, err := c.DeleteMany(ctx, []any{"b", "none", "a"})
		require.NoError(t, err)
		assert.Equal(t, []bool{true, false, false}, deleted)
		assert.Empty(t, valueFiles(t, c.Directory()))

		_, _, err = c.GetMany(ctx, nil)
		require.NoError(t, err)
		require.NoError(t, c.SetMany(ctx, nil, nil, 0))

		err = c.SetMany(ctx, []any{"ok", math.NaN()}, []any{big, big}, 0)
		require.ErrorIs(t, err, ErrKey)
		has, err = c.HasMany(ctx, []any{"ok"})
		require.NoError(t, err)
		assert.Equal(t, []bool{false}, has, "all or nothing")
		assert.Empty(t, valueFiles(t, c.Directory()))
	}
}

func TestStrangeDirectoryNames(t *testing.T) {
	for _, name := range []string{"a b", "what?x=1", "100%41", "ä#", "a&b;c'd\"e"} {
		dir := filepath.Join(t.TempDir(), name)
		c := open(t, dir, nil)
		require.NoError(t, c.Set(ctx, "k", 1, 0))
		assert.FileExists(t, filepath.Join(dir, dbName))
	}
}

func TestStatistics(t *testing.T) {
	c := open(t, t.TempDir(), &Options{Statistics: new(true)})
	require.NoError(t, c.Set(ctx, "k", 1, 0))
	for _, key := range []any{"k", "none", "k"} {
		_, _ = c.Get(ctx, key)
	}
	_, found, err := c.GetMany(ctx, []any{"k", "x", "y"})
	require.NoError(t, err)
	assert.Equal(t, []bool{true, false, false}, found)
	hits, misses, err := c.Stats(ctx)
	require.NoError(t, err)
	assert.Equal(t, [2]int{3, 3}, [2]int{hits, misses})
	require.NoError(t, c.ResetStats(ctx))
	hits, misses, err = c.Stats(ctx)
	require.NoError(t, err)
	assert.Equal(t, [2]int{}, [2]int{hits, misses})
}
