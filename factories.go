package ring

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"time"

	"github.com/ring-go/ring/internal/callable"
)

// Factory says what kind of storage a function is cached in, and how: Lru, Dict, or
// BaseFactory for a storage of your own. Its fields are the parameters of the
// Python function; zero is Python's default. One value can wrap any number of
// functions, as functools.partial does. Python: ring.func.base.FactoryProxyBase.
type Factory interface {
	blueprint() (blueprint, error)
}

// Options are what every factory takes beside its own parameters. The zero value
// is the default. Python: ring.func.base.factory.
type Options struct {
	// DefaultAction is what Call does: "" for get_or_update, the name of another
	// sub-function without _many, or NoDefaultAction. Python: default_action.
	DefaultAction string

	// CoderRegistry is where the name of a coder is looked up; nil is
	// DefaultRegistry. Python: coder_registry.
	CoderRegistry *Registry

	// MissValue is what Get returns for a miss. Python: miss_value.
	MissValue any

	// OnManufactured is called with every rope when it is ready, before Wrap
	// returns it. Python: on_manufactured, Ring.create_rope(callback).
	OnManufactured func(*Rope)

	// IgnorableKeys are parameters that are no part of the key, by the names of
	// the Signature: "a", "*args", "**kw". Calls that differ in them alone get each
	// other's results; of a receiver, give it a RingKey instead. Python: ignorable_keys.
	IgnorableKeys []string

	// KeyEncoding is the encoding of keys: "utf-8", "ascii" or "latin-1". What it
	// cannot hold is an ErrKey. "" leaves keys as they are. Python: key_encoding.
	KeyEncoding string

	// KeyRefactor has the last word on every key; nil leaves it to the storage's
	// own rule, if it has one. Python: key_refactor, memcache(key_refactor).
	KeyRefactor func(key string) string

	// KeyStyle says how keys are written. It has no counterpart in Python, whose
	// keys are PythonKeys.
	KeyStyle KeyStyle

	// FailOpen makes get_or_update go on without a storage that fails: the function
	// runs, its value is returned, and the failure goes to OnError. After a failed
	// look-up nothing is stored. Of a bulk call only the keys that failed are run.
	// Python has no counterpart.
	FailOpen bool

	// StorageTimeout is how long a call waits for a look-up and for a store. A look-up
	// that takes longer has failed; a store goes on by itself. The error has a method
	// Timeout that returns true, and wraps os.ErrDeadlineExceeded. 0 is half of the time
	// that is left to the call's deadline, and a second at most, with FailOpen; without
	// it there is no limit but the deadline. It has no effect on a storage in memory.
	// Python has no counterpart.
	StorageTimeout time.Duration

	// OnError is told of the errors that no caller gets: an entry that could not
	// be decoded and was made anew, a storage that failed under a decorated
	// function without an error result. It is called by the goroutine of the
	// call. nil logs them with log/slog.
	OnError func(ctx context.Context, err *Error)
}

const (
	// NoDefaultAction, as Options.DefaultAction, makes Call an error.
	// Python: factory(default_action=None).
	NoDefaultAction = "\x00no action"

	// NoPrefix, as a KeyPrefix, is the empty prefix, "" being the default one.
	// Python: factory(key_prefix='').
	NoPrefix = "\x00no prefix"

	// CacheNothing, as Lru.MaxSize, stores nothing.
	// Python: ring.func.sync.lru(maxsize=0), functools.lru_cache(maxsize=0).
	CacheNothing = -2

	// Unbounded, as Lru.MaxSize, evicts nothing.
	// Python: ring.func.sync.lru(maxsize=None), functools.lru_cache(maxsize=None).
	Unbounded = -1
)

// StorageClass makes a storage over a factory's backend.
// Python: factory(storage_class).
type StorageClass func(backend any) (Storage, error)

// BaseFactory caches in a storage of your own: StorageClass makes it out of
// StorageBackend. Python: ring.func.base.factory.
//
// The storage counts as one that others use as well: the function needs a name
// that is its own.
type BaseFactory struct {
	StorageBackend any           // Python: storage_backend
	StorageClass   StorageClass  // Python: storage_class
	KeyPrefix      string        // "": the function's name. Python: key_prefix
	Expire         time.Duration // from the store on, a hit does not renew it; 0: none. Python: expire_default
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

// common are the fields that the factories share. A storage without expiry has none.
type common struct {
	keyPrefix string
	expire    time.Duration
	coder     any
	ui        UserInterface
	options   Options
}

// blueprint is that of a storage which class makes over backend, and others can reach.
func (c common) blueprint(backend any, class StorageClass) blueprint {
	return blueprint{
		backend: backend, class: class, keyPrefix: c.keyPrefix, expire: c.expire,
		coder: c.coder, ui: c.ui, options: c.options,
	}
}

// orElse is the StorageClass that a factory is given, or else its own.
func orElse(given, own StorageClass) StorageClass {
	if given != nil {
		return given
	}
	return own
}

// isNil tells whether a factory was given no backend, or a nil pointer as one.
func isNil(backend any) bool {
	v := reflect.ValueOf(backend)
	return !v.IsValid() || v.Kind() == reflect.Pointer && v.IsNil()
}

// blueprint is what a factory asks for, in the terms that all of them share.
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

// prefix is the beginning of every key of the function.
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

func (b *blueprint) storage() (Storage, error) {
	switch {
	case b.expire < 0:
		return nil, fmt.Errorf("the expiry %v is negative: 0 is none", b.expire)
	case b.options.StorageTimeout < 0:
		return nil, fmt.Errorf("the StorageTimeout %v is negative: 0 is the default", b.options.StorageTimeout)
	case b.expire != 0 && b.expire < time.Microsecond:
		return nil, fmt.Errorf("the expiry %v is too short for any use: Python counts seconds, for which Go writes %d*time.Second", b.expire, b.expire)
	}
	s, err := b.class(b.backend)
	if err == nil && s == nil {
		err = errors.New("the StorageClass returned no storage")
	}
	return s, err
}
