package lrucache_test

import (
	"fmt"
	"time"

	"github.com/ring-go/ring/lrucache"
)

func Example() {
	cache := lrucache.New(2)
	cache.Set("a", 1, 0)
	cache.Set("b", 2, 0)
	cache.Get("a")
	cache.Set("c", 3, 0) // b is the least recently used
	fmt.Println(cache.Has("a"), cache.Has("b"), cache.Has("c"))
	fmt.Printf("%+v\n", cache.CacheInfo())
	// Output:
	// true false true
	// {Hits:1 Misses:0 Stale:0 MaxSize:2 CurrSize:2}
}

func ExampleLruCache_Touch() {
	now := time.Unix(0, 0)
	cache := lrucache.New(lrucache.Unbounded)
	cache.Now = func() time.Time { return now }
	cache.Set("session", "ann", 30*time.Second)

	now = now.Add(20 * time.Second)
	fmt.Println(cache.Touch("session", 30*time.Second))
	now = now.Add(20 * time.Second)
	fmt.Println(cache.Get("session"))
	now = now.Add(20 * time.Second)
	fmt.Println(cache.Touch("session", 30*time.Second)) // too late
	// Output:
	// true
	// ann true
	// false
}

func ExampleLruCache_Delete() {
	cache := lrucache.New(2)
	cache.Set("a", 1, 0)
	fmt.Println(cache.Delete("a"), cache.Delete("a"), cache.Len())
	// Output: true false 0
}

func ExampleLruCache_GetBytes() {
	cache := lrucache.New(2)
	cache.Set("user:7", "ann", 0)
	key := append([]byte("user:"), '7')
	fmt.Println(cache.GetBytes(key))
	// Output: ann true
}

func ExampleLruCache_Clear() {
	cache := lrucache.New(2)
	cache.Set("a", 1, 0)
	cache.Get("a")
	cache.Clear()
	fmt.Printf("%+v %d\n", cache.CacheInfo(), cache.MaxSize())
	// Output: {Hits:0 Misses:0 Stale:0 MaxSize:2 CurrSize:0} 2
}

// A value is not stored if the data that it was computed from has changed meanwhile.
func ExampleLruCache_SetSince() {
	cache := lrucache.New(2)
	price := 100

	since := cache.Writes()
	made := price * 2
	price = 150 // changed by another goroutine, which reports it
	cache.Delete("double")

	fmt.Println(cache.SetSince("double", made, 0, since))
	fmt.Println(cache.Get("double"))
	// Output:
	// false
	// <nil> false
}

func ExampleLruCache_Writes() {
	cache := lrucache.New(2)
	since := cache.Writes()
	cache.Set("a", 1, 0)
	fmt.Println(cache.Writes() > since)
	// Output: true
}

func ExampleLruCache_WrittenSince() {
	cache := lrucache.New(2)
	since := cache.Writes()
	cache.Clear()
	fmt.Println(cache.WrittenSince("a", since))
	// Output: true
}

// Goroutines that look for different keys do not wait for one another.
func ExampleNewSharded() {
	cache := lrucache.NewSharded(10_000, 16)
	cache.Set("a", 1, 0)
	fmt.Println(cache.Get("a"))
	fmt.Println(cache.Shards(), cache.MaxSize())
	// Output:
	// 1 true
	// 16 10000
}

func ExampleLruCache_Shards() {
	fmt.Println(lrucache.New(1000).Shards())
	fmt.Println(lrucache.NewSharded(1000, 10).Shards())
	fmt.Println(lrucache.NewSharded(3, 10).Shards()) // none of them is empty
	// Output:
	// 1
	// 16
	// 2
}

func ExampleLruCache_HasBytes() {
	cache := lrucache.New(2)
	cache.Set("user:7", "ann", 0)
	key := append([]byte("user:"), '7')
	fmt.Println(cache.HasBytes(key))
	// Output: true
}

func ExampleLruCache_TouchBytes() {
	cache := lrucache.New(2)
	cache.Set("user:7", "ann", time.Minute)
	key := append([]byte("user:"), '7')
	fmt.Println(cache.TouchBytes(key, 0))
	fmt.Println(cache.TTL("user:7")) // for good
	// Output:
	// true
	// 0s true
}

func ExampleLruCache_DeleteBytes() {
	cache := lrucache.New(2)
	cache.Set("user:7", "ann", 0)
	key := append([]byte("user:"), '7')
	fmt.Println(cache.DeleteBytes(key), cache.Len())
	// Output: true 0
}

// Two parts of a program share a cache, and count their own hits.
func ExampleLruCache_NewCounter() {
	cache := lrucache.New(100)
	cache.Set("user:7", "ann", 0)
	cache.Set("page:/", "<html>", 0)
	users, pages := cache.NewCounter(), cache.NewCounter()

	users.GetBytes([]byte("user:7"))
	users.GetBytes([]byte("user:8"))
	pages.GetBytes([]byte("page:/"))
	pages.GetBytes([]byte("page:/"))
	fmt.Println(users.Load(), pages.Load(), cache.CacheInfo().Hits)
	// Output: 1 2 3
}

func ExampleCounter_GetBytes() {
	cache := lrucache.New(2)
	cache.Set("user:7", "ann", 0)
	hits := cache.NewCounter()
	fmt.Println(hits.GetBytes([]byte("user:7")))
	fmt.Println(hits.GetBytes([]byte("user:8")))
	fmt.Println(hits.Load())
	// Output:
	// ann true
	// <nil> false
	// 1
}

func ExampleCounter_Load() {
	cache := lrucache.New(2)
	cache.Set("a", 1, 0)
	hits := cache.NewCounter()
	hits.GetBytes([]byte("a"))
	cache.Clear()
	fmt.Println(hits.Load(), cache.CacheInfo().Hits)
	// Output: 1 0
}

func ExampleCounter_GetMany() {
	cache := lrucache.New(100)
	cache.Set("user:7", "ann", 0)
	cache.Set("user:9", nil, 0)

	none := new(int) // a mark that is not a value of the cache
	values := []any{none, none, none}
	missing := cache.NewCounter().GetMany([]byte("user:7user:8user:9"), []int{6, 12, 18}, values)
	fmt.Println(missing)
	for _, value := range values {
		if value == any(none) {
			fmt.Println("none")
			continue
		}
		fmt.Println(value)
	}
	// Output:
	// 1
	// ann
	// none
	// <nil>
}
