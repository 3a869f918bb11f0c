package ring_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"weak"

	"github.com/ring-go/ring"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ring-go/ring/internal/flight"
	"github.com/ring-go/ring/lrucache"
)

// sharedBackends returns factories over one backend each, whose ropes share flights.
func sharedBackends() map[string]func() ring.Factory {
	return map[string]func() ring.Factory{
		"lru":  func() ring.Factory { return ring.Lru{Lru: lrucache.New(10), KeyPrefix: "f"} },
		"dict": func() ring.Factory { return ring.Dict{Obj: map[string]any{}, KeyPrefix: "f"} },
		"sync": func() ring.Factory { return ring.Dict{Obj: &sync.Map{}, KeyPrefix: "f"} },
		"own": func() ring.Factory {
			s := &remote{&sync.Map{}}
			return ring.BaseFactory{StorageClass: func(any) (ring.Storage, error) { return s, nil }, KeyPrefix: "f"}
		},
	}
}

func forSharedBackends(t *testing.T, test func(t *testing.T, f ring.Factory)) {
	for name, factory := range sharedBackends() {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { test(t, factory()) })
		})
	}
}

// expectingMisfits is f with an OnError that expects entries of another type, and no other
// errors.
func expectingMisfits(t *testing.T, f ring.Factory) ring.Factory {
	o := ring.Options{OnError: func(_ context.Context, err *ring.Error) {
		assert.ErrorIs(t, err, ring.ErrCoder)
		assert.ErrorContains(t, err, "what is stored is not a result of the function")
	}}
	switch f := f.(type) {
	case ring.Lru:
		f.Options = o
		return f
	case ring.Dict:
		f.Options = o
		return f
	case ring.BaseFactory:
		f.Options = o
		return f
	}
	require.Failf(t, "no shared backend", "%T", f)
	return nil
}

// TestOneRunOfTwoRopes: two ropes of one function run it once, by every form of call.
func TestOneRunOfTwoRopes(t *testing.T) {
	forSharedBackends(t, func(t *testing.T, f ring.Factory) {
		g := newGate()
		a, b := ring.Wrap(g.run, f), ring.Wrap(g.run, f)
		typed := b.Func().(func(context.Context, int) (int, error))
		compiled := ring.Func2E[context.Context, int, int](a)
		calls := []func() (any, error){
			func() (any, error) { return compiled(t.Context(), 7) },
			func() (any, error) { return a.Call(7) },
			func() (any, error) { return b.Call(7) },
			func() (any, error) { return typed(t.Context(), 7) },
			func() (any, error) {
				values, err := b.GetOrUpdateMany(ring.Args{7})
				return values[0], err
			},
		}
		var wg sync.WaitGroup
		for _, call := range calls {
			wg.Go(func() {
				v, err := call()
				assert.NoError(t, err)
				assert.Equal(t, 701, v)
			})
		}
		synctest.Wait()
		close(g.release)
		wg.Wait()
		assert.EqualValues(t, 1, g.runs.Load())
		idle(t, a)
		idle(t, b)
	})
}

// TestOneRunOfTwoTypedFunctions of ropes that share their runs.
func TestOneRunOfTwoTypedFunctions(t *testing.T) {
	forSharedBackends(t, func(t *testing.T, f ring.Factory) {
		release := make(chan struct{})
		var runs atomic.Int64
		a := func(n int) int { runs.Add(1); <-release; return n * 100 }
		b := a
		ring.Decorate1(&a, f)
		rope := ring.Decorate1(&b, f)
		var wg sync.WaitGroup
		for _, call := range []func(int) int{a, b, a, b} {
			wg.Go(func() { assert.Equal(t, 700, call(7)) })
		}
		synctest.Wait()
		close(release)
		wg.Wait()
		assert.EqualValues(t, 1, runs.Load())
		idle(t, rope)
	})
}

// TestAnotherRopesWriteWins over a run, whichever rope runs.
func TestAnotherRopesWriteWins(t *testing.T) {
	for action, run := range running {
		t.Run(action, func(t *testing.T) {
			forSharedBackends(t, func(t *testing.T, f ring.Factory) {
				s := newChanging()
				a, b := ring.Wrap(s.read, f), ring.Wrap(s.read, f)
				got := make(chan any, 1)
				go func() { got <- must(run(a)) }()
				<-s.reading
				s.state = 2
				require.NoError(t, b.Delete(7))
				close(s.release)
				assert.Equal(t, 1, <-got)
				assert.Equal(t, 2, must(a.Call(7)))
			})
		})
	}
}

// TestValueOfAnotherType: a waiting call does not get a value that its function cannot
// return.
func TestValueOfAnotherType(t *testing.T) {
	forSharedBackends(t, func(t *testing.T, f ring.Factory) {
		f = expectingMisfits(t, f)
		entered, release := make(chan struct{}), make(chan struct{})
		number := ring.Wrap(func(n int) int { close(entered); <-release; return n }, f)
		text := ring.Wrap(func(n int) string { return fmt.Sprint("text ", n) }, f)
		two := ring.Wrap(func(n int) (int, string) { return n, "two" }, f)
		stringer := ring.Wrap(func(n int) fmt.Stringer { return nil }, f)
		anything := ring.Wrap(func(n int) any { return "anything" }, f)
		nothing := ring.Wrap(func(n int) {}, f)

		go func() { must(number.Call(7)) }()
		<-entered
		var wg sync.WaitGroup
		for r, want := range map[*ring.Rope]any{text: "text 7", two: ring.Tuple{7, "two"}, stringer: nil, nothing: nil} {
			wg.Go(func() { assert.Equal(t, want, must(r.Call(7))) })
			wg.Go(func() { assert.Equal(t, []any{want}, must(r.GetOrUpdateMany(ring.Args{7}))) })
		}
		first := make(chan any)
		go func() { first <- must(anything.Call(7)) }()
		synctest.Wait()
		close(release)
		wg.Wait()
		assert.Equal(t, 7, <-first, "an int is a result of this function")
	})
}

