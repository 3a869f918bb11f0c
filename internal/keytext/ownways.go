package keytext

import (
	"encoding"
	"fmt"
	"math/big"
	"net/netip"
	"net/url"
	"reflect"
	"strconv"
)

// ownWay writes the values of one type of the standard library.
type ownWay struct {
	write func(v reflect.Value) (string, error)
	shape shape
	rule  ruleName
}

// ownWays are for types whose MarshalText leaves something out, for types without one
// whose text is complete, and for types whose text has a known shape.
var ownWays = map[reflect.Type]ownWay{
	bigIntType:                        {marshalText(bigIntType), shapeClosed, ruleMarshalText},
	reflect.TypeFor[big.Float]():      {of(bigFloat), shapeClosed, ruleMarshalText},
	reflect.TypeFor[netip.AddrPort](): {of(addrPort), shapeOpen, ruleMarshalText},
	reflect.TypeFor[netip.Prefix]():   {of(prefix), shapeOpen, ruleMarshalText},
	reflect.TypeFor[url.Userinfo]():   {of((*url.Userinfo).String), shapeOpen, ruleString}, // it escapes its parts
}

// of turns a function of a pointer into one of a value.
func of[T any](write func(*T) string) func(reflect.Value) (string, error) {
	return func(v reflect.Value) (string, error) {
		if v.CanAddr() {
			return write(v.Addr().Interface().(*T)), nil
		}
		value := v.Interface().(T)
		return write(&value), nil
	}
}

// bigFloat returns a text with everything that affects a calculation: the precision and,
// if they are not the usual ones, the rounding mode and the accuracy of the last
// rounding.
func bigFloat(f *big.Float) string {
	text := append(f.Append(nil, 'g', -1), '@')
	text = strconv.AppendUint(text, uint64(f.Prec()), 10)
	if mode := f.Mode(); mode != big.ToNearestEven {
		text = append(append(text, '@'), mode.String()...)
	}
	if accuracy := f.Acc(); accuracy != big.Exact {
		text = append(append(text, '@'), accuracy.String()...)
	}
	return string(text)
}

// addrPort writes the port even without an address, which MarshalText leaves out.
func addrPort(p *netip.AddrPort) string {
	if !p.Addr().IsValid() && p.Port() != 0 {
		return fmt.Sprint(":", p.Port())
	}
	return string(p.AppendTo(nil))
}

// prefix writes the address even if its length is invalid, which MarshalText leaves out.
func prefix(p *netip.Prefix) string {
	if !p.IsValid() && p.Addr().IsValid() {
		return p.Addr().String() + "/-1"
	}
	return string(p.AppendTo(nil))
}

func marshalText(t reflect.Type) func(reflect.Value) (string, error) {
	marshaler := accessor[encoding.TextMarshaler](t)
	return func(v reflect.Value) (string, error) {
		b, err := marshaler(v).MarshalText()
		return string(b), err
	}
}
