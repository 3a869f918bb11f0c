package ring_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ring-go/ring"
	"github.com/ring-go/ring/diskcache"
	"github.com/ring-go/ring/internal/testserver"
	"github.com/ring-go/ring/shelve"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// traced keeps what a Trace is told.
type traced struct {
	mu     sync.Mutex
	runs   []string
	calls  []string
	events []string
}

type tracedKey struct{}

func (l *traced) add(to *[]string, format string, args ...any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	*to = append(*to, fmt.Sprintf(format, args...))
}

func (l *traced) take(from *[]string) []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	all := *from
	*from = nil
	return all
}

func (l *traced) trace() *ring.Trace {
	return &ring.Trace{
		Run: func(ctx context.Context, r ring.RunInfo) (context.Context, func(ring.RunResult)) {
			behind := ""
			if r.Behind {
				behind = " behind"
			}
			l.add(&l.runs, "%s %q by %v%s for %d", r.Rope.Config().Name, r.Key, r.Trigger, behind, r.Elements)
			return context.WithValue(ctx, tracedKey{}, "traced"), func(result ring.RunResult) {
				l.add(&l.runs, "%q took %v: %v %v, %d waiting", r.Key, result.Took, result.Err, result.Panicked, result.Waiting)
			}
		},
		Call: func(_ context.Context, c ring.CallInfo) {
			l.add(&l.calls, "%s %q %v", c.Rope.Config().Name, c.Key, c.Outcome)
		},
		Event: func(_ context.Context, e ring.Event) {
			l.add(&l.events, "%v %s %q %v", e.Kind, e.Rope.Config().Name, e.Key, e.Err)
		},
	}
}

var errTraced = errors.New("failed")

// TestTraceRuns: each run is told, with why and for what, and how it ends.
func TestTraceRuns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var l traced
		r := ring.Wrap(func(ctx context.Context, n int) (int, error) {
			assert.Equal(t, "traced", ctx.Value(tracedKey{}), "the hook's context")
			time.Sleep(time.Second)
			switch n {
			case 1:
				return 0, errTraced
			case 2:
				panic(n)
			case 3:
				runtime.Goexit()
			}
			return n, nil
		}, ring.Lru{Expire: time.Minute, Options: ring.Options{
			Freshness: ring.Freshness{RefreshAhead: 10 * time.Second}, Trace: l.trace(),
		}}, ring.Name("f"), ring.Signature("n"))
		typed := ring.Func2E[context.Context, int, int](r)
		forms := []struct {
			call func()
			want []string
		}{
			{func() { _, _ = r.Call(5) }, []string{`f "f:5" by miss for 1`, `"f:5" took 1s: <nil> false, 0 waiting`}},
			{func() { _, _ = typed(t.Context(), 6) }, []string{`f "f:6" by miss for 1`, `"f:6" took 1s: <nil> false, 0 waiting`}},
			{func() { _, _ = r.Call(ring.Kwargs{"n": 7}) }, []string{`f "f:7" by miss for 1`, `"f:7" took 1s: <nil> false, 0 waiting`}},
			{func() { _, _ = r.Call(5) }, nil},
			{func() { _, _ = r.Update(5) }, []string{`f "f:5" by update for 1`, `"f:5" took 1s: <nil> false, 0 waiting`}},
			{func() { _, _ = r.Update(ring.Kwargs{"n": 5}) }, []string{`f "f:5" by update for 1`, `"f:5" took 1s: <nil> false, 0 waiting`}},
			{func() { _, _ = r.Execute(5) }, []string{`f "" by execute for 1`, `"" took 1s: <nil> false, 0 waiting`}},
			{func() { _, _ = r.With(ring.CallOptions{SkipRead: true}).Call(5) }, []string{`f "f:5" by update for 1`, `"f:5" took 1s: <nil> false, 0 waiting`}},
			{func() { _, _ = r.Warm(t.Context(), slices.Values([]any{ring.Args{8}}), 1) }, []string{`f "f:8" by warm for 1`, `"f:8" took 1s: <nil> false, 0 waiting`}},
			{func() { _, _ = r.GetOrUpdateMany(ring.Args{5}, ring.Args{9}, ring.Args{9}) }, []string{`f "f:9" by miss for 1`, `"f:9" took 1s: <nil> false, 0 waiting`}},
			{func() { _, _ = r.Call(1) }, []string{`f "f:1" by miss for 1`, `"f:1" took 1s: failed false, 0 waiting`}},
			{func() { assert.Panics(t, func() { _, _ = r.Call(2) }) }, []string{`f "f:2" by miss for 1`, `"f:2" took 1s: <nil> true, 0 waiting`}},
			{func() {
				var gone sync.WaitGroup
				gone.Go(func() { _, _ = r.Call(3) })
				gone.Wait()
			}, []string{`f "f:3" by miss for 1`, `"f:3" took 1s: <nil> true, 0 waiting`}},
		}
		for i, form := range forms {
			form.call()
			assert.Equal(t, form.want, l.take(&l.runs), "form %d", i)
		}

		var all sync.WaitGroup
		for range 3 {
			all.Go(func() { _, _ = r.Call(4) })
		}
		all.Wait()
		assert.Equal(t, []string{`f "f:4" by miss for 1`, `"f:4" took 1s: <nil> false, 2 waiting`}, l.take(&l.runs))

		time.Sleep(50 * time.Second)
		_, _ = r.Call(4)
		time.Sleep(time.Second)
		synctest.Wait()
		assert.Equal(t, []string{`f "f:4" by refresh behind for 1`, `"f:4" took 1s: <nil> false, 0 waiting`}, l.take(&l.runs))
	})
}

