// Package cases has signatures for the check signature.
package cases

import "github.com/ring-go/ring"

func two(a string, b int) int { return b }

func variadic(a string, more ...int) int { return len(more) }

func options(kw map[string]int) int { return len(kw) }

func pointer(name *string, list []string) int { return len(list) }

func small(n uint8, x float32) int { return int(n) }

// Item has a method.
type Item struct{ ID int }

// Price is one.
func (i Item) Price(n int) int { return n }

func make1(fn any, text string) error {
	_, err := ring.New(fn, ring.Lru{}, ring.Signature(text))
	return err
}

func of(_ any, err error) error { return err }

// Bad holds signatures that the library refuses.
var Bad = []func() error{
	func() error { return of(ring.New(two, ring.Lru{}, ring.Signature("a b"))) },                // want `a comma is missing`
	func() error { return of(ring.New(two, ring.Lru{}, ring.Signature("a, a"))) },               // want `a second parameter "a"`
	func() error { return of(ring.New(two, ring.Lru{}, ring.Signature("a=1, b"))) },             // want `without a default value follows`
	func() error { return of(ring.New(two, ring.Lru{}, ring.Signature("a"))) },                  // want `it has 1 parameter, the function func\(a string, b int\) int has 2`
	func() error { return of(ring.New(two, ring.Lru{}, ring.Signature("a, b='x'"))) },           // want `the default value string is not int`
	func() error { return of(ring.New(two, ring.Lru{}, ring.Signature("a, b=1.5"))) },           // want `1.5 \(float64\) does not fit int without loss`
	func() error { return of(ring.New(two, ring.Lru{}, ring.Signature("a, b=None"))) },          // want `nil is not int`
	func() error { return of(ring.New(two, ring.Lru{}, ring.Signature("a, b=[1]"))) },           // want `list is not int`
	func() error { return of(ring.New(two, ring.Lru{}, ring.Signature("a, *b"))) },              // want `it must be variadic or a slice`
	func() error { return of(ring.New(two, ring.Lru{}, ring.Signature("a, **b"))) },             // want `it must be a map\[string\]T`
	func() error { return of(ring.New(variadic, ring.Lru{}, ring.Signature("a, more"))) },       // want `it is variadic: write \*more`
	func() error { return of(ring.New(small, ring.Lru{}, ring.Signature("n=256, x=1"))) },       // want `256 \(int\) does not fit uint8`
	func() error { return of(ring.New(Item.Price, ring.Lru{}, ring.Signature("n"))) },           // want `has 2 \(a context does not count, a receiver does\)`
	func() error { return of(ring.New(Item.Price, ring.Lru{}, ring.Signature("*self, n"))) },    // want `it must be variadic or a slice`
	func() error { return of(ring.New(Item.Price, ring.Lru{}, ring.Signature("self=1, n=2"))) }, // want `it is the receiver`
	func() error { // an option in a variable
		option := ring.Signature("a,, b") // want `the name of a parameter is missing`
		return of(ring.New(two, ring.Lru{}, option))
	},
}

// Good holds signatures that the library accepts.
var Good = []func() error{
	func() error { return of(ring.New(two, ring.Lru{}, ring.Signature("a, /, b=2.0"))) },
	func() error { return of(ring.New(two, ring.Lru{}, ring.Signature("a: str, b: int = 1"))) },
	func() error { return of(ring.New(variadic, ring.Lru{}, ring.Signature("a='x', *more"))) },
	func() error { return of(ring.New(options, ring.Lru{}, ring.Signature("**kw"))) },
	func() error { return of(ring.New(options, ring.Lru{}, ring.Signature("kw={}"))) },
	func() error { return of(ring.New(options, ring.Lru{}, ring.Signature("kw=None"))) },
	func() error { return of(ring.New(pointer, ring.Lru{}, ring.Signature("name='x', list=('a', 'b')"))) },
	func() error { return of(ring.New(pointer, ring.Lru{}, ring.Signature("name=None, *list"))) },
	func() error { return of(ring.New(small, ring.Lru{}, ring.Signature("n=255, x=0.1"))) },
	func() error { return of(ring.New(Item.Price, ring.Lru{}, ring.Signature("self, n=1"))) },
	func() error { return make1(two, "a, b=1") },
}
