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

	"github.com/ring-go/ring/internal/fault"
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
	encoding keyEncoding
	refactor func(string) string
	plain    bool // neither encoding nor refactor: the text is the key
}

// keyPart is one parameter's part of the key.
type keyPart struct {
	param  int
	typ    reflect.Type
	word   typeWord
	scalar scalar // noScalar: only co can write it
	keyer  bool   // a value of typ is a RingKeyer, and its part is what that says
	python bool   // Python's text, ambiguous or not
	free   bool   // a colon in it must be escaped
	bound  bool   // it is the receiver
	co     *coercer
	what   string
}

// newKeyPlan prepares the keys of a function, or says which parameter has none.
func newKeyPlan(c *callable, r rules, prefix string, ignorable []string) (*keyPlan, error) {
	k := &keyPlan{prefix: prefix}
	free, escape := false, false // there is a free part; colons can make the key ambiguous
	for i := range c.params {
		p := &c.params[i]
		if slices.Contains(ignorable, p.label()) && p.name != "" {
			continue
		}
		co, err := r.parameterCoercer(p)
		bound := i == 0 && c.receiver
		if err != nil {
			return nil, partError(p.describe(i), bound, err)
		}
		// What stands before the first free part can be read from the left, and numbers
		// behind it from the right. Whatever else is behind it could begin at any colon.
		escape = escape || free && co.shape != shapeClosed && r.style != PythonKeys
		free = free || co.shape == shapeFree
		k.parts = append(k.parts, keyPart{
			param: i, typ: p.typ, word: wordOf(p.typ), co: co, what: p.describe(i), bound: bound,
			scalar: co.scalar,
			keyer:  isKeyer(p.typ) && p.kind != varPositional, // *args is what is in it
			python: r.style == PythonKeys,
		})
	}
	for i := range k.parts {
		k.parts[i].free = escape && k.parts[i].co.shape == shapeFree
	}
	return k, nil
}

// partError says which parameter has no key. Of a receiver more has to be said than the
// ways out of any value: some of them leave all receivers with one key.
func partError(what string, receiver bool, err error) error {
	if receiver {
		return fmt.Errorf("%s: %w%s", what, err, receiverRemedy)
	}
	return fmt.Errorf("%s: %w", what, err)
}

const receiverRemedy = " (it is the receiver: RingKey must tell apart all receivers whose results differ; " +
	"those that differ only in what hash:\"ignore\" or IgnorableKeys leaves out get each other's results)"

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
	t.buf, t.values = t.buf[:0], t.values[:0]
	t.blank, t.asDict, t.depth = false, false, 0
	t.seen = nil
	texts.Put(t)
}

// key returns the key of a call.
func (k *keyPlan) key(values []any) (string, error) {
	t := getText()
	defer putText(t)
	if err := k.write(t, nil, values); err != nil {
		return "", err
	}
	return k.finish(string(t.buf))
}

// write appends the text of the key of bound arguments: all of them or, where there is a
// receiver, those behind it.
func (k *keyPlan) write(t *text, receiver any, values []any) error {
	start := len(t.buf)
	ambiguous, err := k.writeParts(t, receiver, values, false)
	if err != nil || !ambiguous {
		return err
	}
	t.buf = t.buf[:start]
	_, err = k.writeParts(t, receiver, values, true)
	return err
}

// writeParts writes the prefix and the parts. It reports whether the colons in
// them make the text ambiguous.
//
// A part that ends at the next colon must not hold one. If all of them hold none,
// and end in no backslash, the parts can be told from each other as they are.
// Otherwise all of them are escaped; and then one of them has a colon behind a
// backslash, which no key of the first kind has in its place.
func (k *keyPlan) writeParts(t *text, receiver any, values []any, escaped bool) (ambiguous bool, err error) {
	skip := 0
	if receiver != nil {
		skip = 1
	}
	t.string(k.prefix)
	for i := range k.parts {
		p := &k.parts[i]
		t.buf = append(t.buf, ':')
		start := len(t.buf)
		if t.starts != nil {
			t.starts = append(t.starts, start)
		}
		value := receiver
		if p.param >= skip {
			value = values[p.param-skip]
		}
		if err := p.write(t, value); err != nil {
			return false, partError(p.what, p.bound, err)
		}
		if p.free {
			var ok bool
			if t.buf, ok = delimit(t.buf, start, escaped); !ok {
				return true, nil
			}
		}
	}
	return false, nil
}

