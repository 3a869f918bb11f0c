package ring_test

import (
	"context"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ring-go/ring"
)

// TestBatchGathers: a thousand callers at once need few runs.
func TestBatchGathers(t *testing.T) {
	for name, o := range map[string]ring.BatchOptions{
		"by time": {MaxWait: time.Millisecond},
		"by size": {MaxWait: time.Hour, MaxSize: 100},
	} {
		t.Run(name, func(t *testing.T) {
			forBackends(t, func(t *testing.T, f ring.Factory) {
				if lru, ok := f.(ring.Lru); ok {
					lru.MaxSize = 1000
					f = lru
				}
				var l loader
				r := ring.Wrap(l.load, f, ring.Batch(o), ring.Name("f"))
				began := time.Now()
				var wg sync.WaitGroup
				for _, id := range slices.Concat(numbers(0, 1000), numbers(0, 1000)) {
					wg.Go(func() {
						value, err := r.Call(id)
						assert.NoError(t, err)
						assert.Equal(t, valuesOf([]int{id})[0], value)
					})
				}
				wg.Wait()
				runs := l.taken()
				if o.MaxSize > 0 {
					assert.Len(t, runs, 10)
					assert.Zero(t, time.Since(began), "a full run waits no longer")
				} else {
					assert.Len(t, runs, 1)
					assert.Equal(t, time.Millisecond, time.Since(began))
				}
				assert.True(t, slices.Equal(numbers(0, 1000), slices.Sorted(slices.Values(slices.Concat(runs...)))), "each key once")
				idle(t, r)
			})
		})
	}
}

type traceKey struct{}

// TestBatchGatheredContext: the run has the values of the first caller, and ends when all
// callers have gone.
func TestBatchGatheredContext(t *testing.T) {
	forBackends(t, func(t *testing.T, f ring.Factory) {
		var trace any
		var size int
		ended := make(chan struct{})
		r := ring.Wrap(func(ctx context.Context, ids []int) (map[int]int, error) {
			trace, size = ctx.Value(traceKey{}), len(ids)
			<-ctx.Done()
			close(ended)
			return nil, ctx.Err()
		}, f, ring.Batch(ring.BatchOptions{MaxWait: time.Second}), ring.Name("f"))
		first, leave := context.WithCancel(context.WithValue(t.Context(), traceKey{}, "first"))
		second, leave2 := context.WithCancel(t.Context())
		gone, leave3 := context.WithCancel(t.Context())
		var wg sync.WaitGroup
		call := func(ctx context.Context, id int) {
			wg.Go(func() {
				_, err := r.Call(ctx, id)
				assert.ErrorIs(t, err, context.Canceled)
			})
			synctest.Wait()
		}
		call(first, 1)
		call(second, 2)
		call(gone, 3)
		leave3() // before the run
		time.Sleep(time.Second)
		synctest.Wait()
		assert.Equal(t, "first", trace)
		assert.Equal(t, 2, size, "who has left needs no value")
		leave()
		synctest.Wait()
		select {
		case <-ended:
			t.Fatal("the run has ended before the last caller left")
		default:
		}
		leave2()
		<-ended
		wg.Wait()
		idle(t, r)
	})
}

// TestBatchGatheredLeave: when all leave before the run, there is none.
func TestBatchGatheredLeave(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var l loader
		r := ring.Wrap(l.load, ring.Lru{}, ring.Batch(ring.BatchOptions{MaxWait: time.Second}))
		ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		defer cancel()
		_, err := r.Call(ctx, 1)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		value, err := r.Call(t.Context(), 1)
		require.NoError(t, err)
		assert.Equal(t, "v1", value)
		assert.Equal(t, [][]int{{1}}, l.taken())
		idle(t, r)
	})
}

