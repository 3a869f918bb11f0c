package ring_test

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ring-go/ring"
	"github.com/ring-go/ring/lrucache"
)

// factories returns the built-in storages and a user's own, with bulk operations.
func factories() map[string]ring.Factory {
	return map[string]ring.Factory{
		"lru":             ring.Lru{},
		"lru with expiry": ring.Lru{Expire: time.Hour},
		"shared lru":      ring.Lru{Lru: lrucache.New(100)},
		"lru with coder":  ring.Lru{Coder: "json"},
		"dict":            ring.Dict{},
		"expirable dict":  ring.Dict{Expire: time.Hour},
		"sync.Map":        ring.Dict{Obj: &sync.Map{}},
		"bulk": ring.BaseFactory{StorageClass: func(any) (ring.Storage, error) {
			return &bulkStorage{values: map[string]any{}}, nil
		}},
	}
}

// bulkStorage is a user's own storage that counts its round trips.
type bulkStorage struct {
	mu     sync.Mutex
	values map[string]any
	trips  []string
}

func (s *bulkStorage) trip(name string, n int) func() {
	s.mu.Lock()
	s.trips = append(s.trips, fmt.Sprint(name, " ", n))
	return s.mu.Unlock
}

func (s *bulkStorage) GetValue(_ context.Context, key string) (any, error) {
	defer s.trip("get", 1)()
	if v, ok := s.values[key]; ok {
		return v, nil
	}
	return nil, ring.ErrNotFound
}

func (s *bulkStorage) SetValue(_ context.Context, key string, value any, _ time.Duration) error {
	defer s.trip("set", 1)()
	s.values[key] = value
	return nil
}

func (s *bulkStorage) DeleteValue(_ context.Context, key string) error {
	defer s.trip("delete", 1)()
	delete(s.values, key)
	return nil
}

func (s *bulkStorage) GetManyValues(_ context.Context, keys []string) ([]any, error) {
	defer s.trip("get", len(keys))()
	values := make([]any, len(keys))
	for i, key := range keys {
		values[i] = ring.ErrNotFound
		if v, ok := s.values[key]; ok {
			values[i] = v
		}
	}
	return values, nil
}

func (s *bulkStorage) SetManyValues(_ context.Context, keys []string, values []any, _ time.Duration) error {
	defer s.trip("set", len(keys))()
	for i, key := range keys {
		s.values[key] = values[i]
	}
	return nil
}

func (s *bulkStorage) DeleteManyValues(_ context.Context, keys []string) error {
	defer s.trip("delete", len(keys))()
	for _, key := range keys {
		delete(s.values, key)
	}
	return nil
}

func (s *bulkStorage) HasManyValues(_ context.Context, keys []string) ([]bool, error) {
	defer s.trip("has", len(keys))()
	has := make([]bool, len(keys))
	for i, key := range keys {
		_, has[i] = s.values[key]
	}
	return has, nil
}

func (s *bulkStorage) TouchManyValues(context.Context, []string, time.Duration) error {
	return nil
}

