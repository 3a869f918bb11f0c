package diskcache

import (
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// holdLock keeps other writers out until its input ends.
func holdLock(args []string) error {
	c, err := Open(args[0], nil)
	if err != nil {
		return err
	}
	err = c.Transact(ctx, func(*Tx) error {
		fmt.Println("locked")
		_, err := io.ReadAll(os.Stdin)
		return err
	})
	return errors.Join(err, c.Close())
}

func TestLockedByAnother(t *testing.T) {
	dir := t.TempDir()
	c := open(t, dir, &Options{Timeout: 50 * time.Millisecond})
	require.NoError(t, c.Set(ctx, "k", "old", 0))
	cmd := child(t, "lock", dir)
	out, in := lines(t, cmd)
	require.True(t, out.Scan())
	require.Equal(t, "locked", out.Text())

	big := strings.Repeat("x", 40_000)
	err := c.Set(ctx, "k", big, 0)
	require.ErrorIs(t, err, ErrTimeout)
	assert.Contains(t, err.Error(), "give a longer Timeout")
	assert.Empty(t, valueFiles(t, dir))
	_, err = c.Incr(ctx, "n", 1)
	assert.ErrorIs(t, err, ErrTimeout)
	v, err := c.Get(ctx, "k")
	require.NoError(t, err, "readers do not wait")
	assert.Equal(t, "old", v)
	now := open(t, dir, &Options{Timeout: -1})
	assert.ErrorIs(t, now.Set(ctx, "k", 1, 0), ErrTimeout)

	require.NoError(t, in.Close())
	require.NoError(t, cmd.Wait())
	require.NoError(t, c.Set(ctx, "k", big, 0))
}

// lockExclusively keeps readers out, too, until its input ends.
func lockExclusively(args []string) error {
	c, err := Open(args[0], nil)
	if err != nil {
		return err
	}
	cn, err := c.writer.acquire(ctx)
	if err != nil {
		return err
	}
	if err := cn.once(ctx, `BEGIN EXCLUSIVE`); err != nil {
		return err
	}
	fmt.Println("locked")
	_, err = io.ReadAll(os.Stdin)
	c.writer.release(cn)
	return errors.Join(err, c.Close())
}

// lockToRead keeps a writer without a WAL from committing, until its input ends.
func lockToRead(args []string) error {
	c, err := Open(args[0], nil)
	if err != nil {
		return err
	}
	err = c.view(ctx, func(tx *Tx) error {
		if _, err := tx.Has("k"); err != nil {
			return err
		}
		fmt.Println("locked")
		_, err := io.ReadAll(os.Stdin)
		return err
	})
	return errors.Join(err, c.Close())
}

func TestLongTimeout(t *testing.T) {
	dir := t.TempDir()
	c := open(t, dir, &Options{Timeout: math.MaxInt64})
	assert.Equal(t, [][]any{{int64(math.MaxInt32)}}, table(t, c, `PRAGMA busy_timeout`))
	cmd := child(t, "lock", dir)
	out, in := lines(t, cmd)
	require.True(t, out.Scan())
	time.AfterFunc(20*time.Millisecond, func() { _ = in.Close() })
	require.NoError(t, c.Set(ctx, "k", 1, 0))
	require.NoError(t, cmd.Wait())
}

func TestDirectoryRemoved(t *testing.T) {
	big := strings.Repeat("x", 40_000)
	for name, replace := range map[string]bool{"removed": false, "replaced": true} {
		t.Run(name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "cache")
			c := open(t, dir, nil)
			require.NoError(t, c.Set(ctx, "k", "small", 0))
			_, err := c.Get(ctx, "k") // connects a reader
			require.NoError(t, err)
			require.NoError(t, os.RemoveAll(dir))
			c.opened = c.opened.Add(-time.Second) // a second later
			if replace {
				open(t, dir, nil)
			}
			assert.ErrorIs(t, c.Set(ctx, "k", 1, 0), ErrMoved)
			assert.Error(t, c.Set(ctx, "k", big, 0))
			for range 10 {
				_, err := c.Get(ctx, "k")
				assert.ErrorIs(t, err, ErrMoved)
				_, err = c.HasMany(ctx, []any{"k"})
				assert.ErrorIs(t, err, ErrMoved)
			}
			_, err = c.Check(ctx, true)
			assert.ErrorIs(t, err, ErrMoved)
			require.NoError(t, c.Close())
			if !replace {
				assert.NoDirExists(t, dir, "it is not made again behind the back of who removed it")
				assert.Empty(t, openFiles(t, dir))
				return
			}
			assert.Empty(t, valueFiles(t, dir))
		})
	}
}

