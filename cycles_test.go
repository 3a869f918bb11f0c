package ring_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ring-go/ring"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestRecursionThroughTheContext(t *testing.T) {
	forBackends(t, func(t *testing.T, f ring.Factory) {
		var r *ring.Rope
		r = ring.Wrap(func(ctx context.Context, n int) (int, error) {
			v, err := r.Call(ctx, n/2)
			if err != nil {
				return 0, err
			}
			return v.(int) + 1, nil
		}, f, ring.Name("f"))
		_, err := r.Call(8) // 8, 4, 2, 1, 0, 0
		assert.ErrorIs(t, err, ring.ErrRecursion)
		_, err = r.GetOrUpdateMany(ring.Args{4}, ring.Args{0})
		assert.ErrorIs(t, err, ring.ErrRecursion)
		idle(t, r)
	})
}

// TestFlightsThatWaitForEachOther: two ropes whose functions call each other, each
// begun by its own goroutine, would wait forever.
func TestFlightsThatWaitForEachOther(t *testing.T) {
	forBackends(t, func(t *testing.T, f ring.Factory) {
		var a, b *ring.Rope
		both := make(chan struct{})
		var started atomic.Int32
		call := func(other **ring.Rope) func(context.Context, int) (int, error) {
			return func(ctx context.Context, n int) (int, error) {
				if started.Add(1) == 2 {
					close(both)
				}
				<-both
				v, err := (*other).Call(ctx, n)
				if err != nil {
					return 0, err
				}
				return v.(int), nil
			}
		}
		a = ring.Wrap(call(&b), f, ring.Name("a"))
		b = ring.Wrap(call(&a), f, ring.Name("b"))
		errs := make(chan error, 2)
		go func() { _, err := a.Call(1); errs <- err }()
		go func() { _, err := b.Call(1); errs <- err }()
		assert.ErrorIs(t, <-errs, ring.ErrRecursion)
		assert.ErrorIs(t, <-errs, ring.ErrRecursion)
		idle(t, a)
		idle(t, b)
	})
}

func TestDeepRecursionIsNoCycle(t *testing.T) {
	for _, f := range backends() {
		var r *ring.Rope
		runs := 0
		r = ring.Wrap(func(ctx context.Context, n int) (int, error) {
			runs++
			if n < 2 {
				return n, nil
			}
			x, err := r.Call(ctx, n-1)
			if err != nil {
				return 0, err
			}
			y, err := r.Call(ctx, n-2)
			return x.(int) + y.(int), err
		}, f, ring.Name("fib"))
		values, err := r.GetOrUpdateMany(ring.Args{60}, ring.Args{40}, ring.Args{50})
		require.NoError(t, err)
		assert.Equal(t, []any{1548008755920, 102334155, 12586269025}, values)
		assert.Equal(t, 61, runs)
		idle(t, r)
	}
}

// TestBulkElementsNeedEachOther: the run of one element calls the next one, without a
// context that shows it.
func TestBulkElementsNeedEachOther(t *testing.T) {
	for _, factory := range backends() {
		var fib func(int) int
		runs := 0
		fib = func(n int) int {
			runs++
			if n < 2 {
				return n
			}
			return fib(n-1) + fib(n-2)
		}
		r := ring.Decorate(&fib, factory, ring.Name("fib"))
		values, err := r.GetOrUpdateMany(ring.Args{30}, ring.Args{29}, ring.Args{1}, ring.Args{30})
		require.NoError(t, err)
		assert.Equal(t, []any{832040, 514229, 1, 832040}, values)
		assert.Equal(t, 31, runs)
		idle(t, r)
	}
}

// TestParallelCallsWithinARun: a run that waits for several flights at once, one of
// which waits for it.
func TestParallelCallsWithinARun(t *testing.T) {
	forBackends(t, func(t *testing.T, f ring.Factory) {
		var r *ring.Rope
		inside := make(chan struct{})
		quick := make(chan struct{})
		r = ring.Wrap(func(ctx context.Context, name string) (string, error) {
			switch name {
			case "a":
				close(inside)
				var wg sync.WaitGroup
				errs := make([]error, 2)
				for i, other := range []string{"x", "y"} {
					wg.Go(func() { _, errs[i] = r.Call(ctx, other) })
				}
				wg.Wait()
				return "a", errors.Join(errs...)
			case "x":
				<-inside
				synctestWait()
				_, err := r.Call(ctx, "a")
				return "x", err
			default:
				<-quick
				return "y", nil
			}
		}, f, ring.Name("f"))
		errs := make(chan error, 3)
		for _, name := range []string{"x", "y", "a"} {
			go func() { _, err := r.Call(name); errs <- err }()
			if name != "a" {
				synctest.Wait()
			}
		}
		go func() { synctestWait(); close(quick) }()
		recursions := 0
		for range 3 {
			if err := <-errs; errors.Is(err, ring.ErrRecursion) {
				recursions++
			}
		}
		assert.NotZero(t, recursions)
		idle(t, r)
	})
}

