package pickle_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ring-go/ring/pickle"
)

// bounded runs f and checks that it allocates no more than limit bytes and takes no
// more than a few seconds of processor time, so that other work of the machine does not
// matter.
func bounded(t *testing.T, limit int, f func()) {
	t.Helper()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	start := processorTime(t)
	f()
	runtime.ReadMemStats(&after)
	assert.Less(t, processorTime(t)-start, 10*time.Second)
	assert.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(limit))
}

func processorTime(t *testing.T) time.Duration {
	t.Helper()
	var usage syscall.Rusage
	require.NoError(t, syscall.Getrusage(syscall.RUSAGE_SELF, &usage))
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

func le32(n int) string { return string(binary.LittleEndian.AppendUint32(nil, uint32(n))) }

// laughs returns a list of two references to a list of two references and so on.
func laughs(open, end string) []byte { return laughsOf(60, open, end) }

func laughsOf(levels int, open, end string) []byte {
	text := "\x80\x04" + open + end + "\x94"
	for i := range levels {
		text += "0" + open + strings.Repeat("h"+string(rune(i)), 2) + end + "\x94"
	}
	return []byte(text + ".")
}

func TestLaughs(t *testing.T) {
	type tree []tree
	for name, data := range map[string][]byte{
		"lists":  laughs("](", "e"),
		"tuples": laughs("(", "t"),
		"dicts":  []byte("\x80\x04}\x94" + dicts(60) + "."),
	} {
		t.Run(name, func(t *testing.T) {
			bounded(t, 500<<20, func() {
				var v any
				require.NoError(t, pickle.Unmarshal(data, &v))
				pickle.Plain(v)
				again, err := pickle.Marshal(v, 0)
				require.NoError(t, err)
				assert.Less(t, len(again), 4<<20)
				var back any
				require.NoError(t, pickle.Unmarshal(again, &back))
				fmt.Fprint(bytes.NewBuffer(nil), pickle.NewDict(pickle.Pair{Key: 1, Value: v}))
			})
			if name == "dicts" {
				var m map[string]any
				require.NoError(t, pickle.Unmarshal(data, &m))
				type node struct{ A, B *node }
				var n node
				require.NoError(t, pickle.Unmarshal(data, &n))
				assert.Same(t, n.A, n.B)
				type maps map[string]maps
				var all maps
				require.NoError(t, pickle.Unmarshal(data, &all))
				_, err := pickle.Marshal(all, 0)
				require.NoError(t, err)
				return
			}
			var typed tree
			require.NoError(t, pickle.Unmarshal(data, &typed))
			_, err := pickle.Marshal(typed, 0)
			require.NoError(t, err)
		})
	}
}

func dicts(depth int) string {
	text := ""
	for i := range depth {
		get := "h" + string(rune(i))
		text += "0}(\x8c\x01a" + get + "\x8c\x01b" + get + "u\x94"
	}
	return text
}

func TestSharedKeysAreBounded(t *testing.T) {
	data := string(laughs("(", "t"))
	data = data[:len(data)-1]
	for _, use := range []string{"h\x3cNs.", "\x8f(h\x3c\x90.", "(h\x3c\x91."} {
		var v any
		bounded(t, 100<<20, func() {
			assert.ErrorIs(t, pickle.Unmarshal([]byte("\x80\x04}0"+data[2:]+"0}"+strings.TrimPrefix(use, "")), &v), pickle.ErrSyntax)
		})
		var m map[any]any
		assert.Error(t, pickle.Unmarshal([]byte(data+"0}"+use), &m))
	}
	// One long key in very many dicts would have to be hashed as many times.
	long := "\x80\x04X" + le32(1<<20) + strings.Repeat("k", 1<<20) + "\x940](" +
		strings.Repeat("}(K\x00NK\x01NK\x02NK\x03NK\x04NK\x05NK\x06NK\x07Nh\x00Nu", 30000) + "e."
	for _, target := range []any{new(any), new([]map[string]any), new([]map[any]any)} {
		bounded(t, 500<<20, func() { assert.Error(t, pickle.Unmarshal([]byte(long), target)) })
	}
	bounded(t, 500<<20, func() { assert.NoError(t, pickle.Unmarshal([]byte(long), new([]struct{ A int }))) })
	for name, key := range map[string]string{
		"bytes":   "B" + le32(1<<20) + strings.Repeat("k", 1<<20),
		"long":    "\x8b" + le32(1<<20) + strings.Repeat("k", 1<<20),
		"decimal": "cdecimal\nDecimal\nX" + le32(1<<20) + strings.Repeat("1", 1<<20) + "\x85R",
	} {
		t.Run(name, func(t *testing.T) {
			data := "\x80\x04" + key + "\x940](" + strings.Repeat("}(K\x00NK\x01NK\x02NK\x03NK\x04NK\x05NK\x06NK\x07Nh\x00Nu", 30000) + "e."
			var v any
			bounded(t, 500<<20, func() { assert.ErrorIs(t, pickle.Unmarshal([]byte(data), &v), pickle.ErrSyntax) })
		})
	}
}

func TestSharedTextIsBounded(t *testing.T) {
	const n = 100000
	text := strings.Repeat("x", n)
	for name, data := range map[string]string{
		"str":       "\x80\x04](X" + le32(n) + text + "\x94" + strings.Repeat("h\x00", n) + "e.",
		"bytes":     "\x80\x04](B" + le32(n) + text + "\x94" + strings.Repeat("h\x00", n) + "e.",
		"long":      "\x80\x04](\x8b" + le32(n) + text + "\x94" + strings.Repeat("h\x00", n) + "e.",
		"many puts": "\x80\x04](X" + le32(n) + text + strings.Repeat("\x94", 250) + strings.Repeat("h\x07h\x08h\x09", n/3) + "e.",
		"dup":       "\x80\x04](X" + le32(n) + text + strings.Repeat("2", n) + "e.",
	} {
		t.Run(name, func(t *testing.T) {
			var v any
			bounded(t, 50<<20, func() {
				require.NoError(t, pickle.Unmarshal([]byte(data), &v))
				again, err := pickle.Marshal(v, 0)
				require.NoError(t, err)
				assert.Less(t, len(again), 4<<20)
			})
		})
	}
}

func TestCallsDoNotMultiply(t *testing.T) {
	const n = 100000
	list := "](" + strings.Repeat("N", n) + "e\x94"
	for name, data := range map[string]string{
		"sets":       "\x80\x03cbuiltins\nset\n\x94" + list + "](" + strings.Repeat("h\x00h\x01\x85R", n) + "e.",
		"bytearrays": "\x80\x03cbuiltins\nbytearray\n\x94B" + le32(n) + strings.Repeat("x", n) + "\x94](" + strings.Repeat("h\x00h\x01\x85R", n) + "e.",
		"encode":     "\x80\x03c_codecs\nencode\n\x94X" + le32(n) + strings.Repeat("x", n) + "\x94X\x06\x00\x00\x00latin1\x94](" + strings.Repeat("h\x00h\x01h\x02\x86R", n) + "e.",
		"decimals":   "\x80\x03cdecimal\nDecimal\n\x94X" + le32(n) + strings.Repeat("1", n) + "\x94](" + strings.Repeat("h\x00h\x01\x85R", n) + "e.",
	} {
		t.Run(name, func(t *testing.T) {
			var v any
			bounded(t, 100<<20, func() { assert.ErrorIs(t, pickle.Unmarshal([]byte(data), &v), pickle.ErrSyntax) })
		})
	}
}

func TestGrowingInTurns(t *testing.T) {
	// Two lists that grow one item at a time, in turn.
	data := "]\x94]\x940" + strings.Repeat("h\x00Na0h\x01Na0", 200000) + "h\x00."
	var v []any
	bounded(t, 300<<20, func() { require.NoError(t, pickle.Unmarshal([]byte("\x80\x04"+data[:1]+"q\x00]q\x0100"+data[5:]), &v)) })
	assert.Len(t, v, 200000)
}

func TestHugeAnnouncements(t *testing.T) {
	for _, data := range []string{
		"\x80\x04\x8e\xff\xff\xff\xff\xff\xff\xff\x7fxy.",
		"\x80\x04\x8e\xff\xff\xff\xff\xff\xff\xff\xffxy.",
		"\x80\x04\x8d\xff\xff\xff\xff\xff\xff\xff\xffxy.",
		"\x80\x05\x96\xff\xff\xff\xff\xff\xff\xff\xffxy.",
		"\x80\x04B\xff\xff\xff\xffxy.",
		"\x80\x04X\xff\xff\xff\xffxy.",
		"\x80\x04\x8b\xff\xff\xff\x7fxy.",
		"\x80\x04\x95\xff\xff\xff\xff\xff\xff\xff\xffN.",
		"p99999999999999999999999\n.", "p-1\n.", "Np-1\n.",
	} {
		var v any
		bounded(t, 1<<20, func() { assert.ErrorIs(t, pickle.Unmarshal([]byte(data), &v), pickle.ErrSyntax, "%q", data) })
	}
	var v any
	bounded(t, 1<<20, func() {
		require.NoError(t, pickle.Unmarshal([]byte("\x80\x04Nr\xff\xff\xff\xff0j\xff\xff\xff\xff."), &v))
		require.NoError(t, pickle.Unmarshal([]byte("Np18446744073709551615\n0g18446744073709551615\n."), &v))
	})
}

func TestDeepNesting(t *testing.T) {
	type list []list
	for _, data := range []string{
		strings.Repeat("]", 1<<18) + strings.Repeat("a", 1<<18-1) + ".",
		strings.Repeat("(", 1<<18) + strings.Repeat("t", 1<<18) + ".",
		"}" + strings.Repeat("\x85", 1<<18) + "Ns.",
		")" + strings.Repeat("\x85", 1<<18) + ".",
		"})" + strings.Repeat("\x85", 1<<18) + "Ns.",
	} {
		var v any
		assert.ErrorIs(t, pickle.Unmarshal([]byte(data), &v), pickle.ErrSyntax, "%.20q", data)
		var l list
		assert.Error(t, pickle.Unmarshal([]byte(data), &l), "%.20q", data)
	}
	var v any
	require.NoError(t, pickle.Unmarshal([]byte(strings.Repeat("]", 9000)+strings.Repeat("a", 8999)+"."), &v))
	_, err := pickle.Marshal(v, 0)
	require.NoError(t, err)
}

func TestHugeDecimalInts(t *testing.T) {
	digits := "-" + strings.Repeat("1234567890", 100000)
	var v any
	bounded(t, 100<<20, func() { require.NoError(t, pickle.Unmarshal([]byte("L"+digits+"L\n."), &v)) })
	assert.Equal(t, digits, fmt.Sprint(v))
	require.ErrorIs(t, pickle.Unmarshal([]byte("I"+strings.Repeat("1", 10_000_000)+"\n."), &v), pickle.ErrSyntax)
}

func TestCycles(t *testing.T) {
	var list []any
	require.NoError(t, pickle.Unmarshal([]byte("\x80\x02]q\x00h\x00a."), &list))
	require.Len(t, list, 1)
	assert.Same(t, &list[0], &list[0].([]any)[0])

	var dict *pickle.Dict
	require.NoError(t, pickle.Unmarshal([]byte("\x80\x02}q\x00X\x02\x00\x00\x00meq\x01h\x00s."), &dict))
	me, _ := dict.Get("me")
	assert.Same(t, dict, me)
	assert.Contains(t, dict.String(), "...")

	// A tuple that holds a list that holds the tuple, as Python writes it.
	for _, data := range []string{"((lp0\n(g0\ntp1\na00g1\n.", "\x80\x02]q\x00h\x00\x85q\x01a0h\x01.", "\x80\x04\x95\x0b\x00\x00\x00\x00\x00\x00\x00]\x94h\x00\x85\x94a0h\x01."} {
		var tuple pickle.Tuple
		require.NoError(t, pickle.Unmarshal([]byte(data), &tuple))
		inner := tuple[0].([]any)[0].(pickle.Tuple)
		assert.Same(t, &tuple[0], &inner[0])
	}

	type node struct{ Me *node }
	var n node
	require.NoError(t, pickle.Unmarshal([]byte("\x80\x02}q\x00X\x02\x00\x00\x00meq\x01h\x00s."), &n))
	assert.Same(t, n.Me, n.Me.Me)
	type flat struct{ Me []flat }
	var f flat
	var typeError *pickle.TypeError
	require.ErrorAs(t, pickle.Unmarshal([]byte("\x80\x02}q\x00X\x02\x00\x00\x00meq\x01]h\x00as."), &f), &typeError)
	assert.Contains(t, typeError.Error(), "holds itself")

	plain := pickle.Plain(dict).(map[string]any)
	assert.Contains(t, plain["me"], "me")

	for _, v := range []any{list, dict, plain, &n, n} {
		_, err := pickle.Marshal(v, 0)
		require.ErrorAs(t, err, &typeError, "%T", v)
	}
	type pointer *pointer
	var p pointer
	p = &p
	_, err := pickle.Marshal(p, 0)
	require.ErrorAs(t, err, &typeError)

	wide := []any{strings.Repeat("x", 5000), nil}
	wide[1] = wide
	_, err = pickle.Marshal(wide, 0)
	require.ErrorAs(t, err, &typeError)
}

func TestSharedObjects(t *testing.T) {
	var v []any
	require.NoError(t, pickle.Unmarshal([]byte("\x80\x04](]\x94(K\x01K\x02eh\x00}\x94h\x01\x8f\x94h\x02\x96\x01\x00\x00\x00\x00\x00\x00\x00x\x94h\x03h\x00K\x03a0e."), &v))
	require.Len(t, v, 8)
	assert.Equal(t, []any{1, 2, 3}, v[0])
	assert.Same(t, &v[0].([]any)[0], &v[1].([]any)[0])
	v[2].(map[string]any)["one"] = "object"
	assert.Equal(t, v[2], v[3])
	assert.Same(t, v[4], v[5])
	assert.Same(t, &v[6].(pickle.ByteArray)[0], &v[7].(pickle.ByteArray)[0])

	var typed [][]int
	require.NoError(t, pickle.Unmarshal([]byte("\x80\x04](]\x94(K\x01K\x02eh\x00e."), &typed))
	assert.Same(t, &typed[0][0], &typed[1][0])
}

func TestLargeSharedResults(t *testing.T) {
	inner := []any{strings.Repeat("x", 1000), 1}
	type row struct {
		Name  string
		Inner []any
		Ref   *pickle.Dict
	}
	shared := pickle.NewDict(pickle.Pair{Key: "k", Value: inner})
	var rows []row
	for i := range 5000 {
		rows = append(rows, row{fmt.Sprint(i), inner, shared})
	}
	for protocol := 2; protocol <= 5; protocol++ {
		data, err := pickle.Marshal(rows, protocol)
		require.NoError(t, err)
		assert.Less(t, len(data), 2<<20)
		var back []row
		require.NoError(t, pickle.Unmarshal(data, &back))
		require.Len(t, back, len(rows))
		for i := range rows {
			require.Equal(t, rows[i].Name, back[i].Name)
			require.Equal(t, rows[i].Inner, back[i].Inner)
			require.Equal(t, rows[i].Ref, back[i].Ref)
		}
	}
}

func TestRefused(t *testing.T) {
	for data, name := range map[string]string{
		"cos\nsystem\n.":                        "os.system",
		"(S'x'\nios\nsystem\n.":                 "os.system",
		"\x80\x04\x8c\x02os\x8c\x06system\x93.": "os.system",
		"cdatetime\ndatetime\n.":                "datetime.datetime",
		"](cdecimal\nDecimal\ne.":               "decimal.Decimal",
		"(cuuid\nUUID\nK\x01o.":                 "uuid.UUID",
		"cdatetime\ndate\n)\x81.":               "datetime.date",
		"cuuid\nUUID\n)}\x92.":                  "uuid.UUID",
		"cuuid\nUUID\n)R.":                      "uuid.UUID",
		"ccopy_reg\n_reconstructor\n(cdatetime\ndate\nc__builtin__\nobject\nNtR.": "datetime.date",
	} {
		var v any
		err := pickle.Unmarshal([]byte(data), &v)
		var class *pickle.ClassError
		if assert.ErrorAs(t, err, &class, "%q", data) {
			assert.Equal(t, name, class.Module+"."+class.Name)
			assert.ErrorIs(t, err, errors.ErrUnsupported)
		}
		var s string
		assert.Error(t, pickle.Unmarshal([]byte(data), &s))
	}
	for _, data := range []string{"Pid\n.", "NQ.", "\x82\x01.", "\x83\x01\x00.", "\x84\x01\x00\x00\x00.", "\x80\x05\x97.", "\x80\x05N\x98."} {
		var v any
		assert.ErrorIs(t, pickle.Unmarshal([]byte(data), &v), errors.ErrUnsupported, "%q", data)
	}
}

// frozen returns a frozenset in a frozenset and so on. Each level begins with open and
// ends with more members.
func frozen(depth int, inner, more string) string {
	return strings.Repeat("(", depth) + inner + strings.Repeat(more+"\x91", depth)
}

// TestDeepKeys: they share nothing, so they are decoded, in linear time.
func TestDeepKeys(t *testing.T) {
	const depth = 9000
	ints := "("
	for i := range 2000 {
		ints += "M" + string([]byte{byte(i), byte(i >> 8)})
	}
	ints += "\x91"
	for name, data := range map[string]string{
		"414":               frozen(414, "(\x91", ""),
		"deep":              frozen(depth, "(\x91", ""),
		"around ints":       frozen(100, ints, "K\x01"),
		"with members":      frozen(depth, "(\x91", "K\x01K\x02K\x03"),
		"equal members":     frozen(depth, "(\x91", "K\x01K\x01G\x3f\xf0\x00\x00\x00\x00\x00\x00"),
		"with text":         frozen(depth, "(\x91", "\x8c\x50"+strings.Repeat("x", 80)),
		"in tuples":         strings.Repeat("(", depth/2) + "(\x91" + strings.Repeat("\x85\x91", depth/2),
		"in pairs":          strings.Repeat("((", depth/2) + "(\x91" + strings.Repeat("K\x01t\x91", depth/2),
		"tuples":            "(" + strings.Repeat("(", depth) + strings.Repeat("t", depth) + "\x91",
		"key of a dict":     "}" + frozen(depth, "(\x91", "K\x01") + "Ns",
		"in a set":          "\x8f(" + frozen(depth, "(\x91", "") + "K\x01\x90",
		"in many":           "(" + strings.Repeat(frozen(50, "(\x91", "K\x01"), 200) + "l",
		"members of many":   "(" + strings.Repeat(frozen(50, "(\x91", "K\x01")+"K\x02\x86", 200) + "\x91",
		"key of the second": "(" + strings.Repeat("}"+frozen(50, "(\x91", "K\x01")+"Ns", 200) + "l",
	} {
		t.Run(name, func(t *testing.T) {
			bounded(t, 200<<20, func() {
				var v any
				require.NoError(t, pickle.Unmarshal([]byte("\x80\x04"+data+"."), &v))
				again, err := pickle.Marshal(v, 4)
				require.NoError(t, err)
				var back any
				require.NoError(t, pickle.Unmarshal(again, &back))
				set := pickle.NewDict(pickle.Pair{Key: 1, Value: nil})
				if _, isKey := v.(*pickle.FrozenSet); isKey {
					set.Set(v, "found")
					found, ok := set.Get(back)
					assert.True(t, ok)
					assert.Equal(t, "found", found)
				}
			})
		})
	}
	var v any
	assert.ErrorContains(t, pickle.Unmarshal([]byte(frozen(20_000, "(\x91", "")+"."), &v), "nested more than 10000 deep")
}

// TestSharedSetsAreBounded: each frozenset contains the one before twice, in tuples;
// and many contain one long text.
func TestSharedSetsAreBounded(t *testing.T) {
	laughing := "\x80\x04(\x91\x94"
	for i := range 60 {
		laughing += "0(h" + string(rune(i)) + "h" + string(rune(i)) + "\x86\x91\x94"
	}
	const n = 100_000
	for name, data := range map[string]string{
		"laughs":      laughing + "}h\x3cNs.",
		"member":      laughing + "(h\x3c\x91.",
		"long texts":  "\x80\x04X" + le32(n) + strings.Repeat("x", n) + "\x940(" + strings.Repeat("(h\x00K\x01\x86\x91", n) + "\x91.",
		"long texts2": "\x80\x04X" + le32(n) + strings.Repeat("x", n) + "\x940(" + strings.Repeat("((h\x00\x91\x91", n) + "\x91.",
	} {
		t.Run(name, func(t *testing.T) {
			var v any
			bounded(t, 200<<20, func() { assert.ErrorIs(t, pickle.Unmarshal([]byte(data), &v), pickle.ErrSyntax) })
		})
	}
}

// TestSetsAsKeys: sets with more than a few members are told apart by a sum.
func TestSetsAsKeys(t *testing.T) {
	members := func(last any) *pickle.FrozenSet {
		s := []any{last}
		for i := range 100 {
			s = append(s, i, strings.Repeat("x", i))
		}
		return pickle.NewFrozenSet(s...)
	}
	d := pickle.NewDict()
	d.Set(members(1000), "ints")
	d.Set(members("1000"), "text")
	d.Set(pickle.Tuple{members(1.5)}, "tuple")
	d.Set(pickle.NewFrozenSet(members(1000)), "nested")
	data, err := pickle.Marshal(d, 0)
	require.NoError(t, err)
	var back *pickle.Dict
	require.NoError(t, pickle.Unmarshal(data, &back))
	for key, want := range map[any]string{
		members(1000): "ints", members(1000.0): "ints", members("1000"): "text", pickle.NewFrozenSet(members(1000)): "nested",
	} {
		for _, d := range []*pickle.Dict{d, back} {
			got, ok := d.Get(key)
			assert.True(t, ok)
			assert.Equal(t, want, got)
		}
	}
	got, _ := back.Get(pickle.Tuple{members(1.5)})
	assert.Equal(t, "tuple", got)
	_, ok := back.Get(members(1001))
	assert.False(t, ok)
	// NaN is equal to nothing, also in sets.
	var nans *pickle.Dict
	nan := "G\x7f\xf8\x00\x00\x00\x00\x00\x00"
	require.NoError(t, pickle.Unmarshal([]byte("}(("+nan+nan+"\x91K\x01("+nan+"\x91K\x02u."), &nans))
	assert.Equal(t, 2, nans.Len())
}

// TestOrderedDictsDoNotMultiply: a list of pairs that is given again and again.
func TestOrderedDictsDoNotMultiply(t *testing.T) {
	data := "](" + strings.Repeat("K\x01K\x02\x86", 100_000) + "eq\x00(" + strings.Repeat("ccollections\nOrderedDict\nh\x00\x85R", 10_000) + "t."
	var v any
	bounded(t, 100<<20, func() { assert.ErrorIs(t, pickle.Unmarshal([]byte(data), &v), pickle.ErrSyntax) })
	once := "ccollections\nOrderedDict\n](" + strings.Repeat("NN\x86", 100_000) + "e\x85R."
	require.NoError(t, pickle.Unmarshal([]byte(once), &v))
}
