package ring

import (
	"bytes"
	"cmp"
	"encoding"
	"errors"
	"fmt"
	"math/big"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
	"unsafe"

	"github.com/ring-go/ring/internal/pytext"
)

// RingKeyer is a value that says what it is called in a key.
// Python: __ring_key__.
type RingKeyer interface{ RingKey() string }

// rules decide how values become the text of a key.
type rules struct {
	style    KeyStyle
	inMemory bool // the keys need not outlive the process
}

// coercer writes the values of one type as the text of a key. Python spells a value
// in three ways, depending on where it stands.
type coercer struct {
	part  coerceFunc // a parameter's whole part of the key: ring's coerce
	item  coerceFunc // key or value of a dict, or field of a struct, that is such a part: str()
	repr  coerceFunc // inside of brackets: repr()
	shape shape
}

type coerceFunc func(t *text, v reflect.Value) error

// shape says how the end of a part can be found in a key.
type shape uint8

const (
	shapeFree      shape = iota // at the next colon, so a colon in it must be escaped
	shapeClosed                 // there is no colon in it
	shapeDelimited              // it ends with its closing bracket or quote
)

// text is a key being written.
type text struct {
	buf    []byte
	blank  bool // separators in brackets are followed by a blank, as in Python's repr
	asDict bool // structs are written as dicts, as Python does within a dataclass
	depth  int
	seen   map[visit]struct{}
	values []any // room for the arguments of a call
}

func (t *text) string(s string) { t.buf = append(t.buf, s...) }

func (t *text) comma() {
	t.buf = append(t.buf, ',')
	if t.blank {
		t.buf = append(t.buf, ' ')
	}
}

// visit is a value that is being written, for finding out that it contains itself.
type visit struct {
	ptr unsafe.Pointer
	len int
	typ reflect.Type
}

// plainDepth is how deep values may be nested before cycles are looked for.
const plainDepth = 64

// within runs write for a value that could contain itself.
func (t *text) within(v reflect.Value, write func() error) error {
	t.depth++
	defer func() { t.depth-- }()
	if t.depth <= plainDepth {
		return write()
	}
	at := visit{ptr: v.UnsafePointer(), typ: v.Type()}
	if v.Kind() == reflect.Slice {
		at.len = v.Len()
	}
	if _, ok := t.seen[at]; ok {
		return fmt.Errorf("%w: a %v contains itself", ErrKey, v.Type())
	}
	if t.seen == nil {
		t.seen = map[visit]struct{}{}
	}
	t.seen[at] = struct{}{}
	defer delete(t.seen, at)
	return write()
}

type coercerKey struct {
	rules
	typ reflect.Type
}

var coercers sync.Map // of coercerKey to *coercer or error

// coercer returns the coercer of a type, which is made once, or an error that
// says why the type can have no key.
func (r rules) coercer(t reflect.Type) (*coercer, error) {
	key := coercerKey{r, t}
	if known, ok := coercers.Load(key); ok {
		if err, bad := known.(error); bad {
			return nil, err
		}
		return known.(*coercer), nil
	}
	c := compiler{rules: r, made: map[reflect.Type]*coercer{}}
	co, err := c.compile(t)
	if err != nil {
		err = fmt.Errorf("%w: %w", ErrKey, err)
		coercers.Store(key, err)
		return nil, err
	}
	for typ, made := range c.made {
		coercers.LoadOrStore(coercerKey{r, typ}, made)
	}
	return co, nil
}

// compiler makes the coercers of a type and of all types in it.
type compiler struct {
	rules
	made map[reflect.Type]*coercer // finished or, for a type that contains itself, begun
}

func (c *compiler) python() bool { return c.style == PythonKeys }

func (c *compiler) compile(t reflect.Type) (*coercer, error) {
	if co := c.made[t]; co != nil {
		return co, nil
	}
	co := &coercer{}
	c.made[t] = co
	return co, c.build(co, t)
}

