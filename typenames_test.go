package ring

import (
	"fmt"
	"path/filepath"
	"reflect"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ring-go/ring/internal/keytext"
	"github.com/ring-go/ring/shelve"
)

// Types of one name, each declared in a function of its own, with a value.
func rowInFirst() (reflect.Type, any) {
	type row struct{ A int }
	return reflect.TypeFor[row](), row{1}
}
func rowInSecond() (reflect.Type, any) {
	type row struct{ A int }
	return reflect.TypeFor[row](), row{1}
}
func rowInThird() (reflect.Type, any) {
	type row struct{ A int }
	return reflect.TypeFor[row](), row{1}
}

type crate[T any] struct{ V T }

func boxInFirst() (reflect.Type, any) {
	type kept struct{ A int }
	return reflect.TypeFor[crate[kept]](), crate[kept]{}
}

func boxInSecond() (reflect.Type, any) {
	type kept struct{ A int }
	return reflect.TypeFor[crate[kept]](), crate[kept]{}
}

func methodsInFirst() reflect.Type {
	type named struct{ A int }
	return reflect.TypeFor[interface{ M(named) }]()
}

func methodsInSecond() reflect.Type {
	type named struct{ A int }
	return reflect.TypeFor[interface{ M(named) }]()
}

// TestTypesOfFunctions: in memory, types of one name are told apart, as arguments and as
// what an any holds.
func TestTypesOfFunctions(t *testing.T) {
	first, one := rowInFirst()
	second, two := rowInSecond()
	third, three := rowInThird()
	firstBox, inBox := boxInFirst()
	secondBox, inOther := boxInSecond()
	groups := [][]reflect.Type{
		{first, second, third}, {firstBox, secondBox}, {methodsInFirst(), methodsInSecond()},
		{reflect.TypeFor[struct{ a int }](), structOf("other/pkg")},
	}
	wraps := []func(reflect.Type) reflect.Type{
		func(t reflect.Type) reflect.Type { return t },
		reflect.PointerTo, reflect.SliceOf,
		func(t reflect.Type) reflect.Type { return reflect.ArrayOf(2, t) },
		func(t reflect.Type) reflect.Type { return reflect.MapOf(reflect.TypeFor[string](), t) },
		func(t reflect.Type) reflect.Type { return reflect.ChanOf(reflect.BothDir, t) },
		func(t reflect.Type) reflect.Type { return reflect.FuncOf([]reflect.Type{t}, nil, false) },
		func(t reflect.Type) reflect.Type {
			return reflect.StructOf([]reflect.StructField{{Name: "F", Type: t}})
		},
	}
	for _, style := range styles {
		names := Wrap(func(t reflect.Type) string { return fmt.Sprintf("%p", t) }, Lru{Options: Options{KeyStyle: style}})
		for _, group := range groups {
			for _, wrap := range wraps {
				seen := map[string]bool{}
				for _, typ := range group {
					got, err := names.Call(wrap(typ))
					require.NoError(t, err)
					assert.Equal(t, fmt.Sprintf("%p", wrap(typ)), got, "%v of %v", style, wrap(typ))
					key, err := names.Key(wrap(typ))
					require.NoError(t, err)
					assert.False(t, seen[key], key)
					seen[key] = true
				}
			}
		}
		if style == PythonKeys {
			continue // Python's text of a value has no package either
		}
		values := Wrap(func(v any) string { return fmt.Sprintf("%p", reflect.TypeOf(v)) }, Lru{Options: Options{KeyStyle: style}})
		for _, group := range [][]any{{one, two, three}, {inBox, inOther}} {
			for _, v := range group {
				args := []any{v, pointerTo(v), sliceOf(v)}
				if style == SafeKeys { // HashKeys hash no interface
					args = append(args, []any{v}, map[string]any{"a": v}, map[any]int{v: 1}, Tuple{v}, &v, [1]any{v}, map[any]int{[1]any{v}: 1})
				}
				for _, arg := range args {
					key, err := values.Key(arg)
					require.NoError(t, err)
					for _, other := range group {
						if other != v {
							assert.NotEqual(t, key, mustKey(t, values, rebuilt(arg, v, other)), "%v %T", style, arg)
						}
					}
				}
			}
		}
	}
	assert.Equal(t, "github.com/ring-go/ring.crate[github.com/ring-go/ring.kept]", keytext.PlainTypeName(firstBox), "without the compiler's number")
	values := Wrap(func(any) int { return 0 }, Lru{})
	assert.Contains(t, mustKey(t, values, inBox), "(crate[github.com/ring-go/ring.kept](V=kept(A=0)))", "the compiler's number is another one in the next build")
	plain, err := Wrap(func(reflect.Type) int { return 0 }, Lru{}).Key(reflect.TypeFor[usual]())
	require.NoError(t, err)
	assert.Equal(t, ":github.com/ring-go/ring.usual", plain)
}

type usual struct{ A int }

