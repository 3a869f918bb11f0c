package ring

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ring-go/ring/internal/flight"
	"github.com/ring-go/ring/lrucache"
)

// sharedBackends are factories over one backend each, of which ropes share the flights.
func sharedBackends() map[string]func() Factory {
	return map[string]func() Factory{
		"lru":  func() Factory { return Lru{Lru: lrucache.New(10), KeyPrefix: "f"} },
		"dict": func() Factory { return Dict{Obj: map[string]any{}, KeyPrefix: "f"} },
		"sync": func() Factory { return Dict{Obj: &sync.Map{}, KeyPrefix: "f"} },
		"own": func() Factory {
			s := &remote{&sync.Map{}}
			return BaseFactory{StorageClass: func(any) (Storage, error) { return s, nil }, KeyPrefix: "f"}
		},
	}
}

func forSharedBackends(t *testing.T, test func(t *testing.T, f Factory)) {
	for name, factory := range sharedBackends() {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { test(t, factory()) })
		})
	}
}

// TestOneRunOfTwoRopes: two ropes of one function run it once, by every form of call.
func TestOneRunOfTwoRopes(t *testing.T) {
	forSharedBackends(t, func(t *testing.T, f Factory) {
		g := newGate()
		a, b := Wrap(g.run, f), Wrap(g.run, f)
		typed := b.Func().(func(context.Context, int) (int, error))
		calls := []func() (any, error){
			func() (any, error) { return a.Call(7) },
			func() (any, error) { return b.Call(7) },
			func() (any, error) { return typed(t.Context(), 7) },
			func() (any, error) {
				values, err := b.GetOrUpdateMany(Args{7})
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

// TestAnotherRopesWriteWins over a run, whichever rope runs.
func TestAnotherRopesWriteWins(t *testing.T) {
	for action, run := range running {
		t.Run(action, func(t *testing.T) {
			forSharedBackends(t, func(t *testing.T, f Factory) {
				s := newChanging()
				a, b := Wrap(s.read, f), Wrap(s.read, f)
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
	forSharedBackends(t, func(t *testing.T, f Factory) {
		entered, release := make(chan struct{}), make(chan struct{})
		number := Wrap(func(n int) int { close(entered); <-release; return n }, f)
		text := Wrap(func(n int) string { return fmt.Sprint("text ", n) }, f)
		two := Wrap(func(n int) (int, string) { return n, "two" }, f)
		stringer := Wrap(func(n int) fmt.Stringer { return nil }, f)
		anything := Wrap(func(n int) any { return "anything" }, f)
		nothing := Wrap(func(n int) {}, f)

		go func() { must(number.Call(7)) }()
		<-entered
		var wg sync.WaitGroup
		for r, want := range map[*Rope]any{text: "text 7", two: Tuple{7, "two"}, stringer: nil, nothing: nil} {
			wg.Go(func() { assert.Equal(t, want, must(r.Call(7))) })
			wg.Go(func() { assert.Equal(t, []any{want}, must(r.GetOrUpdateMany(Args{7}))) })
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
// another type does not wait for its end, and a delete wins over both.
func TestValueOfAnotherTypeThatIsYetToBeStored(t *testing.T) {
	forms := map[string]func(r *Rope) (any, error){
		"call": func(r *Rope) (any, error) { return r.Call(7) },
		"many": func(r *Rope) (any, error) {
			values, err := r.GetOrUpdateMany(Args{7})
			return values[0], err
		},
	}
	for form, call := range forms {
		t.Run(form, func(t *testing.T) {
			forSharedBackends(t, func(t *testing.T, f Factory) {
				var number, text *Rope
				text = Wrap(func(n int) string { return fmt.Sprint("text ", n) }, f)
				number = Wrap(func(n int) int {
					if n == 8 {
						assert.Equal(t, "text 7", must(call(text)), "within the run")
						other := make(chan any)
						go func() { other <- must(call(text)) }()
						assert.Equal(t, "text 7", <-other)
						require.NoError(t, text.Delete(7))
					}
					return n
				}, f)
				assert.Equal(t, []any{7, 8}, must(number.GetOrUpdateMany(Args{7}, Args{8})))
				assert.Equal(t, []bool{false, true}, must(number.HasMany(Args{7}, Args{8})))
				idle(t, number)
			})
		})
	}
}

// TestOtherBackendsHaveOtherFlights: equal keys in two places have nothing in common.
func TestOtherBackendsHaveOtherFlights(t *testing.T) {
	client := redis.NewClient(&redis.Options{Addr: "127.0.0.1:1"})
	defer client.Close()
	other := redis.NewClient(&redis.Options{Addr: "127.0.0.1:1"})
	defer other.Close()
	flightsBy := func(f Factory) *flight.Table { return Wrap(func(n int) int { return n }, f, Name("f")).storage.Flights }
	m := map[string]any{}
	assert.Same(t, flightsBy(Redis{Client: client}), flightsBy(Redis{Client: client, KeyPrefix: "x"}))
	assert.Same(t, flightsBy(RedisHash{Client: client, HashKey: "h"}), flightsBy(RedisHash{Client: client, HashKey: "h"}))
	assert.Same(t, flightsBy(Dict{Obj: m}), flightsBy(Dict{Obj: m, Expire: 1000000}), "an entry is read by either")
	for name, pair := range map[string][2]Factory{
		"clients":  {Redis{Client: client}, Redis{Client: other}},
		"hashes":   {RedisHash{Client: client, HashKey: "h"}, RedisHash{Client: client, HashKey: "i"}},
		"a hash":   {Redis{Client: client}, RedisHash{Client: client, HashKey: "h"}},
		"private":  {Lru{}, Lru{}},
		"dicts":    {Dict{}, Dict{}},
		"maps":     {Dict{Obj: m}, Dict{Obj: map[string]any{}}},
		"storages": {BaseFactory{StorageBackend: &sync.Map{}, StorageClass: newRemote}, BaseFactory{StorageBackend: &sync.Map{}, StorageClass: newRemote}},
	} {
		assert.NotSame(t, flightsBy(pair[0]), flightsBy(pair[1]), name)
	}
}

// TestFlightsGoWithTheirRopes: the table of flights keeps neither ropes nor backends.
func TestFlightsGoWithTheirRopes(t *testing.T) {
	known := backendFlights.Len
	before := known()
	for range 100 {
		r := Wrap(func(n int) int { return n }, Lru{})
		must(r.Call(1))
	}
	for range 100 {
		if runtime.GC(); known() <= before {
			return
		}
		runtime.Gosched()
	}
	assert.LessOrEqual(t, known(), before)
}

// TestStorageThatFailsForAnotherRope: a rope that fails open runs its function although
// it waited for one that does not.
func TestStorageThatFailsForAnotherRope(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		broken := errors.New("broken")
		s := &hanging{release: make(chan struct{}), err: broken}
		shared := BaseFactory{StorageClass: func(any) (Storage, error) { return s, nil }, KeyPrefix: "f"}
		strict := Wrap(func(n int) int { return n }, shared)
		shared.Options = Options{FailOpen: true, OnError: func(context.Context, *Error) {}}
		open := Wrap(func(n int) int { return n }, shared)
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
