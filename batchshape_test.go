package ring_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ring-go/ring"
)

// batchShop has a function for many as a method.
type batchShop struct{ name string }

func (s *batchShop) RingKey() string { return s.name }

func (s *batchShop) prices(_ context.Context, ids []string) (map[string]string, error) {
	m := map[string]string{}
	for _, id := range ids {
		m[id] = s.name + " " + id
	}
	return m, nil
}

// TestBatchShapes: with and without context, error and further parameters, a map or a slice.
func TestBatchShapes(t *testing.T) {
	upper := func(ids []string) map[string]string {
		m := map[string]string{}
		for _, id := range ids {
			m[id] = strings.ToUpper(id)
		}
		return m
	}
	inOrder := func(ids []string) []string {
		var list []string
		for _, id := range ids {
			list = append(list, strings.ToUpper(id))
		}
		return list
	}
	for name, fn := range map[string]any{
		"map":                   upper,
		"map, error":            func(ids []string) (map[string]string, error) { return upper(ids), nil },
		"context, map":          func(_ context.Context, ids []string) map[string]string { return upper(ids) },
		"context, map, error":   func(_ context.Context, ids []string) (map[string]string, error) { return upper(ids), nil },
		"slice":                 inOrder,
		"context, slice, error": func(_ context.Context, ids []string) ([]string, error) { return inOrder(ids), nil },
	} {
		t.Run(name, func(t *testing.T) {
			r := ring.Wrap(fn, ring.Lru{}, ring.Batch(ring.BatchOptions{}))
			values, err := r.GetOrUpdateMany(ring.Args{"a"}, ring.Args{"b"}, ring.Args{"a"})
			require.NoError(t, err)
			assert.Equal(t, []any{"A", "B", "A"}, values)
			value, err := r.Call("c")
			require.NoError(t, err)
			assert.Equal(t, "C", value)
			values, err = r.GetMany(ring.Args{"a"}, ring.Args{"c"}, ring.Args{"d"})
			require.NoError(t, err)
			assert.Equal(t, []any{"A", "C", nil}, values)
		})
	}
}

// TestBatchFurtherArguments: only calls with the same further arguments go into one run.
func TestBatchFurtherArguments(t *testing.T) {
	var runs []string
	load := func(ids []int, lang string, flags ...string) map[int]string {
		runs = append(runs, fmt.Sprintf("%v %s %v", ids, lang, flags))
		m := map[int]string{}
		for _, id := range ids {
			m[id] = fmt.Sprintf("%d %s %d", id, lang, len(flags))
		}
		return m
	}
	r := ring.Wrap(load, ring.Lru{}, ring.Batch(ring.BatchOptions{}))
	values, err := r.GetOrUpdateMany(ring.Args{1, "de"}, ring.Args{1, "en"}, ring.Args{2, "de"}, ring.Args{2, "en", "x"}, ring.Args{3, "en", "x"})
	require.NoError(t, err)
	assert.Equal(t, []any{"1 de 0", "1 en 0", "2 de 0", "2 en 1", "3 en 1"}, values)
	assert.Equal(t, []string{"[1 2] de []", "[1] en []", "[2 3] en [x]"}, runs)
	value, err := r.Call(2, "de")
	require.NoError(t, err)
	assert.Equal(t, []any{"2 de 0"}, []any{value})
	assert.Len(t, runs, 3)
}

// TestBatchReceivers: the receiver is part of the key, and of what runs together.
func TestBatchReceivers(t *testing.T) {
	r := ring.Wrap((*batchShop).prices, ring.Lru{}, ring.Batch(ring.BatchOptions{MaxWait: time.Microsecond}))
	a, b := &batchShop{"a"}, &batchShop{"b"}
	for _, s := range []*batchShop{a, b} {
		values, err := r.Bind(s).GetOrUpdateMany(ring.Args{"x"}, ring.Args{"y"})
		require.NoError(t, err)
		assert.Equal(t, []any{s.name + " x", s.name + " y"}, values)
		value, err := r.Bind(s).Call("z")
		require.NoError(t, err)
		assert.Equal(t, s.name+" z", value)
	}
	price := r.Bind(a).Func().(func(context.Context, string) (string, error))
	value, err := price(t.Context(), "x")
	require.NoError(t, err)
	assert.Equal(t, "a x", value)
	values, err := r.GetOrUpdateMany(ring.Args{a, "v"}, ring.Args{b, "v"}, ring.Args{a, "w"})
	require.NoError(t, err)
	assert.Equal(t, []any{"a v", "b v", "a w"}, values)
}

