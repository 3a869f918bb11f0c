package ring_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ring-go/ring"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ring-go/ring/lrucache"
)

// attempt hides part of its state from the key.
type attempt struct{ n int }

func (attempt) RingKey() string { return "attempt" }

type tagged struct {
	N int `hash:"ignore"`
	S string
}

// endless holds functions that call themselves with the same key. An argument that the
// key leaves out ends the recursion. Each function gets a way to call itself.
var endless = map[string]struct {
	fn      func(again func(args ...any) any) any
	args    []any
	options ring.Options
	setUp   func(r *ring.Rope)
}{
	"IgnorableKeys": {
		fn: func(again func(...any) any) any {
			return func(url string, n int) string {
				if n < 3 {
					return again(url, n+1).(string)
				}
				return "body"
			}
		},
		args: []any{"x", 1}, options: ring.Options{IgnorableKeys: []string{"b"}},
	},
	"RingKey": {
		fn: func(again func(...any) any) any {
			return func(url string, a attempt) string {
				if a.n < 3 {
					return again(url, attempt{a.n + 1}).(string)
				}
				return "body"
			}
		},
		args: []any{"x", attempt{1}},
	},
	"RingKey in an any": {
		fn: func(again func(...any) any) any {
			return func(url string, v any) string {
				if a := v.([]any)[0].(attempt); a.n < 3 {
					return again(url, []any{attempt{a.n + 1}}).(string)
				}
				return "body"
			}
		},
		args: []any{"x", []any{attempt{1}}},
	},
	"a tag": {
		fn: func(again func(...any) any) any {
			return func(url string, v *tagged) string {
				if v.N < 3 {
					return again(url, &tagged{N: v.N + 1}).(string)
				}
				return "body"
			}
		},
		args: []any{"x", &tagged{N: 1}},
	},
	"a Key function": {
		fn: func(again func(...any) any) any {
			return func(url string, n int) string {
				if n < 3 {
					return again(url, n+1).(string)
				}
				return "body"
			}
		},
		args:  []any{"x", 1},
		setUp: func(r *ring.Rope) { _ = r.Ring().Key(func(url string, _ int) string { return url }) },
	},
	"KeyRefactor": {
		fn: func(again func(...any) any) any {
			return func(url string, n int) string {
				if n < 3 {
					return again(url, n+1).(string)
				}
				return "body"
			}
		},
		args: []any{"x", 1}, options: ring.Options{KeyRefactor: func(string) string { return "one" }},
	},
	"PythonKeys": {
		fn: func(again func(...any) any) any {
			return func(url string, v any) string {
				if v == 1 {
					return again(url, "1").(string)
				}
				return "body"
			}
		},
		args: []any{"x", 1}, options: ring.Options{KeyStyle: ring.PythonKeys},
	},
}

// TestRecursionThatEnds: if the key leaves something out, a call from within its own
// run, with the same key, runs the function, and the outer run stores.
func TestRecursionThatEnds(t *testing.T) {
	factories := map[string]func(o ring.Options) ring.Factory{
		"lru":     func(o ring.Options) ring.Factory { return ring.Lru{Options: o} },
		"nothing": func(o ring.Options) ring.Factory { return ring.Lru{MaxSize: ring.CacheNothing, Options: o} },
		"dict":    func(o ring.Options) ring.Factory { return ring.Dict{Options: o} },
		"remote": func(o ring.Options) ring.Factory {
			return ring.BaseFactory{StorageClass: func(any) (ring.Storage, error) { return newRemote(&sync.Map{}) }, KeyPrefix: "f", Options: o}
		},
	}
	forms := map[string]func(r *ring.Rope, args ...any) any{
		"call":               func(r *ring.Rope, args ...any) any { return must(r.Call(args...)) },
		"get_or_update":      func(r *ring.Rope, args ...any) any { return must(r.GetOrUpdate(args...)) },
		"get_or_update_many": func(r *ring.Rope, args ...any) any { return must(r.GetOrUpdateMany(ring.Args(args)))[0] },
		"with a context": func(r *ring.Rope, args ...any) any {
			return must(r.WithContext(context.WithValue(context.Background(), reportKey{}, "kept")).Call(args...))
		},
	}
	for how, c := range endless {
		for name, factory := range factories {
			for outer, call := range forms {
				for inner, again := range forms {
					t.Run(how+", "+name+", "+inner+" in "+outer, func(t *testing.T) {
						synctest.Test(t, func(t *testing.T) { // a deadlock is an error
							var r *ring.Rope
							r = ring.Wrap(c.fn(func(args ...any) any { return again(r, args...) }), factory(c.options), ring.Signature("a, b"))
							if c.setUp != nil {
								c.setUp(r)
							}
							assert.Equal(t, "body", call(r, c.args...))
							assert.Equal(t, name != "nothing", must(r.Has(c.args...)))
							idle(t, r)
						})
					})
				}
			}
		}
	}
}

