package pickle

import (
	"encoding"
	"fmt"
	"math/big"
	"reflect"
	"sync"
	"time"
)

// Which Go value stands for which Python value, file by file:
//
//	codec.go        what is a Go type here: known, text, registered, or of its kind?
//	known.go        which types stand for a Python class, and how are they read?
//	encodeknown.go  which calls of Python make their values?
//	structs.go      which fields of a struct are in its dict or tuple?
//	collection.go   how are slices, arrays and maps written?
//	encode.go       how is a value in an empty interface written, and what may be shared?
//	decode.go       how does a Python value get into a Go type that is given?
//	natural.go      which Go value does a Python value become where no type is given?
//	plain.go        and where every dict of strings is to be a plain map?
//	registry.go     which Go type is a class of the program? attributes.go, object.go and
//	                enum.go write and read its objects
//	call.go         which value does a call in a pickle make? library.go, times.go and
//	                numpy.go have more of them
//	value.go        the types that Go does not have: Tuple, Date, Decimal, …

// codec says how the values of a Go type are written and read. It is compiled once per
// type.
type codec struct {
	typ       reflect.Type
	encode    func(e *encoder, v reflect.Value) error
	encodeKey func(e *encoder, v reflect.Value) error // as dict key or set member
	decode    func(d *decoder, n node, v reflect.Value) error
}

var codecs sync.Map // reflect.Type → *codec

func codecOf(t reflect.Type) *codec {
	if c, ok := codecs.Load(t); ok {
		return c.(*codec)
	}
	b := builder{}
	c := b.codec(t)
	for t, c := range b {
		codecs.LoadOrStore(t, c)
	}
	return c
}

// builder holds the codecs that are not published yet. A type that contains itself finds
// its own codec there, which is complete before it is used.
type builder map[reflect.Type]*codec

func (b builder) codec(t reflect.Type) *codec {
	if c, ok := codecs.Load(t); ok {
		return c.(*codec)
	}
	if c, ok := b[t]; ok {
		return c
	}
	c := &codec{typ: t}
	b[t] = c
	c.encodeKey = func(*encoder, reflect.Value) error {
		return &TypeError{Type: t, Reason: "cannot be a dict key or set member"}
	}
	b.compile(c)
	return c
}

var (
	stringType      = reflect.TypeFor[string]()
	bytesType       = reflect.TypeFor[[]byte]()
	byteArrayType   = reflect.TypeFor[ByteArray]()
	listType        = reflect.TypeFor[[]any]()
	tupleType       = reflect.TypeFor[Tuple]()
	mapType         = reflect.TypeFor[map[string]any]()
	dictType        = reflect.TypeFor[*Dict]()
	orderedDictType = reflect.TypeFor[*OrderedDict]()
	setType         = reflect.TypeFor[*Set]()
	frozenSetType   = reflect.TypeFor[*FrozenSet]()
	bigIntType      = reflect.TypeFor[*big.Int]()
	bigFloatType    = reflect.TypeFor[big.Float]()
	timeType        = reflect.TypeFor[time.Time]()
	durationType    = reflect.TypeFor[time.Duration]()
	locationType    = reflect.TypeFor[*time.Location]()
	dateType        = reflect.TypeFor[Date]()
	decimalType     = reflect.TypeFor[Decimal]()
	uuidType        = reflect.TypeFor[UUID]()
	timeOfDayType   = reflect.TypeFor[Time]()
	rangeType       = reflect.TypeFor[Range]()
	ratType         = reflect.TypeFor[*big.Rat]()
	emptyStructType = reflect.TypeFor[struct{}]()

	textMarshalerType   = reflect.TypeFor[encoding.TextMarshaler]()
	textUnmarshalerType = reflect.TypeFor[encoding.TextUnmarshaler]()
)

// compile determines what a type is, in this order: a type with its own meaning here,
// text, or a kind of Go.
func (b builder) compile(c *codec) {
	if compileKnown(c) {
		return
	}
	t := c.typ
	marshals := isText(t)
	switch {
	case t.Kind() == reflect.Interface:
		compileInterface(c)
		return
	case t.Kind() == reflect.Pointer:
		b.compilePointer(c)
		return
	}
	b.compileKind(c)
	if marshals {
		compileMarshaler(c)
	}
	if reflect.PointerTo(t).Implements(textUnmarshalerType) && !lendsText(t) && (marshals || t.Kind() != reflect.String) {
		compileUnmarshaler(c)
	}
	compileRegistered(c)
}

// isText reports whether t or *t has its own MarshalText method. A method of an embedded
// field does not count if the struct has other fields, which the method does not know.
func isText(t reflect.Type) bool {
	return marshalsText(t) && !lendsText(t)
}

func marshalsText(t reflect.Type) bool {
	return t.Implements(textMarshalerType) || reflect.PointerTo(t).Implements(textMarshalerType)
}

func lendsText(t reflect.Type) bool {
	if t.Kind() != reflect.Struct || t.NumField() < 2 {
		return false
	}
	for i := range t.NumField() {
		if f := t.Field(i); f.Anonymous && (marshalsText(f.Type) || reflect.PointerTo(f.Type).Implements(textUnmarshalerType)) {
			return true
		}
	}
	return false
}

