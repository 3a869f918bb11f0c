package ring

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"time"

	"github.com/ring-go/ring/internal/callable"
)

// Factory says in what storage a function is cached, and how: Lru, Dict, Redis and so
// on, or BaseFactory for your own storage. Its fields are the parameters of the Python
// function, and their zero values are Python's defaults. One factory can wrap any number
// of functions, like a functools.partial.
// Python: ring.func.base.FactoryProxyBase.
type Factory interface {
	blueprint() (blueprint, error)
}

// Options holds what all factories have in common. The zero value is the default.
// Python: ring.func.base.factory.
type Options struct {
	// DefaultAction is the sub-function that Call runs: "" for get_or_update, the name
	// of another one without _many, or NoDefaultAction.
	// Python: default_action.
	DefaultAction string

	// CoderRegistry resolves the name of a coder; nil is DefaultRegistry.
	// Python: coder_registry.
	CoderRegistry *Registry

	// MissValue is what Get returns for a miss. Python: miss_value.
	MissValue any

	// OnManufactured is called with each rope once it is ready, before Wrap returns it.
	// Python: on_manufactured, Ring.create_rope(callback).
	OnManufactured func(*Rope)

	// IgnorableKeys are parameters that are not part of the key, by their names in the
	// Signature: "a", "*args", "**kw". Calls that differ only in them get each other's
	// results. To ignore part of a receiver, give it a RingKey instead.
	// Python: ignorable_keys.
	IgnorableKeys []string

	// KeyEncoding is the encoding of keys: "utf-8", "ascii" or "latin-1". A key with
	// other characters is an ErrKey. "" leaves keys as they are.
	// Python: key_encoding.
	KeyEncoding string

	// KeyRefactor changes every key, as the last step; nil means the storage's own rule,
	// if it has one.
	// Python: key_refactor, memcache(key_refactor).
	KeyRefactor func(key string) string

	// KeyStyle says how keys are written. Python has no counterpart: its keys are
	// PythonKeys.
	KeyStyle KeyStyle

	// FailOpen makes get_or_update work without a storage that fails: the function runs,
	// its value is returned, and the failure goes to OnError. After a failed look-up
	// nothing is stored. In a bulk call the function runs only for the keys that failed
	// or are missing. Python has no counterpart.
	FailOpen bool

	// StorageTimeout limits how long a call waits for a look-up, and for a store. A
	// look-up that takes longer has failed; a store goes on in the background. The error
	// has a method Timeout that returns true, and wraps os.ErrDeadlineExceeded.
	//
	// If it is 0, there is no limit but the call's deadline. With FailOpen 0 means half
	// of the time until that deadline, and at most a second. It has no effect on a
	// storage in memory. Python has no counterpart.
	StorageTimeout time.Duration

	// Freshness renews values before they expire, or serves them for longer. Python has
	// no counterpart.
	Freshness Freshness

	// Lock makes one process of many run the function for a key. Python has no
	// counterpart.
	Lock Lock

	// Trace is told of runs, calls and events. Python has no counterpart.
	Trace *Trace

	// OnError gets the errors that are not returned: a cached entry that could not be
	// decoded and was replaced, a storage that failed under a decorated function without
	// an error result, or a renewal that failed: see Freshness. The goroutine of the call
	// or the renewal runs it. If it is nil, log/slog logs these errors.
	OnError func(ctx context.Context, err *Error)
}

const (
	// NoDefaultAction as Options.DefaultAction makes Call return an error.
	// Python: factory(default_action=None).
	NoDefaultAction = "\x00no action"

	// NoPrefix as a KeyPrefix is the empty prefix; "" is the default one.
	// Python: factory(key_prefix='').
	NoPrefix = "\x00no prefix"

	// CacheNothing as Lru.MaxSize makes a cache that stores nothing.
	// Python: ring.func.sync.lru(maxsize=0), functools.lru_cache(maxsize=0).
	CacheNothing = -2

	// Unbounded as Lru.MaxSize makes a cache that evicts nothing.
	// Python: ring.func.sync.lru(maxsize=None), functools.lru_cache(maxsize=None).
	Unbounded = -1
)

