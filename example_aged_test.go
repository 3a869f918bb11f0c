package ring_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"time"

	"github.com/bradfitz/gomemcache/memcache"
	"github.com/redis/go-redis/v9"

	"github.com/ring-go/ring"
	"github.com/ring-go/ring/lrucache"
)

// A value, the time left to it, and what identifies it.
func ExampleRedisStorage_GetAged() {
	client := redis.NewClient(&redis.Options{Addr: redisAddr})
	defer client.Close()
	ctx, s := context.Background(), &ring.RedisStorage{Client: client}
	client.Set(ctx, "aged:a", "A", time.Hour)
	client.Set(ctx, "aged:b", "B", 0)
	a, err := s.GetAged(ctx, "aged:a")
	fmt.Printf("%s %v %v %v\n", a.Value, a.Left.Round(time.Minute), a.Version, err)
	many, err := s.GetManyAged(ctx, []string{"aged:b", "aged:c"})
	fmt.Printf("%s %v, %v, %v\n", many[0].Value, many[0].Left, many[1].Value, err)
	// Output:
	// A 1h0m0s A <nil>
	// B 0s, not found, <nil>
}

// A store that loses against any other write meanwhile, also of another process.
func ExampleCondStorage() {
	client := redis.NewClient(&redis.Options{Addr: redisAddr})
	defer client.Close()
	ctx := context.Background()
	var s ring.CondStorage = &ring.RedisStorage{Client: client}
	fmt.Println(s.AddValue(ctx, "cond:key", "old", time.Hour))
	fmt.Println(s.AddValue(ctx, "cond:key", "too late", time.Hour))
	a, err := s.(ring.AgedStorage).GetAged(ctx, "cond:key")
	fmt.Printf("%s %v\n", a.Value, err)
	fmt.Println(s.ReplaceValue(ctx, "cond:key", a.Version, "new", time.Hour))
	fmt.Println(s.ReplaceValue(ctx, "cond:key", a.Version, "too late", time.Hour))
	// Output:
	// true <nil>
	// false <nil>
	// old <nil>
	// true <nil>
	// false <nil>
}

// It brings the end of a value forward, and never puts it off.
func ExampleShortenStorage() {
	client := redis.NewClient(&redis.Options{Addr: redisAddr})
	defer client.Close()
	ctx := context.Background()
	var s ring.ShortenStorage = &ring.RedisStorage{Client: client}
	client.Set(ctx, "shorten:key", "value", time.Hour)
	for _, left := range []time.Duration{time.Minute, time.Hour} {
		err := s.ShortenValue(ctx, "shorten:key", left)
		fmt.Println(client.PTTL(ctx, "shorten:key").Val().Round(time.Minute), err)
	}
	// Output:
	// 1m0s <nil>
	// 1m0s <nil>
}

func ExampleAgedStorage() {
	now := time.Date(2024, 2, 29, 12, 0, 0, 0, time.UTC)
	cache := lrucache.New(128)
	cache.Now = func() time.Time { return now }
	ctx := context.Background()
	var s ring.AgedStorage = &ring.LruStorage{Cache: cache}
	cache.Set("key", "value", time.Hour)
	now = now.Add(20 * time.Minute)
	a, err := s.GetAged(ctx, "key")
	fmt.Println(a.Value, a.Left, err)
	fmt.Println(s.(ring.ShortenStorage).ShortenValue(ctx, "key", time.Minute))
	many, err := s.GetManyAged(ctx, []string{"key", "none"})
	fmt.Println(many[0].Left, many[1].Value, err)
	// Output:
	// value 40m0s <nil>
	// <nil>
	// 1m0s not found <nil>
}

// The value of a dict and the time left to it.
func ExampleExpirableDictStorage_GetAged() {
	now := time.Date(2024, 2, 29, 12, 0, 0, 0, time.UTC)
	s := exStorage(ring.NewExpirableDictStorage(map[string]any{})).(*ring.ExpirableDictStorage)
	s.Now = func() time.Time { return now }
	ctx := context.Background()
	fmt.Println(s.SetValue(ctx, "key", "value", time.Hour))
	now = now.Add(20 * time.Minute)
	fmt.Println(s.GetAged(ctx, "key"))
	fmt.Println(s.ShortenValue(ctx, "key", time.Minute))
	many, err := s.GetManyAged(ctx, []string{"key", "none"})
	fmt.Println(many[0].Left, many[1].Value, err)
	// Output:
	// <nil>
	// {value 40m0s <nil>} <nil>
	// <nil>
	// 1m0s not found <nil>
}

func exStorage(s ring.Storage, err error) ring.Storage {
	if err != nil {
		log.Fatal(err)
	}
	return s
}

// A storage that decodes values itself tells their ages as well.
func ExampleAgedTypedStorage() {
	cache, done := exCache()
	defer done()
	ctx := context.Background()
	var s ring.AgedTypedStorage = &ring.DiskCacheStorage{Obj: cache}
	if err := cache.Set(ctx, "point", map[string]int{"X": 1, "Y": 2}, time.Hour); err != nil {
		log.Fatal(err)
	}
	var p struct{ X, Y int }
	a, err := s.GetAgedTo(ctx, "point", &p)
	fmt.Println(p, a.Value, a.Left.Round(time.Minute), err)
	// Output: {1 2} <nil> 1h0m0s <nil>
}

// The age of a value in a directory, a store on condition, and a shorter life.
func ExampleDiskCacheStorage_GetAged() {
	cache, done := exCache()
	defer done()
	ctx, s := context.Background(), &ring.DiskCacheStorage{Obj: cache}
	fmt.Println(s.AddValue(ctx, "key", "old", time.Hour))
	a, err := s.GetAged(ctx, "key")
	fmt.Println(a.Value, a.Left.Round(time.Minute), err)
	fmt.Println(s.ReplaceValue(ctx, "key", a.Version, "new", time.Hour))
	fmt.Println(s.ShortenValue(ctx, "key", time.Minute))
	many, err := s.GetManyAged(ctx, []string{"key", "none"})
	fmt.Println(many[0].Value, many[0].Left.Round(time.Minute), many[1].Value, err)
	// Output:
	// true <nil>
	// old 1h0m0s <nil>
	// true <nil>
	// <nil>
	// new 1m0s not found <nil>
}

// Memcached stores on condition, too.
func ExampleMemcacheStorage_AddValue() {
	client := memcache.New(memcachedAddr)
	defer client.Close()
	ctx, s := context.Background(), &ring.MemcacheStorage{Client: client}
	fmt.Println(s.AddValue(ctx, "add:key", "old", time.Hour))
	fmt.Println(s.AddValue(ctx, "add:key", "too late", time.Hour))
	fmt.Println(s.ReplaceValue(ctx, "add:key", "old", "new", time.Hour))
	fmt.Println(s.ReplaceValue(ctx, "add:key", "old", "too late", time.Hour))
	_, err := s.GetAged(ctx, "add:key")
	fmt.Println(errors.Is(err, errors.ErrUnsupported)) // it takes a rope with Freshness
	// Output:
	// true <nil>
	// false <nil>
	// true <nil>
	// false <nil>
	// true
}
