package pickle_test

import (
	"errors"
	"fmt"
	"math"
	"math/big"
	"net/netip"
	"os"
	"reflect"
	"testing"
	"time"
	"unsafe"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ring-go/ring/pickle"
)

type level int8

func (l level) MarshalText() ([]byte, error) { return fmt.Appendf(nil, "L%d", int8(l)), nil }

func (l *level) UnmarshalText(text []byte) error {
	_, err := fmt.Sscanf(string(text), "L%d", (*int8)(l))
	return err
}

// secret has a MarshalText method of the pointer only.
type secret struct{ text string }

func (s *secret) MarshalText() ([]byte, error) { return []byte("s:" + s.text), nil }

func (s *secret) UnmarshalText(text []byte) error {
	if len(text) < 2 {
		return errShort
	}
	s.text = string(text[2:])
	return nil
}

var errShort = errors.New("too short")

type base struct {
	ID   int `pickle:"id"`
	Kind string
}

type Extra struct {
	Note string `pickle:"note"`
}

type person struct {
	base
	*Extra
	Name    string      `pickle:"name"`
	Tags    []string    `pickle:",omitempty"`
	Friends []*person   `pickle:"friends"`
	Home    *netip.Addr `pickle:"home"`
	Scores  map[string]float32
	Seen    map[int]struct{}
	Level   level
	Secret  secret
	Skipped chan int `pickle:"-"`
	Any     any
	Matrix  [2][2]uint8
}

type celsius float64

type tree struct {
	Left, Right *tree
	Value       int
}

// TestTypesSurvive is the promise to a cache: a value of a type that CheckType accepts
// comes back equal.
func TestTypesSurvive(t *testing.T) {
	at := time.Date(2024, 2, 29, 13, 5, 9, 123456000, time.UTC)
	home := netip.MustParseAddr("10.0.0.1")
	huge, _ := new(big.Int).SetString("-123456789012345678901234567890", 10)
	seven := 7
	for _, v := range []any{
		true, 7, int8(-128), int16(300), int32(math.MinInt32), int64(math.MinInt64), uint(1), uint8(255), uint16(65535), uint32(math.MaxUint32),
		uint64(math.MaxUint64), uintptr(5), float32(1.5), 0.1, math.Inf(-1), math.Copysign(0, -1), complex64(1 + 2i), 2i, "text", "\xed\xa0\x80", celsius(36.6),
		[]byte{}, []byte("bytes"), []byte(nil), pickle.ByteArray{}, pickle.ByteArray("x"), []int(nil), []int{}, []int{1, 2, 300}, [3]string{"a", "", "c"}, [2]byte{1, 2},
		[][]string{{"a"}, nil, {}}, []*int{&seven, nil}, map[string]int(nil), map[string]int{}, map[string]int{"a": 1, "b": 2}, map[int8]string{-1: "x", 5: "y"},
		map[bool]uint{true: 1, false: 0}, map[float64]int{1.5: 1, 2: 2}, map[[2]int]string{{1, 2}: "x"}, map[level]int{3: 1}, map[netip.Addr]bool{home: true},
		map[string]struct{}{}, map[string]struct{}{"a": {}, "b": {}}, map[int]struct{}(nil), map[time.Duration]string{time.Second: "s"}, map[pickle.UUID]int{{1}: 1},
		map[pickle.Date]int{{Year: 1, Month: 1, Day: 1}: 2}, map[any]any{1: "a", "b": 2.5, pickle.Date{Year: 2024, Month: 1, Day: 1}: nil},
		&seven, (*int)(nil), at, &at, time.Minute, -time.Microsecond, time.Duration(math.MinInt64 / 1000 * 1000), time.Duration(math.MaxInt64 / 1000 * 1000),
		*huge, huge, (*big.Int)(nil), pickle.Decimal("-1.50E+7"), pickle.UUID{1, 2, 3}, pickle.Date{Year: 9999, Month: 12, Day: 31},
		pickle.Tuple{1, "a", nil}, pickle.Tuple(nil), pickle.NewDict(pickle.Pair{Key: 1, Value: "x"}), *pickle.NewDict(pickle.Pair{Key: "k", Value: 1}),
		pickle.NewSet(1, "a"), pickle.NewFrozenSet("x", pickle.Tuple{1}), pickle.NewOrderedDict(pickle.Pair{Key: "a", Value: 1}), *pickle.NewSet(5), (*pickle.Dict)(nil),
		level(5), &secret{"xyz"}, secret{"abc"}, home, struct{}{}, []struct{}{{}, {}},
		person{
			base: base{7, "b"}, Extra: &Extra{Note: "n"}, Name: "Ann", Tags: []string{"x"}, Friends: []*person{{Name: "Bob"}, nil}, Home: &home,
			Scores: map[string]float32{"a": 1.5}, Seen: map[int]struct{}{3: {}}, Level: 2, Secret: secret{"s"}, Any: []any{1, "a", 2.5}, Matrix: [2][2]uint8{{1, 2}, {3, 4}},
		},
		person{},
		tree{Left: &tree{Value: 1}, Right: &tree{Left: &tree{Value: 3}}, Value: 2},
		map[string]tree{"a": {Value: 1}}, []map[string][]tree{{"a": {{Value: 1}}}},
	} {
		typ := reflect.TypeOf(v)
		require.NoError(t, pickle.CheckType(typ), "%T", v)
		for protocol := 2; protocol <= 5; protocol++ {
			data, err := pickle.Marshal(v, protocol)
			require.NoError(t, err, "%T %v", v, v)
			back := reflect.New(typ)
			require.NoError(t, pickle.Unmarshal(data, back.Interface()), "%T %v %q", v, v, data)
			require.Equal(t, v, back.Elem().Interface(), "%T %q", v, data)
			var natural any
			require.NoError(t, pickle.Unmarshal(data, &natural), "%T %v", v, v)
		}
	}
}

