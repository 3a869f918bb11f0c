package ropes

import "go/types"

// empty is the one that stands for all interfaces without methods.
var empty = types.Universe.Lookup("any").Type().Underlying()

// canonical returns t without aliases. exact is false if it may still contain one.
func canonical(t types.Type) (c types.Type, exact bool) {
	switch t := types.Unalias(t).(type) {
	case *types.Basic:
		return types.Default(types.Typ[t.Kind()]), true
	case *types.Named:
		return t, t.TypeArgs().Len() == 0
	case *types.Pointer:
		e, exact := canonical(t.Elem())
		return types.NewPointer(e), exact
	case *types.Slice:
		e, exact := canonical(t.Elem())
		return types.NewSlice(e), exact
	case *types.Array:
		e, exact := canonical(t.Elem())
		return types.NewArray(e, t.Len()), exact
	case *types.Map:
		k, exactKey := canonical(t.Key())
		e, exact := canonical(t.Elem())
		return types.NewMap(k, e), exact && exactKey
	case *types.Interface:
		if t.Empty() {
			return empty, true
		}
		return t, false
	default:
		return t, false
	}
}

// Differs reports whether the types are surely not identical.
func (t Type) Differs(other Type) bool {
	return t.Exact && other.Exact && t.Name != other.Name
}
