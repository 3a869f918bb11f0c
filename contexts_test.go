package ring_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ring-go/ring"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestWaiterLeavesOnItsOwnContext(t *testing.T) {
	forBackends(t, func(t *testing.T, f ring.Factory) {
		g := newGate()
		r := ring.Wrap(g.run, f, ring.Name("f"))
		go r.Call(1)
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		defer cancel()
		start := time.Now()
		_, err := r.Call(ctx, 1)
		assert.ErrorIs(t, err, context.DeadlineExceeded)
		assert.ErrorContains(t, err, "ring: get_or_update f")
		assert.Equal(t, 50*time.Millisecond, time.Since(start))

		_, err = r.WithContext(ctx).GetOrUpdateMany(ring.Args{1})
		assert.ErrorIs(t, err, context.DeadlineExceeded)
		close(g.release)
		synctest.Wait()
		v, err := r.Call(1)
		assert.NoError(t, err)
		assert.Equal(t, 101, v)
		idle(t, r)
	})
}

func TestLeadersContextDoesNotFailTheWaiters(t *testing.T) {
	forBackends(t, func(t *testing.T, f ring.Factory) {
		g := newGate()
		r := ring.Wrap(g.run, f, ring.Name("f"))
		ctx, cancel := context.WithCancel(t.Context())
		leader := make(chan error, 1)
		go func() {
			_, err := r.Call(ctx, 1)
			leader <- err
		}()
		synctest.Wait()
		var wg sync.WaitGroup
		for range 10 {
			wg.Go(func() {
				v, err := r.Call(1)
				assert.NoError(t, err)
				assert.Equal(t, 102, v, "the second run's value")
			})
		}
		synctest.Wait()
		cancel()
		synctest.Wait()
		close(g.release)
		wg.Wait()
		assert.ErrorIs(t, <-leader, context.Canceled)
		assert.EqualValues(t, 2, g.runs.Load())
		idle(t, r)
	})
}

type userKey struct{}

func TestContextValuesAreKept(t *testing.T) {
	r := ring.Wrap(func(ctx context.Context, n int) (string, error) {
		return fmt.Sprint(ctx.Value(userKey{}), n), nil
	}, ring.Lru{})
	ctx := context.WithValue(t.Context(), userKey{}, "ann")
	v, err := r.Call(ctx, 1)
	require.NoError(t, err)
	assert.Equal(t, "ann1", v)
	v, err = r.WithContext(ctx).Call(2)
	require.NoError(t, err)
	assert.Equal(t, "ann2", v)
	values, err := r.GetOrUpdateMany(ring.Args{ctx, 3}, ring.Args{4})
	require.NoError(t, err)
	assert.Equal(t, []any{"ann3", "<nil> 4"}, values)
}

// TestContextOfABulkElement: if it ends, only that element fails.
func TestContextOfABulkElement(t *testing.T) {
	forBackends(t, func(t *testing.T, f ring.Factory) {
		g := newGate()
		r := ring.Wrap(g.run, f, ring.Name("f"))
		ctx, cancel := context.WithCancel(t.Context())
		var wg sync.WaitGroup
		wg.Go(func() {
			values, err := r.GetOrUpdateMany(ring.Args{ctx, 1}, ring.Args{1}, ring.Args{2})
			assert.ErrorIs(t, err, context.Canceled)
			assert.ErrorContains(t, err, "element 0")
			assert.NotContains(t, err.Error(), "element 1")
			assert.Nil(t, values[0])
			assert.NotNil(t, values[1])
			assert.NotNil(t, values[2])
		})
		synctest.Wait()
		wg.Go(func() {
			_, err := r.Call(1)
			assert.NoError(t, err, "the context was not this caller's")
		})
		synctest.Wait()
		cancel()
		synctest.Wait()
		close(g.release)
		wg.Wait()
		idle(t, r)
	})
}
