package diskcache

import (
	"context"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestKeysWhileChanging(t *testing.T) {
	c := open(t, t.TempDir(), nil)
	for i := range 350 {
		require.NoError(t, c.Set(ctx, i, i, 0))
	}
	seen := 0
	for key, err := range c.Keys(ctx) {
		require.NoError(t, err)
		_, err = c.Delete(ctx, key)
		require.NoError(t, err)
		require.NoError(t, c.Set(ctx, 1000+seen, 0, 0))
		seen++
	}
	assert.Equal(t, 350, seen)
	for range c.Keys(ctx) {
		break
	}
}

func TestConcurrentUse(t *testing.T) {
	dir := t.TempDir()
	caches := []*Cache{open(t, dir, nil), open(t, dir, nil)}
	var wg sync.WaitGroup
	for g := range 16 {
		c := caches[g%2]
		wg.Go(func() {
			for i := range 40 {
				_, err := c.Incr(ctx, "n", 1)
				assert.NoError(t, err)
				// Text of one letter: a mixture would be a torn read.
				text := strings.Repeat(string(rune('a'+g)), 30_000+i*200)
				assert.NoError(t, c.Set(ctx, "shared", text, 0))
				v, err := c.Get(ctx, "shared")
				if assert.NoError(t, err, "there is always a value") {
					s := v.(string)
					assert.Equal(t, strings.Repeat(s[:1], len(s)), s)
				}
			}
		})
	}
	wg.Wait()
	n, err := caches[0].Get(ctx, "n")
	require.NoError(t, err)
	assert.Equal(t, 16*40, n)
	assert.LessOrEqual(t, len(valueFiles(t, dir)), 1)
}

func TestContext(t *testing.T) {
	c := open(t, t.TempDir(), nil)
	done, cancel := context.WithCancel(ctx)
	cancel()
	assert.ErrorIs(t, c.Set(done, "k", 1, 0), context.Canceled)
	_, err := c.Get(done, "k")
	assert.ErrorIs(t, err, context.Canceled)
	_, _, err = c.GetMany(done, nil)
	assert.ErrorIs(t, err, context.Canceled)
	_, err = c.Check(done, false)
	assert.ErrorIs(t, err, context.Canceled)
	for _, err := range c.Keys(done) {
		assert.ErrorIs(t, err, context.Canceled)
	}
	assert.ErrorIs(t, c.Transact(done, func(*Tx) error { return nil }), context.Canceled)

	// A context ends the wait for a writer of this process, and for one of another
	// process.
	other := open(t, c.Directory(), nil)
	require.NoError(t, c.Transact(ctx, func(*Tx) error {
		for _, waiting := range []*Cache{c, other} {
			soon, cancel := context.WithTimeout(ctx, 20*time.Millisecond)
			assert.ErrorIs(t, waiting.Set(soon, "k", 1, 0), context.DeadlineExceeded)
			cancel()
		}
		return nil
	}))
	live, cancel := context.WithCancel(ctx)
	defer cancel()
	require.NoError(t, other.Set(live, "k", strings.Repeat("x", 40_000), 0))
	_, err = other.Get(live, "k")
	require.NoError(t, err)
}

func TestClose(t *testing.T) {
	dir := t.TempDir()
	c, err := Open(dir, nil)
	require.NoError(t, err)
	require.NoError(t, c.Set(ctx, "k", 1, 0))
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for {
				if err := c.Set(ctx, "k", 1, 0); err != nil {
					assert.Equal(t, ErrClosed, err)
					return
				}
				if _, err := c.Get(ctx, "k"); err != nil {
					assert.Equal(t, ErrClosed, err)
					return
				}
			}
		})
	}
	for range 3 {
		wg.Go(func() { assert.NoError(t, c.Close()) })
	}
	wg.Wait()
	assert.Empty(t, openFiles(t, dir))
	left, err := os.ReadDir(dir)
	require.NoError(t, err)
	assert.Len(t, left, 1, "the write-ahead log is merged and gone")

	calls := map[string]func() error{
		"Get":        func() error { return second(c.Get(ctx, "k")) },
		"GetTo":      func() error { return c.GetTo(ctx, "k", new(any)) },
		"GetItem":    func() error { return second(c.GetItem(ctx, "k")) },
		"Set":        func() error { return c.Set(ctx, "k", strings.Repeat("x", 40_000), 0) },
		"Add":        func() error { return second(c.Add(ctx, "k", 1, 0)) },
		"Touch":      func() error { return second(c.Touch(ctx, "k", 0)) },
		"Delete":     func() error { return second(c.Delete(ctx, "k")) },
		"Has":        func() error { return second(c.Has(ctx, "k")) },
		"Pop":        func() error { return second(c.Pop(ctx, "k")) },
		"Incr":       func() error { return second(c.Incr(ctx, "k", 1)) },
		"Decr":       func() error { return second(c.Decr(ctx, "k", 1)) },
		"Expire":     func() error { return second(c.Expire(ctx)) },
		"Cull":       func() error { return second(c.Cull(ctx)) },
		"Evict":      func() error { return second(c.Evict(ctx, "t")) },
		"Clear":      func() error { return second(c.Clear(ctx)) },
		"Check":      func() error { return second(c.Check(ctx, true)) },
		"Volume":     func() error { return second(c.Volume(ctx)) },
		"Len":        func() error { return second(c.Len(ctx)) },
		"ResetStats": func() error { return c.ResetStats(ctx) },
		"Transact":   func() error { return c.Transact(ctx, func(*Tx) error { return nil }) },
		"Stats":      func() error { _, _, err := c.Stats(ctx); return err },
		"GetMany":    func() error { _, _, err := c.GetMany(ctx, nil); return err },
		"SetMany":    func() error { return c.SetMany(ctx, nil, nil, 0) },
		"DeleteMany": func() error { return second(c.DeleteMany(ctx, []any{1})) },
		"HasMany":    func() error { return second(c.HasMany(ctx, []any{1})) },
		"TouchMany":  func() error { return second(c.TouchMany(ctx, []any{1}, 0)) },
		"Keys": func() error {
			for _, err := range c.Keys(ctx) {
				return err
			}
			return nil
		},
	}
	for name, call := range calls {
		assert.Equal(t, ErrClosed, call(), name)
	}
	assert.Empty(t, valueFiles(t, dir))
	require.NoError(t, c.Close())
}
