package ring_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"reflect"
	"strconv"
	"testing"
	"testing/quick"
	"time"

	"github.com/ring-go/ring"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ring-go/ring/internal/codec"
)

type profile struct {
	Name  string
	Tags  []string
	Since time.Time
	Boss  *profile
	Score map[string]float64
	Skip  int `json:"-"`
}

// through returns what a hit returns for a value, with a coder.
func through(t *testing.T, coder any, fn, value any) any {
	t.Helper()
	r, err := ring.New(fn, ring.Dict{Coder: coder})
	require.NoError(t, err)
	require.NoError(t, r.Set(value))
	v, ok, err := r.Lookup()
	require.NoError(t, err)
	require.True(t, ok)
	return v
}

// TestHitsHaveTheResultType: with any coder, a hit returns the type that the function
// returns.
func TestHitsHaveTheResultType(t *testing.T) {
	type level int8
	p := profile{Name: "ann <é>", Tags: []string{"x"}, Since: time.Unix(5, 0).UTC(), Boss: &profile{Name: "bob"}, Score: map[string]float64{"a": 1.5}}
	for _, tt := range []struct {
		fn    any
		value any
	}{
		{func() int64 { return 0 }, int64(1<<62 + 1)}, {func() uint64 { return 0 }, uint64(math.MaxUint64)}, {func() level { return 0 }, level(3)},
		{func() float32 { return 0 }, float32(0.1)}, {func() string { return "" }, "a\u2028<>&\x00\ufffd\\ufffd"}, {func() []byte { return nil }, []byte{0, 255}},
		{func() profile { return p }, p}, {func() *profile { return nil }, &p}, {func() *profile { return nil }, (*profile)(nil)},
		{func() []profile { return nil }, []profile{p}}, {func() map[int]string { return nil }, map[int]string{1: "x"}},
		{func() [2]bool { return [2]bool{} }, [2]bool{true, false}}, {func() any { return nil }, nil}, {func() any { return nil }, "x"},
		{func() time.Duration { return 0 }, time.Second}, {func() (string, error) { return "", nil }, "x"},
		{func() (int, profile, []string) { return 0, p, nil }, ring.Tuple{7, p, []string{"a"}}},
		{func() (*profile, map[string]int, error) { return nil, nil, nil }, ring.Tuple{(*profile)(nil), map[string]int(nil)}},
		{func() {}, nil}, {func() struct{ R0, R1 int } { return struct{ R0, R1 int }{} }, struct{ R0, R1 int }{1, 2}},
	} {
		for _, coder := range []any{nil, "", "json"} {
			assert.Equal(t, tt.value, through(t, coder, tt.fn, tt.value), "%T, coder %v", tt.fn, coder)
		}
	}
	assert.Equal(t, p, through(t, "dataclass", func() profile { return p }, p))
	assert.Equal(t, &p, through(t, "dataclass", func() *profile { return nil }, &p))
	assert.Equal(t, (*profile)(nil), through(t, "dataclass", func() *profile { return nil }, nil))
}

func TestJSONRoundTrips(t *testing.T) {
	r := ring.Wrap(func() profile { return profile{} }, ring.Dict{Coder: "json"})
	require.NoError(t, quick.Check(func(name string, tags []string, sec int32, score map[string]float64, boss bool) bool {
		p := profile{Name: name, Tags: tags, Since: time.Unix(int64(sec), 0).UTC(), Score: score}
		if boss {
			p.Boss = &profile{Name: name}
		}
		if err := r.Set(p); err != nil {
			return errors.Is(err, ring.ErrCoder) // a name that is not UTF-8
		}
		return reflect.DeepEqual(p, must(r.Get()))
	}, nil))
}

func TestJSONRefusesWhatItWouldChange(t *testing.T) {
	f := ring.Wrap(func() float64 { return 0 }, ring.Dict{Coder: "json"})
	for _, v := range []float64{math.NaN(), math.Inf(1)} {
		err := f.Set(v)
		assert.ErrorIs(t, err, ring.ErrCoder)
		assert.ErrorContains(t, err, "unsupported value")
	}
	err := ring.Wrap(func() string { return "" }, ring.Dict{Coder: "json"}).Set("\xff")
	assert.ErrorIs(t, err, ring.ErrCoder)
	assert.ErrorContains(t, err, "not UTF-8")

	// It reads what Python has written.
	for text, want := range map[string]float64{"NaN": math.NaN(), " Infinity": math.Inf(1), "-Infinity": math.Inf(-1), "1.5": 1.5, "2": 2} {
		got, err := f.Decode([]byte(text))
		require.NoError(t, err)
		assert.True(t, want == got || math.IsNaN(want) && math.IsNaN(got.(float64)), text)
	}
	v, err := f.Decode("3")
	require.NoError(t, err)
	assert.Equal(t, 3.0, v, "text will do as well as bytes")
}

