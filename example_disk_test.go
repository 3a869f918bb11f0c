package ring_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"time"

	"github.com/ring-go/ring"
	"github.com/ring-go/ring/diskcache"
	"github.com/ring-go/ring/pickle"
	"github.com/ring-go/ring/shelve"
)

// exDir returns a directory that the caller removes.
func exDir() (dir string, remove func()) {
	dir, err := os.MkdirTemp("", "ring")
	if err != nil {
		log.Fatal(err)
	}
	return dir, func() { os.RemoveAll(dir) }
}

// exCache returns an open cache in its own directory, see ExampleDiskCache.
func exCache() (cache *diskcache.Cache, done func()) {
	dir, remove := exDir()
	cache, err := diskcache.Open(dir, nil)
	if err != nil {
		log.Fatal(err)
	}
	return cache, func() { cache.Close(); remove() }
}

// exShelf returns an open shelf in its own directory, see ExampleShelve.
func exShelf() (shelf *shelve.Shelf, done func()) {
	dir, remove := exDir()
	shelf, err := shelve.Open(filepath.Join(dir, "shelf"), nil)
	if err != nil {
		log.Fatal(err)
	}
	return shelf, func() { shelf.Close(); remove() }
}

// Python:
//
//	shelf = shelve.open('forecasts')
//	@ring.shelve(shelf)
//	def forecast(city): ...
func ExampleShelve() {
	dir, remove := exDir()
	defer remove()
	shelf, err := shelve.Open(filepath.Join(dir, "forecasts"), nil)
	if err != nil {
		log.Fatal(err)
	}
	defer shelf.Close() // the rope does not close it
	forecast := ring.Wrap(exForecast, ring.Shelve{Shelf: shelf, KeyPrefix: "forecast"})

	v, err := forecast.Call("Oslo")
	fmt.Println(v.(exWeather).Degrees, err)
	fmt.Println(shelf.Get("forecast:Oslo")) // the value, as Python finds it
	// Output:
	// 4 <nil>
	// {"City": "Oslo", "Degrees": 4} <nil>
}

// Python:
//
//	cache = diskcache.Cache('forecasts')
//	@ring.disk(cache, expire=60)
//	def forecast(city): ...
func ExampleDiskCache() {
	dir, remove := exDir()
	defer remove()
	cache, err := diskcache.Open(dir, nil)
	if err != nil {
		log.Fatal(err)
	}
	defer cache.Close()
	forecast := ring.Wrap(exForecast, ring.DiskCache{Obj: cache, KeyPrefix: "forecast", Expire: time.Minute})

	values, err := forecast.GetOrUpdateMany(ring.Args{"Oslo"}, ring.Args{"Rome"}) // one transaction each way
	fmt.Println(values, err)
	fmt.Println(cache.Get(context.Background(), "forecast:Rome"))
	// Output:
	// [{Oslo 4} {Rome 4}] <nil>
	// {"City": "Rome", "Degrees": 4} <nil>
}

// Text, bytes and numbers are stored as they are.
func ExampleDisk() {
	dir, remove := exDir()
	defer remove()
	cache, err := diskcache.Open(dir, nil)
	if err != nil {
		log.Fatal(err)
	}
	defer cache.Close()
	upper := ring.Wrap(func(s string) string { return s + "!" }, ring.Disk{Obj: cache, KeyPrefix: "f"})
	fmt.Println(upper.Call("a"))
	fmt.Println(cache.Get(context.Background(), "f:a"))
	// Output:
	// a! <nil>
	// a! <nil>
}

// A tag of the entries, by which package diskcache can remove them all.
func ExampleDiskCacheStorage() {
	cache, done := exCache()
	defer done()
	tagged := func(backend any) (ring.Storage, error) {
		return &ring.DiskCacheStorage{Obj: cache, Tag: "forecasts"}, nil
	}
	forecast := ring.Wrap(exForecast, ring.DiskCache{Obj: cache, KeyPrefix: "forecast", StorageClass: tagged})
	if _, err := forecast.UpdateMany(ring.Args{"Oslo"}, ring.Args{"Rome"}); err != nil {
		log.Fatal(err)
	}
	fmt.Println(cache.Evict(context.Background(), "forecasts"))
	// Output: 2 <nil>
}

