package ring

import (
	"bytes"
	"crypto/sha1"
	"encoding/hex"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/ring-go/ring/internal/pytext"
)

// KeyStyle says how keys are written. See the package documentation, "Keys".
type KeyStyle uint8

const (
	// SafeKeys is the default: Python's text where that is unambiguous, escaped
	// where it is not. Different calls never share a key.
	SafeKeys KeyStyle = iota

	// PythonKeys are byte for byte those of Python's ring, for a cache shared
	// with a Python process. Different calls can share a key, as they do there.
	PythonKeys

	// HashKeys are SafeKeys in which lists, maps and structs are hashed: short,
	// however large the value.
	HashKeys
)

// String returns the name of the constant.
func (s KeyStyle) String() string {
	switch s {
	case SafeKeys:
		return "SafeKeys"
	case PythonKeys:
		return "PythonKeys"
	case HashKeys:
		return "HashKeys"
	}
	return fmt.Sprintf("KeyStyle(%d)", uint8(s))
}

// keyPlan makes the key of a call from its bound arguments.
type keyPlan struct {
	prefix   string
	parts    []keyPart
	escape   bool // colons can make the key ambiguous
	encoding keyEncoding
	refactor func(string) string
	plain    bool // neither encoding nor refactor: the text is the key
}

// keyPart is one parameter's part of the key.
type keyPart struct {
	param int
	typ   reflect.Type
	op    scalarOp
	co    *coercer
	what  string
}

// newKeyPlan prepares the keys of a function, or says which parameter has none.
func newKeyPlan(c *callable, r rules, prefix string, ignorable []string) (*keyPlan, error) {
	k := &keyPlan{prefix: prefix}
	free, closed := 0, 0
	for i := range c.params {
		p := &c.params[i]
		if slices.Contains(ignorable, p.label()) && p.name != "" {
			continue
		}
		co, err := r.parameterCoercer(p)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", p.describe(i), err)
		}
		switch co.shape {
		case shapeFree:
			free++
		case shapeClosed:
			closed++
		}
		k.parts = append(k.parts, keyPart{i, p.typ, scalarOps[p.typ], co, p.describe(i)})
	}
	k.escape = r.style != PythonKeys && free > 0 && free+closed > 0 && !(free == 1 && closed == len(k.parts)-1)
	return k, nil
}

// parameterCoercer is the coercer of a parameter's type; *args is a tuple.
func (r rules) parameterCoercer(p *parameter) (*coercer, error) {
	if p.kind != varPositional || r.style == HashKeys {
		return r.coercer(p.typ)
	}
	elem, err := r.coercer(p.typ.Elem())
	if err != nil {
		return nil, err
	}
	co := &coercer{}
	c := compiler{rules: r}
	c.listOf(co, elem, "(", ")")
	return co, nil
}

var texts = sync.Pool{New: func() any { return &text{buf: make([]byte, 0, 256)} }}

func getText() *text { return texts.Get().(*text) }

// putText gives t back, empty, unless it has grown so large that it would be a
// waste to keep it.
func putText(t *text) {
	if cap(t.buf) > 64<<10 {
		return
	}
	clear(t.values)
	*t = text{buf: t.buf[:0], values: t.values[:0]}
	texts.Put(t)
}

// key returns the key of a call.
func (k *keyPlan) key(values []any) (string, error) {
	t := getText()
	defer putText(t)
	if err := k.write(t, values); err != nil {
		return "", err
	}
	return k.finish(string(t.buf))
}

// write appends the text of the key.
func (k *keyPlan) write(t *text, values []any) error {
	start := len(t.buf)
	ambiguous, err := k.writeParts(t, values, false)
	if err != nil || !ambiguous {
		return err
	}
	t.buf = t.buf[:start]
	_, err = k.writeParts(t, values, true)
	return err
}

