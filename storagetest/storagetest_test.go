package storagetest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ring-go/ring"
	"github.com/ring-go/ring/lrucache"
)

// clock is a clock that only Advance moves.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func newClock() *clock { return &clock{now: time.Unix(1_700_000_000, 0)} }

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) Advance(_ *testing.T, d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// recorder is a host that notes the failures of each check instead of failing.
type recorder struct {
	check  string
	only   string // the check to run beside Interfaces; "": all
	opener func() ring.Storage
	mover  func(*testing.T, time.Duration)
	seen   *record
}

var _ host = recorder{}

type record struct {
	mu       sync.Mutex
	ran      []string
	failures map[string][]string
}

// examine does what Run does, without a *testing.T, or only one check of it.
func examine(only string, open func() ring.Storage, opts *Options) *record {
	o := opts.orDefaults()
	seen := &record{failures: map[string][]string{}}
	r := recorder{"", only, open, o.Advance, seen}
	r.inGoroutine(func() { run(r, o) })
	return seen
}

// inGoroutine lets FailNow end f alone.
func (recorder) inGoroutine(f func()) {
	var wg sync.WaitGroup
	wg.Go(f)
	wg.Wait()
}

func (recorder) Helper() {}

func (recorder) Logf(string, ...any) {}

func (r recorder) Errorf(format string, args ...any) {
	r.seen.mu.Lock()
	defer r.seen.mu.Unlock()
	r.seen.failures[r.check] = append(r.seen.failures[r.check], fmt.Sprintf(format, args...))
}

func (recorder) FailNow() { runtime.Goexit() }

func (r recorder) run(name string, f func(host)) {
	if r.only != "" && name != r.only && name != interfacesCheck {
		return
	}
	r.seen.ran = append(r.seen.ran, name)
	r.check = name
	r.inGoroutine(func() { f(r) })
}

func (r recorder) open() ring.Storage { return r.opener() }

func (r recorder) advance(d time.Duration) { r.mover(nil, d) }

// model is a storage that keeps the contract in full.
type model struct {
	now func() time.Time

	mu   sync.Mutex
	held map[string]item
}

type item struct {
	value any
	born  time.Time
	ttl   time.Duration // 0: none
}

var (
	_ ring.HasStorage   = (*model)(nil)
	_ ring.TouchStorage = (*model)(nil)
	_ ring.BulkStorage  = (*model)(nil)
	_ ring.SizedStorage = (*model)(nil)
)

func newModel(now func() time.Time) *model {
	if now == nil {
		now = time.Now
	}
	return &model{now: now, held: map[string]item{}}
}

func (m *model) alive(key string) (item, bool) {
	i, ok := m.held[key]
	return i, ok && (i.ttl == 0 || m.now().Sub(i.born) < i.ttl)
}

func copied(value any) any {
	if data, ok := value.([]byte); ok {
		return bytes.Clone(data)
	}
	return value
}

func (m *model) GetValue(ctx context.Context, key string) (any, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if i, ok := m.alive(key); ok {
		return copied(i.value), nil
	}
	delete(m.held, key)
	return nil, ring.ErrNotFound
}

func (m *model) SetValue(ctx context.Context, key string, value any, expire time.Duration) error {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("set: %w", err)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.held[key] = item{copied(value), m.now(), expire}
	return nil
}

func (m *model) DeleteValue(_ context.Context, key string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.held, key)
	return nil
}

func (m *model) HasValue(_ context.Context, key string) (bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	_, ok := m.alive(key)
	return ok, nil
}

func (m *model) TouchValue(_ context.Context, key string, expire time.Duration) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if i, ok := m.alive(key); ok {
		m.held[key] = item{i.value, m.now(), expire}
	}
	return nil
}

func (m *model) Size() (limit, current int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return ring.Unbounded, len(m.held)
}

func (m *model) GetManyValues(ctx context.Context, keys []string) ([]any, error) {
	var values []any
	for _, key := range keys {
		value, err := m.GetValue(ctx, key)
		if err == ring.ErrNotFound {
			value, err = ring.ErrNotFound, nil
		}
		if err != nil {
			return nil, err
		}
		values = append(values, value)
	}
	return values, nil
}

func (m *model) SetManyValues(ctx context.Context, keys []string, values []any, expire time.Duration) error {
	for i, key := range keys {
		if err := m.SetValue(ctx, key, values[i], expire); err != nil {
			return err
		}
	}
	return nil
}

func (m *model) DeleteManyValues(ctx context.Context, keys []string) error {
	for _, key := range keys {
		if err := m.DeleteValue(ctx, key); err != nil {
			return err
		}
	}
	return nil
}

func (m *model) HasManyValues(ctx context.Context, keys []string) ([]bool, error) {
	all := make([]bool, len(keys))
	for i, key := range keys {
		all[i], _ = m.HasValue(ctx, key)
	}
	return all, nil
}

func (m *model) TouchManyValues(ctx context.Context, keys []string, expire time.Duration) error {
	for _, key := range keys {
		if err := m.TouchValue(ctx, key, expire); err != nil {
			return err
		}
	}
	return nil
}

// faulty is a model of which some methods are replaced.
type faulty struct {
	*model
	get       func(ctx context.Context, key string) (any, error)
	set       func(ctx context.Context, key string, value any, expire time.Duration) error
	delete    func(ctx context.Context, key string) error
	has       func(ctx context.Context, key string) (bool, error)
	touch     func(ctx context.Context, key string, expire time.Duration) error
	size      func() (limit, current int)
	getMany   func(ctx context.Context, keys []string) ([]any, error)
	setMany   func(ctx context.Context, keys []string, values []any, expire time.Duration) error
	delMany   func(ctx context.Context, keys []string) error
	hasMany   func(ctx context.Context, keys []string) ([]bool, error)
	touchMany func(ctx context.Context, keys []string, expire time.Duration) error
	inMemory  bool
}

func or[F any](replaced bool, f, original F) F {
	if replaced {
		return f
	}
	return original
}

func (f *faulty) GetValue(ctx context.Context, key string) (any, error) {
	return or(f.get != nil, f.get, f.model.GetValue)(ctx, key)
}

func (f *faulty) SetValue(ctx context.Context, key string, value any, expire time.Duration) error {
	return or(f.set != nil, f.set, f.model.SetValue)(ctx, key, value, expire)
}

func (f *faulty) DeleteValue(ctx context.Context, key string) error {
	return or(f.delete != nil, f.delete, f.model.DeleteValue)(ctx, key)
}

func (f *faulty) HasValue(ctx context.Context, key string) (bool, error) {
	return or(f.has != nil, f.has, f.model.HasValue)(ctx, key)
}

