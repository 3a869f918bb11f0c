package pickle

import (
	"fmt"
	"reflect"
	"sync"
)

// errDepth is the error for data or values that are nested too deeply.
var errDepth = fmt.Errorf("%w: nested more than %d deep, or holding itself", ErrSyntax, maxDepth)

// Unmarshal decodes one pickle of any protocol and stores it in what v points to.
//
// An empty interface gets the natural type of the value: see the package documentation.
// Other types get the value as Marshal would have written it. A value that does not fit
// exactly, such as a number out of range, is a *TypeError. Fields of a struct are found
// by their exact name first, then regardless of case. Keys without a field are ignored;
// fields without a key keep their value. None becomes a nil pointer, slice, map or
// interface. An object that is referred to more than once becomes one slice, map or
// pointer if the type has one. As in Python, bytes after the pickle are ignored: a
// [Decoder] tells where it ends.
//
// Unmarshal looks up and runs nothing that the data names. Broken data is an error that
// wraps ErrSyntax, an unknown class is a *ClassError. The length of data limits time and
// memory. After an error, what v points to may be partly set.
//
// Python: pickle.loads.
func Unmarshal(data []byte, v any) error { return defaultRegistry.Unmarshal(data, v) }

func unmarshal(classes *classes, data []byte, v any) error {
	target := reflect.ValueOf(v)
	if target.Kind() != reflect.Pointer || target.IsNil() {
		return &TypeError{Type: reflect.TypeOf(v), Reason: "Unmarshal needs a pointer that is not nil"}
	}
	d := decoders.Get().(*decoder)
	defer d.release()
	d.data, d.classes = data, classes
	n, err := d.run()
	if unmet := d.unmet(); unmet != nil {
		return unmet
	}
	if err != nil {
		return err
	}
	if p, ok := v.(*any); ok {
		natural, err := d.natural(n)
		if err == nil {
			*p = natural
		}
		return err
	}
	d.keepTyped(n, target, target.Type())
	return codecOf(target.Type().Elem()).decode(d, n, target.Elem())
}

var decoders = sync.Pool{New: func() any { return new(decoder) }}

// release returns a decoder to the pool, unless it grew large.
func (d *decoder) release() {
	const usual = 1 << 14
	if cap(d.arena) > usual || cap(d.stack) > usual || cap(d.memo) > usual || cap(d.containers) > usual || cap(d.side) > usual || cap(d.leaves) > usual {
		return
	}
	clear(d.leaves)
	d.data, d.pos, d.floor, d.copied, d.sparse = nil, 0, 0, 0, nil
	d.classes, d.unknown, d.offsets, d.unset, d.missing, d.grown = nil, nil, nil, nil, 0, 0
	d.stack, d.marks, d.memo, d.arena = d.stack[:0], d.marks[:0], d.memo[:0], d.arena[:0]
	d.containers, d.leaves, d.side = d.containers[:0], d.leaves[:0], d.side[:0]
	d.results = results{}
	decoders.Put(d)
}
