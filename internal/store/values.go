// Package store is a storage as a rope uses it: through a coder, and through flights, by
// which one of many callers looks up a value, runs the function and stores the result.
package store

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/ring-go/ring/internal/codec"
	"github.com/ring-go/ring/internal/fault"
	"github.com/ring-go/ring/internal/flight"
	"github.com/ring-go/ring/internal/fresh"
	"github.com/ring-go/ring/internal/meter"
	"github.com/ring-go/ring/lrucache"
)

// Values is a rope's storage by key, with values encoded and decoded by the rope's
// coder, in the function's result type.
type Values struct {
	Config
	Coder  atomic.Pointer[Coder] // a nil Coder: the storage gets the values themselves
	bytes  bool                  // the storage keeps bytes only
	Memory bool                  // a look-up is cheaper than joining a flight
	Typed  typedStorage          // decodes without a coder; nil: the storage cannot
	target reflect.Type          // what it decodes into
	text   bool                  // the storage has text as it is, and the results are text
	asIs   *Coder                // the coder with which text is a result at once: it has no age, and is waited for without a limit; nil: none is
	cond   condStorage           // stores only if nobody else has written meanwhile; nil: the storage cannot
}

// Config describes Values.
type Config struct {
	Storage storage
	Backend any // what the storage was made out of
	Expire  time.Duration
	Type    reflect.Type           // the function's result
	Results int                    // of the function
	Fit     func(any) (any, error) // converts a value to the result type
	OnError func(ctx context.Context, key string, err error)

	Meter *meter.Meter // that of the rope

	// Note gets what happens beside the results of calls.
	Note func(ctx context.Context, e Event, key string, err error)

	// OnRefresh gets the failures of runs that had an old value.
	OnRefresh func(ctx context.Context, key string, err error)

	Open     bool                             // the rope works without a storage that fails
	Timeout  time.Duration                    // Options.StorageTimeout
	Flights  *flight.Table                    // those of the backend
	LRU      *lrucache.LruCache               // what the storage keeps the values in; nil: something else
	Counts   bool                             // a look-up is counted, so do not look up without need
	Texts    Texts                            // of a storage whose client returns text
	Ages     Ages                             // of a storage that tells the age of a value
	Lock     Lock                             // across processes
	Policy   *fresh.Policy                    // nil: a value is fresh until it expires
	Elements func(error, int) ([]error, bool) // the errors of the elements in the error of a bulk method
	Apart    bool                             // each call runs by itself, and nothing is looked up or stored
	Hint     string                           // what to do if another function stored an entry
	Place    string                           // where the storage keeps the values, for people
}

// Texts are the look-ups of a storage whose client returns text, of which bytes would be
// a copy. The zero Texts are none.
type Texts struct {
	Get     func(ctx context.Context, key string) (any, error)
	GetMany func(ctx context.Context, keys []string) ([]any, error)

	// GetAged and GetManyAged also return the times left, as those of an AgedStorage. A
	// text is its version as well. They may be nil where Get is not.
	GetAged     func(ctx context.Context, key string) (text any, left time.Duration, err error)
	GetManyAged func(ctx context.Context, keys []string) (texts []any, left []time.Duration, err error)
}

// textReader is a coder that tells whether it reads text as well as bytes.
type textReader interface{ ReadsText() bool }

// New returns the values of a storage. coder is nil where they are stored as they are.
func New(c Config, coder Coder) *Values {
	keeper, ok := c.Storage.(bytesStorage)
	s := &Values{Config: c, bytes: ok && keeper.StoresBytes()}
	if s.bytes && coder == nil {
		coder = codec.Bytes{}
	}
	s.Coder.Store(&coder)
	s.text = c.Texts.Get != nil && c.Type == reflect.TypeFor[string]()
	if s.IsText(coder) && !s.isBounded() && !s.ages() {
		s.asIs = s.Coder.Load()
	}
	if m, ok := c.Storage.(inMemory); ok {
		s.Memory = m.InMemoryStorage()
	}
	s.cond, _ = c.Storage.(condStorage)
	if typed, ok := c.Storage.(typedStorage); ok {
		s.Typed, s.target = typed, codec.TargetType(c.Type, c.Results)
	}
	return s
}

// IsTyped reports whether the storage decodes values itself.
func (s *Values) IsTyped() bool { return s.Typed != nil && *s.Coder.Load() == nil }

func (s *Values) getTyped(ctx context.Context, key string) (any, error) {
	target := reflect.New(s.target)
	_, err := Ask(ctx, s, func(ctx context.Context) (any, error) { return nil, s.Typed.GetValueTo(ctx, key, target.Interface()) })
	if err != nil {
		return nil, err
	}
	return s.fitStored(codec.FromTarget(target.Elem(), s.Results))
}

// restore returns what a storage of pickles that decodes by itself gives for value.
func (s *Values) restore(value any) (any, error) {
	data, err := code(func() (any, error) { return codec.Pickle{}.Encode(value) })
	if err != nil {
		return nil, err
	}
	target := reflect.New(s.target)
	_, err = code(func() (any, error) { return nil, codec.Unpickle(data.([]byte), target.Interface()) })
	if err != nil {
		return nil, err
	}
	return s.fitStored(codec.FromTarget(target.Elem(), s.Results))
}

