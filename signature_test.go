package ring

import (
	"encoding/json"
	"math"
	"math/big"
	"reflect"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ring-go/ring/internal/callable"
	"github.com/ring-go/ring/internal/conformance"
	"github.com/ring-go/ring/internal/signature"
)

// TestPythonLabels binds the calls of labels.jsonl. Where Python's ring and Python
// itself disagree, Python is right.
func TestPythonLabels(t *testing.T) {
	type line struct {
		Signature string
		Params    []conformance.Param
		Args      []conformance.Value
		Kwargs    conformance.Kwargs
		Labels    [][2]json.RawMessage
		Error     string
		Python    string
	}
	lines := conformance.Lines[line](t, "testdata/labels.jsonl")
	require.Len(t, lines, 640)
	for i, l := range lines {
		c, err := callable.Inspect(conformance.Func(l.Params), &l.Signature)
		require.NoError(t, err, "line %d: %s", i+1, l.Signature)
		args, _ := conformance.Values(l.Args)
		values, _, err := c.Bind(ArgPack{Args: args, Kwargs: l.Kwargs.Go}.pack(), false)
		if l.Error != "" && l.Python != "ok" || l.Python == "TypeError" {
			assert.ErrorIs(t, err, ErrArguments, "line %d: %v", i+1, conformance.Excerpt(l))
			continue
		}
		require.NoError(t, err, "line %d: %v", i+1, conformance.Excerpt(l))
		result, err := c.Call(t.Context(), values)
		require.NoError(t, err)
		for j, v := range result.([]any) {
			if l.Python == "ok" { // upstream refused, so there are no labels: **kw has the name
				continue
			}
			var name string
			var want conformance.Value
			require.NoError(t, json.Unmarshal(l.Labels[j][0], &name))
			require.NoError(t, json.Unmarshal(l.Labels[j][1], &want))
			assert.Equal(t, name, c.Params[j].Label(), "line %d", i+1)
			assert.Equal(t, normal(want.Go), normal(v), "line %d: %s", i+1, name)
		}
	}
}

func TestPositionalOnlyNameInKwargs(t *testing.T) {
	sig := "a, /, **kw"
	c, err := callable.Inspect(func(a int, kw map[string]any) {}, &sig)
	require.NoError(t, err)
	values, _, err := c.Bind(ArgPack{Args: Args{1}, Kwargs: Kwargs{"a": 2}}.pack(), false)
	require.NoError(t, err)
	assert.Equal(t, []any{1, map[string]any{"a": 2}}, values)
}

// TestWording compares messages with those of CPython.
func TestWording(t *testing.T) {
	type call struct {
		sig    string
		fn     any
		args   Args
		kwargs Kwargs
		want   string
	}
	three := func(a, b, c any) {}
	for _, tt := range []call{
		{"a, b, c", three, nil, nil, "f() missing 3 required positional arguments: 'a', 'b', and 'c'"},
		{"a, b, c", three, Args{1}, nil, "f() missing 2 required positional arguments: 'b' and 'c'"},
		{"a, b, c", three, Args{1, 2}, nil, "f() missing 1 required positional argument: 'c'"},
		{"a, *, b, c", three, Args{1}, nil, "f() missing 2 required keyword-only arguments: 'b' and 'c'"},
		{"a, *, b=1, c=2", three, Args{1, 2}, nil, "f() takes 1 positional argument but 2 were given"},
		{"*, a=1, b=1, c=2", three, Args{1}, nil, "f() takes 0 positional arguments but 1 was given"},
		{"a, b, c=3", three, Args{1, 2, 3, 4}, nil, "f() takes from 2 to 3 positional arguments but 4 were given"},
		{"a, b, c", three, Args{1, 2, 3, 4}, nil, "f() takes 3 positional arguments but 4 were given"},
		{"a, b, c", three, Args{1, 2, 3}, Kwargs{"z": 1, "y": 2}, "f() got an unexpected keyword argument 'y'"},
		{"a, b, c", three, Args{1, 2, 3}, Kwargs{"a": 1}, "f() got multiple values for argument 'a'"},
		{"a, b, /, c", three, nil, Kwargs{"a": 1, "b": 2, "c": 3}, "f() got some positional-only arguments passed as keyword arguments: 'a, b'"},
	} {
		c, err := callable.Inspect(tt.fn, &tt.sig)
		require.NoError(t, err)
		c.Short = "f"
		_, _, err = c.Bind(ArgPack{Args: tt.args, Kwargs: tt.kwargs}.pack(), false)
		assert.EqualError(t, err, "wrong arguments: "+tt.want)
	}

	c, err := callable.Inspect(func(a int, b string) {}, nil)
	require.NoError(t, err)
	c.Short = "f"
	_, _, err = c.Bind(ArgPack{Args: Args{1}}.pack(), false)
	assert.EqualError(t, err, "wrong arguments: f() missing 1 required positional argument: number 2")
	_, _, err = c.Bind(ArgPack{Args: Args{1}, Kwargs: Kwargs{"b": "x"}}.pack(), false)
	assert.EqualError(t, err, "wrong arguments: f() takes no keyword arguments: its parameters have no names; give them with ring.Signature")
}

