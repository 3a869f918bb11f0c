package ring

import (
	"context"
	"fmt"
	"reflect"
	"sync/atomic"
	"time"

	"github.com/ring-go/ring/internal/flight"
	"github.com/ring-go/ring/internal/shared"
	"github.com/ring-go/ring/internal/store"
	"github.com/ring-go/ring/lrucache"
)

// Storage keeps data under keys. It knows nothing of functions, coders and ropes, and
// must be safe for concurrent use. A method that gives up because ctx is done returns an
// error that wraps ctx.Err().
//
// A storage that can do more implements the optional interfaces HasStorage,
// TouchStorage, TTLStorage, BulkStorage, InMemory and SizedStorage; without them, a
// BaseStorage uses only these three methods. AgedStorage, CondStorage and ShortenStorage
// are for Freshness, ClearStorage for Rope.Clear. Package storagetest checks an implementation.
//
// Python: ring.func.base.StorageMixin.
type Storage interface {
	// GetValue returns the stored value, or ErrNotFound if there is none or it has
	// expired.
	// Python: get_value.
	GetValue(ctx context.Context, key string) (any, error)

	// SetValue stores value for the duration expire, or for good if expire is 0. A
	// duration too short for the storage's clock is rounded up. A storage without expiry
	// refuses one with an error that wraps errors.ErrUnsupported, and stores nothing.
	// The caller may change data of type []byte afterwards, unless the storage is
	// InMemory.
	// Python: set_value.
	SetValue(ctx context.Context, key string, value any, expire time.Duration) error

	// DeleteValue removes a value. It is no error if there is none.
	// Python: delete_value.
	DeleteValue(ctx context.Context, key string) error
}

// HasStorage is a Storage that can tell whether a key has a value without reading it.
// Python: ring.func.base.StorageMixin.
type HasStorage interface {
	HasValue(ctx context.Context, key string) (bool, error) // Python: has_value
}

// TouchStorage is a Storage that can renew the expiry of a value. A missing or expired
// value stays missing, and is no error. If the storage cannot touch, for example a value
// without expiry, the error wraps errors.ErrUnsupported.
// Python: ring.func.base.StorageMixin.
type TouchStorage interface {
	TouchValue(ctx context.Context, key string, expire time.Duration) error // Python: touch_value
}

// TTLStorage is a Storage that knows when a value expires. Explain uses it.
type TTLStorage interface {
	// TTLValue returns the time left to the value of key: more than 0, or 0 if it does
	// not expire. It returns ErrNotFound if there is no value or it has expired. It does
	// not affect the order of eviction.
	TTLValue(ctx context.Context, key string) (time.Duration, error)
}

// forGood returns the time left to a value, if there is one, in a storage without
// expiry.
func forGood(has bool, err error) (time.Duration, error) {
	if err == nil && !has {
		err = ErrNotFound
	}
	return 0, err
}

// Aged is a value as an AgedStorage finds it.
type Aged struct {
	Value   any           // as GetValue returns it
	Left    time.Duration // more than 0: the time left to the value; 0: it does not expire
	Version any           // identifies what is stored, for CondStorage; nil: the storage cannot tell
}

// AgedStorage is a Storage that tells a value and the time left to it in one question.
// Freshness reads off that time whether a value is fresh. Without these methods a rope
// with Freshness asks a TTLStorage after each GetValue.
//
// A storage that embeds one of these, a CondStorage or a ShortenStorage, and overrides
// GetValue or SetValue has to override these methods, too.
type AgedStorage interface {
	// GetAged is GetValue with the time left. The two may be those of two moments, if
	// something is written between them.
	GetAged(ctx context.Context, key string) (Aged, error)

	// GetManyAged is GetAged for several keys: a miss has ErrNotFound itself as its
	// Value. If it fails for some of the keys, it returns BulkErrors, as the methods of
	// BulkStorage do.
	GetManyAged(ctx context.Context, keys []string) ([]Aged, error)
}

// CondStorage is a Storage that stores a value only if nobody else has written
// meanwhile, not even another process. The condition and the store are one step.
type CondStorage interface {
	// AddValue is SetValue if key has no value. It reports whether it has stored.
	AddValue(ctx context.Context, key string, value any, expire time.Duration) (stored bool, err error)

	// ReplaceValue is SetValue if what is stored under key is still that version, which
	// is the Version of an Aged. It reports whether it has stored.
	ReplaceValue(ctx context.Context, key string, version, value any, expire time.Duration) (stored bool, err error)
}

// ShortenStorage is a Storage that can bring the end of a value forward.
type ShortenStorage interface {
	// ShortenValue leaves the value of key at most so much time, which is more than 0.
	// It never lengthens it. A missing value is no error.
	ShortenValue(ctx context.Context, key string, left time.Duration) error
}

// ClearStorage is a Storage that can tell its keys. Rope.Clear uses it.
//
// A storage that embeds one and keeps values under other keys than it is given has to
// override ClearPrefix, too.
type ClearStorage interface {
	// ClearPrefix removes the values whose keys begin with prefix, and returns how many, also
	// if it fails. With "" these are all. It need not remove what is stored meanwhile. If it
	// removes many, others come to the storage in between.
	ClearPrefix(ctx context.Context, prefix string) (int, error)
}

