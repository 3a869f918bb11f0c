package ring_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/ring-go/ring"
	"github.com/ring-go/ring/lrucache"
)

func ExampleBaseFactory() {
	var values sync.Map
	square := ring.Wrap(slowSquare, ring.BaseFactory{
		StorageBackend: &values,
		StorageClass:   newTinyStorage,
		KeyPrefix:      "square",
	})
	fmt.Println(square.GetOrUpdateMany(ring.Args{4}, ring.Args{5}))
	fmt.Println(values.Load("square:4"))
	// Output:
	// squaring 4
	// squaring 5
	// [16 25] <nil>
	// 16 true
}

func ExampleStorage() {
	// A storage knows keys and values, but nothing of functions.
	var storage ring.Storage = tinyStorage{&sync.Map{}}
	ctx := context.Background()

	_, err := storage.GetValue(ctx, "k")
	fmt.Println(err == ring.ErrNotFound)
	fmt.Println(storage.SetValue(ctx, "k", "v", 0))
	fmt.Println(storage.GetValue(ctx, "k"))
	fmt.Println(storage.DeleteValue(ctx, "k"))
	// Output:
	// true
	// <nil>
	// v <nil>
	// <nil>
}

func ExampleStorageClass() {
	var class ring.StorageClass = newTinyStorage

	// If the class refuses, New returns its error.
	_, err := ring.New(slowSquare, ring.BaseFactory{StorageBackend: "a sync.Map?", StorageClass: class})
	fmt.Println(err != nil)
	_, err = ring.New(slowSquare, ring.BaseFactory{StorageBackend: &sync.Map{}, StorageClass: class})
	fmt.Println(err)
	// Output:
	// true
	// <nil>
}

func ExampleHasStorage() {
	square := ring.Wrap(slowSquare, ring.BaseFactory{
		StorageClass: func(any) (ring.Storage, error) {
			return tinyStorageWithHas{tinyStorage{&sync.Map{}}}, nil
		},
		KeyPrefix: "square",
	})
	fmt.Println(square.Has(4))
	// Output:
	// asked for square:4
	// false <nil>
}

func ExampleTouchStorage() {
	storages := []ring.Storage{
		tinyStorage{&sync.Map{}},
		tinyStorageWithTouch{tinyStorage{&sync.Map{}}},
	}
	for _, storage := range storages {
		square := ring.Wrap(slowSquare, ring.BaseFactory{
			StorageClass: func(any) (ring.Storage, error) { return storage, nil },
			KeyPrefix:    "square",
		})
		err := square.Touch(4)
		fmt.Println(errors.Is(err, errors.ErrUnsupported))
	}
	// Output:
	// true
	// touched square:4
	// false
}

func ExampleBulkStorage() {
	square := ring.Wrap(slowSquare, ring.BaseFactory{
		StorageClass: func(any) (ring.Storage, error) {
			return tinyBulkStorage{tinyStorage{&sync.Map{}}}, nil
		},
		KeyPrefix: "square",
	})
	fmt.Println(square.GetOrUpdateMany(ring.Args{4}, ring.Args{5}, ring.Args{6}))
	// Output:
	// one round trip to get 3
	// squaring 4
	// squaring 5
	// squaring 6
	// one round trip to set 3
	// [16 25 36] <nil>
}

func ExampleInMemory() {
	// Keys in memory may change from run to run. A storage that does not say where it
	// keeps its values is assumed to outlive the process.
	memory := ring.Wrap(slowSquare, ring.BaseFactory{StorageClass: newTinyMemory})
	other := ring.Wrap(slowSquare, ring.BaseFactory{StorageClass: newTinyStorage, StorageBackend: &sync.Map{}})

	fmt.Println(memory.Config().InMemory, other.Config().InMemory)
	// Output:
	// true false
}

func ExampleSizedStorage() {
	square := ring.Wrap(slowSquare, ring.BaseFactory{StorageClass: newTinyMemory})
	square.UpdateMany(ring.Args{4}, ring.Args{5})

	info := square.CacheInfo()
	fmt.Println(info.CurrSize, info.MaxSize == ring.Unbounded)
	// Output:
	// squaring 4
	// squaring 5
	// 2 true
}

func ExampleNewLruStorage() {
	// You can also use the storages without a function.
	storage, err := ring.NewLruStorage(lrucache.New(1))
	fmt.Println(err)

	ctx := context.Background()
	storage.SetValue(ctx, "a", 1, 0)
	storage.SetValue(ctx, "b", 2, 0)
	_, err = storage.GetValue(ctx, "a")
	fmt.Println(err == ring.ErrNotFound)
	// Output:
	// <nil>
	// true
}

func ExampleBaseStorage() {
	ctx := context.Background()
	square := ring.Wrap(slowSquare, ring.Lru{})

	// With the key, you do not need the arguments.
	storage := square.Storage()
	fmt.Println(storage.Set(ctx, ":4", 16))
	fmt.Println(storage.Get(ctx, ":4"))
	fmt.Println(storage.Has(ctx, ":4"))
	fmt.Println(storage.Touch(ctx, ":4"))
	fmt.Println(storage.Delete(ctx, ":4"))
	// Output:
	// <nil>
	// 16 <nil>
	// true <nil>
	// <nil>
	// <nil>
}

func ExampleBaseStorage_Backend() {
	square := ring.Wrap(slowSquare, ring.Lru{})
	square.Call(4)

	// The rope's own cache, for example to clear it.
	cache := square.Storage().Backend().(*lrucache.LruCache)
	cache.Clear()
	fmt.Println(square.Has(4))
	// Output:
	// squaring 4
	// false <nil>
}

