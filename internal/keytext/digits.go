package keytext

import (
	"encoding/binary"
	"math/bits"
)

// AppendInt appends n in decimal. It takes half the instructions of strconv for the
// numbers in keys, because strconv writes to its own array first and copies.
func AppendInt(dst []byte, n int64) []byte {
	sign := n >> 63 // all bits: 0 or -1
	return appendDecimal(dst, uint64(n^sign-sign), n < 0)
}

// AppendUint is AppendInt for a number without a sign.
func AppendUint(dst []byte, n uint64) []byte { return appendDecimal(dst, n, false) }

func appendDecimal(dst []byte, n uint64, negative bool) []byte {
	if negative {
		dst = append(dst, '-')
	}
	start := len(dst)
	end := start + countDigits(n)
	if end > cap(dst) {
		dst = append(dst, make([]byte, end-start)...)
	}
	dst = dst[:end]
	for to := dst[start:]; ; to = to[:len(to)-2] {
		if len(to) < 2 {
			if len(to) == 1 {
				to[0] = '0' + byte(n)
			}
			return dst
		}
		rest := n / 100
		binary.LittleEndian.PutUint16(to[len(to)-2:], pairs[n-rest*100])
		n = rest
	}
}

// countDigits returns how many decimal digits n has.
func countDigits(n uint64) int {
	// The binary length times log10(2) is the number of digits, or one less.
	count := (bits.Len64(n|1) * 1233) >> 12
	if n >= powers[count] {
		count++
	}
	return count
}

// powers are the powers of ten, except the first, which is 0: zero has a digit, too.
var powers = [...]uint64{
	0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19,
}

// pairs are the texts of the numbers from 00 to 99, with the first digit in the lower
// byte.
var pairs = func() (pairs [100]uint16) {
	for i := range pairs {
		pairs[i] = uint16('0'+i/10) | uint16('0'+i%10)<<8
	}
	return pairs
}()
