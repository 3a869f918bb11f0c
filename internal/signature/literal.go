package signature

import (
	"errors"
	"fmt"
	"maps"
	"math/big"
	"reflect"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/ring-go/ring/internal/pyvalue"
)

// literalReader reads Python literals: what ast.literal_eval accepts, and ....
//
// An int becomes an int or, when it does not fit, a *big.Int; a float a float64,
// a complex number a complex128, str a string, bytes a []byte, None nil, a tuple a
// pyvalue.Tuple, a list a []any, a dict a map[any]any, a set a map[any]struct{}.
type literalReader struct {
	src string
	pos int
}

// maxLiteralDepth bounds the nesting, and so the stack, that a text can ask for.
const maxLiteralDepth = 100

func (r *literalReader) errorf(format string, args ...any) error {
	return fmt.Errorf("column %d: %s", utf8.RuneCountInString(r.src[:min(r.pos, len(r.src))])+1, fmt.Sprintf(format, args...))
}

// space skips blanks, line ends, comments and joined lines.
func (r *literalReader) space() {
	for r.pos < len(r.src) {
		switch c := r.src[r.pos]; {
		case c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f':
			r.pos++
		case c == '#':
			end := strings.IndexByte(r.src[r.pos:], '\n')
			if end < 0 {
				end = len(r.src) - r.pos
			}
			r.pos += end
		case strings.HasPrefix(r.src[r.pos:], "\\\n"):
			r.pos += 2
		default:
			return
		}
	}
}

// accept skips blanks and then text, if that is what comes next.
func (r *literalReader) accept(text string) bool {
	r.space()
	if !strings.HasPrefix(r.src[r.pos:], text) {
		return false
	}
	r.pos += len(text)
	return true
}

func (r *literalReader) peek() byte {
	r.space()
	if r.pos == len(r.src) {
		return 0
	}
	return r.src[r.pos]
}

// identifier reads a name, or returns "" when none comes next.
func (r *literalReader) identifier() string {
	r.space()
	start := r.pos
	for i, c := range r.src[start:] {
		if c == '_' || unicode.IsLetter(c) || i > 0 && (unicode.IsDigit(c) || unicode.Is(unicode.M, c)) {
			r.pos = start + i + utf8.RuneLen(c)
			continue
		}
		break
	}
	return r.src[start:r.pos]
}

func (r *literalReader) value(depth int) (any, error) {
	if depth > maxLiteralDepth {
		return nil, r.errorf("the value is nested too deeply")
	}
	c := r.peek()
	switch {
	case c == 0:
		return nil, r.errorf("a value is missing")
	case c == '(':
		return r.tuple(depth)
	case c == '[':
		r.pos++
		list, err := r.items(']', depth)
		return list, err
	case c == '{':
		return r.dictOrSet(depth)
	case r.atString():
		return r.strings()
	case r.accept("..."):
		return pyvalue.Ellipsis, nil
	case c == '+' || c == '-' || c == '.' || '0' <= c && c <= '9':
		return r.number()
	}
	return r.named()
}

// named reads the values that are written as a word.
func (r *literalReader) named() (any, error) {
	start := r.pos
	switch word := r.identifier(); word {
	case "None":
		return nil, nil
	case "True":
		return true, nil
	case "False":
		return false, nil
	case "set", "frozenset":
		if r.accept("(") && r.accept(")") {
			if word == "set" {
				return map[any]struct{}{}, nil
			}
			return pyvalue.FrozenSet{}, nil
		}
	}
	r.pos = start
	return nil, r.errorf("%s is not a literal: a number, a string, True, False, None, ..., or a tuple, list, dict or set of these", excerpt(r.src[start:]))
}

func excerpt(s string) string {
	if i := strings.IndexAny(s, ",) \n"); i > 0 {
		s = s[:i]
	}
	if len(s) > 20 {
		s = s[:20]
	}
	return strconv.Quote(s)
}

// items reads values up to the closing character, which it consumes.
func (r *literalReader) items(closing byte, depth int) ([]any, error) {
	list := []any{}
	for {
		if r.peek() == closing {
			r.pos++
			return list, nil
		}
		v, err := r.value(depth + 1)
		if err != nil {
			return nil, err
		}
		list = append(list, v)
		if !r.accept(",") && r.peek() != closing {
			return nil, r.errorf("%q or a comma is missing", string(closing))
		}
	}
}

func (r *literalReader) tuple(depth int) (any, error) {
	r.pos++
	start := r.pos
	list, err := r.items(')', depth)
	if err != nil {
		return nil, err
	}
	if len(list) == 1 && !strings.HasSuffix(strings.TrimRight(r.src[start:r.pos-1], " \t\r\n\f"), ",") {
		return list[0], nil // parentheses around one value
	}
	return pyvalue.Tuple(list), nil
}

