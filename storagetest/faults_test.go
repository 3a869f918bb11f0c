package storagetest

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ring-go/ring"
)

// fault is a storage that breaks the contract, and the check that has to find it.
type fault struct {
	name  string
	check string
	make  func(*model) ring.Storage

	neverSeenByWaiting bool // only a clock that can be advanced shows it
}

var faults = slices.Concat(valueFaults, expiryFaults, bulkFaults, useFaults)

// useFaults are faults of a storage in use: its size, and callers that give up or call
// at the same time.
var useFaults = []fault{
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

// TestFaults proves for every check that it can fail: with a clock that is advanced,
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

// TestFaultsAreToldApart: a fault of one optional interface must not spoil the checks
// of the others.
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