// TestTraceBatch: a run for several elements is one run.
func TestTraceBatch(t *testing.T) {
	var l traced
	f := func(_ context.Context, ns []int) (map[int]int, error) {
		found := map[int]int{}
		for _, n := range ns {
			found[n] = n
		}
		return found, nil
	}
	r := ring.Wrap(f, ring.Lru{Options: ring.Options{Trace: l.trace()}}, ring.Batch(ring.BatchOptions{MaxSize: 3}), ring.Name("f"))
	_, err := r.GetOrUpdateMany(ring.Args{1}, ring.Args{2}, ring.Args{3}, ring.Args{4}, ring.Args{1})
	require.NoError(t, err)
	_, err = r.Call(5)
	require.NoError(t, err)
	runs := l.take(&l.runs)
	require.Len(t, runs, 6)
	assert.Equal(t, []string{`f "" by miss for 3`, `f "" by miss for 1`, `f "" by miss for 1`}, []string{runs[0], runs[2], runs[4]})
	s := r.Stats()
	assert.Equal(t, [4]uint64{3, 3, 5, 6}, [4]uint64{s.Runs, s.Batches, s.BatchElements, s.Calls()})
	assert.Equal(t, []string{`f "f:1" ran`, `f "f:2" ran`, `f "f:3" ran`, `f "f:4" ran`, `f "f:1" shared`, `f "f:5" ran`}, l.take(&l.calls))
}

// TestTraceBatchTriggers: a run of a Batch tells why it runs, also if it was gathered.
func TestTraceBatchTriggers(t *testing.T) {
	for _, wait := range []time.Duration{0, time.Millisecond} {
		synctest.Test(t, func(t *testing.T) {
			var l traced
			r := ring.Wrap(func(_ context.Context, ns []int) ([]int, error) { return ns, nil }, ring.Lru{Expire: time.Minute, Options: ring.Options{
				Freshness: ring.Freshness{RefreshAhead: 30 * time.Second, Verify: 1, MaxRefreshes: 1}, Trace: &ring.Trace{Run: l.trace().Run},
			}}, ring.Batch(ring.BatchOptions{MaxWait: wait}), ring.Name("f"))
			for _, form := range []struct {
				call func()
				want string
			}{
				{func() { _, _ = r.Call(1) }, `f "" by miss for 1`},
				{func() { _, _ = r.Update(1) }, `f "" by update for 1`},
				{func() { _, _ = r.Execute(1) }, `f "" by execute for 1`},
				{func() { _, _ = r.Warm(t.Context(), slices.Values([]any{ring.Args{2}}), 1) }, `f "" by warm for 1`},
				{func() { _, _ = r.Call(1) }, `f "" by verify behind for 1`},
				{func() { time.Sleep(45 * time.Second); _, _ = r.Call(1) }, `f "" by refresh behind for 1`},
				{func() { _, _ = r.Update(9) }, `f "" by update for 1`},
			} {
				form.call()
				time.Sleep(time.Second)
				synctest.Wait()
				assert.Equal(t, form.want, l.take(&l.runs)[0], "MaxWait %v", wait)
			}
			_, _ = r.Warm(t.Context(), slices.Values([]any{ring.Args{9}}), 1)
			time.Sleep(time.Second)
			synctest.Wait()
			assert.Empty(t, l.take(&l.runs), "Verify is not for the hits of Warm")
		})
	}
}

