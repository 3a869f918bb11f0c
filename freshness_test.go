package ring_test

import (
	"context"
	"errors"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ring-go/ring"
)

// source is a function to cache whose runs the test decides.
type source struct {
	mu      sync.Mutex
	runs    int
	running int
	most    int // runs at a time
	takes   time.Duration
	err     error
	panics  bool
	deaf    bool // it ignores its context
	seen    []any
}

func (s *source) get(ctx context.Context, _ string) (int, error) {
	s.mu.Lock()
	s.runs++
	s.running++
	s.most = max(s.most, s.running)
	n, takes, err, panics, deaf := s.runs, s.takes, s.err, s.panics, s.deaf
	s.seen = append(s.seen, ctx.Value(sourceKey{}))
	s.mu.Unlock()
	defer func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.running--
	}()
	if takes > 0 {
		timer := time.NewTimer(takes)
		defer timer.Stop()
		if deaf {
			<-timer.C
		} else {
			select {
			case <-timer.C:
			case <-ctx.Done():
				return 0, ctx.Err()
			}
		}
	}
	if panics {
		panic("the source is broken")
	}
	return n, err
}

type sourceKey struct{}

func (s *source) set(change func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change()
}

func (s *source) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.runs
}

var errSource = errors.New("the source is down")

// memories are the storages in memory that have an expiry.
var memories = map[string]func(expire time.Duration, o ring.Options) ring.Factory{
	"lru": func(expire time.Duration, o ring.Options) ring.Factory {
		return ring.Lru{Expire: expire, MaxSize: 10_000, Options: o}
	},
	"sharded": func(expire time.Duration, o ring.Options) ring.Factory {
		return ring.Lru{Expire: expire, MaxSize: 10_000, Shards: 4, Options: o}
	},
	"lru with a coder": func(expire time.Duration, o ring.Options) ring.Factory {
		return ring.Lru{Expire: expire, MaxSize: 10_000, Coder: "json", Options: o}
	},
	"dict": func(expire time.Duration, o ring.Options) ring.Factory {
		return ring.Dict{Expire: expire, Options: o}
	},
}

// inMemory runs a test for each of the memories, in a bubble.
func inMemory(t *testing.T, f ring.Freshness, test func(t *testing.T, r *ring.Rope, s *source, errs *errorLog)) {
	for name, factory := range memories {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s, errs := &source{}, &errorLog{}
				test(t, ring.Wrap(s.get, factory(time.Minute, ring.Options{Freshness: f, OnError: errs.add})), s, errs)
				synctest.Wait()
			})
		})
	}
}

// errorLog keeps the errors that OnError gets.
type errorLog struct {
	mu   sync.Mutex
	errs []*ring.Error
}

func (l *errorLog) add(_ context.Context, err *ring.Error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.errs = append(l.errs, err)
}

func (l *errorLog) take() []*ring.Error {
	l.mu.Lock()
	defer l.mu.Unlock()
	errs := l.errs
	l.errs = nil
	return errs
}

// call calls the rope in every way in turn, and checks the value.
func called(t *testing.T, r *ring.Rope, want int) {
	t.Helper()
	value, err := r.Call("a")
	require.NoError(t, err)
	require.Equal(t, want, value)
}

// TestRefreshAhead: 1,000 calls after Expire - RefreshAhead start one run behind, and none
// of them waits.
func TestRefreshAhead(t *testing.T) {
	inMemory(t, ring.Freshness{RefreshAhead: 10 * time.Second}, func(t *testing.T, r *ring.Rope, s *source, _ *errorLog) {
		called(t, r, 1)
		time.Sleep(50*time.Second - 1)
		called(t, r, 1)
		synctest.Wait()
		assert.Equal(t, 1, s.count(), "it is not due yet")
		time.Sleep(time.Nanosecond)
		s.set(func() { s.takes = time.Second })
		start := time.Now()
		for range 1000 {
			called(t, r, 1)
		}
		assert.Equal(t, start, time.Now(), "no call waits")
		synctest.Wait()
		assert.Equal(t, 2, s.count())
		time.Sleep(time.Second)
		synctest.Wait()
		called(t, r, 2)
		time.Sleep(49 * time.Second)
		called(t, r, 2)
		assert.Equal(t, 2, s.count(), "its life began when it was stored")
		info := r.CacheInfo()
		assert.Equal(t, []int{1003, 1, 0}, []int{info.Hits, info.Misses, info.Stale})
	})
}

