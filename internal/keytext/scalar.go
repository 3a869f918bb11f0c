package keytext

import (
	"reflect"
	"unsafe"

	"github.com/ring-go/ring/internal/pytext"
)

// Scalar names the kinds of values that are written without a coercer.
type Scalar uint8

const (
	NoScalar Scalar = iota
	ScalarString
	ScalarBool
	ScalarInt
	scalarInt8
	scalarInt16
	scalarInt32
	scalarInt64
	scalarUint
	scalarUint8
	scalarUint16
	scalarUint32
	scalarUint64
	scalarFloat32
	scalarFloat64
)

// ScalarOf returns the scalar of a kind; NoScalar: it needs a coercer.
func ScalarOf(k reflect.Kind) Scalar {
	switch {
	case k == reflect.String:
		return ScalarString
	case k == reflect.Bool:
		return ScalarBool
	case reflect.Int <= k && k <= reflect.Uint64:
		return ScalarInt + Scalar(k-reflect.Int)
	case k == reflect.Float32:
		return scalarFloat32
	case k == reflect.Float64:
		return scalarFloat64
	}
	return NoScalar
}

// Append writes the value in v, whose kind is s. It does not keep v, so the caller's
// copy can stay on the stack.
func (s Scalar) Append(dst []byte, v any) []byte { return s.AppendAt(dst, dataOf(v)) }

// AppendAt writes the value at p, whose kind is s.
func (s Scalar) AppendAt(dst []byte, p unsafe.Pointer) []byte {
	switch s {
	case ScalarString:
		return append(dst, *(*string)(p)...)
	case ScalarBool:
		return pytext.AppendBool(dst, *(*bool)(p))
	case ScalarInt:
		return AppendInt(dst, int64(*(*int)(p)))
	case scalarInt8:
		return AppendInt(dst, int64(*(*int8)(p)))
	case scalarInt16:
		return AppendInt(dst, int64(*(*int16)(p)))
	case scalarInt32:
		return AppendInt(dst, int64(*(*int32)(p)))
	case scalarInt64:
		return AppendInt(dst, *(*int64)(p))
	case scalarUint:
		return AppendUint(dst, uint64(*(*uint)(p)))
	case scalarUint8:
		return AppendUint(dst, uint64(*(*uint8)(p)))
	case scalarUint16:
		return AppendUint(dst, uint64(*(*uint16)(p)))
	case scalarUint32:
		return AppendUint(dst, uint64(*(*uint32)(p)))
	case scalarUint64:
		return AppendUint(dst, *(*uint64)(p))
	case scalarFloat32:
		return pytext.AppendFloat(dst, float64(*(*float32)(p)), 32)
	default:
		return pytext.AppendFloat(dst, *(*float64)(p), 64)
	}
}

// dataOf returns the address of the value in v, which is not itself a pointer.
func dataOf(v any) unsafe.Pointer { return (*[2]unsafe.Pointer)(unsafe.Pointer(&v))[1] }

// IntIn returns the value in v, whose type has the kind int.
func IntIn(v any) int { return *(*int)(dataOf(v)) }

// StringIn returns the value in v, whose type has the kind string.
func StringIn(v any) string { return *(*string)(dataOf(v)) }

// TypeWord stands for a type in an interface. Comparing two TypeWords is one comparison,
// comparing two reflect.Types is two and a call. A hit compares one for every argument
// and one for its result.
type TypeWord unsafe.Pointer

// TypeOf returns the type of the value in v, nil for nil.
func TypeOf(v any) TypeWord { return (*[2]TypeWord)(unsafe.Pointer(&v))[0] }

// TypeAt is TypeOf for a value that lies at p, without a copy.
func TypeAt(p *any) TypeWord { return *(*TypeWord)(unsafe.Pointer(p)) }

// WordOf returns what TypeOf returns for the values of t, nil for nil.
func WordOf(t reflect.Type) TypeWord {
	if t == nil {
		return nil
	}
	return TypeOf(reflect.Zero(t).Interface())
}

// CopyScalar returns a copy of a scalar that can outlive v. It returns false for any
// other value.
func CopyScalar(v any) (any, bool) {
	switch v := v.(type) {
	case string:
		return v, true
	case int:
		return v, true
	case nil:
		return nil, false
	}
	from := reflect.ValueOf(v)
	to := reflect.New(from.Type()).Elem()
	switch s := ScalarOf(from.Kind()); {
	case s == NoScalar:
		return nil, false
	case s == ScalarString:
		to.SetString(from.String())
	case s == ScalarBool:
		to.SetBool(from.Bool())
	case from.CanInt():
		to.SetInt(from.Int())
	case from.CanUint():
		to.SetUint(from.Uint())
	default:
		to.SetFloat(from.Float())
	}
	return to.Interface(), true
}
