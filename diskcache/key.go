package diskcache

import (
	"bytes"
	"database/sql/driver"
	"encoding"
	"fmt"
	"iter"
	"math"
	"reflect"
	"unicode/utf8"

	"github.com/ring-go/ring/internal/pickling"
	"github.com/ring-go/ring/pickle"
)

// dbKey is a key in the form of the columns key and raw.
type dbKey struct {
	key driver.Value
	raw driver.Value // int64: 1 for the key itself, 0 for its pickle

	// others are the other pickles that Python may have made of the key. If a key
	// contains equal objects, they differ by which of them are one object. Here all of
	// them are one key.
	others []driver.Value
}

// forms returns the keys of all rows that a key may have, the most likely one first.
func (k dbKey) forms() iter.Seq[dbKey] {
	return func(yield func(dbKey) bool) {
		if !yield(dbKey{key: k.key, raw: k.raw}) {
			return
		}
		for _, other := range k.others {
			if !yield(dbKey{key: other, raw: k.raw}) {
				return
			}
		}
	}
}

// StoredKey is a key that Keys found and that no Go value represents, with its bytes in
// the database. It was written with another protocol, or with equal parts that are one
// object, which the pickle tells and Go does not: see "Differences to Python". All
// methods accept it as a key. A StoredKey that does not come from Keys stands for its
// Value.
type StoredKey struct {
	Value any // the key as a Go value

	pickle string
}

// String formats the value.
func (k StoredKey) String() string { return fmt.Sprint(k.Value) }

var isRaw, isPickle driver.Value = int64(1), int64(0)

// key returns the columns of a key: text, bytes and numbers as they are, anything else
// as a pickle.
func (c *Cache) key(key any) (dbKey, error) {
	switch k := key.(type) {
	case []byte:
		key = notNil(k)
	case StoredKey:
		if k.pickle != "" {
			return dbKey{key: []byte(k.pickle), raw: isPickle}, nil
		}
		return c.key(k.Value)
	}
	native, ok, err := native(key)
	switch {
	case err != nil:
		return dbKey{}, fmt.Errorf("%w: %w", ErrKey, err)
	case ok:
		return rawKey(native)
	}
	forms, err := pickling.Forms(key, c.config.pickleProtocol)
	if err != nil {
		return dbKey{}, fmt.Errorf("%w: %w", ErrKey, err)
	}
	if mayBePlain(key) {
		if plain, ok, err := unpickleNative(forms[0]); ok && err == nil {
			return rawKey(plain)
		}
	}
	if c.config.keysRefused != nil {
		return dbKey{}, fmt.Errorf("%w: %w", ErrKey, c.config.keysRefused)
	}
	k := dbKey{key: forms[0], raw: isPickle}
	for _, form := range forms[1:] {
		k.others = append(k.others, form)
	}
	return k, nil
}

var textMarshaler = reflect.TypeFor[encoding.TextMarshaler]()

// mayBePlain reports, for a key that native does not know, whether its pickle can be
// that of text, bytes or a number. Such a key has to be found under that.
func mayBePlain(key any) bool {
	t := reflect.TypeOf(key)
	if t == nil {
		return false
	}
	return t.Kind() == reflect.Pointer || t.Kind() == reflect.Struct ||
		t.Implements(textMarshaler) || reflect.PointerTo(t).Implements(textMarshaler)
}

func rawKey(native driver.Value) (dbKey, error) {
	switch k := native.(type) {
	case string:
		if !utf8.ValidString(k) {
			return dbKey{}, fmt.Errorf("%w: %.40q is not UTF-8, give bytes", ErrKey, k)
		}
	case float64:
		if math.IsNaN(k) {
			return dbKey{}, fmt.Errorf("%w: NaN is not equal to itself", ErrKey)
		}
	}
	return dbKey{key: native, raw: isRaw}, nil
}

// goKey is the inverse of key.
func (c *Cache) goKey(stored dbKey) (any, error) {
	data, ok := stored.key.([]byte)
	if stored.raw == isRaw || !ok {
		return natural(stored.key), nil
	}
	var v any
	if err := pickle.Unmarshal(data, &v); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrKey, err)
	}
	k, err := c.key(v)
	if err == nil && k.raw == isPickle {
		for form := range k.forms() {
			if bytes.Equal(form.key.([]byte), data) {
				return v, nil
			}
		}
	}
	return StoredKey{Value: v, pickle: string(data)}, nil
}

// native returns v in a type that SQLite stores as it is: a string, a []byte, an int64
// or a float64. A nil slice is None.
func native(v any) (driver.Value, bool, error) {
	switch v := v.(type) {
	case string:
		return v, true, nil
	case []byte:
		return v, v != nil, nil
	case int:
		return int64(v), true, nil
	case int64:
		return v, true, nil
	case float64:
		return v, true, nil
	}
	r := reflect.ValueOf(v)
	switch r.Kind() {
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64, reflect.String,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64,
		reflect.Float32, reflect.Float64:
	case reflect.Slice:
		if r.Type().Elem().Kind() != reflect.Uint8 {
			return nil, false, nil
		}
	default:
		return nil, false, nil
	}
	return nativeNamed(v)
}

// nativeNamed asks package pickle for the Python type of a named type: a time.Duration
// is not a number there, and a named string is text.
func nativeNamed(v any) (driver.Value, bool, error) {
	data, err := pickling.MarshalStored(nil, v, 0)
	if err != nil {
		return nil, false, err
	}
	return unpickleNative(data)
}

// unpickleNative is native for a pickle.
func unpickleNative(data []byte) (driver.Value, bool, error) {
	var plain any
	if err := pickle.Unmarshal(data, &plain); err != nil {
		return nil, false, err
	}
	switch plain := plain.(type) {
	case string:
		return plain, true, nil
	case []byte:
		return notNil(plain), true, nil
	case int:
		return int64(plain), true, nil
	case float64:
		return plain, true, nil
	}
	return nil, false, nil
}

// natural returns the Go value of a value of SQLite.
func natural(v driver.Value) any {
	switch v := v.(type) {
	case []byte:
		return notNil(v)
	case int64:
		if int64(int(v)) == v {
			return int(v)
		}
	}
	return v
}

// notNil makes a nil slice an empty one: SQLite and its drivers store NULL for nil, and
// return nil for an empty blob.
func notNil(b []byte) []byte {
	if b == nil {
		return []byte{}
	}
	return b
}
