package shelve

import (
	"errors"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// killRounds is how often a writer is killed: RING_SHELVE_KILLS, or a few times.
func killRounds(t *testing.T) int {
	text := os.Getenv("RING_SHELVE_KILLS")
	if text == "" {
		return 8
	}
	n, err := strconv.Atoi(text)
	require.NoError(t, err, "RING_SHELVE_KILLS is a number")
	return n
}

// TestKill kills a writer again and again, at any moment: everything that it had
// acknowledged is there, and the file is intact.
func TestKill(t *testing.T) {
	path := tempShelf(t)
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	next := 0
	for range killRounds(t) {
		next = killWriter(t, random, path, next)
	}
	s := openShelf(t, path, nil)
	requireIntact(t, path)
	for i := range next {
		requireValue(t, s, killKey(i), killValue(i))
	}
}

// killWriter lets a process write from the number next on, kills it, and returns the
// number after the last one that it acknowledged.
func killWriter(t *testing.T, random *rand.Rand, path string, next int) int {
	t.Helper()
	cmd := child(t, "write", path, strconv.Itoa(next))
	lines := talk(t, cmd)
	for range random.IntN(40) {
		require.True(t, lines.Scan())
		next = acknowledged(t, lines.Text(), next)
	}
	time.Sleep(time.Duration(random.IntN(10_000)) * time.Microsecond)
	require.NoError(t, cmd.Process.Kill())
	for lines.Scan() {
		next = acknowledged(t, lines.Text(), next)
	}
	lines.end()
	s, err := Open(path, nil)
	require.NoError(t, err)
	requireIntact(t, path)
	for i := max(0, next-100); i < next; i++ {
		requireValue(t, s, killKey(i), killValue(i))
	}
	require.NoError(t, s.Close())
	return next
}

func acknowledged(t *testing.T, line string, next int) int {
	t.Helper()
	n, err := strconv.Atoi(line)
	require.NoError(t, err)
	require.GreaterOrEqual(t, n, next)
	return n + 1
}

// TestKillInOpen kills a process that creates shelves again and again: each shelf
// exists as a whole, for Python too, or not at all.
func TestKillInOpen(t *testing.T) {
	dir := t.TempDir()
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	next, before := 0, 0
	for range 5 * killRounds(t) {
		before = next
		next = killOpener(t, random, "make", dir, strconv.Itoa(next)) + before + 1
		for i := before; i < next; i++ {
			requireShelfOrNothing(t, filepath.Join(dir, strconv.Itoa(i)))
		}
	}
	var shelves []string
	for name := range listing(t, dir) {
		if filepath.Ext(name) == "" {
			shelves = append(shelves, filepath.Join(dir, name))
		}
		assert.NotContains(t, name, unfinished)
	}
	assert.Len(t, shelves, next)
	requirePythonOpens(t, shelves...)
}

// TestKillInOpenWithFlagN does the same with a process that empties a shelf.
func TestKillInOpenWithFlagN(t *testing.T) {
	path := tempShelf(t)
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	requireShelfOrNothing(t, path)
	for round := range 5 * killRounds(t) {
		killOpener(t, random, "empty", path)
		if round%8 == 0 {
			requirePythonOpens(t, path)
		}
		s := openShelf(t, path, &Options{Flag: "w"})
		require.LessOrEqual(t, len(allKeys(t, s)), 3)
		for i := range len(allKeys(t, s)) {
			requireValue(t, s, killKey(i), killValue(i))
		}
		require.NoError(t, s.Close())
		requireIntact(t, path)
	}
}

// killOpener kills a process that opens shelves, and returns how many rounds it did.
func killOpener(t *testing.T, random *rand.Rand, name string, args ...string) (rounds int) {
	t.Helper()
	cmd := child(t, name, args...)
	lines := talk(t, cmd)
	for range random.IntN(3) {
		require.True(t, lines.Scan())
		rounds++
	}
	time.Sleep(time.Duration(random.IntN(15_000)) * time.Microsecond)
	require.NoError(t, cmd.Process.Kill())
	for lines.Scan() {
		rounds++
	}
	lines.end()
	return rounds
}

// requireShelfOrNothing opens the file of a killed process for writing, which does not
// turn a file that is no shelf into one.
func requireShelfOrNothing(t *testing.T, path string) {
	t.Helper()
	s, err := Open(path, &Options{Flag: "w"})
	if errors.Is(err, fs.ErrNotExist) {
		s, err = Open(path, nil)
	}
	require.NoError(t, err)
	require.Empty(t, allKeys(t, s))
	require.NoError(t, s.Close())
}

// requirePythonOpens makes Python, if there is one, open and read shelves.
func requirePythonOpens(t *testing.T, paths ...string) {
	t.Helper()
	interpreter := os.Getenv("RING_PYTHON313")
	if interpreter == "" || testing.Short() {
		return
	}
	program := "import shelve, sys\nfor name in sys.argv[1:]:\n  with shelve.open(name, 'w') as s: dict(s)"
	out, err := exec.CommandContext(t.Context(), interpreter, append([]string{"-c", program}, paths...)...).CombinedOutput()
	require.NoError(t, err, "%s", out)
}
