package diskcache

import (
	"fmt"
	"math"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ring-go/ring/pickle"
)

func stored(t *testing.T, c *Cache) map[string]string {
	all := map[string]string{}
	for _, row := range table(t, c, `SELECT key, value FROM Settings`) {
		all[row[0].(string)] = fmt.Sprint(row[1])
	}
	return all
}

func TestDefaultsArePythons(t *testing.T) {
	python := needPython(t)
	theirs := t.TempDir()
	out, err := exec.Command(python, "-c", "import sys, diskcache; diskcache.Cache(sys.argv[1]).close()", theirs).CombinedOutput()
	require.NoError(t, err, "%s", out)
	ours := t.TempDir()
	a, b := open(t, theirs, nil), open(t, ours, nil)
	assert.Equal(t, stored(t, a), stored(t, b))
	objects := `SELECT type, name, tbl_name FROM sqlite_master ORDER BY name`
	assert.Equal(t, table(t, a, objects), table(t, b, objects))
	for _, pragma := range []string{
		"table_info(Cache)", "table_info(Settings)", "index_info(Cache_key_raw)", "index_list(Cache)",
		"page_size", "auto_vacuum", "encoding", "journal_mode", "cache_size", "mmap_size", "synchronous",
	} {
		assert.Equal(t, table(t, a, "PRAGMA "+pragma), table(t, b, "PRAGMA "+pragma), pragma)
	}
}

func TestOptionsAreKept(t *testing.T) {
	dir := t.TempDir()
	c := open(t, dir, &Options{
		SizeLimit: new(int64(5)), CullLimit: new(0), EvictionPolicy: LeastFrequentlyUsed, DiskMinFileSize: new(0),
		DiskPickleProtocol: new(-1), Statistics: new(true), TagIndex: new(true), SQLiteCacheSize: new(100),
		SQLiteMmapSize: new(int64(0)), SQLiteSynchronous: new(2), SQLiteAutoVacuum: new(0), SQLiteJournalMode: "delete",
	})
	want := map[string]string{
		"size_limit": "5", "cull_limit": "0", "eviction_policy": "least-frequently-used", "disk_min_file_size": "0",
		"disk_pickle_protocol": "-1", "statistics": "1", "tag_index": "1", "sqlite_cache_size": "100",
		"sqlite_mmap_size": "0", "sqlite_synchronous": "2", "sqlite_auto_vacuum": "0", "sqlite_journal_mode": "delete",
		"count": "0", "size": "0", "hits": "0", "misses": "0",
	}
	assert.Equal(t, want, stored(t, c))
	assert.Equal(t, [][]any{{"delete"}}, table(t, c, "PRAGMA journal_mode"))
	require.NoError(t, c.Set(ctx, "k", "", 0))
	v, err := c.Get(ctx, "k")
	require.NoError(t, err)
	assert.Equal(t, "", v)
	assert.Len(t, valueFiles(t, dir), 1, "a file even for the empty text")
	require.NoError(t, c.Set(ctx, "k", []byte{}, 0))
	v, err = c.Get(ctx, "k")
	require.NoError(t, err)
	assert.Equal(t, []byte{}, v)
	require.NoError(t, c.Close())

	c = open(t, dir, nil)
	assert.Equal(t, LeastFrequentlyUsed, c.config.policy)
	assert.EqualValues(t, 5, c.config.sizeLimit)
	assert.Equal(t, [][]any{{int64(100)}}, table(t, c, "PRAGMA cache_size"), "on every connection")
	require.NoError(t, c.Close())

	c = open(t, dir, &Options{TagIndex: new(false), EvictionPolicy: LeastRecentlyUsed})
	names := fmt.Sprint(table(t, c, `SELECT name FROM sqlite_master`))
	assert.NotContains(t, names, tagIndex)
	assert.Contains(t, names, "Cache_access_time")
	want["tag_index"], want["eviction_policy"], want["count"], want["misses"], want["hits"] = "0", "least-recently-used", "1", "0", "2"
	got := stored(t, c)
	delete(want, "size")
	delete(got, "size")
	assert.Equal(t, want, got)
}

