package ring

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"

	"github.com/ring-go/ring/internal/codec"
	"github.com/ring-go/ring/pickle"
)

// Coder converts values to what a storage keeps, and back. It must be safe for
// concurrent use.
//
// A coder may also have a method CheckType(reflect.Type) error. Wrap calls it to learn
// whether the coder can restore a result type.
//
// Python: ring.coder.Coder, ring.coder.JsonCoder, ring.coder.DataclassCoder.
type Coder interface {
	// Encode returns what is stored for value. Several results are a Tuple.
	// Python: encode.
	Encode(value any) (data any, err error)

	// Decode returns the value that data was made from, if possible as a typ, the
	// function's result type. A value of another type is converted where that loses
	// nothing.
	//
	// typ is nil if there is no function or it has no result. For several results it is
	// a struct with the fields R0, R1, … of their types; Decode may also return a Tuple.
	//
	// Python: decode.
	Decode(data any, typ reflect.Type) (value any, err error)
}

// CoderTuple is a coder made of two functions; both are needed.
// Python: ring.coder.CoderTuple.
type CoderTuple struct {
	Encode func(any) (any, error)               // Python: encode
	Decode func(any, reflect.Type) (any, error) // Python: decode
}

type funcCoder struct{ CoderTuple }

func (c funcCoder) Encode(v any) (any, error)                 { return c.CoderTuple.Encode(v) }
func (c funcCoder) Decode(d any, t reflect.Type) (any, error) { return c.CoderTuple.Decode(d, t) }

// typeChecker is the optional method of a Coder, see there.
type typeChecker interface{ CheckType(reflect.Type) error }

// Registry knows coders by name. It is safe for concurrent use; the zero value knows
// none. Python: ring.coder.Registry, ring.coder.pickle_coder.
type Registry struct {
	mu     sync.RWMutex
	coders map[string]Coder
}

// NewRegistry returns a registry with the coders that every registry has. All of them
// store a []byte, and read a string as well.
//
//   - "json": the value as encoding/json writes it, several results as an array. It
//     refuses NaN, infinities and text that is not UTF-8.
//   - "pickle": the value as package pickle writes it, several results as a tuple, with
//     the classes of pickle.Register. Times and durations are kept to the microsecond.
//     A *pickle.Registry is this coder with its own classes.
//   - "dataclass": a struct, or a pointer to one, as ["Name", {fields}]. The name is
//     not compared when it is read.
//
// Wrap refuses result types that they cannot restore. A result of an interface type such
// as any comes back as JSON or Python knows it: a struct as a map[string]any, and with
// JSON an int as a float64. JSON keeps the moment and the offset of a time.Time, not the
// zone of a time.LoadLocation, so half a year later the result can be an hour off:
// return UTC, or the name of the zone as well.
//
// The names nil and "" stand for no coder.
//
// Python: ring.coder.Registry, ring.coder.JsonCoder, ring.coder.pickle_coder,
// ring.coder.DataclassCoder.
func NewRegistry() *Registry {
	return &Registry{coders: map[string]Coder{"json": codec.JSON{}, "pickle": codec.Pickle{}, "dataclass": codec.Dataclass{}}}
}

// DefaultRegistry is the registry of ropes without Options.CoderRegistry.
// Python: ring.coder.registry.
var DefaultRegistry = NewRegistry()

// Register registers a Coder, a CoderTuple or a *pickle.Registry under name, in place of
// the coder that had the name before. Existing ropes keep theirs.
// Python: Registry.register.
func (r *Registry) Register(name string, coder any) error {
	if name == "" {
		return errors.New(`ring: register coder "": the name is missing`)
	}
	c, err := asCoder(coder)
	if err != nil {
		return fmt.Errorf("ring: register coder %q: %w", name, err)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.coders == nil {
		r.coders = map[string]Coder{}
	}
	r.coders[name] = c
	return nil
}

// Get returns the coder registered under name. Python: Registry.get.
func (r *Registry) Get(name string) (Coder, bool) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	c, ok := r.coders[name]
	return c, ok
}

func (r *Registry) names() string {
	r.mu.RLock()
	defer r.mu.RUnlock()
	var names []string
	for name := range r.coders {
		names = append(names, name)
	}
	slices.Sort(names)
	return strings.Join(names, ", ")
}

func asCoder(coder any) (Coder, error) {
	switch c := coder.(type) {
	case CoderTuple:
		if c.Encode == nil || c.Decode == nil {
			return nil, errors.New("a CoderTuple needs both functions, Encode and Decode")
		}
		return funcCoder{c}, nil
	case *CoderTuple:
		if c != nil {
			return asCoder(*c)
		}
	case *pickle.Registry:
		return codec.Pickle{Classes: c}, nil
	case Coder:
		return c, nil
	}
	return nil, fmt.Errorf("%T is not a coder: give a registered name, a Coder or a CoderTuple", coder)
}

// find resolves the Coder field of a factory: nil and "" are no coder.
func (r *Registry) find(coder any) (Coder, error) {
	switch name := coder.(type) {
	case nil:
		return nil, nil
	case string:
		if name == "" {
			return nil, nil
		}
		c, ok := r.Get(name)
		if !ok {
			return nil, fmt.Errorf("%w: %q is not registered; there are: %s", ErrCoder, name, r.names())
		}
		return c, nil
	}
	c, err := asCoder(coder)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrCoder, err)
	}
	return c, nil
}
