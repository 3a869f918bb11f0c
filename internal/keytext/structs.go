package keytext

import (
	"cmp"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// field is a field of a struct in a key.
type field struct {
	name   string
	index  int
	offset uintptr
	co     *coercer
	lead   string // the text before it in a part
}

// buildStruct: a struct is a dataclass: its name, then its fields, sorted, as in a dict.
// A struct with hidden state needs another text; String is Python's __str__.
func (c *compiler) buildStruct(co *coercer, t reflect.Type) error {
	if t == ellipsisType {
		c.buildText(co, stringerText(t), shapeClosed)
		return nil
	}
	err := c.buildFields(co, t)
	switch {
	case err == nil:
		return nil
	case c.Python && ownText(t, stringerType) && !errors.Is(err, errNotWhole): // 5
		c.buildText(co, stringerText(t), shapeOpen)
		return nil
	case hides(t):
		return textErr(t, err)
	}
	return err
}

func (c *compiler) buildFields(co *coercer, t reflect.Type) error {
	fields, err := c.fields(t)
	if err != nil {
		return err
	}
	sorted := slices.Clone(fields)
	slices.SortFunc(sorted, func(a, b field) int { return cmp.Compare(a.name, b.name) })
	co.shape = shapeClosed
	for i, f := range sorted {
		if f.co.shape != shapeClosed {
			co.shape = shapeOpen
		}
		if i > 0 && f.name == sorted[i-1].name {
			return fmt.Errorf("two fields of %v are named %q", t, f.name)
		}
	}
	name := unnumbered(t.Name())
	for i := range sorted {
		lead := ","
		if i == 0 {
			lead = name
		}
		sorted[i].lead = lead + sorted[i].name + ","
	}
	co.part = writeFields(sorted, name)
	co.flat = c.newFlat(sorted)
	co.repr = writeRepr(fields, name)
	co.item = co.repr
	return nil
}

// writeFields writes a struct as a parameter's whole part of a key.
func writeFields(sorted []field, name string) coerceFunc {
	return func(t *Text, v reflect.Value) error {
		blank, asDict := t.blank, t.asDict
		t.blank, t.asDict = true, true
		if len(sorted) == 0 {
			t.string(name)
		}
		for i := range sorted {
			f := &sorted[i]
			t.string(f.lead)
			if err := f.co.item(t, v.Field(f.index)); err != nil {
				return inField(f.name, err)
			}
		}
		t.blank, t.asDict = blank, asDict
		return nil
	}
}

// writeRepr writes a struct within another value.
func writeRepr(fields []field, name string) coerceFunc {
	return func(t *Text, v reflect.Value) error {
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
				t.quoted(f.name)
			} else {
				t.string(f.name)
			}
			t.string(equals)
			if err := f.co.repr(t, v.Field(f.index)); err != nil {
				return inField(f.name, err)
			}
		}
		t.string(closing)
		return nil
	}
}

// inField adds the field to an error. In a cycle the path would be long.
func inField(name string, err error) error {
	if errors.Is(err, errCycle) || errors.Is(err, errTooLarge) {
		return err
	}
	return fmt.Errorf("field %s: %w", name, err)
}

// fields returns the fields of a struct in the order of their declaration. Fields named
// _ hold nothing, as for ==.
func (c *compiler) fields(t reflect.Type) ([]field, error) {
	var fields []field
	for i := range t.NumField() {
		f := t.Field(i)
		if leftOut(f) {
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
		fields = append(fields, field{name: name, index: i, offset: f.Offset, co: co})
	}
	return fields, nil
}

func (c *compiler) fieldCoercer(f reflect.StructField) (*coercer, error) {
	switch {
	case f.IsExported():
		return c.newCoercer(f.Type)
	case f.Anonymous && f.Type.Kind() == reflect.Struct:
		// Its fields can be read, its methods cannot be called.
		co := &coercer{}
		return co, c.buildFields(co, f.Type)
	}
	if c.Python && !c.InMemory {
		return nil, errHiddenPython
	}
	return nil, errHidden
}