// TestStaleWhileRevalidate: after Expire a call gets the old value while the function runs,
// and afterwards the new one.
func TestStaleWhileRevalidate(t *testing.T) {
	inMemory(t, ring.Freshness{StaleWhileRevalidate: time.Minute}, func(t *testing.T, r *ring.Rope, s *source, _ *errorLog) {
		called(t, r, 1)
		time.Sleep(time.Minute)
		s.set(func() { s.takes = time.Second })
		ctx, cancel := context.WithCancel(context.WithValue(t.Context(), sourceKey{}, "trace"))
		start := time.Now()
		value, err := r.Call(ctx, "a")
		cancel()
		require.NoError(t, err)
		assert.Equal(t, 1, value)
		assert.Equal(t, start, time.Now())
		called(t, r, 1)
		for _, get := range []func(...any) (any, error){r.Get} {
			value, err := get("a")
			require.NoError(t, err)
			assert.Nil(t, value, "what is past its Expire is a miss for Get")
		}
		has, err := r.Has("a")
		require.NoError(t, err)
		assert.False(t, has)
		has, err = r.With(ring.CallOptions{AllowStale: true}).Has("a")
		require.NoError(t, err)
		assert.True(t, has)
		value, err = r.With(ring.CallOptions{AllowStale: true}).Get("a")
		require.NoError(t, err)
		assert.Equal(t, 1, value)
		time.Sleep(time.Second)
		synctest.Wait()
		called(t, r, 2)
		assert.Equal(t, 2, s.count(), "the caller's cancel is not the renewal's")
		assert.Equal(t, []any{nil, "trace"}, s.seen, "the values of its context arrive")
		time.Sleep(2*time.Minute + 1)
		called(t, r, 3)
	})
}

// TestStaleIfError: while the function fails, calls get the old value, and it runs once in
// every pause; then they get its error.
func TestStaleIfError(t *testing.T) {
	inMemory(t, ring.Freshness{StaleIfError: 10 * time.Minute}, func(t *testing.T, r *ring.Rope, s *source, errs *errorLog) {
		called(t, r, 1)
		time.Sleep(time.Minute)
		s.set(func() { s.err = errSource })
		start := time.Now()
		var at []time.Duration
		for time.Since(start) < 10*time.Minute {
			runs := s.count()
			called(t, r, 1)
			if s.count() > runs {
				at = append(at, time.Since(start))
			}
			time.Sleep(time.Second)
		}
		assert.Equal(t, []time.Duration{0, 1, 3, 7, 15, 31, 63, 123, 183, 243, 303, 363, 423, 483, 543}, wholeSeconds(at))
		failed := errs.take()
		require.Len(t, failed, len(at))
		assert.Equal(t, "refresh", failed[0].Action)
		assert.ErrorIs(t, failed[0], errSource)
		time.Sleep(time.Nanosecond)
		_, err := r.Call("a")
		assert.Equal(t, errSource, err, "the old value is gone")
		s.set(func() { s.err = nil })
		called(t, r, s.count()+1)
	})
}

func wholeSeconds(ds []time.Duration) []time.Duration {
	for i := range ds {
		ds[i] /= time.Second
	}
	return ds
}

// TestStaleIfErrorRunsInFront: as long as the function works, nobody gets the old value.
func TestStaleIfErrorRunsInFront(t *testing.T) {
	inMemory(t, ring.Freshness{StaleIfError: time.Hour}, func(t *testing.T, r *ring.Rope, s *source, errs *errorLog) {
		called(t, r, 1)
		time.Sleep(time.Minute)
		s.set(func() { s.takes = time.Second })
		var wg sync.WaitGroup
		for range 100 {
			wg.Go(func() { called(t, r, 2) })
		}
		wg.Wait()
		assert.Equal(t, 2, s.count())
		assert.Empty(t, errs.take())
	})
}

