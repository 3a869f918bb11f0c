package shelve

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// python returns the Python whose shelve the tests use.
func python(t testing.TB) string {
	t.Helper()
	if testing.Short() {
		t.Skip("skipped with -short: it needs Python")
	}
	path := os.Getenv("RING_PYTHON313")
	if path == "" {
		t.Skip("RING_PYTHON313 is not set: set it to a Python 3.13 or newer, such as the one that scripts/python313.sh prints")
	}
	return path
}

// pyShelf is a shelf that is open in Python.
type pyShelf struct {
	t *testing.T
	*conversation
}

func openPython(t *testing.T, path, flag string) *pyShelf {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), python(t), "testdata/shelf.py", path, flag)
	cmd.Stderr = os.Stderr
	return &pyShelf{t, ready(t, cmd)}
}

type request struct {
	Op    string `json:"op"`
	Key   string `json:"key"`
	Value any    `json:"value,omitempty"`
}

func (p *pyShelf) send(r request) {
	p.t.Helper()
	line, err := json.Marshal(r)
	require.NoError(p.t, err)
	_, err = p.in.Write(append(line, '\n'))
	require.NoError(p.t, err)
}

// do returns the answer in the form of the manifest, or ErrNotFound for a KeyError.
func (p *pyShelf) do(op, key string, value any) (any, error) {
	p.t.Helper()
	p.send(request{op, key, value})
	require.True(p.t, p.Scan(), "no answer from Python")
	var reply struct {
		Value any
		Error string
	}
	decoder := json.NewDecoder(bytes.NewReader(p.Bytes()))
	decoder.UseNumber()
	require.NoError(p.t, decoder.Decode(&reply), p.Text())
	if reply.Error != "" {
		return nil, ErrNotFound
	}
	return reply.Value, nil
}

func (p *pyShelf) requireValue(key string, want any) {
	p.t.Helper()
	got, err := p.do("get", key, nil)
	require.NoError(p.t, err, key)
	require.Equal(p.t, jsonText(p.t, want), jsonText(p.t, got), key)
}

func TestPythonReadsOurs(t *testing.T) {
	python(t)
	keys, values := entries(t)
	for protocol := 2; protocol <= 5; protocol++ {
		path := tempShelf(t)
		s := openShelf(t, path, &Options{Protocol: protocol})
		setRecorded(t, s)
		for range 2 {
			p := openPython(t, path, "r")
			for i, key := range keys {
				p.requireValue(key, values[i])
			}
			got, err := p.do("keys", "", nil)
			require.NoError(t, err)
			assert.Len(t, got, len(keys))
			p.end()
			require.NoError(t, s.Close()) // the second time from a closed shelf
		}
	}
}

func TestWeReadPythons(t *testing.T) {
	path := tempShelf(t)
	p := openPython(t, path, "n")
	keys, values := entries(t)
	for i, key := range keys {
		_, err := p.do("set", key, values[i])
		require.NoError(t, err)
	}
	requireRecorded(t, openShelf(t, path, nil))
	p.end()
	requireRecorded(t, openShelf(t, path, &Options{Flag: "r"}))
}

// TestPythonInTurns: Python and Go have the shelf open and change it in turns.
func TestPythonInTurns(t *testing.T) {
	path := tempShelf(t)
	s := openShelf(t, path, nil)
	p := openPython(t, path, "w")
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	model := make(map[string]int)
	for i := range 3000 {
		key := fmt.Sprintf("clé %d", random.IntN(50))
		want, exists := model[key]
		var err error
		switch op := random.IntN(8); op {
		case 0, 1:
			err = s.Set(key, i)
			model[key], exists = i, true
		case 2:
			_, err = p.do("set", key, i)
			model[key], exists = i, true
		case 3:
			err = s.Delete(key)
			delete(model, key)
		case 4:
			_, err = p.do("delete", key, nil)
			delete(model, key)
		case 5:
			var got any
			if got, err = s.Get(key); exists {
				require.Equal(t, want, got)
			}
		case 6:
			var got any
			if got, err = p.do("get", key, nil); exists {
				require.Equal(t, json.Number(strconv.Itoa(want)), got)
			}
		case 7:
			n, err := s.Len()
			require.NoError(t, err)
			require.Equal(t, len(model), n)
			count, err := p.do("len", "", nil)
			require.NoError(t, err)
			require.Equal(t, json.Number(strconv.Itoa(n)), count)
			continue
		}
		if exists {
			require.NoError(t, err)
		} else {
			require.ErrorIs(t, err, ErrNotFound)
		}
	}
	got, err := p.do("keys", "", nil)
	require.NoError(t, err)
	keys := make([]string, 0)
	for _, key := range got.([]any) {
		keys = append(keys, key.(string))
	}
	assert.Equal(t, allKeys(t, s), keys)
}

