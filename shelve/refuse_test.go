package shelve

import (
	"bytes"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var flags = []string{"c", "r", "w", "n"}

// requireRefused opens path with every flag. It expects the error, and that nothing was
// changed or added.
func requireRefused(t *testing.T, path string, cause error, text string) {
	t.Helper()
	dir := filepath.Dir(path)
	before := listing(t, dir)
	count := handles(t)
	for _, flag := range flags {
		_, err := Open(path, &Options{Flag: flag, Timeout: -1})
		require.ErrorIs(t, err, cause, flag)
		require.ErrorContains(t, err, text, flag)
		require.Equal(t, before, listing(t, dir), flag)
	}
	require.Equal(t, count, handles(t))
}

func writeFile(t *testing.T, path string, data []byte) {
	t.Helper()
	require.NoError(t, os.WriteFile(path, data, 0o666))
}

func TestRefuseOldShelves(t *testing.T) {
	gdbm := append([]byte{0xce, 0x9a, 0x57, 0x13}, make([]byte, 4092)...)
	hash := make([]byte, 4096)
	copy(hash[12:], []byte{0x61, 0x15, 0x06, 0x00})
	for name, c := range map[string]struct {
		files map[string][]byte
		text  string
	}{
		"gdbm":                 {map[string][]byte{"shelf": gdbm}, "dbm.gnu"},
		"gdbm, big-endian":     {map[string][]byte{"shelf": {0x13, 0x57, 0x9a, 0xcf, 0}}, "dbm.gnu"},
		"ndbm, one file":       {map[string][]byte{"shelf.db": hash}, "shelf.db is a dbm.ndbm file"},
		"ndbm, two files":      {map[string][]byte{"shelf.pag": {}, "shelf.dir": {}}, "shelf.pag is a dbm.ndbm file"},
		"Berkeley DB, no .db":  {map[string][]byte{"shelf": hash}, "dbm.ndbm"},
		"dumb, without a file": {map[string][]byte{"shelf.dat": {}, "shelf.dir": {}}, "shelf.dat is a dbm.dumb file"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			for file, data := range c.files {
				writeFile(t, filepath.Join(dir, file), data)
			}
			requireRefused(t, filepath.Join(dir, "shelf"), ErrOldShelf, c.text)
			requireRefused(t, filepath.Join(dir, "shelf"), ErrOldShelf, "import shelve, dbm.sqlite3")
		})
	}
}

func TestRefuseRecordedDumbShelf(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.CopyFS(dir, os.DirFS("testdata")))
	requireRefused(t, filepath.Join(dir, "py311dumb"), ErrOldShelf, "py311dumb.dat is a dbm.dumb file")
	requireRefused(t, filepath.Join(dir, "py311dumb.dat"), ErrOldShelf, `shelve.open("py311dumb", "r")`)
	requireRefused(t, filepath.Join(dir, "py311dumb.dir"), ErrOldShelf, `shelve.open("py311dumb", "r")`)
}

// TestShelfBesideOldFiles: a shelf opens even if there is a file with its name and
// another suffix.
func TestShelfBesideOldFiles(t *testing.T) {
	path := tempShelf(t)
	s := openShelf(t, path, nil)
	require.NoError(t, s.Set("a", 1))
	require.NoError(t, s.Close())
	writeFile(t, path+".db", nil)
	requireValue(t, openShelf(t, path, nil), "a", 1)
	_, err := Open(path, &Options{Flag: "n"})
	require.ErrorIs(t, err, ErrOldShelf)
}

func TestRefuseOtherFiles(t *testing.T) {
	for name, data := range map[string]string{
		"a byte": "S", "a word": "hello", "a text": strings.Repeat("not a shelf\n", 1000),
		"zeros": strings.Repeat("\x00", 8192), "part of the header": "SQLite format 3",
	} {
		t.Run(name, func(t *testing.T) {
			path := tempShelf(t)
			writeFile(t, path, []byte(data))
			requireRefused(t, path, ErrNotShelf, "not a database of SQLite")
		})
	}
}

