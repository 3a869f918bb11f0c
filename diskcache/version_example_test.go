package diskcache_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"time"

	"github.com/ring-go/ring/diskcache"
)

func exampleCache(now *time.Time) (*diskcache.Cache, func()) {
	dir, err := os.MkdirTemp("", "cache")
	if err != nil {
		log.Fatal(err)
	}
	cache, err := diskcache.Open(dir, &diskcache.Options{Now: func() time.Time { return *now }})
	if err != nil {
		log.Fatal(err)
	}
	return cache, func() { cache.Close(); os.RemoveAll(dir) }
}

func ExampleCache_GetAgedTo() {
	now, ctx := time.Unix(1_000_000_000, 0), context.Background()
	cache, done := exampleCache(&now)
	defer done()
	if err := cache.Set(ctx, "a", "value", time.Minute); err != nil {
		log.Fatal(err)
	}
	now = now.Add(45 * time.Second)
	var text string
	left, _, err := cache.GetAgedTo(ctx, "a", &text)
	fmt.Println(text, left, err)
	// Output: value 15s <nil>
}

// Nobody's write is lost between a look-up and the store.
func ExampleCache_Replace() {
	now, ctx := time.Unix(1_000_000_000, 0), context.Background()
	cache, done := exampleCache(&now)
	defer done()
	if err := cache.Set(ctx, "a", 1, 0); err != nil {
		log.Fatal(err)
	}
	var n int
	_, version, err := cache.GetAgedTo(ctx, "a", &n)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(cache.Replace(ctx, "a", version, n+1, 0))
	fmt.Println(cache.Replace(ctx, "a", version, n+2, 0)) // another version is there by now
	fmt.Println(cache.Get(ctx, "a"))
	// Output:
	// true <nil>
	// false <nil>
	// 2 <nil>
}

func ExampleCache_Shorten() {
	now, ctx := time.Unix(1_000_000_000, 0), context.Background()
	cache, done := exampleCache(&now)
	defer done()
	if err := cache.Set(ctx, "a", 1, time.Hour); err != nil {
		log.Fatal(err)
	}
	fmt.Println(cache.Shorten(ctx, "a", time.Minute))
	fmt.Println(cache.Shorten(ctx, "a", time.Hour)) // no longer than before
	fmt.Println(cache.TTL(ctx, "a"))
	// Output:
	// true <nil>
	// true <nil>
	// 1m0s <nil>
}
