// Package pytext writes values like CPython 3.11. Every function appends to dst and
// returns the extended slice.
package pytext

import (
	"math"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

//go:generate sh -c "python3 gen.py > printable.go"

const hex = "0123456789abcdef"

// AppendString appends repr(str). A byte that is not UTF-8 is written as the lone
// surrogate of Python's surrogateescape, so that different Go strings never have the
// same text.
func AppendString(dst []byte, s string) []byte {
	quote := byte('\'')
	if strings.IndexByte(s, '\'') >= 0 && strings.IndexByte(s, '"') < 0 {
		quote = '"'
	}
	dst = append(dst, quote)
	for i := 0; i < len(s); {
		if n := plainASCII(s[i:]); n > 0 {
			dst = append(dst, s[i:i+n]...)
			i += n
			continue
		}
		c := s[i]
		if c < utf8.RuneSelf {
			dst = appendASCII(dst, c, quote)
			i++
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && size == 1:
			dst = appendHex(append(dst, `\u`...), 0xdc00+uint32(c), 4)
		case unicode.Is(unprintable, r):
			dst = appendEscape(dst, r)
		default:
			dst = append(dst, s[i:i+size]...)
		}
		i += size
	}
	return append(dst, quote)
}

// plainASCII returns how many bytes at the beginning of s are written unchanged in any
// quotes.
func plainASCII(s string) int {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c >= 0x7f || c == '\\' || c == '\'' || c == '"' {
			return i
		}
	}
	return len(s)
}

// AppendBytes appends repr(bytes).
func AppendBytes(dst, b []byte) []byte {
	quote := byte('\'')
	for _, c := range b {
		if c == '"' {
			quote = '\''
			break
		}
		if c == '\'' {
			quote = '"'
		}
	}
	dst = append(dst, 'b', quote)
	for _, c := range b {
		if c >= utf8.RuneSelf {
			dst = appendHex(append(dst, `\x`...), uint32(c), 2)
			continue
		}
		dst = appendASCII(dst, c, quote)
	}
	return append(dst, quote)
}

func appendASCII(dst []byte, c, quote byte) []byte {
	switch {
	case c == quote || c == '\\':
		return append(dst, '\\', c)
	case c == '\n':
		return append(dst, `\n`...)
	case c == '\r':
		return append(dst, `\r`...)
	case c == '\t':
		return append(dst, `\t`...)
	case c < ' ' || c == 0x7f:
		return appendHex(append(dst, `\x`...), uint32(c), 2)
	}
	return append(dst, c)
}

func appendEscape(dst []byte, r rune) []byte {
	switch {
	case r < 0x100:
		return appendHex(append(dst, `\x`...), uint32(r), 2)
	case r < 0x10000:
		return appendHex(append(dst, `\u`...), uint32(r), 4)
	}
	return appendHex(append(dst, `\U`...), uint32(r), 8)
}

func appendHex(dst []byte, v uint32, digits int) []byte {
	for shift := 4 * (digits - 1); shift >= 0; shift -= 4 {
		dst = append(dst, hex[v>>shift&0xf])
	}
	return dst
}

// AppendFloat appends repr(float): the shortest text that reads back as the same
// number of the given size (32 or 64 bits).
func AppendFloat(dst []byte, f float64, bits int) []byte {
	if abs := math.Abs(f); abs >= 1e-4 && abs < 1e16 || f == 0 {
		dst = strconv.AppendFloat(dst, f, 'f', -1, bits)
		if f == math.Trunc(f) {
			dst = append(dst, ".0"...)
		}
		return dst
	}
	switch {
	case math.IsNaN(f):
		return append(dst, "nan"...)
	case math.IsInf(f, 1):
		return append(dst, "inf"...)
	case math.IsInf(f, -1):
		return append(dst, "-inf"...)
	}
	return strconv.AppendFloat(dst, f, 'e', -1, bits)
}

// AppendComplex appends repr(complex); bits is the size of one part.
func AppendComplex(dst []byte, c complex128, bits int) []byte {
	re, im := real(c), imag(c)
	if re == 0 && !math.Signbit(re) {
		return append(appendPart(dst, im, bits), 'j')
	}
	dst = appendPart(append(dst, '('), re, bits)
	if !math.Signbit(im) || math.IsNaN(im) {
		dst = append(dst, '+')
	}
	return append(appendPart(dst, im, bits), "j)"...)
}

// appendPart writes one part of a complex number, which has no ".0".
func appendPart(dst []byte, f float64, bits int) []byte {
	start := len(dst)
	dst = AppendFloat(dst, f, bits)
	if n := len(dst) - 2; n > start && string(dst[n:]) == ".0" {
		return dst[:n]
	}
	return dst
}

// AppendBool appends True or False.
func AppendBool(dst []byte, b bool) []byte {
	if b {
		return append(dst, "True"...)
	}
	return append(dst, "False"...)
}
