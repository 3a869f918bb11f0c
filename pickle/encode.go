package pickle

import (
	"fmt"
	"math/big"
	"reflect"
	"slices"
	"time"
	"unsafe"
)

// value writes any value. Types that are frequent in an interface need no reflection.
func (e *encoder) value(v any) error {
	switch v := v.(type) {
	case nil:
		e.none()
	case bool:
		e.bool(v)
	case int:
		e.int(int64(v))
	case float64:
		e.float(v)
	case string:
		return e.sharedStr(v)
	case []any:
		if v == nil {
			e.none()
			return nil
		}
		return e.anyList(v)
	case Tuple:
		return e.anyTuple(v)
	case map[string]any:
		if v == nil {
			e.none()
			return nil
		}
		return e.anyMap(v)
	case *Dict:
		if v == nil {
			e.none()
			return nil
		}
		return e.dict(v)
	case []byte:
		if v == nil {
			e.none()
			return nil
		}
		return e.sharedBytes(v)
	default:
		return e.reflected(reflect.ValueOf(v))
	}
	return nil
}

// reflected is value by reflection. All kinds that can contain themselves count their
// levels. A pointer leaves the counting to what it points to, and an interface to this
// function.
func (e *encoder) reflected(v reflect.Value) error {
	t := v.Type()
	if t.Kind() != reflect.Pointer || t.Elem().Kind() != reflect.Interface {
		return codecOf(t).encode(e, v)
	}
	if err := e.enter(t); err != nil {
		return err
	}
	err := codecOf(t).encode(e, v)
	e.depth--
	return err
}

func errNesting(t reflect.Type) error {
	return &TypeError{Type: t, Reason: fmt.Sprintf("nested more than %d deep, or holding itself", maxDepth)}
}

func (e *encoder) enter(t reflect.Type) error {
	e.depth++
	if e.depth > maxDepth {
		return errNesting(t)
	}
	return nil
}

// identity tells objects apart.
type identity struct {
	typ  reflect.Type
	data unsafe.Pointer
	len  int
}

const (
	shareAfter = 1 << 20 // bytes of output from which on sharing is looked for
	longText   = 64      // text and bytes from this length on can be shared
)

// share writes an object that the value may hold more than once. In a large result it is
// written once. Otherwise a value decoded from a small pickle, in which each list holds
// the next one twice, would grow exponentially.
func (e *encoder) share(id identity, write func() error) error {
	if len(e.buf) < shareAfter || id.len == 0 || e.same != nil {
		return write()
	}
	at, found := e.seen[id]
	if found && at < 0 {
		return errNesting(id.typ)
	}
	if found {
		e.refer(at)
		return nil
	}
	if e.seen == nil {
		e.seen = map[identity]int{}
	}
	e.seen[id] = -1
	if err := write(); err != nil {
		return err
	}
	e.seen[id] = e.newSlot()
	return nil
}

func (e *encoder) sharedStr(s string) error {
	if len(s) < longText {
		return e.str(s)
	}
	return e.share(identity{stringType, unsafe.Pointer(unsafe.StringData(s)), len(s)}, func() error { return e.str(s) })
}

func (e *encoder) sharedBytes(b []byte) error {
	if len(b) < longText {
		return e.bytes(b)
	}
	return e.share(identity{bytesType, unsafe.Pointer(unsafe.SliceData(b)), len(b)}, func() error { return e.bytes(b) })
}

func (e *encoder) sharedByteArray(b ByteArray) error {
	if b == nil {
		e.none()
		return nil
	}
	write := func() error { return e.object(mutable, func() error { return e.byteArray(b) }) }
	if len(b) < longText {
		return write()
	}
	return e.share(identity{byteArrayType, unsafe.Pointer(unsafe.SliceData(b)), len(b)}, write)
}

func (e *encoder) anyList(list []any) error {
	if err := e.enter(listType); err != nil {
		return err
	}
	id := identity{listType, unsafe.Pointer(unsafe.SliceData(list)), len(list)}
	err := e.share(id, func() error {
		return e.list(len(list), func(i int) error { return e.value(list[i]) })
	})
	e.depth--
	return err
}