// BulkStorage is a Storage that handles several keys at once, with a server in one round
// trip. An empty list is a no-op. The slices belong to the caller.
//
// In the values that GetManyValues returns, a miss is ErrNotFound itself. A method that
// fails for some of its keys returns BulkErrors; a look-up then also returns the values
// that it found, and ErrNotFound in the place of the failed keys. If SetManyValues gets
// a key twice, the last value wins.
//
// Python: ring.func.sync.BulkStorageMixin.
type BulkStorage interface {
	GetManyValues(ctx context.Context, keys []string) ([]any, error)
	SetManyValues(ctx context.Context, keys []string, values []any, expire time.Duration) error
	DeleteManyValues(ctx context.Context, keys []string) error
	HasManyValues(ctx context.Context, keys []string) ([]bool, error)
	TouchManyValues(ctx context.Context, keys []string, expire time.Duration) error
}

// InMemory is a Storage that reports whether it keeps the values themselves, in this
// process. A storage without this method does not.
// Python: LruStorage.in_memory_storage.
type InMemory interface {
	InMemoryStorage() bool
}

// SizedStorage is a Storage that knows its limit and the number of its values. A limit
// of -1 is none; a number of -1 is unknown.
type SizedStorage interface {
	Size() (limit, current int)
}

// BytesStorage is a Storage that reports whether it keeps bytes only, as servers do.
// Without a coder it gets the bytes that Python's clients write: text unchanged, a
// number as its text. Wrap then refuses results of other types. A nil []byte comes back
// empty.
type BytesStorage interface {
	StoresBytes() bool
}

// TypedStorage is a Storage that converts what it keeps into values of a Go type itself,
// so that it needs no coder. If the rope has a coder all the same, the storage keeps the
// coder's data like any value.
//
// A storage that embeds a TypedStorage and overrides GetValue has to override these
// methods, too.
type TypedStorage interface {
	// GetValueTo stores the value of key in what dest points to. It returns ErrNotFound
	// if there is none, and an error that wraps ErrCoder if the value does not fit. For
	// several results, dest points to a struct that package pickle treats as a tuple.
	GetValueTo(ctx context.Context, key string, dest any) error

	// GetManyValuesTo is GetValueTo for several keys. It returns one error, or nil, for
	// each of them.
	GetManyValuesTo(ctx context.Context, keys []string, dests []any) ([]error, error)

	// CheckType reports whether values of a type can be kept. Wrap calls it.
	CheckType(t reflect.Type) error
}

// AgedTypedStorage is a TypedStorage that tells the time left to a value, as an
// AgedStorage does.
type AgedTypedStorage interface {
	TypedStorage

	// GetAgedTo is GetValueTo with the time left and the version. The Value is nil: it is
	// in what dest points to.
	GetAgedTo(ctx context.Context, key string, dest any) (Aged, error)
}

// BaseStorage is a rope's storage as a user interface uses it: by key, with values
// encoded and decoded by the rope's coder, in the function's result type. It is safe for
// concurrent use. A run that is under way does not undo its writes.
// Python: ring.func.base.BaseStorage, ring.func.base.CommonMixinStorage,
// ring.func.sync.BulkStorageMixin.
type BaseStorage struct {
	values atomic.Pointer[store.Values]
}

// Backend returns what the factory was given: the *lrucache.LruCache, the dict, the
// client.
// Python: backend, Config.storage_backend.
func (s *BaseStorage) Backend() any { return s.values.Load().Backend }

// Storage returns the underlying storage, without the coder.
// Python: Config.storage_class.
func (s *BaseStorage) Storage() Storage { return s.values.Load().Storage }

// Get returns the value of key. The error is ErrNotFound if there is none, and ErrCoder
// if it cannot be decoded.
// Python: get.
func (s *BaseStorage) Get(ctx context.Context, key string) (any, error) {
	return s.values.Load().Get(ctx, key)
}

// Set stores value for the duration expire; 0 is for good. Without expire it uses the
// rope's expiry.
// Python: set.
func (s *BaseStorage) Set(ctx context.Context, key string, value any, expire ...time.Duration) error {
	return s.values.Load().Set(ctx, key, value, expire...)
}

// Delete removes the value of key, if there is one. Python: delete.
func (s *BaseStorage) Delete(ctx context.Context, key string) error {
	return s.values.Load().Delete(ctx, key)
}

// Has reports whether key has a value. Python: has.
func (s *BaseStorage) Has(ctx context.Context, key string) (bool, error) {
	return s.values.Load().Has(ctx, key)
}

// Touch renews the expiry of a value: to expire, or to the rope's expiry without it. A
// missing value is no error.
// Python: touch.
func (s *BaseStorage) Touch(ctx context.Context, key string, expire ...time.Duration) error {
	return s.values.Load().Touch(ctx, key, expire...)
}

