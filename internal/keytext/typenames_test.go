package keytext

import (
	"reflect"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ring-go/ring/internal/fault"
	"github.com/ring-go/ring/internal/pyvalue"
)

// Types with one name, each declared in a separate function, with a value.
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

// TestTypesOfFunctions: in memory, types with one name are told apart, as arguments and
// as values in an any.
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
		names := planFor(t, style, reflectType)
		for _, group := range groups {
			for _, wrap := range wraps {
				seen := map[string]bool{}
				for _, typ := range group {
					key := keyOf(t, names, wrap(typ))
					assert.False(t, seen[key], "%v of %v: %s", style, wrap(typ), key)
					seen[key] = true
				}
			}
		}
		if style == pythonKeys {
			continue // Python's text of a value has no package either
		}
		values := planFor(t, style, anyType)
		for _, group := range [][]any{{one, two, three}, {inBox, inOther}} {
			for _, v := range group {
				args := []any{v, pointerTo(v), sliceOf(v)}
				if style == safeKeys { // HashKeys hash no interface
					args = append(args, []any{v}, map[string]any{"a": v}, map[any]int{v: 1}, pyvalue.Tuple{v}, &v, [1]any{v}, map[any]int{[1]any{v}: 1})
				}
				for _, arg := range args {
					key := keyOf(t, values, arg)
					for _, other := range group {
						if other != v {
							assert.NotEqual(t, key, keyOf(t, values, rebuilt(arg, v, other)), "%v %T", style, arg)
						}
					}
				}
			}
		}
	}
	assert.Equal(t, "github.com/ring-go/ring/internal/keytext.crate[github.com/ring-go/ring/internal/keytext.kept]", plainTypeName(firstBox), "without the compiler's number")
	values := planFor(t, safeKeys, anyType)
	assert.Contains(t, keyOf(t, values, inBox), "(crate[github.com/ring-go/ring/internal/keytext.kept](V=kept(A=0)))", "the compiler's number is another one in the next build")
	assert.Equal(t, "github.com/ring-go/ring/internal/keytext.usual", part(t, safeKeys, reflect.TypeFor[usual]()))
}

type usual struct{ A int }

// structOf returns a struct whose hidden field belongs to another package.
func structOf(pkg string) reflect.Type {
	return reflect.StructOf([]reflect.StructField{{Name: "a", PkgPath: pkg, Type: reflect.TypeFor[int]()}})
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

// rebuilt returns arg with other in the place of v.
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
	case pyvalue.Tuple:
		return pyvalue.Tuple{other}
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

// TestTypesOfFunctionsOutside: if keys outlive the process, the second type with a name
// has no key: in the next process it could be the first.
func TestTypesOfFunctionsOutside(t *testing.T) {
	first, one := outsideA()
	second, two := outsideB()
	outside := func(style Rules, typ reflect.Type) *Plan {
		plan, err := NewPlan(paramsOf(typ), style, "p")
		require.NoError(t, err)
		return plan
	}
	for _, style := range styles {
		types := outside(style, reflectType)
		keyOf(t, types, first)
		for _, typ := range []reflect.Type{second, reflect.SliceOf(second)} {
			_, err := types.Key([]any{typ})
			assert.ErrorIs(t, err, fault.ErrKey, "%v", style)
			for _, want := range []string{"two types", "keytext.line", "package level", "RingKey"} {
				assert.ErrorContains(t, err, want)
			}
		}
	}
	values := outside(safeKeys, anyType)
	keyOf(t, values, one)
	_, inBox := boxInFirst()
	_, inOther := boxInSecond()
	_, err := values.Key([]any{inBox})
	if err == nil { // unless another test came first
		_, err = values.Key([]any{inOther})
	}
	assert.ErrorIs(t, err, fault.ErrKey)
	for _, v := range []any{two, []any{two}, sliceOf(two), pointerTo(two), map[any]int{two: 1}, map[any]int{[1]any{two}: 1}, map[string]any{"a": second}} {
		_, err = values.Key([]any{v})
		assert.ErrorIs(t, err, fault.ErrKey, "%T", v)
		assert.ErrorContains(t, err, "package level")
	}

	// The function fixes the type of a parameter: its name is not in the key.
	type line struct{ C int }
	assert.Equal(t, "p:lineC,3", keyOf(t, outside(safeKeys, reflect.TypeFor[line]()), line{3}))
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

// TestTypeNamesAtOnce: goroutines that ask for a name at the same time get the same
// answer.
func TestTypeNamesAtOnce(t *testing.T) {
	const n = 30
	var names [n]string
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() { names[i], _ = Rules{InMemory: true}.typeName(racer(i % 3)) })
	}
	wg.Wait()
	distinct := map[string]bool{}
	for i, name := range names {
		assert.Equal(t, names[i%3], name)
		distinct[name] = true
	}
	assert.Equal(t, map[string]bool{
		"github.com/ring-go/ring/internal/keytext.racedType": true, "github.com/ring-go/ring/internal/keytext.racedType#2": true, "github.com/ring-go/ring/internal/keytext.racedType#3": true,
	}, distinct)
}
