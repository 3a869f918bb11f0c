package ring

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"reflect"
	"time"

	"github.com/ring-go/ring/internal/codec"
	"github.com/ring-go/ring/internal/filelock"
	"github.com/ring-go/ring/pickle"
)

// DiskCacheObj is the part of a *diskcache.Cache that ring uses. The error for a key
// without a value has a method NotFound that returns true; the error for a value that
// cannot be stored or decoded has a method BadValue that returns true.
// Python: diskcache.Cache.
type DiskCacheObj interface {
	GetTo(ctx context.Context, key, dest any) error
	Set(ctx context.Context, key, value any, expire time.Duration, tag ...any) error
	Delete(ctx context.Context, key any) (deleted bool, err error)
	Has(ctx context.Context, key any) (bool, error)
	Touch(ctx context.Context, key any, expire time.Duration) (touched bool, err error)
	GetManyTo(ctx context.Context, keys, dests []any) (found []bool, err error)
	SetMany(ctx context.Context, keys, values []any, expire time.Duration, tag ...any) error
	DeleteMany(ctx context.Context, keys []any) (deleted []bool, err error)
	HasMany(ctx context.Context, keys []any) ([]bool, error)
	TouchMany(ctx context.Context, keys []any, expire time.Duration) (touched []bool, err error)
}

// DiskCache caches in a directory that Python's diskcache can read and write as well.
// Opening and closing the cache is up to the caller.
//
// Without a Coder, text, bytes and numbers are stored as they are, and all other results
// as pickles: package pickle lists the types. Times and durations in a pickle, at any
// depth, are stored to the microsecond, as in Python. A hit returns what was stored; the
// call that runs the function returns what the function returned.
//
// Python: ring.disk, ring.func.sync.diskcache.
type DiskCache struct {
	Obj           DiskCacheObj  // such as a *diskcache.Cache. Python: obj
	KeyPrefix     string        // "": the function's name. Python: key_prefix
	Expire        time.Duration // counted from the store; a hit does not renew it; 0: none. Python: expire
	Coder         any           // a registered name, a Coder or a CoderTuple. Python: coder
	UserInterface UserInterface // nil: CacheUserInterface with BulkInterfaceMixin. Python: user_interface
	StorageClass  StorageClass  // nil: NewDiskCacheStorage. Python: storage_class
	Options       Options       // Python: **kwargs
}

// Disk caches in a directory: it is DiskCache under a short name. The fields are those of
// DiskCache: go doc ring.DiskCache.
// Python: ring.disk.
type Disk = DiskCache

func (f DiskCache) blueprint() (blueprint, error) {
	if isNil(f.Obj) {
		return blueprint{}, errors.New("ring.Disk (DiskCache): Obj is nil: give a cache, such as one of diskcache.Open(…)")
	}
	return common{f.KeyPrefix, f.Expire, f.Coder, f.UserInterface, f.Options}.blueprint(f.Obj, orElse(f.StorageClass, NewDiskCacheStorage)), nil
}

// DiskCacheStorage keeps values in a diskcache directory.
// Python: ring.func.sync.DiskCacheStorage.
type DiskCacheStorage struct {
	Obj DiskCacheObj
	Tag any // the tag of its entries, for Evict of package diskcache; nil: none

	locks *filelock.Locks // those of its keys; nil: they have none
}

var (
	_ Storage      = (*DiskCacheStorage)(nil)
	_ HasStorage   = (*DiskCacheStorage)(nil)
	_ TouchStorage = (*DiskCacheStorage)(nil)
	_ TTLStorage   = (*DiskCacheStorage)(nil)
	_ BulkStorage  = (*DiskCacheStorage)(nil)
	_ TypedStorage = (*DiskCacheStorage)(nil)

	_ AgedStorage      = (*DiskCacheStorage)(nil)
	_ AgedTypedStorage = (*DiskCacheStorage)(nil)
	_ CondStorage      = (*DiskCacheStorage)(nil)
	_ ShortenStorage   = (*DiskCacheStorage)(nil)
)

// NewDiskCacheStorage is the StorageClass of DiskCache; backend is a DiskCacheObj.
// Python: DiskCacheStorage.
func NewDiskCacheStorage(backend any) (Storage, error) {
	obj, ok := backend.(DiskCacheObj)
	if !ok || isNil(obj) {
		return nil, fmt.Errorf("the backend of a DiskCacheStorage is a DiskCacheObj, not %T", backend)
	}
	return &DiskCacheStorage{Obj: obj}, nil
}

// GetValue implements Storage. It returns text, bytes and numbers as they are, and other
// values as the natural value of package pickle, with plain maps.
// Python: get_value.
func (s *DiskCacheStorage) GetValue(ctx context.Context, key string) (any, error) {
	return codec.Natural(func(dest any) error { return s.GetValueTo(ctx, key, dest) })
}

// GetValueTo implements TypedStorage.
func (s *DiskCacheStorage) GetValueTo(ctx context.Context, key string, dest any) error {
	return codec.PickleError(codec.NotFound(s.Obj.GetTo(ctx, key, dest)))
}