// write appends the part of a value that has the parameter's type.
func (p *keyPart) write(t *text, value any) error {
	if p.direct() && typeOf(value) == p.word {
		t.buf = p.append(t.buf, value)
		return nil
	}
	switch {
	case p.keyer:
		return p.writeRingKey(t, value)
	case p.co.dynamic != nil:
		if s := numberOf(typeOf(value)); s != noScalar {
			t.buf = s.append(t.buf, value)
			return nil
		}
		return p.co.dynamic(t, reflect.ValueOf(value))
	}
	return p.co.part(t, reflect.ValueOf(value))
}

// isKeyer tells the types whose values have RingKey themselves, which needs no
// coercer.
func isKeyer(t reflect.Type) bool {
	if t.Kind() == reflect.Pointer && t.Elem().Kind() == reflect.Pointer || t.Kind() == reflect.Interface {
		return false
	}
	return t.Implements(ringKeyerType)
}

// writeRingKey is what the coercer of a RingKeyer does.
func (p *keyPart) writeRingKey(t *text, value any) error {
	pointer := p.typ.Kind() == reflect.Pointer
	if pointer && reflect.ValueOf(value).IsNil() {
		t.string("None")
		return nil
	}
	key, err := safeRingKey(value.(RingKeyer))
	if err != nil {
		return err
	}
	if pointer && !p.python && (key == "None" || strings.HasPrefix(key, "&")) {
		t.buf = append(t.buf, '&')
	}
	t.string(key)
	return nil
}

// delimit makes sure that the part from start on ends where the next one begins. It
// reports false when all parts have to be escaped for that.
func delimit(key []byte, start int, escaped bool) ([]byte, bool) {
	if escaped {
		return escapeFrom(key, start), true
	}
	return key, !isAmbiguous(key[start:])
}

func isAmbiguous(part []byte) bool {
	return bytes.HasSuffix(part, backslash) || bytes.IndexByte(part, ':') >= 0
}

var backslash = []byte{'\\'}

// escapeFrom puts a backslash before the colons and backslashes behind start.
func escapeFrom(dst []byte, start int) []byte {
	special := 0
	for _, c := range dst[start:] {
		if c == ':' || c == '\\' {
			special++
		}
	}
	n := len(dst)
	dst = append(dst, make([]byte, special)...)
	for from, to := n-1, len(dst)-1; from >= start; from-- {
		dst[to] = dst[from]
		to--
		if c := dst[from]; c == ':' || c == '\\' {
			dst[to] = '\\'
			to--
		}
	}
	return dst
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
		return "", fmt.Errorf("%w: %q is not UTF-8", fault.Key, key)
	}
	return key, nil
}

func encodeUpTo(key string, limit rune, name string) (string, error) {
	encoded := make([]byte, 0, len(key))
	for i, r := range key {
		if r > limit || r == utf8.RuneError {
			_, size := utf8.DecodeRuneInString(key[i:])
			return "", fmt.Errorf("%w: %q cannot be encoded as %s", fault.Key, key[i:i+size], name)
		}
		encoded = append(encoded, byte(r))
	}
	return string(encoded), nil
}

// MemcacheKey makes a key that memcached takes: a key of up to 249 printable ASCII
// characters stays as it is, any other becomes "ring-sha1:" and the SHA-1 of it in
// hex. It is for Options.KeyRefactor, where Memcache has it by default.
// Python: ring._memcache.key_refactor.
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
