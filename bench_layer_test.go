package ring_test

import (
	"testing"

	"github.com/bradfitz/gomemcache/memcache"

	"github.com/ring-go/ring"
)

// stubClient is a client that answers at once: what is left is ring's own layer.
type stubClient struct{ item *memcache.Item }

func (s stubClient) Get(string) (*memcache.Item, error) { return s.item, nil }
func (s stubClient) GetMulti(keys []string) (map[string]*memcache.Item, error) {
	return nil, nil
}
func (s stubClient) Set(*memcache.Item) error  { return nil }
func (s stubClient) Delete(string) error       { return nil }
func (s stubClient) Touch(string, int32) error { return nil }

// BenchmarkServerLayer: a hit on a server that takes no time.
func BenchmarkServerLayer(b *testing.B) {
	stub := stubClient{&memcache.Item{Value: []byte("some value of a hundred bytes")}}
	text := ring.Wrap(func(s string) string { return s }, ring.Memcache{Client: stub, KeyPrefix: "f"})
	b.Run("string", func(b *testing.B) {
		b.ReportAllocs()
		for i := 0; b.Loop(); i++ {
			if _, err := text.Call(texts[i%resident]); err != nil {
				b.Fatal(err)
			}
		}
	})
	bytes := ring.Wrap(func(s string) []byte { return nil }, ring.Memcache{Client: stub, KeyPrefix: "f"})
	b.Run("bytes", func(b *testing.B) {
		b.ReportAllocs()
		for i := 0; b.Loop(); i++ {
			if _, err := bytes.Call(texts[i%resident]); err != nil {
				b.Fatal(err)
			}
		}
	})
}
