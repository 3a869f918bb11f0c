package ring_test

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ring-go/ring"
	"github.com/ring-go/ring/internal/fresh"
)

// ages counts the runs of functions of many shapes.
type ages struct {
	mu   sync.Mutex
	runs int
}

func (a *ages) run() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.runs++
	return a.runs
}

// Method is a method expression when it is wrapped.
func (a *ages) Method(int) (int, error) { return a.run(), nil }

// RingKey is the same for all.
func (a *ages) RingKey() string { return "ages" }

// ownInterface goes its own way, and then the usual one.
type ownInterface struct {
	ring.CacheUserInterface
	ring.BulkInterfaceMixin
}

func (u ownInterface) GetOrUpdate(w *ring.Wire, p ring.ArgPack) (any, error) {
	return u.CacheUserInterface.GetOrUpdate(w, p)
}

// waysToCall returns a call of a function by every way there is, for a rope of this factory.
func waysToCall(factory func() ring.Factory, a *ages) map[string]func() (int, error) {
	one := func(int) int { return a.run() }
	oneE := func(int) (int, error) { return a.run(), nil }
	two := func(context.Context, int) int { return a.run() }
	twoE := func(context.Context, int) (int, error) { return a.run(), nil }
	three := func(int, string, bool) int { return a.run() }
	threeE := func(int, string, bool) (int, error) { return a.run(), nil }
	four := func(int, string, bool, float64) int { return a.run() }
	fourE := func(int, string, bool, float64) (int, error) { return a.run(), nil }
	plain, withContext := oneE, twoE
	many := func(...int) (int, error) { return a.run(), nil }
	typed, _ := ring.Typed(many, factory())
	ring.Decorate1(&one, factory())
	ring.Decorate1E(&oneE, factory())
	ring.Decorate2(&two, factory())
	ring.Decorate2E(&twoE, factory())
	ring.Decorate3(&three, factory())
	ring.Decorate3E(&threeE, factory())
	ring.Decorate4(&four, factory())
	ring.Decorate4E(&fourE, factory())
	r, c := ring.Wrap(plain, factory()), ring.Wrap(withContext, factory())
	method := ring.Wrap((*ages).Method, factory()).Bind(a)
	scalars := ring.Wrap(plain, factory()).Scalars()
	made := ring.Wrap(plain, factory()).Func().(func(int) (int, error))
	ctx := context.Background()
	return map[string]func() (int, error){
		"Decorate1":        func() (int, error) { return one(1), nil },
		"Decorate1E":       func() (int, error) { return oneE(1) },
		"Decorate2":        func() (int, error) { return two(ctx, 1), nil },
		"Decorate2E":       func() (int, error) { return twoE(ctx, 1) },
		"Decorate3":        func() (int, error) { return three(1, "", true), nil },
		"Decorate3E":       func() (int, error) { return threeE(1, "", true) },
		"Decorate4":        func() (int, error) { return four(1, "", true, 1), nil },
		"Decorate4E":       func() (int, error) { return fourE(1, "", true, 1) },
		"Typed":            func() (int, error) { return typed(1, 2) },
		"Func":             func() (int, error) { return made(1) },
		"Call":             func() (int, error) { return as[int](r.Call(1)) },
		"Run":              func() (int, error) { return as[int](r.Run("get_or_update", 1)) },
		"bulk":             func() (int, error) { return as[int](first(r.GetOrUpdateMany(ring.Args{1}, ring.Args{1}))) },
		"with a context":   func() (int, error) { return as[int](c.Call(ctx, 1)) },
		"WithContext":      func() (int, error) { return as[int](c.WithContext(ctx).Call(1)) },
		"Bind":             func() (int, error) { return as[int](method.Call(1)) },
		"Bind and options": func() (int, error) { return as[int](method.With(ring.CallOptions{}).Call(1)) },
		"Bind and Scalars": func() (int, error) { return as[int](method.Scalars().Call(1)) },
		"Bind and Func":    func() (int, error) { return method.Func().(func(int) (int, error))(1) },
		"Scalars":          func() (int, error) { return as[int](scalars.Call(1)) },
		"options": func() (int, error) {
			return withOptions(c, ctx)
		},
	}
}

func withOptions(r *ring.Rope, ctx context.Context) (int, error) {
	return as[int](r.Call(ring.WithCallOptions(ctx, ring.CallOptions{Info: new(ring.CallInfo)}), 1))
}

// TestEveryWayIsFresh: whatever way a call goes, it gets the old value, and the new one after
// the renewal.
func TestEveryWayIsFresh(t *testing.T) {
	for name, memory := range memories {
		for _, own := range []bool{false, true} {
			t.Run(name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					a := &ages{}
					ways := waysToCall(func() ring.Factory {
						f := memory(time.Minute, ring.Options{Freshness: ring.Freshness{StaleWhileRevalidate: time.Hour}})
						if lru, ok := f.(ring.Lru); ok && own {
							lru.UserInterface = ownInterface{}
							f = lru
						}
						return f
					}, a)
					for way, call := range ways {
						_, err := call()
						require.NoError(t, err, way)
						time.Sleep(2 * time.Minute)
						old, err := call()
						require.NoError(t, err, way)
						synctest.Wait()
						value, err := call()
						require.NoError(t, err, way)
						assert.Greater(t, value, old, way)
						assert.Equal(t, value, a.runs, way)
					}
				})
			})
		}
	}
}