func (f *faulty) TouchValue(ctx context.Context, key string, expire time.Duration) error {
	return or(f.touch != nil, f.touch, f.model.TouchValue)(ctx, key, expire)
}

func (f *faulty) Size() (limit, current int) { return or(f.size != nil, f.size, f.model.Size)() }

func (f *faulty) GetManyValues(ctx context.Context, keys []string) ([]any, error) {
	return or(f.getMany != nil, f.getMany, f.model.GetManyValues)(ctx, keys)
}

func (f *faulty) SetManyValues(ctx context.Context, keys []string, values []any, expire time.Duration) error {
	return or(f.setMany != nil, f.setMany, f.model.SetManyValues)(ctx, keys, values, expire)
}

func (f *faulty) DeleteManyValues(ctx context.Context, keys []string) error {
	return or(f.delMany != nil, f.delMany, f.model.DeleteManyValues)(ctx, keys)
}

func (f *faulty) HasManyValues(ctx context.Context, keys []string) ([]bool, error) {
	return or(f.hasMany != nil, f.hasMany, f.model.HasManyValues)(ctx, keys)
}

func (f *faulty) TouchManyValues(ctx context.Context, keys []string, expire time.Duration) error {
	return or(f.touchMany != nil, f.touchMany, f.model.TouchManyValues)(ctx, keys, expire)
}

func (f *faulty) InMemoryStorage() bool { return f.inMemory }

// renaming is a model under keys that some of its callers did not mean.
func renaming(m *model, rename func(string) string) *faulty {
	return &faulty{
		model:  m,
		get:    func(ctx context.Context, key string) (any, error) { return m.GetValue(ctx, rename(key)) },
		delete: func(ctx context.Context, key string) error { return m.DeleteValue(ctx, rename(key)) },
		set: func(ctx context.Context, key string, value any, expire time.Duration) error {
			return m.SetValue(ctx, rename(key), value, expire)
		},
	}
}

// expiring is a model with another expiry than it was asked for.
func expiring(m *model, change func(time.Duration) time.Duration) *faulty {
	return &faulty{model: m, set: func(ctx context.Context, key string, value any, expire time.Duration) error {
		return m.SetValue(ctx, key, value, change(expire))
	}}
}

// reply makes what a method returns an error when something is so.
func reply(err error, when bool) error {
	if when {
		return err
	}
	return nil
}

// refusing keeps no expiry and cannot touch, as the contract allows.
func refusing(m *model) *faulty {
	no := fmt.Errorf("refusing: %w", errors.ErrUnsupported)
	return &faulty{
		model:     m,
		touch:     func(context.Context, string, time.Duration) error { return no },
		touchMany: func(_ context.Context, keys []string, _ time.Duration) error { return reply(no, len(keys) > 0) },
		set: func(ctx context.Context, key string, value any, expire time.Duration) error {
			if expire != 0 {
				return no
			}
			return m.SetValue(ctx, key, value, 0)
		},
		setMany: func(ctx context.Context, keys []string, values []any, expire time.Duration) error {
			if expire != 0 {
				return no
			}
			return m.SetManyValues(ctx, keys, values, 0)
		},
	}
}

var errFault = errors.New("fault")

// unsigned has methods that only look like those of HasStorage and BulkStorage.
type unsigned struct{ ring.Storage }

func (unsigned) HasValue(string) bool                                          { return false }
func (unsigned) GetManyValues(context.Context, []string) ([]any, error)        { return nil, nil }
func (unsigned) TouchValue(context.Context, string, time.Duration) (err error) { return nil }

// lossy copies all it holds for every change, without a lock around it.
type lossy struct {
	held atomic.Pointer[map[string]any]
}

func (l *lossy) GetValue(_ context.Context, key string) (any, error) {
	if value, ok := (*l.held.Load())[key]; ok {
		return value, nil
	}
	return nil, ring.ErrNotFound
}

func (l *lossy) SetValue(_ context.Context, key string, value any, _ time.Duration) error {
	held := maps.Clone(*l.held.Load())
	runtime.Gosched()
	held[key] = value
	l.held.Store(&held)
	return nil
}

func (l *lossy) DeleteValue(_ context.Context, key string) error {
	held := maps.Clone(*l.held.Load())
	runtime.Gosched()
	delete(held, key)
	l.held.Store(&held)
	return nil
}

func (l *lossy) InMemoryStorage() bool { return true }

// hasty uses one buffer for all values on their way in.
type hasty struct {
	*model
	buffer atomic.Pointer[any]
}

func (h *hasty) SetValue(ctx context.Context, key string, value any, expire time.Duration) error {
	h.buffer.Store(&value)
	runtime.Gosched()
	return h.model.SetValue(ctx, key, *h.buffer.Load(), expire)
}

func fold(key string) string { return strings.ToLower(key) }

func untilZero(key string) string {
	key, _, _ = strings.Cut(key, "\x00")
	return key
}

// fault is a storage that breaks the contract, and the check that has to find it.
type fault struct {
	name  string
	check string
	make  func(*model) ring.Storage

	neverSeenByWaiting bool // only a clock that can be advanced shows it
}

