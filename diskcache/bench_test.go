package diskcache

import (
	"bytes"
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

const benchEntries = 10_000

// filled returns a cache with short values under key0, key1, …
func filled(b *testing.B, n int, opts *Options) *Cache {
	b.Helper()
	c, err := Open(b.TempDir(), opts)
	require.NoError(b, err)
	b.Cleanup(func() { require.NoError(b, c.Close()) })
	value := string(bytes.Repeat([]byte("v"), 100))
	for start := 0; start < n; start += 1000 {
		var keys, values []any
		for i := start; i < min(start+1000, n); i++ {
			keys = append(keys, fmt.Sprint("key", i))
			values = append(values, value)
		}
		require.NoError(b, c.SetMany(b.Context(), keys, values, 0))
	}
	return c
}

func BenchmarkGet(b *testing.B) {
	ctx := context.Background()
	c := filled(b, benchEntries, nil)
	keys := make([]any, benchEntries)
	for i := range keys {
		keys[i] = fmt.Sprint("key", i)
	}
	big := bytes.Repeat([]byte("x"), 100_000)
	require.NoError(b, c.Set(ctx, "big", big, 0))
	require.NoError(b, c.Set(ctx, "long", string(big), 0))
	get := func(b *testing.B, key any) {
		if _, err := c.Get(ctx, key); err != nil {
			b.Fatal(err)
		}
	}
	b.Run("same", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			get(b, "key7")
		}
	})
	b.Run("spread", func(b *testing.B) {
		for i := 0; b.Loop(); i++ {
			get(b, keys[i%benchEntries])
		}
	})
	b.Run("miss", func(b *testing.B) {
		for b.Loop() {
			if _, err := c.Get(ctx, "none"); err != ErrNotFound {
				b.Fatal(err)
			}
		}
	})
	b.Run("file of 100 kB", func(b *testing.B) {
		for b.Loop() {
			get(b, "big")
		}
	})
	b.Run("text file of 100 kB", func(b *testing.B) {
		for b.Loop() {
			get(b, "long")
		}
	})
	b.Run("16 goroutines", func(b *testing.B) {
		b.SetParallelism(16)
		b.RunParallel(func(pb *testing.PB) {
			for i := 0; pb.Next(); i++ {
				if _, err := c.Get(ctx, keys[i%benchEntries]); err != nil {
					b.Error(err)
				}
			}
		})
	})
	b.Run("100 at once", func(b *testing.B) {
		for b.Loop() {
			if _, _, err := c.GetMany(ctx, keys[:100]); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkGetLRU(b *testing.B) {
	ctx := context.Background()
	c := filled(b, benchEntries, &Options{EvictionPolicy: LeastRecentlyUsed})
	for b.Loop() {
		if _, err := c.Get(ctx, "key7"); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkSet(b *testing.B) {
	ctx := context.Background()
	c := filled(b, benchEntries, nil)
	value := string(bytes.Repeat([]byte("v"), 100))
	keys := make([]any, 100)
	values := make([]any, 100)
	for i := range keys {
		keys[i], values[i] = fmt.Sprint("key", i), value
	}
	b.Run("again", func(b *testing.B) {
		b.ReportAllocs()
		for i := 0; b.Loop(); i++ {
			require.NoError(b, c.Set(ctx, fmt.Sprint("key", i%benchEntries), value, 0))
		}
	})
	b.Run("new", func(b *testing.B) {
		for i := 0; b.Loop(); i++ {
			require.NoError(b, c.Set(ctx, fmt.Sprintf("new%p%d", b, i), value, 0))
		}
	})
	b.Run("file of 100 kB", func(b *testing.B) {
		big := bytes.Repeat([]byte("x"), 100_000)
		for b.Loop() {
			require.NoError(b, c.Set(ctx, "big", big, 0))
		}
	})
	b.Run("100 at once", func(b *testing.B) {
		for b.Loop() {
			require.NoError(b, c.SetMany(ctx, keys, values, 0))
		}
	})
	b.Run("100 in Transact", func(b *testing.B) {
		for b.Loop() {
			require.NoError(b, c.Transact(ctx, func(tx *Tx) error {
				for i := range keys {
					if err := tx.Set(keys[i], values[i], 0); err != nil {
						return err
					}
				}
				return nil
			}))
		}
	})
}

// BenchmarkOpen opens and closes a cache of 100,000 entries.
func BenchmarkOpen(b *testing.B) {
	c := filled(b, 100_000, nil)
	for b.Loop() {
		again, err := Open(c.Directory(), nil)
		require.NoError(b, err)
		require.NoError(b, again.Close())
	}
}

// BenchmarkFloor measures the least that SQLite needs for the same operations, through
// database/sql and through the driver itself.
func BenchmarkFloor(b *testing.B) {
	ctx := context.Background()
	c := filled(b, benchEntries, nil)
	value := string(bytes.Repeat([]byte("v"), 100))

	b.Run("get, database sql", func(b *testing.B) {
		db, err := sql.Open("sqlite", filepath.Join(c.Directory(), dbName)+"?_pragma=mmap_size(67108864)&_pragma=cache_size(8192)")
		require.NoError(b, err)
		defer db.Close()
		stmt, err := db.Prepare(sqlFind)
		require.NoError(b, err)
		defer stmt.Close()
		b.ReportAllocs()
		for b.Loop() {
			var id, expire, tag, mode, file, size, value any
			require.NoError(b, stmt.QueryRow("key7", 1, 1.7e9).Scan(&id, &expire, &tag, &mode, &file, &size, &value))
		}
	})
	b.Run("get, driver", func(b *testing.B) {
		cn, err := c.connect(ctx)
		require.NoError(b, err)
		defer cn.close()
		stmt, err := cn.statement(ctx, sqlFind)
		require.NoError(b, err)
		args := []driver.NamedValue{{Ordinal: 1, Value: "key7"}, {Ordinal: 2, Value: int64(1)}, {Ordinal: 3, Value: 1.7e9}}
		row := make([]driver.Value, 7)
		b.ReportAllocs()
		for b.Loop() {
			rows, err := stmt.QueryContext(ctx, args)
			require.NoError(b, err)
			require.NoError(b, rows.Next(row))
			require.NoError(b, rows.Close())
		}
	})
	const update = `UPDATE Cache SET store_time = ?, expire_time = NULL, access_time = ?, access_count = 0, tag = NULL,
		size = 0, mode = 1, filename = NULL, value = ? WHERE key = ? AND raw = 1`
	b.Run("set", func(b *testing.B) {
		cn, err := c.connect(ctx)
		require.NoError(b, err)
		defer cn.close()
		for i := 0; b.Loop(); i++ {
			_, err := cn.exec(update, 1.7e9+float64(i), 1.7e9, value, fmt.Sprint("key", i%benchEntries))
			require.NoError(b, err)
		}
	})
	b.Run("100 sets in a transaction", func(b *testing.B) {
		cn, err := c.connect(ctx)
		require.NoError(b, err)
		defer cn.close()
		for n := 0; b.Loop(); n++ {
			_, err := cn.exec(sqlBegin)
			require.NoError(b, err)
			for i := range 100 {
				_, err := cn.exec(update, 1.7e9+float64(n), 1.7e9, value, fmt.Sprint("key", i))
				require.NoError(b, err)
			}
			_, err = cn.exec(sqlCommit)
			require.NoError(b, err)
		}
	})
}
