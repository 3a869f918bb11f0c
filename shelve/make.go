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

// unfinished ends the name of a shelf that is being made: it gets its own when it is whole,
// so that whoever dies or fails on the way leaves nothing that is not a shelf.
const unfinished = "~making~"

// removeUnfinished removes what a process left that died while it made the shelf at path.
// None makes it now, since it would hold the lock alone.
func removeUnfinished(path string) {
	if info, err := os.Lstat(path + unfinished); err == nil && info.Mode().IsRegular() {
		os.Remove(path + unfinished) // if it stays, so be it
	}
}

// makeShelf puts an empty shelf at path, unless somebody else puts something there.
func makeShelf(path string) error {
	for _, suffix := range []string{"-wal", "-shm"} {
		// Of a file that was deleted: a process that has it open keeps its own.
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

// link gives a file a second name, and fails when there is one of that name. Some file
// systems cannot do it.
var link = os.Link

// build makes an empty shelf at path, on the disk and without files beside it.
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

// touching keeps a file that is just being made to its maker: closing it takes away the
// locks that the rest of the process has on it.
var touching sync.Mutex

// touch makes a file, empty, with Python's permissions, which are not those that SQLite
// would give it.
func touch(path string) error {
	touching.Lock()
	defer touching.Unlock()
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return err
	}
	return f.Close()
}

// syncDirectory brings a new file's name onto the disk, where the system knows that.
func syncDirectory(path string) {
	if dir, err := os.Open(path); err == nil {
		dir.Sync()
		dir.Close()
	}
}

// empty removes all that the shelf at path has, in place, while nobody has it open. SQLite
// lets a database out of the WAL mode only when no other connection to it exists, in
// whatever process and language: that keeps it from happening to a shelf that Python has
// open. With an exclusive locking mode nobody gets in meanwhile. It is one transaction, so
// that whoever dies in it leaves the shelf as it was.
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
		conn.ExecContext(ctx, "VACUUM") // for the size alone
	}
	if sqlfile.Code(err) == sqlfile.Corrupt {
		// Damage that inspect did not see need not be kept, as a whole or in parts.
		conn.ExecContext(ctx, "ROLLBACK") // an error when SQLite has done it already
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
