package ring_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/ring-go/ring"
	"github.com/ring-go/ring/lrucache"
)

func ExampleLru() {
	square := ring.Wrap(slowSquare, ring.Lru{MaxSize: 2})

	square.Call(1)
	square.Call(2)
	square.Call(1) // a hit, which makes 2 the least recently used
	square.Call(3)
	fmt.Println(square.HasMany(ring.Args{1}, ring.Args{2}, ring.Args{3}))
	// Output:
	// squaring 1
	// squaring 2
	// squaring 3
	// [true false true] <nil>
}

func ExampleLru_expire() {
	// With your own cache, a test can move the clock.
	now := time.Date(2024, 2, 29, 12, 0, 0, 0, time.UTC)
	cache := lrucache.New(128)
	cache.Now = func() time.Time { return now }

	square := ring.Wrap(slowSquare, ring.Lru{Lru: cache, Expire: time.Minute})
	fmt.Println(square.Call(4))
	now = now.Add(59 * time.Second)
	fmt.Println(square.Call(4))
	now = now.Add(time.Second)
	fmt.Println(square.Call(4))
	// Output:
	// squaring 4
	// 16 <nil>
	// 16 <nil>
	// squaring 4
	// 16 <nil>
}

// Goroutines that call with different arguments do not wait for one another.
func ExampleLru_shards() {
	square := ring.Wrap(func(n int) int { return n * n }, ring.Lru{MaxSize: 10_000, Shards: 16})

	var wg sync.WaitGroup
	for g := range 64 {
		wg.Go(func() {
			for i := range 100 {
				square.Call(g + i)
			}
		})
	}
	wg.Wait()
	fmt.Println(square.Call(12))
	fmt.Println(square.CacheInfo().CurrSize, square.Storage().Backend().(*lrucache.LruCache).Shards())
	// Output:
	// 144 <nil>
	// 163 16
}

func ExampleLru_shared() {
	// Functions that share a cache compete for its places. Their names tell their keys
	// apart; a cache of a single function needs no names.
	shared := lrucache.New(1000)
	upper := ring.Wrap(strings.ToUpper, ring.Lru{Lru: shared})
	lower := ring.Wrap(strings.ToLower, ring.Lru{Lru: shared})
	private := ring.Wrap(strings.ToLower, ring.Lru{})

	fmt.Println(upper.Key("Go"))
	fmt.Println(lower.Key("Go"))
	fmt.Println(private.Key("Go"))
	// Output:
	// strings.ToUpper:Go <nil>
	// strings.ToLower:Go <nil>
	// :Go <nil>
}

func ExampleLruStorage() {
	var storage *countingLru
	square := ring.Wrap(slowSquare, ring.Lru{
		StorageClass: func(backend any) (ring.Storage, error) {
			storage = &countingLru{LruStorage: ring.LruStorage{Cache: backend.(*lrucache.LruCache)}}
			return storage, nil
		},
	})
	square.Call(4)
	square.Call(4)
	square.Set(25, 5)
	fmt.Println(storage.sets)
	// Output:
	// squaring 4
	// 2
}

func ExampleCacheInfo() {
	hitRate := func(i ring.CacheInfo) float64 { return float64(i.Hits) / float64(i.Hits+i.Misses) }

	upper := ring.Wrap(strings.ToUpper, ring.Lru{})
	for _, word := range strings.Fields("to be or not to be") {
		upper.Call(word)
	}
	fmt.Printf("%.2f\n", hitRate(upper.CacheInfo()))
	// Output:
	// 0.33
}

func ExampleScalars_Call() {
	greet := ring.Wrap(func(greeting, name string) string { return greeting + ", " + name }, ring.Lru{}).Scalars()
	fmt.Println(greet.Call("hello", "Ann"))
	// Output:
	// hello, Ann <nil>
}

// countingLru is the storage of ring.Lru with one method replaced.
type countingLru struct {
	ring.LruStorage
	mu   sync.Mutex
	sets int // guarded by mu: many goroutines use a storage
}

func (s *countingLru) SetValue(ctx context.Context, key string, value any, expire time.Duration) error {
	s.mu.Lock()
	s.sets++
	s.mu.Unlock()
	return s.LruStorage.SetValue(ctx, key, value, expire)
}
