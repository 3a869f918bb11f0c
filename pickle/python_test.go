package pickle_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"os/exec"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/ring-go/ring/internal/conformance"
	"github.com/ring-go/ring/pickle"
)

var (
	pythonSeed = flag.Int64("pythonseed", 0, "seed of the values that Python makes; 0: the time")
	pythonRuns = flag.Int("pythonvalues", 500, "how many values Python makes")
)

// forms are the pickles of one value, as written by testdata/peer.py.
type forms struct {
	Pickles [][]byte // protocols 0 to 5
	Optimal [][]byte // protocols 2 to 5, as pickletools.optimize leaves them
}

// decodeAll decodes all pickles of one value and checks that they agree.
func decodeAll(t *testing.T, f forms) any {
	t.Helper()
	var first any
	for protocol, data := range append(f.Pickles, f.Optimal...) {
		var v any
		require.NoError(t, pickle.Unmarshal(data, &v), "pickle %d: %q", protocol, data)
		if protocol == 0 {
			first = v
		}
		assertSame(t, first, v, "pickle %d: %q", protocol, data)
	}
	return first
}

func TestRecordedVectors(t *testing.T) {
	for _, f := range conformance.Lines[forms](t, "testdata/vectors.jsonl") {
		v := decodeAll(t, f)
		for i, got := range marshalAll(t, v) {
			require.Equal(t, string(f.Optimal[i]), string(got), "%.300v in protocol %d", v, i+2)
		}
	}
}

// marshalAll returns the pickles of v in protocols 2 to 5.
func marshalAll(t *testing.T, v any) [][]byte {
	t.Helper()
	var all [][]byte
	for protocol := 2; protocol <= 5; protocol++ {
		data, err := pickle.Marshal(v, protocol)
		require.NoError(t, err, "%.300v", v)
		all = append(all, data)
	}
	return all
}

// TestPython makes a real Python generate random values, decodes its pickles and lets
// it judge the ones that come back.
func TestPython(t *testing.T) {
	if testing.Short() {
		t.Skip("skipped with -short: it needs Python")
	}
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("no python3 on PATH")
	}
	seed := *pythonSeed
	if seed == 0 {
		seed = time.Now().UnixNano()
	}
	t.Logf("seed %d", seed)
	cmd := exec.CommandContext(t.Context(), python, "testdata/peer.py", "serve", strconv.FormatInt(seed, 10))
	in, err := cmd.StdinPipe()
	require.NoError(t, err)
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	defer func() {
		in.Close()
		err := cmd.Wait()
		if !t.Failed() {
			require.NoError(t, err)
		}
	}()
	questions := json.NewDecoder(out)
	const batch = 100
	for done := 0; done < *pythonRuns; done += batch {
		fmt.Fprintln(in, batch)
		var all [batch]forms
		for i := range all {
			require.NoError(t, questions.Decode(&all[i]))
		}
		for _, f := range all {
			line, err := json.Marshal(marshalAll(t, decodeAll(t, f)))
			require.NoError(t, err)
			_, err = in.Write(append(line, '\n'))
			require.NoError(t, err)
			var verdict string
			require.NoError(t, questions.Decode(&verdict))
			require.Equal(t, "ok", verdict)
		}
	}
}
