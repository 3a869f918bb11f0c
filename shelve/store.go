package shelve

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"runtime"
	"sync/atomic"
	"time"

	"github.com/ring-go/ring/internal/sqlfile"
)

// store is the file: pickles by key, without encoding or decoding them.
type store struct {
	db      *sql.DB
	path    string
	mode    mode
	timeout time.Duration

	value, has, replace, delete *sql.Stmt // the last two are nil if the store is only read

	// writing has room for one writer: SQLite allows one at a time, and lets the others
	// wait in steps of up to a tenth of a second.
	writing chan struct{}

	info    fs.FileInfo  // the file before it was opened
	checked atomic.Int64 // when it was last found in its place, in Unix nanoseconds
}

// checkEvery is how long reads assume that the file is still in its place. A check takes
// a quarter of the time of a read.
const checkEvery = 100 * time.Millisecond

// busyTimeout is how long SQLite itself waits for a lock. It tries less and less often,
// in the end ten times a second, and does not get its turn beside a process that writes
// all the time.
const busyTimeout = 10 * time.Millisecond

// openStore opens the shelf at path, where a file exists.
func openStore(path string, o *Options) (*store, error) {
	if !o.readOnly() {
		return openStoreAs(path, modeWrite, o)
	}
	s, err := openStoreAs(path, modeRead, o)
	if c := sqlfile.Code(err); (c == sqlfile.CantOpen || c == sqlfile.ReadOnly) && size(path+"-wal") == 0 && !exists(path+"-journal") {
		// Nobody writes, nothing has to be recovered, and the directory cannot take the
		// -wal and -shm that a reader of a shelf creates.
		return openStoreAs(path, modeImmutable, o)
	}
	return s, err
}

func openStoreAs(path string, mode mode, o *Options) (_ *store, err error) {
	db, err := sql.Open("sqlite", dsn(path, mode, min(o.Timeout, busyTimeout)))
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			db.Close()
		}
	}()
	// One connection for each processor to read with, and one to write. No call needs
	// two.
	db.SetMaxOpenConns(runtime.GOMAXPROCS(0) + 1)
	db.SetMaxIdleConns(runtime.GOMAXPROCS(0) + 1)
	s := &store{db: db, path: path, mode: mode, timeout: o.Timeout, writing: make(chan struct{}, 1)}
	if s.info, err = os.Stat(path); err != nil {
		return nil, err
	}
	if err := s.retry(func() error { return s.setUp(context.Background(), o) }); err != nil {
		return nil, err
	}
	if err := s.prepare(); err != nil {
		return nil, err
	}
	return s, nil
}

// close closes all connections. The last connection of all processes writes the log back
// into the file.
func (s *store) close() error { return s.db.Close() }

// retry calls f until the lock that it needs is free, but not after the timeout. f
// notices if its context ends.
func (s *store) retry(f func() error) error { return retryUntil(time.Now().Add(s.timeout), f) }

func retryUntil(deadline time.Time, f func() error) error {
	err := f()
	for sqlfile.Code(err) == sqlfile.Busy && time.Now().Before(deadline) {
		time.Sleep(time.Millisecond)
		err = f()
	}
	return err
}

// check reports whether the open file is still the one with that name, and for an
// immutable one, whether it is unchanged.
func (s *store) check() error {
	info, err := os.Stat(s.path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err != nil || !os.SameFile(s.info, info) {
		return fmt.Errorf("%w: put it back or close the shelf and open it again", ErrMoved)
	}
	if s.mode == modeImmutable && (info.Size() != s.info.Size() || !info.ModTime().Equal(s.info.ModTime()) || size(s.path+"-wal") > 0) {
		return fmt.Errorf("%w: it was written although its directory could not be, so what was read is out of date: open it again", ErrMoved)
	}
	s.checked.Store(time.Now().UnixNano())
	return nil
}

// checkRead is check after a read.
func (s *store) checkRead() error {
	age := time.Now().UnixNano() - s.checked.Load()
	if s.mode != modeImmutable && 0 <= age && age < int64(checkEvery) {
		return nil
	}
	return s.check()
}
