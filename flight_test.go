package ring

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// gate is a function that waits inside until it is let go.
type gate struct {
	runs    atomic.Int32
	release chan struct{}
}

func newGate() *gate { return &gate{release: make(chan struct{})} }

func (g *gate) run(ctx context.Context, n int) (int, error) {
	run := g.runs.Add(1)
	select {
	case <-g.release:
		return n*100 + int(run), nil
	case <-ctx.Done():
		return 0, ctx.Err()
	}
}

// backends are the factories over which flights are tried: one with a short way for
// hits, one without, and one that is not in memory.
func backends() map[string]Factory {
	return map[string]Factory{
		"lru":    Lru{},
		"dict":   Dict{},
		"remote": BaseFactory{StorageBackend: &sync.Map{}, StorageClass: newRemote},
	}
}

// remote is a storage that is not in memory.
type remote struct{ m *sync.Map }

func newRemote(backend any) (Storage, error) { return &remote{backend.(*sync.Map)}, nil }

func (r *remote) GetValue(_ context.Context, key string) (any, error) {
	v, ok := r.m.Load(key)
	if !ok {
		return nil, ErrNotFound
	}
	return v, nil
}

func (r *remote) SetValue(ctx context.Context, key string, value any, _ time.Duration) error {
	r.m.Store(key, value)
	return ctx.Err()
}

func (r *remote) DeleteValue(_ context.Context, key string) error {
	r.m.Delete(key)
	return nil
}

func forBackends(t *testing.T, test func(t *testing.T, f Factory)) {
	for name, factory := range backends() {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { test(t, factory) })
		})
	}
}

// idle tells that nothing of a flight is left.
func idle(t *testing.T, r *Rope) {
	t.Helper()
	r.storage.Flights.Mu.Lock()
	defer r.storage.Flights.Mu.Unlock()
	assert.Empty(t, r.storage.Flights.Keys)
}

func TestOneRunForConcurrentCalls(t *testing.T) {
	forBackends(t, func(t *testing.T, f Factory) {
		g := newGate()
		r := Wrap(g.run, f, Name("f"))
		typed := r.Func().(func(context.Context, int) (int, error))
		calls := []func() (any, error){
			func() (any, error) { return r.Call(7) },
			func() (any, error) { return r.GetOrUpdate(7) },
			func() (any, error) { return typed(context.Background(), 7) },
			func() (any, error) {
				values, err := r.GetOrUpdateMany(Args{7}, Args{7})
				assert.Equal(t, values[0], values[1])
				return values[0], err
			},
		}
		var wg sync.WaitGroup
		for i := range 100 {
			wg.Go(func() {
				v, err := calls[i%len(calls)]()
				assert.NoError(t, err)
				assert.Equal(t, 701, v)
			})
		}
		synctest.Wait()
		close(g.release)
		wg.Wait()
		assert.EqualValues(t, 1, g.runs.Load())
		info := r.CacheInfo()
		assert.Equal(t, 1, info.Misses)
		assert.Equal(t, 124, info.Hits) // 75 single calls and 25 of two elements
		idle(t, r)
	})
}

func TestDifferentKeysDoNotWait(t *testing.T) {
	forBackends(t, func(t *testing.T, f Factory) {
		g := newGate()
		r := Wrap(g.run, f, Name("f"))
		for n := range 5 {
			go r.Call(n)
		}
		synctest.Wait()
		assert.EqualValues(t, 5, g.runs.Load())
		close(g.release)
		synctest.Wait()
		idle(t, r)
	})
}

