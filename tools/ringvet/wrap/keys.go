package wrap

import (
	"fmt"
	"go/types"
	"reflect"

	"github.com/ring-go/ring/tools/ringvet/ropes"
)

// parameters returns which parameter surely has no text for a key.
func (c *check) parameters(s *ropes.Site) string {
	if s.Factory == nil || !s.Factory.IsZero("Options", "KeyStyle") || !s.Factory.IsZero("Options", "IgnorableKeys") {
		return ""
	}
	i := 0
	for v := range s.Type.Params().Variables() {
		if ropes.IsContext(v.Type()) {
			continue
		}
		i++
		if why := (walk{}).keyless(v.Type()); why != "" {
			return fmt.Sprintf("parameter %d (%s) has no key: %s", i, types.TypeString(v.Type(), types.RelativeTo(c.Pkg)), why)
		}
	}
	return ""
}

// walk holds the types visited: types may contain themselves.
type walk map[types.Type]bool

// keyless returns why values of a type have no text in a key; "" if they may have one.
func (w walk) keyless(t types.Type) string {
	t = types.Unalias(t)
	if w[t] || isParameter(t) || writesItself(t) {
		return ""
	}
	w[t] = true
	switch u := t.Underlying().(type) {
	case *types.Pointer:
		return w.keyless(u.Elem())
	case *types.Slice:
		return w.keyless(u.Elem())
	case *types.Array:
		return w.keyless(u.Elem())
	case *types.Map:
		if why := w.keyless(u.Key()); why != "" {
			return why
		}
		return w.keyless(u.Elem())
	case *types.Chan:
		return "a chan has no text: leave the parameter out with Options.IgnorableKeys"
	case *types.Signature:
		return "a func has no text: leave the parameter out with Options.IgnorableKeys"
	case *types.Struct:
		return w.keylessStruct(t, u)
	}
	return ""
}

// known are types that the library knows how to write, though they hide something.
var known = map[string]bool{"time.Time": true, "net/url.Userinfo": true, "github.com/ring-go/ring/internal/pyvalue.EllipsisType": true}

// writesItself reports whether a type may have a text of its own.
func writesItself(t types.Type) bool {
	if known[types.TypeString(t, nil)] {
		return true
	}
	for _, method := range []string{"RingKey", "Hash", "MarshalText"} {
		obj, _, _ := types.LookupFieldOrMethod(t, true, nil, method)
		if _, ok := obj.(*types.Func); ok {
			return true
		}
	}
	return false
}

func (w walk) keylessStruct(t types.Type, s *types.Struct) string {
	for i := range s.NumFields() {
		if _, tagged := reflect.StructTag(s.Tag(i)).Lookup("hash"); tagged {
			return "" // package hashstructure decides
		}
	}
	for f := range s.Fields() {
		inner, isStruct := f.Type().Underlying().(*types.Struct)
		switch {
		case f.Name() == "_":
		case f.Exported() || f.Embedded() && isStruct:
			if why := w.keyless(f.Type()); why != "" {
				return fmt.Sprintf("field %s: %s", f.Name(), why)
			}
		case isStruct && inner.NumFields() == 0, isEmptyArray(f.Type()), isParameter(f.Type()):
			// it may have no size, so that it holds nothing
		default:
			return fmt.Sprintf("the field %s of %s is not exported, so the key cannot see it: give the type a method RingKey() string",
				f.Name(), types.TypeString(t, func(p *types.Package) string { return p.Name() }))
		}
	}
	return ""
}

func isEmptyArray(t types.Type) bool {
	a, ok := t.Underlying().(*types.Array)
	if !ok {
		return false
	}
	return a.Len() == 0 || !isSized(a.Elem())
}

func isSized(t types.Type) bool {
	s, ok := t.Underlying().(*types.Struct)
	return !ok || s.NumFields() > 0
}

// results returns why a storage that keeps bytes, without a coder, refuses the results.
func (c *check) results(s *ropes.Site) string {
	f := s.Factory
	if f == nil || f.Name != "RedisPy" && f.Name != "RedisPyHash" && f.Name != "Memcache" ||
		!f.IsZero("Coder") || !f.IsZero("StorageClass") || !f.IsZero("Options", "CoderRegistry") {
		return ""
	}
	const give = ", and the storage keeps bytes: give the factory a Coder, such as \"json\""
	if n := len(s.Rope.Results); n != 1 {
		return fmt.Sprintf("the function has %d results%s", n, give)
	}
	t := s.Rope.Results[0]
	switch {
	case t.Kind == reflect.Invalid, t.Kind == reflect.String, reflect.Int <= t.Kind && t.Kind <= reflect.Float64:
		return ""
	case t.Kind == reflect.Slice && t.Elem != nil && (t.Elem.Name == "byte" || t.Elem.Name == "uint8" || t.Elem.Kind == reflect.Invalid):
		return ""
	}
	return fmt.Sprintf("the result is of type %s%s", t.Short, give)
}