// TestSoftTimeout: a call waits so long for the run, and no longer.
func TestSoftTimeout(t *testing.T) {
	for _, f := range []ring.Freshness{
		{StaleWhileRevalidate: time.Minute, SoftTimeout: 100 * time.Millisecond},
		{StaleIfError: time.Minute, SoftTimeout: 100 * time.Millisecond},
	} {
		inMemory(t, f, func(t *testing.T, r *ring.Rope, s *source, _ *errorLog) {
			called(t, r, 1)
			time.Sleep(time.Minute)
			s.set(func() { s.takes = 50 * time.Millisecond })
			called(t, r, 2)
			time.Sleep(time.Minute)
			s.set(func() { s.takes = 500 * time.Millisecond })
			start := time.Now()
			var wg sync.WaitGroup
			for range 10 {
				wg.Go(func() { called(t, r, 2) })
			}
			wg.Wait()
			assert.Equal(t, 100*time.Millisecond, time.Since(start))
			time.Sleep(400 * time.Millisecond)
			synctest.Wait()
			called(t, r, 3)
			assert.Equal(t, 3, s.count())
		})
	}
}

// TestRunTimeout: callers leave at the limit, the next call runs, and a result that comes
// later is not stored.
func TestRunTimeout(t *testing.T) {
	inMemory(t, ring.Freshness{RunTimeout: time.Second}, func(t *testing.T, r *ring.Rope, s *source, _ *errorLog) {
		s.set(func() { s.takes, s.deaf = 10*time.Second, true })
		start := time.Now()
		var wg sync.WaitGroup
		for range 10 {
			wg.Go(func() {
				_, err := r.Call("a")
				var e *ring.Error
				assert.ErrorAs(t, err, &e)
				assert.ErrorIs(t, err, context.DeadlineExceeded)
				assert.Equal(t, time.Second, time.Since(start))
			})
		}
		wg.Wait()
		s.set(func() { s.takes = 0 })
		called(t, r, 2)
		time.Sleep(10 * time.Second)
		synctest.Wait()
		called(t, r, 2)
		assert.NoError(t, r.Delete("a"))
	})
}

// TestRunTimeoutAndGoexit: a function that panics or ends its goroutine within the limit does
// so for the caller.
func TestRunTimeoutAndGoexit(t *testing.T) {
	exits := true
	r := ring.Wrap(func(int) int {
		if exits {
			runtime.Goexit()
		}
		panic("broken")
	}, ring.Lru{Options: ring.Options{Freshness: ring.Freshness{RunTimeout: time.Minute}}})
	returned := false
	done := make(chan struct{})
	go func() {
		defer close(done)
		_, _ = r.Call(1)
		returned = true
	}()
	<-done
	assert.False(t, returned)
	exits = false
	assert.PanicsWithValue(t, "broken", func() { _, _ = r.Call(1) })
}

// TestMaxRefreshes: so many renewals run at a time, and no call waits for a place.
func TestMaxRefreshes(t *testing.T) {
	inMemory(t, ring.Freshness{StaleWhileRevalidate: time.Hour}, func(t *testing.T, r *ring.Rope, s *source, _ *errorLog) {
		const keys = 200
		name := func(i int) string { return string(rune('A' + i)) }
		for i := range keys {
			_, err := r.Call(name(i))
			require.NoError(t, err)
		}
		time.Sleep(time.Minute)
		s.set(func() { s.takes, s.most = time.Second, 0 })
		start := time.Now()
		for i := range keys {
			value, err := r.Call(name(i))
			require.NoError(t, err)
			assert.Equal(t, i+1, value)
		}
		assert.Equal(t, start, time.Now())
		synctest.Wait()
		assert.Equal(t, keys+16, s.count())
		time.Sleep(time.Second)
		synctest.Wait()
		assert.Equal(t, 16, s.most)
		_, err := r.Call(name(keys - 1))
		require.NoError(t, err)
		synctest.Wait()
		assert.Equal(t, keys+17, s.count(), "the next call tries again")
		time.Sleep(time.Second)
	})
}

// TestRefreshContext: what the user takes out of the context is not there in a run behind.
func TestRefreshContext(t *testing.T) {
	f := ring.Freshness{StaleWhileRevalidate: time.Hour, RefreshContext: func(ctx context.Context) context.Context {
		return context.WithValue(ctx, sourceKey{}, "behind")
	}}
	inMemory(t, f, func(t *testing.T, r *ring.Rope, s *source, _ *errorLog) {
		ctx := context.WithValue(t.Context(), sourceKey{}, "in front")
		for range 2 {
			_, err := r.Call(ctx, "a")
			require.NoError(t, err)
			time.Sleep(time.Minute)
		}
		synctest.Wait()
		assert.Equal(t, []any{"in front", "behind"}, s.seen)
	})
}