func TestAwareTimes(t *testing.T) {
	for _, at := range []time.Time{
		time.Date(1, 1, 1, 0, 0, 0, 0, time.FixedZone("", -7*3600-30*60-5)),
		time.Date(2024, 7, 1, 0, 0, 0, 1000, time.FixedZone("CEST", 7200)),
		time.Date(2024, 7, 1, 0, 0, 0, 0, time.FixedZone("UTC", 0)),
		time.Date(9999, 12, 31, 23, 59, 59, 999999000, time.FixedZone("", 86399)),
	} {
		data, err := pickle.Marshal(at, 0)
		require.NoError(t, err)
		var back time.Time
		require.NoError(t, pickle.Unmarshal(data, &back))
		assertSame(t, at, back)
		assert.NotEqual(t, time.UTC, back.Location())
	}
	// fold: the second of two equal times, which Go does not tell apart.
	var back time.Time
	require.NoError(t, pickle.Unmarshal([]byte("\x80\x04\x8c\x08datetime\x8c\x08datetime\x93C\n\x07\xe8\x82\x1d\r\x05\t\x01\xe2@\x85R."), &back))
	assert.Equal(t, time.Date(2024, 2, 29, 13, 5, 9, 123456000, time.UTC), back)
	// Python 2 has the payload in a str.
	require.NoError(t, pickle.Unmarshal([]byte("cdatetime\ndatetime\n(S'\\x07\\xe8\\x02\\x1d\\r\\x05\\t\\x01\\xe2@'\ntR."), &back))
	assert.Equal(t, time.Date(2024, 2, 29, 13, 5, 9, 123456000, time.UTC), back)
	require.NoError(t, pickle.Unmarshal([]byte("\x80\x02cdatetime\ndatetime\nU\n\x07\xe8\x02\x1d\r\x05\t\x01\xe2@\x85R."), &back))
	assert.Equal(t, time.Date(2024, 2, 29, 13, 5, 9, 123456000, time.UTC), back)
}

