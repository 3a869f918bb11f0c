package shelve

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// admit finds out what lies at path and whether o's flag may open it.
func admit(path string, o *Options) (finding, error) {
	found, info, err := inspect(path, o.Timeout)
	switch {
	case err != nil:
		return found, err
	case found == nothing && !o.creates():
		return found, fmt.Errorf(`%w: flag "c" makes it`, fs.ErrNotExist)
	case found == unborn && !o.creates():
		return found, fmt.Errorf(`%w: it is empty, flag "c" makes a shelf of it`, ErrNotShelf)
	case found != nothing && !o.readOnly() && info.Mode().Perm()&0o222 == 0:
		return found, fmt.Errorf(`%w: the file has no permission to write (%v): chmod u+w it, or open it with flag "r"`, ErrReadOnly, info.Mode())
	}
	if o.Flag == "n" {
		// Python would go on opening the old one.
		return found, oldShelfBeside(path)
	}
	return found, nil
}

// clean sees to it that there is a file, without the entries that o does not want.
func clean(path string, found finding, o *Options) error {
	switch {
	case found == nothing:
		return touch(path)
	case found == aShelf && o.Flag == "n":
		return empty(path, o)
	}
	return nil
}

// touching keeps a file that is just being made to its maker: closing it takes away the
// locks that the rest of the process has on it.
var touching sync.Mutex

// touch makes the file, empty, unless somebody else does, with Python's permissions,
// which are not those that SQLite would give it.
func touch(path string) error {
	touching.Lock()
	defer touching.Unlock()
	for _, suffix := range []string{"-wal", "-shm"} {
		// Of a file that was deleted: who still has it open keeps his own.
		if err := os.Remove(path + suffix); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	syncDirectory(filepath.Dir(path))
	return nil
}

// syncDirectory brings a new file's name onto the disk, where the system knows that.
func syncDirectory(path string) {
	if dir, err := os.Open(path); err == nil {
		dir.Sync()
		dir.Close()
	}
}

// empty cuts the shelf at path off to nothing, in place, while nobody has it open. SQLite
// lets a database out of the WAL mode only when no other connection to it exists, in
// whatever process and language: that keeps it from happening to a shelf that
// Python has open. With an exclusive locking mode nobody gets in meanwhile.
func empty(path string, o *Options) error {
	db, err := sql.Open("sqlite", dsn(path, modeWrite, o.Timeout))
	if err != nil {
		return err
	}
	defer db.Close()
	conn, err := db.Conn(context.Background())
	if err != nil {
		return err
	}
	defer conn.Close()
	if err := exclude(conn, path, o); err != nil {
		return err
	}
	return os.Truncate(path, 0)
}

func exclude(conn *sql.Conn, path string, o *Options) error {
	ctx := context.Background()
	if _, err := conn.ExecContext(ctx, "PRAGMA locking_mode = exclusive"); err != nil {
		return err
	}
	for deadline := time.Now().Add(o.Timeout); ; time.Sleep(lockRetry) {
		_, err := conn.ExecContext(ctx, "PRAGMA journal_mode = delete; BEGIN EXCLUSIVE; ROLLBACK")
		if c := code(err); c != codeBusy && c != codeLocked {
			return err
		}
		if !time.Now().Before(deadline) {
			return fmt.Errorf("%w: %w", lockedError(path, aShelf, o), err)
		}
	}
}
