package ring

import (
	"bytes"
	"encoding"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"
	"sync"

	"github.com/ring-go/ring/internal/callable"
	"github.com/ring-go/ring/internal/keytext"
	"github.com/ring-go/ring/pickle"
)

// Coder turns values into what a storage keeps, and back. It must be safe for
// concurrent use. Python: ring.coder.Coder, ring.coder.JsonCoder,
// ring.coder.DataclassCoder.
//
// A coder may also have a method CheckType(reflect.Type) error: Wrap asks it
// whether a result type survives the way there and back.
type Coder interface {
	// Encode returns what is stored for value. Several results are a Tuple.
	// Python: encode.
	Encode(value any) (data any, err error)

	// Decode returns the value that data was made from, best as a typ, the
	// function's result type. typ is nil when there is no function or it has no
	// result; for several results it is a struct with the fields R0, R1, … of
	// their types, and a Tuple may be returned as well. What is returned is
	// converted to the result type where that loses nothing.
	// Python: decode.
	Decode(data any, typ reflect.Type) (value any, err error)
}

// CoderTuple is a coder made of two functions; both are needed.
// Python: ring.coder.CoderTuple.
type CoderTuple struct {
	Encode func(any) (any, error)               // Python: encode
	Decode func(any, reflect.Type) (any, error) // Python: decode
}

type funcCoder struct{ CoderTuple }

func (c funcCoder) Encode(v any) (any, error)                 { return c.CoderTuple.Encode(v) }
func (c funcCoder) Decode(d any, t reflect.Type) (any, error) { return c.CoderTuple.Decode(d, t) }

// typeChecker is the optional method of a Coder.
type typeChecker interface{ CheckType(reflect.Type) error }

// Registry knows coders by name. It is safe for concurrent use; the zero value knows
// none. Python: ring.coder.Registry, ring.coder.pickle_coder.
type Registry struct {
	mu     sync.RWMutex
	coders map[string]Coder
}

// NewRegistry returns a registry with the coders that every registry has. All of them
// store a []byte and read a string as well.
//
//   - "json": the value as encoding/json writes it, several results as an array. NaN,
//     infinities and text that is not UTF-8 are refused.
//   - "pickle": the value as package pickle writes it, several results as a tuple, with
//     the classes of pickle.Register. Times and durations are kept to the microsecond. A
//     *pickle.Registry is that coder with its own classes.
//   - "dataclass": a struct, or a pointer to one, as ["Name", {fields}]. The name is
//     not compared when it is read.
//
// Wrap refuses result types that they cannot restore. A result of an interface type
// such as any comes back as what JSON or Python makes of it: a struct as a
// map[string]any, and over JSON an int as a float64. JSON keeps the moment and the offset
// of a time.Time, not the zone of a time.LoadLocation, so that half a year later it can be
// an hour off: return UTC, or the name of the zone as well.
//
// The names nil and "" stand for no coder. Python: ring.coder.Registry, ring.coder.JsonCoder, ring.coder.pickle_coder,
// ring.coder.DataclassCoder.
func NewRegistry() *Registry {
	return &Registry{coders: map[string]Coder{"json": jsonCoder{}, "pickle": pickleCoder{}, "dataclass": dataclassCoder{}}}
}

// DefaultRegistry is the registry of ropes without Options.CoderRegistry.
// Python: ring.coder.registry.
var DefaultRegistry = NewRegistry()

// Register makes coder, a Coder, a CoderTuple or a *pickle.Registry, known as name, in
// place of the one that had the name before. Ropes that exist keep theirs.
// Python: Registry.register.
func (r *Registry) Register(name string, coder any) error {
	if name == "" {
		return errors.New(`ring: register coder "": the name is missing`)
	}
	c, err := asCoder(coder)
	if err != nil {
		return fmt.Errorf("ring: register coder %q: %w", name, err)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.coders == nil {
		r.coders = map[string]Coder{}
	}
	r.coders[name] = c
	return nil
}

// Get returns the coder of that name. Python: Registry.get.
func (r *Registry) Get(name string) (Coder, bool) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	c, ok := r.coders[name]
	return c, ok
}

func (r *Registry) names() string {
	r.mu.RLock()
	defer r.mu.RUnlock()
	var names []string
	for name := range r.coders {
		names = append(names, name)
	}
	slices.Sort(names)
	return strings.Join(names, ", ")
}

func asCoder(coder any) (Coder, error) {
	switch c := coder.(type) {
	case CoderTuple:
		if c.Encode == nil || c.Decode == nil {
			return nil, errors.New("a CoderTuple needs both functions, Encode and Decode")
		}
		return funcCoder{c}, nil
	case *CoderTuple:
		if c != nil {
			return asCoder(*c)
		}
	case *pickle.Registry:
		return pickleCoder{c}, nil
	case Coder:
		return c, nil
	}
	return nil, fmt.Errorf("%T is not a coder: give a registered name, a Coder or a CoderTuple", coder)
}