// TestTraceEvents: what happens beside the results of calls.
func TestTraceEvents(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var l traced
		fails := errors.New("down")
		store := map[string]any{}
		r := ring.Wrap(func(_ context.Context, n int) (int, error) {
			if n == 1 && len(store) > 0 {
				return 0, fails
			}
			time.Sleep(time.Second)
			return n, nil
		}, ring.Dict{Obj: store, Expire: time.Minute, Coder: "json", Options: ring.Options{
			Trace: l.trace(), OnError: func(context.Context, *ring.Error) {},
			Freshness: ring.Freshness{RefreshAhead: 30 * time.Second, StaleIfError: time.Hour, MaxRefreshes: 1, RunTimeout: 10 * time.Second},
		}}, ring.Name("f"))
		for _, n := range []int{1, 2, 3} {
			_, err := r.Call(n)
			require.NoError(t, err)
		}
		time.Sleep(40 * time.Second)
		_, _ = r.Call(2) // is renewed
		_, _ = r.Call(3) // is not: there is one already
		synctest.Wait()
		assert.Equal(t, []string{`refresh dropped f "f:3" as many renewals run as may, or none may any more`}, l.take(&l.events))
		time.Sleep(2 * time.Second)
		_, _ = r.Call(1)
		synctest.Wait()
		assert.Equal(t, []string{`refresh failed f "f:1" down`}, l.take(&l.events))
		s := r.Stats()
		assert.Equal(t, [3]uint64{2, 1, 1}, [3]uint64{s.Refreshes, s.RefreshErrors, s.RefreshesDropped})

		all := r.Events()
		require.Len(t, all, 2)
		assert.Equal(t, ring.RefreshFailed, all[0].Kind, "the newest first")
		assert.Same(t, r, all[0].Rope)
		assert.Equal(t, "f:1", all[0].Key)
		assert.Equal(t, time.Now(), all[0].Time)
	})
}

// TestUndecodable: an entry that is no result is told, once.
func TestUndecodable(t *testing.T) {
	var l traced
	store := map[string]any{"f:1": "{"}
	r := ring.Wrap(func(n int) int { return n }, ring.Dict{Obj: store, Coder: "json", Options: ring.Options{
		Trace: l.trace(), OnError: func(context.Context, *ring.Error) {},
	}}, ring.Name("f"))
	_, err := r.Call(1)
	require.NoError(t, err)
	events := l.take(&l.events)
	require.NotEmpty(t, events)
	for _, e := range events {
		assert.Contains(t, e, `undecodable f "f:1"`)
	}
	assert.Equal(t, uint64(len(events)), r.Stats().DecodeErrors)
}

// TestLastEvents: a rope keeps the last 32.
func TestLastEvents(t *testing.T) {
	r := ring.Wrap(func(n int) int { return n }, ring.BaseFactory{
		StorageClass: func(any) (ring.Storage, error) { return brokenStorage{}, nil }, KeyPrefix: "f",
		Options: ring.Options{FailOpen: true, OnError: func(context.Context, *ring.Error) {}},
	})
	for n := range 40 {
		_, err := r.Get(n)
		require.Error(t, err)
	}
	all := r.Events()
	require.Len(t, all, 32)
	for i, e := range all {
		assert.Equal(t, fmt.Sprintf("f:%d", 39-i), e.Key)
		assert.Equal(t, ring.StorageFailed, e.Kind)
		assert.ErrorIs(t, e.Err, errBroken)
	}
	assert.Equal(t, uint64(40), r.Stats().StorageErrors)
	assert.Equal(t, uint64(40), r.Stats().Errors)
}

