// Package problems has ropes that cannot be typed, and one that can.
package problems

import "github.com/ring-go/ring"

func good(n int) int { return n }

var goodRope = NewGoodRope(ring.Wrap(good, ring.Lru{}))

func pick() any { return good }

var picked = ring.Wrap(pick(), ring.Lru{})

var _ = ring.Wrap(good, ring.Lru{})

var missing = NewMissingRope(ring.Wrap(absent, ring.Lru{}))

var signature = "n"

var variable = ring.Wrap(good, ring.Lru{}, ring.Signature(signature))

var options []ring.FuncOption

var spread = ring.Wrap(good, ring.Lru{}, options...)

var count = ring.Wrap(good, ring.Lru{}, ring.Signature("a, b"))

func (s service) each(n int) int { return n }

var each = NewEachRope(ring.Wrap(service.each, ring.Lru{}))

var eachWire = NewEachWireRope(ring.Wrap(good, ring.Lru{}))

type service struct{ good, clash, same *ring.Rope }

type other struct{ clash, same *ring.Rope }

func newService(r *ring.Rope) *service {
	type local struct{ N int }
	_ = NewPassedRope(r)
	_ = NewLocalRope(ring.Wrap(func(l local) int { return l.N }, ring.Lru{}))
	_ = other{clash: ring.Wrap(good, ring.Lru{}), same: ring.Wrap(good, ring.Lru{})}
	return &service{
		clash: ring.Wrap(func(s string) int { return len(s) }, ring.Lru{}),
		same:  ring.Wrap(good, ring.Lru{}),
	}
}

func newGeneric[T comparable]() *ring.Rope {
	return NewGenericRope(ring.Wrap(func(v T) T { return v }, ring.Lru{})).Rope
}

// TakenArgs is a name of the generated code.
type TakenArgs struct{}

var taken = NewTakenRope(ring.Wrap(good, ring.Lru{}))

//ringgen:ignore nobody needs its types
var ignored = ring.Wrap(pick(), ring.Lru{})

func unkept() (any, error) {
	r := ring.Wrap(pick(), ring.Lru{})
	return r.Call(1)
}

var misnamed = NewCache(ring.Wrap(good, ring.Lru{}))