// TestBatchTypes: a typed function is that of a call for one element.
func TestBatchTypes(t *testing.T) {
	l := loader{lacking: map[int]bool{5: true}}
	r := ring.Wrap(l.load, ring.Lru{}, ring.Batch(ring.BatchOptions{}))
	byFunc := r.Func().(func(context.Context, int) (string, error))
	byFunc2E := ring.Func2E[context.Context, int, string](r)
	for _, f := range []func(context.Context, int) (string, error){byFunc, byFunc2E} {
		value, err := f(t.Context(), 1)
		require.NoError(t, err)
		assert.Equal(t, "v1", value)
		value, err = f(t.Context(), 5)
		var e *ring.Error
		require.ErrorAs(t, err, &e)
		assert.ErrorIs(t, err, ring.ErrNotFound)
		assert.Empty(t, value)
	}
	assert.Equal(t, [][]int{{1}, {5}, {5}}, l.taken())
	value, ok, err := ring.As[string](r.Call(1))
	require.NoError(t, err)
	assert.True(t, ok)
	assert.Equal(t, "v1", value)

	load := l.load
	batch := ring.Batch(ring.BatchOptions{})
	const hint = "use Wrap, and Func"
	assertPanicsWith(t, hint, func() { ring.Decorate(&load, ring.Lru{}, batch) })
	assertPanicsWith(t, hint, func() { ring.Decorate2E(&load, ring.Lru{}, batch) })
	assertPanicsWith(t, hint, func() { ring.Typed(load, ring.Lru{}, batch) })
}

func assertPanicsWith(t *testing.T, text string, f func()) {
	t.Helper()
	defer func() {
		err, _ := recover().(error)
		var e *ring.Error
		require.ErrorAs(t, err, &e)
		assert.ErrorContains(t, err, text)
	}()
	f()
}

// TestBatchRefuses: what is no function for many, and options that make no sense.
func TestBatchRefuses(t *testing.T) {
	for want, fn := range map[string]any{
		"no parameter for the elements": func() map[int]int { return nil },
		"no parameter for the elements ": func(context.Context) map[int]int {
			return nil
		},
		"the elements, int, is no slice":            func(int) map[int]int { return nil },
		"is variadic":                               func(...int) map[int]int { return nil },
		"not one result":                            func([]int) {},
		"not one result ":                           func([]int) error { return nil },
		"not one result  ":                          func([]int) (map[int]int, bool) { return nil, false },
		"the result, string, is neither":            func([]int) string { return "" },
		"the keys of the result are of type string": func([]int) map[string]int { return nil },
		"func(ctx, []K, …) (map[K]V, error) or func(ctx, []K, …) ([]V": func(string) int { return 0 },
		"nil is not a function": nil,
		"int is not a function": 3,
	} {
		_, err := ring.New(fn, ring.Lru{}, ring.Batch(ring.BatchOptions{}))
		assert.ErrorContains(t, err, strings.TrimSpace(want))
	}
	var l loader
	for want, o := range map[string]ring.BatchOptions{
		"the MaxSize -1 of the Batch":                  {MaxSize: -1},
		"the MaxWait of the Batch is negative":         {MaxWait: -1},
		"for 5 seconds write 5*time.Second":            {MaxWait: 5},
		"the CacheMissing of the Batch is negative (-": {CacheMissing: -time.Second},
	} {
		_, err := ring.New(l.load, ring.Lru{}, ring.Batch(o))
		assert.ErrorContains(t, err, want)
	}
	_, err := ring.New(l.load, ring.Lru{}, ring.Batch(ring.BatchOptions{}), ring.Batch(ring.BatchOptions{}))
	assert.ErrorContains(t, err, "a second Batch")
}

