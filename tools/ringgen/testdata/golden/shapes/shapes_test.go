package shapes

import (
	"context"
	"math/rand"
	"reflect"
	"testing"
	"testing/quick"

	"github.com/ring-go/ring"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// typed are the ropes and their functions.
var typed = map[string]struct {
	rope, fn any
}{
	"none": {noneRope, none}, "noneFails": {noneFailsRope, noneFails}, "one": {oneRope, one}, "oneFails": {oneFailsRope, oneFails},
	"text": {textRope, text}, "bytes": {bytesRope, bytesOf}, "table": {tableRope, table}, "anything": {anythingRope, anything},
	"pointer": {pointerRope, pointer}, "record": {recordRope, record}, "array": {arrayRope, array}, "duration": {durationRope, duration},
	"two": {twoRope, two}, "inContext": {inContextRope, inContext}, "three": {threeRope, three}, "four": {fourRope, four},
	"five": {fiveRope, five}, "six": {sixRope, six}, "rest": {restRope, rest}, "restOnly": {restOnlyRope, restOnly},
	"restAny": {restAnyRope, restAny}, "nothing": {nothingRope, nothing}, "nothingFails": {failsRope, nothingFails},
	"pair": {pairRope, pair}, "pairFails": {pairFailsRope, pairFails}, "dynamic": {dynamicRope, dynamic}, "unnamed": {unnamedRope, unnamed},
	"blank": {blankRope, blank}, "generic": {genericRope, generic[int, []int]}, "add": {addRope, point.Add}, "scale": {scaleRope, (*point).Scale},
}

// TestTypedIsUntyped: with random arguments a typed rope has the keys of a rope without
// names, and the results of the function.
func TestTypedIsUntyped(t *testing.T) {
	for name, c := range typed {
		t.Run(name, func(t *testing.T) {
			fn, rope := reflect.ValueOf(c.fn), reflect.ValueOf(c.rope)
			plain := ring.Wrap(unnamedCopy(fn), ring.Lru{KeyPrefix: prefixOf(rope)})
			random := rand.New(rand.NewSource(1))
			for range 50 {
				in := inputs(t, random, fn.Type())
				key := method(rope, "Key", in)
				args := append(spread(in, fn.Type().IsVariadic()), ring.Kwargs{}) // so that none of the others counts as one
				want, err := plain.Key(args...)
				require.NoError(t, err)
				require.Nil(t, key[1])
				assert.Equal(t, want, key[0])
				compare(t, rope, fn, in)
			}
		})
	}
}

// unnamedCopy returns a function whose parameters have no registered names. A method keeps
// them, since its receiver has rules of its own in the key.
func unnamedCopy(fn reflect.Value) any {
	if fn.Type().NumIn() > 1 && (fn.Type().In(0) == reflect.TypeFor[point]() || fn.Type().In(0) == reflect.TypeFor[*point]()) {
		return fn.Interface()
	}
	return reflect.MakeFunc(fn.Type(), func(in []reflect.Value) []reflect.Value {
		if fn.Type().IsVariadic() {
			return fn.CallSlice(in)
		}
		return fn.Call(in)
	}).Interface()
}

func prefixOf(rope reflect.Value) string {
	return rope.FieldByName("Rope").Interface().(*ring.Rope).Config().KeyPrefix
}

// compare runs the methods of one call.
func compare(t *testing.T, rope, fn reflect.Value, in []reflect.Value) {
	t.Helper()
	want := call(fn, in)
	fails := fn.Type().NumOut() > 0 && fn.Type().Out(fn.Type().NumOut()-1) == reflect.TypeFor[error]()
	n := len(want)
	if fails {
		n--
	}
	assert.Equal(t, want, method(rope, "Call", in))
	assert.Equal(t, want, method(rope, "Call", in), "again")
	failed := fails && want[n] != nil
	for _, name := range []string{"Lookup", "Get"} {
		got := method(rope, name, in)
		assert.Nil(t, got[n+1])
		assert.Equal(t, !failed, got[n])
		if !failed {
			assert.Equal(t, want[:n], got[:n], name)
		}
	}
	assert.Equal(t, []any{!failed, nil}, method(rope, "Has", in))
	for _, name := range []string{"Execute", "Update", "GetOrUpdate"} {
		got := method(rope, name, in)
		if !failed {
			assert.Equal(t, append(want[:n:n], nil), got, name)
		} else {
			assert.ErrorIs(t, got[n].(error), errNegative)
		}
	}
	assert.Equal(t, []any{nil}, method(rope, "Touch", in))
	assert.Equal(t, []any{nil}, method(rope, "Delete", in))
	assert.Equal(t, []any{false, nil}, method(rope, "Has", in))
	assert.Nil(t, method(rope, "Explain", in)[0].(ring.Explanation).Err)
	set(t, rope, in, want[:n])
}

// set stores results with Set and reads them.
func set(t *testing.T, rope reflect.Value, in []reflect.Value, results []any) {
	t.Helper()
	m := rope.MethodByName("Set")
	var args []reflect.Value
	if len(in) > 0 && in[0].Type() == reflect.TypeFor[context.Context]() {
		args, in = append(args, in[0]), in[1:]
	} else if len(in) > 1 && in[1].Type() == reflect.TypeFor[context.Context]() {
		args, in = append(args, in[1]), append([]reflect.Value{in[0]}, in[2:]...)
	}
	for i, r := range results {
		v := reflect.New(m.Type().In(len(args))).Elem()
		if r != nil {
			v.Set(reflect.ValueOf(results[i]))
		}
		args = append(args, v)
	}
	assert.Equal(t, []any{nil}, call(m, append(args, in...)))
}

func method(v reflect.Value, name string, in []reflect.Value) []any {
	return call(v.MethodByName(name), in)
}

func call(fn reflect.Value, in []reflect.Value) []any {
	var out []reflect.Value
	if fn.Type().IsVariadic() {
		out = fn.CallSlice(in)
	} else {
		out = fn.Call(in)
	}
	values := make([]any, len(out))
	for i, v := range out {
		values[i] = v.Interface()
	}
	return values
}

func inputs(t *testing.T, random *rand.Rand, typ reflect.Type) []reflect.Value {
	t.Helper()
	in := make([]reflect.Value, typ.NumIn())
	for i := range in {
		in[i] = input(t, random, typ.In(i))
	}
	return in
}

// input is a random value. quick makes none for interfaces.
func input(t *testing.T, random *rand.Rand, typ reflect.Type) reflect.Value {
	t.Helper()
	v := reflect.New(typ).Elem()
	switch typ {
	case reflect.TypeFor[context.Context]():
		v.Set(reflect.ValueOf(t.Context()))
		return v
	case reflect.TypeFor[any]():
		v.Set(reflect.ValueOf([]any{1, "x", true, ring.Kwargs{"v": 1}, map[string]int{"a": 2}}[random.Intn(5)]))
		return v
	case reflect.TypeFor[[]any]():
		for range random.Intn(4) {
			v = reflect.Append(v, input(t, random, typ.Elem()))
		}
		return v
	case reflect.TypeFor[*point]():
		return reflect.ValueOf(&point{random.Intn(100), random.Intn(100)})
	}
	v, ok := quick.Value(typ, random)
	require.True(t, ok, typ)
	return v
}

func spread(in []reflect.Value, variadic bool) []any {
	var args []any
	for i, v := range in {
		if variadic && i == len(in)-1 {
			for j := range v.Len() {
				args = append(args, v.Index(j).Interface())
			}
			continue
		}
		args = append(args, v.Interface())
	}
	return args
}

// TestAllocationsOfHits: there are none, by a function of ring or by a probe.
func TestAllocationsOfHits(t *testing.T) {
	ctx, n, s := t.Context(), 1_000_000+len(t.Name()), "of "+t.Name()
	bound, receiver := scaleRope.Bind(&point{n, n}), point{n, n}
	inContext := textRope.WithContext(ctx)
	for name, call := range map[string]func(){
		"one parameter":      func() { textRope.Call(s) },
		"four":               func() { _, _ = fourRope.Call(ctx, n, 7, s) },
		"five":               func() { fiveRope.Call(n, n, n, n, n) },
		"no parameter":       func() { noneRope.Call() },
		"a method":           func() { addRope.Call(receiver, receiver) },
		"a bound method":     func() { _, _ = bound.Call(ctx, n) },
		"a rope's context":   func() { inContext.Call(s) },
		"without parameters": func() { _, _ = noneFailsRope.Call(ctx) },
	} {
		call()
		assert.Zero(t, testing.AllocsPerRun(100, call), name)
	}
}
