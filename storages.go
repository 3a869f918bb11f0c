package ring

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"sync/atomic"
	"time"

	"github.com/ring-go/ring/internal/callable"
	"github.com/ring-go/ring/internal/codec"
	"github.com/ring-go/ring/internal/flight"
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
	storage Storage
	backend any
	coder   atomic.Pointer[Coder] // of a nil Coder: values are stored as they are
	expire  time.Duration
	typ     reflect.Type
	fit     func(any) (any, error) // makes a value one of the result type
	onError func(ctx context.Context, key string, err error)
	open    bool               // a storage that fails is as good as an empty one
	bytes   bool               // the storage keeps bytes only
	memory  bool               // looking a value up is cheaper than joining a flight
	typed   TypedStorage       // decodes without a coder; nil: the storage cannot
	target  reflect.Type       // what it decodes into
	results int                // of the function
	texts   textStorage        // saves copies; nil: the storage cannot
	lru     *lrucache.LruCache // what an LruStorage keeps the values in; nil: the storage is another one
	flights *flight.Table      // those of the backend
	timeout time.Duration      // Options.StorageTimeout
}

// textStorage is a BytesStorage that gets text from its client, of which bytes would
// be a copy.
type textStorage interface {
	getText(ctx context.Context, key string) (any, error)
	getManyTexts(ctx context.Context, keys []string) ([]any, error)
}

// textReader is a coder that tells whether it reads text as well as bytes.
type textReader interface{ ReadsText() bool }

func newBaseStorage(storage Storage, backend any, coder Coder, expire time.Duration, c *callable.Callable) *BaseStorage {
	keeper, ok := storage.(BytesStorage)
	bytes := ok && keeper.StoresBytes()
	if bytes && coder == nil {
		coder = codec.Bytes{}
	}
	s := &BaseStorage{storage: storage, backend: backend, expire: expire, typ: c.Result, fit: c.Fit, bytes: bytes}
	s.coder.Store(&coder)
	if m, ok := storage.(InMemory); ok {
		s.memory = m.InMemoryStorage()
	}
	s.flights = flightsOf(storage)
	switch storage := storage.(type) { // themselves: a type that embeds one may have other methods
	case *LruStorage:
		s.lru = storage.Cache
	case *RedisStorage:
		s.texts = storage
	case *RedisHashStorage:
		s.texts = storage
	}
	if typed, ok := storage.(TypedStorage); ok {
		s.typed, s.target, s.results = typed, codec.TargetType(c.Result, len(c.Results)), len(c.Results)
	}
	return s
}

// isTyped tells whether the storage decodes by itself.
func (s *BaseStorage) isTyped() bool { return s.typed != nil && *s.coder.Load() == nil }

func (s *BaseStorage) getTyped(ctx context.Context, key string) (any, error) {
	target := reflect.New(s.target)
	_, err := ask(ctx, s, func(ctx context.Context) (any, error) { return nil, s.typed.GetValueTo(ctx, key, target.Interface()) })
	if err != nil {
		return nil, err
	}
	return s.fitStored(codec.FromTarget(target.Elem(), s.results))
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
			value, err = s.fitStored(codec.FromTarget(targets[i].Elem(), s.results))
		}
		all[i] = flight.Outcome{Value: value, Err: err, Hit: err == nil, Failed: err != nil && !isMiss(err) && !errors.Is(err, ErrCoder)}
	}
	return all, nil
}

// glance looks for a value before anything else is done about the call. What it
// cannot decide at once, it does not find.
func (s *BaseStorage) glance(ctx context.Context, key string) (value any, ok bool) {
	var data any
	switch storage := s.storage.(type) {
	case *LruStorage:
		// The call will look again, and count the miss then.
		data, ok = storage.Cache.GetBytes([]byte(key))
	case interface{ countsMisses() }:
		return nil, false
	default:
		if !s.memory {
			return nil, false
		}
		var err error
		data, err = s.storage.GetValue(ctx, key)
		ok = err == nil
	}
	if !ok {
		return nil, false
	}
	value, err := s.decode(data)
	return value, err == nil
}

