package porting_test

import (
	"fmt"

	"github.com/ring-go/ring"
)

func priceOf(item, currency string) int {
	fmt.Println("runs for", item, currency)
	return len(item) * 100
}

func Example_bulk() {
	client := newRedis()
	defer client.Close()

	price := ring.Wrap(priceOf, ring.Redis{Client: client, KeyPrefix: "price", Coder: "json"},
		ring.Signature("item, currency='EUR'"))

	show(price.GetOrUpdateMany(ring.Args{"chair"}, ring.Args{"lamp", "USD"}))
	show(price.GetMany(ring.Args{"chair"}, ring.Kwargs{"item": "lamp", "currency": "USD"}, ring.Args{"sofa"}))
	show(price.UpdateMany(ring.Args{"chair"}, ring.Args{"sofa"}))
	must(price.SetMany([]any{ring.Args{"chair"}, ring.Args{"sofa"}}, []any{490, 990}))
	show(price.GetMany(ring.Args{"chair"}, ring.Args{"sofa"}))
	show(price.KeyMany(ring.Args{"chair"}, ring.Args{"sofa"}))
	// Output:
	// runs for chair EUR
	// runs for lamp USD
	// [500, 400]
	// [500, 400, None]
	// runs for chair EUR
	// runs for sofa EUR
	// [500, 400]
	// [490, 990]
	// ['price:chair:EUR', 'price:sofa:EUR']
}