func TestNotMarshaled(t *testing.T) {
	type hidden struct{ a, b int }
	for _, v := range []any{
		make(chan int), func() {}, unsafe.Pointer(t), hidden{1, 2}, struct{ F func() }{}, []any{make(chan int)}, "\xff", "a\xed\xa0", pickle.Decimal("1,5"), pickle.Decimal(""),
		time.Unix(0, 1), time.Nanosecond, time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(0, 1, 1, 0, 0, 0, 0, time.UTC), pickle.Date{Year: 2023, Month: 2, Day: 29},
		map[*int]int{new(int): 1}, map[struct{ A int }]int{{1}: 1}, map[any]int{1: 1, 1.0: 2}, map[any]int{true: 1, 1: 2},
		pickle.NewDict(pickle.Pair{Key: struct{ A int }{1}, Value: 2}), map[string]any{"a": make(chan int)}, time.FixedZone("", 90000),
	} {
		_, err := pickle.Marshal(v, 0)
		var typeError *pickle.TypeError
		require.ErrorAs(t, err, &typeError, "%T", v)
		assert.NotEmpty(t, typeError.Reason)
	}
	if data, err := os.ReadFile("/usr/share/zoneinfo/Europe/Berlin"); err == nil {
		loc, err := time.LoadLocationFromTZData("Nowhere/Berlin", data)
		require.NoError(t, err)
		_, err = pickle.Marshal(loc, 0)
		require.ErrorContains(t, err, "FixedZone")
	}
	for _, protocol := range []int{-1, 1, 6} {
		_, err := pickle.Marshal(nil, protocol)
		require.ErrorContains(t, err, "use 2 to 5")
	}
	_, err := pickle.Marshal(map[string]any{"x": []any{struct{ A struct{ B chan int } }{}}}, 0)
	require.EqualError(t, err, "pickle: field A.B: chan int: cannot be pickled: leave it out or hold it in an unexported field")
}

func TestNotUnmarshaled(t *testing.T) {
	pickled := func(v any) []byte {
		data, err := pickle.Marshal(v, 0)
		require.NoError(t, err)
		return data
	}
	for _, c := range []struct {
		value  any
		target any
	}{
		{300, new(int8)}, {-1, new(uint)}, {256, new(uint8)}, {1.0, new(int)}, {true, new(int)}, {1, new(bool)}, {"1", new(int)}, {uint64(math.MaxUint64), new(int)},
		{new(big.Int).Lsh(big.NewInt(1), 64), new(uint64)}, {int64(1<<53 + 1), new(float64)}, {0.1, new(float32)}, {1<<25 + 1, new(float32)}, {1e300, new(float32)},
		{0.1i, new(complex64)}, {1.5, new(complex128)}, {[]byte("x"), new(string)}, {"x", new([]byte)}, {[]int{1}, new([2]int)}, {[]byte("x"), new([2]byte)}, {[]int{300}, new([]byte)},
		{nil, new(int)}, {nil, new(string)}, {nil, new(struct{})}, {nil, new([1]int)}, {nil, new(time.Time)}, {nil, new(big.Int)}, {nil, new(pickle.Dict)},
		{[]int{1}, new(map[string]int)}, {map[int]int{1: 1}, new(map[string]int)}, {map[string]int{"a": 1}, new([]int)}, {[]int{1}, new(map[int]struct{})},
		{map[any]any{pickle.Date{Year: 1, Month: 1, Day: 1}: 1}, new(map[time.Time]int)}, {pickle.NewDict(pickle.Pair{Key: pickle.Tuple{1}, Value: 1}), new(map[any]int)},
		{pickle.NewDict(pickle.Pair{Key: big.NewInt(math.MaxInt64), Value: 1}), new(map[int32]int)}, {time.Second, new(int)}, {time.Now().UTC().Truncate(time.Second), new(pickle.Date)},
		{"L", new(level)}, {"x", new(secret)}, {1, new(fmt.Stringer)}, {1, new(chan int)}, {1, new(struct{ a int })}, {pickle.NewSet(1), new(*pickle.FrozenSet)}, {1, new(*pickle.Set)},
	} {
		err := pickle.Unmarshal(pickled(c.value), c.target)
		var typeError *pickle.TypeError
		if assert.ErrorAs(t, err, &typeError, "%v into %T", c.value, c.target) {
			assert.NotEmpty(t, typeError.Reason)
			assert.NotNil(t, typeError.Type)
		}
	}
	require.ErrorIs(t, pickle.Unmarshal(pickled("x"), new(secret)), errShort)
	for _, target := range []any{nil, 1, (*int)(nil), struct{}{}} {
		var typeError *pickle.TypeError
		require.ErrorAs(t, pickle.Unmarshal(pickled(1), target), &typeError)
	}
	err := pickle.Unmarshal(pickled(map[string]any{"friends": []any{map[string]any{"id": "x"}}}), new(person))
	require.EqualError(t, err, "pickle: field friends.id: str as int: the types do not match")
}