func TestStoredForms(t *testing.T) {
	type Point struct {
		X any `ring:"x"`
		Y any `ring:"y"`
	}
	data, err := ring.Wrap(func() Point { return Point{} }, ring.Dict{Coder: "dataclass"}).Encode(Point{1, "a"})
	require.NoError(t, err)
	assert.Equal(t, `["Point",{"X":1,"Y":"a"}]`, string(data.([]byte)))
	data, err = ring.Wrap(func() (int, string) { return 0, "" }, ring.Dict{Coder: "json"}).Encode(ring.Tuple{1, "<é>"})
	require.NoError(t, err)
	assert.Equal(t, `[1,"<é>"]`, string(data.([]byte)))
	v, err := ring.Wrap(func() Point { return Point{} }, ring.Dict{Coder: "dataclass"}).Decode([]byte(`["OtherName", {"X": 1, "Y": [2]}]`))
	require.NoError(t, err)
	assert.Equal(t, Point{1.0, []any{2.0}}, v)
}

// TestUndecodableEntry: for get_or_update it is a miss, which is reported and runs the
// function again; for get it is an ErrCoder.
func TestUndecodableEntry(t *testing.T) {
	for name, held := range map[string]any{
		"json": []byte("{"), "another type": []byte(`"x"`), "no bytes": 5, "no coder": "not an int", "panics": "panic",
	} {
		t.Run(name, func(t *testing.T) {
			dict := map[string]any{"f:1": held}
			var reported []*ring.Error
			var coder any = "json"
			switch name {
			case "no coder":
				coder = nil
			case "panics":
				coder = ring.CoderTuple{
					Encode: func(v any) (any, error) { return v, nil },
					Decode: func(data any, _ reflect.Type) (any, error) { return data.(int), nil },
				}
			}
			r := ring.Wrap(func(n int) int { return n * 10 }, ring.Dict{Obj: dict, KeyPrefix: "f", Coder: coder, Options: ring.Options{
				OnError: func(_ context.Context, err *ring.Error) { reported = append(reported, err) },
			}})
			_, err := r.Get(1)
			assert.ErrorIs(t, err, ring.ErrCoder)
			assert.ErrorContains(t, err, `ring: get `)
			_, _, err = r.Lookup(1)
			assert.ErrorIs(t, err, ring.ErrCoder)
			values, err := r.GetMany(ring.Args{2}, ring.Args{1})
			assert.ErrorIs(t, err, ring.ErrCoder)
			assert.ErrorContains(t, err, "element 1")
			assert.Equal(t, []any{nil, nil}, values)
			assert.Empty(t, reported)

			values, err = r.GetOrUpdateMany(ring.Args{1}, ring.Args{1})
			require.NoError(t, err)
			assert.Equal(t, []any{10, 10}, values)
			require.Len(t, reported, 1)
			dict["f:1"] = held
			v, err := r.Call(1)
			require.NoError(t, err)
			assert.Equal(t, 10, v)
			require.Len(t, reported, 2)
			assert.ErrorIs(t, reported[1], ring.ErrCoder)
			assert.Equal(t, "f:1", reported[1].Key)
			v, err = r.Get(1)
			require.NoError(t, err)
			assert.Equal(t, 10, v)
		})
	}
}

func TestEncodeFails(t *testing.T) {
	panics := ring.CoderTuple{
		Encode: func(v any) (any, error) { return v.(string), nil },
		Decode: func(data any, _ reflect.Type) (any, error) { return data, nil },
	}
	r := ring.Wrap(func(n int) int { return n }, ring.Dict{Coder: panics})
	v, err := r.Call(1)
	assert.ErrorIs(t, err, ring.ErrCoder)
	assert.Equal(t, 1, v, "the value was made")
	values, err := r.GetOrUpdateMany(ring.Args{1}, ring.Args{2})
	assert.ErrorIs(t, err, ring.ErrCoder)
	assert.Equal(t, []any{1, 2}, values)
}

func TestRegistry(t *testing.T) {
	var zero ring.Registry
	require.NoError(t, zero.Register("x", codec.JSON{}))
	c, ok := zero.Get("x")
	assert.True(t, ok)
	assert.Equal(t, codec.JSON{}, c)

	registry := ring.NewRegistry()
	_, ok = registry.Get("hex")
	assert.False(t, ok)
	assert.ErrorContains(t, registry.Register("", codec.JSON{}), "the name is missing")
	assert.ErrorContains(t, registry.Register("x", 5), `ring: register coder "x": int is not a coder`)
	require.NoError(t, registry.Register("hex", ring.CoderTuple{
		Encode: func(v any) (any, error) { return strconv.FormatInt(int64(v.(int)), 16), nil },
		Decode: func(data any, _ reflect.Type) (any, error) {
			n, err := strconv.ParseInt(data.(string), 16, 0)
			return n, err // an int64: converted to the result type
		},
	}))
	dict := map[string]any{}
	r := ring.Wrap(func(n int) int { return n }, ring.Dict{Obj: dict, Coder: "hex", Options: ring.Options{CoderRegistry: registry}}, ring.Name("f"))
	v, err := r.Call(255)
	require.NoError(t, err)
	assert.Equal(t, 255, v)
	assert.Equal(t, map[string]any{"f:255": "ff"}, dict)
	assert.Equal(t, 255, must(r.Get(255)))
	_, err = ring.New(func() int { return 0 }, ring.Dict{Coder: "hex"})
	assert.ErrorIs(t, err, ring.ErrCoder, "another registry")
}