var errBroken = errors.New("broken")

// brokenStorage always fails.
type brokenStorage struct{}

func (brokenStorage) GetValue(context.Context, string) (any, error)              { return nil, errBroken }
func (brokenStorage) SetValue(context.Context, string, any, time.Duration) error { return errBroken }
func (brokenStorage) DeleteValue(context.Context, string) error                  { return errBroken }

// TestLastEventsOfEachKind: one kind that comes all the time does not push out another.
func TestLastEventsOfEachKind(t *testing.T) {
	s := &failsBy{remote: &remote{&sync.Map{}}}
	s.m.Store("f:0", "{")
	r := ring.Wrap(func(n int) int { return n }, ring.BaseFactory{
		StorageClass: func(any) (ring.Storage, error) { return s, nil }, KeyPrefix: "f", Coder: "json",
	})
	_, err := r.Get(0)
	require.ErrorIs(t, err, ring.ErrCoder)
	s.reads = errBroken
	for n := range 100 {
		_, err := r.Get(n)
		require.ErrorIs(t, err, errBroken)
	}
	all := r.Events()
	require.Len(t, all, 32)
	assert.Equal(t, "f:99", all[0].Key)
	assert.Equal(t, "f:69", all[30].Key)
	assert.Equal(t, ring.Undecodable, all[31].Kind)
}

// TestHooksThatPanic: neither the call nor those that wait lose anything, and the panic is
// reported.
func TestHooksThatPanic(t *testing.T) {
	forBackends(t, func(t *testing.T, f ring.Factory) {
		var mu sync.Mutex
		var reported []string
		boom := &ring.Trace{
			Run: func(_ context.Context, r ring.RunInfo) (context.Context, func(ring.RunResult)) {
				if r.Key == "gate:1" {
					panic("before")
				}
				return nil, func(ring.RunResult) { panic("after") }
			},
			Call:  func(context.Context, ring.CallInfo) { panic("call") },
			Event: func(context.Context, ring.Event) { panic("event") },
		}
		report := func(_ context.Context, err *ring.Error) {
			mu.Lock()
			defer mu.Unlock()
			reported = append(reported, err.Action+" "+err.Key)
		}
		g := newGate()
		r := ring.Wrap(g.run, optioned(f, func(o *ring.Options) { o.Trace, o.OnError = boom, report }), ring.Name("gate"))
		for _, n := range []int{1, 2} {
			var all sync.WaitGroup
			for range 3 {
				all.Go(func() {
					v, err := r.Call(n)
					assert.NoError(t, err)
					assert.Equal(t, n*100+n, v)
				})
			}
			synctest.Wait()
			assert.EqualValues(t, n, g.runs.Load(), "one run")
			g.release <- struct{}{}
			all.Wait()
		}
		assert.Equal(t, uint64(6), r.Stats().Calls())
		assert.Len(t, reported, 8, "%v", reported) // one for each run and call
		idle(t, r)
	})
}

// TestTraces: runs and their ends are nested, and nil is left out.
func TestTraces(t *testing.T) {
	var told []string
	one := func(name string) *ring.Trace {
		return &ring.Trace{
			Run: func(ctx context.Context, _ ring.RunInfo) (context.Context, func(ring.RunResult)) {
				outer, _ := ctx.Value(tracedKey{}).(string)
				told = append(told, "run "+outer+name)
				return context.WithValue(ctx, tracedKey{}, outer+name), func(ring.RunResult) { told = append(told, "end "+name) }
			},
			Call: func(context.Context, ring.CallInfo) { told = append(told, "call "+name) },
		}
	}
	r := ring.Wrap(func(ctx context.Context, n int) int {
		told = append(told, "function "+ctx.Value(tracedKey{}).(string))
		return n
	}, ring.Lru{Options: ring.Options{Trace: ring.Traces(one("a"), nil, &ring.Trace{}, one("b"))}})
	_, err := r.Call(1)
	require.NoError(t, err)
	assert.Equal(t, []string{"run a", "run ab", "function ab", "end b", "end a", "call a", "call b"}, told)
	assert.Equal(t, ring.Trace{}, *ring.Traces())
}

