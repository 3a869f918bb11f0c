package shelve

import (
	"bytes"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/ring-go/ring/internal/sqlfile"
)

// finding is what is at the path of a shelf before it is opened.
type finding int

const (
	nothing finding = iota
	unborn          // an empty file or database, as it is while a shelf is being created
	aShelf
)

// leastDatabase is the size of the smallest database. SQLite itself treats a file of one
// byte as empty and would overwrite it.
const leastDatabase = 512

// resolve makes name absolute and follows a link to the file itself. All names of one
// file then share one lock, and later changes of directory do not matter.
func resolve(name string) (string, error) {
	path, err := filepath.Abs(name)
	if err != nil {
		return "", err
	}
	for range maxLinks {
		if target, err := filepath.EvalSymlinks(path); err == nil {
			return target, nil
		}
		// The target of a link may be missing: the file is created there.
		target, err := os.Readlink(path)
		if err != nil {
			break
		}
		if !filepath.IsAbs(target) {
			target = filepath.Join(filepath.Dir(path), target)
		}
		path = target
	}
	return path, nil
}

// maxLinks is how many links to links are followed.
const maxLinks = 40

// inspect finds out what is at path without changing anything there. If that is
// something other than nothing or a shelf, it returns an error.
func inspect(path string, timeout time.Duration) (finding, fs.FileInfo, error) {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nothing, nil, inspectAround(path)
	case err != nil:
		return nothing, nil, err
	case info.IsDir():
		return nothing, nil, fmt.Errorf("%w but a directory", ErrNotShelf)
	case !info.Mode().IsRegular():
		return nothing, nil, fmt.Errorf("%w: it is not a regular file (%v)", ErrNotShelf, info.Mode().Type())
	case info.Size() >= leastDatabase:
		found, err := inspectDatabase(path, timeout)
		return found, info, err
	case info.Size() > 0:
		return nothing, nil, foreign(path)
	case size(path+"-wal") > 0:
		return nothing, nil, fmt.Errorf("%w: the file is empty, but %s-wal has entries of it: restore it from a copy, or remove both to start anew", ErrCorrupt, filepath.Base(path))
	}
	return unborn, info, nil
}

// inspectAround looks for a reason why there is nothing at path.
func inspectAround(path string) error {
	if _, err := os.Stat(filepath.Dir(path)); err != nil {
		return fmt.Errorf("its directory cannot be used: %w", err)
	}
	return oldShelfBeside(path)
}

// inspectDatabase reads the schema of the file at path. It leaves the file to SQLite: to
// close another handle of it would release the locks that another shelf of this process
// holds (POSIX locks belong to the process).
func inspectDatabase(path string, timeout time.Duration) (finding, error) {
	mode := modeRead
	if !exists(path+"-wal") && !exists(path+"-journal") {
		// Nobody writes: create no -wal and -shm beside a file that may not be a shelf.
		mode = modeImmutable
	}
	found, err := inspectAs(path, mode, timeout)
	if err != nil && mode == modeImmutable && exists(path+"-wal") {
		found, err = inspectAs(path, modeRead, timeout) // another process began to write meanwhile
	}
	switch sqlfile.Code(err) {
	case sqlfile.NotADB:
		return found, foreign(path)
	case sqlfile.CantOpen:
		if e := readable(path); e != nil {
			return found, e
		}
	case sqlfile.ReadOnly:
		// SQLite first has to replay a journal, for which it must open the file for
		// writing.
		return aShelf, nil
	}
	return found, err
}

func inspectAs(path string, mode mode, timeout time.Duration) (finding, error) {
	db, err := sql.Open("sqlite", dsn(path, mode, timeout))
	if err != nil {
		return nothing, err
	}
	defer db.Close()
	var objects, columns int
	var whole int64
	if err := db.QueryRow(selectSchema).Scan(&objects, &columns, &whole); err != nil {
		return nothing, err
	}
	switch {
	case objects == 0:
		return unborn, nil
	case columns != 2:
		return nothing, fmt.Errorf("%w: the file is the database of another program, without a table Dict of keys and values", ErrNotShelf)
	case size(path) < whole && size(path+"-wal") == 0:
		// SQLite would read zeros for the rest of a truncated page.
		return nothing, fmt.Errorf("%w: it is cut off: restore it from a copy, or remove it to start anew", ErrCorrupt)
	}
	return aShelf, db.QueryRow(selectAny).Scan(new(int))
}

// foreign says what a file is that SQLite does not recognise as a database.
func foreign(path string) error {
	head, err := readHead(path)
	if err != nil {
		return err
	}
	if bytes.Equal(head, []byte("SQLite format 3\x00")) {
		return fmt.Errorf("%w: its first page is broken: restore it from a copy, or remove it to start anew", ErrCorrupt)
	}
	if err := oldShelf(path, head); err != nil {
		return err
	}
	return fmt.Errorf("%w: the file is not a database of SQLite", ErrNotShelf)
}

// readHead reads the bytes that tell formats apart. Call it only for a file that is not
// a database, see inspectDatabase.
func readHead(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	head := make([]byte, 16)
	n, err := io.ReadFull(f, head)
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		err = nil
	}
	return head[:n], err
}

// readable returns the reason why the file at path cannot be read, or nil.
func readable(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	return f.Close()
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}

func size(path string) int64 {
	info, err := os.Stat(path)
	if err != nil {
		return 0
	}
	return info.Size()
}
