package pickle_test

import (
	"encoding/hex"
	"errors"
	"math/big"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ring-go/ring/pickle"
)

func TestPaddedLongs(t *testing.T) {
	const n = 200000
	padded := "\x8b" + le32(n) + "\x07" + strings.Repeat("\x00", n-1)
	shared := []byte("\x80\x04](" + padded + "\x94" + strings.Repeat("h\x00", n) + "e.")
	for _, target := range []any{new([]int), new([]uint), new([]*big.Int), new([]big.Int), new([]float64), new(any)} {
		bounded(t, 100<<20, func() { require.NoError(t, pickle.Unmarshal(shared, target)) })
	}
	uuids := "\x80\x04cuuid\nUUID\n\x94}\x8c\x03int" + padded + "s\x9400](" + strings.Repeat("h\x00)\x81h\x01b", n/6) + "e."
	bounded(t, 100<<20, func() { require.NoError(t, pickle.Unmarshal([]byte(uuids), new(any))) })

	for data, want := range map[string]int{
		"\x8a\x0a\xfe" + strings.Repeat("\xff", 9) + ".": -2,
		"\x8a\x0a\x80" + strings.Repeat("\x00", 9) + ".": 128,
		"\x8a\x0a" + strings.Repeat("\x00", 10) + ".":    0,
	} {
		var v any
		require.NoError(t, pickle.Unmarshal([]byte("\x80\x04"+data), &v))
		assert.Equal(t, want, v)
	}
}

// TestCopiesAreApart: a value that is one object in Python, and stored by value in the
// Go type, becomes separate values.
func TestCopiesAreApart(t *testing.T) {
	pairs := ""
	for i := range 9 {
		pairs += "K" + string(rune(i)) + "K\x00"
	}
	dict := "}\x94(" + pairs + "u"
	var list []pickle.Dict
	require.NoError(t, pickle.Unmarshal([]byte("\x80\x04]\x94("+dict+"h\x01h\x01e."), &list))
	assert.Equal(t, list[0], list[1])
	list[0].Set("new", 1)
	list[0].Delete(3)
	list[2].Set(3, "three")
	_, found := list[1].Get("new")
	assert.False(t, found)
	v, _ := list[1].Get(3)
	assert.Equal(t, 0, v)
	assert.Equal(t, []int{9, 9, 9}, []int{list[0].Len(), list[1].Len(), list[2].Len()})

	type holder struct{ D pickle.OrderedDict }
	var holders []holder
	ordered := "}\x94\x8c\x01Dccollections\nOrderedDict\n)R(" + pairs + "us"
	require.NoError(t, pickle.Unmarshal([]byte("\x80\x04]\x94("+ordered+"h\x01e."), &holders))
	holders[0].D.Set("new", 1)
	_, found = holders[1].D.Get("new")
	assert.False(t, found)

	var sets []pickle.Set
	require.NoError(t, pickle.Unmarshal([]byte("\x80\x04](\x8f\x94(K\x01K\x02K\x03K\x04K\x05K\x06K\x07K\x08K\x09\x90h\x00e."), &sets))
	sets[0].Add("x")
	assert.Equal(t, []bool{true, false}, []bool{sets[0].Has("x"), sets[1].Has("x")})
}

func TestCyclicString(t *testing.T) {
	ordered := pickle.NewOrderedDict()
	m := map[string]any{"b": 1, "a": ordered}
	ordered.Set("m", m)
	assert.Contains(t, ordered.String(), `OrderedDict({"m": {"a": OrderedDict({"m": `)
	assert.Contains(t, ordered.String(), "...")
	ordered.Set("m", nil)
	for _, v := range []any{map[int]any{1: ordered}, []*pickle.OrderedDict{ordered}, struct{ V any }{ordered}, &struct{ V any }{ordered}} {
		ordered.Set("m", v)
		assert.NotContains(t, ordered.String(), "...")
	}
}

type tupleBase struct {
	_ struct{} `pickle:",tuple"`
	A int
}

