// Package keytext writes values as the text of keys.
package keytext

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"sync"

	"github.com/ring-go/ring/internal/fault"
	"github.com/ring-go/ring/internal/pytext"
)

// ringKeyer is a value that makes its own text for a key.
type ringKeyer interface{ RingKey() string }

// Rules decide how values become the text of a key.
type Rules struct {
	Python   bool // Python's text, ambiguous or not
	Hashed   bool // lists, maps and structs are hashed
	InMemory bool // the keys need not outlive the process
}

// coercer writes the values of one type as the text of a key. Python spells a value in
// three ways, depending on its place.
type coercer struct {
	part  coerceFunc // a parameter's whole part of the key: ring's coerce
	item  coerceFunc // key or value of a dict, or field of a struct, that is such a part: str()
	repr  coerceFunc // inside of brackets: repr()
	shape shape
	rule  ruleName // the rule that applies

	scalar  Scalar     // what the value is, if that is all there is to it
	flat    *flat      // a faster Part; nil: there is none
	dynamic coerceFunc // of an interface: Part for the value in it
}

type coerceFunc func(t *Text, v reflect.Value) error

// shape says how to find the end of a part in a key.
type shape uint8

const (
	shapeOpen      shape = iota // at the next colon, so a colon in it must be escaped
	shapeClosed                 // there is no colon in it
	shapeDelimited              // it ends with its closing bracket or quote
)

type coercerKey struct {
	Rules
	typ reflect.Type
}

var coercers sync.Map // of coercerKey to *coercer or error

// coercerFor returns the coercer of a type, which is made once, or an error that says
// why the type cannot have a key.
func (r Rules) coercerFor(t reflect.Type) (*coercer, error) {
	key := coercerKey{r, t}
	if known, ok := coercers.Load(key); ok {
		if err, bad := known.(error); bad {
			return nil, err
		}
		return known.(*coercer), nil
	}
	c := newCompiler(r)
	co, err := c.newCoercer(t)
	if err != nil {
		err = fmt.Errorf("%w: %w", fault.ErrKey, err)
		coercers.Store(key, err)
		return nil, err
	}
	for typ, made := range c.made {
		coercers.LoadOrStore(coercerKey{r, typ}, made)
	}
	return co, nil
}

// compiler makes the coercers of a type and of all types in it.
type compiler struct {
	Rules
	made  map[reflect.Type]*coercer // complete or, for a type that contains itself, begun
	order []reflect.Type            // of made
}

func newCompiler(r Rules) *compiler {
	return &compiler{Rules: r, made: map[reflect.Type]*coercer{}}
}

// newCoercer makes the coercer of a type, unless it has been made or begun.
func (c *compiler) newCoercer(t reflect.Type) (*coercer, error) {
	if co := c.made[t]; co != nil {
		return co, nil
	}
	co := &coercer{}
	begun := len(c.order)
	c.made[t] = co
	c.order = append(c.order, t)
	err := c.build(co, t)
	if err != nil {
		c.forget(begun)
	}
	return co, err
}

// forget removes the coercers from begun on: they were made for a type that cannot have
// one, and may be incomplete.
func (c *compiler) forget(begun int) {
	for _, t := range c.order[begun:] {
		delete(c.made, t)
	}
	c.order = c.order[:begun]
}

// ruleName says what makes the text of a value, for people.
type ruleName string

const (
	ruleRingKey     ruleName = "RingKey()"
	ruleHash        ruleName = "Hash()"
	ruleHashTag     ruleName = "hash tag"
	ruleHashKeys    ruleName = "hash" // of a list, map or struct, because of HashKeys
	ruleMarshalText ruleName = "MarshalText()"
	ruleString      ruleName = "String()"
	rulePointer     ruleName = "pointer"
	ruleInterface   ruleName = "interface"
	ruleBool        ruleName = "bool"
	ruleInt         ruleName = "int"
	ruleFloat       ruleName = "float"
	ruleComplex     ruleName = "complex"
	ruleStr         ruleName = "str"
	ruleBytes       ruleName = "bytes"
	ruleList        ruleName = "list"
	ruleTuple       ruleName = "tuple"
	ruleDict        ruleName = "dict"
	ruleSet         ruleName = "set"
	ruleFrozenSet   ruleName = "frozenset"
	ruleDataclass   ruleName = "dataclass"
	ruleTime        ruleName = "time"
	ruleType        ruleName = "type"
)

