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
	"github.com/ring-go/ring/lrucache"
)

// farAway is a storage outside of memory, as far as a rope can tell, in a bubble.
type farAway struct {
	mu      sync.Mutex
	entries map[string]ring.Entry
	before  func() // of a look-up; nil: nothing
}

func (s *farAway) GetValue(ctx context.Context, key string) (any, error) {
	a, err := s.GetAged(ctx, key)
	return a.Value, err
}

func (s *farAway) GetAged(_ context.Context, key string) (ring.Aged, error) {
	s.mu.Lock()
	before := s.before
	s.mu.Unlock()
	if before != nil {
		before()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	e, ok := s.entries[key]
	left := time.Until(e.ExpireAt)
	if !ok || left <= 0 {
		return ring.Aged{}, ring.ErrNotFound
	}
	return ring.Aged{Value: e.Value, Left: left}, nil
}

func (s *farAway) GetManyAged(ctx context.Context, keys []string) ([]ring.Aged, error) {
	all := make([]ring.Aged, len(keys))
	for i, key := range keys {
		a, err := s.GetAged(ctx, key)
		if err != nil {
			a.Value = err
		}
		all[i] = a
	}
	return all, nil
}

func (s *farAway) SetValue(_ context.Context, key string, value any, expire time.Duration) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.entries == nil {
		s.entries = map[string]ring.Entry{}
	}
	s.entries[key] = ring.Entry{Value: value, ExpireAt: time.Now().Add(expire)}
	return nil
}

func (s *farAway) DeleteValue(_ context.Context, key string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.entries, key)
	return nil
}

// hook makes before run before the next look-ups.
func (s *farAway) hook(before func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.before = before
}

func (s *farAway) factory(expire time.Duration, o ring.Options) ring.Factory {
	return ring.BaseFactory{StorageBackend: s, KeyPrefix: "far", Expire: expire, Options: o,
		StorageClass: func(any) (ring.Storage, error) { return s, nil }}
}

// TestRecursionWithinALimit: a function that calls itself with a partial key, and has no
// context, does not wait for itself where RunTimeout gives it a goroutine of its own.
func TestRecursionWithinALimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var r *ring.Rope
		r = ring.Wrap(func(n, depth int) (int, error) {
			if depth == 0 {
				return n, nil
			}
			v, err := as[int](r.Call(n, depth-1))
			return v + 1, err
		}, ring.Lru{Expire: time.Minute, Options: ring.Options{IgnorableKeys: []string{"depth"}, Freshness: ring.Freshness{
			RunTimeout: time.Hour, StaleIfError: time.Hour,
		}}}, ring.Signature("n, depth"))
		start := time.Now()
		for i := range 3 {
			v, err := as[int](r.Call(10, 3))
			require.NoError(t, err)
			assert.Equal(t, 13, v)
			assert.Equal(t, time.Duration(i)*time.Minute, time.Since(start))
			time.Sleep(time.Minute)
		}
	})
}

// TestRopesThatCallEachOther: within the run of one rope, another one over the same key does
// not wait for it, whatever way the run came about.
func TestRopesThatCallEachOther(t *testing.T) {
	for name, f := range map[string]ring.Freshness{
		"in front": {StaleIfError: time.Hour}, "limited": {StaleIfError: time.Hour, RunTimeout: time.Hour},
		"behind": {StaleWhileRevalidate: time.Hour}, "softly": {StaleWhileRevalidate: time.Hour, SoftTimeout: time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				cache := lrucache.New(10)
				var outer, inner *ring.Rope
				runs := 0
				factory := func(f ring.Freshness) ring.Factory {
					return ring.Lru{Lru: cache, KeyPrefix: "p", Expire: time.Minute, Options: ring.Options{Freshness: f}}
				}
				inner = ring.Wrap(func(n int) (int, error) { runs++; return n * runs, nil }, factory(f))
				outer = ring.Wrap(func(n int) (int, error) { return as[int](inner.With(ring.CallOptions{NoStale: true}).Call(n)) }, factory(f))
				start := time.Now()
				for i := range 3 {
					_, err := outer.Call(1)
					require.NoError(t, err)
					synctest.Wait()
					assert.Equal(t, time.Duration(i)*time.Minute, time.Since(start), "nobody waits")
					assert.Equal(t, i+1, runs)
					time.Sleep(time.Minute)
				}
			})
		})
	}
}

