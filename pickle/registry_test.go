package pickle_test

import (
	"encoding/hex"
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ring-go/ring/internal/samples"
	"github.com/ring-go/ring/pickle"
)

// unpickled decodes text of opcodes with the classes of testdata/app.
func unpickled(t *testing.T, data string) (any, error) {
	t.Helper()
	var v any
	err := models(t).Unmarshal([]byte(data), &v)
	return v, err
}

const pointClass = "capp.models\nPoint\n"

func TestObjectsOfEveryForm(t *testing.T) {
	for name, data := range map[string]string{
		"NEWOBJ and a dict":          pointClass + ")\x81}(\x8c\x01xK\x01\x8c\x01yK\x02ub.",
		"names of Python 2":          pointClass + ")\x81}(U\x01xK\x01U\x01yK\x02ub.",
		"a class in a str of 2":      "U\x0aapp.modelsU\x05Point\x93)\x81}(U\x01xK\x01U\x01yK\x02ub.",
		"_reconstructor":             "ccopy_reg\n_reconstructor\n(" + pointClass + "c__builtin__\nobject\nNtR(dVx\nI1\nsVy\nI2\nsb.",
		"__newobj__":                 "ccopyreg\n__newobj__\n" + pointClass + "\x85R}(\x8c\x01xK\x01\x8c\x01yK\x02ub.",
		"__newobj_ex__":              "ccopyreg\n__newobj_ex__\n" + pointClass + ")}(\x8c\x01xK\x01\x8c\x01yK\x02u\x87R.",
		"NEWOBJ_EX":                  pointClass + ")}(\x8c\x01xK\x01\x8c\x01yK\x02u\x92.",
		"slots":                      pointClass + ")\x81N}(\x8c\x01xK\x01\x8c\x01yK\x02u\x86b.",
		"a dict and slots":           pointClass + ")\x81}\x8c\x01xK\x01s}\x8c\x01yK\x02s\x86b.",
		"a list":                     pointClass + ")\x81](K\x01K\x02eb.",
		"a tuple of values":          pointClass + ")\x81K\x01K\x02\x86b.",
		"arguments":                  pointClass + "K\x01K\x02\x86R.",
		"arguments of __new__":       pointClass + "K\x01K\x02\x86\x81.",
		"other arguments and a dict": pointClass + "\x8c\x01?\x85\x81}(\x8c\x01xK\x01\x8c\x01yK\x02ub.",
		"INST":                       "(iapp.models\nPoint\n(dS'x'\nI1\nsS'y'\nI2\nsb.",
		"OBJ":                        "(" + pointClass + "o}(U\x01xK\x01U\x01yK\x02ub.",
		"OBJ with arguments":         "(" + pointClass + "K\x01K\x02o.",
		"two BUILDs":                 pointClass + ")\x81}(\x8c\x01xK\x09\x8c\x01yK\x02ub}\x8c\x01xK\x01sb.",
		"None as state":              pointClass + ")\x81}(\x8c\x01xK\x01\x8c\x01yK\x02ubNb.",
		"unknown attributes":         pointClass + ")\x81}(\x8c\x01xK\x01\x8c\x01yK\x02\x8c\x01z]K\x05Nub.",
		"another case":               pointClass + ")\x81}(\x8c\x01XK\x01\x8c\x01YK\x02ub.",
		"a __dict__ in the state":    pointClass + ")\x81}(\x8c\x08__dict__}(\x8c\x01xK\x01\x8c\x01yK\x02u\x8c\x06extrasNub.",
		"a dict that grows later":    pointClass + ")\x81}q\x00(\x8c\x01xK\x01\x8c\x01yK\x02ubh\x00\x8c\x01xK\x07s0.",
	} {
		v, err := unpickled(t, data)
		require.NoError(t, err, name)
		assert.Equal(t, point{1, 2}, v, name)
		var p point
		require.NoError(t, models(t).Unmarshal([]byte(data), &p), name)
		assert.Equal(t, point{1, 2}, p, name)
		var pp **point
		require.NoError(t, models(t).Unmarshal([]byte(data), &pp), name)
		assert.Equal(t, point{1, 2}, **pp, name)
		var other struct{ Y int64 }
		if err := models(t).Unmarshal([]byte(data), &other); strings.Contains(name, "a list") || strings.Contains(name, "a tuple") || strings.Contains(name, "arguments") && !strings.Contains(name, "other") {
			assert.ErrorContains(t, err, "by their order", name)
			continue
		}
		assert.EqualValues(t, 2, other.Y, "%s: a struct of no class takes what it has fields for", name)
		assert.Error(t, pickle.Unmarshal([]byte(data), &p), "the default registry does not know the class")
	}
}

