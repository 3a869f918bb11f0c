package contextkey_test

import (
	"testing"

	"github.com/ring-go/ring/tools/ringvet/contextkey"
	"github.com/ring-go/ring/tools/ringvet/internal/trial"
)

func Test(t *testing.T) { trial.Run(t, contextkey.Analyzer, "cases") }
