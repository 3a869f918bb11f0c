package ringtest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/ring-go/ring"
	"github.com/ring-go/ring/internal/codec"
	"github.com/ring-go/ring/internal/standin"
)

// entries are what memories keep. Several memories can share them. nil keeps nothing.
type entries struct {
	mu sync.Mutex
	of map[string]entry
}

type entry struct {
	value  any
	expiry time.Time // zero: it does not expire
}

func (e *entries) get(key string) (entry, bool) {
	if e == nil {
		return entry{}, false
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.alive(key)
}

// alive is get with the lock held.
func (e *entries) alive(key string) (entry, bool) {
	found, ok := e.of[key]
	if ok && !found.expiry.IsZero() && !time.Now().Before(found.expiry) {
		delete(e.of, key)
		return entry{}, false
	}
	return found, ok
}

func (e *entries) set(key string, value any, expire time.Duration) {
	if e == nil {
		return
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.of[key] = entry{value, expiryIn(expire)}
}

func expiryIn(expire time.Duration) time.Time {
	if expire == 0 {
		return time.Time{}
	}
	return time.Now().Add(expire)
}

func (e *entries) shorten(key string, left time.Duration) {
	if e == nil {
		return
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	end := time.Now().Add(left)
	if found, ok := e.alive(key); ok && (found.expiry.IsZero() || end.Before(found.expiry)) {
		e.of[key] = entry{found.value, end}
	}
}

func (e *entries) delete(key string) {
	if e == nil {
		return
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	delete(e.of, key)
}

func (e *entries) clear(prefix string) (n int) {
	if e == nil {
		return 0
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	for key := range e.of {
		if !strings.HasPrefix(key, prefix) {
			continue
		}
		if _, ok := e.alive(key); ok {
			n++
		}
		delete(e.of, key)
	}
	return n
}

func (e *entries) touch(key string, expire time.Duration) {
	if e == nil {
		return
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if found, ok := e.alive(key); ok {
		e.of[key] = entry{found.value, expiryIn(expire)}
	}
}

// memory is a storage that resembles another one.
type memory struct {
	entries  *entries
	inMemory bool // it keeps the values themselves
	bytes    bool // it keeps bytes only
	expires  bool // it accepts an expiry
	touches  bool
	lasting  bool // it touches without an expiry, too
}

// newMemory returns a storage that resembles like.
func newMemory(like standin.Storage, e *entries) standin.Storage {
	like = faultless(like)
	m := &memory{entries: e, expires: true, lasting: true}
	if s, ok := like.(ring.InMemory); ok {
		m.inMemory = s.InMemoryStorage()
	}
	if s, ok := like.(ring.BytesStorage); ok {
		m.bytes = s.StoresBytes()
	}
	_, m.touches = like.(ring.TouchStorage)
	switch like.(type) {
	case *ring.RedisHashStorage, *ring.ShelveStorage, *ring.PersistentDictStorage:
		m.expires, m.touches = false, false
	case *ring.RedisStorage:
		m.lasting = false
	}
	if typed, ok := like.(ring.TypedStorage); ok {
		return newTyped(m, typed)
	}
	return m
}

func (m *memory) InMemoryStorage() bool { return m.inMemory }
func (m *memory) StoresBytes() bool     { return m.bytes }

func (m *memory) GetValue(_ context.Context, key string) (any, error) {
	found, ok := m.entries.get(key)
	if !ok {
		return nil, ring.ErrNotFound
	}
	return m.own(found.value), nil
}

// own returns bytes that the other side may change, unless the values themselves are kept.
func (m *memory) own(value any) any {
	if b, ok := value.([]byte); ok && !m.inMemory {
		return slices.Clone(b)
	}
	return value
}

func (m *memory) SetValue(_ context.Context, key string, value any, expire time.Duration) error {
	if expire != 0 && !m.expires {
		return errExpiry
	}
	if m.bytes {
		data, err := codec.Bytes{}.Encode(value)
		if err != nil {
			return err
		}
		value = data
	}
	m.entries.set(key, m.own(value), expire)
	return nil
}

var errExpiry = fmt.Errorf("%w: the storage has no expiry, and neither has the memory in its place", errors.ErrUnsupported)

func (m *memory) DeleteValue(_ context.Context, key string) error {
	m.entries.delete(key)
	return nil
}

// ClearPrefix implements ring.ClearStorage.
func (m *memory) ClearPrefix(_ context.Context, prefix string) (int, error) {
	return m.entries.clear(prefix), nil
}

func (m *memory) HasValue(_ context.Context, key string) (bool, error) {
	_, ok := m.entries.get(key)
	return ok, nil
}

func (m *memory) TouchValue(_ context.Context, key string, expire time.Duration) error {
	switch {
	case !m.touches:
		return fmt.Errorf("%w: the storage cannot touch, and neither can the memory in its place", errors.ErrUnsupported)
	case expire == 0 && !m.lasting:
		return fmt.Errorf("%w: touch needs an expiry: give the factory an Expire", errors.ErrUnsupported)
	}
	m.entries.touch(key, expire)
	return nil
}

func (m *memory) ShortenValue(_ context.Context, key string, left time.Duration) error {
	m.entries.shorten(key, left)
	return nil
}

func (m *memory) TTLValue(_ context.Context, key string) (time.Duration, error) {
	found, ok := m.entries.get(key)
	switch {
	case !ok:
		return 0, ring.ErrNotFound
	case found.expiry.IsZero():
		return 0, nil
	}
	return max(time.Until(found.expiry), 1), nil
}
