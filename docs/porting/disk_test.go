package porting_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/ring-go/ring"
	"github.com/ring-go/ring/diskcache"
)

func slowSquare(n int) int {
	fmt.Println("runs for", n)
	return n * n
}

func Example_disk() {
	directory, remove := tempDir()
	defer remove()
	ctx := context.Background()

	cache, err := diskcache.Open(directory, nil)
	must(err)
	defer cache.Close()
	must(cache.Set(ctx, "a", []any{1, 2.5, nil}, time.Minute, "numbers"))
	must(cache.Set(ctx, "b", "text", 0))
	show(cache.Get(ctx, "a"))
	show(cache.Get(ctx, "b"))
	show(cache.Has(ctx, "c"))
	_, err = cache.Get(ctx, "c")
	show(errors.Is(err, diskcache.ErrNotFound))
	show(cache.Add(ctx, "b", "other", 0))
	show(cache.Incr(ctx, "n", 1))
	show(cache.Incr(ctx, "n", 10))
	show(cache.Touch(ctx, "a", time.Hour))
	show(cache.Pop(ctx, "b"))
	show(cache.Len(ctx))

	must(cache.Transact(ctx, func(tx *diskcache.Tx) error {
		return errors.Join(tx.Set("x", 1, 0), tx.Set("y", 2, 0))
	}))
	for key, err := range cache.Keys(ctx) {
		show(key, err)
	}
	show(cache.Evict(ctx, "numbers"))

	square := ring.Wrap(slowSquare, ring.Disk{Obj: cache, KeyPrefix: "square", Expire: time.Minute})
	show(square.Call(3))
	show(square.Call(3))
	// Output:
	// [1, 2.5, None]
	// text
	// False
	// True
	// False
	// 1
	// 11
	// True
	// text
	// 2
	// a
	// n
	// x
	// y
	// 1
	// runs for 3
	// 9
	// 9
}
