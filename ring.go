package ring

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"

	"github.com/ring-go/ring/internal/batch"
	"github.com/ring-go/ring/internal/callable"
	"github.com/ring-go/ring/internal/codec"
	"github.com/ring-go/ring/internal/doctor"
	"github.com/ring-go/ring/internal/fresh"
	"github.com/ring-go/ring/internal/keytext"
	"github.com/ring-go/ring/internal/meter"
	"github.com/ring-go/ring/internal/store"
)

// FuncOption tells Wrap what reflection cannot: see Signature and Name.
type FuncOption interface{ apply(*funcOptions) error }

type funcOptions struct {
	signature *string
	name      *string
	batch     *BatchOptions
}

type optionFunc func(*funcOptions) error

func (f optionFunc) apply(o *funcOptions) error { return f(o) }

// Signature declares the parameters of the function in Python's syntax, with names,
// defaults and kinds: "x, /, a, b=2, *args, c, d='x', **kw". It has one for each
// parameter of the Go function, in order; the receiver of a method expression is one of
// them, a context is not. *args is the variadic parameter or a slice, **kw a
// map[string]T. Defaults are Python literals. Without a Signature the parameters have no
// names and no defaults.
// Python: inspect.signature.
func Signature(s string) FuncOption {
	return optionFunc(func(o *funcOptions) error {
		if o.signature != nil {
			return errors.New("a second Signature")
		}
		o.signature = &s
		return nil
	})
}

// Name gives the function an identifier, the default prefix of its keys. The identifier
// contains nothing of a method value's receiver.
// Python: ring.callable.Callable.identifier.
func Name(identifier string) FuncOption {
	return optionFunc(func(o *funcOptions) error {
		if o.name != nil || identifier == "" {
			return errors.New("a second Name, or an empty one")
		}
		o.name = &identifier
		return nil
	})
}

// Wrap returns fn as a cached function, like the decorator @ring.lru(...).
//
// fn is any function, or a method expression such as (*User).Child. Its parameters are part
// of the key, except those in Options.IgnorableKeys. A context.Context comes first or
// follows the receiver; it is passed through and is no part of the key. If the last result
// is an error that is not nil, the call returns it and caches nothing.
//
// f says where the values are kept, in what form, and for how long. One factory can wrap
// many functions.
//
// Call the rope by its method Call, with the arguments of fn. Func returns the cached
// function with the type of fn.
//
// Wrap panics with an *Error if fn cannot be cached: if it is not a function, if a
// parameter has no text for a key, if the coder cannot restore a result, or if others can
// reach the storage and the name of fn is not its own. The message says what to do. Use
// Wrap for package variables, like regexp.MustCompile, and New elsewhere.
//
// Python: FactoryProxyBase.__call__, Ring.create_rope.
func Wrap(fn any, f Factory, opts ...FuncOption) *Rope {
	r, err := New(fn, f, opts...)
	if err != nil {
		panic(err)
	}
	return r
}

// Decorate replaces the function in the variable that fnPtr points to by the cached one,
// and returns its rope. Recursive calls through the variable are cached as well. fnPtr
// is a pointer to a variable of a function type; nothing else may use the variable
// meanwhile. Decorate panics if the function cannot be cached.
// Python: FactoryProxyBase.__call__.
func Decorate(fnPtr any, f Factory, opts ...FuncOption) *Rope {
	v := reflect.ValueOf(fnPtr)
	if v.Kind() != reflect.Pointer || v.IsNil() || v.Elem().Kind() != reflect.Func {
		panic(&Error{Action: "decorate", Rope: fmt.Sprintf("%T", fnPtr),
			Err: errors.New("that is no pointer to a function variable: give Decorate(&f, …)")})
	}
	if v.Elem().IsNil() {
		panic(&Error{Action: "decorate", Rope: fmt.Sprintf("%T", fnPtr), Err: errNoFunction})
	}
	r := Wrap(v.Elem().Interface(), f, opts...)
	r.mustKeepType("decorate")
	r.mustReturn("decorate")
	v.Elem().Set(r.typed())
	return r
}

// errNoFunction is that of a variable without a function.
var errNoFunction = errors.New("the variable holds no function yet: assign it first")

// returnsResult reports whether the default action returns the function's result.
func (r *Rope) returnsResult() bool {
	name := r.config.DefaultAction
	if a := findSingle(name); a != nil {
		return a.returnsResult
	}
	return r.ui.extra[name] != nil
}