func TestObjectsThatDoNotFit(t *testing.T) {
	for data, message := range map[string]string{
		pointClass + ")\x81}\x8c\x01xNsb.":                              "pickle: field x: None as int: the types do not match",
		pointClass + ")\x81K\x05b.":                                     "the state of an object of app.models.Point is not a dict, a list or a tuple",
		pointClass + "K\x01\x85\x81.":                                   "1 arguments as pickle_test.point: the class gives its attributes by their order, and the struct has 2 fields",
		pointClass + ")\x81]K\x01ab.":                                   "1 values",
		pointClass + ")\x81]q\x00(h\x00h\x00eb.":                        "list as int",
		"capp.models\nColor\n)R.":                                       "0 arguments",
		"capp.models\nColor\n\x8c\x03REDK\x01\x86R.":                    "2 arguments",
		"capp.models\nColor\n\x8c\x03RED\x85R.":                         "str as pickle_test.color",
		"capp.models\nLevel\nM\x2c\x01\x85R.":                           "int 300 as pickle_test.rank: the value does not fit",
		"cbuiltins\ngetattr\ncapp.models\nColor\n\x8c\x04BLUE\x86R.":    "member BLUE as pickle_test.color: app.models.Color has no member of that name",
		"c_operator\nor_\ncapp.models\nTone\n\x8c\x01a\x85RK\x01\x86R.": "only whole numbers can be joined",
	} {
		_, err := unpickled(t, data)
		var mismatch *pickle.TypeError
		require.ErrorAs(t, err, &mismatch, "%q", data)
		assert.ErrorContains(t, err, message, "%q", data)
	}
	for _, data := range []string{
		pointClass + "K\x01R.", pointClass + "K\x01\x81.", "K\x01)\x81.", pointClass + "\x8c\x01x)\x92.",
		"ccopyreg\n__newobj__\n)R.", "ccopyreg\n__newobj_ex__\nK\x01)}\x87R.", "ccopyreg\n_reconstructor\n)R.", "cbuiltins\ngetattr\n)R.", "(o.", "(K\x01o.", "iapp.models\nPoint\n.",
		"cbuiltins\ngetattr\ncapp.models\nColor\nK\x01\x86R.", "cnumpy\ndtype\n\x8c\x02f8\x85RK\x01b.",
	} {
		_, err := unpickled(t, data)
		assert.ErrorIs(t, err, pickle.ErrSyntax, "%q", data)
	}
	_, err := unpickled(t, pointClass+".")
	assert.ErrorIs(t, err, errors.ErrUnsupported, "a class is no object")
	_, err = unpickled(t, "cdatetime\ndatetime\n.")
	assert.ErrorIs(t, err, errors.ErrUnsupported)
	assert.ErrorContains(t, err, "datetime.datetime is used in a way")
	assert.NotContains(t, err.Error(), "register", "which is refused")
	for _, target := range []any{new(int), new(string), new([]any), new(map[string]any), new(*pickle.Dict), new(frozenPoint), new(color), new(time.Time), new(fmt.Stringer)} {
		err := models(t).Unmarshal([]byte(pointClass+")\x81."), target)
		var mismatch *pickle.TypeError
		require.ErrorAs(t, err, &mismatch, "%T", target)
		assert.Contains(t, err.Error(), "an object of app.models.Point", "%T", target)
	}
}

