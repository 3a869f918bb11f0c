package ring

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/ring-go/ring/internal/convert"
	"github.com/ring-go/ring/internal/fault"
	"github.com/ring-go/ring/internal/pyvalue"
)

// kind says how a parameter takes its value, as inspect.Parameter.kind does.
type kind uint8

const (
	positionalOnly kind = iota
	positionalOrKeyword
	varPositional
	keywordOnly
	varKeyword
)

// formal is one parameter as Python declares it.
type formal struct {
	name       string // without stars; "" when the function has no Signature
	kind       kind
	hasDefault bool
	def        any // the literal, as literalReader returns it
}

// label is the name that IgnorableKeys knows the parameter by.
func (f formal) label() string {
	switch f.kind {
	case varPositional:
		return "*" + f.name
	case varKeyword:
		return "**" + f.name
	}
	return f.name
}

// signature is the parameters of a function, in order.
type signature struct {
	formals    []formal
	positional int // how many can be given by position, *args not counted
	varArgs    int // the index of *args, or -1
	varKw      int // the index of **kw, or -1
	named      bool
}

// parseSignature reads the parameters of a Python function: what stands between
// the parentheses of its def, annotations included, or the whole "(...) -> ...".
func parseSignature(src string) (*signature, error) {
	p := &signatureParser{literalReader: literalReader{src: src}}
	if err := p.parse(); err != nil {
		return nil, fmt.Errorf("signature %q: %w", src, err)
	}
	return newSignature(p.formals, true), nil
}

func newSignature(formals []formal, named bool) *signature {
	s := &signature{formals: formals, varArgs: -1, varKw: -1, named: named}
	for i, f := range formals {
		switch f.kind {
		case varPositional:
			s.varArgs = i
		case varKeyword:
			s.varKw = i
		case positionalOnly, positionalOrKeyword:
			s.positional++
		}
	}
	return s
}

// withoutReceiver is the signature of a method that is bound to its receiver. One
// without names says nothing that the type of the function does not say.
func (s *signature) withoutReceiver() *signature {
	if s == nil || !s.named {
		return nil
	}
	return newSignature(s.formals[1:], true)
}

type signatureParser struct {
	literalReader
	formals []formal
	star    bool // * or *args was seen
	slash   bool
}

func (p *signatureParser) parse() error {
	if strings.IndexByte(p.src, 0) >= 0 {
		return errors.New("there is a zero byte in it")
	}
	end := byte(0)
	if p.accept("(") {
		end = ')'
	}
	for p.peek() != end {
		if err := p.parameter(end); err != nil {
			return err
		}
		if p.peek() == end {
			break
		}
		if !p.accept(",") {
			return p.errorf("a comma is missing before %s (Python has types behind a colon: a: int)", excerpt(p.src[p.pos:]))
		}
	}
	if end != 0 {
		p.pos++
		if p.accept("->") {
			if err := p.annotation(); err != nil {
				return err
			}
		}
		if p.peek() != 0 {
			return p.errorf("%s does not belong to a signature", excerpt(p.src[p.pos:]))
		}
	}
	return nil
}

func (p *signatureParser) parameter(end byte) error {
	if n := len(p.formals); n > 0 && p.formals[n-1].kind == varKeyword {
		return p.errorf("nothing can follow **%s", p.formals[n-1].name)
	}
	switch {
	case p.accept("/"):
		return p.positionalEnd()
	case p.accept("**"):
		return p.declare(varKeyword)
	case p.accept("*"):
		if p.star {
			return p.errorf("a second *")
		}
		p.star = true
		if c := p.peek(); c != ',' && c != end {
			return p.declare(varPositional)
		}
		return p.bareStar(end)
	case p.star:
		return p.declare(keywordOnly)
	}
	return p.declare(positionalOrKeyword)
}

func (p *signatureParser) positionalEnd() error {
	if p.slash || p.star || len(p.formals) == 0 {
		return p.errorf("/ must follow a parameter, once, and come before *")
	}
	p.slash = true
	for i := range p.formals {
		p.formals[i].kind = positionalOnly
	}
	return nil
}

func (p *signatureParser) bareStar(end byte) error {
	pos := p.pos
	follows := p.accept(",") && p.peek() != end && p.peek() != 0 && p.peek() != '*'
	if p.pos = pos; follows {
		return nil
	}
	return p.errorf("a parameter must follow the bare *")
}

