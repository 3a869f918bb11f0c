package keytext

import "slices"

// byteSet is a set of bytes; nil has none.
type byteSet *[256]bool

func bytesIn(chars string) byteSet {
	s := new([256]bool)
	for i := range len(chars) {
		s[chars[i]] = true
	}
	return s
}

func bytesNotIn(chars string) byteSet {
	s := bytesIn(chars)
	for i := range s {
		s[i] = !s[i]
	}
	return s
}

const digits = "0123456789"

var (
	digitBytes = bytesIn(digits)
	anyBytes   = bytesNotIn("")
)

// ordinary lists the bytes in the order of preference for an example.
var ordinary = func() []byte {
	order := []byte("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
	for c := range 256 {
		if b := byte((c + ' ') % 256); !slices.Contains(order, b) {
			order = append(order, b)
		}
	}
	return order
}()

// common returns a byte that is in both sets.
func common(a, b byteSet) (string, bool) {
	if a == nil || b == nil {
		return "", false
	}
	for _, c := range ordinary {
		if a[c] && b[c] {
			return string([]byte{c}), true
		}
	}
	return "", false
}