// TestReceiverDoesNotCount: Python's ring counts self.
func TestReceiverDoesNotCount(t *testing.T) {
	r := Wrap((*counter).Add, Lru{}, Signature("self, n"))
	_, err := r.Bind(&counter{}).Call(1, 2)
	assert.ErrorContains(t, err, "takes 1 positional argument but 2 were given")
	_, err = r.Bind(&counter{}).Call()
	assert.ErrorContains(t, err, "missing 1 required positional argument: 'n'")
}

type counter struct{ Name string }

func (c *counter) RingKey() string { return c.Name }
func (c *counter) Add(n int) int   { return n + 1 }

func TestSignatureSyntax(t *testing.T) {
	for _, src := range []string{
		"", "a", "a,", "a, b=2", "*args", "**kw", "*args, **kw", "a, /", "a, /, b", "*, k", "a, *, k=1, m", "a, b=1, *args, c, d='x', **kw",
		"(a, b)", "(a: int, b: str = 'x', *args: Tuple[int, str]) -> Dict[str, List[int]]", "a: 'quoted, =' = 1",
		" a ,\n\tb = 2 , # a comment\n c = 3", "x, /, a, b=2, *args, c, d='x', **kw,", "été=1, 名=2",
		"a=-1, b=+2, c=--3, d=(1), e=(1,), f=()", "a = [1, [2]], b={1: 2, 'x': (3,)}, c={1, 2}, d={}, e=set(), f=...",
	} {
		_, err := signature.Parse(src)
		assert.NoError(t, err, src)
	}
	for src, want := range map[string]string{
		"a b":          `column 3: a comma is missing before "b"`,
		"a=":           "column 3: a value is missing",
		"1a":           "column 1: the name of a parameter is missing",
		"a, a":         `column 4: a second parameter "a"`,
		"class":        "column 1: class is a keyword",
		"/":            "/ must follow a parameter",
		"a, /, /":      "/ must follow a parameter, once",
		"a, *, /":      "/ must follow a parameter",
		"a, *, b, /":   "and come before *",
		"*":            "a parameter must follow the bare *",
		"*,":           "a parameter must follow the bare *",
		"*, **kw":      "a parameter must follow the bare *",
		"*a, *b":       "a second *",
		"**kw, a":      "nothing can follow **kw",
		"*args=1":      "*args cannot have a default value",
		"a=1, b":       `"b" without a default value follows one with a default value`,
		"a, b=1, c":    `"c" without a default value`,
		"a=x":          `"x" is not a literal`,
		"a=1+2":        "a calculation is not a literal",
		"a='x":         "the string does not end",
		"a='x\n'":      "the string does not end",
		"a=f'x'":       `a string with the prefix "f"`,
		`a='\N{DASH}'`: `\N{...} is not supported`,
		`a='\ud800'`:   "not a character that UTF-8 can hold",
		`a='\x4'`:      `"4'" is not the number of a character`,
		"a=b'é'":       "bytes can only hold ASCII",
		"a='x' b'y'":   "bytes and text cannot be joined",
		"a=012":        `"012" is not a number`,
		"a=1__0":       "underscore in the wrong place",
		"a=0x":         `"0x" is not a number`,
		"a={[1]: 2}":   "cannot be in a set or be the key of a dict",
		"a={1: 2, 3}":  "a dict and a set in one",
		"a=[1 2]":      `"]" or a comma is missing`,
		"(a":           "a comma is missing",
		"(a) b":        "does not belong to a signature",
		"a..":          "a comma is missing",
		"(*,":          "a parameter must follow the bare *",
		"(a, *,":       "a parameter must follow the bare *",
		"a\x00b!!":     "there is a zero byte in it",
		"a:":           "the annotation is missing",
		"a: , b":       "the annotation is missing",
		"a:'x":         "the string does not end",
		"() -> ":       "the annotation is missing",
	} {
		_, err := signature.Parse(src)
		assert.ErrorContains(t, err, want, src)
	}
}