// New is Wrap with an error instead of a panic. It checks everything that the types
// tell; the error names the parameter and says what to do.
// Python: FactoryProxyBase.__call__, Ring.create_rope.
func New(fn any, f Factory, opts ...FuncOption) (*Rope, error) {
	r, err := assemble(fn, f, opts)
	if err != nil {
		return nil, &Error{Action: "wrap", Rope: describe(fn), Err: err}
	}
	if made := r.config.onManufactured; made != nil {
		made(r)
	}
	return r, nil
}

// describe names the argument of Wrap.
func describe(fn any) string {
	v := reflect.ValueOf(fn)
	if v.Kind() != reflect.Func || v.IsNil() {
		return fmt.Sprintf("%T", fn)
	}
	return callable.Identify(v).Name
}

// assemble makes a rope of its parts. Each part checks its own input.
func assemble(fn any, f Factory, opts []FuncOption) (*Rope, error) {
	o, c, several, err := inspectWith(fn, opts)
	if err != nil {
		return nil, err
	}
	b, err := blueprintOf(f)
	if err != nil {
		return nil, err
	}
	if o.name != nil {
		c.Name, c.Stable = *o.name, true
	}
	prefix, err := b.prefix(c.Identity, o.name != nil)
	if err != nil {
		return nil, err
	}
	o.rememberMissing(&b.options.Freshness)
	policy, err := b.options.Freshness.policy(b.expire)
	if err != nil {
		return nil, err
	}
	storage, err := b.storage()
	if err != nil {
		return nil, err
	}
	if ager, ok := storage.(ager); ok && policy != nil {
		ager.keepAges(policy.Ahead, policy.Revalidate, policy.OnError)
	}
	lock, err := b.options.Lock.of(storage)
	if err != nil {
		return nil, err
	}
	policy = withLock(policy, b.expire, lock)
	coder, err := b.findCoder()
	if err != nil {
		return nil, err
	}
	r := &Rope{fn: c, batch: several, ui: asComposed(b.ui), onError: b.options.OnError, private: b.private, expireFunc: b.options.Freshness.ExpireFunc, meter: meter.New()}
	r.Wire.rope = r
	if t := b.options.Trace; t != nil {
		r.trace = *t
	}
	r.observeBatch()
	values := b.values(storage, coder, c, policy, func(action string) func(context.Context, string, error) {
		return func(ctx context.Context, key string, err error) {
			if action == "refresh" {
				r.happened(ctx, store.RefreshFailed, key, err)
			}
			r.report(ctx, &Error{Action: action, Rope: c.Name, Key: key, Err: err})
		}
	})
	values.Lock, values.Meter, values.Note = lock, r.meter, r.happened
	r.base.values.Store(values)
	if err := checkTypes(values, c); err != nil {
		return nil, err
	}
	if err := r.checkAges(); err != nil {
		return nil, err
	}
	if r.plan, err = b.keyPlan(c, prefix, values.Memory); err != nil {
		return nil, err
	}
	r.config = b.config(c, prefix, coder, values.Memory)
	r.config.Storage, r.config.Place, r.config.Batch = kindOf(storage), placeOf(values).text, o.batch
	if err := r.checkInterface(); err != nil {
		return nil, err
	}
	r.findPartialKeys()
	r.planCalls()
	living.add(r)
	if optionsInUse.Load() {
		r.askForOptions()
	}
	return r, nil
}

// inspectWith reads fn as the options say. several runs a Batch, and is else nil.
func inspectWith(fn any, opts []FuncOption) (o funcOptions, c *callable.Callable, several *batch.Func, err error) {
	if o, err = readOptions(opts); err != nil {
		return o, nil, nil, err
	}
	if o.signature == nil {
		o.signature = registeredSignature(fn)
	}
	if several, fn, err = o.single(fn); err != nil {
		return o, nil, nil, err
	}
	c, err = inspectFunc(fn, o.signature)
	return o, c, several, err
}

func readOptions(opts []FuncOption) (o funcOptions, err error) {
	for _, opt := range opts {
		if opt == nil {
			return o, errors.New("an option is nil")
		}
		if err := opt.apply(&o); err != nil {
			return o, err
		}
	}
	return o, nil
}

func blueprintOf(f Factory) (blueprint, error) {
	if v := reflect.ValueOf(f); !v.IsValid() || v.Kind() == reflect.Pointer && v.IsNil() {
		return blueprint{}, errors.New("the factory is nil: say where to cache, for example ring.Lru{}")
	}
	return f.blueprint()
}

