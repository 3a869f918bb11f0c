package ring_test

import (
	"context"
	"errors"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ring-go/ring"
	"github.com/ring-go/ring/ringtest"
)

// TestBatchCacheMissing: what the map lacked is remembered, until somebody writes.
func TestBatchCacheMissing(t *testing.T) {
	forBackends(t, func(t *testing.T, f ring.Factory) {
		l := loader{lacking: map[int]bool{1: true, 2: true, 3: true}}
		r := ring.Wrap(l.load, f, ring.Batch(ring.BatchOptions{CacheMissing: time.Minute}), ring.Name("f"))
		_, err := r.GetOrUpdateMany(callsOf(numbers(0, 4))...)
		require.ErrorIs(t, err, ring.ErrNotFound)
		l.taken()
		var info ring.CallInfo
		for range 3 {
			_, err = r.With(ring.CallOptions{Info: &info}).Call(1)
			require.ErrorIs(t, err, ring.ErrNotFound)
			assert.Equal(t, ring.Negative, info.Outcome)
			values, err := r.GetOrUpdateMany(callsOf(numbers(0, 4))...)
			require.ErrorIs(t, err, ring.ErrNotFound)
			assert.Equal(t, []any{"v0", nil, nil, nil}, values)
		}
		assert.Empty(t, l.taken())
		require.NoError(t, r.Delete(1))
		require.NoError(t, r.Set("own", 2))
		_, err = r.Update(3)
		require.ErrorIs(t, err, ring.ErrNotFound)
		l.taken()
		values, err := r.GetOrUpdateMany(callsOf(numbers(0, 4))...)
		require.ErrorIs(t, err, ring.ErrNotFound)
		assert.Equal(t, []any{"v0", nil, "own", nil}, values)
		assert.Equal(t, [][]int{{1}}, l.taken(), "1 was deleted, and 3 has just been missing again")
		time.Sleep(time.Minute)
		_, err = r.GetOrUpdateMany(callsOf(numbers(0, 4))...)
		require.Error(t, err)
		assert.Equal(t, [][]int{{1, 3}}, l.taken(), "it is forgotten in time")
		idle(t, r)
	})
}

// TestBatchCacheErrors: CacheError is asked about all other errors.
func TestBatchCacheErrors(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		down := errors.New("down")
		l := loader{lacking: map[int]bool{1: true}}
		f := ring.Lru{Options: ring.Options{Freshness: ring.Freshness{CacheError: ring.CacheErrors(time.Hour, down, ring.ErrNotFound)}}}
		byMissing := ring.Wrap(l.load, f, ring.Batch(ring.BatchOptions{CacheMissing: time.Minute}))
		byError := ring.Wrap(l.load, f, ring.Batch(ring.BatchOptions{}))
		for _, r := range []*ring.Rope{byMissing, byError} {
			_, err := r.Call(1)
			require.ErrorIs(t, err, ring.ErrNotFound)
		}
		l.err = down
		for _, r := range []*ring.Rope{byMissing, byError} {
			require.NoError(t, r.Delete(2))
			l.lacking[2] = true
			_, err := r.Call(2)
			require.ErrorIs(t, err, down)
		}
		l.taken()
		time.Sleep(time.Minute)
		for _, r := range []*ring.Rope{byMissing, byError} {
			_, err := r.GetOrUpdateMany(ring.Args{1}, ring.Args{2})
			require.Error(t, err)
		}
		assert.Equal(t, [][]int{{1}}, l.taken(), "only CacheMissing has passed")
	})
}

