package keytext

import (
	"fmt"
	"reflect"
	"sync/atomic"

	"github.com/ring-go/ring/internal/fault"
)

// buildInterface: a value of a dynamic type. Python forgets the type; otherwise it is
// part of the text, unless Python has a literal for it.
func (c *compiler) buildInterface(co *coercer) {
	co.shape, co.rule = shapeOpen, ruleInterface
	last := &lastCoercer{}
	part := c.writeDynamic(last, func(co *coercer) coerceFunc { return co.part }, (*Text).dynamic)
	item := c.writeDynamic(last, func(co *coercer) coerceFunc { return co.item }, (*Text).dynamicBeforeComma)
	repr := c.writeDynamic(last, func(co *coercer) coerceFunc { return co.repr }, (*Text).quoted)
	co.dynamic = part
	co.part = func(t *Text, v reflect.Value) error { return part(t, v.Elem()) }
	co.item = func(t *Text, v reflect.Value) error { return item(t, v.Elem()) }
	co.repr = func(t *Text, v reflect.Value) error { return repr(t, v.Elem()) }
}

// writeDynamic writes the value in an interface: a string by str, and with PythonKeys
// every value by the function of its coercer that place chooses.
func (c *compiler) writeDynamic(last *lastCoercer, place func(*coercer) coerceFunc, str func(*Text, string)) coerceFunc {
	r := c.Rules
	return func(t *Text, v reflect.Value) error {
		if !v.IsValid() {
			t.string("None")
			return nil
		}
		typ := v.Type()
		switch {
		case typ == stringType && !r.Python:
			str(t, v.String())
			return nil
		case typ == intType || typ == boolType || typ == float64Type: // they have the same text everywhere
			return numeral(t, v)
		}
		if err := t.enter(); err != nil {
			return err
		}
		defer t.leave()
		dyn, err := last.coercerFor(r, typ)
		switch {
		case err != nil:
			return fmt.Errorf("a %v: %w", typ, err)
		case r.Python:
			return place(dyn.co)(t, v)
		case dyn.opening == "":
			return dyn.co.repr(t, v)
		}
		t.string(dyn.opening)
		if err := dyn.co.repr(t, v); err != nil {
			return err
		}
		t.Buf = append(t.Buf, ')')
		return nil
	}
}

// lastCoercer remembers the last type that an interface held, which is often the next
// one as well.
type lastCoercer struct{ atomic.Pointer[typedCoercer] }

type typedCoercer struct {
	typ     reflect.Type
	co      *coercer
	opening string // the name of the type and a bracket; "" for a type that has a literal
}

func (l *lastCoercer) coercerFor(r Rules, typ reflect.Type) (*typedCoercer, error) {
	if last := l.Load(); last != nil && last.typ == typ {
		return last, nil
	}
	co, err := r.coercerFor(typ)
	if err != nil {
		return nil, err
	}
	c := &typedCoercer{typ: typ, co: co}
	if !r.Python && !r.isLiteral(typ) {
		name, err := r.typeName(typ)
		if err != nil {
			return nil, fmt.Errorf("%w: %w", fault.ErrKey, err)
		}
		c.opening = name + "("
	}
	l.Store(c)
	return c, nil
}

var intWord, boolWord, float64Word = WordOf(intType), WordOf(boolType), WordOf(float64Type)

// numberOf returns the scalar of the types that have the same text everywhere. These are
// the most frequent values of interfaces, and need no reflection.
func numberOf(w TypeWord) Scalar {
	switch w {
	case intWord:
		return ScalarInt
	case boolWord:
		return ScalarBool
	case float64Word:
		return scalarFloat64
	}
	return NoScalar
}

// isLiteral reports whether a value of an interface type is written without its type.
func (r Rules) isLiteral(t reflect.Type) bool {
	return literalTypes[t] && (!r.Python && !r.Hashed || !isComposite(t))
}

// literalTypes are the types whose text is a Python literal of no other type.
var literalTypes = map[reflect.Type]bool{
	boolType: true, intType: true, float64Type: true,
	bytesType: true, ellipsisType: true, frozenSetType: true, reflect.TypeFor[map[any]struct{}](): true,
	reflect.TypeFor[[]any](): true, tupleType: true, reflect.TypeFor[map[string]any](): true,
}