func TestLiterals(t *testing.T) {
	huge, _ := new(big.Int).SetString("123456789012345678901234567890", 10)
	for src, want := range map[string]any{
		"0": 0, "00": 0, "1_000": 1000, "-7": -7, "0xFF": 255, "0o17": 15, "0b101": 5, "-9223372036854775808": math.MinInt64,
		"123456789012345678901234567890": huge,
		"1.5":                            1.5, ".5": 0.5, "1.": 1.0, "1e3": 1000.0, "1E-3": 0.001, "1_0.5": 10.5, "1e999": math.Inf(1), "-1e999": math.Inf(-1),
		"2j": 2i, "1+2j": 1 + 2i, "1.5-2j": 1.5 - 2i,
		"True": true, "False": false, "None": nil, "...": Ellipsis,
		`'a'`: "a", `"a'b"`: "a'b", `'a' "b" '''c'''`: "abc", `'\n\t\\\'\x41\101\u00e9\U0001F600\q'`: "\n\t\\'AAé😀\\q",
		`r'\n'`: `\n`, `"""a
b"""`: "a\nb", `'a\
b'`: "ab",
		`b'a\xff\n'`: []byte("a\xff\n"), `rb'\x'`: []byte(`\x`), `b''`: []byte{},
		"()": Tuple{}, "(1,)": Tuple{1}, "(1, 'x')": Tuple{1, "x"}, "(1)": 1, "((1,), [2])": Tuple{Tuple{1}, []any{2}},
		"[]": []any{}, "[1, [2], ]": []any{1, []any{2}},
		"{}": map[any]any{}, "{'a': 1, (1, 2): 3}": map[any]any{"a": 1, [2]any{1, 2}: 3}, "{b'x': 1}": map[any]any{[1]byte{'x'}: 1},
		"{1, 2}": map[any]struct{}{1: {}, 2: {}}, "set()": map[any]struct{}{}, "frozenset()": FrozenSet{},
	} {
		sig, err := signature.Parse("a=" + src)
		if assert.NoError(t, err, src) {
			assert.Equal(t, want, sig.Formals[0].Def, src)
		}
	}
}

func TestDefaultsBecomeTheParametersType(t *testing.T) {
	type id string
	r := Wrap(func(a int8, b float64, c []int, d map[string]int, e id, f *int, g any, h [2]string, i map[string]struct{}, j *big.Int, k complex128) Tuple {
		return Tuple{a, b, c, d, e, *f, g, h, i, j, k}
	}, Lru{}, Signature("a=1, b=2, c=[1,2], d={'x': 1}, e='id', f=3, g=(1, None), h=('x','y'), i={'m'}, j=4, k=2"))
	v, err := r.Call()
	require.NoError(t, err)
	assert.Equal(t, Tuple{int8(1), 2.0, []int{1, 2}, map[string]int{"x": 1}, id("id"), 3, Tuple{1, nil}, [2]string{"x", "y"},
		map[string]struct{}{"m": {}}, big.NewInt(4), complex(2, 0)}, v)

	for sig, want := range map[string]string{
		"a=1.5": `parameter 1, "a" (int8): the default value 1.5 (float64) does not fit int8`,
		"a=300": "300 (int) does not fit int8 without loss",
		"a='x'": `string is not int8`,
		"a":     "",
		"a, b":  "the signature has 2 parameters, the function func(int8) has 1",
	} {
		_, err := New(func(int8) {}, Lru{}, Signature(sig))
		if want == "" {
			assert.NoError(t, err)
			continue
		}
		assert.ErrorContains(t, err, want)
	}
}

