package lrucache

import (
	"crypto/sha256"
	"unsafe"

	"github.com/ring-go/ring/internal/keyhash"
)

// name stands for a key in the table. Its text is the key itself or, for a long key, the
// SHA-256 digest, so that an entry does not keep a megabyte of key.
type name struct {
	text string
	hash uint32 // of the text, with the cache's random seed: nobody can choose keys that collide
}

// longKey is the length beyond which a key is digested. A digest takes about 0.7 ns a
// byte, twenty times as long as the look-up by the key itself. So it is for keys as
// large as documents, not for addresses, queries and lists of some hundred numbers.
const longKey = 4 << 10

// digested is the bit of a hash that is set for digests alone. It tells a key that looks
// like the digest of another key from that digest.
const digested = 1 << 31

// name returns the name of key. It needs no lock.
func (c *LruCache) name(key string) name {
	if len(key) > keyhash.ShortKey {
		return c.longName(key)
	}
	return name{key, c.hasher.Short(key) & c.bits}
}

func (c *LruCache) longName(key string) name {
	switch {
	case c.maxSize == 0: // it stores nothing, and the zero LruCache has no seed
		return name{}
	case len(key) > longKey:
		return c.digest(key)
	}
	return name{key, c.hasher.Long(key) & c.bits}
}

func (c *LruCache) digest(key string) name {
	sum := sha256.Sum256(unsafe.Slice(unsafe.StringData(key), len(key))) // Sum256 only reads
	text := string(sum[:])
	return name{text, c.hasher.Short(text)&c.bits | digested}
}