// TestTraceKeepsRecursion: a hook that returns a context of its own does not hide from a run that
// it calls itself.
func TestTraceKeepsRecursion(t *testing.T) {
	var r *ring.Rope
	r = ring.Wrap(func(ctx context.Context, n int) (int, error) {
		_, err := r.Call(ctx, n)
		return 0, err
	}, ring.Dict{Options: ring.Options{Trace: &ring.Trace{
		Run: func(context.Context, ring.RunInfo) (context.Context, func(ring.RunResult)) {
			return context.Background(), nil
		},
	}}})
	_, err := r.Call(1)
	assert.ErrorIs(t, err, ring.ErrRecursion)
}

// TestVerify: hits are checked behind, and what differs is told.
func TestVerify(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var l traced
		offset := 0
		r := ring.Wrap(func(_ context.Context, n int) ([]int, error) {
			time.Sleep(time.Second)
			if n == 3 {
				return nil, errTraced
			}
			return []int{n + offset}, nil
		}, ring.Lru{Coder: "json", Options: ring.Options{Freshness: ring.Freshness{Verify: 1}, Trace: &ring.Trace{
			Event: l.trace().Event, Run: l.trace().Run,
		}}}, ring.Name("f"))
		call := func(n int) any {
			began := time.Now()
			v, err := r.Call(n)
			require.NoError(t, err)
			if r.Stats().Hits > 0 {
				assert.Equal(t, began, time.Now(), "a hit does not wait")
			}
			return v
		}
		call(1)
		l.take(&l.runs)
		call(1)
		time.Sleep(2 * time.Second)
		assert.Equal(t, []string{`f "f:1" by verify behind for 1`, `"f:1" took 1s: <nil> false, 0 waiting`}, l.take(&l.runs))
		s := r.Stats()
		assert.Equal(t, [3]uint64{1, 0, 2}, [3]uint64{s.Verified, s.Differed, s.Calls()})
		assert.Empty(t, l.take(&l.events))

		offset = 10
		v := call(1).([]int)
		v[0] = 77 // the caller's own
		time.Sleep(2 * time.Second)
		s = r.Stats()
		assert.Equal(t, [2]uint64{2, 1}, [2]uint64{s.Verified, s.Differed})
		assert.Equal(t, []string{`differed f "f:1" <nil>`}, l.take(&l.events))
		assert.Equal(t, []int{1}, call(1), "it is not stored")
		time.Sleep(2 * time.Second)

		// What is written meanwhile is no difference.
		call(1)
		synctest.Wait()
		require.NoError(t, r.Set([]int{5}, 1))
		time.Sleep(2 * time.Second)
		assert.Equal(t, uint64(3), r.Stats().Verified)

		// Nor is a failure.
		require.NoError(t, r.Set([]int{3}, 3))
		call(3)
		time.Sleep(2 * time.Second)
		assert.Equal(t, uint64(3), r.Stats().Verified)

		_, err := r.GetOrUpdateMany(ring.Args{1}, ring.Args{1})
		require.NoError(t, err)
		time.Sleep(2 * time.Second)
		assert.Equal(t, uint64(5), r.Stats().Verified)
	})
}

