package ring

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ring-go/ring/lrucache"
)

// TestCountsOfABulkCallThatPanics: the counts after a GetOrUpdateMany whose function panics are
// the same by both ways.
func TestCountsOfABulkCallThatPanics(t *testing.T) {
	for how, end := range map[string]func(){"panic": func() { panic("x") }, "goexit": runtime.Goexit} {
		t.Run(how, func(t *testing.T) {
			info := func(long bool) string {
				r := Wrap(func(n int) int {
					if n == 3 {
						end()
					}
					return n
				}, Lru{})
				if long {
					r.dropPlans()
				}
				_, err := r.Call(1)
				require.NoError(t, err)
				var wg sync.WaitGroup
				wg.Go(func() {
					defer func() { _ = recover() }()
					_, _ = r.GetOrUpdateMany(Args{1}, Args{2}, Args{3}, Args{4})
				})
				wg.Wait()
				require.True(t, r.values().Flights.Idle())
				has, err := r.HasMany(Args{1}, Args{2}, Args{3}, Args{4})
				require.NoError(t, err)
				return fmt.Sprint(r.CacheInfo(), has)
			}
			assert.Equal(t, info(true), info(false))
		})
	}
}

// TestClockThatPanicsAnywhere: no lock stays held, whichever way a call goes and wherever the clock panics.
func TestClockThatPanicsAnywhere(t *testing.T) {
	for _, shards := range []int{1, 4} {
		for _, how := range []string{"panic", "goexit"} {
			cache := lrucache.NewSharded(1000, shards)
			after := 0
			cache.Now = func() time.Time {
				if after--; after == 0 {
					if how == "panic" {
						panic("clock")
					}
					runtime.Goexit()
				}
				return time.Unix(1000, 0)
			}
			r := Wrap(func(n int) int { return n }, Lru{Lru: cache, KeyPrefix: "f", Expire: time.Minute})
			typed := r.Func().(func(int) int)
			calls := map[string]func(n int){
				"call": func(n int) { _, _ = r.Call(n) }, "get": func(n int) { _, _ = r.Get(n) }, "lookup": func(n int) { _, _, _ = r.Lookup(n) },
				"set": func(n int) { _ = r.Set(1, n) }, "delete": func(n int) { _ = r.Delete(n) }, "has": func(n int) { _, _ = r.Has(n) },
				"touch": func(n int) { _ = r.Touch(n) }, "update": func(n int) { _, _ = r.Update(n) }, "typed": func(n int) { typed(n) },
				"getmany": func(n int) { _, _ = r.GetMany(Args{n}, Args{n + 1}) }, "goumany": func(n int) { _, _ = r.GetOrUpdateMany(Args{n}, Args{n + 1}) },
				"setmany": func(n int) { _ = r.SetMany([]any{Args{n}, Args{n + 1}}, []any{1, 2}) }, "delmany": func(n int) { _ = r.DeleteMany(Args{n}, Args{n + 1}) },
				"hasmany": func(n int) { _, _ = r.HasMany(Args{n}, Args{n + 1}) }, "touchmany": func(n int) { _ = r.TouchMany(Args{n}, Args{n + 1}) },
				"updmany": func(n int) { _, _ = r.UpdateMany(Args{n}, Args{n + 1}) }, "long": func(n int) { _, _ = r.Call(int64(n)) },
				"longmany": func(n int) { _, _ = r.GetOrUpdateMany(Args{int64(n)}, Args{n + 1}) }, "info": func(int) { _ = r.CacheInfo() },
				"explain": func(n int) { _ = r.Explain(n).String() }, "clear": func(int) { cache.Clear() },
			}
			for name, call := range calls {
				for at := 1; at < 8; at++ {
					for _, n := range []int{1, 2, 500} {
						done := make(chan struct{})
						go func() {
							defer close(done)
							defer func() { _ = recover() }()
							after = at
							call(n)
						}()
						select {
						case <-done:
						case <-time.After(5 * time.Second):
							t.Fatal("hangs: ", name, at, n, shards, how)
						}
						after = 0
						require.True(t, r.values().Flights.Idle(), name)
						v, err := r.Call(n)
						require.NoError(t, err)
						require.Contains(t, []any{n, 1, 2}, v)
					}
				}
			}
		}
	}
}

// TestRecursionByEveryWay: within a run of a key, its own key is written, read and run by every way.
func TestRecursionByEveryWay(t *testing.T) {
	for _, withContext := range []bool{true, false} {
		for _, long := range []bool{false, true} {
			for name, inner := range map[string]func(r *Rope, ctx context.Context, n int) (any, error){
				"call": func(r *Rope, ctx context.Context, n int) (any, error) { return r.Call(ctx, n) },
				"goum": func(r *Rope, ctx context.Context, n int) (any, error) {
					return r.WithContext(ctx).GetOrUpdateMany(Args{n}, Args{n + 1})
				},
				"update":  func(r *Rope, ctx context.Context, n int) (any, error) { return r.Update(ctx, n) },
				"updmany": func(r *Rope, ctx context.Context, n int) (any, error) { return r.WithContext(ctx).UpdateMany(Args{n}) },
				"set":     func(r *Rope, ctx context.Context, n int) (any, error) { return nil, r.Set(99, n) },
				"setmany": func(r *Rope, ctx context.Context, n int) (any, error) {
					return nil, r.SetMany([]any{Args{n}}, []any{99})
				},
				"delete":  func(r *Rope, ctx context.Context, n int) (any, error) { return nil, r.Delete(n) },
				"delmany": func(r *Rope, ctx context.Context, n int) (any, error) { return nil, r.DeleteMany(Args{n}, Args{n + 1}) },
				"get":     func(r *Rope, ctx context.Context, n int) (any, error) { return r.Get(n) },
				"execute": func(r *Rope, ctx context.Context, n int) (any, error) { return r.Execute(ctx, n) },
			} {
				if !withContext && (name == "call" || name == "goum") {
					continue // a deadlock, documented
				}
				var outcome [2]string
				for i, outer := range []string{"call", "goum", "update", "updmany"} {
					var r *Rope
					depth := 0
					body := func(ctx context.Context, n int) (int, error) {
						if depth++; depth > 1 {
							return 50, nil
						}
						v, err := inner(r, ctx, n)
						_ = v
						return 10, err
					}
					if withContext {
						r = Wrap(body, Lru{})
					} else {
						r = Wrap(func(n int) (int, error) { return body(nil, n) }, Lru{})
					}
					if !withContext && (name == "update" || name == "execute" || name == "updmany") {
						continue
					}
					if long {
						r.dropPlans()
					}
					done := make(chan string)
					go func() {
						var v any
						var err error
						switch outer {
						case "call":
							v, err = r.Call(1)
						case "goum":
							v, err = r.GetOrUpdateMany(Args{1}, Args{5})
						case "update":
							v, err = r.Update(1)
						case "updmany":
							v, err = r.UpdateMany(Args{1}, Args{5})
						}
						after, ok, _ := r.Lookup(1)
						done <- fmt.Sprint(v, errors.Is(err, ErrRecursion), after, ok, r.values().Flights.Idle())
					}()
					select {
					case s := <-done:
						outcome[0] += s + "; "
						_ = i
					case <-time.After(5 * time.Second):
						t.Fatal("hangs ", name, outer, long, withContext)
					}
				}
				t.Log(withContext, long, name, outcome[0])
			}
		}
	}
}
