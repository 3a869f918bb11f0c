package ring

import (
	"context"
	"fmt"
	"reflect"
	"time"

	"github.com/ring-go/ring/internal/flight"
	"github.com/ring-go/ring/internal/shared"
	"github.com/ring-go/ring/internal/store"
	"github.com/ring-go/ring/lrucache"
)

// Storage keeps data under keys. It knows nothing of functions, coders and ropes,
// and must be safe for concurrent use. A method that gives up because ctx is done
// returns an error that wraps ctx.Err(). Python: ring.func.base.StorageMixin.
//
// What a storage can do beyond this it says by the optional interfaces HasStorage,
// TouchStorage, TTLStorage, BulkStorage, InMemory and SizedStorage; without them a BaseStorage
// makes do with these three methods. Package storagetest checks an implementation.
type Storage interface {
	// GetValue returns what was set, or ErrNotFound, also when it has expired.
	// Python: get_value.
	GetValue(ctx context.Context, key string) (any, error)

	// SetValue stores value for the time expire, or for good when expire is 0. A
	// time too short for the storage's clock is rounded up. A storage that keeps
	// no expiry refuses one with an error wrapping errors.ErrUnsupported, and
	// stores nothing. Data of type []byte are the caller's again afterwards, unless
	// the storage is InMemory. Python: set_value.
	SetValue(ctx context.Context, key string, value any, expire time.Duration) error

	// DeleteValue removes a value. That there is none is not an error.
	// Python: delete_value.
	DeleteValue(ctx context.Context, key string) error
}

// HasStorage is a Storage that can tell whether a key has a value without reading
// it. Python: ring.func.base.StorageMixin.
type HasStorage interface {
	HasValue(ctx context.Context, key string) (bool, error) // Python: has_value
}

// TouchStorage is a Storage that can renew the expiry of a value. A value that is
// missing or has expired stays so, and is no error. What cannot be done for
// values without expiry is an error wrapping errors.ErrUnsupported.
// Python: ring.func.base.StorageMixin.
type TouchStorage interface {
	TouchValue(ctx context.Context, key string, expire time.Duration) error // Python: touch_value
}

// TTLStorage is a Storage that knows how long a value will still live, for Explain.
type TTLStorage interface {
	// TTLValue returns the time left to the value of key: more than 0, or 0 for a
	// value that does not expire. It returns ErrNotFound when there is none, also
	// when it has expired, and counts as no use of the value.
	TTLValue(ctx context.Context, key string) (time.Duration, error)
}

// forGood is the time left to a value, if there is one, in a storage without expiry.
func forGood(has bool, err error) (time.Duration, error) {
	if err == nil && !has {
		err = ErrNotFound
	}
	return 0, err
}

// BulkStorage is a Storage that does several keys at once, in one round trip where
// it has a server. No keys are nothing to do. In a slice of values a miss is
// ErrNotFound itself in its place. A look-up that fails for some of its keys returns
// what it has, ErrNotFound in the place of these keys, and BulkErrors; other methods
// return BulkErrors as well where only some keys failed. Of equal keys in one
// SetManyValues the last one counts. The slices stay the caller's.
// Python: ring.func.sync.BulkStorageMixin.
type BulkStorage interface {
	GetManyValues(ctx context.Context, keys []string) ([]any, error)
	SetManyValues(ctx context.Context, keys []string, values []any, expire time.Duration) error
	DeleteManyValues(ctx context.Context, keys []string) error
	HasManyValues(ctx context.Context, keys []string) ([]bool, error)
	TouchManyValues(ctx context.Context, keys []string, expire time.Duration) error
}

// InMemory is a Storage that tells whether it keeps the values themselves, in this
// process. Those that do not say so do not. Python: LruStorage.in_memory_storage.
type InMemory interface {
	InMemoryStorage() bool
}

// SizedStorage is a Storage that knows its limit and how many values it holds; -1
// is no limit, and a number that it does not know.
type SizedStorage interface {
	Size() (limit, current int)
}

// BytesStorage is a Storage that tells whether it keeps bytes only, as servers do.
// Without a coder, it is given the bytes that Python's clients write: text as it is,
// a number as its text. Wrap refuses results of other types then. A nil []byte comes back
// empty.
type BytesStorage interface {
	StoresBytes() bool
}

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

// BaseStorage is a rope's storage as a user interface uses it: by key, with values
// encoded and decoded by the rope's coder, in the function's result type. It is
// safe for concurrent use. What it writes is not undone by a call that was running
// meanwhile. Python: ring.func.base.BaseStorage, ring.func.base.CommonMixinStorage,
// ring.func.sync.BulkStorageMixin.
type BaseStorage struct {
	values  *store.Values
	storage Storage
	backend any
}

// Backend returns what the factory was given: the *lrucache.LruCache, the dict, the
// client. Python: backend, Config.storage_backend.
func (s *BaseStorage) Backend() any { return s.backend }

// Storage returns the storage behind, which knows nothing of the coder.
// Python: Config.storage_class.
func (s *BaseStorage) Storage() Storage { return s.storage }

