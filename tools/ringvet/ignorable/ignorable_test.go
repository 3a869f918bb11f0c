package ignorable_test

import (
	"testing"

	"github.com/ring-go/ring/tools/ringvet/ignorable"
	"github.com/ring-go/ring/tools/ringvet/ignorable/testdata/cases"
	"github.com/ring-go/ring/tools/ringvet/internal/trial"
)

func Test(t *testing.T) { trial.Run(t, ignorable.Analyzer, "cases") }

// TestTheLibraryAgrees: New refuses what Bad makes, and nothing else.
func TestTheLibraryAgrees(t *testing.T) { trial.Agree(t, cases.Bad, cases.Good) }
