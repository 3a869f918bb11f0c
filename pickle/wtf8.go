package pickle

import (
	"bytes"
	"unicode/utf8"
)

// validText reports whether b is UTF-8, surrogates included: Python keeps lone ones in a
// str and pickles them like ordinary characters ("surrogatepass"). In Go they stay the
// three bytes that UTF-8 would use for them.
func validText(b []byte) bool {
	for !utf8.Valid(b) {
		i := bytes.IndexByte(b, 0xED)
		for i >= 0 && !surrogateAt(b[i:]) {
			next := bytes.IndexByte(b[i+1:], 0xED)
			if next < 0 {
				return false
			}
			i += 1 + next
		}
		if i < 0 || !utf8.Valid(b[:i]) {
			return false
		}
		b = b[i+3:]
	}
	return true
}

func surrogateAt(b []byte) bool {
	return len(b) >= 3 && b[0] == 0xED && b[1] >= 0xA0 && b[1] <= 0xBF && b[2] >= 0x80 && b[2] <= 0xBF
}

// appendRune is utf8.AppendRune that keeps surrogates.
func appendRune(dst []byte, r rune) []byte {
	if r >= 0xD800 && r <= 0xDFFF {
		return append(dst, 0xED, byte(0x80|r>>6&0x3F), byte(0x80|r&0x3F))
	}
	return utf8.AppendRune(dst, r)
}