// TestVerifyOnDisk: a value that comes back from a storage in another type is no difference, and
// another value is one.
func TestVerifyOnDisk(t *testing.T) {
	disk, err := diskcache.Open(t.TempDir(), nil)
	require.NoError(t, err)
	defer func() { assert.NoError(t, disk.Close()) }()
	shelf, err := shelve.Open(t.TempDir()+"/shelf", nil)
	require.NoError(t, err)
	defer func() { assert.NoError(t, shelf.Close()) }()
	options := ring.Options{Freshness: ring.Freshness{Verify: 1}}
	for name, factory := range map[string]ring.Factory{
		"diskcache": ring.DiskCache{Obj: disk, Options: options},
		"shelve":    ring.Shelve{Shelf: shelf, Options: options},
	} {
		var offset atomic.Int64
		day := time.Date(2026, 1, 2, 3, 4, 5, 0, time.FixedZone("", 3600))
		for kind, f := range map[string]any{
			"any":     func(int) any { return int8(offset.Load()) },
			"time":    func(int) time.Time { return day.Add(time.Duration(offset.Load()) * time.Second) },
			"list":    func(int) []any { return []any{1, "a", float32(2), []int8{1}, offset.Load()} },
			"tuple":   func(int) (any, *int, error) { n := int(offset.Load()); return []int{n}, &n, nil },
			"struct":  func(int) struct{ A, B any } { return struct{ A, B any }{day, offset.Load()} },
			"nothing": func(int) {},
		} {
			t.Run(name+", "+kind, func(t *testing.T) {
				offset.Store(1)
				r, err := ring.New(f, factory, ring.Name(kind))
				require.NoError(t, err)
				called := func() (verified, differed uint64) {
					_, err := r.Call(1)
					require.NoError(t, err)
					require.Eventually(t, func() bool { return r.Stats().Refreshing == 0 }, time.Minute, time.Millisecond)
					return r.Stats().Verified, r.Stats().Differed
				}
				called()
				verified, differed := called()
				assert.Equal(t, [2]uint64{1, 0}, [2]uint64{verified, differed}, "%v", r.Events())
				offset.Store(2)
				if _, differed = called(); kind != "nothing" {
					assert.EqualValues(t, 1, differed)
				}
			})
		}
	}
}

// TestVerifyNoBytes: a storage of bytes gives none back for nil, which is no difference.
func TestVerifyNoBytes(t *testing.T) {
	rdb := redisClient(t, testserver.Redis(t))
	r := ring.Wrap(func(int) []byte { return nil }, ring.Redis{
		Client: rdb, KeyPrefix: "nobytes", Expire: time.Minute, Options: ring.Options{Freshness: ring.Freshness{Verify: 1}},
	})
	for range 2 {
		_, err := r.Call(1)
		require.NoError(t, err)
	}
	require.Eventually(t, func() bool { return r.Stats().Refreshing == 0 }, time.Minute, time.Millisecond)
	assert.EqualValues(t, 1, r.Stats().Verified)
	assert.Zero(t, r.Stats().Differed)
}

// TestVerifyIsBounded: no more runs than MaxRefreshes, whatever the hits.
func TestVerifyIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGate()
		r := ring.Wrap(g.run, ring.Dict{Options: ring.Options{Freshness: ring.Freshness{Verify: 1, MaxRefreshes: 2}}})
		require.NoError(t, r.Set(100, 1))
		for range 100 {
			v, err := r.Call(1)
			require.NoError(t, err)
			assert.Equal(t, 100, v)
		}
		synctest.Wait()
		assert.EqualValues(t, 2, g.runs.Load())
		assert.Equal(t, int64(2), r.Stats().Refreshing)
		close(g.release)
		synctest.Wait()
		s := r.Stats()
		assert.Equal(t, [3]uint64{2, 2, 100}, [3]uint64{s.Verified, s.Differed, s.Hits})
	})
}

// TestVerifySome: the part of the hits that is asked for.
func TestVerifySome(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := ring.Wrap(func(n int) int { return n }, ring.Lru{Options: ring.Options{Freshness: ring.Freshness{Verify: 0.25}}})
		for range 4001 {
			_, err := r.Call(1)
			require.NoError(t, err)
			synctest.Wait()
		}
		verified := float64(r.Stats().Verified)
		assert.InDelta(t, 1000, verified, 200, "7 standard deviations")
		assert.Zero(t, r.Stats().Differed)
	})
}

// TestVerifyRefused: a part that is none.
func TestVerifyRefused(t *testing.T) {
	for _, part := range []float64{-0.1, 1.1} {
		_, err := ring.New(func(n int) int { return n }, ring.Lru{Options: ring.Options{Freshness: ring.Freshness{Verify: part}}})
		assert.ErrorContains(t, err, "is no part from 0 to 1: to check one hit of a thousand write 0.001")
	}
}
