package porting_test

import (
	"context"
	"time"

	"github.com/ring-go/ring"
)

func centsOf(item string) int { return len(item) * 100 }

func Example_backend() {
	client := newRedis()
	defer client.Close()
	ctx := context.Background()

	price := ring.Wrap(centsOf, ring.Redis{Client: client, KeyPrefix: "price", Coder: "json", Expire: time.Minute})

	_, err := price.Call("chair")
	must(err)
	key, err := price.Key("chair")
	must(err)
	show(client.Get(ctx, key).Bytes())  // the bytes in Redis
	show(price.Storage().Get(ctx, key)) // the value that they stand for
	show(price.Storage().Backend() == client)
	must(client.Expire(ctx, key, time.Hour).Err()) // what ring has no sub-function for
	show(int(client.TTL(ctx, key).Val().Seconds()))
	must(price.Storage().Set(ctx, "price:best", 400)) // your own key, through the coder
	show(client.Get(ctx, "price:best").Bytes())
	// Output:
	// b'500'
	// 500
	// True
	// 3600
	// b'400'
}