// TestRenewalThatPanics: the panic reaches OnError with its stack, the key has a pause, and
// the process lives.
func TestRenewalThatPanics(t *testing.T) {
	inMemory(t, ring.Freshness{StaleWhileRevalidate: time.Hour}, func(t *testing.T, r *ring.Rope, s *source, errs *errorLog) {
		called(t, r, 1)
		time.Sleep(time.Minute)
		s.set(func() { s.panics = true })
		called(t, r, 1)
		synctest.Wait()
		called(t, r, 1)
		synctest.Wait()
		assert.Equal(t, 2, s.count(), "there is a pause")
		failed := errs.take()
		require.Len(t, failed, 1)
		assert.Equal(t, "refresh", failed[0].Action)
		assert.ErrorContains(t, failed[0], "the source is broken")
		assert.ErrorContains(t, failed[0], "(*source).get")
		s.set(func() { s.panics = false })
		time.Sleep(time.Second)
		called(t, r, 1)
		synctest.Wait()
		called(t, r, 3)
	})
}

// TestWritesDuringARenewalWin: a Delete, Set or Update that ends while a renewal runs is not
// undone by it.
func TestWritesDuringARenewalWin(t *testing.T) {
	inMemory(t, ring.Freshness{StaleWhileRevalidate: time.Hour}, func(t *testing.T, r *ring.Rope, s *source, _ *errorLog) {
		renews := func(write func()) {
			require.NoError(t, r.Set(-1, "a"))
			time.Sleep(time.Minute)
			s.set(func() { s.takes = time.Second })
			called(t, r, -1)
			synctest.Wait()
			s.set(func() { s.takes = 0 })
			write()
			time.Sleep(time.Second)
			synctest.Wait()
		}
		renews(func() { require.NoError(t, r.Delete("a")) })
		value, ok, err := r.Lookup("a")
		require.NoError(t, err)
		assert.False(t, ok, "%v", value)
		renews(func() { require.NoError(t, r.Set(-2, "a")) })
		called(t, r, -2)
		var updated any
		renews(func() { updated, _ = r.Update("a") })
		called(t, r, updated.(int))
	})
}

// TestCacheError: an error is remembered for a while, in the process alone.
func TestCacheError(t *testing.T) {
	f := ring.Freshness{CacheError: ring.CacheErrors(5*time.Second, errSource)}
	inMemory(t, f, func(t *testing.T, r *ring.Rope, s *source, _ *errorLog) {
		s.set(func() { s.err = errSource })
		fails := func(runs int) error {
			t.Helper()
			_, err := r.Call("a")
			require.ErrorIs(t, err, errSource)
			require.Equal(t, runs, s.count())
			return err
		}
		assert.Equal(t, errSource, fails(1), "the function's own error")
		time.Sleep(5*time.Second - 1)
		var remembered *ring.Error
		require.ErrorAs(t, fails(1), &remembered)
		assert.ErrorContains(t, remembered, "an error remembered 5s ago")
		time.Sleep(time.Nanosecond)
		fails(2)
		require.NoError(t, r.Delete("a"))
		fails(3)
		require.NoError(t, r.Set(7, "a"))
		called(t, r, 7)
		require.NoError(t, r.Delete("a"))
		fails(4)
		_, err := r.Update("a")
		assert.ErrorIs(t, err, errSource)
		s.set(func() { s.err = nil })
		value, err := r.Update("a")
		require.NoError(t, err)
		called(t, r, value.(int))

		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		_, err = r.Call(ctx, "b")
		_ = err
		s.set(func() { s.err = context.DeadlineExceeded })
		_, err = r.Call("c")
		assert.ErrorIs(t, err, context.DeadlineExceeded)
		s.set(func() { s.err = nil })
		_, err = r.Call("c")
		assert.NoError(t, err, "the end of a context is not remembered")
	})
}