func TestWaiterLeavesOnItsOwnContext(t *testing.T) {
	forBackends(t, func(t *testing.T, f Factory) {
		g := newGate()
		r := Wrap(g.run, f, Name("f"))
		go r.Call(1)
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		defer cancel()
		start := time.Now()
		_, err := r.Call(ctx, 1)
		assert.ErrorIs(t, err, context.DeadlineExceeded)
		assert.ErrorContains(t, err, "ring: get_or_update f")
		assert.Equal(t, 50*time.Millisecond, time.Since(start))

		_, err = r.WithContext(ctx).GetOrUpdateMany(Args{1})
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
	forBackends(t, func(t *testing.T, f Factory) {
		g := newGate()
		r := Wrap(g.run, f, Name("f"))
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
	r := Wrap(func(ctx context.Context, n int) (string, error) {
		return fmt.Sprint(ctx.Value(userKey{}), n), nil
	}, Lru{})
	ctx := context.WithValue(t.Context(), userKey{}, "ann")
	v, err := r.Call(ctx, 1)
	require.NoError(t, err)
	assert.Equal(t, "ann1", v)
	v, err = r.WithContext(ctx).Call(2)
	require.NoError(t, err)
	assert.Equal(t, "ann2", v)
	values, err := r.GetOrUpdateMany(Args{ctx, 3}, Args{4})
	require.NoError(t, err)
	assert.Equal(t, []any{"ann3", "<nil> 4"}, values)
}

func TestErrorsAreSharedButNotCached(t *testing.T) {
	forBackends(t, func(t *testing.T, f Factory) {
		broken := errors.New("broken")
		release := make(chan struct{})
		var runs atomic.Int32
		r := Wrap(func(n int) (string, error) {
			runs.Add(1)
			<-release
			return "", broken
		}, f, Name("f"))
		var wg sync.WaitGroup
		for range 10 {
			wg.Go(func() {
				_, err := r.Call(1)
				assert.Same(t, broken, err, "the function's own error comes as it is")
			})
		}
		synctest.Wait()
		close(release)
		wg.Wait()
		assert.EqualValues(t, 1, runs.Load())
		_, err := r.Call(1)
		assert.Same(t, broken, err)
		assert.EqualValues(t, 2, runs.Load())
		has, err := r.Has(1)
		assert.NoError(t, err)
		assert.False(t, has)
		idle(t, r)
	})
}

func catch(f func()) (panicked any) {
	defer func() { panicked = recover() }()
	f()
	return nil
}

func TestPanicReleasesEveryone(t *testing.T) {
	forBackends(t, func(t *testing.T, f Factory) {
		release := make(chan struct{})
		var runs atomic.Int32
		value := errors.New("out of luck")
		r := Wrap(func(n int) int {
			runs.Add(1)
			<-release
			panic(value)
		}, f, Name("f"))
		typed := r.Func().(func(int) int)
		var wg sync.WaitGroup
		for i := range 12 {
			wg.Go(func() {
				assert.Same(t, value, catch(func() {
					switch i % 3 {
					case 0:
						r.Call(1)
					case 1:
						typed(1)
					case 2:
						r.GetOrUpdateMany(Args{1})
					}
				}))
			})
		}
		synctest.Wait()
		close(release)
		wg.Wait()
		assert.EqualValues(t, 1, runs.Load())
		has, err := r.Has(1)
		assert.NoError(t, err)
		assert.False(t, has)
		idle(t, r)
	})
}

func TestGoexitReleasesEveryone(t *testing.T) {
	forBackends(t, func(t *testing.T, f Factory) {
		release := make(chan struct{})
		var runs atomic.Int32
		r := Wrap(func(n int) int {
			<-release
			if runs.Add(1) == 1 {
				runtime.Goexit()
			}
			return 5
		}, f, Name("f"))
		var wg sync.WaitGroup
		var answers atomic.Int32
		for range 10 {
			wg.Go(func() {
				v, err := r.Call(1)
				assert.NoError(t, err)
				assert.Equal(t, 5, v)
				answers.Add(1)
			})
		}
		synctest.Wait()
		close(release)
		wg.Wait()
		assert.EqualValues(t, 9, answers.Load(), "all but the one whose goroutine ended")
		assert.EqualValues(t, 2, runs.Load())
		idle(t, r)
	})
}

// TestWritesWinOverARunningFlight: storing the result of a run does not undo what was
// written meanwhile, and later callers see it.
func TestWritesWinOverARunningFlight(t *testing.T) {
	forBackends(t, func(t *testing.T, f Factory) {
		for name, tt := range map[string]struct {
			write func(r *Rope) error
			want  any // what is cached then; nil: nothing
		}{
			"delete":         {func(r *Rope) error { return r.Delete(1) }, nil},
			"set":            {func(r *Rope) error { return r.Set(5, 1) }, 5},
			"set_many":       {func(r *Rope) error { return r.SetMany([]any{Args{2}, Args{1}}, []any{6, 5}) }, 5},
			"delete_many":    {func(r *Rope) error { return r.DeleteMany(Args{1}, Args{1}) }, nil},
			"storage.delete": {func(r *Rope) error { return r.Storage().Delete(t.Context(), must(r.Key(1))) }, nil},
		} {
			for _, bulk := range []bool{false, true} {
				g := newGate()
				r := Wrap(g.run, f, Name("f"+name+strconv.FormatBool(bulk)))
				running := make(chan any, 1)
				go func() {
					if bulk {
						values, err := r.GetOrUpdateMany(Args{1})
						assert.NoError(t, err)
						running <- values[0]
						return
					}
					v, err := r.Call(1)
					assert.NoError(t, err)
					running <- v
				}()
				synctest.Wait()
				require.NoError(t, tt.write(r), name)
				if tt.want != nil {
					v, err := r.Call(1) // does not wait for the old flight
					require.NoError(t, err)
					assert.Equal(t, tt.want, v, name)
				}
				close(g.release)
				assert.Equal(t, 101, <-running, "who waited gets the flight's value")
				synctest.Wait()
				v, ok, err := r.Lookup(1)
				require.NoError(t, err)
				assert.Equal(t, tt.want != nil, ok, name)
				assert.Equal(t, tt.want, v, name)
				idle(t, r)
			}
		}
	})
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// TestUpdateWinsOverARunningFlight: update joins no flight and runs always.
func TestUpdateWinsOverARunningFlight(t *testing.T) {
	forBackends(t, func(t *testing.T, f Factory) {
		first, second := make(chan struct{}), make(chan struct{})
		var runs atomic.Int32
		r := Wrap(func(n int) int {
			if runs.Add(1) == 1 {
				<-first
				return 1
			}
			<-second
			return 2
		}, f, Name("f"))
		call, update := make(chan any, 1), make(chan any, 1)
		go func() { call <- must(r.Call(0)) }()
		synctest.Wait()
		go func() { update <- must(r.Update(0)) }()
		synctest.Wait()
		close(second)
		assert.Equal(t, 2, <-update)
		close(first)
		assert.Equal(t, 1, <-call)
		assert.Equal(t, 2, must(r.Get(0)))
		idle(t, r)
	})
}

func TestRecursionThroughTheContext(t *testing.T) {
	forBackends(t, func(t *testing.T, f Factory) {
		var r *Rope
		r = Wrap(func(ctx context.Context, n int) (int, error) {
			v, err := r.Call(ctx, n/2)
			if err != nil {
				return 0, err
			}
			return v.(int) + 1, nil
		}, f, Name("f"))
		_, err := r.Call(8) // 8, 4, 2, 1, 0, 0
		assert.ErrorIs(t, err, ErrRecursion)
		_, err = r.GetOrUpdateMany(Args{4}, Args{0})
		assert.ErrorIs(t, err, ErrRecursion)
		idle(t, r)
	})
}

// TestFlightsThatWaitForEachOther: two ropes whose functions call each other, each
// begun by its own goroutine, would wait forever.
func TestFlightsThatWaitForEachOther(t *testing.T) {
	forBackends(t, func(t *testing.T, f Factory) {
		var a, b *Rope
		both := make(chan struct{})
		var started atomic.Int32
		call := func(other **Rope) func(context.Context, int) (int, error) {
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
		a = Wrap(call(&b), f, Name("a"))
		b = Wrap(call(&a), f, Name("b"))
		errs := make(chan error, 2)
		go func() { _, err := a.Call(1); errs <- err }()
		go func() { _, err := b.Call(1); errs <- err }()
		assert.ErrorIs(t, <-errs, ErrRecursion)
		assert.ErrorIs(t, <-errs, ErrRecursion)
		idle(t, a)
		idle(t, b)
	})
}

func TestDeepRecursionIsNoCycle(t *testing.T) {
	for _, f := range backends() {
		var r *Rope
		runs := 0
		r = Wrap(func(ctx context.Context, n int) (int, error) {
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
		}, f, Name("fib"))
		values, err := r.GetOrUpdateMany(Args{60}, Args{40}, Args{50})
		require.NoError(t, err)
		assert.Equal(t, []any{1548008755920, 102334155, 12586269025}, values)
		assert.Equal(t, 61, runs)
		idle(t, r)
	}
}

// TestBulkElementsNeedEachOther: the run of one element calls the next one, without
// a context that could tell.
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
		r := Decorate(&fib, factory, Name("fib"))
		values, err := r.GetOrUpdateMany(Args{30}, Args{29}, Args{1}, Args{30})
		require.NoError(t, err)
		assert.Equal(t, []any{832040, 514229, 1, 832040}, values)
		assert.Equal(t, 31, runs)
		idle(t, r)
	}
}

func TestOverlappingBulkCallsRunOnce(t *testing.T) {
	for name, factory := range backends() {
		t.Run(name, func(t *testing.T) {
			var runs [16]atomic.Int32
			r := Wrap(func(n int) int {
				runs[n].Add(1)
				runtime.Gosched()
				return n * n
			}, factory, Name("f"))
			var wg sync.WaitGroup
			for g := range 64 {
				wg.Go(func() {
					var list []any
					for i := range 16 {
						list = append(list, Args{(i*(2*g+1) + g) % 16})
					}
					values, err := r.GetOrUpdateMany(list...)
					assert.NoError(t, err)
					for i, v := range values {
						n := list[i].(Args)[0].(int)
						assert.Equal(t, n*n, v)
					}
				})
			}
			wg.Wait()
			for n := range runs {
				assert.EqualValues(t, 1, runs[n].Load(), "runs of %d", n)
			}
			idle(t, r)
		})
	}
}

// TestManyWritersAndReaders: whatever happens at once, a value belongs to its key,
// and nothing is left.
func TestManyWritersAndReaders(t *testing.T) {
	for name, factory := range backends() {
		t.Run(name, func(t *testing.T) {
			r := Wrap(func(n int) int { return n * 10 }, factory, Name("f"))
			var wg sync.WaitGroup
			for g := range 32 {
				wg.Go(func() {
					for i := range 100 {
						n := (i * g) % 8
						switch (i + g) % 6 {
						case 0:
							assert.NoError(t, r.Delete(n))
						case 1:
							assert.NoError(t, r.Set(n*10, n))
						case 2:
							v, err := r.Update(n)
							assert.NoError(t, err)
							assert.Equal(t, n*10, v)
						case 3:
							values, err := r.GetOrUpdateMany(Args{n}, Args{7 - n})
							assert.NoError(t, err)
							assert.Equal(t, []any{n * 10, (7 - n) * 10}, values)
						case 4:
							assert.NoError(t, r.SetMany([]any{Args{n}, Args{7 - n}}, []any{n * 10, (7 - n) * 10}))
						default:
							v, err := r.Call(n)
							assert.NoError(t, err)
							assert.Equal(t, n*10, v)
						}
					}
				})
			}
			wg.Wait()
			idle(t, r)
		})
	}
}

// slow is a storage whose writes wait to be let go.
type slow struct {
	remote
	release chan struct{}
	order   []string
	mu      sync.Mutex
}

func (s *slow) SetValue(ctx context.Context, key string, value any, expire time.Duration) error {
	select {
	case <-s.release:
	case <-ctx.Done():
		return ctx.Err()
	}
	s.mu.Lock()
	s.order = append(s.order, key)
	s.mu.Unlock()
	return s.remote.SetValue(ctx, key, value, expire)
}

func TestWriterLeavesOnItsOwnContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &slow{remote: remote{&sync.Map{}}, release: make(chan struct{})}
		r := Wrap(strconv.Itoa, BaseFactory{StorageClass: func(any) (Storage, error) { return s, nil }})
		go r.Set("first", 1)
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		assert.ErrorIs(t, r.WithContext(ctx).Set("second", 1), context.DeadlineExceeded)
		assert.ErrorIs(t, r.WithContext(ctx).SetMany([]any{Args{2}, Args{1}}, []any{"x", "y"}), context.DeadlineExceeded)
		assert.NoError(t, r.WithContext(t.Context()).Delete(3), "another key is free")
		close(s.release)
		synctest.Wait()
		assert.Equal(t, "first", must(r.Get(1)))
		assert.Equal(t, []string{"strconv.Itoa:1"}, s.order)
		idle(t, r)
	})
}

// TestStoreWaitsForAWriter: a run that ends while another call writes its key waits for
// that write, and then stores nothing.
func TestStoreWaitsForAWriter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &slow{remote: remote{&sync.Map{}}, release: make(chan struct{})}
		g := newGate()
		r := Wrap(g.run, BaseFactory{StorageClass: func(any) (Storage, error) { return s, nil }}, Name("f"))
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		patient, hasty := make(chan any, 1), make(chan error, 1)
		go func() { patient <- must(r.Call(1)) }()
		synctest.Wait()
		go func() { _, err := r.WithContext(ctx).Call(2); hasty <- err }()
		synctest.Wait()
		go func() { assert.NoError(t, r.Set(5, 1)) }()
		go func() { assert.NoError(t, r.Set(6, 2)) }()
		synctest.Wait()
		close(g.release)
		assert.ErrorIs(t, <-hasty, context.DeadlineExceeded)
		assert.Empty(t, patient, "the write has not ended")
		close(s.release)
		assert.Equal(t, 101, <-patient)
		synctest.Wait()
		assert.Equal(t, 5, must(r.Get(1)))
		assert.Equal(t, 6, must(r.Get(2)))
		assert.Len(t, s.order, 2)
		idle(t, r)
	})
}