func TestValueFileDamaged(t *testing.T) {
	for _, policy := range []EvictionPolicy{LeastRecentlyStored, LeastRecentlyUsed} {
		dir := t.TempDir()
		c := open(t, dir, &Options{EvictionPolicy: policy, Statistics: new(policy == LeastRecentlyUsed)})
		for name, damage := range map[string]func(path string) error{
			"gone":  os.Remove,
			"short": func(path string) error { return os.Truncate(path, 39_999) },
			"empty": func(path string) error { return os.Truncate(path, 0) },
			"long":  func(path string) error { return os.WriteFile(path, make([]byte, 40_001), 0o600) },
		} {
			require.NoError(t, c.Set(ctx, name, strings.Repeat("x", 40_000), 0))
			require.NoError(t, damage(valueFiles(t, dir)[0]))
			_, err := c.Get(ctx, name)
			assert.Equal(t, ErrNotFound, err, name)
			_, found, err := c.GetMany(ctx, []any{name})
			require.NoError(t, err)
			assert.Equal(t, []bool{false}, found)
			_, err = c.Pop(ctx, name)
			assert.Equal(t, ErrNotFound, err, name)
			n, err := c.Len(ctx)
			require.NoError(t, err)
			assert.Zero(t, n)
			require.Empty(t, valueFiles(t, dir))
		}
	}
}

func TestNotADatabase(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, dbName)
	require.NoError(t, os.WriteFile(path, []byte(strings.Repeat("no database", 1000)), 0o600))
	_, err := Open(dir, nil)
	require.ErrorIs(t, err, ErrCorrupt)
	assert.Contains(t, err.Error(), "diskcache: open "+dir)
	assert.Empty(t, openFiles(t, dir))

	_, err = Open(path, nil)
	require.ErrorIs(t, err, syscall.ENOTDIR)
	_, err = Open("", nil)
	require.Error(t, err)

	file := filepath.Join(t.TempDir(), dbName)
	require.NoError(t, os.Mkdir(file, 0o700))
	_, err = Open(filepath.Dir(file), nil)
	require.Error(t, err)
}

func TestDamagedDatabase(t *testing.T) {
	dir := t.TempDir()
	c, err := Open(dir, nil)
	require.NoError(t, err)
	for i := range 2000 {
		require.NoError(t, c.Set(ctx, i, strings.Repeat("x", 100), 0))
	}
	require.NoError(t, c.Close())
	path := filepath.Join(dir, dbName)
	data, err := os.ReadFile(path)
	require.NoError(t, err)
	for i := 5 * 4096; i < len(data); i++ {
		data[i] = 0xee
	}
	require.NoError(t, os.WriteFile(path, data, 0o600))
	c, err = Open(dir, nil)
	if err == nil {
		_, err = c.Get(ctx, 1000)
		if err == nil || err == ErrNotFound {
			err = c.Set(ctx, 1000, 1, 0)
		}
		require.NoError(t, c.Close())
	}
	require.ErrorIs(t, err, ErrCorrupt)
}

// TestRowsThatNameOtherFiles: a file that is not a value file is not read, and never
// removed.
func TestRowsThatNameOtherFiles(t *testing.T) {
	c := open(t, t.TempDir(), nil)
	for _, name := range []string{
		"cache.db", "./cache.db", "x/../cache.db", "ab/../cache.db", "../x.val", "/etc/passwd", ".", "ab/cd/x.val",
	} {
		require.NoError(t, c.Set(ctx, "k", 1, 0))
		require.NoError(t, c.update(ctx, func(tx *Tx) error {
			return second(tx.conn.exec(`UPDATE Cache SET mode = 2, value = NULL, filename = ?`, name))
		}))
		_, err := c.Get(ctx, "k")
		assert.Equal(t, ErrNotFound, err, name)
		_, found, err := c.GetMany(ctx, []any{"k"})
		require.NoError(t, err)
		assert.Equal(t, []bool{false}, found, name)
		problems, err := c.Check(ctx, false)
		require.NoError(t, err)
		assert.Equal(t, []Problem{{fmt.Sprintf("row with a wrong file name: %q", name), false}}, problems)
		_, err = c.Delete(ctx, "k")
		require.NoError(t, err)
		require.FileExists(t, filepath.Join(c.Directory(), dbName), name)
	}
}

func TestRowsThatMakeNoSense(t *testing.T) {
	c, err := Open(t.TempDir(), nil)
	require.NoError(t, err)
	defer c.Close()
	for _, set := range []string{
		`mode = 0`, `mode = 9`, `mode = 2`, `mode = 3`, `mode = NULL`,
		`mode = 4, value = 'text'`, `mode = 4, value = NULL`, `mode = 1, filename = 'ab/cd/x.val'`,
	} {
		require.NoError(t, c.Set(ctx, "k", 1, 0))
		require.NoError(t, c.update(ctx, func(tx *Tx) error { return second(tx.conn.exec(`UPDATE Cache SET ` + set)) }))
		_, err := c.Get(ctx, "k")
		assert.ErrorIs(t, err, ErrCorrupt, set)
		_, _, err = c.GetMany(ctx, []any{"k"})
		assert.ErrorIs(t, err, ErrCorrupt, set)
	}
	require.NoError(t, c.Set(ctx, "k", 1, 0))
	require.NoError(t, c.update(ctx, func(tx *Tx) error {
		return second(tx.conn.exec(`UPDATE Cache SET mode = 4, value = x'00'`))
	}))
	_, err = c.Get(ctx, "k")
	assert.ErrorIs(t, err, ErrValue)
}
