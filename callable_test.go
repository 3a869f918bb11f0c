package ring_test

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"weak"

	"github.com/ring-go/ring"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ring-go/ring/lrucache"
)

type shop struct{ name string }

func (s shop) RingKey() string                                { return s.name }
func (s shop) Price(n int) int                                { return n }
func (s *shop) Sell(ctx context.Context, n int) (int, error)  { return n, ctx.Err() }
func generic[T any](v T) T                                    { return v }
func inlined(n int) int                                       { return n + 1 }
func contextSecond(n int, ctx context.Context) int            { return n }
func contextTwice(ctx context.Context, c context.Context) int { return 0 }

type box[T any] struct{ V T }

func (b box[T]) RingKey() string { return fmt.Sprint(b.V) }
func (b box[T]) Get(n int) T     { return b.V }

var packageLevel = func(n int) int { return inlined(n) }

type request struct {
	context.Context
	ID int
}

func (r *request) RingKey() string { return strconv.Itoa(r.ID) }

func TestUnstableNamesNeedAPrefixOnSharedStorages(t *testing.T) {
	s := &shop{"s"}
	for _, tt := range []struct {
		fn   any
		want string
	}{
		{func(n int) int { return n }, "it is a function literal, and this code gives all that it makes one name, whatever they have captured: give it a KeyPrefix, or a name with ring.Name, that is different where the results are"},
		{packageLevel, "it is a function literal"},
		{generic[int], "it is an instance of a generic function, and all instances have this name: give it a KeyPrefix, or a name with ring.Name, that tells the type arguments"},
		{box[int].Get, "it is an instance of a generic function"},
		{reflect.MakeFunc(reflect.TypeOf(inlined), nil).Interface(), "it was made by reflection"},
		{s.Price, "it is a method value, and its receiver is not in the key, whatever the KeyPrefix or the name, so that two receivers get each other's results: " +
			"wrap the method expression, ring.Wrap(shop.Price, …).Bind(x), and give the type a method RingKey() string that tells apart the receivers whose results differ; " +
			"or make a rope for each instance, in its constructor, with an Lru or a Dict of its own: ring.Wrap(x.Price, ring.Lru{})"},
		{s.Sell, "ring.Wrap((*shop).Sell, …).Bind(x)"},
		{box[int]{}.Get, "it is a method value"},
		{reflect.ValueOf(s).MethodByName("Price").Interface(), "ring.Wrap((*T).M, …).Bind(x)"},
		{ring.Wrap((*shop).Sell, ring.Lru{}).Bind(s).Func(), "it is a method value, and its receiver is not in the key"},
	} {
		fn := tt.fn
		for _, shared := range []ring.Factory{ring.Dict{Obj: map[string]any{}}, ring.Lru{Lru: lrucache.New(128)}, ring.BaseFactory{StorageBackend: &sync.Map{}, StorageClass: newRemote}} {
			_, err := ring.New(fn, shared)
			assert.ErrorContains(t, err, "the storage is shared, and the name ")
			assert.ErrorContains(t, err, " does not identify the function: it ")
			assert.ErrorContains(t, err, tt.want)
			isValue := strings.Contains(err.Error(), "it is a method value")
			assert.Equal(t, isValue, !strings.Contains(err.Error(), "give it a KeyPrefix, or a name with ring.Name"), "no remedy that leads to wrong data")
			_, err = ring.New(fn, shared, ring.Name("f"))
			assert.NoError(t, err)
		}
		_, err := ring.New(fn, ring.Dict{Obj: map[string]any{}, KeyPrefix: "p"})
		assert.NoError(t, err)
		for _, private := range []ring.Factory{ring.Lru{}, ring.Dict{}} {
			_, err := ring.New(fn, private)
			assert.NoError(t, err)
		}
	}
}

// TestDecoratedFunctionsKeepTheirIdentity: the name, its stability, the receiver and
// the signature stay with the function, and go when it goes.
func TestDecoratedFunctionsKeepTheirIdentity(t *testing.T) {
	itoa := strconv.Itoa
	ring.Decorate(&itoa, ring.Lru{}, ring.Signature("n=5"))
	again := ring.Wrap(itoa, ring.Dict{Obj: map[string]any{}})
	key, err := again.Key()
	require.NoError(t, err)
	assert.Equal(t, "strconv.Itoa:5", key)

	sell := (*shop).Sell
	ring.Decorate(&sell, ring.Lru{})
	r := ring.Wrap(sell, ring.Dict{Obj: map[string]any{}})
	key, err = r.Bind(&shop{"s"}).Key(1)
	require.NoError(t, err)
	assert.Equal(t, "github.com/ring-go/ring_test.shop.Sell:s:1", key)

	bound := ring.Wrap((*shop).Sell, ring.Lru{}, ring.Signature("self, n=3")).Bind(&shop{"s"}).Func().(func(context.Context, int) (int, error))
	_, err = ring.New(bound, ring.Dict{Obj: map[string]any{}})
	assert.ErrorContains(t, err, "does not identify the function")
	key, err = ring.Wrap(bound, ring.Lru{}).Key()
	require.NoError(t, err)
	assert.Equal(t, ":3", key)
}

