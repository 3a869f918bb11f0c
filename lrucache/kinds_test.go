package lrucache_test

import (
	"testing"

	"github.com/ring-go/ring/lrucache"
)

// onBoth runs a test on a strict cache and on a sharded one, which have the same
// contract except for the order across shards. create is New, or NewSharded in its
// place.
func onBoth(t *testing.T, test func(t *testing.T, create func(size int) *lrucache.LruCache)) {
	t.Run("strict", func(t *testing.T) { test(t, lrucache.New) })
	t.Run("sharded", func(t *testing.T) {
		test(t, func(size int) *lrucache.LruCache { return lrucache.NewSharded(size, 4) })
	})
}
