package ring_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ring-go/ring"
)

// TestBatchCycle: two ropes that call each other for the same elements do not block each other.
func TestBatchCycle(t *testing.T) {
	forBackends(t, func(t *testing.T, f ring.Factory) {
		for _, wait := range []time.Duration{0, time.Second} {
			var a, b *ring.Rope
			var refused atomic.Int32
			calling := func(other **ring.Rope) func(context.Context, []int) ([]int, error) {
				return func(ctx context.Context, ids []int) ([]int, error) {
					time.Sleep(time.Millisecond) // so that both have begun
					for _, id := range ids {
						if _, err := (*other).Call(ctx, id); errors.Is(err, ring.ErrRecursion) {
							refused.Add(1)
						}
					}
					return ids, nil
				}
			}
			a = ring.Wrap(calling(&b), ring.Lru{}, ring.Batch(ring.BatchOptions{MaxWait: wait}))
			b = ring.Wrap(calling(&a), f, ring.Batch(ring.BatchOptions{MaxWait: wait}), ring.Name("f"))
			require.NoError(t, b.DeleteMany(ring.Args{1}, ring.Args{2}))
			var wg sync.WaitGroup
			for _, r := range []*ring.Rope{a, b} {
				wg.Go(func() {
					values, err := r.GetOrUpdateMany(ring.Args{1}, ring.Args{2})
					assert.NoError(t, err)
					assert.Equal(t, []any{1, 2}, values)
				})
				wg.Go(func() {
					value, err := r.Call(t.Context(), 2)
					assert.NoError(t, err)
					assert.Equal(t, 2, value)
				})
			}
			wg.Wait()
			assert.Positive(t, refused.Load())
			idle(t, a)
			idle(t, b)
		}
	})
}

// countedBulk is a storage that counts its commands, and fails if it is told to.
type countedBulk struct {
	remote
	sets, gets atomic.Int32
	err        error
}

func (s *countedBulk) GetManyValues(ctx context.Context, keys []string) ([]any, error) {
	s.gets.Add(1)
	values := make([]any, len(keys))
	for i, key := range keys {
		v, err := s.remote.GetValue(ctx, key)
		if values[i] = v; err != nil {
			values[i] = err
		}
	}
	return values, s.err
}

func (s *countedBulk) SetManyValues(ctx context.Context, keys []string, values []any, expire time.Duration) error {
	s.sets.Add(1)
	for i, key := range keys {
		_ = s.remote.SetValue(ctx, key, values[i], expire)
	}
	return s.err
}

func (s *countedBulk) DeleteManyValues(context.Context, []string) error { return s.err }

func (s *countedBulk) HasManyValues(_ context.Context, keys []string) ([]bool, error) {
	return make([]bool, len(keys)), s.err
}

func (s *countedBulk) TouchManyValues(context.Context, []string, time.Duration) error { return s.err }

// TestBatchStoresOnce: however many runs there are, there is one look-up and one store. When
// the storage fails, a rope with FailOpen runs the function once all the same.
func TestBatchStoresOnce(t *testing.T) {
	s := &countedBulk{remote: remote{&sync.Map{}}}
	var l loader
	var errs errorLog
	r := ring.Wrap(l.load, ring.BaseFactory{
		StorageBackend: s, KeyPrefix: "p", StorageClass: func(any) (ring.Storage, error) { return s, nil },
		Options: ring.Options{FailOpen: true, OnError: errs.add},
	}, ring.Batch(ring.BatchOptions{MaxSize: 10}), ring.Name("load"))
	values, err := r.GetOrUpdateMany(callsOf(numbers(0, 25))...)
	require.NoError(t, err)
	assert.Equal(t, valuesOf(numbers(0, 25)), values)
	assert.Len(t, l.taken(), 3)
	assert.EqualValues(t, 1, s.gets.Load())
	assert.EqualValues(t, 1, s.sets.Load())
	assert.Empty(t, errs.errs)
	s.err = errors.New("down")
	values, err = r.GetOrUpdateMany(callsOf(numbers(0, 5))...)
	require.NoError(t, err)
	assert.Equal(t, valuesOf(numbers(0, 5)), values)
	assert.Equal(t, [][]int{numbers(0, 5)}, l.taken())
	assert.NotEmpty(t, errs.errs)
	idle(t, r)
}

