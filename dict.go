package ring

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"sync"
	"time"

	"github.com/ring-go/ring/internal/shared"
)

// Dict caches in a dict: a map, a sync.Map or a Mapping. Nothing is evicted, and an
// expired value stays until it is overwritten, so do not use it for functions with an
// unlimited number of arguments.
//
// A dict without expiry holds the values themselves under their keys; a dict with expiry
// holds an Entry for each. Both read either form, so they can share one.
//
// Python: ring.dict, ring.func.sync.dict.
type Dict struct {
	Obj           any           // map[string]any, *sync.Map or Mapping; nil: a new map. Python: obj
	KeyPrefix     string        // "": the function's name. Python: key_prefix
	Expire        time.Duration // counted from the store; a hit does not renew it; 0: none. Python: expire
	Coder         any           // a registered name, a Coder or a CoderTuple. Python: coder
	UserInterface UserInterface // nil: CacheUserInterface with BulkInterfaceMixin. Python: user_interface
	StorageClass  StorageClass  // nil: by Expire. Python: storage_class
	Options       Options       // Python: **kwargs
}

func (f Dict) blueprint() (blueprint, error) {
	obj := f.Obj
	if obj == nil {
		obj = map[string]any{}
	}
	class := NewPersistentDictStorage
	if f.Expire > 0 {
		class = NewExpirableDictStorage
	}
	b := common{f.KeyPrefix, f.Expire, f.Coder, f.UserInterface, f.Options}.blueprint(obj, orElse(f.StorageClass, class))
	b.private = f.Obj == nil
	return b, nil
}

// Mapping is your own kind of dict. It must be safe for concurrent use.
type Mapping interface {
	Get(key string) (any, bool)
	Set(key string, value any)
	Delete(key string)
}

// Entry is a value in a dict that can expire.
type Entry struct {
	Value    any
	ExpireAt time.Time // the last moment at which the value is alive; zero: it never expires
}

// ExpirableDictStorage keeps Entry values in a dict.
// Python: ring.func.sync.ExpirableDictStorage.
type ExpirableDictStorage struct{ DictStorage }

// PersistentDictStorage keeps the values themselves in a dict. It cannot touch. It also
// reads an Entry that it finds there.
// Python: ring.func.sync.PersistentDictStorage.
type PersistentDictStorage struct{ DictStorage }

var (
	_ Storage      = (*PersistentDictStorage)(nil)
	_ HasStorage   = (*PersistentDictStorage)(nil)
	_ InMemory     = (*PersistentDictStorage)(nil)
	_ TTLStorage   = (*PersistentDictStorage)(nil)
	_ SizedStorage = (*PersistentDictStorage)(nil)
	_ Storage      = (*ExpirableDictStorage)(nil)
	_ TouchStorage = (*ExpirableDictStorage)(nil)

	_ AgedStorage    = (*ExpirableDictStorage)(nil)
	_ ShortenStorage = (*ExpirableDictStorage)(nil)
)

// NewExpirableDictStorage is the StorageClass of a Dict with Expire.
// Python: ExpirableDictStorage.
func NewExpirableDictStorage(backend any) (Storage, error) {
	d, err := openDict(backend)
	if err != nil {
		return nil, err
	}
	return &ExpirableDictStorage{DictStorage{dict: d}}, nil
}

// NewPersistentDictStorage is the StorageClass of a Dict without Expire.
// Python: PersistentDictStorage.
func NewPersistentDictStorage(backend any) (Storage, error) {
	d, err := openDict(backend)
	if err != nil {
		return nil, err
	}
	return &PersistentDictStorage{DictStorage{dict: d}}, nil
}

// DictStorage is the common part of ExpirableDictStorage and PersistentDictStorage.
// Python: ring.func.sync.ExpirableDictStorage, ring.func.sync.PersistentDictStorage.
type DictStorage struct {
	// Now is the clock for expiry; nil is time.Now. Set it before the first use.
	// Python: ExpirableDictStorage.now.
	Now func() time.Time

	dict *dict
}

func (s *DictStorage) now() time.Time {
	if s.Now == nil {
		return time.Now()
	}
	return s.Now()
}

// alive returns the value of what the dict holds, unless it has expired.
func (s *DictStorage) alive(held any) (any, bool) {
	e, ok := held.(Entry)
	if !ok {
		return held, true
	}
	if !e.ExpireAt.IsZero() && s.now().After(e.ExpireAt) {
		return nil, false
	}
	return e.Value, true
}

// GetValue implements Storage. Python: get_value.
func (s *DictStorage) GetValue(_ context.Context, key string) (any, error) {
	if held, ok := s.dict.Get(key); ok {
		if value, ok := s.alive(held); ok {
			return value, nil
		}
	}
	return nil, ErrNotFound
}

// HasValue implements HasStorage. Python: has_value.
func (s *DictStorage) HasValue(ctx context.Context, key string) (bool, error) {
	_, err := s.GetValue(ctx, key)
	return err == nil, nil
}

// TTLValue implements TTLStorage.
func (s *DictStorage) TTLValue(_ context.Context, key string) (time.Duration, error) {
	a, err := s.aged(key)
	return a.Left, err
}

// aged returns the value of a key with the time left to it.
func (s *DictStorage) aged(key string) (Aged, error) {
	held, ok := s.dict.Get(key)
	if !ok {
		return Aged{}, ErrNotFound
	}
	e, ok := held.(Entry)
	if !ok {
		return Aged{Value: held}, nil
	}
	if e.ExpireAt.IsZero() {
		return Aged{Value: e.Value}, nil
	}
	left := e.ExpireAt.Sub(s.now())
	if left < 0 {
		return Aged{}, ErrNotFound
	}
	return Aged{Value: e.Value, Left: max(left, 1)}, nil // at ExpireAt it is still alive
}

