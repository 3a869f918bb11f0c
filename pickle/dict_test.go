package pickle_test

import (
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ring-go/ring/pickle"
)

// equalKeys returns groups of keys: in Python, the keys of a group are equal, and keys
// of different groups are not.
func equalKeys() [][]any {
	huge := new(big.Int).Lsh(big.NewInt(1), 80)
	at := time.Date(2024, 1, 1, 0, 0, 0, 0, time.FixedZone("", 0))
	return [][]any{
		{nil}, {1, 1.0, true, int8(1), uint64(1), float32(1), complex(1, 0), pickle.Decimal("1.00"), pickle.Decimal("10e-1"), big.NewInt(1)},
		{0, false, 0.0, math.Copysign(0, -1), pickle.Decimal("-0.0"), pickle.Decimal("0e99")}, {-1, -1.0, pickle.Decimal("-1")},
		{huge, math.Ldexp(1, 80), pickle.Decimal("1208925819614629174706176"), pickle.Decimal("1208925819614629174706176.0")},
		{uint64(math.MaxUint64), new(big.Int).SetUint64(math.MaxUint64)}, {new(big.Int).Neg(huge), -math.Ldexp(1, 80)},
		{0.5, pickle.Decimal("0.5"), pickle.Decimal("5E-1")}, {0.1}, {pickle.Decimal("0.1"), pickle.Decimal("0.10"), pickle.Decimal("1e-1")},
		{math.Inf(1), pickle.Decimal("Infinity"), pickle.Decimal("inf")}, {math.Inf(-1), pickle.Decimal("-inf")}, {2i}, {1 + 2i, complex64(1 + 2i)},
		{1e300}, {pickle.Decimal("1e400"), pickle.Decimal("10e399")}, {pickle.Decimal("1e999999999")},
		{"1"}, {""}, {[]byte("1")}, {[]byte(nil), []byte{}}, {pickle.Tuple{}, pickle.Tuple(nil)}, {pickle.Tuple{1, "a"}, pickle.Tuple{1.0, "a"}, pickle.Tuple{true, "a"}},
		{pickle.Tuple{"1", "a"}}, {pickle.Tuple{pickle.Tuple{1}, "a"}}, {pickle.Tuple{nil}}, {pickle.Tuple{"ab", "c"}}, {pickle.Tuple{"a", "bc"}}, {pickle.Tuple{[]byte("ab"), "c"}},
		{pickle.Tuple{huge, 0.25, at}, pickle.Tuple{huge, pickle.Decimal(".25"), at.UTC().In(time.FixedZone("x", 3600))}},
		{pickle.NewFrozenSet(1, "a"), pickle.NewFrozenSet("a", 1.0)}, {pickle.NewFrozenSet()}, {pickle.NewFrozenSet(pickle.NewFrozenSet())}, {pickle.Tuple{1, pickle.NewFrozenSet(2, 1)}, pickle.Tuple{1, pickle.NewFrozenSet(1, 2)}},
		{at, at.In(time.FixedZone("", 7200))}, {at.UTC()}, {pickle.Date{Year: 2024, Month: 1, Day: 1}}, {time.Second}, {pickle.UUID{1}}, {struct{ A int }{1}},
		{time.FixedZone("", 60), time.FixedZone("x", 60)},
	}
}

func TestKeyEquality(t *testing.T) {
	groups := equalKeys()
	for _, fill := range []int{0, 20} { // without and with an index
		for i, group := range groups {
			for _, key := range group {
				d := pickle.NewDict()
				for n := range fill {
					d.Set(fmt.Sprint("filler", n), n)
				}
				d.Set(key, "first")
				for j, others := range groups {
					for _, other := range others {
						_, ok := d.Get(other)
						require.Equal(t, i == j, ok, "%T %v and %T %v", key, key, other, other)
					}
				}
				for _, other := range group {
					d.Set(other, "second")
				}
				require.Equal(t, fill+1, d.Len())
			}
		}
	}
}

