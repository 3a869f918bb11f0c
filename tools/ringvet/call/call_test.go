package call_test

import (
	"testing"

	"github.com/ring-go/ring/tools/ringvet/call"
	"github.com/ring-go/ring/tools/ringvet/call/testdata/cases"
	"github.com/ring-go/ring/tools/ringvet/internal/trial"
)

func Test(t *testing.T) { trial.Run(t, call.Analyzer, "cases", "uses", "ignored") }

// TestTheLibraryAgrees: the calls of Bad fail, and those of Good do not.
func TestTheLibraryAgrees(t *testing.T) { trial.Agree(t, cases.Bad, cases.Good) }
