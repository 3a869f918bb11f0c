package receiver_test

import (
	"testing"

	"github.com/ring-go/ring/tools/ringvet/internal/trial"
	"github.com/ring-go/ring/tools/ringvet/receiver"
)

func Test(t *testing.T) { trial.Run(t, receiver.Analyzer, "cases") }