// TestValueOfAnotherTypeThatIsYetToBeStored: a call during a bulk call whose value has
// another type does not wait for the bulk call's end, and a delete wins over both.
func TestValueOfAnotherTypeThatIsYetToBeStored(t *testing.T) {
	forms := map[string]func(r *ring.Rope) (any, error){
		"call": func(r *ring.Rope) (any, error) { return r.Call(7) },
		"many": func(r *ring.Rope) (any, error) {
			values, err := r.GetOrUpdateMany(ring.Args{7})
			return values[0], err
		},
	}
	for form, call := range forms {
		t.Run(form, func(t *testing.T) {
			forSharedBackends(t, func(t *testing.T, f ring.Factory) {
				f = expectingMisfits(t, f)
				var number, text *ring.Rope
				text = ring.Wrap(func(n int) string { return fmt.Sprint("text ", n) }, f)
				number = ring.Wrap(func(n int) int {
					if n == 8 {
						assert.Equal(t, "text 7", must(call(text)), "within the run")
						other := make(chan any)
						go func() { other <- must(call(text)) }()
						assert.Equal(t, "text 7", <-other)
						require.NoError(t, text.Delete(7))
					}
					return n
				}, f)
				assert.Equal(t, []any{7, 8}, must(number.GetOrUpdateMany(ring.Args{7}, ring.Args{8})))
				assert.Equal(t, []bool{false, true}, must(number.HasMany(ring.Args{7}, ring.Args{8})))
				idle(t, number)
			})
		})
	}
}

// TestOtherBackendsHaveOtherFlights: equal keys in two places share nothing.
func TestOtherBackendsHaveOtherFlights(t *testing.T) {
	client := redis.NewClient(&redis.Options{Addr: "127.0.0.1:1"})
	defer client.Close()
	other := redis.NewClient(&redis.Options{Addr: "127.0.0.1:1"})
	defer other.Close()
	flightsBy := func(f ring.Factory) *flight.Table {
		return ring.FlightsOf(ring.Wrap(func(n int) int { return n }, f, ring.Name("f")))
	}
	m := map[string]any{}
	assert.Same(t, flightsBy(ring.Redis{Client: client}), flightsBy(ring.Redis{Client: client, KeyPrefix: "x"}))
	assert.Same(t, flightsBy(ring.RedisHash{Client: client, HashKey: "h"}), flightsBy(ring.RedisHash{Client: client, HashKey: "h"}))
	assert.Same(t, flightsBy(ring.Dict{Obj: m}), flightsBy(ring.Dict{Obj: m, Expire: 1000000}), "an entry is read by either")
	for name, pair := range map[string][2]ring.Factory{
		"clients":  {ring.Redis{Client: client}, ring.Redis{Client: other}},
		"hashes":   {ring.RedisHash{Client: client, HashKey: "h"}, ring.RedisHash{Client: client, HashKey: "i"}},
		"a hash":   {ring.Redis{Client: client}, ring.RedisHash{Client: client, HashKey: "h"}},
		"private":  {ring.Lru{}, ring.Lru{}},
		"dicts":    {ring.Dict{}, ring.Dict{}},
		"maps":     {ring.Dict{Obj: m}, ring.Dict{Obj: map[string]any{}}},
		"storages": {ring.BaseFactory{StorageBackend: &sync.Map{}, StorageClass: newRemote}, ring.BaseFactory{StorageBackend: &sync.Map{}, StorageClass: newRemote}},
	} {
		assert.NotSame(t, flightsBy(pair[0]), flightsBy(pair[1]), name)
	}
}

// TestFlightsGoWithTheirRopes: the table of flights keeps neither ropes nor backends.
func TestFlightsGoWithTheirRopes(t *testing.T) {
	var tables []weak.Pointer[flight.Table]
	for range 100 {
		r := ring.Wrap(func(n int) int { return n }, ring.Lru{})
		must(r.Call(1))
		tables = append(tables, weak.Make(ring.FlightsOf(r)))
	}
	alive := func() (n int) {
		for _, table := range tables {
			if table.Value() != nil {
				n++
			}
		}
		return n
	}
	for range 100 {
		if runtime.GC(); alive() == 0 {
			return
		}
		runtime.Gosched()
	}
	assert.LessOrEqual(t, alive(), 1, "the last one may still be on the stack")
}

// TestStorageThatFailsForAnotherRope: a rope that fails open runs its function even
// after it has waited for a rope that does not.
func TestStorageThatFailsForAnotherRope(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		broken := errors.New("broken")
		s := &hanging{release: make(chan struct{}), err: broken}
		shared := ring.BaseFactory{StorageClass: func(any) (ring.Storage, error) { return s, nil }, KeyPrefix: "f"}
		strict := ring.Wrap(func(n int) int { return n }, shared)
		shared.Options = ring.Options{FailOpen: true, OnError: func(context.Context, *ring.Error) {}}
		open := ring.Wrap(func(n int) int { return n }, shared)
		var wg sync.WaitGroup
		wg.Go(func() {
			_, err := strict.Call(7)
			assert.ErrorIs(t, err, broken)
		})
		synctest.Wait()
		wg.Go(func() { assert.Equal(t, 7, must(open.Call(7))) })
		synctest.Wait()
		close(s.release)
		wg.Wait()
	})
}
