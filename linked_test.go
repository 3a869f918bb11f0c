package ring_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestNothingOfRedisIsLinked: a program that caches in memory contains no code of the Redis
// client beyond what its import alone costs.
func TestNothingOfRedisIsLinked(t *testing.T) {
	if testing.Short() {
		t.Skip("it builds a program")
	}
	root, err := os.Getwd()
	require.NoError(t, err)
	dir := t.TempDir()
	write := func(name, text string) {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600))
	}
	sums, err := os.ReadFile("go.sum")
	require.NoError(t, err)
	mod, err := os.ReadFile("go.mod")
	require.NoError(t, err)
	write("go.sum", string(sums))
	write("go.mod", string(bytes.Replace(mod, []byte("module github.com/ring-go/ring"), []byte("module example.com/linked"), 1))+
		"\nrequire github.com/ring-go/ring v0.0.0\nreplace github.com/ring-go/ring => "+root+"\n")
	write("main.go", `package main

import "github.com/ring-go/ring"

func main() {
	square := ring.Wrap(func(n int) int { return n * n }, ring.Lru{})
	println(square.Call(7))
}
`)
	run := func(args ...string) []byte {
		cmd := exec.Command("go", args...)
		cmd.Dir = dir
		out, err := cmd.CombinedOutput()
		require.NoError(t, err, "%s", out)
		return out
	}
	run("build", "-mod=mod", "-o", "program", ".")
	symbols := bytes.Count(run("tool", "nm", "program"), []byte("github.com/redis/go-redis"))
	t.Logf("%d symbols of the Redis client", symbols)
	assert.Less(t, symbols, 120, "its import alone brings 51")
}