// TestBatchRenews: renewals behind go through the function for many, gathered if calls are.
func TestBatchRenews(t *testing.T) {
	for _, wait := range []time.Duration{0, time.Millisecond} {
		for name, factory := range memories {
			t.Run(name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					var l loader
					r := ring.Wrap(l.load, factory(time.Minute, ring.Options{Freshness: ring.Freshness{
						StaleWhileRevalidate: time.Hour, RefreshAhead: time.Second, MaxRefreshes: 10,
					}}), ring.Batch(ring.BatchOptions{MaxWait: wait}))
					ids := numbers(0, 10)
					_, err := r.GetOrUpdateMany(callsOf(ids)...)
					require.NoError(t, err)
					time.Sleep(2 * time.Minute)
					l.taken()
					values, err := r.GetOrUpdateMany(callsOf(ids)...)
					require.NoError(t, err)
					assert.Equal(t, valuesOf(ids), values)
					time.Sleep(time.Second)
					synctest.Wait()
					runs := l.taken()
					assert.Equal(t, ids, slices.Sorted(slices.Values(slices.Concat(runs...))))
					if wait > 0 {
						assert.Len(t, runs, 1)
					}
					values, err = r.With(ring.CallOptions{NoStale: true}).GetOrUpdateMany(callsOf(ids)...)
					require.NoError(t, err)
					assert.Equal(t, valuesOf(ids), values)
					assert.Empty(t, l.taken(), "they are fresh")
					idle(t, r)
				})
			})
		}
	}
}

// TestBatchStaleIfError: an element whose run fails keeps its old value.
func TestBatchStaleIfError(t *testing.T) {
	for name, factory := range memories {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var l loader
				var errs errorLog
				r := ring.Wrap(l.load, factory(time.Minute, ring.Options{OnError: errs.add, Freshness: ring.Freshness{StaleIfError: time.Hour}}),
					ring.Batch(ring.BatchOptions{}))
				_, err := r.GetOrUpdateMany(callsOf(numbers(0, 3))...)
				require.NoError(t, err)
				time.Sleep(2 * time.Minute)
				l.taken()
				l.err, l.lacking = errors.New("down"), map[int]bool{1: true, 2: true, 3: true}
				values, err := r.GetOrUpdateMany(callsOf(numbers(0, 4))...)
				require.ErrorIs(t, err, l.err)
				assert.Equal(t, []any{"v0", "v1", "v2", nil}, values)
				assert.Equal(t, [][]int{{0, 1, 2, 3}}, l.taken(), "one run for the old and the missing ones")
				assert.Len(t, errs.errs, 2)
				_, err = r.With(ring.CallOptions{NoStale: true}).GetOrUpdateMany(ring.Args{2})
				assert.ErrorIs(t, err, l.err)
				idle(t, r)
			})
		})
	}
}

// TestBatchCallOptions: calls beside the cache run once for all elements as well.
func TestBatchCallOptions(t *testing.T) {
	forBackends(t, func(t *testing.T, f ring.Factory) {
		var l loader
		r := ring.Wrap(l.load, f, ring.Batch(ring.BatchOptions{MaxSize: 8}), ring.Name("f"))
		ids := numbers(0, 10)
		_, err := r.GetOrUpdateMany(callsOf(ids[:5])...)
		require.NoError(t, err)
		l.taken()
		for _, c := range []struct {
			o     ring.CallOptions
			wants [][]int
		}{
			{ring.CallOptions{SkipWrite: true}, [][]int{ids[5:]}},
			{ring.CallOptions{SkipRead: true, SkipWrite: true}, [][]int{ids[:8], ids[8:]}},
			{ring.CallOptions{SkipRead: true, Expire: ring.DoNotStore}, [][]int{ids[:8], ids[8:]}},
			{ring.CallOptions{}, [][]int{ids[5:]}},
			{ring.CallOptions{SkipRead: true}, [][]int{ids[:8], ids[8:]}},
			{ring.CallOptions{}, nil},
		} {
			values, err := r.With(c.o).GetOrUpdateMany(callsOf(ids)...)
			require.NoError(t, err)
			assert.Equal(t, valuesOf(ids), values)
			assert.Equal(t, c.wants, l.taken(), "%+v", c.o)
		}
		values, err := r.With(ring.CallOptions{SkipWrite: true}).UpdateMany(callsOf(ids)...)
		require.NoError(t, err)
		assert.Equal(t, valuesOf(ids), values)
		assert.Equal(t, [][]int{ids[:8], ids[8:]}, l.taken())
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		for _, o := range []ring.CallOptions{{}, {SkipWrite: true}, {SkipRead: true, SkipWrite: true}} {
			_, err = r.With(o).WithContext(ctx).GetOrUpdateMany(ring.Args{91}, ring.Args{92})
			require.ErrorIs(t, err, context.Canceled)
		}
		assert.Empty(t, l.taken())
		idle(t, r)
	})
}

