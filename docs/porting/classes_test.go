package porting_test

import (
	"github.com/ring-go/ring"
	"github.com/ring-go/ring/pickle"
)

type Currency string

const (
	Euro   Currency = "EUR"
	Dollar Currency = "USD"
)

type Offer struct {
	Item     string
	Price    int
	Currency Currency
}

func Example_classes() {
	cache := map[string]any{}

	must(pickle.Register("__main__.Currency", map[string]Currency{"EURO": Euro, "DOLLAR": Dollar}))
	must(pickle.Register("__main__.Offer", Offer{}))

	offer := ring.Wrap(func(item string) any { return Offer{item, len(item) * 100, Euro} },
		ring.Dict{Obj: cache, KeyPrefix: "offer", Coder: "pickle"}, ring.Signature("item"))

	for range 2 {
		found, err := offer.Call("chair")
		must(err)
		show(found.(Offer).Item, found.(Offer).Price, string(found.(Offer).Currency))
	}
	// Output:
	// chair 500 EUR
	// chair 500 EUR
}
