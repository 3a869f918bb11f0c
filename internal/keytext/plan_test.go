package keytext

import (
	"math/big"
	"reflect"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ring-go/ring/internal/fault"
)

// planFor makes the plan of a function with parameters of these types, in memory.
func planFor(t testing.TB, style Rules, types ...reflect.Type) *Plan {
	t.Helper()
	plan, err := NewPlan(paramsOf(types...), inMemory(style), "p")
	require.NoError(t, err)
	return plan
}

func keyOf(t testing.TB, plan *Plan, args ...any) string {
	t.Helper()
	key, err := plan.Key(args)
	require.NoError(t, err)
	return key
}

func typesOf(args ...any) (types []reflect.Type) {
	for _, a := range args {
		types = append(types, reflect.TypeOf(a))
	}
	return types
}

func TestSafeKeysLookLikePythons(t *testing.T) {
	anyType := reflect.TypeFor[any]()
	for _, tt := range []struct {
		want  string
		types []reflect.Type
		args  []any
	}{
		{"p:a:1", typesOf("", 0), []any{"a", 1}},
		{"p:http://x", typesOf(""), []any{"http://x"}},
		{"p:http://x:1", typesOf("", 0), []any{"http://x", 1}},
		{"p:http://x:-1", typesOf("", new(big.Int)), []any{"http://x", big.NewInt(-1)}},
		{"p:['a:b']:http://x:1", typesOf([]string{}, "", 0), []any{[]string{"a:b"}, "http://x", 1}},
		{"p:a b", typesOf(""), []any{"a b"}},
		{"p:a:b", typesOf("", ""), []any{"a", "b"}},
		{"p:http://x", []reflect.Type{anyType}, []any{"http://x"}},
		{"p:2024-01-01", []reflect.Type{anyType}, []any{"2024-01-01"}},
		{"p:1:1.5:True:None:x", []reflect.Type{anyType, anyType, anyType, anyType, anyType}, []any{1, 1.5, true, nil, "x"}},
		{"p:[1,'a',None]", []reflect.Type{anyType}, []any{[]any{1, "a", nil}}},
		// The differences, because Python's text can mean several calls.
		{`p:a\:b:c`, typesOf("", ""), []any{"a:b", "c"}},
		{`p:a:b\:c`, typesOf("", ""), []any{"a", "b:c"}},
		{`p:a\\:b`, typesOf("", ""), []any{`a\`, "b"}},
		{"p:'1'", []reflect.Type{anyType}, []any{"1"}},
		{"p:'None'", []reflect.Type{anyType}, []any{"None"}},
		{"p:int64(1)", []reflect.Type{anyType}, []any{int64(1)}},
		{"p:[]int([1,2])", []reflect.Type{anyType}, []any{[]int{1, 2}}},
		{"p:{'a':1}", []reflect.Type{anyType}, []any{map[string]any{"a": 1}}},
		{"p:github.com/ring-go/ring/internal/keytext.Point(Point(x=1,y='a'))", []reflect.Type{anyType}, []any{Point{1, "a"}}},
		{"p:*github.com/ring-go/ring/internal/keytext.Point(Point(x=1,y=2))", []reflect.Type{anyType}, []any{&Point{1, 2}}},
		{"p:['a b']", typesOf([]string{}), []any{[]string{"a b"}}},
		{"p:a,'1,b,2'", typesOf(map[string]string{}), []any{map[string]string{"a": "1,b,2"}}},
		{`p:{"a','b"}`, typesOf(map[string]struct{}{}), []any{map[string]struct{}{"a','b": {}}}},
	} {
		assert.Equal(t, tt.want, keyOf(t, planFor(t, safeKeys, tt.types...), tt.args...))
	}
}

func TestHugeAndDeepValues(t *testing.T) {
	plan := planFor(t, safeKeys, reflect.TypeFor[[]int]())
	assert.Len(t, keyOf(t, plan, make([]int, 1_000_000)), len("p:[]")+2*1_000_000-1)

	list := &List{}
	for range 10_000 {
		list = &List{1, list}
	}
	assert.NotEmpty(t, keyOf(t, planFor(t, safeKeys, reflect.TypeFor[*List]()), list))
	for range maxDepth {
		list = &List{1, list}
	}
	_, err := planFor(t, safeKeys, reflect.TypeFor[*List]()).Key([]any{list})
	assert.ErrorIs(t, err, fault.ErrKey)

	// A value with few nodes whose text would be practically endless.
	type pair struct{ A, B any }
	var shared any
	for range 40 {
		shared = &pair{shared, shared}
	}
	_, err = anyPart(Rules{}, shared)
	assert.ErrorIs(t, err, fault.ErrKey)
	assert.ErrorContains(t, err, "too long")
	shared = nil
	for range 40 {
		shared = pair{shared, []any{shared}}
	}
	_, err = anyPart(Rules{}, shared)
	assert.ErrorIs(t, err, fault.ErrKey)
	type box struct{ V any }
	var boxes any
	for range 1_000_000 {
		boxes = box{boxes}
	}
	_, err = anyPart(Rules{}, boxes)
	assert.ErrorIs(t, err, fault.ErrKey)
}

func TestCycles(t *testing.T) {
	ring := &List{Value: 1}
	ring.Next = &List{2, ring}
	slice := []any{1, nil}
	slice[1] = slice
	dict := map[string]any{}
	dict["self"] = dict
	type node struct{ Children []*node }
	tree := &node{}
	tree.Children = []*node{{}, tree}
	var pointer any
	pointer = &pointer
	type throughKey struct{ M map[any]int }
	key := &throughKey{}
	key.M = map[any]int{key: 1, "x": 2}
	type pointers *pointers
	var self pointers
	self = &self
	for _, v := range []any{ring, slice, dict, tree, pointer, map[any]int{self: 1, "x": 2}, self} {
		for _, style := range []Rules{safeKeys, pythonKeys} {
			_, err := anyPart(style, v)
			assert.ErrorIs(t, err, fault.ErrKey)
			if style == safeKeys { // Python cannot even sort some keys
				assert.ErrorContains(t, err, "contains itself")
			}
		}
	}
	_, err := anyPart(Rules{}, key)
	assert.ErrorIs(t, err, fault.ErrKey)

	plan := planFor(t, safeKeys, reflect.TypeFor[*List]())
	_, err = plan.Key([]any{ring})
	assert.ErrorIs(t, err, fault.ErrKey)
	assert.Less(t, len(err.Error()), 300)
	_, err = plan.Key([]any{&List{1, &List{2, nil}}})
	assert.NoError(t, err, "the pool must not keep what was seen")
}
