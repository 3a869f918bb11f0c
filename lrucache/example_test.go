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
	cache.Set("c", 3, 0) // b was used longest ago
	fmt.Println(cache.Has("a"), cache.Has("b"), cache.Has("c"))
	fmt.Printf("%+v\n", cache.CacheInfo())
	// Output:
	// true false true
	// {Hits:1 Misses:0 MaxSize:2 CurrSize:2}
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
	// Output: {Hits:0 Misses:0 MaxSize:2 CurrSize:0} 2
}

// A value is not stored if the data that it was computed from has changed meanwhile.
func ExampleLruCache_SetSince() {
	cache := lrucache.New(2)
	price := 100

	since := cache.Writes()
	made := price * 2
	price = 150 // by another goroutine, which says so
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
