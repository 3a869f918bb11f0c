package ring_test

import (
	"context"
	"database/sql"
	"errors"
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/ring-go/ring"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ring-go/ring/internal/codec"
	"github.com/ring-go/ring/lrucache"
)

// single returns the sub-functions of one call.
func single(w *ring.Wire) map[string]func(...any) error {
	calls := map[string]func(...any) error{"call": func(args ...any) error { _, err := w.Call(args...); return err }}
	for _, action := range []string{"key", "execute", "get", "update", "get_or_update", "delete", "has", "touch"} {
		calls[action] = func(args ...any) error { _, err := w.Run(action, args...); return err }
	}
	calls["lookup"] = func(args ...any) error { _, _, err := w.Lookup(args...); return err }
	calls["explain"] = func(args ...any) error { return w.Explain(args...).Err }
	return calls
}

// bulk returns the sub-functions of several calls.
func bulk(w *ring.Wire) map[string]func(...any) error {
	calls := map[string]func(...any) error{}
	for _, action := range []string{"key_many", "execute_many", "get_many", "update_many", "get_or_update_many", "delete_many", "has_many", "touch_many"} {
		calls[action] = func(list ...any) error { _, err := w.Run(action, list...); return err }
	}
	calls["set_many"] = func(list ...any) error { return w.SetMany(list, make([]any, len(list))) }
	return calls
}

// refuses checks that every sub-function answers a call with an ErrArguments that
// contains want, alone and as the element of a bulk call.
func refuses(t *testing.T, w *ring.Wire, want string, args ...any) {
	t.Helper()
	for name, call := range single(w) {
		err := call(args...)
		assert.ErrorIs(t, err, ring.ErrArguments, name)
		assert.ErrorContains(t, err, want, name)
	}
	assert.ErrorContains(t, w.Set("v", args...), want)
	for name, call := range bulk(w) {
		err := call(ring.Args(args))
		assert.ErrorIs(t, err, ring.ErrArguments, name)
		assert.ErrorContains(t, err, want, name)
	}
}

type seller struct{ Name string }

func (s *seller) Sell(ctx context.Context, n int) (string, error) { return s.Name, ctx.Err() }

// order is a parameter that is a context as well.
type order struct{ context.Context }

func (*order) RingKey() string { return "order" }