func TestDefaultIsMadeAnewForEveryRun(t *testing.T) {
	r := Wrap(func(list []any, nested map[any]any) int {
		list[0] = "changed"
		nested["k"].([]any)[0] = "changed"
		return 0
	}, Lru{}, Signature("list=[1], nested={'k': [1]}"))
	before, err := r.Key()
	require.NoError(t, err)
	_, err = r.Call()
	require.NoError(t, err)
	after, err := r.Key()
	require.NoError(t, err)
	assert.Equal(t, before, after)
}

func TestStarParameters(t *testing.T) {
	join := func(a int, rest []string, c bool, kw map[string]int) Tuple { return Tuple{a, rest, c, kw} }
	r := Wrap(join, Lru{KeyPrefix: "p"}, Signature("a, *rest, c=True, **kw"))
	v, err := r.Call(1, "x", "y", Kwargs{"c": false, "n": 3})
	require.NoError(t, err)
	assert.Equal(t, Tuple{1, []string{"x", "y"}, false, map[string]int{"n": 3}}, v)
	key, err := r.Key(1, "x", "y", Kwargs{"c": false, "n": 3})
	require.NoError(t, err)
	assert.Equal(t, "p:1:('x','y'):False:n,3", key)

	// A bulk element in keyword form can carry the values of *rest.
	keys, err := r.KeyMany(Kwargs{"a": 1, "rest": Tuple{"x", "y"}, "c": false, "n": 3}, Kwargs{"a": 2, "rest": []string{}})
	require.NoError(t, err)
	assert.Equal(t, []string{key, "p:2:():True:"}, keys)
	_, err = r.KeyMany(Kwargs{"a": 1, "rest": 5})
	assert.ErrorIs(t, err, ErrArguments)
	_, err = r.KeyMany(Args{1}, Tuple{1})
	assert.ErrorContains(t, err, "element 1 is a pickle.Tuple: give ring.Args or ring.Kwargs")

	variadic := Wrap(func(prefix string, n ...int) int { return len(n) }, Lru{})
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
		_, err := New(func(prefix string, n ...int) int { return 0 }, Lru{}, Signature(sig))
		assert.ErrorContains(t, err, want, sig)
	}
	_, err = New(func(map[int]int) {}, Lru{}, Signature("**kw"))
	assert.ErrorContains(t, err, `parameter 1, "**kw" (map[int]int) must be a map[string]T`)
}

func FuzzSignature(f *testing.F) {
	for _, seed := range []string{"x, /, a, b=2, *args, c, d='x', **kw", "a=(1,[2,{'x':b'y'}])", "a='\\N", "*,", "a=1e999+2j", "(a:int)->x"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, src string) {
		sig, err := signature.Parse(src)
		if err != nil {
			return
		}
		// What has been read binds its own defaults.
		kwargs := Kwargs{}
		args := Args{}
		for _, p := range sig.Formals {
			switch {
			case p.Kind == signature.KeywordOnly && !p.HasDefault:
				kwargs[p.Name] = 1
			case p.Kind <= signature.PositionalOrKeyword && !p.HasDefault:
				args = append(args, 1)
			}
			assert.True(t, reflect.DeepEqual(signature.CloneLiteral(p.Def), p.Def) || p.Def != nil, "clone of %#v", p.Def)
		}
		bound, err := sig.Bind("f", args, kwargs, 0)
		require.NoError(t, err)
		require.Len(t, bound, len(sig.Formals))
	})
}

// normal makes what a Go function got comparable with a vector's value.
func normal(v any) any {
	switch v := v.(type) {
	case Tuple:
		return append([]any{}, v...)
	case Kwargs:
		return normal(map[string]any(v))
	case map[string]any:
		m := map[any]any{}
		for k := range v {
			m[k] = v[k]
		}
		return m
	}
	return v
}
