// Package checks lists the checks of ringvet.
package checks

import (
	"golang.org/x/tools/go/analysis"

	"github.com/ring-go/ring/tools/ringvet/call"
	"github.com/ring-go/ring/tools/ringvet/freshness"
	"github.com/ring-go/ring/tools/ringvet/ignorable"
	"github.com/ring-go/ring/tools/ringvet/signature"
	"github.com/ring-go/ring/tools/ringvet/wrap"
)

// All returns the checks.
func All() []*analysis.Analyzer {
	return []*analysis.Analyzer{
		call.Analyzer, signature.Analyzer, ignorable.Analyzer, wrap.Analyzer, freshness.Analyzer,
	}
}