// build follows the rules of the package documentation, "How a value becomes
// text", in their order.
func (c *compiler) build(co *coercer, t reflect.Type) error {
	if t.Implements(reflectType) {
		c.buildText(co, c.typeText, shapeFree)
		return nil
	}
	if t.Kind() == reflect.Interface {
		c.buildInterface(co)
		return nil
	}
	if t.Kind() == reflect.Pointer {
		return c.buildPointer(co, t)
	}
	if has(t, ringKeyerType) { // 1
		c.buildText(co, ringKeyText, shapeFree)
		return nil
	}
	if isHashed(t) && !(c.python() && !c.inMemory && has(t, hashableType)) { // 2
		return c.buildHash(co, t)
	}
	if (t.Kind() == reflect.Struct || t.Kind() == reflect.Array) && hasOwn(t, textMarshalerType) { // 4
		c.buildText(co, c.marshalText, shapeFree)
		if t == timeType { // its colons stand in fixed places
			co.shape = shapeDelimited
		}
		return nil
	}
	return c.buildKind(co, t) // 3, 5
}

func (c *compiler) buildKind(co *coercer, t reflect.Type) error {
	if c.style == HashKeys && isComposite(t) {
		return c.buildHash(co, t)
	}
	switch t.Kind() {
	case reflect.Bool, reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr,
		reflect.Float32, reflect.Float64, reflect.Complex64, reflect.Complex128:
		co.everywhere(scalar, shapeClosed)
	case reflect.String:
		c.buildString(co)
	case reflect.Slice:
		if t.Elem().Kind() == reflect.Uint8 {
			co.everywhere(bytesText, shapeDelimited)
			return nil
		}
		return c.buildList(co, t, "[", "]")
	case reflect.Array:
		return c.buildList(co, t, "[", "]")
	case reflect.Map:
		if isSet(t) {
			return c.buildSet(co, t)
		}
		return c.buildMap(co, t)
	case reflect.Struct:
		return c.buildStruct(co, t)
	default:
		return c.buildTextual(co, t)
	}
	return nil
}

// buildTextual is for kinds that hold nothing that could be written.
func (c *compiler) buildTextual(co *coercer, t reflect.Type) error {
	switch {
	case has(t, textMarshalerType):
		c.buildText(co, c.marshalText, shapeFree)
	case has(t, stringerType):
		c.buildText(co, stringerText, shapeFree)
	default:
		return fmt.Errorf("a %v has no text: leave it out, a parameter with Options.IgnorableKeys, a field with the tag hash:\"ignore\"", t.Kind())
	}
	return nil
}

func (co *coercer) everywhere(f coerceFunc, s shape) {
	co.part, co.item, co.repr, co.shape = f, f, f, s
}

var (
	reflectType       = reflect.TypeFor[reflect.Type]()
	ringKeyerType     = reflect.TypeFor[RingKeyer]()
	textMarshalerType = reflect.TypeFor[encoding.TextMarshaler]()
	stringerType      = reflect.TypeFor[fmt.Stringer]()
	timeType          = reflect.TypeFor[time.Time]()
	ellipsisType      = reflect.TypeFor[ellipsis]()
	frozenSetType     = reflect.TypeFor[FrozenSet]()
)

// has tells whether a value of t, or its address, has the methods of iface.
func has(t, iface reflect.Type) bool {
	return t.Implements(iface) || reflect.PointerTo(t).Implements(iface)
}

// hasOwn is has for methods that do not come from an embedded field while there are
// other fields: such a method knows nothing of these.
func hasOwn(t, iface reflect.Type) bool {
	if !has(t, iface) {
		return false
	}
	if t.Kind() != reflect.Struct || t.NumField() == 1 {
		return true
	}
	for i := range t.NumField() {
		if f := t.Field(i); f.Anonymous && has(f.Type, iface) {
			return false
		}
	}
	return true
}

// as returns v, or its address, as a T.
func as[T any](v reflect.Value) T {
	if v.Type().Implements(reflect.TypeFor[T]()) {
		return v.Interface().(T)
	}
	if !v.CanAddr() {
		p := reflect.New(v.Type())
		p.Elem().Set(v)
		return p.Interface().(T)
	}
	return v.Addr().Interface().(T)
}

func isComposite(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.Slice:
		return t.Elem().Kind() != reflect.Uint8
	case reflect.Struct:
		return t != ellipsisType
	}
	return t.Kind() == reflect.Array || t.Kind() == reflect.Map
}

