package diskcache

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// locker is a process that has taken a lock on the database of dir; release ends it.
func locker(t *testing.T, part, dir string) (release func()) {
	t.Helper()
	cmd := child(t, part, dir)
	out, in := lines(t, cmd)
	release = sync.OnceFunc(func() {
		assert.NoError(t, in.Close())
		assert.NoError(t, cmd.Wait())
	})
	t.Cleanup(release)
	require.True(t, out.Scan())
	require.Equal(t, "locked", out.Text())
	return release
}

// TestContextEndsWaits: if another process locks readers out, like a writer without a
// WAL, every operation ends with its context, on a new connection and on a used one.
func TestContextEndsWaits(t *testing.T) {
	dir := t.TempDir()
	setUp := open(t, dir, &Options{SQLiteJournalMode: "delete"})
	require.NoError(t, setUp.SetMany(ctx, []any{"k", "big"}, []any{1, strings.Repeat("x", 40_000)}, 0))
	fresh := func() *Cache { return open(t, dir, &Options{Timeout: 6 * time.Second}) }
	used := fresh()
	for name, wait := range waits {
		require.NoError(t, wait(ctx, used), name)
	}
	caches := map[string]func() *Cache{"used": func() *Cache { return used }}
	for name := range waits {
		c := fresh()
		caches["fresh "+name] = func() *Cache { return c }
	}

	release := locker(t, "lock exclusively", dir)
	for name, wait := range waits {
		for _, c := range []*Cache{used, caches["fresh "+name]()} {
			soon, cancel := context.WithTimeout(ctx, 50*time.Millisecond)
			start := time.Now()
			err := wait(soon, c)
			assert.Less(t, time.Since(start), 5*time.Second, name)
			assert.ErrorIs(t, err, context.DeadlineExceeded, name)
			cancel()
		}
	}
	release()
	for name, wait := range waits { // no connection is left half used
		require.NoError(t, wait(ctx, used), name)
	}
}

// TestContextEndsCommits: without a WAL a writer waits for readers when it commits. A
// transaction that it has not committed leaves no trace.
func TestContextEndsCommits(t *testing.T) {
	dir := t.TempDir()
	c := open(t, dir, &Options{SQLiteJournalMode: "delete", Timeout: 6 * time.Second})
	big := strings.Repeat("x", 40_000)
	require.NoError(t, c.Set(ctx, "k", big, 0))
	release := locker(t, "lock to read", dir)
	soon, cancel := context.WithTimeout(ctx, 50*time.Millisecond)
	defer cancel()
	start := time.Now()
	require.ErrorIs(t, c.Set(soon, "k", big+"new", 0), context.DeadlineExceeded)
	assert.Less(t, time.Since(start), 5*time.Second)
	assert.Len(t, valueFiles(t, dir), 1)
	now := open(t, dir, &Options{Timeout: -1})
	require.ErrorIs(t, now.Set(ctx, "k", 1, 0), ErrTimeout)

	time.AfterFunc(50*time.Millisecond, release)
	require.NoError(t, c.Set(ctx, "k", big+"later", 0), "one whose context does not end waits")
	v, err := now.Get(ctx, "k")
	require.NoError(t, err)
	assert.Equal(t, big+"later", v)

}

// waits holds the operations that have to wait for others.
var waits = map[string]func(ctx context.Context, c *Cache) error{
	"get":      func(ctx context.Context, c *Cache) error { return second(c.Get(ctx, "k")) },
	"get big":  func(ctx context.Context, c *Cache) error { return second(c.Get(ctx, "big")) },
	"get item": func(ctx context.Context, c *Cache) error { return second(c.GetItem(ctx, "k")) },
	"get many": func(ctx context.Context, c *Cache) error {
		_, _, err := c.GetMany(ctx, []any{"k", "big"})
		return err
	},
	"has":    func(ctx context.Context, c *Cache) error { return second(c.Has(ctx, "k")) },
	"len":    func(ctx context.Context, c *Cache) error { return second(c.Len(ctx)) },
	"volume": func(ctx context.Context, c *Cache) error { return second(c.Volume(ctx)) },
	"stats": func(ctx context.Context, c *Cache) error {
		_, _, err := c.Stats(ctx)
		return err
	},
	"keys": func(ctx context.Context, c *Cache) error {
		for _, err := range c.Keys(ctx) {
			if err != nil {
				return err
			}
		}
		return nil
	},
	"check":  func(ctx context.Context, c *Cache) error { return second(c.Check(ctx, false)) },
	"set":    func(ctx context.Context, c *Cache) error { return c.Set(ctx, "k", 1, 0) },
	"touch":  func(ctx context.Context, c *Cache) error { return second(c.Touch(ctx, "k", 0)) },
	"expire": func(ctx context.Context, c *Cache) error { return second(c.Expire(ctx)) },
	"transact": func(ctx context.Context, c *Cache) error {
		return c.Transact(ctx, func(tx *Tx) error { return tx.Set("k", 1, 0) })
	},
}
