package main

import (
	"bytes"
	"os"
	"os/exec"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestRun compares the output of both programs with output.txt.
func TestRun(t *testing.T) {
	if testing.Short() {
		t.Skip("skipped with -short: it needs Python")
	}
	if os.Getenv("RING_PYTHON_RING") == "" {
		t.Skip("RING_PYTHON_RING does not name a Python with ring and redis")
	}
	want, err := os.ReadFile("output.txt")
	require.NoError(t, err)

	var stderr bytes.Buffer
	run := exec.Command("./run.sh")
	run.Stderr = &stderr
	got, err := run.Output()
	require.NoError(t, err, stderr.String())
	assert.Equal(t, string(want), string(got))
	assert.Empty(t, stderr.String())
}