// TestRenewalThatEndsItsGoroutine: it has failed, so that there is a pause.
func TestRenewalThatEndsItsGoroutine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		runs, errs := 0, &errorLog{}
		r := ring.Wrap(func(int) int {
			if runs++; runs > 1 {
				runtime.Goexit()
			}
			return runs
		}, ring.Lru{Expire: time.Minute, Options: ring.Options{OnError: errs.add, Freshness: ring.Freshness{StaleWhileRevalidate: time.Hour}}})
		_, _ = r.Call(1)
		time.Sleep(time.Minute)
		for range 10 {
			v, err := r.Call(1)
			require.NoError(t, err)
			assert.Equal(t, 1, v)
			synctest.Wait()
		}
		assert.Equal(t, 2, runs)
		failed := errs.take()
		require.Len(t, failed, 1)
		assert.ErrorContains(t, failed[0], "ended the goroutine")
	})
}

// TestRunLongerThanStorageTimeout: who waits for a run that renews a value takes it for no
// look-up of a slow storage.
func TestRunLongerThanStorageTimeout(t *testing.T) {
	for _, open := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			s, far := &source{}, &farAway{}
			r := ring.Wrap(s.get, far.factory(time.Minute, ring.Options{FailOpen: open, StorageTimeout: 10 * time.Millisecond,
				Freshness: ring.Freshness{StaleIfError: time.Hour}}))
			called(t, r, 1)
			time.Sleep(time.Minute)
			s.set(func() { s.takes = time.Second })
			var wg sync.WaitGroup
			for range 10 {
				wg.Go(func() { called(t, r, 2) })
			}
			wg.Wait()
			assert.Equal(t, 2, s.count())
		})
	}
}

// TestRenewalBesideARopeWithoutFreshness: a rope over the same values that knows nothing of
// renewals finds the value, and does not wait for the run.
func TestRenewalBesideARopeWithoutFreshness(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, far := &source{}, &farAway{}
		r := ring.Wrap(s.get, far.factory(time.Minute, ring.Options{Freshness: ring.Freshness{StaleWhileRevalidate: time.Hour}}))
		plain := ring.Wrap(s.get, far.factory(time.Minute, ring.Options{}))
		limited := ring.Wrap(s.get, far.factory(time.Minute, ring.Options{Freshness: ring.Freshness{RunTimeout: time.Hour}}))
		typed := plain.Func().(func(context.Context, string) (int, error))
		called(t, r, 1)
		time.Sleep(time.Minute)
		s.set(func() { s.takes = time.Second })
		called(t, r, 1)
		synctest.Wait()
		start := time.Now()
		called(t, plain, 1)
		called(t, limited, 1)
		v, err := typed(t.Context(), "a")
		require.NoError(t, err)
		assert.Equal(t, 1, v)
		assert.Equal(t, start, time.Now())
		time.Sleep(time.Second)
		synctest.Wait()
		called(t, plain, 2)
	})
}

// hookedContext calls a function when it is asked for a value the next time.
type hookedContext struct {
	context.Context
	hook *atomic.Pointer[func()]
}

func (c hookedContext) Value(key any) any {
	if hook := c.hook.Swap(nil); hook != nil {
		(*hook)()
	}
	return c.Context.Value(key)
}