// TestEverySubFunction goes through all 18 of them, over every storage.
func TestEverySubFunction(t *testing.T) {
	for name, factory := range factories() {
		t.Run(name, func(t *testing.T) {
			runs := 0
			r := ring.Wrap(func(n int) (string, error) {
				runs++
				if n < 0 {
					return "", errors.New("negative")
				}
				return fmt.Sprint(n, "/", runs), nil
			}, factory, ring.Name("f"), ring.Signature("n"))
			do := func(action string, args ...any) any {
				t.Helper()
				v, err := r.Run(action, args...)
				require.NoError(t, err, action)
				return v
			}
			one, two, three := ring.Args{1}, ring.Kwargs{"n": 2}, ring.Args{ring.Kwargs{"n": 3}}

			assert.Equal(t, "f:1", do("key", 1))
			assert.Nil(t, do("get", 1))
			assert.Equal(t, false, do("has", 1))
			assert.Equal(t, "1/1", do("execute", 1))
			assert.Nil(t, do("get", 1), "execute stores nothing")
			assert.Equal(t, "1/2", do("get_or_update", 1))
			assert.Equal(t, "1/2", do("get_or_update", 1))
			assert.Equal(t, "1/2", do("get", ring.Kwargs{"n": 1}))
			assert.Equal(t, true, do("has", 1))
			assert.Equal(t, "1/3", do("update", 1))
			assert.Equal(t, "1/3", do("get", 1))
			assert.Nil(t, do("set", "by hand", 1))
			assert.Equal(t, "by hand", do("get", 1))
			assert.Nil(t, do("delete", 1))
			assert.Nil(t, do("get", 1))
			assert.Nil(t, do("delete", 1), "deleting nothing is no error")

			assert.Equal(t, []string{"f:1", "f:2", "f:3"}, do("key_many", one, two, three))
			assert.Equal(t, []any{nil, nil}, do("get_many", one, two))
			assert.Equal(t, []any{"1/4", "2/5"}, do("execute_many", one, two))
			assert.Equal(t, []bool{false, false}, do("has_many", one, two))
			assert.Equal(t, []any{"1/6", "2/7", "1/6"}, do("get_or_update_many", one, two, one))
			assert.Equal(t, []any{"2/7", "3/8"}, do("get_or_update_many", two, three), "hits are kept")
			assert.Equal(t, []any{"1/9", "3/10"}, do("update_many", one, three))
			assert.Equal(t, []any{"1/9", "2/7", "3/10"}, do("get_many", one, two, three))
			assert.Nil(t, do("set_many", []any{one, two}, []any{"a", "b"}))
			assert.Equal(t, []any{"a", "b", "3/10"}, do("get_many", one, two, three))
			assert.Nil(t, do("delete_many", one, three, one))
			assert.Equal(t, []bool{false, true, false}, do("has_many", one, two, three))

			for _, action := range []string{"key_many", "execute_many", "get_many", "update_many", "get_or_update_many", "has_many"} {
				assert.Empty(t, do(action), "%s of nothing", action)
			}
			assert.Nil(t, do("delete_many"))
			assert.Nil(t, do("set_many", []any{}, []any{}))

			for _, touch := range []func() error{func() error { return r.Touch(2) }, func() error { return r.TouchMany(two, one) }} {
				err := touch()
				if name == "dict" || name == "sync.Map" {
					assert.ErrorIs(t, err, errors.ErrUnsupported)
				} else if name != "bulk" {
					assert.NoError(t, err)
				}
			}

			values, err := r.GetOrUpdateMany(ring.Args{-1}, two, ring.Args{4}, ring.Args{-2})
			assert.Equal(t, []any{nil, "b", "4/12", nil}, values)
			assert.ErrorContains(t, err, `element 0, "f:-1": negative`)
			assert.ErrorContains(t, err, `element 3, "f:-2": negative`)
			assert.NotContains(t, err.Error(), "element 1")
			assert.Equal(t, "4/12", do("get", 4), "what succeeded is stored")
			values, err = r.UpdateMany(ring.Args{-1}, ring.Args{4})
			assert.Equal(t, []any{nil, "4/15"}, values)
			assert.ErrorContains(t, err, "element 0")
			assert.Equal(t, "4/15", do("get", 4))
			values, err = r.ExecuteMany(ring.Args{4}, ring.Args{-1})
			assert.Equal(t, []any{"4/16", nil}, values)
			assert.ErrorContains(t, err, `element 1, "f:-1": negative`)
		})
	}
}

