package pickle_test

import (
	"encoding/json"
	"fmt"
	"math/big"
	"os"
	"os/exec"
	"reflect"
	"strings"
	"testing"
	"time"
	_ "time/tzdata"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ring-go/ring/internal/conformance"
	"github.com/ring-go/ring/pickle"
)

// The classes of testdata/app/models.py in Go.
type (
	point       struct{ X, Y int }
	frozenPoint struct{ X, Y int }
	plainPoint  struct{ X, Y int }
	corner      struct{ X, Y int }
	slotted     struct {
		_    struct{} `pickle:",slots"`
		X, Y int
	}
	slotPoint struct {
		_ struct{} `pickle:",slots"`
		A int      `pickle:"x"`
		B int      `pickle:"y"`
	}
	frozenSlot struct {
		_    struct{} `pickle:",list"`
		X, Y int
	}
	named struct {
		_    struct{} `pickle:",tuple"`
		X, Y int
	}
	segment struct {
		Start  point
		Points []any
		ByName map[string]*point
		UserID int
		End    any
	}
	loop struct {
		Name string
		Next *loop
	}
	color  int
	tone   string
	rank   uint8
	access int
	old    struct{ X, Y int }
)

func models(t testing.TB) *pickle.Registry {
	t.Helper()
	r := pickle.NewRegistry()
	for class, value := range map[string]any{
		"app.models.Point": point{}, "app.models.FrozenPoint": frozenPoint{}, "app.models.Plain": plainPoint{}, "app.models:Shape.Corner": corner{},
		"app.models.Slotted": slotted{}, "app.models.SlotPoint": slotPoint{}, "app.models.FrozenSlotPoint": frozenSlot{}, "app.models.Named": named{},
		"app.models.Segment": segment{}, "app.models.Node": &loop{}, "app.models.Color": map[string]color{"RED": 1, "GREEN": 2},
		"app.models.Tone": map[string]tone{"LOW": "low", "HIGH": "high"}, "app.models.Level": map[string]rank{"INFO": 20},
		"app.models.Access": map[string]access{"READ": 1, "WRITE": 2, "RUN": 4}, "app.models.Old": old{}, "app.models.OldArguments": old{},
	} {
		require.NoError(t, r.Register(class, value))
	}
	return r
}

func zone(t testing.TB, name string) *time.Location {
	t.Helper()
	loc, err := time.LoadLocation(name)
	require.NoError(t, err)
	return loc
}

