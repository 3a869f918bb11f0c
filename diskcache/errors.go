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
	// ErrNotFound is returned for a key that has no value, or one that has
	// expired. It is returned as it is, never wrapped.
	ErrNotFound error = notFound{}

	// ErrClosed is returned by every method after Close.
	ErrClosed = errors.New("diskcache: the cache is closed")

	// ErrTimeout is returned when another writer held the database for longer
	// than Options.Timeout. Python: diskcache.Timeout.
	ErrTimeout = errors.New("the database stayed locked by another writer: try again, or give a longer Timeout")

	// ErrCorrupt is returned when cache.db is damaged or no database, or a row in
	// it makes no sense. What is left can be looked at with Check; a cache that
	// cannot be opened is best removed, with its directory.
	ErrCorrupt = errors.New("the database is damaged")

	// ErrMoved is returned when cache.db was removed or replaced under an open
	// cache. Close the cache and open it again.
	ErrMoved = errors.New("cache.db was removed or replaced: open the cache again")

	// ErrReadOnly is returned when the files of the cache, or the directory itself, cannot
	// be written. Who only reads needs that as well, for the index of SQLite's log.
	ErrReadOnly = errors.New("the directory is read-only: check its permissions, and those of cache.db and what is beside it")

	// ErrKey is returned for a key that cannot be one: NaN, which is not equal to
	// itself, text that is not UTF-8, and what cannot be pickled.
	ErrKey = errors.New("the key cannot be stored")

	// ErrValue is returned for a value or a tag that cannot be stored, and by Get
	// for one that cannot be decoded or does not fit.
	ErrValue error = badValue{}
)

// notFound and badValue have a method to be known by where this package cannot be
// imported.
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

// keyError says which of the keys failed.
func keyError(key any, err error) error { return fmt.Errorf("key %s: %w", keyText(key), err) }

// keyText is short whatever the key is: one can be large, or hold itself, which fmt
// would follow without end.
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

// wrap says which operation on which directory failed.
func (c *Cache) wrap(op string, err error) error {
	if err == nil || err == ErrNotFound || err == ErrClosed {
		return err
	}
	return fmt.Errorf("diskcache: %s %s: %w", op, c.directory, err)
}
