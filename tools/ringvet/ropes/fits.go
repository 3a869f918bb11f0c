package ropes

import (
	"fmt"
	"go/ast"
	"go/constant"
	"go/types"
	"reflect"

	"github.com/ring-go/ring/internal/convert"
)

// Value is what is known of a value that is handed to a rope.
type Value struct {
	Type  Type
	Const constant.Value // nil: not a constant
	Nil   bool
}

// ValueOf describes the value of an expression.
func ValueOf(info *types.Info, e ast.Expr) Value {
	tv := info.Types[e]
	if tv.IsNil() {
		return Value{Nil: true}
	}
	return Value{Type: TypeOf(tv.Type), Const: tv.Value}
}

// Misfit returns why package ring surely refuses v where it wants a t, in the words of
// package convert; "" if it may fit.
func (v Value) Misfit(t Type) string {
	switch {
	case t.IsInterface() || !v.Nil && v.Type.IsInterface():
		return ""
	case v.Nil:
		return nilMisfit(t)
	case v.Type.Name == t.Name:
		return ""
	case v.Const != nil && scalars[v.Type.Kind] != nil && scalars[t.Kind] != nil:
		return v.constantMisfit(t)
	case v.Type.mayConvert(t):
		return ""
	}
	return fmt.Sprintf("%s is not %s", v.Type.Short, t.Short)
}

func nilMisfit(t Type) string {
	switch t.Kind {
	case reflect.Pointer, reflect.Map, reflect.Slice, reflect.Chan, reflect.Func, reflect.UnsafePointer:
		return ""
	}
	return fmt.Sprintf("nil is not %s", t.Short)
}

// mayConvert reports whether values of type t may convert to type to.
func (t Type) mayConvert(to Type) bool {
	switch {
	case t.IsInteger():
		return to.IsNumber()
	case t.Kind == reflect.Float32 || t.Kind == reflect.Float64:
		return to.IsNumber()
	case t.Kind == reflect.Slice || t.Kind == reflect.Array:
		return to.Kind == reflect.Slice || to.Kind == reflect.Array
	case t.isComplex():
		return to.isComplex()
	case t.Kind != to.Kind:
		return false
	case t.Kind == reflect.Struct:
		return t.Shape == to.Shape
	case t.Kind == reflect.Pointer && t.Elem != nil && to.Elem != nil:
		return t.Elem.IsInterface() || t.Elem.Kind == to.Elem.Kind && t.Elem.Shape == to.Elem.Shape
	}
	return true
}

func (t Type) isComplex() bool { return t.Kind == reflect.Complex64 || t.Kind == reflect.Complex128 }

// scalars are the types that stand for all types of their kind.
var scalars = map[reflect.Kind]reflect.Type{}

func init() {
	for _, t := range []reflect.Type{
		reflect.TypeFor[bool](), reflect.TypeFor[string](),
		reflect.TypeFor[int](), reflect.TypeFor[int8](), reflect.TypeFor[int16](), reflect.TypeFor[int32](), reflect.TypeFor[int64](),
		reflect.TypeFor[uint](), reflect.TypeFor[uint8](), reflect.TypeFor[uint16](), reflect.TypeFor[uint32](), reflect.TypeFor[uint64](), reflect.TypeFor[uintptr](),
		reflect.TypeFor[float32](), reflect.TypeFor[float64](), reflect.TypeFor[complex64](), reflect.TypeFor[complex128](),
	} {
		scalars[t.Kind()] = t
	}
}

// constantMisfit asks the library itself.
func (v Value) constantMisfit(t Type) string {
	held, ok := goValue(v.Const, scalars[v.Type.Kind])
	if !ok {
		return ""
	}
	if _, err := convert.To(held.Interface(), scalars[t.Kind]); err != nil {
		if v.Type.mayConvert(t) {
			return fmt.Sprintf("%v (%s) does not fit %s without loss", v.Const, v.Type.Short, t.Short)
		}
		return fmt.Sprintf("%s is not %s", v.Type.Short, t.Short)
	}
	return ""
}

// goValue returns a constant as a value of type t.
func goValue(c constant.Value, t reflect.Type) (reflect.Value, bool) {
	v := reflect.New(t).Elem()
	switch {
	case v.Kind() == reflect.Bool && c.Kind() == constant.Bool:
		v.SetBool(constant.BoolVal(c))
		return v, true
	case v.Kind() == reflect.String && c.Kind() == constant.String:
		v.SetString(constant.StringVal(c))
		return v, true
	case v.CanInt():
		i, exact := constant.Int64Val(constant.ToInt(c))
		v.SetInt(i)
		return v, exact
	case v.CanUint():
		u, exact := constant.Uint64Val(constant.ToInt(c))
		v.SetUint(u)
		return v, exact
	case v.CanFloat() && isNumber(c):
		f, _ := constant.Float64Val(constant.ToFloat(c))
		v.SetFloat(f)
		return v, true
	}
	return v, false
}

func isNumber(c constant.Value) bool { return c.Kind() == constant.Int || c.Kind() == constant.Float }