func TestNaNKeys(t *testing.T) {
	d := pickle.NewDict(pickle.Pair{Key: math.NaN(), Value: 1}, pickle.Pair{Key: math.NaN(), Value: 2}, pickle.Pair{Key: pickle.Decimal("nan"), Value: 3})
	assert.Equal(t, 3, d.Len())
	_, ok := d.Get(math.NaN())
	assert.False(t, ok)
	data, err := pickle.Marshal(d, 0)
	require.NoError(t, err)
	var back *pickle.Dict
	require.NoError(t, pickle.Unmarshal(data, &back))
	assert.Equal(t, 3, back.Len())
	data, err = pickle.Marshal(map[float64]int{math.NaN(): 1, 2: 5}, 0)
	require.NoError(t, err)
	var m map[float64]int
	require.NoError(t, pickle.Unmarshal(data, &m))
	assert.Len(t, m, 2)
}

func TestUnhashable(t *testing.T) {
	d := pickle.NewDict(pickle.Pair{Key: 1, Value: 1})
	for _, key := range []any{[]any{1}, pickle.NewDict(), pickle.NewSet(), pickle.ByteArray("x"), map[string]int{}, pickle.Tuple{[]any{}}, pickle.Tuple{1, pickle.Tuple{pickle.NewSet()}}, new(int), func() {}, [1]any{[]int{}}} {
		assert.Panics(t, func() { d.Set(key, 1) }, "%T", key)
		assert.Panics(t, func() { pickle.NewSet(key) }, "%T", key)
		_, ok := d.Get(key)
		assert.False(t, ok)
		assert.False(t, d.Delete(key))
		assert.False(t, pickle.NewSet(1).Has(key))
	}
	for _, data := range []string{"}]Ns.", "}}Ns.", "\x80\x04}\x8fNs.", "\x80\x04\x8f(]\x90.", "\x80\x04(](}\x91.", "}(]tNs.", "\x80\x05}\x96\x00\x00\x00\x00\x00\x00\x00\x00Ns.", "}(((]ttttNs."} {
		var v any
		assert.Error(t, pickle.Unmarshal([]byte(data), &v), "%q", data)
		var m map[any]any
		assert.Error(t, pickle.Unmarshal([]byte(data), &m), "%q", data)
	}
}

// TestDictAgainstModel compares a Dict with a slice that does the same, slowly.
func TestDictAgainstModel(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 0))
	for range 200 {
		d, model := pickle.NewDict(), []pickle.Pair{}
		find := func(key any) int {
			for i, p := range model {
				if p.Key == key {
					return i
				}
			}
			return -1
		}
		for range 200 {
			var key any = r.IntN(15)
			if r.IntN(2) == 0 {
				key = fmt.Sprint(key)
			}
			at := find(key)
			switch r.IntN(3) {
			case 0:
				require.Equal(t, at >= 0, d.Delete(key))
				if at >= 0 {
					model = append(model[:at], model[at+1:]...)
				}
			case 1:
				value := r.Int()
				d.Set(key, value)
				if at >= 0 {
					model[at].Value = value
				} else {
					model = append(model, pickle.Pair{Key: key, Value: value})
				}
			default:
				value, ok := d.Get(key)
				require.Equal(t, at >= 0, ok)
				if ok {
					require.Equal(t, model[at].Value, value)
				}
			}
			require.Equal(t, len(model), d.Len())
		}
		all := []pickle.Pair{}
		for k, v := range d.All() {
			all = append(all, pickle.Pair{Key: k, Value: v})
		}
		require.Equal(t, model, all)
	}
}

func TestDuplicateKeys(t *testing.T) {
	for n := range 30 {
		data := "\x80\x04}("
		for i := range n {
			data += fmt.Sprintf("K%cK\x01", rune(i))
		}
		data += "K\x00\x88\x89K\x02G\x00\x00\x00\x00\x00\x00\x00\x00K\x03u."
		var d *pickle.Dict
		require.NoError(t, pickle.Unmarshal([]byte(data), &d))
		assert.Equal(t, max(n, 1), d.Len())
		zero, _ := d.Get(0)
		assert.Equal(t, 3, zero)
	}
	data := "\x80\x04\x8f(K\x01\x88G\x3f\xf0\x00\x00\x00\x00\x00\x00K\x02\x90."
	var s *pickle.Set
	require.NoError(t, pickle.Unmarshal([]byte(data), &s))
	assert.Equal(t, "{1, 2}", s.String())
	for range s.All() {
		break
	}
}

