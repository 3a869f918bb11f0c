package ring

import (
	"reflect"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestShortFloats: 0.1 is a float32 wherever a value is given, and one call, whatever type
// of float it is given as.
func TestShortFloats(t *testing.T) {
	runs := 0
	half := func(x float32) float32 { runs++; return x / 2 }
	r := Decorate(&half, Lru{}, Signature("x=0.1"))
	want := float32(0.1) / 2
	for _, args := range [][]any{{}, {0.1}, {float32(0.1)}, {Kwargs{"x": 0.1}}, {Kwargs{"x": float32(0.1)}}} {
		v, err := r.Call(args...)
		require.NoError(t, err)
		assert.Equal(t, want, v)
		assert.Equal(t, ":0.1", must(r.Key(args...)))
		assert.Equal(t, []any{want, want}, must(r.GetOrUpdateMany(Args(args), Args{0.1})))
	}
	assert.Equal(t, want, half(0.1))
	assert.Equal(t, want, must(r.Scalars().Call(0.1)))
	assert.Equal(t, 1, runs)
	_, err := r.Call(1e39)
	assert.ErrorIs(t, err, ErrArguments)
	_, err = r.Call(1<<24 + 1)
	assert.ErrorIs(t, err, ErrArguments, "whole numbers are exact")

	require.NoError(t, r.Set(0.3, 0.1))
	assert.Equal(t, float32(0.3), must(r.Get(float32(0.1))))
	assert.ErrorIs(t, r.Set(1e39, 0.1), ErrArguments)
	require.NoError(t, r.SetMany([]any{Kwargs{"x": 0.7}}, []any{0.7}))
	assert.Equal(t, float32(0.7), half(0.7))

	for _, fn := range []any{
		func(float32) {}, func(complex64) {}, func([]float32) {}, func(map[string]float32) {}, func(*float32) {}, func(any) {}, func(float64) {},
	} {
		def := map[reflect.Kind]string{reflect.Slice: "[0.1, 1]", reflect.Map: "{'x': 0.1}"}[reflect.TypeOf(fn).In(0).Kind()]
		if def == "" {
			def = "0.1"
		}
		_, err := New(fn, Lru{}, Signature("x="+def))
		assert.NoError(t, err, "%T", fn)
	}
	_, err = New(func(float32) {}, Lru{}, Signature("x=1e39"))
	assert.ErrorContains(t, err, "the default value 1e+39 (float64) does not fit float32")

	pair := Wrap(func(x ...float32) (float32, complex64) { return 0, 0 }, Lru{})
	require.NoError(t, pair.Set(Tuple{0.1, 0.1 + 0.2i}, 0.1, 0.2))
	assert.Equal(t, Tuple{float32(0.1), complex64(0.1 + 0.2i)}, must(pair.Get(float32(0.1), float32(0.2))))
	decoded := Wrap(func() float32 { return 0 }, Dict{Coder: CoderTuple{
		Encode: func(v any) (any, error) { return v, nil }, Decode: func(any, reflect.Type) (any, error) { return 0.1, nil },
	}})
	assert.Equal(t, float32(0), must(decoded.Call()))
	assert.Equal(t, float32(0.1), must(decoded.Call()))
}
