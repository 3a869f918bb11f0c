package porting_test

import (
	"context"

	"github.com/ring-go/ring"
)

func Example_lrucache() {
	var fibonacci func(n int) int
	fibonacci = func(n int) int {
		if n < 2 {
			return n
		}
		return fibonacci(n-1) + fibonacci(n-2)
	}
	cached := ring.Decorate(&fibonacci, ring.Lru{MaxSize: 1000})

	show(fibonacci(90))
	info := cached.CacheInfo()
	show(info.Hits, info.Misses, info.MaxSize, info.CurrSize)
	show(cached.Execute(3)) // the function itself
	cached.Clear(context.Background())
	show(cached.CacheInfo().CurrSize)
	// Output:
	// 2880067194370816120
	// 88 91 1000 91
	// 2
	// 0
}