func TestValueThatCannotBeStoredIsReturned(t *testing.T) {
	broken := errors.New("disk full")
	failing := func(any) (Storage, error) { return &failingStorage{remote{&sync.Map{}}, broken}, nil }
	r := Wrap(strconv.Itoa, BaseFactory{StorageClass: failing})
	for _, call := range []func(...any) (any, error){r.Call, r.Update, r.GetOrUpdate} {
		v, err := call(7)
		assert.ErrorIs(t, err, broken)
		assert.EqualError(t, err, slices.DeleteFunc([]string{
			`ring: get_or_update strconv.Itoa "strconv.Itoa:7": disk full`,
			`ring: update strconv.Itoa "strconv.Itoa:7": disk full`,
		}, func(s string) bool { return s != err.Error() })[0])
		assert.Equal(t, "7", v)
	}
	values, err := r.GetOrUpdateMany(Args{1}, Args{2})
	assert.ErrorIs(t, err, broken)
	assert.Equal(t, []any{"1", "2"}, values)
	values, err = r.UpdateMany(Args{1}, Args{2})
	assert.ErrorIs(t, err, broken)
	assert.Equal(t, []any{"1", "2"}, values)
	idle(t, r)
}

type failingStorage struct {
	remote
	err error
}

func (f *failingStorage) SetValue(context.Context, string, any, time.Duration) error { return f.err }