// StorageClass makes a storage out of a factory's backend.
// Python: factory(storage_class).
type StorageClass func(backend any) (Storage, error)

// BaseFactory caches in your own storage, which StorageClass makes out of
// StorageBackend.
//
// Ring assumes that others reach the storage as well, so the function needs a name of
// its own or a KeyPrefix.
//
// Python: ring.func.base.factory.
type BaseFactory struct {
	StorageBackend any           // Python: storage_backend
	StorageClass   StorageClass  // Python: storage_class
	KeyPrefix      string        // "": the function's name. Python: key_prefix
	Expire         time.Duration // counted from the store; a hit does not renew it; 0: none. Python: expire_default
	Coder          any           // a registered name, a Coder or a CoderTuple. Python: coder
	UserInterface  UserInterface // nil: CacheUserInterface with BulkInterfaceMixin. Python: user_interface
	Options        Options
}

func (f BaseFactory) blueprint() (blueprint, error) {
	if f.StorageClass == nil {
		return blueprint{}, errors.New("BaseFactory.StorageClass is missing: it makes the storage")
	}
	return common{f.KeyPrefix, f.Expire, f.Coder, f.UserInterface, f.Options}.blueprint(f.StorageBackend, f.StorageClass), nil
}

// common holds the fields that the factories share. A storage without expiry has none.
type common struct {
	keyPrefix string
	expire    time.Duration
	coder     any
	ui        UserInterface
	options   Options
}

// blueprint returns the blueprint of a storage that class makes over backend and that
// others can reach.
func (c common) blueprint(backend any, class StorageClass) blueprint {
	return blueprint{
		backend: backend, class: class, keyPrefix: c.keyPrefix, expire: c.expire,
		coder: c.coder, ui: c.ui, options: c.options,
	}
}

// orElse returns the StorageClass given to a factory, or else the factory's own.
func orElse(given, own StorageClass) StorageClass {
	if given != nil {
		return given
	}
	return own
}

// isNil reports whether a factory was given no backend, or a nil pointer as one.
func isNil(backend any) bool {
	v := reflect.ValueOf(backend)
	return !v.IsValid() || v.Kind() == reflect.Pointer && v.IsNil()
}

// blueprint is what a factory asks for, in terms that all factories share.
type blueprint struct {
	backend   any
	class     StorageClass
	private   bool // nobody else can reach the storage
	bare      bool // the default prefix is empty
	keyPrefix string
	expire    time.Duration
	coder     any
	ui        UserInterface
	options   Options
}

// prefix returns the beginning of every key of the function.
func (b *blueprint) prefix(id callable.Identity, renamed bool) (string, error) {
	switch {
	case b.keyPrefix == NoPrefix:
		return "", nil
	case b.keyPrefix != "":
		return b.keyPrefix, nil
	case b.bare && !renamed:
		return "", nil
	case !b.private && !id.Stable:
		return "", id.Nameless()
	}
	return id.Name, nil
}

// leastTimeout is what a StorageTimeout must exceed. No server and no file answers so
// soon, and a number of milliseconds without its unit is below it.
const leastTimeout = 10 * time.Microsecond

func (b *blueprint) storage() (Storage, error) {
	switch {
	case b.expire < 0:
		return nil, fmt.Errorf("the expiry %v is negative: 0 is none", b.expire)
	case b.options.StorageTimeout < 0:
		return nil, fmt.Errorf("the StorageTimeout %v is negative: 0 is the default", b.options.StorageTimeout)
	case b.options.StorageTimeout != 0 && b.options.StorageTimeout <= leastTimeout:
		return nil, fmt.Errorf("the StorageTimeout %v is too short for any storage: for %d milliseconds write %[2]d*time.Millisecond",
			b.options.StorageTimeout, b.options.StorageTimeout)
	case b.expire != 0 && b.expire < time.Microsecond:
		return nil, fmt.Errorf("the expiry %v is too short for any use: Python counts seconds, for which Go writes %d*time.Second", b.expire, b.expire)
	}
	s, err := b.class(b.backend)
	if err == nil && s == nil {
		err = errors.New("the StorageClass returned no storage")
	}
	return s, err
}