func TestOptionsRefused(t *testing.T) {
	for _, o := range []Options{
		{EvictionPolicy: "oldest"},
		{DiskPickleProtocol: new(1)},
		{DiskPickleProtocol: new(6)},
		{SQLiteJournalMode: "wal; DROP TABLE Cache"},
		{SQLiteJournalMode: "fast"},
	} {
		dir := t.TempDir()
		_, err := Open(dir, &o)
		require.Error(t, err)
		assert.True(t, strings.HasPrefix(err.Error(), "diskcache: open "), err)
		assert.Empty(t, openFiles(t, dir))
	}
}

// TestJournalModeRefused: SQLite silently ignores a mode that it does not accept. A
// directory of Python's can have such a setting.
func TestJournalModeRefused(t *testing.T) {
	dir := t.TempDir()
	c := open(t, dir, &Options{SQLiteJournalMode: "delete"})
	require.NoError(t, c.Set(ctx, "k", 1, 0))
	_, err := Open(dir, &Options{SQLiteJournalMode: "fast"})
	require.ErrorContains(t, err, `"fast"`)
	assert.Equal(t, "delete", stored(t, c)[journalMode], "it is not kept")

	require.NoError(t, c.update(ctx, func(tx *Tx) error {
		return second(tx.conn.exec(`UPDATE Settings SET value = 'fast' WHERE key = ?`, journalMode))
	}))
	c = open(t, dir, nil)
	assert.False(t, c.wal)
	v, err := c.Get(ctx, "k")
	require.NoError(t, err)
	assert.Equal(t, 1, v)
}

func TestSettingsOfOthers(t *testing.T) {
	dir := t.TempDir()
	c := open(t, dir, nil)
	require.NoError(t, c.update(ctx, func(tx *Tx) error {
		for _, change := range []string{
			`UPDATE Settings SET value = 1e9 WHERE key = 'size_limit'`,
			`UPDATE Settings SET value = 1e30 WHERE key = 'cull_limit'`,
			`UPDATE Settings SET value = 1e4 WHERE key = 'sqlite_cache_size'`,
			`UPDATE Settings SET value = NULL WHERE key = 'disk_pickle_protocol'`,
			`INSERT INTO Settings VALUES ('sqlite_wal_autocheckpoint', 50), ('of_mine', x'00'), ('none', NULL)`,
		} {
			if _, err := tx.conn.exec(change); err != nil {
				return err
			}
		}
		return nil
	}))
	require.NoError(t, c.Close())
	c = open(t, dir, nil)
	assert.EqualValues(t, 1e9, c.config.sizeLimit)
	assert.Positive(t, c.config.cullLimit)
	assert.Equal(t, [][]any{{int64(50)}}, table(t, c, "PRAGMA wal_autocheckpoint"))
	assert.Equal(t, [][]any{{int64(10_000)}}, table(t, c, "PRAGMA cache_size"))
	assert.Equal(t, pickle.DefaultProtocol, c.config.pickleProtocol)
	for value, ok := range map[float64]bool{1: true, -3: true, 1.5: false, 1e30: false, math.Inf(1): false} {
		_, isNumber := pragmaValue(value)
		assert.Equal(t, ok, isNumber, value)
	}
	assert.Equal(t, "[0]", fmt.Sprint([]byte(stored(t, c)["of_mine"])))
}

func TestManyOpenANewDirectory(t *testing.T) {
	dir := t.TempDir()
	errs := make(chan error)
	const n = 12
	for range n {
		go func() {
			c, err := Open(dir, &Options{Timeout: 20 * time.Second})
			if err == nil {
				_, err = c.Incr(ctx, "n", 1)
				if closeErr := c.Close(); err == nil {
					err = closeErr
				}
			}
			errs <- err
		}()
	}
	for range n {
		assert.NoError(t, <-errs)
	}
	c := open(t, dir, nil)
	v, err := c.Get(ctx, "n")
	require.NoError(t, err)
	assert.Equal(t, n, v)
}
