package diskcache

import (
	"errors"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestTransactOnAFullCache: evictions of a transaction count, even though the file gets
// smaller only at its end.
func TestTransactOnAFullCache(t *testing.T) {
	const limit = 1 << 20
	c := open(t, t.TempDir(), &Options{SizeLimit: new(int64(limit))})
	value := make([]byte, 2000)
	for i := range 600 {
		require.NoError(t, c.Set(ctx, i, value, 0))
	}
	before, err := c.Len(ctx)
	require.NoError(t, err)
	require.Less(t, before, 600, "it is full")
	require.NoError(t, c.Transact(ctx, func(tx *Tx) error {
		for i := range 100 {
			if err := tx.Set(1000+i, value, 0); err != nil {
				return err
			}
		}
		return nil
	}))
	after, err := c.Len(ctx)
	require.NoError(t, err)
	assert.Greater(t, after, before-40)
	volume, err := c.Volume(ctx)
	require.NoError(t, err)
	assert.Less(t, volume, int64(limit+limit/10))
}

func TestTransact(t *testing.T) {
	c := open(t, t.TempDir(), nil)
	big := strings.Repeat("x", 40_000)
	require.NoError(t, c.Set(ctx, "old", big, 0))
	var kept *Tx
	require.NoError(t, c.Transact(ctx, func(tx *Tx) error {
		kept = tx
		require.NoError(t, tx.Set("a", 1, 0, "tag"))
		require.NoError(t, tx.Set("big", big, 0))
		v, err := tx.Get("a")
		require.NoError(t, err)
		assert.Equal(t, 1, v)
		_, err = c.Get(ctx, "a")
		assert.Equal(t, ErrNotFound, err, "others see nothing yet")
		n, err := tx.Incr("a", 41)
		require.NoError(t, err)
		assert.EqualValues(t, 42, n)
		_, err = tx.Decr("a", 1)
		require.NoError(t, err)
		added, err := tx.Add("a", 1, 0)
		require.NoError(t, err)
		assert.False(t, added)
		has, err := tx.Has("big")
		require.NoError(t, err)
		assert.True(t, has)
		touched, err := tx.Touch("big", time.Hour)
		require.NoError(t, err)
		assert.True(t, touched)
		item, err := tx.GetItem("a")
		require.NoError(t, err)
		assert.Equal(t, "tag", item.Tag)
		v, err = tx.Pop("old")
		require.NoError(t, err)
		assert.Equal(t, big, v)
		_, err = tx.PopItem("old")
		assert.Equal(t, ErrNotFound, err)
		var s string
		return tx.GetTo("big", &s)
	}))
	v, err := c.Get(ctx, "a")
	require.NoError(t, err)
	assert.Equal(t, 41, v)
	assert.Len(t, valueFiles(t, c.Directory()), 1)

	for name, err := range map[string]error{
		"set":    kept.Set("x", 1, 0),
		"get":    kept.GetTo("x", new(any)),
		"has":    second(kept.Has("x")),
		"touch":  second(kept.Touch("x", 0)),
		"delete": second(kept.Delete("x")),
		"pop":    second(kept.Pop("x")),
		"incr":   second(kept.Incr("x", 1)),
	} {
		assert.ErrorIs(t, err, errTxDone, name)
	}
}

func second[T any](_ T, err error) error { return err }

func TestTransactUndone(t *testing.T) {
	c := open(t, t.TempDir(), nil)
	big := strings.Repeat("x", 40_000)
	require.NoError(t, c.Set(ctx, "old", big, 0))
	changes := func(tx *Tx) {
		require.NoError(t, tx.Set("old", "new", 0))
		require.NoError(t, tx.Set("big", big, 0))
	}
	own := errors.New("own")
	assert.Equal(t, own, c.Transact(ctx, func(tx *Tx) error {
		changes(tx)
		return own
	}))
	assert.PanicsWithValue(t, "own", func() {
		_ = c.Transact(ctx, func(tx *Tx) error {
			changes(tx)
			panic("own")
		})
	})
	v, err := c.Get(ctx, "old")
	require.NoError(t, err)
	assert.Equal(t, big, v)
	assert.Len(t, valueFiles(t, c.Directory()), 1)
}

// TestTransactHalfAChange: a change that failed halfway is not committed, even if its
// error is ignored.
func TestTransactHalfAChange(t *testing.T) {
	now := newClock()
	c := open(t, t.TempDir(), &Options{Now: now.Now})
	require.NoError(t, c.Set(ctx, "n", 1, 0))
	require.NoError(t, c.Set(ctx, "dead", 1, time.Second))
	now.advance(time.Minute)
	require.NoError(t, c.update(ctx, func(tx *Tx) error {
		return tx.conn.once(ctx, `CREATE TEMP TRIGGER no BEFORE DELETE ON Cache BEGIN SELECT RAISE(FAIL, 'not today'); END`)
	}))
	big := strings.Repeat("x", 40_000)
	err := c.Transact(ctx, func(tx *Tx) error {
		assert.ErrorContains(t, tx.Set("k", big, 0), "not today")
		_, err := tx.Incr("n", 1) // this works, but does not make up for the failure
		return err
	})
	require.ErrorContains(t, err, "not today")
	has, err := c.Has(ctx, "k")
	require.NoError(t, err)
	assert.False(t, has)
	assert.Empty(t, valueFiles(t, c.Directory()))
}

// TestTransactAfterAFullDisk: SQLite then undoes the whole transaction, and later
// statements would not be part of one.
func TestTransactAfterAFullDisk(t *testing.T) {
	c := open(t, t.TempDir(), nil)
	require.NoError(t, c.Set(ctx, "n", 1, 0))
	require.NoError(t, c.update(ctx, func(tx *Tx) error {
		return tx.conn.once(ctx, `PRAGMA max_page_count = 1`) // no pages beyond the existing ones
	}))
	err := c.Transact(ctx, func(tx *Tx) error {
		require.NoError(t, tx.Set("before", 1, 0))
		require.ErrorIs(t, tx.Set("long", strings.Repeat("x", 30_000), 0), syscall.ENOSPC)
		_, err := tx.Incr("n", 1)
		assert.ErrorIs(t, err, syscall.ENOSPC)
		assert.ErrorIs(t, tx.Set("after", 1, 0), syscall.ENOSPC)
		return nil
	})
	assert.ErrorIs(t, err, syscall.ENOSPC)
	values, found, err := c.GetMany(ctx, []any{"n", "before", "after"})
	require.NoError(t, err)
	assert.Equal(t, []any{1, nil, nil}, values)
	assert.Equal(t, []bool{true, false, false}, found)
}