// TestBatchBypass: without a cache a bulk call still runs the function once.
func TestBatchBypass(t *testing.T) {
	var l loader
	r := ring.Wrap(l.load, ring.Lru{}, ring.Batch(ring.BatchOptions{}))
	ringtest.Bypass(t, r)
	for range 2 {
		values, err := r.GetOrUpdateMany(callsOf(numbers(0, 5))...)
		require.NoError(t, err)
		assert.Equal(t, valuesOf(numbers(0, 5)), values)
		_, err = r.UpdateMany(callsOf(numbers(0, 5))...)
		require.NoError(t, err)
		assert.Equal(t, [][]int{numbers(0, 5), numbers(0, 5)}, l.taken())
	}
}

// TestBatchSetExpire: SetExpire and ExpireFunc are for all values of a run, gathered or not.
func TestBatchSetExpire(t *testing.T) {
	for name, factory := range memories {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				byCall := true
				r := ring.Wrap(func(ctx context.Context, ids []int) []int {
					if byCall {
						ring.SetExpire(ctx, time.Second)
					}
					return ids
				}, factory(time.Hour, ring.Options{Freshness: ring.Freshness{ExpireFunc: func(value any, p ring.ArgPack) time.Duration {
					assert.Equal(t, value, p.Args[0])
					return time.Duration(value.(int)) * time.Minute
				}}}), ring.Batch(ring.BatchOptions{MaxWait: time.Nanosecond * 1000}))
				ids := []any{ring.Args{1}, ring.Args{2}}
				_, err := r.GetOrUpdateMany(ids...)
				require.NoError(t, err)
				_, err = r.Call(3)
				require.NoError(t, err)
				time.Sleep(time.Second + time.Millisecond)
				has, err := r.HasMany(append(ids, ring.Args{3})...)
				require.NoError(t, err)
				assert.Equal(t, []bool{false, false, false}, has)
				byCall = false
				_, err = r.GetOrUpdateMany(ids...)
				require.NoError(t, err)
				_, err = r.Call(3)
				require.NoError(t, err)
				time.Sleep(time.Minute + time.Millisecond)
				has, err = r.HasMany(append(ids, ring.Args{3})...)
				require.NoError(t, err)
				assert.Equal(t, []bool{false, true, true}, has)
			})
		})
	}
}

// TestBatchRunTimeout: a run that takes too long is an error for each element.
func TestBatchRunTimeout(t *testing.T) {
	forBackends(t, func(t *testing.T, _ ring.Factory) {
		for _, wait := range []time.Duration{0, time.Second} {
			var quick atomic.Bool
			r := ring.Wrap(func(ids []int) []int {
				if !quick.Load() {
					time.Sleep(time.Hour)
				}
				return ids
			}, ring.Lru{Options: ring.Options{Freshness: ring.Freshness{RunTimeout: time.Minute}}},
				ring.Batch(ring.BatchOptions{MaxWait: wait}))
			began := time.Now()
			values, err := r.GetOrUpdateMany(ring.Args{1}, ring.Args{2})
			var e *ring.Error
			require.ErrorAs(t, err, &e)
			require.ErrorIs(t, err, context.DeadlineExceeded)
			assert.Equal(t, []any{nil, nil}, values)
			_, err = r.Call(3)
			require.ErrorIs(t, err, context.DeadlineExceeded)
			assert.Equal(t, 2*time.Minute, time.Since(began))
			quick.Store(true)
			values, err = r.GetOrUpdateMany(ring.Args{1}, ring.Args{2}, ring.Args{3})
			require.NoError(t, err)
			assert.Equal(t, []any{1, 2, 3}, values)
			time.Sleep(2 * time.Hour)
			idle(t, r)
		}
	})
}