func TestPlain(t *testing.T) {
	inner := pickle.NewDict(pickle.Pair{Key: "x", Value: 1})
	v := []any{
		inner, inner, pickle.Tuple{inner}, pickle.NewDict(pickle.Pair{Key: 1, Value: inner}), pickle.NewOrderedDict(pickle.Pair{Key: "o", Value: inner}),
		(*pickle.Dict)(nil), (*pickle.OrderedDict)(nil), pickle.Tuple(nil), []any(nil), []any{}, "s", pickle.NewDict(),
	}
	plain := map[string]any{"x": 1}
	got := pickle.Plain(v).([]any)
	assert.Equal(t, []any{
		plain, plain, pickle.Tuple{plain}, pickle.NewDict(pickle.Pair{Key: 1, Value: plain}), pickle.NewOrderedDict(pickle.Pair{Key: "o", Value: plain}),
		(*pickle.Dict)(nil), (*pickle.OrderedDict)(nil), pickle.Tuple(nil), []any(nil), []any{}, "s", map[string]any{},
	}, got)
	assert.Same(t, inner, v[0])
	got[0].(map[string]any)["y"] = 2
	assert.Contains(t, got[1], "y")

	wide := pickle.NewDict(pickle.Pair{Key: 0, Value: inner})
	for i := range 20 {
		wide.Set(i, inner)
	}
	copied := pickle.Plain(wide).(*pickle.Dict)
	copied.Set("new", 1)
	assert.Equal(t, 20, wide.Len())
	_, ok := copied.Get(19)
	assert.True(t, ok)
}

func TestString(t *testing.T) {
	huge := new(big.Int).Lsh(big.NewInt(1), 100000)
	d := pickle.NewDict(
		pickle.Pair{Key: nil, Value: true}, pickle.Pair{Key: 1, Value: []any{1.5, "a\n", []byte("b"), pickle.ByteArray("c")}},
		pickle.Pair{Key: pickle.Tuple{1}, Value: pickle.NewSet()}, pickle.Pair{Key: pickle.NewFrozenSet(2), Value: pickle.NewSet(3)},
		pickle.Pair{Key: "o", Value: pickle.NewOrderedDict(pickle.Pair{Key: "k", Value: big.NewInt(5)})}, pickle.Pair{Key: "n", Value: (*pickle.Dict)(nil)},
		pickle.Pair{Key: "d", Value: pickle.Date{Year: 2024, Month: 2, Day: 29}}, pickle.Pair{Key: "t", Value: time.Unix(0, 0).UTC()}, pickle.Pair{Key: "h", Value: huge},
		pickle.Pair{Key: "m", Value: pickle.Decimal("1.5")}, pickle.Pair{Key: "s", Value: (*pickle.Set)(nil)}, pickle.Pair{Key: "b", Value: (*big.Int)(nil)},
	)
	assert.Equal(t, `{None: True, 1: [1.5, "a\n", b"b", bytearray(b"c")], (1,): set(), frozenset({2}): {3}, "o": OrderedDict({"k": 5}), "n": None, `+
		`"d": pickle.Date(2024-02-29), "t": datetime(1970-01-01T00:00:00Z), "h": int of 100001 bits, "m": Decimal("1.5"), "s": None, "b": <nil>}`, d.String())
	long := pickle.NewSet()
	for i := range 100000 {
		long.Add(i)
	}
	long.Add(strings.Repeat("x", 1<<20))
	assert.Less(t, len(long.String()), 70000)
	assert.Equal(t, "frozenset({1})", pickle.NewFrozenSet(1).String())
	assert.Equal(t, `OrderedDict({})`, fmt.Sprint(pickle.NewOrderedDict()))
}
