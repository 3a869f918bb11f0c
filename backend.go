package ring

import (
	"github.com/ring-go/ring/internal/flight"
	"github.com/ring-go/ring/lrucache"
)

// backendFlights finds the flights of a backend.
var backendFlights sharedBy[flight.Table]

// flightsOf returns the flights of what ring's own storages stand on, which all ropes
// over it share. Any other storage has flights of its own, since it may well change the
// keys; ropes that are given the same one share them.
func flightsOf(storage Storage) *flight.Table {
	backend, space := any(storage), "storage"
	switch s := storage.(type) {
	case *LruStorage:
		backend, space = s.Cache, "lru"
	case *ExpirableDictStorage:
		backend, space = s.dict, "dict"
	case *PersistentDictStorage:
		backend, space = s.dict, "dict"
	case *RedisStorage:
		backend, space = s.Client, "redis"
	case *RedisHashStorage:
		backend, space = s.Client, "redis hash "+s.HashKey
	case *MemcacheStorage:
		backend, space = s.Client, "memcache"
	case *ShelveStorage:
		backend, space = s.Shelf, "shelf"
	case *DiskCacheStorage:
		backend, space = s.Obj, "disk"
	}
	create := func() *flight.Table { return flight.NewTable(backend, cacheOf(storage)) }
	if obj, ok := objectOf(space, backend); ok {
		return backendFlights.open(obj, create)
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