// TestContextInTheWrongPlace: each error says where the context goes.
func TestContextInTheWrongPlace(t *testing.T) {
	ctx := t.Context()
	const first = "give one as the first argument, as in Call(ctx, …), or use WithContext(ctx)"
	const none = "use WithContext(ctx), since the function itself takes none"
	takes := ring.Wrap(func(ctx context.Context, n int) (string, error) { return "v", ctx.Err() }, ring.Lru{}, ring.Signature("n"))
	plain := ring.Wrap(func(n int) string { return "v" }, ring.Lru{})
	sell := ring.Wrap((*seller).Sell, ring.Lru{})
	bound := sell.Bind(&seller{"s"})
	refuses(t, &takes.Wire, "a context has no place there: "+first, 1, ctx)
	refuses(t, &takes.Wire, "a context has no place there: "+first, ctx, 1, ctx)
	refuses(t, &takes.Wire, "a context has no place there: "+first, ctx, ctx)
	refuses(t, &takes.Wire, "unexpected keyword argument 'ctx'; a context is no keyword argument: "+first, ring.Kwargs{"n": 1, "ctx": ctx})
	refuses(t, &plain.Wire, "a context has no place there: "+none, ctx, 1)
	refuses(t, &plain.Wire, "a context has no place there: "+none, 1, ctx)
	refuses(t, &plain.Wire, "a context has no place there: "+none, ctx)
	refuses(t, bound, "a context has no place there: "+first, 1, ctx)
	refuses(t, &sell.Wire, "a context has no place there: "+first, &seller{"s"}, 1, ctx)
	refuses(t, &sell.Wire, "it is a method: Bind it to a receiver, or give that as the first argument", ctx, 1)
	refuses(t, &ring.Wrap(func(any) string { return "v" }, ring.Lru{}).Wire, "a context has no place here: "+none, ctx)
	refuses(t, &ring.Wrap(func(...any) string { return "v" }, ring.Lru{}).Wire, "a context has no place here: "+none, 1, ctx)
	refuses(t, &ring.Wrap(func(context.Context, ...any) string { return "v" }, ring.Lru{}).Wire, "a context has no place here: "+first, 1, ctx)
	refuses(t, &ring.Wrap(func(context.Context, ...int) string { return "v" }, ring.Lru{}).Wire, "a context has no place there: "+first, 1, ctx)
	refuses(t, &ring.Wrap(func(context.Context, map[string]any) string { return "v" }, ring.Lru{}, ring.Signature("**kw")).Wire, "a context has no place here: "+first, ring.Kwargs{"ctx": ctx})

	refuses(t, &ring.Wrap(func(context.Context, map[string]int) string { return "v" }, ring.Lru{}, ring.Signature("**kw")).Wire, "is not int; a context is no keyword argument: "+first, ring.Kwargs{"ctx": ctx})

	framework := ring.Wrap(func(ctx context.Context, r *order, n int) (string, error) { return "v", ctx.Err() }, ring.Lru{})
	_, err := framework.Call(ctx, &order{ctx})
	assert.ErrorContains(t, err, "missing 1 required positional argument")
	assert.NotContains(t, err.Error(), "a context has no place", "this one has")

	for name, call := range bulk(&takes.Wire) {
		err := call(ctx, ring.Args{1})
		assert.ErrorIs(t, err, ring.ErrArguments, name)
		assert.ErrorContains(t, err, "element 0 is a context: give one for all calls by WithContext(ctx), or that of one call first in its ring.Args", name)
	}
	for _, way := range [][]any{{ctx, 1}, {ctx, ring.Kwargs{"n": 1}}} {
		_, err := takes.GetMany(ring.Args(way))
		assert.NoError(t, err, "what is proposed works")
	}
	_, err = plain.WithContext(ctx).Call(1)
	assert.NoError(t, err)

	for _, wrong := range [][]any{{ctx, 1, "v"}, {ctx, "v", 1}} {
		assert.ErrorContains(t, takes.Set(wrong[0], wrong[1:]...), "; the value comes first, and then a context: Set(value, ctx, …)")
		_, err := takes.Run("set", wrong...)
		assert.ErrorContains(t, err, "; the value comes first, and then a context: Set(value, ctx, …)")
	}
	assert.NoError(t, takes.Set("v", ctx, 1))
}

// TestNilContext: nil is no context, as an argument and for WithContext. In a typed
// call it stands for the wire's context.
func TestNilContext(t *testing.T) {
	const want = "nil is no context: give context.Background(), or leave it out"
	runs := 0
	r := ring.Wrap(func(ctx context.Context, n int) (string, error) { runs++; return "v", ctx.Err() }, ring.Lru{}, ring.Signature("n"))
	var nilContext context.Context
	var nilPointer *order
	m := ring.Wrap((*seller).Sell, ring.Lru{})
	for range 2 { // also if the call is cached
		refuses(t, &r.Wire, want, nil, 1)
		refuses(t, &r.Wire, want, nilContext, 1)
		refuses(t, &r.Wire, want, nilPointer, 1)
		refuses(t, &r.Wire, want, nil)
		refuses(t, &r.Wire, want, nil, ring.Kwargs{"n": 1})
		refuses(t, r.WithContext(nilContext), want, 1)
		refuses(t, r.WithContext(nilPointer), want, 1)
		refuses(t, m.Bind(&seller{"s"}), want, nil, 1)
		refuses(t, m.Bind(&seller{"s"}).WithContext(nilContext), want, 1)
		refuses(t, &m.Wire, want, nil, &seller{"s"}, 1)
		refuses(t, &m.Wire, want, &seller{"s"}, nil, 1)
		refuses(t, &m.Wire, want, &seller{"s"}, nilPointer, 1)
		refuses(t, &ring.Wrap(func(context.Context, ...int) string { return "v" }, ring.Lru{}).Wire, want, nil, 1)
		_, err := r.WithContext(nilContext).Scalars().Call(1)
		assert.ErrorContains(t, err, want)
		_, err = r.Call(1)
		require.NoError(t, err)
		_, err = m.Bind(&seller{"s"}).Call(1)
		require.NoError(t, err)
	}
	v, err := r.WithContext(nilContext).WithContext(t.Context()).Call(1)
	require.NoError(t, err)
	assert.Equal(t, "v", v)
	refuses(t, &r.Wire, "int", ring.Kwargs{"n": nil})
	assert.NotContains(t, r.Delete(ring.Kwargs{"n": nil}).Error(), want, "that is no context")

	runs = 0
	typed := r.Func().(func(context.Context, int) (string, error))
	ofNil := r.WithContext(nilContext).Func().(func(context.Context, int) (string, error))
	for _, call := range []func() (string, error){
		func() (string, error) { return typed(nilContext, 2) }, func() (string, error) { return typed(nilPointer, 3) },
		func() (string, error) { return ofNil(nilContext, 4) }, func() (string, error) { return ofNil(t.Context(), 5) },
	} {
		for range 2 {
			v, err := call()
			require.NoError(t, err)
			assert.Equal(t, "v", v)
		}
	}
	assert.Equal(t, 4, runs)
}

