package codec

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"

	"github.com/ring-go/ring/internal/pyvalue"
)

// Dataclass keeps a struct as JSON, the name of its type and its fields: ["Name",
// {...}].
type Dataclass struct{}

func (Dataclass) Encode(v any) (any, error) {
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
	return JSON{}.Encode(pyvalue.Tuple{s.Type().Name(), v})
}

// Decode ignores the name: the function's result type determines the fields.
func (Dataclass) Decode(data any, typ reflect.Type) (any, error) {
	text, err := DataBytes(data)
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
	return JSON{}.Decode([]byte(parts[1]), typ)
}

// CheckType refuses all but structs and pointers to them.
func (Dataclass) CheckType(t reflect.Type) error {
	elem := t
	for elem != nil && elem.Kind() == reflect.Pointer {
		elem = elem.Elem()
	}
	if elem == nil || elem.Kind() != reflect.Struct || elem.Name() == "" {
		return fmt.Errorf("%v is not a struct type with a name: use the Coder \"json\" or \"pickle\"", t)
	}
	return checkJSON(t, map[reflect.Type]bool{})
}
