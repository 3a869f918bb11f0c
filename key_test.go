package ring_test

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"github.com/ring-go/ring"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ring-go/ring/internal/samples"
)

// TestHitsAndTheLongWayMakeOneKey calls functions in every way that answers a hit
// without binding, with arguments for which a call that binds made the entry.
func TestHitsAndTheLongWayMakeOneKey(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	s := samples.Random(seed)
	for range 300 {
		types, call := s.Function()
		runs := 0
		fn := reflect.MakeFunc(reflect.FuncOf(types, []reflect.Type{reflect.TypeFor[int]()}, false), func([]reflect.Value) []reflect.Value {
			runs++
			return []reflect.Value{reflect.ValueOf(runs)}
		})
		r, err := ring.New(fn.Interface(), ring.Lru{MaxSize: ring.Unbounded})
		require.NoError(t, err)
		typed := reflect.ValueOf(r.Func())
		seen := map[string]int{}
		for range 30 {
			args := call()
			what := samples.Canonical(types, args)
			want, err := r.GetOrUpdate(args...)
			require.NoError(t, err)
			if known, ok := seen[what]; ok {
				require.Equal(t, known, want)
			}
			seen[what] = want.(int)
			got, err := r.Call(args...)
			require.NoError(t, err)
			require.Equal(t, want, got)
			in := make([]reflect.Value, len(args))
			for i := range in {
				in[i] = reflect.New(types[i]).Elem()
				if args[i] != nil {
					in[i].Set(reflect.ValueOf(args[i]))
				}
			}
			require.Equal(t, want, typed.Call(in)[0].Interface())
		}
		require.Equal(t, len(seen), runs)
	}
}

func TestKeyEncoding(t *testing.T) {
	wrap := func(encoding string) *ring.Rope {
		return ring.Wrap(func(s string) int { return 0 }, ring.Lru{KeyPrefix: "p", Options: ring.Options{KeyEncoding: encoding}})
	}
	for _, tt := range []struct{ encoding, arg, want string }{
		{"utf-8", "é", "p:é"}, {"UTF8", "日", "p:日"}, {"ascii", "x", "p:x"}, {"latin-1", "é", "p:\xe9"}, {"ISO-8859-1", "ÿ", "p:\xff"}, {"", "\xff", "p:\xff"},
	} {
		key, err := wrap(tt.encoding).Key(tt.arg)
		require.NoError(t, err)
		assert.Equal(t, tt.want, key)
	}
	for encoding, arg := range map[string]string{"utf-8": "\xff", "ascii": "é", "latin-1": "日", "latin1": "\xff"} {
		_, err := wrap(encoding).Call(arg)
		assert.ErrorIs(t, err, ring.ErrKey)
	}
	_, err := ring.New(func(s string) {}, ring.Lru{Options: ring.Options{KeyEncoding: "utf-16"}})
	assert.ErrorContains(t, err, `the key encoding "utf-16" is not known`)
}

func TestKeyRefactorAndPrefix(t *testing.T) {
	upper := ring.Options{KeyRefactor: strings.ToUpper}
	f := func(s string) int { return 0 }
	for _, tt := range []struct {
		factory ring.Factory
		want    string
	}{
		{ring.Lru{}, ":x"}, {ring.Lru{KeyPrefix: "{p}"}, "{p}:x"}, {ring.Lru{KeyPrefix: ring.NoPrefix}, ":x"},
		{ring.Dict{KeyPrefix: "p", Options: upper}, "P:X"}, {ring.Dict{KeyPrefix: ring.NoPrefix}, ":x"},
		{ring.Lru{KeyPrefix: "p", Options: ring.Options{KeyRefactor: ring.MemcacheKey}}, "p:x"},
		{ring.Lru{KeyPrefix: "p q", Options: ring.Options{KeyRefactor: ring.MemcacheKey}}, "ring-sha1:76eb16a2b1b4a8a1a0c2d8b0bfd47dd1eb2b3d1e"},
	} {
		key, err := ring.Wrap(f, tt.factory).Key("x")
		require.NoError(t, err)
		if strings.HasPrefix(tt.want, "ring-sha1") {
			assert.Len(t, key, len(tt.want))
			continue
		}
		assert.Equal(t, tt.want, key)
	}
	key, err := ring.Wrap(strconv.Itoa, ring.Dict{}).Key(1)
	require.NoError(t, err)
	assert.Equal(t, "strconv.Itoa:1", key)
	key, err = ring.Wrap(strconv.Itoa, ring.Lru{}, ring.Name("number.text")).Key(1)
	require.NoError(t, err)
	assert.Equal(t, "number.text:1", key)
}

