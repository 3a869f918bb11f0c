package ring

import (
	"crypto/sha1"
	"encoding/binary"
	"encoding/hex"
)

// MemcacheKey returns a key that Memcached accepts. A key of up to 249 printable ASCII
// characters stays as it is; any other becomes "ring-sha1:" and its SHA-1 in
// hexadecimal. It is the default of Options.KeyRefactor for Memcache.
// Python: ring._memcache.key_refactor.
func MemcacheKey(key string) string {
	if len(key) > 0 && len(key) < 250 && isGraphic(key) {
		return key
	}
	sum := sha1.Sum([]byte(key))
	return "ring-sha1:" + hex.EncodeToString(sum[:])
}

// isGraphic reports whether all bytes of a text are printable ASCII characters other than
// the space. Every call asks that of its key, so it takes eight bytes at a time.
func isGraphic(text string) bool {
	b := []byte(text) // only read, so the compiler makes no copy
	if len(b) < 8 {
		for _, c := range b {
			if c < '!' || '~' < c {
				return false
			}
		}
		return true
	}
	for i := 0; i < len(b)-8; i += 8 {
		if !areGraphic(binary.LittleEndian.Uint64(b[i:])) {
			return false
		}
	}
	return areGraphic(binary.LittleEndian.Uint64(b[len(b)-8:]))
}

// areGraphic is isGraphic for eight bytes. A sum has the highest bit of a byte that is large
// enough; where a sum carries, the byte has that bit itself.
func areGraphic(eight uint64) bool {
	const each, high = 0x0101010101010101, 0x8080808080808080
	return (eight|(eight+(0x80-0x7F)*each))&high == 0 && (eight+(0x80-'!')*each)&high == high
}
