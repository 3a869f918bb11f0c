package samples

import (
	"fmt"
	"math"
	"math/big"
	"net/netip"
	"net/url"
	"reflect"
	"time"

	"github.com/ring-go/ring/internal/pyvalue"
)

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

// maker makes values of a type.
type maker struct {
	typ  reflect.Type
	make func(s Source) any
}

// makers make the values of the types that are tested.
var makers = []maker{
	{reflect.TypeFor[string](), func(s Source) any { return s.string() }},
	{reflect.TypeFor[string](), func(s Source) any { return s.string() }},
	{reflect.TypeFor[any](), func(s Source) any { return s.any(0) }},
	{reflect.TypeFor[int](), func(s Source) any { return s(4) - 1 }},
	{reflect.TypeFor[float64](), func(s Source) any {
		return []float64{0, math.Copysign(0, -1), 1, 1.5, math.NaN(), 1e16, math.Inf(1)}[s(7)]
	}},
	{reflect.TypeFor[bool](), func(s Source) any { return s(2) == 0 }},
	{reflect.TypeFor[[]byte](), func(s Source) any { return []byte(s.string()) }},
	{reflect.TypeFor[[]string](), func(s Source) any { return s.strings() }},
	{reflect.TypeFor[[]any](), func(s Source) any { return s.list(0) }},
	{reflect.TypeFor[pyvalue.Tuple](), func(s Source) any { return pyvalue.Tuple(s.list(0)) }},
	{reflect.TypeFor[[2]string](), func(s Source) any { return [2]string{s.string(), s.string()} }},
	{reflect.TypeFor[map[string]string](), func(s Source) any {
		m := map[string]string{}
		for range s(3) {
			m[s.string()] = s.string()
		}
		return m
	}},
	{reflect.TypeFor[map[string]any](), func(s Source) any { return s.dict(0) }},
	{reflect.TypeFor[map[any]any](), func(s Source) any { return map[any]any{s.member(): s.any(1), s.member(): 1} }},
	{reflect.TypeFor[map[string]struct{}](), func(s Source) any {
		return map[string]struct{}{s.string(): {}, s.string(): {}}
	}},
	{reflect.TypeFor[map[any]struct{}](), func(s Source) any { return map[any]struct{}{s.member(): {}, s.member(): {}} }},
	{reflect.TypeFor[*string](), func(s Source) any { return s.pointer() }},
	{reflect.TypeFor[**string](), func(s Source) any {
		if s(4) == 0 {
			return (**string)(nil)
		}
		p := s.pointer()
		return &p
	}},
	{reflect.TypeFor[*any](), func(s Source) any {
		v := s.any(1)
		return &v
	}},
	{reflect.TypeFor[keyStruct](), func(s Source) any { return keyStruct{s.string(), s.any(1), s.strings(), s.pointer()} }},
	{reflect.TypeFor[[]keyStruct](), func(s Source) any { return []keyStruct{{s.string(), s.any(1), s.strings(), s.pointer()}} }},
	{reflect.TypeFor[wordKey](), func(s Source) any { return wordKey(s.string()) }},
	{reflect.TypeFor[[]wordKey](), func(s Source) any { return []wordKey{wordKey(s.string()), wordKey(s.string())} }},
	{reflect.TypeFor[time.Time](), func(s Source) any { return time.Unix(int64(s(3)), int64(s(2))*1e6).UTC() }},
	{reflect.TypeFor[*big.Int](), func(s Source) any { return big.NewInt(int64(s(3))) }},
	{reflect.TypeFor[twoAny](), func(s Source) any { return twoAny{s.any(1), s.any(1)} }},
	{reflect.TypeFor[[]map[wordKey]wordKey](), func(s Source) any {
		return []map[wordKey]wordKey{{wordKey(s.string()): wordKey(s.string())}}
	}},
	{reflect.TypeFor[map[*int]string](), func(s Source) any {
		a, b := s(2), s(2)
		return map[*int]string{&a: s.string(), &b: s.string()}
	}},
	{reflect.TypeFor[map[float64]string](), func(s Source) any {
		return map[float64]string{math.NaN(): s.string(), math.Float64frombits(0x7ff8000000000002): s.string(), 1: ""}
	}},
	{reflect.TypeFor[map[any]any](), func(s Source) any { return map[any]any{math.NaN(): s.any(1), s.member(): s.any(1)} }},
	{reflect.TypeFor[time.Time](), func(s Source) any { return s.time() }},
	{reflect.TypeFor[[]time.Time](), func(s Source) any { return []time.Time{s.time(), s.time()}[:s(3)] }},
	{reflect.TypeFor[timeAndName](), func(s Source) any { return timeAndName{s.time(), s.string()} }},
	{reflect.TypeFor[map[time.Time]string](), func(s Source) any { return map[time.Time]string{s.time(): s.string(), s.time(): s.string()} }},
	{reflect.TypeFor[*big.Float](), func(s Source) any { return s.float() }},
	{reflect.TypeFor[big.Float](), func(s Source) any { return *s.float() }},
	{reflect.TypeFor[netip.AddrPort](), func(s Source) any { return netip.AddrPortFrom(s.addr(), uint16(s(2))) }},
	{reflect.TypeFor[netip.Prefix](), func(s Source) any { return netip.PrefixFrom(s.addr(), s(3)*100) }},
	{reflect.TypeFor[*url.Userinfo](), func(s Source) any { return s.user() }},
	{reflect.TypeFor[url.URL](), func(s Source) any { return url.URL{Host: s.string(), Path: s.string(), User: s.user()} }},
	{reflect.TypeFor[money](), func(s Source) any { return money{s(2), s.string()} }},
	{reflect.TypeFor[account](), func(s Source) any { return account{s(3)} }},
	{reflect.TypeFor[readable](), func(s Source) any { return readable{byte(s(2)), byte(s(2))} }},
	{reflect.TypeFor[reflect.Type](), func(s Source) any { return localTypes[s(len(localTypes))] }},
	{reflect.TypeFor[typed](), func(s Source) any { return typed{reflect.TypeFor[int](), s.string()} }},
	{reflect.TypeFor[map[string][]string](), func(s Source) any { return map[string][]string{s.string(): s.strings()} }},
	{reflect.TypeFor[named](), func(s Source) any { return named(s.string()) }},
	{reflect.TypeFor[flatStruct](), func(s Source) any {
		return flatStruct{s.string(), named(s.string()), int8(s(3) - 1), uint16(s(2)), s(2) == 0, float32(s(3)) / 2}
	}},
	{reflect.TypeFor[map[int]string](), func(s Source) any { return map[int]string{s(3) - 1: s.string(), s(3) - 1: s.string()} }},
	{reflect.TypeFor[map[uint64]bool](), func(s Source) any {
		return map[uint64]bool{uint64(s(3)) - 1: s(2) == 0, uint64(s(3)) - 1: s(2) == 0}
	}},
	{reflect.TypeFor[[]int8](), func(s Source) any { return []int8{int8(s(3)) - 1, int8(s(3)) - 1}[:s(3)] }},
	{reflect.TypeFor[map[string]flatStruct](), func(s Source) any {
		return map[string]flatStruct{s.string(): {A: s.string()}, s.string(): {A: s.string()}}
	}},
}

type named string

// flatStruct has only scalars, and padding between them.
type flatStruct struct {
	A string
	B named
	C int8
	D uint16
	E bool
	F float32
}

// money has no hidden state, and its text is for people.
type money struct {
	Cents    int
	Currency string
}

// account has hidden state, and a text that can be read back.
type account struct{ number int }

// readable is an array with a text that can be read back.
type readable [2]byte

type timeAndName struct {
	time.Time
	Name string
}

func (m money) String() string { return fmt.Sprint(m.Cents) }

func (m money) MarshalText() ([]byte, error) { return fmt.Append(nil, m.Cents), nil }

func (m *money) UnmarshalText(text []byte) error {
	_, err := fmt.Sscan(string(text), &m.Cents)
	return err
}

func (a account) MarshalText() ([]byte, error) { return fmt.Append(nil, "no. ", a.number), nil }

func (a *account) UnmarshalText(b []byte) error {
	_, err := fmt.Sscanf(string(b), "no. %d", &a.number)
	return err
}

func (r readable) MarshalText() ([]byte, error) { return fmt.Appendf(nil, "%x", r[:]), nil }

func (r *readable) UnmarshalText(b []byte) error {
	_, err := fmt.Sscanf(string(b), "%x", r)
	return err
}
