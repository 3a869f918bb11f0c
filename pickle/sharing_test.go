package pickle_test

import (
	"encoding/hex"
	"encoding/json"
	"math/rand/v2"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ring-go/ring/internal/pickling"
	"github.com/ring-go/ring/pickle"
)

// formsPython makes the pickles that Python's diskcache makes of keys.
const formsPython = `
import datetime, decimal, fractions, json, pickle, pickletools, sys, uuid
def dumps(v, protocol): return pickletools.optimize(pickle.dumps(v, protocol)).hex()
def fresh(s): return ''.join(list(s))
ab = fresh('ab')
t1, t2 = tuple([1, ab]), tuple([1, ab])
tz = datetime.timezone(datetime.timedelta(hours=1))
d1, d2 = datetime.datetime(2020, 1, 2, tzinfo=tz), datetime.datetime(2020, 1, 2, tzinfo=tz)
l = [ab]
keys = [
    ('abc', 'abc'), (fresh('abc'), fresh('abc')), ('a', 'a'), (b'xy', b'xy'), (b'x', b'x'), (bytes([1, 2]), bytes([1, 2])),
    ((1, 2), (1, 2)), (tuple([1, 2]), tuple([1, 2])), (t1, t1), (t1, t2), ((1, fresh('ab')), (1, fresh('ab'))),
    (ab, ab, fresh('ab')), (ab, fresh('ab'), ab), (fresh('ab'), ab, ab), (fresh('ab'), fresh('ab'), fresh('ab')), (ab, ab, ab),
    (ab, ab, fresh('ab'), fresh('ab')), (ab, fresh('ab'), fresh('ab'), ab), [ab, ab], [l, l], [[ab], [ab]], {'k1': ab, 'k2': ab}, {ab: ab}, [{ab: 1}, {ab: 2}],
    (d1, d1), (d1, d2), (d1, datetime.datetime(2020, 1, 2, tzinfo=datetime.timezone(datetime.timedelta(hours=1)))),
    (decimal.Decimal('1.5'), decimal.Decimal('1.5')), (uuid.UUID(int=5), uuid.UUID(int=5)),
    (frozenset([1, 2]), frozenset([1, 2])), (frozenset([ab]), ab), (1j, 1j), (datetime.date(2020, 1, 2),) * 3, (True, 2**100, 2**100, 1.5, None, None), ((), (), '', ''),
    (fractions.Fraction(1, 3),) * 2, (fractions.Fraction(1, 3), fractions.Fraction(1, 3)), (range(5),) * 2, (datetime.time(1, 2),) * 2, (datetime.timedelta(1),) * 2,
    ('datetime', datetime.date(2020, 1, 2)), (datetime.date(2020, 1, 2), fresh('datetime')), ('date', datetime.date(2020, 1, 2)), ('datetime', 'datetime', datetime.timedelta(1), datetime.timezone.utc),
    ('builtins', 1j, 'builtins'), ('decimal', decimal.Decimal('1.5'), decimal.Decimal('2.5')), ('int', uuid.UUID(int=5), uuid.UUID(int=6)), ('latin1', b'xy', b'yz', 'latin1'), (fresh('latin1'), b'xy'),
    (ab, 'cd', ab, 'cd'), ((ab, 'cd'), (ab, 'cd'), fresh('ab')), ('en', 'de', 'en'), ('x' * 300, 'x' * 300),
]
for key in keys:
    print(json.dumps([dumps(key, p) for p in range(2, 6)]))
`

// TestFormsPython: each pickle that Python makes of a value is one of its forms.
func TestFormsPython(t *testing.T) {
	if testing.Short() {
		t.Skip("skipped with -short: it needs Python")
	}
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("no python3 on PATH")
	}
	out, err := exec.Command(python, "-c", formsPython).Output()
	require.NoError(t, err)
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	require.Greater(t, len(lines), 30)
	for _, line := range lines {
		var pickles []string
		require.NoError(t, json.Unmarshal([]byte(line), &pickles))
		for i, text := range pickles {
			data, err := hex.DecodeString(text)
			require.NoError(t, err)
			var v any
			require.NoError(t, pickle.Unmarshal(data, &v))
			forms, err := pickling.Forms(v, i+2)
			require.NoError(t, err)
			assert.Contains(t, asText(forms), string(data), "%v in protocol %d: %q", v, i+2, forms)
			plain, err := pickle.Marshal(v, i+2)
			require.NoError(t, err)
			assert.Contains(t, asText(forms[:min(2, len(forms))]), string(plain))
			assert.LessOrEqual(t, len(forms), 16)
		}
	}
}

