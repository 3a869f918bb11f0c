package shelve

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math/big"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ring-go/ring/pickle"
)

// recorded is one shelf of testdata/manifest.json. Values that JSON cannot tell apart are
// objects with one member, such as {"$tuple": [...]}.
type recorded struct {
	Files   []string
	Format  string
	Entries [][2]any
	Removed []string
}

func manifest(t testing.TB) []recorded {
	t.Helper()
	data, err := os.ReadFile("testdata/manifest.json")
	require.NoError(t, err)
	var m struct{ Shelves []recorded }
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber()
	require.NoError(t, decoder.Decode(&m))
	require.Len(t, m.Shelves, 2)
	return m.Shelves
}

// entries are those of the shelf that Python 3.13 wrote.
func entries(t testing.TB) (keys []string, values []any) {
	t.Helper()
	for _, e := range manifest(t)[0].Entries {
		keys, values = append(keys, e[0].(string)), append(values, e[1])
	}
	return keys, values
}

func TestRecordedShelf(t *testing.T) {
	path := tempShelf(t)
	data, err := os.ReadFile("testdata/py313.shelf")
	require.NoError(t, err)
	writeFile(t, path, data)
	for _, flag := range []string{"r", "w", "c"} {
		s := openShelf(t, path, &Options{Flag: flag})
		requireRecorded(t, s)
		for _, key := range manifest(t)[0].Removed {
			_, err := s.Get(key)
			require.ErrorIs(t, err, ErrNotFound)
		}
		require.NoError(t, s.Close())
	}
}

func TestRecordedValuesWritten(t *testing.T) {
	for protocol := 2; protocol <= 5; protocol++ {
		s := openShelf(t, tempShelf(t), &Options{Protocol: protocol})
		setRecorded(t, s)
		requireRecorded(t, s)
	}
}

func setRecorded(t testing.TB, s *Shelf) {
	t.Helper()
	keys, values := entries(t)
	for i, key := range keys {
		require.NoError(t, s.Set(key, untagged(t, values[i])))
	}
}

func requireRecorded(t testing.TB, s *Shelf) {
	t.Helper()
	keys, values := entries(t)
	for i, key := range keys {
		got, err := s.Get(key)
		require.NoError(t, err, key)
		require.Equal(t, jsonText(t, values[i]), jsonText(t, tagged(t, got)), key)
	}
	n, err := s.Len()
	require.NoError(t, err)
	assert.Equal(t, len(keys), n)
	assert.ElementsMatch(t, keys, allKeys(t, s))
	for item, err := range s.Items() {
		require.NoError(t, err)
		i := slices.Index(keys, item.Key)
		require.Equal(t, jsonText(t, values[i]), jsonText(t, tagged(t, item.Value)), item.Key)
	}
}

func jsonText(t testing.TB, v any) string {
	t.Helper()
	text, err := json.Marshal(v)
	require.NoError(t, err)
	return string(text)
}

// tagged is v in the form of the manifest.
func tagged(t testing.TB, v any) any {
	t.Helper()
	tag := func(name string, content any) any { return map[string]any{name: content} }
	switch v := v.(type) {
	case nil, bool, string:
		return v
	case int:
		return v
	case *big.Int:
		return tag("$int", v.String())
	case float64:
		return tag("$float", floatText(v))
	case []byte:
		return tag("$bytes", base64.StdEncoding.EncodeToString(v))
	case []any:
		return tag("$list", taggedAll(t, v))
	case pickle.Tuple:
		return tag("$tuple", taggedAll(t, v))
	case *pickle.Dict:
		pairs := []any{}
		for key, value := range v.All() {
			pairs = append(pairs, []any{tagged(t, key), tagged(t, value)})
		}
		return tag("$dict", pairs)
	case *pickle.Set:
		return tag("$set", sorted(t, slices.Collect(v.All())))
	case *pickle.FrozenSet:
		return tag("$frozenset", sorted(t, slices.Collect(v.All())))
	}
	require.Fail(t, "unexpected type", "%T", v)
	return nil
}

func taggedAll(t testing.TB, vs []any) []any {
	all := make([]any, len(vs))
	for i, v := range vs {
		all[i] = tagged(t, v)
	}
	return all
}

func sorted(t testing.TB, members []any) []any {
	all := taggedAll(t, members)
	slices.SortFunc(all, func(a, b any) int { return strings.Compare(fmt.Sprint(a), fmt.Sprint(b)) })
	return all
}

func floatText(f float64) string {
	text := strings.ToLower(strings.TrimPrefix(strconv.FormatFloat(f, 'g', -1, 64), "+"))
	if !strings.ContainsAny(text, ".einf") {
		text += ".0"
	}
	return text
}

// untagged is the value of which v is the form in the manifest.
func untagged(t testing.TB, v any) any {
	t.Helper()
	if n, ok := v.(json.Number); ok {
		i, err := strconv.Atoi(n.String())
		require.NoError(t, err)
		return i
	}
	object, ok := v.(map[string]any)
	if !ok {
		return v
	}
	for tag, content := range object {
		switch tag {
		case "$int":
			i, ok := new(big.Int).SetString(content.(string), 10)
			require.True(t, ok)
			return i
		case "$float":
			f, err := strconv.ParseFloat(content.(string), 64)
			require.NoError(t, err)
			return f
		case "$bytes":
			data, err := base64.StdEncoding.DecodeString(content.(string))
			require.NoError(t, err)
			return data
		case "$list":
			return untaggedAll(t, content)
		case "$tuple":
			return pickle.Tuple(untaggedAll(t, content))
		case "$dict":
			dict := pickle.NewDict()
			for _, pair := range content.([]any) {
				p := untaggedAll(t, pair)
				dict.Set(p[0], p[1])
			}
			return dict
		case "$set":
			return pickle.NewSet(untaggedAll(t, content)...)
		case "$frozenset":
			return pickle.NewFrozenSet(untaggedAll(t, content)...)
		}
	}
	require.Fail(t, "unknown tag", "%v", v)
	return nil
}

func untaggedAll(t testing.TB, content any) []any {
	all := make([]any, 0)
	for _, v := range content.([]any) {
		all = append(all, untagged(t, v))
	}
	return all
}