var faults = []fault{
	{name: "MethodsThatNobodyCalls", check: "Interfaces", make: func(m *model) ring.Storage { return unsigned{m} }},
	{name: "NoStorage", check: "Interfaces", make: func(*model) ring.Storage { return nil }},

	{name: "MissIsNil", check: "GetMissing", make: func(m *model) ring.Storage {
		return &faulty{model: m, get: func(ctx context.Context, key string) (any, error) {
			value, err := m.GetValue(ctx, key)
			if err == ring.ErrNotFound {
				return nil, nil
			}
			return value, err
		}}
	}},
	{name: "MissIsAnotherError", check: "GetMissing", make: func(m *model) ring.Storage {
		return &faulty{model: m, get: func(ctx context.Context, key string) (any, error) {
			value, err := m.GetValue(ctx, key)
			if err != nil {
				return nil, errors.New(err.Error())
			}
			return value, nil
		}}
	}},
	{name: "Panics", check: "GetMissing", make: func(m *model) ring.Storage {
		return &faulty{model: m, get: func(context.Context, string) (any, error) { panic("fault") }}
	}},
	{name: "PanicsOnSet", check: "RoundTrip", make: func(m *model) ring.Storage {
		return &faulty{model: m, set: func(_ context.Context, _ string, _ any, expire time.Duration) error { panic(expire) }}
	}},
	{name: "BytesBecomeText", check: "RoundTrip", make: func(m *model) ring.Storage {
		return &faulty{model: m, set: func(ctx context.Context, key string, value any, expire time.Duration) error {
			return m.SetValue(ctx, key, string(value.([]byte)), expire)
		}}
	}},
	{name: "CutsLongValues", check: "RoundTrip", make: func(m *model) ring.Storage {
		return &faulty{model: m, set: func(ctx context.Context, key string, value any, expire time.Duration) error {
			data := value.([]byte)
			return m.SetValue(ctx, key, data[:min(len(data), 1<<16)], expire)
		}}
	}},
	{name: "GivesAValueOnce", check: "RoundTrip", make: func(m *model) ring.Storage {
		return &faulty{model: m, get: func(ctx context.Context, key string) (any, error) {
			value, err := m.GetValue(ctx, key)
			_ = m.DeleteValue(ctx, key)
			return value, err
		}}
	}},
	{name: "FirstValueStays", check: "Overwrite", make: func(m *model) ring.Storage {
		return &faulty{model: m, set: func(ctx context.Context, key string, value any, expire time.Duration) error {
			if ok, _ := m.HasValue(ctx, key); ok {
				return nil
			}
			return m.SetValue(ctx, key, value, expire)
		}}
	}},
	{name: "RestOfALongerValueStays", check: "Overwrite", make: func(m *model) ring.Storage {
		return &faulty{model: m, set: func(ctx context.Context, key string, value any, expire time.Duration) error {
			data := value.([]byte)
			if old, err := m.GetValue(ctx, key); err == nil && len(old.([]byte)) > len(data) {
				data = slices.Concat(data, old.([]byte)[len(data):])
			}
			return m.SetValue(ctx, key, data, expire)
		}}
	}},
	{name: "DeletesNothing", check: "Delete", make: func(m *model) ring.Storage {
		return &faulty{model: m, delete: func(context.Context, string) error { return nil }}
	}},
	{name: "DeleteFailsOnAMiss", check: "DeleteMissing", make: func(m *model) ring.Storage {
		return &faulty{model: m, delete: func(ctx context.Context, key string) error {
			if ok, _ := m.HasValue(ctx, key); !ok {
				return ring.ErrNotFound
			}
			return m.DeleteValue(ctx, key)
		}}
	}},
	{name: "DeletesAll", check: "KeysIndependent", make: func(m *model) ring.Storage {
		return &faulty{model: m, delete: func(context.Context, string) error {
			m.mu.Lock()
			defer m.mu.Unlock()
			clear(m.held)
			return nil
		}}
	}},
	{name: "DeletesByPrefix", check: "KeysIndependent", make: func(m *model) ring.Storage {
		return &faulty{model: m, delete: func(_ context.Context, key string) error {
			m.mu.Lock()
			defer m.mu.Unlock()
			maps.DeleteFunc(m.held, func(k string, _ item) bool { return k == key || key != "" && strings.HasPrefix(k, key+":") })
			return nil
		}}
	}},
	{name: "FoldsCase", check: "KeysIndependent", make: func(m *model) ring.Storage { return renaming(m, fold) }},
	{name: "TrimsBlanks", check: "KeysIndependent", make: func(m *model) ring.Storage {
		return renaming(m, func(key string) string { return strings.TrimRight(key, " ") })
	}},
	{name: "EndsKeysAtZero", check: "KeysIndependent", make: func(m *model) ring.Storage { return renaming(m, untilZero) }},
	{name: "CutsLongKeys", check: "KeysIndependent", make: func(m *model) ring.Storage {
		return renaming(m, func(key string) string { return key[:min(len(key), 128)] })
	}},
	{name: "KeepsTheCallersSlice", check: "ValuesCopied", make: func(m *model) ring.Storage {
		return &faulty{model: m, set: func(_ context.Context, key string, value any, expire time.Duration) error {
			m.mu.Lock()
			defer m.mu.Unlock()
			m.held[key] = item{value, m.now(), expire}
			return nil
		}}
	}},
	{name: "ReturnsItsOwnSlice", check: "ValuesCopied", make: func(m *model) ring.Storage {
		return &faulty{model: m, get: func(ctx context.Context, key string) (any, error) {
			_, err := m.GetValue(ctx, key)
			m.mu.Lock()
			defer m.mu.Unlock()
			return m.held[key].value, err
		}}
	}},
	{name: "ReturnsItsOwnSliceInBulk", check: "ValuesCopied", make: func(m *model) ring.Storage {
		return &faulty{model: m, getMany: func(ctx context.Context, keys []string) ([]any, error) {
			values, err := m.GetManyValues(ctx, keys)
			m.mu.Lock()
			defer m.mu.Unlock()
			for i, key := range keys {
				if held, ok := m.alive(key); ok && err == nil {
					values[i] = held.value
				}
			}
			return values, err
		}}
	}},
	{name: "CopiesInMemory", check: "ValuesIdentical", make: func(m *model) ring.Storage {
		return &faulty{model: m, inMemory: true}
	}},

	{name: "HasIsAlwaysTrue", check: "Has", make: func(m *model) ring.Storage {
		return &faulty{model: m, has: func(context.Context, string) (bool, error) { return true, nil }}
	}},
	{name: "HasFailsOnAMiss", check: "Has", make: func(m *model) ring.Storage {
		return &faulty{model: m, has: func(ctx context.Context, key string) (bool, error) {
			_, err := m.GetValue(ctx, key)
			return err == nil, err
		}}
	}},
	{name: "HasSeesTheDead", check: "ExpiryGone", make: func(m *model) ring.Storage {
		return &faulty{model: m, has: func(_ context.Context, key string) (bool, error) {
			m.mu.Lock()
			defer m.mu.Unlock()
			_, ok := m.held[key]
			return ok, nil
		}}
	}},
	{name: "HasManySeesTheDead", check: "ExpiryGone", make: func(m *model) ring.Storage {
		return &faulty{model: m, hasMany: func(_ context.Context, keys []string) ([]bool, error) {
			m.mu.Lock()
			defer m.mu.Unlock()
			var all []bool
			for _, key := range keys {
				_, ok := m.held[key]
				all = append(all, ok)
			}
			return all, nil
		}}
	}},

	{name: "DropsExpiry", check: "ExpiryLifetime", make: func(m *model) ring.Storage {
		return expiring(m, func(time.Duration) time.Duration { return 0 })
	}},
	{name: "ExpiresAtOnce", check: "ExpiryLifetime", make: func(m *model) ring.Storage {
		return expiring(m, func(d time.Duration) time.Duration { return min(d, time.Nanosecond) })
	}},
	{name: "TakesMicrosForMillis", check: "ExpiryLifetime", make: func(m *model) ring.Storage {
		return expiring(m, func(d time.Duration) time.Duration { return d / 1000 })
	}},
	{name: "TakesSecondsForMillis", check: "ExpiryLifetime", make: func(m *model) ring.Storage {
		return expiring(m, func(d time.Duration) time.Duration { return d * 1000 })
	}},
	{name: "CountsFromTheLastRead", check: "ExpiryLifetime", make: func(m *model) ring.Storage {
		return &faulty{model: m, get: func(ctx context.Context, key string) (any, error) {
			value, err := m.GetValue(ctx, key)
			m.mu.Lock()
			defer m.mu.Unlock()
			if i, ok := m.alive(key); ok {
				m.held[key] = item{i.value, m.now(), i.ttl}
			}
			return value, err
		}}
	}},
	{name: "ReadsLongExpiryAsADate", check: "ExpiryLong", make: func(m *model) ring.Storage {
		return expiring(m, func(d time.Duration) time.Duration {
			if d > 30*24*time.Hour {
				return -1 // a date in 1970
			}
			return d
		})
	}},
	{name: "LongExpiryOverflows", check: "ExpiryLong", make: func(m *model) ring.Storage {
		return expiring(m, func(d time.Duration) time.Duration {
			if d != 0 && m.now().UnixNano()+int64(d) < 0 {
				return -1
			}
			return d
		})
	}},
	{name: "TouchReadsLongExpiryAsADate", check: "ExpiryLong", make: func(m *model) ring.Storage {
		return &faulty{model: m, touch: func(ctx context.Context, key string, expire time.Duration) error {
			if expire > 30*24*time.Hour {
				return m.DeleteValue(ctx, key)
			}
			return m.TouchValue(ctx, key, expire)
		}}
	}},
	{name: "BulkTouchDropsShortExpiry", check: "ExpiryShort", make: func(m *model) ring.Storage {
		return &faulty{model: m, touchMany: func(ctx context.Context, keys []string, expire time.Duration) error {
			return m.TouchManyValues(ctx, keys, expire.Truncate(time.Millisecond))
		}}
	}},
	{name: "ShortExpiryIsNone", check: "ExpiryShort", make: func(m *model) ring.Storage {
		return expiring(m, func(d time.Duration) time.Duration { return d.Truncate(time.Millisecond) })
	}},
	{name: "ExpiresByDefault", check: "ExpiryNone", neverSeenByWaiting: true, make: func(m *model) ring.Storage {
		return expiring(m, func(d time.Duration) time.Duration {
			if d == 0 {
				return 24 * time.Hour
			}
			return d
		})
	}},
	{name: "ExpiryOutlivesItsValue", check: "ExpiryNone", make: func(m *model) ring.Storage {
		return &faulty{model: m, set: func(_ context.Context, key string, value any, expire time.Duration) error {
			m.mu.Lock()
			defer m.mu.Unlock()
			old, _ := m.alive(key)
			if expire == 0 && old.ttl != 0 {
				m.held[key] = item{copied(value), old.born, old.ttl}
				return nil
			}
			m.held[key] = item{copied(value), m.now(), expire}
			return nil
		}}
	}},
	{name: "FirstExpiryStays", check: "ExpiryOverwrite", make: func(m *model) ring.Storage {
		return &faulty{model: m, set: func(_ context.Context, key string, value any, expire time.Duration) error {
			m.mu.Lock()
			defer m.mu.Unlock()
			if old, ok := m.alive(key); ok && expire != 0 && old.ttl != 0 {
				m.held[key] = item{copied(value), old.born, old.ttl}
				return nil
			}
			m.held[key] = item{copied(value), m.now(), expire}
			return nil
		}}
	}},
	{name: "RefusesExpiryAndKeepsTheValue", check: "ExpiryRefused", make: func(m *model) ring.Storage {
		f := refusing(m)
		f.set = func(ctx context.Context, key string, value any, expire time.Duration) error {
			_ = m.SetValue(ctx, key, value, 0)
			return reply(errors.ErrUnsupported, expire != 0)
		}
		return f
	}},
	{name: "RefusesExpiryInBulkAndKeepsTheValues", check: "ExpiryRefused", make: func(m *model) ring.Storage {
		f := refusing(m)
		f.setMany = func(ctx context.Context, keys []string, values []any, expire time.Duration) error {
			_ = m.SetManyValues(ctx, keys, values, 0)
			return reply(errors.ErrUnsupported, expire != 0)
		}
		return f
	}},
	{name: "RefusesExpiryOnlySingly", check: "ExpiryRefused", make: func(m *model) ring.Storage {
		f := refusing(m)
		f.setMany = nil
		return f
	}},
	{name: "RefusesExpiryOfTheFirstValue", check: "ExpiryRefused", make: func(m *model) ring.Storage {
		return &faulty{model: m, set: func(ctx context.Context, key string, value any, expire time.Duration) error {
			if expire != 0 && bytes.Equal(value.([]byte), defaultValues()[0].([]byte)) {
				return errors.ErrUnsupported
			}
			return m.SetValue(ctx, key, value, expire)
		}}
	}},

	{name: "TouchFailsOnAMiss", check: "TouchMissing", make: func(m *model) ring.Storage {
		return &faulty{model: m, touch: func(ctx context.Context, key string, expire time.Duration) error {
			if ok, _ := m.HasValue(ctx, key); !ok {
				return ring.ErrNotFound
			}
			return m.TouchValue(ctx, key, expire)
		}}
	}},
	{name: "TouchCreates", check: "TouchMissing", make: func(m *model) ring.Storage {
		return &faulty{model: m, touch: func(ctx context.Context, key string, expire time.Duration) error {
			if ok, _ := m.HasValue(ctx, key); !ok {
				return m.SetValue(ctx, key, nil, expire)
			}
			return m.TouchValue(ctx, key, expire)
		}}
	}},
	{name: "TouchEmptiesTheValue", check: "TouchKeepsValue", make: func(m *model) ring.Storage {
		return &faulty{model: m, touch: func(ctx context.Context, key string, expire time.Duration) error {
			if ok, _ := m.HasValue(ctx, key); !ok {
				return nil
			}
			return m.SetValue(ctx, key, []byte{}, expire)
		}}
	}},
	{name: "TouchWithoutExpiryKills", check: "TouchKeepsValue", make: func(m *model) ring.Storage {
		return &faulty{model: m, touch: func(ctx context.Context, key string, expire time.Duration) error {
			if expire == 0 {
				return m.DeleteValue(ctx, key)
			}
			return m.TouchValue(ctx, key, expire)
		}}
	}},
	{name: "TouchDoesNothing", check: "TouchRenews", make: func(m *model) ring.Storage {
		return &faulty{model: m, touch: func(context.Context, string, time.Duration) error { return nil }}
	}},
	{name: "TouchDropsExpiry", check: "TouchRenews", make: func(m *model) ring.Storage {
		return &faulty{model: m, touch: func(ctx context.Context, key string, _ time.Duration) error {
			return m.TouchValue(ctx, key, 0)
		}}
	}},
	{name: "TouchRevives", check: "TouchNeverRevives", make: func(m *model) ring.Storage {
		return &faulty{model: m, touch: func(_ context.Context, key string, expire time.Duration) error {
			m.mu.Lock()
			defer m.mu.Unlock()
			if i, ok := m.held[key]; ok {
				m.held[key] = item{i.value, m.now(), expire}
			}
			return nil
		}}
	}},
	{name: "TouchFailsOnTheDead", check: "TouchNeverRevives", make: func(m *model) ring.Storage {
		return &faulty{model: m, touch: func(ctx context.Context, key string, expire time.Duration) error {
			m.mu.Lock()
			i, held := m.held[key]
			_, alive := m.alive(key)
			m.mu.Unlock()
			if held && !alive {
				return fmt.Errorf("%w: %v is dead", errFault, i.ttl)
			}
			return m.TouchValue(ctx, key, expire)
		}}
	}},
	{name: "RefusesTouchOfTheFirstKey", check: "TouchRefused", make: func(m *model) ring.Storage {
		return &faulty{model: m, touch: func(ctx context.Context, key string, expire time.Duration) error {
			if key == defaultKeys()[0] {
				return errors.ErrUnsupported
			}
			return m.TouchValue(ctx, key, expire)
		}}
	}},

	{name: "BulkFailsOnNoKeys", check: "BulkEmpty", make: func(m *model) ring.Storage {
		return &faulty{model: m, delMany: func(ctx context.Context, keys []string) error {
			if len(keys) == 0 {
				return errFault
			}
			return m.DeleteManyValues(ctx, keys)
		}}
	}},
	{name: "BulkOrderIsTheKeys", check: "BulkGet", make: func(m *model) ring.Storage {
		return &faulty{model: m, getMany: func(ctx context.Context, keys []string) ([]any, error) {
			return m.GetManyValues(ctx, slices.Sorted(slices.Values(keys)))
		}}
	}},
	{name: "BulkNamesEqualKeysOnce", check: "BulkGet", make: func(m *model) ring.Storage {
		return &faulty{model: m, getMany: func(ctx context.Context, keys []string) ([]any, error) {
			var once []string
			for _, key := range keys {
				if !slices.Contains(once, key) {
					once = append(once, key)
				}
			}
			return m.GetManyValues(ctx, once)
		}}
	}},
	{name: "BulkLeavesMissesOut", check: "BulkGet", make: func(m *model) ring.Storage {
		return &faulty{model: m, getMany: func(ctx context.Context, keys []string) ([]any, error) {
			values, err := m.GetManyValues(ctx, keys)
			return slices.DeleteFunc(values, func(v any) bool { return v == any(ring.ErrNotFound) }), err
		}}
	}},
	{name: "BulkMissIsNil", check: "BulkGet", make: func(m *model) ring.Storage {
		return &faulty{model: m, getMany: func(ctx context.Context, keys []string) ([]any, error) {
			values, err := m.GetManyValues(ctx, keys)
			for i, value := range values {
				if value == any(ring.ErrNotFound) {
					values[i] = nil
				}
			}
			return values, err
		}}
	}},
	{name: "BulkMissIsWrapped", check: "BulkGet", make: func(m *model) ring.Storage {
		return &faulty{model: m, getMany: func(ctx context.Context, keys []string) ([]any, error) {
			values, err := m.GetManyValues(ctx, keys)
			for i, value := range values {
				if value == any(ring.ErrNotFound) {
					values[i] = fmt.Errorf("%q: %w", keys[i], ring.ErrNotFound)
				}
			}
			return values, err
		}}
	}},
	{name: "BulkMissFailsTheCall", check: "BulkGet", make: func(m *model) ring.Storage {
		return &faulty{model: m, getMany: func(ctx context.Context, keys []string) ([]any, error) {
			values, err := m.GetManyValues(ctx, keys)
			if slices.Contains(values, any(ring.ErrNotFound)) {
				return nil, ring.ErrNotFound
			}
			return values, err
		}}
	}},
	{name: "BulkSetsTheFirstOnly", check: "BulkSet", make: func(m *model) ring.Storage {
		return &faulty{model: m, setMany: func(ctx context.Context, keys []string, values []any, expire time.Duration) error {
			return m.SetManyValues(ctx, keys[:min(len(keys), 1)], values, expire)
		}}
	}},
	{name: "BulkSetsBackwards", check: "BulkSetTwice", make: func(m *model) ring.Storage {
		return &faulty{model: m, setMany: func(ctx context.Context, keys []string, values []any, expire time.Duration) error {
			keys, values = slices.Clone(keys), slices.Clone(values)
			slices.Reverse(keys)
			slices.Reverse(values)
			return m.SetManyValues(ctx, keys, values, expire)
		}}
	}},
	{name: "BulkDeleteStopsAtAMiss", check: "BulkDelete", make: func(m *model) ring.Storage {
		return &faulty{model: m, delMany: func(ctx context.Context, keys []string) error {
			for _, key := range keys {
				if ok, _ := m.HasValue(ctx, key); !ok {
					return nil
				}
				_ = m.DeleteValue(ctx, key)
			}
			return nil
		}}
	}},
	{name: "BulkHasIsOneShort", check: "BulkHas", make: func(m *model) ring.Storage {
		return &faulty{model: m, hasMany: func(ctx context.Context, keys []string) ([]bool, error) {
			return m.HasManyValues(ctx, keys[min(len(keys), 1):])
		}}
	}},
	{name: "BulkHasCountsUp", check: "BulkHas", make: func(m *model) ring.Storage {
		return &faulty{model: m, hasMany: func(ctx context.Context, keys []string) ([]bool, error) {
			all, err := m.HasManyValues(ctx, keys)
			slices.SortFunc(all, func(a, b bool) int {
				if a == b {
					return 0
				}
				return or(a, -1, 1)
			})
			return all, err
		}}
	}},
	{name: "BulkIsOneStatement", check: "BulkLarge", make: func(m *model) ring.Storage {
		return &faulty{model: m, getMany: func(ctx context.Context, keys []string) ([]any, error) {
			if len(keys) > 999 {
				return nil, errors.New("too many SQL variables")
			}
			return m.GetManyValues(ctx, keys)
		}}
	}},
	{name: "BulkSortsItsCallersKeys", check: "BulkSlices", make: func(m *model) ring.Storage {
		return &faulty{model: m, delMany: func(ctx context.Context, keys []string) error {
			slices.Sort(keys)
			return m.DeleteManyValues(ctx, keys)
		}}
	}},
	{name: "BulkEncodesInPlace", check: "BulkSlices", make: func(m *model) ring.Storage {
		return &faulty{model: m, setMany: func(ctx context.Context, keys []string, values []any, expire time.Duration) error {
			err := m.SetManyValues(ctx, keys, values, expire)
			clear(values)
			return err
		}}
	}},
	{name: "BulkExpiryIsTheLastKeys", check: "BulkExpiry", make: func(m *model) ring.Storage {
		return &faulty{model: m, setMany: func(ctx context.Context, keys []string, values []any, expire time.Duration) error {
			if err := m.SetManyValues(ctx, keys, values, 0); err != nil || len(keys) == 0 {
				return err
			}
			return m.TouchValue(ctx, keys[len(keys)-1], expire)
		}}
	}},
	{name: "BulkTouchRevives", check: "BulkTouch", make: func(m *model) ring.Storage {
		return &faulty{model: m, touchMany: func(_ context.Context, keys []string, expire time.Duration) error {
			m.mu.Lock()
			defer m.mu.Unlock()
			for _, key := range keys {
				if i, ok := m.held[key]; ok {
					m.held[key] = item{i.value, m.now(), expire}
				}
			}
			return nil
		}}
	}},
	{name: "BulkTouchStopsAtAMiss", check: "BulkTouch", make: func(m *model) ring.Storage {
		return &faulty{model: m, touchMany: func(ctx context.Context, keys []string, expire time.Duration) error {
			for _, key := range keys {
				if ok, _ := m.HasValue(ctx, key); !ok {
					return nil
				}
				_ = m.TouchValue(ctx, key, expire)
			}
			return nil
		}}
	}},
	{name: "BulkTouchAlone", check: "BulkTouch", make: func(m *model) ring.Storage {
		return &faulty{model: m, touch: func(context.Context, string, time.Duration) error { return errors.ErrUnsupported }}
	}},
	{name: "BulkTouchUnsupported", check: "BulkTouchRefused", make: func(m *model) ring.Storage {
		return &faulty{model: m, touchMany: func(_ context.Context, keys []string, _ time.Duration) error {
			return reply(errors.ErrUnsupported, len(keys) > 0)
		}}
	}},

	{name: "CountsWrites", check: "Size", make: func(m *model) ring.Storage {
		writes := 0
		return &faulty{
			model: m,
			size: func() (int, int) {
				m.mu.Lock()
				defer m.mu.Unlock()
				return -1, writes
			},
			set: func(ctx context.Context, key string, value any, expire time.Duration) error {
				m.mu.Lock()
				writes++
				m.mu.Unlock()
				return m.SetValue(ctx, key, value, expire)
			},
		}
	}},
	{name: "StrangeLimit", check: "Size", make: func(m *model) ring.Storage {
		return &faulty{model: m, size: func() (int, int) { return -2, -1 }}
	}},

	{name: "HidesTheContextsError", check: "ContextDone", make: func(m *model) ring.Storage {
		return &faulty{model: m, set: func(ctx context.Context, key string, value any, expire time.Duration) error {
			if ctx.Err() != nil {
				return errors.New("gave up")
			}
			return m.SetValue(ctx, key, value, expire)
		}}
	}},
	{name: "EmptiesTheValueWhenDone", check: "ContextDone", make: func(m *model) ring.Storage {
		return &faulty{model: m, touch: func(ctx context.Context, key string, expire time.Duration) error {
			if ctx.Err() != nil {
				_ = m.SetValue(context.Background(), key, []byte("half"), expire)
				return ctx.Err()
			}
			return m.TouchValue(ctx, key, expire)
		}}
	}},
	{name: "PanicsWhenDone", check: "ContextDone", make: func(m *model) ring.Storage {
		return &faulty{model: m, getMany: func(ctx context.Context, keys []string) ([]any, error) {
			values, _ := m.GetManyValues(ctx, keys)
			if len(keys) > 0 {
				_ = values[0]
			}
			return values, nil
		}}
	}},
	{name: "LocksUpWhenDone", check: "ContextDone", make: func(m *model) ring.Storage {
		dead := false
		return &faulty{model: m, get: func(ctx context.Context, key string) (any, error) {
			m.mu.Lock()
			dead = dead || ctx.Err() != nil
			fail := dead
			m.mu.Unlock()
			if fail {
				return nil, context.Canceled
			}
			return m.GetValue(ctx, key)
		}}
	}},

	{name: "MixesKeysUp", check: "ConcurrentSharedKeys", make: func(m *model) ring.Storage { return &hasty{model: m} }},
	{name: "PanicsInAGoroutine", check: "ConcurrentSharedKeys", make: func(m *model) ring.Storage {
		return &faulty{model: m, size: func() (int, int) { panic("fault") }}
	}},
	{name: "LosesWhatOthersWrite", check: "ConcurrentOwnKeys", make: func(*model) ring.Storage {
		l := new(lossy)
		l.held.Store(&map[string]any{})
		return l
	}},
}

