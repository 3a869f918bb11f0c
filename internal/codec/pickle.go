package codec

import (
	"errors"
	"fmt"
	"reflect"

	"github.com/ring-go/ring/internal/fault"
	"github.com/ring-go/ring/internal/pickling"
	"github.com/ring-go/ring/internal/pyvalue"
	"github.com/ring-go/ring/pickle"
)

// TargetType returns the type into which a function's result is unpickled.
func TargetType(result reflect.Type, results int) reflect.Type {
	switch results {
	case 0:
		return reflect.TypeFor[any]()
	case 1:
		return result
	}
	fields := []reflect.StructField{{Name: "_", PkgPath: "ring", Type: reflect.TypeFor[struct{}](), Tag: `pickle:",tuple"`}}
	for i := range results {
		fields = append(fields, reflect.StructField{Name: result.Field(i).Name, Type: result.Field(i).Type})
	}
	return reflect.StructOf(fields)
}

// FromTarget returns the result, or the results, unpickled into a target.
func FromTarget(target reflect.Value, results int) any {
	if results <= 1 {
		return plainField(target)
	}
	tuple := make(pyvalue.Tuple, results)
	for i := range tuple {
		tuple[i] = plainField(target.Field(i + 1))
	}
	return tuple
}

// plainField returns a value with plain maps if its type does not determine them.
func plainField(v reflect.Value) any {
	if v.Kind() == reflect.Interface {
		return pickle.Plain(v.Interface())
	}
	return v.Interface()
}

// Pickle stores pickles of protocol 4, which Python reads and writes. Times are stored
// to the microsecond, as in Python. Classes are the registered classes; nil: those of
// pickle.Register.
type Pickle struct{ Classes *pickle.Registry }

func (c Pickle) Encode(value any) (any, error) {
	return pickling.MarshalStored(c.Classes, value, 0)
}

func (c Pickle) Decode(data any, typ reflect.Type) (any, error) {
	text, err := DataBytes(data)
	if err != nil {
		return nil, err
	}
	results := 1
	switch {
	case typ == nil:
		results = 0
	case isResults(typ):
		results = typ.NumField()
	}
	target := reflect.New(TargetType(typ, results))
	if err := c.Classes.Unmarshal(text, target.Interface()); err != nil {
		return nil, err
	}
	return FromTarget(target.Elem(), results), nil
}

// CheckType refuses the types that a pickle cannot restore.
func (Pickle) CheckType(t reflect.Type) error { return pickle.CheckType(t) }

// Natural returns the value that get stores, as a storage without types returns it.
func Natural(get func(dest any) error) (any, error) {
	var value any
	if err := get(&value); err != nil {
		return nil, err
	}
	return pickle.Plain(value), nil
}

// Naturals is Natural for several values.
func Naturals(n int, get func(dests []any) ([]error, error)) ([]any, error) {
	values, dests := make([]any, n), make([]any, n)
	for i := range dests {
		dests[i] = &values[i]
	}
	errs, err := get(dests)
	if err != nil {
		return nil, err
	}
	for i, err := range errs {
		switch {
		case err == fault.ErrNotFound:
			values[i] = fault.ErrNotFound
		case err != nil:
			return nil, fmt.Errorf("value %d: %w", i, err)
		default:
			values[i] = pickle.Plain(values[i])
		}
	}
	return values, nil
}

// OneByOne repeats a bulk set for each value, after a value without a pickle has
// prevented the others from being stored.
func OneByOne(err error, n int, set func(i int) error, many func([]error) error) error {
	if !errors.Is(err, fault.ErrCoder) {
		return err
	}
	errs := make([]error, n)
	for i := range errs {
		errs[i] = set(i)
	}
	return many(errs)
}

// Unpickle reads a pickle into what dest points to.
func Unpickle(data []byte, dest any) error {
	if err := pickle.Unmarshal(data, dest); err != nil {
		return fmt.Errorf("%w: %w", fault.ErrCoder, err)
	}
	return nil
}

// NotFound turns another package's error for a missing key into fault.ErrNotFound.
func NotFound(err error) error {
	var missing interface{ NotFound() bool }
	if errors.As(err, &missing) && missing.NotFound() {
		return fault.ErrNotFound
	}
	return err
}

// IgnoreNotFound is for a change to a value that may be missing.
func IgnoreNotFound(err error) error {
	if err = NotFound(err); err == fault.ErrNotFound {
		return nil
	}
	return err
}

// PickleError turns the error of a value that cannot be stored or read into a
// fault.ErrCoder.
func PickleError(err error) error {
	var misfit *pickle.TypeError
	var class *pickle.ClassError
	var bad interface{ BadValue() bool }
	if errors.As(err, &misfit) || errors.As(err, &class) || errors.Is(err, pickle.ErrSyntax) || errors.As(err, &bad) && bad.BadValue() {
		return fmt.Errorf("%w: %w", fault.ErrCoder, err)
	}
	return err
}