func TestClassThatIsMeant(t *testing.T) {
	for data, name := range map[string]string{
		"cos\nsystem\n.": "os.system",
		"cbuiltins\ngetattr\ncos\nsystem\n\x8c\x04call\x86R.":                                                             "os.system",
		"cbuiltins\ngetattr\nca\nOuter\n\x8c\x05Inner\x86R)\x81.":                                                         "a.Outer.Inner",
		"cbuiltins\ngetattr\ncbuiltins\ngetattr\nca\nA\n\x8c\x01B\x86R\x8c\x01C\x86R)R.":                                  "a.A.B.C",
		"\x8c\x01a\x8c\x0bOuter.Inner\x93)\x81.":                                                                          "a.Outer.Inner",
		"cbuiltins\ngetattr\nca\nColor\n\x8c\x03RED\x86R.":                                                                "a.Color",
		"c_operator\nor_\ncbuiltins\ngetattr\nca\nFlag\n\x8c\x01A\x86Rcbuiltins\ngetattr\nca\nFlag\n\x8c\x01B\x86R\x86R.": "a.Flag",
		"ccopyreg\n_reconstructor\n(ca\nB\ncbuiltins\nobject\nNtR.":                                                       "a.B",
		"ccopyreg\n_reconstructor\n(ca\nB\ncbuiltins\ndict\n}tR.":                                                         "a.B",
		"ccopyreg\n__newobj__\nca\nB\n\x85R.":                                                                             "a.B",
		"ccopyreg\n__newobj_ex__\nca\nB\n)}\x87R.":                                                                        "a.B",
		"cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\x00\x85C\x01b\x87R.":                                    "numpy.ndarray",
		"cpandas._libs.tslibs.timestamps\n_unpickle_timestamp\n(K\x00NNK\x0atR.":                                          "pandas.Timestamp",
		"ccollections\ndefaultdict\nca\nmake\n\x85R.":                                                                     "a.make",
		"ca\nB\n0N.":                           "a.B",
		"ca\nB\n(ca\nC\n)\x81tR.":              "a.B",
		"cbuiltins\ngetattr\nN\x8c\x01x\x86R.": "builtins.getattr",
		"cbuiltins\ngetattr\ncbuiltins\ndict\n\x8c\x04keys\x86R)R.": "builtins.dict.keys",
		"cbuiltins\nlist\n)R.": "builtins.list",
		"cbuiltins\ngetattr\ncapp.models\nPoint\n\x8c\x04make\x86R)R.": "app.models.Point.make",
		"coperator\nor_\nK\x01K\x02\x86R.":                             "operator.or_",
	} {
		v, err := unpickled(t, data)
		var class *pickle.ClassError
		if assert.ErrorAs(t, err, &class, "%q gave %v", data, v) {
			assert.Equal(t, name, class.Module+"."+class.Name, "%q", data)
			assert.ErrorIs(t, err, errors.ErrUnsupported)
		}
	}
}

type status string

func (s status) MarshalText() ([]byte, error) { return []byte("go:" + string(s)), nil }

func (s *status) UnmarshalText(text []byte) error {
	if string(text) != "ON" && string(text) != "on" {
		return fmt.Errorf("no status %s", text)
	}
	*s = "on"
	return nil
}

type shade string