// lineKey is a receiver of which only the name is in the key.
type lineKey struct {
	name string
	rope *ring.Rope
}

func (l *lineKey) RingKey() string { return l.name }

func (l *lineKey) again(ctx context.Context, n int) string {
	if n == 3 {
		return "body"
	}
	return must(l.rope.Bind(l).Call(ctx, n+1)).(string) + "!"
}

// TestOuterRunStores: of nested runs the outermost stores last, by every form of call,
// with and without a context.
func TestOuterRunStores(t *testing.T) {
	forms := map[string]func(r *ring.Wire, args ...any) any{
		"call":               func(r *ring.Wire, args ...any) any { return must(r.Call(args...)) },
		"get_or_update_many": func(r *ring.Wire, args ...any) any { return must(r.GetOrUpdateMany(ring.Args(args)))[0] },
		"update":             func(r *ring.Wire, args ...any) any { return must(r.Update(args...)) },
		"update_many":        func(r *ring.Wire, args ...any) any { return must(r.UpdateMany(ring.Args(args), ring.Args(args)))[1] },
		"run":                func(r *ring.Wire, args ...any) any { return must(r.Run("update", args...)) },
		"typed": func(r *ring.Wire, args ...any) any {
			return r.Func().(func(context.Context, string, int) string)(r.Context(), args[0].(string), args[1].(int))
		},
		"on another goroutine": func(r *ring.Wire, args ...any) any {
			value := make(chan any)
			go func() { value <- must(r.Update(args...)) }()
			return <-value
		},
	}
	ignoring := ring.Options{IgnorableKeys: []string{"b"}}
	for name, factory := range map[string]func() ring.Factory{
		"lru":  func() ring.Factory { return ring.Lru{Options: ignoring} },
		"dict": func() ring.Factory { return ring.Dict{Options: ignoring} },
		"remote": func() ring.Factory {
			return ring.BaseFactory{StorageClass: func(any) (ring.Storage, error) { return newRemote(&sync.Map{}) }, KeyPrefix: "f", Options: ignoring}
		},
		"a user interface": func() ring.Factory {
			return ring.Lru{UserInterface: ring.Compose(firstOnly{}, ring.BulkInterfaceMixin{})}
		},
	} {
		for outer, call := range forms {
			for inner, again := range forms {
				for _, withContext := range []bool{true, false} {
					if !withContext && inner == "on another goroutine" {
						continue
					}
					t.Run(fmt.Sprint(name, ", ", inner, " in ", outer, ", ", withContext), func(t *testing.T) {
						synctest.Test(t, func(t *testing.T) {
							var r *ring.Rope
							r = ring.Wrap(func(ctx context.Context, url string, n int) string {
								switch {
								case n == 3:
									return "body"
								case withContext:
									return again(r.WithContext(ctx), url, n+1).(string) + "!"
								}
								return again(&r.Wire, url, n+1).(string) + "!"
							}, factory(), ring.Signature("a, b"))
							assert.Equal(t, "body!!", call(&r.Wire, "x", 1))
							assert.Equal(t, "body!!", must(r.Get("x", 1)))
							idle(t, r)
						})
					})
				}
			}
		}
	}
	t.Run("a method", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			r := ring.Wrap((*lineKey).again, ring.Lru{Options: ignoring}, ring.Signature("self, b"))
			w := r.Bind(&lineKey{"x", r})
			assert.Equal(t, "body!!", must(w.Update(1)))
			assert.Equal(t, "body!!", must(w.Get(1)))
			idle(t, r)
		})
	})
}

