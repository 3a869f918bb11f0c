package diskcache

import (
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"syscall"

	"github.com/ring-go/ring/internal/sqlfile"
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

// causes are what errors of SQLite mean.
var causes = sqlfile.Causes{
	Busy:      ErrTimeout,
	ReadOnly:  ErrReadOnly,
	IO:        errors.New("cache.db cannot be read or written, for example because of a quota or a broken disk"),
	Corrupt:   ErrCorrupt,
	Full:      syscall.ENOSPC,
	NoHandles: errors.New("no more files can be opened: close some, or raise the limit (ulimit -n)"),
	CantOpen:  errors.New("cache.db, or what is beside it, cannot be opened: check the permissions"),
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