// TestCallInfo: a call tells what it got.
func TestCallInfo(t *testing.T) {
	f := ring.Freshness{RefreshAhead: 10 * time.Second, StaleWhileRevalidate: time.Minute, StaleIfError: time.Hour, CacheError: ring.CacheErrors(time.Second)}
	inMemory(t, f, func(t *testing.T, r *ring.Rope, s *source, _ *errorLog) {
		info := func(o ring.CallOptions, call func(w *ring.Wire) error) ring.CallInfo {
			t.Helper()
			var i ring.CallInfo
			o.Info = &i
			_ = call(r.With(o))
			key, _ := r.Key("a")
			assert.Equal(t, key, i.Key)
			return i
		}
		get := func(w *ring.Wire) error { _, err := w.Get("a"); return err }
		calls := func(w *ring.Wire) error { _, err := w.Call("a"); return err }
		assert.Equal(t, ring.Missed, info(ring.CallOptions{}, get).Outcome)
		s.set(func() { s.takes = time.Second })
		ran := info(ring.CallOptions{}, calls)
		assert.Equal(t, ring.Ran, ran.Outcome)
		assert.Equal(t, time.Second, ran.Run)
		s.set(func() { s.takes = 0 })
		hit := info(ring.CallOptions{}, calls)
		assert.Equal(t, ring.Hit, hit.Outcome)
		assert.Equal(t, time.Minute, hit.Left)
		assert.Equal(t, ring.Bypassed, info(ring.CallOptions{SkipRead: true}, calls).Outcome)
		time.Sleep(time.Minute + time.Second)
		s.set(func() { s.err = errSource })
		assert.Equal(t, ring.Missed, info(ring.CallOptions{}, get).Outcome)
		assert.Equal(t, ring.Stale, info(ring.CallOptions{AllowStale: true}, get).Outcome)
		stale := info(ring.CallOptions{}, calls)
		assert.Equal(t, ring.Stale, stale.Outcome)
		assert.Equal(t, -time.Second, stale.Left)
		assert.NoError(t, stale.Hidden)
		synctest.Wait()
		assert.ErrorIs(t, info(ring.CallOptions{}, calls).Hidden, errSource)
		assert.Equal(t, ring.Failed, info(ring.CallOptions{NoStale: true}, calls).Outcome)
		time.Sleep(2 * time.Minute)
		spare := info(ring.CallOptions{}, calls)
		assert.Equal(t, ring.Stale, spare.Outcome)
		assert.ErrorIs(t, spare.Hidden, errSource)
		require.NoError(t, r.Delete("a"))
		assert.Equal(t, ring.Failed, info(ring.CallOptions{}, calls).Outcome)
		assert.Equal(t, ring.Negative, info(ring.CallOptions{}, calls).Outcome)
		assert.Equal(t, 4, r.CacheInfo().Stale)
	})
}

// TestExpireOfAValue: its life can come from the value, from within the function, and from
// the call.
func TestExpireOfAValue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var runs atomic.Int64
		fn := func(ctx context.Context, within time.Duration) time.Duration {
			runs.Add(1)
			if within != 0 {
				ring.SetExpire(ctx, within)
			}
			return within
		}
		r := ring.Wrap(fn, ring.Lru{Expire: time.Hour, Options: ring.Options{Freshness: ring.Freshness{
			ExpireFunc: func(value any, p ring.ArgPack) time.Duration {
				assert.Equal(t, value, p.Args[0])
				return time.Minute
			},
		}}})
		left := func(w *ring.Wire, within time.Duration) time.Duration {
			t.Helper()
			_, err := w.Call(within)
			require.NoError(t, err)
			return w.Explain(within).TimeLeft
		}
		assert.Equal(t, time.Minute, left(&r.Wire, 0))
		assert.Equal(t, time.Second, left(&r.Wire, time.Second))
		assert.Equal(t, 2*time.Hour, left(r.With(ring.CallOptions{Expire: 2 * time.Hour}), 2*time.Second))
		_, err := r.Call(ring.DoNotStore)
		require.NoError(t, err)
		has, err := r.Has(ring.DoNotStore)
		require.NoError(t, err)
		assert.False(t, has)
		_, err = r.Call(-7 * time.Second)
		assert.ErrorIs(t, err, ring.ErrArguments)

		plain := ring.Wrap(fn, ring.Lru{Expire: time.Hour})
		assert.Equal(t, time.Hour, left(&plain.Wire, 0))
		assert.Equal(t, time.Second, left(&plain.Wire, time.Second), "without Freshness as well")
		_, err = plain.Update(time.Minute)
		require.NoError(t, err)
		assert.Equal(t, time.Minute, plain.Explain(time.Minute).TimeLeft)
	})
}

