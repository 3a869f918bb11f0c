package ring

import (
	"context"
	"fmt"
	"log/slog"
	"reflect"
	"runtime"
	"sync"
	"sync/atomic"
	"time"
	"weak"

	"github.com/ring-go/ring/internal/batch"
	"github.com/ring-go/ring/internal/callable"
	"github.com/ring-go/ring/internal/codec"
	"github.com/ring-go/ring/internal/convert"
	"github.com/ring-go/ring/internal/fault"
	"github.com/ring-go/ring/internal/flight"
	"github.com/ring-go/ring/internal/hit"
	"github.com/ring-go/ring/internal/keytext"
	"github.com/ring-go/ring/internal/meter"
	"github.com/ring-go/ring/internal/store"
	"github.com/ring-go/ring/lrucache"
)

// Rope is a cached function, or a cached method that is not bound to a receiver yet. It
// has all methods of its Wire: go doc ring.Wire.
// Python: ring.func.base.RingRope.
type Rope struct {
	Wire

	fn      *callable.Callable
	batch   *batch.Func // runs fn for several elements; nil: the function is for one call
	plan    *keytext.Plan
	ui      *composed
	base    BaseStorage
	config  Config
	onError func(context.Context, *Error)
	partial partialKeys
	private bool // nothing else can reach the storage

	expireFunc func(value any, p ArgPack) time.Duration // Freshness.ExpireFunc

	fast    atomic.Pointer[hit.Plan]  // answers sub-functions without binding arguments; nil: every call binds them
	calls   atomic.Pointer[hit.Plan]  // the same, for Call and for the typed function
	makeFn  atomic.Pointer[keyMethod] // nil: keys are made by plan
	counted *hit.Plan                 // counts the hits of fast, and remains when fast is dropped; nil: there is none

	meter   *meter.Meter
	cleared clearedCounts
	shown   highest // the hits, by Stats
	trace   Trace
	events  eventLog
}

// Config is how a rope was made. Python: ring.func.base.Config.
type Config struct {
	Name          string        // the function's name
	KeyPrefix     string        // the beginning of every key, also if it is empty. Python: key_prefix
	Expire        time.Duration // Python: expire_default
	Coder         Coder         // nil: the storage gets the values themselves. Python: coder
	DefaultAction string        // Python: default_action
	MissValue     any           // Python: miss_value
	IgnorableKeys []string      // Python: ignorable_keys
	KeyEncoding   string        // Python: key_encoding
	KeyStyle      KeyStyle
	InMemory      bool // the storage keeps the values themselves

	Storage   string        // "lru", "dict", "memcache", "redis", "redis_hash", "shelve" or "diskcache"; the type of another storage
	Place     string        // where the storage keeps the values, for people
	Freshness Freshness     // zero: off
	Lock      Lock          // zero: off
	Batch     *BatchOptions // nil: the function is for one call
	FailOpen  bool
	Timeout   time.Duration // Options.StorageTimeout

	onManufactured func(*Rope)
}

// CacheInfo is the result of Wire.CacheInfo. The fields are those of lrucache.CacheInfo:
// Hits, Misses, MaxSize and CurrSize.
// Python: functools.lru_cache.cache_info.
type CacheInfo = lrucache.CacheInfo

// Bind returns the wire that calls a method expression on receiver, like
// receiver.Method. If the receiver does not fit, or the function is not a method
// expression, every call of the wire is an ErrArguments.
// Python: RingRope.__get__.
func (r *Rope) Bind(receiver any) *Wire {
	w := &Wire{rope: r, bound: receiver, isBound: true, err: r.Wire.err}
	if !r.fn.Receiver {
		w.err = fault.Argumentf("%s is no method expression, so it cannot be bound to a %T", r.fn.Short, receiver)
		return w
	}
	if receiver == nil {
		w.err = fault.Argumentf("%s cannot be bound: the receiver is nil", r.fn.Short)
		return w
	}
	p := &r.fn.Params[0]
	if v := reflect.ValueOf(receiver); v.Kind() == reflect.Pointer && !v.IsNil() && v.Type().Elem() == p.Type {
		receiver = v.Elem().Interface() // as in (&v).Method
	}
	value, err := convert.To(receiver, p.Type)
	if err != nil {
		w.err = fault.Argumentf("%s cannot be bound: %v", r.fn.Short, err)
		return w
	}
	w.bound = value.Interface()
	return w
}

// values returns the rope's storage as it is at the moment: package ringtest can put another
// one in its place, and a call stays with the one that it has begun with.
func (r *Rope) values() *store.Values { return r.base.values.Load() }

// key returns the key of a call.
func (r *Rope) key(w *Wire, p ArgPack) (string, error) {
	values, ctx, err := r.fn.Bind(p.pack(), w.isBound)
	if err != nil {
		return "", err
	}
	if m := r.makeFn.Load(); m != nil {
		text, err := m.call(w.runContext(ctx), values)
		if err != nil {
			return "", err
		}
		return r.plan.Finish(text)
	}
	return r.plan.Key(values)
}

