package lrucache

import (
	"encoding/binary"
	"hash/maphash"
	"math/bits"
	"math/rand/v2"
	"unsafe"
)

// hasher hashes keys, each in its own way: what collides in one does not in another, and
// nobody can choose keys that do without knowing its secrets.
//
// For short keys it does what Go's own hash does on processors without AES, multiply and
// fold, where it needs no call. By maphash a hit takes a tenth more instructions.
type hasher struct {
	seed    maphash.Seed
	secrets [3]uint64
}

// shortKey is the length up to which maphash is not faster.
const shortKey = 48

func newHasher() hasher {
	// From ChaCha8, which the runtime seeds by the system's own randomness.
	return hasher{maphash.MakeSeed(), [3]uint64{rand.Uint64(), rand.Uint64(), rand.Uint64()}}
}

// long is the hash of a key that is longer than shortKey.
func (h *hasher) long(key string) uint32 {
	// maphash.Comparable, because maphash.String cuts the key into pieces of 128 bytes.
	return uint32(maphash.Comparable(h.seed, key))
}

// short is the hash of a key that is not.
func (h *hasher) short(key string) uint32 {
	n := len(key)
	b := unsafe.Slice(unsafe.StringData(key), n) // only reads
	state := h.secrets[0]
	var x, y uint64
	switch {
	case n > 16:
		for rest := b; len(rest) > 16; rest = rest[16:] {
			state = fold(word(rest)^h.secrets[1], word(rest[8:])^state)
		}
		x, y = word(b[n-16:]), word(b[n-8:])
	case n >= 8:
		x, y = word(b), word(b[n-8:])
	case n >= 4:
		x, y = uint64(binary.LittleEndian.Uint32(b)), uint64(binary.LittleEndian.Uint32(b[n-4:]))
	case n > 0:
		x = uint64(b[0])<<16 | uint64(b[n/2])<<8 | uint64(b[n-1])
	}
	return uint32(fold(h.secrets[2]^uint64(n), fold(x^h.secrets[1], y^state)))
}

func word(b []byte) uint64 { return binary.LittleEndian.Uint64(b) }

// fold makes the 128 bits of a product 64, of which each depends on all bits of both.
func fold(x, y uint64) uint64 {
	high, low := bits.Mul64(x, y)
	return high ^ low
}