// build applies the rules of the package documentation, "How a value becomes text", in
// their order and with their numbers. They apply to the target of a pointer and to the
// value in an interface; a reflect.Type is an interface over a pointer, and yet a
// value.
func (c *compiler) build(co *coercer, t reflect.Type) error {
	switch {
	case t == reflectType || t == typeOfType: // 4
		c.buildText(co, c.typeText, shapeOpen)
		co.rule = ruleType
		return nil
	case t.Kind() == reflect.Interface:
		c.buildInterface(co)
		return nil
	case t.Kind() == reflect.Pointer:
		return c.buildPointer(co, t)
	case Has(t, ringKeyerType): // 1
		c.buildText(co, ringKeyText(t), shapeOpen)
		co.rule = ruleRingKey
		return nil
	case c.takesHash(t): // 2
		if co.rule = ruleHashTag; HasOwn(t, hashableType) {
			co.rule = ruleHash
		}
		return c.buildHash(co, t)
	case t == timeType: // 3, but with the state that its MarshalText leaves out
		c.buildTime(co)
		return nil
	}
	if own, ok := ownWays[t]; ok { // 3, like times
		c.buildText(co, own.write, own.shape)
		co.rule = own.rule
		return nil
	}
	if err := checkWhole(t); err != nil {
		return err
	}
	if isTextual(t) { // 3
		c.buildText(co, marshalText(t), shapeOpen)
		co.rule = ruleMarshalText
		return nil
	}
	return c.buildKind(co, t)
}

// takesHash reports whether a type is hashed by hashstructure's conventions. Python's
// own hashes differ in every process, so it cannot use them in a key that outlives one.
func (c *compiler) takesHash(t reflect.Type) bool {
	return isHashed(t) && !(c.Python && !c.InMemory && Has(t, hashableType))
}

// buildKind is for the types that are written by their kind, rule 4, and for the
// remaining ones, rule 5.
func (c *compiler) buildKind(co *coercer, t reflect.Type) error {
	if c.Hashed && isComposite(t) {
		co.rule = ruleHashKeys
		return c.buildHash(co, t)
	}
	switch t.Kind() {
	case reflect.Bool, reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr,
		reflect.Float32, reflect.Float64, reflect.Complex64, reflect.Complex128:
		co.everywhere(numeral, shapeClosed)
		co.scalar = ScalarOf(t.Kind())
		co.rule = scalarRule(t.Kind())
	case reflect.String:
		co.scalar = ScalarString
		c.buildString(co)
	case reflect.Slice:
		if t.Elem().Kind() == reflect.Uint8 {
			co.everywhere(bytesText, shapeDelimited)
			co.rule = ruleBytes
			return nil
		}
		return c.buildList(co, t)
	case reflect.Array:
		return c.buildList(co, t)
	case reflect.Map:
		if isSet(t) {
			return c.buildSet(co, t)
		}
		return c.buildMap(co, t)
	case reflect.Struct:
		co.rule = ruleDataclass // unless PythonKeys use its String
		return c.buildStruct(co, t)
	default:
		return c.buildUnwritable(co, t)
	}
	return nil
}

// buildUnwritable is for kinds without content that could be written.
func (c *compiler) buildUnwritable(co *coercer, t reflect.Type) error {
	if c.Python && Has(t, stringerType) { // 5
		c.buildText(co, stringerText(t), shapeOpen)
		return nil
	}
	return textErr(t, fmt.Errorf("a %v has no text: leave it out, a parameter with Options.IgnorableKeys, a field with the tag hash:\"ignore\"", t.Kind()))
}

func (co *coercer) everywhere(f coerceFunc, s shape) {
	co.part, co.item, co.repr, co.shape = f, f, f, s
}

func isComposite(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.Slice:
		return t.Elem().Kind() != reflect.Uint8
	case reflect.Struct:
		return t != ellipsisType
	}
	return t.Kind() == reflect.Array || t.Kind() == reflect.Map
}

// isSet reports whether t is Go's usual set, a map to struct{}.
func isSet(t reflect.Type) bool {
	return t.Elem().Kind() == reflect.Struct && t.Elem().NumField() == 0
}

