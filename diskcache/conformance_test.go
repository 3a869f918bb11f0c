package diskcache

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ring-go/ring/internal/conformance"
)

// manifest describes the recorded directories, which Python's diskcache 5.4.0 wrote.
type manifest struct {
	Archives []struct {
		File     string
		Settings map[string]any
		Entries  []recorded
	}
}

type recorded struct {
	Key, Value any
	Expired    bool
	Raw        json.Number
	StoreTime  json.Number  `json:"store_time"`
	ExpireTime *json.Number `json:"expire_time"`
	AccessTime json.Number  `json:"access_time"`
	Count      json.Number  `json:"access_count"`
	Tag        any
	Size       json.Number
	Mode       json.Number
	Filename   *string
}

func readManifest(t *testing.T) (m manifest) {
	conformance.Document(t, "testdata/manifest.json", &m)
	return m
}

// unpack unpacks a recorded directory.
func unpack(t *testing.T, name string) string {
	dir := t.TempDir()
	file, err := os.Open(filepath.Join("testdata", name))
	require.NoError(t, err)
	defer file.Close()
	zipped, err := gzip.NewReader(file)
	require.NoError(t, err)
	archive := tar.NewReader(zipped)
	root := dir
	for {
		header, err := archive.Next()
		if errors.Is(err, io.EOF) {
			return root
		}
		require.NoError(t, err)
		require.True(t, filepath.IsLocal(header.Name) || header.Name == "./", header.Name)
		path := filepath.Join(dir, header.Name)
		if header.Typeflag == tar.TypeDir {
			require.NoError(t, os.MkdirAll(path, 0o700))
			continue
		}
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o700))
		data, err := io.ReadAll(archive)
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(path, data, 0o600))
		if filepath.Base(path) == dbName {
			root = filepath.Dir(path)
		}
	}
}

// digest stands for a long value of which only the digest is recorded.
type digest struct {
	kind string
	sum  string
}

func digestOf(v any) any {
	sum := func(kind string, data []byte) any {
		d := sha256.Sum256(data)
		return digest{kind, hex.EncodeToString(d[:])}
	}
	switch v := v.(type) {
	case string:
		return sum("str", []byte(v))
	case []byte:
		return sum("bytes", v)
	}
	return v
}

// recordedValues are natural values, or the digest of one.
var recordedValues = conformance.Notation{
	Set: conformance.Natural.Set, FrozenSet: conformance.Natural.FrozenSet, Dict: conformance.Natural.Dict,
	Other: func(_ *conformance.Notation, tag string, content any) any {
		if tag != "$digest" {
			panic("unknown tag " + tag)
		}
		d := content.(map[string]any)
		return digest{d["type"].(string), d["sha256"].(string)}
	},
}

// same compares a value with the recorded one.
func same(t *testing.T, want, got any) {
	t.Helper()
	if list, ok := want.([]any); ok {
		require.Len(t, got, len(list))
		for i := range list {
			same(t, list[i], got.([]any)[i])
		}
		return
	}
	if _, ok := want.(digest); ok {
		got = digestOf(got)
	}
	if w, ok := want.([]byte); ok {
		assert.True(t, bytes.Equal(w, got.([]byte)))
		return
	}
	assert.Equal(t, want, got)
}

func float(t *testing.T, n json.Number) float64 {
	f, err := n.Float64()
	require.NoError(t, err)
	return f
}

func TestRecordedDirectories(t *testing.T) {
	for _, a := range readManifest(t).Archives {
		t.Run(a.File, func(t *testing.T) {
			dir := unpack(t, a.File)
			before, err := os.ReadFile(filepath.Join(dir, dbName))
			require.NoError(t, err)
			c := open(t, dir, &Options{Now: func() time.Time { return time.Unix(1_700_000_100, 0) }})

			got := map[string]any{}
			for _, row := range table(t, c, `SELECT key, value FROM Settings`) {
				got[row[0].(string)] = row[1]
			}
			assert.Equal(t, fmt.Sprint(a.Settings), fmt.Sprint(got))

			rows := table(t, c, `SELECT store_time, expire_time, access_time, access_count, tag, size, mode, filename, raw
				FROM Cache ORDER BY rowid`)
			require.Len(t, rows, len(a.Entries))
			i := 0
			for key, err := range c.Keys(ctx) {
				require.NoError(t, err)
				e := a.Entries[i]
				wantKey := recordedValues.Value(e.Key)
				same(t, wantKey, key)
				sameColumns(t, e, rows[i])
				sameEntry(t, c, e, key)
				i++
			}
			if c.getsWrite() {
				return
			}
			require.NoError(t, c.Close())
			after, err := os.ReadFile(filepath.Join(dir, dbName))
			require.NoError(t, err)
			assert.True(t, bytes.Equal(before, after), "reading changes nothing")
		})
	}
}

