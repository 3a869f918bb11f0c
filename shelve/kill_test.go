package shelve

import (
	"math/rand/v2"
	"os"
	"strconv"
	"testing"
	"time"

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

// A writer is killed again and again, at any moment: what it had acknowledged is there, and the
// file is sound.
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
