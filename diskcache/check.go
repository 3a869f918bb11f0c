package diskcache

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// Problem is a fault that Check has found.
type Problem struct {
	Text  string // what and where
	Fixed bool
}

func (p Problem) String() string { return p.Text }

// Check looks for damage: a damaged database, rows whose file is missing or has another
// size, files without a row (a killed process leaves them), empty folders, and wrong
// counters. With fix it repairs what it finds: it removes such rows and files, because
// an incomplete value is useless. It reports files that do not belong to the cache, but
// leaves them alone.
//
// It can run while the cache is in use. It reports files without a row that are younger
// than a minute, but leaves them alone: a Set, also Python's, writes the file before the
// row.
// Python: Cache.check.
func (c *Cache) Check(ctx context.Context, fix bool) ([]Problem, error) {
	ck := &checker{cache: c, fix: fix, known: map[string]bool{}}
	err := ck.run(ctx)
	return ck.problems, c.wrap("check", err)
}

type checker struct {
	cache    *Cache
	fix      bool
	problems []Problem
	files    []string        // the files in the directory, by name
	folders  []string        // the innermost last
	known    map[string]bool // the files that rows name
}

func (ck *checker) report(fixed bool, format string, args ...any) {
	ck.problems = append(ck.problems, Problem{fmt.Sprintf(format, args...), fixed})
}

func (ck *checker) run(ctx context.Context) error {
	if err := ck.integrity(ctx); err != nil {
		return err
	}
	// The files first: files written from now on are not checked.
	if err := ck.walk(); err != nil {
		return err
	}
	err := ck.cache.update(ctx, func(tx *Tx) error {
		for _, step := range []func(*Tx) error{ck.rows, ck.strangers, ck.counters} {
			if err := step(tx); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	ck.emptyFolders()
	return nil
}

// integrity makes SQLite check its file, and rebuilds the indexes if SQLite finds a
// fault.
func (ck *checker) integrity(ctx context.Context) error {
	if err := ck.cache.moved(); err != nil {
		return err
	}
	cn, err := ck.cache.reader(ctx)
	if err != nil {
		return err
	}
	err = cn.query(ctx, func(row []driver.Value) error {
		if text, _ := row[0].(string); text != "ok" {
			ck.report(ck.fix, "cache.db: %s", text)
		}
		return nil
	}, `PRAGMA integrity_check`)
	ck.cache.readers.release(cn)
	if err != nil || !ck.fix || len(ck.problems) == 0 {
		return err
	}
	return ck.rebuild(ctx)
}

func (ck *checker) rebuild(ctx context.Context) error {
	writer := ck.cache.writer
	cn, err := writer.acquire(ctx)
	if err != nil {
		return err
	}
	defer writer.release(cn)
	for _, repair := range []string{`REINDEX`, `VACUUM`} {
		if _, err := cn.execContext(ctx, repair); err != nil {
			return err
		}
	}
	return nil
}

// walk lists the contents of the directory.
func (ck *checker) walk() error {
	root, err := filepath.EvalSymlinks(ck.cache.directory) // WalkDir does not follow links
	if err != nil {
		return err
	}
	return filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) && path != root { // it was removed meanwhile
			return nil
		}
		if err != nil {
			return err
		}
		name, err := filepath.Rel(root, path)
		switch {
		case err != nil:
			return err
		case name == ".", strings.HasPrefix(name, dbName):
		case d.IsDir():
			ck.folders = append(ck.folders, name)
		default:
			ck.files = append(ck.files, name)
		}
		return nil
	})
}

// rows checks the files of the rows.
func (ck *checker) rows(tx *Tx) error {
	var broken []int64
	err := tx.conn.query(tx.ctx, func(row []driver.Value) error {
		id, _ := row[0].(int64)
		size, _ := row[1].(int64)
		name, _ := row[2].(string)
		ck.known[filepath.Clean(name)] = true
		if ck.fileProblem(name, size) {
			broken = append(broken, id)
		}
		return nil
	}, `SELECT rowid, size, filename FROM Cache WHERE filename IS NOT NULL`)
	if err != nil || !ck.fix {
		return err
	}
	for _, id := range broken {
		if _, _, err := tx.remove(`DELETE FROM Cache WHERE rowid = ? RETURNING rowid, filename`, id); err != nil {
			return err
		}
	}
	return nil
}

func (ck *checker) fileProblem(name string, size int64) bool {
	path, err := ck.cache.path(name)
	if err != nil {
		ck.report(ck.fix, "row with a wrong file name: %q", name)
		return true
	}
	info, err := os.Stat(path)
	switch {
	case err != nil:
		ck.report(ck.fix, "file not found: %s", path)
	case info.Size() != size:
		ck.report(ck.fix, "wrong file size: %s, %d != %d", path, info.Size(), size)
	default:
		return false
	}
	return true
}

// minAge is the age from which on Check removes a file without a row. It is as long as
// Python waits for the lock between writing a file and its row. A file's age is by the
// system's clock, not by Options.Now.
const minAge = time.Minute

// strangers checks the files that no row names.
func (ck *checker) strangers(tx *Tx) error {
	for _, name := range ck.files {
		if ck.known[name] {
			continue
		}
		path := filepath.Join(ck.cache.directory, name)
		info, err := os.Lstat(path)
		if errors.Is(err, fs.ErrNotExist) { // it was removed meanwhile
			continue
		}
		if err != nil {
			return err
		}
		own := valueFile.MatchString(name)
		if ck.fix && own && time.Since(info.ModTime()) < minAge {
			ck.report(false, "unknown file: %s, left alone for a minute: a writer may be about to make its row", path)
			continue
		}
		ck.report(ck.fix && own, "unknown file: %s", path)
		if ck.fix && own {
			if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return err
			}
		}
	}
	return nil
}

// counters checks the two numbers that triggers keep.
func (ck *checker) counters(tx *Tx) error {
	for _, counter := range []struct{ name, query string }{
		{"count", `SELECT COUNT(key) FROM Cache`},
		{"size", `SELECT COALESCE(SUM(size), 0) FROM Cache`},
	} {
		kept, err := tx.conn.number(tx.ctx, sqlSetting, counter.name)
		if err != nil {
			return err
		}
		real, err := tx.conn.number(tx.ctx, counter.query)
		if err != nil {
			return err
		}
		if kept == real {
			continue
		}
		ck.report(ck.fix, "Settings.%s is wrong: %d != %d", counter.name, kept, real)
		if !ck.fix {
			continue
		}
		if _, err := tx.conn.exec(`UPDATE Settings SET value = ? WHERE key = ?`, real, counter.name); err != nil {
			return err
		}
	}
	return nil
}

// emptyFolders checks the folders, the inner ones first.
func (ck *checker) emptyFolders() {
	for _, name := range slices.Backward(ck.folders) {
		path := filepath.Join(ck.cache.directory, name)
		entries, err := os.ReadDir(path)
		if err != nil || len(entries) > 0 {
			continue
		}
		// A writer may use it meanwhile.
		ck.report(ck.fix && os.Remove(path) == nil, "empty folder: %s", path)
	}
}
