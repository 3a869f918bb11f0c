// Package codec implements the coders that come with ring.
package codec

import (
	"bytes"
	"encoding"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"reflect"
	"strings"

	"github.com/ring-go/ring/internal/callable"
	"github.com/ring-go/ring/internal/keytext"
	"github.com/ring-go/ring/internal/pyvalue"
)

// JSON keeps values as JSON text.
type JSON struct{}

func (JSON) Encode(v any) (any, error) {
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

// hasReplaced finds the escape that encoding/json writes for bytes that are not UTF-8.
// It writes the character itself unescaped.
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

func (JSON) Decode(data any, typ reflect.Type) (any, error) {
	text, err := DataBytes(data)
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

// isResults recognizes the struct for several results.
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
	tuple := make(pyvalue.Tuple, len(parts))
	for i, part := range parts {
		v, err := JSON{}.Decode([]byte(part), typ.Field(i).Type)
		if err != nil {
			return nil, fmt.Errorf("result %d: %w", i+1, err)
		}
		tuple[i] = v
	}
	return tuple, nil
}

// pythonFloat reads the text of Python's json for the floats that JSON lacks.
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

// takesNull reports whether JSON's null, Python's None, is a value of type t. For other
// types, encoding/json ignores it.
func takesNull(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.Pointer, reflect.Interface, reflect.Map, reflect.Slice:
		return true
	}
	return reflect.PointerTo(t).Implements(JSONUnmarshalerType)
}

// CheckType refuses the types that JSON cannot restore.
func (JSON) CheckType(t reflect.Type) error { return checkJSON(t, map[reflect.Type]bool{}) }

var (
	jsonMarshalerType   = reflect.TypeFor[json.Marshaler]()
	JSONUnmarshalerType = reflect.TypeFor[json.Unmarshaler]()
	TextUnmarshalerType = reflect.TypeFor[encoding.TextUnmarshaler]()
)

// checkJSONMethods reports whether a type has its own methods for encoding and decoding.
// It refuses only one of them, or both from an embedded field: something would be lost.
func checkJSONMethods(t reflect.Type) (own bool, err error) {
	for _, way := range [][2]reflect.Type{{jsonMarshalerType, JSONUnmarshalerType}, {keytext.TextMarshalerType, TextUnmarshalerType}} {
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

// checkJSON checks a type and the types in it; seen holds those already visited.
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
		case k.Kind() == reflect.String || keytext.Has(k, TextUnmarshalerType):
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

// repeatedName finds a name that JSON gives to two fields of a struct, fields of
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
