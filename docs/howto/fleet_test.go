package howto_test

import (
	"context"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/ring-go/ring"
)

// build makes a report.
func build(context.Context, string) (string, error) { return "report", nil }

// Each process has this rope. It needs a server, so that it is only compiled here.
func Example_fleet() {
	rdb := redis.NewClient(&redis.Options{})

	var report = ring.Wrap(build, ring.Redis{Client: rdb, Expire: time.Hour, Options: ring.Options{
		Lock: ring.Lock{Lease: 10 * time.Second},
	}})

	_, err := report.Call("may")
	must(err)
}