// TestBulkIsOneRoundTrip counts the requests to a storage that handles several keys at
// once.
func TestBulkIsOneRoundTrip(t *testing.T) {
	s := &bulkStorage{values: map[string]any{}}
	r := ring.Wrap(strconv.Itoa, ring.BaseFactory{StorageClass: func(any) (ring.Storage, error) { return s, nil }})
	trips := func(do func() error) []string {
		t.Helper()
		s.trips = nil
		require.NoError(t, do())
		return s.trips
	}
	many := func(f func(...any) ([]any, error), n ...int) func() error {
		return func() error {
			var list []any
			for _, n := range n {
				list = append(list, ring.Args{n})
			}
			_, err := f(list...)
			return err
		}
	}
	assert.Equal(t, []string{"get 4", "set 3"}, trips(many(r.GetOrUpdateMany, 1, 2, 3, 2)))
	assert.Equal(t, []string{"get 3"}, trips(many(r.GetOrUpdateMany, 1, 2, 3)), "nothing is written when all hit")
	assert.Equal(t, []string{"get 4", "set 1"}, trips(many(r.GetOrUpdateMany, 1, 2, 3, 4)))
	assert.Equal(t, []string{"set 2"}, trips(many(r.UpdateMany, 1, 2, 1)))
	assert.Equal(t, []string{"get 2"}, trips(many(r.GetMany, 1, 2)))
	assert.Empty(t, trips(many(r.GetOrUpdateMany)))
	assert.Empty(t, trips(many(r.GetMany)))
	assert.Empty(t, trips(many(r.UpdateMany)))
	assert.Equal(t, []string{"delete 2"}, trips(func() error { return r.DeleteMany(ring.Args{1}, ring.Args{2}) }))
	assert.Equal(t, []string{"set 1"}, trips(func() error { return r.SetMany([]any{ring.Args{1}}, []any{"x"}) }))
	assert.Empty(t, trips(func() error { return r.SetMany(nil, nil) }))
	assert.Equal(t, []string{"get 1", "set 1"}, trips(func() error { _, err := r.Call(9); return err }))
	assert.Equal(t, []string{"get 1"}, trips(func() error { _, err := r.Call(9); return err }))
}

func TestLruOptions(t *testing.T) {
	cached := func(f ring.Lru, n int) int {
		r := ring.Wrap(strconv.Itoa, f)
		for i := range n {
			_, err := r.Call(i)
			require.NoError(t, err)
		}
		return r.CacheInfo().CurrSize
	}
	assert.Equal(t, 128, cached(ring.Lru{}, 1000))
	assert.Equal(t, 5, cached(ring.Lru{MaxSize: 5}, 1000))
	assert.Equal(t, 1000, cached(ring.Lru{MaxSize: ring.Unbounded}, 1000))
	assert.Equal(t, 0, cached(ring.Lru{MaxSize: ring.CacheNothing}, 1000))
	assert.Equal(t, 7, cached(ring.Lru{Lru: lrucache.New(7)}, 1000))

	// One factory value, any number of functions, each with its own cache.
	partial := ring.Lru{MaxSize: 3}
	a, b := ring.Wrap(strconv.Itoa, partial), ring.Wrap(strconv.Quote, partial)
	_, err := a.Call(1)
	require.NoError(t, err)
	_, err = b.Call("1")
	require.NoError(t, err)
	assert.NotSame(t, a.Storage().Backend(), b.Storage().Backend())

	// One cache, two functions: told apart by their names.
	shared := ring.Lru{Lru: lrucache.New(10)}
	a, b = ring.Wrap(strconv.Itoa, shared), ring.Wrap(func(n int) int { return n }, shared, ring.Name("same"))
	_, err = a.Call(1)
	require.NoError(t, err)
	v, err := b.Call(1)
	require.NoError(t, err)
	assert.Equal(t, 1, v)
	assert.Equal(t, ring.CacheInfo{Misses: 1, MaxSize: 10, CurrSize: 2}, b.CacheInfo())
}

func TestLruExpiry(t *testing.T) {
	now := time.Unix(0, 0)
	cache := lrucache.New(10)
	cache.Now = func() time.Time { return now }
	runs := 0
	r := ring.Wrap(func(n int) int { runs++; return runs }, ring.Lru{Lru: cache, Expire: 5 * time.Second}, ring.Name("f"))
	call := func() any {
		v, err := r.Call(1)
		require.NoError(t, err)
		return v
	}
	assert.Equal(t, 1, call())
	now = now.Add(4 * time.Second)
	assert.Equal(t, 1, call())
	require.NoError(t, r.Touch(1), "renews the expiry, as upstream meant to")
	now = now.Add(4 * time.Second)
	assert.Equal(t, 1, call())
	now = now.Add(time.Second)
	require.NoError(t, r.Touch(1), "too late, which is no error")
	assert.Equal(t, 2, call())
	require.NoError(t, r.Touch(404), "nothing there, which is no error either")
}

