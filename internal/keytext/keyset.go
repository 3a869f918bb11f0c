package keytext

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// KeySet is the set of all keys that a rope can make, as a finite automaton: state 0 is
// the beginning, the last state the end. No key is missing. The set assumes that a text
// which a type makes itself can be anything, and approximates the contents of
// containers.
type KeySet struct{ states [][]keyEdge }

// keyEdge leads from a state to another one, by any of some bytes or by none.
type keyEdge struct {
	by byteSet // nil: an epsilon edge
	to int
}

func (e keyEdge) isEpsilon() bool { return e.by == nil }

// NewKeySet returns the set of keys that a plan can make, before they are encoded and
// refactored.
func NewKeySet(k *Plan) *KeySet {
	s := &KeySet{states: make([][]keyEdge, 1)}
	s.text(k.Prefix)
	for i := range k.Parts {
		p := &k.Parts[i]
		s.text(":")
		(&partSet{s, k.rules, p.escapable, 0}).part(p.co, p.Type)
	}
	return s
}

func (s *KeySet) last() int { return len(s.states) - 1 }

// next adds a new last state.
func (s *KeySet) next() int {
	s.states = append(s.states, nil)
	return s.last()
}

func (s *KeySet) edge(from int, by byteSet, to int) {
	s.states[from] = append(s.states[from], keyEdge{by, to})
}

func (s *KeySet) text(text string) {
	for i := range len(text) {
		from := s.last()
		s.edge(from, bytesIn(text[i:i+1]), s.next())
	}
}

// many adds any number of bytes.
func (s *KeySet) many(by byteSet) { s.edge(s.last(), by, s.last()) }

func (s *KeySet) some(by byteSet) {
	from := s.last()
	s.edge(from, by, s.next())
	s.many(by)
}

// either adds several alternatives.
func (s *KeySet) either(ways ...func()) {
	from := s.last()
	var ends []int
	for _, way := range ways {
		s.edge(from, nil, s.next())
		way()
		ends = append(ends, s.last())
	}
	to := s.next()
	for _, end := range ends {
		s.edge(end, nil, to)
	}
}

// words adds one of several words.
func (s *KeySet) words(words ...string) {
	ways := make([]func(), len(words))
	for i, w := range words {
		ways[i] = func() { s.text(w) }
	}
	s.either(ways...)
}