// TestBatchPanics: a panic reaches every call, gathered or not.
func TestBatchPanics(t *testing.T) {
	forBackends(t, func(t *testing.T, f ring.Factory) {
		for _, wait := range []time.Duration{0, time.Second} {
			broken := true
			r := ring.Wrap(func(ids []int) []int {
				if broken {
					panic("broken")
				}
				return ids
			}, f, ring.Batch(ring.BatchOptions{MaxWait: wait}), ring.Name("f"))
			require.NoError(t, r.DeleteMany(ring.Args{1}, ring.Args{2}, ring.Args{3}, ring.Args{4}))
			var panics atomic.Int32
			var wg sync.WaitGroup
			for id := range 3 {
				wg.Go(func() {
					defer func() {
						if recover() == "broken" {
							panics.Add(1)
						}
					}()
					_, _ = r.Call(id + 1)
				})
			}
			wg.Wait()
			assert.EqualValues(t, 3, panics.Load())
			assert.PanicsWithValue(t, "broken", func() { _, _ = r.GetOrUpdateMany(ring.Args{3}, ring.Args{4}) })
			assert.PanicsWithValue(t, "broken", func() { _, _ = r.UpdateMany(ring.Args{3}, ring.Args{4}) })
			broken = false
			value, err := r.Call(1)
			require.NoError(t, err)
			assert.Equal(t, 1, value)
			values, err := r.GetOrUpdateMany(ring.Args{3}, ring.Args{4})
			require.NoError(t, err)
			assert.Equal(t, []any{3, 4}, values)
			idle(t, r)
		}
	})
}

// TestBatchGoexit: when a run ends its goroutine, that is the first caller's; others try again.
func TestBatchGoexit(t *testing.T) {
	forBackends(t, func(t *testing.T, f ring.Factory) {
		for _, wait := range []time.Duration{0, time.Second} {
			var runs atomic.Int32
			r := ring.Wrap(func(ids []int) []int {
				if runs.Add(1) == 1 {
					runtime.Goexit()
				}
				return ids
			}, f, ring.Batch(ring.BatchOptions{MaxWait: wait}), ring.Name("f"))
			require.NoError(t, r.DeleteMany(ring.Args{0}, ring.Args{1}, ring.Args{2}))
			var returned atomic.Int32
			var wg sync.WaitGroup
			for id := range 3 {
				wg.Go(func() {
					value, err := r.Call(id)
					assert.NoError(t, err)
					assert.Equal(t, id, value)
					returned.Add(1)
				})
			}
			wg.Wait()
			assert.EqualValues(t, 2, returned.Load())
			idle(t, r)
		}
	})
}

// TestBatchRecursion: a run that calls its own rope gets an error for its own elements, and
// the values of others.
func TestBatchRecursion(t *testing.T) {
	forBackends(t, func(t *testing.T, f ring.Factory) {
		for _, wait := range []time.Duration{0, time.Second} {
			var r *ring.Rope
			var inner []error
			r = ring.Wrap(func(ctx context.Context, ids []int) (map[int]int, error) {
				m := map[int]int{}
				for _, id := range ids {
					m[id] = id
				}
				if slices.Contains(ids, 1) {
					for _, id := range []int{1, 2, 3} {
						value, err := r.Call(ctx, id)
						inner = append(inner, err)
						if err == nil {
							m[1] += value.(int)
						}
					}
				}
				return m, nil
			}, f, ring.Batch(ring.BatchOptions{MaxWait: wait}), ring.Name("f"))
			ids := []any{ring.Args{1}, ring.Args{2}, ring.Args{3}}
			require.NoError(t, r.DeleteMany(ids...))
			values, err := r.GetOrUpdateMany(ids[:2]...)
			require.NoError(t, err)
			assert.Equal(t, []any{4, 2}, values)
			require.Len(t, inner, 3)
			assert.ErrorIs(t, inner[0], ring.ErrRecursion)
			assert.ErrorIs(t, inner[1], ring.ErrRecursion)
			assert.NoError(t, inner[2])
			require.NoError(t, r.DeleteMany(ids...))
			inner = nil
			var wg sync.WaitGroup
			for _, id := range []int{1, 2} {
				wg.Go(func() {
					_, err := r.Call(t.Context(), id)
					assert.NoError(t, err)
				})
			}
			wg.Wait()
			require.Len(t, inner, 3)
			assert.ErrorIs(t, inner[0], ring.ErrRecursion)
			if wait > 0 { // they run together
				assert.ErrorIs(t, inner[1], ring.ErrRecursion)
			}
			assert.NoError(t, inner[2])
			idle(t, r)
		}
	})
}

