package ring_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
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

func callsTo(n int) iter.Seq[any] { return slices.Values(manyCalls(n)) }

// TestWarm: on every storage it runs what is missing, once, and counts nothing as calls.
func TestWarm(t *testing.T) {
	for name, factory := range clearable(t) {
		t.Run(name, func(t *testing.T) {
			var runs atomic.Int32
			f := ring.Wrap(func(n int) string {
				runs.Add(1)
				return sentence(n)
			}, factory("warm"))
			_, err := f.GetOrUpdateMany(manyCalls(20)...)
			require.NoError(t, err)
			before := f.CacheInfo()
			report, err := f.Warm(t.Context(), callsTo(100), 7)
			require.NoError(t, err)
			assert.Equal(t, ring.WarmReport{Cached: 20, Ran: 80}, report)
			assert.EqualValues(t, 100, runs.Load())
			after := f.CacheInfo()
			assert.Equal(t, []int{before.Hits, before.Misses}, []int{after.Hits, after.Misses})
			has, err := f.HasMany(manyCalls(100)...)
			require.NoError(t, err)
			assert.NotContains(t, has, false)
			report, err = f.Warm(t.Context(), callsTo(100), 0)
			require.NoError(t, err)
			assert.Equal(t, ring.WarmReport{Cached: 100}, report)
		})
	}
}

// TestWarmIsBounded: no more than so many calls run at a time, and as many do.
func TestWarmIsBounded(t *testing.T) {
	for _, c := range []struct{ parallel, want int }{{1, 1}, {5, 5}, {0, 16}} {
		synctest.Test(t, func(t *testing.T) {
			var running, most atomic.Int32
			f := ring.Wrap(func(n int) int {
				most.Store(max(most.Load(), running.Add(1)))
				time.Sleep(time.Second)
				running.Add(-1)
				return n
			}, ring.Lru{MaxSize: ring.Unbounded})
			began := time.Now()
			report, err := f.Warm(t.Context(), callsTo(40), c.parallel)
			require.NoError(t, err)
			assert.Equal(t, 40, report.Ran)
			assert.EqualValues(t, c.want, most.Load())
			assert.Equal(t, time.Duration((40+c.want-1)/c.want)*time.Second, time.Since(began))
		})
	}
}

// TestWarmJoins: a call that runs already is not run again, and a delete meanwhile wins.
func TestWarmJoins(t *testing.T) {
	forBackends(t, func(t *testing.T, factory ring.Factory) {
		g := newGate()
		f := ring.Wrap(g.run, factory, ring.Name("joins"))
		var wg sync.WaitGroup
		wg.Go(func() {
			_, err := f.Call(1)
			assert.NoError(t, err)
		})
		synctest.Wait()
		var report ring.WarmReport
		wg.Go(func() {
			var err error
			report, err = f.Warm(t.Context(), callsTo(3), 0)
			assert.NoError(t, err)
		})
		synctest.Wait()
		assert.EqualValues(t, 3, g.runs.Load())
		require.NoError(t, f.Delete(2))
		close(g.release)
		wg.Wait()
		assert.Equal(t, ring.WarmReport{Cached: 1, Ran: 2}, report)
		has, err := f.HasMany(manyCalls(3)...)
		require.NoError(t, err)
		assert.Equal(t, []bool{true, true, false}, has)
		idle(t, f)
	})
}

// TestWarmFails: it goes on, and names the first ones.
func TestWarmFails(t *testing.T) {
	no := errors.New("no")
	f := ring.Wrap(func(n int) (int, error) {
		if n%2 == 1 {
			return 0, fmt.Errorf("%d: %w", n, no)
		}
		return n, nil
	}, ring.Dict{}, ring.Name("fails"))
	calls := append(manyCalls(30), "wrong", ring.Kwargs{"x": 1}, ring.Args{t.Context(), 1})
	report, err := f.Warm(t.Context(), slices.Values(calls), 1)
	assert.Equal(t, ring.WarmReport{Ran: 15, Failed: 18}, report)
	assert.ErrorIs(t, err, no)
	assert.ErrorContains(t, err, `element 1, "fails:1": 1: no`)
	assert.ErrorContains(t, err, "\n8 more failed")
	var e *ring.Error
	require.ErrorAs(t, err, &e)
	assert.Equal(t, "warm", e.Action)

	_, err = f.Warm(t.Context(), slices.Values(calls[30:]), 1)
	assert.ErrorContains(t, err, "element 0, ")
	assert.ErrorContains(t, err, "give ring.Args or ring.Kwargs")
}