// TestFaults proves of every check that it can fail: with a clock that is advanced,
// and by waiting (in a bubble, where that takes no time).
func TestFaults(t *testing.T) {
	for _, f := range faults {
		t.Run(f.name+"/Advance", func(t *testing.T) {
			c := newClock()
			seen := examine(f.check, func() ring.Storage { return f.make(newModel(c.Now)) }, &Options{Advance: c.Advance})
			f.wantFound(t, seen)
		})
		if f.neverSeenByWaiting {
			continue
		}
		t.Run(f.name+"/Wait", func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f.wantFound(t, examine(f.check, func() ring.Storage { return f.make(newModel(nil)) }, nil))
			})
		})
	}
}

func (f fault) wantFound(t *testing.T, seen *record) {
	t.Helper()
	messages := seen.failures[f.check]
	require.Contains(t, seen.ran, f.check)
	require.NotEmpty(t, messages, "%s found nothing", f.check)
	for _, message := range messages {
		t.Logf("%s: %s", f.check, first(message))
	}
}

// first returns the first line.
func first(text string) string {
	text, _, _ = strings.Cut(text, "\n")
	return text
}

func TestEveryCheckHasAFault(t *testing.T) {
	found := map[string]bool{}
	for _, f := range faults {
		found[f.check] = true
	}
	for _, c := range checks {
		assert.True(t, found[c.name], "no faulty storage fails %s", c.name)
	}
	assert.True(t, found[interfacesCheck])
	assert.Len(t, found, len(checks)+1, "a fault names a check that does not exist")
}

