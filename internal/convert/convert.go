// Package convert converts a value to another type, if that loses nothing.
package convert

import (
	"fmt"
	"math"
	"math/big"
	"reflect"
)

// toldDepth limits the path to a misfit in an error: in a cycle it would be long.
const toldDepth = 64

var (
	bigIntType = reflect.TypeFor[big.Int]()
	bytesType  = reflect.TypeFor[[]byte]()
)

// To converts v to type t without loss: 1 to a float64 and 2.0 to an int, but not 1.5
// to an int or 300 to a uint8. A float is rounded to the nearest one of a shorter type,
// like a constant in Go, but not beyond its range; a whole number has to stay exactly
// the same. Numbers convert to numbers, types to types with the same underlying type,
// lists, tuples and maps element by element, and nil to any type that can be nil.
func To(v any, t reflect.Type) (reflect.Value, error) {
	if v == nil {
		switch t.Kind() {
		case reflect.Pointer, reflect.Map, reflect.Slice, reflect.Interface, reflect.Chan, reflect.Func, reflect.UnsafePointer:
			return reflect.Zero(t), nil
		}
		return reflect.Value{}, fmt.Errorf("nil is not %v", t)
	}
	return (&converter{left: maxConverted}).value(reflect.ValueOf(v), t)
}

const (
	maxConvertDepth = 1000       // the deepest nesting of lists and maps: they may contain themselves
	maxConverted    = 50_000_000 // the most elements: one list may occur in many places
)

// converter converts one value and its elements.
type converter struct {
	depth int
	left  int // elements that are still allowed
}

func (c *converter) value(v reflect.Value, t reflect.Type) (reflect.Value, error) {
	if c.left--; c.depth > maxConvertDepth || c.left < 0 {
		return reflect.Value{}, fmt.Errorf("%v is nested too deeply, or contains itself", v.Type())
	}
	if v.Kind() == reflect.Interface {
		if v.IsNil() {
			return To(nil, t)
		}
		v = v.Elem()
	}
	from := v.Type()
	if from == t {
		return v, nil
	}
	if from.AssignableTo(t) {
		to := reflect.New(t).Elem()
		to.Set(v)
		return to, nil
	}
	if i, ok := integer(v); ok {
		return convertInteger(i, v, t)
	}
	switch from.Kind() {
	case reflect.Float32, reflect.Float64:
		return convertFloat(v, t)
	case reflect.Complex64, reflect.Complex128:
		if t.Kind() == reflect.Complex64 || t.Kind() == reflect.Complex128 {
			return convertComplex(v.Complex(), v, t)
		}
	case reflect.Slice, reflect.Array:
		if from.ConvertibleTo(t) && from.Kind() == t.Kind() {
			return v.Convert(t), nil
		}
		if from != bytesType && (t.Kind() == reflect.Slice || t.Kind() == reflect.Array) {
			return c.list(v, t)
		}
	case reflect.Map:
		if from.ConvertibleTo(t) {
			return v.Convert(t), nil
		}
		if t.Kind() == reflect.Map {
			return c.dict(v, t)
		}
	default:
		if from.Kind() == t.Kind() && from.ConvertibleTo(t) {
			return v.Convert(t), nil
		}
	}
	return reflect.Value{}, misfit(v, t)
}

// integer returns v as a whole number, if it has such a type.
func integer(v reflect.Value) (*big.Int, bool) {
	switch {
	case v.CanInt():
		return big.NewInt(v.Int()), true
	case v.CanUint():
		return new(big.Int).SetUint64(v.Uint()), true
	case v.Type() == reflect.PointerTo(bigIntType) && !v.IsNil():
		return v.Interface().(*big.Int), true
	case v.Type() == bigIntType:
		i := v.Interface().(big.Int)
		return &i, true
	}
	return nil, false
}

func convertInteger(i *big.Int, v reflect.Value, t reflect.Type) (reflect.Value, error) {
	to := reflect.New(t).Elem()
	switch {
	case to.CanInt():
		return to, setIf(i.IsInt64() && !to.OverflowInt(i.Int64()), func() { to.SetInt(i.Int64()) }, v, t)
	case to.CanUint():
		return to, setIf(i.IsUint64() && !to.OverflowUint(i.Uint64()), func() { to.SetUint(i.Uint64()) }, v, t)
	case to.CanFloat(), to.CanComplex():
		f, ok := exactFloat(i, floatBits(t))
		if !ok {
			return to, lossy(v, t)
		}
		return convertFloat(reflect.ValueOf(f), t)
	case t == bigIntType:
		return reflect.ValueOf(*new(big.Int).Set(i)), nil
	case t == reflect.PointerTo(bigIntType):
		return reflect.ValueOf(new(big.Int).Set(i)), nil
	}
	return to, misfit(v, t)
}

// floatBits returns the size of a float, or of either part of a complex number.
func floatBits(t reflect.Type) int {
	switch t.Kind() {
	case reflect.Float32, reflect.Complex64:
		return 32
	}
	return 64
}

// exactFloat returns a whole number as a float of that many bits, if there is an equal
// one.
func exactFloat(i *big.Int, bits int) (f float64, ok bool) {
	exact := new(big.Float).SetInt(i)
	var accuracy big.Accuracy
	if bits == 32 {
		var short float32
		short, accuracy = exact.Float32()
		f = float64(short)
	} else {
		f, accuracy = exact.Float64()
	}
	return f, accuracy == big.Exact
}