// Backend returns what the factory was given: the *lrucache.LruCache, the dict, the
// client. Python: backend, Config.storage_backend.
func (s *BaseStorage) Backend() any { return s.backend }

// Storage returns the storage behind, which knows nothing of the coder.
// Python: Config.storage_class.
func (s *BaseStorage) Storage() Storage { return s.storage }

func (s *BaseStorage) encode(value any) (any, error) {
	value, err := s.fit(value)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrArguments, err)
	}
	coder := *s.coder.Load()
	if coder == nil || s.isText(coder) {
		return value, nil
	}
	data, err := code(func() (any, error) { return coder.Encode(value) })
	if err == nil && s.bytes {
		err = codec.CheckBytes(data)
	}
	if err != nil {
		return nil, fmt.Errorf("%w: encode: %w", ErrCoder, err)
	}
	return data, nil
}

// isText tells whether the values are text that the storage takes and gives as it is.
func (s *BaseStorage) isText(coder Coder) bool {
	if s.texts == nil || s.typ != reflect.TypeFor[string]() {
		return false
	}
	_, ok := coder.(codec.Bytes)
	return ok
}

// code runs a coder. One that panics, as at data of another type than it knows, has
// failed; the data are not the caller's doing.
func code(run func() (any, error)) (result any, err error) {
	defer func() {
		if r := recover(); r != nil {
			result, err = nil, fmt.Errorf("panic: %v", r)
		}
	}()
	return run()
}

func (s *BaseStorage) decode(data any) (any, error) { return s.decodeBy(*s.coder.Load(), data) }

func (s *BaseStorage) decodeBy(coder Coder, data any) (any, error) {
	value, err := s.decoded(coder, data)
	if err != nil {
		return nil, fmt.Errorf("%w: decode: %w%s", ErrCoder, err, storedHint)
	}
	return s.fitStored(value)
}

// fitStored makes what was stored a result of the function.
func (s *BaseStorage) fitStored(value any) (any, error) {
	value, err := s.fit(value)
	if err != nil {
		return nil, fmt.Errorf("%w: what is stored is not a result of the function: %w%s", ErrCoder, err, storedHint)
	}
	return value, nil
}

func (s *BaseStorage) decoded(coder Coder, data any) (any, error) {
	switch coder := coder.(type) {
	case nil:
		return data, nil
	case codec.Bytes:
		return coder.Decode(data, s.typ)
	default:
		return code(func() (any, error) { return coder.Decode(data, s.typ) })
	}
}

// ours is what is read of the caller's slice after he may have left, and has it back.
func ours[T any](ctx context.Context, s *BaseStorage, theirs []T) []T {
	if s.memory || ctx.Done() == nil {
		return theirs
	}
	return slices.Clone(theirs)
}

func (s *BaseStorage) expiry(expire []time.Duration) (time.Duration, error) {
	if len(expire) == 0 {
		return s.expire, nil
	}
	if expire[0] < 0 {
		return 0, fmt.Errorf("%w: the expiry %v is negative", ErrArguments, expire[0])
	}
	return expire[0], nil
}

// Get returns the value of key; ErrNotFound when there is none, ErrCoder when it
// cannot be decoded. Python: get.
func (s *BaseStorage) Get(ctx context.Context, key string) (any, error) {
	if s.isTyped() {
		return s.getTyped(ctx, key)
	}
	coder := *s.coder.Load()
	data, err := s.getValue(ctx, key, coder)
	if err != nil {
		return nil, err
	}
	return s.decodeBy(coder, data)
}

// Set stores value, for the time expire; without it for the rope's, and for good
// when it is 0. Python: set.
func (s *BaseStorage) Set(ctx context.Context, key string, value any, expire ...time.Duration) error {
	ttl, err := s.expiry(expire)
	if err != nil {
		return err
	}
	data, err := s.encodeFor(ctx, value)
	if err != nil {
		return err
	}
	if err := s.flights.Lock(ctx, key); err != nil {
		return err
	}
	return s.setLocked(ctx, key, data, ttl)
}

