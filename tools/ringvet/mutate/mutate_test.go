package mutate_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ring-go/ring/tools/ringvet/internal/trial"
	"github.com/ring-go/ring/tools/ringvet/mutate"
)

func Test(t *testing.T) {
	require.NoError(t, mutate.Analyzer.Flags.Set("on", "true"))
	trial.Run(t, mutate.Analyzer, "cases")
}
