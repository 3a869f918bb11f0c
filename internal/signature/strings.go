package signature

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// atString reports whether a string or bytes literal comes next.
func (r *literalReader) atString() bool {
	rest := r.src[r.pos:]
	for i := 0; i < len(rest) && i < 3; i++ {
		switch rest[i] {
		case '\'', '"':
			return true
		case 'r', 'R', 'b', 'B', 'u', 'U', 'f', 'F':
		default:
			return false
		}
	}
	return false
}

// strings reads a string or bytes and joins the literals that follow directly.
func (r *literalReader) strings() (any, error) {
	var text []byte
	isBytes, err := r.stringPart(&text)
	for err == nil {
		if r.space(); !r.atString() {
			break
		}
		var next bool
		if next, err = r.stringPart(&text); err == nil && next != isBytes {
			err = r.errorf("bytes and text cannot be joined")
		}
	}
	switch {
	case err != nil:
		return nil, err
	case isBytes:
		return append([]byte{}, text...), nil
	}
	return string(text), nil
}

func (r *literalReader) stringPart(dst *[]byte) (isBytes bool, err error) {
	start := r.pos
	for r.src[r.pos] != '\'' && r.src[r.pos] != '"' {
		r.pos++
	}
	prefix := strings.ToLower(r.src[start:r.pos])
	switch prefix {
	case "", "u", "r", "b", "br", "rb":
	default:
		return false, r.errorf("a string with the prefix %q is not a literal", prefix)
	}
	raw := strings.Contains(prefix, "r")
	isBytes = strings.Contains(prefix, "b")

	quote := r.src[r.pos : r.pos+1]
	if triple := strings.Repeat(quote, 3); strings.HasPrefix(r.src[r.pos:], triple) {
		quote = triple
	}
	r.pos += len(quote)
	for {
		rest := r.src[r.pos:]
		switch {
		case rest == "" || len(quote) == 1 && rest[0] == '\n':
			return false, r.errorf("the string does not end")
		case strings.HasPrefix(rest, quote):
			r.pos += len(quote)
			return isBytes, nil
		case rest[0] == '\\' && raw && len(rest) > 1:
			*dst = append(*dst, rest[:2]...)
			r.pos += 2
		case rest[0] == '\\':
			if err := r.escape(dst, isBytes); err != nil {
				return false, err
			}
		case isBytes && rest[0] >= utf8.RuneSelf:
			return false, r.errorf("bytes can only hold ASCII characters; write \\x.. for the others")
		default:
			*dst = append(*dst, rest[0])
			r.pos++
		}
	}
}

// simpleEscapes are the escapes of one character and what they stand for.
var simpleEscapes = map[byte]string{
	'\n': "", '\\': `\`, '\'': "'", '"': `"`, 'a': "\a", 'b': "\b", 'f': "\f",
	'n': "\n", 'r': "\r", 't': "\t", 'v': "\v",
}

// escape reads one escape sequence. An unknown one stays as it is, with its backslash.
func (r *literalReader) escape(dst *[]byte, isBytes bool) error {
	rest := r.src[r.pos+1:]
	if rest == "" {
		return r.errorf("the string does not end")
	}
	c := rest[0]
	if text, ok := simpleEscapes[c]; ok {
		*dst = append(*dst, text...)
		r.pos += 2
		return nil
	}
	if c == 'N' && !isBytes {
		return r.errorf(`\N{...} is not supported: write the character or its \u.... number`)
	}
	text, digits, base := escapedNumber(rest, isBytes)
	if digits == 0 {
		*dst = append(*dst, '\\')
		r.pos++
		return nil
	}
	if len(text) < digits {
		return r.errorf("an escape sequence is cut short")
	}
	code, err := strconv.ParseUint(text[:digits], base, 32)
	if err != nil {
		return r.errorf("%q is not the number of a character", text[:digits])
	}
	switch {
	case isBytes:
		*dst = append(*dst, byte(code))
	case code > unicode.MaxRune || 0xd800 <= code && code < 0xe000:
		return r.errorf("\\%c%s is not a character that UTF-8 can hold", c, text[:digits])
	default:
		*dst = utf8.AppendRune(*dst, rune(code))
	}
	r.pos += len(r.src[r.pos:]) - len(text) + digits
	return nil
}

// escapedNumber returns how an escape sequence gives the number of a character: as that
// many digits at the beginning of text, in base. digits is 0 for any other sequence.
func escapedNumber(rest string, isBytes bool) (text string, digits, base int) {
	switch c := rest[0]; {
	case c == 'x':
		return rest[1:], 2, 16
	case c == 'u' && !isBytes:
		return rest[1:], 4, 16
	case c == 'U' && !isBytes:
		return rest[1:], 8, 16
	}
	for digits < 3 && digits < len(rest) && '0' <= rest[digits] && rest[digits] <= '7' {
		digits++
	}
	return rest, digits, 8
}