// The interface that a *diskcache.Cache satisfies.
func ExampleDiskCacheObj() {
	var obj ring.DiskCacheObj = (*diskcache.Cache)(nil)
	_, err := ring.NewDiskCacheStorage(obj)
	fmt.Println(err)
	// Output: the backend of a DiskCacheStorage is a DiskCacheObj, not *diskcache.Cache
}

func ExampleNewDiskCacheStorage() {
	_, err := ring.NewDiskCacheStorage("no cache")
	fmt.Println(err)
	// Output: the backend of a DiskCacheStorage is a DiskCacheObj, not string
}

// The interface that a *shelve.Shelf satisfies.
func ExampleShelf() {
	var shelf ring.Shelf = (*shelve.Shelf)(nil)
	fmt.Println(reflect.TypeOf(shelf))
	// Output: *shelve.Shelf
}

func ExampleNewShelveStorage() {
	_, err := ring.NewShelveStorage("no shelf")
	fmt.Println(err)
	// Output: the backend of a ShelveStorage is a Shelf, not string
}

// A shelf stores nothing beside a value.
func ExampleShelveStorage() {
	shelf, done := exShelf()
	defer done()
	s := &ring.ShelveStorage{Shelf: shelf}
	fmt.Println(errors.Is(s.SetValue(context.Background(), "k", 1, time.Minute), errors.ErrUnsupported))
	fmt.Println(s.SetValue(context.Background(), "k", []int{1, 2}, 0))
	fmt.Println(s.GetValue(context.Background(), "k"))
	// Output:
	// true
	// <nil>
	// [1 2] <nil>
}

// Storages that decode values themselves need no coder.
func ExampleTypedStorage() {
	cache, done := exCache()
	defer done()
	var s ring.TypedStorage = &ring.DiskCacheStorage{Obj: cache}
	if err := cache.Set(context.Background(), "point", map[string]int{"X": 1, "Y": 2}, 0); err != nil {
		log.Fatal(err)
	}
	var p struct{ X, Y int }
	fmt.Println(s.GetValueTo(context.Background(), "point", &p), p)
	fmt.Println(s.CheckType(reflect.TypeFor[chan int]()))
	// Output:
	// <nil> {1 2}
	// pickle: chan int: cannot be pickled
}

// The coder "pickle", on any storage: what Python's ring stores with coder='pickle'.
func ExampleRegistry_pickle() {
	dict := map[string]any{}
	forecast := ring.Wrap(exForecast, ring.Dict{Obj: dict, KeyPrefix: "forecast", Coder: "pickle"})
	if _, err := forecast.Call("Oslo"); err != nil {
		log.Fatal(err)
	}
	var python any
	fmt.Println(pickle.Unmarshal(dict["forecast:Oslo"].([]byte), &python), python)
	// Output: <nil> {"City": "Oslo", "Degrees": 4}
}

type exPoint struct{ X, Y int }

// A registry of Python's classes is a coder.
func ExampleRegistry_classes() {
	var classes pickle.Registry
	if err := classes.Register("app.models.Point", exPoint{}); err != nil {
		log.Fatal(err)
	}
	dict := map[string]any{}
	origin := ring.Wrap(func(name string) any { return exPoint{3, 4} }, ring.Dict{Obj: dict, KeyPrefix: "point", Coder: &classes})
	for range 2 {
		fmt.Println(origin.Call("a"))
	}
	fmt.Println(strings.Contains(string(dict["point:a"].([]byte)), "app.models"))
	// Output:
	// {3 4} <nil>
	// {3 4} <nil>
	// true
}