// isSet tells whether t is Go's usual set, a map to nothing.
func isSet(t reflect.Type) bool {
	return t.Elem().Kind() == reflect.Struct && t.Elem().NumField() == 0
}

func scalar(t *text, v reflect.Value) error {
	switch {
	case v.Kind() == reflect.Bool:
		t.buf = pytext.AppendBool(t.buf, v.Bool())
	case v.CanInt():
		t.buf = strconv.AppendInt(t.buf, v.Int(), 10)
	case v.CanUint():
		t.buf = strconv.AppendUint(t.buf, v.Uint(), 10)
	case v.CanFloat():
		t.buf = pytext.AppendFloat(t.buf, v.Float(), v.Type().Bits())
	default:
		t.buf = pytext.AppendComplex(t.buf, v.Complex(), v.Type().Bits()/2)
	}
	return nil
}

func bytesText(t *text, v reflect.Value) error {
	t.buf = pytext.AppendBytes(t.buf, v.Bytes())
	return nil
}

// buildString: a string stands for itself; among others it is quoted where it could
// be taken for more than one, and always inside of brackets.
func (c *compiler) buildString(co *coercer) {
	co.shape = shapeFree
	co.part = func(t *text, v reflect.Value) error {
		t.string(v.String())
		return nil
	}
	co.item = co.part
	if !c.python() {
		co.item = func(t *text, v reflect.Value) error {
			t.item(v.String())
			return nil
		}
	}
	co.repr = func(t *text, v reflect.Value) error {
		t.buf = pytext.AppendString(t.buf, v.String())
		return nil
	}
}

// item writes a string that ends at the next comma.
func (t *text) item(s string) {
	if strings.IndexByte(s, ',') >= 0 || s != "" && (s[0] == '\'' || s[0] == '"') {
		t.buf = pytext.AppendString(t.buf, s)
		return
	}
	t.string(s)
}

// buildText is for values that say themselves what their text is.
func (c *compiler) buildText(co *coercer, get func(reflect.Value) (string, error), s shape) {
	write := func(put func(*text, string)) coerceFunc {
		return func(t *text, v reflect.Value) error {
			s, err := get(v)
			if err != nil {
				return fmt.Errorf("%w: %w", ErrKey, err)
			}
			put(t, s)
			return nil
		}
	}
	co.everywhere(write((*text).string), s)
	if !c.python() {
		co.item = write((*text).item)
		co.repr = write((*text).word)
	}
}

// word writes a text that ends at the next comma or bracket.
func (t *text) word(s string) {
	if s == "" || strings.ContainsAny(s, `,'"\()[]{}=`) {
		t.buf = pytext.AppendString(t.buf, s)
		return
	}
	t.string(s)
}

func ringKeyText(v reflect.Value) (string, error) { return as[RingKeyer](v).RingKey(), nil }

func stringerText(v reflect.Value) (string, error) { return as[fmt.Stringer](v).String(), nil }

func (c *compiler) marshalText(v reflect.Value) (string, error) {
	if c.python() && v.Type() == timeType {
		return datetime(v.Interface().(time.Time)), nil
	}
	b, err := as[encoding.TextMarshaler](v).MarshalText()
	return string(b), err
}

// datetime is str(datetime). A time in time.UTC is taken as Python's naive one;
// what is shorter than a microsecond, Python does not know.
func datetime(t time.Time) string {
	layout := "2006-01-02 15:04:05"
	switch ns := t.Nanosecond(); {
	case ns%1000 != 0:
		layout += ".000000000"
	case ns != 0:
		layout += ".000000"
	}
	if t.Location() != time.UTC {
		layout += "-07:00"
	}
	return t.Format(layout)
}

func (c *compiler) typeText(v reflect.Value) (string, error) {
	t, _ := v.Interface().(reflect.Type)
	switch {
	case t == nil:
		return "None", nil
	case c.python() && t.Name() != "":
		return t.Name(), nil
	}
	return typeName(t), nil
}

