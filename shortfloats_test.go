package ring_test

import (
	"reflect"
	"testing"

	"github.com/ring-go/ring"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestShortFloats: 0.1 fits a float32 wherever a value is given, and is one call,
// whatever type of float it has.
func TestShortFloats(t *testing.T) {
	runs := 0
	half := func(x float32) float32 { runs++; return x / 2 }
	r := ring.Decorate(&half, ring.Lru{}, ring.Signature("x=0.1"))
	want := float32(0.1) / 2
	for _, args := range [][]any{{}, {0.1}, {float32(0.1)}, {ring.Kwargs{"x": 0.1}}, {ring.Kwargs{"x": float32(0.1)}}} {
		v, err := r.Call(args...)
		require.NoError(t, err)
		assert.Equal(t, want, v)
		assert.Equal(t, ":0.1", must(r.Key(args...)))
		assert.Equal(t, []any{want, want}, must(r.GetOrUpdateMany(ring.Args(args), ring.Args{0.1})))
	}
	assert.Equal(t, want, half(0.1))
	assert.Equal(t, want, must(r.Scalars().Call(0.1)))
	assert.Equal(t, 1, runs)
	_, err := r.Call(1e39)
	assert.ErrorIs(t, err, ring.ErrArguments)
	_, err = r.Call(1<<24 + 1)
	assert.ErrorIs(t, err, ring.ErrArguments, "whole numbers are exact")

	require.NoError(t, r.Set(0.3, 0.1))
	assert.Equal(t, float32(0.3), must(r.Get(float32(0.1))))
	assert.ErrorIs(t, r.Set(1e39, 0.1), ring.ErrArguments)
	require.NoError(t, r.SetMany([]any{ring.Kwargs{"x": 0.7}}, []any{0.7}))
	assert.Equal(t, float32(0.7), half(0.7))

	for _, fn := range []any{
		func(float32) {}, func(complex64) {}, func([]float32) {}, func(map[string]float32) {}, func(*float32) {}, func(any) {}, func(float64) {},
	} {
		def := map[reflect.Kind]string{reflect.Slice: "[0.1, 1]", reflect.Map: "{'x': 0.1}"}[reflect.TypeOf(fn).In(0).Kind()]
		if def == "" {
			def = "0.1"
		}
		_, err := ring.New(fn, ring.Lru{}, ring.Signature("x="+def))
		assert.NoError(t, err, "%T", fn)
	}
	_, err = ring.New(func(float32) {}, ring.Lru{}, ring.Signature("x=1e39"))
	assert.ErrorContains(t, err, "the default value 1e+39 (float64) does not fit float32")

	pair := ring.Wrap(func(x ...float32) (float32, complex64) { return 0, 0 }, ring.Lru{})
	require.NoError(t, pair.Set(ring.Tuple{0.1, 0.1 + 0.2i}, 0.1, 0.2))
	assert.Equal(t, ring.Tuple{float32(0.1), complex64(0.1 + 0.2i)}, must(pair.Get(float32(0.1), float32(0.2))))
	decoded := ring.Wrap(func() float32 { return 0 }, ring.Dict{Coder: ring.CoderTuple{
		Encode: func(v any) (any, error) { return v, nil }, Decode: func(any, reflect.Type) (any, error) { return 0.1, nil },
	}})
	assert.Equal(t, float32(0), must(decoded.Call()))
	assert.Equal(t, float32(0.1), must(decoded.Call()))
}