func TestIgnorableKeys(t *testing.T) {
	query := func(conn chan int, sql string, args []any, opts map[string]string) string { return sql }
	ignore := func(names ...string) ring.Lru { return ring.Lru{Options: ring.Options{IgnorableKeys: names}} }
	sig := ring.Signature("conn, sql, *args, **opts")
	r := ring.Wrap(query, ignore("conn", "*args", "**opts"), sig)
	key, err := r.Key(make(chan int), "select", 1, 2, ring.Kwargs{"x": "y"})
	require.NoError(t, err)
	assert.Equal(t, ":select", key)
	_, err = r.Key(make(chan int))
	assert.ErrorIs(t, err, ring.ErrArguments, "what is ignored must still be given")
	_, err = r.Call("no channel", "select")
	assert.ErrorIs(t, err, ring.ErrArguments)

	for _, tt := range []struct {
		factory ring.Lru
		opts    []ring.FuncOption
		want    string
	}{
		{ignore("conn", "args"), []ring.FuncOption{sig}, `the ignorable key "args" is not a parameter; they are "conn", "sql", "*args", "**opts"`},
		{ignore("conn", "conn"), []ring.FuncOption{sig}, `the ignorable key "conn" is named twice`},
		{ignore("conn"), nil, "the parameters have no names; give them with ring.Signature"},
		{ignore("sql"), []ring.FuncOption{sig}, `parameter 1, "conn" (chan int): no key: a chan has no text`},
	} {
		_, err := ring.New(query, tt.factory, tt.opts...)
		assert.ErrorContains(t, err, tt.want)
	}
}

func TestKeyStyleNames(t *testing.T) {
	assert.Equal(t, "SafeKeys PythonKeys HashKeys KeyStyle(7)", fmt.Sprint(ring.SafeKeys, " ", ring.PythonKeys, " ", ring.HashKeys, " ", ring.KeyStyle(7)))
	_, err := ring.New(strconv.Itoa, ring.Lru{Options: ring.Options{KeyStyle: 3}})
	assert.ErrorContains(t, err, "the key style is not")
}

// TestNilType: a nil reflect.Type has the key of any nil.
func TestNilType(t *testing.T) {
	for _, style := range []ring.KeyStyle{ring.SafeKeys, ring.PythonKeys, ring.HashKeys} {
		runs := 0
		r := ring.Wrap(func(t reflect.Type, n int) int { runs++; return n }, ring.Lru{KeyPrefix: "f", Options: ring.Options{KeyStyle: style}})
		key, err := r.Key(nil, 1)
		require.NoError(t, err, style)
		assert.Equal(t, "f:None:1", key)
		typed := r.Func().(func(reflect.Type, int) int)
		for range 2 {
			_, err := r.Call(nil, 1)
			require.NoError(t, err)
			assert.Equal(t, 1, typed(nil, 1))
		}
		assert.Equal(t, 1, runs, style)
	}
}

type tally []int

func (tally) RingKey() string { return "tally" }

// TestArgsOfANamedType: *args is a tuple of its elements, whatever the name of its
// type.
func TestArgsOfANamedType(t *testing.T) {
	f := func(n int, rest tally) int { return n }
	key, err := ring.Wrap(f, ring.Lru{KeyPrefix: "f"}, ring.Signature("n, *rest")).Key(1, 2, 3)
	require.NoError(t, err)
	assert.Equal(t, "f:1:(2,3)", key)
	key, err = ring.Wrap(f, ring.Lru{KeyPrefix: "f"}, ring.Signature("n, rest")).Key(1, tally{2, 3})
	require.NoError(t, err)
	assert.Equal(t, "f:1:tally", key)
}