func (r *Rope) cacheInfo() CacheInfo {
	info := CacheInfo{MaxSize: Unbounded, CurrSize: -1}
	info.Hits, info.Misses, info.Stale = r.counts()
	if s, ok := r.base.Storage().(SizedStorage); ok {
		info.MaxSize, info.CurrSize = s.Size()
	}
	return info
}

// counts returns the numbers of look-ups.
func (r *Rope) counts() (hits, misses, stale int) {
	found, hitsBefore, missesBefore := layered.hits(r)
	calls := r.meter.Calls()
	return r.hitsOf(&calls) + found - hitsBefore, r.missesOf(&calls) - missesBefore, int(calls[meter.Stale]) - int(r.cleared.stale.Load())
}

// clearedCounts are what the counters of CacheInfo were when Clear set them to 0.
type clearedCounts struct{ hits, misses, stale atomic.Int64 }

// hitsOf returns the number of hits: those of the rope's own plan, and those of calls that
// bound their arguments.
func (r *Rope) hitsOf(c *meter.Calls) int {
	return r.planHits() + int(c[meter.Hit]+c[meter.Shared]) - int(r.cleared.hits.Load())
}

// missesOf returns the number of the calls that found nothing.
func (r *Rope) missesOf(c *meter.Calls) int {
	n := c[meter.Missed] + c[meter.Ran] + c[meter.Negative] + c[meter.Bypassed] + c[meter.Failed]
	return int(n) - int(r.cleared.misses.Load())
}

// planHits returns the number of hits of the rope's own plan.
func (r *Rope) planHits() int {
	if r.counted == nil {
		return 0
	}
	return r.counted.Hits()
}

// dropPlans makes every call bind its arguments.
func (r *Rope) dropPlans() {
	r.fast.Store(nil)
	r.calls.Store(nil)
}

// report passes an error that is not returned to Options.OnError.
func (r *Rope) report(ctx context.Context, err *Error) {
	if r.onError != nil {
		r.onError(ctx, err)
		return
	}
	slog.ErrorContext(ctx, err.Error())
}

// Encode returns what the storage would keep for value.
// Python: encode, RingRope.encode.
func (w *Wire) Encode(value any) (any, error) {
	s := w.rope.values()
	data, err := s.Encode(value)
	if text, ok := data.(string); ok && s.IsText(*s.Coder.Load()) {
		data = []byte(text)
	}
	return data, w.fail("encode", "", err)
}

// Decode returns the value that the storage keeps as data.
// Python: decode, RingRope.decode.
func (w *Wire) Decode(data any) (any, error) {
	value, err := w.rope.values().Decode(data)
	return value, w.fail("decode", "", err)
}

// CacheInfo returns how many look-ups of this rope, over all its wires, found a value
// and how many did not, and the size of the storage if it knows that. Get, Lookup,
// GetOrUpdate and their bulk forms count; Has does not. A call that waits for the run of
// another call is a hit.
// Python: functools.lru_cache.cache_info.
func (w *Wire) CacheInfo() CacheInfo { return w.rope.cacheInfo() }

// Ring returns a PublicRing, which changes how the rope makes keys and codes values.
// Python: RingRope.ring.
func (w *Wire) Ring() *PublicRing { return &PublicRing{w.rope} }

// Config returns a copy of how the rope was made. Python: RingRope.config.
func (w *Wire) Config() *Config {
	config := w.rope.config
	config.Coder = *w.rope.values().Coder.Load()
	config.IgnorableKeys = append([]string(nil), config.IgnorableKeys...)
	return &config
}

// count counts a call by what it got.
func (w *Wire) count(o *flight.Outcome) {
	if o.Hit && !o.Ran { // plainOutcome, without its call
		w.rope.meter.Count(meter.Hit)
		return
	}
	w.rope.meter.Count(meter.Outcome(plainOutcome(o)))
}

// missed counts a look-up that found nothing.
func (w *Wire) missed() { w.rope.meter.Count(meter.Missed) }

// PublicRing changes how a rope makes keys and codes values, like f.ring in Python. A
// change affects all later calls: make it before the rope is used.
// Python: ring.func.base.PublicRing.
type PublicRing struct{ rope *Rope }

// keyMethod is the user's key function.
type keyMethod struct {
	callable.Callable
}

func (m *keyMethod) call(ctx context.Context, values []any) (string, error) {
	key, err := m.Callable.Call(ctx, values)
	if err != nil {
		return "", fmt.Errorf("%w: %w", ErrKey, err)
	}
	return reflect.ValueOf(key).String(), nil
}