func TestEnumMembers(t *testing.T) {
	r := pickle.NewRegistry()
	require.NoError(t, r.Register("a.Status", status("")))
	require.NoError(t, r.Register("a.Shade", shade("")))
	require.NoError(t, r.Register("a.Level", rank(0)))
	require.NoError(t, r.Register("a.Corner", map[string]point{"ORIGIN": {}, "UNIT": {1, 1}}))
	byName := func(class, name string) string {
		return "cbuiltins\ngetattr\nca\n" + class + "\n\x8c" + string(rune(len(name))) + name + "\x86R."
	}
	for data, want := range map[string]any{
		byName("Status", "ON"): status("on"), "ca\nStatus\n\x8c\x02on\x85R.": status("on"),
		byName("Shade", "DARK"): shade("DARK"), "ca\nShade\n\x8c\x04dark\x85R.": shade("dark"),
		"ca\nLevel\nK\x05\x85R.":                                            rank(5),
		byName("Corner", "UNIT"):                                            point{1, 1},
		"c_operator\nor_\nca\nLevel\nK\x05\x85RK\x02\x86R.":                 rank(7),
		"c_operator\nor_\nca\nLevel\nK\x04\x85Rca\nLevel\nK\x01\x85R\x86R.": rank(5),
	} {
		var v any
		require.NoError(t, r.Unmarshal([]byte(data), &v), "%q", data)
		assert.Equal(t, want, v, "%q", data)
	}
	var v any
	assert.ErrorContains(t, r.Unmarshal([]byte(byName("Level", "INFO")), &v), "register a map from the names to values, or give the type UnmarshalText")
	assert.ErrorContains(t, r.Unmarshal([]byte(byName("Status", "OFF")), &v), "no status OFF")
	for _, c := range []struct {
		value any
		want  string
	}{
		{status("on"), "\x80\x02ca\nStatus\nX\x02\x00\x00\x00on\x85R."},
		{rank(5), "\x80\x02ca\nLevel\nK\x05\x85R."},
		{point{1, 1}, "\x80\x02c__builtin__\ngetattr\nca\nCorner\nX\x04\x00\x00\x00UNIT\x86R."},
		{map[rank]int{5: 1}, "\x80\x02}ca\nLevel\nK\x05\x85RK\x01s."},
	} {
		data, err := r.Marshal(c.value, 2)
		require.NoError(t, err)
		assert.Equal(t, c.want, string(data))
	}
	_, err := r.Marshal(point{5, 5}, 0)
	assert.ErrorContains(t, err, "it is not one of the members that are registered for a.Corner")
	_, err = models(t).Marshal(tone("middle"), 0)
	assert.ErrorContains(t, err, "it is not one of the members")
	_, err = models(t).Marshal(access(8), 0)
	assert.NoError(t, err, "flags have values without a name")
}

// TestMembersAsKeys has a member and its bare value as keys, which Python tells apart.
func TestMembersAsKeys(t *testing.T) {
	red := "capp.models\nColor\nK\x01\x85R"
	_, err := unpickled(t, "}("+red+"\x8c\x01aK\x01\x8c\x01bu.")
	assert.ErrorContains(t, err, "a key 1 of type pickle_test.color and one of type int")
	_, err = unpickled(t, "(K\x01"+red+"\x91.")
	assert.ErrorContains(t, err, "they are one key in it")
	var typed map[any]string
	require.NoError(t, models(t).Unmarshal([]byte("}("+red+"\x8c\x01aK\x01\x8c\x01bu."), &typed))
	assert.Equal(t, map[any]string{color(1): "a", 1: "b"}, typed)
	v, err := unpickled(t, "}("+red+"\x8c\x01a"+red+"\x8c\x01bu.")
	require.NoError(t, err)
	got, _ := v.(*pickle.Dict).Get(color(1))
	assert.Equal(t, "b", got)
}

func TestObjectsThatHoldThemselves(t *testing.T) {
	r := pickle.NewRegistry()
	type inner struct{ Self *inner }
	type byValue struct{ List []byValue }
	require.NoError(t, r.Register("a.Pointer", &inner{}))
	require.NoError(t, r.Register("a.Value", byValue{}))
	var v any
	require.NoError(t, r.Unmarshal([]byte("ca\nPointer\n)\x81q\x00}\x8c\x04selfh\x00sb."), &v))
	assert.Same(t, v, v.(*inner).Self)
	_, err := r.Marshal(v, 0)
	assert.ErrorContains(t, err, "holding itself")
	require.ErrorContains(t, r.Unmarshal([]byte("ca\nValue\n)\x81q\x00}\x8c\x04list]h\x00asb."), &v), "it holds itself, which the type cannot show")
	// Two references to one object.
	require.NoError(t, r.Unmarshal([]byte("]q\x01(ca\nPointer\n)\x81q\x00h\x00e."), &v))
	assert.Same(t, v.([]any)[0], v.([]any)[1])
	require.NoError(t, r.Unmarshal([]byte("]q\x01(ca\nPointer\n)\x81q\x00h\x00e."), new([]*inner)))
}

