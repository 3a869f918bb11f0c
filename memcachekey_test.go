package ring_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/ring-go/ring"
)

// TestMemcacheKeyBytes: one byte that Memcached does not accept, at any place of a key of any
// length, is enough for the hash.
func TestMemcacheKeyBytes(t *testing.T) {
	for _, n := range []int{1, 2, 7, 8, 9, 15, 16, 17, 24, 31, 249} {
		for at := range n {
			for c := range 256 {
				key := []byte(strings.Repeat("~", n))
				key[at] = byte(c)
				plain := ring.MemcacheKey(string(key)) == string(key)
				if accepted := '!' <= c && c <= '~'; plain != accepted {
					assert.Failf(t, "the wrong key", "%q", key)
				}
			}
		}
	}
}
