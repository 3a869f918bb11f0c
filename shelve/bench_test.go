package shelve

import (
	"context"
	"database/sql"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// The shelf is compared with the driver alone, with the same SQL and settings, and with
// prepared statements. The difference is pickling, locks and the check of the file.

const benchKeys = 1000

var benchValue = strings.Repeat("x", 100)

func benchKey(i int) string { return fmt.Sprintf("module.function:%d", i%benchKeys) }

// rawDatabase is the driver alone, with benchKeys entries.
func rawDatabase(b *testing.B) *sql.DB {
	b.Helper()
	path := filepath.Join(b.TempDir(), "raw")
	openShelf(b, path, nil)
	db, err := sql.Open("sqlite", dsn(path, modeWrite, defaultTimeout))
	require.NoError(b, err)
	b.Cleanup(func() { db.Close() })
	rawSet(b, db, prepared(b, db, replace), benchKeys)
	return db
}

func prepared(b *testing.B, db *sql.DB, text string) *sql.Stmt {
	b.Helper()
	stmt, err := db.Prepare(text)
	require.NoError(b, err)
	return stmt
}

// rawSet stores n values in one transaction.
func rawSet(b *testing.B, db *sql.DB, stmt *sql.Stmt, n int) {
	tx, err := db.Begin()
	require.NoError(b, err)
	stmt = tx.Stmt(stmt)
	value := []byte(benchValue)
	for i := range n {
		if _, err := stmt.Exec([]byte(benchKey(i)), value); err != nil {
			b.Fatal(err)
		}
	}
	require.NoError(b, tx.Commit())
}

func benchShelf(b *testing.B) *Shelf {
	b.Helper()
	s := openShelf(b, tempShelf(b), nil)
	setBench(b, s, benchKeys)
	return s
}

func setBench(b *testing.B, s *Shelf, n int) {
	keys, values := make([]string, n), make([]any, n)
	for i := range keys {
		keys[i], values[i] = fmt.Sprintf("module.function:%d", i), benchValue
	}
	require.NoError(b, s.SetMany(context.Background(), keys, values))
}

func BenchmarkGet(b *testing.B) {
	b.Run("driver", func(b *testing.B) {
		stmt := prepared(b, rawDatabase(b), selectValue)
		b.ReportAllocs()
		for i := 0; b.Loop(); i++ {
			var data []byte
			if err := stmt.QueryRow([]byte(benchKey(i))).Scan(&data); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("shelf", func(b *testing.B) {
		s := benchShelf(b)
		b.ReportAllocs()
		for i := 0; b.Loop(); i++ {
			if _, err := s.Get(benchKey(i)); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkSet(b *testing.B) {
	b.Run("driver", func(b *testing.B) {
		stmt := prepared(b, rawDatabase(b), replace)
		value := []byte(benchValue)
		b.ReportAllocs()
		for i := 0; b.Loop(); i++ {
			if _, err := stmt.Exec([]byte(benchKey(i)), value); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("shelf", func(b *testing.B) {
		s := benchShelf(b)
		b.ReportAllocs()
		for i := 0; b.Loop(); i++ {
			if err := s.Set(benchKey(i), benchValue); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkMiss measures the cost of a miss before a cache calls the function.
func BenchmarkMiss(b *testing.B) {
	b.Run("driver", func(b *testing.B) {
		stmt := prepared(b, rawDatabase(b), selectValue)
		for b.Loop() {
			var data []byte
			if err := stmt.QueryRow([]byte("missing")).Scan(&data); err != sql.ErrNoRows {
				b.Fatal(err)
			}
		}
	})
	b.Run("shelf", func(b *testing.B) {
		s := benchShelf(b)
		for b.Loop() {
			if _, err := s.Get("missing"); err == nil {
				b.Fatal("found")
			}
		}
	})
}

func BenchmarkSetMany100(b *testing.B) {
	b.Run("driver", func(b *testing.B) {
		db := rawDatabase(b)
		stmt := prepared(b, db, replace)
		for b.Loop() {
			rawSet(b, db, stmt, 100)
		}
	})
	b.Run("shelf", func(b *testing.B) {
		s := benchShelf(b)
		keys, values := make([]string, 100), make([]any, 100)
		for i := range keys {
			keys[i], values[i] = benchKey(i), benchValue
		}
		for b.Loop() {
			if err := s.SetMany(context.Background(), keys, values); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkGetMany100(b *testing.B) {
	s := benchShelf(b)
	keys := make([]string, 100)
	for i := range keys {
		keys[i] = benchKey(i)
	}
	for b.Loop() {
		if _, err := s.GetMany(context.Background(), keys); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkOpen(b *testing.B) {
	for _, n := range []int{0, 100_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			path := tempShelf(b)
			s, err := Open(path, nil)
			require.NoError(b, err)
			setBench(b, s, n)
			require.NoError(b, s.Close())
			for b.Loop() {
				s, err := Open(path, nil)
				if err != nil {
					b.Fatal(err)
				}
				if err := s.Close(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkItems(b *testing.B) {
	s := benchShelf(b)
	for b.Loop() {
		for _, err := range s.Items() {
			if err != nil {
				b.Fatal(err)
			}
		}
	}
}