func TestObjectsAreWrittenAsPythonDoes(t *testing.T) {
	data, err := models(t).Marshal([]point{{1, 2}, {1, 2}}, 4)
	require.NoError(t, err)
	// pickletools.optimize(pickle.dumps([Point(1, 2), Point(1, 2)], 4))
	assert.Equal(t, "8004953b00000000000000"+hex.EncodeToString([]byte("](\x8c\x0aapp.models\x8c\x05Point\x93\x94)\x81}(\x8c\x01x\x94K\x01\x8c\x01y\x94K\x02ubh\x00)\x81}(h\x01K\x01h\x02K\x02ube.")), hex.EncodeToString(data))
	data, err = models(t).Marshal([]any{color(2), color(2), access(8), access(8)}, 2)
	require.NoError(t, err)
	assert.Equal(t, "\x80\x02](c__builtin__\ngetattr\ncapp.models\nColor\nX\x05\x00\x00\x00GREEN\x86Rq\x00h\x00capp.models\nAccess\nK\x08\x85Rq\x01h\x01e.", string(data))
	type tagged struct {
		A    int `pickle:"alpha"`
		Beta int `pickle:",omitempty"`
		C    int `pickle:"-"`
	}
	type empty struct{}
	r := pickle.NewRegistry()
	require.NoError(t, r.Register("a.T", tagged{}))
	require.NoError(t, r.Register("a.E", empty{}))
	require.NoError(t, r.Register("a.Other", tagged{}), "a second name of the type")
	data, err = r.Marshal([]any{&tagged{A: 1, C: 3}, (*tagged)(nil), empty{}}, 2)
	require.NoError(t, err)
	assert.Equal(t, "\x80\x02](ca\nT\n)\x81}X\x05\x00\x00\x00alphaK\x01sbNca\nE\n)\x81e.", string(data))
	data, err = r.Marshal(map[string]any{"UserID": 1}, 2)
	require.NoError(t, err)
	assert.Contains(t, string(data), "UserID", "a dict keeps its keys")
	type camel struct{ UserID, HTTPServer, X, Already_there, Ünder int }
	require.NoError(t, r.Register("a.C", camel{}))
	data, err = r.Marshal(camel{1, 2, 3, 4, 5}, 4)
	require.NoError(t, err)
	for _, name := range []string{"\x07user_id", "\x0bhttp_server", "\x01x", "\x0dalready_there", "\x06ünder"} {
		assert.Contains(t, string(data), "\x8c"+name)
	}
}

func TestRegisterRefuses(t *testing.T) {
	r := pickle.NewRegistry()
	type same struct {
		UserID  int
		User_id int
	}
	type secret struct{ a int }
	type blank struct {
		_ struct{} `pickle:",other"`
		A int
	}
	type list []int
	require.NoError(t, r.Register("a.P", point{}))
	require.NoError(t, r.Register("a.P", point{}), "once more")
	for _, c := range []struct {
		class   string
		value   any
		message string
	}{
		{"", point{}, "give the full name"}, {"Point", point{}, "give the full name"}, {"a..P", point{}, "is not a name"}, {"a.b\nc.P", point{}, "is not a name"},
		{"a:", point{}, "is not a name"}, {"a." + strings.Repeat("x", 1000), point{}, "give the full name"}, {"datetime.datetime", point{}, "decodes that class by itself"},
		{"a.N", nil, "there is no type"}, {"a.N", time.Time{}, "stands for another class"}, {"a.N", &pickle.Dict{}, "stands for another class"}, {"a.N", struct{ A int }{}, "no name of its own"},
		{"a.N", 5, "no name of its own"}, {"a.N", list{}, "objects cannot become a slice"}, {"a.N", new(color), "register the int itself"}, {"a.N", secret{1}, "only unexported fields"},
		{"a.N", same{}, `two fields of pickle_test.same are the attribute "user_id"`}, {"a.N", blank{}, "the tag of a blank field"},
		{"a.N", map[string]color{}, "the map of members is empty"}, {"a.N", map[string]color{"a b": 1}, "is not the name of a member"},
		{"a.N", map[string]any{"A": 1}, "members cannot be"}, {"a.N", map[string]*color{"A": nil}, "members cannot be"}, {"a.N", map[string]int{"A": 1}, "no name of its own"},
	} {
		err := r.Register(c.class, c.value)
		require.Error(t, err, "%q %T", c.class, c.value)
		assert.ErrorContains(t, err, c.message)
		assert.True(t, strings.HasPrefix(err.Error(), "pickle: register "), err)
	}
}

