package pickle

import (
	"math"
	"math/big"
	"math/bits"
	"math/cmplx"
	"reflect"
)

// decode stores the value of n in v, which has the type of c.
func (d *decoder) decode(c *codec, n node, v reflect.Value) error {
	if !n.isContainer() {
		return c.decode(d, n, v)
	}
	if err := d.enter(); err != nil {
		return err
	}
	var err error
	if d.containers[n.payload].shared && c.typ.Kind() != reflect.Interface {
		err = d.decodeShared(c, n, v)
	} else {
		err = c.decode(d, n, v)
	}
	d.depth--
	return err
}

// decodeShared makes one Go value for all references with the same type. keepTyped knows
// slices, maps and pointers before they are filled, so they may contain themselves.
func (d *decoder) decodeShared(c *codec, n node, v reflect.Value) error {
	key := typedKey{n.payload, c.typ}
	if done, ok := d.typed[key]; ok {
		if !done.IsValid() {
			return &TypeError{Value: d.describe(n), Type: c.typ, Reason: "it holds itself, which the type cannot show"}
		}
		v.Set(done)
		return nil
	}
	d.keepTyped(n, reflect.Value{}, c.typ)
	d.sharing++
	if err := c.decode(d, n, v); err != nil {
		return err
	}
	d.sharing--
	if !d.typed[key].IsValid() {
		done := reflect.New(c.typ).Elem()
		done.Set(v)
		d.typed[key] = done
	}
	return nil
}

func (d *decoder) keepTyped(n node, v reflect.Value, t reflect.Type) {
	if !n.isContainer() || !d.containers[n.payload].shared {
		return
	}
	if d.typed == nil {
		d.typed = map[typedKey]reflect.Value{}
	}
	d.typed[typedKey{n.payload, t}] = v
}

// typeError is the error for a value of another type.
func (d *decoder) typeError(n node, t reflect.Type) error {
	switch n.kind {
	case kindClass, kindType, kindOpaque:
		return d.classError(n)
	}
	return &TypeError{Value: d.describe(n), Type: t, Reason: "the types do not match"}
}

func (d *decoder) inexact(n node, t reflect.Type) error {
	return &TypeError{Value: d.describe(n), Type: t, Reason: "the value does not fit"}
}

func decodeBool(d *decoder, n node, v reflect.Value) error {
	if n.kind != kindBool {
		return d.typeError(n, v.Type())
	}
	v.SetBool(n.payload != 0)
	return nil
}

func decodeInt(d *decoder, n node, v reflect.Value) error {
	if n.kind == kindInt && !v.OverflowInt(int64(n.payload)) {
		v.SetInt(int64(n.payload))
		return nil
	}
	if k := d.raw(n).kind; k != kindInt && k != kindLong {
		return d.typeError(n, v.Type())
	}
	return d.inexact(n, v.Type()) // a long never fits an int64
}

func decodeUint(d *decoder, n node, v reflect.Value) error {
	raw := d.raw(n)
	if raw.kind != kindInt && raw.kind != kindLong {
		return d.typeError(n, v.Type())
	}
	if raw.len > 9 { // 64 bits and the sign
		return d.inexact(n, v.Type())
	}
	if number := d.bigInt(raw); number.IsUint64() && !v.OverflowUint(number.Uint64()) {
		v.SetUint(number.Uint64())
		return nil
	}
	return d.inexact(n, v.Type())
}

func decodeFloat(d *decoder, n node, v reflect.Value) error {
	f, ok := n.float(), n.kind == kindFloat
	if !ok {
		raw := d.raw(n)
		if raw.kind != kindInt && raw.kind != kindLong {
			return d.typeError(n, v.Type())
		}
		if f, ok = d.exactFloat(raw); !ok {
			return d.inexact(n, v.Type())
		}
	}
	if v.Kind() == reflect.Float32 && float64(float32(f)) != f && !math.IsNaN(f) {
		return d.inexact(n, v.Type())
	}
	v.SetFloat(f)
	return nil
}

// exactFloat returns an int as the equal float, if there is one.
func (d *decoder) exactFloat(n node) (float64, bool) {
	if n.kind == kindInt {
		magnitude := uint64(max(int64(n.payload), -int64(n.payload)))
		return float64(int64(n.payload)), bits.Len64(magnitude)-bits.TrailingZeros64(magnitude) <= 53
	}
	if n.len > 129 { // the largest float has 1024 bits
		return 0, false
	}
	f, accuracy := new(big.Float).SetInt(d.bigInt(n)).Float64()
	return f, accuracy == big.Exact && !math.IsInf(f, 0)
}

func decodeComplex(d *decoder, n node, v reflect.Value) error {
	number, ok := d.value(n).(complex128)
	if !ok {
		return d.typeError(n, v.Type())
	}
	if narrow := complex128(complex64(number)); v.Kind() == reflect.Complex64 && narrow != number && !cmplx.IsNaN(number) {
		return d.inexact(n, v.Type())
	}
	v.SetComplex(number)
	return nil
}

func decodeString(d *decoder, n node, v reflect.Value) error {
	s, err := d.text(n)
	if err != nil {
		if te, ok := err.(*TypeError); ok {
			te.Type = v.Type()
		}
		return err
	}
	v.SetString(s)
	return nil
}

// text returns the text of a str.
func (d *decoder) text(n node) (string, error) {
	switch n.kind {
	case kindStr:
		return string(d.bytes(n)), nil
	case kindOldStr, kindShared:
		natural, err := d.natural(n)
		if err != nil {
			return "", err
		}
		if s, ok := natural.(string); ok {
			return s, nil
		}
	}
	return "", d.typeError(n, stringType)
}

