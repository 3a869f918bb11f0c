// Package checks lists the checks of ringvet.
package checks

import (
	"golang.org/x/tools/go/analysis"

	"github.com/ring-go/ring/tools/ringvet/assert"
	"github.com/ring-go/ring/tools/ringvet/call"
	"github.com/ring-go/ring/tools/ringvet/capture"
	"github.com/ring-go/ring/tools/ringvet/contextkey"
	"github.com/ring-go/ring/tools/ringvet/cycle"
	"github.com/ring-go/ring/tools/ringvet/freshness"
	"github.com/ring-go/ring/tools/ringvet/ignorable"
	"github.com/ring-go/ring/tools/ringvet/mutate"
	"github.com/ring-go/ring/tools/ringvet/prefix"
	"github.com/ring-go/ring/tools/ringvet/receiver"
	"github.com/ring-go/ring/tools/ringvet/recursion"
	"github.com/ring-go/ring/tools/ringvet/signature"
	"github.com/ring-go/ring/tools/ringvet/wrap"
	"github.com/ring-go/ring/tools/ringvet/wraploop"
)

// All returns the checks: first those that are certain, then those that warn.
func All() []*analysis.Analyzer {
	return []*analysis.Analyzer{
		call.Analyzer, assert.Analyzer, signature.Analyzer, ignorable.Analyzer, wrap.Analyzer, freshness.Analyzer,
		contextkey.Analyzer, wraploop.Analyzer, recursion.Analyzer, capture.Analyzer, receiver.Analyzer, prefix.Analyzer, cycle.Analyzer, mutate.Analyzer,
	}
}
