// Package cases has good and bad cases for the check recursion.
package cases

import "github.com/ring-go/ring"

func fib(n int) int {
	if n < 2 {
		return n
	}
	return fib(n-1) + fib(n-2)
}

// Tree has a method.
type Tree struct {
	Left  *Tree
	Value int
}

// Sum calls itself.
func (t *Tree) Sum() int {
	if t == nil {
		return 0
	}
	return t.Value + t.Left.Sum()
}

func through(n int) int {
	if n < 2 {
		return n
	}
	v, _ := cached.Call(n - 1)
	return v.(int) + through(0)
}

var cached *ring.Rope

func init() { cached = ring.Wrap(through, ring.Lru{}) }

func square(n int) int { return n * n }

var (
	fibs    = ring.Wrap(fib, ring.Lru{})         // want `fib calls itself \(line 10\), which may be meant to be cached, and is not`
	sums    = ring.Wrap((*Tree).Sum, ring.Lru{}) // want `Sum calls itself`
	squares = ring.Wrap(square, ring.Lru{})
)

func typed() func(int) int {
	f, _ := ring.Typed(fib, ring.Lru{}) // want `fib calls itself`
	return f
}

func decorated() func(int) int {
	var f func(int) int
	f = func(n int) int {
		if n < 2 {
			return n
		}
		return f(n-1) + f(n-2)
	}
	ring.Decorate(&f, ring.Lru{})
	return f
}
