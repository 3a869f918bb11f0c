package diskcache

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestCheck(t *testing.T) {
	dir := t.TempDir()
	c := open(t, dir, nil)
	for _, key := range []any{"gone", "short", "whole", "long"} {
		require.NoError(t, c.Set(ctx, key, strings.Repeat("x", 40_000), 0))
	}
	path := func(key string) string {
		return filepath.Join(dir, table(t, c, `SELECT filename FROM Cache WHERE key = ?`, key)[0][0].(string))
	}
	gone, short, long := path("gone"), path("short"), path("long")
	require.NoError(t, os.Remove(gone))
	require.NoError(t, os.Truncate(short, 7))
	require.NoError(t, os.Truncate(long, 50_000))
	leftover := leftBehind(t, dir, 0)
	require.NoError(t, os.MkdirAll(filepath.Join(dir, "zz", "yy"), 0o700))
	foreign := filepath.Join(dir, "README")
	require.NoError(t, os.WriteFile(foreign, nil, 0o600))
	require.NoError(t, c.update(ctx, func(tx *Tx) error {
		return second(tx.conn.exec(`UPDATE Settings SET value = 77 WHERE key IN ('count', 'size')`))
	}))

	texts := func(problems []Problem) (list []string) {
		for _, p := range problems {
			list = append(list, p.String())
		}
		return list
	}
	found, err := c.Check(ctx, false)
	require.NoError(t, err)
	assert.ElementsMatch(t, []string{
		"file not found: " + gone,
		"wrong file size: " + short + ", 7 != 40000",
		"wrong file size: " + long + ", 50000 != 40000",
		"unknown file: " + leftover,
		"unknown file: " + foreign,
		"Settings.count is wrong: 77 != 4",
		"Settings.size is wrong: 77 != 160000",
		"empty folder: " + filepath.Dir(gone),
		"empty folder: " + filepath.Join(dir, "zz", "yy"),
	}, texts(found))
	for _, p := range found {
		assert.False(t, p.Fixed)
	}

	found, err = c.Check(ctx, true)
	require.NoError(t, err)
	for _, p := range found {
		assert.Equal(t, p.Text != "unknown file: "+foreign, p.Fixed, p.Text)
	}
	found, err = c.Check(ctx, false)
	require.NoError(t, err)
	assert.Equal(t, []string{"unknown file: " + foreign}, texts(found))
	require.NoError(t, os.Remove(foreign))
	assert.Len(t, valueFiles(t, dir), 1)
	has, err := c.HasMany(ctx, []any{"gone", "short", "long", "whole"})
	require.NoError(t, err)
	assert.Equal(t, []bool{false, false, false, true}, has)
	pythonFindsNothing(t, dir)
}

func TestCheckMendsIndexes(t *testing.T) {
	c := open(t, t.TempDir(), nil)
	for i := range 10 {
		require.NoError(t, c.Set(ctx, i, i, 0))
	}
	// Rows that are missing in the index of the expiries.
	require.NoError(t, c.update(ctx, func(tx *Tx) error {
		for _, step := range []string{
			`PRAGMA writable_schema = ON`,
			`UPDATE sqlite_master SET sql = 'CREATE INDEX Cache_expire_time ON Cache (expire_time) WHERE 0' WHERE name = 'Cache_expire_time'`,
			`PRAGMA writable_schema = RESET`,
			`REINDEX Cache_expire_time`,
			`PRAGMA writable_schema = ON`,
			`UPDATE sqlite_master SET sql = 'CREATE INDEX Cache_expire_time ON Cache (expire_time)' WHERE name = 'Cache_expire_time'`,
			`PRAGMA writable_schema = RESET`,
		} {
			if err := tx.conn.once(ctx, step); err != nil {
				return err
			}
		}
		return nil
	}))
	found, err := c.Check(ctx, true)
	require.NoError(t, err)
	require.NotEmpty(t, found)
	assert.Contains(t, found[0].Text, "Cache_expire_time")
	found, err = c.Check(ctx, false)
	require.NoError(t, err)
	assert.Empty(t, found)
}

