package ropes

import (
	"go/types"
	"reflect"
)

// Type is what a check has to know of a Go type. Unlike a types.Type it can be part of a
// fact, so that it reaches the packages that import its own.
type Type struct {
	Name  string       // with the paths of packages: two types of one name are taken for one
	Exact bool         // another name is another type
	Short string       // for people
	Kind  reflect.Kind // Invalid: a type parameter, or not known
	Shape string       // of a struct: the names of its fields
	Elem  *Type        // of a pointer, slice, array or map: its element, without further elements
	Key   reflect.Kind // of a map: that of its keys
	Empty bool         // an interface without methods
}

// TypeOf describes t. It is not known if t is nil.
func TypeOf(t types.Type) Type {
	d := describe(t)
	if t == nil {
		return d
	}
	switch u := t.Underlying().(type) {
	case *types.Pointer:
		d.Elem = elem(u.Elem())
	case *types.Slice:
		d.Elem = elem(u.Elem())
	case *types.Array:
		d.Elem = elem(u.Elem())
	case *types.Map:
		d.Elem, d.Key = elem(u.Elem()), describe(u.Key()).Kind
	}
	return d
}

func elem(t types.Type) *Type {
	d := describe(t)
	return &d
}

func describe(t types.Type) Type {
	if t == nil {
		return Type{}
	}
	t, exact := canonical(t)
	if _, isParameter := t.(*types.TypeParam); isParameter || holdsParameter(t) {
		return Type{Name: types.TypeString(t, nil)}
	}
	d := Type{
		Name: types.TypeString(t, nil), Exact: exact,
		Short: types.TypeString(t, func(p *types.Package) string { return p.Name() }),
		Kind:  kindOf(t.Underlying()),
	}
	switch u := t.Underlying().(type) {
	case *types.Interface:
		d.Empty = u.Empty()
	case *types.Struct:
		for f := range u.Fields() {
			d.Shape += f.Name() + " "
		}
	}
	return d
}

// holdsParameter reports whether an unnamed type or an instance mentions a type parameter.
func holdsParameter(t types.Type) bool {
	switch t := types.Unalias(t).(type) {
	case *types.TypeParam:
		return true
	case *types.Pointer:
		return holdsParameter(t.Elem())
	case *types.Slice:
		return holdsParameter(t.Elem())
	case *types.Array:
		return holdsParameter(t.Elem())
	case *types.Chan:
		return holdsParameter(t.Elem())
	case *types.Map:
		return holdsParameter(t.Key()) || holdsParameter(t.Elem())
	case *types.Signature:
		return holdsParameter(t.Params()) || holdsParameter(t.Results())
	case *types.Tuple:
		for v := range t.Variables() {
			if holdsParameter(v.Type()) {
				return true
			}
		}
	case *types.Named:
		for arg := range t.TypeArgs().Types() {
			if holdsParameter(arg) {
				return true
			}
		}
	case *types.Struct:
		for f := range t.Fields() {
			if holdsParameter(f.Type()) {
				return true
			}
		}
	}
	return false
}

var basicKinds = map[types.BasicKind]reflect.Kind{
	types.Bool: reflect.Bool, types.UntypedBool: reflect.Bool,
	types.Int: reflect.Int, types.Int8: reflect.Int8, types.Int16: reflect.Int16, types.Int32: reflect.Int32, types.Int64: reflect.Int64,
	types.UntypedInt: reflect.Int, types.UntypedRune: reflect.Int32,
	types.Uint: reflect.Uint, types.Uint8: reflect.Uint8, types.Uint16: reflect.Uint16, types.Uint32: reflect.Uint32, types.Uint64: reflect.Uint64,
	types.Uintptr: reflect.Uintptr,
	types.Float32: reflect.Float32, types.Float64: reflect.Float64, types.UntypedFloat: reflect.Float64,
	types.Complex64: reflect.Complex64, types.Complex128: reflect.Complex128, types.UntypedComplex: reflect.Complex128,
	types.String: reflect.String, types.UntypedString: reflect.String,
	types.UnsafePointer: reflect.UnsafePointer,
}

func kindOf(u types.Type) reflect.Kind {
	switch u := u.(type) {
	case *types.Basic:
		return basicKinds[u.Kind()]
	case *types.Pointer:
		return reflect.Pointer
	case *types.Slice:
		return reflect.Slice
	case *types.Array:
		return reflect.Array
	case *types.Map:
		return reflect.Map
	case *types.Chan:
		return reflect.Chan
	case *types.Signature:
		return reflect.Func
	case *types.Struct:
		return reflect.Struct
	case *types.Interface:
		return reflect.Interface
	}
	return reflect.Invalid
}

// IsInterface reports whether a value of the type says nothing certain of what it holds.
func (t Type) IsInterface() bool { return t.Kind == reflect.Interface || t.Kind == reflect.Invalid }

const bigInt = "math/big.Int"

// IsBigInt reports whether the type is a big.Int or a pointer to one, which convert like
// whole numbers.
func (t Type) IsBigInt() bool { return t.Name == bigInt || t.Name == "*"+bigInt }

// IsInteger reports whether values of the type are whole numbers.
func (t Type) IsInteger() bool {
	return reflect.Int <= t.Kind && t.Kind <= reflect.Uintptr || t.IsBigInt()
}

// IsNumber reports whether values of the type are numbers.
func (t Type) IsNumber() bool {
	return reflect.Int <= t.Kind && t.Kind <= reflect.Complex128 || t.IsBigInt()
}