// TestTuplesAreTheCallersOwn: also the leader's, which the waiters copy.
func TestTuplesAreTheCallersOwn(t *testing.T) {
	for range 200 {
		release := make(chan struct{})
		r := Wrap(func(n int) (string, int) { <-release; return "value", n }, Dict{})
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				v, err := r.Call(1)
				assert.NoError(t, err)
				assert.Equal(t, Tuple{"value", 1}, v)
				v.(Tuple)[0] = "changed"
			})
		}
		close(release)
		wg.Wait()
	}
	for range 200 { // the leader is a bulk call
		release := make(chan struct{})
		r := Wrap(func(n int) (string, int) { <-release; return "value", n }, Dict{})
		var wg sync.WaitGroup
		for range 3 {
			wg.Go(func() {
				values, err := r.GetOrUpdateMany(Args{1})
				assert.NoError(t, err)
				assert.Equal(t, Tuple{"value", 1}, values[0])
				values[0].(Tuple)[0] = "changed"
			})
		}
		close(release)
		wg.Wait()
		assert.Equal(t, Tuple{"value", 1}, must(r.Get(1)))
	}
	r := Wrap(func(n int) (string, int) { return "value", n }, Dict{})
	for _, many := range []func(...any) ([]any, error){r.GetOrUpdateMany, r.UpdateMany} {
		values, err := many(Args{1}, Args{1})
		require.NoError(t, err)
		values[0].(Tuple)[0] = "changed"
		assert.Equal(t, Tuple{"value", 1}, values[1])
	}
}

