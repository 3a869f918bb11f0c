package samples

import (
	"math/big"
	"net/netip"
	"net/url"
	"reflect"
	"slices"
	"time"
)

// Values holds some values of each type that a parameter can have.
var Values = func() map[reflect.Type][]any {
	text, word, n, none := "a:b", "None", 7, (*string)(nil)
	groups := [][]any{
		{"", "a", "a:b", `a\`, `\:`, "None", "1", "x y", "é"},
		{0, 1, -42},
		{true, false},
		{1.5, 1e300},
		{[]byte("a:b"), []byte{}},
		{time.Unix(0, 5).UTC(), time.Unix(1e9, 0), time.Unix(1e9, 0).In(time.FixedZone("a:b]", -30)), time.Unix(1e9, 0).In(time.FixedZone("CET", 3600)), time.Unix(1e9, 0).In(time.FixedZone("A/B", 0))},
		{time.Second},
		{[]string{}, []string{"a b", "c:d"}},
		{[]int{1, 2}, []int(nil)},
		{map[string]int{"a": 1, "b:": 2}, map[string]int{"a,b": 1}, map[string]int{`a\`: 0}},
		{[]map[int]int{{1: 0}}, []map[int]int{}},
		{map[int]map[int]int{1: {2: 3}}},
		{nest{inner{1}, map[int]int{1: 0}, `\`}, nest{Text: "a,b"}},
		{[][]byte{[]byte("a b")}},
		{map[string]struct{}{"a": {}, "b'": {}}},
		{point{1, "a:b"}, point{}, point{2, "a,b"}},
		{&text, none, &word},
		{&n},
		{[2]bool{true, false}},
		{1 + 2i, complex(0, 1)},
		{[]any{1, "a"}, []any{"a b", int8(1)}},
		{big.NewFloat(0.1), new(big.Float).SetPrec(7).SetMode(big.ToZero).SetInt64(999), (*big.Float)(nil)},
		{money{1, "a:b"}, money{}, money{2, "a,b"}},
		{netip.AddrPortFrom(netip.Addr{}, 80), netip.MustParseAddrPort("[::1]:80")},
		{&url.URL{Host: "x", User: url.UserPassword("a:", "b")}, &url.URL{Path: "a,b"}},
	}
	anyType := reflect.TypeFor[any]()
	values := map[reflect.Type][]any{}
	for _, g := range groups {
		values[reflect.TypeOf(g[0])] = g
		values[anyType] = append(values[anyType], g...)
	}
	values[anyType] = append(values[anyType], nil, int8(3), []any{1, "a"})
	return values
}()

type point struct {
	X    int
	Name string
}

type inner struct{ X int }

type nest struct {
	Inner inner
	Map   map[int]int
	Text  string
}

// Calls returns all calls of a function with such parameters and with these values of
// each type.
func Calls(sig []reflect.Type, worlds map[reflect.Type][]any) [][]any {
	calls := [][]any{nil}
	for _, typ := range sig {
		var longer [][]any
		for _, call := range calls {
			for _, v := range worlds[typ] {
				longer = append(longer, append(slices.Clone(call), v))
			}
		}
		calls = longer
	}
	return calls
}