// DeleteValue implements Storage. Python: delete_value.
func (s *DictStorage) DeleteValue(_ context.Context, key string) error {
	s.dict.write.Lock()
	defer s.dict.write.Unlock()
	s.dict.Delete(key)
	return nil
}

// InMemoryStorage implements InMemory: true. Python: in_memory_storage.
func (s *DictStorage) InMemoryStorage() bool { return true }

// Size implements SizedStorage. Of a map it returns the number of entries, expired ones
// included; of other dicts -1.
func (s *DictStorage) Size() (limit, current int) {
	if m, ok := s.dict.Mapping.(*lockedMap); ok {
		return Unbounded, m.len()
	}
	return Unbounded, -1
}

// SetValue implements Storage. Python: set_value.
func (s *ExpirableDictStorage) SetValue(_ context.Context, key string, value any, expire time.Duration) error {
	s.dict.write.Lock()
	defer s.dict.write.Unlock()
	s.dict.Set(key, s.entry(value, expire))
	return nil
}

func (s *DictStorage) entry(value any, expire time.Duration) Entry {
	if expire == 0 {
		return Entry{Value: value}
	}
	return Entry{Value: value, ExpireAt: s.now().Add(expire)}
}

// TouchValue implements TouchStorage. Python: touch_value.
func (s *ExpirableDictStorage) TouchValue(_ context.Context, key string, expire time.Duration) error {
	s.dict.write.Lock()
	defer s.dict.write.Unlock()
	held, ok := s.dict.Get(key)
	if !ok {
		return nil
	}
	if value, ok := s.alive(held); ok {
		s.dict.Set(key, s.entry(value, expire))
	}
	return nil
}

// GetAged implements AgedStorage. There is no Version: within one process, flights know
// of every write.
func (s *ExpirableDictStorage) GetAged(_ context.Context, key string) (Aged, error) {
	return s.aged(key)
}

// GetManyAged implements AgedStorage, one key after the other.
func (s *ExpirableDictStorage) GetManyAged(ctx context.Context, keys []string) ([]Aged, error) {
	return agedEach(ctx, keys, s.GetAged)
}

// ShortenValue implements ShortenStorage.
func (s *ExpirableDictStorage) ShortenValue(_ context.Context, key string, left time.Duration) error {
	s.dict.write.Lock()
	defer s.dict.write.Unlock()
	a, err := s.aged(key)
	if err == nil && (a.Left == 0 || a.Left > left) {
		s.dict.Set(key, s.entry(a.Value, left))
	}
	return nil
}

// SetValue implements Storage. It refuses an expiry, which only a direct call can ask
// for.
// Python: set_value.
func (s *PersistentDictStorage) SetValue(_ context.Context, key string, value any, expire time.Duration) error {
	if expire != 0 {
		return fmt.Errorf("%w: a PersistentDictStorage keeps no expiry: give Dict an Expire", errors.ErrUnsupported)
	}
	if _, ambiguous := value.(Entry); ambiguous {
		value = Entry{Value: value}
	}
	s.dict.write.Lock()
	defer s.dict.write.Unlock()
	s.dict.Set(key, value)
	return nil
}

// dict is a Mapping that storages share: all storages over one object use the same dict.
type dict struct {
	Mapping
	obj   any        // what the factory was given
	write sync.Mutex // held by every change of the Mapping
}

// openDict returns the dict over a map, a sync.Map or a Mapping.
func openDict(obj any) (*dict, error) {
	v := reflect.ValueOf(obj)
	if k := v.Kind(); (k == reflect.Map || k == reflect.Pointer) && v.IsNil() {
		return nil, fmt.Errorf("the dict is a nil %T", obj)
	}
	var create func() *dict
	switch m := obj.(type) {
	case map[string]any:
		create = func() *dict { return &dict{Mapping: &lockedMap{m: m}, obj: obj} }
	case *sync.Map:
		create = func() *dict { return &dict{Mapping: syncMap{m}, obj: obj} }
	case Mapping:
		create = func() *dict { return &dict{Mapping: m, obj: obj} }
	default:
		return nil, fmt.Errorf("%T is no dict: give a map[string]any, a *sync.Map or a Mapping", obj)
	}
	if id, ok := shared.ObjectOf("", obj); ok {
		return dicts.Open(id, create), nil
	}
	return create(), nil // it has no identity, so others over it get another dict
}

var dicts shared.By[dict]

// lockedMap makes a plain map safe for the ropes that share it.
type lockedMap struct {
	mu sync.RWMutex
	m  map[string]any
}

func (l *lockedMap) Get(key string) (any, bool) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	v, ok := l.m[key]
	return v, ok
}

func (l *lockedMap) Set(key string, value any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.m[key] = value
}

func (l *lockedMap) Delete(key string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.m, key)
}

func (l *lockedMap) len() int {
	l.mu.RLock()
	defer l.mu.RUnlock()
	return len(l.m)
}

// syncMap is a sync.Map as a Mapping.
type syncMap struct{ m *sync.Map }

func (s syncMap) Get(key string) (any, bool) { return s.m.Load(key) }
func (s syncMap) Set(key string, value any)  { s.m.Store(key, value) }
func (s syncMap) Delete(key string)          { s.m.Delete(key) }

func (s *ExpirableDictStorage) itself() Storage  { return s }
func (s *PersistentDictStorage) itself() Storage { return s }

func (s *DictStorage) home() home {
	return home{kind: "dict", place: place{s.dict, fmt.Sprintf("%T", s.dict.obj)}, backend: s.dict, space: "dict"}
}