func numeral(t *Text, v reflect.Value) error {
	switch {
	case v.Kind() == reflect.Bool:
		t.Buf = pytext.AppendBool(t.Buf, v.Bool())
	case v.CanInt():
		t.Buf = strconv.AppendInt(t.Buf, v.Int(), 10)
	case v.CanUint():
		t.Buf = strconv.AppendUint(t.Buf, v.Uint(), 10)
	case v.CanFloat():
		t.Buf = pytext.AppendFloat(t.Buf, v.Float(), v.Type().Bits())
	default:
		t.Buf = pytext.AppendComplex(t.Buf, v.Complex(), v.Type().Bits()/2)
	}
	return nil
}

func scalarRule(k reflect.Kind) ruleName {
	switch k {
	case reflect.Bool:
		return ruleBool
	case reflect.Float32, reflect.Float64:
		return ruleFloat
	case reflect.Complex64, reflect.Complex128:
		return ruleComplex
	}
	return ruleInt
}

func bytesText(t *Text, v reflect.Value) error {
	t.Buf = pytext.AppendBytes(t.Buf, v.Bytes())
	return nil
}

// buildString: a string is written unchanged. Beside other values it is quoted if it
// could be read as something else, and within brackets always.
func (c *compiler) buildString(co *coercer) {
	co.shape, co.rule = shapeOpen, ruleStr
	co.part = func(t *Text, v reflect.Value) error {
		t.string(v.String())
		return nil
	}
	co.item = co.part
	if !c.Python {
		co.item = func(t *Text, v reflect.Value) error {
			t.beforeComma(v.String())
			return nil
		}
	}
	co.repr = func(t *Text, v reflect.Value) error {
		t.quoted(v.String())
		return nil
	}
}

// buildText is for values that make their own text.
func (c *compiler) buildText(co *coercer, get func(reflect.Value) (string, error), s shape) {
	co.everywhere(writeText(get, (*Text).string), s)
	co.rule = ruleString
	if !c.Python {
		co.item = writeText(get, (*Text).beforeComma)
		co.repr = writeText(get, (*Text).inBrackets)
	}
}

// writeText writes the text of a value, as get returns it, by put.
func writeText(get func(reflect.Value) (string, error), put func(*Text, string)) coerceFunc {
	return func(t *Text, v reflect.Value) error {
		s, err := safely(func() (string, error) { return get(v) })
		if err != nil {
			return fmt.Errorf("%w: %w", fault.ErrKey, err)
		}
		put(t, s)
		return nil
	}
}

func ringKeyText(t reflect.Type) func(reflect.Value) (string, error) {
	keyer := accessor[ringKeyer](t)
	return func(v reflect.Value) (string, error) { return keyer(v).RingKey(), nil }
}

func stringerText(t reflect.Type) func(reflect.Value) (string, error) {
	stringer := accessor[fmt.Stringer](t)
	return func(v reflect.Value) (string, error) { return stringer(v).String(), nil }
}

func (c *compiler) typeText(v reflect.Value) (string, error) {
	if !v.IsValid() || v.IsNil() { // a parameter, or part of another value
		return "None", nil
	}
	t := v.Interface().(reflect.Type)
	if c.Python {
		return c.pythonTypeName(t)
	}
	return c.typeName(t)
}

// buildPointer: a pointer is written as its target, nil as None. If the target could
// itself be read as None, an & tells them apart.
func (c *compiler) buildPointer(co *coercer, t reflect.Type) error {
	elem, err := c.newCoercer(t.Elem())
	if err != nil {
		return err
	}
	co.shape, co.rule = elem.shape, rulePointer
	co.part, co.item, co.repr = c.writePointed(&elem.part), c.writePointed(&elem.item), c.writePointed(&elem.repr)
	return nil
}

// writePointed writes the target of a pointer by write. write is a pointer because its
// coercer may be incomplete.
func (c *compiler) writePointed(write *coerceFunc) coerceFunc {
	return func(t *Text, v reflect.Value) error {
		if v.IsNil() {
			t.string("None")
			return nil
		}
		start := len(t.Buf)
		if err := t.within(v, func() error { return (*write)(t, v.Elem()) }); err != nil {
			return err
		}
		if written := t.Buf[start:]; !c.Python && (string(written) == "None" || len(written) > 0 && written[0] == '&') {
			t.Buf = slices.Insert(t.Buf, start, '&')
		}
		return nil
	}
}