// TestValueLast: the value comes first in Set. The error says so if only the other
// order would fit.
func TestValueLast(t *testing.T) {
	const want = "; the value comes first, and then the arguments: Set(value, args...)"
	ctx := t.Context()
	r := ring.Wrap(func(ctx context.Context, n int) (string, error) { return "v", nil }, ring.Lru{}, ring.Signature("n"))
	m := ring.Wrap((*seller).Sell, ring.Lru{})
	pair := ring.Wrap(func(a, b string) (int, error) { return 0, nil }, ring.Lru{}, ring.Signature("a, b='x'"))
	several := ring.Wrap(func(n int) (string, bool) { return "", false }, ring.Lru{})
	for _, tt := range []struct {
		w    *ring.Wire
		args []any
	}{
		{&r.Wire, []any{1, "v"}}, {&r.Wire, []any{1, ctx, "v"}}, {&r.Wire, []any{ring.Kwargs{"n": 1}, "v"}}, {m.Bind(&seller{}), []any{1, "v"}}, {&m.Wire, []any{&seller{}, 1, "v"}},
		{&pair.Wire, []any{"a", "b", 1}}, {&pair.Wire, []any{"a", 1}}, {&several.Wire, []any{1, ring.Tuple{"v", true}}},
	} {
		err := tt.w.Set(tt.args[0], tt.args[1:]...)
		assert.ErrorIs(t, err, ring.ErrArguments)
		assert.ErrorContains(t, err, want, "%v", tt.args)
		_, err = tt.w.Run("set", tt.args...)
		assert.ErrorContains(t, err, want)
		assert.ErrorContains(t, err, "ring: set ")
	}
	for _, args := range [][]any{{1, 2}, {"v", "w"}, {1.5, "v"}, {5, 1}} {
		assert.NotContains(t, r.Set(args[0], args[1:]...).Error(), "comes first", "%v", args)
	}
	for _, args := range [][]any{{"v"}, {1}, {ctx}} {
		assert.ErrorContains(t, r.Set(args[0], args[1:]...), "; the value comes first", "%v: too few", args)
	}
	assert.ErrorContains(t, r.Set("v"), "missing 1 required positional argument: 'n'"+want)
	assert.ErrorContains(t, r.Set(5, 1), `":1": wrong arguments: the value: int is not string`, "the key is still named")
	const tuple = "the value: string is not a ring.Tuple of 2 results; give ring.Tuple{string, bool}"
	assert.ErrorContains(t, several.Set("v", 1), tuple)
	assert.ErrorContains(t, several.SetMany([]any{ring.Args{1}}, []any{"v"}), tuple)
	assert.ErrorContains(t, several.Set(ring.Tuple{"v"}, 1), "1 value cannot be a ring.Tuple of 2 results; give ring.Tuple{string, bool}")
	assert.NoError(t, several.Set(ring.Tuple{"v", true}, 1), "what is proposed works")
	calls, values := []any{ring.Args{1}}, []any{"v"}
	const first = "; the calls come first, and then the values: SetMany(calls, values)"
	assert.ErrorContains(t, r.SetMany(values, calls), first)
	_, err := r.Run("set_many", values, calls)
	assert.ErrorContains(t, err, first)
	assert.NoError(t, r.SetMany(calls, values))
}