// firstOnly is a user interface whose key is the first argument.
type firstOnly struct{ ring.CacheUserInterface }

func (firstOnly) Key(_ *ring.Wire, p ring.ArgPack) (string, error) { return p.Args[0].(string), nil }

// TestNextUpdateIsNotWithin: a run is not within a run that has ended, even if the same
// goroutine began it and the store of the other one is under way.
func TestNextUpdateIsNotWithin(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &slow{remote: remote{&sync.Map{}}, release: make(chan struct{})}
		n := 0
		r := ring.Wrap(func(string, int) int { n++; return n }, ring.BaseFactory{StorageClass: func(any) (ring.Storage, error) { return s, nil },
			KeyPrefix: "f", Options: ring.Options{IgnorableKeys: []string{"b"}, StorageTimeout: time.Second, OnError: func(context.Context, *ring.Error) {}}}, ring.Signature("a, b"))
		for range 2 {
			_, err := r.Update("x", 1)
			assert.ErrorContains(t, err, "StorageTimeout")
		}
		close(s.release)
		synctest.Wait()
		assert.Equal(t, 2, must(r.Get("x", 1)))
		idle(t, r)
	})
}

// TestRecursionThroughItsContext: the context of a run marks its own calls, also on
// another goroutine.
func TestRecursionThroughItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var fetch func(ctx context.Context, url string, attempt int) (string, error)
		fetch = func(ctx context.Context, url string, attempt int) (body string, err error) {
			if attempt == 3 {
				return "body", nil
			}
			done := make(chan struct{})
			go func() {
				defer close(done)
				body, err = fetch(ctx, url, attempt+1)
			}()
			<-done
			return body, err
		}
		r := ring.Decorate(&fetch, ring.Lru{Options: ring.Options{IgnorableKeys: []string{"attempt"}}}, ring.Signature("url, attempt"))
		body, err := fetch(t.Context(), "x", 1)
		require.NoError(t, err)
		assert.Equal(t, "body", body)
		idle(t, r)
	})
}

// TestRecursionInTurns: functions that try each other's keys, begun at both ends, do
// not wait for each other.
func TestRecursionInTurns(t *testing.T) {
	forms := map[string]func(r *ring.Wire, args ...any) any{
		"call":               func(r *ring.Wire, args ...any) any { return must(r.Call(args...)) },
		"get_or_update_many": func(r *ring.Wire, args ...any) any { return must(r.GetOrUpdateMany(ring.Args(args)))[0] },
	}
	for form, call := range forms {
		for _, withContext := range []bool{true, false} {
			for _, mirrors := range []int{2, 3} {
				t.Run(fmt.Sprint(form, withContext, mirrors), func(t *testing.T) {
					synctest.Test(t, func(t *testing.T) {
						all := make(chan struct{})
						var ropes [2]*ring.Rope
						fetch := func(ctx context.Context, mirror, attempt int) string {
							if attempt == 1 {
								<-all
							}
							if attempt > mirrors {
								return "body"
							}
							w := &ropes[attempt%2].Wire
							if withContext {
								w = w.WithContext(ctx)
							}
							return call(w, (mirror+1)%mirrors, attempt+1).(string)
						}
						shared := ring.Dict{Obj: map[string]any{}, KeyPrefix: "f", Options: ring.Options{IgnorableKeys: []string{"attempt"}}}
						for i := range ropes {
							ropes[i] = ring.Wrap(fetch, shared, ring.Signature("mirror, attempt"))
						}
						got := make(chan any, mirrors)
						for mirror := range mirrors {
							go func() { got <- call(&ropes[0].Wire, mirror, 1) }()
						}
						synctest.Wait()
						close(all)
						for range mirrors {
							assert.Equal(t, "body", <-got)
						}
						idle(t, ropes[0])
					})
				})
			}
		}
	}
}

