// Package signature reads Python's parameter lists and literals, and binds arguments to
// the parameters.
package signature

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

// kind says how a parameter takes its value, like inspect.Parameter.kind.
type kind uint8

const (
	PositionalOnly kind = iota
	PositionalOrKeyword
	VarPositional
	KeywordOnly
	VarKeyword
)

// Formal is one parameter as Python declares it.
type Formal struct {
	Name       string // without stars; "" if the function has no Signature
	Kind       kind
	HasDefault bool
	Def        any // the literal, as literalReader returns it
}

// Label returns the parameter's name in IgnorableKeys.
func (f Formal) Label() string {
	switch f.Kind {
	case VarPositional:
		return "*" + f.Name
	case VarKeyword:
		return "**" + f.Name
	}
	return f.Name
}

// Signature is the parameters of a function, in order.
type Signature struct {
	Formals    []Formal
	positional int // how many can be given by position, without *args
	VarArgs    int // the index of *args, or -1
	varKw      int // the index of **kw, or -1
	Named      bool
}

// Parse reads the parameters of a Python function: the text between the parentheses of
// its def, annotations included, or the whole "(...) -> ...".
func Parse(src string) (*Signature, error) {
	p := &signatureParser{literalReader: literalReader{src: src}}
	if err := p.parse(); err != nil {
		return nil, fmt.Errorf("signature %q: %w", src, err)
	}
	return New(p.formals, true), nil
}

// New returns the signature of these parameters; named says whether they have names.
func New(formals []Formal, named bool) *Signature {
	s := &Signature{Formals: formals, VarArgs: -1, varKw: -1, Named: named}
	for i, f := range formals {
		switch f.Kind {
		case VarPositional:
			s.VarArgs = i
		case VarKeyword:
			s.varKw = i
		case PositionalOnly, PositionalOrKeyword:
			s.positional++
		}
	}
	return s
}

// WithoutReceiver returns the signature of a method that is bound to its receiver. A
// signature without names says nothing more than the type of the function.
func (s *Signature) WithoutReceiver() *Signature {
	if s == nil || !s.Named {
		return nil
	}
	return New(s.Formals[1:], true)
}

type signatureParser struct {
	literalReader
	formals []Formal
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
	if n := len(p.formals); n > 0 && p.formals[n-1].Kind == VarKeyword {
		return p.errorf("nothing can follow **%s", p.formals[n-1].Name)
	}
	switch {
	case p.accept("/"):
		return p.positionalEnd()
	case p.accept("**"):
		return p.declare(VarKeyword)
	case p.accept("*"):
		if p.star {
			return p.errorf("a second *")
		}
		p.star = true
		if c := p.peek(); c != ',' && c != end {
			return p.declare(VarPositional)
		}
		return p.bareStar(end)
	case p.star:
		return p.declare(KeywordOnly)
	}
	return p.declare(PositionalOrKeyword)
}