func ExampleBaseStorage_Storage() {
	ctx := context.Background()
	square := ring.Wrap(slowSquare, ring.Lru{Coder: "json"})
	square.Call(4)

	// The underlying storage does not know the coder.
	data, err := square.Storage().Storage().GetValue(ctx, ":4")
	fmt.Printf("%q %v\n", data, err)
	fmt.Println(square.Storage().Get(ctx, ":4"))
	// Output:
	// squaring 4
	// "16" <nil>
	// 16 <nil>
}

func ExampleBaseStorage_Get() {
	square := ring.Wrap(slowSquare, ring.Lru{})
	_, err := square.Storage().Get(context.Background(), ":4")
	fmt.Println(err == ring.ErrNotFound)
	// Output:
	// true
}

func ExampleBaseStorage_Set() {
	ctx := context.Background()
	cache := map[string]any{}
	square := ring.Wrap(slowSquare, ring.Dict{Obj: cache, KeyPrefix: "square", Expire: time.Hour})

	square.Storage().Set(ctx, "square:4", 16)    // for the rope's hour
	square.Storage().Set(ctx, "square:5", 25, 0) // for good
	fmt.Println(cache["square:4"].(ring.Entry).ExpireAt.IsZero())
	fmt.Println(cache["square:5"].(ring.Entry).ExpireAt.IsZero())
	// Output:
	// false
	// true
}

func ExampleBaseStorage_Delete() {
	square := ring.Wrap(slowSquare, ring.Lru{})
	square.Set(16, 4)
	fmt.Println(square.Storage().Delete(context.Background(), ":4"))
	fmt.Println(square.Has(4))
	// Output:
	// <nil>
	// false <nil>
}

func ExampleBaseStorage_Has() {
	square := ring.Wrap(slowSquare, ring.Lru{})
	square.Set(16, 4)
	fmt.Println(square.Storage().Has(context.Background(), ":4"))
	// Output:
	// true <nil>
}

func ExampleBaseStorage_Touch() {
	ctx := context.Background()
	cache := map[string]any{}
	square := ring.Wrap(slowSquare, ring.Dict{Obj: cache, KeyPrefix: "square", Expire: time.Hour})
	square.Set(16, 4)

	// For longer than the others.
	fmt.Println(square.Storage().Touch(ctx, "square:4", 24*time.Hour))
	fmt.Println(time.Until(cache["square:4"].(ring.Entry).ExpireAt) > 23*time.Hour)
	// Output:
	// <nil>
	// true
}

// tinyStorage is your own storage. It needs only these three methods.
type tinyStorage struct{ values *sync.Map }

func (s tinyStorage) GetValue(_ context.Context, key string) (any, error) {
	if value, ok := s.values.Load(key); ok {
		return value, nil
	}
	return nil, ring.ErrNotFound
}

func (s tinyStorage) SetValue(_ context.Context, key string, value any, expire time.Duration) error {
	if expire != 0 {
		// To keep the value for good would be worse than an error.
		return fmt.Errorf("%w: a tinyStorage keeps no expiry", errors.ErrUnsupported)
	}
	s.values.Store(key, value)
	return nil
}

func (s tinyStorage) DeleteValue(_ context.Context, key string) error {
	s.values.Delete(key)
	return nil
}

func newTinyStorage(backend any) (ring.Storage, error) {
	values, ok := backend.(*sync.Map)
	if !ok {
		return nil, fmt.Errorf("a tinyStorage needs a *sync.Map, not a %T", backend)
	}
	return tinyStorage{values}, nil
}

// tinyStorageWithHas can tell whether there is a value without returning it, which
// matters for a large value on a server.
type tinyStorageWithHas struct{ tinyStorage }

func (s tinyStorageWithHas) HasValue(_ context.Context, key string) (bool, error) {
	fmt.Println("asked for", key)
	_, ok := s.values.Load(key)
	return ok, nil
}

// tinyStorageWithTouch has no expiry to renew, but it learns which values are in use.
type tinyStorageWithTouch struct{ tinyStorage }

func (s tinyStorageWithTouch) TouchValue(_ context.Context, key string, expire time.Duration) error {
	fmt.Println("touched", key)
	return nil
}

// tinyBulkStorage handles several keys at once, like a server with a pipeline.
type tinyBulkStorage struct{ tinyStorage }

func (s tinyBulkStorage) GetManyValues(ctx context.Context, keys []string) ([]any, error) {
	fmt.Println("one round trip to get", len(keys))
	values := make([]any, len(keys))
	for i, key := range keys {
		value, err := s.GetValue(ctx, key)
		if err != nil {
			value = ring.ErrNotFound // a miss is the error itself, in the value's place
		}
		values[i] = value
	}
	return values, nil
}

func (s tinyBulkStorage) SetManyValues(ctx context.Context, keys []string, values []any, expire time.Duration) error {
	fmt.Println("one round trip to set", len(keys))
	for i, key := range keys {
		if err := s.SetValue(ctx, key, values[i], expire); err != nil {
			return err
		}
	}
	return nil
}

func (s tinyBulkStorage) DeleteManyValues(ctx context.Context, keys []string) error {
	for _, key := range keys {
		s.values.Delete(key)
	}
	return nil
}

func (s tinyBulkStorage) HasManyValues(ctx context.Context, keys []string) ([]bool, error) {
	has := make([]bool, len(keys))
	for i, key := range keys {
		_, has[i] = s.values.Load(key)
	}
	return has, nil
}

func (s tinyBulkStorage) TouchManyValues(context.Context, []string, time.Duration) error {
	return fmt.Errorf("%w: there is no expiry to renew", errors.ErrUnsupported)
}

func newTinyMemory(any) (ring.Storage, error) {
	return tinyMemory{tinyStorage{&sync.Map{}}}, nil
}