func asText(forms [][]byte) (all []string) {
	for _, form := range forms {
		all = append(all, string(form))
	}
	return all
}

// TestFirstForm: it is the form of literals.
func TestFirstForm(t *testing.T) {
	for _, tt := range []struct {
		v     any
		count int
		want  string // the opcodes of the first form without its frame
	}{
		{"abc", 1, "\x8c\x03abc."},
		{pickle.Tuple{"abc", "abd"}, 1, "\x8c\x03abc\x8c\x03abd\x86."},
		{pickle.Tuple{"abc", "abc"}, 2, "\x8c\x03abc\x94h\x00\x86."},
		{pickle.Tuple{1, 1, true, true, nil, nil, 1.5, 1.5, pickle.Tuple{}, pickle.Tuple{}}, 1, "(K\x01K\x01\x88\x88NNG?\xf8\x00\x00\x00\x00\x00\x00G?\xf8\x00\x00\x00\x00\x00\x00))t."},
		{pickle.Tuple{pickle.Tuple{1, 2}, pickle.Tuple{1, 2}}, 2, "K\x01K\x02\x86\x94h\x00\x86."},
		{[]any{[]any{1}, []any{1}}, 2, "](]K\x01a]K\x01ae."},
		{[]any{[]any{"ab"}, []any{"ab"}}, 3, "](]\x8c\x02ab\x94a]h\x00ae."},
		{pickle.Tuple{[]any{}, []any{}}, 2, "]]\x86."},
		{[2]string{"ab", "ab"}, 2, "](\x8c\x02ab\x94h\x00e."},
		{pickle.Tuple{"ab", "ab", "ab"}, 5, "\x8c\x02ab\x94h\x00h\x00\x87."},
		{pickle.Tuple{"ab", "ab", "ab", "ab"}, 15, "(\x8c\x02ab\x94h\x00h\x00h\x00t."},
		{pickle.Tuple{"ab", "ab", "ab", "ab", "ab"}, 16, "(\x8c\x02ab\x94h\x00h\x00h\x00h\x00t."},
		{[]struct {
			Name string `pickle:"name"`
		}{{"ab"}, {"cd"}}, 2, "](}\x8c\x04name\x94\x8c\x02abs}h\x00\x8c\x02cdse."},
	} {
		forms, err := pickling.Forms(tt.v, 0)
		require.NoError(t, err)
		assert.Len(t, forms, tt.count, "%v", tt.v)
		assert.Equal(t, tt.want, string(forms[0][min(11, len(forms[0])):]), "%v", tt.v)
		for _, form := range forms {
			var want, got any
			require.NoError(t, pickle.Unmarshal(forms[0], &want))
			require.NoError(t, pickle.Unmarshal(form, &got))
			assert.Equal(t, want, got)
		}
	}
	_, err := pickling.Forms(func() {}, 0)
	require.Error(t, err)
	_, err = pickling.Forms(nil, 1)
	require.Error(t, err)
	_, err = pickling.Forms(time.Unix(0, 1), 0)
	require.Error(t, err, "a key keeps what it is")
}

type formTone string

// TestFormsOfMembers: a member of an enum is one object, whose value may be the value
// of another member as well.
func TestFormsOfMembers(t *testing.T) {
	require.NoError(t, pickle.Register("app.forms.Tone", formTone("")))
	low := formTone("low")
	for _, v := range []pickle.Tuple{
		{low, low, "xx", "xx"}, {low, low, pickle.Tuple{"xx", "yy"}, pickle.Tuple{"xx", "yy"}}, {"low", low, low, "low"}, {low, "low", "xx"}, {low, formTone("high"), low, formTone("high"), "high"},
	} {
		for protocol := 2; protocol <= 5; protocol++ {
			plain, err := pickle.Marshal(v, protocol)
			require.NoError(t, err)
			forms, err := pickling.Forms(v, protocol)
			require.NoError(t, err)
			assert.Contains(t, asText(forms), string(plain), "%v", v)
			for _, form := range forms {
				var back any
				require.NoError(t, pickle.Unmarshal(form, &back))
				assert.Equal(t, v, back, "%q", form)
			}
		}
	}
	// Python writes ("low", Tone.LOW, Tone.LOW), whose literals are one object, like
	// this.
	forms, err := pickling.Forms(pickle.Tuple{"low", low, low}, 4)
	require.NoError(t, err)
	assert.Contains(t, asText(forms), "\x80\x04\x95\x21\x00\x00\x00\x00\x00\x00\x00\x8c\x03low\x94\x8c\x09app.forms\x8c\x04Tone\x93h\x00\x85R\x94h\x01\x87.")
}

