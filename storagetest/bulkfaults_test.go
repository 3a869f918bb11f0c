package storagetest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/ring-go/ring"
)

// bulkFaults are faults of calls with many keys.
var bulkFaults = []fault{
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
}