// execution is a user interface with its own Execute.
type execution struct {
	ring.CacheUserInterface
	ring.BulkInterfaceMixin
	executed *[]any
}

func (e execution) Execute(w *ring.Wire, p ring.ArgPack) (any, error) {
	*e.executed = append(*e.executed, p.Args[0])
	value, err := e.CacheUserInterface.Execute(w, p)
	if err == nil {
		value = value.(string) + "!"
	}
	return value, err
}

// TestBatchUserInterface: an Execute of the user's sees each element, and there is one run.
func TestBatchUserInterface(t *testing.T) {
	for name, f := range map[string]ring.Lru{"plain": {}, "fresh": {Expire: time.Hour, Options: ring.Options{Freshness: ring.Freshness{StaleIfError: time.Hour}}}} {
		t.Run(name, func(t *testing.T) {
			l := loader{lacking: map[int]bool{3: true}}
			var executed []any
			f.UserInterface = execution{executed: &executed}
			r := ring.Wrap(l.load, f, ring.Batch(ring.BatchOptions{}))
			values, err := r.GetOrUpdateMany(ring.Args{1}, ring.Args{2}, ring.Args{3})
			require.ErrorIs(t, err, ring.ErrNotFound)
			assert.Equal(t, []any{"v1!", "v2!", nil}, values)
			assert.Equal(t, []any{1, 2, 3}, executed)
			assert.Equal(t, [][]int{{1, 2, 3}}, l.taken())
			values, err = r.ExecuteMany(ring.Args{1}, ring.Args{2})
			require.NoError(t, err)
			assert.Equal(t, []any{"v1!", "v2!"}, values)
			_, err = r.UpdateMany(ring.Args{1}, ring.Args{4})
			require.NoError(t, err)
			assert.Equal(t, [][]int{{1, 2}, {1, 4}}, l.taken())
			idle(t, r)
		})
	}
}

// TestBatchContexts: elements with contexts of their own run with these.
func TestBatchContexts(t *testing.T) {
	var seen []any
	r := ring.Wrap(func(ctx context.Context, ids []int) ([]int, error) {
		seen = append(seen, ctx.Value(traceKey{}), len(ids))
		return ids, ctx.Err()
	}, ring.Lru{}, ring.Batch(ring.BatchOptions{}))
	ctx := context.WithValue(t.Context(), traceKey{}, "own")
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	values, err := r.WithContext(t.Context()).GetOrUpdateMany(ring.Args{1}, ring.Args{ctx, 2}, ring.Args{3}, ring.Args{ctx, 4}, ring.Args{gone, 5})
	require.ErrorIs(t, err, context.Canceled)
	assert.ErrorContains(t, err, "element 4")
	assert.Equal(t, []any{1, 2, 3, 4, nil}, values)
	assert.Equal(t, []any{nil, 2, "own", 2}, seen)
	idle(t, r)
}

// TestBatchDeleteDuringARun: what a bulk call has read before a delete is not stored.
func TestBatchDeleteDuringARun(t *testing.T) {
	forBackends(t, func(t *testing.T, f ring.Factory) {
		for _, wait := range []time.Duration{0, time.Second} {
			r := ring.Wrap(func(ids []int) []int {
				time.Sleep(time.Minute)
				return ids
			}, f, ring.Batch(ring.BatchOptions{MaxWait: wait}), ring.Name("f"))
			require.NoError(t, r.DeleteMany(ring.Args{1}, ring.Args{2}, ring.Args{3}))
			var wg sync.WaitGroup
			wg.Go(func() { _, _ = r.GetOrUpdateMany(ring.Args{1}, ring.Args{2}) })
			wg.Go(func() { _, _ = r.Call(3) })
			time.Sleep(10 * time.Second)
			require.NoError(t, r.DeleteMany(ring.Args{1}, ring.Args{3}))
			wg.Wait()
			has, err := r.HasMany(ring.Args{1}, ring.Args{2}, ring.Args{3})
			require.NoError(t, err)
			assert.Equal(t, []bool{false, true, false}, has)
			idle(t, r)
		}
	})
}