// typeName is the name of a type with the whole path of its package, so that types
// of one name are told apart.
func typeName(t reflect.Type) string {
	switch {
	case t.Name() != "" && t.PkgPath() != "":
		return t.PkgPath() + "." + t.Name()
	case t.Name() != "":
		return t.Name()
	}
	switch t.Kind() {
	case reflect.Pointer:
		return "*" + typeName(t.Elem())
	case reflect.Slice:
		return "[]" + typeName(t.Elem())
	case reflect.Array:
		return "[" + strconv.Itoa(t.Len()) + "]" + typeName(t.Elem())
	case reflect.Map:
		return "map[" + typeName(t.Key()) + "]" + typeName(t.Elem())
	case reflect.Interface:
		if t.NumMethod() == 0 {
			return "any"
		}
	case reflect.Struct:
		fields := make([]string, t.NumField())
		for i := range fields {
			f := t.Field(i)
			fields[i] = f.Name + " " + typeName(f.Type) + strconv.Quote(string(f.Tag))
		}
		return "struct{" + strings.Join(fields, ";") + "}"
	}
	return t.String()
}

// buildPointer: a pointer is what it points to, nil is None. Where what it points
// to could itself be read as None, an & tells them apart.
func (c *compiler) buildPointer(co *coercer, t reflect.Type) error {
	elem, err := c.compile(t.Elem())
	if err != nil {
		return err
	}
	co.shape = elem.shape
	pointed := func(write *coerceFunc) coerceFunc {
		return func(t *text, v reflect.Value) error {
			if v.IsNil() {
				t.string("None")
				return nil
			}
			start := len(t.buf)
			if err := t.within(v, func() error { return (*write)(t, v.Elem()) }); err != nil {
				return err
			}
			if written := t.buf[start:]; !c.python() && (string(written) == "None" || len(written) > 0 && written[0] == '&') {
				t.buf = slices.Insert(t.buf, start, '&')
			}
			return nil
		}
	}
	co.part, co.item, co.repr = pointed(&elem.part), pointed(&elem.item), pointed(&elem.repr)
	return nil
}

// buildInterface: a value of a dynamic type. Python forgets the type; otherwise the
// text tells it, unless it is one of those that a Python literal has.
func (c *compiler) buildInterface(co *coercer) {
	co.shape = shapeFree
	r := c.rules
	write := func(place func(*coercer) coerceFunc, str func(*text, string)) coerceFunc {
		return func(t *text, v reflect.Value) error {
			if v.IsNil() {
				t.string("None")
				return nil
			}
			v = v.Elem()
			dyn, err := r.coercer(v.Type())
			switch {
			case err != nil:
				return fmt.Errorf("a %v: %w", v.Type(), err)
			case r.style == PythonKeys:
				return place(dyn)(t, v)
			case v.Type() == stringType:
				str(t, v.String())
				return nil
			case literalTypes[v.Type()] && (r.style == SafeKeys || !isComposite(v.Type())):
				return dyn.repr(t, v)
			}
			t.string(typeName(v.Type()))
			t.buf = append(t.buf, '(')
			if err := dyn.repr(t, v); err != nil {
				return err
			}
			t.buf = append(t.buf, ')')
			return nil
		}
	}
	co.part = write(func(co *coercer) coerceFunc { return co.part }, (*text).plain)
	co.item = write(func(co *coercer) coerceFunc { return co.item }, (*text).plain)
	co.repr = write(func(co *coercer) coerceFunc { return co.repr }, func(t *text, s string) {
		t.buf = pytext.AppendString(t.buf, s)
	})
}

var stringType = reflect.TypeFor[string]()

// literalTypes are the types whose text is a Python literal of no other type.
var literalTypes = map[reflect.Type]bool{
	reflect.TypeFor[bool](): true, reflect.TypeFor[int](): true, reflect.TypeFor[float64](): true,
	bytesType: true, ellipsisType: true, frozenSetType: true, reflect.TypeFor[map[any]struct{}](): true,
	reflect.TypeFor[[]any](): true, tupleType: true, reflect.TypeFor[map[string]any](): true,
}