// TestParallelCallsWithinARun: a run that waits for several flights at once, one of
// which waits for it.
func TestParallelCallsWithinARun(t *testing.T) {
	forBackends(t, func(t *testing.T, f Factory) {
		var r *Rope
		inside := make(chan struct{})
		quick := make(chan struct{})
		r = Wrap(func(ctx context.Context, name string) (string, error) {
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
		}, f, Name("f"))
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
			if err := <-errs; errors.Is(err, ErrRecursion) {
				recursions++
			}
		}
		assert.NotZero(t, recursions)
		idle(t, r)
	})
}

// synctestWait lets the others in the bubble go on until they wait.
func synctestWait() { time.Sleep(time.Millisecond) }

// TestWaitersBehindWaiters: a run within a run waits for another flight, which waits
// for the outer one.
func TestWaitersBehindWaiters(t *testing.T) {
	forBackends(t, func(t *testing.T, f Factory) {
		var r *Rope
		started := make(chan struct{})
		r = Wrap(func(ctx context.Context, name string) (string, error) {
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
		}, f, Name("f"))
		errs := make(chan error, 2)
		go func() { _, err := r.Call("x"); errs <- err }()
		synctest.Wait()
		go func() { _, err := r.Call("a"); errs <- err }()
		assert.ErrorIs(t, <-errs, ErrRecursion)
		<-errs
		idle(t, r)
	})
}

