package ring

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"time"

	"github.com/ring-go/ring/internal/codec"
	"github.com/ring-go/ring/internal/filelock"
	"github.com/ring-go/ring/pickle"
)

// Shelf is the part of a *shelve.Shelf that ring uses. The error for a key without a
// value has a method NotFound that returns true.
// Python: shelve.Shelf.
type Shelf interface {
	GetBytes(ctx context.Context, key string) ([]byte, error) // the pickle
	SetContext(ctx context.Context, key string, value any) error
	DeleteContext(ctx context.Context, key string) error
	HasContext(ctx context.Context, key string) (bool, error)
	GetManyBytes(ctx context.Context, keys []string) ([][]byte, error) // nil in the place of a missing key
	SetMany(ctx context.Context, keys []string, values []any) error
	DeleteMany(ctx context.Context, keys []string) error
	HasMany(ctx context.Context, keys []string) ([]bool, error)
}

// Shelve caches in a shelf, a file that Python's shelve can read and write as well.
// There is no expiry. Opening and closing the shelf is up to the caller.
//
// Without a Coder the results are pickled: package pickle lists the types. Times and
// durations, at any depth, are stored to the microsecond, as in Python. A hit returns
// what was stored; the call that runs the function returns what the function returned.
//
// Python: ring.shelve, ring.func.sync.shelve.
type Shelve struct {
	Shelf         Shelf         // such as a *shelve.Shelf. Python: shelf
	KeyPrefix     string        // "": the function's name. Python: key_prefix
	Coder         any           // a registered name, a Coder or a CoderTuple. Python: coder
	UserInterface UserInterface // nil: CacheUserInterface with BulkInterfaceMixin. Python: user_interface
	StorageClass  StorageClass  // nil: NewShelveStorage. Python: storage_class
	Options       Options       // Python: **kwargs
}

func (f Shelve) blueprint() (blueprint, error) {
	if isNil(f.Shelf) {
		return blueprint{}, errors.New("ring.Shelve: Shelf is nil: give a shelf, such as one of shelve.Open(…)")
	}
	return common{f.KeyPrefix, 0, f.Coder, f.UserInterface, f.Options}.blueprint(f.Shelf, orElse(f.StorageClass, NewShelveStorage)), nil
}

// ShelveStorage keeps values in a shelf, as pickles.
// Python: ring.func.sync.ShelveStorage.
type ShelveStorage struct {
	Shelf Shelf

	locks *filelock.Locks // those of its keys; nil: they have none
}

var (
	_ Storage      = (*ShelveStorage)(nil)
	_ HasStorage   = (*ShelveStorage)(nil)
	_ TouchStorage = (*ShelveStorage)(nil)
	_ TTLStorage   = (*ShelveStorage)(nil)
	_ BulkStorage  = (*ShelveStorage)(nil)
	_ TypedStorage = (*ShelveStorage)(nil)
)

// NewShelveStorage is the StorageClass of Shelve; backend is a Shelf.
// Python: ShelveStorage.
func NewShelveStorage(backend any) (Storage, error) {
	shelf, ok := backend.(Shelf)
	if !ok || isNil(shelf) {
		return nil, fmt.Errorf("the backend of a ShelveStorage is a Shelf, not %T", backend)
	}
	return &ShelveStorage{Shelf: shelf}, nil
}

// errShelfExpiry: a shelf stores nothing beside a value.
var errShelfExpiry = fmt.Errorf("%w: the entries of a shelf have no expiry: use ring.Disk", errors.ErrUnsupported)

// GetValue implements Storage. It returns the natural value of package pickle, with
// plain maps.
func (s *ShelveStorage) GetValue(ctx context.Context, key string) (any, error) {
	return codec.Natural(func(dest any) error { return s.GetValueTo(ctx, key, dest) })
}

// GetValueTo implements TypedStorage.
func (s *ShelveStorage) GetValueTo(ctx context.Context, key string, dest any) error {
	data, err := s.Shelf.GetBytes(ctx, key)
	if err != nil {
		return codec.NotFound(err)
	}
	return codec.Unpickle(data, dest)
}

