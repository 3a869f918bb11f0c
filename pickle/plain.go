package pickle

import (
	"maps"
	"reflect"
	"unsafe"
)

// Plain returns v with every *Dict whose keys are all strings replaced by a
// map[string]any, at any depth. v is a value that Unmarshal stored in an empty
// interface. The order of these dicts is lost; other dicts, and OrderedDicts, keep their
// type. Plain does not change v. An object that v holds several times is one object in
// the result.
func Plain(v any) any { return plainer{}.value(v) }

// plainer holds the results made so far.
type plainer map[identity]any

func (p plainer) value(v any) any {
	switch v := v.(type) {
	case []any:
		if v == nil {
			return v
		}
		list := make([]any, len(v))
		return p.once(identity{listType, unsafe.Pointer(unsafe.SliceData(v)), len(v)}, list, func() { p.fill(list, v) })
	case Tuple:
		if v == nil {
			return v
		}
		tuple := make(Tuple, len(v))
		return p.once(identity{tupleType, unsafe.Pointer(unsafe.SliceData(v)), len(v)}, tuple, func() { p.fill(tuple, v) })
	case *Dict:
		if v == nil {
			return v
		}
		return p.dict(v)
	case *OrderedDict:
		if v == nil {
			return v
		}
		dict := &OrderedDict{Dict{index: maps.Clone(v.index)}}
		return p.once(identity{orderedDictType, unsafe.Pointer(v), 1}, dict, func() { dict.pairs = p.pairs(v.pairs) })
	}
	return v
}

// once returns made, which fill fills, or the result for the object if there is one
// already. An object that contains itself finds its own result before that is filled.
func (p plainer) once(id identity, made any, fill func()) any {
	if done, ok := p[id]; ok && id.len > 0 {
		return done
	}
	p[id] = made
	fill()
	return made
}

func (p plainer) fill(dst, src []any) {
	for i, item := range src {
		dst[i] = p.value(item)
	}
}

func (p plainer) dict(v *Dict) any {
	id := identity{dictType, unsafe.Pointer(v), 1}
	for _, pair := range v.pairs {
		if reflect.TypeOf(pair.Key) != stringType {
			dict := &Dict{index: maps.Clone(v.index)}
			return p.once(id, dict, func() { dict.pairs = p.pairs(v.pairs) })
		}
	}
	m := make(map[string]any, len(v.pairs))
	return p.once(id, m, func() {
		for _, pair := range v.pairs {
			m[pair.Key.(string)] = p.value(pair.Value)
		}
	})
}

func (p plainer) pairs(pairs []Pair) []Pair {
	out := make([]Pair, len(pairs))
	for i, pair := range pairs {
		out[i] = Pair{pair.Key, p.value(pair.Value)}
	}
	return out
}
