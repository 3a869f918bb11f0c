package keytext

import (
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ring-go/ring/internal/samples"
)

// TestSafeKeysEqualPythonsWhereUnambiguous goes through all calls of a small world
// and compares the two styles wherever no other call has Python's key.
func TestSafeKeysEqualPythonsWhereUnambiguous(t *testing.T) {
	var words []any
	for _, a := range []string{"", "a", ":", "b"} {
		for _, b := range []string{"", "a", ":"} {
			for _, c := range []string{"", "a", ":"} {
				if word := a + b + c; !slices.Contains(words, any(word)) {
					words = append(words, word)
				}
			}
		}
	}
	ints := []any{0, 1, -1}
	lists := []any{[]int{}, []int{1}, []int{1, 2}}
	times := []any{time.Unix(0, 0).UTC(), time.Unix(1, 5).UTC()}
	quoted := []any{[]string{}, []string{":"}, []string{"a", ":"}, []string{"']:"}}
	for _, params := range [][][]any{
		{words}, {words, ints}, {ints, words}, {ints, words, lists}, {quoted, words}, {quoted, words, ints}, {words, words}, {ints, times, times},
	} {
		var types []reflect.Type
		calls := [][]any{nil}
		for _, values := range params {
			types = append(types, reflect.TypeOf(values[0]))
			var longer [][]any
			for _, call := range calls {
				for _, v := range values {
					longer = append(longer, append(slices.Clone(call), v))
				}
			}
			calls = longer
		}
		python, safe := planFor(t, pythonKeys, types...), planFor(t, safeKeys, types...)
		owners, safeOwners := map[string]int{}, map[string]int{}
		for i, call := range calls {
			owners[keyOf(t, python, call...)]++
			safeKey := keyOf(t, safe, call...)
			require.NotContains(t, safeOwners, safeKey)
			safeOwners[safeKey] = i
		}
		for _, call := range calls {
			p := keyOf(t, python, call...)
			if types[len(types)-1] == timeType { // Python writes times differently
				assert.Equal(t, strings.ReplaceAll(p, " ", "T"), strings.ReplaceAll(keyOf(t, safe, call...), "Z", ""), "the colons of a time need no escape")
				continue
			}
			// A key with a colon at the edge of the small world belongs to one of its
			// calls and to others outside.
			if owners[p] == 1 && strings.Count(p, ":") == len(params) || len(types) > 1 && types[0] != types[1] {
				assert.Equal(t, p, keyOf(t, safe, call...), "%#v", call)
			}
		}
	}
}

type (
	wordKey string
	twoAny  struct{ A, B any }
)

func (k wordKey) RingKey() string { return string(k) }

// TestPairsThatMustDiffer tests collisions that were found once.
func TestPairsThatMustDiffer(t *testing.T) {
	type namedBytes [2]byte
	key := func(v any) string { return keyOf(t, planFor(t, safeKeys, reflect.TypeOf(v)), v) }
	anyKey := func(v any) string { return keyOf(t, planFor(t, safeKeys, reflect.TypeFor[any]()), v) }
	for _, pair := range [][2]any{
		{twoAny{"a,B,b", "c"}, twoAny{"a", "b,B,c"}},
		{map[string]any{"a": map[string]string{"x": "y,b,z"}}, map[string]any{"a": "map[string]string({'x': 'y", "b": "z'})"}},
		{[]map[wordKey]wordKey{{"a:b": "c"}}, []map[wordKey]wordKey{{"a": "b:c"}}},
		{map[any]int{[2]int{1, 2}: 1}, map[any]int{[2]int64{1, 2}: 1}},
		{map[any]int{[2]int{1, 2}: 1}, map[any]int{[2]any{1, 2}: 1}},
		{map[any]struct{}{[2]byte{1, 2}: {}}, map[any]struct{}{namedBytes{1, 2}: {}}},
		{map[any]int{[1]float32{1}: 1}, map[any]int{[1]float64{1}: 1}},
		{struct{ time.Time }{time.Unix(0, 0).In(time.FixedZone("", 3600))}, struct{ time.Time }{time.Unix(-30, 0).In(time.FixedZone("", 3630))}},
	} {
		assert.NotEqual(t, key(pair[0]), key(pair[1]))
		assert.NotEqual(t, anyKey(pair[0]), anyKey(pair[1]))
	}
	type E struct{ X int }
	assert.NotEqual(t, anyKey(struct{ E }{}), anyKey(struct{ E E }{}))
	assert.NotEqual(t, plainTypeName(reflect.TypeFor[func(int, ...string)]()), plainTypeName(reflect.TypeFor[func(int, []string)]()))
	assert.NotEqual(t, plainTypeName(reflect.TypeFor[chan int]()), plainTypeName(reflect.TypeFor[<-chan int]()))
}

// TestSafeKeysAreInjective makes random functions and calls with adversarial arguments:
// two calls share a key exactly if they are the same.
func TestSafeKeysAreInjective(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	s := samples.Random(seed)
	for range samples.Rounds(300) {
		types, call := s.Function()
		requireInjective(t, planFor(t, safeKeys, types...), types, call)
	}
}

// TestHashKeysAreInjective is TestSafeKeysAreInjective for the types that can be hashed.
func TestHashKeysAreInjective(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	s := samples.Random(seed)
	for tried := 0; tried < samples.Rounds(150); {
		types, call := s.Function()
		refused := func(typ reflect.Type) bool {
			_, err := hashKeys.coercerFor(typ)
			return err != nil || typ == anyType || typ == reflect.PointerTo(anyType) // its values can be refused
		}
		if slices.ContainsFunc(types, refused) {
			continue
		}
		requireInjective(t, planFor(t, hashKeys, types...), types, call)
		tried++
	}
}

func requireInjective(t *testing.T, plan *Plan, types []reflect.Type, call func() []any) {
	t.Helper()
	calls := map[string]string{}
	for range 300 {
		args := call()
		key, what := keyOf(t, plan, args...), samples.Canonical(types, args)
		if other, ok := calls[key]; ok && other != what {
			require.Failf(t, "two calls share a key", "types %v\nkey %q\n%s\n%s", types, key, what, other)
		}
		calls[key] = what
		require.Equal(t, key, keyOf(t, plan, args...), "the key of one call must not change")
	}
	whats := map[string]bool{}
	for _, what := range calls {
		require.False(t, whats[what], "one call has two keys: %s", what)
		whats[what] = true
	}
}

func FuzzSafeKeys(f *testing.F) {
	f.Add([]byte{2, 0, 0, 2, 3, 4, 1, 1}, []byte{1, 1, 2, 3, 4})
	f.Add([]byte{0, 2, 1, 2, 3, 4, 5, 6}, []byte{9, 9, 9})
	f.Fuzz(func(t *testing.T, a, b []byte) {
		s := samples.FromBytes(a)
		types, call := s.Function()
		plan := planFor(t, safeKeys, types...)
		first := call()
		var second []any
		for _, typ := range types {
			second = append(second, samples.FromBytes(b).Make(typ))
			b = b[min(len(b), 3):]
		}
		require.Equal(t, samples.Canonical(types, first) == samples.Canonical(types, second), keyOf(t, plan, first...) == keyOf(t, plan, second...),
			"types %v: %#v and %#v", types, first, second)
	})
}
