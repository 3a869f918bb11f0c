package keytext

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"math/big"
	"net"
	"net/mail"
	"net/netip"
	"net/url"
	"reflect"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ring-go/ring/internal/fault"
)

type (
	// redacted is the usual idiom for a password: its String hides it.
	redacted struct{ text string }

	// money has no hidden state, and its text is for people.
	money struct {
		Cents    int
		Currency string
	}

	// account has hidden state, and a text that can be read back.
	account struct{ number int }

	// oneWay has hidden state, and a text that cannot be read back.
	oneWay struct{ number int }

	// readable is an array with a text that can be read back; uuid in rules_test.go has
	// no such text.
	readable [2]byte

	embedsAccount struct {
		account
		Name string
	}
	// promotes has only one field, whose text does not contain Name.
	promotes   struct{ embedsAccount }
	promotesTo struct{ *embedsAccount }

	aliasRegexp = regexp.Regexp
	aliasTime   = time.Time
	aliasFloat  = big.Float
	hidesRegexp struct{ *aliasRegexp }
	hidesTime   struct{ aliasTime }
	hidesFloat  struct{ *aliasFloat }
	ReadsText   = interface{ MarshalText() ([]byte, error) }
	hidesAny    struct{ bothTexts }
	namedTime   struct{ time.Time }
	timeAndName struct {
		time.Time
		Name string
	}
	timeAndHidden struct {
		time.Time
		where *int
	}
	promotesHash struct{ promoted }
	callback     func()
)

type bothTexts = interface {
	ReadsText
	UnmarshalText([]byte) error
}

func (redacted) String() string              { return "*****" }
func (m money) String() string               { return fmt.Sprint(m.Cents) }
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
func (o oneWay) MarshalText() ([]byte, error)   { return fmt.Append(nil, o.number%10), nil }
func (r readable) MarshalText() ([]byte, error) { return fmt.Appendf(nil, "%x", r[:]), nil }
func (r *readable) UnmarshalText(b []byte) error {
	_, err := fmt.Sscanf(string(b), "%x", r)
	return err
}
func (callback) String() string { return "callback" }

// refusal returns the error for a function with a parameter of type T.
func refusal[T any](style Rules) error {
	_, err := NewPlan(paramsOf(reflect.TypeFor[T]()), inMemory(style), "")
	return err
}

// TestTextForPeopleIsNoKey: a text for people does not tell two values apart, in any
// place.
func TestTextForPeopleIsNoKey(t *testing.T) {
	for _, style := range []Rules{safeKeys, hashKeys} {
		for what, err := range map[string]error{
			"parameter": refusal[redacted](style), "pointer": refusal[*redacted](style), "element": refusal[[]redacted](style),
			"array": refusal[[2]redacted](style), "key": refusal[map[redacted]int](style), "value": refusal[map[string]redacted](style),
			"member": refusal[map[redacted]struct{}](style), "field": refusal[struct{ P redacted }](style),
			"embedded": refusal[struct{ redacted }](style), "a text that is not read back": refusal[oneWay](style),
			"a pointer to it": refusal[*oneWay](style), "a builder": refusal[*strings.Builder](style),
			"a function": refusal[callback](style), "a reader": refusal[*bytes.Reader](style),
			"state that changes": refusal[*atomic.Int64](style), "a lock": refusal[*sync.Mutex](style),
		} {
			assert.ErrorIs(t, err, fault.ErrKey, "%s, %v", what, style)
		}
		_, err := anyPart(inMemory(style), redacted{"x"})
		assert.ErrorIs(t, err, fault.ErrKey)
		assert.ErrorContains(t, err, "keytext.redacted")
	}
	err := refusal[redacted](safeKeys)
	for _, want := range []string{"field text (string): is not exported", "RingKey() string", "Options.IgnorableKeys", "that text in place of the value", "String is made for people"} {
		assert.ErrorContains(t, err, want)
	}
	assert.ErrorContains(t, refusal[oneWay](safeKeys), "no UnmarshalText")
	for _, want := range []string{"field text (string): is not exported", "RingKey() string", "Options.IgnorableKeys", "pass the text itself"} {
		assert.ErrorContains(t, refusal[redacted](hashKeys), want)
	}
	assert.ErrorContains(t, refusal[[]regexp.Regexp](hashKeys), "pass the expression itself")

	// It is Python's __str__, so PythonKeys accept it.
	assert.Equal(t, "*****", part(t, pythonKeys, redacted{"x"}))
	assert.Equal(t, "callback", part(t, pythonKeys, callback(nil)))
	assert.ErrorIs(t, refusal[oneWay](pythonKeys), fault.ErrKey)
}

