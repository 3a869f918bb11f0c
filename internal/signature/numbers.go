package signature

import (
	"errors"
	"fmt"
	"math/big"
	"strconv"
	"strings"
	"unicode/utf8"
)

func (r *literalReader) number() (any, error) {
	start := r.pos
	v, err := r.signed()
	if err != nil {
		return nil, err
	}
	if c := r.peek(); c != '+' && c != '-' { // not 1+2j
		return v, nil
	}
	im, err := r.signed()
	if err != nil {
		return nil, err
	}
	imaginary, ok := im.(complex128)
	if _, isComplex := v.(complex128); !ok || isComplex {
		r.pos = start
		return nil, r.errorf("a calculation is not a literal")
	}
	re, err := toFloat(v)
	return complex(re, 0) + imaginary, err
}

func (r *literalReader) signed() (any, error) {
	negative := false
	for {
		if r.accept("-") {
			negative = !negative
		} else if !r.accept("+") {
			break
		}
	}
	v, err := r.unsigned()
	if err != nil || !negative {
		return v, err
	}
	switch v := v.(type) {
	case int:
		return -v, nil
	case *big.Int:
		return smallest(v.Neg(v)), nil
	case float64:
		return -v, nil
	default:
		return -v.(complex128), nil
	}
}

func (r *literalReader) unsigned() (any, error) {
	r.space()
	start := r.pos
	text := r.numberText()
	digits, err := stripUnderscores(text)
	if err != nil {
		r.pos = start
		return nil, r.errorf("%v", err)
	}
	switch lower := strings.ToLower(digits); {
	case strings.HasPrefix(lower, "0x") || strings.HasPrefix(lower, "0o") || strings.HasPrefix(lower, "0b"):
		base := map[byte]int{'x': 16, 'o': 8, 'b': 2}[lower[1]]
		if i, ok := new(big.Int).SetString(lower[2:], base); ok && lower[2] != '+' && lower[2] != '-' {
			return smallest(i), nil
		}
	case strings.HasSuffix(lower, "j"):
		if f, err := parseFloat(lower[:len(lower)-1]); err == nil {
			return complex(0, f), nil
		}
	case strings.ContainsAny(lower, ".e"):
		if f, err := parseFloat(lower); err == nil {
			return f, nil
		}
	case lower != "" && (lower[0] != '0' || strings.Trim(lower, "0") == ""):
		if i, ok := new(big.Int).SetString(lower, 10); ok {
			return smallest(i), nil
		}
	}
	r.pos = start
	return nil, r.errorf("%s is not a number", excerpt(r.src[start:]))
}

// numberText returns the characters that can belong to a number.
func (r *literalReader) numberText() string {
	start := r.pos
	for r.pos < len(r.src) {
		c := r.src[r.pos]
		exponent := (c == '+' || c == '-') && r.pos > start && (r.src[r.pos-1] == 'e' || r.src[r.pos-1] == 'E') &&
			!strings.HasPrefix(strings.ToLower(r.src[start:]), "0x")
		if c != '.' && c != '_' && !exponent && (c >= utf8.RuneSelf || !isWordByte(c)) {
			break
		}
		r.pos++
	}
	return r.src[start:r.pos]
}

func isWordByte(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
}

// stripUnderscores removes the underscores. Each must be between two digits or after the
// base.
func stripUnderscores(text string) (string, error) {
	for i := range len(text) {
		if text[i] == '_' && (i == 0 || i == len(text)-1 || !isWordByte(text[i-1]) || !isWordByte(text[i+1])) {
			return "", fmt.Errorf("%q has an underscore in the wrong place", text)
		}
	}
	return strings.ReplaceAll(text, "_", ""), nil
}

// parseFloat reads a decimal float. One that is too large is infinite, as in Python.
func parseFloat(text string) (float64, error) {
	if strings.Trim(text, "0123456789.e+-") != "" {
		return 0, strconv.ErrSyntax
	}
	f, err := strconv.ParseFloat(text, 64)
	if errors.Is(err, strconv.ErrRange) {
		return f, nil
	}
	return f, err
}

func toFloat(v any) (float64, error) {
	switch v := v.(type) {
	case int:
		return float64(v), nil
	case *big.Int:
		f, _ := new(big.Float).SetInt(v).Float64()
		return f, nil
	case float64:
		return v, nil
	}
	return 0, fmt.Errorf("%T is not a real number", v)
}

// smallest returns i as an int if it fits.
func smallest(i *big.Int) any {
	if i.IsInt64() && int64(int(i.Int64())) == i.Int64() {
		return int(i.Int64())
	}
	return i
}