// plain writes a string of dynamic type: quoted where it could be read as
// something else.
func (t *text) plain(s string) {
	if isPlain(s) {
		t.string(s)
		return
	}
	t.buf = pytext.AppendString(t.buf, s)
}

func isPlain(s string) bool {
	switch s {
	case "":
		return true
	case "None", "True", "False", "Ellipsis", "inf", "-inf", "nan":
		return false
	}
	switch s[0] {
	case '\'', '"', '[', '(', '{', '&':
		return false
	case 'b':
		if len(s) > 1 && (s[1] == '\'' || s[1] == '"') {
			return false
		}
	}
	if s[len(s)-1] == ')' && strings.IndexByte(s, '(') >= 0 { // a type and its value
		return false
	}
	return strings.IndexByte(s, ',') < 0 && !isNumber(s)
}

// isNumber tells whether s is how an int or a float is written.
func isNumber(s string) bool {
	s = strings.TrimPrefix(s, "-")
	digits := func() bool {
		n := 0
		for n < len(s) && '0' <= s[n] && s[n] <= '9' {
			n++
		}
		s = s[n:]
		return n > 0
	}
	if !digits() {
		return false
	}
	if rest, ok := strings.CutPrefix(s, "."); ok {
		if s = rest; !digits() {
			return false
		}
	}
	if rest, ok := strings.CutPrefix(s, "e"); ok {
		if s = strings.TrimLeft(rest, "+-"); !digits() {
			return false
		}
	}
	return s == ""
}

// buildList: slices and arrays are lists, Tuple is a tuple.
func (c *compiler) buildList(co *coercer, t reflect.Type, opening, closing string) error {
	elem, err := c.compile(t.Elem())
	if err != nil {
		return fmt.Errorf("element (%v): %w", t.Elem(), err)
	}
	if t == tupleType {
		opening, closing = "(", ")"
	}
	c.listOf(co, elem, opening, closing)
	return nil
}

func (c *compiler) listOf(co *coercer, elem *coercer, opening, closing string) {
	list := func(t *text, v reflect.Value) error {
		t.string(opening)
		n := v.Len()
		for i := range n {
			if i > 0 {
				t.comma()
			}
			if err := elem.repr(t, v.Index(i)); err != nil {
				return err
			}
		}
		if n == 1 && opening == "(" {
			t.buf = append(t.buf, ',')
		}
		t.string(closing)
		return nil
	}
	nested := func(t *text, v reflect.Value) error {
		if v.Kind() == reflect.Array {
			return list(t, v)
		}
		return t.within(v, func() error { return list(t, v) })
	}
	co.everywhere(nested, shapeDelimited)
	if elem.shape == shapeClosed {
		co.shape = shapeClosed
	}
	if c.python() {
		co.part = func(t *text, v reflect.Value) error {
			start := len(t.buf)
			err := nested(t, v)
			t.buf = append(t.buf[:start], bytes.ReplaceAll(t.buf[start:], []byte(" "), nil)...)
			return err
		}
	}
}

// member returns the coercer for what is the key of a map or in a set. Python has
// only hashable values there, so an array is a tuple, and an array of bytes is
// bytes.
func (c *compiler) member(t reflect.Type) (*coercer, error) {
	if t.Kind() != reflect.Array || has(t, ringKeyerType) || isHashed(t) || hasOwn(t, textMarshalerType) {
		return c.compile(t)
	}
	co := &coercer{}
	if t.Elem().Kind() == reflect.Uint8 {
		co.everywhere(func(t *text, v reflect.Value) error {
			b := make([]byte, v.Len())
			reflect.Copy(reflect.ValueOf(b), v)
			t.buf = pytext.AppendBytes(t.buf, b)
			return nil
		}, shapeDelimited)
		return co, nil
	}
	elem, err := c.member(t.Elem())
	if err != nil {
		return nil, err
	}
	c.listOf(co, elem, "(", ")")
	co.part = co.repr
	return co, nil
}

// memberValue is member for a key that may be dynamic: it returns the coercer of
// the value in it.
func (c *compiler) memberValue(static *coercer, v reflect.Value) (*coercer, reflect.Value, error) {
	if v.Kind() != reflect.Interface || v.IsNil() || v.Elem().Kind() != reflect.Array {
		return static, v, nil
	}
	sub := compiler{rules: c.rules, made: map[reflect.Type]*coercer{}}
	co, err := sub.member(v.Elem().Type())
	return co, v.Elem(), err
}

