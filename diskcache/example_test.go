package diskcache_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"time"

	"github.com/ring-go/ring/diskcache"
)

var ctx = context.Background()

// temporary opens a cache in a new directory.
func temporary(opts *diskcache.Options) (*diskcache.Cache, func()) {
	dir, err := os.MkdirTemp("", "diskcache")
	if err != nil {
		log.Fatal(err)
	}
	cache, err := diskcache.Open(dir, opts)
	if err != nil {
		log.Fatal(err)
	}
	return cache, func() {
		cache.Close()
		os.RemoveAll(dir)
	}
}

func Example() {
	cache, done := temporary(nil)
	defer done()
	_, err := cache.Get(ctx, "page")
	fmt.Println(err == diskcache.ErrNotFound)
	if err := cache.Set(ctx, "page", "<html>", time.Hour); err != nil {
		log.Fatal(err)
	}
	fmt.Println(cache.Get(ctx, "page"))
	// Output:
	// true
	// <html> <nil>
}

func ExampleOpen() {
	dir := filepath.Join(os.TempDir(), "ring-diskcache-example")
	defer os.RemoveAll(dir)
	cache, err := diskcache.Open(dir, nil)
	if err != nil {
		log.Fatal(err)
	}
	defer cache.Close()
	fmt.Println(filepath.Base(cache.Directory()))
	_, err = diskcache.Open("/dev/null", nil)
	fmt.Println(err)
	// Output:
	// ring-diskcache-example
	// diskcache: open /dev/null: mkdir /dev/null: not a directory
}

func ExampleOptions() {
	cache, done := temporary(&diskcache.Options{
		SizeLimit:      new(int64(4 << 30)),
		EvictionPolicy: diskcache.LeastRecentlyUsed,
		CullLimit:      new(0), // not the default
	})
	defer done()
	fmt.Println(cache.Len(ctx))
	// Output: 0 <nil>
}

func ExampleEvictionPolicy() {
	cache, done := temporary(&diskcache.Options{
		EvictionPolicy: diskcache.LeastFrequentlyUsed, SizeLimit: new(int64(150_000)), CullLimit: new(1),
	})
	defer done()
	cache.Set(ctx, "often", make([]byte, 50_000), 0)
	cache.Set(ctx, "seldom", make([]byte, 50_000), 0)
	cache.Get(ctx, "often")
	cache.Set(ctx, "new", 1, time.Hour)
	fmt.Println(cache.Has(ctx, "often"))
	// Output: true <nil>
}

func ExampleCache_Close() {
	cache, done := temporary(nil)
	defer done()
	fmt.Println(cache.Close(), cache.Close())
	_, err := cache.Get(ctx, "k")
	fmt.Println(err)
	// Output:
	// <nil> <nil>
	// diskcache: the cache is closed
}

func ExampleCache_Directory() {
	cache, done := temporary(nil)
	defer done()
	fmt.Println(filepath.IsAbs(cache.Directory()))
	// Output: true
}

func ExampleCache_Get() {
	cache, done := temporary(nil)
	defer done()
	cache.Set(ctx, 1, []any{"a", 2, nil}, 0)
	v, err := cache.Get(ctx, 1.0) // 1 and 1.0 are one key
	fmt.Printf("%#v %v\n", v, err)
	_, err = cache.Get(ctx, "1")
	fmt.Println(errors.Is(err, diskcache.ErrNotFound))
	// Output:
	// []interface {}{"a", 2, interface {}(nil)} <nil>
	// true
}

func ExampleCache_GetTo() {
	type point struct{ X, Y int }
	cache, done := temporary(nil)
	defer done()
	cache.Set(ctx, "p", point{1, 2}, 0)
	var p point
	fmt.Println(cache.GetTo(ctx, "p", &p), p)
	var n int
	fmt.Println(errors.Is(cache.GetTo(ctx, "p", &n), diskcache.ErrValue))
	// Output:
	// <nil> {1 2}
	// true
}

func ExampleCache_GetItem() {
	now := time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)
	cache, done := temporary(&diskcache.Options{Now: func() time.Time { return now }})
	defer done()
	cache.Set(ctx, "k", "v", time.Hour, "red")
	item, err := cache.GetItem(ctx, "k")
	fmt.Println(item.Value, item.Expires.UTC().Format(time.Kitchen), item.Tag, err)
	// Output: v 1:00PM red <nil>
}

func ExampleItem() {
	cache, done := temporary(nil)
	defer done()
	cache.Set(ctx, "k", nil, 0)
	item, err := cache.GetItem(ctx, "k")
	fmt.Println(item.Value, item.Expires.IsZero(), item.Tag, err)
	// Output: <nil> true <nil> <nil>
}

func ExampleCache_Set() {
	cache, done := temporary(nil)
	defer done()
	fmt.Println(cache.Set(ctx, "k", []byte("v"), time.Minute, "a tag"))
	fmt.Println(errors.Is(cache.Set(ctx, "k", make(chan int), 0), diskcache.ErrValue))
	// Output:
	// <nil>
	// true
}

