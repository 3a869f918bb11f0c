package ring_test

import (
	"math/big"
	"testing"

	"github.com/ring-go/ring"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestReceiverDoesNotCount: Python's ring counts self, ring does not.
func TestReceiverDoesNotCount(t *testing.T) {
	r := ring.Wrap((*counter).Add, ring.Lru{}, ring.Signature("self, n"))
	_, err := r.Bind(&counter{}).Call(1, 2)
	assert.ErrorContains(t, err, "takes 1 positional argument but 2 were given")
	_, err = r.Bind(&counter{}).Call()
	assert.ErrorContains(t, err, "missing 1 required positional argument: 'n'")
}

type counter struct{ Name string }

func (c *counter) RingKey() string { return c.Name }
func (c *counter) Add(n int) int   { return n + 1 }

func TestDefaultsBecomeTheParametersType(t *testing.T) {
	type id string
	r := ring.Wrap(func(a int8, b float64, c []int, d map[string]int, e id, f *int, g any, h [2]string, i map[string]struct{}, j *big.Int, k complex128) ring.Tuple {
		return ring.Tuple{a, b, c, d, e, *f, g, h, i, j, k}
	}, ring.Lru{}, ring.Signature("a=1, b=2, c=[1,2], d={'x': 1}, e='id', f=3, g=(1, None), h=('x','y'), i={'m'}, j=4, k=2"))
	v, err := r.Call()
	require.NoError(t, err)
	assert.Equal(t, ring.Tuple{int8(1), 2.0, []int{1, 2}, map[string]int{"x": 1}, id("id"), 3, ring.Tuple{1, nil}, [2]string{"x", "y"},
		map[string]struct{}{"m": {}}, big.NewInt(4), complex(2, 0)}, v)

	for sig, want := range map[string]string{
		"a=1.5": `parameter 1, "a" (int8): the default value 1.5 (float64) does not fit int8`,
		"a=300": "300 (int) does not fit int8 without loss",
		"a='x'": `string is not int8`,
		"a":     "",
		"a, b":  "the signature has 2 parameters, the function func(int8) has 1",
	} {
		_, err := ring.New(func(int8) {}, ring.Lru{}, ring.Signature(sig))
		if want == "" {
			assert.NoError(t, err)
			continue
		}
		assert.ErrorContains(t, err, want)
	}
}

func TestDefaultIsMadeAnewForEveryRun(t *testing.T) {
	r := ring.Wrap(func(list []any, nested map[any]any) int {
		list[0] = "changed"
		nested["k"].([]any)[0] = "changed"
		return 0
	}, ring.Lru{}, ring.Signature("list=[1], nested={'k': [1]}"))
	before, err := r.Key()
	require.NoError(t, err)
	_, err = r.Call()
	require.NoError(t, err)
	after, err := r.Key()
	require.NoError(t, err)
	assert.Equal(t, before, after)
}

func TestStarParameters(t *testing.T) {
	join := func(a int, rest []string, c bool, kw map[string]int) ring.Tuple { return ring.Tuple{a, rest, c, kw} }
	r := ring.Wrap(join, ring.Lru{KeyPrefix: "p"}, ring.Signature("a, *rest, c=True, **kw"))
	v, err := r.Call(1, "x", "y", ring.Kwargs{"c": false, "n": 3})
	require.NoError(t, err)
	assert.Equal(t, ring.Tuple{1, []string{"x", "y"}, false, map[string]int{"n": 3}}, v)
	key, err := r.Key(1, "x", "y", ring.Kwargs{"c": false, "n": 3})
	require.NoError(t, err)
	assert.Equal(t, "p:1:('x','y'):False:n,3", key)

	// A bulk element in keyword form can carry the values of *rest.
	keys, err := r.KeyMany(ring.Kwargs{"a": 1, "rest": ring.Tuple{"x", "y"}, "c": false, "n": 3}, ring.Kwargs{"a": 2, "rest": []string{}})
	require.NoError(t, err)
	assert.Equal(t, []string{key, "p:2:():True:"}, keys)
	_, err = r.KeyMany(ring.Kwargs{"a": 1, "rest": 5})
	assert.ErrorIs(t, err, ring.ErrArguments)
	_, err = r.KeyMany(ring.Args{1}, ring.Tuple{1})
	assert.ErrorContains(t, err, "element 1 is a pickle.Tuple: give ring.Args or ring.Kwargs")

	variadic := ring.Wrap(func(prefix string, n ...int) int { return len(n) }, ring.Lru{})
	v, err = variadic.Call("x", 1, 2, 3)
	require.NoError(t, err)
	assert.Equal(t, 3, v)
	v, err = variadic.Call("x")
	require.NoError(t, err)
	assert.Equal(t, 0, v)

	for sig, want := range map[string]string{
		"a, b":       `parameter 2, "b" ([]int) is variadic: write *b`,
		"*a, b":      `parameter 1, "*a" (string) must be variadic or a slice`,
		"a, **b":     `parameter 2, "**b" ([]int) is variadic`,
		"a, *b, **c": "the signature has 3 parameters",
	} {
		_, err := ring.New(func(prefix string, n ...int) int { return 0 }, ring.Lru{}, ring.Signature(sig))
		assert.ErrorContains(t, err, want, sig)
	}
	_, err = ring.New(func(map[int]int) {}, ring.Lru{}, ring.Signature("**kw"))
	assert.ErrorContains(t, err, `parameter 1, "**kw" (map[int]int) must be a map[string]T`)
}
