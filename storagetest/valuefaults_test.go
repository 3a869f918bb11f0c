package storagetest

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/ring-go/ring"
)

// valueFaults are faults of keys and values.
var valueFaults = []fault{
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
}
