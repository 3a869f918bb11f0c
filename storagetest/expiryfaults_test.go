package storagetest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/ring-go/ring"
)

// expiryFaults are faults of expiry and of touch.
var expiryFaults = []fault{
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
}
