package shelve

import (
	"database/sql"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestLockedPastTheTimeout(t *testing.T) {
	path := tempShelf(t)
	s := openShelf(t, path, &Options{Timeout: 20 * time.Millisecond})
	require.NoError(t, s.Set("a", 1))
	holder := ready(t, child(t, "lock", path))
	require.ErrorIs(t, s.Set("a", 2), ErrLocked)
	require.ErrorIs(t, s.SetMany(t.Context(), []string{"a"}, []any{2}), ErrLocked)
	require.ErrorIs(t, s.Delete("a"), ErrLocked)
	requireValue(t, s, "a", 1) // readers do not wait
	for _, flag := range []string{"c", "w", "r"} {
		requireValue(t, openShelf(t, path, &Options{Flag: flag, Timeout: -1}), "a", 1)
	}
	holder.end()
	require.NoError(t, s.Set("a", 2))
	requireValue(t, s, "a", 2)
}

func TestFlagNWhileAnotherProcessHasIt(t *testing.T) {
	path := tempShelf(t)
	s := openShelf(t, path, nil)
	require.NoError(t, s.Set("a", 1))
	require.NoError(t, s.Close())
	holder := ready(t, child(t, "hold", path))
	before := handles(t)
	_, err := Open(path, &Options{Flag: "n", Timeout: 20 * time.Millisecond})
	require.ErrorIs(t, err, ErrLocked)
	require.ErrorContains(t, err, path)
	assert.Equal(t, before, handles(t))
	// This also holds for a process without the lock file.
	require.NoError(t, os.Remove(path+".lock"))
	_, err = Open(path, &Options{Flag: "n", Timeout: 20 * time.Millisecond})
	require.ErrorIs(t, err, ErrLocked)
	require.ErrorContains(t, err, path)
	assert.Equal(t, before, handles(t))
	requireValue(t, openShelf(t, path, nil), "a", 1)
	holder.end()
}

func TestDeletedUnderneath(t *testing.T) {
	for name, remove := range map[string]func(path string) error{
		"deleted": os.Remove,
		"moved":   func(path string) error { return os.Rename(path, path+"2") },
		"replaced": func(path string) error {
			data, err := os.ReadFile("testdata/py313.shelf")
			if err != nil {
				return err
			}
			if err := os.WriteFile(path+"2", data, 0o666); err != nil {
				return err
			}
			return os.Rename(path+"2", path)
		},
	} {
		t.Run(name, func(t *testing.T) {
			before := handles(t)
			path := tempShelf(t)
			s, err := Open(path, nil)
			require.NoError(t, err)
			require.NoError(t, s.Set("a", 1))
			require.NoError(t, s.Sync())
			require.NoError(t, remove(path))
			require.ErrorIs(t, s.Set("b", 2), ErrMoved)
			require.ErrorIs(t, s.SetMany(t.Context(), []string{"b"}, []any{2}), ErrMoved)
			require.ErrorIs(t, s.Delete("a"), ErrMoved)
			require.ErrorIs(t, s.Sync(), ErrMoved)
			s.store.checked.Store(0) // as if a tenth of a second had passed
			_, err = s.Get("a")
			require.ErrorIs(t, err, ErrMoved)
			_, err = s.Len()
			require.ErrorIs(t, err, ErrMoved)
			require.NoError(t, s.Close())
			assert.Equal(t, before, handles(t))

			if name != "replaced" { // SQLite takes the log for the new file's
				assert.Empty(t, allKeys(t, openShelf(t, path, nil)))
			}
		})
	}
}

// TestDeletedAndMadeAnew: a deleted shelf is not created again while another process
// has it open: they would share the files beside it.
func TestDeletedAndMadeAnew(t *testing.T) {
	path := tempShelf(t)
	old, err := Open(path, nil)
	require.NoError(t, err)
	require.NoError(t, old.Set("a", 1))
	require.NoError(t, os.Remove(path))
	_, err = Open(path, &Options{Timeout: 20 * time.Millisecond})
	require.ErrorIs(t, err, ErrLocked)
	require.ErrorContains(t, err, "deleted")
	assert.False(t, exists(path))
	require.NoError(t, old.Close())
	s := openShelf(t, path, nil)
	assert.Empty(t, allKeys(t, s))
	require.NoError(t, s.Set("b", 2))
}

// TestOutOfFileHandles: none is left for each of the files that a shelf opens.
func TestOutOfFileHandles(t *testing.T) {
	for limit := range 6 {
		dir := t.TempDir()
		runChild(t, "few-files", dir, strconv.Itoa(40+limit))
		s := openShelf(t, filepath.Join(dir, "one"), &Options{Flag: "r"})
		assert.Len(t, allKeys(t, s), 21)
	}
}

func TestLimitOfFileSize(t *testing.T) {
	path := tempShelf(t)
	runChild(t, "small-files", path)
	requireIntact(t, path)
	requireValue(t, openShelf(t, path, nil), "after", 1)
}

func TestReadOnlyDirectory(t *testing.T) {
	path := tempShelf(t)
	dir := filepath.Dir(path)
	s, err := Open(path, nil)
	require.NoError(t, err)
	require.NoError(t, s.Set("a", 1))
	require.NoError(t, s.Close())
	require.NoError(t, os.Remove(path+".lock"))
	protect := func(mode fs.FileMode) {
		require.NoError(t, os.Chmod(filepath.Dir(dir), 0o755))
		require.NoError(t, os.Chmod(dir, mode))
	}
	protect(0o555)
	defer protect(0o755)
	before := listing(t, dir)

	reader := ready(t, child(t, "nobody", path))
	require.Equal(t, before, listing(t, dir))

	// The process that reads it notices a change although it has no locks.
	protect(0o755)
	s, err = Open(path, nil)
	require.NoError(t, err)
	require.NoError(t, s.Set("a", 2))
	require.NoError(t, s.Close())
	protect(0o555)
	require.NoError(t, reader.in.Close())
	require.True(t, reader.Scan())
	assert.True(t, strings.HasPrefix(reader.Text(), "true"), reader.Text())
	reader.end()
}

// TestTimeoutIsTheCallsOwn: calls that wait for each other wait no longer than one.
func TestTimeoutIsTheCallsOwn(t *testing.T) {
	path := tempShelf(t)
	s := openShelf(t, path, &Options{Timeout: 500 * time.Millisecond})
	require.NoError(t, s.Set("a", 1))
	db, err := sql.Open("sqlite", dsn(path, modeWrite, 0))
	require.NoError(t, err)
	defer db.Close()
	conn, err := db.Conn(t.Context())
	require.NoError(t, err)
	defer conn.Close()
	_, err = conn.ExecContext(t.Context(), "BEGIN IMMEDIATE")
	require.NoError(t, err)

	start := time.Now()
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() { assert.ErrorIs(t, s.Set("b", 1), ErrLocked) })
	}
	wg.Wait()
	assert.Less(t, time.Since(start), 5*time.Second, "and not twenty times the timeout")
}

