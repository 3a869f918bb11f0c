// Package standin is how package ringtest puts other storages in the place of those of
// ropes, without a public name in package ring.
package standin

import (
	"context"
	"time"
)

// Storage is a ring.Storage.
type Storage interface {
	GetValue(ctx context.Context, key string) (any, error)
	SetValue(ctx context.Context, key string, value any, expire time.Duration) error
	DeleteValue(ctx context.Context, key string) error
}

// Layer lies over the storage of a rope until it is removed. It has either a Storage or a
// Watch.
type Layer struct {
	// Storage takes the place of the rope's own. The last one that was put there counts.
	Storage Storage
	Backend any  // what Storage was made out of; nil: that of the rope's own storage
	Apart   bool // each call runs by itself, and nothing is looked up or stored

	// Watch returns a storage that passes everything on to under, the one that counts, or nil
	// where it has nothing to watch. All of them apply, the last one outside.
	Watch func(under Storage) Storage
}

// Base is what lies under all layers of a rope.
type Base struct {
	Storage Storage
	Backend any // what the storage was made out of
	Place   any // equal for ropes that find each other's entries, and comparable; nil: not known to be equal to any
}

// Ropes is filled by package ring. A rope is a *ring.Rope.
var Ropes struct {
	Living func() []any                            // those that are in use
	Base   func(rope any) (b Base, ok bool)        // false: the rope was not made by ring
	Put    func(rope any, l Layer) (remove func()) // in any order
}