// TestRegistries has several registries at once, and changes them while they are used.
func TestRegistries(t *testing.T) {
	type mine struct{ A int }
	a, b := pickle.NewRegistry(), new(pickle.Registry)
	require.NoError(t, a.Register("a.Mine", point{}))
	require.NoError(t, a.Register("a.Mine", mine{}), "in place of the other")
	require.NoError(t, b.Register("b.Mine", &mine{}))
	for r, class := range map[*pickle.Registry]string{a: "ca\nMine\n", b: "cb\nMine\n"} {
		data, err := r.Marshal(mine{1}, 2)
		require.NoError(t, err)
		assert.Contains(t, string(data), class)
	}
	data, err := pickle.Marshal(mine{1}, 2)
	require.NoError(t, err)
	assert.Equal(t, "\x80\x02}X\x01\x00\x00\x00AK\x01s.", string(data), "the default registry does not know it")
	var back mine
	require.NoError(t, a.Unmarshal(data, &back), "a dict still is one")
	assert.Equal(t, mine{1}, back)
	data, err = a.Marshal(map[[1]mine]int{}, 2)
	require.NoError(t, err)
	require.NoError(t, b.Unmarshal(data, new(any)))

	var group sync.WaitGroup
	for i := range 8 {
		group.Go(func() {
			for j := range 20 {
				assert.NoError(t, a.Register(fmt.Sprintf("c%d.Mine%d", i, j), mine{}))
				data, err := a.Marshal([]mine{{i}}, 0)
				assert.NoError(t, err)
				var v any
				assert.NoError(t, a.Unmarshal(data, &v))
				assert.Equal(t, []any{mine{i}}, v)
			}
		})
	}
	group.Wait()
}

type shape interface{ Area() int }

type square struct{ Side int }

func (s square) Area() int { return s.Side * s.Side }

// TestDefaultRegistry is the only test that registers for the whole program.
func TestDefaultRegistry(t *testing.T) {
	require.NoError(t, pickle.Register("tests.Square", square{}))
	data, err := pickle.Marshal([]shape{square{2}, square{3}}, 0)
	require.NoError(t, err)
	var shapes []shape
	require.NoError(t, pickle.Unmarshal(data, &shapes))
	assert.Equal(t, []shape{square{2}, square{3}}, shapes)
	var none *pickle.Registry
	require.NoError(t, none.Unmarshal(data, &shapes), "no registry is the default one")
	var plain any
	require.NoError(t, pickle.Unmarshal(data, &plain))
	assert.Equal(t, []any{square{2}, square{3}}, pickle.Plain(plain))
	// As keys and members.
	d := pickle.NewDict(pickle.Pair{Key: square{2}, Value: 1}, pickle.Pair{Key: pickle.Tuple{square{3}}, Value: 2})
	data, err = pickle.Marshal(d, 0)
	require.NoError(t, err)
	require.NoError(t, pickle.Unmarshal(data, &plain))
	got, _ := plain.(*pickle.Dict).Get(pickle.Tuple{square{3}})
	assert.Equal(t, 2, got)
	data, err = pickle.Marshal(map[square]int{{2}: 1, {1}: 2}, 0)
	require.NoError(t, err)
	var typed map[square]int
	require.NoError(t, pickle.Unmarshal(data, &typed))
	assert.Equal(t, map[square]int{{2}: 1, {1}: 2}, typed)
}