// TestRenewalBehindALookUp: a call that has to run the function, and finds that another one
// is just looking for the value, does not take what that finds for a new value.
func TestRenewalBehindALookUp(t *testing.T) {
	for name, f := range map[string]ring.Freshness{
		"spare":  {StaleIfError: time.Hour},
		"softly": {StaleIfError: time.Hour, SoftTimeout: time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s, far := &source{}, &farAway{}
				r := ring.Wrap(s.get, far.factory(time.Minute, ring.Options{Freshness: f}))
				called(t, r, 1)
				time.Sleep(time.Minute)
				var wg sync.WaitGroup
				gate := make(chan struct{})
				var hook atomic.Pointer[func()]
				between := func() { // after its look-up
					far.hook(func() { <-gate })
					wg.Go(func() { called(t, r, 2) })
					wg.Go(func() { synctest.Wait(); close(gate) })
				}
				far.hook(func() { far.hook(nil); hook.Store(&between) })
				value, err := r.Call(hookedContext{t.Context(), &hook}, "a")
				require.NoError(t, err)
				assert.Equal(t, 2, value)
				wg.Wait()
				assert.Equal(t, 2, s.count())
			})
		})
	}
}

// TestOutcomeOfASecondLook: a call that finds a new value at the second look got a fresh one.
func TestOutcomeOfASecondLook(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, far := &source{}, &farAway{}
		r := ring.Wrap(s.get, far.factory(time.Minute, ring.Options{Freshness: ring.Freshness{StaleIfError: time.Hour}}))
		called(t, r, 1)
		time.Sleep(time.Minute)
		var hook atomic.Pointer[func()]
		between := func() { assert.NoError(t, r.Set(9, "a")) }
		far.hook(func() { far.hook(nil); hook.Store(&between) })
		var info ring.CallInfo
		value, err := r.With(ring.CallOptions{Info: &info}).Call(hookedContext{t.Context(), &hook}, "a")
		require.NoError(t, err)
		assert.Equal(t, 9, value)
		assert.Equal(t, ring.Hit, info.Outcome)
		assert.Equal(t, time.Minute, info.Left)
		assert.Equal(t, []int{1, 1, 0}, []int{r.CacheInfo().Hits, r.CacheInfo().Misses, r.CacheInfo().Stale})
	})
}

// TestSkipWriteAndTheOldValue: a call that stores nothing runs the function, or gets the old
// value, by the same rules.
func TestSkipWriteAndTheOldValue(t *testing.T) {
	f := ring.Freshness{StaleIfError: time.Hour, CacheError: ring.CacheErrors(time.Second)}
	inMemory(t, f, func(t *testing.T, r *ring.Rope, s *source, errs *errorLog) {
		var info ring.CallInfo
		skips := func(o ring.CallOptions) (any, error) {
			o.SkipWrite, o.Info = true, &info
			return r.With(o).Call("a")
		}
		called(t, r, 1)
		time.Sleep(time.Minute)
		value, err := skips(ring.CallOptions{})
		require.NoError(t, err)
		assert.Equal(t, 2, value)
		assert.Equal(t, ring.Bypassed, info.Outcome)
		assert.Zero(t, info.Left)
		assert.Zero(t, r.CacheInfo().Stale)
		s.set(func() { s.err = errSource })
		_, err = skips(ring.CallOptions{NoStale: true})
		assert.Equal(t, errSource, err)
		assert.Equal(t, ring.Failed, info.Outcome)
		assert.Zero(t, r.CacheInfo().Stale)
		assert.Len(t, errs.take(), 1)
		value, err = skips(ring.CallOptions{})
		require.NoError(t, err)
		assert.Equal(t, 1, value)
		assert.Equal(t, 3, s.count(), "there is a pause")
		assert.ErrorIs(t, info.Hidden, errSource)
		assert.Equal(t, ring.Stale, info.Outcome)
		require.NoError(t, r.Delete("a"))
		_, err = skips(ring.CallOptions{})
		assert.Equal(t, errSource, err)
		_, err = skips(ring.CallOptions{})
		assert.ErrorIs(t, err, errSource)
		assert.Equal(t, ring.Negative, info.Outcome)
		assert.Equal(t, 4, s.count(), "the error is remembered")
	})
}