// buildMap: a map is a dict, sorted by its keys. As a part of the key, Python joins
// the keys and values by commas.
func (c *compiler) buildMap(co *coercer, t reflect.Type) error {
	key, err := c.member(t.Key())
	if err != nil {
		return fmt.Errorf("key (%v): %w", t.Key(), err)
	}
	elem, err := c.compile(t.Elem())
	if err != nil {
		return fmt.Errorf("value (%v): %w", t.Elem(), err)
	}
	if key.shape == shapeClosed && elem.shape == shapeClosed {
		co.shape = shapeClosed
	}
	sorted := func(t *text, v reflect.Value, write func(key *coercer, k, e reflect.Value) error, between func()) error {
		return t.within(v, func() error {
			keys, err := c.sortKeys(v.MapKeys(), key)
			if err != nil {
				return err
			}
			for i, k := range keys {
				if i > 0 {
					between()
				}
				member, mk, err := c.memberValue(key, k)
				if err == nil {
					err = write(member, mk, v.MapIndex(k))
				}
				if err != nil {
					return err
				}
			}
			return nil
		})
	}
	co.part = func(t *text, v reflect.Value) error {
		defer func(blank bool) { t.blank = blank }(t.blank)
		t.blank = true
		return sorted(t, v, func(key *coercer, k, e reflect.Value) error {
			if err := key.item(t, k); err != nil {
				return err
			}
			t.buf = append(t.buf, ',')
			return elem.item(t, e)
		}, func() { t.buf = append(t.buf, ',') })
	}
	co.repr = func(t *text, v reflect.Value) error {
		t.buf = append(t.buf, '{')
		err := sorted(t, v, func(key *coercer, k, e reflect.Value) error {
			if err := key.repr(t, k); err != nil {
				return err
			}
			t.buf = append(t.buf, ':')
			if t.blank {
				t.buf = append(t.buf, ' ')
			}
			return elem.repr(t, e)
		}, t.comma)
		t.buf = append(t.buf, '}')
		return err
	}
	co.item = co.repr
	return nil
}

// buildSet: a set, sorted. As a part of the key, Python puts the strings in it
// between quotes as they are, so one with a quote in it needs another form.
func (c *compiler) buildSet(co *coercer, t reflect.Type) error {
	key, err := c.member(t.Key())
	if err != nil {
		return fmt.Errorf("member (%v): %w", t.Key(), err)
	}
	empty, opening, closing := "set()", "{", "}"
	if t == frozenSetType {
		empty, opening, closing = "frozenset()", "frozenset({", "})"
	}
	members := func(t *text, v reflect.Value, write func(key *coercer, k reflect.Value) error, between func()) error {
		keys, err := c.sortKeys(v.MapKeys(), key)
		if err != nil {
			return err
		}
		for i, k := range keys {
			if i > 0 {
				between()
			}
			member, mk, err := c.memberValue(key, k)
			if err == nil {
				err = write(member, mk)
			}
			if err != nil {
				return err
			}
		}
		return nil
	}
	co.shape = shapeDelimited
	co.part = func(t *text, v reflect.Value) error {
		defer func(blank bool) { t.blank = blank }(t.blank)
		t.blank = true
		t.buf = append(t.buf, '{')
		err := members(t, v, func(key *coercer, k reflect.Value) error {
			if s, ok := dynamicString(k); ok {
				c.setString(t, s)
				return nil
			}
			if c.python() {
				return key.item(t, k)
			}
			return key.repr(t, k)
		}, func() { t.buf = append(t.buf, ',') })
		t.buf = append(t.buf, '}')
		return err
	}
	co.repr = func(t *text, v reflect.Value) error {
		if v.Len() == 0 {
			t.string(empty)
			return nil
		}
		t.string(opening)
		err := members(t, v, func(key *coercer, k reflect.Value) error { return key.repr(t, k) }, t.comma)
		t.string(closing)
		return err
	}
	co.item = co.repr
	return nil
}