// setLocked stores a value under a key that is locked, and unlocks it.
func (s *BaseStorage) setLocked(ctx context.Context, key string, data any, ttl time.Duration) error {
	if s.memory {
		defer s.flights.Unlock(key)
		return s.storage.SetValue(ctx, key, data, ttl)
	}
	return s.locked(ctx, func(ctx context.Context) error { return s.storage.SetValue(ctx, key, data, ttl) }, func() { s.flights.Unlock(key) })
}

// Delete removes the value of key, if there is one. Python: delete.
func (s *BaseStorage) Delete(ctx context.Context, key string) error {
	return s.write(ctx, key, func(ctx context.Context) error { return s.storage.DeleteValue(ctx, key) })
}

// Has reports whether key has a value. Python: has.
func (s *BaseStorage) Has(ctx context.Context, key string) (bool, error) {
	if has, ok := s.storage.(HasStorage); ok {
		return ask(ctx, s, func(ctx context.Context) (bool, error) { return has.HasValue(ctx, key) })
	}
	_, err := s.getValue(ctx, key, *s.coder.Load())
	if isMiss(err) {
		return false, nil
	}
	return err == nil, err
}

// Touch renews the expiry of a value, to expire or else to the rope's. A missing
// value is no error. Python: touch.
func (s *BaseStorage) Touch(ctx context.Context, key string, expire ...time.Duration) error {
	ttl, err := s.expiry(expire)
	if err != nil {
		return err
	}
	touch, ok := s.storage.(TouchStorage)
	if !ok {
		return fmt.Errorf("%w: %T cannot touch", errors.ErrUnsupported, s.storage)
	}
	return s.locked(ctx, func(ctx context.Context) error { return touch.TouchValue(ctx, key, ttl) }, func() {})
}

// GetMany returns the values of keys. A miss is ErrNotFound itself in its place. A
// value that cannot be decoded is one too, and part of the joined error.
// Python: get_many.
func (s *BaseStorage) GetMany(ctx context.Context, keys []string) ([]any, error) {
	keys = ours(ctx, s, keys)
	found, err := s.lookUpMany(ctx, keys)
	if err != nil {
		return nil, err
	}
	values := make([]any, len(keys))
	var errs []error
	for i, o := range found {
		values[i] = o.Value
		if !o.Hit {
			values[i] = ErrNotFound
		}
		if !o.Hit && !isMiss(o.Err) {
			errs = append(errs, elementError(i, keys[i], o.Err))
		}
	}
	return values, errors.Join(errs...)
}

// lookUpMany looks keys up. A key without a usable value has an error in its outcome.
func (s *BaseStorage) lookUpMany(ctx context.Context, keys []string) ([]flight.Outcome, error) {
	if len(keys) == 0 {
		return nil, nil
	}
	if s.isTyped() {
		return s.getManyTyped(ctx, keys)
	}
	all := make([]flight.Outcome, len(keys))
	bulk, ok := s.storage.(BulkStorage)
	if !ok {
		for i, key := range keys {
			value, err := s.Get(ctx, key)
			if err != nil && !isMiss(err) && !errors.Is(err, ErrCoder) {
				return nil, err
			}
			all[i] = flight.Outcome{Value: value, Err: err, Hit: err == nil}
		}
		return all, nil
	}
	coder, get := *s.coder.Load(), bulk.GetManyValues
	if coder, ok := coder.(textReader); ok && coder.ReadsText() && s.texts != nil {
		get = s.texts.getManyTexts
	}
	data, err := ask(ctx, s, func(ctx context.Context) ([]any, error) { return get(ctx, keys) })
	failed, partly := elementsOf(err, len(keys))
	if err != nil && (!partly || len(data) != len(keys)) {
		return nil, err
	}
	if len(data) != len(keys) {
		return nil, fmt.Errorf("%T returned %d values for %d keys", s.storage, len(data), len(keys))
	}
	for i, d := range data {
		if err := errorOf(failed, i); err != nil {
			all[i] = flight.Outcome{Err: err, Failed: true}
			continue
		}
		if d == any(ErrNotFound) {
			all[i].Err = ErrNotFound
			continue
		}
		value, err := s.decodeBy(coder, d)
		all[i] = flight.Outcome{Value: value, Err: err, Hit: err == nil}
	}
	return all, nil
}

