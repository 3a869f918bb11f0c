package capture_test

import (
	"testing"

	"github.com/ring-go/ring/tools/ringvet/capture"
	"github.com/ring-go/ring/tools/ringvet/internal/trial"
)

func Test(t *testing.T) { trial.Run(t, capture.Analyzer, "cases") }