// TestCheckBesideWriters repairs while others write: nothing that was stored is lost.
func TestCheckBesideWriters(t *testing.T) {
	dir := t.TempDir()
	c, other := open(t, dir, nil), open(t, dir, nil)
	done := make(chan struct{})
	var wg sync.WaitGroup
	for g := range 4 {
		wg.Go(func() {
			for i := range 60 {
				key, big := g*1000+i, strings.Repeat("x", 40_000)
				assert.NoError(t, c.Set(ctx, key, big, 0))
				_, err := c.Get(ctx, key)
				assert.NoError(t, err, key)
			}
		})
	}
	go func() { wg.Wait(); close(done) }()
	for {
		_, err := other.Check(ctx, true)
		require.NoError(t, err)
		select {
		case <-done:
			n := len(valueFiles(t, dir))
			assert.Equal(t, 4*60, n)
			return
		default:
		}
	}
}

// TestCheckBesideOthers: a file that another process has removed meanwhile is no error.
func TestCheckBesideOthers(t *testing.T) {
	dir := t.TempDir()
	var wg sync.WaitGroup
	for i := range 200 {
		leftBehind(t, dir, i)
	}
	for range 4 {
		c := open(t, dir, nil)
		wg.Go(func() {
			ck := &checker{cache: c, fix: true}
			assert.NoError(t, ck.walk())
			assert.NoError(t, ck.strangers(nil))
		})
	}
	wg.Wait()
	assert.Empty(t, valueFiles(t, dir))
	_, err := open(t, dir, nil).Check(ctx, true) // removes the folders
	require.NoError(t, err)
}

// leftBehind creates a value file like that of a process that was killed long ago.
func leftBehind(t *testing.T, dir string, i int) string {
	path := filepath.Join(dir, "ab", "cd", fmt.Sprintf("%028x.val", i))
	require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o700))
	require.NoError(t, os.WriteFile(path, nil, 0o600))
	age(t, path)
	return path
}

// age makes files older than those that Check leaves alone.
func age(t *testing.T, paths ...string) {
	for _, path := range paths {
		before := time.Now().Add(-minAge)
		require.NoError(t, os.Chtimes(path, before, before))
	}
}

// TestCheckLeavesYoungFiles: such a file may belong to a Set of Python's that is
// waiting for the lock.
func TestCheckLeavesYoungFiles(t *testing.T) {
	c := open(t, t.TempDir(), nil)
	path := leftBehind(t, c.Directory(), 0)
	young := time.Now().Add(-minAge / 2)
	require.NoError(t, os.Chtimes(path, young, young))
	found, err := c.Check(ctx, true)
	require.NoError(t, err)
	require.Len(t, found, 1)
	assert.False(t, found[0].Fixed)
	assert.Contains(t, found[0].Text, "unknown file: "+path+", left alone")
	age(t, path)
	found, err = c.Check(ctx, true)
	require.NoError(t, err)
	require.NotEmpty(t, found)
	assert.True(t, found[0].Fixed)
	assert.NoFileExists(t, path)
}

func TestCheckThroughALink(t *testing.T) {
	dir := t.TempDir()
	link := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(dir, link); err != nil {
		t.Skip(err)
	}
	c := open(t, link, nil)
	leftBehind(t, dir, 0)
	found, err := c.Check(ctx, true)
	require.NoError(t, err)
	assert.Len(t, found, 3, "the file and its folders: %v", found)
	assert.Empty(t, valueFiles(t, dir))
}

// TestFileTakenForALeftover: a Check that runs between the writing of a file and of its
// row removes the file, and it is written again.
func TestFileTakenForALeftover(t *testing.T) {
	c := open(t, t.TempDir(), nil)
	big := strings.Repeat("x", 40_000)
	e, err := c.entry("k", big, 0, nil)
	require.NoError(t, err)
	require.NoError(t, c.writeOut(e))
	age(t, valueFiles(t, c.Directory())...)
	_, err = c.Check(ctx, true)
	require.NoError(t, err)
	require.Empty(t, valueFiles(t, c.Directory()))
	require.NoError(t, c.update(ctx, func(tx *Tx) error { return second(tx.store(e, nil)) }))
	v, err := c.Get(ctx, "k")
	require.NoError(t, err)
	assert.Equal(t, big, v)
}
