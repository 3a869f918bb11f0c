package ringtest

import (
	"reflect"
	"sync"
	"testing"

	"github.com/ring-go/ring"
	"github.com/ring-go/ring/internal/standin"
	"github.com/ring-go/ring/lrucache"
)

// Isolate gives ropes an empty memory in the place of their storages, until the test ends.
// Without ropes these are all that are alive; a rope that is made later is not among them.
//
// No server and no file is used, and other tests' entries are not found. Ropes of one call
// of Isolate that share a storage share the memory too; each call makes new memories.
// CacheInfo counts from the beginning.
//
// The memory is like the storage: an LruCache of the same size and clock, a dict, or, for
// storages that encode, one that encodes as well. So a value that the coder refuses is an
// error, a caller who changes its result does not change what is stored, and Touch and an
// expiry are refused where the storage refuses them. A storage of your own is asked for
// InMemory, StoresBytes and TouchValue; a TypedStorage of your own is not asked to convert:
// the values are kept as they are. The limits of a server, such as the size of a value, are
// not those of the memory, and it never fails, also in the place of a Faulty.
//
// Storage returns the memory meanwhile. Backend returns a new LruCache or dict; for other
// storages it is the same as before, so do not write to it.
func Isolate(t testing.TB, ropes ...*ring.Rope) {
	t.Helper()
	made := memories{}
	for _, r := range targets(t, ropes) {
		storage, backend := made.of(r.base)
		r.put(t, standin.Layer{Storage: storage, Backend: backend})
	}
}

// memories are those of one call of Isolate, by what tells the storages apart: all views of
// a place share its entries.
type memories map[view]any

// view is a place as storages of one type see it. Without a type it is the place itself.
type view struct {
	place any
	typ   reflect.Type
}

// of returns the memory in the place of a storage, and what it was made out of; nil: that
// remains.
func (m memories) of(b standin.Base) (storage standin.Storage, backend any) {
	place := b.Place
	if place == nil {
		place = new(byte) // equal to no other
	}
	switch s := faultless(b.Storage).(type) {
	case *ring.LruStorage:
		cache := shared(m, view{place: place}, func() any { return likeCache(s.Cache) })
		return opened(ring.NewLruStorage, cache), cache
	case *ring.PersistentDictStorage:
		dict := shared(m, view{place: place}, func() any { return likeDict(b.Backend) })
		like := opened(ring.NewPersistentDictStorage, dict)
		like.(*ring.PersistentDictStorage).Now = s.Now
		return like, dict
	case *ring.ExpirableDictStorage:
		dict := shared(m, view{place: place}, func() any { return likeDict(b.Backend) })
		like := opened(ring.NewExpirableDictStorage, dict)
		like.(*ring.ExpirableDictStorage).Now = s.Now
		return like, dict
	}
	e := shared(m, view{place: place}, func() any { return &entries{of: map[string]entry{}} })
	return shared(m, view{place, reflect.TypeOf(faultless(b.Storage))}, func() any {
		return newMemory(b.Storage, e.(*entries))
	}).(standin.Storage), nil
}

// shared returns what was made for a view before.
func shared(m memories, v view, create func() any) any {
	if m[v] == nil {
		m[v] = create()
	}
	return m[v]
}

func likeCache(c *lrucache.LruCache) *lrucache.LruCache {
	like := lrucache.NewSharded(c.MaxSize(), c.Shards())
	like.Now = c.Now
	return like
}

// likeDict returns an empty dict, of the same type where that matters to those who ask for
// the backend.
func likeDict(backend any) any {
	if _, ok := backend.(*sync.Map); ok {
		return &sync.Map{}
	}
	return map[string]any{}
}

// faultless returns the storage inside of a Faulty.
func faultless(s standin.Storage) standin.Storage {
	for {
		f, ok := s.(*Faulty)
		if !ok {
			return s
		}
		s = f.Storage
	}
}

// opened returns the storage over a backend that fits.
func opened(class ring.StorageClass, backend any) ring.Storage {
	s, err := class(backend)
	if err != nil {
		panic(err)
	}
	return s
}