func TestContextIsNoParameter(t *testing.T) {
	f := func(ctx context.Context, a int, b string) (string, error) {
		if ctx == nil {
			return "", errors.New("no context")
		}
		return fmt.Sprint(a, b), ctx.Err()
	}
	r := ring.Wrap(f, ring.Lru{}, ring.Signature("a, b='x'"))
	ctx := t.Context()
	for _, args := range [][]any{{1}, {ctx, 1}, {ctx, 1, "x"}, {ctx, ring.Kwargs{"a": 1}}} {
		key, err := r.Key(args...)
		require.NoError(t, err)
		assert.Equal(t, ":1:x", key)
		v, err := r.Call(args...)
		require.NoError(t, err)
		assert.Equal(t, "1x", v)
	}
	cancelled, cancel := context.WithCancel(ctx)
	cancel()
	_, err := r.Call(cancelled, 2)
	assert.ErrorIs(t, err, context.Canceled)
	_, err = r.WithContext(cancelled).Call(2)
	assert.ErrorIs(t, err, context.Canceled)
	_, err = r.WithContext(cancelled).Call(ctx, 2)
	assert.NoError(t, err, "the call's own context counts")

	m := ring.Wrap((*shop).Sell, ring.Lru{})
	s := &shop{"s"}
	for _, args := range [][]any{{s, 1}, {ctx, s, 1}, {s, ctx, 1}} {
		key, err := m.Key(args...)
		require.NoError(t, err)
		assert.Equal(t, ":s:1", key)
	}
	_, err = m.Bind(s).Call(cancelled, 9)
	assert.ErrorIs(t, err, context.Canceled)
	v, err := m.Call(s, ctx, 9)
	require.NoError(t, err)
	assert.Equal(t, 9, v)
	keys, err := m.KeyMany(ring.Args{ctx, s, 1}, ring.Args{s, ctx, 1})
	require.NoError(t, err)
	assert.Equal(t, []string{":s:1", ":s:1"}, keys)

	// A parameter after the context may be a context, too: it is the request in some
	// frameworks.
	req := ring.Wrap(func(ctx context.Context, r *request, n int) (int, error) { return r.ID + n, ctx.Err() }, ring.Lru{}, ring.Signature("r, n=0"))
	v, err = req.Call(ctx, &request{ctx, 1}, 7)
	require.NoError(t, err)
	assert.Equal(t, 8, v)
	n, err := req.Func().(func(context.Context, *request, int) (int, error))(ctx, &request{ctx, 1}, 8)
	require.NoError(t, err)
	assert.Equal(t, 9, n)
	key, err := req.Key(ctx, &request{ctx, 1})
	require.NoError(t, err)
	assert.Equal(t, ":1:0", key)

	for _, fn := range []any{contextSecond, contextTwice} {
		_, err := ring.New(fn, ring.Lru{})
		assert.ErrorContains(t, err, "parameter 2 (context.Context): a context must be the first parameter")
	}
	_, err = ring.Wrap(func(v any) int { return 0 }, ring.Lru{}).Call(ctx)
	assert.ErrorContains(t, err, "a context has no place here: use WithContext")
}