// Key makes fn the function that makes keys. fn has the parameters of the cached
// function, with or without the context, and returns a string or a string and an error.
// KeyEncoding and KeyRefactor apply to its result.
// Python: key.
func (p *PublicRing) Key(fn any) error {
	r := p.rope
	c, err := inspectFunc(fn, nil)
	if err != nil {
		return r.fail("ring.key", "", err)
	}
	same := len(c.Params) == len(r.fn.Params)
	for i := 0; same && i < len(c.Params); i++ {
		same = c.Params[i].Type == r.fn.Params[i].Type
	}
	if !same || len(c.Results) != 1 || c.Results[0].Kind() != reflect.String {
		return r.fail("ring.key", "", fmt.Errorf("a %v does not fit: it needs the parameters of %v and a string result", c.Type, r.fn.Type))
	}
	r.partial.always.Store(true)
	r.dropPlans()
	r.makeFn.Store(&keyMethod{*c})
	return nil
}

// Encode makes fn the function that encodes values. fn takes the cached function's
// result, or any, and returns what is stored, alone or with an error.
// Python: encode, RingRope.set_encode.
func (p *PublicRing) Encode(fn any) error {
	c, err := p.codeFunc("ring.encode", fn)
	if err != nil {
		return err
	}
	if err := p.checkResult(c.Params[0].Type); err != nil {
		return p.rope.fail("ring.encode", "", err)
	}
	return p.replace(func(coder *CoderTuple) {
		coder.Encode = func(v any) (any, error) { return c.CallOne(v) }
	})
}

// Decode makes fn the function that decodes what is stored. fn takes that, or any, and
// returns the cached function's result, or any, alone or with an error.
// Python: decode, RingRope.set_decode.
func (p *PublicRing) Decode(fn any) error {
	c, err := p.codeFunc("ring.decode", fn)
	if err != nil {
		return err
	}
	if err := p.checkResult(c.Results[0]); err != nil {
		return p.rope.fail("ring.decode", "", err)
	}
	return p.replace(func(coder *CoderTuple) {
		coder.Decode = func(data any, _ reflect.Type) (any, error) { return c.CallOne(data) }
	})
}

func (p *PublicRing) codeFunc(action string, fn any) (*callable.Callable, error) {
	c, err := inspectFunc(fn, nil)
	if err != nil {
		return nil, p.rope.fail(action, "", err)
	}
	if len(c.Params) != 1 || c.ContextAt >= 0 || len(c.Results) != 1 {
		return nil, p.rope.fail(action, "", fmt.Errorf("a %v does not fit: it needs one parameter and one result, and may return an error", c.Type))
	}
	return c, nil
}

// checkResult reports whether t is the cached function's result type, or any.
func (p *PublicRing) checkResult(t reflect.Type) error {
	want := p.rope.fn.Result
	if len(p.rope.fn.Results) > 1 {
		want = callable.TupleType
	}
	if t.Kind() == reflect.Interface || want == t {
		return nil
	}
	return fmt.Errorf("%v is neither the result of %v nor any", t, p.rope.fn.Type)
}

// replace changes the rope's coder, which may have been none.
func (p *PublicRing) replace(change func(*CoderTuple)) error {
	p.rope.dropPlans()
	values := p.rope.values()
	for {
		old := values.Coder.Load()
		tuple := CoderTuple{
			Encode: func(v any) (any, error) { return v, nil },
			Decode: func(data any, _ reflect.Type) (any, error) { return data, nil },
		}
		switch {
		case *old != nil:
			tuple = CoderTuple{(*old).Encode, (*old).Decode}
		case values.Typed != nil: // a value read without a type still has to be converted
			tuple.Decode = func(data any, typ reflect.Type) (any, error) {
				pickled, err := codec.Pickle{}.Encode(data)
				if err != nil {
					return nil, err
				}
				return codec.Pickle{}.Decode(pickled, typ)
			}
		}
		change(&tuple)
		var coder store.Coder = funcCoder{tuple}
		if values.Coder.CompareAndSwap(old, &coder) {
			return nil
		}
	}
}

// living holds all ropes that are still reachable, and keeps none of them alive.
var living = roster{ropes: map[weak.Pointer[Rope]]struct{}{}}

type roster struct {
	mu    sync.Mutex
	ropes map[weak.Pointer[Rope]]struct{}
}

func (l *roster) add(r *Rope) {
	w := weak.Make(r)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.ropes[w] = struct{}{}
	runtime.AddCleanup(r, l.remove, w)
}

func (l *roster) remove(w weak.Pointer[Rope]) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.ropes, w)
}

// all returns the ropes that are alive, in any order.
func (l *roster) all() []*Rope {
	l.mu.Lock()
	defer l.mu.Unlock()
	ropes := make([]*Rope, 0, len(l.ropes))
	for w := range l.ropes {
		if r := w.Value(); r != nil {
			ropes = append(ropes, r)
		}
	}
	return ropes
}
