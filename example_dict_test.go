package ring_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/ring-go/ring"
)

func ExampleDict() {
	cache := map[string]any{}
	square := ring.Wrap(slowSquare, ring.Dict{Obj: cache, KeyPrefix: "square"})

	square.Call(4)
	fmt.Println(cache)

	// The map stays accessible. A call finds a value that you put there yourself.
	cache["square:5"] = 25
	fmt.Println(square.Call(5))
	// Output:
	// squaring 4
	// map[square:4:16]
	// 25 <nil>
}

func ExampleDict_syncMap() {
	// The ropes that share a plain map lock it. If other code uses it at the same time,
	// use a map that is safe for concurrent use.
	var cache sync.Map
	square := ring.Wrap(slowSquare, ring.Dict{Obj: &cache, KeyPrefix: "square"})

	square.Call(4)
	fmt.Println(cache.Load("square:4"))
	// Output:
	// squaring 4
	// 16 true
}

func ExampleDict_expire() {
	cache := map[string]any{}
	square := ring.Wrap(slowSquare, ring.Dict{Obj: cache, KeyPrefix: "square", Expire: time.Hour})
	square.Call(4)

	// A value that can expire is in the map with its time.
	entry := cache["square:4"].(ring.Entry)
	fmt.Println(entry.Value, entry.ExpireAt.After(time.Now()))
	// Output:
	// squaring 4
	// 16 true
}

func ExampleEntry() {
	// You can fill a map yourself, and give each value its own expiry.
	cache := map[string]any{
		"square:4": ring.Entry{Value: 16}, // never expires
		"square:5": ring.Entry{Value: 25, ExpireAt: time.Unix(0, 0)},
		"square:6": 36, // in the form of a dict without expiry
	}
	square := ring.Wrap(slowSquare, ring.Dict{Obj: cache, KeyPrefix: "square", Expire: time.Hour})

	fmt.Println(square.GetMany(ring.Args{4}, ring.Args{5}, ring.Args{6}))
	// Output:
	// [16 <nil> 36] <nil>
}

func ExampleMapping() {
	square := ring.Wrap(slowSquare, ring.Dict{Obj: &tracedMap{}, KeyPrefix: "square"})
	fmt.Println(square.Call(4))
	fmt.Println(square.Call(4))
	// Output:
	// squaring 4
	// set square:4 to 16
	// 16 <nil>
	// 16 <nil>
}

func ExampleExpirableDictStorage() {
	// Values without an expiry stay; you can still give one to single values. The clock
	// belongs to the storage.
	now := time.Date(2024, 2, 29, 12, 0, 0, 0, time.UTC)
	square := ring.Wrap(slowSquare, ring.Dict{
		StorageClass: func(backend any) (ring.Storage, error) {
			storage, err := ring.NewExpirableDictStorage(backend)
			if err != nil {
				return nil, err
			}
			storage.(*ring.ExpirableDictStorage).Now = func() time.Time { return now }
			return storage, nil
		},
		KeyPrefix: "square",
	})
	ctx := context.Background()
	square.Storage().Set(ctx, "square:4", 16)
	square.Storage().Set(ctx, "square:5", 25, time.Minute)
	now = now.Add(time.Hour)
	fmt.Println(square.GetMany(ring.Args{4}, ring.Args{5}))
	// Output:
	// [16 <nil>] <nil>
}

func ExampleNewExpirableDictStorage() {
	cache := map[string]any{}
	storage, err := ring.NewExpirableDictStorage(cache)
	fmt.Println(err)

	storage.SetValue(context.Background(), "a", 1, 0)
	fmt.Println(cache["a"].(ring.Entry).Value)
	// Output:
	// <nil>
	// 1
}

func ExamplePersistentDictStorage() {
	square := ring.Wrap(slowSquare, ring.Dict{})
	_, ok := square.Storage().Storage().(*ring.PersistentDictStorage)
	fmt.Println(ok)

	// There is no expiry, so touch has nothing to renew.
	fmt.Println(errors.Is(square.Touch(4), errors.ErrUnsupported))
	// Output:
	// true
	// true
}

func ExampleNewPersistentDictStorage() {
	cache := map[string]any{}
	storage, err := ring.NewPersistentDictStorage(cache)
	fmt.Println(err)

	storage.SetValue(context.Background(), "a", 1, 0)
	fmt.Println(cache)
	// Output:
	// <nil>
	// map[a:1]
}

// tracedMap is your own dict: a sync.Map that prints what is written to it.
type tracedMap struct{ values sync.Map }

func (m *tracedMap) Get(key string) (any, bool) { return m.values.Load(key) }

func (m *tracedMap) Delete(key string) { m.values.Delete(key) }

func (m *tracedMap) Set(key string, value any) {
	fmt.Println("set", key, "to", value)
	m.values.Store(key, value)
}