// writeParts writes the prefix and the parts. It reports whether the colons in
// them make the text ambiguous.
//
// A part that ends at the next colon must not hold one. If all of them hold none,
// and end in no backslash, the parts can be told from each other as they are.
// Otherwise all of them are escaped; and then one of them has a colon behind a
// backslash, which no key of the first kind has in its place.
func (k *keyPlan) writeParts(t *text, values []any, escaped bool) (ambiguous bool, err error) {
	t.string(k.prefix)
	for i := range k.parts {
		p := &k.parts[i]
		t.buf = append(t.buf, ':')
		start := len(t.buf)
		if err := p.write(t, values); err != nil {
			return false, fmt.Errorf("%s: %w", p.what, err)
		}
		if !k.escape || p.co.shape != shapeFree {
			continue
		}
		if escaped {
			t.escapeFrom(start)
		} else if isAmbiguous(t.buf[start:]) {
			ambiguous = true
		}
	}
	return ambiguous, nil
}

func (p *keyPart) write(t *text, values []any) error {
	if p.op != opText {
		if dst, ok := p.op.append(t.buf, values[p.param]); ok {
			t.buf = dst
			return nil
		}
	}
	v := reflect.ValueOf(&values[p.param]).Elem()
	if p.typ.Kind() != reflect.Interface {
		v = v.Elem()
	}
	return p.co.part(t, v)
}

func isAmbiguous(part []byte) bool {
	return bytes.HasSuffix(part, backslash) || bytes.IndexByte(part, ':') >= 0
}

var backslash = []byte{'\\'}

// escapeFrom puts a backslash before the colons and backslashes behind start.
func (t *text) escapeFrom(start int) {
	special := 0
	for _, c := range t.buf[start:] {
		if c == ':' || c == '\\' {
			special++
		}
	}
	n := len(t.buf)
	t.buf = append(t.buf, make([]byte, special)...)
	for from, to := n-1, len(t.buf)-1; from >= start; from-- {
		t.buf[to] = t.buf[from]
		to--
		if c := t.buf[from]; c == ':' || c == '\\' {
			t.buf[to] = '\\'
			to--
		}
	}
}

// finish encodes and refactors the text of a key.
func (k *keyPlan) finish(key string) (string, error) {
	if k.plain {
		return key, nil
	}
	if k.encoding != nil {
		var err error
		if key, err = k.encoding(key); err != nil {
			return "", err
		}
	}
	if k.refactor != nil {
		key = k.refactor(key)
	}
	return key, nil
}

// scalarOp names the types that are written without reflection.
type scalarOp uint8

const (
	opText scalarOp = iota // none of them
	opString
	opBool
	opInt
	opInt8
	opInt16
	opInt32
	opInt64
	opUint
	opUint8
	opUint16
	opUint32
	opUint64
	opFloat32
	opFloat64
)

var scalarOps = map[reflect.Type]scalarOp{
	reflect.TypeFor[string](): opString, reflect.TypeFor[bool](): opBool,
	reflect.TypeFor[int](): opInt, reflect.TypeFor[int8](): opInt8, reflect.TypeFor[int16](): opInt16,
	reflect.TypeFor[int32](): opInt32, reflect.TypeFor[int64](): opInt64,
	reflect.TypeFor[uint](): opUint, reflect.TypeFor[uint8](): opUint8, reflect.TypeFor[uint16](): opUint16,
	reflect.TypeFor[uint32](): opUint32, reflect.TypeFor[uint64](): opUint64,
	reflect.TypeFor[float32](): opFloat32, reflect.TypeFor[float64](): opFloat64,
}

// append writes v if it has exactly the type of op.
func (op scalarOp) append(dst []byte, v any) ([]byte, bool) {
	switch v := v.(type) {
	case string:
		return append(dst, v...), op == opString
	case int:
		return strconv.AppendInt(dst, int64(v), 10), op == opInt
	case bool:
		return pytext.AppendBool(dst, v), op == opBool
	case int64:
		return strconv.AppendInt(dst, v, 10), op == opInt64
	case float64:
		return pytext.AppendFloat(dst, v, 64), op == opFloat64
	case int32:
		return strconv.AppendInt(dst, int64(v), 10), op == opInt32
	case int16:
		return strconv.AppendInt(dst, int64(v), 10), op == opInt16
	case int8:
		return strconv.AppendInt(dst, int64(v), 10), op == opInt8
	case uint:
		return strconv.AppendUint(dst, uint64(v), 10), op == opUint
	case uint64:
		return strconv.AppendUint(dst, v, 10), op == opUint64
	case uint32:
		return strconv.AppendUint(dst, uint64(v), 10), op == opUint32
	case uint16:
		return strconv.AppendUint(dst, uint64(v), 10), op == opUint16
	case uint8:
		return strconv.AppendUint(dst, uint64(v), 10), op == opUint8
	case float32:
		return pytext.AppendFloat(dst, float64(v), 32), op == opFloat32
	}
	return dst, false
}