// SetMany stores values under keys, as many as there are; see Set. A value that
// cannot be encoded is left out, and part of the joined error.
// Python: set_many.
func (s *BaseStorage) SetMany(ctx context.Context, keys []string, values []any, expire ...time.Duration) error {
	if len(keys) != len(values) {
		return fmt.Errorf("%w: %d values for %d keys", ErrArguments, len(values), len(keys))
	}
	ttl, err := s.expiry(expire)
	if err != nil {
		return err
	}
	return elementErrors(keys, s.setEach(ctx, ours(ctx, s, keys), values, ttl))
}

// setEach is SetMany that returns an error per element, or nil.
func (s *BaseStorage) setEach(ctx context.Context, keys []string, values []any, ttl time.Duration) []error {
	if len(keys) == 0 {
		return nil
	}
	locked, err := s.flights.LockAll(ctx, keys)
	if err != nil {
		return slices.Repeat([]error{err}, len(keys))
	}
	set := s.encodeAll(ctx, keys, values)
	var errs []error
	err = s.locked(ctx, func(ctx context.Context) error {
		errs = s.setMany(ctx, set, ttl)
		return nil
	}, func() { s.flights.UnlockAll(locked) })
	if err != nil { // errs may still be written to
		return slices.Repeat([]error{err}, len(keys))
	}
	return errs
}

// encodedValues are those of a bulk set that could be encoded.
type encodedValues struct {
	keys   []string
	data   []any
	places []int   // among all elements
	errs   []error // of all elements
	failed bool    // there is an error among them
}

// fail makes err the error of all that is to be set.
func (set *encodedValues) fail(err error) {
	for _, i := range set.places {
		set.errs[i] = err
	}
	set.failed = set.failed || len(set.places) > 0
}

// only is the set without the elements that keep does not keep.
func (set *encodedValues) only(keep func(i int) bool) *encodedValues {
	kept := &encodedValues{errs: set.errs, failed: set.failed}
	for n, i := range set.places {
		if keep(i) {
			kept.keys, kept.data, kept.places = append(kept.keys, set.keys[n]), append(kept.data, set.data[n]), append(kept.places, i)
		}
	}
	return kept
}

// encodeAll encodes the values while they are the caller's to be read.
func (s *BaseStorage) encodeAll(ctx context.Context, keys []string, values []any) *encodedValues {
	n := len(keys)
	set := &encodedValues{make([]string, 0, n), make([]any, 0, n), make([]int, 0, n), make([]error, n), false}
	for i, key := range keys {
		data, err := s.encodeFor(ctx, values[i])
		if err != nil {
			set.errs[i], set.failed = err, true
			continue
		}
		set.keys, set.data, set.places = append(set.keys, key), append(set.data, data), append(set.places, i)
	}
	return set
}

// encodeFor is encode for a write that may go on when the caller has left: bytes are his
// again then.
func (s *BaseStorage) encodeFor(ctx context.Context, value any) (any, error) {
	data, err := s.encode(value)
	if b, ok := data.([]byte); ok && !s.memory && ctx.Done() != nil {
		return slices.Clone(b), err
	}
	return data, err
}

