package ring

import (
	"context"
	"errors"
	"fmt"
	"reflect"

	"github.com/ring-go/ring/internal/flight"
	"github.com/ring-go/ring/internal/pickling"
	"github.com/ring-go/ring/pickle"
)

// TypedStorage is a Storage that turns what it keeps into values of a Go type by
// itself, so that it needs no coder. Where a rope has one all the same, its data are
// stored as any value is.
//
// A storage that embeds such a one and changes GetValue changes these methods, too.
type TypedStorage interface {
	// GetValueTo stores the value of key in what dest points to. It returns
	// ErrNotFound when there is none, and an error wrapping ErrCoder when the value
	// does not fit. Several results are a struct that package pickle takes for a
	// tuple.
	GetValueTo(ctx context.Context, key string, dest any) error

	// GetManyValuesTo is GetValueTo for several keys at once, with an error for each
	// of them in its place.
	GetManyValuesTo(ctx context.Context, keys []string, dests []any) ([]error, error)

	// CheckType tells whether values of a type can be kept. Wrap asks it.
	CheckType(t reflect.Type) error
}

// targetType is the type that a function's result is unpickled into.
func targetType(result reflect.Type, results int) reflect.Type {
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

// fromTarget is the result, or so many of them, that was unpickled into a target.
func fromTarget(target reflect.Value, results int) any {
	if results <= 1 {
		return plainField(target)
	}
	tuple := make(Tuple, results)
	for i := range tuple {
		tuple[i] = plainField(target.Field(i + 1))
	}
	return tuple
}

// plainField is a value with plain maps where its type does not say what it is.
func plainField(v reflect.Value) any {
	if v.Kind() == reflect.Interface {
		return pickle.Plain(v.Interface())
	}
	return v.Interface()
}

// isTyped tells whether the storage decodes by itself.
func (s *BaseStorage) isTyped() bool { return s.typed != nil && *s.coder.Load() == nil }

func (s *BaseStorage) getTyped(ctx context.Context, key string) (any, error) {
	target := reflect.New(s.target)
	_, err := ask(ctx, s, func(ctx context.Context) (any, error) { return nil, s.typed.GetValueTo(ctx, key, target.Interface()) })
	if err != nil {
		return nil, err
	}
	return s.fitStored(fromTarget(target.Elem(), s.results))
}

func (s *BaseStorage) getManyTyped(ctx context.Context, keys []string) ([]flight.Outcome, error) {
	targets, dests := make([]reflect.Value, len(keys)), make([]any, len(keys))
	for i := range keys {
		targets[i] = reflect.New(s.target)
		dests[i] = targets[i].Interface()
	}
	errs, err := ask(ctx, s, func(ctx context.Context) ([]error, error) { return s.typed.GetManyValuesTo(ctx, keys, dests) })
	if err != nil {
		return nil, err
	}
	if len(errs) != len(keys) {
		return nil, fmt.Errorf("%T returned %d answers for %d keys", s.storage, len(errs), len(keys))
	}
	all := make([]flight.Outcome, len(keys))
	for i, err := range errs {
		var value any
		if err == nil {
			value, err = s.fitStored(fromTarget(targets[i].Elem(), s.results))
		}
		all[i] = flight.Outcome{Value: value, Err: err, Hit: err == nil, Failed: err != nil && !isMiss(err) && !errors.Is(err, ErrCoder)}
	}
	return all, nil
}

// pickleCoder stores pickles of protocol 4, which Python reads and writes. Times are kept
// to the microsecond, as Python's are. classes are those that Python's may be; nil: those
// of pickle.Register.
type pickleCoder struct{ classes *pickle.Registry }

func (c pickleCoder) Encode(value any) (any, error) {
	return pickling.MarshalStored(c.classes, value, 0)
}

func (c pickleCoder) Decode(data any, typ reflect.Type) (any, error) {
	text, err := dataBytes(data)
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
	target := reflect.New(targetType(typ, results))
	if err := c.classes.Unmarshal(text, target.Interface()); err != nil {
		return nil, err
	}
	return fromTarget(target.Elem(), results), nil
}

// CheckType refuses the types that a pickle cannot restore.
func (pickleCoder) CheckType(t reflect.Type) error { return pickle.CheckType(t) }

// natural returns the value that get stores, as a storage without types would.
func natural(get func(dest any) error) (any, error) {
	var value any
	if err := get(&value); err != nil {
		return nil, err
	}
	return pickle.Plain(value), nil
}

// naturals is natural for several values.
func naturals(n int, get func(dests []any) ([]error, error)) ([]any, error) {
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
		case err == ErrNotFound:
			values[i] = ErrNotFound
		case err != nil:
			return nil, fmt.Errorf("value %d: %w", i, err)
		default:
			values[i] = pickle.Plain(values[i])
		}
	}
	return values, nil
}

// oneByOne is a bulk set again, after one value that has no pickle kept the others
// from being stored.
func oneByOne(err error, n int, set func(i int) error) error {
	if !errors.Is(err, ErrCoder) {
		return err
	}
	errs := make([]error, n)
	for i := range errs {
		errs[i] = set(i)
	}
	return bulkErrors(errs)
}

func unpickle(data []byte, dest any) error {
	if err := pickle.Unmarshal(data, dest); err != nil {
		return fmt.Errorf("%w: %w", ErrCoder, err)
	}
	return nil
}

// notFound makes what another package returns for a missing key ErrNotFound.
func notFound(err error) error {
	var missing interface{ NotFound() bool }
	if errors.As(err, &missing) && missing.NotFound() {
		return ErrNotFound
	}
	return err
}

func ignoreNotFound(err error) error {
	if err = notFound(err); err == ErrNotFound {
		return nil
	}
	return err
}
