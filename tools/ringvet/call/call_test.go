package call_test

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/tools/go/analysis/analysistest"

	"github.com/ring-go/ring"
	"github.com/ring-go/ring/tools/ringvet/call"
	"github.com/ring-go/ring/tools/ringvet/call/testdata/cases"
)

func TestCall(t *testing.T) {
	module, err := filepath.Abs("..")
	require.NoError(t, err)
	analysistest.Run(t, module, call.Analyzer, "./call/testdata/cases", "./call/testdata/uses")
}

// TestTheLibraryAgrees: the calls of Bad are errors of their arguments, and those of Good
// are none.
func TestTheLibraryAgrees(t *testing.T) {
	for i, bad := range cases.Bad {
		assert.ErrorIs(t, bad(), ring.ErrArguments, "Bad[%d]", i)
	}
	for i, good := range cases.Good {
		assert.NoError(t, good(), "Good[%d]", i)
	}
}