func TestOptions(t *testing.T) {
	var made *ring.Rope
	r := ring.Wrap(strconv.Itoa, ring.Lru{Options: ring.Options{
		MissValue: "missing", DefaultAction: "get", OnManufactured: func(r *ring.Rope) { made = r },
	}})
	assert.Same(t, r, made)
	v, err := r.Call(1)
	require.NoError(t, err)
	assert.Equal(t, "missing", v)
	values, err := r.GetMany(ring.Args{1})
	require.NoError(t, err)
	assert.Equal(t, []any{"missing"}, values)
	_, ok, err := r.Lookup(1)
	require.NoError(t, err)
	assert.False(t, ok)
	assert.Equal(t, "missing", r.Func().(func(int) string)(1))
	_, err = r.Update(1)
	require.NoError(t, err)
	assert.Equal(t, "1", r.Func().(func(int) string)(1))

	for action, want := range map[string]any{"update": 2, "execute": 2, "key": ":7", "has": true, "delete": nil, "touch": nil, "get_or_update": 1} {
		runs := 0
		r := ring.Wrap(func(n int) int { runs++; return runs }, ring.Lru{Options: ring.Options{DefaultAction: action}})
		_, err := r.GetOrUpdate(7)
		require.NoError(t, err)
		v, err := r.Call(7)
		require.NoError(t, err)
		assert.Equal(t, want, v, action)
	}

	none := ring.Wrap(strconv.Itoa, ring.Lru{Options: ring.Options{DefaultAction: ring.NoDefaultAction}})
	_, err = none.Call(1)
	assert.ErrorIs(t, err, errors.ErrUnsupported)
	v, err = none.GetOrUpdate(1)
	require.NoError(t, err)
	assert.Equal(t, "1", v)
	for _, action := range []string{ring.NoDefaultAction, "has"} {
		f := strconv.Itoa
		assert.Panics(t, func() { ring.Decorate(&f, ring.Lru{Options: ring.Options{DefaultAction: action}}) })
	}
}

func TestConfig(t *testing.T) {
	r := ring.Wrap(strconv.Itoa, ring.Dict{Expire: time.Minute, Coder: "json", Options: ring.Options{
		IgnorableKeys: []string{"n"}, KeyEncoding: "ascii", KeyStyle: ring.PythonKeys, MissValue: 5,
	}}, ring.Signature("n"))
	c := r.Config()
	c.IgnorableKeys[0] = "changed in the copy"
	c = r.Config()
	assert.NotNil(t, c.Coder)
	c.Coder = nil
	want := ring.Config{
		Name: "strconv.Itoa", KeyPrefix: "strconv.Itoa", Expire: time.Minute, DefaultAction: "get_or_update", MissValue: 5,
		IgnorableKeys: []string{"n"}, KeyEncoding: "ascii", KeyStyle: ring.PythonKeys, InMemory: true,
		Storage: "dict", Place: "map[string]interface {}",
	}
	assert.Equal(t, want, *c)
}

// upper replaces Key; every other sub-function has to use it.
type upper struct{ ring.CacheUserInterface }

func (u upper) Key(w *ring.Wire, p ring.ArgPack) (string, error) {
	key, err := u.CacheUserInterface.Key(w, p)
	return "UP/" + key, err
}

// guard has one method only, and an additional sub-function.
type guard struct{}

func (guard) Execute(w *ring.Wire, p ring.ArgPack) (any, error) {
	return nil, errors.New("executing is forbidden")
}

func (guard) SubFunctions() map[string]ring.SubFunction {
	return map[string]ring.SubFunction{
		"describe": func(w *ring.Wire, p ring.ArgPack) (any, error) {
			return fmt.Sprintf("%v %v %v %v %v", p.Args, p.Kwargs, p.Bound, w.Context().Value(ctxKey{}), w.Config().Name), nil
		},
	}
}

type ctxKey struct{}

