// Package cases has good and bad cases for the check cycle.
package cases

import "github.com/ring-go/ring"

func fib(n int) int {
	if n < 2 {
		return n
	}
	v, _ := fibs.Call(n - 1)
	return v.(int)
}

var fibs = ring.Wrap(fib, ring.Lru{}) // want `the function uses fibs, which is made of it`

func outer(n int) int { return inner(n) }

func inner(n int) int {
	v, _ := outers.Call(n)
	return v.(int)
}

var outers = ring.Wrap(outer, ring.Lru{}) // want `the function uses outers`

var literals = ring.Wrap(func(n int) string { // want `the function uses literals`
	key, _ := literals.Key(n)
	return key
}, ring.Lru{})

func good(n int) int {
	v, _ := later.Call(n - 1)
	return v.(int)
}

var later *ring.Rope

func init() { later = ring.Wrap(good, ring.Lru{}) }

func square(n int) int { return n * n }

var squares = ring.Wrap(square, ring.Lru{})