// structOf is a struct whose hidden field is that of another package.
func structOf(pkg string) reflect.Type {
	return reflect.StructOf([]reflect.StructField{{Name: "a", PkgPath: pkg, Type: reflect.TypeFor[int]()}})
}

func mustKey(t *testing.T, r *Rope, args ...any) string {
	t.Helper()
	key, err := r.Key(args...)
	require.NoError(t, err)
	return key
}

func pointerTo(v any) any {
	p := reflect.New(reflect.TypeOf(v))
	p.Elem().Set(reflect.ValueOf(v))
	return p.Interface()
}

func sliceOf(v any) any {
	s := reflect.MakeSlice(reflect.SliceOf(reflect.TypeOf(v)), 1, 1)
	s.Index(0).Set(reflect.ValueOf(v))
	return s.Interface()
}

// rebuilt is arg with another value in the place of v.
func rebuilt(arg, v, other any) any {
	switch {
	case arg == nil:
		return nil
	case reflect.TypeOf(arg) == reflect.TypeOf(v):
		return other
	}
	switch arg := arg.(type) {
	case []any:
		return []any{other}
	case Tuple:
		return Tuple{other}
	case map[string]any:
		return map[string]any{"a": other}
	case *any:
		return &other
	case [1]any:
		return [1]any{other}
	case map[any]int:
		for k := range arg {
			return map[any]int{rebuilt(k, v, other): 1}
		}
	}
	if reflect.TypeOf(arg).Kind() == reflect.Pointer {
		return pointerTo(other)
	}
	return sliceOf(other)
}

func outsideA() (reflect.Type, any) {
	type line struct{ A int }
	return reflect.TypeFor[line](), line{1}
}
func outsideB() (reflect.Type, any) {
	type line struct{ B int }
	return reflect.TypeFor[line](), line{1}
}

// TestTypesOfFunctionsOutside: where keys outlive the process, the second type of a name
// has none: in the next process it could be the first.
func TestTypesOfFunctionsOutside(t *testing.T) {
	shelf, err := shelve.Open(filepath.Join(t.TempDir(), "shelf"), nil)
	require.NoError(t, err)
	defer shelf.Close()
	first, one := outsideA()
	second, two := outsideB()
	for _, style := range styles {
		factory := Shelve{Shelf: shelf, KeyPrefix: style.String(), Options: Options{KeyStyle: style}}
		types := Wrap(func(t reflect.Type) string { return t.Field(0).Name }, factory)
		got, err := types.Call(first)
		require.NoError(t, err)
		assert.Equal(t, "A", got)
		_, err = types.Call(second)
		assert.ErrorIs(t, err, ErrKey, style)
		for _, want := range []string{"two types", "ring.line", "package level", "RingKey"} {
			assert.ErrorContains(t, err, want)
		}
		_, err = types.GetMany(Args{first}, Args{reflect.SliceOf(second)})
		assert.ErrorIs(t, err, ErrKey, style)
	}
	values := Wrap(func(v any) int { return 0 }, Shelve{Shelf: shelf, KeyPrefix: "values"})
	_, err = values.Call(one)
	require.NoError(t, err)
	_, inBox := boxInFirst()
	_, inOther := boxInSecond()
	_, err = values.Call(inBox)
	if err == nil { // unless another test came first
		_, err = values.Call(inOther)
	}
	assert.ErrorIs(t, err, ErrKey)
	for _, v := range []any{two, []any{two}, sliceOf(two), pointerTo(two), map[any]int{two: 1}, map[any]int{[1]any{two}: 1}, map[string]any{"a": second}} {
		_, err = values.Call(v)
		assert.ErrorIs(t, err, ErrKey, "%T", v)
		assert.ErrorContains(t, err, "package level")
	}

	// The function fixes the type of a parameter: its name is not in the key.
	type line struct{ C int }
	typed := Wrap(func(l line) int { return l.C }, Shelve{Shelf: shelf, KeyPrefix: "typed"})
	got, err := typed.Call(line{3})
	require.NoError(t, err)
	assert.Equal(t, 3, got)
}

func racer(i int) reflect.Type {
	switch i {
	case 0:
		type racedType struct{ A int }
		return reflect.TypeFor[racedType]()
	case 1:
		type racedType struct{ B int }
		return reflect.TypeFor[racedType]()
	}
	type racedType struct{ C int }
	return reflect.TypeFor[racedType]()
}

// TestTypeNamesAtOnce: many goroutines that ask first get one answer.
func TestTypeNamesAtOnce(t *testing.T) {
	const n = 30
	var names [n]string
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() { names[i], _ = keytext.Rules{InMemory: true}.TypeName(racer(i % 3)) })
	}
	wg.Wait()
	distinct := map[string]bool{}
	for i, name := range names {
		assert.Equal(t, names[i%3], name)
		distinct[name] = true
	}
	assert.Equal(t, map[string]bool{
		"github.com/ring-go/ring.racedType": true, "github.com/ring-go/ring.racedType#2": true, "github.com/ring-go/ring.racedType#3": true,
	}, distinct)
}