// appendValue writes a value whose type is the op's.
func (op scalarOp) appendValue(dst []byte, v reflect.Value) []byte {
	switch op {
	case opString:
		return append(dst, v.String()...)
	case opBool:
		return pytext.AppendBool(dst, v.Bool())
	case opInt, opInt8, opInt16, opInt32, opInt64:
		return strconv.AppendInt(dst, v.Int(), 10)
	case opUint, opUint8, opUint16, opUint32, opUint64:
		return strconv.AppendUint(dst, v.Uint(), 10)
	case opFloat32:
		return pytext.AppendFloat(dst, v.Float(), 32)
	default:
		return pytext.AppendFloat(dst, v.Float(), 64)
	}
}

// keyEncoding turns the text of a key into the bytes of another encoding.
type keyEncoding func(string) (string, error)

// findEncoding knows the encodings of Options.KeyEncoding by Python's names.
func findEncoding(name string) (keyEncoding, error) {
	switch strings.NewReplacer("_", "", "-", "", " ", "").Replace(strings.ToLower(name)) {
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

func encodeUTF8(key string) (string, error) {
	if !utf8.ValidString(key) {
		return "", fmt.Errorf("%w: %q is not UTF-8", ErrKey, key)
	}
	return key, nil
}

func encodeUpTo(key string, limit rune, name string) (string, error) {
	encoded := make([]byte, 0, len(key))
	for i, r := range key {
		if r > limit || r == utf8.RuneError {
			_, size := utf8.DecodeRuneInString(key[i:])
			return "", fmt.Errorf("%w: %q cannot be encoded as %s", ErrKey, key[i:i+size], name)
		}
		encoded = append(encoded, byte(r))
	}
	return string(encoded), nil
}

// MemcacheKey makes a key that memcached takes: a key of up to 249 printable ASCII
// characters stays as it is, any other becomes "ring-sha1:" and the SHA-1 of it in
// hex. It is for Options.KeyRefactor. Python: the default key_refactor of
// ring.func.sync.memcache.
func MemcacheKey(key string) string {
	plain := len(key) > 0 && len(key) < 250
	for i := 0; plain && i < len(key); i++ {
		plain = '!' <= key[i] && key[i] <= '~'
	}
	if plain {
		return key
	}
	sum := sha1.Sum([]byte(key))
	return "ring-sha1:" + hex.EncodeToString(sum[:])
}

// checkIgnorable compares IgnorableKeys with the parameters.
func checkIgnorable(c *callable, ignorable []string) error {
	for i, name := range ignorable {
		known := slices.ContainsFunc(c.params, func(p parameter) bool { return p.name != "" && p.label() == name })
		switch {
		case slices.Contains(ignorable[:i], name):
			return fmt.Errorf("the ignorable key %q is named twice", name)
		case !known && !c.sig.named:
			return fmt.Errorf("the ignorable key %q: the parameters have no names; give them with ring.Signature", name)
		case !known:
			return fmt.Errorf("the ignorable key %q is not a parameter; they are %s", name, c.labels())
		}
	}
	return nil
}

func (c *callable) labels() string {
	labels := make([]string, len(c.params))
	for i := range c.params {
		labels[i] = strconv.Quote(c.params[i].label())
	}
	if len(labels) == 0 {
		return "none"
	}
	return strings.Join(labels, ", ")
}

var errStyle = errors.New("the key style is not SafeKeys, PythonKeys or HashKeys")