func TestUserInterfaces(t *testing.T) {
	dict := map[string]any{}
	r := ring.Wrap(strconv.Itoa, ring.Dict{Obj: dict, KeyPrefix: "f", UserInterface: ring.Compose(upper{}, ring.BulkInterfaceMixin{})})
	_, err := r.Call(1)
	require.NoError(t, err)
	_, err = r.GetOrUpdateMany(ring.Args{1}, ring.Args{2})
	require.NoError(t, err)
	require.NoError(t, r.Set("x", 3))
	assert.Equal(t, map[string]any{"UP/f:1": "1", "UP/f:2": "2", "UP/f:3": "x"}, dict)
	keys, err := r.KeyMany(ring.Args{1})
	require.NoError(t, err)
	assert.Equal(t, []string{"UP/f:1"}, keys)
	require.NoError(t, r.DeleteMany(ring.Args{1}, ring.Args{2}, ring.Args{3}))
	assert.Empty(t, dict)

	// The first part that has a sub-function wins; Compose can be composed.
	r = ring.Wrap(strconv.Itoa, ring.Lru{UserInterface: ring.Compose(guard{}, ring.Compose(upper{}, ring.BulkInterfaceMixin{}))})
	for _, call := range []func(...any) (any, error){r.Call, r.Execute, r.Update} {
		_, err = call(1)
		assert.EqualError(t, err, "executing is forbidden")
	}
	_, err = r.GetOrUpdateMany(ring.Args{1})
	assert.ErrorContains(t, err, "executing is forbidden")
	key, err := r.Key(1)
	require.NoError(t, err)
	assert.Equal(t, "UP/:1", key)
	v, err := r.Run("describe", context.WithValue(t.Context(), ctxKey{}, "here"), ring.Kwargs{"n": 1})
	require.NoError(t, err)
	assert.Equal(t, "[context.Background.WithCancel.WithValue(ring_test.ctxKey, here)] map[n:1] <nil> <nil> strconv.Itoa", v,
		"a function without a context has no place for one but WithContext")
	v, err = r.WithContext(context.WithValue(t.Context(), ctxKey{}, "here")).Run("describe", 1)
	require.NoError(t, err)
	assert.Equal(t, "[1] map[] <nil> here strconv.Itoa", v)

	// Without the mixin there are no bulk forms; with one part alone, there are only
	// its own.
	r = ring.Wrap(strconv.Itoa, ring.Lru{UserInterface: ring.CacheUserInterface{}})
	_, err = r.GetMany(ring.Args{1})
	assert.ErrorIs(t, err, errors.ErrUnsupported)
	assert.EqualError(t, err, "ring: get_many strconv.Itoa: unsupported operation: the user interface has no get_many: embed BulkInterfaceMixin, or Compose with it")
	part := ring.Wrap(strconv.Itoa, ring.Lru{UserInterface: ring.Compose(guard{}), Options: ring.Options{DefaultAction: "describe"}})
	v, err = part.Call(1)
	require.NoError(t, err)
	assert.Equal(t, "[1] map[] <nil> <nil> strconv.Itoa", v)
	for _, action := range []string{"key", "get", "update", "get_or_update", "delete", "has", "touch"} {
		_, err = part.Run(action, 1)
		assert.ErrorIs(t, err, errors.ErrUnsupported, action)
	}
	for _, action := range []string{"key_many", "execute_many", "get_many", "update_many", "get_or_update_many", "delete_many", "has_many", "touch_many"} {
		_, err = part.Run(action, ring.Args{1})
		assert.ErrorIs(t, err, errors.ErrUnsupported, action)
	}
	assert.ErrorIs(t, part.Set("x", 1), errors.ErrUnsupported)
	assert.ErrorIs(t, part.SetMany([]any{ring.Args{1}}, []any{"x"}), errors.ErrUnsupported)

	_, err = ring.New(strconv.Itoa, ring.Lru{UserInterface: ring.Compose(ring.CacheUserInterface{}, clash{})})
	assert.ErrorContains(t, err, `adds a sub-function "get_many", which exists`)
}

type clash struct{}

func (clash) SubFunctions() map[string]ring.SubFunction {
	return map[string]ring.SubFunction{"get_many": func(*ring.Wire, ring.ArgPack) (any, error) { return nil, nil }}
}

