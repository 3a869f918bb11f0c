package main_test

import (
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestCommand runs ringvet alone, and as the tool of go vet.
func TestCommand(t *testing.T) {
	tool := filepath.Join(t.TempDir(), "ringvet")
	out, err := exec.Command("go", "build", "-o", tool, ".").CombinedOutput()
	require.NoError(t, err, string(out))

	const uses = "./call/testdata/uses"
	const finding = `uses.go:19:2: Call: summarize() parameter 2: string is not int`
	for _, c := range []struct {
		name    string
		command []string
		want    string // "": nothing is found
	}{
		{"alone", []string{tool, uses}, finding},
		{"go vet", []string{"go", "vet", "-vettool=" + tool, uses}, finding},
		{"one check alone", []string{tool, "-call", uses}, finding},
		{"another check alone", []string{tool, "-assert", uses}, ""},
		{"without the check", []string{tool, "-call=false", uses}, ""},
		{"types that are wrong", []string{tool, "./testdata/broken"}, "undefined: nothing"},
	} {
		t.Run(c.name, func(t *testing.T) {
			out, err := exec.Command(c.command[0], c.command[1:]...).CombinedOutput()
			assert.NotContains(t, string(out), "panic")
			if c.want == "" {
				assert.NoError(t, err, string(out))
				assert.Empty(t, string(out))
				return
			}
			assert.Error(t, err)
			assert.Contains(t, string(out), c.want)
		})
	}
}