func TestTupleTagIsOwn(t *testing.T) {
	type outer struct {
		tupleBase
		B int
	}
	type second struct {
		_ [0]func()
		_ struct{} `pickle:",tuple"`
		A int
	}
	type own struct {
		tupleBase
		_ struct{} `pickle:",tuple"`
		B int
	}
	for want, v := range map[string]any{
		`{"A": 1, "B": 2}`: outer{tupleBase{A: 1}, 2},
		`(1,)`:             second{A: 1},
		`(1, 2)`:           own{tupleBase: tupleBase{A: 1}, B: 2},
	} {
		data, err := pickle.Marshal(v, 0)
		require.NoError(t, err)
		var natural any
		require.NoError(t, pickle.Unmarshal(data, &natural))
		assert.Contains(t, pickle.NewDict(pickle.Pair{Key: 1, Value: natural}).String(), want)
	}
}

// TestDepthCountsAlike: a value that Marshal writes is not too deep for Unmarshal.
func TestDepthCountsAlike(t *testing.T) {
	type list struct{ Next *list }
	type branch struct{ Sub []branch }
	type row struct {
		_    struct{} `pickle:",tuple"`
		Next *row
	}
	type cell [1]*cell
	var l *list
	var b branch
	var r *row
	var c cell
	for range 4900 {
		l, b, r, c = &list{l}, branch{[]branch{b}}, &row{Next: r}, cell{&cell{c[0]}}
	}
	for _, v := range []any{&l, &b, &r, &c} {
		data, err := pickle.Marshal(v, 0)
		require.NoError(t, err, "%T", v)
		require.NoError(t, pickle.Unmarshal(data, v), "%T", v)
	}
	for range 4000 {
		l = &list{l}
	}
	data, err := pickle.Marshal(l, 0)
	require.NoError(t, err)
	require.NoError(t, pickle.Unmarshal(data, &l))
	c[0] = &c
	_, err = pickle.Marshal(&c, 0)
	require.Error(t, err)
}

func TestSharedShortText(t *testing.T) {
	const address = "192.168.100.200"
	data := "\x80\x04](\x8c\x0f" + address + "\x94" + strings.Repeat("h\x00", 999) + "e."
	var list []netip.Addr
	require.NoError(t, pickle.Unmarshal([]byte(data), &list))
	assert.Equal(t, address, list[999].String())
	long := "\x80\x04](X" + le32(1<<16) + strings.Repeat("1", 1<<16) + "\x94" + strings.Repeat("h\x00", 1<<16) + "e."
	require.ErrorIs(t, pickle.Unmarshal([]byte(long), new([]secret)), pickle.ErrSyntax)
}

func TestSharedTupleKeys(t *testing.T) {
	text := func(s string) string { return "\x8c" + string([]byte{byte(len(s))}) + s }
	first, later := "}(", "}("
	for i := range 5 {
		first += text(strings.Repeat("Quarterly", 6)+string(rune('0'+i))) + text(strings.Repeat("revenue", 7)) + "\x86\x94K\x01"
		later += "h" + string(rune(i)) + "K\x01"
	}
	var rows []*pickle.Dict
	require.NoError(t, pickle.Unmarshal([]byte("\x80\x04]("+first+"u"+strings.Repeat(later+"u", 9999)+"e."), &rows))
	require.Len(t, rows, 10000)
	assert.Equal(t, 5, rows[9999].Len())
	v, ok := rows[9999].Get(pickle.Tuple{strings.Repeat("Quarterly", 6) + "3", strings.Repeat("revenue", 7)})
	assert.Equal(t, []any{1, true}, []any{v, ok})
}

