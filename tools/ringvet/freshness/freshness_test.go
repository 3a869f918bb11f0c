package freshness_test

import (
	"testing"

	"github.com/ring-go/ring/tools/ringvet/freshness"
	"github.com/ring-go/ring/tools/ringvet/freshness/testdata/cases"
	"github.com/ring-go/ring/tools/ringvet/internal/trial"
)

func Test(t *testing.T) { trial.Run(t, freshness.Analyzer, "cases") }

// TestTheLibraryAgrees: New refuses what Bad makes, and nothing else.
func TestTheLibraryAgrees(t *testing.T) { trial.Agree(t, cases.Bad, cases.Good) }
