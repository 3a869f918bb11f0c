package porting_test

import (
	"bytes"
	"go/ast"
	"go/doc"
	"go/parser"
	"go/token"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ring-go/ring/internal/testserver"
)

// TestPython runs every script. It prints the same as the Go example with its name,
// unless a comment at its end, like that of an example, says otherwise.
func TestPython(t *testing.T) {
	findPython(t)
	scripts, err := filepath.Glob("*.py")
	require.NoError(t, err)
	require.NotEmpty(t, scripts)
	outputs := exampleOutputs(t)
	for _, script := range scripts {
		name := strings.TrimSuffix(filepath.Base(script), ".py")
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			code, err := os.ReadFile(script)
			require.NoError(t, err)
			want, ok := outputs[name]
			if _, own, differs := strings.Cut(string(code), "\n# Output:"); differs {
				want, ok = strings.ReplaceAll(own, "\n# ", "\n"), true
			}
			require.True(t, ok, "there is no Example_%s, and %s does not say what it prints", name, script)
			servers := ports{}
			if bytes.Contains(code, []byte("REDIS_PORT")) {
				servers["REDIS_PORT"] = testserver.Redis(t)
			}
			if bytes.Contains(code, []byte("MEMCACHED_PORT")) {
				servers["MEMCACHED_PORT"] = testserver.Memcached(t)
			}
			got := runPython(t, servers, script)
			assert.Equal(t, strings.TrimSpace(want), strings.TrimSpace(got))
		})
	}
}

// findPython is the Python that has ring. Without one the test is skipped.
func findPython(t *testing.T) string {
	t.Helper()
	if testing.Short() {
		t.Skip("skipped with -short: it needs Python")
	}
	python := os.Getenv("RING_PYTHON_RING")
	if python == "" {
		t.Skip("RING_PYTHON_RING does not name a Python with ring, redis, pymemcache and diskcache")
	}
	return python
}

// ports are servers, by the variable that tells a script where they listen.
type ports map[string]*testserver.Server

// runPython runs a script with the Python that has ring, and returns what it prints.
func runPython(t *testing.T, servers ports, script string, args ...string) string {
	t.Helper()
	var stderr bytes.Buffer
	cmd := exec.Command(findPython(t), append([]string{"-B", script}, args...)...)
	cmd.Env = append(os.Environ(), "TMPDIR="+t.TempDir(), "PYTHONHASHSEED=0", "PYTHONIOENCODING=utf-8")
	for variable, s := range servers {
		_, port, err := net.SplitHostPort(s.Addr)
		require.NoError(t, err)
		cmd.Env = append(cmd.Env, variable+"="+port)
	}
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	require.NoError(t, err, stderr.String())
	return string(out)
}

// exampleOutputs are what the examples print, by the part of their names behind Example_.
func exampleOutputs(t *testing.T) map[string]string {
	t.Helper()
	sources, err := filepath.Glob("*_test.go")
	require.NoError(t, err)
	var files []*ast.File
	for _, source := range sources {
		file, err := parser.ParseFile(token.NewFileSet(), source, nil, parser.ParseComments)
		require.NoError(t, err)
		files = append(files, file)
	}
	outputs := map[string]string{}
	for _, e := range doc.Examples(files...) {
		outputs[strings.TrimPrefix(e.Name, "_")] = e.Output
	}
	return outputs
}