func (p *signatureParser) declare(k kind) error {
	start := p.pos
	f := formal{name: p.identifier(), kind: k}
	switch {
	case f.name == "":
		return p.errorf("the name of a parameter is missing")
	case slices.Contains(keywords, f.name):
		p.pos = start
		return p.errorf("%s is a keyword of Python, not a name", f.name)
	case slices.ContainsFunc(p.formals, func(o formal) bool { return o.name == f.name }):
		p.pos = start
		return p.errorf("a second parameter %q", f.name)
	}
	if p.accept(":") {
		if err := p.annotation(); err != nil {
			return err
		}
	}
	if p.accept("=") {
		if k == varPositional || k == varKeyword {
			return p.errorf("%s cannot have a default value", f.label())
		}
		def, err := p.value(0)
		if err != nil {
			return err
		}
		f.hasDefault, f.def = true, def
	}
	if n := len(p.formals); k == positionalOrKeyword && !f.hasDefault && n > 0 && p.formals[n-1].hasDefault {
		p.pos = start
		return p.errorf("%q without a default value follows one with a default value", f.name)
	}
	p.formals = append(p.formals, f)
	return nil
}

// annotation skips an expression: up to a comma, an = or the end outside of
// brackets and strings.
func (p *signatureParser) annotation() error {
	p.space()
	start := p.pos
	for depth := 0; p.peek() != 0; {
		c := p.src[p.pos]
		switch {
		case depth == 0 && strings.IndexByte("]),=}", c) >= 0:
			if p.pos == start {
				return p.errorf("the annotation is missing")
			}
			return nil
		case c == '[' || c == '(' || c == '{':
			depth++
		case c == ']' || c == ')' || c == '}':
			depth--
		case c == '\'' || c == '"':
			var skipped []byte
			if _, err := p.stringPart(&skipped); err != nil {
				return err
			}
			continue
		}
		_, size := utf8.DecodeRuneInString(p.src[p.pos:])
		p.pos += size
	}
	if p.pos == start {
		return p.errorf("the annotation is missing")
	}
	return nil
}

// keywords of Python, which cannot be the name of a parameter.
var keywords = strings.Fields(`False None True and as assert async await break class continue def del elif else except
	finally for from global if import in is lambda nonlocal not or pass raise return try while with yield`)

// unset marks a parameter that has got no value yet.
var unset any = new(struct{ byte })

// bind gives every parameter its value, as a call of the Python function would:
// a value, the default (as unset: the caller knows it better), a Tuple for *args, a
// map[string]any for **kw. The first skip parameters, a bound receiver, are not counted in
// messages; their values are the first of args. name is the function's.
func (s *signature) bind(name string, args []any, kwargs map[string]any, skip int) ([]any, error) {
	bound := make([]any, len(s.formals))
	given := 0 // positional parameters that args fills
	for i, f := range s.formals {
		switch {
		case f.kind == varPositional:
			bound[i] = pyvalue.Tuple{}
		case f.kind == varKeyword:
			bound[i] = map[string]any{}
		case i < s.positional && i < len(args):
			bound[i] = args[i]
			given++
		default:
			bound[i] = unset
		}
	}
	if s.varArgs >= 0 && len(args) > given {
		bound[s.varArgs] = append(pyvalue.Tuple{}, args[given:]...)
	}
	if err := s.bindKeywords(name, bound, kwargs); err != nil {
		return nil, err
	}
	if len(args) > given && s.varArgs < 0 {
		return nil, s.tooMany(name, len(args)-skip, skip)
	}
	return bound, s.missing(name, bound)
}

