package diskcache

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func openAt(t *testing.T, dir string, now *time.Time) *Cache {
	t.Helper()
	c, err := Open(dir, &Options{Now: func() time.Time { return *now }})
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, c.Close()) })
	return c
}

func versionOf(t *testing.T, c *Cache, key any) any {
	t.Helper()
	var value any
	_, version, err := c.GetAgedTo(ctx, key, &value)
	require.NoError(t, err)
	return version
}

// TestGetAgedTo: the time left, by the policy that reads, and by the one that writes.
func TestGetAgedTo(t *testing.T) {
	for _, policy := range []EvictionPolicy{LeastRecentlyStored, LeastRecentlyUsed} {
		now := time.Unix(1e9, 0)
		c, err := Open(t.TempDir(), &Options{Now: func() time.Time { return now }, EvictionPolicy: policy})
		require.NoError(t, err)
		for key, value := range map[string]any{"small": "v", "large": make([]byte, 50_000), "list": []any{1, "a"}} {
			require.NoError(t, c.Set(ctx, key, value, time.Minute))
			require.NoError(t, c.Set(ctx, key+" for good", value, 0))
		}
		now = now.Add(45 * time.Second)
		for _, key := range []string{"small", "large", "list"} {
			var value any
			left, _, err := c.GetAgedTo(ctx, key, &value)
			require.NoError(t, err)
			assert.Equal(t, 15*time.Second, left)
			left, _, err = c.GetAgedTo(ctx, key+" for good", &value)
			require.NoError(t, err)
			assert.Zero(t, left)
		}
		var text string
		_, version, err := c.GetAgedTo(ctx, "list", &text)
		assert.ErrorIs(t, err, ErrValue)
		assert.Nil(t, version)
		now = now.Add(15 * time.Second)
		_, _, err = c.GetAgedTo(ctx, "small", &text)
		assert.Equal(t, ErrNotFound, err)
		require.NoError(t, c.Close())
	}
}

// TestGetAgedToInTime: a value that ends while it is read is about to end.
func TestGetAgedToInTime(t *testing.T) {
	now, ticks := time.Unix(1e9, 0), false
	c, err := Open(t.TempDir(), &Options{Now: func() time.Time {
		if ticks {
			now = now.Add(time.Second)
		}
		return now
	}})
	require.NoError(t, err)
	defer c.Close()
	require.NoError(t, c.Set(ctx, "key", "value", 2*time.Second))
	ticks = true
	var text string
	left, _, err := c.GetAgedTo(ctx, "key", &text)
	require.NoError(t, err)
	assert.Equal(t, "value", text)
	assert.Equal(t, time.Duration(1), left)
}

// TestVersions: while the clock stands still, each write of another value makes another
// version, also through another Cache, and a touch does not.
func TestVersions(t *testing.T) {
	now, dir := time.Unix(1e9, 0), t.TempDir()
	c, other := openAt(t, dir, &now), openAt(t, dir, &now)
	seen := map[any]any{}
	for _, value := range []any{"1", []byte("1"), 1, 1.0, 1.5, []any{1}, make([]byte, 40_000), make([]byte, 40_000), "", []byte{}} {
		require.NoError(t, other.Set(ctx, "key", value, time.Minute))
		version := versionOf(t, c, "key")
		assert.Equal(t, version, versionOf(t, other, "key"))
		if before, ok := seen[version]; ok {
			assert.Failf(t, "one version", "of %#v and %#v", before, value)
		}
		seen[version] = value
		_, err := other.Touch(ctx, "key", time.Hour)
		require.NoError(t, err)
		assert.Equal(t, version, versionOf(t, c, "key"))
	}
	require.NoError(t, c.Set(ctx, "key", "value", 0))
	first := versionOf(t, c, "key")
	now = now.Add(time.Millisecond)
	require.NoError(t, c.Set(ctx, "key", "value", 0))
	assert.NotEqual(t, first, versionOf(t, c, "key"), "the same value at another time")
}

// TestVersionIsKept: who changes a value that was read does not change its version.
func TestVersionIsKept(t *testing.T) {
	now := time.Unix(1e9, 0)
	c := openAt(t, t.TempDir(), &now)
	require.NoError(t, c.Set(ctx, "key", []byte("value"), 0))
	var data []byte
	_, version, err := c.GetAgedTo(ctx, "key", &data)
	require.NoError(t, err)
	data[0] = 'x'
	stored, err := c.Replace(ctx, "key", version, "new", 0)
	require.NoError(t, err)
	assert.True(t, stored)
}

