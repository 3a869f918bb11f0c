package ring_test

import (
	"testing"

	"github.com/bradfitz/gomemcache/memcache"
	"github.com/stretchr/testify/assert"

	"github.com/ring-go/ring"
)

// stubClient is a client that answers at once: the rest is ring's own layer.
type stubClient struct {
	ring.MemcacheClient
	item *memcache.Item
}

func (s stubClient) Get(string) (*memcache.Item, error) { return s.item, nil }

func layers() (text, bytes *ring.Rope) {
	server := ring.Memcache{Client: stubClient{item: &memcache.Item{Value: []byte("some value of a hundred bytes")}}, KeyPrefix: "f"}
	return ring.Wrap(func(s string) string { return s }, server), ring.Wrap(func(s string) []byte { return nil }, server)
}

// BenchmarkServerLayer: a hit on a server that takes no time.
func BenchmarkServerLayer(b *testing.B) {
	text, bytes := layers()
	for name, rope := range map[string]*ring.Rope{"string": text, "bytes": bytes} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				if _, err := rope.Call(texts[i%resident]); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// TestServerLayerAllocations: a hit on a server costs three allocations (the argument,
// the key and the storage's answer) beyond those of turning the bytes into a result.
func TestServerLayerAllocations(t *testing.T) {
	text, bytes := layers()
	arg := texts[5]
	assert.LessOrEqual(t, testing.AllocsPerRun(1000, func() { _, _ = text.Call(arg) }), 3+2.0, "the text, and the box that it is returned in")
	assert.LessOrEqual(t, testing.AllocsPerRun(1000, func() { _, _ = bytes.Call(arg) }), 3+1.0, "the box that the bytes are returned in")
}
