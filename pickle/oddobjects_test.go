package pickle_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ring-go/ring/pickle"
)

// TestArgumentsBesideAState: a class whose __reduce__ gives both.
func TestArgumentsBesideAState(t *testing.T) {
	type cached struct{ X, Y, Cache int }
	r := models(t)
	require.NoError(t, r.Register("app.models.Cached", cached{}))
	state := "}\x8c\x05cacheK\x05s"
	for name, data := range map[string]string{
		"of all fields":       pointClass + "K\x01K\x02\x86R" + state + "b.",
		"of all, one by name": pointClass + "K\x01K\x09\x86R}\x8c\x01yK\x02sb.",
	} {
		v, err := unpickled(t, data)
		require.NoError(t, err, name)
		assert.Equal(t, point{1, 2}, v, name)
	}
	for name, data := range map[string]string{
		"of some fields":    "capp.models\nCached\nK\x01K\x02\x86R" + state + "b.",
		"keyword arguments": pointClass + "K\x01\x85}\x8c\x01yK\x02s\x92.",
	} {
		var v any
		err := r.Unmarshal([]byte(data), &v)
		var mismatch *pickle.TypeError
		require.ErrorAs(t, err, &mismatch, name)
		assert.ErrorContains(t, err, "nothing tells whether the field x is among them", name)
	}
}

// TestItemsOfObjects: a subclass of a container has items, for which a struct has no
// place.
func TestItemsOfObjects(t *testing.T) {
	for data, base := range map[string]string{
		")\x81K\x01a.": "list", ")\x81(K\x01K\x02e.": "list", ")\x81K\x01K\x02s.": "dict", ")\x81(K\x01K\x02u.": "dict", ")\x81(K\x01\x90.": "set",
	} {
		_, err := unpickled(t, pointClass+data)
		var mismatch *pickle.TypeError
		require.ErrorAs(t, err, &mismatch, "%q", data)
		assert.ErrorContains(t, err, "an object of app.models.Point", "%q", data)
		assert.ErrorContains(t, err, "have Python store it as a "+base, "%q", data)
	}
	// In protocols 0 and 1, a struct with one field does not take the items.
	type one struct{ A any }
	r := pickle.NewRegistry()
	require.NoError(t, r.Register("a.One", one{}))
	for base, items := range map[string]string{"dict": "}\x8c\x01aK\x01s", "list": "]K\x01a"} {
		var v any
		err := r.Unmarshal([]byte("ccopy_reg\n_reconstructor\n(ca\nOne\nc__builtin__\n"+base+"\n"+items+"tR."), &v)
		var mismatch *pickle.TypeError
		require.ErrorAs(t, err, &mismatch)
		assert.ErrorContains(t, err, "have Python store it as a "+base)
	}
}

// TestEqualObjectsAsKeys: if a class has no __eq__, two equal objects can be keys of
// one dict.
func TestEqualObjectsAsKeys(t *testing.T) {
	object := pointClass + "K\x01K\x02\x86\x81"
	keys := "(" + object + "K\x01" + object + "K\x02"
	for _, c := range []struct {
		data   string
		target any
	}{
		{"}" + keys + "u.", new(any)}, {"}" + keys + "u.", new(map[point]int)}, {"}" + keys + "u.", new(map[any]int)},
		{"(" + object + object + "\x91.", new(any)}, {"\x8f(" + object + object + "\x90.", new(any)}, {"\x8f(" + object + object + "\x90.", new(map[point]struct{})},
	} {
		err := models(t).Unmarshal([]byte(c.data), c.target)
		var mismatch *pickle.TypeError
		if assert.ErrorAs(t, err, &mismatch, "%q as %T", c.data, c.target) {
			assert.ErrorContains(t, err, "app.models.Point", "%q", c.data)
			assert.ErrorContains(t, err, "are one key in Go", "%q", c.data)
		}
	}
	// One object that is given twice is one key in Python as well.
	var once map[point]int
	require.NoError(t, models(t).Unmarshal([]byte(object+"q\x000}(h\x00K\x01h\x00K\x02u."), &once))
	assert.Equal(t, map[point]int{{1, 2}: 2}, once)
}

