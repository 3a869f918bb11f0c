// Package filelock locks keys across processes, by files.
//
// The lock of a key is a file of its own, which its holder has locked and removes at the end. A
// process that dies leaves the file, which the next one locks. Whoever writes the value of the
// key removes the file: the holder stores nothing then. So that it is not removed while the
// holder stores, both happen under one of 256 other locks, which are held for a moment and
// whose files stay.
package filelock

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/gofrs/flock"
)

// Locks are the locks of the keys whose files are in one directory.
type Locks struct{ dir string }

// New returns the locks in a directory, which they create when they are used.
func New(dir string) *Locks { return &Locks{dir} }

// Lease is a lock that is held.
type Lease struct {
	locks *Locks
	path  string
	file  *flock.Flock // nil: it was released
}

func (l *Locks) path(key string) string {
	sum := sha256.Sum256([]byte(key))
	return filepath.Join(l.dir, hex.EncodeToString(sum[:]))
}

// mostTries is how often a file is opened that others remove again and again.
const mostTries = 100

// Pause is how long to wait between two tries to take a lock. A try takes some microseconds.
const Pause = 3 * time.Millisecond

// Acquire takes the lock of a key; nil: somebody has it.
func (l *Locks) Acquire(key string) (*Lease, error) {
	path := l.path(key)
	for range mostTries {
		file := newFile(path)
		taken, err := file.TryLock()
		switch {
		case errors.Is(err, fs.ErrNotExist):
			if err := os.MkdirAll(l.dir, 0o777); err != nil {
				return nil, fmt.Errorf("lock: %w", err)
			}
			continue
		case err != nil:
			return nil, fmt.Errorf("lock: %w", errors.Join(err, file.Close()))
		case !taken:
			return nil, file.Close()
		}
		if isAt(file, path) {
			return &Lease{l, path, file}, nil
		}
		if err := file.Close(); err != nil { // of who held it before
			return nil, fmt.Errorf("lock: %w", err)
		}
	}
	return nil, nil
}

func newFile(path string) *flock.Flock { return flock.New(path, flock.SetPermissions(0o666)) }

// isAt tells whether an open file has that path still.
func isAt(file *flock.Flock, path string) bool {
	open, err := file.Stat()
	if err != nil {
		return false
	}
	there, err := os.Stat(path)
	return err == nil && os.SameFile(open, there)
}

// Guard calls do while no lock of the key is voided or released.
func (l *Locks) Guard(ctx context.Context, key string, do func() error) error {
	return l.guard(ctx, l.path(key), do)
}

// guardRetry is the time between two attempts to take a lock that others hold for a moment.
const guardRetry = time.Millisecond

func (l *Locks) guard(ctx context.Context, path string, do func() error) error {
	name := filepath.Base(path)
	file := newFile(filepath.Join(l.dir, name[:2]))
	_, err := file.TryLockContext(ctx, guardRetry)
	if errors.Is(err, fs.ErrNotExist) {
		if err = os.MkdirAll(l.dir, 0o777); err == nil {
			_, err = file.TryLockContext(ctx, guardRetry)
		}
	}
	if err != nil {
		return fmt.Errorf("lock: %w", errors.Join(err, file.Close()))
	}
	defer file.Close()
	return do()
}

// Void takes the locks of keys from whoever holds them.
func (l *Locks) Void(ctx context.Context, keys ...string) error {
	for _, key := range keys {
		path := l.path(key)
		if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) { // the holder has stored before it removed it
			continue
		}
		if err := l.guard(ctx, path, func() error { return remove(path) }); err != nil {
			return err
		}
	}
	return nil
}

func remove(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// Finish calls do if nobody has voided the lock, and releases it. It reports whether it has
// called do.
func (l *Lease) Finish(ctx context.Context, do func() error) (held bool, err error) {
	file := l.file
	if l.file = nil; file == nil {
		return false, nil
	}
	defer file.Close()
	err = l.locks.guard(ctx, l.path, func() error {
		if held = isAt(file, l.path); !held {
			return nil
		}
		err := do()
		if removed := remove(l.path); err == nil {
			err = removed
		}
		return err
	})
	return held, err
}

// Release releases the lock, unless Finish has done so.
func (l *Lease) Release(ctx context.Context) error {
	_, err := l.Finish(ctx, func() error { return nil })
	return err
}
