package ring_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ring-go/ring"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ring-go/ring/internal/samples"
	"github.com/ring-go/ring/lrucache"
)

func TestTypedRunsOnceForConcurrentCalls(t *testing.T) {
	forBackends(t, func(t *testing.T, f ring.Factory) {
		g := newGate()
		fn := g.run
		r := ring.Decorate2E(&fn, f, ring.Name("f"))
		var wg sync.WaitGroup
		for range 1000 {
			wg.Go(func() {
				v, err := fn(t.Context(), 7)
				if err != nil || v != 701 {
					t.Error(v, err)
				}
			})
		}
		synctest.Wait()
		close(g.release)
		wg.Wait()
		assert.EqualValues(t, 1, g.runs.Load())
		assert.Equal(t, 999, r.CacheInfo().Hits)
		assert.Equal(t, 1, r.CacheInfo().Misses)
		idle(t, r)
	})
}

// TestTypedReleasesEveryone: a panic of the function is that of all callers; where it ends its
// goroutine, another caller runs it.
func TestTypedReleasesEveryone(t *testing.T) {
	forBackends(t, func(t *testing.T, f ring.Factory) {
		release := make(chan struct{})
		var runs, answers atomic.Int32
		value := errors.New("out of luck")
		fn := func(how string, n int) int {
			<-release
			switch run := runs.Add(1); {
			case how == "panic":
				panic(value)
			case run == 1:
				runtime.Goexit()
			}
			return n
		}
		r := ring.Decorate2(&fn, f, ring.Name("f"))
		var wg sync.WaitGroup
		for range 10 {
			wg.Go(func() { assert.Same(t, value, catch(func() { fn("panic", 5) })) })
		}
		synctest.Wait()
		close(release)
		wg.Wait()
		assert.EqualValues(t, 1, runs.Load())
		assert.False(t, must(r.Has("panic", 5)))
		idle(t, r)

		release = make(chan struct{})
		runs.Store(0)
		for range 10 {
			wg.Go(func() {
				assert.Equal(t, 5, fn("exit", 5))
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

// TestTypedRecursion: a run is known by its context, also through a typed function.
func TestTypedRecursion(t *testing.T) {
	forBackends(t, func(t *testing.T, f ring.Factory) {
		var same func(ctx context.Context, n int) (int, error)
		same = func(ctx context.Context, n int) (int, error) { return same(ctx, n) }
		r := ring.Decorate2E(&same, f, ring.Name("same"))
		_, err := same(t.Context(), 1)
		assert.ErrorIs(t, err, ring.ErrRecursion)
		_, err = same(nil, 1)
		assert.ErrorIs(t, err, ring.ErrRecursion, "a nil context is that of the rope")
		idle(t, r)

		runs := 0
		var fib func(n int) int
		fib = func(n int) int {
			runs++
			if n < 2 {
				return n
			}
			return fib(n-1) + fib(n-2)
		}
		r = ring.Decorate1(&fib, f, ring.Name("fib"))
		assert.Equal(t, 2880067194370816120, fib(90))
		assert.Equal(t, 91, runs)
		idle(t, r)
	})
}

// TestTypedRecursionWithAPartialKey: the same key again is not the same call again.
func TestTypedRecursionWithAPartialKey(t *testing.T) {
	var fetch func(url string, attempt int) string
	fetch = func(url string, attempt int) string {
		if attempt == 3 {
			return "body"
		}
		return fetch(url, attempt+1)
	}
	r := ring.Decorate2(&fetch, ring.Lru{Options: ring.Options{IgnorableKeys: []string{"attempt"}}}, ring.Signature("url, attempt"))
	for range 2 {
		assert.Equal(t, "body", fetch("x", 1))
	}
	assert.Equal(t, 1, r.CacheInfo().CurrSize)
	idle(t, r)
}

// TestTypedRunsAndWrites: what is written during a run stays.
func TestTypedRunsAndWrites(t *testing.T) {
	forBackends(t, func(t *testing.T, f ring.Factory) {
		for name, write := range map[string]func(r *ring.Rope) error{
			"set":    func(r *ring.Rope) error { return r.Set(-1, 7) },
			"delete": func(r *ring.Rope) error { return r.Delete(7) },
		} {
			release := make(chan struct{})
			fn := func(n int) int {
				<-release
				return n
			}
			r := ring.Decorate1(&fn, f, ring.Name(name))
			done := make(chan int)
			go func() { done <- fn(7) }()
			synctest.Wait()
			require.NoError(t, write(r))
			close(release)
			assert.Equal(t, 7, <-done)
			value, ok, err := r.Lookup(7)
			require.NoError(t, err)
			assert.Equal(t, name == "set", ok, name)
			if ok {
				assert.Equal(t, -1, value)
			}
			idle(t, r)
		}
	})
}

// goneStorage is a storage that fails altogether.
type goneStorage struct{ remote }

var errGone = errors.New("down")

func (goneStorage) GetValue(context.Context, string) (any, error)              { return nil, errGone }
func (goneStorage) SetValue(context.Context, string, any, time.Duration) error { return errGone }

// TestTypedWithoutStorage: a function with an error result returns that of the storage, one
// without runs, and with FailOpen both run.
func TestTypedWithoutStorage(t *testing.T) {
	for _, open := range []bool{false, true} {
		var reported []*ring.Error
		runs := 0
		down := ring.BaseFactory{
			StorageClass: func(any) (ring.Storage, error) { return &goneStorage{remote{&sync.Map{}}}, nil },
			Options:      ring.Options{FailOpen: open, OnError: func(_ context.Context, err *ring.Error) { reported = append(reported, err) }},
		}
		withError := func(ctx context.Context, n int) (int, error) { runs++; return n, nil }
		ring.Decorate2E(&withError, down, ring.Name("f"))
		n, err := withError(t.Context(), 7)
		if open {
			require.NoError(t, err)
			assert.Equal(t, 7, n)
			assert.Equal(t, 1, runs)
		} else {
			assert.ErrorIs(t, err, errGone)
			assert.Zero(t, n)
			assert.Zero(t, runs)
			assert.Empty(t, reported)
		}

		reported, runs = nil, 0
		var contexts []context.Context
		without := func(ctx context.Context, n int) int { runs++; contexts = append(contexts, ctx); return n }
		ring.Decorate2(&without, down, ring.Name("f"))
		assert.Equal(t, 7, without(t.Context(), 7))
		assert.Equal(t, 1, runs, "FailOpen %v", open)
		require.NotEmpty(t, reported)
		assert.ErrorIs(t, reported[0], errGone)
		assert.NoError(t, contexts[0].Err())
	}
}

// TestTypedStoreFails: the value that cannot be stored is returned, and the function runs once.
func TestTypedStoreFails(t *testing.T) {
	broken := errors.New("disk full")
	var reported []*ring.Error
	f := ring.BaseFactory{
		StorageClass: func(any) (ring.Storage, error) { return &failingStorage{remote{&sync.Map{}}, broken}, nil },
		Options:      ring.Options{OnError: func(_ context.Context, err *ring.Error) { reported = append(reported, err) }},
	}
	runs := 0
	without := func(n int) int { runs++; return n }
	ring.Decorate1(&without, f, ring.Name("f"))
	assert.Equal(t, 7, without(7))
	assert.Equal(t, 1, runs)
	require.Len(t, reported, 1)
	assert.Equal(t, `ring: get_or_update f "f:7": disk full`, reported[0].Error())

	withError := func(n int) (int, error) { return n, nil }
	ring.Decorate1E(&withError, f, ring.Name("f"))
	n, err := withError(7)
	assert.ErrorIs(t, err, broken)
	assert.Equal(t, 7, n)
}

type contextKey struct{}

// TestTypedContexts: the function gets the caller's context with its values, that of the rope
// instead of a nil one, and never nil; an error of the context is the function's to return.
func TestTypedContexts(t *testing.T) {
	seen := []any{}
	var none context.Context
	fn := func(ctx context.Context, n int) (int, error) {
		seen = append(seen, ctx.Value(contextKey{}))
		return n, ctx.Err()
	}
	r := ring.Wrap(fn, ring.Lru{})
	mine, theirs := context.WithValue(t.Context(), contextKey{}, "mine"), context.WithValue(t.Context(), contextKey{}, "theirs")
	typed := ring.Func2E[context.Context, int, int](r.WithContext(mine))
	for i, ctx := range []context.Context{theirs, nil} {
		_, err := typed(ctx, i)
		require.NoError(t, err)
	}
	_, err := ring.Func2E[context.Context, int, int](r)(nil, 5)
	require.NoError(t, err)
	_, err = ring.Func2E[context.Context, int, int](r.WithContext(none))(none, 6)
	require.NoError(t, err)
	assert.Equal(t, []any{"theirs", "mine", nil, nil}, seen)

	cancelled, cancel := context.WithCancel(mine)
	cancel()
	_, err = typed(cancelled, 7)
	assert.Same(t, context.Canceled, err)
	_, err = typed(cancelled, 0)
	assert.NoError(t, err, "a hit in memory does not ask for the context")
}

// TestTypedBound: a bound wire gives the method without its receiver, whose key is that of Call.
func TestTypedBound(t *testing.T) {
	r := ring.Wrap((*shop).Sell, ring.Lru{})
	sell := ring.Func2E[context.Context, int, int](r.Bind(&shop{"s"}))
	unbound := ring.Func3E[*shop, context.Context, int, int](r)
	for range 2 {
		n, err := sell(t.Context(), 7)
		require.NoError(t, err)
		assert.Equal(t, 7, n)
		n, err = unbound(&shop{"s"}, t.Context(), 7)
		require.NoError(t, err)
		assert.Equal(t, 7, n)
	}
	assert.Equal(t, ring.CacheInfo{Hits: 3, Misses: 1, MaxSize: 128, CurrSize: 1}, r.CacheInfo())
	assert.True(t, must(r.Bind(&shop{"s"}).Has(7)))

	price := ring.Func1[int, int](ring.Wrap(shop.Price, ring.Dict{}).Bind(shop{"s"}))
	assert.Equal(t, 9, price(9))

	_, err := ring.Func2E[context.Context, int, int](r.Bind("no shop"))(t.Context(), 7)
	assert.ErrorIs(t, err, ring.ErrArguments)
}

// TestTypedErrorAlone: a func(A) error is a func(A) R to the compiler, and its error is not
// cached as a value.
func TestTypedErrorAlone(t *testing.T) {
	runs := 0
	broken := errors.New("broken")
	check := func(n int) error {
		runs++
		if n < 0 {
			return broken
		}
		return nil
	}
	r := ring.Decorate1(&check, ring.Lru{})
	for range 2 {
		assert.NoError(t, check(1))
		assert.Same(t, broken, check(-1))
		assert.Same(t, broken, ring.Func1[int, error](r)(-1))
	}
	assert.Equal(t, 5, runs)
}

// TestTypedIdentity: the functions of one instantiation have one code, and are told apart.
func TestTypedIdentity(t *testing.T) {
	lower, upper := strings.ToLower, strings.ToUpper
	ring.Decorate1(&lower, ring.Lru{})
	ring.Decorate1(&upper, ring.Lru{}, ring.Signature("text='x'"))
	for want, fn := range map[string]func(string) string{"strings.ToLower:a": lower, "strings.ToUpper:a": upper} {
		again := fn
		r := ring.Decorate1(&again, ring.Dict{Obj: map[string]any{}})
		assert.Equal(t, want, must(r.Key("a")))
		assert.Equal(t, fn("a"), again("a"))
	}
	assert.Equal(t, "strings.ToUpper:x", must(ring.Wrap(upper, ring.Dict{Obj: map[string]any{}}).Key()))

	sell := ring.Func2E[context.Context, int, int](ring.Wrap((*shop).Sell, ring.Lru{}).Bind(&shop{"s"}))
	_, err := ring.New(sell, ring.Dict{Obj: map[string]any{}})
	assert.ErrorContains(t, err, "does not identify the function", "it is that of one receiver")
}

func TestTypedMisuse(t *testing.T) {
	refused := func(want string, f func()) {
		t.Helper()
		err, ok := catch(f).(*ring.Error)
		if assert.True(t, ok, want) {
			assert.Equal(t, "ring: "+want, err.Error())
		}
	}
	var pointer *func(int) int
	refused("decorate func(int) int: the pointer is nil: give that to a function variable, as in Decorate1(&f, …)",
		func() { ring.Decorate1(pointer, ring.Lru{}) })
	var nothing func(int) (int, error)
	refused("decorate func(int) (int, error): the variable holds no function yet: assign it first",
		func() { ring.Decorate1E(&nothing, ring.Lru{}) })
	refused("func func(int, int) (int, error): wrong arguments: the rope is nil: make it with Wrap or New first",
		func() { ring.Func2E[int, int, int](nil) })
	var none *ring.Rope
	refused("func func(int) int: wrong arguments: the rope is nil: make it with Wrap or New first",
		func() { ring.Func1[int, int](none) })
	refused("func func(int) int: wrong arguments: the rope is nil: make it with Wrap or New first",
		func() { ring.Func1[int, int](&ring.Wire{}) })

	add := ring.Wrap(func(a, b int) (int, error) { return a + b, nil }, ring.Lru{}, ring.Name("add"))
	refused("func add: wrong arguments: the function is a func(int, int) (int, error), not a func(int, string) (int, error): name its own types",
		func() { ring.Func2E[int, string, int](add) })
	refused("func add: wrong arguments: the function is a func(int, int) (int, error), not a func(int, int) int: name its own types",
		func() { ring.Func2[int, int, int](add) })
	sum := ring.Wrap(func(n ...int) int { return len(n) }, ring.Lru{}, ring.Name("sum"))
	refused("func sum: wrong arguments: the function is a func(...int) int, not a func([]int) int: name its own types",
		func() { ring.Func1[[]int, int](sum) })
	sell := ring.Wrap((*shop).Sell, ring.Lru{}, ring.Name("sell"))
	refused("func sell: wrong arguments: the function is a func(context.Context, int) (int, error), not a func(*ring_test.shop, context.Context, int) (int, error): name its own types",
		func() { ring.Func3E[*shop, context.Context, int, int](sell.Bind(&shop{"s"})) })

	const useless = `the default action "has" returns no result of the function: call the methods of the rope that Wrap returns`
	has := ring.Lru{Options: ring.Options{DefaultAction: "has"}}
	fn := func(n int) int { return n }
	refused("decorate f: "+useless, func() { ring.Decorate1(&fn, has, ring.Name("f")) })
	assert.Equal(t, 5, fn(5), "the variable is as it was")
	refused("func f: "+useless, func() { ring.Func1[int, int](ring.Wrap(fn, has, ring.Name("f"))) })
	refused("typed f: "+useless, func() { ring.Typed(fn, has, ring.Name("f")) })
	assert.Panics(t, func() { ring.Typed[func()](nil, ring.Lru{}) })
	assert.Panics(t, func() { ring.Typed(5, ring.Lru{}) })
}

// TestTypedNamedFunction: a function whose type has a name is viewed by its parameters.
func TestTypedNamedFunction(t *testing.T) {
	type handler func(int) string
	var h handler = func(n int) string { return fmt.Sprint(n) }
	r := ring.Wrap(h, ring.Lru{})
	assert.Equal(t, "5", ring.Func1[int, string](r)(5))
	assert.Equal(t, "5", ring.Func1[int, string](struct{ *ring.Rope }{r})(5), "of what has a rope in it, too")
	typed, r := ring.Typed(h, ring.Lru{})
	assert.IsType(t, h, typed)
	assert.Equal(t, "5", typed(5))
	assert.Equal(t, 1, r.CacheInfo().Misses)
}

func TestAs(t *testing.T) {
	broken := errors.New("broken")
	length := ring.Wrap(func(s string) (int, error) { return len(s), nil }, ring.Lru{})
	n, ok, err := ring.As[int](length.Get("four"))
	require.NoError(t, err)
	assert.False(t, ok)
	assert.Zero(t, n)
	n, ok, err = ring.As[int](length.Call("four"))
	require.NoError(t, err)
	assert.True(t, ok)
	assert.Equal(t, 4, n)
	text, ok, err := ring.As[string](length.Get("four"))
	assert.ErrorIs(t, err, ring.ErrArguments)
	assert.EqualError(t, err, "ring: as string: wrong arguments: the value is of type int, not string: name the type of the function's result")
	assert.False(t, ok)
	assert.Empty(t, text)
	_, ok, err = ring.As[int](5, broken)
	assert.Same(t, broken, err)
	assert.False(t, ok)
	s, ok, err := ring.As[fmt.Stringer](time.Second, nil)
	require.NoError(t, err)
	assert.True(t, ok)
	assert.Equal(t, time.Second, s)
}

// TestForeignValuesAreNoHits: a value of another type, which another rope has cached under the
// same key, counts as the miss that it is.
func TestForeignValuesAreNoHits(t *testing.T) {
	cache := lrucache.New(10)
	texts := ring.Wrap(func(int) string { return "text" }, ring.Lru{Lru: cache, KeyPrefix: "f"})
	for name, call := range map[string]func(r *ring.Rope){
		"Call":    func(r *ring.Rope) { assert.Equal(t, 1, must(r.Call(1))) },
		"Get":     func(r *ring.Rope) { _, err := r.Get(1); assert.Error(t, err) },
		"GetMany": func(r *ring.Rope) { _, err := r.GetMany(ring.Args{1}); assert.Error(t, err) },
		"Func":    func(r *ring.Rope) { assert.Equal(t, 1, r.Func().(func(int) int)(1)) },
		"Func1":   func(r *ring.Rope) { assert.Equal(t, 1, ring.Func1[int, int](r)(1)) },
	} {
		require.NoError(t, texts.Set("text", 1))
		r := ring.Wrap(func(n int) int { return n }, ring.Lru{Lru: cache, KeyPrefix: "f", Options: quietly(ring.Options{})})
		call(r)
		assert.Zero(t, r.CacheInfo().Hits, name)
	}
}

// TestTypedBoundComesToTheSame: a method, bound or with its receiver as a parameter, comes to
// the same by every way, over all storages and options.
func TestTypedBoundComesToTheSame(t *testing.T) {
	for name, w := range worlds() {
		if w.named {
			continue
		}
		t.Run(name, func(t *testing.T) {
			ctx := t.Context()
			ropes := map[string]*ring.Rope{}
			for _, way := range []string{"Call", "Func", "bound", "unbound"} {
				ropes[way] = ring.Wrap((*shop).Sell, w.factory())
			}
			s := samples.Random(1)
			for step := range 40 {
				if step == 20 && w.change != nil {
					for _, r := range ropes {
						w.change(t, r)
					}
				}
				if w.clock != nil {
					*w.clock = w.clock.Add(time.Second)
				}
				receiver, n := &shop{text(s)}, s(3)
				value, wantErr := ropes["Call"].Bind(receiver).Call(ctx, n)
				want, _ := value.(int)
				for way, sell := range map[string]func(context.Context, int) (int, error){
					"Func":  ropes["Func"].Bind(receiver).Func().(func(context.Context, int) (int, error)),
					"bound": ring.Func2E[context.Context, int, int](ropes["bound"].Bind(receiver)),
					"unbound": func(ctx context.Context, n int) (int, error) {
						return ring.Func3E[*shop, context.Context, int, int](ropes["unbound"])(receiver, ctx, n)
					},
				} {
					got, err := sell(ctx, n)
					assert.Equal(t, want, got, "%s, step %d: %.100q, %d", way, step, receiver.name, n)
					assert.Equal(t, fmt.Sprint(wantErr), fmt.Sprint(err), way)
					assert.Equal(t, ropes["Call"].CacheInfo(), ropes[way].CacheInfo(), way)
					has, hasErr := ropes["Call"].Bind(receiver).Has(n)
					gotHas, gotErr := ropes[way].Bind(receiver).Has(n)
					assert.Equal(t, []any{has, fmt.Sprint(hasErr)}, []any{gotHas, fmt.Sprint(gotErr)}, way)
				}
			}
		})
	}
}
