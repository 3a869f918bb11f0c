package keytext

import (
	"reflect"
	"strconv"
	"unsafe"

	"github.com/ring-go/ring/internal/pytext"
)

// scalar names the kinds of values that are written without a coercer.
type scalar uint8

const (
	NoScalar scalar = iota
	ScalarString
	ScalarBool
	scalarInt
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

func ScalarOf(k reflect.Kind) scalar {
	switch {
	case k == reflect.String:
		return ScalarString
	case k == reflect.Bool:
		return ScalarBool
	case reflect.Int <= k && k <= reflect.Uint64:
		return scalarInt + scalar(k-reflect.Int)
	case k == reflect.Float32:
		return scalarFloat32
	case k == reflect.Float64:
		return scalarFloat64
	}
	return NoScalar
}

// append writes the value in v, whose kind is that of s. It does not keep v, so that the
// caller's copy can stay on the stack.
func (s scalar) append(dst []byte, v any) []byte { return s.appendAt(dst, dataOf(v)) }

// appendAt writes the value at p, whose kind is that of s.
func (s scalar) appendAt(dst []byte, p unsafe.Pointer) []byte {
	switch s {
	case ScalarString:
		return append(dst, *(*string)(p)...)
	case ScalarBool:
		return pytext.AppendBool(dst, *(*bool)(p))
	case scalarInt:
		return strconv.AppendInt(dst, int64(*(*int)(p)), 10)
	case scalarInt8:
		return strconv.AppendInt(dst, int64(*(*int8)(p)), 10)
	case scalarInt16:
		return strconv.AppendInt(dst, int64(*(*int16)(p)), 10)
	case scalarInt32:
		return strconv.AppendInt(dst, int64(*(*int32)(p)), 10)
	case scalarInt64:
		return strconv.AppendInt(dst, *(*int64)(p), 10)
	case scalarUint:
		return strconv.AppendUint(dst, uint64(*(*uint)(p)), 10)
	case scalarUint8:
		return strconv.AppendUint(dst, uint64(*(*uint8)(p)), 10)
	case scalarUint16:
		return strconv.AppendUint(dst, uint64(*(*uint16)(p)), 10)
	case scalarUint32:
		return strconv.AppendUint(dst, uint64(*(*uint32)(p)), 10)
	case scalarUint64:
		return strconv.AppendUint(dst, *(*uint64)(p), 10)
	case scalarFloat32:
		return pytext.AppendFloat(dst, float64(*(*float32)(p)), 32)
	default:
		return pytext.AppendFloat(dst, *(*float64)(p), 64)
	}
}

// dataOf returns where the value in v lies, for a value that is not itself a pointer.
func dataOf(v any) unsafe.Pointer { return (*[2]unsafe.Pointer)(unsafe.Pointer(&v))[1] }

// TypeWord stands for a type in an interface. Two of them are compared by one comparison,
// two reflect.Types by two and a call, and a hit compares one for every argument and one
// for its result.
type TypeWord unsafe.Pointer

// TypeOf returns the type of the value in v; nil: there is none.
func TypeOf(v any) TypeWord { return (*[2]TypeWord)(unsafe.Pointer(&v))[0] }

// WordOf returns what typeOf returns for the values of t; nil for nil.
func WordOf(t reflect.Type) TypeWord {
	if t == nil {
		return nil
	}
	return TypeOf(reflect.Zero(t).Interface())
}