// libraryValues returns the values of testdata/library.py; those of bothWays return to
// Python as objects of the same class.
func libraryValues(t testing.TB) (bothWays, oneWay map[string]any) {
	paris := zone(t, "Europe/Paris")
	in := func(loc *time.Location) time.Time { return time.Date(2024, 7, 1, 12, 30, 0, 0, loc) }
	fraction := new(big.Rat).SetFrac(new(big.Int).Exp(big.NewInt(3), big.NewInt(100), nil), new(big.Int).Exp(big.NewInt(7), big.NewInt(90), nil))
	dict := func(pairs ...any) *pickle.Dict {
		d := pickle.NewDict()
		for i := 0; i < len(pairs); i += 2 {
			d.Set(pairs[i], pairs[i+1])
		}
		return d
	}
	bothWays = map[string]any{
		"point": point{1, 2}, "frozen": frozenPoint{1, 2}, "plain": plainPoint{1, 2}, "corner": corner{1, 2}, "slotted": slotted{X: 1, Y: 2}, "slotpoint": slotPoint{A: 1, B: 2},
		"frozenslot": frozenSlot{X: 1, Y: 2}, "named": named{X: 1, Y: 2},
		"segment": segment{point{1, 2}, []any{point{3, 4}, point{1, 2}}, map[string]*point{"a": {5, 6}}, 7, frozenPoint{8, 9}},
		"points":  []any{point{1, 2}, point{3, 4}}, "key": dict(frozenPoint{1, 2}, "a"),
		"color": color(2), "colors": []any{color(2), color(1), color(2)}, "tone": tone("high"), "level": rank(20), "access": access(5),
		"time": pickle.Time{Hour: 1, Minute: 2, Second: 3, Microsecond: 4}, "timeutc": pickle.Time{Hour: 23, Minute: 59, Location: time.FixedZone("UTC", 0)},
		"fraction": big.NewRat(-1, 3), "bigfraction": fraction, "range": pickle.Range{Start: 1, Stop: 10, Step: 2}, "safe": pickle.UUID{15: 5},
		"zone": paris, "zonetime": in(paris), "zonetimes": []any{in(paris), time.Date(2024, 1, 1, 0, 0, 0, 0, paris)},
		"fold0": time.Date(2024, 10, 27, 0, 30, 0, 0, time.UTC).In(paris),
	}
	oneWay = map[string]any{
		"fold1": time.Date(2024, 10, 27, 1, 30, 0, 0, time.UTC).In(paris), // protocols 2 and 3 cannot contain it
		"gap":   time.Date(2024, 3, 31, 1, 30, 0, 0, time.UTC).In(paris),  // there is no such time in Go
		"fault": nil, "row": nil, "loop": nil, "origin": nil, "tzlocal": in(time.Local), "zoneutc": in(time.FixedZone("UTC", 0)),
		"uuid": pickle.UUID{15: 5}, "xrange": pickle.Range{Start: 1, Stop: 11, Step: 2}, "old": old{1, 2}, "oldarguments": old{1, 2},
		"counter": dict("a", 2, "b", 1), "defaultdict": dict("a", []any{1}), "deque": []any{1, "b"},
		"posix": "/srv/data/../x.txt", "relative": "a/b", "dot": ".", "windows": `C:\a\b`,
		"pytz": in(paris), "pytzlmt": in(time.FixedZone("LMT", 540)), "pytzutc": in(time.FixedZone("UTC", 0)), "pytzfixed": in(time.FixedZone("", 5400)),
		"pytzstatic": in(time.FixedZone("Etc/GMT+3", -3*3600)), "tzutc": in(time.FixedZone("UTC", 0)), "tzoffset": in(time.FixedZone("X", 5400)), "tzfile": in(paris),
		"float64": 1.5, "float32": -1.5, "float16": 0.333251953125, "bigendian": 1.5, "int64": -3, "int8": -3, "uint16": 65535, "uint64": new(big.Int).SetUint64(1<<64 - 1),
		"bool_": true, "str_": "hé😀", "emptystr_": "", "bytes_": []byte("ab"), "complex128": 1 + 2i, "complex64": 1 + 2i, "scalars": dict("a", []any{1.5, 2.5}),
	}
	return bothWays, oneWay
}

// recorded is a line of testdata/library.jsonl.
type recorded struct {
	Python, Name string
	Pickles      [][]byte
}

func TestLibraryDecodes(t *testing.T) {
	r := models(t)
	values, oneWay := libraryValues(t)
	for name, v := range oneWay {
		values[name] = v
	}
	refused := map[string]string{
		"fault": "app.models.Fault", "row": "app.models.Row", "origin": "app.models.Corner", "longdouble": "numpy.longdouble", "datetime64": "numpy.datetime64", "ndarray": "numpy.ndarray",
	}
	for _, line := range conformance.Lines[recorded](t, "testdata/library.jsonl") {
		for protocol, data := range line.Pickles {
			if data == nil || line.Name == "fold1" && protocol < 4 { // Python has dropped it
				continue
			}
			where := fmt.Sprintf("%s of %s, protocol %d", line.Name, line.Python, protocol)
			var got any
			err := r.Unmarshal(data, &got)
			if name := refused[line.Name]; name != "" {
				var class *pickle.ClassError
				require.ErrorAs(t, err, &class, where)
				assert.Equal(t, name, class.Module+"."+class.Name, where)
				continue
			}
			if !assert.NoError(t, err, where) {
				continue
			}
			if line.Name == "loop" {
				node := got.(*loop)
				assert.Equal(t, "loop", node.Name)
				assert.Same(t, node, node.Next)
				continue
			}
			want, ok := values[line.Name]
			require.True(t, ok, where)
			assertLibrary(t, want, got, where)
		}
	}
}

// assertLibrary is assertSame with the wall clock and zone of a time.
func assertLibrary(t *testing.T, want, got any, where string) {
	t.Helper()
	if want, ok := want.(time.Time); ok && assert.IsType(t, want, got, where) {
		got := got.(time.Time)
		assert.Equal(t, want.Format(time.RFC3339Nano), got.Format(time.RFC3339Nano), where)
		assert.Equal(t, want.Location().String(), got.Location().String(), where)
		return
	}
	if want, ok := want.(pickle.Time); ok && want.Location != nil && assert.IsType(t, want, got, where) {
		assert.Equal(t, want.String(), got.(pickle.Time).String(), where)
		return
	}
	assertSame(t, want, got, where)
}

