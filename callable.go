package ring

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"strings"

	"github.com/ring-go/ring/internal/convert"
	"github.com/ring-go/ring/internal/pyvalue"
	"github.com/ring-go/ring/internal/signature"
)

var (
	contextType = reflect.TypeFor[context.Context]()
	errorType   = reflect.TypeFor[error]()
	tupleType   = reflect.TypeFor[pyvalue.Tuple]()
)

// callable is a function and what reflection tells about it, read once.
type callable struct {
	identity
	fn      reflect.Value
	direct  any // fn as it is, for callDirect
	typ     reflect.Type
	ctx     int         // the input that is the context, or -1
	params  []parameter // the inputs but the context
	sig     *signature.Signature
	results []reflect.Type // the outputs but the error
	result  reflect.Type   // what a value of the rope is: nil for no result, a struct of all for several
	fails   bool           // the last output is an error
}

// parameter is an input of the function and how it is declared.
type parameter struct {
	signature.Formal
	in  int // its place among the inputs of the function
	typ reflect.Type
}

func (p *parameter) describe(i int) string {
	if p.Name == "" {
		return fmt.Sprintf("parameter %d (%v)", i+1, p.typ)
	}
	return fmt.Sprintf("parameter %d, %q (%v)", i+1, p.Label(), p.typ)
}

// called is the parameter's name, or its number where it has none.
func (p *parameter) called(i int) string {
	if p.Name == "" {
		return strconv.Itoa(i + 1)
	}
	return p.Label()
}

// inspect reads fn, which must be a function. sigText is the user's Signature, or
// nil.
func inspect(fn any, sigText *string) (*callable, error) {
	v := reflect.ValueOf(fn)
	if !v.IsValid() || v.Kind() == reflect.Func && v.IsNil() {
		return nil, errors.New("nil is not a function: hand over a func")
	}
	if v.Kind() != reflect.Func {
		return nil, fmt.Errorf("%T is not a function: hand over a func", fn)
	}
	c := &callable{fn: v, direct: fn, typ: v.Type(), ctx: -1, identity: identify(v)}
	if err := c.readResults(); err != nil {
		return nil, err
	}
	if err := c.readParameters(); err != nil {
		return nil, err
	}
	if err := c.readSignature(sigText); err != nil {
		return nil, err
	}
	return c, c.checkDefaults()
}

// resultTag tells the struct that stands for several results from one of the user's.
const resultTag = `ring:"result"`

func (c *callable) readResults() error {
	n := c.typ.NumOut()
	if c.fails = n > 0 && c.typ.Out(n-1) == errorType; c.fails {
		n--
	}
	if !c.fails && n > 0 && c.typ.Out(n-1).Implements(errorType) {
		return fmt.Errorf("result %d (%v) is an error by its methods, and not of type error, so that a failure would be cached as a value: "+
			"return error, or wrap it in a struct if it is a value", n, c.typ.Out(n-1))
	}
	for i := range n {
		c.results = append(c.results, c.typ.Out(i))
	}
	switch n {
	case 0:
	case 1:
		c.result = c.results[0]
	default:
		fields := make([]reflect.StructField, n)
		for i, t := range c.results {
			fields[i] = reflect.StructField{Name: "R" + strconv.Itoa(i), Type: t, Tag: resultTag}
		}
		c.result = reflect.StructOf(fields)
	}
	return nil
}

func (c *callable) readParameters() error {
	place := 0
	if c.receiver {
		place = 1
	}
	for i := range c.typ.NumIn() {
		t := c.typ.In(i)
		if t != contextType {
			c.params = append(c.params, parameter{in: i, typ: t})
			continue
		}
		if i != place {
			return fmt.Errorf("parameter %d (%v): a context must be the first parameter, or follow the receiver of a method expression", i+1, t)
		}
		c.ctx = i
	}
	return nil
}

// readSignature gives the parameters their names, kinds and defaults.
func (c *callable) readSignature(text *string) error {
	c.sig = c.identity.sig
	if text != nil {
		sig, err := signature.Parse(*text)
		if err != nil {
			return err
		}
		c.sig = sig
		c.identity.sig = sig
	}
	if c.sig == nil {
		c.sig = c.unnamedSignature()
	}
	if have, want := len(c.sig.Formals), len(c.params); have != want {
		return fmt.Errorf("the signature has %d parameter%s, the function %v has %d (a context does not count, a receiver does)",
			have, signature.Plural(have), c.typ, want)
	}
	for i := range c.params {
		p := &c.params[i]
		p.Formal = c.sig.Formals[i]
		if err := c.checkKind(i, p); err != nil {
			return err
		}
	}
	return nil
}

func (c *callable) unnamedSignature() *signature.Signature {
	formals := make([]signature.Formal, len(c.params))
	if n := len(formals); c.typ.IsVariadic() && n > 0 {
		formals[n-1].Kind = signature.VarPositional
	}
	return signature.New(formals, false)
}

// checkKind compares how a parameter is declared with its Go type.
func (c *callable) checkKind(i int, p *parameter) error {
	variadic := c.typ.IsVariadic() && p.in == c.typ.NumIn()-1
	switch {
	case variadic && p.Kind != signature.VarPositional:
		return fmt.Errorf("%s is variadic: write *%s", p.describe(i), p.Name)
	case p.Kind == signature.VarPositional && p.typ.Kind() != reflect.Slice:
		return fmt.Errorf("%s must be variadic or a slice", p.describe(i))
	case p.Kind == signature.VarKeyword && (p.typ.Kind() != reflect.Map || p.typ.Key().Kind() != reflect.String):
		return fmt.Errorf("%s must be a map[string]T", p.describe(i))
	case i == 0 && c.receiver && (p.Kind != signature.PositionalOnly && p.Kind != signature.PositionalOrKeyword || p.HasDefault):
		return fmt.Errorf("%s is the receiver: it must come first and without a default value", p.describe(i))
	}
	return nil
}

func (c *callable) checkDefaults() error {
	for i := range c.params {
		if _, err := c.params[i].defaultValue(); err != nil {
			return fmt.Errorf("%s: the default value %w", c.params[i].describe(i), err)
		}
	}
	return nil
}

// defaultValue makes the parameter's default, anew each time: the function may
// change a list that it was given.
func (p *parameter) defaultValue() (any, error) {
	if !p.HasDefault {
		return nil, nil
	}
	v, err := p.convert(signature.CloneLiteral(p.Def))
	if err != nil {
		return nil, err
	}
	return v.Interface(), nil
}

// convert makes v a value of the parameter's type. For a pointer with a default that may
// be what it is to point to: x=None makes a parameter a pointer, x='a' can be called.
func (p *parameter) convert(v any) (reflect.Value, error) {
	to, err := convert.To(v, p.typ)
	if err == nil || !p.HasDefault || p.typ.Kind() != reflect.Pointer {
		return to, err
	}
	elem, elemErr := convert.To(v, p.typ.Elem())
	if elemErr != nil {
		return to, err
	}
	to = reflect.New(p.typ.Elem())
	to.Elem().Set(elem)
	return to, nil
}

func (c *callable) labels() string {
	labels := make([]string, len(c.params))
	for i := range c.params {
		labels[i] = strconv.Quote(c.params[i].Label())
	}
	if len(labels) == 0 {
		return "none"
	}
	return strings.Join(labels, ", ")
}