// TestFieldsThatAreAllVisible: they tell everything, even if there are text methods.
func TestFieldsThatAreAllVisible(t *testing.T) {
	assert.Equal(t, "moneyCents,5,Currency,EUR", part(t, safeKeys, money{5, "EUR"}))
	assert.Equal(t, "moneyCents,5,Currency,EUR", part(t, pythonKeys, money{5, "EUR"}))
	for _, style := range styles {
		allDiffer(t, style, money{5, "EUR"}, money{5, "USD"})
	}
	at := time.Unix(0, 0).UTC()
	assert.Equal(t, "namedTimeTime,1970-01-01T00:00:00Z", part(t, safeKeys, namedTime{at}))
	assert.Equal(t, "timeAndNameName,n,Time,1970-01-01T00:00:00Z", part(t, safeKeys, timeAndName{at, "n"}))
	assert.Equal(t, "[0,1]", part(t, safeKeys, [2]mark{0, 1}), "an array of numbers that have a text")

	link, err := url.Parse("https://ann:pa:ss@example.com/a?b#c")
	require.NoError(t, err)
	assert.Contains(t, part(t, safeKeys, link), "User,ann:pa%3Ass")
}

type mark int

func (m mark) MarshalText() ([]byte, error) { return []byte("mark"), nil }

// TestTextsThatAreReadBack: they count for hidden state and for arrays.
func TestTextsThatAreReadBack(t *testing.T) {
	assert.Equal(t, "no. 5", part(t, safeKeys, account{5}))
	assert.Equal(t, "no. 5", part(t, safeKeys, &account{5}))
	assert.Equal(t, "no. 5", part(t, hashKeys, account{5}))
	assert.Equal(t, "no. 5", part(t, safeKeys, struct{ account }{account{5}}))
	assert.Equal(t, "0102", part(t, safeKeys, readable{1, 2}))
	assert.Equal(t, "0102,1", part(t, safeKeys, map[readable]int{{1, 2}: 1}))
	assert.Equal(t, "[1,2]", part(t, safeKeys, [2]byte{1, 2}))
	level := &slog.LevelVar{}
	level.Set(slog.LevelWarn)
	assert.Equal(t, "WARN", part(t, safeKeys, level))
	assert.Equal(t, "4", part(t, safeKeys, slog.LevelWarn))

	// A method of an embedded field does not know the other fields.
	for _, err := range []error{
		refusal[embedsAccount](safeKeys), refusal[promotes](safeKeys), refusal[promotesTo](safeKeys), refusal[timeAndHidden](safeKeys),
		refusal[hidesRegexp](safeKeys), refusal[hidesTime](safeKeys), refusal[hidesFloat](safeKeys), refusal[hidesAny](safeKeys),
	} {
		assert.ErrorIs(t, err, fault.ErrKey)
		assert.ErrorContains(t, err, "is not exported")
	}
	_ = timeAndHidden{}.where
	a, b := promotesHash{promoted{Acct{1}, 1}}, promotesHash{promoted{Acct{1}, 2}}
	assert.NotEqual(t, part(t, safeKeys, a), part(t, safeKeys, b))
}

// TestTextsOfTheStandardLibrary: types whose text is not the whole value are refused
// everywhere.
func TestTextsOfTheStandardLibrary(t *testing.T) {
	type holder[T any] struct{ V T }
	for _, style := range styles {
		for _, errs := range [][]error{
			everywhere[*regexp.Regexp](style), everywhere[regexp.Regexp](style), everywhere[*time.Location](style), everywhere[reflect.Value](style),
			everywhere[slog.Value](style), everywhere[slog.Attr](style), everywhere[*slog.Record](style), everywhere[*bytes.Buffer](style), everywhere[bytes.Buffer](style),
			everywhere[struct{ *regexp.Regexp }](style), everywhere[holder[**time.Location]](style),
		} {
			for _, err := range errs {
				assert.ErrorIs(t, err, fault.ErrKey, style)
			}
		}
		for _, v := range []any{
			regexp.MustCompile("a"), time.UTC, reflect.ValueOf(1), slog.IntValue(1), slog.Int("a", 1), &bytes.Buffer{},
			[]any{regexp.MustCompile("a")}, map[string]any{"a": time.UTC}, struct{ V any }{slog.IntValue(1)},
		} {
			_, err := anyPart(inMemory(style), v)
			assert.ErrorIs(t, err, fault.ErrKey, "%T, %v", v, style)
		}
	}
	for want, err := range map[string]error{
		"pass the expression itself": refusal[*regexp.Regexp](safeKeys), "pass its name": refusal[struct{ L *time.Location }](safeKeys),
		"pass what it holds": refusal[reflect.Value](safeKeys), "field Value (slog.Value)": refusal[slog.Attr](safeKeys), "pass its bytes": refusal[[]*bytes.Buffer](pythonKeys),
	} {
		assert.ErrorContains(t, err, want)
		for _, offer := range []string{"RingKey", "Options.IgnorableKeys"} {
			assert.ErrorContains(t, err, offer)
		}
	}
}

// everywhere returns the refusals of a type as a parameter and within other types.
func everywhere[T any](style Rules) []error {
	type field struct{ V T }
	return []error{
		refusal[T](style), refusal[*T](style), refusal[[]T](style), refusal[[2]T](style), refusal[map[string]T](style),
		refusal[map[any]*T](style), refusal[map[*T]int](style), refusal[field](style), refusal[struct{ F field }](style),
	}
}

