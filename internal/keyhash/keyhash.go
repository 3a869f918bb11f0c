// Package keyhash hashes the keys of tables that anybody may fill.
package keyhash

import (
	"encoding/binary"
	"hash/maphash"
	"math/bits"
	"math/rand/v2"
	"unsafe"
)

// Hasher hashes keys. Each Hasher has its own secrets: keys that collide in one do not
// collide in another, and nobody can choose colliding keys without knowing the secrets.
//
// Short keys are hashed by multiplying and folding, as Go itself does on processors without
// AES instructions. That needs no calls: by hash/maphash, a hit in an LruCache takes a tenth
// more instructions. Long keys are hashed by hash/maphash.
type Hasher struct {
	seed    maphash.Seed
	secrets [3]uint64
}

// ShortKey is the length up to which Short is the faster one.
const ShortKey = 48

// New returns a Hasher with secrets from the runtime's ChaCha8 generator, which is seeded
// by the operating system.
func New() Hasher {
	return Hasher{maphash.MakeSeed(), [3]uint64{rand.Uint64(), rand.Uint64(), rand.Uint64()}}
}

// Hash returns the hash of a key.
func (h *Hasher) Hash(key string) uint32 {
	if len(key) > ShortKey {
		return h.Long(key)
	}
	return h.Short(key)
}

// Long returns the hash of a key that is longer than ShortKey.
func (h *Hasher) Long(key string) uint32 {
	// maphash.Comparable, because maphash.String cuts the key into pieces of 128 bytes.
	return uint32(maphash.Comparable(h.seed, key))
}

// Short returns the hash of a key that is not longer than ShortKey.
func (h *Hasher) Short(key string) uint32 {
	n := len(key)
	state := h.secrets[0]
	var x, y uint64
	switch {
	case n > 16:
		for i := 0; i < n-16; i += 16 {
			state = fold(word(key, i)^h.secrets[1], word(key, i+8)^state)
		}
		x, y = word(key, n-16), word(key, n-8)
	case n >= 8:
		x, y = word(key, 0), word(key, n-8)
	case n >= 4:
		x, y = uint64(half(key, 0)), uint64(half(key, n-4))
	case n > 0:
		x = uint64(key[0])<<16 | uint64(key[n/2])<<8 | uint64(key[n-1])
	}
	return uint32(fold(h.secrets[2]^uint64(n), fold(x^h.secrets[1], y^state)))
}

// Equal reports whether two keys are the same. It compares keys of 8 to 16 bytes, as most
// are, as two words, which is half the instructions of a call.
func Equal(a, b string) bool {
	n := len(a)
	if n != len(b) || n < 8 || n > 16 {
		return a == b
	}
	return word(a, 0) == word(b, 0) && word(a, n-8) == word(b, n-8)
}

// word returns the eight bytes of s from i on. The caller has checked that they exist.
func word(s string, i int) uint64 {
	return binary.LittleEndian.Uint64((*[8]byte)(unsafe.Add(unsafe.Pointer(unsafe.StringData(s)), i))[:])
}

// half is word for four bytes.
func half(s string, i int) uint32 {
	return binary.LittleEndian.Uint32((*[4]byte)(unsafe.Add(unsafe.Pointer(unsafe.StringData(s)), i))[:])
}

// fold makes the 128 bits of a product 64, of which each depends on all bits of both.
func fold(x, y uint64) uint64 {
	high, low := bits.Mul64(x, y)
	return high ^ low
}
