package keytext

import (
	"fmt"
	"reflect"
	"sync/atomic"

	"github.com/ring-go/ring/internal/fault"
	"github.com/ring-go/ring/internal/pytext"
)

// buildInterface: a value of a dynamic type. Python forgets the type; otherwise it is
// part of the text, unless Python has a literal for it.
func (c *Compiler) buildInterface(co *coercer) {
	co.shape, co.rule = shapeFree, ruleInterface
	r := c.Rules
	last := &lastCoercer{}
	within := func(place func(*coercer) coerceFunc, str func(*Text, string)) coerceFunc {
		return func(t *Text, v reflect.Value) error {
			if !v.IsValid() {
				t.string("None")
				return nil
			}
			typ := v.Type()
			switch {
			case typ == StringType && !r.Python:
				str(t, v.String())
				return nil
			case typ == intType || typ == boolType || typ == float64Type: // they have the same text everywhere
				return numeral(t, v)
			}
			if err := t.enter(); err != nil {
				return err
			}
			defer t.leave()
			dyn, err := last.coercer(r, typ)
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
	write := func(place func(*coercer) coerceFunc, str func(*Text, string)) coerceFunc {
		dynamic := within(place, str)
		return func(t *Text, v reflect.Value) error { return dynamic(t, v.Elem()) }
	}
	co.dynamic = within(func(co *coercer) coerceFunc { return co.Part }, (*Text).plain)
	co.Part = func(t *Text, v reflect.Value) error { return co.dynamic(t, v.Elem()) }
	co.Item = write(func(co *coercer) coerceFunc { return co.Item }, (*Text).plainItem)
	co.repr = write(func(co *coercer) coerceFunc { return co.repr }, func(t *Text, s string) {
		t.Buf = pytext.AppendString(t.Buf, s)
	})
}

// lastCoercer remembers the last type that an interface held, which is often the next
// one as well.
type lastCoercer struct{ atomic.Pointer[typedCoercer] }

type typedCoercer struct {
	typ     reflect.Type
	co      *coercer
	opening string // the name of the type and a bracket; "" for a type that has a literal
}

func (l *lastCoercer) coercer(r Rules, typ reflect.Type) (*typedCoercer, error) {
	if last := l.Load(); last != nil && last.typ == typ {
		return last, nil
	}
	co, err := r.Coercer(typ)
	if err != nil {
		return nil, err
	}
	c := &typedCoercer{typ: typ, co: co}
	if !r.Python && !r.isLiteral(typ) {
		name, err := r.TypeName(typ)
		if err != nil {
			return nil, fmt.Errorf("%w: %w", fault.ErrKey, err)
		}
		c.opening = name + "("
	}
	l.Store(c)
	return c, nil
}

var (
	StringType  = reflect.TypeFor[string]()
	intType     = reflect.TypeFor[int]()
	boolType    = reflect.TypeFor[bool]()
	float64Type = reflect.TypeFor[float64]()
)

var intWord, boolWord, float64Word = WordOf(intType), WordOf(boolType), WordOf(float64Type)

// numberOf returns the scalar of the types that have the same text everywhere. These are
// the most frequent values of interfaces, and need no reflection.
func numberOf(w TypeWord) scalar {
	switch w {
	case intWord:
		return scalarInt
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
	reflect.TypeFor[bool](): true, reflect.TypeFor[int](): true, reflect.TypeFor[float64](): true,
	bytesType: true, ellipsisType: true, frozenSetType: true, reflect.TypeFor[map[any]struct{}](): true,
	reflect.TypeFor[[]any](): true, tupleType: true, reflect.TypeFor[map[string]any](): true,
}
