package wraploop_test

import (
	"testing"

	"github.com/ring-go/ring/tools/ringvet/internal/trial"
	"github.com/ring-go/ring/tools/ringvet/wraploop"
)

func Test(t *testing.T) { trial.Run(t, wraploop.Analyzer, "cases") }
