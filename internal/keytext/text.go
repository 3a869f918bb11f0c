package keytext

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"sync"
	"unsafe"

	"github.com/ring-go/ring/internal/fault"
	"github.com/ring-go/ring/internal/pytext"
)

// Text is a key being written.
type Text struct {
	Buf    []byte
	blank  bool // separators in brackets are followed by a blank, as in Python's repr
	asDict bool // structs are written as dicts, as Python does within a dataclass
	depth  int
	seen   map[visit]struct{}
	Values []any // room for the arguments of a call
	starts []int // where the parts begin, for Explain; nil: not needed
}

var texts = sync.Pool{New: func() any { return &Text{Buf: make([]byte, 0, 256)} }}

func GetText() *Text { return texts.Get().(*Text) }

// PutText empties t and returns it for reuse, unless it has grown too large to keep.
func PutText(t *Text) {
	if cap(t.Buf) > 64<<10 {
		return
	}
	clear(t.Values)
	t.Buf, t.Values = t.Buf[:0], t.Values[:0]
	t.blank, t.asDict, t.depth = false, false, 0
	t.seen = nil
	texts.Put(t)
}

func (t *Text) string(s string) { t.Buf = append(t.Buf, s...) }

func (t *Text) comma() {
	t.Buf = append(t.Buf, ',')
	if t.blank {
		t.Buf = append(t.Buf, ' ')
	}
}

// visit is a value being written. It serves to find values that contain themselves.
type visit struct {
	ptr unsafe.Pointer
	len int
	typ reflect.Type
}

const (
	PlainDepth = 64       // the nesting of values up to which cycles are not looked for
	MaxDepth   = 100_000  // the deepest nesting: the stack is limited
	maxText    = 64 << 20 // the longest key, for values that are shared many times
)

var (
	errCycle    = errors.New("contains itself")
	errTooLarge = errors.New("is nested too deeply, or its text is too long")
)

// enter records that a value is within another one. It refuses to go on for ever.
func (t *Text) enter() error {
	if t.depth >= MaxDepth || len(t.Buf) > maxText {
		return fmt.Errorf("%w: the value %w", fault.ErrKey, errTooLarge)
	}
	t.depth++
	return nil
}

func (t *Text) leave() { t.depth-- }

// within calls write for a value that could contain itself.
func (t *Text) within(v reflect.Value, write func() error) error {
	if err := t.enter(); err != nil {
		return err
	}
	defer t.leave()
	if t.depth <= PlainDepth {
		return write()
	}
	at := visit{ptr: v.UnsafePointer(), typ: v.Type()}
	if v.Kind() == reflect.Slice {
		at.len = v.Len()
	}
	if _, ok := t.seen[at]; ok {
		return fmt.Errorf("%w: %v %w", fault.ErrKey, v.Type(), errCycle)
	}
	if t.seen == nil {
		t.seen = map[visit]struct{}{}
	}
	t.seen[at] = struct{}{}
	defer delete(t.seen, at)
	return write()
}

// item writes a string that ends at the next comma.
func (t *Text) item(s string) { t.Buf = appendItem(t.Buf, s) }

func appendItem(dst []byte, s string) []byte {
	if strings.IndexByte(s, ',') >= 0 || s != "" && (s[0] == '\'' || s[0] == '"') {
		return pytext.AppendString(dst, s)
	}
	return append(dst, s...)
}

// word writes a text that ends at the next comma or bracket.
func (t *Text) word(s string) {
	if s == "" || strings.ContainsAny(s, `,:'"\()[]{}=`) {
		t.Buf = pytext.AppendString(t.Buf, s)
		return
	}
	t.string(s)
}

// plainItem is plain for a string that ends at the next comma: it must not look as if
// the brackets or quotes of another value began in it.
func (t *Text) plainItem(s string) {
	if strings.ContainsAny(s, `,'"()[]{}`) {
		t.Buf = pytext.AppendString(t.Buf, s)
		return
	}
	t.plain(s)
}

// plain writes a string of dynamic type: quoted where it could be read as something
// else.
func (t *Text) plain(s string) {
	if isPlain(s) {
		t.string(s)
		return
	}
	t.Buf = pytext.AppendString(t.Buf, s)
}

func isPlain(s string) bool {
	switch s {
	case "":
		return true
	case "None", "True", "False", "Ellipsis", "inf", "-inf", "nan":
		return false
	}
	switch s[0] {
	case '\'', '"', '[', '(', '{', '&':
		return false
	case 'b':
		if len(s) > 1 && (s[1] == '\'' || s[1] == '"') {
			return false
		}
	}
	if s[len(s)-1] == ')' && strings.IndexByte(s, '(') >= 0 { // a type and its value
		return false
	}
	return !isNumber(s)
}

// isNumber reports whether s looks like an int or a float.
func isNumber(s string) bool {
	s = strings.TrimPrefix(s, "-")
	digits := func() bool {
		n := 0
		for n < len(s) && '0' <= s[n] && s[n] <= '9' {
			n++
		}
		s = s[n:]
		return n > 0
	}
	if !digits() {
		return false
	}
	if rest, ok := strings.CutPrefix(s, "."); ok {
		if s = rest; !digits() {
			return false
		}
	}
	if rest, ok := strings.CutPrefix(s, "e"); ok {
		if s = strings.TrimLeft(rest, "+-"); !digits() {
			return false
		}
	}
	return s == ""
}
