package keytext

import (
	"errors"
	"fmt"
	"reflect"
)

// hides reports whether values of a struct type have state in unexported fields, which
// only a method of the type can tell. Fields that make no difference do not count.
func hides(t reflect.Type) bool {
	if t.Kind() != reflect.Struct {
		return false
	}
	for i := range t.NumField() {
		f := t.Field(i)
		switch {
		case leftOut(f) || f.IsExported():
		case f.Anonymous && f.Type.Kind() == reflect.Struct: // its fields can be read
			if hides(f.Type) {
				return true
			}
		default:
			return true
		}
	}
	return false
}

// leftOut reports whether a field is not part of a key. Fields named _ hold nothing, as
// for ==.
func leftOut(f reflect.StructField) bool {
	tag := f.Tag.Get("hash")
	return f.Name == "_" || f.Type.Size() == 0 && !f.IsExported() || tag == "ignore" || tag == "-"
}

// isTextual reports whether a type is written by its MarshalText: types that the key
// does not see completely, and arrays, which are often written like a UUID. The text
// must be one that can be read back: a text for people may be the same for two values.
func isTextual(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.Array, reflect.Chan, reflect.Func, reflect.UnsafePointer:
	case reflect.Struct:
		if !hides(t) {
			return false
		}
	default:
		return false
	}
	return ownText(t, TextMarshalerType) && ownText(t, textUnmarshalerType)
}

// ownText is HasOwn for a text. The text of an embedded field counts only if the text
// of the field's type would count itself.
func ownText(t, iface reflect.Type) bool {
	if !HasOwn(t, iface) {
		return false
	}
	for t.Kind() == reflect.Struct && t.NumField() == 1 && t.Field(0).Anonymous && Has(t.Field(0).Type, iface) {
		t = embedded(t)
		_, other := ownWays[t]
		if other || t == timeType || t.Kind() == reflect.Interface || checkWhole(t) != nil {
			return false
		}
	}
	return true
}

// textErr returns the error for a type whose text is not a key.
func textErr(t reflect.Type, err error) error {
	switch {
	case Has(t, TextMarshalerType) && Has(t, textUnmarshalerType):
		return fmt.Errorf("%w. Its MarshalText may come from an embedded field, and is no key: it would know nothing of the rest", err)
	case Has(t, TextMarshalerType):
		return fmt.Errorf("%w. Its MarshalText is no key: there is no UnmarshalText, so nothing says that two values have two texts", err)
	case Has(t, stringerType):
		return fmt.Errorf("%w. Its String is made for people and is no key: two values may have one text", err)
	}
	return err
}

var (
	errHidden = hiddenError(`a method Hash() (uint64, error) that no embedded field has; `)

	// errHiddenPython is for PythonKeys outside of memory, which accept no hash: Python
	// has a different one in every process.
	errHiddenPython = hiddenError("")
)

func hiddenError(hash string) error {
	return errors.New(`is not exported, so the key cannot see it: give the type a method RingKey() string ` +
		`that tells apart the values whose results differ. Or else: ` + hash + `the tag hash:"ignore" on fields that make no difference; ` +
		`that text in place of the value; Options.IgnorableKeys, if the parameter makes no difference`)
}

// notWhole holds types of the standard library whose text is not accepted, by their
// full names, with the reason: what the text leaves out.
var notWhole = map[string]string{
	"regexp.Regexp":  "its text does not say whether it is a POSIX expression, or a longest match: pass the expression itself",
	"time.Location":  "its name does not say what its offsets are, and is Local on every machine: pass its name, and load it in the function",
	"reflect.Value":  "its text is not that of its value: pass what it holds",
	"log/slog.Value": "its text does not say of what kind it is: pass what it holds",
	"bytes.Buffer":   "the function that reads it changes it, and a hit does not: pass its bytes",
}

// fullName returns the name of a type with the path of its package. Types without a name
// have none.
func fullName(t reflect.Type) string { return t.PkgPath() + "." + t.Name() }

// checkWhole refuses the types of notWhole.
func checkWhole(t reflect.Type) error {
	why, refused := notWhole[fullName(t)]
	if !refused {
		return nil
	}
	return fmt.Errorf("a %v %w: %s, or a type of your own with RingKey() string, or leave the parameter out with Options.IgnorableKeys if it makes no difference", t, errNotWhole, why)
}

var errNotWhole = errors.New("has no key")