func (s *Values) getManyTyped(ctx context.Context, keys []string, take func(i int, f found)) error {
	targets, dests := make([]reflect.Value, len(keys)), make([]any, len(keys))
	for i := range keys {
		targets[i] = reflect.New(s.target)
		dests[i] = targets[i].Interface()
	}
	errs, err := Ask(ctx, s, func(ctx context.Context) ([]error, error) { return s.Typed.GetManyValuesTo(ctx, keys, dests) })
	if err != nil {
		return err
	}
	if len(errs) != len(keys) {
		return fmt.Errorf("%T returned %d answers for %d keys", s.Storage, len(errs), len(keys))
	}
	for i, err := range errs {
		if err != nil {
			take(i, foundBy(nil, err))
			continue
		}
		take(i, foundBy(s.fitStored(codec.FromTarget(targets[i].Elem(), s.Results))))
	}
	return nil
}

// glance looks for a value before anything else is done about the call. If it cannot
// decide at once, it finds none.
func (s *Values) glance(ctx context.Context, key string) (value any, ok bool) {
	var data any
	switch {
	case s.LRU != nil: // the call will look again, and count the miss then
		data, ok = s.LRU.GetBytes([]byte(key))
	case s.Memory && !s.Counts:
		var err error
		data, err = s.Storage.GetValue(ctx, key)
		ok = err == nil
	}
	if !ok {
		return nil, false
	}
	value, err := s.Decode(data)
	return value, err == nil
}

// fit is Fit at once for what is a result as it is.
func (s *Values) fit(value any) (any, error) {
	if s.Results == 1 && value != nil && reflect.TypeOf(value) == s.Type {
		return value, nil
	}
	return s.Fit(value)
}

// Encode makes a value, if it fits the function, what the storage keeps.
func (s *Values) Encode(value any) (any, error) {
	value, err := s.fit(value)
	if err != nil {
		return nil, fmt.Errorf("%w: the value: %w%s", fault.ErrArguments, err, s.tupleHint())
	}
	coder := *s.Coder.Load()
	if coder == nil || s.IsText(coder) {
		return value, nil
	}
	data, err := code(func() (any, error) { return coder.Encode(value) })
	if err == nil && s.bytes {
		err = codec.CheckBytes(data)
	}
	if err != nil {
		return nil, fmt.Errorf("%w: encode: %w", fault.ErrCoder, err)
	}
	return data, nil
}

// tupleHint says what a value is if the function has several results.
func (s *Values) tupleHint() string {
	if s.Results < 2 {
		return ""
	}
	types := make([]string, s.Results)
	for i := range types {
		types[i] = s.Type.Field(i).Type.String()
	}
	return fmt.Sprintf("; give ring.Tuple{%s}", strings.Join(types, ", "))
}

// IsText reports whether the values are text that the storage accepts and returns
// unchanged.
func (s *Values) IsText(coder Coder) bool {
	if !s.text {
		return false
	}
	_, ok := coder.(codec.Bytes)
	return ok
}

// isInstant reports whether a look-up returns text that is a result as it is, has no age, and
// is waited for however long it takes.
func (s *Values) isInstant(ctx context.Context) bool {
	return s.asIs == s.Coder.Load() && ctx.Done() == nil
}

// code calls a coder. A panic, for example because of data of an unknown type, is an
// error: the caller is not responsible for the data.
func code(run func() (any, error)) (result any, err error) {
	defer func() {
		if r := recover(); r != nil {
			result, err = nil, fmt.Errorf("panic: %v", r)
		}
	}()
	return run()
}

// Decode makes what the storage has a result of the function.
func (s *Values) Decode(data any) (any, error) { return s.decodeBy(*s.Coder.Load(), data) }

func (s *Values) decodeBy(coder Coder, data any) (any, error) {
	value, err := s.decoded(coder, data)
	if err != nil {
		return nil, &foreignEntry{err: fmt.Errorf("%w: decode: %w", fault.ErrCoder, err), hint: s.Hint}
	}
	return s.fitStored(value)
}

// fitStored converts a stored value to a result of the function.
func (s *Values) fitStored(value any) (any, error) {
	value, err := s.fit(value)
	if err != nil {
		return nil, &foreignEntry{err: fmt.Errorf("%w: what is stored is not a result of the function: %w", fault.ErrCoder, err), hint: s.Hint}
	}
	return value, nil
}

// foreignEntry is the error of an entry that is no result of the function.
type foreignEntry struct {
	err      error
	hint     string
	replaced bool // by the result of a run
}

func (e *foreignEntry) Error() string {
	if e.replaced {
		return e.err.Error() + "; the entry is replaced. If " + e.hint
	}
	return e.err.Error() + "; if " + e.hint
}

func (e *foreignEntry) Unwrap() error { return e.err }

