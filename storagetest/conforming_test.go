package storagetest

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/ring-go/ring"
	"github.com/ring-go/ring/lrucache"
)

// conforming holds storages that keep the contract and can do more or less.
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
