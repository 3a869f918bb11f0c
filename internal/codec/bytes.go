package codec

import (
	"errors"
	"fmt"
	"math/big"
	"reflect"
	"strconv"
	"strings"

	"github.com/ring-go/ring/internal/pytext"
)

// Bytes is the coder of a storage that keeps bytes and has no other coder.
type Bytes struct{}

func (Bytes) Encode(value any) (any, error) {
	v := reflect.ValueOf(value)
	switch {
	case !v.IsValid():
		return nil, errors.New("nil has no bytes: use a coder, such as \"json\"")
	case v.Kind() == reflect.String:
		return []byte(v.String()), nil
	case v.Kind() == reflect.Slice && v.Type().Elem().Kind() == reflect.Uint8:
		return v.Bytes(), nil
	case v.CanInt():
		return strconv.AppendInt(nil, v.Int(), 10), nil
	case v.CanUint():
		return strconv.AppendUint(nil, v.Uint(), 10), nil
	case v.CanFloat():
		return pytext.AppendFloat(nil, v.Float(), v.Type().Bits()), nil
	}
	return nil, fmt.Errorf("%T has no bytes: use a coder, such as \"json\"", value)
}

func (Bytes) Decode(data any, typ reflect.Type) (any, error) {
	if _, isText := data.(string); isText && typ != nil && typ.Kind() == reflect.String {
		return data, nil
	}
	text, err := DataBytes(data)
	if err != nil {
		return nil, err
	}
	switch {
	case typ == nil || typ.Kind() == reflect.Slice:
		return text, nil
	case typ.Kind() == reflect.String:
		return string(text), nil
	}
	// Python's clients write a float with its fraction even if this function returns an
	// int, so a number keeps the type in which it was written.
	s := strings.TrimSpace(string(text))
	if i, ok := new(big.Int).SetString(s, 10); ok {
		return i, nil
	}
	if typ.Kind() == reflect.Float32 {
		return strconv.ParseFloat(s, 32)
	}
	return strconv.ParseFloat(s, 64)
}

// CheckType refuses every type that is neither text nor a number.
func (Bytes) CheckType(t reflect.Type) error {
	switch {
	case t.Kind() == reflect.String, t.Kind() == reflect.Slice && t.Elem() == reflect.TypeFor[byte](),
		reflect.Int <= t.Kind() && t.Kind() <= reflect.Float64:
		return nil
	}
	return errors.New("the storage keeps bytes, which are text or a number: give the factory a Coder, such as \"json\"")
}

// CheckBytes refuses the result of a coder that Python's clients do not accept. Go's
// clients would write nil as an empty text and true as 1, and no coder would read these
// back as nil and true.
func CheckBytes(data any) error {
	switch data.(type) {
	case []byte, string, int, int8, int16, int32, int64, uint, uint8, uint16, uint32, uint64, float32, float64:
		return nil
	case nil:
		return errors.New("it made a nil for a storage that keeps bytes: make a []byte, a string or a number of it")
	}
	return fmt.Errorf("it made a %T for a storage that keeps bytes: make a []byte, a string or a number of it", data)
}

// DataBytes returns the bytes of a storage's data, which may be a string.
func DataBytes(data any) ([]byte, error) {
	switch d := data.(type) {
	case []byte:
		return d, nil
	case string:
		return []byte(d), nil
	case Undecodable:
		return nil, d.Err
	}
	return nil, fmt.Errorf("%T is stored, not encoded text", data)
}

// Undecodable is the answer of a storage in the place of a value that no coder can
// read.
type Undecodable struct{ Err error }

// These coders read a string as well as a []byte.
func (JSON) ReadsText() bool      { return true }
func (Dataclass) ReadsText() bool { return true }
func (Pickle) ReadsText() bool    { return true }
func (Bytes) ReadsText() bool     { return true }