// A fault of one optional interface must not spoil the checks of the others.
func TestFaultsAreToldApart(t *testing.T) {
	c := newClock()
	seen := examine("", func() ring.Storage {
		m := newModel(c.Now)
		return &faulty{model: m, hasMany: func(_ context.Context, keys []string) ([]bool, error) { return nil, errFault }}
	}, &Options{Advance: c.Advance})
	assert.Subset(t, []string{"BulkEmpty", "BulkHas", "BulkLarge", "BulkSlices", "ContextDone", "ExpiryGone", "ConcurrentSharedKeys"},
		slices.Collect(maps.Keys(seen.failures)))
	assert.Contains(t, seen.failures, "BulkHas")
}

// conforming are storages that keep the contract and can do more or less.
var conforming = map[string]func(now func() time.Time) ring.Storage{
	"Model":     func(now func() time.Time) ring.Storage { return newModel(now) },
	"Faultless": func(now func() time.Time) ring.Storage { return &faulty{model: newModel(now)} },
	"Bare":      func(now func() time.Time) ring.Storage { return struct{ ring.Storage }{newModel(now)} },
	"Refusing":  func(now func() time.Time) ring.Storage { return refusing(newModel(now)) },
	"NoTouch": func(now func() time.Time) ring.Storage {
		f := refusing(newModel(now))
		f.set, f.setMany = nil, nil
		return f
	},
	"TouchOnlyWithExpiry": func(now func() time.Time) ring.Storage {
		m := newModel(now)
		touch := func(ctx context.Context, key string, expire time.Duration) error {
			m.mu.Lock()
			i, ok := m.alive(key)
			m.mu.Unlock()
			if expire == 0 || ok && i.ttl == 0 {
				return errors.ErrUnsupported
			}
			return m.TouchValue(ctx, key, expire)
		}
		return &faulty{model: m, touch: touch, touchMany: func(ctx context.Context, keys []string, expire time.Duration) error {
			for _, key := range keys {
				if err := touch(ctx, key, expire); err != nil {
					return err
				}
			}
			return nil
		}}
	},
	"Seconds": func(now func() time.Time) ring.Storage {
		m := newModel(now)
		up := func(d time.Duration) time.Duration {
			if rest := d % time.Second; rest != 0 && d < long {
				return d - rest + time.Second
			}
			return d
		}
		return &faulty{model: m,
			set: func(ctx context.Context, key string, value any, expire time.Duration) error {
				return m.SetValue(ctx, key, value, up(expire))
			},
			touch: func(ctx context.Context, key string, expire time.Duration) error {
				return m.TouchValue(ctx, key, up(expire))
			},
		}
	},
	"Lru": func(now func() time.Time) ring.Storage {
		cache := lrucache.New(1000)
		cache.Now = now
		return must(ring.NewLruStorage(cache))
	},
	"LruUnbounded": func(now func() time.Time) ring.Storage {
		cache := lrucache.New(lrucache.Unbounded)
		cache.Now = now
		return must(ring.NewLruStorage(cache))
	},
	"ExpirableDict/Map":      func(now func() time.Time) ring.Storage { return expirable(map[string]any{}, now) },
	"ExpirableDict/SyncMap":  func(now func() time.Time) ring.Storage { return expirable(new(sync.Map), now) },
	"ExpirableDict/Mapping":  func(now func() time.Time) ring.Storage { return expirable(newMapping(), now) },
	"PersistentDict/Map":     func(now func() time.Time) ring.Storage { return persistent(map[string]any{}, now) },
	"PersistentDict/SyncMap": func(now func() time.Time) ring.Storage { return persistent(new(sync.Map), now) },
	"PersistentDict/Mapping": func(now func() time.Time) ring.Storage { return persistent(newMapping(), now) },
}

