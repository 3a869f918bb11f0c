// Package cases has good and bad cases for the check prefix.
package cases

import (
	"github.com/redis/go-redis/v9"
	"github.com/ring-go/ring"
)

func square(n int) (int, error) { return n * n, nil }

func cube(n int) (int, error) { return n * n * n, nil }

var (
	client  = redis.NewClient(&redis.Options{})
	another = redis.NewClient(&redis.Options{})
	factory = ring.Redis{Client: client, KeyPrefix: "shop"}
	private = ring.Lru{KeyPrefix: "shop"}
)

var (
	squares = ring.Wrap(square, factory)
	cubes   = ring.Wrap(cube, factory)                                       // want `the KeyPrefix "shop" is that of another function on this storage, too \(line 21\)`
	more    = ring.Wrap(cube, ring.Redis{Client: client, KeyPrefix: "shop"}) // want `the KeyPrefix "shop"`

	same     = ring.Wrap(square, factory)
	others   = ring.Wrap(cube, ring.Redis{Client: another, KeyPrefix: "shop"})
	own      = ring.Wrap(cube, ring.Redis{Client: client, KeyPrefix: "cube"})
	hashed   = ring.Wrap(cube, ring.RedisHash{Client: client, HashKey: "h", KeyPrefix: "shop"})
	privates = []*ring.Rope{ring.Wrap(square, private), ring.Wrap(cube, private)}
)
