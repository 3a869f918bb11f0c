package porting_test

import "github.com/ring-go/ring"

var fibonacci func(n int) int

func Example_recursion() {
	fibonacci = func(n int) int {
		if n < 2 {
			return n
		}
		return fibonacci(n-1) + fibonacci(n-2)
	}
	ring.Decorate(&fibonacci, ring.Lru{MaxSize: ring.Unbounded})

	show(fibonacci(90))
	// Output: 2880067194370816120
}