func must(storage ring.Storage, err error) ring.Storage {
	if err != nil {
		panic(err)
	}
	return storage
}

func expirable(dict any, now func() time.Time) ring.Storage {
	storage := must(ring.NewExpirableDictStorage(dict)).(*ring.ExpirableDictStorage)
	storage.Now = now
	return storage
}

func persistent(dict any, now func() time.Time) ring.Storage {
	storage := must(ring.NewPersistentDictStorage(dict)).(*ring.PersistentDictStorage)
	storage.Now = now
	return storage
}

// mapping is a ring.Mapping of your own, which keeps its pairs in a slice.
type mapping struct {
	mu    sync.Mutex
	pairs []pair
}

type pair struct {
	key   string
	value any
}

func newMapping() *mapping { return &mapping{} }

func (m *mapping) index(key string) int {
	return slices.IndexFunc(m.pairs, func(p pair) bool { return p.key == key })
}

func (m *mapping) Get(key string) (any, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if i := m.index(key); i >= 0 {
		return m.pairs[i].value, true
	}
	return nil, false
}

func (m *mapping) Set(key string, value any) {
	m.Delete(key)
	m.mu.Lock()
	defer m.mu.Unlock()
	m.pairs = append(m.pairs, pair{key, value})
}

func (m *mapping) Delete(key string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if i := m.index(key); i >= 0 {
		m.pairs = slices.Delete(m.pairs, i, i+1)
	}
}