// TestPythonAtOnce: several processes of both languages write at the same time; nothing
// is lost.
func TestPythonAtOnce(t *testing.T) {
	const count = 300
	path := tempShelf(t)
	s := openShelf(t, path, nil)
	pythons := []*pyShelf{openPython(t, path, "c"), openPython(t, path, "w")}
	for i, p := range pythons {
		p.send(request{"write", fmt.Sprintf("p%d-", i), count})
	}
	var group sync.WaitGroup
	for g := range 3 {
		group.Go(func() {
			for i := range count {
				assert.NoError(t, s.Set(fmt.Sprintf("g%d-%d", g, i), i))
			}
		})
	}
	for _, p := range pythons {
		for range count + 1 { // one more for the answer
			require.True(t, p.Scan())
		}
	}
	group.Wait()
	for i := range count {
		for _, name := range []string{"p0", "p1", "g0", "g1", "g2"} {
			requireValue(t, s, fmt.Sprintf("%s-%d", name, i), i)
		}
		pythons[0].requireValue(fmt.Sprintf("g0-%d", i), i)
	}
	requireIntact(t, path)
}

func TestFlagNWhilePythonHasIt(t *testing.T) {
	path := tempShelf(t)
	p := openPython(t, path, "c")
	_, err := p.do("set", "a", 1)
	require.NoError(t, err)
	_, err = Open(path, &Options{Flag: "n", Timeout: 20 * time.Millisecond})
	require.ErrorIs(t, err, ErrLocked)
	p.requireValue("a", 1)
	_, err = p.do("set", "b", 2)
	require.NoError(t, err)
	p.end()
	s := openShelf(t, path, &Options{Flag: "n"})
	assert.Empty(t, allKeys(t, s))
	require.NoError(t, s.Set("c", 3))
	openPython(t, path, "r").requireValue("c", 3)
}

// TestPythonEmptiesOurs: Python's flag "n" removes the file while Go has it open,
// although Python then fails over its log.
func TestPythonEmptiesOurs(t *testing.T) {
	path := tempShelf(t)
	s := openShelf(t, path, nil)
	require.NoError(t, s.Set("a", 1))
	out, _ := exec.CommandContext(t.Context(), python(t), "testdata/shelf.py", path, "n").CombinedOutput()
	t.Logf("%s", out)
	require.ErrorIs(t, s.Set("b", 2), ErrMoved)
	require.NoError(t, s.Close())
	s = openShelf(t, path, nil)
	assert.Empty(t, allKeys(t, s))
	require.NoError(t, s.Set("c", 3))
	openPython(t, path, "c").requireValue("c", 3)
	require.NoError(t, s.Close())
	requireIntact(t, path)
}

// TestMadeAnewWhilePythonHasTheOldOne: a process that has the old file open in Python
// does not affect the new one.
func TestMadeAnewWhilePythonHasTheOldOne(t *testing.T) {
	path := tempShelf(t)
	p := openPython(t, path, "c")
	_, err := p.do("set", "old", 1)
	require.NoError(t, err)
	require.NoError(t, os.Remove(path))
	s := openShelf(t, path, nil)
	for i := range 100 {
		require.NoError(t, s.Set(fmt.Sprint(i), i))
		_, err := p.do("set", "old", i)
		require.NoError(t, err)
	}
	p.end()
	require.NoError(t, s.Set("last", 1))
	assert.Len(t, allKeys(t, s), 101)
	assert.Len(t, allKeys(t, openShelf(t, path, nil)), 101)
	require.NoError(t, s.Close())
	requireIntact(t, path)
}

// TestConversion: the Python code in the error about an older shelf converts it.
func TestConversion(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.CopyFS(dir, os.DirFS("testdata")))
	_, err := Open(filepath.Join(dir, "py311dumb"), nil)
	require.ErrorIs(t, err, ErrOldShelf)
	_, program, found := strings.Cut(err.Error(), "dbm.sqlite3: ")
	require.True(t, found, err)
	cmd := exec.CommandContext(t.Context(), python(t), "-c", program)
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", out)
	requireRecorded(t, openShelf(t, filepath.Join(dir, "py311dumb.new"), nil))
}

// TestKillBesidePython kills a writer in Go beside one in Python, which is killed as
// well.
func TestKillBesidePython(t *testing.T) {
	path := tempShelf(t)
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	written := make(map[string]int)
	next := 0
	openShelf(t, path, nil)
	for round := range killRounds(t) {
		p := openPython(t, path, "c")
		name := fmt.Sprintf("p%d-", round)
		p.send(request{"write", name, 1 << 30})
		next = killWriter(t, random, path, next)
		require.NoError(t, p.cmd.Process.Kill())
		for p.Scan() {
			written[name]++
		}
		p.end()
	}
	s := openShelf(t, path, nil)
	requireIntact(t, path)
	for i := range next {
		requireValue(t, s, killKey(i), killValue(i))
	}
	for name, n := range written {
		for i := range n {
			requireValue(t, s, name+strconv.Itoa(i), i)
		}
	}
	assert.NotEmpty(t, written)
}