// values returns how a rope keeps values in its storage.
func (b *blueprint) values(s Storage, coder Coder, c *callable.Callable, policy *fresh.Policy, onError func(action string) func(context.Context, string, error)) *store.Values {
	return store.New(placed(store.Config{
		Expire: b.expire, Type: c.Result, Results: len(c.Results), Fit: c.Fit, OnError: onError("get_or_update"), OnRefresh: onError("refresh"), Policy: policy,
		Open: b.options.FailOpen, Timeout: b.options.StorageTimeout,
		Elements: elementsOf, Hint: storedHint,
	}, s, b.backend), coder)
}

// placed completes the config of values that lie in s, which was made out of backend.
func placed(c store.Config, s Storage, backend any) store.Config {
	h, own := homeOf(s)
	if !own {
		h.text = fmt.Sprintf("the storage %T", s)
	}
	c.Storage, c.Backend, c.Flights, c.LRU = s, backend, flightsOf(s), h.lru
	c.Counts, c.Texts, c.Place, c.Ages = !own && cacheOf(s) != nil, h.texts, h.text, agesOf(s)
	return c
}

func (b *blueprint) findCoder() (Coder, error) {
	registry := b.options.CoderRegistry
	if registry == nil {
		registry = DefaultRegistry
	}
	return registry.find(b.coder)
}

// checkTypes reports whether the coder, or the storage without one, can restore the
// results of a function.
func checkTypes(s *store.Values, c *callable.Callable) error {
	coder := *s.Coder.Load()
	check, ok := coder.(typeChecker)
	if s.IsTyped() {
		check, ok = s.Typed, true
	}
	if !ok {
		return nil
	}
	if _, isBytes := coder.(codec.Bytes); isBytes && len(c.Results) != 1 {
		return fmt.Errorf("%w: the function has %d results, and the storage keeps bytes: give the factory a Coder, such as \"json\"", ErrCoder, len(c.Results))
	}
	for i, t := range c.Results {
		err := check.CheckType(t)
		if err == nil {
			continue
		}
		return fmt.Errorf("result %d (%v): %w: it cannot be restored: %w%s", i+1, t, ErrCoder, err, restoreHint(coder, t))
	}
	return nil
}

func (b *blueprint) keyPlan(c *callable.Callable, prefix string, inMemory bool) (*keytext.Plan, error) {
	o := &b.options
	if err := o.KeyStyle.check(); err != nil {
		return nil, err
	}
	encoding, err := keytext.FindEncoding(o.KeyEncoding)
	if err != nil {
		return nil, err
	}
	if err := checkIgnorable(c, o.IgnorableKeys); err != nil {
		return nil, err
	}
	k, err := keytext.NewPlan(keyParams(c, o.IgnorableKeys), rulesOf(o.KeyStyle, inMemory), prefix)
	if err != nil {
		return nil, err
	}
	k.Reform(encoding, o.KeyRefactor)
	return k, nil
}

func (b *blueprint) config(c *callable.Callable, prefix string, coder Coder, inMemory bool) Config {
	o := &b.options
	action := o.DefaultAction
	if action == "" {
		action = "get_or_update"
	}
	return Config{
		Name: c.Name, KeyPrefix: prefix, Expire: b.expire, Coder: coder, DefaultAction: action,
		MissValue: o.MissValue, IgnorableKeys: slices.Clone(o.IgnorableKeys), KeyEncoding: o.KeyEncoding,
		KeyStyle: o.KeyStyle, InMemory: inMemory, onManufactured: o.OnManufactured,
		Freshness: o.Freshness, Lock: o.Lock, FailOpen: o.FailOpen, Timeout: o.StorageTimeout,
	}
}

func (r *Rope) checkInterface() error {
	if r.ui.err != nil {
		return r.ui.err
	}
	for name := range r.ui.extra {
		if known, _ := findAction(name); known != nil {
			return fmt.Errorf("the user interface adds a sub-function %q, which exists: write the method instead", name)
		}
	}
	action := r.config.DefaultAction
	switch {
	case action == "get_or_update" && r.ui.hasGetOrUpdate == hasGetOrUpdate(absent{}):
		return errors.New("the user interface has no GetOrUpdate, which is the default action: add CacheUserInterface, or set Options.DefaultAction")
	case action == NoDefaultAction || findSingle(action) != nil || r.ui.extra[action] != nil:
		return nil
	}
	return fmt.Errorf("the default action %q is not a sub-function for one call%s", action, r.actionHint(action))
}

func (r *Rope) findPartialKeys() {
	k := r.plan
	worst := k.Completeness()
	r.partial.always.Store(!r.ui.standard || k.Refactor != nil && !doctor.SameFunc(k.Refactor, MemcacheKey) ||
		r.config.KeyStyle == PythonKeys || len(k.Parts) < len(r.fn.Params) || worst == keytext.Incomplete)
	r.partial.dynamic = worst == keytext.Undecided
}
