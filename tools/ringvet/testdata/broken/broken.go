// Package broken has types that are wrong.
package broken

import "github.com/ring-go/ring"

var rope = ring.Wrap(func(n nothing) int { return n }, ring.Lru{Expire: "a"})

func calls() { rope.Call(1, 2, nowhere) }