// TestValuesOfTheStandardLibrary: different values have different keys.
func TestValuesOfTheStandardLibrary(t *testing.T) {
	third := func(prec uint, mode big.RoundingMode) *big.Float {
		return new(big.Float).SetPrec(prec).SetMode(mode).Quo(big.NewFloat(1), big.NewFloat(3))
	}
	rounded := new(big.Float).SetPrec(2).SetInt64(9)
	exact := new(big.Float).SetPrec(2).SetInt64(8)
	require.Equal(t, 0, rounded.Cmp(exact))
	for _, style := range styles {
		allDiffer(t, style, big.NewFloat(1), new(big.Float).SetPrec(200).SetInt64(1), third(53, big.ToNearestEven), third(24, big.ToNearestEven),
			new(big.Float).SetMode(big.ToZero).SetFloat64(1), new(big.Float).SetMode(big.AwayFromZero).SetFloat64(1),
			new(big.Float), new(big.Float).Neg(new(big.Float)), big.NewFloat(0), new(big.Float).SetInf(true), new(big.Float).SetInf(false),
			rounded, exact, (*big.Float)(nil))
	}
	assert.Equal(t, "1@53", part(t, safeKeys, big.NewFloat(1)))
	assert.Equal(t, "1@53", part(t, safeKeys, *big.NewFloat(1)))
	assert.Equal(t, "1@24@ToZero", part(t, safeKeys, new(big.Float).SetPrec(24).SetMode(big.ToZero).SetInt64(1)))
	assert.Equal(t, "8@2@Below", part(t, safeKeys, rounded))

	addr, zoned := netip.MustParseAddr("fe80::1"), netip.MustParseAddr("fe80::1%eth0")
	allDiffer(t, safeKeys, addr, zoned, netip.Addr{}, netip.MustParseAddr("::ffff:10.0.0.1"), netip.MustParseAddr("10.0.0.1"))
	allDiffer(t, safeKeys, netip.AddrPortFrom(addr, 80), netip.AddrPortFrom(zoned, 80), netip.AddrPort{}, netip.AddrPortFrom(netip.Addr{}, 80), netip.AddrPortFrom(netip.Addr{}, 81))
	allDiffer(t, safeKeys, netip.PrefixFrom(addr, 64), netip.PrefixFrom(addr, 65), netip.Prefix{}, netip.PrefixFrom(addr, 300), netip.PrefixFrom(zoned.Next().WithZone(""), 300))

	user := func(info *url.Userinfo) url.URL { return url.URL{Host: "x", User: info} }
	allDiffer(t, safeKeys, user(nil), user(url.User("a")), user(url.UserPassword("a", "")), user(url.UserPassword("a", "b")), user(url.User("a:b")),
		user(url.UserPassword("a:", "b")), user(url.User("")), user(url.UserPassword("", "")), user(url.User("\xff")), user(url.User("%ff")), user(url.User("None")))
	allDiffer(t, safeKeys, big.NewRat(1, 3), big.NewRat(-1, 3), big.NewRat(3, 1))
	allDiffer(t, safeKeys, net.IP{1, 2, 3, 4}, net.IP{1, 2, 3, 4}.To16(), net.IP(nil))
	allDiffer(t, safeKeys, net.IPNet{IP: net.IP{1, 2, 3, 4}, Mask: net.CIDRMask(8, 32)}, net.IPNet{IP: net.IP{1, 2, 3, 4}, Mask: net.CIDRMask(9, 32)})
	allDiffer(t, safeKeys, mail.Address{Name: "a", Address: "b"}, mail.Address{Address: "b"})
}

// allDiffer checks that values of one type have different keys, as parameters of that
// type and of type any.
func allDiffer[T any](t *testing.T, style Rules, values ...T) {
	t.Helper()
	typed, dynamic := map[string]int{}, map[string]int{}
	for i, v := range values {
		text := part(t, style, v)
		if other, ok := typed[text]; ok {
			assert.Failf(t, "one key", "%v: values %d and %d of %T are %q", style, other, i, v, text)
		}
		typed[text] = i
		text, err := anyPart(style, v)
		require.NoError(t, err)
		if other, ok := dynamic[text]; ok {
			assert.Failf(t, "one key", "%v: values %d and %d of %T in an any are %q", style, other, i, v, text)
		}
		dynamic[text] = i
	}
}

// mute has a text that could be read back, but cannot be made.
type mute struct{ reason string }

func (m mute) MarshalText() ([]byte, error)   { return nil, errors.New(m.reason) }
func (*mute) UnmarshalText(text []byte) error { return errors.New("not today") }

func TestTextThatFails(t *testing.T) {
	for _, style := range styles {
		_, err := planFor(t, style, reflect.TypeFor[mute]()).Key([]any{mute{"no text today"}})
		assert.ErrorIs(t, err, fault.ErrKey)
		assert.ErrorContains(t, err, "no text today")
	}
}
