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

// literalReader reads Python literals: what ast.literal_eval accepts, and "...".
//
// An int becomes an int or, if it does not fit, a *big.Int; a float a float64, a complex
// number a complex128, str a string, bytes a []byte, None nil, a tuple a pyvalue.Tuple,
// a list a []any, a dict a map[any]any, a set a map[any]struct{}.
type literalReader struct {
	src string
	pos int
}

// maxLiteralDepth limits the nesting, and so the stack, that a text can ask for.
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

// accept skips blanks and then text, if that comes next.
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

// identifier reads a name. It returns "" if none comes next.
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
	word := r.identifier()
	switch word {
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
	if python := pythonWords[word]; python != "" {
		return nil, r.errorf("%q is not a literal: Python writes %s", word, python)
	}
	return nil, r.errorf("%s is not a literal: a number, a string, True, False, None, ..., or a tuple, list, dict or set of these", excerpt(r.src[start:]))
}

// pythonWords are Python's words for those of other languages.
var pythonWords = map[string]string{"nil": "None", "null": "None", "true": "True", "false": "False"}

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
		if k, err = hashable(k); err != nil {
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

// CloneLiteral copies the parts of a value that a function could change.
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

// hashable converts a value to a key of a map. Python's tuple becomes an array, bytes
// an array of bytes: as keys, arrays stand for these.
func hashable(v any) (any, error) {
	switch v := v.(type) {
	case pyvalue.Tuple:
		array := reflect.New(reflect.ArrayOf(len(v), reflect.TypeFor[any]())).Elem()
		for i, item := range v {
			item, err := hashable(item)
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