// TestFormsOfKeys: the decoder gives a key the same form as a look-up in a Dict.
func TestFormsOfKeys(t *testing.T) {
	decimal := pickle.Decimal("1e300")
	huge, _ := new(big.Int).SetString("1"+strings.Repeat("0", 300), 10)
	keys := []any{
		nil, true, 2, 2.5, "s", []byte("b"), huge, pickle.Decimal("2.5e-1"), pickle.Decimal("0.1"), pickle.Tuple{}, pickle.NewFrozenSet(),
		pickle.Tuple{decimal, decimal, pickle.Tuple{"x", []byte("y"), nil}, pickle.NewFrozenSet(1, "a", decimal)},
		pickle.NewFrozenSet(pickle.Tuple{1, 2.5}, 3, pickle.NewFrozenSet(1i)),
		pickle.Date{Year: 2024, Month: 1, Day: 2}, time.Second, pickle.UUID{1}, time.Date(2024, 1, 2, 3, 4, 5, 0, time.UTC),
	}
	for few := range 2 {
		dict := pickle.NewDict()
		for i, key := range keys[:len(keys)-few*10] {
			dict.Set(key, i)
		}
		data, err := pickle.Marshal(dict, 0)
		require.NoError(t, err)
		var back *pickle.Dict
		require.NoError(t, pickle.Unmarshal(data, &back))
		require.Equal(t, dict.Len(), back.Len())
		for key, value := range dict.All() {
			v, ok := back.Get(key)
			assert.True(t, ok, "%v", key)
			assert.Equal(t, value, v)
		}
	}
	// Equal members and keys, shared and not.
	var v *pickle.Dict
	require.NoError(t, pickle.Unmarshal([]byte("\x80\x04}((K\x01G\x3f\xf0\x00\x00\x00\x00\x00\x00K\x02\x91\x94NK\x01K\x02\x86\x94N(K\x02K\x01\x91K\x07h\x00K\x08G\x3f\xf0\x00\x00\x00\x00\x00\x00K\x02\x86K\x09u."), &v))
	assert.Equal(t, 2, v.Len())
	n, _ := v.Get(pickle.NewFrozenSet(1, 2))
	assert.Equal(t, 8, n)
}

func TestKeysOfDecimals(t *testing.T) {
	const n = 1 << 17
	for _, leaf := range []string{"1e399", "1e-1199"} {
		call := "cdecimal\nDecimal\n\x8c" + string(rune(len(leaf))) + leaf + "\x85R"
		tuple := []byte("\x80\x04" + call + "\x940(" + strings.Repeat("h\x00", n) + "t\x940](" + strings.Repeat("}h\x01Ns", 1000) + "e" + strings.Repeat("N0", 3*n) + ".")
		bounded(t, 200<<20, func() { _ = pickle.Unmarshal(tuple, new(any)) })
		leaves := []byte("\x80\x04" + call + "\x940](" + strings.Repeat("}h\x00Ns", n) + "e.")
		bounded(t, 200<<20, func() { require.NoError(t, pickle.Unmarshal(leaves, new(any))) })
	}
}

func TestOldTextKeysWithin(t *testing.T) {
	var m map[string]any
	require.NoError(t, pickle.Unmarshal([]byte("\x80\x02}q\x00U\x05outerq\x01}q\x02U\x01aq\x03K\x01ss."), &m))
	assert.Equal(t, map[string]any{"outer": map[string]any{"a": 1}}, m)
	require.ErrorIs(t, pickle.Unmarshal([]byte("\x80\x02}U\x01x}U\x01\xe9K\x01ss."), &m), pickle.ErrSyntax)
}

func TestOrderedDictAttributes(t *testing.T) {
	err := pickle.Unmarshal([]byte("\x80\x04ccollections\nOrderedDict\n)R\x8c\x01aK\x01s}\x8c\x01xK\x02sb."), new(any))
	require.ErrorIs(t, err, errors.ErrUnsupported)
	assert.ErrorContains(t, err, "an OrderedDict with attributes")
}

func TestKeysOfNamedTypes(t *testing.T) {
	type text string
	assert.Equal(t, 1, pickle.NewDict(pickle.Pair{Key: text("a"), Value: 1}, pickle.Pair{Key: "a", Value: 2}).Len())
	assert.Equal(t, 1, pickle.NewDict(pickle.Pair{Key: "a", Value: 1}, pickle.Pair{Key: text("a"), Value: 2}).Len())
	assert.Equal(t, 2, pickle.NewDict(pickle.Pair{Key: pickle.Decimal("1"), Value: 1}, pickle.Pair{Key: "1", Value: 2}).Len())

	type pair struct{ A, B any }
	other := func() any {
		type pair struct{ A, B any }
		return pair{1, 2}
	}
	assert.Equal(t, 5, pickle.NewSet(
		pickle.Tuple{pair{"a", "b c"}}, pickle.Tuple{pair{"a b", "c"}}, pickle.Tuple{pair{1, 2}}, pickle.Tuple{pair{1, "2"}},
		pickle.Tuple{other()}, pickle.Tuple{pair{"a", "b c"}},
	).Len())
}

func TestHugeDecimalKeys(t *testing.T) {
	assert.Equal(t, 1, pickle.NewSet(pickle.Decimal("1e2147483650"), pickle.Decimal("10e2147483649"), pickle.Decimal("1.0E+2147483650")).Len())
}