// TestWholeKeysAreNotPartial: the leader is looked up only for keys that leave
// something out.
func TestWholeKeysAreNotPartial(t *testing.T) {
	for _, c := range []struct {
		fn      any
		options ring.Options
		args    []any
		partial bool
	}{
		{func(int, string, []byte, map[string]float64) int { return 0 }, ring.Options{}, nil, false},
		{func(any) int { return 0 }, ring.Options{}, []any{1}, false},
		{func(any) int { return 0 }, ring.Options{}, []any{[]string{"a"}}, false},
		{func(any) int { return 0 }, ring.Options{}, []any{[]any{"a"}}, true},
		{func(any) int { return 0 }, ring.Options{}, []any{attempt{}}, true},
		{func(...any) int { return 0 }, ring.Options{}, []any{1, "a"}, false},
		{func(map[string][]*attempt) int { return 0 }, ring.Options{}, nil, true},
		{func(tagged) int { return 0 }, ring.Options{}, nil, true},
		{func(int) int { return 0 }, ring.Options{KeyStyle: ring.PythonKeys}, nil, true},
		{func(int) int { return 0 }, ring.Options{KeyRefactor: ring.MemcacheKey}, nil, false},
	} {
		r := ring.Wrap(c.fn, ring.Lru{Options: c.options})
		assert.Equal(t, c.partial, ring.IsPartial(r, c.args), "%T%v", c.fn, c.args)
	}
}

// TestRopesWithinRopes: a rope that is called in the run of another rope, for the same
// key of the same backend, does not wait for it.
func TestRopesWithinRopes(t *testing.T) {
	t.Run("decorated twice", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			cache := lrucache.New(10)
			double := func(n int) int { return 2 * n }
			ring.Decorate(&double, ring.Lru{Lru: cache, KeyPrefix: "double"})
			ring.Decorate(&double, ring.Lru{Lru: cache, KeyPrefix: "double"})
			assert.Equal(t, 14, double(7))
			assert.Equal(t, 14, double(7))
		})
	})
	t.Run("typed, decorated twice", func(t *testing.T) {
		forSharedBackends(t, func(t *testing.T, f ring.Factory) {
			double := func(n int) int { return 2 * n }
			inner := ring.Decorate1(&double, f)
			ring.Decorate1(&double, f)
			assert.Equal(t, 14, double(7))
			assert.Equal(t, 14, double(7))
			assert.Equal(t, 0, inner.CacheInfo().Hits)
			idle(t, inner)
		})
	})
	t.Run("called by a bulk call", func(t *testing.T) {
		forSharedBackends(t, func(t *testing.T, f ring.Factory) {
			inner := ring.Wrap(func(n int) int { return n + 1 }, f)
			single := ring.Wrap(func(n int) int { return must(inner.Call(n)).(int) * 10 }, f)
			bulk := ring.Wrap(func(n int) int { return must(inner.GetOrUpdateMany(ring.Args{n}))[0].(int) * 10 }, f)
			for i, outer := range []*ring.Rope{single, bulk} {
				assert.Equal(t, []any{10 * (i + 1)}, must(outer.GetOrUpdateMany(ring.Args{i})))
				assert.Equal(t, 10*(i+1), must(outer.Get(i)), "the outermost stores")
			}
			idle(t, inner)
		})
	})
	t.Run("called", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			shared := ring.Dict{Obj: map[string]any{}, KeyPrefix: "f"}
			inner := ring.Wrap(func(ctx context.Context, n int) int { return n + 1 }, shared)
			bulk := ring.Wrap(func(n int) int { return must(inner.GetOrUpdateMany(ring.Args{n}))[0].(int) * 2 }, shared)
			outer := ring.Wrap(func(ctx context.Context, n int) int { return must(bulk.Call(n)).(int) * 10 }, shared)
			assert.Equal(t, 160, must(outer.Call(7)))
			assert.Equal(t, 160, must(inner.Call(7)), "the outermost stores last")
			idle(t, outer)
		})
	})
}
