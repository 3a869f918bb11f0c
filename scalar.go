package ring

import (
	"reflect"
	"strconv"
	"unsafe"

	"github.com/ring-go/ring/internal/pytext"
)

// scalar names the kinds of values that are written without a coercer.
type scalar uint8

const (
	noScalar scalar = iota
	scalarString
	scalarBool
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

func scalarOf(k reflect.Kind) scalar {
	switch {
	case k == reflect.String:
		return scalarString
	case k == reflect.Bool:
		return scalarBool
	case reflect.Int <= k && k <= reflect.Uint64:
		return scalarInt + scalar(k-reflect.Int)
	case k == reflect.Float32:
		return scalarFloat32
	case k == reflect.Float64:
		return scalarFloat64
	}
	return noScalar
}

// append writes v if it has the predeclared type of s. It does not keep v, so that
// the caller's copy can stay on the stack.
func (s scalar) append(dst []byte, v any) ([]byte, bool) {
	switch s {
	case scalarString:
		v, ok := v.(string)
		return append(dst, v...), ok
	case scalarBool:
		v, ok := v.(bool)
		return pytext.AppendBool(dst, v), ok
	case scalarInt:
		v, ok := v.(int)
		return strconv.AppendInt(dst, int64(v), 10), ok
	case scalarInt8:
		v, ok := v.(int8)
		return strconv.AppendInt(dst, int64(v), 10), ok
	case scalarInt16:
		v, ok := v.(int16)
		return strconv.AppendInt(dst, int64(v), 10), ok
	case scalarInt32:
		v, ok := v.(int32)
		return strconv.AppendInt(dst, int64(v), 10), ok
	case scalarInt64:
		v, ok := v.(int64)
		return strconv.AppendInt(dst, v, 10), ok
	case scalarUint:
		v, ok := v.(uint)
		return strconv.AppendUint(dst, uint64(v), 10), ok
	case scalarUint8:
		v, ok := v.(uint8)
		return strconv.AppendUint(dst, uint64(v), 10), ok
	case scalarUint16:
		v, ok := v.(uint16)
		return strconv.AppendUint(dst, uint64(v), 10), ok
	case scalarUint32:
		v, ok := v.(uint32)
		return strconv.AppendUint(dst, uint64(v), 10), ok
	case scalarUint64:
		v, ok := v.(uint64)
		return strconv.AppendUint(dst, v, 10), ok
	case scalarFloat32:
		v, ok := v.(float32)
		return pytext.AppendFloat(dst, float64(v), 32), ok
	case scalarFloat64:
		v, ok := v.(float64)
		return pytext.AppendFloat(dst, v, 64), ok
	}
	return dst, false
}

// appendValue writes a value whose kind is that of s.
func (s scalar) appendValue(dst []byte, v reflect.Value) []byte {
	switch s {
	case scalarString:
		return append(dst, v.String()...)
	case scalarBool:
		return pytext.AppendBool(dst, v.Bool())
	case scalarInt, scalarInt8, scalarInt16, scalarInt32, scalarInt64:
		return strconv.AppendInt(dst, v.Int(), 10)
	case scalarUint, scalarUint8, scalarUint16, scalarUint32, scalarUint64:
		return strconv.AppendUint(dst, v.Uint(), 10)
	case scalarFloat32:
		return pytext.AppendFloat(dst, v.Float(), 32)
	default:
		return pytext.AppendFloat(dst, v.Float(), 64)
	}
}

// appendAt writes the value at p, whose kind is that of s.
func (s scalar) appendAt(dst []byte, p unsafe.Pointer) []byte {
	switch s {
	case scalarString:
		return append(dst, *(*string)(p)...)
	case scalarBool:
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