// TestDecimalExponents: the bounds are those of Python 3.
func TestDecimalExponents(t *testing.T) {
	for text, good := range map[string]bool{
		"1e999999999999999999": true, "10e999999999999999998": true, "0.1e1000000000000000000": true, "00001e999999999999999999": true,
		"1e-1999999999999999997": true, "1.5e-1999999999999999996": true, "1.0E+999999999999999999": true,
		"10e999999999999999999": false, "1e1000000000000000000": false, "0e1000000000000000000": false, "0e99999999999999999999": false,
		"1e-1999999999999999998": false, "1.5e-1999999999999999997": false, "1e-99999999999999999999": false, "0.00e-1999999999999999997": false,
		"1e": false, "1e+": false, "1e+-1": false, "1e1_0": false,
	} {
		_, err := pickle.Marshal(pickle.Decimal(text), 0)
		assert.Equal(t, good, err == nil, "%s: %v", text, err)
	}
}

// TestCallsOfPrograms has handmade pickles: they call classes like a program does, not
// like the classes pickle themselves.
func TestCallsOfPrograms(t *testing.T) {
	utc := "cdatetime\ntimezone\ncdatetime\ntimedelta\n)R\x85R"
	for data, want := range map[string]any{
		"cdatetime\ndatetime\n(M\xe4\x07K\x01K\x02tR.":                                 time.Date(2020, 1, 2, 0, 0, 0, 0, time.UTC),
		"cdatetime\ndatetime\n(M\xe4\x07K\x01K\x02K\x03tR.":                            time.Date(2020, 1, 2, 3, 0, 0, 0, time.UTC),
		"cdatetime\ndatetime\n(M\xe4\x07K\x01K\x02K\x03K\x04K\x05J\x3f\x42\x0f\x00tR.": time.Date(2020, 1, 2, 3, 4, 5, 999999000, time.UTC),
		"cdatetime\ndatetime\n(M\xe4\x07K\x01K\x02K\x03K\x04K\x05K\x06" + utc + "tR.":  time.Date(2020, 1, 2, 3, 4, 5, 6000, time.FixedZone("UTC", 0)),
		"cdatetime\ndatetime\n(M\xe4\x07K\x01K\x02K\x03K\x04K\x05K\x06NtR.":            time.Date(2020, 1, 2, 3, 4, 5, 6000, time.UTC),
		"cdatetime\ndate\nM\xe4\x07K\x01K\x02\x87R.":                                   pickle.Date{Year: 2020, Month: 1, Day: 2},
		"cdatetime\ntime\n)R.":                                                       pickle.Time{},
		"cdatetime\ntime\nK\x01K\x02\x86R.":                                          pickle.Time{Hour: 1, Minute: 2},
		"cdatetime\ntimedelta\n)R.":                                                  time.Duration(0),
		"cdatetime\ntimedelta\nK\x02\x85R.":                                          48 * time.Hour,
		"cdatetime\ntimedelta\n(K\x00K\x00K\x00K\x07K\x01K\x02K\x01tR.":              7*time.Millisecond + time.Minute + 2*time.Hour + 7*24*time.Hour,
		"cuuid\nUUID\n\x8c\x2f{urn:uuid:}00000000-0000-0000-0000-000000000005\x85R.": pickle.UUID{15: 5},
		"cfractions\nFraction\n\x8c\x03-12\x85R.":                                    big.NewRat(-12, 1),
		"cfractions\nFraction\nK\x06K\x04\x86R.":                                     big.NewRat(3, 2),
		"cdecimal\nDecimal\nU\x031.5\x85R.":                                          pickle.Decimal("1.5"),
		"cdatetime\ntimezone\ncdatetime\ntimedelta\n)RU\x01Z\x86R.":                  time.FixedZone("Z", 0),
		"c_codecs\nencode\nU\x02abU\x06latin1\x86R.":                                 []byte("ab"),
		"cbuiltins\nbytearray\nU\x02abU\x07latin-1\x86R.":                            pickle.ByteArray("ab"),
		"U\x08datetimeU\x04date\x93M\xe4\x07K\x01K\x02\x87R.":                        pickle.Date{Year: 2020, Month: 1, Day: 2},
	} {
		var v any
		require.NoError(t, pickle.Unmarshal([]byte(data), &v), "%q", data)
		assertSame(t, want, v, "%q", data)
	}
	for _, data := range []string{
		"cdatetime\ndatetime\nM\xe4\x07K\x01\x86R.", "cdatetime\ndatetime\n(M\xe4\x07K\x0dK\x02tR.", "cdatetime\ndatetime\n(M\xe4\x07K\x01K\x02K\x18tR.", "cdatetime\ndatetime\n(M\xe4\x07K\x01NK\x02tR.",
		"cdatetime\ndatetime\n(M\xe4\x07K\x01K\x02K\x03K\x04K\x05K\x06K\x07tR.", "cdatetime\ndatetime\n(J\xff\xff\xff\xffK\x01K\x02tR.", "cdatetime\ndate\nM\xe4\x07K\x02K\x1e\x87R.",
		"cdatetime\ntime\nK\x18\x85R.", "cdatetime\ntime\nN\x85R.", "cdatetime\ntimedelta\nG\x00\x00\x00\x00\x00\x00\x00\x00\x85R.", "cfractions\nFraction\nK\x01K\x00\x86R.", "cfractions\nFraction\n\x8c\x031/0\x85R.",
		"cfractions\nFraction\n\x8c\x01/\x85R.", "cbuiltins\nrange\nK\x01K\x02K\x00\x87R.", "cbuiltins\nrange\nK\x01\x85R.", "cpathlib\nPath\nK\x01\x85R.", "ccollections\nCounter\n]\x85R.", "ccollections\ndeque\nN\x85R.",
		"ccollections\ndefaultdict\nK\x01\x85R.", "cnumpy\ndtype\n)R.", "cnumpy.core.multiarray\nscalar\nNN\x86R.", "cnumpy.core.multiarray\nscalar\ncnumpy\ndtype\n\x8c\x02f8\x85RC\x01a\x86R.",
		"cnumpy.core.multiarray\nscalar\ncnumpy\ndtype\n\x8c\x02b1\x85RC\x01\x02\x86R.", "cpytz\n_p\nK\x01\x85R.", "cpytz\nFixedOffset\nM\xa0\x05\x85R.", "cnumpy.core.multiarray\nscalar\ncnumpy\ndtype\n\x8c\x02U1\x85RC\x04\xff\xff\xff\xff\x86R.",
	} {
		var v any
		assert.ErrorIs(t, pickle.Unmarshal([]byte(data), &v), pickle.ErrSyntax, "%q gave %v", data, v)
	}
}