// TestInterfaceErrorsOfTypedFunctions: if a function has no error result, it does not
// run when a user interface refuses the call.
func TestInterfaceErrorsOfTypedFunctions(t *testing.T) {
	var reported []error
	runs := 0
	r := ring.Wrap(func(n int) int { runs++; return n }, ring.Lru{
		UserInterface: ring.Compose(guard{}, ring.CacheUserInterface{}),
		Options:       ring.Options{OnError: func(_ context.Context, err *ring.Error) { reported = append(reported, err) }},
	})
	assert.Equal(t, 0, r.Func().(func(int) int)(5))
	assert.Zero(t, runs)
	require.Len(t, reported, 1)
	assert.ErrorContains(t, reported[0], "executing is forbidden")
}

func TestBaseStorage(t *testing.T) {
	ctx := t.Context()
	s := ring.Wrap(strconv.Itoa, ring.Dict{Expire: time.Hour, Coder: "json"}).Storage()
	require.NoError(t, s.Set(ctx, "a", "1"))
	require.NoError(t, s.Set(ctx, "b", "2", 0))
	require.NoError(t, s.SetMany(ctx, []string{"c", "d"}, []any{"3", "4"}, time.Minute))
	dict := s.Backend().(map[string]any)
	assert.True(t, dict["b"].(ring.Entry).ExpireAt.IsZero(), "0 is for good")
	assert.Equal(t, []byte(`"1"`), dict["a"].(ring.Entry).Value)
	values, err := s.GetMany(ctx, []string{"a", "x", "d"})
	require.NoError(t, err)
	assert.Equal(t, []any{"1", ring.ErrNotFound, "4"}, values)
	_, err = s.Get(ctx, "x")
	assert.ErrorIs(t, err, ring.ErrNotFound)
	has, err := s.HasMany(ctx, []string{"a", "x"})
	require.NoError(t, err)
	assert.Equal(t, []bool{true, false}, has)
	require.NoError(t, s.Touch(ctx, "b", time.Second))
	assert.False(t, dict["b"].(ring.Entry).ExpireAt.IsZero())
	require.NoError(t, s.TouchMany(ctx, []string{"a", "x"}, 0))
	assert.True(t, dict["a"].(ring.Entry).ExpireAt.IsZero())
	require.NoError(t, s.DeleteMany(ctx, []string{"a", "b", "c", "d", "a"}))
	assert.Empty(t, dict)
	assert.ErrorIs(t, s.Set(ctx, "a", 5), ring.ErrArguments, "not a string")
	assert.ErrorIs(t, s.Set(ctx, "a", "x", -1), ring.ErrArguments)
	assert.ErrorIs(t, s.Touch(ctx, "a", -1), ring.ErrArguments)
	assert.ErrorIs(t, s.SetMany(ctx, []string{"a"}, nil), ring.ErrArguments)
	err = s.SetMany(ctx, []string{"a", "b"}, []any{5, "ok"})
	assert.ErrorIs(t, err, ring.ErrArguments)
	assert.ErrorContains(t, err, `element 0, "a"`)
	v, err := s.Get(ctx, "b")
	require.NoError(t, err)
	assert.Equal(t, "ok", v, "the others are stored")
}

// TestSharedLruWithForeignValues: other code writes to the cache as well.
func TestSharedLruWithForeignValues(t *testing.T) {
	cache := lrucache.New(10)
	r := ring.Wrap(func(n int) int { return n }, ring.Lru{Lru: cache, KeyPrefix: "f", Options: ring.Options{OnError: func(context.Context, *ring.Error) {}}})
	cache.Set("f:1", int64(7), 0)
	v, err := r.Call(1)
	require.NoError(t, err)
	assert.Equal(t, 7, v, "converted without loss")
	cache.Set("f:1", "text", 0)
	v, err = r.Call(1)
	require.NoError(t, err)
	assert.Equal(t, 1, v)
}

// TestForeignValuesOfInterfaceResults: a hit without binding checks them as well.
func TestForeignValuesOfInterfaceResults(t *testing.T) {
	cache := lrucache.New(10)
	lru := ring.Lru{Lru: cache, KeyPrefix: "f", Options: ring.Options{OnError: func(context.Context, *ring.Error) {}}}
	r := ring.Wrap(func(n int) fmt.Stringer { return time.Duration(n) }, lru)
	for _, call := range []func() any{
		func() any { v, err := r.Call(1); require.NoError(t, err); return v },
		func() any { return r.Func().(func(int) fmt.Stringer)(1) },
	} {
		cache.Set("f:1", 5, 0)
		assert.Equal(t, time.Duration(1), call())
	}
	none := ring.Wrap(func(n int) {}, lru)
	cache.Set("f:1", 5, 0)
	v, err := none.Call(1)
	require.NoError(t, err)
	assert.Nil(t, v)
}