func TestRefuseDirectories(t *testing.T) {
	path := tempShelf(t)
	require.NoError(t, os.Mkdir(path, 0o777))
	requireRefused(t, path, ErrNotShelf, "a directory")
	_, err := Open(".", nil)
	require.ErrorIs(t, err, ErrNotShelf)
}

func TestRefuseDevices(t *testing.T) {
	_, err := Open(os.DevNull, nil)
	require.ErrorIs(t, err, ErrNotShelf)
}

func TestRefuseOtherDatabases(t *testing.T) {
	for name, c := range map[string]struct{ schema, wal string }{
		"no Dict":            {"CREATE TABLE t (key, value); INSERT INTO t VALUES (1, 2)", "delete"},
		"no Dict, WAL":       {"CREATE TABLE t (key, value); INSERT INTO t VALUES (1, 2)", "wal"},
		"Dict without value": {"CREATE TABLE Dict (key BLOB, content BLOB)", "wal"},
		"Dict is a view":     {"CREATE TABLE t (key, value); CREATE VIEW Dict AS SELECT key, value FROM t", "wal"},
	} {
		t.Run(name, func(t *testing.T) {
			path := tempShelf(t)
			makeDatabase(t, path, "PRAGMA journal_mode = "+c.wal+";"+c.schema)
			requireRefused(t, path, ErrNotShelf, "another program")
		})
	}
}

func makeDatabase(t *testing.T, path, statements string) {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	require.NoError(t, err)
	defer db.Close()
	_, err = db.Exec(statements)
	require.NoError(t, err)
}

// TestRefuseOtherDatabaseWithLog: entries that another program has not written back
// from its log stay there.
func TestRefuseOtherDatabaseWithLog(t *testing.T) {
	dir := t.TempDir()
	db, err := sql.Open("sqlite", filepath.Join(dir, "live"))
	require.NoError(t, err)
	defer db.Close()
	_, err = db.Exec("PRAGMA journal_mode = wal; CREATE TABLE t (a); INSERT INTO t VALUES (1)")
	require.NoError(t, err)
	for _, suffix := range []string{"", "-wal"} { // as after a crash
		data, err := os.ReadFile(filepath.Join(dir, "live"+suffix))
		require.NoError(t, err)
		writeFile(t, filepath.Join(dir, "shelf"+suffix), data)
	}
	before := listing(t, dir)
	for _, flag := range flags {
		_, err := Open(filepath.Join(dir, "shelf"), &Options{Flag: flag})
		require.ErrorIs(t, err, ErrNotShelf)
		after := listing(t, dir)
		assert.Equal(t, before["shelf"], after["shelf"])
		assert.Equal(t, before["shelf-wal"], after["shelf-wal"])
	}
}

// shelfBytes returns a closed shelf of several pages.
func shelfBytes(t testing.TB) []byte {
	t.Helper()
	path := tempShelf(t)
	s, err := Open(path, nil)
	require.NoError(t, err)
	for _, key := range []string{"a", "b", "c"} {
		require.NoError(t, s.Set(key, strings.Repeat(key, 3000)))
	}
	require.NoError(t, s.Close())
	data, err := os.ReadFile(path)
	require.NoError(t, err)
	return data
}

func TestRefuseTruncated(t *testing.T) {
	whole := shelfBytes(t)
	path := tempShelf(t)
	for _, n := range []int{16, 100, 511, 512, 1000, 4095, 4096, 4097, 8192, len(whole) / 2, len(whole) - 4096, len(whole) - 1} {
		writeFile(t, path, whole[:n])
		requireRefused(t, path, ErrCorrupt, "damaged")
	}
}

