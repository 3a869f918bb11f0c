package prefix_test

import (
	"testing"

	"github.com/ring-go/ring/tools/ringvet/internal/trial"
	"github.com/ring-go/ring/tools/ringvet/prefix"
)

func Test(t *testing.T) { trial.Run(t, prefix.Analyzer, "cases") }