// find resolves the Coder field of a factory: nil and "" are no coder.
func (r *Registry) find(coder any) (Coder, error) {
	switch name := coder.(type) {
	case nil:
		return nil, nil
	case string:
		if name == "" {
			return nil, nil
		}
		c, ok := r.Get(name)
		if !ok {
			return nil, fmt.Errorf("%w: %q is not registered; there are: %s", ErrCoder, name, r.names())
		}
		return c, nil
	}
	c, err := asCoder(coder)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrCoder, err)
	}
	return c, nil
}

// jsonCoder keeps values as JSON text.
type jsonCoder struct{}

func (jsonCoder) Encode(v any) (any, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, err
	}
	text := bytes.TrimSuffix(b.Bytes(), []byte("\n"))
	if hasReplaced(text) {
		return nil, errors.New("a string in the value is not UTF-8, which JSON cannot hold")
	}
	return text, nil
}

// hasReplaced finds the escape that encoding/json writes for bytes that are not
// UTF-8. The character itself it writes as it is.
func hasReplaced(text []byte) bool {
	for rest := text; ; {
		i := bytes.Index(rest, []byte(`\ufffd`))
		if i < 0 {
			return false
		}
		escapes := i - len(bytes.TrimRight(rest[:i], `\`))
		if escapes%2 == 0 {
			return true
		}
		rest = rest[i+1:]
	}
}

func (jsonCoder) Decode(data any, typ reflect.Type) (any, error) {
	text, err := dataBytes(data)
	if err != nil {
		return nil, err
	}
	if typ == nil {
		typ = reflect.TypeFor[any]()
	}
	if isResults(typ) {
		return decodeResults(text, typ)
	}
	if f, ok := pythonFloat(text); ok && (typ.Kind() == reflect.Float32 || typ.Kind() == reflect.Float64) {
		return f, nil
	}
	if !takesNull(typ) && string(bytes.TrimSpace(text)) == "null" {
		return nil, fmt.Errorf("null is no %v: a pointer to one could be nil", typ)
	}
	to := reflect.New(typ)
	if err := json.Unmarshal(text, to.Interface()); err != nil {
		return nil, err
	}
	return to.Elem().Interface(), nil
}

// isResults tells the struct that stands for several results.
func isResults(t reflect.Type) bool {
	return t.Kind() == reflect.Struct && t.Name() == "" && t.NumField() > 1 && t.Field(0).Tag == callable.ResultTag
}

func decodeResults(text []byte, typ reflect.Type) (any, error) {
	var parts []json.RawMessage
	if err := json.Unmarshal(text, &parts); err != nil {
		return nil, err
	}
	if len(parts) != typ.NumField() {
		return nil, fmt.Errorf("%d values are stored, the function has %d results", len(parts), typ.NumField())
	}
	tuple := make(Tuple, len(parts))
	for i, part := range parts {
		v, err := jsonCoder{}.Decode([]byte(part), typ.Field(i).Type)
		if err != nil {
			return nil, fmt.Errorf("result %d: %w", i+1, err)
		}
		tuple[i] = v
	}
	return tuple, nil
}

// pythonFloat reads what Python's json writes for the floats that JSON lacks.
func pythonFloat(text []byte) (float64, bool) {
	switch string(bytes.TrimSpace(text)) {
	case "NaN":
		return math.NaN(), true
	case "Infinity":
		return math.Inf(1), true
	case "-Infinity":
		return math.Inf(-1), true
	}
	return 0, false
}

// takesNull tells whether JSON's null, Python's None, means a value of type t. Package
// json leaves any other as it is.
func takesNull(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.Pointer, reflect.Interface, reflect.Map, reflect.Slice:
		return true
	}
	return reflect.PointerTo(t).Implements(reflect.TypeFor[json.Unmarshaler]())
}

func (jsonCoder) readsText() bool      { return true }
func (dataclassCoder) readsText() bool { return true }
func (pickleCoder) readsText() bool    { return true }
func (bytesCoder) readsText() bool     { return true }

func dataBytes(data any) ([]byte, error) {
	switch d := data.(type) {
	case []byte:
		return d, nil
	case string:
		return []byte(d), nil
	case undecodable:
		return nil, d.err
	}
	return nil, fmt.Errorf("%T is stored, not encoded text", data)
}

// undecodable is what a storage has in the place of a value that no coder can know of.
type undecodable struct{ err error }

// CheckType refuses the types that JSON cannot restore.
func (jsonCoder) CheckType(t reflect.Type) error { return checkJSON(t, map[reflect.Type]bool{}) }

var (
	jsonMarshalerType   = reflect.TypeFor[json.Marshaler]()
	jsonUnmarshalerType = reflect.TypeFor[json.Unmarshaler]()
	textUnmarshalerType = reflect.TypeFor[encoding.TextUnmarshaler]()
)

// checkJSONMethods tells whether a type has methods of its own for the way there and
// back. One way alone, or both from an embedded field, lose something.
func checkJSONMethods(t reflect.Type) (own bool, err error) {
	for _, way := range [][2]reflect.Type{{jsonMarshalerType, jsonUnmarshalerType}, {keytext.TextMarshalerType, textUnmarshalerType}} {
		there, back := keytext.Has(t, way[0]), keytext.Has(t, way[1])
		switch {
		case there != back && t.Kind() != reflect.Interface:
			return false, fmt.Errorf("%v has only one of the methods of %v and %v", t, way[0], way[1])
		case there && !keytext.HasOwn(t, way[0]):
			return false, fmt.Errorf("%v has the method of %v from an embedded field, which may forget the others: name that field instead of embedding it", t, way[0])
		case there:
			return true, nil
		}
	}
	return false, nil
}

// checkJSON walks a type; seen are those that were looked at.
func checkJSON(t reflect.Type, seen map[reflect.Type]bool) error {
	if t == nil || seen[t] {
		return nil
	}
	if own, err := checkJSONMethods(t); own || err != nil {
		return err
	}
	seen[t] = true
	switch t.Kind() {
	case reflect.Chan, reflect.Func, reflect.Complex64, reflect.Complex128, reflect.UnsafePointer:
		return fmt.Errorf("JSON has no %v", t)
	case reflect.Interface:
		if t.NumMethod() > 0 {
			return fmt.Errorf("the type behind %v cannot be restored: use a concrete type", t)
		}
	case reflect.Pointer, reflect.Slice, reflect.Array:
		return checkJSON(t.Elem(), seen)
	case reflect.Map:
		switch k := t.Key(); {
		case k.Kind() == reflect.String || keytext.Has(k, textUnmarshalerType):
		case reflect.Int <= k.Kind() && k.Kind() <= reflect.Uintptr:
		default:
			return fmt.Errorf("JSON cannot have a %v as the key of an object", k)
		}
		return checkJSON(t.Elem(), seen)
	case reflect.Struct:
		return checkJSONFields(t, seen)
	}
	return nil
}

func checkJSONFields(t reflect.Type, seen map[reflect.Type]bool) error {
	if name, ok := repeatedName(t, map[string]bool{}); ok {
		return fmt.Errorf("two fields of %v are named %q in JSON, and one of them would be lost", t, name)
	}
	for i := range t.NumField() {
		f := t.Field(i)
		embedded := f.Anonymous && f.Type.Kind() == reflect.Struct
		switch {
		case f.Tag.Get("json") == "-" || f.Type.Size() == 0 || f.Name == "_":
		case !f.IsExported() && !embedded:
			return fmt.Errorf(`field %s of %v is not exported and would be lost: export it, tag it json:"-", or give the type UnmarshalJSON`, f.Name, t)
		default:
			if err := checkJSON(f.Type, seen); err != nil {
				return fmt.Errorf("field %s of %v: %w", f.Name, t, err)
			}
		}
	}
	return nil
}

// repeatedName finds a name that JSON gives to two fields of a struct, those of
// embedded structs included.
func repeatedName(t reflect.Type, seen map[string]bool) (string, bool) {
	for i := range t.NumField() {
		f := t.Field(i)
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		elem := f.Type
		if elem.Kind() == reflect.Pointer {
			elem = elem.Elem()
		}
		switch {
		case f.Tag.Get("json") == "-" || !f.IsExported() && !f.Anonymous:
			continue
		case f.Anonymous && name == "" && elem.Kind() == reflect.Struct && elem != t:
			if name, ok := repeatedName(elem, seen); ok {
				return name, true
			}
			continue
		case name == "":
			name = f.Name
		}
		if seen[name] {
			return name, true
		}
		seen[name] = true
	}
	return "", false
}

// dataclassCoder keeps a struct as JSON, its type's name and its fields:
// ["Name", {...}].
type dataclassCoder struct{}

func (dataclassCoder) Encode(v any) (any, error) {
	s := reflect.ValueOf(v)
	for s.Kind() == reflect.Pointer {
		s = s.Elem()
	}
	if !s.IsValid() {
		return []byte("null"), nil
	}
	if s.Kind() != reflect.Struct {
		return nil, fmt.Errorf("%T is not a struct", v)
	}
	return jsonCoder{}.Encode(Tuple{s.Type().Name(), v})
}

// Decode ignores the name: the function's result type says what the fields are.
func (dataclassCoder) Decode(data any, typ reflect.Type) (any, error) {
	text, err := dataBytes(data)
	if err != nil {
		return nil, err
	}
	if string(bytes.TrimSpace(text)) == "null" {
		return nil, nil
	}
	var parts []json.RawMessage
	if err := json.Unmarshal(text, &parts); err != nil {
		return nil, err
	}
	if len(parts) != 2 {
		return nil, fmt.Errorf("%d values are stored, not a name and fields", len(parts))
	}
	return jsonCoder{}.Decode([]byte(parts[1]), typ)
}

// CheckType refuses all but structs and pointers to them.
func (dataclassCoder) CheckType(t reflect.Type) error {
	elem := t
	for elem != nil && elem.Kind() == reflect.Pointer {
		elem = elem.Elem()
	}
	if elem == nil || elem.Kind() != reflect.Struct || elem.Name() == "" {
		return fmt.Errorf("%v is not a struct type with a name: use the Coder \"json\" or \"pickle\"", t)
	}
	return checkJSON(t, map[reflect.Type]bool{})
}
