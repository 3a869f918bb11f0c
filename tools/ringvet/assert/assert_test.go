package assert_test

import (
	"testing"

	"github.com/ring-go/ring/tools/ringvet/assert"
	"github.com/ring-go/ring/tools/ringvet/internal/trial"
)

func Test(t *testing.T) { trial.RunFixes(t, assert.Analyzer, "cases") }