// TestReplace: only the version that is there is replaced, with expiry and tag, and no
// file is left behind.
func TestReplace(t *testing.T) {
	now, dir := time.Unix(1e9, 0), t.TempDir()
	c := openAt(t, dir, &now)
	large := make([]byte, 50_000)
	stored, err := c.Replace(ctx, "key", nil, large, 0)
	require.NoError(t, err)
	assert.False(t, stored)
	require.NoError(t, c.Set(ctx, "key", large, 0))
	version := versionOf(t, c, "key")
	stored, err = c.Replace(ctx, "key", version, large, time.Minute, "tag")
	require.NoError(t, err)
	assert.True(t, stored)
	item, err := c.GetItem(ctx, "key")
	require.NoError(t, err)
	assert.Equal(t, Item{Value: large, Expires: now.Add(time.Minute).UTC(), Tag: "tag"}, Item{item.Value, item.Expires.UTC(), item.Tag})
	stored, err = c.Replace(ctx, "key", version, large, 0)
	require.NoError(t, err)
	assert.False(t, stored)
	assert.Len(t, valueFiles(t, dir), 1)

	version = versionOf(t, c, "key")
	now = now.Add(time.Minute)
	stored, err = c.Replace(ctx, "key", version, "late", 0)
	require.NoError(t, err)
	assert.False(t, stored, "it has expired")
	_, err = c.Replace(ctx, "key", version, func() {}, 0)
	assert.ErrorIs(t, err, ErrValue)
	_, err = c.Replace(ctx, func() {}, version, "value", 0)
	assert.ErrorIs(t, err, ErrKey)
}

// TestShorten: an end is only ever brought forward.
func TestShorten(t *testing.T) {
	now := time.Unix(1e9, 0)
	c := openAt(t, t.TempDir(), &now)
	for _, tt := range []struct{ had, left, want time.Duration }{
		{0, time.Minute, time.Minute},
		{time.Hour, time.Minute, time.Minute},
		{time.Second, time.Minute, time.Second},
		{time.Hour, 0, -1},
		{0, -time.Second, -1},
	} {
		require.NoError(t, c.Set(ctx, "key", "value", tt.had))
		alive, err := c.Shorten(ctx, "key", tt.left)
		require.NoError(t, err)
		assert.True(t, alive)
		left, err := c.TTL(ctx, "key")
		if tt.want < 0 {
			assert.ErrorIs(t, err, ErrNotFound)
			continue
		}
		require.NoError(t, err)
		assert.Equal(t, tt.want, left)
	}
	alive, err := c.Shorten(ctx, "key", time.Hour)
	require.NoError(t, err)
	assert.False(t, alive, "it has expired")
	_, err = c.TTL(ctx, "key")
	assert.ErrorIs(t, err, ErrNotFound)
	_, err = c.Shorten(ctx, func() {}, time.Hour)
	assert.ErrorIs(t, err, ErrKey)
}

// TestVersionsWithPython: what Python writes is another version, and Python's deadline is
// the one that is read and shortened.
func TestVersionsWithPython(t *testing.T) {
	dir, now := t.TempDir(), time.Unix(1e9, 0)
	python := startPython(t, dir, map[string]any{})
	c := openAt(t, dir, &now)
	set := func(value any, expire float64) {
		t.Helper()
		require.Equal(t, "true", python.ask(question{Op: "set", Key: "key", Value: value, Expire: expire, Now: now.UnixNano()}))
	}
	set("python's", 60)
	now = now.Add(45 * time.Second)
	var text string
	left, version, err := c.GetAgedTo(ctx, "key", &text)
	require.NoError(t, err)
	assert.Equal(t, "python's", text)
	assert.Equal(t, 15*time.Second, left)
	set("python's", 60)
	stored, err := c.Replace(ctx, "key", version, "go's", 0)
	require.NoError(t, err)
	assert.False(t, stored, "Python has written the same at another time")
	version = versionOf(t, c, "key")
	set("new", 60)
	stored, err = c.Replace(ctx, "key", version, "go's", 0)
	require.NoError(t, err)
	assert.False(t, stored, "Python has written another value at the same time")
	stored, err = c.Replace(ctx, "key", versionOf(t, c, "key"), "go's", time.Hour)
	require.NoError(t, err)
	assert.True(t, stored)
	_, err = c.Shorten(ctx, "key", time.Minute)
	require.NoError(t, err)
	get := func(after time.Duration) string {
		return python.ask(question{Op: "get", Key: "key", Now: now.Add(after).UnixNano()})
	}
	assert.Contains(t, get(59*time.Second), "go's")
	assert.Equal(t, `"miss"`, get(61*time.Second))
	assert.Equal(t, "true", python.ask(question{Op: "delete", Key: "key", Now: now.UnixNano()}))
	stored, err = c.Replace(ctx, "key", version, "go's", 0)
	require.NoError(t, err)
	assert.False(t, stored)
	pythonFindsNothing(t, dir)
}