func TestPublicRing(t *testing.T) {
	dict := map[string]any{}
	r := ring.Wrap(func(ctx context.Context, a int, b string) (string, error) { return b, nil },
		ring.Dict{Obj: dict, KeyPrefix: "p", Options: ring.Options{KeyEncoding: "ascii", KeyRefactor: func(s string) string { return "<" + s + ">" }}}, ring.Signature("a, b='x'"))
	public := r.Ring()
	require.NoError(t, public.Key(func(a int, b string) string { return fmt.Sprint(b, "/", a) }))
	require.NoError(t, public.Encode(func(s string) []byte { return []byte(s + "!") }))
	require.NoError(t, public.Decode(func(b []byte) (string, error) {
		if len(b) == 0 {
			return "", errors.New("empty")
		}
		return string(b[:len(b)-1]), nil
	}))
	v, err := r.Call(1)
	require.NoError(t, err)
	assert.Equal(t, "x", v)
	assert.Equal(t, map[string]any{"<x/1>": []byte("x!")}, dict)
	assert.Equal(t, "x", must(r.Get(1)))
	_, err = r.Call(1, "é")
	assert.ErrorIs(t, err, ring.ErrKey, "the encoding holds for a key function, too")
	dict["<x/1>"] = []byte{}
	_, err = r.Get(1)
	assert.ErrorIs(t, err, ring.ErrCoder)

	require.NoError(t, public.Key(func(ctx context.Context, a int, b string) (string, error) { return "", errors.New("no key today") }))
	_, err = r.Call(1)
	assert.ErrorIs(t, err, ring.ErrKey)
	assert.ErrorContains(t, err, "no key today")

	for _, bad := range []any{nil, 5, func(a int) string { return "" }, func(a int, b string) int { return 0 }, func(b string, a int) string { return "" }} {
		assert.Error(t, public.Key(bad))
	}
	for _, bad := range []any{nil, func() string { return "" }, func(a, b string) string { return "" }, func(string) error { return nil }} {
		assert.Error(t, public.Encode(bad))
		assert.Error(t, public.Decode(bad))
	}

	// A rope that answers hits without binding uses the new key at once.
	lru := ring.Wrap(strconv.Itoa, ring.Lru{})
	require.NoError(t, lru.Set("old", 1))
	assert.Equal(t, "old", must(lru.Call(1)))
	require.NoError(t, lru.Ring().Key(func(n int) string { return "new" }))
	assert.Equal(t, "1", must(lru.Call(1)))
}

func FuzzJSONDecode(f *testing.F) {
	f.Add([]byte(`["Point",{"X":1}]`))
	f.Add([]byte(`[1,"x"]`))
	f.Add([]byte(`NaN`))
	types := []reflect.Type{
		reflect.TypeFor[profile](), reflect.TypeFor[float64](), reflect.TypeFor[any](), nil,
		reflect.TypeFor[struct {
			R0 int    `ring:"result"`
			R1 string `ring:"result"`
		}](),
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, typ := range types {
			for _, coder := range []ring.Coder{codec.JSON{}, codec.Dataclass{}} {
				v, err := coder.Decode(data, typ)
				if err != nil || coder == (codec.Dataclass{}) {
					continue
				}
				// A decoded value can be encoded, and decodes to the same.
				if f, ok := v.(float64); ok && (math.IsNaN(f) || math.IsInf(f, 0)) {
					continue
				}
				encoded, err := coder.Encode(v)
				require.NoError(t, err)
				require.True(t, json.Valid(encoded.([]byte)))
				again, err := coder.Decode(encoded, typ)
				require.NoError(t, err)
				require.Equal(t, v, again)
			}
		}
	})
}

// TestJSONNull: Python's None is not a zero if the result cannot be nil.
func TestJSONNull(t *testing.T) {
	cache := map[string]any{"int:": []byte("null"), "ptr:": []byte("null"), "struct:": []byte(" null ")}
	coded := func(prefix string) ring.Dict { return ring.Dict{Obj: cache, KeyPrefix: prefix, Coder: "json"} }
	_, _, err := ring.Wrap(func() int { return 7 }, coded("int:")).Lookup()
	assert.ErrorIs(t, err, ring.ErrCoder)
	value, err := ring.Wrap(func() struct{ A int } { return struct{ A int }{7} }, coded("struct:"), ring.Name("s")).Get()
	assert.ErrorIs(t, err, ring.ErrCoder)
	assert.Nil(t, value)
	value, ok, err := ring.Wrap(func() *int { return nil }, coded("ptr:")).Lookup()
	require.NoError(t, err)
	assert.True(t, ok)
	assert.Nil(t, value)
}