// dynamicString returns the string that v is, itself or in an any.
func dynamicString(v reflect.Value) (string, bool) {
	if v.Kind() == reflect.Interface && !v.IsNil() {
		v = v.Elem()
	}
	return v.String(), v.Type() == stringType
}

// setString writes a string in a set: as it is between single quotes or, when it
// has one in it, with escapes between double quotes.
func (c *compiler) setString(t *text, s string) {
	if c.python() || strings.IndexByte(s, '\'') < 0 {
		t.buf = append(append(append(t.buf, '\''), s...), '\'')
		return
	}
	t.buf = append(t.buf, '"')
	t.string(setEscaper.Replace(s))
	t.buf = append(t.buf, '"')
}

var setEscaper = strings.NewReplacer(`\`, `\\`, `"`, `\"`)

// sortKeys sorts the keys of a map or set as Python does. Keys that Python cannot
// compare are an error with PythonKeys; else they are sorted by their text, as are
// those that only Go tells apart, 1 and 1.0.
func (c *compiler) sortKeys(keys []reflect.Value, co *coercer) ([]reflect.Value, error) {
	comparable, tied := true, false
	slices.SortStableFunc(keys, func(a, b reflect.Value) int {
		order, ok := compareKeys(a, b)
		comparable = comparable && ok
		tied = tied || order == 0
		return order
	})
	if comparable && !tied {
		return keys, nil
	}
	if !comparable && c.python() {
		return nil, fmt.Errorf("%w: Python cannot sort keys of these types together", ErrKey)
	}
	texts := make(map[int]string, len(keys))
	order := make([]int, len(keys))
	for i, k := range keys {
		var t text
		member, mk, err := c.memberValue(co, k)
		if err == nil {
			err = member.repr(&t, mk)
		}
		if err != nil {
			return nil, err
		}
		texts[i], order[i] = string(t.buf), i
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Compare(texts[a], texts[b]) })
	sorted := make([]reflect.Value, len(keys))
	for i, o := range order {
		sorted[i] = keys[o]
	}
	return sorted, nil
}

// compareKeys compares two keys as Python's < does; ok tells whether it can.
func compareKeys(a, b reflect.Value) (order int, ok bool) {
	a, b = indirect(a), indirect(b)
	if !a.IsValid() || !b.IsValid() {
		return 0, false
	}
	if a.Kind() == reflect.String && b.Kind() == reflect.String {
		return strings.Compare(a.String(), b.String()), true
	}
	switch {
	case a.CanInt() && b.CanInt():
		return cmp.Compare(a.Int(), b.Int()), true
	case a.CanUint() && b.CanUint():
		return cmp.Compare(a.Uint(), b.Uint()), true
	case a.CanFloat() && b.CanFloat():
		return cmp.Compare(a.Float(), b.Float()), true
	}
	if x, ok := number(a); ok {
		y, ok := number(b)
		if !ok {
			return 0, false
		}
		if x == nil || y == nil { // NaN
			return 0, true
		}
		return x.Cmp(y), true
	}
	if a.Kind() != reflect.Array || b.Kind() != reflect.Array {
		return 0, false
	}
	for i := range min(a.Len(), b.Len()) {
		if order, ok = compareKeys(a.Index(i), b.Index(i)); !ok || order != 0 {
			return order, ok
		}
	}
	return cmp.Compare(a.Len(), b.Len()), true
}

// indirect follows interfaces and pointers.
func indirect(v reflect.Value) reflect.Value {
	for v.Kind() == reflect.Interface || v.Kind() == reflect.Pointer {
		v = v.Elem()
	}
	return v
}

// number returns v as a number that compares exactly; nil for NaN.
func number(v reflect.Value) (*big.Float, bool) {
	switch {
	case v.Kind() == reflect.Bool:
		if v.Bool() {
			return big.NewFloat(1), true
		}
		return big.NewFloat(0), true
	case v.CanFloat():
		if v.Float() != v.Float() {
			return nil, true
		}
		return big.NewFloat(v.Float()), true
	case v.CanInt(), v.CanUint():
		i, _ := integer(v)
		return new(big.Float).SetInt(i), true
	case v.Type() == bigIntType && v.CanAddr():
		return new(big.Float).SetInt(v.Addr().Interface().(*big.Int)), true
	}
	return nil, false
}

