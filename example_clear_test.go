package ring_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/bradfitz/gomemcache/memcache"

	"github.com/ring-go/ring"
	"github.com/ring-go/ring/lrucache"
)

func ExampleRope_Clear() {
	cache := lrucache.New(1000)
	half := ring.Wrap(func(n int) int { return n / 2 }, ring.Lru{Lru: cache, KeyPrefix: "half"})
	double := ring.Wrap(func(n int) int { return 2 * n }, ring.Lru{Lru: cache, KeyPrefix: "double"})
	half.GetOrUpdateMany(ring.Args{4}, ring.Args{6})
	double.Call(4)

	fmt.Println(half.Clear(context.Background()))
	fmt.Println(half.Has(4))
	fmt.Println(double.Has(4)) // another function's

	// Memcached does not tell its keys.
	remote := ring.Wrap(func(n int) []byte { return nil }, ring.Memcache{Client: memcache.New("127.0.0.1:11211"), KeyPrefix: "users.v1"})
	_, err := remote.Clear(context.Background())
	fmt.Println(errors.Is(err, errors.ErrUnsupported))
	// Output:
	// 2 <nil>
	// false <nil>
	// true <nil>
	// true
}

func ExampleWire_Warm() {
	temperature := ring.Wrap(func(city string) (int, error) {
		if city == "Atlantis" {
			return 0, errors.New("no such city")
		}
		return len(city), nil
	}, ring.Lru{}, ring.Name("temperature"))
	temperature.Call("Rome")

	cities := slices.Values([]any{ring.Args{"Rome"}, ring.Args{"Oslo"}, ring.Args{"Atlantis"}})
	report, err := temperature.Warm(context.Background(), cities, 2)
	fmt.Printf("%+v\n%v\n", report, err)
	fmt.Println(temperature.Has("Oslo"))
	// Output:
	// {Cached:1 Ran:1 Failed:1 Skipped:0}
	// ring: warm temperature: element 2, "temperature:Atlantis": no such city
	// true <nil>
}

func ExampleWarmReport() {
	square := ring.Wrap(func(n int) int { return n * n }, ring.Dict{})
	ctx, cancel := context.WithCancel(context.Background())
	endless := func(yield func(any) bool) {
		for n := 0; yield(ring.Args{n}); n++ {
			if n == 2 {
				cancel() // as at the end of a deadline
			}
		}
	}
	report, err := square.Warm(ctx, endless, 1)
	fmt.Println(report.Cached+report.Ran+report.Failed+report.Skipped >= 3, errors.Is(err, context.Canceled))
	// Output: true true
}

// clearStorage is a tiny storage that can tell its keys.
type clearStorage struct{ values *sync.Map }

func (s clearStorage) GetValue(_ context.Context, key string) (any, error) {
	if value, ok := s.values.Load(key); ok {
		return value, nil
	}
	return nil, ring.ErrNotFound
}

func (s clearStorage) SetValue(_ context.Context, key string, value any, _ time.Duration) error {
	s.values.Store(key, value)
	return nil
}

func (s clearStorage) DeleteValue(_ context.Context, key string) error {
	s.values.Delete(key)
	return nil
}

func (s clearStorage) ClearPrefix(_ context.Context, prefix string) (n int, err error) {
	s.values.Range(func(key, _ any) bool {
		if strings.HasPrefix(key.(string), prefix) {
			s.values.Delete(key)
			n++
		}
		return true
	})
	return n, nil
}

func ExampleClearStorage() {
	class := func(backend any) (ring.Storage, error) { return clearStorage{backend.(*sync.Map)}, nil }
	square := ring.Wrap(func(n int) int { return n * n }, ring.BaseFactory{StorageBackend: &sync.Map{}, StorageClass: class, KeyPrefix: "square"})
	square.GetOrUpdateMany(ring.Args{1}, ring.Args{2})
	fmt.Println(square.Clear(context.Background()))
	// Output: 2 <nil>
}