// SetValue implements Storage; an expire is errors.ErrUnsupported. Python: set_value.
func (s *ShelveStorage) SetValue(ctx context.Context, key string, value any, expire time.Duration) error {
	if expire != 0 {
		return errShelfExpiry
	}
	if err := s.void(ctx, key); err != nil {
		return err
	}
	return codec.PickleError(s.Shelf.SetContext(ctx, key, value))
}

// DeleteValue implements Storage. Python: delete_value.
func (s *ShelveStorage) DeleteValue(ctx context.Context, key string) error {
	if err := s.void(ctx, key); err != nil {
		return err
	}
	return codec.IgnoreNotFound(s.Shelf.DeleteContext(ctx, key))
}

// HasValue implements HasStorage.
func (s *ShelveStorage) HasValue(ctx context.Context, key string) (bool, error) {
	return s.Shelf.HasContext(ctx, key)
}

// TTLValue implements TTLStorage: values never expire.
func (s *ShelveStorage) TTLValue(ctx context.Context, key string) (time.Duration, error) {
	return forGood(s.HasValue(ctx, key))
}

// TouchValue implements TouchStorage: errors.ErrUnsupported.
func (s *ShelveStorage) TouchValue(context.Context, string, time.Duration) error {
	return errShelfExpiry
}

// GetManyValues implements BulkStorage: one transaction.
func (s *ShelveStorage) GetManyValues(ctx context.Context, keys []string) ([]any, error) {
	return codec.Naturals(len(keys), func(dests []any) ([]error, error) { return s.GetManyValuesTo(ctx, keys, dests) })
}

// GetManyValuesTo implements TypedStorage: one transaction.
func (s *ShelveStorage) GetManyValuesTo(ctx context.Context, keys []string, dests []any) ([]error, error) {
	data, err := s.Shelf.GetManyBytes(ctx, keys)
	if err != nil {
		return nil, err
	}
	errs := make([]error, len(keys))
	for i, d := range data {
		if d == nil {
			errs[i] = ErrNotFound
			continue
		}
		errs[i] = codec.Unpickle(d, dests[i])
	}
	return errs, nil
}

// SetManyValues implements BulkStorage: one transaction.
func (s *ShelveStorage) SetManyValues(ctx context.Context, keys []string, values []any, expire time.Duration) error {
	if expire != 0 {
		return errShelfExpiry
	}
	if err := s.void(ctx, keys...); err != nil {
		return err
	}
	err := codec.PickleError(s.Shelf.SetMany(ctx, keys, values))
	return codec.OneByOne(err, len(keys), func(i int) error { return s.SetValue(ctx, keys[i], values[i], 0) }, bulkErrors)
}

// DeleteManyValues implements BulkStorage: one transaction.
func (s *ShelveStorage) DeleteManyValues(ctx context.Context, keys []string) error {
	if err := s.void(ctx, keys...); err != nil {
		return err
	}
	return s.Shelf.DeleteMany(ctx, keys)
}

// HasManyValues implements BulkStorage: one transaction.
func (s *ShelveStorage) HasManyValues(ctx context.Context, keys []string) ([]bool, error) {
	return s.Shelf.HasMany(ctx, keys)
}

// TouchManyValues implements BulkStorage: errors.ErrUnsupported.
func (s *ShelveStorage) TouchManyValues(context.Context, []string, time.Duration) error {
	return errShelfExpiry
}

// CheckType implements TypedStorage.
func (s *ShelveStorage) CheckType(t reflect.Type) error { return pickle.CheckType(t) }

func (s *ShelveStorage) itself() Storage { return s }

func (s *ShelveStorage) home() home {
	id, text := shelfPlace(s.Shelf)
	return home{kind: "shelve", place: place{id, text}, backend: s.Shelf, space: "shelf"}
}

// path identifies a file.
type path string

func shelfPlace(shelf Shelf) (id any, text string) {
	if s, ok := shelf.(interface{ Path() string }); ok {
		return path(s.Path()), "the shelf " + s.Path()
	}
	return shelf, fmt.Sprintf("%T", shelf)
}