func TestUnmarshalConverts(t *testing.T) {
	into := func(v, target any) any {
		t.Helper()
		data, err := pickle.Marshal(v, 0)
		require.NoError(t, err)
		require.NoError(t, pickle.Unmarshal(data, target))
		return reflect.ValueOf(target).Elem().Interface()
	}
	assert.Equal(t, 3.0, into(3, new(float64)))
	assert.Equal(t, -math.Ldexp(1, 63), into(int64(math.MinInt64), new(float64)))
	assert.Equal(t, math.Ldexp(1, 100), into(new(big.Int).Lsh(big.NewInt(1), 100), new(float64)))
	assert.Equal(t, []int{1, 2}, into(pickle.Tuple{1, 2}, new([]int)))
	assert.Equal(t, []any{1, 2}, into(pickle.Tuple{1, 2}, new([]any)))
	assert.Equal(t, []byte("x"), into(pickle.ByteArray("x"), new([]byte)))
	assert.Equal(t, [2]byte{1, 2}, into([]byte{1, 2}, new([2]byte)))
	assert.Equal(t, []byte{1, 2}, into([]any{1, 2}, new([]byte)))
	assert.Equal(t, map[string]struct{}{"a": {}}, into(pickle.NewFrozenSet("a"), new(map[string]struct{})))
	assert.Equal(t, map[string]int{"a": 1}, into(pickle.NewOrderedDict(pickle.Pair{Key: "a", Value: 1}), new(map[string]int)))
	assert.Equal(t, pickle.NewDict(pickle.Pair{Key: "a", Value: 1}), into(pickle.NewOrderedDict(pickle.Pair{Key: "a", Value: 1}), new(*pickle.Dict)))
	assert.Equal(t, level(5), into(5, new(level)))
	assert.Equal(t, "2024-02-29", into(pickle.Date{Year: 2024, Month: 2, Day: 29}, new(fmt.Stringer)).(fmt.Stringer).String())
	assert.Equal(t, big.NewInt(5), into(5, new(*big.Int)))

	type row struct{ Name, Kept string }
	target := row{Kept: "k"}
	assert.Equal(t, row{"exact", "k"}, into(pickle.NewDict(
		pickle.Pair{Key: "NAME", Value: 1.5}, pickle.Pair{Key: "Name", Value: "exact"}, pickle.Pair{Key: "name", Value: 7}, pickle.Pair{Key: 5, Value: 5}, pickle.Pair{Key: "other", Value: nil},
	), &target))
	assert.Equal(t, row{Name: "folded"}, into(map[string]any{"nAME": "folded"}, new(row)))
	assert.Equal(t, []string(nil), into(nil, &[]string{"old"}))
}

func TestLoneKeyOfEmbeddedStructs(t *testing.T) {
	type A struct{ X, Y int }
	type B struct{ X, Z int }
	type C struct {
		A
		B
		W int `pickle:"Z"`
	}
	data, err := pickle.Marshal(C{A{1, 2}, B{3, 4}, 5}, 0)
	require.NoError(t, err)
	var m map[string]int
	require.NoError(t, pickle.Unmarshal(data, &m))
	assert.Equal(t, map[string]int{"Y": 2, "Z": 5}, m)
	require.Error(t, pickle.CheckType(reflect.TypeFor[C]()))
}

