package diskcache

import (
	"errors"
	"fmt"
	"os"
	"reflect"
	"strconv"
	"syscall"
)

var (
	// ErrNotFound is returned for a key that has no value or an expired one. It is never
	// wrapped.
	ErrNotFound error = notFound{}

	// ErrClosed is returned by every method after Close.
	ErrClosed = errors.New("diskcache: the cache is closed")

	// ErrTimeout is returned when another writer held the database for longer
	// than Options.Timeout. Python: diskcache.Timeout.
	ErrTimeout = errors.New("the database stayed locked by another writer: try again, or give a longer Timeout")

	// ErrCorrupt is returned if cache.db is damaged or not a database, or has an invalid
	// row. Check shows what is left. A cache that cannot be opened is best removed with
	// its directory.
	ErrCorrupt = errors.New("the database is damaged")

	// ErrMoved is returned if cache.db was removed or replaced while the cache was open.
	// Close the cache and open it again.
	ErrMoved = errors.New("cache.db was removed or replaced: open the cache again")

	// ErrReadOnly is returned if the files of the cache, or the directory itself, cannot
	// be written. A process that only reads must be able to write as well, for the index
	// of SQLite's log.
	ErrReadOnly = errors.New("the directory is read-only: check its permissions, and those of cache.db and what is beside it")

	// ErrKey is returned for an invalid key: NaN, which is not equal to itself, text
	// that is not UTF-8, or a value that cannot be pickled.
	ErrKey = errors.New("the key cannot be stored")

	// ErrValue is returned for a value or tag that cannot be stored. Get returns it for
	// a value that cannot be decoded, and GetTo for one that does not fit.
	ErrValue error = badValue{}
)

// notFound and badValue have a method by which packages that do not import this one
// recognise them.
type notFound struct{}

func (notFound) Error() string  { return "diskcache: key not found" }
func (notFound) NotFound() bool { return true }

type badValue struct{}

func (badValue) Error() string  { return "the value cannot be used" }
func (badValue) BadValue() bool { return true }

// SQLite's result codes: the low byte of Code of a driver's error.
const (
	codeBusy     = 5
	codeLocked   = 6
	codeReadOnly = 8
	codeIO       = 10
	codeCorrupt  = 11
	codeFull     = 13
	codeCantOpen = 14
	codeNotADB   = 26
)

// sqlError translates an error of SQLite into one of this package.
func sqlError(err error) error {
	var coded interface{ Code() int }
	if !errors.As(err, &coded) {
		return err
	}
	switch coded.Code() & 0xff {
	case codeBusy, codeLocked:
		return fmt.Errorf("%w: %w", ErrTimeout, err)
	case codeCorrupt, codeNotADB:
		return fmt.Errorf("%w: %w", ErrCorrupt, err)
	case codeFull:
		return fmt.Errorf("%w: %w", syscall.ENOSPC, err)
	case codeReadOnly:
		return fmt.Errorf("%w: %w", ErrReadOnly, err)
	case codeIO:
		return fmt.Errorf("cache.db cannot be read or written, for example because of a quota or a broken disk: %w", err)
	case codeCantOpen:
		return fmt.Errorf("%w: %w", cantOpen(), err)
	}
	return err
}

// cantOpen checks what SQLite does not tell: whether the process is out of file handles.
func cantOpen() error {
	file, err := os.Open(os.DevNull)
	if err != nil {
		return fmt.Errorf("no more files can be opened: close some, or raise the limit (ulimit -n): %w", err)
	}
	_ = file.Close()
	return errors.New("cache.db, or what is beside it, cannot be opened: check the permissions")
}

// keyError adds the key to an error.
func keyError(key any, err error) error { return fmt.Errorf("key %s: %w", keyText(key), err) }

// keyText is short for every key: a key can be large, or contain itself, and fmt would
// not end.
func keyText(key any) string {
	if b, ok := key.([]byte); ok {
		return fmt.Sprintf("of %d bytes", len(b))
	}
	v := reflect.ValueOf(key)
	switch {
	case v.Kind() == reflect.String:
		return fmt.Sprintf("%.80q", v.String())
	case v.CanInt():
		return strconv.FormatInt(v.Int(), 10)
	case v.CanUint():
		return strconv.FormatUint(v.Uint(), 10)
	case v.CanFloat():
		return fmt.Sprint(v.Float())
	}
	return fmt.Sprintf("of the type %T", key)
}

// wrap adds the operation and the directory to an error.
func (c *Cache) wrap(op string, err error) error {
	if err == nil || err == ErrNotFound || err == ErrClosed {
		return err
	}
	return fmt.Errorf("diskcache: %s %s: %w", op, c.directory, err)
}