// setMany is SetMany with the keys locked. It returns an error per element, or nil.
func (s *BaseStorage) setMany(ctx context.Context, set *encodedValues, ttl time.Duration) []error {
	bulk, isBulk := s.storage.(BulkStorage)
	if isBulk && len(set.keys) > 0 {
		if err := bulk.SetManyValues(ctx, set.keys, set.data, ttl); err != nil {
			for n, i := range set.places {
				set.errs[i] = inTime(ctx, oneOf(err, n, len(set.places)))
			}
			set.failed = true
		}
	}
	for n := 0; !isBulk && n < len(set.keys); n++ {
		if err := s.storage.SetValue(ctx, set.keys[n], set.data[n], ttl); err != nil {
			set.errs[set.places[n]], set.failed = err, true
		}
	}
	if !set.failed {
		return nil
	}
	return set.errs
}

// DeleteMany removes the values of keys. Python: delete_many.
func (s *BaseStorage) DeleteMany(ctx context.Context, keys []string) error {
	if len(keys) == 0 {
		return nil
	}
	keys = ours(ctx, s, keys)
	return s.writeAll(ctx, keys, func(ctx context.Context) error {
		if bulk, ok := s.storage.(BulkStorage); ok {
			return bulkElements(keys, bulk.DeleteManyValues(ctx, keys))
		}
		return each(keys, func(key string) error { return s.storage.DeleteValue(ctx, key) })
	})
}

// HasMany reports for each of keys whether it has a value.
// Python: has_many.
func (s *BaseStorage) HasMany(ctx context.Context, keys []string) ([]bool, error) {
	keys = ours(ctx, s, keys)
	if bulk, ok := s.storage.(BulkStorage); ok && len(keys) > 0 {
		all, err := ask(ctx, s, func(ctx context.Context) ([]bool, error) { return bulk.HasManyValues(ctx, keys) })
		if err == nil && len(all) != len(keys) {
			err = fmt.Errorf("%T returned %d answers for %d keys", s.storage, len(all), len(keys))
		}
		return all, bulkElements(keys, err)
	}
	all := make([]bool, len(keys))
	i := 0
	err := each(keys, func(key string) (err error) {
		all[i], err = s.Has(ctx, key)
		i++
		return err
	})
	return all, err
}

// TouchMany renews the expiry of the values of keys; see Touch.
// Python: touch_many.
func (s *BaseStorage) TouchMany(ctx context.Context, keys []string, expire ...time.Duration) error {
	bulk, ok := s.storage.(BulkStorage)
	if !ok {
		return each(keys, func(key string) error { return s.Touch(ctx, key, expire...) })
	}
	ttl, err := s.expiry(expire)
	if err != nil || len(keys) == 0 {
		return err
	}
	keys = ours(ctx, s, keys)
	err = s.locked(ctx, func(ctx context.Context) error { return bulk.TouchManyValues(ctx, keys, ttl) }, func() {})
	return bulkElements(keys, err)
}

// each does one key after the other and joins what failed.
func each(keys []string, do func(key string) error) error {
	var errs []error
	for i, key := range keys {
		if err := do(key); err != nil {
			errs = append(errs, elementError(i, key, err))
		}
	}
	return errors.Join(errs...)
}

// elementsOf returns the errors of the elements in the error of a bulk method that says
// which of so many failed.
func elementsOf(err error, of int) ([]error, bool) {
	var each BulkErrors
	if errors.As(err, &each) && len(each) == of {
		return each, true
	}
	return nil, false
}

// errorOf is the error of an element; no errors are nil.
func errorOf(errs []error, i int) error {
	if errs == nil {
		return nil
	}
	return errs[i]
}

// oneOf is the error of the nth of so many keys in the error of a bulk method.
func oneOf(err error, n, of int) error {
	if each, ok := elementsOf(err, of); ok {
		return each[n]
	}
	return err
}

// bulkElements names the elements that a bulk method failed for.
func bulkElements(keys []string, err error) error {
	if each, ok := elementsOf(err, len(keys)); ok {
		return elementErrors(keys, each)
	}
	return err
}

func elementError(i int, key string, err error) error {
	return fmt.Errorf("element %d, %q: %w", i, key, err)
}
