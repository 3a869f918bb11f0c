package pickle

import (
	"fmt"
	"sync"
)

// DefaultProtocol is what protocol 0 means to Marshal. Python: pickle.DEFAULT_PROTOCOL.
const DefaultProtocol = 4

// Marshal returns the pickle of v in protocol 2, 3, 4 or 5; 0 means DefaultProtocol. For
// values in which no object occurs twice it is the very bytes of Python's
// pickletools.optimize(pickle.dumps(v, protocol)).
//
// Besides the types that Unmarshal makes, Marshal takes all numbers; strings, which must be
// UTF-8 (lone surrogates included); slices and arrays as list; maps as dict, with the keys
// sorted, and map[T]struct{} as set; pointers as what they point to; structs as a dict of
// their exported fields, see the package comment; and types with a MarshalText method as
// str. A nil pointer, slice, map or interface is None. What cannot be pickled is a
// *TypeError, such as a channel, or a value that contains itself.
//
// An object that v holds several times is written as often, as encoding/json does, unless
// the result exceeds 1 MiB: from there on containers and long text are written once and
// referred to. Python: pickle.dumps.
func Marshal(v any, protocol int) ([]byte, error) { return defaultRegistry.Marshal(v, protocol) }

// writable is the protocol that a number means to Marshal.
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
