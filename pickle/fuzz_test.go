package pickle_test

import (
	"math/big"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/ring-go/ring/internal/conformance"
	"github.com/ring-go/ring/pickle"
)

// seedPickles adds the recorded pickles and some hostile ones. They include laughs with
// that many levels.
func seedPickles(f *testing.F, levels int) {
	f.Helper()
	for _, v := range conformance.Lines[forms](f, "testdata/vectors.jsonl") {
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
	f.Add(laughsOf(levels, "](", "e"))
	for _, line := range conformance.Lines[recorded](f, "testdata/library.jsonl") {
		for _, data := range line.Pickles {
			if data != nil && len(data) < 4096 {
				f.Add(data)
			}
		}
	}
}

// FuzzUnmarshal checks that no data panics, hangs or takes unlimited memory.
func FuzzUnmarshal(f *testing.F) {
	seedPickles(f, 60)
	r := models(f)
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
		if err := r.Unmarshal(data, &v); err != nil {
			var none any
			require.Error(t, pickle.Unmarshal(data, &none), "a registry only adds to what can be decoded")
		}
		for _, target := range []any{
			new(segment), new([]point), new(*loop), new([]color), new(map[frozenPoint]access), new([]any), new(pickle.Time), new([]*big.Rat), new(big.Rat), new([]pickle.Range), new(*time.Location),
		} {
			_ = r.Unmarshal(data, target)
		}
		for _, target := range []any{
			new(node), new([]node), new(map[any]any), new(map[string]any), new([][]byte), new([]string), new([2]any), new(*pickle.Dict), new(map[time.Duration]float32), new(map[[2]int]*int), new([]time.Time),
		} {
			_ = pickle.Unmarshal(data, target)
		}
		require.Less(t, time.Since(start), 5*time.Second)
	})
}

// FuzzObjects is FuzzRoundTrip with registered classes.
func FuzzObjects(f *testing.F) {
	seedPickles(f, 12) // with 60 levels FuzzRoundTrip does the same, and takes seconds
	for _, data := range []string{
		pointClass + ")\x81}(\x8c\x01xK\x01\x8c\x01yK\x02ub.", pointClass + "K\x01K\x02\x86R.", "(iapp.models\nOld\n(dS'x'\nI1\nsb.", "c_operator\nor_\ncapp.models\nAccess\nK\x05\x85RK\x02\x86R.",
	} {
		f.Add([]byte(data))
	}
	r := models(f)
	f.Fuzz(func(t *testing.T, data []byte) { roundTrip(t, r, data) })
}

// FuzzRoundTrip checks that a decoded value survives encoding in every protocol, and
// has the same bytes the second time.
func FuzzRoundTrip(f *testing.F) {
	seedPickles(f, 60)
	f.Fuzz(func(t *testing.T, data []byte) { roundTrip(t, nil, data) })
}

func roundTrip(t *testing.T, r *pickle.Registry, data []byte) {
	var v any
	if err := r.Unmarshal(data, &v); err != nil {
		return
	}
	for protocol := 2; protocol <= 5; protocol++ {
		first, err := r.Marshal(v, protocol)
		if err != nil {
			var typeError *pickle.TypeError
			require.ErrorAs(t, err, &typeError)
			require.Regexp(t, oneWay, err.Error())
			return
		}
		var back any
		require.NoError(t, r.Unmarshal(first, &back))
		if len(first) < 1<<16 { // comparing expanded sharing can take long
			require.True(t, same(v, back), "%v became %v", v, back)
		}
		second, err := r.Marshal(back, protocol)
		require.NoError(t, err)
		if len(first) < 1<<20 {
			require.Equal(t, first, second)
		}
		pickle.Plain(back)
	}
}

// oneWay matches the errors for values that can be decoded but not written: a value
// that contains itself, a time zone of the machine, and a member without a registered
// name.
const oneWay = "holding itself|its offset changes|registered for"