// missing is a storage that wraps ErrNotFound, and has no bulk operations.
type missing struct{ ring.Storage }

func (missing) GetValue(context.Context, string) (any, error) {
	return nil, fmt.Errorf("nothing here: %w", ring.ErrNotFound)
}

func TestWrappedErrNotFoundIsAMiss(t *testing.T) {
	r := ring.Wrap(strconv.Itoa, ring.BaseFactory{StorageClass: func(any) (ring.Storage, error) { return missing{}, nil }})
	v, err := r.Get(1)
	require.NoError(t, err)
	assert.Nil(t, v)
	values, err := r.GetMany(ring.Args{1})
	require.NoError(t, err)
	assert.Equal(t, []any{nil}, values)
	has, err := r.Has(1)
	require.NoError(t, err)
	assert.False(t, has)
}

// broken is a storage that fails for some keys.
type broken struct{ *bulkStorage }

func (b broken) GetManyValues(context.Context, []string) ([]any, error) {
	return nil, errors.New("down")
}

type noBulk struct {
	ring.Storage
	fail string
}

func (n noBulk) SetValue(ctx context.Context, key string, value any, expire time.Duration) error {
	if key == n.fail {
		return errors.New("full")
	}
	return n.Storage.SetValue(ctx, key, value, expire)
}

func TestUpdateManyNamesTheElement(t *testing.T) {
	r := ring.Wrap(func(n int) (int, error) {
		if n == 0 {
			return 0, errors.New("zero")
		}
		return n, nil
	}, ring.BaseFactory{StorageClass: func(any) (ring.Storage, error) {
		return noBulk{&bulkStorage{values: map[string]any{}}, "f:2"}, nil
	}}, ring.Name("f"))
	values, err := r.UpdateMany(ring.Args{0}, ring.Args{1}, ring.Args{1}, ring.Args{2}, ring.Args{2})
	assert.Equal(t, []any{nil, 1, 1, 2, 2}, values)
	assert.EqualError(t, err, "ring: update_many f: element 0, \"f:0\": zero\nelement 3, \"f:2\": full\nelement 4, \"f:2\": full")

	down := ring.Wrap(strconv.Itoa, ring.BaseFactory{StorageClass: func(any) (ring.Storage, error) { return broken{&bulkStorage{}}, nil }})
	values, err = down.GetMany(ring.Args{1}, ring.Args{2})
	assert.ErrorContains(t, err, "down")
	assert.Equal(t, []any{nil, nil}, values)
	assert.Equal(t, 2, down.CacheInfo().Misses)
}

// embedded is a user's own storage over LruStorage.
type embedded struct{ *ring.LruStorage }

func TestEmbeddedStorageCountsOnce(t *testing.T) {
	cache := lrucache.New(10)
	r := ring.Wrap(strconv.Itoa, ring.Lru{Lru: cache, StorageClass: func(backend any) (ring.Storage, error) {
		s, err := ring.NewLruStorage(backend)
		return embedded{s.(*ring.LruStorage)}, err
	}})
	for range 3 {
		_, err := r.Call(1)
		require.NoError(t, err)
	}
	assert.Equal(t, r.CacheInfo(), cache.CacheInfo())
	assert.Equal(t, ring.CacheInfo{Hits: 2, Misses: 1, MaxSize: 10, CurrSize: 1}, r.CacheInfo())
}

func TestErrorText(t *testing.T) {
	err := error(&ring.Error{Action: "get", Rope: "f", Key: `a"b`, Err: ring.ErrNotFound})
	assert.EqualError(t, err, `ring: get f "a\"b": not found`)
	assert.EqualError(t, &ring.Error{Action: "wrap", Rope: "f", Err: errors.New("x")}, "ring: wrap f: x")
	assert.ErrorIs(t, err, ring.ErrNotFound)
}