func TestObjectsAreBounded(t *testing.T) {
	r := models(t)
	type huge struct{ Buffer [1 << 16]byte }
	require.NoError(t, r.Register("a.Huge", huge{}))
	many := samples.Rounds(50_000)
	state := "}q\x01("
	for i := range samples.Rounds(20_000) {
		state += fmt.Sprintf("X\x05\x00\x00\x00%05dK\x01", i)
	}
	state += "u"
	for name, data := range map[string]string{
		"one state for many objects":   pointClass + "q\x00" + state + "0](" + strings.Repeat("h\x00)\x81h\x01b", many) + "e.",
		"many BUILDs of one object":    pointClass + ")\x81" + state + "b" + strings.Repeat("h\x01b", 2*many) + ".",
		"one list for many objects":    pointClass + "q\x000](" + strings.Repeat("K\x01", many) + "eq\x010](" + strings.Repeat("h\x00)\x81h\x01b", many) + "e.",
		"arguments shared":             pointClass + "q\x000(" + strings.Repeat("K\x01", many) + "tq\x010](" + strings.Repeat("h\x00h\x01\x81", many) + "e.",
		"a large type in little data":  "ca\nHuge\nq\x000](" + strings.Repeat("h\x00)\x81", many) + "e.",
		"a Counter again and again":    "ccollections\nCounter\nq\x000" + state + "0](" + strings.Repeat("h\x00h\x01\x85R", many) + "e.",
		"flags joined with themselves": "c_operator\nor_\nq\x000capp.models\nAccess\nK\x01\x85Rq\x01" + strings.Repeat("0h\x00h\x01h\x01\x86Rq\x01", many) + ".",
		"a deep chain of objects":      strings.Repeat("capp.models\nNode\n)\x81}X\x04\x00\x00\x00next", many) + "N" + strings.Repeat("sb", many) + ".",
		"classes within classes":       "cbuiltins\ngetattr\nq\x000ca\nA\n" + strings.Repeat("q\x01h\x00h\x01\x8c\x01B\x86R", many) + ".",
		"many unknown classes":         "](" + strings.Repeat("ca\nA\n", 2*many) + "e.",
		"a shared fraction as key":     "cfractions\nFraction\n\x8a\xf8" + strings.Repeat("\x7f", 248) + "K\x07\x86Rq\x000](" + strings.Repeat("}h\x00Ns", 2*many) + "e.",
		"a shared int in fractions":    "cfractions\nFraction\nq\x000\x8b\x00\x30\x00\x00" + strings.Repeat("\x7f", 0x3000) + "q\x010](" + strings.Repeat("h\x00h\x01K\x07\x86R", 2*many) + "e.",
		"paths of shared parts":        "cpathlib\nPosixPath\nq\x000X\x00\x10\x00\x00" + strings.Repeat("a/", 2048) + "q\x010](" + strings.Repeat("h\x00h\x01h\x01\x86R", 2*many) + "e.",
		"zones that nobody knows": func() string {
			text := "cpytz\n_p\nq\x000]("
			for i := range many {
				text += fmt.Sprintf("h\x00(X\x07\x00\x00\x00A/%05dM\x1c\x02K\x00\x8c\x03LMTtR", i)
			}
			return text + "e."
		}(),
		"text of numpy": "cnumpy._core.multiarray\nscalar\nq\x000cnumpy\ndtype\n\x8c\x05U4096\x85Rq\x01B\x00\x40\x00\x00" + strings.Repeat("a\x00\x00\x00", 4096) + "q\x020](" + strings.Repeat("h\x00h\x01h\x02\x86R", 2*many) + "e.",
	} {
		t.Run(name, func(t *testing.T) {
			bounded(t, 700<<20, func() {
				var v any
				err := r.Unmarshal([]byte(data), &v)
				if err == nil {
					_, err = r.Marshal(v, 0)
				}
				if err != nil {
					assert.NotContains(t, err.Error(), "STOP with", "the data is not what it should be")
				}
			})
		})
	}
	// Nested as deeply as lists may be.
	deep := strings.Repeat("capp.models\nNode\n)\x81}X\x04\x00\x00\x00next", 9000) + "N" + strings.Repeat("sb", 9000) + "."
	_, err := unpickled(t, deep)
	require.NoError(t, err)
	v, err := unpickled(t, strings.Repeat("capp.models\nNode\n)\x81}X\x04\x00\x00\x00next", 20000)+"N"+strings.Repeat("sb", 20000)+".")
	assert.ErrorContains(t, err, "nested more than")
	assert.Nil(t, v)
}

// TestPythonEnumsByName makes the installed Python pickle its members.
func TestPythonEnumsByName(t *testing.T) {
	for _, python := range pythons(t) {
		out, err := exec.Command(python, "-B", "-c", `
import sys, pickle
sys.path.insert(0, "testdata")
from app import models as m
sys.stdout.buffer.write(pickle.dumps([m.Color.RED, m.Tone.LOW, m.Level.INFO, m.Access.WRITE | m.Access.RUN, m.Access(0)]))`).Output()
		require.NoError(t, err)
		v, err := unpickled(t, string(out))
		require.NoError(t, err)
		assert.Equal(t, []any{color(1), tone("low"), rank(20), access(6), access(0)}, v)
	}
}