func (r *literalReader) dictOrSet(depth int) (any, error) {
	r.pos++
	if r.peek() == '}' {
		r.pos++
		return map[any]any{}, nil
	}
	dict, set := map[any]any{}, map[any]struct{}{}
	for first := true; ; first = false {
		if !first && r.peek() == '}' {
			break
		}
		k, err := r.value(depth + 1)
		if err != nil {
			return nil, err
		}
		if k, err = Hashable(k); err != nil {
			return nil, r.errorf("%v", err)
		}
		if r.accept(":") {
			v, err := r.value(depth + 1)
			if err != nil {
				return nil, err
			}
			dict[k] = v
		} else {
			set[k] = struct{}{}
		}
		if len(dict) > 0 && len(set) > 0 {
			return nil, r.errorf("a dict and a set in one")
		}
		if !r.accept(",") && r.peek() != '}' {
			return nil, r.errorf(`"}" or a comma is missing`)
		}
	}
	r.pos++
	if len(set) > 0 {
		return set, nil
	}
	return dict, nil
}

// CloneLiteral copies what a function could change of a value.
func CloneLiteral(v any) any {
	switch v := v.(type) {
	case []any:
		list := make([]any, len(v))
		for i := range v {
			list[i] = CloneLiteral(v[i])
		}
		return list
	case pyvalue.Tuple:
		return pyvalue.Tuple(CloneLiteral([]any(v)).([]any))
	case map[any]any:
		dict := make(map[any]any, len(v))
		for k := range v {
			dict[k] = CloneLiteral(v[k])
		}
		return dict
	case map[any]struct{}:
		return maps.Clone(v)
	case pyvalue.FrozenSet:
		return maps.Clone(v)
	case []byte:
		return append([]byte{}, v...)
	case *big.Int:
		return new(big.Int).Set(v)
	}
	return v
}

// Hashable makes a value a map can have as its key. Python's tuple becomes an
// array, bytes an array of bytes: as keys, arrays stand for these.
func Hashable(v any) (any, error) {
	switch v := v.(type) {
	case pyvalue.Tuple:
		array := reflect.New(reflect.ArrayOf(len(v), reflect.TypeFor[any]())).Elem()
		for i, item := range v {
			item, err := Hashable(item)
			if err != nil {
				return nil, err
			}
			if item != nil {
				array.Index(i).Set(reflect.ValueOf(item))
			}
		}
		return array.Interface(), nil
	case []byte:
		array := reflect.New(reflect.ArrayOf(len(v), reflect.TypeFor[byte]())).Elem()
		reflect.Copy(array, reflect.ValueOf(v))
		return array.Interface(), nil
	case []any, map[any]any, map[any]struct{}, pyvalue.FrozenSet:
		return nil, errors.New("a list, dict or set cannot be in a set or be the key of a dict")
	}
	return v, nil
}

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
		return Smallest(v.Neg(v)), nil
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
			return Smallest(i), nil
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
			return Smallest(i), nil
		}
	}
	r.pos = start
	return nil, r.errorf("%s is not a number", excerpt(r.src[start:]))
}

// numberText takes the characters that can belong to a number.
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

// stripUnderscores takes out the underscores, each of which must stand between
// two digits or behind the base.
func stripUnderscores(text string) (string, error) {
	for i := range len(text) {
		if text[i] == '_' && (i == 0 || i == len(text)-1 || !isWordByte(text[i-1]) || !isWordByte(text[i+1])) {
			return "", fmt.Errorf("%q has an underscore in the wrong place", text)
		}
	}
	return strings.ReplaceAll(text, "_", ""), nil
}

// parseFloat reads a decimal float; one that is too large is infinite, as in
// Python.
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

// Smallest returns i as an int if it is one.
func Smallest(i *big.Int) any {
	if i.IsInt64() && int64(int(i.Int64())) == i.Int64() {
		return int(i.Int64())
	}
	return i
}

// atString tells whether a string or bytes literal comes next.
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

// strings reads a string or bytes and joins those that follow directly.
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

// escape reads one escape sequence. One that Python does not know stands for
// itself, backslash included.
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
	digits, base := 0, 16
	switch {
	case c == 'x':
		digits = 2
	case c == 'u' && !isBytes:
		digits = 4
	case c == 'U' && !isBytes:
		digits = 8
	case c == 'N' && !isBytes:
		return r.errorf(`\N{...} is not supported: write the character or its \u.... number`)
	case '0' <= c && c <= '7':
		base = 8
		for digits < 3 && digits < len(rest) && '0' <= rest[digits] && rest[digits] <= '7' {
			digits++
		}
	default:
		*dst = append(*dst, '\\')
		r.pos++
		return nil
	}
	text := rest
	if base == 16 {
		text = rest[1:]
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