func ExampleCache_Add() {
	cache, done := temporary(nil)
	defer done()
	fmt.Println(cache.Add(ctx, "k", 1, 0))
	fmt.Println(cache.Add(ctx, "k", 2, 0))
	// Output:
	// true <nil>
	// false <nil>
}

func ExampleCache_Has() {
	cache, done := temporary(nil)
	defer done()
	fmt.Println(cache.Has(ctx, "k"))
	// Output: false <nil>
}

func ExampleCache_Touch() {
	now := time.Unix(0, 0)
	cache, done := temporary(&diskcache.Options{Now: func() time.Time { return now }})
	defer done()
	cache.Set(ctx, "k", 1, time.Minute)
	fmt.Println(cache.Touch(ctx, "k", time.Hour))
	now = now.Add(2 * time.Hour)
	fmt.Println(cache.Touch(ctx, "k", time.Hour)) // too late
	// Output:
	// true <nil>
	// false <nil>
}

func ExampleCache_Delete() {
	cache, done := temporary(nil)
	defer done()
	cache.Set(ctx, "k", 1, 0)
	fmt.Println(cache.Delete(ctx, "k"))
	fmt.Println(cache.Delete(ctx, "k"))
	// Output:
	// true <nil>
	// false <nil>
}

func ExampleCache_Pop() {
	cache, done := temporary(nil)
	defer done()
	cache.Set(ctx, "k", 1, 0)
	fmt.Println(cache.Pop(ctx, "k"))
	fmt.Println(cache.Has(ctx, "k"))
	// Output:
	// 1 <nil>
	// false <nil>
}

func ExampleCache_PopItem() {
	cache, done := temporary(nil)
	defer done()
	cache.Set(ctx, "k", 1, 0, "red")
	item, err := cache.PopItem(ctx, "k")
	fmt.Println(item.Value, item.Tag, err)
	// Output: 1 red <nil>
}

func ExampleCache_Incr() {
	cache, done := temporary(nil)
	defer done()
	fmt.Println(cache.Incr(ctx, "visits", 1))
	fmt.Println(cache.Incr(ctx, "visits", 1))
	fmt.Println(cache.Incr(ctx, "from 100", 1, 100))
	// Output:
	// 1 <nil>
	// 2 <nil>
	// 101 <nil>
}

func ExampleCache_Decr() {
	cache, done := temporary(nil)
	defer done()
	fmt.Println(cache.Decr(ctx, "stock", 1, 10))
	// Output: 9 <nil>
}

func ExampleCache_GetMany() {
	cache, done := temporary(nil)
	defer done()
	cache.Set(ctx, "a", 1, 0)
	fmt.Println(cache.GetMany(ctx, []any{"a", "b"}))
	// Output: [1 <nil>] [true false] <nil>
}

func ExampleCache_GetManyTo() {
	cache, done := temporary(nil)
	defer done()
	cache.Set(ctx, "a", 1, 0)
	var a, b int8
	fmt.Println(cache.GetManyTo(ctx, []any{"a", "b"}, []any{&a, &b}))
	fmt.Println(a, b)
	// Output:
	// [true false] <nil>
	// 1 0
}

func ExampleCache_SetMany() {
	cache, done := temporary(nil)
	defer done()
	fmt.Println(cache.SetMany(ctx, []any{"a", "b"}, []any{1, 2}, time.Hour))
	fmt.Println(cache.Len(ctx))
	// Output:
	// <nil>
	// 2 <nil>
}

func ExampleCache_DeleteMany() {
	cache, done := temporary(nil)
	defer done()
	cache.Set(ctx, "a", 1, 0)
	fmt.Println(cache.DeleteMany(ctx, []any{"a", "b"}))
	// Output: [true false] <nil>
}

func ExampleCache_HasMany() {
	cache, done := temporary(nil)
	defer done()
	cache.Set(ctx, "a", 1, 0)
	fmt.Println(cache.HasMany(ctx, []any{"a", "b"}))
	// Output: [true false] <nil>
}

func ExampleCache_TouchMany() {
	cache, done := temporary(nil)
	defer done()
	cache.Set(ctx, "a", 1, 0)
	fmt.Println(cache.TouchMany(ctx, []any{"a", "b"}, time.Hour))
	// Output: [true false] <nil>
}

func ExampleCache_Keys() {
	cache, done := temporary(nil)
	defer done()
	for _, key := range []any{"b", 1, "a", nil} {
		cache.Set(ctx, key, 0, 0)
	}
	for key, err := range cache.Keys(ctx) {
		fmt.Println(key, err)
	}
	// Output:
	// b <nil>
	// 1 <nil>
	// a <nil>
	// <nil> <nil>
}

func ExampleCache_Len() {
	cache, done := temporary(nil)
	defer done()
	cache.Set(ctx, "k", 1, 0)
	fmt.Println(cache.Len(ctx))
	// Output: 1 <nil>
}

func ExampleCache_Volume() {
	cache, done := temporary(nil)
	defer done()
	cache.Set(ctx, "k", make([]byte, 1<<20), 0)
	volume, err := cache.Volume(ctx)
	fmt.Println(volume > 1<<20, err)
	// Output: true <nil>
}

