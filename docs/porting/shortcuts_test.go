package porting_test

import (
	"context"
	"time"

	"github.com/ring-go/ring"
)

func squareOf(n int) int { return n * n }
func cubeOf(n int) int   { return n * n * n }

func Example_shortcuts() {
	client := newRedis()
	defer client.Close()
	ctx := context.Background()

	cached := ring.Redis{Client: client, Expire: time.Minute, Coder: "json"}

	forSquare := cached
	forSquare.KeyPrefix = "square"
	square := ring.Wrap(squareOf, forSquare)

	forCube := cached
	forCube.KeyPrefix, forCube.Expire = "cube", time.Hour
	cube := ring.Wrap(cubeOf, forCube)

	v, err := square.Call(3)
	show(v, int(client.TTL(ctx, "square:3").Val().Seconds()), err)
	v, err = cube.Call(3)
	show(v, int(client.TTL(ctx, "cube:3").Val().Seconds()), err)
	// Output:
	// 9 60
	// 27 3600
}