// TestBatchSlices: a slice has one value for each element, or none counts.
func TestBatchSlices(t *testing.T) {
	for _, n := range []int{1, 3} {
		r := ring.Wrap(func([]int) ([]int, error) { return make([]int, n), nil }, ring.Lru{}, ring.Batch(ring.BatchOptions{}))
		values, err := r.GetOrUpdateMany(ring.Args{1}, ring.Args{2})
		var e *ring.Error
		require.ErrorAs(t, err, &e)
		assert.ErrorContains(t, err, fmt.Sprintf("the function returned %d values for 2 elements", n))
		assert.Equal(t, []any{nil, nil}, values)
		has, err := r.HasMany(ring.Args{1}, ring.Args{2})
		require.NoError(t, err)
		assert.Equal(t, []bool{false, false}, has)
	}
	cause := errors.New("down")
	r := ring.Wrap(func(ids []int) ([]int, error) { return ids, cause }, ring.Lru{}, ring.Batch(ring.BatchOptions{}))
	_, err := r.Call(1)
	assert.Same(t, cause, err)
	has, err := r.Has(1)
	require.NoError(t, err)
	assert.False(t, has)
}

// TestBatchIgnoresMore: what a map has beyond the elements is ignored.
func TestBatchIgnoresMore(t *testing.T) {
	r := ring.Wrap(func([]int) map[int]int { return map[int]int{1: 10, 2: 20} }, ring.Lru{}, ring.Batch(ring.BatchOptions{}))
	value, err := r.Call(1)
	require.NoError(t, err)
	assert.Equal(t, 10, value)
	has, err := r.Has(2)
	require.NoError(t, err)
	assert.False(t, has)
}

// TestBatchOwnsItsElements: the function may change the slice that it gets.
func TestBatchOwnsItsElements(t *testing.T) {
	r := ring.Wrap(func(ids []int) map[int]int {
		m := map[int]int{}
		for i, id := range ids {
			m[id] = id
			ids[i] = -1
		}
		return m
	}, ring.Lru{}, ring.Batch(ring.BatchOptions{}))
	values, err := r.GetOrUpdateMany(ring.Args{1}, ring.Args{2})
	require.NoError(t, err)
	assert.Equal(t, []any{1, 2}, values)
}

// TestBatchSignature: names, defaults and ignored arguments work as for a call.
func TestBatchSignature(t *testing.T) {
	var sources []string
	load := func(source *string, ids []int, lang string) map[int]string { return nil }
	_, err := ring.New(load, ring.Lru{}, ring.Batch(ring.BatchOptions{}), ring.Signature("source, id, lang"))
	assert.ErrorContains(t, err, "is no slice", "the elements come first")
	r := ring.Wrap(func(ids []int, lang, source string) map[int]string {
		sources = append(sources, fmt.Sprint(len(ids), source))
		m := map[int]string{}
		for _, id := range ids {
			m[id] = fmt.Sprint(id) + lang
		}
		return m
	}, ring.Lru{KeyPrefix: "p", Options: ring.Options{IgnorableKeys: []string{"source"}}},
		ring.Batch(ring.BatchOptions{}), ring.Signature("id, lang='en', source=''"))
	values, err := r.GetOrUpdateMany(ring.Args{1}, ring.Kwargs{"id": 2, "source": "x"}, ring.Kwargs{"id": 2})
	require.NoError(t, err)
	assert.Equal(t, []any{"1en", "2en", "2en"}, values)
	assert.Equal(t, []string{"1", "1x"}, sources, "an ignored argument is one of the run all the same")
	key, err := r.Key(1)
	require.NoError(t, err)
	assert.Equal(t, "p:1:en", key)
}
