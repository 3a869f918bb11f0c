package ringtest

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ring-go/ring"
	"github.com/ring-go/ring/storagetest"
)

// own is your own storage, which is never called.
type own struct {
	ring.Storage
	inMemory bool
}

func (o own) InMemoryStorage() bool { return o.inMemory }

func (o own) TouchValue(context.Context, string, time.Duration) error { return errors.New("called") }

// TestMemories: what takes the place of a storage keeps the contract of storages.
func TestMemories(t *testing.T) {
	for name, like := range map[string]ring.Storage{
		"redis": &ring.RedisStorage{}, "redis hash": &ring.RedisHashStorage{}, "memcached": &ring.MemcacheStorage{},
		"shelf": &ring.ShelveStorage{}, "disk": &ring.DiskCacheStorage{}, "lru": &ring.LruStorage{},
		"own": own{}, "own in memory": own{inMemory: true}, "faulty": &Faulty{Storage: &ring.RedisHashStorage{}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			storagetest.Run(t, func(*testing.T) ring.Storage {
				return newMemory(like, &entries{of: map[string]entry{}})
			}, nil)
			m := newMemory(like, nil)
			_, isTyped := like.(ring.TypedStorage)
			_, memoryIsTyped := m.(ring.TypedStorage)
			assert.Equal(t, isTyped, memoryIsTyped)
			want, is := false, m.(ring.InMemory).InMemoryStorage()
			if in, ok := like.(ring.InMemory); ok {
				want = in.InMemoryStorage()
			}
			assert.Equal(t, want, is)
		})
	}
}

// TestNothingIsKept where there are no entries, as for Bypass.
func TestNothingIsKept(t *testing.T) {
	ctx := context.Background()
	m := newMemory(own{}, nil).(*memory)
	require.NoError(t, m.SetValue(ctx, "k", 1, 0))
	_, err := m.GetValue(ctx, "k")
	require.ErrorIs(t, err, ring.ErrNotFound)
	has, err := m.HasValue(ctx, "k")
	require.NoError(t, err)
	require.False(t, has)
	_, err = m.TTLValue(ctx, "k")
	require.ErrorIs(t, err, ring.ErrNotFound)
	require.NoError(t, m.TouchValue(ctx, "k", time.Hour))
	require.NoError(t, m.DeleteValue(ctx, "k"))
}

// typedOwn is a TypedStorage of your own.
type typedOwn struct {
	ring.TypedStorage
	own
}

func TestConverted(t *testing.T) {
	ctx := context.Background()
	c := newMemory(typedOwn{}, &entries{of: map[string]entry{}}).(*converted)
	require.NoError(t, c.SetValue(ctx, "n", 1, 0))
	require.NoError(t, c.SetValue(ctx, "nil", nil, 0))
	require.NoError(t, c.SetValue(ctx, "two", ring.Tuple{1, "a"}, 0))
	n, text := 7, "text"
	var results struct {
		Marker struct{}
		A      int
		B      string
	}
	errs, err := c.GetManyValuesTo(ctx, []string{"n", "none", "n", "nil", "two"}, []any{&n, &n, &text, new(any), &results})
	require.NoError(t, err)
	assert.Equal(t, 1, n)
	assert.Equal(t, 1, results.A)
	assert.Equal(t, "a", results.B)
	assert.NoError(t, errs[0])
	assert.ErrorIs(t, errs[1], ring.ErrNotFound)
	assert.ErrorIs(t, errs[2], ring.ErrCoder)
	assert.NoError(t, errs[3])
	assert.NoError(t, errs[4])
	assert.ErrorIs(t, c.GetValueTo(ctx, "two", &struct{ A int }{}), ring.ErrCoder)
}

// TestWatchIsSafe: goroutines store and delete at the same time.
func TestWatchIsSafe(t *testing.T) {
	w := &watch{rope: "f", of: map[string][]watched{}}
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			for range 100 {
				w.stored("a", 1)
				w.deleted("a")
				w.deleted("b")
			}
		})
	}
	group.Wait()
	w.check(t)
	assert.Equal(t, []string{"a"}, w.keys)
}
