package ring

import (
	"context"
	"fmt"
	"math/rand/v2"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ring-go/ring/lrucache"
)

// TestRingChangedWhileCallsRun: the race detector watches; a call that begins after the change has the
// new key and a value that goes through the new coder.
func TestRingChangedWhileCallsRun(t *testing.T) {
	for range 200 {
		cache := lrucache.NewSharded(Unbounded, 1<<rand.IntN(4))
		r := Wrap(func(n int) int { return n }, Lru{Lru: cache, KeyPrefix: "f", Options: quietly()})
		var stop atomic.Bool
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				for i := 0; !stop.Load(); i++ {
					n := i % 5
					v, err := r.Call(n)
					assert.NoError(t, err)
					assert.Equal(t, n, v)
					_ = r.Set(n, n)
					_, _ = r.Get(n)
					_, _ = r.GetMany(Args{n}, Args{n + 1})
					vs, err := r.GetOrUpdateMany(Args{n}, Args{n + 1})
					assert.NoError(t, err)
					assert.Equal(t, []any{n, n + 1}, vs)
					_ = r.SetMany([]any{Args{n}}, []any{n})
					_ = r.Delete(n)
					v, err = r.Scalars().Call(n)
					assert.NoError(t, err)
					assert.Equal(t, n, v)
					_, _ = r.Update(n)
					_ = r.CacheInfo()
				}
			})
		}
		runtime.Gosched()
		require.NoError(t, r.Ring().Encode(func(n int) any { return fmt.Sprint(n) }))
		require.NoError(t, r.Ring().Decode(func(s any) (int, error) {
			var n int
			_, err := fmt.Sscan(fmt.Sprint(s), &n)
			return n, err
		}))
		require.NoError(t, r.Ring().Key(func(n int) string { return fmt.Sprint("new", n) }))
		_, err := r.Call(77)
		require.NoError(t, err)
		v, ok := cache.Get("new77")
		require.True(t, ok)
		require.Equal(t, "77", v)
		stop.Store(true)
		wg.Wait()
		require.True(t, r.values().Flights.Idle())
	}
}

// TestPanicsReachExactlyTheRightCallers by every short way.
func TestPanicsReachExactlyTheRightCallers(t *testing.T) {
	for _, shards := range []int{1, 8} {
		for _, exit := range []bool{false, true} {
			started, goOn := make(chan struct{}), make(chan struct{})
			var once sync.Once
			var ran atomic.Int64
			r := Wrap(func(n int) int {
				if n == 1 {
					first := false
					once.Do(func() { first = true })
					if first {
						close(started)
						<-goOn
						if exit {
							runtime.Goexit()
						}
						panic("boom")
					}
				}
				ran.Add(1)
				return n
			}, Lru{MaxSize: 1000, Shards: shards})
			var panics, values, ended atomic.Int64
			var wg sync.WaitGroup
			run := func(f func() (any, error)) {
				wg.Go(func() {
					returned := false
					defer func() {
						switch p := recover(); {
						case p == "boom":
							panics.Add(1)
						case !returned && p == nil:
							ended.Add(1)
						case p != nil:
							t.Error(p)
						}
					}()
					v, err := f()
					returned = true
					assert.NoError(t, err)
					assert.NotNil(t, v)
					values.Add(1)
				})
			}
			run(func() (any, error) { return r.Call(1) })
			<-started
			for range 5 {
				run(func() (any, error) { return r.Call(1) })
				run(func() (any, error) { return r.GetOrUpdate(1) })
				run(func() (any, error) { return r.Scalars().Call(1) })
				run(func() (any, error) { return r.Func().(func(int) int)(1), nil })
				run(func() (any, error) { return r.GetOrUpdateMany(Args{2}, Args{1}) })
				run(func() (any, error) { return r.Call(3) })
			}
			for { // until they wait
				r.values().Flights.Idle()
				runtime.Gosched()
				if v, _ := r.Has(3); v {
					if v, _ := r.Has(2); v {
						break
					}
				}
			}
			for range 10000 {
				runtime.Gosched()
			}
			close(goOn)
			wg.Wait()
			t.Log(shards, exit, panics.Load(), values.Load(), ended.Load(), ran.Load())
			if exit {
				assert.EqualValues(t, 1, ended.Load())
				assert.EqualValues(t, 30, values.Load())
				assert.EqualValues(t, 3, ran.Load())
			} else {
				assert.EqualValues(t, 0, ended.Load())
				assert.EqualValues(t, 31, panics.Load()+values.Load())
				assert.GreaterOrEqual(t, values.Load(), int64(5))
			}
			assert.True(t, r.values().Flights.Idle())
			v, err := r.Call(1)
			assert.NoError(t, err)
			assert.Equal(t, 1, v)
		}
	}
}

// TestAllocationsOfWrongCalls counts what wrong calls allocate, by both ways.
func TestAllocationsOfWrongCalls(t *testing.T) {
	type wrong struct {
		name string
		call func(r *Rope)
	}
	for _, w := range []wrong{
		{"a type", func(r *Rope) { _, _ = r.Call("x") }},
		{"too many", func(r *Rope) { _, _ = r.Call(1, 2) }},
		{"none", func(r *Rope) { _, _ = r.Call() }},
		{"get", func(r *Rope) { _, _ = r.Get("x") }},
		{"set", func(r *Rope) { _ = r.Set(1, "x") }},
		{"set value", func(r *Rope) { _ = r.Set("x", 1) }},
		{"setmany", func(r *Rope) { _ = r.SetMany([]any{Args{1}, Args{2}}, []any{1, "x"}) }},
		{"getmany", func(r *Rope) { _, _ = r.GetMany(Args{1}, Args{"x"}) }},
		{"convertible", func(r *Rope) { _, _ = r.Call(int64(1)) }},
		{"kwargs", func(r *Rope) { _, _ = r.Call(Kwargs{}) }},
		{"context", func(r *Rope) { _, _ = r.Call(context.Background(), 1) }},
	} {
		var n [2]float64
		for i := range n {
			r := Wrap(func(n int) int { return n }, Lru{Options: quietly()})
			if i == 1 {
				r.dropPlans()
			}
			n[i] = testing.AllocsPerRun(100, func() { w.call(r) })
		}
		t.Logf("%-12s short %v, long %v", w.name, n[0], n[1])
	}
}
