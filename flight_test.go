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

	"github.com/ring-go/ring"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestOneRunForConcurrentCalls(t *testing.T) {
	forBackends(t, func(t *testing.T, f ring.Factory) {
		g := newGate()
		r := ring.Wrap(g.run, f, ring.Name("f"))
		typed := r.Func().(func(context.Context, int) (int, error))
		calls := []func() (any, error){
			func() (any, error) { return r.Call(7) },
			func() (any, error) { return r.GetOrUpdate(7) },
			func() (any, error) { return typed(context.Background(), 7) },
			func() (any, error) {
				values, err := r.GetOrUpdateMany(ring.Args{7}, ring.Args{7})
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
	forBackends(t, func(t *testing.T, f ring.Factory) {
		g := newGate()
		r := ring.Wrap(g.run, f, ring.Name("f"))
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

func TestErrorsAreSharedButNotCached(t *testing.T) {
	forBackends(t, func(t *testing.T, f ring.Factory) {
		broken := errors.New("broken")
		release := make(chan struct{})
		var runs atomic.Int32
		r := ring.Wrap(func(n int) (string, error) {
			runs.Add(1)
			<-release
			return "", broken
		}, f, ring.Name("f"))
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
	forBackends(t, func(t *testing.T, f ring.Factory) {
		release := make(chan struct{})
		var runs atomic.Int32
		value := errors.New("out of luck")
		r := ring.Wrap(func(n int) int {
			runs.Add(1)
			<-release
			panic(value)
		}, f, ring.Name("f"))
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
						r.GetOrUpdateMany(ring.Args{1})
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
	forBackends(t, func(t *testing.T, f ring.Factory) {
		release := make(chan struct{})
		var runs atomic.Int32
		r := ring.Wrap(func(n int) int {
			<-release
			if runs.Add(1) == 1 {
				runtime.Goexit()
			}
			return 5
		}, f, ring.Name("f"))
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

func TestOverlappingBulkCallsRunOnce(t *testing.T) {
	for name, factory := range backends() {
		t.Run(name, func(t *testing.T) {
			var runs [16]atomic.Int32
			r := ring.Wrap(func(n int) int {
				runs[n].Add(1)
				runtime.Gosched()
				return n * n
			}, factory, ring.Name("f"))
			var wg sync.WaitGroup
			for g := range 64 {
				wg.Go(func() {
					var list []any
					for i := range 16 {
						list = append(list, ring.Args{(i*(2*g+1) + g) % 16})
					}
					values, err := r.GetOrUpdateMany(list...)
					assert.NoError(t, err)
					for i, v := range values {
						n := list[i].(ring.Args)[0].(int)
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

// TestManyWritersAndReaders: whatever runs at the same time, a value belongs to its
// key, and nothing is left.
func TestManyWritersAndReaders(t *testing.T) {
	for name, factory := range backends() {
		t.Run(name, func(t *testing.T) {
			r := ring.Wrap(func(n int) int { return n * 10 }, factory, ring.Name("f"))
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
							values, err := r.GetOrUpdateMany(ring.Args{n}, ring.Args{7 - n})
							assert.NoError(t, err)
							assert.Equal(t, []any{n * 10, (7 - n) * 10}, values)
						case 4:
							assert.NoError(t, r.SetMany([]any{ring.Args{n}, ring.Args{7 - n}}, []any{n * 10, (7 - n) * 10}))
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

// TestTuplesAreTheCallersOwn: every caller has its own tuple, also the leader, whose
// tuple the waiters copy.
func TestTuplesAreTheCallersOwn(t *testing.T) {
	for range 200 {
		release := make(chan struct{})
		r := ring.Wrap(func(n int) (string, int) { <-release; return "value", n }, ring.Dict{})
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				v, err := r.Call(1)
				assert.NoError(t, err)
				assert.Equal(t, ring.Tuple{"value", 1}, v)
				v.(ring.Tuple)[0] = "changed"
			})
		}
		close(release)
		wg.Wait()
	}
	for range 200 { // the leader is a bulk call
		release := make(chan struct{})
		r := ring.Wrap(func(n int) (string, int) { <-release; return "value", n }, ring.Dict{})
		var wg sync.WaitGroup
		for range 3 {
			wg.Go(func() {
				values, err := r.GetOrUpdateMany(ring.Args{1})
				assert.NoError(t, err)
				assert.Equal(t, ring.Tuple{"value", 1}, values[0])
				values[0].(ring.Tuple)[0] = "changed"
			})
		}
		close(release)
		wg.Wait()
		assert.Equal(t, ring.Tuple{"value", 1}, must(r.Get(1)))
	}
	r := ring.Wrap(func(n int) (string, int) { return "value", n }, ring.Dict{})
	for _, many := range []func(...any) ([]any, error){r.GetOrUpdateMany, r.UpdateMany} {
		values, err := many(ring.Args{1}, ring.Args{1})
		require.NoError(t, err)
		values[0].(ring.Tuple)[0] = "changed"
		assert.Equal(t, ring.Tuple{"value", 1}, values[1])
	}
}

func TestWaitersOfAFailureHaveNoHit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		r := ring.Wrap(func(n int) (int, error) { <-release; return 0, errors.New("broken") }, ring.Dict{})
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

// TestColdKey: a thousand callers of one cold key get the value of one run as soon as it
// ends, and leave nothing behind.
func TestColdKey(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var ended time.Time
		runs := 0
		slow := ring.Wrap(func(n int) int {
			runs++
			time.Sleep(time.Second)
			ended = time.Now()
			return n
		}, ring.Lru{})
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
		assert.Equal(t, ring.CacheInfo{Hits: 999, Misses: 1, MaxSize: 128, CurrSize: 1}, slow.CacheInfo())
		idle(t, slow)
	})
}