func (p *signatureParser) positionalEnd() error {
	if p.slash || p.star || len(p.formals) == 0 {
		return p.errorf("/ must follow a parameter, once, and come before *")
	}
	p.slash = true
	for i := range p.formals {
		p.formals[i].Kind = PositionalOnly
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
	f := Formal{Name: p.identifier(), Kind: k}
	switch {
	case f.Name == "":
		return p.errorf("the name of a parameter is missing")
	case slices.Contains(keywords, f.Name):
		p.pos = start
		return p.errorf("%s is a keyword of Python, not a name", f.Name)
	case slices.ContainsFunc(p.formals, func(o Formal) bool { return o.Name == f.Name }):
		p.pos = start
		return p.errorf("a second parameter %q", f.Name)
	}
	if p.accept(":") {
		if err := p.annotation(); err != nil {
			return err
		}
	}
	if p.accept("=") {
		if k == VarPositional || k == VarKeyword {
			return p.errorf("%s cannot have a default value", f.Label())
		}
		def, err := p.value(0)
		if err != nil {
			return err
		}
		f.HasDefault, f.Def = true, def
	}
	if n := len(p.formals); k == PositionalOrKeyword && !f.HasDefault && n > 0 && p.formals[n-1].HasDefault {
		p.pos = start
		return p.errorf("%q without a default value follows one with a default value", f.Name)
	}
	p.formals = append(p.formals, f)
	return nil
}

// annotation skips an expression: up to a comma, an = or the end outside of brackets and
// strings.
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

// keywords of Python cannot be the name of a parameter.
var keywords = strings.Fields(`False None True and as assert async await break class continue def del elif else except
	finally for from global if import in is lambda nonlocal not or pass raise return try while with yield`)

// Unset marks a parameter without a value.
var Unset any = new(struct{ byte })

// Bind gives every parameter its value, like a call of the Python function: a value,
// Unset for a default (which the caller knows), a Tuple for *args, a map[string]any for
// **kw. The first skip parameters, a bound receiver, are not counted in messages; their
// values are the first of args. name is the function's.
func (s *Signature) Bind(name string, args []any, kwargs map[string]any, skip int) ([]any, error) {
	bound := make([]any, len(s.Formals))
	given := 0 // positional parameters that args fills
	for i, f := range s.Formals {
		switch {
		case f.Kind == VarPositional:
			bound[i] = pyvalue.Tuple{}
		case f.Kind == VarKeyword:
			bound[i] = map[string]any{}
		case i < s.positional && i < len(args):
			bound[i] = args[i]
			given++
		default:
			bound[i] = Unset
		}
	}
	if s.VarArgs >= 0 && len(args) > given {
		bound[s.VarArgs] = append(pyvalue.Tuple{}, args[given:]...)
	}
	if err := s.bindKeywords(name, bound, kwargs); err != nil {
		return nil, err
	}
	if len(args) > given && s.VarArgs < 0 {
		return nil, s.tooMany(name, len(args)-skip, skip)
	}
	return bound, s.missing(name, bound)
}

func (s *Signature) bindKeywords(name string, bound []any, kwargs map[string]any) error {
	if len(kwargs) == 0 {
		return nil
	}
	if !s.Named {
		return fault.Argumentf("%s() takes no keyword arguments: its parameters have no names; give them with ring.Signature", name)
	}
	var positional []string // keywords that name a positional-only parameter
	for _, key := range slices.Sorted(maps.Keys(kwargs)) {
		i := slices.IndexFunc(s.Formals, func(f Formal) bool {
			return f.Name == key && (f.Kind == PositionalOrKeyword || f.Kind == KeywordOnly)
		})
		switch {
		case i >= 0 && bound[i] != Unset:
			return fault.Argumentf("%s() got multiple values for argument '%s'", name, key)
		case i >= 0:
			bound[i] = kwargs[key]
		case s.varKw >= 0 && !s.leftOut(key, bound):
			bound[s.varKw].(map[string]any)[key] = kwargs[key]
		case slices.ContainsFunc(s.Formals, func(f Formal) bool { return f.Name == key && f.Kind == PositionalOnly }):
			positional = append(positional, key)
		case s.VarArgs >= 0 && s.Formals[s.VarArgs].Name == key:
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

// leftOut reports whether key names a positional-only parameter without a value. The
// keyword could then only be meant for that, so it is refused even if **kw would accept
// it, as in inspect.Signature.bind of CPython 3.11.
func (s *Signature) leftOut(key string, bound []any) bool {
	i := slices.IndexFunc(s.Formals, func(f Formal) bool { return f.Name == key && f.Kind == PositionalOnly })
	return i >= 0 && bound[i] == Unset
}

// BindNamed is Bind for an element of a bulk call in keyword form, in which the name of
// *args may stand for its values.
func (s *Signature) BindNamed(name string, args []any, kwargs map[string]any, skip int) ([]any, error) {
	if s.VarArgs < 0 || s.varKw >= 0 && s.Formals[s.varKw].Name == s.Formals[s.VarArgs].Name {
		return s.Bind(name, args, kwargs, skip)
	}
	list, ok := kwargs[s.Formals[s.VarArgs].Name]
	if !ok || s.Formals[s.VarArgs].Name == "" {
		return s.Bind(name, args, kwargs, skip)
	}
	values, err := convert.Elements(list)
	if err != nil {
		return nil, fault.Argumentf("%s() argument '%s': %v", name, s.Formals[s.VarArgs].Label(), err)
	}
	rest := maps.Clone(kwargs)
	delete(rest, s.Formals[s.VarArgs].Name)
	bound, err := s.Bind(name, args, rest, skip)
	if err != nil {
		return nil, err
	}
	bound[s.VarArgs] = pyvalue.Tuple(values)
	return bound, nil
}

func (s *Signature) tooMany(name string, given, skip int) error {
	required := 0
	for _, f := range s.Formals[:s.positional] {
		if !f.HasDefault {
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

func (s *Signature) missing(name string, bound []any) error {
	for _, want := range []struct {
		what    string
		keyword bool
	}{{"positional", false}, {"keyword-only", true}} {
		var names []string
		for i, f := range s.Formals {
			if bound[i] == Unset && !f.HasDefault && (f.Kind == KeywordOnly) == want.keyword {
				names = append(names, f.display(i))
			}
		}
		if len(names) > 0 {
			return missingError{fault.Argumentf("%s() missing %d required %s argument%s: %s", name, len(names), want.what,
				fault.Plural(len(names)), enumerate(names))}
		}
	}
	return nil
}

// missingError is for a call that lacks arguments.
type missingError struct{ error }

func (e missingError) Unwrap() error { return e.error }

// IsMissing reports whether err is that of a call that lacks arguments.
func IsMissing(err error) bool {
	var missing missingError
	return errors.As(err, &missing)
}

func (f Formal) display(i int) string {
	if f.Name == "" {
		return fmt.Sprintf("number %d", i+1)
	}
	return "'" + f.Name + "'"
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
