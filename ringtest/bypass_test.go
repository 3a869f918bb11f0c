package ringtest_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ring-go/ring"
	"github.com/ring-go/ring/ringtest"
)

func TestBypassRunsAlways(t *testing.T) {
	forStorages(t, func(t *testing.T, s stored) {
		f := &counted{}
		r := ring.Wrap(f.label, s.factory(t), ring.Name("label"), ring.Signature("n"))
		forms := formsOf(t, r)
		kept, err := r.Call(1)
		require.NoError(t, err)
		f.taken()

		t.Run("inside", func(t *testing.T) {
			ringtest.Bypass(t, r)
			for _, form := range forms {
				for range 2 {
					got, err := form.call(1)
					require.NoError(t, err, form.name)
					assert.NotEqual(t, kept, got, form.name)
				}
				assert.Equal(t, 2, f.taken(), form.name)
			}
			bypassedSubFunctions(t, r, f, s.touches)
		})

		for _, form := range forms {
			got, err := form.call(1)
			require.NoError(t, err, form.name)
			assert.Equal(t, kept, got, form.name)
		}
		has, err := r.Has(2)
		require.NoError(t, err)
		assert.False(t, has, "nothing was stored")
		assert.Zero(t, f.taken())
	})
}

// bypassedSubFunctions: 1 is cached, 2 is not.
func bypassedSubFunctions(t *testing.T, r *ring.Rope, f *counted, touches bool) {
	t.Helper()
	for range 2 {
		_, err := r.Update(1)
		require.NoError(t, err)
		_, err = r.UpdateMany(ring.Args{1}, ring.Args{1})
		require.NoError(t, err)
		_, err = r.GetOrUpdateMany(ring.Args{1}, ring.Args{1})
		require.NoError(t, err)
		_, err = r.Execute(1)
		require.NoError(t, err)
	}
	assert.Equal(t, 12, f.taken(), "equal elements run, too")
	value, err := r.Get(1)
	require.NoError(t, err)
	assert.Nil(t, value)
	values, err := r.GetMany(ring.Args{1}, ring.Args{2})
	require.NoError(t, err)
	assert.Equal(t, []any{nil, nil}, values)
	_, ok, err := r.Lookup(1)
	require.NoError(t, err)
	assert.False(t, ok)
	all, err := r.HasMany(ring.Args{1})
	require.NoError(t, err)
	assert.Equal(t, []bool{false}, all)
	require.NoError(t, r.Set("x", 2))
	require.NoError(t, r.SetMany([]any{ring.Args{2}}, []any{"x"}))
	require.ErrorIs(t, r.Set(struct{}{}, 2), ring.ErrArguments)
	require.NoError(t, r.Delete(1))
	require.NoError(t, r.DeleteMany(ring.Args{1}))
	err = r.Touch(1)
	assert.Equal(t, touches, err == nil, "%v", err)
	assert.Equal(t, !touches, errors.Is(err, errors.ErrUnsupported), "%v", err)
	assert.Zero(t, f.taken())
}

func TestBypassSharesNoRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var runs atomic.Int32
		slow := ring.Wrap(func(n int) int {
			runs.Add(1)
			time.Sleep(time.Second)
			return n
		}, ring.Lru{})
		ringtest.Bypass(t, slow)
		var group sync.WaitGroup
		for range 5 {
			group.Go(func() { _, _ = slow.Call(1) })
		}
		group.Wait()
		assert.EqualValues(t, 5, runs.Load())
	})
}

func TestBypassPassesErrorsAndPanics(t *testing.T) {
	own := errors.New("own")
	f := func(n int) (int, error) {
		if n < 0 {
			panic("negative")
		}
		return n, own
	}
	r := ring.Wrap(f, ring.Lru{})
	ringtest.Bypass(t, r)
	for name, call := range map[string]func(args ...any) (any, error){
		"Call": r.Call, "Update": r.Update, "Execute": r.Execute, "Scalars": r.Scalars().Call,
	} {
		_, err := call(1)
		assert.Equal(t, own, err, name)
		assert.PanicsWithValue(t, "negative", func() { _, _ = call(-1) }, name)
	}
	got, err := ring.Func1E[int, int](r)(3)
	assert.Equal(t, own, err)
	assert.Equal(t, 3, got, "beside the error")
	_, err = r.UpdateMany(ring.Args{1})
	assert.ErrorIs(t, err, own)
	_, err = r.GetOrUpdateMany(ring.Args{1})
	assert.ErrorIs(t, err, own)
}

// service has a method expression.
type service struct{ runs *atomic.Int32 }

func (s service) RingKey() string { return "service" }

func (s service) Get(ctx context.Context, n int) (int, error) {
	return int(s.runs.Add(1)), ctx.Err()
}