// Get returns the value of key; ErrNotFound when there is none, ErrCoder when it
// cannot be decoded. Python: get.
func (s *BaseStorage) Get(ctx context.Context, key string) (any, error) {
	return s.values.Get(ctx, key)
}

// Set stores value, for the time expire; without it for the rope's, and for good
// when it is 0. Python: set.
func (s *BaseStorage) Set(ctx context.Context, key string, value any, expire ...time.Duration) error {
	return s.values.Set(ctx, key, value, expire...)
}

// Delete removes the value of key, if there is one. Python: delete.
func (s *BaseStorage) Delete(ctx context.Context, key string) error { return s.values.Delete(ctx, key) }

// Has reports whether key has a value. Python: has.
func (s *BaseStorage) Has(ctx context.Context, key string) (bool, error) {
	return s.values.Has(ctx, key)
}

// Touch renews the expiry of a value, to expire or else to the rope's. A missing
// value is no error. Python: touch.
func (s *BaseStorage) Touch(ctx context.Context, key string, expire ...time.Duration) error {
	return s.values.Touch(ctx, key, expire...)
}

// GetMany returns the values of keys. A miss is ErrNotFound itself in its place. A
// value that cannot be decoded is one too, and part of the joined error, as is one that
// the storage failed for. Python: get_many.
func (s *BaseStorage) GetMany(ctx context.Context, keys []string) ([]any, error) {
	return s.values.GetMany(ctx, keys)
}

// SetMany stores values under keys, as many as there are; see Set. A value that
// cannot be encoded is left out, and part of the joined error.
// Python: set_many.
func (s *BaseStorage) SetMany(ctx context.Context, keys []string, values []any, expire ...time.Duration) error {
	return s.values.SetMany(ctx, keys, values, expire...)
}

// DeleteMany removes the values of keys. Python: delete_many.
func (s *BaseStorage) DeleteMany(ctx context.Context, keys []string) error {
	return s.values.DeleteMany(ctx, keys)
}

// HasMany reports for each of keys whether it has a value.
// Python: has_many.
func (s *BaseStorage) HasMany(ctx context.Context, keys []string) ([]bool, error) {
	return s.values.HasMany(ctx, keys)
}

// TouchMany renews the expiry of the values of keys; see Touch.
// Python: touch_many.
func (s *BaseStorage) TouchMany(ctx context.Context, keys []string, expire ...time.Duration) error {
	return s.values.TouchMany(ctx, keys, expire...)
}

// ownStorage is one of ring's own storages. One that embeds it has these methods as well,
// but may do other things: itself is then not the storage.
type ownStorage interface {
	itself() Storage
	home() home
}

// home is what a storage stands on.
type home struct {
	place                      // where the values lie
	backend any                // what ropes share that have it in common
	space   string             // which part of the backend
	lru     *lrucache.LruCache // what holds the values; nil: something else
	texts   store.Texts
}

// homeOf reports false for a storage that is not ring's own.
func homeOf(s Storage) (home, bool) {
	own, ok := s.(ownStorage)
	if !ok || own.itself() != s {
		return home{}, false
	}
	return own.home(), true
}

// place is where a rope keeps its values. Ropes whose places have one id find each
// other's entries there.
type place struct {
	id   any    // comparable; nil: nobody can tell whether another place is the same
	text string // for people
}

// place goes by what ring's own storages stand on. Of any other storage only its own
// address says that two ropes have it in common: a storage over the same client may
// well change the keys.
func (s *BaseStorage) place() place {
	var p place
	if h, ok := homeOf(s.storage); ok {
		p = h.place
	} else {
		p.text = fmt.Sprintf("%T", s.backend)
		if v := reflect.ValueOf(s.storage); v.Kind() == reflect.Pointer && v.Type().Elem().Size() > 0 {
			p.id = s.storage
		}
	}
	if p.id != nil && !reflect.ValueOf(p.id).Comparable() {
		p.id = nil
	}
	return p
}

// isOutside tells whether other processes reach the values.
func (s *BaseStorage) isOutside() bool { return !s.values.Memory }

// backendFlights finds the flights of a backend.
var backendFlights shared.By[flight.Table]

// flightsOf returns the flights of what ring's own storages stand on, which all ropes
// over it share. Any other storage has flights of its own, since it may well change the
// keys; ropes that are given the same one share them.
func flightsOf(storage Storage) *flight.Table {
	backend, space := any(storage), "storage"
	if h, ok := homeOf(storage); ok {
		backend, space = h.backend, h.space
	}
	create := func() *flight.Table { return flight.NewTable(backend, cacheOf(storage)) }
	if obj, ok := shared.ObjectOf(space, backend); ok {
		return backendFlights.Open(obj, create)
	}
	return create()
}

// cacheOf is the cache of an LruStorage, also of one that another storage embeds.
func cacheOf(storage Storage) *lrucache.LruCache {
	if s, ok := storage.(interface{ lruCache() *lrucache.LruCache }); ok {
		return s.lruCache()
	}
	return nil
}
