// Package callable reads functions by reflection: their identity, how arguments bind,
// and what they return.
package callable

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"strings"

	"github.com/ring-go/ring/internal/convert"
	"github.com/ring-go/ring/internal/fault"
	"github.com/ring-go/ring/internal/pyvalue"
	"github.com/ring-go/ring/internal/signature"
)

var (
	contextType = reflect.TypeFor[context.Context]()
	errorType   = reflect.TypeFor[error]()
	TupleType   = reflect.TypeFor[pyvalue.Tuple]()
)

// IsAny reports whether a type can hold any value.
func IsAny(t reflect.Type) bool { return t.Kind() == reflect.Interface && t.NumMethod() == 0 }

// Callable is a function with everything that reflection tells about it, read once.
type Callable struct {
	Identity
	Func      reflect.Value
	direct    any // fn itself, for callDirect
	Type      reflect.Type
	ContextAt int         // the input that is the context, or -1
	Params    []Parameter // the inputs without the context
	Signature *signature.Signature
	Results   []reflect.Type // the outputs without the error
	Result    reflect.Type   // the type of a rope's value: nil for no result, a struct for several
	Fails     bool           // the last output is an error
}

// Parameter is an input of the function, with its declaration.
type Parameter struct {
	signature.Formal
	In   int // its place among the inputs of the function
	Type reflect.Type
}

// Describe names parameter i in an error: by its number, its name and its type.
func (p *Parameter) Describe(i int) string {
	if p.Name == "" {
		return fmt.Sprintf("parameter %d (%v)", i+1, p.Type)
	}
	return fmt.Sprintf("parameter %d, %q (%v)", i+1, p.Label(), p.Type)
}

// Called returns the parameter's name, or its number if it has none.
func (p *Parameter) Called(i int) string {
	if p.Name == "" {
		return strconv.Itoa(i + 1)
	}
	return p.Label()
}