// TestBulkFailures: a failure in a bulk call counts once, and only if it is the function's.
func TestBulkFailures(t *testing.T) {
	inMemory(t, ring.Freshness{StaleIfError: time.Hour}, func(t *testing.T, r *ring.Rope, s *source, errs *errorLog) {
		called(t, r, 1)
		time.Sleep(time.Minute)
		many := func(w *ring.Wire) []any {
			t.Helper()
			values, err := w.GetOrUpdateMany(ring.Args{"a"}, ring.Args{"a"})
			require.NoError(t, err)
			return values
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		assert.Equal(t, []any{1, 1}, many(r.WithContext(ctx)))
		assert.Empty(t, errs.take(), "the caller has gone, which says nothing about the function")
		s.set(func() { s.err = errSource })
		assert.Equal(t, []any{1, 1}, many(&r.Wire))
		assert.Len(t, errs.take(), 1)
		time.Sleep(time.Second)
		runs := s.count()
		assert.Equal(t, []any{1, 1}, many(&r.Wire))
		assert.Equal(t, runs+1, s.count(), "the pause was a second")
	})
}

// TestSecondLookOfABulkCall: a write to another key is no reason to take an old value for a new
// one.
func TestSecondLookOfABulkCall(t *testing.T) {
	inMemory(t, ring.Freshness{StaleIfError: time.Hour}, func(t *testing.T, r *ring.Rope, s *source, _ *errorLog) {
		calls := []any{ring.Args{"a"}, ring.Args{"b"}}
		_, err := r.GetOrUpdateMany(calls...)
		require.NoError(t, err)
		time.Sleep(time.Minute)
		s.set(func() { s.takes = time.Second })
		go func() {
			time.Sleep(time.Second / 2)
			assert.NoError(t, r.Set(7, "c"))
		}()
		values, err := r.GetOrUpdateMany(calls...)
		require.NoError(t, err)
		assert.Equal(t, []any{3, 4}, values)
	})
}

// TestArgumentsOfABulkCall: a renewal behind does not read what belongs to the caller.
func TestArgumentsOfABulkCall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &source{}
		r := ring.Wrap(s.get, ring.Lru{Expire: time.Minute, Options: ring.Options{Freshness: ring.Freshness{StaleWhileRevalidate: time.Hour}}},
			ring.Signature("name"))
		args, kwargs := ring.Args{"a"}, ring.Kwargs{"name": "b"}
		call := func() {
			_, err := r.GetOrUpdateMany(args)
			require.NoError(t, err)
			_, err = r.Call(kwargs)
			require.NoError(t, err)
		}
		call()
		time.Sleep(time.Minute)
		call()
		args[0], kwargs["name"] = 1, 1 // of the wrong type
		synctest.Wait()
		assert.Equal(t, 4, s.count())
		for _, name := range []string{"a", "b"} {
			_, ok, err := r.Lookup(name)
			require.NoError(t, err)
			assert.True(t, ok, name)
		}
	})
}

// TestMarkStaleDuringARun: what a run has read before MarkStale is not fresh.
func TestMarkStaleDuringARun(t *testing.T) {
	inMemory(t, ring.Freshness{StaleWhileRevalidate: time.Hour}, func(t *testing.T, r *ring.Rope, s *source, _ *errorLog) {
		called(t, r, 1)
		require.NoError(t, r.MarkStale("a"))
		s.set(func() { s.takes = time.Second })
		called(t, r, 1)
		synctest.Wait()
		require.NoError(t, r.MarkStale("a"))
		time.Sleep(time.Second)
		synctest.Wait()
		assert.Equal(t, 2, s.count())
		called(t, r, 1)
		time.Sleep(time.Second)
		synctest.Wait()
		called(t, r, 3)
	})
}