// GetMany returns the values of keys. A miss is ErrNotFound itself in its place, and so
// is a value that cannot be decoded or whose look-up failed: the joined error has the
// reason.
// Python: get_many.
func (s *BaseStorage) GetMany(ctx context.Context, keys []string) ([]any, error) {
	return s.values.Load().GetMany(ctx, keys)
}

// SetMany stores as many values as keys, like Set. It leaves out a value that cannot be
// encoded; the joined error has the reason.
// Python: set_many.
func (s *BaseStorage) SetMany(ctx context.Context, keys []string, values []any, expire ...time.Duration) error {
	return s.values.Load().SetMany(ctx, keys, values, expire...)
}

// DeleteMany removes the values of keys. Python: delete_many.
func (s *BaseStorage) DeleteMany(ctx context.Context, keys []string) error {
	return s.values.Load().DeleteMany(ctx, keys)
}

// HasMany reports for each of keys whether it has a value.
// Python: has_many.
func (s *BaseStorage) HasMany(ctx context.Context, keys []string) ([]bool, error) {
	return s.values.Load().HasMany(ctx, keys)
}

// TouchMany renews the expiry of the values of keys, like Touch. Python: touch_many.
func (s *BaseStorage) TouchMany(ctx context.Context, keys []string, expire ...time.Duration) error {
	return s.values.Load().TouchMany(ctx, keys, expire...)
}

// ownStorage is one of ring's own storages. A storage that embeds it has these methods
// as well, but may behave differently: then itself returns another storage.
type ownStorage interface {
	itself() Storage
	home() home
}

// home says where a storage keeps its values and which ropes share them.
type home struct {
	kind    string             // the name of the factory, as Python has it
	place                      // where the values are
	backend any                // ropes over one backend share flights
	space   string             // the part of the backend
	lru     *lrucache.LruCache // the cache that holds the values; nil: there is none
	texts   store.Texts
}

// homeOf returns false for a storage that is not ring's own.
func homeOf(s Storage) (home, bool) {
	own, ok := s.(ownStorage)
	if !ok || own.itself() != s {
		return home{}, false
	}
	return own.home(), true
}

// place is where a rope keeps its values. Ropes whose places have the same id find each
// other's entries.
type place struct {
	id   any    // comparable; nil: no other place is known to be the same
	text string // for people
}

// place returns the place of ring's own storages. Any other storage is identified by
// its address alone: a storage over the same client may change the keys.
func (s *BaseStorage) place() place { return placeOf(s.values.Load()) }

func placeOf(values *store.Values) place {
	var p place
	if h, ok := homeOf(values.Storage); ok {
		p = h.place
	} else {
		p.text = fmt.Sprintf("%T", values.Backend)
		if v := reflect.ValueOf(values.Storage); v.Kind() == reflect.Pointer && v.Type().Elem().Size() > 0 {
			p.id = values.Storage
		}
	}
	if p.id != nil && !reflect.ValueOf(p.id).Comparable() {
		p.id = nil
	}
	return p
}

// kindOf returns the name of the factory whose storage s is, as Python has it, or the type of
// another storage.
func kindOf(s Storage) string {
	if h, own := homeOf(s); own {
		return h.kind
	}
	return fmt.Sprintf("%T", s)
}

// ager is a storage that has to store something beside a value to tell how old that is. It
// gets the durations of Freshness before its first use.
type ager interface {
	keepAges(ahead, revalidate, onError time.Duration)
}

// agesOf returns the look-ups of a storage that tells the age of a value.
func agesOf(s Storage) (ages store.Ages) {
	if aged, ok := s.(AgedStorage); ok {
		ages.Get = func(ctx context.Context, key string) (store.Aged, error) {
			found, err := aged.GetAged(ctx, key)
			return store.Aged(found), err
		}
		ages.GetMany = func(ctx context.Context, keys []string) ([]store.Aged, error) {
			all, err := aged.GetManyAged(ctx, keys)
			found := make([]store.Aged, len(all))
			for i := range all {
				found[i] = store.Aged(all[i])
			}
			return found, err
		}
	}
	if typed, ok := s.(AgedTypedStorage); ok {
		ages.GetTo = func(ctx context.Context, key string, dest any) (store.Aged, error) {
			found, err := typed.GetAgedTo(ctx, key, dest)
			return store.Aged(found), err
		}
	}
	return ages
}

// isOutside reports whether other processes reach the values.
func (s *BaseStorage) isOutside() bool { return !s.values.Load().Memory }

// backendFlights holds the flights of each backend.
var backendFlights shared.By[flight.Table]

// flightsOf returns the flights of the backend of ring's own storages, which all ropes
// over it share. Any other storage has its own flights, because it may change the keys;
// ropes over the same such storage share them.
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

// cacheOf returns the cache of an LruStorage, also of one that another storage embeds.
func cacheOf(storage Storage) *lrucache.LruCache {
	if s, ok := storage.(interface{ lruCache() *lrucache.LruCache }); ok {
		return s.lruCache()
	}
	return nil
}
