package ring

import (
	"context"
	"fmt"
	"time"

	"github.com/ring-go/ring/internal/store"
	"github.com/ring-go/ring/lrucache"
)

// Lru caches in memory and evicts the least recently used values. Lru{} holds 128
// values: give it a MaxSize for more.
//
// Without the field Lru, the cache belongs to the one function, and the default prefix
// of its keys is empty, as in Python. An expired value keeps its place until it is
// looked up or evicted.
//
// Shards is for programs in which many goroutines call at the same time: on two
// processors already, they wait for one another at the cache's only lock. If Shards is
// -1 or 16, they rarely do. Shards cost a single goroutine up to a quarter more per
// hit, and the exact order: each shard evicts the least recently used of its own keys.
// So give the cache room for dozens of values per shard; it can exceed MaxSize by less
// than the number of shards. Without Shards the order is exact, as in Python.
//
// Python: ring.lru, ring.func.sync.lru, functools.lru_cache.
type Lru struct {
	Lru           *lrucache.LruCache // the cache; nil: a new one for each function. Python: lru
	KeyPrefix     string             // "": the function's name, or nothing if Lru is nil. Python: key_prefix
	Expire        time.Duration      // counted from the store; a hit does not renew it; 0: none. Python: expire
	Coder         any                // a registered name, a Coder or a CoderTuple. Python: coder
	UserInterface UserInterface      // nil: CacheUserInterface with BulkInterfaceMixin. Python: user_interface
	StorageClass  StorageClass       // nil: NewLruStorage. Python: storage_class
	MaxSize       int                // of a new cache; not together with Lru; 0: 128; or Unbounded, CacheNothing. Python: maxsize
	Shards        int                // of a new cache; not together with Lru; 0 or 1: none; -1: four per processor; others: see lrucache.NewSharded
	Options       Options            // Python: **kwargs
}

// defaultMaxSize is Python's default.
const defaultMaxSize = 128

func (f Lru) blueprint() (blueprint, error) {
	cache, size := f.Lru, f.MaxSize
	switch {
	case cache != nil && size != 0:
		return blueprint{}, fmt.Errorf("the MaxSize %d is that of a new cache, and Lru is one already: leave MaxSize out, and give lrucache.New the size", size)
	case cache != nil && f.Shards != 0:
		return blueprint{}, fmt.Errorf("the Shards %d are those of a new cache, and Lru is one already: leave Shards out, and make the cache by lrucache.NewSharded", f.Shards)
	case f.Shards < -1:
		return blueprint{}, fmt.Errorf("the Shards %d are below -1, which is four per processor", f.Shards)
	case size < CacheNothing:
		return blueprint{}, fmt.Errorf("the MaxSize %d is below CacheNothing (%d)", size, CacheNothing)
	case size == CacheNothing:
		size = 0
	case size == 0:
		size = defaultMaxSize
	}
	if cache == nil {
		cache = lrucache.NewSharded(size, f.Shards)
	}
	b := common{f.KeyPrefix, f.Expire, f.Coder, f.UserInterface, f.Options}.blueprint(cache, orElse(f.StorageClass, NewLruStorage))
	b.private, b.bare = f.Lru == nil, f.Lru == nil
	return b, nil
}

// LruStorage keeps values in an LruCache. Python: ring.func.sync.LruStorage.
type LruStorage struct {
	Cache *lrucache.LruCache
}

var (
	_ Storage      = (*LruStorage)(nil)
	_ HasStorage   = (*LruStorage)(nil)
	_ TouchStorage = (*LruStorage)(nil)
	_ TTLStorage   = (*LruStorage)(nil)
	_ InMemory     = (*LruStorage)(nil)
	_ SizedStorage = (*LruStorage)(nil)

	_ AgedStorage    = (*LruStorage)(nil)
	_ ShortenStorage = (*LruStorage)(nil)
)

// NewLruStorage is the StorageClass of Lru; backend is an *lrucache.LruCache.
// Python: LruStorage.
func NewLruStorage(backend any) (Storage, error) {
	cache, ok := backend.(*lrucache.LruCache)
	if !ok || cache == nil {
		return nil, fmt.Errorf("the backend of an LruStorage is an *lrucache.LruCache, not a %T", backend)
	}
	return &LruStorage{cache}, nil
}

// GetValue implements Storage. Python: get_value.
func (s *LruStorage) GetValue(_ context.Context, key string) (any, error) {
	value, ok := s.Cache.Get(key)
	if !ok {
		return nil, ErrNotFound
	}
	return value, nil
}

// SetValue implements Storage. Python: set_value.
func (s *LruStorage) SetValue(ctx context.Context, key string, value any, expire time.Duration) error {
	if !store.SetSince(ctx, s.Cache, key, value, expire) {
		s.Cache.Set(key, value, expire)
	}
	return nil
}

// DeleteValue implements Storage. Python: delete_value.
func (s *LruStorage) DeleteValue(_ context.Context, key string) error {
	s.Cache.Delete(key)
	return nil
}

// HasValue implements HasStorage. Python: has_value.
func (s *LruStorage) HasValue(_ context.Context, key string) (bool, error) {
	return s.Cache.Has(key), nil
}

// TouchValue implements TouchStorage: the value lives for expire from now on, for good if that is
// 0, and becomes the most recently used.
// Python: touch_value.
func (s *LruStorage) TouchValue(_ context.Context, key string, expire time.Duration) error {
	s.Cache.Touch(key, expire)
	return nil
}

// TTLValue implements TTLStorage.
func (s *LruStorage) TTLValue(_ context.Context, key string) (time.Duration, error) {
	left, ok := s.Cache.TTL(key)
	if !ok {
		return 0, ErrNotFound
	}
	return left, nil
}

// GetAged implements AgedStorage. There is no Version: within one process, flights know
// of every write.
func (s *LruStorage) GetAged(_ context.Context, key string) (Aged, error) {
	value, left, ok := s.Cache.GetLeft(key)
	if !ok {
		return Aged{}, ErrNotFound
	}
	return Aged{Value: value, Left: left}, nil
}

// GetManyAged implements AgedStorage, one key after the other.
func (s *LruStorage) GetManyAged(ctx context.Context, keys []string) ([]Aged, error) {
	return agedEach(ctx, keys, s.GetAged)
}

// ShortenValue implements ShortenStorage.
func (s *LruStorage) ShortenValue(_ context.Context, key string, left time.Duration) error {
	s.Cache.Shorten(key, left)
	return nil
}

// lruCache returns the cache, also for a storage that embeds this one.
func (s *LruStorage) lruCache() *lrucache.LruCache { return s.Cache }

// InMemoryStorage implements InMemory: true. Python: in_memory_storage.
func (s *LruStorage) InMemoryStorage() bool { return true }

// Size implements SizedStorage.
func (s *LruStorage) Size() (limit, current int) {
	return s.Cache.MaxSize(), s.Cache.Len()
}

func (s *LruStorage) itself() Storage { return s }

func (s *LruStorage) home() home {
	return home{kind: "lru", place: place{s.Cache, fmt.Sprintf("%T", s.Cache)}, backend: s.Cache, space: "lru", lru: s.Cache}
}
