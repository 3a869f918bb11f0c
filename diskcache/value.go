package diskcache

import (
	"database/sql/driver"
	"fmt"
	"math"
	"unicode/utf8"

	"github.com/ring-go/ring/internal/pickling"
	"github.com/ring-go/ring/pickle"
)

// The modes of a value: how to read it.
const (
	modeRaw    = 1 // in the row, unchanged
	modeBytes  = 2 // in a file
	modeText   = 3 // in a file, as UTF-8
	modePickle = 4 // in the row, or in a file if the row has NULL
)

// payload is a value on its way into a row or a file.
type payload struct {
	mode  int64
	value driver.Value // of the row
	data  []byte       // of the file; nil: none
}

// encode decides where and how a value is stored.
func (c *Cache) encode(value any) (payload, error) {
	native, ok, err := native(value)
	if err != nil {
		return payload{}, fmt.Errorf("%w: %w", ErrValue, err)
	}
	if !ok {
		return c.encodePickle(value)
	}
	switch v := native.(type) {
	case string:
		if !utf8.ValidString(v) {
			return payload{}, fmt.Errorf("%w: %.40q is not UTF-8, give bytes", ErrValue, v)
		}
		if c.small(len(v)) || c.small(utf8.RuneCountInString(v)) {
			return payload{mode: modeRaw, value: v}, nil
		}
		return payload{mode: modeText, data: []byte(v)}, nil
	case []byte:
		if c.small(len(v)) {
			return payload{mode: modeRaw, value: v}, nil
		}
		return payload{mode: modeBytes, data: v}, nil
	case float64:
		if math.IsNaN(v) { // SQLite has no NaN, and Python would find None
			return c.encodePickle(v)
		}
	}
	return payload{mode: modeRaw, value: native}, nil
}

func (c *Cache) encodePickle(value any) (payload, error) {
	data, err := pickling.MarshalStored(nil, value, c.config.pickleProtocol)
	if err != nil {
		return payload{}, fmt.Errorf("%w: %w", ErrValue, err)
	}
	if c.small(len(data)) {
		return payload{mode: modePickle, value: data}, nil
	}
	return payload{mode: modePickle, data: data}, nil
}

func (c *Cache) small(length int) bool { return int64(length) < c.config.minFileSize }

// decode returns a stored value in its natural Go type.
func decode(mode int64, value driver.Value) (any, error) {
	if mode != modePickle {
		return natural(value), nil
	}
	var v any
	if err := decodePickle(value, &v); err != nil {
		return nil, err
	}
	return v, nil
}

func decodePickle(value driver.Value, dest any) error {
	data, ok := value.([]byte)
	if !ok {
		return fmt.Errorf("%w: a pickle is stored as %T", ErrCorrupt, value)
	}
	if err := pickle.Unmarshal(data, dest); err != nil {
		return fmt.Errorf("%w: %w", ErrValue, err)
	}
	return nil
}

// decodeTo decodes a stored value into what dest points to.
func decodeTo(mode int64, value driver.Value, dest any) error {
	if mode == modePickle {
		return decodePickle(value, dest)
	}
	switch v := natural(value).(type) {
	case string:
		if d, ok := dest.(*string); ok && d != nil {
			*d = v
			return nil
		}
	case []byte:
		if d, ok := dest.(*[]byte); ok && d != nil {
			*d = v
			return nil
		}
	}
	// Package pickle decides whether a value of Python fits a Go type.
	data, err := pickle.Marshal(natural(value), 0)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrValue, err)
	}
	return decodePickle(data, dest)
}

// tagColumn returns the column of a tag: at most one value that SQLite can store.
func tagColumn(tag []any) (driver.Value, error) {
	if len(tag) > 1 {
		return nil, fmt.Errorf("%w: %d tags are given, an entry has one", ErrValue, len(tag))
	}
	if len(tag) == 0 || tag[0] == nil {
		return nil, nil
	}
	switch v := tag[0].(type) {
	case bool: // as in Python
		if v {
			return int64(1), nil
		}
		return int64(0), nil
	}
	v, ok, err := native(tag[0])
	if err != nil {
		return nil, fmt.Errorf("%w: tag: %w", ErrValue, err)
	}
	if s, isText := v.(string); !ok || isText && !utf8.ValidString(s) {
		return nil, fmt.Errorf("%w: a tag is text in UTF-8, bytes or a number, not %T", ErrValue, tag[0])
	}
	return v, nil
}
