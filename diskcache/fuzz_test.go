package diskcache

import (
	"bytes"
	"math"
	"path/filepath"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
)

// FuzzRoundTrip stores keys and values of every native type and reads them back.
func FuzzRoundTrip(f *testing.F) {
	f.Add("k", []byte("v"), int64(1), 1.5, 10)
	f.Add("", []byte{}, int64(math.MinInt64), math.Inf(-1), 0)
	f.Add("a\x00b", []byte("\xff"), int64(1), 1.0, 3)
	f.Fuzz(func(t *testing.T, s string, b []byte, i int64, x float64, limit int) {
		c, err := Open(t.TempDir(), &Options{DiskMinFileSize: &limit})
		require.NoError(t, err)
		defer c.Close()
		all := []any{s, b, int(i), x}
		for _, key := range all {
			for _, value := range all {
				err := c.Set(ctx, key, value, 0)
				if !storable(key) || !storable(value) && !isNaN(value) {
					require.Error(t, err)
					continue
				}
				require.NoError(t, err)
				got, err := c.Get(ctx, key)
				require.NoError(t, err)
				switch want := value.(type) {
				case []byte:
					if want != nil {
						require.True(t, bytes.Equal(want, got.([]byte)))
					}
				case float64:
					require.True(t, want == got || isNaN(want) && isNaN(got))
				default:
					require.Equal(t, want, got)
				}
			}
		}
		for key, err := range c.Keys(ctx) {
			require.NoError(t, err)
			found, err := c.Has(ctx, key)
			require.NoError(t, err)
			require.True(t, found)
		}
		problems, err := c.Check(ctx, false)
		require.NoError(t, err)
		require.Empty(t, problems)
	})
}

func storable(v any) bool {
	s, isText := v.(string)
	return (!isText || utf8.ValidString(s)) && !isNaN(v)
}

func isNaN(v any) bool {
	x, ok := v.(float64)
	return ok && math.IsNaN(x)
}

// FuzzRow reads rows of any kind, which other programs may have written.
func FuzzRow(f *testing.F) {
	f.Add(int64(1), "", int64(0), []byte("v"), true)
	f.Add(int64(4), "", int64(0), []byte("\x80\x04N."), false)
	f.Add(int64(2), "ab/cd/0.val", int64(3), []byte(nil), false)
	f.Add(int64(3), "../x", int64(3), []byte(nil), false)
	f.Add(int64(2), "cache.db", int64(3), []byte(nil), false)
	f.Fuzz(func(t *testing.T, mode int64, file string, size int64, data []byte, asText bool) {
		c, err := Open(t.TempDir(), nil)
		require.NoError(t, err)
		defer c.Close()
		require.NoError(t, c.Set(ctx, "k", 1, 0))
		require.NoError(t, c.update(ctx, func(tx *Tx) error {
			query := `UPDATE Cache SET mode = ?, filename = NULLIF(?, ''), size = ?, value = ?`
			if asText {
				query = `UPDATE Cache SET mode = ?, filename = NULLIF(?, ''), size = ?, value = CAST(? AS TEXT)`
			}
			return second(tx.conn.exec(query, mode, file, size, data))
		}))
		_, _ = c.Get(ctx, "k")
		_ = c.GetTo(ctx, "k", new(string))
		_, _, _ = c.GetMany(ctx, []any{"k"})
		_, _ = c.Pop(ctx, "k")
		_, _ = c.Incr(ctx, "k", 1)
		_, err = c.Check(ctx, true)
		require.NoError(t, err)
		require.NoError(t, c.Set(ctx, "k", "again", 0))
		require.FileExists(t, filepath.Join(c.Directory(), dbName))
		got, err := c.Get(ctx, "k")
		require.NoError(t, err)
		require.Equal(t, "again", got)
	})
}
