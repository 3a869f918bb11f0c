package shelve

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math/big"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ring-go/ring/internal/conformance"
	"github.com/ring-go/ring/internal/pytext"
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
	var m struct{ Shelves []recorded }
	conformance.Document(t, "testdata/manifest.json", &m)
	require.Len(t, m.Shelves, 2)
	return m.Shelves
}

// entries returns the entries of the shelf that Python 3.13 wrote.
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
		require.NoError(t, s.Set(key, conformance.Natural.Value(values[i])))
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

// tagged returns v in the form of the manifest.
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
		return tag("$float", string(pytext.AppendFloat(nil, v, 64)))
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