// TestListsAndMapsAsArguments: the error says what to spread, and what to replace by
// one of ring's types.
func TestListsAndMapsAsArguments(t *testing.T) {
	sum := ring.Wrap(func(n ...int) string { return "v" }, ring.Lru{})
	named := ring.Wrap(func(a string, n ...int) string { return "v" }, ring.Lru{}, ring.Signature("a, *n"))
	two := ring.Wrap(func(a, b int) string { return "v" }, ring.Lru{})
	const elements = "its elements are arguments of their own, as in Call(1, 2) or, with an []any, Call(list...), not a []int"
	refuses(t, &sum.Wire, elements, []int{1, 2})
	refuses(t, &sum.Wire, elements, []any{1, 2})
	refuses(t, &named.Wire, elements, "a", []int{1, 2})
	refuses(t, &named.Wire, elements, "a", []int{1, 2}, 3)
	refuses(t, &sum.Wire, "spread it, as in Call(args...)", ring.Args{1, 2})
	refuses(t, &two.Wire, "a list is one argument: spread it, as in Call(args...), where args is an []any", []any{1, 2})
	refuses(t, &two.Wire, "a list is one argument: spread it", []int{1, 2})
	refuses(t, &two.Wire, "a list is one argument: spread it", ring.Args{1, 2})
	refuses(t, &two.Wire, "a map is one argument: for arguments by name, make it a ring.Kwargs", map[string]any{"a": 1})
	keywords := ring.Wrap(func(a int, kw map[string]int) string { return "v" }, ring.Lru{}, ring.Signature("a, **kw"))
	for _, m := range []any{map[string]int{"x": 1}, map[string]any{"x": 1}} {
		refuses(t, &keywords.Wire, "a map is one argument: for arguments by name, make it a ring.Kwargs", 1, m)
	}
	refuses(t, &keywords.Wire, "keyword arguments go last", ring.Kwargs{"x": 1}, 1)
	refuses(t, &two.Wire, "keyword arguments go last", ring.Kwargs{"b": 1}, 1, 2)
	assert.NoError(t, keywords.Delete(1, ring.Kwargs{"x": 1}), "what is proposed works")
	sized := ring.Wrap(func(a, b int) string { return "v" }, ring.Lru{}, ring.Signature("a, b=2"))
	m := map[string]any{"a": 1}
	const byName = "map[string]interface {} is not int; for arguments by name, make it a ring.Kwargs"
	refuses(t, &sized.Wire, byName, m)
	refuses(t, &sized.Wire, byName, 1, m)
	assert.NoError(t, sized.Delete(ring.Kwargs(m)), "what is proposed works")
	assert.NotContains(t, two.Delete(m, 1).Error(), "Kwargs", "it has no names")
	_, err := named.Call(ring.Kwargs{"a": "x", "n": []int{1}})
	assert.ErrorContains(t, err, "unexpected keyword argument 'n': the values of *n are positional arguments")
	for _, args := range [][]any{{1, 2}, {}} {
		_, err := sum.Call(args...)
		assert.NoError(t, err)
	}
	_, err = ring.Wrap(func(n ...[]int) string { return "v" }, ring.Lru{}).Call([]int{1, 2})
	assert.NoError(t, err)

	for name, call := range bulk(&named.Wire) {
		for want, element := range map[string]any{
			"element 0 is an []any: make it ring.Args(list)":                     []any{"a", 1},
			"element 0 is a list of calls: spread it, as in GetMany(list...)":    []any{ring.Args{"a"}, ring.Args{"b"}},
			"element 0 is a []ring.Args: give every call as an element":          []ring.Args{{"a"}},
			"element 0 is a map[string]any: make it ring.Kwargs(m)":              map[string]any{"a": "x"},
			"element 0 is a string: give ring.Args or ring.Kwargs, one for each": "a",
			"element 0 is a <nil>: give ring.Args or ring.Kwargs":                nil,
		} {
			err := call(element)
			assert.ErrorIs(t, err, ring.ErrArguments, name)
			assert.ErrorContains(t, err, want, name)
		}
	}
}