// TestUnhashableWithinKeys: Go finds out only when it hashes them.
func TestUnhashableWithinKeys(t *testing.T) {
	type row struct {
		_ struct{} `pickle:",tuple"`
		A any
	}
	r := models(t)
	require.NoError(t, r.Register("app.models.Row", row{}))
	object := "capp.models\nRow\nK\x01K\x02\x86\x85\x81"
	for _, c := range []struct {
		data   string
		target any
	}{
		{"}K\x01K\x02\x86\x85K\x05s.", new(map[row]int)}, {"}K\x01K\x02\x86\x85K\x05s.", new(map[[1]any]int)}, {"}" + object + "K\x05s.", new(map[row]int)},
		{"(K\x01K\x02\x86\x85\x91.", new(map[row]struct{})}, {"(" + object + "\x91.", new(map[row]struct{})}, {"(" + object + "\x91.", new(any)},
	} {
		var mismatch *pickle.TypeError
		assert.ErrorAs(t, r.Unmarshal([]byte(c.data), c.target), &mismatch, "%q as %T", c.data, c.target)
	}
	type corner struct{ At any }
	require.NoError(t, r.Register("app.models.Corner", map[string]corner{"ORIGIN": {0}}))
	_, err := r.Marshal([]any{corner{0}, corner{[]int{1}}}, 0)
	assert.ErrorContains(t, err, "it is not one of the members that are registered for app.models.Corner")
}

// TestZonesAsKeys: Python tells zones apart by their names.
func TestZonesAsKeys(t *testing.T) {
	zones := []any{zone(t, "Europe/Paris"), zone(t, "Europe/Berlin"), zone(t, "Etc/GMT-1"), time.FixedZone("", 3600)}
	d := pickle.NewDict()
	for i, zone := range zones {
		d.Set(zone, i)
	}
	d.Set(time.FixedZone("CET", 3600), 4) // is equal to the one without a name
	require.Equal(t, len(zones), d.Len())
	data, err := pickle.Marshal(d, 0)
	require.NoError(t, err)
	var back *pickle.Dict
	require.NoError(t, pickle.Unmarshal(data, &back))
	for i, want := range []int{0, 1, 2, 4} {
		got, _ := back.Get(zones[i])
		assert.Equal(t, want, got, zones[i])
	}
}

// TestGenericClasses: an object of Gen[int] has the type in an attribute.
func TestGenericClasses(t *testing.T) {
	alias := "}(\x8c\x01xK\x01\x8c\x01yK\x02\x8c\x0e__orig_class__c_operator\ngetitem\n" + pointClass + "cbuiltins\nint\n\x86Rub."
	v, err := unpickled(t, pointClass+")\x81"+alias)
	require.NoError(t, err)
	assert.Equal(t, point{1, 2}, v)
	_, err = unpickled(t, "c_operator\ngetitem\n"+pointClass+"cbuiltins\nint\n\x86R.")
	var class *pickle.ClassError
	require.ErrorAs(t, err, &class)
	assert.Equal(t, pickle.ClassError{Module: "app.models", Name: "Point"}, *class)
	_, err = unpickled(t, "coperator\ngetitem\nca\nA\ncbuiltins\nint\n\x86R.")
	require.ErrorAs(t, err, &class)
	assert.Equal(t, pickle.ClassError{Module: "a", Name: "A"}, *class)
	_, err = unpickled(t, "coperator\ngetitem\n]K\x01aK\x00\x86R.")
	require.ErrorAs(t, err, &class)
}

// TestBuiltinExceptions: they have another module in the pickles of protocols 0 to 2.
func TestBuiltinExceptions(t *testing.T) {
	type failure struct{ Text string }
	r := pickle.NewRegistry()
	require.NoError(t, r.Register("builtins.ValueError", failure{}))
	for _, module := range []string{"builtins", "exceptions"} {
		var v any
		require.NoError(t, r.Unmarshal([]byte("c"+module+"\nValueError\n\x8c\x01m\x85R."), &v), module)
		assert.Equal(t, failure{"m"}, v)
		err := pickle.Unmarshal([]byte("c"+module+"\nValueError\n\x8c\x01m\x85R."), &v)
		assert.ErrorContains(t, err, "builtins.ValueError", module)
	}
}