func ExampleCache_Stats() {
	cache, done := temporary(&diskcache.Options{Statistics: new(true)})
	defer done()
	cache.Set(ctx, "k", 1, 0)
	cache.Get(ctx, "k")
	cache.Get(ctx, "none")
	fmt.Println(cache.Stats(ctx))
	// Output: 1 1 <nil>
}

func ExampleCache_ResetStats() {
	cache, done := temporary(&diskcache.Options{Statistics: new(true)})
	defer done()
	cache.Get(ctx, "none")
	fmt.Println(cache.ResetStats(ctx))
	fmt.Println(cache.Stats(ctx))
	// Output:
	// <nil>
	// 0 0 <nil>
}

func ExampleCache_Expire() {
	now := time.Unix(0, 0)
	cache, done := temporary(&diskcache.Options{Now: func() time.Time { return now }})
	defer done()
	cache.Set(ctx, "k", 1, time.Minute)
	now = now.Add(time.Hour)
	fmt.Println(cache.Expire(ctx))
	// Output: 1 <nil>
}

func ExampleCache_Cull() {
	cache, done := temporary(&diskcache.Options{CullLimit: new(0), SizeLimit: new(int64(1_000_000))})
	defer done()
	for i := range 30 {
		cache.Set(ctx, i, make([]byte, 50_000), 0)
	}
	fmt.Println(cache.Cull(ctx)) // in steps of ten
	// Output: 20 <nil>
}

func ExampleCache_Evict() {
	cache, done := temporary(&diskcache.Options{TagIndex: new(true)})
	defer done()
	cache.Set(ctx, "a", 1, 0, "red")
	cache.Set(ctx, "b", 1, 0, "blue")
	fmt.Println(cache.Evict(ctx, "red"))
	// Output: 1 <nil>
}

func ExampleCache_Clear() {
	cache, done := temporary(nil)
	defer done()
	cache.Set(ctx, "a", 1, 0)
	fmt.Println(cache.Clear(ctx))
	// Output: 1 <nil>
}

func ExampleCache_Check() {
	cache, done := temporary(nil)
	defer done()
	os.Mkdir(filepath.Join(cache.Directory(), "ab"), 0o777)
	problems, err := cache.Check(ctx, true)
	for _, p := range problems {
		fmt.Println(p.Text[:13], p.Fixed, err)
	}
	fmt.Println(cache.Check(ctx, false))
	// Output:
	// empty folder: true <nil>
	// [] <nil>
}

func ExampleProblem_String() {
	fmt.Println(diskcache.Problem{Text: "unknown file: README"})
	// Output: unknown file: README
}

func ExampleCache_Transact() {
	cache, done := temporary(nil)
	defer done()
	cache.Set(ctx, "ann", 15, 0)
	broke := errors.New("not enough")
	pay := func(tx *diskcache.Tx) error {
		left, err := tx.Decr("ann", 10)
		if err != nil {
			return err
		}
		if left < 0 {
			return broke
		}
		_, err = tx.Incr("bob", 10)
		return err
	}
	fmt.Println(cache.Transact(ctx, pay))
	fmt.Println(cache.Transact(ctx, pay))
	fmt.Println(cache.GetMany(ctx, []any{"ann", "bob"}))
	// Output:
	// <nil>
	// not enough
	// [5 10] [true true] <nil>
}

// ExampleTx shows the methods that a transaction shares with the cache.
func ExampleTx() {
	cache, done := temporary(nil)
	defer done()
	err := cache.Transact(ctx, func(tx *diskcache.Tx) error {
		fmt.Println(tx.Set("a", 1, time.Hour, "red"))
		fmt.Println(tx.Add("a", 2, 0))
		fmt.Println(tx.Get("a"))
		fmt.Println(tx.Has("b"))
		fmt.Println(tx.Touch("a", 0))
		item, err := tx.GetItem("a")
		fmt.Println(item.Tag, item.Expires.IsZero(), err)
		var n int32
		fmt.Println(tx.GetTo("a", &n), n)
		fmt.Println(tx.Pop("a"))
		_, err = tx.PopItem("a")
		fmt.Println(err)
		fmt.Println(tx.Delete("a"))
		return nil
	})
	fmt.Println(err)
	// Output:
	// <nil>
	// false <nil>
	// 1 <nil>
	// false <nil>
	// true <nil>
	// red true <nil>
	// <nil> 1
	// 1 <nil>
	// diskcache: key not found
	// false <nil>
	// <nil>
}

func ExampleStoredKey() {
	cache, done := temporary(nil)
	defer done()
	// Keys returns a StoredKey for a key that no Go value represents; this one has a Go
	// value.
	key := diskcache.StoredKey{Value: "k"}
	fmt.Println(cache.Set(ctx, key, "v", 0))
	fmt.Println(cache.Get(ctx, "k"))
	// Output:
	// <nil>
	// v <nil>
}

func ExampleStoredKey_String() {
	fmt.Println(diskcache.StoredKey{Value: []any{1, "x"}})
	// Output: [1 x]
}
