package keytext

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"sync"
)

// plainTypeName returns the name of a type with the full paths of packages, which tells
// apart types with the same name in two packages.
func plainTypeName(t reflect.Type) string {
	return composeTypeName(t, func(_ reflect.Type, name string) string { return name })
}

// typeName is plainTypeName, but also tells apart two types with the same name in one
// package, because functions declare them. If keys outlive the process, the second type
// has no name: in the next process it can be the first.
func (r Rules) typeName(t reflect.Type) (string, error) {
	known, ok := typeNames.composed.Load(t)
	if !ok {
		known, _ = typeNames.composed.LoadOrStore(t, newComposedName(t))
	}
	name := known.(*composedName)
	if name.second != nil && !r.InMemory {
		return "", sameNameError(name.second)
	}
	return name.text, nil
}

// composedName is the name of a type that may consist of other types.
type composedName struct {
	text   string
	second reflect.Type // the first part that is not the first type of its name; nil: none
}

func newComposedName(t reflect.Type) *composedName {
	name := &composedName{}
	name.text = composeTypeName(t, func(leaf reflect.Type, text string) string {
		suffix := typeSuffix(leaf, text)
		if suffix != "" && name.second == nil {
			name.second = leaf
		}
		return text + suffix
	})
	return name
}

// pythonTypeName returns the name that Python gives a class: without the package.
func (r Rules) pythonTypeName(t reflect.Type) (string, error) {
	if t.Name() == "" {
		return r.typeName(t)
	}
	suffix := typeSuffix(t, plainTypeName(t))
	if suffix != "" && !r.InMemory {
		return "", sameNameError(t)
	}
	return unnumbered(t.Name()) + suffix, nil
}

func sameNameError(t reflect.Type) error {
	return fmt.Errorf("there are two types named %s, which functions declare, and other processes cannot tell which of them is meant: "+
		"declare the type at package level, under a name of its own, or pass a value whose RingKey tells the types apart", plainTypeName(t))
}

// typeNames counts the types of each name, in the order of their first use.
var typeNames = struct {
	composed sync.Map // of reflect.Type to *composedName
	suffixes sync.Map // of reflect.Type to string
	sync.Mutex
	counts map[string]int
}{counts: map[string]int{}}

// typeSuffix returns what tells a type apart from others with its name: nothing for the
// first one.
func typeSuffix(t reflect.Type, name string) string {
	if known, ok := typeNames.suffixes.Load(t); ok {
		return known.(string)
	}
	typeNames.Lock()
	defer typeNames.Unlock()
	if known, ok := typeNames.suffixes.Load(t); ok {
		return known.(string)
	}
	typeNames.counts[name]++
	suffix := ""
	if n := typeNames.counts[name]; n > 1 {
		suffix = "#" + strconv.Itoa(n)
	}
	typeNames.suffixes.Store(t, suffix)
	return suffix
}

// composeTypeName returns the name of a type, composed of the names of its parts. leaf
// names the parts that have no parts themselves.
func composeTypeName(t reflect.Type, leaf func(t reflect.Type, name string) string) string {
	of := func(t reflect.Type) string { return composeTypeName(t, leaf) }
	switch {
	case t.Name() != "" && t.PkgPath() != "":
		return leaf(t, t.PkgPath()+"."+unnumbered(t.Name()))
	case t.Name() != "":
		return t.Name()
	}
	switch t.Kind() {
	case reflect.Pointer:
		return "*" + of(t.Elem())
	case reflect.Slice:
		return "[]" + of(t.Elem())
	case reflect.Array:
		return "[" + strconv.Itoa(t.Len()) + "]" + of(t.Elem())
	case reflect.Map:
		return "map[" + of(t.Key()) + "]" + of(t.Elem())
	case reflect.Chan:
		return t.ChanDir().String() + " " + of(t.Elem())
	case reflect.Func:
		return funcTypeName(t, of)
	case reflect.Struct:
		return structTypeName(t, of)
	case reflect.Interface:
		if t.NumMethod() == 0 {
			return "any"
		}
	}
	return leaf(t, unnumbered(t.String())) // its methods can have types with the same name
}

// unnumbered returns a name without the numbers that the compiler gives to the types of
// functions as type arguments, as in Box[main.row·1]: the next build may use others.
func unnumbered(name string) string {
	before, rest, numbered := strings.Cut(name, "·")
	if !numbered {
		return name
	}
	return before + unnumbered(strings.TrimLeft(rest, digits))
}

func funcTypeName(t reflect.Type, of func(reflect.Type) string) string {
	parts := make([]string, 0, t.NumIn()+t.NumOut())
	for in := range t.Ins() {
		parts = append(parts, of(in))
	}
	for out := range t.Outs() {
		parts = append(parts, "->"+of(out))
	}
	return fmt.Sprintf("func(%s,%v)", strings.Join(parts, ","), t.IsVariadic())
}

func structTypeName(t reflect.Type, of func(reflect.Type) string) string {
	fields := make([]string, t.NumField())
	for i := range fields {
		f := t.Field(i)
		name := f.Name
		if f.PkgPath != "" { // the same name in another package is another field
			name = f.PkgPath + "." + name
		}
		if f.Anonymous {
			name = "embedded " + name
		}
		fields[i] = name + " " + of(f.Type) + strconv.Quote(string(f.Tag))
	}
	return "struct{" + strings.Join(fields, ";") + "}"
}