// TestLongTimeout: SQLite has 32 bits for the milliseconds, and does not wait at all if
// there are more.
func TestLongTimeout(t *testing.T) {
	for _, timeout := range []time.Duration{30 * 24 * time.Hour, math.MaxInt64} {
		t.Run(timeout.String(), func(t *testing.T) {
			path := tempShelf(t)
			s, err := Open(path, nil)
			require.NoError(t, err)
			require.NoError(t, s.Set("a", 1))
			require.NoError(t, s.Close())
			db, err := sql.Open("sqlite", dsn(path, modeWrite, 0))
			require.NoError(t, err)
			db.SetMaxOpenConns(1)
			_, err = db.Exec("PRAGMA locking_mode = exclusive; BEGIN EXCLUSIVE")
			require.NoError(t, err)
			time.AfterFunc(20*time.Millisecond, func() { assert.NoError(t, db.Close()) })
			requireValue(t, openShelf(t, path, &Options{Timeout: timeout}), "a", 1)
		})
	}
}

// TestLinkToNothing: the file is created where the link points.
func TestLinkToNothing(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.Mkdir(filepath.Join(dir, "sub"), 0o777))
	link, file := filepath.Join(dir, "link"), filepath.Join(dir, "sub", "real")
	require.NoError(t, os.Symlink(filepath.Join("sub", "real"), link))
	s := openShelf(t, link, nil)
	require.NoError(t, s.Set("a", 1))
	info, err := os.Stat(file)
	require.NoError(t, err)
	assert.True(t, info.Mode().IsRegular())
}
