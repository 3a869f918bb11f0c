package pickle_test

import (
	"encoding/json"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/ring-go/ring/pickle"
)

// seedPickles adds the recorded pickles and some that are not what they seem.
func seedPickles(f *testing.F) {
	f.Helper()
	file, err := os.Open("testdata/vectors.jsonl")
	require.NoError(f, err)
	defer file.Close()
	for decoder := json.NewDecoder(file); decoder.More(); {
		var v forms
		require.NoError(f, decoder.Decode(&v))
		for _, data := range v.Pickles {
			if len(data) < 4096 {
				f.Add(data)
			}
		}
	}
	for _, data := range []string{
		"\x80\x02]q\x00h\x00a.", "\x80\x02]q\x00h\x00\x85q\x01a0h\x01.", "((lp0\n(g0\ntp1\na00g1\n.", "I01\n.", "L5L\n.", "F1e5\n.", "S'a\\x41\\n'\n.",
		"Va\\u20ac\n.", "(I1\nI2\nd.", "N2\x86.", "(N1N.", "ccollections\nOrderedDict\n((l(lI1\naI2\naatR.", "}(\x88N\x89NK\x01Nu.",
	} {
		f.Add([]byte(data))
	}
	f.Add(laughs("](", "e"))
}

// FuzzUnmarshal checks that no data panics, hangs or takes memory without bound.
func FuzzUnmarshal(f *testing.F) {
	seedPickles(f)
	type node struct {
		ID    int `pickle:"id"`
		Name  string
		Nodes []node
		Next  *node
		Map   map[string]*node
		Set   map[any]struct{}
		Any   any
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		start := time.Now()
		var v any
		if err := pickle.Unmarshal(data, &v); err != nil {
			require.Nil(t, v)
		}
		for _, target := range []any{
			new(node), new([]node), new(map[any]any), new(map[string]any), new([][]byte), new([]string), new([2]any), new(*pickle.Dict), new(map[time.Duration]float32), new(map[[2]int]*int), new([]time.Time),
		} {
			_ = pickle.Unmarshal(data, target)
		}
		require.Less(t, time.Since(start), 5*time.Second)
	})
}

// FuzzRoundTrip checks that what was decoded once survives encoding in every
// protocol, with bytes that are the same the second time.
func FuzzRoundTrip(f *testing.F) {
	seedPickles(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		var v any
		if err := pickle.Unmarshal(data, &v); err != nil {
			return
		}
		for protocol := 2; protocol <= 5; protocol++ {
			first, err := pickle.Marshal(v, protocol)
			if err != nil {
				var typeError *pickle.TypeError
				require.ErrorAs(t, err, &typeError)
				require.Contains(t, err.Error(), "holding itself") // the only thing that goes one way
				return
			}
			var back any
			require.NoError(t, pickle.Unmarshal(first, &back))
			if len(first) < 1<<16 { // expanded sharing can make comparing long
				require.True(t, same(v, back), "%v became %v", v, back)
			}
			second, err := pickle.Marshal(back, protocol)
			require.NoError(t, err)
			if len(first) < 1<<20 {
				require.Equal(t, first, second)
			}
			pickle.Plain(back)
		}
	})
}
