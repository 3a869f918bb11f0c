package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestReadDump(t *testing.T) {
	file := filepath.Join(t.TempDir(), "dump.1")
	require.NoError(t, os.WriteFile(file, []byte("version: 1\nsummary: 6251794\n\nfn=(1) main.main\n3 4\ntotals: 6248308\n"), 0o644))
	total, err := readDump(file)
	require.NoError(t, err)
	assert.Equal(t, 6248308, total)

	require.NoError(t, os.WriteFile(file, []byte("version: 1\n"), 0o644))
	_, err = readDump(file)
	assert.ErrorContains(t, err, "has no totals")
}

// TestCounting counts one row twice.
func TestCounting(t *testing.T) {
	if _, err := exec.LookPath("valgrind"); err != nil || !canCount {
		t.Log("there is no valgrind on amd64: nothing is counted")
		return
	}
	self := filepath.Join(t.TempDir(), "bench")
	out, err := exec.Command("go", "build", "-o", self, ".").CombinedOutput()
	require.NoError(t, err, "%s", out)
	var ours, base []float64
	for range 2 {
		all, err := countUnderValgrind(self, "steps", "key: Scalars(int)")
		require.NoError(t, err)
		require.Len(t, all, 1)
		ours, base = append(ours, all[0].Ours), append(base, all[0].Base)
	}
	assert.InEpsilon(t, ours[0], ours[1], 0.05)
	assert.InEpsilon(t, base[0], base[1], 0.05)
	assert.Greater(t, ours[0], base[0], "the key of an integer beside no key")
	assert.Greater(t, base[0], 100.0)
	assert.Less(t, ours[0], 5000.0)
}