func (b builder) compileKind(c *codec) {
	switch c.typ.Kind() {
	case reflect.Bool:
		c.encode = func(e *encoder, v reflect.Value) error { e.bool(v.Bool()); return nil }
		c.encodeKey = c.encode
		c.decode = decodeBool
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		c.encode = func(e *encoder, v reflect.Value) error { e.int(v.Int()); return nil }
		c.encodeKey = c.encode
		c.decode = decodeInt
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		c.encode = func(e *encoder, v reflect.Value) error { return e.uint(v.Uint()) }
		c.encodeKey = c.encode
		c.decode = decodeUint
	case reflect.Float32, reflect.Float64:
		c.encode = func(e *encoder, v reflect.Value) error { e.float(v.Float()); return nil }
		c.encodeKey = c.encode
		c.decode = decodeFloat
	case reflect.Complex64, reflect.Complex128:
		c.encode = func(e *encoder, v reflect.Value) error { return e.complex(v.Complex()) }
		c.encodeKey = c.encode
		c.decode = decodeComplex
	case reflect.String:
		c.encode = func(e *encoder, v reflect.Value) error { return e.sharedStr(v.String()) }
		c.encodeKey = c.encode
		c.decode = decodeString
	case reflect.Slice:
		b.compileSlice(c)
	case reflect.Array:
		b.compileArray(c)
	case reflect.Map:
		b.compileMap(c)
	case reflect.Struct:
		b.compileStruct(c)
	default:
		compileRefused(c, "cannot be pickled: leave it out or hold it in an unexported field")
	}
}

// compileRefused makes a codec that only returns the reason.
func compileRefused(c *codec, reason string) {
	err := &TypeError{Type: c.typ, Reason: reason}
	c.encode = func(*encoder, reflect.Value) error { return err }
	c.decode = func(*decoder, node, reflect.Value) error { return err }
}

func compileInterface(c *codec) {
	c.encode = func(e *encoder, v reflect.Value) error {
		if v.IsNil() {
			e.none()
			return nil
		}
		return e.value(v.Elem().Interface())
	}
	c.encodeKey = func(e *encoder, v reflect.Value) error {
		if v.IsNil() {
			e.none()
			return nil
		}
		return e.key(v.Elem().Interface())
	}
	c.decode = decodeInterface
}

func (b builder) compilePointer(c *codec) {
	elem := b.codec(c.typ.Elem())
	t := c.typ
	// Both sides count what a pointer points to as a level. Only a pointer to a pointer
	// has to count itself: type T *T has no end.
	chained := t.Elem().Kind() == reflect.Pointer
	c.encode = func(e *encoder, v reflect.Value) error {
		if v.IsNil() {
			e.none()
			return nil
		}
		if chained {
			if err := e.enter(t); err != nil {
				return err
			}
			defer func() { e.depth-- }()
		}
		return e.share(identity{t, v.UnsafePointer(), 1}, func() error { return elem.encode(e, v.Elem()) })
	}
	c.decode = func(d *decoder, n node, v reflect.Value) error {
		if n.kind == kindNone {
			v.SetZero()
			return nil
		}
		if chained {
			if err := d.enter(); err != nil {
				return err
			}
			defer func() { d.depth-- }()
		}
		p := reflect.New(t.Elem()).Convert(t)
		d.keepTyped(n, p, t)
		if err := elem.decode(d, n, p.Elem()); err != nil {
			return err
		}
		v.Set(p)
		return nil
	}
}

// compileMarshaler encodes the type as text. It calls a method of the pointer on a copy.
func compileMarshaler(c *codec) {
	byValue := c.typ.Implements(textMarshalerType)
	c.encode = func(e *encoder, v reflect.Value) error {
		if !byValue {
			p := reflect.New(v.Type())
			p.Elem().Set(v)
			v = p
		}
		text, err := marshalText(v.Interface().(encoding.TextMarshaler))
		if err != nil {
			return &TypeError{Type: c.typ, Reason: "MarshalText: " + err.Error(), cause: err}
		}
		return e.str(string(text))
	}
	c.encodeKey = c.encode
}

// compileUnmarshaler passes a str to UnmarshalText and leaves other values to the kind
// of the type.
func compileUnmarshaler(c *codec) {
	other := c.decode
	c.decode = func(d *decoder, n node, v reflect.Value) error {
		raw := d.raw(n)
		if !d.isText(raw) {
			return other(d, n, v)
		}
		if n.kind == kindShared {
			if err := d.spendText(raw); err != nil {
				return err
			}
		}
		text := append([]byte{}, d.bytes(raw)...)
		if err := unmarshalText(v.Addr().Interface().(encoding.TextUnmarshaler), text); err != nil {
			return &TypeError{Value: "str", Type: c.typ, Reason: "UnmarshalText: " + err.Error(), cause: err}
		}
		return nil
	}
}

// marshalText and unmarshalText turn a panic into an error: the caller is not to blame
// for what the method thinks of the data or of a value.
func marshalText(m encoding.TextMarshaler) (text []byte, err error) {
	defer recovered(&err)
	return m.MarshalText()
}

func unmarshalText(u encoding.TextUnmarshaler, text []byte) (err error) {
	defer recovered(&err)
	return u.UnmarshalText(text)
}

func recovered(err *error) {
	if r := recover(); r != nil {
		*err = fmt.Errorf("panic: %v", r)
	}
}