func TestRefuseCorrupt(t *testing.T) {
	whole := shelfBytes(t)
	path := tempShelf(t)
	for name, at := range map[string]int{"page size": 16, "schema": 100, "table": 4096} {
		data := bytes.Clone(whole)
		copy(data[at:], bytes.Repeat([]byte{0x55}, 40))
		writeFile(t, path, data)
		_, err := Open(path, nil)
		require.ErrorIs(t, err, ErrCorrupt, name)
		after, err := os.ReadFile(path)
		require.NoError(t, err)
		require.Equal(t, data, after, name)
	}
}

// shelfDamagedAt555 returns a closed shelf of 1000 values with one broken page.
func shelfDamagedAt555(t *testing.T) (path string) {
	t.Helper()
	path = tempShelf(t)
	s := openShelf(t, path, nil)
	for i := range 1000 {
		require.NoError(t, s.Set(fmt.Sprint(i), fmt.Sprintf("value %d!", i)))
	}
	require.NoError(t, s.Close())
	data, err := os.ReadFile(path)
	require.NoError(t, err)
	page := bytes.Index(data, []byte("value 555!")) / 4096 * 4096
	copy(data[page:], bytes.Repeat([]byte{0x55}, 100))
	writeFile(t, path, data)
	return path
}

// TestCorruptEntry: damage that Open cannot see is an error of the call that meets it.
func TestCorruptEntry(t *testing.T) {
	s := openShelf(t, shelfDamagedAt555(t), nil)
	requireValue(t, s, "1", "value 1!")
	_, err := s.Get("555")
	require.ErrorIs(t, err, ErrCorrupt)
	_, err = s.GetMany(t.Context(), []string{"1", "555"})
	require.ErrorIs(t, err, ErrCorrupt)
	failed := false
	for item, err := range s.Items() {
		if err != nil {
			require.ErrorIs(t, err, ErrCorrupt)
			assert.Zero(t, item)
			failed = true
		}
	}
	assert.True(t, failed)
}

// TestEmptyCorrupt: damage that Open cannot see does not prevent flag "n" from emptying
// a shelf.
func TestEmptyCorrupt(t *testing.T) {
	path := shelfDamagedAt555(t)
	s := openShelf(t, path, &Options{Flag: "n"})
	assert.Empty(t, allKeys(t, s))
	require.NoError(t, s.Set("a", 1))
	require.NoError(t, s.Close())
	requireIntact(t, path)
}

// TestUnfinishedShelf: the file of a process that died while it created a shelf is
// removed.
func TestUnfinishedShelf(t *testing.T) {
	path := tempShelf(t)
	for _, flag := range []string{"c", "w", "n"} {
		writeFile(t, path+unfinished, []byte("SQLite"))
		s := openShelf(t, path, &Options{Flag: flag})
		require.NoError(t, s.Set("a", 1))
		require.NoError(t, s.Close())
		assert.NoFileExists(t, path+unfinished)
	}
	writeFile(t, path+unfinished, nil)
	requireValue(t, openShelf(t, path, &Options{Flag: "r"}), "a", 1)
	assert.FileExists(t, path+unfinished, "who only reads changes nothing")
}

// TestWithoutHardLinks: if a file cannot have two names, the shelf is created in its
// place.
func TestWithoutHardLinks(t *testing.T) {
	link = func(from, to string) error {
		return &os.LinkError{Op: "link", Old: from, New: to, Err: errors.ErrUnsupported}
	}
	defer func() { link = os.Link }()
	path := tempShelf(t)
	s := openShelf(t, path, nil)
	require.NoError(t, s.Set("a", 1))
	assert.NoFileExists(t, path+unfinished)
	requireValue(t, openShelf(t, path, &Options{Flag: "r"}), "a", 1)
}

// TestLongName: a name that leaves room for SQLite's suffixes leaves room for ours.
func TestLongName(t *testing.T) {
	path := filepath.Join(t.TempDir(), strings.Repeat("x", 255-len("-journal")))
	s := openShelf(t, path, nil)
	require.NoError(t, s.Set("a", 1))
}