// quoted adds a string between quotes, as Python writes it.
func (s *KeySet) quoted() {
	from, end := s.last(), s.next()
	for _, quote := range []string{"'", `"`} {
		at := s.next()
		s.edge(from, bytesIn(quote), at)
		s.edge(at, bytesNotIn(quote+`\`), at)
		behind := s.next()
		s.edge(at, bytesIn(`\`), behind)
		s.edge(behind, anyBytes, at)
		s.edge(at, bytesIn(quote), end)
	}
	s.edge(end, nil, s.next())
}

// repeat adds the text of one, any number of times.
func (s *KeySet) repeat(one func()) {
	at := s.next()
	s.edge(at-1, nil, at)
	one()
	s.edge(s.last(), nil, at)
	s.edge(at, nil, s.next())
}

// partSet adds to a KeySet how a parameter can be written.
type partSet struct {
	*KeySet
	Rules
	escaped bool // a colon has a backslash before it
	depth   int
}

func (s *partSet) part(co *coercer, t reflect.Type) {
	switch co.rule {
	case ruleBool:
		s.words("True", "False")
	case ruleInt:
		s.words("", "-")
		s.some(digitBytes)
	case ruleFloat:
		s.float()
	case ruleComplex:
		s.words("", "(")
		s.some(bytesIn(digits + ".e+-infa"))
		s.words("j", "j)")
	case ruleTime:
		s.time()
	case ruleBytes:
		s.text("b")
		s.quoted()
	case ruleList:
		s.between("[", "]", co, t)
	case ruleTuple:
		s.between("(", ")", co, t)
	case ruleSet, ruleFrozenSet:
		s.between("{", "}", co, t)
	case ruleDict:
		s.either(func() {}, func() {
			s.shaped(co, t)
			s.comma()
			s.shaped(co, t)
		})
	case ruleDataclass:
		s.dataclass(co, t)
	case ruleHash:
		s.text(hashName(t) + ":hash:")
		s.some(bytesIn(digits + "abcdef-"))
	case ruleHashTag, ruleHashKeys:
		s.text(hashName(t) + ":hash:")
		for range 2 * 16 {
			s.edge(s.last(), bytesIn(digits+"abcdef"), s.next())
		}
	case rulePointer:
		s.pointer(co, t)
	default:
		s.shaped(co, t)
	}
}

// dataclass adds the name of a struct and its fields.
func (s *partSet) dataclass(co *coercer, t reflect.Type) {
	s.text(unnumbered(t.Name()))
	c := newCompiler(s.Rules)
	fields, err := c.fields(t)
	if err != nil {
		s.shaped(co, t)
		return
	}
	slices.SortFunc(fields, func(a, b field) int { return strings.Compare(a.name, b.name) })
	for i, f := range fields {
		if i > 0 {
			s.comma()
		}
		s.text(f.name + ",")
		if typ := t.Field(f.index).Type; f.co.scalar > ScalarString {
			s.part(f.co, typ)
		} else {
			s.anything()
		}
	}
}

// comma adds a comma after a text of which only the shape is known. If that text ends
// with a backslash, and nothing else needs escapes, this backslash is not escaped.
func (s *partSet) comma() {
	if s.escaped {
		s.words("", `\`)
	}
	s.text(",")
}

// float adds a Python float, which never looks like an int.
func (s *partSet) float() {
	s.words("", "-")
	exponent := func() {
		s.text("e")
		s.words("+", "-")
		s.some(digitBytes)
	}
	s.either(func() { s.words("inf", "nan") }, func() {
		s.some(digitBytes)
		s.either(exponent, func() {
			s.text(".")
			s.some(digitBytes)
			s.either(func() {}, exponent)
		})
	})
}

// time adds a time, with its zone unless it is one of Python's naive times.
func (s *partSet) time() {
	twoDigits := func(from, to int) {
		all := make([]string, 0, to)
		for n := from; n <= to; n++ {
			all = append(all, fmt.Sprintf("%02d", n))
		}
		s.words(all...)
	}
	s.words("", "-")
	for range 3 {
		s.edge(s.last(), digitBytes, s.next())
	}
	s.some(digitBytes)
	s.text("-")
	twoDigits(1, 12)
	s.text("-")
	twoDigits(1, 31)
	s.words("T", " ")
	twoDigits(0, 23)
	s.text(":")
	twoDigits(0, 59)
	s.text(":")
	twoDigits(0, 59)
	s.many(bytesIn(digits + "."))
	zone := func() {
		s.edge(s.last(), bytesIn("Z+-"), s.next())
		s.many(bytesIn(digits + ":+-s"))
		s.either(func() {}, func() {
			s.text("[")
			s.many(bytesIn(zoneNameChars + "%!"))
			s.text("]")
		})
	}
	if s.Python {
		s.either(func() {}, zone)
		return
	}
	zone()
}

// pointer adds None and the target of the pointer.
func (s *partSet) pointer(co *coercer, t reflect.Type) {
	elem, err := s.coercerFor(t.Elem())
	if s.depth++; err != nil || s.depth > 3 {
		s.shaped(co, t)
		return
	}
	s.either(func() { s.text("None") }, func() {
		s.words("", "&")
		s.part(elem, t.Elem())
	})
}

// between adds text with a known beginning and end.
func (s *partSet) between(opening, closing string, co *coercer, t reflect.Type) {
	s.text(opening)
	if k := t.Kind(); (k == reflect.Slice || k == reflect.Array) && t.Elem() == stringType {
		s.repeat(func() {
			s.many(bytesIn(", "))
			s.quoted()
			s.many(bytesIn(", "))
		})
	} else {
		s.shaped(co, t)
	}
	s.text(closing)
}

// shaped adds text of which only the shape is known.
func (s *partSet) shaped(co *coercer, t reflect.Type) {
	if co.shape != shapeClosed || holdsOthers(t) {
		s.anything()
		return
	}
	s.repeat(func() { s.edge(s.last(), bytesNotIn(":"), s.next()) })
}

// anything adds text of which nothing is known.
func (s *partSet) anything() {
	if !s.escaped {
		s.repeat(func() { s.edge(s.last(), anyBytes, s.next()) })
		return
	}
	s.repeat(func() {
		s.either(func() { s.edge(s.last(), bytesNotIn(`:\`), s.next()) }, func() {
			s.text(`\`)
			s.edge(s.last(), anyBytes, s.next())
		})
	})
}

// holdsOthers reports whether a container can contain containers. The shape of the
// outer one then does not tell where the colons of a dict are: they are within
// brackets.
func holdsOthers(t reflect.Type) bool {
	number := func(t reflect.Type) bool { return t.Kind() <= reflect.Complex128 }
	switch t.Kind() {
	case reflect.Pointer:
		return true
	case reflect.Slice, reflect.Array:
		return !number(t.Elem())
	case reflect.Map:
		return !number(t.Key()) || !number(t.Elem())
	case reflect.Struct:
		for i := range t.NumField() {
			if !number(t.Field(i).Type) {
				return true
			}
		}
	}
	return false
}