// rounded returns the float of type t that is nearest to f. It returns false if f is out
// of range.
func rounded(f float64, t reflect.Type) (float64, bool) {
	if floatBits(t) == 64 {
		return f, true
	}
	short := float64(float32(f))
	return short, math.IsInf(f, 0) || !math.IsInf(short, 0)
}

func convertComplex(x complex128, v reflect.Value, t reflect.Type) (reflect.Value, error) {
	re, reOK := rounded(real(x), t)
	im, imOK := rounded(imag(x), t)
	to := reflect.New(t).Elem()
	return to, setIf(reOK && imOK, func() { to.SetComplex(complex(re, im)) }, v, t)
}

func convertFloat(v reflect.Value, t reflect.Type) (reflect.Value, error) {
	f := v.Float()
	to := reflect.New(t).Elem()
	switch {
	case to.CanFloat():
		near, ok := rounded(f, t)
		return to, setIf(ok, func() { to.SetFloat(near) }, v, t)
	case to.CanComplex():
		return convertComplex(complex(f, 0), v, t)
	case to.CanInt(), to.CanUint(), t == bigIntType, t == reflect.PointerTo(bigIntType):
		if f != math.Trunc(f) || math.IsInf(f, 0) || f == 0 && math.Signbit(f) {
			return to, lossy(v, t)
		}
		i, _ := big.NewFloat(f).Int(nil)
		return convertInteger(i, v, t)
	}
	return to, misfit(v, t)
}

func (c *converter) list(v reflect.Value, t reflect.Type) (reflect.Value, error) {
	c.depth++
	defer func() { c.depth-- }()
	n := v.Len()
	var to reflect.Value
	if t.Kind() == reflect.Array {
		if t.Len() != n {
			return to, fmt.Errorf("%d values are not %v", n, t)
		}
		to = reflect.New(t).Elem()
	} else {
		to = reflect.MakeSlice(t, n, n)
	}
	for i := range n {
		item, err := c.value(v.Index(i), t.Elem())
		if err != nil {
			if c.depth >= toldDepth {
				return to, err // the path through a cycle would be long
			}
			return to, fmt.Errorf("element %d: %w", i, err)
		}
		to.Index(i).Set(item)
	}
	return to, nil
}

func (c *converter) dict(v reflect.Value, t reflect.Type) (reflect.Value, error) {
	c.depth++
	defer func() { c.depth-- }()
	to := reflect.MakeMapWithSize(t, v.Len())
	for it := v.MapRange(); it.Next(); {
		key, err := c.value(it.Key(), t.Key())
		if err != nil {
			return to, fmt.Errorf("key (%v): %w", it.Key().Type(), err)
		}
		if to.MapIndex(key).IsValid() {
			return to, fmt.Errorf("two keys become the same %v", t.Key())
		}
		value, err := c.value(it.Value(), t.Elem())
		if err != nil && c.depth >= toldDepth {
			return to, err
		}
		if err != nil {
			return to, fmt.Errorf("value of %s: %w", keyName(key), err)
		}
		to.SetMapIndex(key, value)
	}
	return to, nil
}

// keyName returns a key of a map for a message, if it cannot be long.
func keyName(key reflect.Value) string {
	if key.Kind() == reflect.Interface {
		key = key.Elem()
	}
	switch {
	case key.IsValid() && key.Kind() == reflect.String:
		return fmt.Sprintf("%.50q", key.String())
	case key.IsValid() && (key.CanInt() || key.CanUint() || key.CanFloat()):
		return fmt.Sprint(key)
	}
	return "a key"
}

// Elements returns the elements of a list, tuple or array.
func Elements(list any) ([]any, error) {
	v := reflect.ValueOf(list)
	if v.Kind() != reflect.Slice && v.Kind() != reflect.Array {
		return nil, fmt.Errorf("%T is not a list or tuple", list)
	}
	values := make([]any, v.Len())
	for i := range values {
		values[i] = v.Index(i).Interface()
	}
	return values, nil
}

func setIf(fits bool, set func(), v reflect.Value, t reflect.Type) error {
	if !fits {
		return lossy(v, t)
	}
	set()
	return nil
}

func lossy(v reflect.Value, t reflect.Type) error {
	return fmt.Errorf("%v (%v) does not fit %v without loss", v, v.Type(), t)
}

func misfit(v reflect.Value, t reflect.Type) error {
	return fmt.Errorf("%v is not %v%s", v.Type(), t, pointerHint(v.Type(), t))
}

// pointerHint is for a pointer in the place of its target, and the reverse.
func pointerHint(from, to reflect.Type) string {
	switch {
	case from.Kind() == reflect.Pointer && from.Elem() == to:
		return ", but a pointer to one: give what it points to, *x"
	case to.Kind() == reflect.Pointer && to.Elem() == from:
		return ", which is a pointer to one: give its address, &x"
	case to.Kind() == reflect.Interface && reflect.PointerTo(from).Implements(to):
		return ", but a pointer to one is: give its address, &x"
	case from.Kind() == reflect.Pointer && isNumeric(from.Elem()) && isNumeric(to):
		return ", but a pointer to a number: give what it points to, *x"
	case to.Kind() == reflect.Pointer && isNumeric(to.Elem()) && isNumeric(from):
		return fmt.Sprintf(", which is a pointer: give the address of a variable of type %v, &x", to.Elem())
	}
	return ""
}

func isNumeric(t reflect.Type) bool {
	return reflect.Int <= t.Kind() && t.Kind() <= reflect.Complex128
}
