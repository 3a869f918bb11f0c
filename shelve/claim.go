package shelve

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"syscall"
	"time"

	"github.com/gofrs/flock"
)

// lockRetry is the time between two attempts to take a lock.
const lockRetry = 10 * time.Millisecond

// claim takes the lock beside the shelf and finds out what is at path. All processes
// that have the shelf open share the lock; creating or emptying a shelf takes an
// exclusive lock. With flag "r" there may be no lock, if no file can be created in the
// directory.
func claim(path string, o *Options) (*flock.Flock, finding, error) {
	for deadline := time.Now().Add(o.Timeout); ; time.Sleep(lockRetry) {
		found, err := admit(path, o) // before a lock file is created beside a file that is not a shelf
		if err != nil {
			return nil, found, err
		}
		alone := o.alone(found)
		lock, err := tryLock(path, o, alone)
		switch {
		case err == nil:
			// It may have changed before the lock was taken.
			found, err = admit(path, o)
			if err == nil && (alone || !o.alone(found)) {
				return lock, found, nil
			}
			unlock(lock)
			if err != nil {
				return nil, found, err
			}
		case !errors.Is(err, ErrLocked):
			return nil, found, err
		}
		if !time.Now().Before(deadline) {
			return nil, found, lockedError(path, found, o)
		}
	}
}

// alone reports whether the shelf has to be created or emptied, which needs the
// exclusive lock.
func (o *Options) alone(found finding) bool {
	return o.Flag == "n" || o.Flag == "c" && found != aShelf
}

// tryLock takes the lock or fails with ErrLocked.
func tryLock(path string, o *Options, alone bool) (*flock.Flock, error) {
	lock := flock.New(path+".lock", flock.SetPermissions(0o666))
	try := lock.TryRLock
	if alone {
		try = lock.TryLock
	}
	ok, err := try()
	switch {
	case ok:
		return lock, nil
	case err == nil:
		return nil, ErrLocked
	case o.readOnly() && (errors.Is(err, fs.ErrPermission) || errors.Is(err, syscall.EROFS)):
		return nil, nil
	}
	return nil, fmt.Errorf("its lock file cannot be made: %w", err)
}

func lockedError(path string, found finding, o *Options) error {
	name := filepath.Base(path)
	switch {
	case o.Flag == "n":
		return fmt.Errorf("%w: flag \"n\" would empty it under another one who has %s open: close it there first", ErrLocked, name)
	case found == nothing:
		return fmt.Errorf("%w: another one still has %s open, which was deleted: close it there first", ErrLocked, name)
	}
	return fmt.Errorf("%w: another one is making or emptying %s: try again, or give Options a longer Timeout", ErrLocked, name)
}

// share turns the exclusive lock of claim into a shared one. There may be a moment
// without a lock in between: the shelf is open by then, which also keeps others from
// emptying it.
func share(lock *flock.Flock) error {
	for {
		ok, err := lock.TryRLock()
		if ok || err != nil {
			return err
		}
		time.Sleep(lockRetry) // for a process that will find the shelf in use
	}
}

func unlock(lock *flock.Flock) error {
	if lock == nil {
		return nil
	}
	return lock.Unlock()
}