func TestConforming(t *testing.T) {
	anything := []any{nil, 0, 1, "", "1", 1.5, true, []byte{}, []byte("1"), []any{1, "a"}, map[string]int{"a": 1}, new(int), struct{}{}}
	for name, open := range conforming {
		t.Run(name, func(t *testing.T) {
			resolution := time.Duration(0)
			if name == "Seconds" {
				resolution = time.Second
			}
			t.Run("Advance", func(t *testing.T) {
				c := newClock()
				Run(t, func(*testing.T) ring.Storage { return open(c.Now) }, &Options{Advance: c.Advance, Resolution: resolution})
			})
			t.Run("AnyValues", func(t *testing.T) {
				c := newClock()
				Run(t, func(*testing.T) ring.Storage { return open(c.Now) },
					&Options{Advance: c.Advance, Resolution: resolution, Values: anything})
			})
			t.Run("FewKeysAndValues", func(t *testing.T) {
				c := newClock()
				Run(t, func(*testing.T) ring.Storage { return open(c.Now) }, &Options{Advance: c.Advance, Resolution: resolution,
					Values: []any{"a", "b", "c"}, Keys: strings.Split("abcdefgh", "")})
			})
			t.Run("Wait", func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					assert.Empty(t, examine("", func() ring.Storage { return open(nil) }, &Options{Resolution: resolution}).failures)
				})
			})
		})
	}
}

