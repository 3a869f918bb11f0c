// Package cases has good and bad cases for the check receiver.
package cases

import (
	"fmt"

	"github.com/redis/go-redis/v9"
	"github.com/ring-go/ring"
)

// Service has a method.
type Service struct{ name string }

// Load is cached.
func (s *Service) Load(id int) (string, error) { return s.name, nil }

var client = redis.NewClient(&redis.Options{})

var global = &Service{"global"}

func bad(s *Service) *ring.Rope {
	return ring.Wrap(s.Load, ring.Redis{Client: client, KeyPrefix: "load"}) // want `s.Load is a method value, and its receiver is not in the key`
}

func badName(s *Service) *ring.Rope {
	return ring.Wrap(s.Load, ring.Redis{Client: client}, ring.Name("load")) // want `its receiver is not in the key`
}

func good(s *Service) {
	ring.Wrap(s.Load, ring.Lru{})
	ring.Wrap(s.Load, ring.Redis{Client: client, KeyPrefix: fmt.Sprint("load:", s.name)})
	ring.Wrap(global.Load, ring.Redis{Client: client, KeyPrefix: "load"})
	ring.Wrap((*Service).Load, ring.Redis{Client: client})
	own := &Service{"own"}
	ring.Wrap(own.Load, ring.Redis{Client: client, KeyPrefix: "load"})
}
