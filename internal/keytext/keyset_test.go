package keytext

import (
	"math/rand/v2"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ring-go/ring/internal/samples"
)

// TestEveryKeyIsInItsSet: the set that Doctor compares contains all keys of a function.
func TestEveryKeyIsInItsSet(t *testing.T) {
	tried := 0
	for typ, values := range samples.Values {
		for _, sig := range [][]reflect.Type{{typ}, {typ, stringType}, {reflect.TypeFor[int](), typ}} {
			for _, style := range styles {
				plan, err := NewPlan(paramsOf(sig...), inMemory(style), `p:\`)
				if err != nil {
					continue
				}
				all := NewKeySet(plan)
				reader := NewReader(all)
				other := NewKeySet(&Plan{Prefix: "q"})
				for _, call := range samples.Calls(sig, map[reflect.Type][]any{typ: values, stringType: samples.Values[stringType], reflect.TypeFor[int](): {0, -12}}) {
					key, err := plan.Key(call)
					if err != nil {
						continue
					}
					found, ok := all.Meet(NewKeySet(&Plan{Prefix: key}))
					require.True(t, ok, "%v %v: %q", style, sig, key)
					require.Equal(t, key, found)
					require.True(t, reader.Contains(key), "%v %v: %q", style, sig, key)
					require.False(t, reader.Contains("q"+key))
					tried++
				}
				_, ok := all.Meet(other)
				assert.False(t, ok)
			}
		}
	}
	assert.Greater(t, tried, 500)
}

// TestKeysThatMeetDo: of all pairs of functions of a small world, those that Doctor
// reports have a key in common, which it names, and the others have none.
func TestKeysThatMeetDo(t *testing.T) {
	words := []any{"", "0", "1", ":", "b", "b:0", "0:0", `\`, `\:`, "b:", "True", "[]", "['0']", "-1"}
	lists := []any{[]string{}, []string{"0"}, []string{":", "'"}, []string{`\`}}
	worlds := map[reflect.Type][]any{stringType: words, reflect.TypeFor[int](): {0, 1, -1}, reflect.TypeFor[bool](): {true, false}, reflect.TypeFor[[]string](): lists}
	types := []reflect.Type{stringType, reflect.TypeFor[int](), reflect.TypeFor[bool](), reflect.TypeFor[[]string]()}
	var signatures [][]reflect.Type
	for _, a := range types {
		signatures = append(signatures, []reflect.Type{a})
		for _, b := range types {
			signatures = append(signatures, []reflect.Type{a, b})
		}
	}
	type side struct {
		style Rules
		plan  *Plan
		types []reflect.Type
		keys  map[string]bool
	}
	var sides []*side
	for _, style := range []Rules{safeKeys, pythonKeys} {
		for _, prefix := range []string{"", "a", "a:b", "a:0"} {
			for _, sig := range append(signatures, nil) {
				s := &side{style, planFor(t, style, sig...), sig, map[string]bool{}}
				s.plan.Prefix = prefix
				for _, call := range samples.Calls(sig, worlds) {
					s.keys[keyOf(t, s.plan, call...)] = true
				}
				sides = append(sides, s)
			}
		}
	}
	rnd := rand.New(rand.NewPCG(1, 2))
	meet, apart := 0, 0
	for range 4000 {
		a, b := sides[rnd.IntN(len(sides))], sides[rnd.IntN(len(sides))]
		key, ok := NewKeySet(a.plan).Meet(NewKeySet(b.plan))
		for k := range a.keys {
			require.True(t, ok || !b.keys[k], "%v %q and %v %q have the key %q", a.types, a.plan.Prefix, b.types, b.plan.Prefix, k)
		}
		if !ok {
			apart++
			continue
		}
		meet++
		for _, s := range []*side{a, b} {
			require.True(t, makes(s.plan, s.types, key), "%v %q does not make the key %q", s.types, s.plan.Prefix, key)
		}
	}
	assert.Greater(t, meet, 300)
	assert.Greater(t, apart, 300)
}

// makes reports whether a plan makes a key, by trying possible values.
func makes(plan *Plan, sig []reflect.Type, key string) bool {
	rest := strings.TrimPrefix(key, plan.Prefix)
	worlds := map[reflect.Type][]any{reflect.TypeFor[bool](): {true, false}, reflect.TypeFor[[]string](): {[]string{}}}
	for i := range len(rest) + 1 {
		for j := i; j <= len(rest); j++ {
			piece := rest[i:j]
			for _, word := range []string{piece, strings.ReplaceAll(piece, `\:`, ":"), strings.ReplaceAll(strings.ReplaceAll(piece, `\:`, ":"), `\\`, `\`)} {
				if !slices.Contains(worlds[stringType], any(word)) {
					worlds[stringType] = append(worlds[stringType], word)
					worlds[reflect.TypeFor[[]string]()] = append(worlds[reflect.TypeFor[[]string]()], []string{word})
				}
			}
			if n, err := strconv.Atoi(piece); err == nil {
				worlds[reflect.TypeFor[int]()] = append(worlds[reflect.TypeFor[int]()], n)
			}
		}
	}
	return slices.ContainsFunc(samples.Calls(sig, worlds), func(call []any) bool {
		made, err := plan.Key(call)
		return err == nil && made == key
	})
}