// The wait for the real clock must stand a machine on which other tests run.
func TestRealClock(t *testing.T) {
	for _, name := range []string{"Model", "Lru", "ExpirableDict/Map"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			Run(t, func(*testing.T) ring.Storage { return conforming[name](nil) }, nil)
		})
	}
}

// What a storage cannot do is left out, not passed.
func TestChecksThatRun(t *testing.T) {
	ran := func(name string) []string {
		c := newClock()
		return examine("", func() ring.Storage { return conforming[name](c.Now) }, &Options{Advance: c.Advance}).ran
	}
	assert.Equal(t, []string{
		"Interfaces", "GetMissing", "RoundTrip", "Overwrite", "Delete", "DeleteMissing", "KeysIndependent", "ValuesCopied",
		"ExpiryLifetime", "ExpiryGone", "ExpiryShort", "ExpiryLong", "ExpiryNone", "ExpiryOverwrite",
		"ContextDone", "ConcurrentSharedKeys", "ConcurrentOwnKeys",
	}, ran("Bare"))
	assert.Equal(t, []string{
		"Interfaces", "GetMissing", "RoundTrip", "Overwrite", "Delete", "DeleteMissing", "KeysIndependent", "ValuesIdentical",
		"Has", "ExpiryRefused", "TTL", "Size", "ContextDone", "ConcurrentSharedKeys", "ConcurrentOwnKeys",
	}, ran("PersistentDict/Map"))
	assert.Subset(t, ran("Lru"), []string{"Has", "ValuesIdentical", "ExpiryLong", "TouchRenews", "TouchNeverRevives", "Size"})
	assert.Subset(t, ran("Refusing"), []string{"ExpiryRefused", "TouchMissing", "TouchRefused", "BulkTouchRefused"})
	assert.NotContains(t, ran("Refusing"), "TouchRenews")
	assert.Subset(t, ran("Model"), []string{"BulkExpiry", "BulkTouch", "BulkLarge", "ValuesCopied"})
}

const failing = "STORAGETEST_FAILING"

// TestFailing fails, and therefore only runs in the process that TestRunFails starts.
func TestFailing(t *testing.T) {
	if os.Getenv(failing) == "" {
		t.Skip("run by TestRunFails")
	}
	opts := &Options{}
	if os.Getenv(failing) == "options" {
		opts.Keys = []string{"a"}
	}
	Run(t, func(*testing.T) ring.Storage {
		return &faulty{model: newModel(time.Now), get: func(context.Context, string) (any, error) { return nil, nil }}
	}, opts)
}

func TestRunFails(t *testing.T) {
	_, err := runFailing(t, "storage", "TestFailing")
	assert.ErrorContains(t, err, "exit status 1")

	out, _ := runFailing(t, "storage", "TestFailing/GetMissing") // Interfaces is left out
	assert.Contains(t, out, "--- FAIL: TestFailing/GetMissing")
	assert.Contains(t, out, `GetValue("user:7") of a key that was never set: `+
		`want an error for which errors.Is(err, ring.ErrNotFound), got no error and the value nil`)
	assert.NotContains(t, out, "RoundTrip")

	out, _ = runFailing(t, "options", "TestFailing")
	assert.Contains(t, out, "storagetest: Options.Keys has 1 keys, at least 8 are needed")
}

func runFailing(t *testing.T, what, pattern string) (string, error) {
	t.Helper()
	exe, err := os.Executable()
	require.NoError(t, err)
	cmd := exec.Command(exe, "-test.run=^"+pattern+"$")
	cmd.Env = append(os.Environ(), failing+"="+what)
	out, err := cmd.CombinedOutput()
	require.Error(t, err, "%s", out)
	return string(out), err
}

func TestOptions(t *testing.T) {
	keys := strings.Split("abcdefgh", "")
	for want, o := range map[string]Options{
		"":                      {},
		"has 7 keys":            {Keys: keys[:7]},
		`the key "a" twice`:     {Keys: append(slices.Clone(keys), "a")},
		"has 2 values":          {Values: []any{1, 2}},
		`value []byte "" twice`: {Values: []any{[]byte{}, 1, []byte(nil)}},
		"Resolution is -1s":     {Resolution: -time.Second},
		"Resolution is 1h0m0s":  {Resolution: time.Hour},
		`value "a" twice`:       {Values: []any{"a", "b", "a"}},
	} {
		all := o.orDefaults()
		err := all.validate()
		if want == "" {
			assert.NoError(t, err)
			continue
		}
		assert.ErrorContains(t, err, want)
	}
}

func TestDefaults(t *testing.T) {
	o := (*Options)(nil).orDefaults()
	require.NoError(t, o.validate())
	assert.GreaterOrEqual(t, len(o.Keys), sharedKeys)
	assert.GreaterOrEqual(t, len(o.Values), 2*sharedKeys)
	for _, key := range o.Keys {
		assert.LessOrEqual(t, len(key), 200)
	}
	assert.Less(t, largeBulk, 1<<15)
	assert.Greater(t, largeBulk, 999)
}

func TestIdentical(t *testing.T) {
	a, b := []byte("a"), []byte("a")
	p, q := new(int), new(int)
	assert.True(t, identical(a, a))
	assert.False(t, identical(a, b))
	assert.False(t, identical(a[:0], a))
	assert.True(t, identical(p, p))
	assert.False(t, identical(p, q))
	assert.True(t, identical(nil, nil))
	assert.False(t, identical(nil, a))
	assert.False(t, identical(a, nil))
	assert.True(t, identical(1, 1))
	assert.False(t, identical(1, int8(1)))
}

func TestShow(t *testing.T) {
	assert.Equal(t, "nil", show(nil))
	assert.Equal(t, "int 1", show(1))
	assert.Equal(t, "true", show(true))
	assert.Equal(t, `"a"`, show("a"))
	assert.Equal(t, `[]byte "a\x00"`, show([]byte("a\x00")))
	assert.Contains(t, show(make([]byte, 1000)), "… (1000 bytes)")
	assert.Less(t, len(show(strings.Repeat("é", 1000))), 200)
	assert.Contains(t, show(errFault), "fault")
	assert.Equal(t, `["a" "b"]`, list([]string{"a", "b"}))
	assert.Equal(t, `7 keys, from "a" to "g"`, list(strings.Split("abcdefg", "")))
	assert.Equal(t, `the error "fault" (*errors.errorString)`, outcome(nil, errFault))
}