// TestKwargsOfTheElementBefore: in a bulk call a Kwargs is an element of its own.
func TestKwargsOfTheElementBefore(t *testing.T) {
	const want = "; a Kwargs is a call of its own; for one call write ring.Args{1, ring.Kwargs{…}}"
	r := ring.Wrap(func(a, b int) string { return "v" }, ring.Lru{}, ring.Signature("a, b=2"))
	for name, call := range bulk(&r.Wire) {
		err := call(ring.Args{1}, ring.Kwargs{"b": 3})
		assert.ErrorIs(t, err, ring.ErrArguments, name)
		assert.ErrorContains(t, err, "element 1: wrong arguments: ", name)
		assert.ErrorContains(t, err, want, name)
		for _, list := range [][]any{{ring.Kwargs{"b": 3}}, {ring.Args{1}, ring.Args{}}, {ring.Args{1}, ring.Kwargs{"c": 3}}, {ring.Kwargs{"a": 1}, ring.Kwargs{"b": 3}}} {
			assert.NotContains(t, call(list...).Error(), want, "%s: %v", name, list)
		}
	}
	_, err := r.GetMany(ring.Args{1, ring.Kwargs{"b": 3}})
	assert.NoError(t, err, "what is proposed works")
}

// TestStoragesWithoutExpiry name one that has it.
func TestStoragesWithoutExpiry(t *testing.T) {
	ctx := t.Context()
	for want, storage := range map[string]ring.TouchStorage{"use ring.Redis": &ring.RedisHashStorage{}, "use ring.Disk": &ring.ShelveStorage{}} {
		err := storage.TouchValue(ctx, "k", time.Hour)
		assert.ErrorIs(t, err, errors.ErrUnsupported)
		assert.ErrorContains(t, err, "have no expiry: "+want)
	}
}

// TestPointersAndValues: a pointer in the place of a value and the reverse, as
// argument, receiver and value.
func TestPointersAndValues(t *testing.T) {
	n, s := 5, seller{"s"}
	value := ring.Wrap(func(n int, u seller) string { return "v" }, ring.Lru{})
	pointer := ring.Wrap(func(s *seller) *seller { return s }, ring.Lru{})
	const isPointer, isValue = ", but a pointer to one: give what it points to, *x", ", which is a pointer to one: give its address, &x"
	refuses(t, &value.Wire, "*int is not int"+isPointer, &n, s)
	refuses(t, &value.Wire, "*ring_test.seller is not ring_test.seller"+isPointer, n, &s)
	refuses(t, &pointer.Wire, "ring_test.seller is not *ring_test.seller"+isValue, s)
	refuses(t, ring.Wrap((*seller).Sell, ring.Lru{}).Bind(s), "ring_test.seller is not *ring_test.seller"+isValue, 1)
	refuses(t, &ring.Wrap(func(...int) string { return "v" }, ring.Lru{}).Wire, "element 0: *int is not int"+isPointer, &n)
	assert.ErrorContains(t, value.Set(new(string), n, s), "*string is not string"+isPointer)
	assert.ErrorContains(t, pointer.Set(s, &s), "ring_test.seller is not *ring_test.seller"+isValue)
	assert.ErrorContains(t, pointer.SetMany([]any{ring.Args{&s}}, []any{s}), "ring_test.seller is not *ring_test.seller"+isValue)
	assert.NotContains(t, value.Delete(struct{}{}, s).Error(), "pointer")
	wide := int64(5)
	refuses(t, &value.Wire, "*int64 is not int, but a pointer to a number: give what it points to, *x", &wide, s)
	refuses(t, &ring.Wrap(func(*int64) string { return "v" }, ring.Lru{}).Wire, "int is not *int64, which is a pointer: give the address of a variable of type int64, &x", 5)
	type sells interface {
		Sell(context.Context, int) (string, error)
	}
	offered := ring.Wrap(func(sells) string { return "v" }, ring.Lru{})
	refuses(t, &offered.Wire, "ring_test.seller is not ring_test.sells, but a pointer to one is: give its address, &x", s)
	refuses(t, ring.Wrap(sells.Sell, ring.Lru{}).Bind(s), "ring_test.seller is not ring_test.sells, but a pointer to one is: give its address, &x", 1)
	assert.NoError(t, offered.Delete(&s), "what is proposed works")
	assert.NotContains(t, offered.Delete(n).Error(), "pointer")
	for range 2 {
		_, err := value.Call(n, s)
		require.NoError(t, err)
		_, err = pointer.Call(&s)
		require.NoError(t, err)
	}
}