// TestBatchMaxSize: a bulk call that lacks more runs several times, and stores once.
func TestBatchMaxSize(t *testing.T) {
	forBackends(t, func(t *testing.T, f ring.Factory) {
		var l loader
		r := ring.Wrap(l.load, f, ring.Batch(ring.BatchOptions{MaxSize: 30}), ring.Name("f"))
		values, err := r.GetOrUpdateMany(callsOf(numbers(0, 100))...)
		require.NoError(t, err)
		assert.Equal(t, valuesOf(numbers(0, 100)), values)
		want := [][]int{numbers(0, 30), numbers(30, 60), numbers(60, 90), numbers(90, 100)}
		assert.Equal(t, want, l.taken())
		_, err = r.UpdateMany(callsOf(numbers(0, 100))...)
		require.NoError(t, err)
		assert.Equal(t, want, l.taken())
		_, err = r.ExecuteMany(callsOf(numbers(0, 100))...)
		require.NoError(t, err)
		assert.Equal(t, want, l.taken())
		idle(t, r)
	})
}

// TestBatchOverlaps: two bulk calls, in opposite orders, and single calls run no key twice.
func TestBatchOverlaps(t *testing.T) {
	for _, o := range []ring.BatchOptions{{}, {MaxSize: 7}, {MaxWait: time.Second}, {MaxWait: time.Second, MaxSize: 7}} {
		forBackends(t, func(t *testing.T, f ring.Factory) {
			var l loader
			r := ring.Wrap(func(ctx context.Context, ids []int) (map[int]string, error) {
				time.Sleep(time.Second)
				return l.load(ctx, ids)
			}, f, ring.Batch(o), ring.Name("f"))
			var wg sync.WaitGroup
			bulk := func(ids []int) {
				wg.Go(func() {
					values, err := r.GetOrUpdateMany(callsOf(ids)...)
					assert.NoError(t, err)
					assert.Equal(t, valuesOf(ids), values)
				})
			}
			back := numbers(20, 80)
			slices.Reverse(back)
			bulk(numbers(0, 60))
			bulk(back)
			for id := range 90 {
				wg.Go(func() {
					value, err := r.Call(t.Context(), id)
					assert.NoError(t, err)
					assert.Equal(t, valuesOf([]int{id})[0], value)
				})
			}
			wg.Wait()
			assert.Equal(t, numbers(0, 90), slices.Sorted(slices.Values(slices.Concat(l.taken()...))), "each key once")
			idle(t, r)
		})
	}
}

// TestBatchAbandoned: when the call that runs an element gives up, the one that waits for it
// runs the function.
func TestBatchAbandoned(t *testing.T) {
	forBackends(t, func(t *testing.T, f ring.Factory) {
		var runs atomic.Int32
		r := ring.Wrap(func(ctx context.Context, ids []int) ([]int, error) {
			if runs.Add(1) == 1 {
				<-ctx.Done()
				return nil, ctx.Err()
			}
			return ids, nil
		}, f, ring.Batch(ring.BatchOptions{}), ring.Name("f"))
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		var wg sync.WaitGroup
		wg.Go(func() {
			_, err := r.WithContext(ctx).GetOrUpdateMany(ring.Args{1}, ring.Args{2})
			assert.ErrorIs(t, err, context.DeadlineExceeded)
		})
		synctest.Wait()
		values, err := r.WithContext(t.Context()).GetOrUpdateMany(ring.Args{2}, ring.Args{3}, ring.Args{1})
		require.NoError(t, err)
		assert.Equal(t, []any{2, 3, 1}, values)
		wg.Wait()
		idle(t, r)
	})
}