// TestWarmEnds: with its context, which the runs get.
func TestWarmEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := ring.Wrap(func(ctx context.Context, n int) (int, error) {
			if n < 4 {
				return n, nil
			}
			<-ctx.Done()
			return 0, ctx.Err()
		}, ring.Dict{})
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		taken := 0
		endless := func(yield func(any) bool) {
			for ; yield(ring.Args{taken}); taken++ {
			}
		}
		report, err := f.Warm(ctx, endless, 3)
		assert.ErrorIs(t, err, context.DeadlineExceeded)
		assert.Equal(t, ring.WarmReport{Ran: 4, Skipped: 4}, report, "three were running, and one waited")
		assert.Equal(t, 7, taken)
	})
}

// TestWarmPanics: the panic is that of Warm, after the other runs have ended.
func TestWarmPanics(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ended := false
		f := ring.Wrap(func(n int) int {
			time.Sleep(time.Duration(n) * time.Second)
			if n == 1 {
				panic("no")
			}
			ended = n == 2
			return n
		}, ring.Dict{})
		assert.PanicsWithValue(t, "no", func() { _, _ = f.Warm(t.Context(), slices.Values([]any{ring.Args{1}, ring.Args{2}}), 2) })
		assert.True(t, ended)
		idle(t, f)

		quits := ring.Wrap(func(n int) int {
			runtime.Goexit()
			return n
		}, ring.Dict{})
		report, err := quits.Warm(t.Context(), callsTo(1), 1)
		assert.ErrorContains(t, err, "the function ended its goroutine")
		assert.Equal(t, ring.WarmReport{Failed: 1}, report)
	})
}

// TestWarmFreshness: a value past its Expire counts as missing, and the options of the wire
// hold.
func TestWarmFreshness(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		runs := 0
		f := ring.Wrap(func(n int) int {
			runs++
			return runs
		}, ring.Lru{Expire: time.Minute, Options: ring.Options{Freshness: ring.Freshness{StaleWhileRevalidate: time.Hour}}})
		report, err := f.Warm(t.Context(), callsTo(1), 0)
		require.NoError(t, err)
		assert.Equal(t, ring.WarmReport{Ran: 1}, report)
		time.Sleep(2 * time.Minute)
		report, err = f.Warm(t.Context(), callsTo(1), 0)
		require.NoError(t, err)
		assert.Equal(t, ring.WarmReport{Ran: 1}, report)
		var info ring.CallInfo
		report, err = f.With(ring.CallOptions{SkipRead: true, Expire: time.Hour, Info: &info}).Warm(t.Context(), callsTo(1), 0)
		require.NoError(t, err)
		assert.Equal(t, ring.WarmReport{Ran: 1}, report)
		time.Sleep(30 * time.Minute)
		v, err := f.Get(0)
		require.NoError(t, err)
		assert.Equal(t, 3, v)
		assert.Equal(t, ring.CallInfo{}, info)
		assert.Zero(t, f.CacheInfo().Stale+f.CacheInfo().Misses)
	})
}

// TestWarmRefuses: what can only be a mistake.
func TestWarmRefuses(t *testing.T) {
	f := ring.Wrap(func(n int) int { return n }, ring.Dict{})
	for _, c := range []struct {
		wire     *ring.Wire
		calls    iter.Seq[any]
		parallel int
	}{
		{&f.Wire, nil, 0},
		{&f.Wire, callsTo(1), -1},
		{f.With(ring.CallOptions{SkipWrite: true}), callsTo(1), 0},
		{f.With(ring.CallOptions{Expire: ring.DoNotStore}), callsTo(1), 0},
		{f.Bind(1), callsTo(1), 0},
	} {
		report, err := c.wire.Warm(t.Context(), c.calls, c.parallel)
		assert.ErrorIs(t, err, ring.ErrArguments)
		assert.Zero(t, report)
	}
	var none context.Context
	_, err := f.Warm(none, callsTo(1), 0)
	assert.ErrorIs(t, err, ring.ErrArguments)
}
