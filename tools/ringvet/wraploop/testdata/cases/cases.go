// Package cases has good and bad cases for the check wraploop.
package cases

import (
	"sync"

	"github.com/ring-go/ring"
	"github.com/ring-go/ring/lrucache"
)

func square(n int) int { return n * n }

func bad(n int) (any, error) {
	return ring.Wrap(square, ring.Lru{}).Call(n) // want `a new cache is made here for one call`
}

func badVariable(n int) (any, error) {
	r := ring.Wrap(square, ring.Lru{}) // want `a new cache is made here`
	return r.Call(n)
}

func badNew(n int) (any, error) {
	r, err := ring.New(square, ring.Dict{}) // want `a new cache is made here`
	if err != nil {
		return nil, err
	}
	return r.GetOrUpdate(n)
}

func main() {
	r := ring.Wrap(square, ring.Lru{})
	_, _ = r.Call(1)
	for n := range 3 {
		r := ring.Wrap(square, ring.Lru{}) // want `a new cache is made here`
		_, _ = r.Call(n)
	}
}

var cache = lrucache.New(10)

func shared(n int) (any, error) { return ring.Wrap(square, ring.Lru{Lru: cache}).Call(n) }

func loop() {
	r := ring.Wrap(square, ring.Lru{})
	for n := range 3 {
		_, _ = r.Call(n % 2)
	}
}

func twice() {
	r := ring.Wrap(square, ring.Lru{})
	_, _ = r.Call(1)
	_, _ = r.Call(1)
}

func returned() *ring.Rope {
	r := ring.Wrap(square, ring.Lru{})
	return r
}

func closure() func(int) (any, error) {
	r := ring.Wrap(square, ring.Lru{})
	return func(n int) (any, error) { return r.Call(n) }
}

func method() func(...any) (any, error) {
	r := ring.Wrap(square, ring.Lru{})
	return r.Call
}

var once = sync.OnceValue(func() any {
	v, _ := ring.Wrap(square, ring.Lru{}).Call(1)
	return v
})

func later() any {
	r := ring.Wrap(square, ring.Lru{})
	return func() any { return r }
}
