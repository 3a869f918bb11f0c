package porting_test

import "github.com/ring-go/ring"

func numberOf(n int) int { return n }

func Example_names() {
	cache := map[string]any{}

	main := ring.Wrap(numberOf, ring.Dict{Obj: cache}, ring.Name("__main__.f"))
	g := ring.Wrap(numberOf, ring.Lru{})
	h := ring.Wrap(numberOf, ring.Dict{Obj: cache, KeyPrefix: "h"})
	i := ring.Wrap(numberOf, ring.Dict{Obj: cache, KeyPrefix: ring.NoPrefix})

	show(main.Key(1))
	show(g.Key(1))
	show(h.Key(1))
	show(i.Key(1))
	// Output:
	// __main__.f:1
	// :1
	// h:1
	// :1
}
