package keytext

import (
	"errors"
	"fmt"
	"reflect"
	"sync"
	"unsafe"

	"github.com/ring-go/ring/internal/fault"
)

// Text is a key being written.
type Text struct {
	Buf    []byte
	blank  bool // separators in brackets are followed by a blank, as in Python's repr
	asDict bool // structs are written as dicts, as Python does within a dataclass
	depth  int
	seen   map[visit]struct{}
	Values []any // room for the arguments of a call
	Ends   []int // where the keys end, if there are several
	starts []int // where the parts begin, for Explain; nil: not needed
}

var texts = sync.Pool{New: func() any { return &Text{Buf: make([]byte, 0, 256)} }}

// GetText returns an empty text, to be given back by PutText.
func GetText() *Text { return texts.Get().(*Text) }

// PutText empties t and returns it for reuse, unless it has grown too large to keep.
func PutText(t *Text) {
	if cap(t.Buf) > 64<<10 {
		return
	}
	clear(t.Values)
	t.Buf, t.Values, t.Ends = t.Buf[:0], t.Values[:0], t.Ends[:0]
	t.blank, t.asDict, t.depth = false, false, 0
	t.seen = nil
	texts.Put(t)
}

// Key returns the ith of several keys.
func (t *Text) Key(i int) []byte {
	start := 0
	if i > 0 {
		start = t.Ends[i-1]
	}
	return t.Buf[start:t.Ends[i]]
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
	plainDepth = 64       // how deep values may be nested before cycles are looked for
	maxDepth   = 100_000  // how deep they may be nested: the stack is not endless
	maxText    = 64 << 20 // the longest key, for values that are shared many times
)

var (
	errCycle    = errors.New("contains itself")
	errTooLarge = errors.New("is nested too deeply, or its text is too long")
)

// enter records that a value is within another one. It refuses to continue for ever.
func (t *Text) enter() error {
	if t.depth >= maxDepth || len(t.Buf) > maxText {
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
	if t.depth <= plainDepth {
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

// CopyText copies s to dst, which has room for it. It copies 8 to 16 bytes, as most texts are,
// as two words: the call of a copy takes more than that.
func CopyText(dst []byte, s string) {
	n := len(s)
	if n < 8 || n > 16 {
		copy(dst, s)
		return
	}
	to, from := unsafe.Pointer(unsafe.SliceData(dst)), unsafe.Pointer(unsafe.StringData(s))
	*(*[8]byte)(to) = *(*[8]byte)(from)
	*(*[8]byte)(unsafe.Add(to, n-8)) = *(*[8]byte)(unsafe.Add(from, n-8))
}