// TestUnknownActions: the name in Go, the name of an action of a cache in Python, and a
// name that is no sub-function.
func TestUnknownActions(t *testing.T) {
	r := ring.Wrap(func(n int) string { return "v" }, ring.Lru{UserInterface: ring.Compose(doubled{}, ring.CacheUserInterface{}, ring.BulkInterfaceMixin{})})
	disk := tempDisk(t)
	onDisk, inDict := ring.Wrap(func(n int) string { return "v" }, ring.DiskCache{Obj: disk, KeyPrefix: "f"}), ring.Wrap(func(n int) string { return "v" }, ring.Dict{})
	const clear = "call the method Clear of the rope, which is no sub-function"
	for _, tt := range []struct {
		r      *ring.Rope
		action string
		want   string
	}{
		{r, "Get", `there is no sub-function "Get"; sub-functions go by their Python names: "get"`}, {r, "GetMany", `names: "get_many"`}, {r, "GetOrUpdate", `names: "get_or_update"`},
		{r, "getOrUpdateMany", `names: "get_or_update_many"`}, {r, "get-or-update", `names: "get_or_update"`}, {r, "SET", `names: "set"`}, {r, "Key2", `names: "key2"`},
		{r, "clear", clear}, {r, "Clear", clear}, {r, "cache_clear", clear},
		{onDisk, "clear", clear}, {inDict, "clear", clear},
		{r, "cache_info", "call the method CacheInfo, which is no sub-function"}, {r, "Lookup", "call the method Lookup"}, {r, "warm", "call the method Warm"}, {r, "call", "call the method Call"},
		{r, "invalidate", `they are ["key" "execute" "get" "update" "get_or_update" "set" "delete" "has" "touch"], the same with _many, and those of the user interface`}, {r, "", "they are"},
	} {
		for _, w := range []*ring.Wire{&tt.r.Wire, tt.r.WithContext(t.Context())} {
			_, err := w.Run(tt.action, 1)
			assert.ErrorIs(t, err, errors.ErrUnsupported)
			assert.ErrorContains(t, err, tt.want)
		}
	}
	_, err := ring.New(func(n int) string { return "v" }, ring.Lru{Options: ring.Options{DefaultAction: "GetOrUpdate"}})
	assert.ErrorContains(t, err, `the default action "GetOrUpdate" is not a sub-function for one call; sub-functions go by their Python names: "get_or_update"`)

	cache := lrucache.New(9)
	own := ring.Wrap(func(n int) string { return "v" }, ring.Lru{Lru: cache, KeyPrefix: "f"})
	_, err = own.Call(1)
	require.NoError(t, err)
	cache.Clear()
	has, err := own.Has(1)
	require.NoError(t, err)
	assert.False(t, has, "what is proposed works")
}

// TestValuesOfOtherFunctions: two functions with one prefix find each other's values.
func TestValuesOfOtherFunctions(t *testing.T) {
	const remedy = ` another function or an older version stored it, give this one a KeyPrefix of its own, such as "users:v2"`
	const want, replaced = "; if" + remedy, "; the entry is replaced. If" + remedy
	shared := map[string]any{}
	for _, coder := range []any{nil, "json", "pickle"} {
		reports := 0
		factory := ring.Dict{Obj: shared, KeyPrefix: "f", Coder: coder, Options: ring.Options{OnError: func(_ context.Context, err *ring.Error) {
			reports++
			assert.ErrorIs(t, err, ring.ErrCoder)
			assert.ErrorContains(t, err, replaced)
		}}}
		number, text := ring.Wrap(func(n int) int { return n }, factory), ring.Wrap(func(n int) string { return "v" }, factory)
		_, err := text.Update(1)
		require.NoError(t, err)
		for _, call := range []func() error{
			func() error { _, err := number.Get(1); return err }, func() error { _, _, err := number.Lookup(1); return err },
			func() error { _, err := number.GetMany(ring.Args{1}); return err },
		} {
			err := call()
			assert.ErrorIs(t, err, ring.ErrCoder)
			assert.ErrorContains(t, err, want, coder)
		}
		assert.Equal(t, 1, must(number.Call(1)), "it is made anew")
		assert.Equal(t, 1, must(number.Get(1)))
		_, err = text.Update(1)
		require.NoError(t, err)
		assert.Equal(t, []any{1}, must(number.GetOrUpdateMany(ring.Args{1})))
		assert.Equal(t, 2, reports)
	}
}

