package keytext

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/ring-go/ring/internal/fault"
)

// keyEncoding turns the text of a key into the bytes of another encoding.
type keyEncoding func(string) (string, error)

// FindEncoding returns the encoding of Options.KeyEncoding, by Python's name.
func FindEncoding(name string) (keyEncoding, error) {
	switch canonical(name) {
	case "":
		return nil, nil
	case "utf8":
		return encodeUTF8, nil
	case "ascii", "usascii":
		return func(s string) (string, error) { return encodeUpTo(s, 0x7f, name) }, nil
	case "latin1", "iso88591":
		return func(s string) (string, error) { return encodeUpTo(s, 0xff, name) }, nil
	}
	return nil, fmt.Errorf("the key encoding %q is not known: use utf-8, ascii or latin-1", name)
}

func canonical(name string) string {
	return strings.NewReplacer("_", "", "-", "", " ", "").Replace(strings.ToLower(name))
}

func encodeUTF8(key string) (string, error) {
	if !utf8.ValidString(key) {
		return "", fmt.Errorf("%w: %q is not UTF-8", fault.ErrKey, key)
	}
	return key, nil
}

func encodeUpTo(key string, limit rune, name string) (string, error) {
	encoded := make([]byte, 0, len(key))
	for i, r := range key {
		if r > limit || r == utf8.RuneError {
			_, size := utf8.DecodeRuneInString(key[i:])
			return "", fmt.Errorf("%w: %q cannot be encoded as %s", fault.ErrKey, key[i:i+size], name)
		}
		encoded = append(encoded, byte(r))
	}
	return string(encoded), nil
}

// Decoded returns the text of a key in the encoding of that name.
func Decoded(name, key string) string {
	switch canonical(name) {
	case "latin1", "iso88591":
		runes := make([]rune, len(key))
		for i := range len(key) {
			runes[i] = rune(key[i])
		}
		return string(runes)
	}
	return key
}