func (s *signature) bindKeywords(name string, bound []any, kwargs map[string]any) error {
	if len(kwargs) == 0 {
		return nil
	}
	if !s.named {
		return fault.Argumentf("%s() takes no keyword arguments: its parameters have no names; give them with ring.Signature", name)
	}
	var positional []string // keywords that name a positional-only parameter
	for _, key := range slices.Sorted(maps.Keys(kwargs)) {
		i := slices.IndexFunc(s.formals, func(f formal) bool {
			return f.name == key && (f.kind == positionalOrKeyword || f.kind == keywordOnly)
		})
		switch {
		case i >= 0 && bound[i] != unset:
			return fault.Argumentf("%s() got multiple values for argument '%s'", name, key)
		case i >= 0:
			bound[i] = kwargs[key]
		case s.varKw >= 0 && !s.leftOut(key, bound):
			bound[s.varKw].(map[string]any)[key] = kwargs[key]
		case slices.ContainsFunc(s.formals, func(f formal) bool { return f.name == key && f.kind == positionalOnly }):
			positional = append(positional, key)
		case s.varArgs >= 0 && s.formals[s.varArgs].name == key:
			return fault.Argumentf("%s() got an unexpected keyword argument '%s': the values of *%s are positional arguments", name, key, key)
		default:
			return fault.Argumentf("%s() got an unexpected keyword argument '%s'", name, key)
		}
	}
	if len(positional) > 0 {
		return fault.Argumentf("%s() got some positional-only arguments passed as keyword arguments: '%s'",
			name, strings.Join(positional, ", "))
	}
	return nil
}

// leftOut tells whether key names a positional-only parameter that got no value. The
// keyword could then only be meant for it, so it is refused even where **kw would
// take it, as inspect.Signature.bind of CPython 3.11 does.
func (s *signature) leftOut(key string, bound []any) bool {
	i := slices.IndexFunc(s.formals, func(f formal) bool { return f.name == key && f.kind == positionalOnly })
	return i >= 0 && bound[i] == unset
}

// bindNamed is bind for an element of a bulk call in keyword form, in which the
// name of *args may stand for its values.
func (s *signature) bindNamed(name string, args []any, kwargs map[string]any, skip int) ([]any, error) {
	if s.varArgs < 0 || s.varKw >= 0 && s.formals[s.varKw].name == s.formals[s.varArgs].name {
		return s.bind(name, args, kwargs, skip)
	}
	list, ok := kwargs[s.formals[s.varArgs].name]
	if !ok || s.formals[s.varArgs].name == "" {
		return s.bind(name, args, kwargs, skip)
	}
	values, err := convert.Elements(list)
	if err != nil {
		return nil, fault.Argumentf("%s() argument '%s': %v", name, s.formals[s.varArgs].label(), err)
	}
	rest := maps.Clone(kwargs)
	delete(rest, s.formals[s.varArgs].name)
	bound, err := s.bind(name, args, rest, skip)
	if err != nil {
		return nil, err
	}
	bound[s.varArgs] = pyvalue.Tuple(values)
	return bound, nil
}

func (s *signature) tooMany(name string, given, skip int) error {
	required := 0
	for _, f := range s.formals[:s.positional] {
		if !f.hasDefault {
			required++
		}
	}
	takes := fmt.Sprint(s.positional - skip)
	plural := "s"
	switch {
	case required < s.positional:
		takes = fmt.Sprintf("from %d to %d", required-skip, s.positional-skip)
	case s.positional-skip == 1:
		plural = ""
	}
	were := "were"
	if given == 1 {
		were = "was"
	}
	return fault.Argumentf("%s() takes %s positional argument%s but %d %s given", name, takes, plural, given, were)
}

func (s *signature) missing(name string, bound []any) error {
	for _, want := range []struct {
		what    string
		keyword bool
	}{{"positional", false}, {"keyword-only", true}} {
		var names []string
		for i, f := range s.formals {
			if bound[i] == unset && !f.hasDefault && (f.kind == keywordOnly) == want.keyword {
				names = append(names, f.display(i))
			}
		}
		if len(names) > 0 {
			return fault.Argumentf("%s() missing %d required %s argument%s: %s", name, len(names), want.what,
				plural(len(names)), enumerate(names))
		}
	}
	return nil
}

func (f formal) display(i int) string {
	if f.name == "" {
		return fmt.Sprintf("number %d", i+1)
	}
	return "'" + f.name + "'"
}

func plural(n int) string {
	if n == 1 {
		return ""
	}
	return "s"
}

// enumerate joins names as Python does: 'a', 'b', and 'c'.
func enumerate(names []string) string {
	last := len(names) - 1
	switch last {
	case 0:
		return names[0]
	case 1:
		return names[0] + " and " + names[1]
	}
	return strings.Join(names[:last], ", ") + ", and " + names[last]
}