// field is a field of a struct in a key.
type field struct {
	name  string
	index int
	co    *coercer
}

// buildStruct: a struct is a dataclass: its name, then its fields, sorted, as in a
// dict. One with hidden state needs a text of its own.
func (c *compiler) buildStruct(co *coercer, t reflect.Type) error {
	if t == ellipsisType {
		c.buildText(co, stringerText, shapeClosed)
		return nil
	}
	fields, err := c.fields(t)
	if err != nil {
		if hasOwn(t, stringerType) { // 5
			c.buildText(co, stringerText, shapeFree)
			return nil
		}
		return err
	}
	sorted := slices.Clone(fields)
	slices.SortFunc(sorted, func(a, b field) int { return cmp.Compare(a.name, b.name) })
	co.shape = shapeClosed
	for i, f := range sorted {
		if f.co.shape != shapeClosed {
			co.shape = shapeFree
		}
		if i > 0 && f.name == sorted[i-1].name {
			return fmt.Errorf("two fields of %v are named %q", t, f.name)
		}
	}
	name := t.Name()
	co.part = func(t *text, v reflect.Value) error {
		defer func(blank, asDict bool) { t.blank, t.asDict = blank, asDict }(t.blank, t.asDict)
		t.blank, t.asDict = true, true
		t.string(name)
		for i, f := range sorted {
			if i > 0 {
				t.buf = append(t.buf, ',')
			}
			t.string(f.name)
			t.buf = append(t.buf, ',')
			if err := f.co.item(t, v.Field(f.index)); err != nil {
				return fmt.Errorf("field %s: %w", f.name, err)
			}
		}
		return nil
	}
	co.repr = func(t *text, v reflect.Value) error {
		opening, closing, equals := name+"(", ")", "="
		if t.asDict {
			opening, closing, equals = "{", "}", ":"
			if t.blank {
				equals = ": "
			}
		}
		t.string(opening)
		for i, f := range fields {
			if i > 0 {
				t.comma()
			}
			if t.asDict {
				t.buf = pytext.AppendString(t.buf, f.name)
			} else {
				t.string(f.name)
			}
			t.string(equals)
			if err := f.co.repr(t, v.Field(f.index)); err != nil {
				return fmt.Errorf("field %s: %w", f.name, err)
			}
		}
		t.string(closing)
		return nil
	}
	co.item = co.repr
	return nil
}

// fields returns the fields of a struct in the order of their declaration. Fields
// named _ hold nothing, as for ==.
func (c *compiler) fields(t reflect.Type) ([]field, error) {
	var fields []field
	for i := range t.NumField() {
		f := t.Field(i)
		if f.Name == "_" || f.Type.Size() == 0 && !f.IsExported() {
			continue
		}
		name := f.Name
		if tag, ok := f.Tag.Lookup("ring"); ok {
			if name = tag; name == "" || name == "-" || strings.ContainsAny(name, `,'"()[]{}=:`) {
				return nil, fmt.Errorf("field %s: the tag ring:%q is not a name (hash:\"ignore\" leaves a field out)", f.Name, tag)
			}
		}
		co, err := c.fieldCoercer(f)
		if err != nil {
			return nil, fmt.Errorf("field %s (%v): %w", f.Name, f.Type, err)
		}
		fields = append(fields, field{name, i, co})
	}
	return fields, nil
}

func (c *compiler) fieldCoercer(f reflect.StructField) (*coercer, error) {
	switch {
	case f.IsExported():
		return c.compile(f.Type)
	case f.Anonymous && f.Type.Kind() == reflect.Struct:
		// Its fields are in reach, its methods are not.
		co := &coercer{}
		return co, c.buildStruct(co, f.Type)
	}
	return nil, errHidden
}

var errHidden = errors.New(`is not exported, so its state cannot be in the key: give the type a method RingKey() string, ` +
	`a method Hash() (uint64, error), or the tag hash:"ignore" on the fields that make no difference`)
