package ring

import (
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"
	"net/netip"
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ring-go/ring/internal/callable"
	"github.com/ring-go/ring/internal/keytext"
)

// planFor makes the key plan of a function with parameters of these types.
func planFor(t testing.TB, style KeyStyle, types ...reflect.Type) *keytext.Plan {
	t.Helper()
	fn := reflect.MakeFunc(reflect.FuncOf(types, nil, false), func([]reflect.Value) []reflect.Value { return nil })
	c, err := callable.Inspect(fn.Interface(), nil)
	require.NoError(t, err)
	plan, err := keytext.NewPlan(keyParams(c, nil), rulesOf(style, true), "p")
	require.NoError(t, err)
	plan.Plain = true
	return plan
}

func keyOf(t testing.TB, plan *keytext.Plan, args ...any) string {
	t.Helper()
	key, err := plan.Key(args)
	require.NoError(t, err)
	return key
}

func typesOf(args ...any) (types []reflect.Type) {
	for _, a := range args {
		types = append(types, reflect.TypeOf(a))
	}
	return types
}

func TestSafeKeysLookLikePythons(t *testing.T) {
	anyType := reflect.TypeFor[any]()
	for _, tt := range []struct {
		want  string
		types []reflect.Type
		args  []any
	}{
		{"p:a:1", typesOf("", 0), []any{"a", 1}},
		{"p:http://x", typesOf(""), []any{"http://x"}},
		{"p:http://x:1", typesOf("", 0), []any{"http://x", 1}},
		{"p:http://x:-1", typesOf("", new(big.Int)), []any{"http://x", big.NewInt(-1)}},
		{"p:['a:b']:http://x:1", typesOf([]string{}, "", 0), []any{[]string{"a:b"}, "http://x", 1}},
		{"p:a b", typesOf(""), []any{"a b"}},
		{"p:a:b", typesOf("", ""), []any{"a", "b"}},
		{"p:http://x", []reflect.Type{anyType}, []any{"http://x"}},
		{"p:2024-01-01", []reflect.Type{anyType}, []any{"2024-01-01"}},
		{"p:1:1.5:True:None:x", []reflect.Type{anyType, anyType, anyType, anyType, anyType}, []any{1, 1.5, true, nil, "x"}},
		{"p:[1,'a',None]", []reflect.Type{anyType}, []any{[]any{1, "a", nil}}},
		// What differs, because Python's text means several calls.
		{`p:a\:b:c`, typesOf("", ""), []any{"a:b", "c"}},
		{`p:a:b\:c`, typesOf("", ""), []any{"a", "b:c"}},
		{`p:a\\:b`, typesOf("", ""), []any{`a\`, "b"}},
		{"p:'1'", []reflect.Type{anyType}, []any{"1"}},
		{"p:'None'", []reflect.Type{anyType}, []any{"None"}},
		{"p:int64(1)", []reflect.Type{anyType}, []any{int64(1)}},
		{"p:[]int([1,2])", []reflect.Type{anyType}, []any{[]int{1, 2}}},
		{"p:{'a':1}", []reflect.Type{anyType}, []any{map[string]any{"a": 1}}},
		{"p:github.com/ring-go/ring.Point(Point(x=1,y='a'))", []reflect.Type{anyType}, []any{Point{1, "a"}}},
		{"p:*github.com/ring-go/ring.Point(Point(x=1,y=2))", []reflect.Type{anyType}, []any{&Point{1, 2}}},
		{"p:['a b']", typesOf([]string{}), []any{[]string{"a b"}}},
		{"p:a,'1,b,2'", typesOf(map[string]string{}), []any{map[string]string{"a": "1,b,2"}}},
		{`p:{"a','b"}`, typesOf(map[string]struct{}{}), []any{map[string]struct{}{"a','b": {}}}},
	} {
		assert.Equal(t, tt.want, keyOf(t, planFor(t, SafeKeys, tt.types...), tt.args...))
	}
}

// TestSafeKeysEqualPythonsWhereUnambiguous goes through all calls of a small world
// and compares the two styles wherever no other call has Python's key.
func TestSafeKeysEqualPythonsWhereUnambiguous(t *testing.T) {
	var words []any
	for _, a := range []string{"", "a", ":", "b"} {
		for _, b := range []string{"", "a", ":"} {
			for _, c := range []string{"", "a", ":"} {
				if word := a + b + c; !slices.Contains(words, any(word)) {
					words = append(words, word)
				}
			}
		}
	}
	ints := []any{0, 1, -1}
	lists := []any{[]int{}, []int{1}, []int{1, 2}}
	times := []any{time.Unix(0, 0).UTC(), time.Unix(1, 5).UTC()}
	quoted := []any{[]string{}, []string{":"}, []string{"a", ":"}, []string{"']:"}}
	for _, params := range [][][]any{
		{words}, {words, ints}, {ints, words}, {ints, words, lists}, {quoted, words}, {quoted, words, ints}, {words, words}, {ints, times, times},
	} {
		var types []reflect.Type
		calls := [][]any{nil}
		for _, values := range params {
			types = append(types, reflect.TypeOf(values[0]))
			var longer [][]any
			for _, call := range calls {
				for _, v := range values {
					longer = append(longer, append(slices.Clone(call), v))
				}
			}
			calls = longer
		}
		python, safe := planFor(t, PythonKeys, types...), planFor(t, SafeKeys, types...)
		owners, safeOwners := map[string]int{}, map[string]int{}
		for i, call := range calls {
			owners[keyOf(t, python, call...)]++
			safeKey := keyOf(t, safe, call...)
			require.NotContains(t, safeOwners, safeKey)
			safeOwners[safeKey] = i
		}
		for _, call := range calls {
			p := keyOf(t, python, call...)
			if types[len(types)-1] == keytext.TimeType { // which Python spells otherwise
				assert.Equal(t, strings.ReplaceAll(p, " ", "T"), strings.ReplaceAll(keyOf(t, safe, call...), "Z", ""), "the colons of a time need no escape")
				continue
			}
			// Keys with a colon on the rim of the small world belong to one of its
			// calls and to others outside.
			if owners[p] == 1 && strings.Count(p, ":") == len(params) || len(types) > 1 && types[0] != types[1] {
				assert.Equal(t, p, keyOf(t, safe, call...), "%#v", call)
			}
		}
	}
}

// TestPairsThatMustDiffer are collisions that were found once.
func TestPairsThatMustDiffer(t *testing.T) {
	type namedBytes [2]byte
	key := func(v any) string { return keyOf(t, planFor(t, SafeKeys, reflect.TypeOf(v)), v) }
	anyKey := func(v any) string { return keyOf(t, planFor(t, SafeKeys, reflect.TypeFor[any]()), v) }
	for _, pair := range [][2]any{
		{twoAny{"a,B,b", "c"}, twoAny{"a", "b,B,c"}},
		{map[string]any{"a": map[string]string{"x": "y,b,z"}}, map[string]any{"a": "map[string]string({'x': 'y", "b": "z'})"}},
		{[]map[wordKey]wordKey{{"a:b": "c"}}, []map[wordKey]wordKey{{"a": "b:c"}}},
		{map[any]int{[2]int{1, 2}: 1}, map[any]int{[2]int64{1, 2}: 1}},
		{map[any]int{[2]int{1, 2}: 1}, map[any]int{[2]any{1, 2}: 1}},
		{map[any]struct{}{[2]byte{1, 2}: {}}, map[any]struct{}{namedBytes{1, 2}: {}}},
		{map[any]int{[1]float32{1}: 1}, map[any]int{[1]float64{1}: 1}},
		{struct{ time.Time }{time.Unix(0, 0).In(time.FixedZone("", 3600))}, struct{ time.Time }{time.Unix(-30, 0).In(time.FixedZone("", 3630))}},
	} {
		assert.NotEqual(t, key(pair[0]), key(pair[1]))
		assert.NotEqual(t, anyKey(pair[0]), anyKey(pair[1]))
	}
	type E struct{ X int }
	assert.NotEqual(t, anyKey(struct{ E }{}), anyKey(struct{ E E }{}))
	assert.NotEqual(t, keytext.PlainTypeName(reflect.TypeFor[func(int, ...string)]()), keytext.PlainTypeName(reflect.TypeFor[func(int, []string)]()))
	assert.NotEqual(t, keytext.PlainTypeName(reflect.TypeFor[chan int]()), keytext.PlainTypeName(reflect.TypeFor[<-chan int]()))
}

// TestManyMixedKeys: the order of keys of many types, a NaN among them, is one order.
func TestManyMixedKeys(t *testing.T) {
	plan := planFor(t, SafeKeys, reflect.TypeFor[map[any]int]())
	m := map[any]int{math.NaN(): 1}
	for i := range 100 {
		m[i], m[uint(i)], m[float32(i)], m[float64(i)] = i, i, i, i
	}
	want := keyOf(t, plan, m)
	for range 50 {
		require.Equal(t, want, keyOf(t, plan, m))
	}

	var nested any
	for range 40 { // not twice the work on every level
		nested = map[any]any{1: 1, "a": nested}
	}
	_, err := anyPart(keytext.Rules{}, nested)
	require.NoError(t, err)
}

// source is what random values are made of: a generator, or the bytes of a fuzzer.
type source func(n int) int

func randomSource(seed uint64) source {
	return rand.New(rand.NewPCG(seed, 1)).IntN
}

func bytesSource(data []byte) source {
	i := 0
	return func(n int) int {
		if i >= len(data) {
			return 0
		}
		i++
		return int(data[i-1]) % n
	}
}

// pieces are what adversarial strings are made of.
var pieces = []string{
	"", "a", "b", ":", `\`, ",", "'", `"`, " ", "(", ")", "[", "]", "{", "}", "&", "1", "0", "-", ".", "e", "None", "True", "b'",
	"int64(1)", "x,y", "a:b", `\:`, `'a'`, "=", "é", "\xff", "\n", "hash:", "X,", "set()",
}

func (s source) string() string {
	var b strings.Builder
	for range s(4) {
		b.WriteString(pieces[s(len(pieces))])
	}
	return b.String()
}

type (
	keyStruct struct {
		X string
		Y any
		Z []string
		P *string
	}
	wordKey string
	twoAny  struct{ A, B any }
	typed   struct {
		reflect.Type
		Tag string
	}
)

func (k wordKey) RingKey() string { return string(k) }

// makers make the values of the types that are tried.
var makers = []struct {
	typ  reflect.Type
	make func(s source) any
}{
	{reflect.TypeFor[string](), func(s source) any { return s.string() }},
	{reflect.TypeFor[string](), func(s source) any { return s.string() }},
	{reflect.TypeFor[any](), func(s source) any { return s.any(0) }},
	{reflect.TypeFor[int](), func(s source) any { return s(4) - 1 }},
	{reflect.TypeFor[float64](), func(s source) any {
		return []float64{0, math.Copysign(0, -1), 1, 1.5, math.NaN(), 1e16, math.Inf(1)}[s(7)]
	}},
	{reflect.TypeFor[bool](), func(s source) any { return s(2) == 0 }},
	{reflect.TypeFor[[]byte](), func(s source) any { return []byte(s.string()) }},
	{reflect.TypeFor[[]string](), func(s source) any { return s.strings() }},
	{reflect.TypeFor[[]any](), func(s source) any { return s.list(0) }},
	{reflect.TypeFor[Tuple](), func(s source) any { return Tuple(s.list(0)) }},
	{reflect.TypeFor[[2]string](), func(s source) any { return [2]string{s.string(), s.string()} }},
	{reflect.TypeFor[map[string]string](), func(s source) any {
		m := map[string]string{}
		for range s(3) {
			m[s.string()] = s.string()
		}
		return m
	}},
	{reflect.TypeFor[map[string]any](), func(s source) any { return s.dict(0) }},
	{reflect.TypeFor[map[any]any](), func(s source) any { return map[any]any{s.member(): s.any(1), s.member(): 1} }},
	{reflect.TypeFor[map[string]struct{}](), func(s source) any {
		return map[string]struct{}{s.string(): {}, s.string(): {}}
	}},
	{reflect.TypeFor[map[any]struct{}](), func(s source) any { return map[any]struct{}{s.member(): {}, s.member(): {}} }},
	{reflect.TypeFor[*string](), func(s source) any { return s.pointer() }},
	{reflect.TypeFor[**string](), func(s source) any {
		if s(4) == 0 {
			return (**string)(nil)
		}
		p := s.pointer()
		return &p
	}},
	{reflect.TypeFor[*any](), func(s source) any {
		v := s.any(1)
		return &v
	}},
	{reflect.TypeFor[keyStruct](), func(s source) any { return keyStruct{s.string(), s.any(1), s.strings(), s.pointer()} }},
	{reflect.TypeFor[[]keyStruct](), func(s source) any { return []keyStruct{{s.string(), s.any(1), s.strings(), s.pointer()}} }},
	{reflect.TypeFor[wordKey](), func(s source) any { return wordKey(s.string()) }},
	{reflect.TypeFor[[]wordKey](), func(s source) any { return []wordKey{wordKey(s.string()), wordKey(s.string())} }},
	{reflect.TypeFor[time.Time](), func(s source) any { return time.Unix(int64(s(3)), int64(s(2))*1e6).UTC() }},
	{reflect.TypeFor[*big.Int](), func(s source) any { return big.NewInt(int64(s(3))) }},
	{reflect.TypeFor[twoAny](), func(s source) any { return twoAny{s.any(1), s.any(1)} }},
	{reflect.TypeFor[[]map[wordKey]wordKey](), func(s source) any {
		return []map[wordKey]wordKey{{wordKey(s.string()): wordKey(s.string())}}
	}},
	{reflect.TypeFor[map[*int]string](), func(s source) any {
		a, b := s(2), s(2)
		return map[*int]string{&a: s.string(), &b: s.string()}
	}},
	{reflect.TypeFor[map[float64]string](), func(s source) any {
		return map[float64]string{math.NaN(): s.string(), math.Float64frombits(0x7ff8000000000002): s.string(), 1: ""}
	}},
	{reflect.TypeFor[map[any]any](), func(s source) any { return map[any]any{math.NaN(): s.any(1), s.member(): s.any(1)} }},
	{reflect.TypeFor[time.Time](), func(s source) any { return s.time() }},
	{reflect.TypeFor[[]time.Time](), func(s source) any { return []time.Time{s.time(), s.time()}[:s(3)] }},
	{reflect.TypeFor[timeAndName](), func(s source) any { return timeAndName{s.time(), s.string()} }},
	{reflect.TypeFor[map[time.Time]string](), func(s source) any { return map[time.Time]string{s.time(): s.string(), s.time(): s.string()} }},
	{reflect.TypeFor[*big.Float](), func(s source) any { return s.float() }},
	{reflect.TypeFor[big.Float](), func(s source) any { return *s.float() }},
	{reflect.TypeFor[netip.AddrPort](), func(s source) any { return netip.AddrPortFrom(s.addr(), uint16(s(2))) }},
	{reflect.TypeFor[netip.Prefix](), func(s source) any { return netip.PrefixFrom(s.addr(), s(3)*100) }},
	{reflect.TypeFor[*url.Userinfo](), func(s source) any { return s.user() }},
	{reflect.TypeFor[url.URL](), func(s source) any { return url.URL{Host: s.string(), Path: s.string(), User: s.user()} }},
	{reflect.TypeFor[money](), func(s source) any { return money{s(2), s.string()} }},
	{reflect.TypeFor[account](), func(s source) any { return account{s(3)} }},
	{reflect.TypeFor[readable](), func(s source) any { return readable{byte(s(2)), byte(s(2))} }},
	{reflect.TypeFor[reflect.Type](), func(s source) any { return localTypes[s(len(localTypes))] }},
	{reflect.TypeFor[typed](), func(s source) any { return typed{reflect.TypeFor[int](), s.string()} }},
	{reflect.TypeFor[map[string][]string](), func(s source) any { return map[string][]string{s.string(): s.strings()} }},
	{reflect.TypeFor[named](), func(s source) any { return named(s.string()) }},
	{reflect.TypeFor[flatStruct](), func(s source) any {
		return flatStruct{s.string(), named(s.string()), int8(s(3) - 1), uint16(s(2)), s(2) == 0, float32(s(3)) / 2}
	}},
	{reflect.TypeFor[map[int]string](), func(s source) any { return map[int]string{s(3) - 1: s.string(), s(3) - 1: s.string()} }},
	{reflect.TypeFor[map[uint64]bool](), func(s source) any {
		return map[uint64]bool{uint64(s(3)) - 1: s(2) == 0, uint64(s(3)) - 1: s(2) == 0}
	}},
	{reflect.TypeFor[[]int8](), func(s source) any { return []int8{int8(s(3)) - 1, int8(s(3)) - 1}[:s(3)] }},
	{reflect.TypeFor[map[string]flatStruct](), func(s source) any {
		return map[string]flatStruct{s.string(): {A: s.string()}, s.string(): {A: s.string()}}
	}},
}

type named string

// flatStruct has scalars alone, and room between them.
type flatStruct struct {
	A string
	B named
	C int8
	D uint16
	E bool
	F float32
}

func (s source) strings() []string {
	list := []string{}
	for range s(3) {
		list = append(list, s.string())
	}
	return list
}

func (s source) pointer() *string {
	if s(4) == 0 {
		return nil
	}
	text := s.string()
	return &text
}

func (s source) list(depth int) []any {
	list := []any{}
	for range s(3) {
		list = append(list, s.any(depth+1))
	}
	return list
}

func (s source) dict(depth int) map[string]any {
	m := map[string]any{}
	for range s(3) {
		m[s.string()] = s.any(depth + 1)
	}
	return m
}

func (s source) member() any {
	return []any{s.string(), s(3), true, nil, 1.0, [2]any{s.string(), s(2)}, [1]byte{'a'}, int8(1), wordKey(s.string()), [2]string{"a", s.string()}}[s(10)]
}

// any makes a value of any type.
func (s source) any(depth int) any {
	if depth > 2 {
		return s.string()
	}
	switch s(20) {
	default:
		return s.string()
	case 1:
		return s(3)
	case 2:
		return float64(s(3))
	case 3:
		return s(2) == 0
	case 4:
		return nil
	case 5:
		return s.list(depth)
	case 6:
		return Tuple(s.list(depth))
	case 7:
		return s.dict(depth)
	case 8:
		return []byte(s.string())
	case 9:
		return int64(s(3))
	case 10:
		return s.strings()
	case 11:
		return wordKey(s.string())
	case 12:
		return keyStruct{s.string(), s.any(depth + 1), s.strings(), s.pointer()}
	case 13:
		return s.pointer()
	case 14:
		return Ellipsis
	case 15:
		return map[any]struct{}{s.member(): {}}
	case 16:
		return FrozenSet{s.member(): {}}
	case 17:
		return float32(s(3))
	case 18:
		return big.NewInt(int64(s(3)))
	case 19:
		return []any{s.time(), s.float(), s.addr(), s.user(), money{s(2), s.string()}, account{s(2)}, timeAndName{s.time(), s.string()}, localTypes[s(len(localTypes))],
			localRow(s(3))}[s(9)]
	}
}

// zones are no two that behave alike.
var zones = []*time.Location{
	time.UTC, time.FixedZone("", 3600), time.FixedZone("", 3630), time.FixedZone("", 3660), time.FixedZone("X", 3600), time.FixedZone("X]:[", 3600),
	time.FixedZone("X%5D", 3600), time.FixedZone("UTC", 0), time.FixedZone("!CET", 3600), time.FixedZone("CET", 3600), time.FixedZone("Europe/Paris", 3600),
	loaded("CET"), loaded("Europe/Paris"), loaded("Europe/Berlin"), loaded("Europe/London"), loaded("Africa/Lagos"),
}

func loaded(name string) *time.Location {
	l, err := time.LoadLocation(name)
	if err != nil {
		panic(err)
	}
	return l
}

func (s source) time() time.Time {
	return time.Date(2024, time.Month(1+6*s(2)), 1, 12, 0, s(2), 0, zones[s(len(zones))])
}

func (s source) float() *big.Float {
	return new(big.Float).SetMode(big.RoundingMode(s(6))).SetPrec(uint(2 + s(3))).SetInt64(int64(s(12) - 6))
}

func (s source) addr() netip.Addr {
	return []netip.Addr{{}, netip.MustParseAddr("10.0.0.1"), netip.MustParseAddr("::ffff:10.0.0.1"), netip.MustParseAddr("fe80::1"), netip.MustParseAddr("fe80::1%]:80")}[s(5)]
}

func (s source) user() *url.Userinfo {
	return []*url.Userinfo{nil, url.User(s.string()), url.UserPassword(s.string(), s.string())}[s(3)]
}

// localTypes have names that others have, too.
var localTypes = []reflect.Type{
	reflect.TypeOf(localRow(0)), reflect.TypeOf(localRow(1)), reflect.TypeOf(localRow(2)), reflect.SliceOf(reflect.TypeOf(localRow(0))), reflect.SliceOf(reflect.TypeOf(localRow(1))),
	reflect.TypeFor[int](), reflect.TypeFor[named](),
}

func localRow(i int) any {
	switch i {
	case 0:
		type localRow struct{ A int }
		return localRow{}
	case 1:
		type localRow struct{ A int }
		return localRow{}
	}
	type localRow struct{ A int }
	return localRow{}
}

// canonical is another text of a value: long and with the type and length of
// everything in it, so that it needs no thought to see that it is unambiguous.
func canonical(v reflect.Value) string {
	switch {
	case !v.IsValid():
		return "nothing"
	case v.Kind() == reflect.Interface && v.IsNil(), v.Kind() == reflect.Pointer && v.IsNil():
		return "nil"
	case v.Kind() == reflect.Interface:
		return fmt.Sprintf("<%v %p %s>", v.Elem().Type(), v.Elem().Type(), canonical(v.Elem()))
	case v.Type() == reflect.TypeFor[*big.Int]():
		return "big " + v.Interface().(*big.Int).String()
	case v.Type() == keytext.TimeType:
		at := v.Interface().(time.Time)
		_, offset := at.Zone()
		return fmt.Sprintf("%d %d %p", at.UnixNano(), offset, at.Location())
	case v.Type() == keytext.TypeOfType || v.Type() == keytext.ReflectType:
		return fmt.Sprintf("type %p", v.Interface())
	case v.Type() == reflect.TypeFor[*big.Float]():
		return fmt.Sprintf("%#v", *v.Interface().(*big.Float))
	case v.Type() == reflect.TypeFor[big.Float]() || v.Type() == reflect.TypeFor[account]():
		return fmt.Sprintf("%#v", v.Interface())
	case v.Type() == reflect.TypeFor[netip.Addr]():
		return v.Interface().(netip.Addr).String()
	case v.Type() == reflect.TypeFor[netip.AddrPort]():
		p := v.Interface().(netip.AddrPort)
		return fmt.Sprintf("%v %d", p.Addr(), p.Port())
	case v.Type() == reflect.TypeFor[netip.Prefix]():
		p := v.Interface().(netip.Prefix)
		return fmt.Sprintf("%v %d", p.Addr(), p.Bits())
	case v.Type() == reflect.TypeFor[url.Userinfo]():
		user := v.Interface().(url.Userinfo)
		password, set := user.Password()
		return fmt.Sprintf("%q %q %v", user.Username(), password, set)
	}
	switch v.Kind() {
	case reflect.Pointer:
		return "to " + canonical(v.Elem())
	case reflect.String:
		return fmt.Sprintf("%d=%s", v.Len(), v.String())
	case reflect.Slice, reflect.Array:
		text := fmt.Sprintf("%d[", v.Len())
		for i := range v.Len() {
			text += canonical(v.Index(i)) + ";"
		}
		return text
	case reflect.Map:
		var entries []string
		for it := v.MapRange(); it.Next(); {
			entries = append(entries, canonical(it.Key())+" is "+canonical(it.Value()))
		}
		slices.Sort(entries)
		return fmt.Sprintf("%d{%q", len(entries), entries)
	case reflect.Struct:
		text := v.Type().String()
		for i := range v.NumField() {
			text += "." + canonical(v.Field(i))
		}
		return text
	case reflect.Float32, reflect.Float64:
		return strconv.FormatFloat(v.Float(), 'g', -1, 64)
	}
	return fmt.Sprint(v.Interface())
}

// signature makes a random function, and calls of it.
func (s source) signature() (types []reflect.Type, call func() []any) {
	var params []int
	for range 1 + s(4) {
		params = append(params, s(len(makers)))
	}
	for _, p := range params {
		types = append(types, makers[p].typ)
	}
	return types, func() []any {
		args := make([]any, len(params))
		for i, p := range params {
			args[i] = makers[p].make(s)
		}
		return args
	}
}

func canonicalCall(types []reflect.Type, args []any) string {
	text := ""
	for i := range args {
		v := reflect.ValueOf(&args[i]).Elem()
		if types[i].Kind() != reflect.Interface {
			v = v.Elem()
		}
		text += canonical(v) + "|"
	}
	return text
}

// TestSafeKeysAreInjective makes random functions and calls of adversarial
// arguments: two calls share a key exactly when they are the same.
func TestSafeKeysAreInjective(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	s := randomSource(seed)
	for range 300 {
		types, call := s.signature()
		requireInjective(t, planFor(t, SafeKeys, types...), types, call)
	}
}

// TestHashKeysAreInjective is TestSafeKeysAreInjective for the types that can be hashed.
func TestHashKeysAreInjective(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	s := randomSource(seed)
	for tried := 0; tried < 150; {
		types, call := s.signature()
		refused := func(typ reflect.Type) bool {
			_, err := rulesOf(HashKeys, false).CoercerFor(typ)
			return err != nil || typ == keytext.AnyType || typ == reflect.PointerTo(keytext.AnyType) // what is in it can be refused
		}
		if slices.ContainsFunc(types, refused) {
			continue
		}
		requireInjective(t, planFor(t, HashKeys, types...), types, call)
		tried++
	}
}

func requireInjective(t *testing.T, plan *keytext.Plan, types []reflect.Type, call func() []any) {
	t.Helper()
	calls := map[string]string{}
	for range 300 {
		args := call()
		key, what := keyOf(t, plan, args...), canonicalCall(types, args)
		if other, ok := calls[key]; ok && other != what {
			require.Failf(t, "two calls share a key", "types %v\nkey %q\n%s\n%s", types, key, what, other)
		}
		calls[key] = what
		require.Equal(t, key, keyOf(t, plan, args...), "the key of one call must not change")
	}
	whats := map[string]bool{}
	for _, what := range calls {
		require.False(t, whats[what], "one call has two keys: %s", what)
		whats[what] = true
	}
}

func FuzzSafeKeys(f *testing.F) {
	f.Add([]byte{2, 0, 0, 2, 3, 4, 1, 1}, []byte{1, 1, 2, 3, 4})
	f.Add([]byte{0, 2, 1, 2, 3, 4, 5, 6}, []byte{9, 9, 9})
	f.Fuzz(func(t *testing.T, a, b []byte) {
		s := bytesSource(a)
		types, call := s.signature()
		plan := planFor(t, SafeKeys, types...)
		first := call()
		var second []any
		for _, typ := range types {
			i := slices.IndexFunc(makers, func(m struct {
				typ  reflect.Type
				make func(s source) any
			}) bool {
				return m.typ == typ
			})
			second = append(second, makers[i].make(bytesSource(b)))
			b = b[min(len(b), 3):]
		}
		require.Equal(t, canonicalCall(types, first) == canonicalCall(types, second), keyOf(t, plan, first...) == keyOf(t, plan, second...),
			"types %v: %#v and %#v", types, first, second)
	})
}

// TestHitsAndTheLongWayMakeOneKey calls functions in every way that takes the short
// way on a hit, with arguments for which the long way made the entry.
func TestHitsAndTheLongWayMakeOneKey(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	s := randomSource(seed)
	for range 300 {
		types, call := s.signature()
		runs := 0
		fn := reflect.MakeFunc(reflect.FuncOf(types, []reflect.Type{reflect.TypeFor[int]()}, false), func([]reflect.Value) []reflect.Value {
			runs++
			return []reflect.Value{reflect.ValueOf(runs)}
		})
		r, err := New(fn.Interface(), Lru{MaxSize: Unbounded})
		require.NoError(t, err)
		typed := reflect.ValueOf(r.Func())
		seen := map[string]int{}
		for range 30 {
			args := call()
			what := canonicalCall(types, args)
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

func TestHugeAndDeepValues(t *testing.T) {
	plan := planFor(t, SafeKeys, reflect.TypeFor[[]int]())
	assert.Len(t, keyOf(t, plan, make([]int, 1_000_000)), len("p:[]")+2*1_000_000-1)

	list := &List{}
	for range 10_000 {
		list = &List{1, list}
	}
	assert.NotEmpty(t, keyOf(t, planFor(t, SafeKeys, reflect.TypeFor[*List]()), list))
	for range keytext.MaxDepth {
		list = &List{1, list}
	}
	_, err := planFor(t, SafeKeys, reflect.TypeFor[*List]()).Key([]any{list})
	assert.ErrorIs(t, err, ErrKey)

	// A value of few nodes whose text would not end in this life.
	type pair struct{ A, B any }
	var shared any
	for range 40 {
		shared = &pair{shared, shared}
	}
	_, err = anyPart(keytext.Rules{}, shared)
	assert.ErrorIs(t, err, ErrKey)
	assert.ErrorContains(t, err, "too long")
	shared = nil
	for range 40 {
		shared = pair{shared, []any{shared}}
	}
	_, err = anyPart(keytext.Rules{}, shared)
	assert.ErrorIs(t, err, ErrKey)
	type box struct{ V any }
	var boxes any
	for range 1_000_000 {
		boxes = box{boxes}
	}
	_, err = anyPart(keytext.Rules{}, boxes)
	assert.ErrorIs(t, err, ErrKey)

	// convert follows what it is given as well.
	type L []L
	loop := []any{nil}
	loop[0] = loop
	type M map[string]M
	round := map[string]any{}
	round["x"] = round
	type S struct{ M map[string]any }
	for _, call := range []func() error{
		func() error {
			_, err := Wrap(func(map[*S]int) int { return 0 }, Lru{}).Call(map[*S]any{{round}: "no"})
			return err
		},
		func() error { _, err := Wrap(func(L) int { return 0 }, Lru{}).Call(loop); return err },
		func() error { _, err := Wrap(func(M) int { return 0 }, Lru{}).Call(round); return err },
		func() error { return Wrap(func() {}, Lru{}).Set(loop) },
	} {
		err := call()
		assert.ErrorIs(t, err, ErrArguments)
		assert.Less(t, len(err.Error()), 5000)
	}
}

func TestCycles(t *testing.T) {
	ring := &List{Value: 1}
	ring.Next = &List{2, ring}
	slice := []any{1, nil}
	slice[1] = slice
	dict := map[string]any{}
	dict["self"] = dict
	type node struct{ Children []*node }
	tree := &node{}
	tree.Children = []*node{{}, tree}
	var pointer any
	pointer = &pointer
	type throughKey struct{ M map[any]int }
	key := &throughKey{}
	key.M = map[any]int{key: 1, "x": 2}
	type pointers *pointers
	var self pointers
	self = &self
	for _, v := range []any{ring, slice, dict, tree, pointer, map[any]int{self: 1, "x": 2}, self} {
		for _, style := range []KeyStyle{SafeKeys, PythonKeys} {
			_, err := anyPart(rulesOf(style, false), v)
			assert.ErrorIs(t, err, ErrKey)
			if style == SafeKeys { // Python cannot even sort the keys of some
				assert.ErrorContains(t, err, "contains itself")
			}
		}
	}
	_, err := anyPart(keytext.Rules{}, key)
	assert.ErrorIs(t, err, ErrKey)

	r := Wrap(func(l *List) int { return 0 }, Lru{})
	_, err = r.Call(ring)
	assert.ErrorIs(t, err, ErrKey)
	assert.Less(t, len(err.Error()), 300)
	_, err = r.Call(&List{1, &List{2, nil}})
	assert.NoError(t, err, "the pool must not keep what was seen")
}

func TestKeyEncoding(t *testing.T) {
	wrap := func(encoding string) *Rope {
		return Wrap(func(s string) int { return 0 }, Lru{KeyPrefix: "p", Options: Options{KeyEncoding: encoding}})
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
		assert.ErrorIs(t, err, ErrKey)
	}
	_, err := New(func(s string) {}, Lru{Options: Options{KeyEncoding: "utf-16"}})
	assert.ErrorContains(t, err, `the key encoding "utf-16" is not known`)
}

func TestKeyRefactorAndPrefix(t *testing.T) {
	upper := Options{KeyRefactor: strings.ToUpper}
	f := func(s string) int { return 0 }
	for _, tt := range []struct {
		factory Factory
		want    string
	}{
		{Lru{}, ":x"}, {Lru{KeyPrefix: "{p}"}, "{p}:x"}, {Lru{KeyPrefix: NoPrefix}, ":x"},
		{Dict{KeyPrefix: "p", Options: upper}, "P:X"}, {Dict{KeyPrefix: NoPrefix}, ":x"},
		{Lru{KeyPrefix: "p", Options: Options{KeyRefactor: MemcacheKey}}, "p:x"},
		{Lru{KeyPrefix: "p q", Options: Options{KeyRefactor: MemcacheKey}}, "ring-sha1:76eb16a2b1b4a8a1a0c2d8b0bfd47dd1eb2b3d1e"},
	} {
		key, err := Wrap(f, tt.factory).Key("x")
		require.NoError(t, err)
		if strings.HasPrefix(tt.want, "ring-sha1") {
			assert.Len(t, key, len(tt.want))
			continue
		}
		assert.Equal(t, tt.want, key)
	}
	key, err := Wrap(strconv.Itoa, Dict{}).Key(1)
	require.NoError(t, err)
	assert.Equal(t, "strconv.Itoa:1", key)
	key, err = Wrap(strconv.Itoa, Lru{}, Name("number.text")).Key(1)
	require.NoError(t, err)
	assert.Equal(t, "number.text:1", key)
}

func TestIgnorableKeys(t *testing.T) {
	query := func(conn chan int, sql string, args []any, opts map[string]string) string { return sql }
	ignore := func(names ...string) Lru { return Lru{Options: Options{IgnorableKeys: names}} }
	sig := Signature("conn, sql, *args, **opts")
	r := Wrap(query, ignore("conn", "*args", "**opts"), sig)
	key, err := r.Key(make(chan int), "select", 1, 2, Kwargs{"x": "y"})
	require.NoError(t, err)
	assert.Equal(t, ":select", key)
	_, err = r.Key(make(chan int))
	assert.ErrorIs(t, err, ErrArguments, "what is ignored must still be given")
	_, err = r.Call("no channel", "select")
	assert.ErrorIs(t, err, ErrArguments)

	for _, tt := range []struct {
		factory Lru
		opts    []FuncOption
		want    string
	}{
		{ignore("conn", "args"), []FuncOption{sig}, `the ignorable key "args" is not a parameter; they are "conn", "sql", "*args", "**opts"`},
		{ignore("conn", "conn"), []FuncOption{sig}, `the ignorable key "conn" is named twice`},
		{ignore("conn"), nil, "the parameters have no names; give them with ring.Signature"},
		{ignore("sql"), []FuncOption{sig}, `parameter 1, "conn" (chan int): no key: a chan has no text`},
	} {
		_, err := New(query, tt.factory, tt.opts...)
		assert.ErrorContains(t, err, tt.want)
	}
}

func TestKeyStyleNames(t *testing.T) {
	assert.Equal(t, "SafeKeys PythonKeys HashKeys KeyStyle(7)", fmt.Sprint(SafeKeys, " ", PythonKeys, " ", HashKeys, " ", KeyStyle(7)))
	_, err := New(strconv.Itoa, Lru{Options: Options{KeyStyle: 3}})
	assert.ErrorContains(t, err, "the key style is not")
}

// TestNilType: a reflect.Type that is nil has a key as any nil has.
func TestNilType(t *testing.T) {
	for _, style := range []KeyStyle{SafeKeys, PythonKeys, HashKeys} {
		runs := 0
		r := Wrap(func(t reflect.Type, n int) int { runs++; return n }, Lru{KeyPrefix: "f", Options: Options{KeyStyle: style}})
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

// TestArgsOfANamedType: *args is a tuple of what is in it, whatever its type says.
func TestArgsOfANamedType(t *testing.T) {
	f := func(n int, rest tally) int { return n }
	key, err := Wrap(f, Lru{KeyPrefix: "f"}, Signature("n, *rest")).Key(1, 2, 3)
	require.NoError(t, err)
	assert.Equal(t, "f:1:(2,3)", key)
	key, err = Wrap(f, Lru{KeyPrefix: "f"}, Signature("n, rest")).Key(1, tally{2, 3})
	require.NoError(t, err)
	assert.Equal(t, "f:1:tally", key)
}

// TestRoomOfLargeMaps: the room for a large map is not kept, even if its elements take
// none.
func TestRoomOfLargeMaps(t *testing.T) {
	co, err := rulesOf(PythonKeys, false).CoercerFor(reflect.TypeFor[int]())
	require.NoError(t, err)
	str, err := rulesOf(PythonKeys, false).CoercerFor(keytext.StringType)
	require.NoError(t, err)
	large := make(map[int]string)
	for i := range 10_000 {
		large[i] = ""
	}
	s := keytext.NewMapSorter(reflect.TypeOf(large), co, str)
	require.NoError(t, s.Write(&keytext.Text{}, reflect.ValueOf(large), co.Item, str.Item, func() {}, ","))
	assert.LessOrEqual(t, cap(s.Rooms.Get().(*keytext.MapRoom).Pairs), 2<<10)
}