// TestJitter: a key always has the same life, none is longer than Expire, and the lives are
// spread evenly.
func TestJitter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const n, classes = 10_000, 20
		fn := func(i int) int { return i }
		o := ring.Options{Freshness: ring.Freshness{Jitter: 0.5}}
		a, b := ring.Wrap(fn, ring.Lru{Expire: time.Hour, MaxSize: n, Options: o}), ring.Wrap(fn, ring.Lru{Expire: time.Hour, MaxSize: n, Options: o})
		var counts [classes]float64
		for i := range n {
			_, _ = a.Call(i)
			_, _ = b.Call(i)
			left := a.Explain(i).TimeLeft
			require.Equal(t, left, b.Explain(i).TimeLeft)
			require.LessOrEqual(t, left, time.Hour)
			require.Greater(t, left, time.Hour/2-1)
			counts[min(int((left-time.Hour/2)*classes/(time.Hour/2)), classes-1)]++
		}
		chi := 0.0
		for _, c := range counts {
			chi += (c - n/classes) * (c - n/classes) / (n / classes)
		}
		assert.Less(t, chi, 43.8, "a chance of 1 to 1000 for an even spread")
	})
}

// TestOptionsOfAContext: a context gives its options to one call, also through the function
// with its own type, and not to the calls that the function makes.
func TestOptionsOfAContext(t *testing.T) {
	var within []bool
	inner := ring.Wrap(func(_ context.Context, i int) int { return i }, ring.Lru{})
	runs := 0
	fn := func(ctx context.Context, i int) (int, error) {
		runs++
		var info ring.CallInfo
		_, _ = inner.With(ring.CallOptions{Info: &info}).Call(ctx, i)
		_, _ = inner.Call(ctx, i)
		within = append(within, info.Outcome == ring.Bypassed)
		return runs, nil
	}
	typed := fn
	r := ring.Decorate2E(&typed, ring.Lru{Options: ring.Options{Freshness: ring.Freshness{RunTimeout: time.Hour}}})
	made, _ := ring.Typed(fn, ring.Lru{})
	for _, call := range []func(ctx context.Context, i int) (int, error){
		typed, made,
		func(ctx context.Context, i int) (int, error) { return as[int](r.Call(ctx, i)) },
		func(ctx context.Context, i int) (int, error) { return as[int](r.WithContext(ctx).Call(i)) },
	} {
		_ = r.Delete(1)
		first, err := call(t.Context(), 1)
		require.NoError(t, err)
		same, err := call(t.Context(), 1)
		require.NoError(t, err)
		assert.Equal(t, first, same)
		var info ring.CallInfo
		forced, err := call(ring.WithCallOptions(t.Context(), ring.CallOptions{SkipRead: true, Info: &info}), 1)
		require.NoError(t, err)
		assert.Greater(t, forced, first)
		assert.Equal(t, ring.Bypassed, info.Outcome)
		same, err = call(t.Context(), 1)
		require.NoError(t, err)
		assert.Equal(t, forced, same)
		assert.NotContains(t, within, true)
	}
}

// as is As for a call that always has a value.
func as[T any](value any, err error) (T, error) {
	result, _, err := ring.As[T](value, err)
	return result, err
}

// TestRunTimeoutNeedsAnError: a function with its own type has to be able to tell it.
func TestRunTimeoutNeedsAnError(t *testing.T) {
	f := func(i int) int { return i }
	lru := ring.Lru{Options: ring.Options{Freshness: ring.Freshness{RunTimeout: time.Second}}}
	for _, typed := range []func(){
		func() { g := f; ring.Decorate1(&g, lru) },
		func() { ring.Typed(f, lru) },
		func() { ring.Func1[int, int](ring.Wrap(f, lru)) },
	} {
		assert.Panics(t, typed)
	}
	_, err := ring.Wrap(f, lru).Call(1)
	assert.NoError(t, err)
}

// TestCallInfoOfAWrongCall: it has failed.
func TestCallInfoOfAWrongCall(t *testing.T) {
	r := ring.Wrap(func(i int) int { return i }, ring.Lru{})
	info := ring.CallInfo{Outcome: ring.Hit}
	_, err := r.With(ring.CallOptions{Info: &info}).Call("text")
	require.ErrorIs(t, err, ring.ErrArguments)
	assert.Equal(t, ring.Failed, info.Outcome)
}