// Inspect reads fn, which must be a function. sigText is the user's Signature, or nil.
func Inspect(fn any, sigText *string) (*Callable, error) {
	v := reflect.ValueOf(fn)
	if !v.IsValid() || v.Kind() == reflect.Func && v.IsNil() {
		return nil, errors.New("nil is not a function: hand over a func")
	}
	if v.Kind() != reflect.Func {
		return nil, fmt.Errorf("%T is not a function: hand over a func", fn)
	}
	c := &Callable{Func: v, direct: fn, Type: v.Type(), ContextAt: -1, Identity: Identify(v)}
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

// ResultTag tells the struct for several results from a struct of the user's.
const ResultTag = `ring:"result"`

func (c *Callable) readResults() error {
	n := c.Type.NumOut()
	if c.Fails = n > 0 && c.Type.Out(n-1) == errorType; c.Fails {
		n--
	}
	if !c.Fails && n > 0 && c.Type.Out(n-1).Implements(errorType) {
		return fmt.Errorf("result %d (%v) is an error by its methods, and not of type error, so that a failure would be cached as a value: "+
			"return error, or wrap it in a struct if it is a value", n, c.Type.Out(n-1))
	}
	for i := range n {
		c.Results = append(c.Results, c.Type.Out(i))
	}
	switch n {
	case 0:
	case 1:
		c.Result = c.Results[0]
	default:
		fields := make([]reflect.StructField, n)
		for i, t := range c.Results {
			fields[i] = reflect.StructField{Name: "R" + strconv.Itoa(i), Type: t, Tag: ResultTag}
		}
		c.Result = reflect.StructOf(fields)
	}
	return nil
}

func (c *Callable) readParameters() error {
	place := 0
	if c.Receiver {
		place = 1
	}
	for i := range c.Type.NumIn() {
		t := c.Type.In(i)
		if t != contextType {
			c.Params = append(c.Params, Parameter{In: i, Type: t})
			continue
		}
		if i != place {
			return fmt.Errorf("parameter %d (%v): a context must be the first parameter, or follow the receiver of a method expression", i+1, t)
		}
		c.ContextAt = i
	}
	return nil
}

// readSignature gives the parameters their names, kinds and defaults.
func (c *Callable) readSignature(text *string) error {
	c.Signature = c.Identity.Signature
	if text != nil {
		sig, err := signature.Parse(*text)
		if err != nil {
			return err
		}
		c.Signature = sig
		c.Identity.Signature = sig
	}
	if c.Signature == nil {
		c.Signature = c.unnamedSignature()
	}
	if have, want := len(c.Signature.Formals), len(c.Params); have != want {
		return fmt.Errorf("the signature has %d parameter%s, the function %v has %d (a context does not count, a receiver does)",
			have, fault.Plural(have), c.Type, want)
	}
	for i := range c.Params {
		p := &c.Params[i]
		p.Formal = c.Signature.Formals[i]
		if err := c.checkKind(i, p); err != nil {
			return err
		}
	}
	return nil
}

func (c *Callable) unnamedSignature() *signature.Signature {
	formals := make([]signature.Formal, len(c.Params))
	if n := len(formals); c.Type.IsVariadic() && n > 0 {
		formals[n-1].Kind = signature.VarPositional
	}
	return signature.New(formals, false)
}

// checkKind compares the declaration of a parameter with its Go type.
func (c *Callable) checkKind(i int, p *Parameter) error {
	variadic := c.Type.IsVariadic() && p.In == c.Type.NumIn()-1
	switch {
	case variadic && p.Kind != signature.VarPositional:
		return fmt.Errorf("%s is variadic: write *%s", p.Describe(i), p.Name)
	case p.Kind == signature.VarPositional && p.Type.Kind() != reflect.Slice:
		return fmt.Errorf("%s must be variadic or a slice", p.Describe(i))
	case p.Kind == signature.VarKeyword && (p.Type.Kind() != reflect.Map || p.Type.Key().Kind() != reflect.String):
		return fmt.Errorf("%s must be a map[string]T", p.Describe(i))
	case i == 0 && c.Receiver && (p.Kind != signature.PositionalOnly && p.Kind != signature.PositionalOrKeyword || p.HasDefault):
		return fmt.Errorf("%s is the receiver: it must come first and without a default value", p.Describe(i))
	}
	return nil
}

func (c *Callable) checkDefaults() error {
	for i := range c.Params {
		if _, err := c.Params[i].defaultValue(); err != nil {
			return fmt.Errorf("%s: the default value %w", c.Params[i].Describe(i), err)
		}
	}
	return nil
}

// defaultValue makes a new copy of the parameter's default each time: the function may
// change a list that it gets.
func (p *Parameter) defaultValue() (any, error) {
	if !p.HasDefault {
		return nil, nil
	}
	v, err := p.convert(signature.CloneLiteral(p.Def))
	if err != nil {
		return nil, err
	}
	return v.Interface(), nil
}

// convert converts v to the parameter's type. For a pointer with a default, v may also
// be the value to point to: x=None makes the parameter a pointer, and a call can give
// x='a'.
func (p *Parameter) convert(v any) (reflect.Value, error) {
	to, err := convert.To(v, p.Type)
	if err == nil || !p.HasDefault || p.Type.Kind() != reflect.Pointer {
		return to, err
	}
	elem, elemErr := convert.To(v, p.Type.Elem())
	if elemErr != nil {
		return to, err
	}
	to = reflect.New(p.Type.Elem())
	to.Elem().Set(elem)
	return to, nil
}

// Labels lists the names of the parameters for an error.
func (c *Callable) Labels() string {
	labels := make([]string, len(c.Params))
	for i := range c.Params {
		labels[i] = strconv.Quote(c.Params[i].Label())
	}
	if len(labels) == 0 {
		return "none"
	}
	return strings.Join(labels, ", ")
}
