package lrucache_test

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"testing"

	"github.com/ring-go/ring/lrucache"
)

func benchKeys(n int) []string {
	keys := make([]string, n)
	for i := range keys {
		keys[i] = fmt.Sprintf("key:%012d", i)
	}
	rand.Shuffle(n, func(i, j int) { keys[i], keys[j] = keys[j], keys[i] })
	return keys
}

var benchSizes = []int{128, 1024, 1_000_000}

// BenchmarkHit looks up keys in another order than that of their use.
func BenchmarkHit(b *testing.B) {
	for _, size := range benchSizes {
		c := lrucache.New(size)
		keys := benchKeys(size)
		for _, key := range keys {
			c.Set(key, "value", 0)
		}
		turns := make([][]byte, 1<<20)
		for i := range turns {
			turns[i] = []byte(keys[rand.IntN(size)])
		}
		b.Run(fmt.Sprintf("GetBytes/%d", size), func(b *testing.B) {
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				if _, ok := c.GetBytes(turns[i%len(turns)]); !ok {
					b.Fatal("miss")
				}
			}
		})
	}
}

// BenchmarkSetEvict stores keys that were evicted long ago.
func BenchmarkSetEvict(b *testing.B) {
	for _, size := range benchSizes {
		c := lrucache.New(size)
		keys := benchKeys(4 * size)
		for _, key := range keys {
			c.Set(key, nil, 0)
		}
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				c.Set(keys[i%len(keys)], nil, 0)
			}
		})
	}
}

// BenchmarkGrow fills a cache, and reports its memory beside keys and values.
func BenchmarkGrow(b *testing.B) {
	for _, size := range benchSizes {
		keys := benchKeys(size)
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			before := heapInUse()
			var c *lrucache.LruCache
			for b.Loop() {
				c = lrucache.New(size)
				for _, key := range keys {
					c.Set(key, nil, 0)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(size), "ns/entry")
			b.ReportMetric(float64(heapInUse()-before)/float64(size), "B/entry")
			runtime.KeepAlive(c)
		})
	}
}

func heapInUse() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// BenchmarkLongKey measures keys of several lengths, with and without a digest.
func BenchmarkLongKey(b *testing.B) {
	for _, length := range []int{16, 256, lrucache.LongKey, lrucache.LongKey + 1, 1 << 20} {
		c := lrucache.New(128)
		key := make([]byte, length)
		c.Set(string(key), nil, 0)
		b.Run(fmt.Sprint(length), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, ok := c.GetBytes(key); !ok {
					b.Fatal("miss")
				}
			}
		})
	}
}
