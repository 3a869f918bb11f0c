package keytext

import (
	"bytes"
	"fmt"
	"reflect"
	"strings"
)

// Plan makes the key of a call from its bound arguments.
type Plan struct {
	rules    Rules
	Prefix   string
	Parts    []keyPart
	Encoding keyEncoding
	Refactor func(string) string
	Plain    bool // neither encoding nor refactor: the text is the key
}

// keyPart is one parameter's part of the key.
type keyPart struct {
	Param
	word      TypeWord
	scalar    Scalar // NoScalar: only co can write it
	keyer     bool   // a value of Type is a RingKeyer, which makes its own text
	python    bool   // Python's text, ambiguous or not
	escapable bool   // a colon in it could be taken for the beginning of the next part
	co        *coercer
}

// Param is a parameter that is part of a key.
type Param struct {
	Type     reflect.Type
	At       int    // its place among the parameters
	In       int    // its place among the inputs of the function
	What     string // for people
	Variadic bool   // *args
	Receiver bool
}

// NewPlan prepares the keys of a function, or says which parameter has none.
func NewPlan(params []Param, r Rules, prefix string) (*Plan, error) {
	k := &Plan{rules: r, Prefix: prefix}
	open, ambiguous := false, false // there is an open part; colons can make the key ambiguous
	for i := range params {
		p := &params[i]
		co, err := r.parameterCoercer(p)
		if err != nil {
			return nil, partError(p.What, p.Receiver, err)
		}
		// The parts before the first open part can be read from the left, and numbers
		// after it from the right. Any other part after it could begin at any colon.
		ambiguous = ambiguous || open && co.shape != shapeClosed && !r.Python
		open = open || co.shape == shapeOpen
		k.Parts = append(k.Parts, keyPart{
			Param: *p, word: WordOf(p.Type), co: co, scalar: co.scalar,
			keyer:  isKeyer(p.Type) && !p.Variadic, // *args is written by its elements
			python: r.Python,
		})
	}
	for i := range k.Parts {
		k.Parts[i].escapable = ambiguous && k.Parts[i].co.shape == shapeOpen
	}
	k.Plain = true
	return k, nil
}

// Reform sets the changes to the text of a key; nil is none.
func (k *Plan) Reform(encoding keyEncoding, refactor func(string) string) {
	k.Encoding, k.Refactor = encoding, refactor
	k.Plain = encoding == nil && refactor == nil
}

// partError says which parameter has no key. For a receiver it says more than for other
// values, because some of the remedies give all receivers the same key.
func partError(what string, receiver bool, err error) error {
	if receiver {
		return fmt.Errorf("%s: %w%s", what, err, receiverRemedy)
	}
	return fmt.Errorf("%s: %w", what, err)
}

const receiverRemedy = " (it is the receiver: RingKey must tell apart all receivers whose results differ; " +
	"those that differ only in what hash:\"ignore\" or IgnorableKeys leaves out get each other's results)"

// parameterCoercer returns the coercer of a parameter's type; *args is a tuple.
func (r Rules) parameterCoercer(p *Param) (*coercer, error) {
	if !p.Variadic || r.Hashed {
		return r.coercerFor(p.Type)
	}
	elem, err := r.coercerFor(p.Type.Elem())
	if err != nil {
		return nil, err
	}
	co := &coercer{}
	c := compiler{Rules: r}
	c.listOf(co, elem, tupleBrackets)
	return co, nil
}

// Key returns the key of a call.
func (k *Plan) Key(values []any) (string, error) {
	t := GetText()
	defer PutText(t)
	if err := k.Write(t, nil, values); err != nil {
		return "", err
	}
	return k.Finish(string(t.Buf))
}

// Write appends the text of the key of bound arguments: of all of them or, if there is a
// receiver, of those after it.
func (k *Plan) Write(t *Text, receiver any, values []any) error {
	start := len(t.Buf)
	ambiguous, err := k.writeParts(t, receiver, values, false)
	if err != nil || !ambiguous {
		return err
	}
	t.Buf = t.Buf[:start]
	_, err = k.writeParts(t, receiver, values, true)
	return err
}

// writeParts writes the prefix and the parts. It reports whether the colons in them make
// the text ambiguous.
//
// A part that ends at the next colon must not contain one. If no part does, and none
// ends with a backslash, the parts can be told from each other without escapes.
// Otherwise all of them are escaped; one of them then has a colon after a backslash,
// which no key of the first kind has in its place.
func (k *Plan) writeParts(t *Text, receiver any, values []any, escaped bool) (ambiguous bool, err error) {
	skip := 0
	if receiver != nil {
		skip = 1
	}
	t.string(k.Prefix)
	for i := range k.Parts {
		p := &k.Parts[i]
		t.Buf = append(t.Buf, ':')
		start := len(t.Buf)
		if t.starts != nil {
			t.starts = append(t.starts, start)
		}
		value := receiver
		if p.At >= skip {
			value = values[p.At-skip]
		}
		if err := p.write(t, value); err != nil {
			return false, partError(p.What, p.Receiver, err)
		}
		if p.escapable {
			var ok bool
			if t.Buf, ok = delimit(t.Buf, start, escaped); !ok {
				return true, nil
			}
		}
	}
	return false, nil
}

// write appends the part of a value that has the parameter's type.
func (p *keyPart) write(t *Text, value any) error {
	if p.Direct() && TypeOf(value) == p.word {
		t.Buf = p.append(t.Buf, value)
		return nil
	}
	switch {
	case p.keyer:
		return p.writeRingKey(t, value)
	case p.co.dynamic != nil:
		if s := numberOf(TypeOf(value)); s != NoScalar {
			t.Buf = s.Append(t.Buf, value)
			return nil
		}
		return p.co.dynamic(t, reflect.ValueOf(value))
	}
	return p.co.part(t, reflect.ValueOf(value))
}

// isKeyer reports whether the values of a type themselves have RingKey, which needs no
// coercer.
func isKeyer(t reflect.Type) bool {
	if t.Kind() == reflect.Pointer && t.Elem().Kind() == reflect.Pointer || t.Kind() == reflect.Interface {
		return false
	}
	return t.Implements(ringKeyerType)
}

// writeRingKey writes the part of a RingKeyer, like its coercer.
func (p *keyPart) writeRingKey(t *Text, value any) error {
	pointer := p.Type.Kind() == reflect.Pointer
	if pointer && reflect.ValueOf(value).IsNil() {
		t.string("None")
		return nil
	}
	key, err := safeRingKey(value.(ringKeyer))
	if err != nil {
		return err
	}
	if pointer && !p.python && (key == "None" || strings.HasPrefix(key, "&")) {
		t.Buf = append(t.Buf, '&')
	}
	t.string(key)
	return nil
}

// delimit makes sure that the part from start on ends where the next one begins. It
// returns false if all parts have to be escaped for that.
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

// escapeFrom puts a backslash before the colons and backslashes after start.
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

// Finish encodes and refactors the text of a key.
func (k *Plan) Finish(key string) (string, error) {
	if k.Plain {
		return key, nil
	}
	return k.recode(key)
}

func (k *Plan) recode(key string) (_ string, err error) {
	if k.Encoding != nil {
		if key, err = k.Encoding(key); err != nil {
			return "", err
		}
	}
	if k.Refactor != nil {
		key = k.Refactor(key)
	}
	return key, nil
}
