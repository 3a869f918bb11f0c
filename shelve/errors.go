package shelve

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/ring-go/ring/internal/sqlfile"
)

// The causes of errors, for errors.Is. A missing file or directory is fs.ErrNotExist,
// and one without permission fs.ErrPermission.
var (
	// ErrNotFound: the shelf has no such key. Python: KeyError.
	ErrNotFound error = notFound{}

	// ErrClosed: the shelf was closed. Python: ValueError.
	ErrClosed = errors.New("the shelf is closed")

	// ErrKey: the key is not UTF-8 text.
	ErrKey = errors.New("the key is not UTF-8 text")

	// ErrReadOnly: the shelf is open with flag "r", or its file cannot be written.
	ErrReadOnly = errors.New("the shelf is read-only")

	// ErrLocked: for the whole Timeout others held a lock on the shelf or, for flag "n",
	// had it open.
	ErrLocked = errors.New("the shelf is in use")

	// ErrMoved: the file was deleted, moved or replaced while the shelf was open.
	ErrMoved = errors.New("the file was deleted, moved or replaced while it was open")

	// ErrNotShelf: the name belongs to something else, such as a directory, a text or
	// the database of another program.
	ErrNotShelf = errors.New("not a shelf")

	// ErrOldShelf: the name belongs to a shelf of a Python before 3.13, in another
	// format.
	ErrOldShelf = errors.New("a shelf in an older format")

	// ErrCorrupt: the file is a damaged database.
	ErrCorrupt = errors.New("the shelf is damaged")

	// ErrFull: there is no space on the disk for the write.
	ErrFull = errors.New("the disk is full")
)

// notFound has a method by which packages that do not import this one recognize it.
type notFound struct{}

func (notFound) Error() string  { return "key not found" }
func (notFound) NotFound() bool { return true }

// Error is the type of every error of this package.
type Error struct {
	Op   string // the operation: "open", "get", …
	File string // the shelf's file
	Key  string // "" if the error is not about a single key
	Err  error  // the cause
}

// Error formats e as: shelve: op "key" in file: cause.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString("shelve: ")
	b.WriteString(e.Op)
	if e.Key != "" {
		b.WriteByte(' ')
		b.WriteString(strconv.Quote(e.Key))
		b.WriteString(" in")
	}
	b.WriteByte(' ')
	b.WriteString(e.File)
	b.WriteString(": ")
	b.WriteString(e.Err.Error())
	return b.String()
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// causes translates the errors of SQLite.
var causes = sqlfile.Causes{
	Busy:      fmt.Errorf("%w: another connection keeps it locked: try again, or give Options a longer Timeout", ErrLocked),
	ReadOnly:  fmt.Errorf("%w: the file or its directory cannot be written", ErrReadOnly),
	IO:        errors.New("the file cannot be read or written, for example because of a quota, a limit on file sizes or a broken disk"),
	Corrupt:   fmt.Errorf("%w: restore it from a copy, or remove it to start anew", ErrCorrupt),
	Full:      fmt.Errorf("%w: nothing was changed", ErrFull),
	NoHandles: errors.New("no more files can be opened: close some or raise the limit (ulimit -n)"),
	CantOpen:  errors.New("the file cannot be opened, or those beside it cannot be made: check the permissions of the file and its directory"),
}
