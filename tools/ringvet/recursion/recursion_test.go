package recursion_test

import (
	"testing"

	"github.com/ring-go/ring/tools/ringvet/internal/trial"
	"github.com/ring-go/ring/tools/ringvet/recursion"
)

func Test(t *testing.T) { trial.Run(t, recursion.Analyzer, "cases") }