// TestOneOfTwoWaitersLeaves: the run still waits, through the other one.
func TestOneOfTwoWaitersLeaves(t *testing.T) {
	forBackends(t, func(t *testing.T, f Factory) {
		var r *Rope
		left := make(chan struct{})
		r = Wrap(func(ctx context.Context, name string) (string, error) {
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
		}, f, Name("f"))
		errs := make(chan error, 2)
		go func() { _, err := r.Call("x"); errs <- err }()
		synctest.Wait()
		go func() { _, err := r.Call("a"); errs <- err }()
		assert.ErrorIs(t, <-errs, ErrRecursion)
		<-errs
		idle(t, r)
	})
}

// TestRecursionThroughABulkElement: the context is among the element's arguments.
func TestRecursionThroughABulkElement(t *testing.T) {
	forBackends(t, func(t *testing.T, f Factory) {
		var r *Rope
		r = Wrap(func(ctx context.Context, n int) (int, error) {
			_, err := r.GetOrUpdateMany(Args{ctx, n})
			return n, err
		}, f, Name("f"))
		_, err := r.Call(1)
		assert.ErrorIs(t, err, ErrRecursion)
		idle(t, r)

		// An element waits no longer than its own context.
		g := newGate()
		gated := Wrap(g.run, f, Name("g"))
		go gated.Call(1)
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		start := time.Now()
		_, err = gated.GetOrUpdateMany(Args{ctx, 1})
		assert.ErrorIs(t, err, context.DeadlineExceeded)
		assert.Equal(t, time.Second, time.Since(start))
		close(g.release)
		synctest.Wait()
		idle(t, gated)
	})
}

// TestContextOfABulkElement: when it ends, only that element fails.
func TestContextOfABulkElement(t *testing.T) {
	forBackends(t, func(t *testing.T, f Factory) {
		g := newGate()
		r := Wrap(g.run, f, Name("f"))
		ctx, cancel := context.WithCancel(t.Context())
		var wg sync.WaitGroup
		wg.Go(func() {
			values, err := r.GetOrUpdateMany(Args{ctx, 1}, Args{1}, Args{2})
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

func TestWaitersOfAFailureHaveNoHit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		r := Wrap(func(n int) (int, error) { <-release; return 0, errors.New("broken") }, Dict{})
		for range 10 {
			go r.Call(1)
		}
		synctest.Wait()
		close(release)
		synctest.Wait()
		assert.Equal(t, 0, r.CacheInfo().Hits)
		assert.Equal(t, 10, r.CacheInfo().Misses)
	})
}

// TestRecursionFromOnError: what is reported within a run can call the function.
func TestRecursionFromOnError(t *testing.T) {
	var r *Rope
	var inner error
	dict := map[string]any{"f:1": "not an int"}
	r = Wrap(func(ctx context.Context, n int) (int, error) { return n, nil }, Dict{Obj: dict, KeyPrefix: "f", Options: Options{
		OnError: func(ctx context.Context, err *Error) { _, inner = r.Call(ctx, 1) },
	}})
	v, err := r.Call(1)
	require.NoError(t, err)
	assert.Equal(t, 1, v)
	assert.ErrorIs(t, inner, ErrRecursion)
}

// TestColdKey: a thousand callers of one cold key get the value of one run as soon as it
// ends, and leave nothing behind.
func TestColdKey(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var ended time.Time
		runs := 0
		slow := Wrap(func(n int) int {
			runs++
			time.Sleep(time.Second)
			ended = time.Now()
			return n
		}, Lru{})
		var wg sync.WaitGroup
		for range 1000 {
			wg.Go(func() {
				value, err := slow.Call(7)
				assert.NoError(t, err)
				assert.Equal(t, 7, value)
				assert.Zero(t, time.Since(ended))
			})
		}
		wg.Wait()
		assert.Equal(t, 1, runs)
		assert.Equal(t, CacheInfo{Hits: 999, Misses: 1, MaxSize: 128, CurrSize: 1}, slow.CacheInfo())
		assert.Empty(t, slow.storage.Flights.Keys)
	})
}
