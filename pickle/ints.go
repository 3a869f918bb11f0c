package pickle

import (
	"math/big"
	"slices"
)

// appendLong appends the two's complement of v in as few bytes as possible, low ones
// first; zero takes none.
func appendLong(dst []byte, v *big.Int) []byte {
	if v.Sign() == 0 {
		return dst
	}
	start := len(dst)
	magnitude := v
	if v.Sign() < 0 {
		magnitude = new(big.Int).Not(v) // -v-1, the complement of the result
	}
	dst = append(dst, magnitude.Bytes()...)
	b := dst[start:]
	slices.Reverse(b)
	if v.Sign() < 0 {
		for i := range b {
			b[i] = ^b[i]
		}
		if len(b) == 0 || b[len(b)-1] < 0x80 {
			dst = append(dst, 0xFF)
		}
	} else if b[len(b)-1] >= 0x80 {
		dst = append(dst, 0)
	}
	return dst
}

// bigFromLong reads two's complement, low bytes first.
func bigFromLong(b []byte) *big.Int {
	high := slices.Clone(b)
	slices.Reverse(high)
	if len(high) == 0 || high[0] < 0x80 {
		return new(big.Int).SetBytes(high)
	}
	for i := range high {
		high[i] = ^high[i]
	}
	v := new(big.Int).SetBytes(high)
	return v.Not(v)
}