// TestLibraryEncodes makes every installed Python load what Go writes.
func TestLibraryEncodes(t *testing.T) {
	r := models(t)
	values, _ := libraryValues(t)
	node := &loop{Name: "end"}
	values["loop"] = node
	for _, python := range pythons(t) {
		cmd := exec.CommandContext(t.Context(), python, "-B", "testdata/library.py", "judge")
		in, err := cmd.StdinPipe()
		require.NoError(t, err)
		out, err := cmd.StdoutPipe()
		require.NoError(t, err)
		require.NoError(t, cmd.Start())
		answers := json.NewDecoder(out)
		skipped := 0
		for name, v := range values {
			var all [][]byte
			for protocol := 2; protocol <= 5; protocol++ {
				data, err := r.Marshal(v, protocol)
				require.NoError(t, err, name)
				all = append(all, data)
				var back any
				require.NoError(t, r.Unmarshal(data, &back), name)
				if name != "loop" {
					assertLibrary(t, v, back, name)
				}
			}
			require.NoError(t, json.NewEncoder(in).Encode([]any{name, all}))
			var verdict string
			require.NoError(t, answers.Decode(&verdict))
			if verdict == "skip" {
				skipped++
				continue
			}
			assert.Equal(t, "ok", verdict, "%s in %s", name, python)
		}
		assert.Less(t, skipped, 8, "values that %s does not have", python)
		in.Close()
		require.NoError(t, cmd.Wait())
	}
}

// pythons returns the installed ones.
func pythons(t *testing.T) []string {
	t.Helper()
	if testing.Short() {
		t.Skip("skipped with -short: it needs Python")
	}
	var all []string
	if python, err := exec.LookPath("python3"); err == nil {
		all = append(all, python)
	}
	if python := os.Getenv("RING_PYTHON313"); python != "" {
		all = append(all, python)
	}
	if len(all) == 0 {
		t.Skip("no python3 on PATH")
	}
	return all
}

// TestLibraryIntoTypes decodes into the types that a program would choose.
func TestLibraryIntoTypes(t *testing.T) {
	targets := map[string]struct{ target, want any }{
		"counter": {new(map[string]int), map[string]int{"a": 2, "b": 1}}, "defaultdict": {new(map[string][]int), map[string][]int{"a": {1}}}, "deque": {new([2]any), [2]any{1, "b"}},
		"posix": {new(string), "/srv/data/../x.txt"}, "fraction": {new(big.Rat), *big.NewRat(-1, 3)}, "time": {new(pickle.Time), pickle.Time{Hour: 1, Minute: 2, Second: 3, Microsecond: 4}},
		"zonetime": {target: new(time.Time)}, "pytz": {target: new(*time.Time)},
		"float64": {new(float32), float32(1.5)}, "int64": {new(int8), int8(-3)}, "uint64": {new(uint64), uint64(1<<64 - 1)}, "scalars": {new(map[string][]float64), map[string][]float64{"a": {1.5, 2.5}}},
		"str_": {new(level), level(0)}, "bytes_": {new([2]byte), [2]byte{'a', 'b'}}, "complex64": {new(complex64), complex64(1 + 2i)},
	}
	done := 0
	for _, line := range conformance.Lines[recorded](t, "testdata/library.jsonl") {
		c, ok := targets[line.Name]
		if !ok {
			continue
		}
		for _, data := range line.Pickles {
			err := pickle.Unmarshal(data, c.target)
			if line.Name == "str_" {
				assert.ErrorContains(t, err, "UnmarshalText", "text of numpy is text")
				continue
			}
			require.NoError(t, err, line.Name)
			got := reflect.ValueOf(c.target).Elem().Interface()
			if at, ok := got.(*time.Time); ok {
				got = *at
			}
			if at, ok := got.(time.Time); ok {
				assert.Equal(t, "2024-07-01T12:30:00+02:00", at.Format(time.RFC3339))
				assert.Equal(t, "Europe/Paris", at.Location().String())
				continue
			}
			assert.Equal(t, c.want, got, line.Name)
		}
		done++
	}
	assert.GreaterOrEqual(t, done, len(targets))
	// Ints, and the text of a big.Rat, were stored before.
	for data, want := range map[string]*big.Rat{"K\x05.": big.NewRat(5, 1), "\x8c\x04-3/4.": big.NewRat(-3, 4), "\x8c\x041.25.": big.NewRat(5, 4)} {
		var r *big.Rat
		require.NoError(t, pickle.Unmarshal([]byte(data), &r))
		assert.Zero(t, want.Cmp(r), "%q", data)
	}
	for _, data := range []string{"\x8c\x031e9.", "\x8c\x01x.", "G?\xe0\x00\x00\x00\x00\x00\x00.", "\x8b" + le32(20000) + strings.Repeat("\x7f", 20000) + "."} {
		var mismatch *pickle.TypeError
		assert.ErrorAs(t, pickle.Unmarshal([]byte(data), new(*big.Rat)), &mismatch, "%.20q", data)
	}
}