// TestKeysOutOfOrder: a loop over keys that damage has put out of order ends.
func TestKeysOutOfOrder(t *testing.T) {
	path := tempShelf(t)
	s := openShelf(t, path, nil)
	for i := range 10 {
		require.NoError(t, s.Set(fmt.Sprintf("k%d", i), i))
	}
	require.NoError(t, s.Close())
	data, err := os.ReadFile(path)
	require.NoError(t, err)
	index := data[2*4096 : 3*4096]
	last := bytes.LastIndex(index, []byte("k9"))
	require.Positive(t, last)
	copy(index[last:], "a9")
	writeFile(t, path, data)
	s = openShelf(t, path, &Options{Flag: "r"})
	n := 0
	for _, err := range s.Keys() {
		if n++; err != nil {
			require.ErrorIs(t, err, ErrCorrupt)
		}
		require.Less(t, n, 100)
	}
}

func TestEmptyFile(t *testing.T) {
	path := tempShelf(t)
	for _, flag := range []string{"c", "n"} {
		writeFile(t, path, nil)
		s := openShelf(t, path, &Options{Flag: flag})
		require.NoError(t, s.Set("a", 1))
		require.NoError(t, s.Close())
		require.NoError(t, os.Remove(path+".lock"))
	}
	writeFile(t, path, nil)
	for _, flag := range []string{"r", "w"} {
		_, err := Open(path, &Options{Flag: flag})
		require.ErrorIs(t, err, ErrNotShelf)
	}
	// With entries in the log, it is a truncated shelf.
	writeFile(t, path+"-wal", []byte("entries"))
	requireRefused(t, path, ErrCorrupt, "shelf-wal")
}

// TestHalfMadeShelf: a process that died while it created the shelf may leave a
// database without a table.
func TestHalfMadeShelf(t *testing.T) {
	path := tempShelf(t)
	makeDatabase(t, path, "PRAGMA journal_mode = wal")
	_, err := Open(path, &Options{Flag: "w"})
	require.ErrorIs(t, err, ErrNotShelf)
	s := openShelf(t, path, nil)
	require.NoError(t, s.Set("a", 1))
}

// TestLogWithoutShelf: the log of a deleted shelf does not come back in a new one.
func TestLogWithoutShelf(t *testing.T) {
	path := tempShelf(t)
	s := openShelf(t, path, nil)
	require.NoError(t, s.Set("old", 1))
	log, err := os.ReadFile(path + "-wal")
	require.NoError(t, err)
	require.NoError(t, s.Close())
	require.NoError(t, os.Remove(path))
	writeFile(t, path+"-wal", log)
	s = openShelf(t, path, nil)
	assert.Empty(t, allKeys(t, s))
	require.NoError(t, s.Set("new", 1))
	require.NoError(t, s.Close())
	requireIntact(t, path)
}

func TestMissing(t *testing.T) {
	dir := t.TempDir()
	for _, flag := range []string{"r", "w"} {
		_, err := Open(filepath.Join(dir, "none"), &Options{Flag: flag})
		require.ErrorIs(t, err, fs.ErrNotExist)
		require.ErrorContains(t, err, `flag "c" makes it`)
	}
	for _, flag := range flags {
		_, err := Open(filepath.Join(dir, "none", "shelf"), &Options{Flag: flag})
		require.ErrorIs(t, err, fs.ErrNotExist)
		require.ErrorContains(t, err, "its directory")
	}
	assert.Empty(t, listing(t, dir))
	_, err := Open("", nil) // not the directory of the process
	require.ErrorContains(t, err, "empty")
}

