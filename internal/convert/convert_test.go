package convert

import (
	"math"
	"math/big"
	"reflect"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ring-go/ring/internal/pyvalue"
)

type (
	myInt    int
	myString string
	myList   []int
	named    map[string]any
	pointA   struct{ X, Y int }
	pointB   struct{ X, Y int }
)

func TestConvert(t *testing.T) {
	two64 := new(big.Int).Lsh(big.NewInt(1), 64)
	for _, tt := range []struct {
		from any
		want any
	}{
		{1, int8(1)}, {1, uint(1)}, {1, 1.0}, {1, float32(1)}, {1, myInt(1)}, {myInt(1), 1}, {1, complex(1, 0)}, {1, *big.NewInt(1)},
		{int64(-5), int8(-5)}, {uint8(255), int16(255)}, {uint64(math.MaxUint64), uint64(math.MaxUint64)}, {1 << 53, float64(1 << 53)},
		{2.0, 2}, {2.0, uint8(2)}, {1.5, float32(1.5)}, {1.5, complex(1.5, 0)}, {math.Inf(1), float32(math.Inf(1))}, {complex(1, 2), complex64(complex(1, 2))},
		{0.1, float32(0.1)}, {math.Pi, complex64(complex(math.Pi, 0))}, {complex(0.1, -1e-3), complex64(complex(0.1, -1e-3))}, {[]any{0.1, 1}, []float32{0.1, 1}},
		{map[any]any{"x": 0.1}, map[string]float32{"x": 0.1}}, {16777217.0, float32(16777216)}, {3.40282351e38, float32(math.MaxFloat32)}, {1e-300, float32(0)}, {1e-45, float32(1e-45)},
		{math.NaN(), math.NaN()}, {1 << 24, float32(1 << 24)}, {big.NewInt(-1 << 62), float32(-1 << 62)}, {1 << 24, complex64(1 << 24)}, {two64, complex64(1 << 64)},
		{two64, math.Exp2(64)}, {big.NewInt(7), 7}, {*big.NewInt(7), 7}, {1e3, *big.NewInt(1000)},
		{"x", myString("x")}, {myString("x"), "x"}, {true, true}, {[]int{1}, myList{1}}, {myList{1}, []int{1}},
		{[]any{1, 2.0}, []int{1, 2}}, {pyvalue.Tuple{1, 2}, [2]int{1, 2}}, {[2]int{1, 2}, []float64{1, 2}}, {[]any{"x"}, []string{"x"}}, {pyvalue.Tuple{1}, []any{1}},
		{map[any]any{"x": 1}, map[string]int{"x": 1}}, {named{"x": 1}, map[string]any{"x": 1}}, {map[string]any{"x": []any{1}}, map[string][]int{"x": {1}}},
		{map[any]struct{}{1: {}}, map[int]struct{}{1: {}}}, {pointA{1, 2}, pointB{1, 2}}, {[]byte("x"), []byte("x")},
		{nil, []int(nil)}, {nil, map[string]int(nil)}, {nil, (*int)(nil)},
	} {
		got, err := To(tt.from, reflect.TypeOf(tt.want))
		if assert.NoError(t, err, "%T to %T", tt.from, tt.want) {
			if f, ok := tt.want.(float64); ok && math.IsNaN(f) {
				assert.True(t, math.IsNaN(got.Float()))
				continue
			}
			assert.Equal(t, tt.want, got.Interface())
		}
	}
	for _, tt := range []struct {
		from any
		to   any
		want string
	}{
		{1.5, 0, "1.5 (float64) does not fit int without loss"}, {300, uint8(0), "300 (int) does not fit uint8 without loss"}, {-1, uint(0), "-1 (int) does not fit uint"},
		{1<<53 + 1, 0.0, "does not fit float64 without loss"}, {1 << 60, float32(0), ""}, {1e39, float32(0), "1e+39 (float64) does not fit float32"}, {-3.5e38, float32(0), "does not fit float32"},
		{1<<24 + 1, float32(0), "16777217 (int) does not fit float32 without loss"}, {-(1<<24 + 1), complex64(0), "does not fit complex64"}, {[]any{1, 1e39}, []float32{}, "element 1: 1e+39 (float64) does not fit float32"},
		{math.NaN(), 0, "NaN (float64) does not fit int"}, {math.Inf(-1), int64(0), "-Inf (float64) does not fit int64"}, {math.Copysign(0, -1), 0, "-0 (float64) does not fit int"},
		{1e300, int64(0), "does not fit int64"}, {two64, uint64(0), "does not fit uint64"}, {new(big.Int).Exp(big.NewInt(10), big.NewInt(400), nil), 0.0, "does not fit float64"},
		{"1", 0, "string is not int"}, {1, "", "int is not string"}, {65, []byte{}, "int is not []uint8"}, {"x", []byte{}, "string is not []uint8"},
		{[]byte("x"), "", "[]uint8 is not string"}, {[]byte{1}, []int{}, "[]uint8 is not []int"}, {true, 0, "bool is not int"}, {1, true, "int is not bool"},
		{nil, 0, "nil is not int"}, {nil, "", "nil is not string"}, {[]any{1, "x"}, []int{}, "element 1: string is not int"}, {[]any{nil}, []int{}, "element 0: nil is not int"},
		{[]int{1}, [2]int{}, "1 values are not [2]int"}, {map[any]any{1: 1}, map[string]int{}, "key (interface {}): int is not string"}, {map[string]any{"x": "y"}, map[string]int{}, `value of "x": string is not int`},
		{map[any]any{1: 1, 1.0: 2}, map[int]int{}, "two keys become the same int"}, {1 + 2i, 1.0, "complex128 is not float64"}, {complex(0.1, 1e39), complex64(0), "does not fit complex64"}, {new(big.Int).Lsh(big.NewInt(1), 128), float32(0), "does not fit float32"},
		{new(int), 0, "*int is not int"}, {0, new(int), "int is not *int"}, {struct{}{}, pointA{}, "struct {} is not convert.pointA"}, {func() {}, 0, "func() is not int"},
	} {
		_, err := To(tt.from, reflect.TypeOf(tt.to))
		if tt.want == "" {
			assert.NoError(t, err)
			continue
		}
		assert.ErrorContains(t, err, tt.want, "%T to %T", tt.from, tt.to)
	}
}