func TestResults(t *testing.T) {
	none := ring.Wrap(func(n int) {}, ring.Lru{})
	v, err := none.Call(1)
	require.NoError(t, err)
	assert.Nil(t, v)
	_, ok, err := none.Lookup(1)
	require.NoError(t, err)
	assert.True(t, ok, "a function without a result is cached as well")

	onlyError := ring.Wrap(func(n int) error {
		if n < 0 {
			return errors.New("negative")
		}
		return nil
	}, ring.Lru{})
	v, err = onlyError.Call(1)
	require.NoError(t, err)
	assert.Nil(t, v)
	_, err = onlyError.Call(-1)
	assert.EqualError(t, err, "negative")

	several := ring.Wrap(func(n int) (string, []int, error) { return "x", []int{n}, nil }, ring.Lru{})
	v, err = several.Call(1)
	require.NoError(t, err)
	assert.Equal(t, ring.Tuple{"x", []int{1}}, v)
	v.(ring.Tuple)[0] = "changed by a caller"
	v, err = several.Call(1)
	require.NoError(t, err)
	assert.Equal(t, ring.Tuple{"x", []int{1}}, v)
	require.NoError(t, several.Set(ring.Tuple{"y", []any{1, 2}}, 1))
	assert.Equal(t, ring.Tuple{"y", []int{1, 2}}, must(several.Get(1)))
	assert.ErrorIs(t, several.Set(ring.Tuple{"y"}, 1), ring.ErrArguments)
	assert.ErrorIs(t, several.Set("y", 1), ring.ErrArguments)

	//lint:ignore ST1008 an error that is not the last result is a value
	errorFirst := ring.Wrap(func(n int) (error, int) { return errors.New("a value"), n }, ring.Lru{})
	v, err = errorFirst.Call(1)
	require.NoError(t, err)
	assert.EqualError(t, v.(ring.Tuple)[0].(error), "a value")

	nilPointer := ring.Wrap(func(n int) *shop { return nil }, ring.Lru{})
	v, err = nilPointer.Call(1)
	require.NoError(t, err)
	assert.Equal(t, (*shop)(nil), v)
	v, ok, err = nilPointer.Lookup(1)
	require.NoError(t, err)
	assert.True(t, ok)
	assert.Equal(t, (*shop)(nil), v)
}

func TestBind(t *testing.T) {
	r := ring.Wrap((*shop).Sell, ring.Lru{})
	v, err := r.Bind(&shop{"a"}).Call(1)
	require.NoError(t, err)
	assert.Equal(t, 1, v)
	for _, receiver := range []any{nil, 5, shop{"a"}, &request{}} {
		w := r.Bind(receiver)
		_, err := w.Call(1)
		if receiver == nil {
			continue // a nil pointer is a receiver like any other
		}
		assert.ErrorIs(t, err, ring.ErrArguments)
		assert.ErrorContains(t, err, "shop.Sell cannot be bound")
		_, err = w.GetMany(ring.Args{1})
		assert.ErrorIs(t, err, ring.ErrArguments)
	}
	_, err = ring.Wrap(strconv.Itoa, ring.Lru{}).Bind(5).Call()
	assert.ErrorIs(t, err, ring.ErrArguments)
	assert.ErrorContains(t, err, "Itoa is no method expression")

	byValue := ring.Wrap(shop.Price, ring.Lru{})
	key, err := byValue.Bind(shop{"v"}).Key(1)
	require.NoError(t, err)
	assert.Equal(t, ":v:1", key)
}

// TestTyped: functions of the original's type, in every shape.
func TestTyped(t *testing.T) {
	runs := 0
	variadic := func(ctx context.Context, prefix string, n ...int) (string, int, error) {
		runs++
		if prefix == "" {
			return "partial", 1, errors.New("no prefix")
		}
		return prefix, len(n), nil
	}
	original := variadic
	r := ring.Decorate(&variadic, ring.Lru{})
	for range 2 {
		s, n, err := variadic(t.Context(), "x", 1, 2, 3)
		require.NoError(t, err)
		assert.Equal(t, "x", s)
		assert.Equal(t, 3, n)
	}
	assert.Equal(t, 1, runs)
	s, n, err := variadic(nil, "")
	assert.EqualError(t, err, "no prefix")
	assert.Equal(t, "partial", s, "what the function returns beside an error is returned")
	assert.Equal(t, 1, n)
	assert.IsType(t, original, r.Func())

	type named func(int) string
	var f named = strconv.Itoa
	ring.Decorate(&f, ring.Lru{})
	assert.Equal(t, "5", f(5))

	bound := ring.Wrap((*shop).Sell, ring.Lru{}).Bind(&shop{"s"}).Func().(func(context.Context, int) (int, error))
	n, err = bound(t.Context(), 7)
	require.NoError(t, err)
	assert.Equal(t, 7, n)

	iface := func(v any) error { return nil }
	ring.Decorate(&iface, ring.Lru{})
	assert.NoError(t, iface(nil))
	assert.NoError(t, iface(3))

	var nothing func()
	assert.PanicsWithError(t, "ring: decorate string: that is no pointer to a function variable: give Decorate(&f, …)", func() { ring.Decorate("x", ring.Lru{}) })
	assert.Panics(t, func() { ring.Decorate(&nothing, ring.Lru{}) })
	assert.Panics(t, func() { ring.Decorate(nothing, ring.Lru{}) })
}