func TestReadOnlyFile(t *testing.T) {
	path := tempShelf(t)
	writeFile(t, path, shelfBytes(t))
	require.NoError(t, os.Chmod(path, 0o444))
	before := listing(t, filepath.Dir(path))
	for _, flag := range []string{"c", "w", "n"} {
		_, err := Open(path, &Options{Flag: flag})
		require.ErrorIs(t, err, ErrReadOnly)
		require.Equal(t, before, listing(t, filepath.Dir(path)))
	}
	requireValue(t, openShelf(t, path, &Options{Flag: "r"}), "b", strings.Repeat("b", 3000))
}

// TestRollbackJournal: a shelf that is not in WAL mode, as in Python on a file system
// without shared memory, is opened and switched.
func TestRollbackJournal(t *testing.T) {
	path := tempShelf(t)
	makeDatabase(t, path, createTable)
	requireEmpty := func(opts *Options) {
		s := openShelf(t, path, opts)
		assert.Empty(t, allKeys(t, s))
		require.NoError(t, s.Close())
	}
	requireEmpty(&Options{Flag: "r"})
	data, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Equal(t, byte(1), data[18])
	requireEmpty(nil)
	data, err = os.ReadFile(path)
	require.NoError(t, err)
	assert.Equal(t, byte(2), data[18])
}

// TestHotJournal: a shelf that first has to be recovered is not read before that.
func TestHotJournal(t *testing.T) {
	path := tempShelf(t)
	makeDatabase(t, path, createTable+"; INSERT INTO Dict VALUES (x'61', x'80044b012e')")
	db, err := sql.Open("sqlite", path)
	require.NoError(t, err)
	defer db.Close()
	db.SetMaxOpenConns(1)
	_, err = db.Exec("PRAGMA cache_spill = 1; PRAGMA cache_size = 1; BEGIN; UPDATE Dict SET value = x'80044b022e'")
	require.NoError(t, err)
	_, err = db.Exec("INSERT INTO Dict SELECT randomblob(10), zeroblob(9000) FROM pragma_function_list LIMIT 20")
	require.NoError(t, err)
	crashed := tempShelf(t) // as in the middle of the transaction
	for _, suffix := range []string{"", "-journal"} {
		data, err := os.ReadFile(path + suffix)
		require.NoError(t, err)
		require.NotEmpty(t, data)
		writeFile(t, crashed+suffix, data)
	}
	_, err = Open(crashed, &Options{Flag: "r"})
	require.ErrorIs(t, err, ErrReadOnly)
	s := openShelf(t, crashed, nil)
	assert.Equal(t, []string{"a"}, allKeys(t, s))
	requireValue(t, s, "a", 1)
}

// FuzzOpen: whatever a file contains, opening it neither panics nor changes it, unless
// it can be opened.
func FuzzOpen(f *testing.F) {
	whole := shelfBytes(f)
	f.Add([]byte(nil), 0, byte(0))
	f.Add(whole[:600], 20, byte(1))
	f.Add(whole, 105, byte(0xff))
	f.Add(whole, 4100, byte(7))
	f.Add(append([]byte{0xce, 0x9a, 0x57, 0x13}, whole...), 0, byte(0))
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, data []byte, at int, with byte) {
		if 0 <= at && at < len(data) {
			data[at] ^= with
		}
		path := filepath.Join(dir, "shelf")
		defer func() {
			for _, suffix := range []string{"", "-wal", "-shm", "-journal", ".lock"} {
				os.Remove(path + suffix)
			}
		}()
		for _, flag := range []string{"r", "w", "c", "n"} {
			require.NoError(t, os.WriteFile(path, data, 0o666))
			s, err := Open(path, &Options{Flag: flag, Timeout: -1})
			if err != nil {
				after, err := os.ReadFile(path)
				require.NoError(t, err)
				require.True(t, bytes.Equal(data, after), "changed with flag %q", flag)
				continue
			}
			s.Get("a")
			for range s.Items() {
			}
			s.Set("a", 1)
			require.NoError(t, s.Close())
		}
	})
}
