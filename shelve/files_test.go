package shelve

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestFlagN(t *testing.T) {
	path := tempShelf(t)
	for range 3 {
		s, err := Open(path, &Options{Flag: "n"})
		require.NoError(t, err)
		assert.Empty(t, allKeys(t, s))
		require.NoError(t, s.Set("a", strings.Repeat("x", 100_000)))
		c, err := Open(path, &Options{Flag: "c", Timeout: -1}) // the lock is shared now
		require.NoError(t, err)
		require.NoError(t, c.Close())
		require.NoError(t, s.Close())
	}
	s := openShelf(t, path, &Options{Flag: "n"})
	require.NoError(t, s.Close())
	info, err := os.Stat(path)
	require.NoError(t, err)
	assert.Less(t, info.Size(), int64(20_000))
	requireIntact(t, path)
}

// TestFlagNWaits: with a timeout, flag "n" waits until the last process has closed the
// shelf.
func TestFlagNWaits(t *testing.T) {
	path := tempShelf(t)
	s := openShelf(t, path, nil)
	require.NoError(t, s.Set("a", 1))
	emptied := make(chan error)
	go func() {
		n, err := Open(path, &Options{Flag: "n", Timeout: time.Minute})
		if err == nil {
			err = n.Close()
		}
		emptied <- err
	}()
	for range 100 {
		requireValue(t, s, "a", 1)
	}
	require.NoError(t, s.Close())
	require.NoError(t, <-emptied)
	assert.Empty(t, allKeys(t, openShelf(t, path, nil)))
}

func TestFlagsOfAnExistingShelf(t *testing.T) {
	path := tempShelf(t)
	s := openShelf(t, path, nil)
	require.NoError(t, s.Set("a", 1))
	for _, flag := range []string{"r", "w", "c"} {
		requireValue(t, openShelf(t, path, &Options{Flag: flag}), "a", 1)
	}
	r := openShelf(t, path, &Options{Flag: "r"})
	require.ErrorIs(t, r.Set("a", 2), ErrReadOnly)
	require.ErrorIs(t, r.Delete("a"), ErrReadOnly)
	require.ErrorIs(t, r.Clear(), ErrReadOnly)
	require.ErrorIs(t, r.SetMany(t.Context(), []string{"a"}, []any{2}), ErrReadOnly)
	require.ErrorIs(t, r.DeleteMany(t.Context(), []string{"a"}), ErrReadOnly)
	require.NoError(t, r.Sync())
	require.NoError(t, s.Set("a", 3))
	requireValue(t, r, "a", 3)
}

// TestNames: characters with a meaning in URLs or SQLite have none in the name of a
// file.
func TestNames(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	names := []string{"a b", "100%", "%41", "what?mode=ro", "a#b", "file:x", ":memory:", "ü", "a&b=c", "a'b\"c", "-x", "a\\b", "a:b", "\xff"}
	for _, name := range names {
		s, err := Open(name, nil)
		require.NoError(t, err, "%q", name)
		require.NoError(t, s.Set("a", 1))
		require.NoError(t, s.Close())
	}
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	var got []string
	for _, e := range entries {
		if !strings.HasSuffix(e.Name(), ".lock") {
			got = append(got, e.Name())
		}
	}
	assert.ElementsMatch(t, names, got)
}

func TestChangeOfDirectory(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	s := openShelf(t, "shelf", nil)
	t.Chdir(t.TempDir())
	require.NoError(t, s.Set("a", 1))
	assert.True(t, exists(filepath.Join(dir, "shelf")))
}

func TestLinks(t *testing.T) {
	path := tempShelf(t)
	link := path + "link"
	s := openShelf(t, path, nil)
	require.NoError(t, s.Set("a", 1))
	require.NoError(t, os.Symlink("shelf", link))
	requireValue(t, openShelf(t, link, nil), "a", 1)
	_, err := Open(link, &Options{Flag: "n", Timeout: -1})
	require.ErrorIs(t, err, ErrLocked)
	assert.False(t, exists(link+".lock"))
}

func TestPermissions(t *testing.T) {
	for _, umask := range []int{0, 0o022, 0o077} {
		path := tempShelf(t)
		old := syscall.Umask(umask)
		s, err := Open(path, nil)
		syscall.Umask(old)
		require.NoError(t, err)
		require.NoError(t, s.Set("a", 1))
		for _, suffix := range []string{"", "-wal", "-shm", ".lock"} {
			info, err := os.Stat(path + suffix)
			require.NoError(t, err)
			assert.Equal(t, 0o666&^fs.FileMode(umask), info.Mode().Perm(), suffix)
		}
		require.NoError(t, s.Close())
	}
}

// TestFilesAfterClose: the shelf and the empty lock file remain.
func TestFilesAfterClose(t *testing.T) {
	path := tempShelf(t)
	s := openShelf(t, path, nil)
	require.NoError(t, s.Set("a", 1))
	require.NoError(t, s.Close())
	files := listing(t, filepath.Dir(path))
	assert.Len(t, files, 2)
	assert.Empty(t, files["shelf.lock"])
}

func TestNoHandleIsLeft(t *testing.T) {
	path := tempShelf(t)
	before := handles(t)
	for _, flag := range []string{"c", "w", "r", "n"} {
		s, err := Open(path, &Options{Flag: flag})
		require.NoError(t, err)
		_, err = s.Get("a")
		require.ErrorIs(t, err, ErrNotFound)
		for range s.Keys() {
			break
		}
		require.NoError(t, s.Close())
		assert.Equal(t, before, handles(t), flag)
	}
}