// TestTypedWithoutErrorAnswersAlways: an error that cannot be returned goes to OnError.
func TestTypedWithoutErrorAnswersAlways(t *testing.T) {
	var reported []*ring.Error
	options := ring.Options{OnError: func(_ context.Context, err *ring.Error) { reported = append(reported, err) }}
	runs := 0
	f := func(v any) int { runs++; return runs }
	r := ring.Wrap(f, ring.Lru{Options: options})
	typed := r.Func().(func(any) int)
	assert.Equal(t, 1, typed(make(chan int)))
	assert.Equal(t, 2, typed(make(chan int)))
	require.Len(t, reported, 2)
	assert.ErrorIs(t, reported[0], ring.ErrKey)

	reported = nil
	broken := errors.New("disk full")
	r = ring.Wrap(f, ring.BaseFactory{StorageClass: func(any) (ring.Storage, error) { return &failingStorage{remote{&sync.Map{}}, broken}, nil }, Options: options}, ring.Name("f"))
	assert.Equal(t, 3, r.Func().(func(any) int)(1), "run once, not again for the storage")
	require.Len(t, reported, 1)
	assert.Equal(t, `ring: get_or_update f "f:1": disk full`, reported[0].Error())

	withError := func(v any) (int, error) { return 7, nil }
	r = ring.Wrap(withError, ring.BaseFactory{StorageClass: func(any) (ring.Storage, error) { return &failingStorage{remote{&sync.Map{}}, broken}, nil }}, ring.Name("f"))
	n, err := r.Func().(func(any) (int, error))(1)
	assert.ErrorIs(t, err, broken)
	assert.Equal(t, 7, n)
}

func TestPanicOfATypedFunctionIsItsOwn(t *testing.T) {
	f := func(n int) int { panic("own") }
	ring.Decorate(&f, ring.Lru{})
	assert.PanicsWithValue(t, "own", func() { f(1) })
}

// TestPointerParameter: Python's x=None is a pointer here, and accepts the value
// itself.
func TestPointerParameter(t *testing.T) {
	seen := []string{}
	f := ring.Wrap(func(x *string) int {
		if x == nil {
			seen = append(seen, "nil")
		} else {
			seen = append(seen, *x)
		}
		return len(seen)
	}, ring.Lru{}, ring.Signature("x=None"))
	text := "b"
	for _, args := range [][]any{{}, {"a"}, {&text}, {"b"}, {nil}} {
		_, err := f.Call(args...)
		require.NoError(t, err)
	}
	assert.Equal(t, []string{"nil", "a", "b"}, seen)
	_, err := f.Call(1.5)
	assert.ErrorIs(t, err, ring.ErrArguments)
}

// TestTypedKeepsNoResults: nothing keeps a result that the cache has dropped.
func TestTypedKeepsNoResults(t *testing.T) {
	type page [1 << 16]byte
	var pages []weak.Pointer[page]
	f := func(n int) (*page, error) {
		p := new(page)
		pages = append(pages, weak.Make(p))
		return p, nil
	}
	ring.Decorate(&f, ring.Lru{MaxSize: 1})
	for i := range 20 {
		_, err := f(i)
		require.NoError(t, err)
	}
	runtime.GC()
	kept := 0
	for _, p := range pages {
		if p.Value() != nil {
			kept++
		}
	}
	assert.LessOrEqual(t, kept, 2) // the cached one, and perhaps the stack's last
}

// TestTypedResultsAreApart: concurrent calls each get their own results, while the
// collector frees the memory of earlier ones.
func TestTypedResultsAreApart(t *testing.T) {
	f := func(n int) (string, int, error) { return strconv.Itoa(n), n, nil }
	ring.Decorate(&f, ring.Lru{MaxSize: 64})
	var wg sync.WaitGroup
	for g := range 8 {
		wg.Go(func() {
			for i := range 2000 {
				n := (i*7 + g) % 100
				s, same, err := f(n)
				if s != strconv.Itoa(n) || same != n || err != nil {
					t.Errorf("f(%d) is %q, %d, %v", n, s, same, err)
					return
				}
				if i%500 == 0 {
					runtime.GC()
				}
			}
		})
	}
	wg.Wait()
}