func sameEntry(t *testing.T, c *Cache, e recorded, key any) {
	item, err := c.GetItem(ctx, key)
	if e.Expired {
		require.Equal(t, ErrNotFound, err)
		return
	}
	require.NoError(t, err, "%v", e.Key)
	same(t, recordedValues.Value(e.Value), item.Value)
	same(t, recordedValues.Value(e.Tag), item.Tag)
	if e.ExpireTime == nil {
		assert.Zero(t, item.Expires)
		return
	}
	assert.WithinDuration(t, instant(float(t, *e.ExpireTime)), item.Expires, time.Microsecond)
}

func sameColumns(t *testing.T, e recorded, row []any) {
	assert.Equal(t, float(t, e.StoreTime), row[0])
	if e.ExpireTime == nil {
		assert.Nil(t, row[1])
	} else {
		assert.Equal(t, float(t, *e.ExpireTime), row[1])
	}
	assert.Equal(t, float(t, e.AccessTime), row[2])
	assert.Equal(t, e.Count.String(), fmt.Sprint(row[3]))
	if e.Tag == nil {
		assert.Nil(t, row[4])
	} else {
		assert.Equal(t, fmt.Sprint(recordedValues.Value(e.Tag)), fmt.Sprint(row[4]))
	}
	assert.Equal(t, e.Size.String(), fmt.Sprint(row[5]))
	assert.Equal(t, e.Mode.String(), fmt.Sprint(row[6]))
	if e.Filename == nil {
		assert.Nil(t, row[7])
	} else {
		assert.Equal(t, *e.Filename, row[7])
	}
	assert.Equal(t, e.Raw.String(), fmt.Sprint(row[8]))
}

// TestRecordedAgain stores the recorded entries again: the rows get the same columns as
// Python's, except for the names of the files and the length of pickles, which are
// longer in Python.
func TestRecordedAgain(t *testing.T) {
	for _, a := range readManifest(t).Archives {
		t.Run(a.File, func(t *testing.T) {
			source := open(t, unpack(t, a.File), &Options{Now: func() time.Time { return time.Unix(1, 0) }})
			setting := func(name string) *int {
				n, err := strconv.Atoi(fmt.Sprint(a.Settings[name]))
				require.NoError(t, err)
				return &n
			}
			now := time.Time{}
			c := open(t, t.TempDir(), &Options{
				Now: func() time.Time { return now }, CullLimit: new(0), DiskMinFileSize: setting("disk_min_file_size"),
				DiskPickleProtocol: setting("disk_pickle_protocol"), SQLiteJournalMode: a.Settings["sqlite_journal_mode"].(string),
				SQLiteSynchronous: setting("sqlite_synchronous"), TagIndex: new(fmt.Sprint(a.Settings["tag_index"]) == "1"),
			})
			columns := `SELECT hex(key), typeof(key), raw, store_time, expire_time, access_count, typeof(tag), tag, mode,
				CASE mode WHEN 4 THEN size > 0 ELSE size END, filename IS NULL, CASE mode WHEN 4 THEN typeof(value) ELSE value END
				FROM Cache ORDER BY rowid`
			want := table(t, source, columns)
			i := 0
			for key, err := range source.Keys(ctx) {
				require.NoError(t, err)
				item, err := source.GetItem(ctx, key)
				require.NoError(t, err)
				stored := want[i][3].(float64)
				now = instant(stored)
				want[i][3], want[i][5] = seconds(now), int64(0)
				var expire time.Duration
				if at, ok := want[i][4].(float64); ok {
					if expire = instant(at).Sub(now); expire == 0 {
						expire = -1 // an expire of 0 is none in Go
					}
					want[i][4] = seconds(now) + expire.Seconds()
				}
				require.NoError(t, c.Set(ctx, key, item.Value, expire, item.Tag))
				i++
			}
			got := table(t, c, columns)
			require.Equal(t, len(want), len(got))
			for i := range want {
				assert.Equal(t, want[i], got[i], strings.ToValidUTF8(fmt.Sprint(a.Entries[i].Key), "?"))
			}
			pythonFindsNothing(t, c.Directory())
		})
	}
}