// decodeInterface stores the natural value, if it implements the interface.
func decodeInterface(d *decoder, n node, v reflect.Value) error {
	natural, err := d.naturalWithin(n)
	if err != nil {
		return err
	}
	if natural == nil {
		v.SetZero()
		return nil
	}
	value := reflect.ValueOf(natural)
	if !value.Type().AssignableTo(v.Type()) {
		return d.typeError(n, v.Type())
	}
	v.Set(value)
	return nil
}

func decodeSlice(d *decoder, elem *codec, n node, v reflect.Value) error {
	switch n.kind {
	case kindNone:
		v.SetZero()
		return nil
	case kindList, kindTuple:
		if n.kind == kindList && v.Type() == listType {
			return decodeNatural(d, n, v)
		}
		items := d.items(n)
		list := reflect.MakeSlice(v.Type(), len(items), len(items))
		d.keepTyped(n, list, v.Type())
		for i, item := range items {
			if err := d.decode(elem, item, list.Index(i)); err != nil {
				return err
			}
		}
		v.Set(list)
		return nil
	}
	b, err := d.octets(elem, n, v.Type())
	if err != nil {
		return err
	}
	v.SetBytes(b)
	return nil
}

// octets returns the content of bytes or a bytearray, for a slice or array of elem, and
// nil for anything else.
func (d *decoder) octets(elem *codec, n node, t reflect.Type) ([]byte, error) {
	if raw := d.raw(n); elem.typ.Kind() != reflect.Uint8 || raw.kind != kindBytes && raw.kind != kindValue {
		return nil, d.typeError(n, t)
	}
	natural, err := d.natural(n)
	if err != nil {
		return nil, err
	}
	switch b := natural.(type) {
	case []byte:
		return b, nil
	case ByteArray:
		return b, nil
	}
	return nil, d.typeError(n, t)
}

func decodeArray(d *decoder, elem *codec, n node, v reflect.Value) error {
	if n.kind == kindList || n.kind == kindTuple {
		items := d.items(n)
		if len(items) != v.Len() {
			return d.inexact(n, v.Type())
		}
		for i, item := range items {
			if err := d.decode(elem, item, v.Index(i)); err != nil {
				return err
			}
		}
		return nil
	}
	b, err := d.octets(elem, n, v.Type())
	if err != nil {
		return err
	}
	if len(b) != v.Len() {
		return d.inexact(n, v.Type())
	}
	for i, c := range b {
		v.Index(i).SetUint(uint64(c))
	}
	return nil
}

// decodeKey stores a key or member, which has to be hashable in Python and in Go.
func (d *decoder) decodeKey(c *codec, n node, v reflect.Value) error {
	if err := d.asKey(n, func() error { return d.decode(c, n, v) }); err != nil {
		return err
	}
	if v.Kind() == reflect.Interface && v.Elem().Kind() == reflect.Pointer || !v.Comparable() {
		return &TypeError{Value: d.describe(n), Type: v.Type(), Reason: "Go cannot use it as a map key: decode into a *Dict or *Set"}
	}
	return nil
}

func decodeMap(d *decoder, key, elem *codec, n node, v reflect.Value) error {
	if n.kind == kindNone {
		v.SetZero()
		return nil
	}
	if n.kind != kindDict && n.kind != kindOrderedDict {
		return d.typeError(n, v.Type())
	}
	items := d.items(n)
	m := reflect.MakeMapWithSize(v.Type(), len(items)/2)
	d.keepTyped(n, m, v.Type())
	k, e := reflect.New(key.typ).Elem(), reflect.New(elem.typ).Elem()
	for i := 0; i < len(items); i += 2 {
		k.SetZero()
		e.SetZero()
		if err := d.decodeKey(key, items[i], k); err != nil {
			return err
		}
		if err := d.decode(elem, items[i+1], e); err != nil {
			return err
		}
		m.SetMapIndex(k, e)
	}
	v.Set(m)
	if m.Len() < len(items)/2 && hasMember(items, 2) {
		return d.checkObjects(key, items, 2)
	}
	return nil
}

// decodeAnyMap is decodeMap for map[string]any, without reflection.
func decodeAnyMap(d *decoder, n node, v reflect.Value) error {
	if n.kind == kindNone {
		v.SetZero()
		return nil
	}
	if n.kind != kindDict && n.kind != kindOrderedDict {
		return d.typeError(n, v.Type())
	}
	items := d.items(n)
	m := make(map[string]any, len(items)/2)
	if d.containers[n.payload].shared {
		d.keepTyped(n, reflect.ValueOf(m), mapType)
	}
	for i := 0; i < len(items); i += 2 {
		if err := d.chargeKey(items[i]); err != nil {
			return err
		}
		key, err := d.text(items[i])
		if err != nil {
			return err
		}
		value, err := d.naturalWithin(items[i+1])
		if err != nil {
			return err
		}
		m[key] = value
	}
	*v.Addr().Interface().(*map[string]any) = m
	return nil
}

func decodeGoSet(d *decoder, key *codec, n node, v reflect.Value) error {
	if n.kind == kindNone {
		v.SetZero()
		return nil
	}
	if n.kind != kindSet && n.kind != kindFrozenSet {
		return d.typeError(n, v.Type())
	}
	items := d.items(n)
	m := reflect.MakeMapWithSize(v.Type(), len(items))
	d.keepTyped(n, m, v.Type())
	for _, item := range items {
		k := reflect.New(key.typ).Elem()
		if err := d.decodeKey(key, item, k); err != nil {
			return err
		}
		m.SetMapIndex(k, reflect.Zero(emptyStructType))
	}
	v.Set(m)
	if m.Len() < len(items) && hasMember(items, 1) {
		return d.checkObjects(key, items, 1)
	}
	return nil
}