// replacing is the error of an entry that the result of a run is about to replace.
func replacing(err error) error {
	if e, ok := err.(*foreignEntry); ok {
		return &foreignEntry{e.err, e.hint, true}
	}
	return err
}

func (s *Values) decoded(coder Coder, data any) (any, error) {
	switch coder := coder.(type) {
	case nil:
		return data, nil
	case codec.Bytes:
		return coder.Decode(data, s.Type)
	default:
		return code(func() (any, error) { return coder.Decode(data, s.Type) })
	}
}

// keepIfWaiting returns a copy of the slice if the caller may be gone before it is read.
func keepIfWaiting[T any](ctx context.Context, s *Values, theirs []T) []T {
	if !s.storesBehind(ctx) {
		return theirs
	}
	return slices.Clone(theirs)
}

func (s *Values) expiry(expire []time.Duration) (time.Duration, error) {
	if len(expire) == 0 {
		return s.Expire, nil
	}
	if expire[0] < 0 {
		return 0, fmt.Errorf("%w: the expiry %v is negative", fault.ErrArguments, expire[0])
	}
	return expire[0], nil
}

// Get returns the value of key. The error is fault.ErrNotFound if there is none, and
// fault.ErrCoder if it cannot be decoded. A value past its life counts as none.
// Python: get.
func (s *Values) Get(ctx context.Context, key string) (any, error) {
	if s.isKept() {
		return s.getLive(ctx, key)
	}
	return s.get(ctx, key)
}

// GetKept is Get for which a value past its life counts.
func (s *Values) GetKept(ctx context.Context, key string) (any, error) { return s.get(ctx, key) }

// isKept tells whether values stay in the storage past their lives.
func (s *Values) isKept() bool { return s.Policy != nil && s.Policy.Grace > 0 }

func (s *Values) get(ctx context.Context, key string) (any, error) {
	if s.IsTyped() {
		value, err := s.getTyped(ctx, key)
		return value, s.note(ctx, key, err)
	}
	coder := *s.Coder.Load()
	data, err := s.getValue(ctx, key, coder)
	if err != nil {
		return data, s.note(ctx, key, err)
	}
	if s.IsText(coder) { // a result as it is
		return data, nil
	}
	value, err := s.decodeBy(coder, data)
	return value, s.note(ctx, key, err)
}

// Set stores value for the duration expire; 0 is for good. Without expire it uses the
// rope's expiry.
// Python: set.
func (s *Values) Set(ctx context.Context, key string, value any, expire ...time.Duration) error {
	ttl, err := s.expiry(expire)
	if err != nil {
		return err
	}
	data, err := s.encodeFor(ctx, key, value)
	if err != nil {
		return err
	}
	ttl = s.life(key, ttl)
	defer s.forget(key)
	if s.Memory {
		return s.note(ctx, key, s.setInMemory(ctx, key, data, ttl))
	}
	return s.write(ctx, key, func(ctx context.Context) error { return s.Storage.SetValue(ctx, key, data, ttl) })
}

// setInMemory is Set without the closures that a slow storage needs.
func (s *Values) setInMemory(ctx context.Context, key string, data any, ttl time.Duration) error {
	if err := s.Flights.Lock(ctx, key); err != nil {
		return err
	}
	defer s.Flights.Unlock(key)
	return s.Storage.SetValue(ctx, key, data, ttl)
}

// Delete removes the value of key, if there is one. Python: delete.
func (s *Values) Delete(ctx context.Context, key string) error {
	defer s.forget(key)
	return s.write(ctx, key, func(ctx context.Context) error { return s.Storage.DeleteValue(ctx, key) })
}

// Has reports whether key has a value that is within its life. Python: has.
func (s *Values) Has(ctx context.Context, key string) (bool, error) {
	if s.isKept() {
		return s.hasLive(ctx, key)
	}
	return s.HasKept(ctx, key)
}

// HasKept is Has for which a value past its life counts.
func (s *Values) HasKept(ctx context.Context, key string) (bool, error) {
	if has, ok := s.Storage.(hasStorage); ok {
		found, err := Ask(ctx, s, func(ctx context.Context) (bool, error) { return has.HasValue(ctx, key) })
		return found, s.note(ctx, key, err)
	}
	_, err := s.getValue(ctx, key, *s.Coder.Load())
	if IsMiss(err) {
		return false, nil
	}
	return err == nil, s.note(ctx, key, err)
}

// Touch renews the expiry of a value: to expire, or to the rope's expiry without it. A
// missing value is no error.
// Python: touch.
func (s *Values) Touch(ctx context.Context, key string, expire ...time.Duration) error {
	ttl, err := s.expiry(expire)
	if err != nil {
		return err
	}
	touch, ok := s.Storage.(touchStorage)
	if !ok {
		return fmt.Errorf("%w: %T cannot touch", errors.ErrUnsupported, s.Storage)
	}
	ttl = s.life(key, ttl)
	return s.touching(ctx, func(ctx context.Context) error { return touch.TouchValue(ctx, key, ttl) })
}
