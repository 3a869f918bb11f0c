package pickle

import (
	"fmt"
	"sync"
)

// DefaultProtocol is the protocol that 0 stands for. Python: pickle.DEFAULT_PROTOCOL.
const DefaultProtocol = 4

// Marshal returns the pickle of v in protocol 2, 3, 4 or 5; 0 is DefaultProtocol. If no
// object occurs twice in v, the result is byte for byte that of Python's
// pickletools.optimize(pickle.dumps(v, protocol)).
//
// Marshal accepts the types that Unmarshal returns, and also: all numbers; strings,
// which must be UTF-8 (lone surrogates included); slices and arrays, as list; maps, as
// dict with sorted keys, and map[T]struct{}, as set; pointers, as what they point to;
// structs, as a dict of their exported fields, see the package documentation; and types
// with a MarshalText method, as str. A nil pointer, slice, map or interface is None. A
// value that cannot be pickled is a *TypeError: a channel, for example, or a value that
// contains itself.
//
// Like encoding/json, Marshal writes an object that v holds several times as often. Only
// when the result exceeds 1 MiB, it writes containers and long text once and then refers
// to them.
// Python: pickle.dumps.
func Marshal(v any, protocol int) ([]byte, error) { return defaultRegistry.Marshal(v, protocol) }

// writable returns the protocol that Marshal uses for a number.
func writable(protocol int) (int, error) {
	if protocol == 0 {
		return DefaultProtocol, nil
	}
	if protocol < 2 || protocol > highestProtocol {
		return 0, fmt.Errorf("pickle: protocol %d cannot be written: use 2 to %d, or 0 for %d", protocol, highestProtocol, DefaultProtocol)
	}
	return protocol, nil
}

func marshal(classes *classes, protocol int, write func(*encoder) error) ([]byte, error) {
	e := encoders.Get().(*encoder)
	defer e.release()
	e.protocol, e.classes = protocol, classes
	if err := write(e); err != nil {
		return nil, err
	}
	return e.seal(), nil
}

var encoders = sync.Pool{New: func() any {
	return &encoder{buf: make([]byte, headerSize, 512)}
}}

// release resets an encoder and returns it to the pool unless it grew large.
func (e *encoder) release() {
	const usual = 1 << 16
	if cap(e.buf) > usual || cap(e.slots) > 1024 || len(e.named) > 256 {
		return
	}
	if len(e.slots) > 0 {
		clear(e.known[:])
		clear(e.named)
		e.slots = e.slots[:0]
	}
	clear(e.keys)
	e.classes = nil
	e.buf, e.keys, e.depth, e.used, e.seen = e.buf[:headerSize], e.keys[:0], 0, false, nil
	e.same, e.truncate, e.inKey = nil, false, 0
	encoders.Put(e)
}