// TestDefaultActionsAndAge: get and update as the default action.
func TestDefaultActionsAndAge(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := &ages{}
		f := ring.Freshness{StaleWhileRevalidate: time.Hour}
		get := ring.Wrap(func(int) (int, error) { return a.run(), nil },
			ring.Lru{Expire: time.Minute, Options: ring.Options{DefaultAction: "get", Freshness: f}})
		_, err := get.Update(1)
		require.NoError(t, err)
		value, err := get.Call(1)
		require.NoError(t, err)
		assert.Equal(t, 1, value)
		time.Sleep(time.Minute)
		value, err = get.Call(1)
		require.NoError(t, err)
		assert.Nil(t, value, "it is past its Expire")
		value, err = get.With(ring.CallOptions{AllowStale: true}).Call(1)
		require.NoError(t, err)
		assert.Equal(t, 1, value)
		value, err = get.GetOrUpdate(1)
		require.NoError(t, err)
		assert.Equal(t, 1, value)
		synctest.Wait()
		value, err = get.Call(1)
		require.NoError(t, err)
		assert.Equal(t, 2, value)

		update := ring.Wrap(func(int) (int, error) { return a.run(), nil },
			ring.Lru{Expire: time.Minute, Options: ring.Options{DefaultAction: "update", Freshness: f}})
		for want := 3; want < 6; want++ {
			value, err := update.Call(1)
			require.NoError(t, err)
			assert.Equal(t, want, value)
		}
	})
}

// TestOptionsEverywhere: every combination of options means the same on every storage, also
// without Freshness.
func TestOptionsEverywhere(t *testing.T) {
	for name, factory := range backends() {
		t.Run(name, func(t *testing.T) {
			runs := 0
			r := ring.Wrap(func(context.Context, int) (int, error) { runs++; return runs, nil }, factory, ring.Name("f"))
			for i := range 16 {
				for _, cached := range []bool{false, true} {
					o := ring.CallOptions{SkipRead: i&1 != 0, SkipWrite: i&2 != 0, NoStale: i&4 != 0, AllowStale: i&8 != 0}
					for _, call := range []func() (any, error){
						func() (any, error) { return r.With(o).Call(1) },
						func() (any, error) { return r.Call(ring.WithCallOptions(t.Context(), o), 1) },
						func() (any, error) { return first(r.With(o).GetOrUpdateMany(ring.Args{1}, ring.Args{1})) },
					} {
						require.NoError(t, r.Delete(1))
						if cached {
							require.NoError(t, r.Set(-1, 1))
						}
						before := runs
						value, err := call()
						require.NoError(t, err)
						stored, ok, err := r.Lookup(1)
						require.NoError(t, err)
						if cached && !o.SkipRead {
							assert.Equal(t, -1, value, "%+v", o)
							assert.Equal(t, before, runs)
							continue
						}
						assert.Greater(t, runs, before, "%+v", o)
						assert.Greater(t, value, 0, "%+v", o)
						switch {
						case !o.SkipWrite:
							assert.Equal(t, runs, stored, "%+v", o)
						case cached:
							assert.Equal(t, -1, stored, "%+v", o)
						default:
							assert.False(t, ok, "%+v", o)
						}
					}
				}
			}
		})
	}
}

// TestShutdownInTheMiddle: it ends what runs behind, and calls go on without renewals.
func TestShutdownInTheMiddle(t *testing.T) {
	for name, soft := range map[string]time.Duration{"at once": 0, "softly": time.Minute} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				t.Cleanup(fresh.Reopen)
				s, errs := &source{}, &errorLog{}
				f := ring.Freshness{StaleWhileRevalidate: time.Hour, SoftTimeout: soft}
				r := ring.Wrap(s.get, memories["lru"](time.Minute, ring.Options{Freshness: f, OnError: errs.add}))
				called(t, r, 1)
				time.Sleep(time.Minute)
				s.set(func() { s.takes = 30 * time.Second })
				go called(t, r, 1) // its renewal is ended
				synctest.Wait()
				ctx, cancel := context.WithTimeout(t.Context(), time.Second)
				defer cancel()
				assert.ErrorIs(t, ring.Shutdown(ctx), context.DeadlineExceeded)
				assert.NoError(t, ring.Shutdown(t.Context()))
				assert.Empty(t, errs.take(), "the end of a program is no failure of the function")
				start := time.Now()
				called(t, r, 1)
				assert.Equal(t, 2, s.count())
				assert.Equal(t, start, time.Now())
				time.Sleep(time.Hour)
				called(t, r, 3)
				fresh.Reopen()
				time.Sleep(time.Minute)
				called(t, r, 3+btoi(soft > 0))
				time.Sleep(time.Minute)
			})
		})
	}
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}