func (e *encoder) anyTuple(tuple Tuple) error {
	if tuple == nil {
		e.none()
		return nil
	}
	if err := e.enter(tupleType); err != nil {
		return err
	}
	id := identity{tupleType, unsafe.Pointer(unsafe.SliceData(tuple)), len(tuple)}
	err := e.share(id, func() error {
		return e.tuple(len(tuple), func(i int) error { return e.value(tuple[i]) })
	})
	e.depth--
	return err
}

func (e *encoder) anyMap(m map[string]any) error {
	if err := e.enter(mapType); err != nil {
		return err
	}
	err := e.share(identity{mapType, reflect.ValueOf(m).UnsafePointer(), 1}, func() error {
		// The keys of the enclosing maps stay before its own.
		start := len(e.keys)
		for key := range m {
			e.keys = append(e.keys, key)
		}
		slices.Sort(e.keys[start:])
		err := e.newDict(len(m), func(i int) error {
			key := e.keys[start+i]
			if err := e.sharedStr(key); err != nil {
				return err
			}
			return e.value(m[key])
		})
		e.keys = e.keys[:start]
		return err
	})
	e.depth--
	return err
}

func (e *encoder) dict(d *Dict) error {
	if err := e.enter(dictType); err != nil {
		return err
	}
	err := e.share(identity{dictType, unsafe.Pointer(d), 1}, func() error {
		return e.newDict(len(d.pairs), func(i int) error { return e.pair(d.pairs[i]) })
	})
	e.depth--
	return err
}

func (e *encoder) orderedDict(d *OrderedDict) error {
	if err := e.enter(orderedDictType); err != nil {
		return err
	}
	err := e.share(identity{orderedDictType, unsafe.Pointer(d), 1}, func() error {
		return e.object(mutable, func() error {
			e.global(globalOrderedDict)
			e.buf = append(e.buf, opEmptyTuple, opReduce)
			e.begun()
			return e.orderedItems(len(d.pairs), func(i int) error { return e.pair(d.pairs[i]) })
		})
	})
	e.depth--
	return err
}

func (e *encoder) pair(p Pair) error {
	if err := e.key(p.Key); err != nil {
		return err
	}
	return e.value(p.Value)
}

// key writes a value that must be hashable in Python.
func (e *encoder) key(v any) error {
	e.inKey++
	err := e.hashed(v)
	e.inKey--
	return err
}

func (e *encoder) hashed(v any) error {
	if tuple, ok := v.(Tuple); ok {
		if err := hashable(tuple, 0); err != nil {
			return err
		}
	}
	if isKey(v) {
		return e.value(v)
	}
	rv := reflect.ValueOf(v)
	return codecOf(rv.Type()).encodeKey(e, rv)
}

// isKey reports whether v has a type that Unmarshal returns for keys.
func isKey(v any) bool {
	switch v.(type) {
	case string, int, nil, bool, float64, complex128, []byte, *big.Int, Decimal, Tuple, *FrozenSet, time.Time, *time.Location, UUID, Date, Time, time.Duration, Range, *big.Rat:
		return true
	}
	return false
}

// hashable checks the elements of a tuple without making its form. That takes longer
// than writing a reference to a tuple that is a key of many dicts.
func hashable(t Tuple, depth int) error {
	if depth > maxDepth {
		return errDepth
	}
	for _, item := range t {
		if inner, ok := item.(Tuple); ok {
			if err := hashable(inner, depth+1); err != nil {
				return err
			}
		} else if !isKey(item) {
			if _, err := keyOf(item); err != nil {
				return err
			}
		}
	}
	return nil
}

func (e *encoder) setOf(s *Set) error {
	if err := e.enter(setType); err != nil {
		return err
	}
	err := e.share(identity{setType, unsafe.Pointer(s), 1}, func() error {
		return e.set(s.Len(), func(i int) error { return e.key(s.members.pairs[i].Key) })
	})
	e.depth--
	return err
}

func (e *encoder) frozenSetOf(s *FrozenSet) error {
	if err := e.enter(frozenSetType); err != nil {
		return err
	}
	err := e.share(identity{frozenSetType, unsafe.Pointer(s), 1}, func() error {
		return e.frozenSet(s.Len(), func(i int) error { return e.key(s.set.members.pairs[i].Key) })
	})
	e.depth--
	return err
}