// TestPathsOfWindows has the parts that Python pickles, up to 3.11 split and from then
// on as they were given, and the str of each path.
func TestPathsOfWindows(t *testing.T) {
	for want, parts := range map[string][]string{
		`\\srv\share\`:  {`//srv/share`},
		`\\srv\share\x`: {`\\srv\share\`, "x"},
		`\\srv\share\y`: {`//srv/share/x`, "/y"},
		`\\a\b\`:        {`//a`, "b"},
		`\\?\C:\x`:      {`\\?\C:\`, "x"},
		`\\?\UNC\a\b\x`: {`//?/UNC/a/b`, "x"},
		`\\\a`:          {"///a"},
		`C:`:            {"a", "C:"},
		`C:\x`:          {"C:/a", "/x"},
		`c:a\b`:         {"C:a", "c:b"},
		`D:b`:           {"C:a", "D:b"},
		`C:a\..\b`:      {"C:", "a", ".", "..", "b"},
		`.\C:`:          {"./C:"},
		`\x`:            {"a", `\x`},
		`.`:             {},
	} {
		text := "cpathlib\nPureWindowsPath\n("
		for _, part := range parts {
			text += "X" + le32(len(part)) + part
		}
		var v any
		require.NoError(t, pickle.Unmarshal([]byte(text+"tR."), &v), want)
		assert.Equal(t, want, v, parts)
	}
}

// TestPaddedScalars: numpy pads text and bytes with zeros and drops them.
func TestPaddedScalars(t *testing.T) {
	for data, want := range map[string]any{
		"cnumpy._core.multiarray\nscalar\n(cnumpy\ndtype\n\x8c\x02S3\x85RC\x03a\x00\x00tR.":                                                       []byte("a"),
		"cnumpy._core.multiarray\nscalar\n(cnumpy\ndtype\n\x8c\x02U2\x85RC\x08a\x00\x00\x00\x00\x00\x00\x00tR.":                                   "a",
		"cnumpy._core.multiarray\nscalar\n(cnumpy\ndtype\n\x8c\x02U2\x85RC\x08\x00\x00\x00\x00a\x00\x00\x00tR.":                                   "\x00a",
		"cnumpy._core.multiarray\nscalar\n(cnumpy\ndtype\n\x8c\x02U1\x85R(K\x03\x8c\x01>NNNJ\xff\xff\xff\xffK\x04K\x00tbC\x04\x00\x00\x00\x00tR.": "",
	} {
		var v any
		require.NoError(t, pickle.Unmarshal([]byte(data), &v), "%q", data)
		assert.Equal(t, want, v, "%q", data)
	}
}

// TestZones has timezones that cannot be loaded.
func TestZones(t *testing.T) {
	zone := func(name string) string {
		return "cbuiltins\ngetattr\nczoneinfo\nZoneInfo\n\x8c\x09_unpickle\x86R\x8c" + string(rune(len(name))) + name + "K\x01\x86R."
	}
	for _, name := range []string{"Mars/Base", "", "Local", "../etc/passwd", "/etc/localtime", "Europe//Paris", "./Europe/Paris", "Europe"} {
		var v any
		err := pickle.Unmarshal([]byte(zone(name)), &v)
		var mismatch *pickle.TypeError
		require.ErrorAs(t, err, &mismatch, name)
		assert.ErrorContains(t, err, "install the time zone database, or import time/tzdata", name)
	}
	// The state of a pytz zone is enough.
	var at time.Time
	data := "cdatetime\ndatetime\n(M\xe8\x07K\x07K\x01K\x00K\x00K\x00K\x00cpytz\n_p\n(\x8c\x09Mars/BaseM\x10\x0eK\x00\x8c\x03MBTtRtR."
	require.NoError(t, pickle.Unmarshal([]byte(data), &at))
	assert.Equal(t, "2024-07-01T00:00:00 +0100 MBT", at.Format("2006-01-02T15:04:05 -0700 MST"))
}

// TestZoneOfMarshal shows which Locations have their names in a pickle.
func TestZoneOfMarshal(t *testing.T) {
	at := func(loc *time.Location) time.Time { return time.Date(2024, 7, 1, 12, 0, 0, 0, loc) }
	for _, c := range []struct {
		time  time.Time
		named bool
	}{
		{at(zone(t, "Europe/Paris")), true}, {at(zone(t, "CET")), true}, {at(zone(t, "Etc/GMT+3")), true}, {at(time.UTC), false}, {at(time.FixedZone("UTC", 0)), false}, {at(time.FixedZone("CET", 3600)), false},
		{at(time.FixedZone("Europe/Paris", 7200)), false}, {at(time.FixedZone("", 3600)), false}, {at(time.Local), false},
		{time.Date(2024, 10, 27, 1, 30, 0, 0, time.UTC).In(zone(t, "Europe/Paris")), false}, // the second of two equal times, which protocol 2 cannot tell
	} {
		data, err := pickle.Marshal(c.time, 2)
		require.NoError(t, err)
		assert.Equal(t, c.named, strings.Contains(string(data), "ZoneInfo"), "%v", c.time)
		var back time.Time
		require.NoError(t, pickle.Unmarshal(data, &back))
		assert.True(t, back.Equal(c.time), "%v became %v", c.time, back)
	}
}

// TestLibraryKeys compares keys like Python.
func TestLibraryKeys(t *testing.T) {
	zoned := func(hour, offset int) pickle.Time {
		return pickle.Time{Hour: hour, Location: time.FixedZone("", offset)}
	}
	tenth := big.NewRat(1, 10)
	for _, c := range []struct {
		a, b  any
		equal bool
	}{
		{big.NewRat(1, 2), 0.5, true}, {big.NewRat(4, 2), 2, true}, {tenth, pickle.Decimal("0.1"), true}, {tenth, 0.1, false}, {big.NewRat(1, 3), big.NewRat(2, 6), true}, {big.NewRat(1, 3), 1.0 / 3, false},
		{big.NewRat(7, 1<<62), big.NewRat(7, 1<<61), false}, {pickle.Range{Start: 0, Stop: 10, Step: 3}, pickle.Range{Start: 0, Stop: 12, Step: 3}, true}, {pickle.Range{Start: 5, Step: 1}, pickle.Range{Start: 7, Stop: 7, Step: -1}, true},
		{pickle.Range{Start: 1, Stop: 3, Step: 1}, pickle.Range{Start: 1, Stop: 4, Step: 1}, false}, {pickle.Range{Start: 1, Stop: 2, Step: 1}, pickle.Range{Start: 1, Stop: 9, Step: 9}, true},
		{pickle.Time{Hour: 1}, pickle.Time{Hour: 1}, true}, {pickle.Time{Hour: 1}, zoned(1, 0), false}, {zoned(2, 7200), zoned(1, 3600), true}, {zoned(2, 7200), zoned(2, 3600), false},
		{(*big.Rat)(nil), nil, true}, {pickle.Tuple{big.NewRat(1, 3)}, pickle.Tuple{big.NewRat(1, 3)}, true},
	} {
		_, found := pickle.NewDict(pickle.Pair{Key: c.a}).Get(c.b)
		assert.Equal(t, c.equal, found, "%v and %v", c.a, c.b)
	}
	assert.Equal(t, `{Fraction(1, 3): range(0, 2), pickle.Time(01:00:00): None}`, pickle.NewDict(pickle.Pair{Key: big.NewRat(1, 3), Value: pickle.Range{Stop: 2, Step: 1}}, pickle.Pair{Key: pickle.Time{Hour: 1}}).String())
}