// TestDeleteWhileAnErrorIsJudged: an error of a run that began before the Delete is
// forgotten.
func TestDeleteWhileAnErrorIsJudged(t *testing.T) {
	var r *ring.Rope
	runs := 0
	r = ring.Wrap(func(int) (int, error) { runs++; return 0, errSource }, ring.Lru{Options: ring.Options{Freshness: ring.Freshness{
		CacheError: func(error) time.Duration { assert.NoError(t, r.Delete(1)); return time.Hour },
	}}})
	for range 2 {
		_, err := r.Call(1)
		assert.Equal(t, errSource, err)
	}
	assert.Equal(t, 2, runs)
}

// TestPlacesAreFreeAgain: when a call has got the value of its renewal, the place of that is
// free.
func TestPlacesAreFreeAgain(t *testing.T) {
	s := &source{}
	r := ring.Wrap(s.get, ring.Lru{Expire: time.Hour, MaxSize: ring.Unbounded, Options: ring.Options{Freshness: ring.Freshness{
		StaleWhileRevalidate: time.Hour, SoftTimeout: time.Hour, MaxRefreshes: 1,
	}}})
	for range 2000 {
		called(t, r, s.count()+1)
		require.NoError(t, r.MarkStale("a"))
	}
}

// TestOptionsReachNoFunction: the function does not see the options of its call.
func TestOptionsReachNoFunction(t *testing.T) {
	inner := ring.Wrap(func(_ context.Context, i int) int { return i }, ring.Lru{})
	fn := func(ctx context.Context, i int) (bool, error) {
		before := inner.CacheInfo().CurrSize
		_, err := inner.Call(ctx, i)
		return inner.CacheInfo().CurrSize == before, err // true: the options of the outer call counted
	}
	r := ring.Wrap(fn, ring.Lru{})
	for i, call := range []func(ctx context.Context, i int) (any, error){
		func(ctx context.Context, i int) (any, error) { return r.Call(ctx, i) },
		func(ctx context.Context, i int) (any, error) { return r.Update(ctx, i) },
		func(ctx context.Context, i int) (any, error) { return r.Execute(ctx, i) },
		func(ctx context.Context, i int) (any, error) { return r.WithContext(ctx).Execute(i) },
		func(ctx context.Context, i int) (any, error) { return first(r.GetOrUpdateMany(ring.Args{ctx, i})) },
		func(ctx context.Context, i int) (any, error) { return first(r.UpdateMany(ring.Args{ctx, i})) },
		func(ctx context.Context, i int) (any, error) { return first(r.ExecuteMany(ring.Args{ctx, i})) },
		func(ctx context.Context, i int) (any, error) {
			return r.Func().(func(context.Context, int) (bool, error))(ctx, i)
		},
	} {
		saw, err := call(ring.WithCallOptions(t.Context(), ring.CallOptions{SkipWrite: true}), i)
		require.NoError(t, err)
		assert.Equal(t, false, saw, "%d", i)
	}
}

func first(values []any, err error) (any, error) {
	if len(values) == 0 {
		return nil, err
	}
	return values[0], err
}

// TestSkipReadWithoutAStorage: a rope that works without its storage does so for such a call,
// too.
func TestSkipReadWithoutAStorage(t *testing.T) {
	broken := errors.New("the server is down")
	errs := &errorLog{}
	r := ring.Wrap(func(i int) (int, error) { return i, nil }, ring.BaseFactory{
		StorageClass: func(any) (ring.Storage, error) { return &failingStorage{remote{&sync.Map{}}, broken}, nil },
		KeyPrefix:    "p", Options: ring.Options{FailOpen: true, OnError: errs.add},
	})
	value, err := r.Call(7)
	require.NoError(t, err)
	assert.Equal(t, 7, value)
	errs.take()
	value, err = r.With(ring.CallOptions{SkipRead: true}).Call(7)
	require.NoError(t, err)
	assert.Equal(t, 7, value)
	assert.Len(t, errs.take(), 1)
}