// TestFormsOfNames: the names of attributes, modules and classes are objects, and
// literals with the same text are the same objects.
func TestFormsOfNames(t *testing.T) {
	type place struct{ Name string }
	require.NoError(t, pickle.Register("forms.Place", place{}))
	for protocol, want := range map[int]string{
		3: "\x80\x03X\x05\x00\x00\x00Placecforms\nPlace\n)\x81}X\x04\x00\x00\x00nameq\x00h\x00sbX\x05\x00\x00\x00forms\x87.",
		4: "\x80\x04\x95\x25\x00\x00\x00\x00\x00\x00\x00\x8c\x05Place\x94\x8c\x05forms\x94h\x00\x93)\x81}\x8c\x04name\x94h\x02sbh\x01\x87.",
	} {
		v := pickle.Tuple{"Place", place{"name"}, "forms"}
		forms, err := pickling.Forms(v, protocol)
		require.NoError(t, err)
		assert.Equal(t, want, string(forms[0]))
		plain, err := pickle.Marshal(v, protocol)
		require.NoError(t, err)
		assert.Equal(t, string(plain), string(forms[1]))
		for _, form := range forms {
			var back any
			require.NoError(t, pickle.Unmarshal(form, &back))
			assert.Equal(t, v, back)
		}
	}
}

// TestFormsAreBounded: their number is limited for values with many equal objects, and
// for deep ones.
func TestFormsAreBounded(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 1))
	var many, deep any = []any{}, "ab"
	for range 50_000 {
		many = append(many.([]any), []string{"ab", "cd", "ef"}[random.IntN(3)], pickle.Tuple{1, "xy"})
	}
	for range 2000 {
		deep = pickle.Tuple{deep, "ab"}
	}
	for _, v := range []any{many, deep} {
		bounded(t, 300<<20, func() {
			forms, err := pickling.Forms(v, 5)
			require.NoError(t, err)
			assert.LessOrEqual(t, len(forms), 16)
			assert.GreaterOrEqual(t, len(forms), 2)
		})
	}
}

// TestStoredTimes: a stored value loses what is shorter than a microsecond; a key may
// not lose it.
func TestStoredTimes(t *testing.T) {
	at := time.Date(2024, 2, 3, 4, 5, 6, 123456789, time.FixedZone("here", 3600))
	early := time.Date(1, 1, 1, 0, 0, 0, 1, time.UTC)
	type event struct {
		At   time.Time
		Took time.Duration
		More *event
		All  map[string]time.Time
		Any  any
	}
	v := event{at, 1999, &event{At: early, Took: -1}, map[string]time.Time{"a": at}, []any{at, time.Duration(1)}}
	for protocol := range 6 {
		if protocol == 1 {
			continue
		}
		data, err := pickling.MarshalStored(nil, v, protocol)
		require.NoError(t, err)
		var back event
		require.NoError(t, pickle.Unmarshal(data, &back))
		want := at.Truncate(time.Microsecond)
		for _, got := range []time.Time{back.At, back.All["a"], back.Any.([]any)[0].(time.Time)} {
			assert.True(t, want.Equal(got), "%v", got)
			_, offset := got.Zone()
			assert.Equal(t, 3600, offset)
		}
		assert.Equal(t, time.Microsecond, back.Took)
		assert.Equal(t, time.Duration(0), back.More.Took)
		assert.Equal(t, early.Truncate(time.Microsecond), back.More.At)
		assert.Equal(t, time.Duration(0), back.Any.([]any)[1])
	}
	var misfit *pickle.TypeError
	for _, key := range []any{
		map[time.Time]int{at: 1}, map[time.Duration]int{1: 1}, map[any]int{at: 1}, map[[1]time.Time]int{{at}: 1}, map[time.Time]struct{}{at: {}},
		pickle.NewDict(pickle.Pair{Key: at}), pickle.NewSet(at), pickle.NewFrozenSet(pickle.Tuple{at}), []any{pickle.NewDict(pickle.Pair{Key: pickle.Tuple{time.Duration(1)}})},
	} {
		_, err := pickling.MarshalStored(nil, key, 0)
		assert.ErrorAs(t, err, &misfit, "%T", key)
	}
	_, err := pickling.MarshalStored(nil, []any{pickle.NewDict(pickle.Pair{Key: "k", Value: at}), at}, 0)
	require.NoError(t, err)
	_, err = pickle.Marshal(at, 0)
	require.ErrorAs(t, err, &misfit, "Marshal itself loses nothing")
}
