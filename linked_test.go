package ring_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
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

// TestLinkerDropsDeadCode: a program that imports ring must not keep the methods of all
// its types, which it would if ring could look one up by name.
func TestLinkerDropsDeadCode(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(dir+"/main.go", []byte(`package main

import "github.com/ring-go/ring"

func main() {
	f := func(n int) int { return n }
	ring.Decorate(&f, ring.Lru{})
	println(f(1))
	r := ring.Wrap(func(s string) (string, error) { return s, nil }, ring.Dict{Coder: "json"}, ring.Signature("s='x'"))
	_, _ = r.Run("get_or_update_many", ring.Args{"a"})
}
`), 0o600))
	cmd := exec.Command("go", "build", "-o", dir+"/main", "-ldflags=-dumpdep", dir+"/main.go")
	var deps bytes.Buffer
	cmd.Stdout, cmd.Stderr = &deps, &deps
	require.NoError(t, cmd.Run(), "%.2000s", &deps)
	require.Contains(t, deps.String(), "github.com/ring-go/ring.Wrap")
	for _, line := range strings.Split(deps.String(), "\n") {
		assert.NotContains(t, line, "<ReflectMethod>")
	}
}
