package cycle_test

import (
	"testing"

	"github.com/ring-go/ring/tools/ringvet/cycle"
	"github.com/ring-go/ring/tools/ringvet/internal/trial"
)

func Test(t *testing.T) { trial.Run(t, cycle.Analyzer, "cases") }
