package keyhash

import (
	"fmt"
	"math"
	"math/bits"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/ring-go/ring/internal/samples"
)

// TestHashIsEven: keys as there are, which differ in little, are spread over buckets, and
// over the shards that the first bits tell apart, as evenly as by chance.
func TestHashIsEven(t *testing.T) {
	const buckets, keys = 1 << 10, 100 << 10
	families := map[string]func(i int) string{
		"numbers":       strconv.Itoa,
		"prefixed":      func(i int) string { return "f:" + strconv.Itoa(i) },
		"with a tail":   func(i int) string { return "user:" + strconv.Itoa(i) + ":en" },
		"padded":        func(i int) string { return fmt.Sprintf("key:%012d", i) },
		"steps of 4096": func(i int) string { return "f:" + strconv.Itoa(i<<12) },
		"three bytes":   func(i int) string { return string([]byte{byte(i), byte(i >> 8), byte(i >> 16)}) },
		"lengths":       func(i int) string { return strings.Repeat("x", i%(ShortKey-8)) + strconv.Itoa(i) },
		"four words":    func(i int) string { return fmt.Sprintf("%032b", i) },
		"first byte":    func(i int) string { return fmt.Sprintf("%08b", i) + strings.Repeat("y", 17) },
		"zeros": func(i int) string {
			return strings.Repeat("\x00", 8) + string([]byte{byte(i), byte(i >> 8), byte(i >> 16)})
		},
		"a struct's text": func(i int) string { return fmt.Sprintf("f:{'A':%d,'B':'b%d'}", i, i%7) },
	}
	h := New()
	for name, key := range families {
		var low, high [buckets]int
		for i := range keys {
			k := key(i)
			if len(k) > ShortKey {
				k = k[:ShortKey]
			}
			hash := h.Short(k)
			low[hash%buckets]++
			high[hash<<1>>22]++
		}
		for end, counts := range map[string][buckets]int{"last": low, "first": high} {
			if name == "first byte" {
				continue // there are only 256 keys that repeat
			}
			// The sum of squares is, by chance, as many as there are buckets, give or take.
			square := 0.0
			for _, n := range counts {
				square += math.Pow(float64(n-keys/buckets), 2) / (keys / buckets)
			}
			assert.InDelta(t, buckets, square, 8*math.Sqrt(2*buckets), "%s, the %s bits", name, end)
		}
	}
}

// TestHashDependsOnEveryBit: a bit of a key that changes changes half of the bits of its
// hash, whatever the length.
func TestHashDependsOnEveryBit(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for length := 1; length <= ShortKey; length++ {
		tries := samples.Rounds(400)
		for at := range length * 8 {
			changed := 0
			for range tries {
				h := New()
				key := make([]byte, length)
				for i := range key {
					key[i] = byte(random.Uint32())
				}
				before := h.Short(string(key))
				key[at/8] ^= 1 << (at % 8)
				changed += bits.OnesCount32(before ^ h.Short(string(key)))
			}
			assert.InDelta(t, 16, float64(changed)/float64(tries), 24/math.Sqrt(float64(tries)), "bit %d of %d bytes", at, length)
		}
	}
}

// TestHashersDiffer: what collides in one cache does not in another.
func TestHashersDiffer(t *testing.T) {
	one, other := New(), New()
	seen, pairs := map[uint32]string{}, 0
	for i := range 400_000 {
		key := strconv.Itoa(i)
		hash := one.Short(key)
		if first, ok := seen[hash]; ok {
			pairs++
			assert.NotEqual(t, other.Short(first), other.Short(key))
		}
		seen[hash] = key
	}
	assert.InDelta(t, 18.6, pairs, 25, "as many as by chance")
	assert.NotZero(t, pairs)
}

func FuzzEqual(f *testing.F) {
	f.Add("", "")
	f.Add("12345678", "12345679")
	f.Add("0123456789abcdef", "0123456789abcdee")
	f.Fuzz(func(t *testing.T, a, b string) {
		assert.Equal(t, a == b, Equal(a, b))
		assert.True(t, Equal(a, strings.Clone(a)))
	})
}

// TestEqual changes every byte of keys of every length around the short ones.
func TestEqual(t *testing.T) {
	for length := range 20 {
		key := []byte(strings.Repeat("k", length))
		assert.True(t, Equal(string(key), strings.Repeat("k", length)))
		assert.False(t, Equal(string(key), string(key)+"k"))
		for i := range key {
			other := []byte(string(key))
			other[i] = 'x'
			assert.False(t, Equal(string(key), string(other)), "byte %d of %d", i, length)
		}
	}
}
