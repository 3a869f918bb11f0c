package pickle

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

// stateForm is how the objects of a class store their attributes in a pickle.
type stateForm uint8

const (
	stateDict  stateForm = iota // by name, in the __dict__ of the object
	stateSlots                  // by name, in __slots__
	stateList                   // by their order, in a list
	stateTuple                  // by their order, as the items of a tuple
)

// attributes describes a struct as an object: its fields by their names in Python.
type attributes struct {
	structType
	form stateForm
}

var attributesByType sync.Map // reflect.Type → *attributes

// attributesOf compiles a struct type. A field without a name in its tag is an
// attribute with its name in Python's spelling: user_id for UserID.
func attributesOf(t reflect.Type) (*attributes, error) {
	if a, ok := attributesByType.Load(t); ok {
		return a.(*attributes), nil
	}
	a := &attributes{structType: structType{byName: map[string]int{}, byFold: map[string]int{}}}
	var hidden bool
	if a.fields, hidden = structFields(t); hidden && len(a.fields) == 0 {
		return nil, fmt.Errorf("%v has only unexported fields", t)
	}
	var err error
	if a.form, err = stateFormOf(t); err != nil {
		return nil, err
	}
	for i := range a.fields {
		f := &a.fields[i]
		f.codec = codecOf(t.FieldByIndex(f.index).Type)
		goName := f.name
		if !f.tagged {
			f.name = snakeCase(f.name)
		}
		if !validText([]byte(f.name)) {
			return nil, fmt.Errorf("the name %q of a field is not UTF-8", f.name)
		}
		if has(a.byName, f.name) {
			return nil, fmt.Errorf("two fields of %v are the attribute %q: give them different names by tags", t, f.name)
		}
		a.byName[f.name] = i
		a.longest = max(a.longest, len(f.name), len(goName))
		for _, fold := range []string{strings.ToLower(f.name), strings.ToLower(goName)} {
			if !has(a.byFold, fold) {
				a.byFold[fold] = i
			}
		}
	}
	attributesByType.Store(t, a)
	return a, nil
}

// stateFormOf reads the tag of the blank field of a struct.
func stateFormOf(t reflect.Type) (stateForm, error) {
	for i := range t.NumField() {
		f := t.Field(i)
		if f.Name != "_" {
			continue
		}
		switch f.Tag.Get("pickle") {
		case "":
		case ",tuple":
			return stateTuple, nil
		case ",slots":
			return stateSlots, nil
		case ",list":
			return stateList, nil
		default:
			return 0, errors.New(`the tag of a blank field is one of ",slots", ",list" and ",tuple"`)
		}
	}
	return stateDict, nil
}

// snakeCase spells a Go name in Python's style: UserID as user_id, HTTPServer2 as
// http_server2.
func snakeCase(name string) string {
	var b strings.Builder
	for i, r := range name {
		if unicode.IsUpper(r) && i > 0 {
			before, _ := utf8.DecodeLastRuneInString(name[:i])
			after, _ := utf8.DecodeRuneInString(name[i+utf8.RuneLen(r):])
			if before != '_' && (!unicode.IsUpper(before) || unicode.IsLower(after)) {
				b.WriteByte('_')
			}
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}

// encode writes v as an object of the class.
func (c *class) encode(e *encoder, v reflect.Value) error {
	if c.isEnum() {
		return c.encodeMember(e, v)
	}
	a, err := attributesOf(c.elem)
	if err != nil {
		return err
	}
	if err := e.enter(c.elem); err != nil {
		return err
	}
	defer func() { e.depth-- }()
	return e.object(mutable, func() error { return a.encodeObject(e, c, v) })
}

func (a *attributes) encodeObject(e *encoder, c *class, v reflect.Value) error {
	e.class(c)
	if a.form == stateTuple {
		if err := a.encodeTuple(e, v); err != nil {
			return err
		}
		e.op(opNewObj)
		return nil
	}
	e.buf = append(e.buf, opEmptyTuple, opNewObj)
	e.begun()
	return a.encodeState(e, v)
}

func (a *attributes) encodeState(e *encoder, v reflect.Value) error {
	if a.form == stateList {
		err := e.list(len(a.fields), func(i int) error { return a.encodeItem(e, v, i) })
		e.op(opBuild)
		return err
	}
	present := make([]int, 0, len(a.fields))
	for i := range a.fields {
		if _, ok := a.fields[i].get(v); ok {
			present = append(present, i)
		}
	}
	if len(present) == 0 { // like Python, write no state
		return nil
	}
	if a.form == stateSlots {
		e.none()
	}
	e.op(opEmptyDict)
	err := e.dictItems(len(present), func(i int) error {
		if err := e.attribute(a.fields[present[i]].name); err != nil {
			return err
		}
		return a.encodeItem(e, v, present[i])
	})
	if a.form == stateSlots {
		e.op(opTuple2)
	}
	e.op(opBuild)
	return err
}

// encodeItem writes a field, or None if it is below a nil pointer.
func (a *attributes) encodeItem(e *encoder, v reflect.Value, i int) error {
	f := &a.fields[i]
	value, _ := f.get(v)
	if value.Type() != f.codec.typ {
		e.none()
		return nil
	}
	return inField(f.codec.encode(e, value), f.name)
}

// The keys of onceOf, beside *class.
type (
	moduleName    string
	attributeName string
)

// class writes the class itself: from protocol 4 on as two str, before as two lines,
// and a nested class as a call of getattr.
func (e *encoder) class(c *class) {
	_ = e.onceOf(c, func() error {
		if e.protocol >= 4 {
			e.name(c.name.Module, func(write func() error) error { return e.onceOf(moduleName(c.name.Module), write) })
			e.name(c.name.Name, func(write func() error) error { return write() })
			e.op(opStackGlobal)
			return nil
		}
		outer, inner, _ := strings.Cut(c.name.Name, ".")
		nested := strings.Split(inner, ".")
		if inner == "" {
			nested = nil
		}
		for range nested {
			e.global(globalGetattr)
		}
		e.buf = append(e.buf, opGlobal)
		e.buf = append(e.buf, c.name.Module...)
		e.buf = append(e.buf, '\n')
		e.buf = append(e.buf, outer...)
		e.buf = append(e.buf, '\n')
		for _, name := range nested {
			_ = e.attribute(name)
			e.buf = append(e.buf, opTuple2, opReduce)
		}
		return nil
	})
}

// attribute writes the name of an attribute, of which Python has only one object.
func (e *encoder) attribute(name string) error {
	if _, single := strSingleton(name); single {
		return e.str(name)
	}
	e.name(name, func(write func() error) error { return e.onceOf(attributeName(name), write) })
	return nil
}
