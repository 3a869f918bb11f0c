package storagetest

import (
	"bytes"
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/ring-go/ring"
)

// model is a storage that keeps the whole contract.
type model struct {
	now func() time.Time

	mu     sync.Mutex
	held   map[string]item
	writes map[string]int // of each key
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
	return &model{now: now, held: map[string]item{}, writes: map[string]int{}}
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
	m.put(key, value, expire)
	return nil
}

func (m *model) put(key string, value any, expire time.Duration) {
	m.writes[key]++
	m.held[key] = item{copied(value), m.now(), expire}
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
