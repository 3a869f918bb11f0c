package storagetest

import (
	"bytes"
	"errors"
	"fmt"
	"reflect"
	"strings"
)

func describe(method string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: want no error, got: %w", method, err)
}

// describeTouch is describe, but accepts errors.ErrUnsupported: not every storage can
// touch a value without expiry.
func describeTouch(method string, err error) error {
	if unsupported(err) {
		return nil
	}
	return describe(method, err)
}

// Comparing and showing

func unsupported(err error) bool { return errors.Is(err, errors.ErrUnsupported) }

// equal treats a nil and an empty []byte as equal: bytes that were stored and read again
// cannot differ in that.
func equal(a, b any) bool {
	x, isBytes := a.([]byte)
	if y, ok := b.([]byte); ok && isBytes {
		return bytes.Equal(x, y)
	}
	return reflect.DeepEqual(a, b)
}

// identical compares values by their identity, and by equal if they have none.
func identical(a, b any) bool {
	x, y := reflect.ValueOf(a), reflect.ValueOf(b)
	if !x.IsValid() || !y.IsValid() || x.Type() != y.Type() {
		return x.IsValid() == y.IsValid() && !x.IsValid()
	}
	switch x.Kind() {
	case reflect.Slice:
		return x.Len() == y.Len() && x.Pointer() == y.Pointer()
	case reflect.Pointer, reflect.Map, reflect.Chan, reflect.Func, reflect.UnsafePointer:
		return x.Pointer() == y.Pointer()
	}
	return equal(a, b)
}

// show returns a value for a message, with its type, and shortened if it is long.
func show(value any) string {
	const most = 120
	text := fmt.Sprintf("%T %v", value, value)
	switch v := value.(type) {
	case nil:
		return "nil"
	case []byte:
		text = fmt.Sprintf("[]byte %q", v[:min(len(v), most)])
		if len(v) > most {
			text += fmt.Sprintf("… (%d bytes)", len(v))
		}
		return text
	case string:
		text = fmt.Sprintf("%q", v)
	case bool:
		return fmt.Sprint(v)
	}
	if len(text) > most {
		return fmt.Sprintf("%s… (%d bytes)", strings.ToValidUTF8(text[:most], ""), len(text))
	}
	return text
}

// list returns keys for a message.
func list(keys []string) string {
	if len(keys) > 6 {
		return fmt.Sprintf("%d keys, from %q to %q", len(keys), keys[0], keys[len(keys)-1])
	}
	return fmt.Sprintf("%q", keys)
}

// outcome describes what a method returned. It shows the type of an error, to tell two
// errors with the same text apart.
func outcome(value any, err error) string {
	if err != nil {
		return fmt.Sprintf("the error %q (%T)", err, err)
	}
	return "no error and the value " + show(value)
}
