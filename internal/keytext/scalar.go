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

// append writes the value in v, whose kind is s. It does not keep v, so the caller's
// copy can stay on the stack.
func (s scalar) append(dst []byte, v any) []byte { return s.appendAt(dst, DataOf(v)) }

// appendAt writes the value at p, whose kind is s.
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

// DataOf returns the address of the value in v, which is not itself a pointer.
func DataOf(v any) unsafe.Pointer { return (*[2]unsafe.Pointer)(unsafe.Pointer(&v))[1] }

// TypeWord stands for a type in an interface. Comparing two TypeWords is one comparison,
// comparing two reflect.Types is two and a call. A hit compares one for every argument
// and one for its result.
type TypeWord unsafe.Pointer

// TypeOf returns the type of the value in v, nil for nil.
func TypeOf(v any) TypeWord { return (*[2]TypeWord)(unsafe.Pointer(&v))[0] }

// WordOf returns what TypeOf returns for the values of t, nil for nil.
func WordOf(t reflect.Type) TypeWord {
	if t == nil {
		return nil
	}
	return TypeOf(reflect.Zero(t).Interface())
}