type doubled struct{}

func (doubled) SubFunctions() map[string]ring.SubFunction {
	return map[string]ring.SubFunction{"key2": func(w *ring.Wire, p ring.ArgPack) (any, error) { return w.UserInterface().Key(w, p) }}
}

// TestNoFunctions: values that are almost functions.
func TestNoFunctions(t *testing.T) {
	f := func(n int) int { return n }
	r := ring.Wrap(f, ring.Lru{})
	for want, fn := range map[string]any{
		"*func(int) int is a pointer to a function: give the function itself, as in Wrap(f, …), or use Decorate(&f, …), which puts the cached one in its place": &f,
		"a *ring.Rope is a cached function already: its Func() has the type of the function":                                                                    r,
		"a *ring.Wire is a cached function already": r.WithContext(t.Context()),
		"int is not a function: hand over a func":   f(1),
	} {
		_, err := ring.New(fn, ring.Lru{})
		assert.ErrorContains(t, err, want)
		assert.Panics(t, func() { ring.Wrap(fn, ring.Lru{}) })
		assert.ErrorContains(t, r.Ring().Key(fn), want)
	}
	_, err := ring.New(r.Func(), ring.Lru{})
	assert.NoError(t, err)
}

// TestResultsOfOthers: a result type that a coder cannot restore and that the caller
// cannot change.
func TestResultsOfOthers(t *testing.T) {
	rdb, _ := unreached(t)
	disk := tempDisk(t)
	type withError struct {
		N   int
		Err error
	}
	const want = "; if the type is not yours, return one of your own that has what you need of it, or give the factory a Coder of your own for it, such as a ring.CoderTuple, or keep the values in memory without a Coder"
	for _, fn := range []any{
		func() *http.Response { return nil }, func() (int, *sql.DB, error) { return 0, nil, nil }, func() *url.URL { return nil }, func() withError { return withError{} }, func() []chan int { return nil },
	} {
		for _, f := range []ring.Factory{
			ring.RedisPy{Client: rdb, KeyPrefix: "p", Coder: "json"}, ring.RedisPy{Client: rdb, KeyPrefix: "p", Coder: "pickle"}, ring.DiskCache{Obj: disk, KeyPrefix: "p"}, ring.Lru{Coder: "json"}, ring.Dict{Coder: "pickle"},
		} {
			_, err := ring.New(fn, f)
			assert.ErrorIs(t, err, ring.ErrCoder)
			assert.ErrorContains(t, err, want, "%T", fn)
		}
		_, err := ring.New(fn, ring.Lru{})
		assert.NoError(t, err, "what is proposed works")
		_, err = ring.New(fn, ring.RedisPy{Client: rdb, KeyPrefix: "p", Coder: ring.CoderTuple{
			Encode: func(v any) (any, error) { return "", nil },
			Decode: codec.JSON{}.Decode,
		}})
		assert.NoError(t, err, "what is proposed works")
	}
	_, err := ring.New(func() *http.Response { return nil }, ring.RedisPy{Client: rdb, KeyPrefix: "p"})
	assert.ErrorContains(t, err, want, "json would not do either")
	_, err = ring.New(func() bool { return true }, ring.RedisPy{Client: rdb, KeyPrefix: "p"})
	assert.ErrorContains(t, err, `give the factory a Coder, such as "json"`)
	assert.NotContains(t, err.Error(), want)
	_, err = ring.New(func() int { return 1 }, ring.Lru{Coder: "dataclass"})
	assert.ErrorContains(t, err, `int is not a struct type with a name: use the Coder "json" or "pickle"`)
	assert.NotContains(t, err.Error(), want)
}