// SetValue implements Storage. Python: set_value.
func (s *DiskCacheStorage) SetValue(ctx context.Context, key string, value any, expire time.Duration) error {
	if err := s.void(ctx, key); err != nil {
		return err
	}
	return s.set(ctx, key, value, expire)
}

func (s *DiskCacheStorage) set(ctx context.Context, key string, value any, expire time.Duration) error {
	return codec.PickleError(s.Obj.Set(ctx, key, value, expire, s.Tag))
}

// DeleteValue implements Storage. Python: delete_value.
func (s *DiskCacheStorage) DeleteValue(ctx context.Context, key string) error {
	if err := s.void(ctx, key); err != nil {
		return err
	}
	_, err := s.Obj.Delete(ctx, key)
	return codec.IgnoreNotFound(err)
}

// HasValue implements HasStorage.
func (s *DiskCacheStorage) HasValue(ctx context.Context, key string) (bool, error) {
	return s.Obj.Has(ctx, key)
}

// TTLValue implements TTLStorage, if Obj has the method TTL of a *diskcache.Cache.
func (s *DiskCacheStorage) TTLValue(ctx context.Context, key string) (time.Duration, error) {
	obj, ok := s.Obj.(interface {
		TTL(ctx context.Context, key any) (time.Duration, error)
	})
	if !ok {
		return 0, fmt.Errorf("%w: %T has no TTL", errors.ErrUnsupported, s.Obj)
	}
	left, err := obj.TTL(ctx, key)
	return left, codec.NotFound(err)
}

// TouchValue implements TouchStorage. An expire of 0 removes the entry's expiry.
func (s *DiskCacheStorage) TouchValue(ctx context.Context, key string, expire time.Duration) error {
	_, err := s.Obj.Touch(ctx, key, expire)
	return codec.IgnoreNotFound(err)
}

// GetManyValues implements BulkStorage: one transaction.
func (s *DiskCacheStorage) GetManyValues(ctx context.Context, keys []string) ([]any, error) {
	return codec.Naturals(len(keys), func(dests []any) ([]error, error) { return s.GetManyValuesTo(ctx, keys, dests) })
}

// GetManyValuesTo implements TypedStorage: one transaction, and one more for the values
// that could not be decoded.
func (s *DiskCacheStorage) GetManyValuesTo(ctx context.Context, keys []string, dests []any) ([]error, error) {
	found, err := s.Obj.GetManyTo(ctx, anys(keys), dests)
	err = codec.PickleError(err)
	if err != nil && !errors.Is(err, ErrCoder) {
		return nil, err
	}
	errs := make([]error, len(keys))
	for i, ok := range found {
		switch {
		case ok:
		case err != nil:
			errs[i] = s.GetValueTo(ctx, keys[i], dests[i])
		default:
			errs[i] = ErrNotFound
		}
	}
	return errs, nil
}

// SetManyValues implements BulkStorage: one transaction.
func (s *DiskCacheStorage) SetManyValues(ctx context.Context, keys []string, values []any, expire time.Duration) error {
	if err := s.void(ctx, keys...); err != nil {
		return err
	}
	err := codec.PickleError(s.Obj.SetMany(ctx, anys(keys), values, expire, s.Tag))
	return codec.OneByOne(err, len(keys), func(i int) error { return s.SetValue(ctx, keys[i], values[i], expire) }, bulkErrors)
}

// DeleteManyValues implements BulkStorage: one transaction.
func (s *DiskCacheStorage) DeleteManyValues(ctx context.Context, keys []string) error {
	if err := s.void(ctx, keys...); err != nil {
		return err
	}
	_, err := s.Obj.DeleteMany(ctx, anys(keys))
	return err
}

// HasManyValues implements BulkStorage: one transaction.
func (s *DiskCacheStorage) HasManyValues(ctx context.Context, keys []string) ([]bool, error) {
	return s.Obj.HasMany(ctx, anys(keys))
}

// TouchManyValues implements BulkStorage: one transaction.
func (s *DiskCacheStorage) TouchManyValues(ctx context.Context, keys []string, expire time.Duration) error {
	_, err := s.Obj.TouchMany(ctx, anys(keys), expire)
	return err
}

// CheckType implements TypedStorage.
func (s *DiskCacheStorage) CheckType(t reflect.Type) error { return pickle.CheckType(t) }

func anys(keys []string) []any {
	list := make([]any, len(keys))
	for i, key := range keys {
		list[i] = key
	}
	return list
}

func (s *DiskCacheStorage) itself() Storage { return s }

func (s *DiskCacheStorage) home() home {
	id, text := diskPlace(s.Obj)
	return home{kind: "diskcache", place: place{id, text}, backend: s.Obj, space: "disk"}
}

func diskPlace(obj DiskCacheObj) (id any, text string) {
	d, ok := obj.(interface{ Directory() string })
	if !ok {
		return obj, fmt.Sprintf("%T", obj)
	}
	directory := d.Directory()
	resolved, err := filepath.EvalSymlinks(directory)
	if err != nil { // it was removed, or never existed
		resolved = directory
	}
	return path(resolved), "the directory " + directory
}
