package pickle

import (
	"math/big"
	"reflect"
	"strings"
)

// compileKnown handles the types that stand for a Python class. It is a table, however
// long.
func compileKnown(c *codec) bool {
	switch c.typ {
	case timeType:
		compileObject(c, (*encoder).time)
	case durationType:
		compileObject(c, (*encoder).duration)
	case dateType:
		compileObject(c, func(e *encoder, v Date) error { return e.date(v) })
	case decimalType:
		compileObject(c, (*encoder).decimal)
	case uuidType:
		compileObject(c, (*encoder).uuid)
	case timeOfDayType:
		compileObject(c, func(e *encoder, v Time) error { return e.timeOfDay(v) })
	case rangeType:
		compileObject(c, func(e *encoder, v Range) error { return e.rangeOf(v) })
	case byteArrayType:
		compileLeaf(c, (*encoder).sharedByteArray)
		c.encodeKey = nil
	case tupleType:
		compileLeaf(c, (*encoder).anyTuple)
	case dictType:
		compileReference(c, (*encoder).dict)
		c.decode = orderedToo(c.decode)
	case orderedDictType:
		compileReference(c, (*encoder).orderedDict)
	case setType:
		compileReference(c, (*encoder).setOf)
	case frozenSetType:
		compileReference(c, (*encoder).frozenSetOf)
	case locationType:
		compileReference(c, (*encoder).location)
	case bigIntType:
		compileReference(c, (*encoder).sharedBig)
		c.decode = func(d *decoder, n node, v reflect.Value) error { return decodeBig(d, n, v) }
	case ratType:
		compileReference(c, (*encoder).rat)
		c.encodeKey = c.encode
		c.decode = decodeRat
	case dictType.Elem():
		compileByValue[Dict](c, (*encoder).dict)
	case orderedDictType.Elem():
		compileByValue[OrderedDict](c, (*encoder).orderedDict)
	case setType.Elem():
		compileByValue[Set](c, (*encoder).setOf)
	case frozenSetType.Elem():
		compileByValue[FrozenSet](c, (*encoder).frozenSetOf)
	case bigIntType.Elem():
		compileByValue[big.Int](c, (*encoder).bigInt)
		c.decode = decodeBigValue
	case ratType.Elem():
		compileByValue[big.Rat](c, (*encoder).rat)
		c.decode = decodeRatValue
	case locationType.Elem():
		compileRefused(c, "hold a *time.Location")
	default:
		return false
	}
	if c.encodeKey == nil {
		c.encodeKey = func(*encoder, reflect.Value) error { return unhashableType(c.typ) }
	}
	return true
}

// orderedToo decodes an OrderedDict into a *Dict as well.
func orderedToo(decode func(*decoder, node, reflect.Value) error) func(*decoder, node, reflect.Value) error {
	return func(d *decoder, n node, v reflect.Value) error {
		if n.kind != kindOrderedDict {
			return decode(d, n, v)
		}
		dict, err := d.natural(n)
		if err == nil {
			v.Set(reflect.ValueOf(&dict.(*OrderedDict).Dict))
		}
		return err
	}
}

// isKnown reports whether compileKnown handles the type.
func isKnown(t reflect.Type) bool { return compileKnown(&codec{typ: t}) }

// compileLeaf is for types that are themselves the natural type of a value.
func compileLeaf[T any](c *codec, encode func(*encoder, T) error) {
	c.encode = func(e *encoder, v reflect.Value) error { return encode(e, v.Interface().(T)) }
	c.encodeKey = c.encode
	c.decode = decodeNatural
}

// compileObject is compileLeaf for values that are separate objects in Python.
func compileObject[T any](c *codec, encode func(*encoder, T) error) {
	compileLeaf(c, func(e *encoder, v T) error {
		if e.same != nil {
			return e.same.object(e, mutable, func() error { return encode(e, v) })
		}
		return encode(e, v)
	})
}

// compileReference is for pointer types that are themselves the natural type of a value.
func compileReference[T any](c *codec, encode func(*encoder, *T) error) {
	c.encode = func(e *encoder, v reflect.Value) error {
		if v.IsNil() {
			e.none()
			return nil
		}
		return encode(e, v.Interface().(*T))
	}
	c.decode = func(d *decoder, n node, v reflect.Value) error {
		if n.kind == kindNone {
			v.SetZero()
			return nil
		}
		return decodeNatural(d, n, v)
	}
	c.encodeKey = nil
}