func sameFloat(a, b float64) bool { return a == b || math.IsNaN(a) && math.IsNaN(b) }

// nearest returns the float32 nearest to f.
func nearest(f float64) float64 { return float64(float32(f)) }

// FuzzConvertNumbers: a number that converts, converts back to the same number, except
// for a float that was rounded.
func FuzzConvertNumbers(f *testing.F) {
	f.Add(int64(1), 1.5)
	f.Add(int64(math.MinInt64), math.Copysign(0, -1))
	f.Add(int64(1<<53+1), math.Exp2(63))
	types := []reflect.Type{
		reflect.TypeFor[int8](), reflect.TypeFor[uint16](), reflect.TypeFor[int32](), reflect.TypeFor[uint64](), reflect.TypeFor[int64](),
		reflect.TypeFor[float32](), reflect.TypeFor[float64](), reflect.TypeFor[complex64](), reflect.TypeFor[*big.Int](), reflect.TypeFor[myInt](),
	}
	f.Fuzz(func(t *testing.T, i int64, x float64) {
		for _, v := range []any{i, x, uint64(i)} {
			for _, typ := range types {
				to, err := To(v, typ)
				if err != nil {
					continue
				}
				if to.CanComplex() {
					exact, err := To(v, reflect.TypeFor[float64]())
					require.NoError(t, err)
					assert.True(t, sameFloat(real(to.Complex()), nearest(exact.Float())))
					continue
				}
				if f, ok := v.(float64); ok && to.Kind() == reflect.Float32 {
					assert.True(t, sameFloat(to.Float(), nearest(f)))
					continue
				}
				back, err := To(to.Interface(), reflect.TypeOf(v))
				require.NoError(t, err, "%v as %v", v, typ)
				if back.CanFloat() {
					assert.True(t, sameFloat(x, back.Float()))
					continue
				}
				assert.Equal(t, v, back.Interface())
			}
		}
	})
}
