package ring

import (
	"fmt"
	"reflect"

	"github.com/ring-go/ring/internal/flight"
	"github.com/ring-go/ring/internal/store"
	"github.com/ring-go/ring/lrucache"
)

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
var backendFlights sharedBy[flight.Table]

// flightsOf returns the flights of what ring's own storages stand on, which all ropes
// over it share. Any other storage has flights of its own, since it may well change the
// keys; ropes that are given the same one share them.
func flightsOf(storage Storage) *flight.Table {
	backend, space := any(storage), "storage"
	if h, ok := homeOf(storage); ok {
		backend, space = h.backend, h.space
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