func TestCheckType(t *testing.T) {
	type recursive struct {
		*tree
		List []recursive
	}
	type selfish struct {
		*selfish
		A int
	}
	_ = selfish{}.selfish
	for _, typ := range []reflect.Type{
		reflect.TypeFor[chan int](), reflect.TypeFor[func()](), reflect.TypeFor[unsafe.Pointer](), reflect.TypeFor[struct{ a int }](), reflect.TypeFor[struct {
			A int
			b int
		}](), reflect.TypeFor[error](), reflect.TypeFor[fmt.Stringer](), reflect.TypeFor[[]chan int](), reflect.TypeFor[map[string]func()](), reflect.TypeFor[map[*int]int](),
		reflect.TypeFor[map[time.Time]int](), reflect.TypeFor[map[struct{ A int }]int](), reflect.TypeFor[map[[1]error]int](), reflect.TypeFor[**int](), reflect.TypeFor[*[]int](), reflect.TypeFor[*any](),
		reflect.TypeFor[struct{ A struct{ B error } }](), reflect.TypeFor[recursive](), reflect.TypeFor[selfish](), reflect.TypeFor[time.Location](), reflect.TypeFor[*time.Location](), reflect.TypeFor[big.Float](), reflect.TypeFor[reflect.Value](),
		reflect.TypeFor[map[*big.Int]int](), nil,
	} {
		for range 2 { // the second time from the cache of types
			var typeError *pickle.TypeError
			require.ErrorAs(t, pickle.CheckType(typ), &typeError, "%v", typ)
			require.NotEmpty(t, typeError.Reason)
		}
	}
	require.EqualError(t, pickle.CheckType(reflect.TypeFor[struct{ A struct{ B error } }]()),
		"pickle: field A.B: error: what it held cannot be told from a pickle: use the type itself")
	require.NoError(t, pickle.CheckType(reflect.TypeFor[struct {
		A int
		b int `pickle:"-"`
		_ int
	}]()))
}

func TestConcurrentTypes(t *testing.T) {
	// Types that contain each other, compiled by many goroutines at once.
	type leaf struct{ Up map[string]*tree }
	type root struct{ Leaves []leaf }
	done := make(chan error)
	for range 8 {
		go func() {
			data, err := pickle.Marshal(root{[]leaf{{map[string]*tree{"a": {Value: 1}}}}}, 0)
			if err == nil {
				var back root
				err = pickle.Unmarshal(data, &back)
			}
			done <- err
		}()
	}
	for range 8 {
		require.NoError(t, <-done)
	}
}

type triple struct {
	_     struct{} `pickle:",tuple"`
	Name  string
	Point struct{ X, Y int }
	Any   any
}

// TestTupleStruct: a struct that is a tuple in Python.
func TestTupleStruct(t *testing.T) {
	in := triple{Name: "a", Any: []any{1, map[string]any{"k": nil}}}
	in.Point.X = 7
	data, err := pickle.Marshal(in, 0)
	require.NoError(t, err)
	var natural any
	require.NoError(t, pickle.Unmarshal(data, &natural))
	require.IsType(t, pickle.Tuple{}, natural)
	assert.Equal(t, `[a {"X": 7, "Y": 0} [1 {"k": None}]]`, fmt.Sprint(natural))
	var out triple
	require.NoError(t, pickle.Unmarshal(data, &out))
	assert.Equal(t, in, out)
	require.NoError(t, pickle.CheckType(reflect.TypeFor[triple]()))

	for _, wrong := range []any{pickle.Tuple{"a"}, "abc", map[string]any{"Name": "a"}, pickle.Tuple{1, nil, nil}} {
		data, err := pickle.Marshal(wrong, 0)
		require.NoError(t, err)
		var misfit *pickle.TypeError
		require.ErrorAs(t, pickle.Unmarshal(data, &out), &misfit, "%v", wrong)
	}
}

// TestPlainWithin: a dict within another Go type is a plain map, unless a *Dict is
// asked for.
func TestPlainWithin(t *testing.T) {
	inner := pickle.NewDict(pickle.Pair{Key: "x", Value: 1})
	shared := pickle.Tuple{inner, inner, pickle.NewDict(pickle.Pair{Key: 1, Value: inner})}
	data, err := pickle.Marshal(map[string]any{"a": shared, "b": inner}, 0)
	require.NoError(t, err)
	var m map[string]any
	require.NoError(t, pickle.Unmarshal(data, &m))
	plain := map[string]any{"x": 1}
	assert.Equal(t, map[string]any{"a": pickle.Tuple{plain, plain, pickle.NewDict(pickle.Pair{Key: 1, Value: plain})}, "b": plain}, m)

	var both struct {
		A any
		B *pickle.Dict
	}
	require.NoError(t, pickle.Unmarshal(data, &both))
	assert.Equal(t, inner, both.B)
	var natural any
	require.NoError(t, pickle.Unmarshal(data, &natural))
	b, _ := natural.(*pickle.Dict).Get("b")
	assert.Equal(t, inner, b)
}
