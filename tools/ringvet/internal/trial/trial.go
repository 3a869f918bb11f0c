// Package trial tests a check against its testdata, and these against the library.
package trial

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/analysistest"
)

// Run runs a check over packages in the testdata of its directory, which use the real
// package ring. It compares the findings with the comments "want".
func Run(t *testing.T, a *analysis.Analyzer, packages ...string) {
	t.Helper()
	module, patterns := place(t, packages)
	analysistest.Run(t, module, a, patterns...)
}

// RunFixes is Run, and compares what the fixes make with the files .golden.
func RunFixes(t *testing.T, a *analysis.Analyzer, packages ...string) {
	t.Helper()
	module, patterns := place(t, packages)
	analysistest.RunWithSuggestedFixes(t, module, a, patterns...)
}

func place(t *testing.T, packages []string) (module string, patterns []string) {
	t.Helper()
	dir, err := filepath.Abs(".")
	require.NoError(t, err)
	for _, name := range packages {
		patterns = append(patterns, "./"+filepath.Base(dir)+"/testdata/"+name)
	}
	return filepath.Dir(dir), patterns
}

// Agree runs cases: all of bad fail, and none of good.
func Agree(t *testing.T, bad, good []func() error) {
	t.Helper()
	for i, c := range bad {
		assert.Error(t, c(), "Bad[%d]", i)
	}
	for i, c := range good {
		assert.NoError(t, c(), "Good[%d]", i)
	}
}
