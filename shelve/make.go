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

	"github.com/ring-go/ring/internal/sqlfile"
)

// admit finds out what is at path and whether o's flag may open it.
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
		// Python would continue to open the old shelf.
		return found, oldShelfBeside(path)
	}
	return found, nil
}

// clean makes sure that there is a file, and that it is empty if o asks for that.
func clean(path string, found finding, o *Options) error {
	if !o.readOnly() {
		removeUnfinished(path)
	}
	switch {
	case found == nothing:
		return makeShelf(path)
	case found == aShelf && o.Flag == "n":
		return empty(path, o)
	}
	return nil
}

// unfinished ends the name of a shelf that is being created. It is renamed when it is
// complete, so a process that dies or fails leaves nothing at the path that is not a
// shelf.
const unfinished = "~making~"

// removeUnfinished removes the file of a process that died while it created the shelf at
// path. No process is creating it now: that would hold the exclusive lock.
func removeUnfinished(path string) {
	if info, err := os.Lstat(path + unfinished); err == nil && info.Mode().IsRegular() {
		os.Remove(path + unfinished) // if it stays, that does no harm
	}
}

// makeShelf creates an empty shelf at path, unless something else appears there.
func makeShelf(path string) error {
	for _, suffix := range []string{"-wal", "-shm"} {
		// These belong to a deleted file: a process that has it open keeps its own.
		if err := os.Remove(path + suffix); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	defer removeUnfinished(path)
	if err := build(path + unfinished); err != nil {
		return err
	}
	err := link(path+unfinished, path)
	if err != nil && !errors.Is(err, fs.ErrExist) {
		err = touch(path)
	}
	if err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	syncDirectory(filepath.Dir(path))
	return nil
}

// link gives a file a second name, and fails if a file has that name already. Some file
// systems cannot do it.
var link = os.Link

// build creates an empty shelf at path, on the disk and without files beside it.
func build(path string) error {
	if err := touch(path); err != nil {
		return err
	}
	db, err := sql.Open("sqlite", dsn(path, modeWrite, 0))
	if err != nil {
		return err
	}
	defer db.Close()
	_, err = db.Exec("PRAGMA journal_mode = memory; " + createTable)
	return err
}

// touching lets one goroutine at a time create a file: closing the file releases the
// locks that the rest of the process has on it.
var touching sync.Mutex

// touch creates an empty file with Python's permissions, which differ from those that
// SQLite would give it.
func touch(path string) error {
	touching.Lock()
	defer touching.Unlock()
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return err
	}
	return f.Close()
}

// syncDirectory writes a new file's name to the disk, if the system can do that.
func syncDirectory(path string) {
	if dir, err := os.Open(path); err == nil {
		dir.Sync()
		dir.Close()
	}
}

// empty removes all entries of the shelf at path, in place, while no process has it
// open. SQLite leaves the WAL mode only if no other connection to the database exists,
// in any process and language, so a shelf that Python has open is safe. In exclusive
// locking mode no other connection gets in meanwhile. It is one transaction: a process
// that dies in it leaves the shelf unchanged.
func empty(path string, o *Options) error {
	db, err := sql.Open("sqlite", dsn(path, modeWrite, o.Timeout))
	if err != nil {
		return err
	}
	defer db.Close()
	ctx := context.Background()
	conn, err := db.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	if err := exclude(conn, path, o); err != nil {
		return err
	}
	_, err = conn.ExecContext(ctx, "BEGIN; DROP TABLE Dict; "+createTable+"; COMMIT")
	if err == nil {
		conn.ExecContext(ctx, "VACUUM") // only to make the file smaller
	}
	if sqlfile.Code(err) == sqlfile.Corrupt {
		// The shelf is damaged, which inspect did not see. None of it has to be kept.
		conn.ExecContext(ctx, "ROLLBACK") // it fails if SQLite has done that already
		return os.Truncate(path, 0)
	}
	return err
}

func exclude(conn *sql.Conn, path string, o *Options) error {
	ctx := context.Background()
	if _, err := conn.ExecContext(ctx, "PRAGMA locking_mode = exclusive"); err != nil {
		return err
	}
	for deadline := time.Now().Add(o.Timeout); ; time.Sleep(lockRetry) {
		_, err := conn.ExecContext(ctx, "PRAGMA journal_mode = delete; BEGIN EXCLUSIVE; ROLLBACK")
		if c := sqlfile.Code(err); c != sqlfile.Busy && c != sqlfile.Locked {
			return err
		}
		if !time.Now().Before(deadline) {
			return fmt.Errorf("%w: %w", lockedError(path, aShelf, o), err)
		}
	}
}