// synctestWait lets the other goroutines of the bubble run until they wait.
func synctestWait() { time.Sleep(time.Millisecond) }

// TestWaitersBehindWaiters: a run within a run waits for another flight, which waits
// for the outer one.
func TestWaitersBehindWaiters(t *testing.T) {
	forBackends(t, func(t *testing.T, f ring.Factory) {
		var r *ring.Rope
		started := make(chan struct{})
		r = ring.Wrap(func(ctx context.Context, name string) (string, error) {
			next := map[string]string{"a": "b", "b": "x", "x": "a"}[name]
			switch name {
			case "b":
				close(started)
			case "x":
				<-started
				synctestWait()
			}
			_, err := r.Call(ctx, next)
			return name, err
		}, f, ring.Name("f"))
		errs := make(chan error, 2)
		go func() { _, err := r.Call("x"); errs <- err }()
		synctest.Wait()
		go func() { _, err := r.Call("a"); errs <- err }()
		assert.ErrorIs(t, <-errs, ring.ErrRecursion)
		<-errs
		idle(t, r)
	})
}

// TestOneOfTwoWaitersLeaves: the run still waits, through the other waiter.
func TestOneOfTwoWaitersLeaves(t *testing.T) {
	forBackends(t, func(t *testing.T, f ring.Factory) {
		var r *ring.Rope
		left := make(chan struct{})
		r = ring.Wrap(func(ctx context.Context, name string) (string, error) {
			if name == "x" {
				<-left
				_, err := r.Call(ctx, "a")
				return name, err
			}
			var wg sync.WaitGroup
			var err error
			wg.Go(func() { _, err = r.Call(ctx, "x") })
			wg.Go(func() {
				short, cancel := context.WithTimeout(ctx, time.Millisecond)
				defer cancel()
				_, err := r.Call(short, "x")
				assert.ErrorIs(t, err, context.DeadlineExceeded)
				close(left)
			})
			wg.Wait()
			return name, err
		}, f, ring.Name("f"))
		errs := make(chan error, 2)
		go func() { _, err := r.Call("x"); errs <- err }()
		synctest.Wait()
		go func() { _, err := r.Call("a"); errs <- err }()
		assert.ErrorIs(t, <-errs, ring.ErrRecursion)
		<-errs
		idle(t, r)
	})
}

// TestRecursionThroughABulkElement: the context is among the element's arguments.
func TestRecursionThroughABulkElement(t *testing.T) {
	forBackends(t, func(t *testing.T, f ring.Factory) {
		var r *ring.Rope
		r = ring.Wrap(func(ctx context.Context, n int) (int, error) {
			_, err := r.GetOrUpdateMany(ring.Args{ctx, n})
			return n, err
		}, f, ring.Name("f"))
		_, err := r.Call(1)
		assert.ErrorIs(t, err, ring.ErrRecursion)
		idle(t, r)

		// An element waits no longer than its own context.
		g := newGate()
		gated := ring.Wrap(g.run, f, ring.Name("g"))
		go gated.Call(1)
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		start := time.Now()
		_, err = gated.GetOrUpdateMany(ring.Args{ctx, 1})
		assert.ErrorIs(t, err, context.DeadlineExceeded)
		assert.Equal(t, time.Second, time.Since(start))
		close(g.release)
		synctest.Wait()
		idle(t, gated)
	})
}

// TestRecursionFromOnError: OnError, called within a run, can call the function.
func TestRecursionFromOnError(t *testing.T) {
	var r *ring.Rope
	var inner error
	dict := map[string]any{"f:1": "not an int"}
	r = ring.Wrap(func(ctx context.Context, n int) (int, error) { return n, nil }, ring.Dict{Obj: dict, KeyPrefix: "f", Options: ring.Options{
		OnError: func(ctx context.Context, err *ring.Error) { _, inner = r.Call(ctx, 1) },
	}})
	v, err := r.Call(1)
	require.NoError(t, err)
	assert.Equal(t, 1, v)
	assert.ErrorIs(t, inner, ring.ErrRecursion)
}
