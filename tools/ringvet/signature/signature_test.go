package signature_test

import (
	"testing"

	"github.com/ring-go/ring/tools/ringvet/internal/trial"
	"github.com/ring-go/ring/tools/ringvet/signature"
	"github.com/ring-go/ring/tools/ringvet/signature/testdata/cases"
)

func Test(t *testing.T) { trial.Run(t, signature.Analyzer, "cases") }

// TestTheLibraryAgrees: New refuses what Bad makes, and nothing else.
func TestTheLibraryAgrees(t *testing.T) { trial.Agree(t, cases.Bad, cases.Good) }