func TestBypassOfMethodsAndContexts(t *testing.T) {
	r := ring.Wrap(service.Get, ring.Lru{})
	s := service{new(atomic.Int32)}
	wire := r.Bind(s)
	typed := wire.Func().(func(context.Context, int) (int, error))
	ctx, cancel := context.WithCancel(context.Background())
	_, err := wire.Call(ctx, 1)
	require.NoError(t, err)

	ringtest.Bypass(t, r)
	for want := 2; want < 4; want++ {
		got, err := wire.Call(ctx, 1)
		require.NoError(t, err)
		assert.Equal(t, 2*want-2, got)
		got, err = typed(ctx, 1)
		require.NoError(t, err)
		assert.Equal(t, 2*want-1, got)
	}
	cancel()
	before := s.runs.Load()
	_, err = wire.GetOrUpdateMany(ring.Args{ctx, 1})
	assert.ErrorIs(t, err, context.Canceled)
	assert.Equal(t, before, s.runs.Load(), "as in a bulk call that is not bypassed")
}

func TestBypassEncodesNoResult(t *testing.T) {
	client := redis.NewClient(&redis.Options{Addr: "127.0.0.1:1"})
	defer client.Close()
	r := ring.Wrap(func(n int) (any, error) { return make(chan int), nil }, ring.Redis{Client: client, KeyPrefix: "p", Coder: "json"})
	ringtest.Bypass(t, r)
	for name, call := range map[string]func(args ...any) (any, error){"Call": r.Call, "Update": r.Update} {
		_, err := call(1)
		assert.NoError(t, err, name)
	}
	for name, call := range map[string]func(args ...any) ([]any, error){"GetOrUpdateMany": r.GetOrUpdateMany, "UpdateMany": r.UpdateMany} {
		_, err := call(ring.Args{1})
		assert.NoError(t, err, name)
	}
	assert.ErrorIs(t, r.Set(make(chan int), 1), ring.ErrCoder, "Set checks its arguments")
}

// TestBypassRecursion: a function that is bypassed calls one that is not, and that one calls
// itself with the same arguments.
func TestBypassRecursion(t *testing.T) {
	var inner func(ctx context.Context, n int) (int, error)
	inner = func(ctx context.Context, n int) (int, error) { return inner(ctx, n) }
	ring.Decorate2E(&inner, ring.Lru{})
	outer := func(ctx context.Context, n int) (int, error) { return inner(ctx, n) }
	r := ring.Decorate2E(&outer, ring.Lru{})
	ringtest.Bypass(t, r)
	_, err := outer(context.Background(), 1)
	assert.ErrorIs(t, err, ring.ErrRecursion)

	depth := 0
	var loop func(ctx context.Context, n int) (int, error)
	loop = func(ctx context.Context, n int) (int, error) {
		if depth++; depth == 10 {
			return n, nil
		}
		return loop(ctx, n)
	}
	ringtest.Bypass(t, ring.Decorate2E(&loop, ring.Lru{}))
	got, err := loop(context.Background(), 7)
	require.NoError(t, err)
	assert.Equal(t, 7, got, "as without ring")
}

func TestBypassOfDefaultActions(t *testing.T) {
	for action, want := range map[string]int{"update": 2, "execute": 2, "get": 0, "get_or_update": 2} {
		f := &counted{}
		r := ring.Wrap(f.label, ring.Lru{Options: ring.Options{DefaultAction: action}})
		require.NoError(t, r.Set("kept", 1))
		ringtest.Bypass(t, r)
		typed := ring.Func1E[int, string](r)
		_, err := r.Call(1)
		require.NoError(t, err)
		got, err := typed(1)
		require.NoError(t, err)
		assert.NotEqual(t, "kept", got)
		assert.Equal(t, want, f.taken(), action)
	}
}

// TestBypassOfAll is no parallel test, so that no other one sees it.
func TestBypassOfAll(t *testing.T) {
	f, g := &counted{}, &counted{}
	one, two := ring.Wrap(f.label, ring.Lru{}), ring.Wrap(g.label, ring.Dict{})
	t.Run("inside", func(t *testing.T) {
		ringtest.Bypass(t)
		for range 3 {
			_, _ = one.Call(1)
			_, _ = two.Call(1)
		}
		assert.Equal(t, 3, f.taken())
		assert.Equal(t, 3, g.taken())
		later := &counted{}
		r := ring.Wrap(later.label, ring.Lru{})
		_, _ = r.Call(1)
		_, _ = r.Call(1)
		assert.Equal(t, 1, later.taken(), "a rope that was made later")
	})
	for range 2 {
		_, _ = one.Call(1)
		_, _ = two.Call(1)
	}
	assert.Equal(t, 1, f.taken())
	assert.Equal(t, 1, g.taken())
}