// compileByValue is for the types that such pointers point to.
func compileByValue[T any](c *codec, encode func(*encoder, *T) error) {
	pointer := codecOf(reflect.PointerTo(c.typ))
	c.encode = func(e *encoder, v reflect.Value) error {
		p := reflect.New(c.typ)
		p.Elem().Set(v)
		return encode(e, p.Interface().(*T))
	}
	c.decode = func(d *decoder, n node, v reflect.Value) error {
		if n.kind == kindNone {
			return d.typeError(n, c.typ)
		}
		p := reflect.New(reflect.PointerTo(c.typ)).Elem()
		if err := pointer.decode(d, n, p); err != nil {
			return err
		}
		if l, ok := p.Interface().(interface{ lend() }); ok && d.sharing > 0 {
			l.lend()
		}
		v.Set(p.Elem())
		return nil
	}
	c.encodeKey = nil
}

func unhashableType(t reflect.Type) error {
	return &TypeError{Type: t, Reason: "cannot be a dict key or set member"}
}

func (e *encoder) sharedBig(v *big.Int) error {
	if v.BitLen() < 8*longText {
		return e.bigInt(v)
	}
	return e.share(identity{bigIntType, reflect.ValueOf(v).UnsafePointer(), 1}, func() error { return e.bigInt(v) })
}

// naturalOf is natural for a value that is to become a t.
func (d *decoder) naturalOf(n node, t reflect.Type) (any, error) {
	if t == listType || t == tupleType {
		return d.naturalWithin(n)
	}
	return d.natural(n)
}

// decodeNatural stores a value whose natural type is the target type.
func decodeNatural(d *decoder, n node, v reflect.Value) error {
	if n.kind == kindNone && v.Kind() == reflect.Slice {
		v.SetZero()
		return nil
	}
	natural, err := d.naturalOf(n, v.Type())
	if err != nil {
		return err
	}
	if natural == nil || reflect.TypeOf(natural) != v.Type() {
		return d.typeError(n, v.Type())
	}
	v.Set(reflect.ValueOf(natural))
	return nil
}

func decodeBig(d *decoder, n node, v reflect.Value) error {
	var number *big.Int
	switch raw := d.raw(n); raw.kind {
	case kindNone:
	case kindInt:
		number = d.bigInt(raw)
	case kindLong:
		natural, err := d.natural(n)
		if err != nil {
			return err
		}
		number = natural.(*big.Int)
	default:
		return d.typeError(n, v.Type())
	}
	v.Set(reflect.ValueOf(number))
	return nil
}

func decodeBigValue(d *decoder, n node, v reflect.Value) error {
	raw := d.raw(n)
	if raw.kind != kindInt && raw.kind != kindLong {
		return d.typeError(n, v.Type())
	}
	if n.kind == kindShared {
		if err := d.spendText(raw); err != nil {
			return err
		}
	}
	v.Set(reflect.ValueOf(d.bigInt(raw)).Elem())
	return nil
}

// decodeRat stores a Fraction or an int, or text in the form of MarshalText of a
// big.Rat.
func decodeRat(d *decoder, n node, v reflect.Value) error {
	if n.kind == kindNone {
		v.SetZero()
		return nil
	}
	if r, ok := d.value(n).(*big.Rat); ok {
		v.Set(reflect.ValueOf(r))
		return nil
	}
	raw := d.raw(n)
	isInt := raw.kind == kindInt || raw.kind == kindLong
	if !isInt && !d.isText(raw) {
		return d.typeError(n, v.Type())
	}
	if raw.len > maxFraction/8 {
		return errFraction()
	}
	if n.kind == kindShared {
		if err := d.spendText(raw); err != nil {
			return err
		}
	}
	if isInt {
		v.Set(reflect.ValueOf(new(big.Rat).SetInt(d.bigInt(raw))))
		return nil
	}
	text := string(d.bytes(raw))
	if strings.ContainsAny(text, "eEpP") { // a few characters can stand for very many digits
		return &TypeError{Value: "str", Type: v.Type(), Reason: "it is not the text of a fraction"}
	}
	r, ok := new(big.Rat).SetString(text)
	if !ok {
		return &TypeError{Value: "str", Type: v.Type(), Reason: "it is not the text of a fraction"}
	}
	v.Set(reflect.ValueOf(r))
	return nil
}

func decodeRatValue(d *decoder, n node, v reflect.Value) error {
	if n.kind == kindNone {
		return d.typeError(n, v.Type())
	}
	p := reflect.New(ratType).Elem()
	if err := decodeRat(d, n, p); err != nil {
		return err
	}
	r := p.Interface().(*big.Rat)
	if n.kind == kindValue { // other nodes may refer to it
		if err := d.spend(1 + (r.Num().BitLen()+r.Denom().BitLen())/8/longText); err != nil {
			return err
		}
		r = new(big.Rat).Set(r)
	}
	v.Set(reflect.ValueOf(r).Elem())
	return nil
}
