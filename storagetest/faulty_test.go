package storagetest

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"runtime"
	"strings"
	"sync/atomic"
	"time"

	"github.com/ring-go/ring"
)

// faulty is a model with some methods replaced.
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

// renaming returns a model that changes its callers' keys.
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

// expiring returns a model that changes the expiries it gets.
func expiring(m *model, change func(time.Duration) time.Duration) *faulty {
	return &faulty{model: m, set: func(ctx context.Context, key string, value any, expire time.Duration) error {
		return m.SetValue(ctx, key, value, change(expire))
	}}
}

// reply replaces the result of a method by an error if when is true.
func reply(err error, when bool) error {
	if when {
		return err
	}
	return nil
}

// refusing returns a model that stores no expiry and cannot touch, as the contract
// allows.
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

func (unsigned) HasValue(string) bool { return false }

func (unsigned) GetManyValues(context.Context, []string) ([]any, error) { return nil, nil }

func (unsigned) TouchValue(context.Context, string, time.Duration) (err error) { return nil }

// lossy copies all its content for every change, without a lock around that.
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

// hasty uses one buffer for all values that it is given.
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
