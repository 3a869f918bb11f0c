//go:build !never

package problems

import "github.com/ring-go/ring"

var tagged = NewTaggedRope(ring.Wrap(good, ring.Lru{}))
