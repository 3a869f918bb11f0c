// Package cases has options for the check ignorable.
package cases

import "github.com/ring-go/ring"

func two(a string, b int) int { return b }

func all(args ...int) int { return len(args) }

func ignoring(names ...string) ring.Lru {
	return ring.Lru{Options: ring.Options{IgnorableKeys: names}}
}

func of(_ any, err error) error { return err }

var shared = ring.Lru{Options: ring.Options{IgnorableKeys: []string{"c"}}} // want `"c" is not a parameter`

// Bad holds options that the library refuses.
var Bad = []func() error{
	func() error {
		return of(ring.New(two, ring.Lru{Options: ring.Options{IgnorableKeys: []string{"c"}}}, ring.Signature("a, b"))) // want `"c" is not a parameter; they are "a", "b"`
	},
	func() error {
		return of(ring.New(two, ring.Lru{Options: ring.Options{IgnorableKeys: []string{"a"}}})) // want `the parameters have no names`
	},
	func() error {
		return of(ring.New(two, ring.Lru{Options: ring.Options{IgnorableKeys: []string{"a", "a"}}}, ring.Signature("a, b"))) // want `named twice`
	},
	func() error {
		return of(ring.New(all, ring.Lru{Options: ring.Options{IgnorableKeys: []string{"args"}}}, ring.Signature("*args"))) // want `they are "\*args"`
	},
	func() error { return of(ring.New(two, shared, ring.Signature("a, b"))) },
}

// Good holds options that the library accepts.
var Good = []func() error{
	func() error {
		return of(ring.New(two, ring.Lru{Options: ring.Options{IgnorableKeys: []string{"b"}}}, ring.Signature("a, b=1")))
	},
	func() error {
		return of(ring.New(all, ring.Lru{Options: ring.Options{IgnorableKeys: []string{"*args"}}}, ring.Signature("*args")))
	},
	func() error { return of(ring.New(two, ignoring("a"), ring.Signature("a, b"))) },
	func() error {
		named, _ := ring.Typed(two, ring.Lru{}, ring.Signature("a, b"))
		return of(ring.New(named, ring.Lru{Options: ring.Options{IgnorableKeys: []string{"a"}}}))
	},
}