// TestUUIDs has the pickles of CPython's test_uuid that other versions of Python wrote.
func TestUUIDs(t *testing.T) {
	want := pickle.UUID{0xd8, 0x24, 0xdc, 0x2c, 0x3b, 0x9e, 0x47, 0xd5, 0x90, 0x4e, 0x7e, 0x8b, 0x9d, 0x3c, 0x5a, 0x05}
	number := "\x8a\x11\x05\x5a\x3c\x9d\x8b\x7e\x4e\x90\xd5\x47\x9e\x3b\x2c\xdc\x24\xd8\x00"
	safe := []string{
		"", "\x8c\x07is_safecuuid\nSafeUUID\nN\x85Rs", "U\x07is_safecuuid\nSafeUUID\nK\x00\x85Rs", "\x8c\x07is_safecbuiltins\ngetattr\ncuuid\nSafeUUID\n\x8c\x07unknown\x86Rs",
	}
	for _, name := range []string{"\x8c\x03int", "U\x03int", "S'int'\n"} {
		for _, isSafe := range safe {
			var v any
			data := "\x80\x02cuuid\nUUID\n)\x81}" + name + number + "s" + isSafe + "b."
			require.NoError(t, pickle.Unmarshal([]byte(data), &v), "%q", data)
			assert.Equal(t, want, v, "%q", data)
		}
	}
	data, err := hex.DecodeString("800263757569640a555549440a29817d5503696e744b0573622e")
	require.NoError(t, err)
	var id pickle.UUID
	require.NoError(t, pickle.Unmarshal(data, &id))
	assert.Equal(t, pickle.UUID{15: 5}, id)
	var text level
	require.NoError(t, pickle.Unmarshal([]byte("S'L7'\n."), &text), "a str of Python 2 goes to UnmarshalText")
}
