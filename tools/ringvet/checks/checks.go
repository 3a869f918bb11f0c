// Package checks lists the checks of ringvet.
package checks

import (
	"golang.org/x/tools/go/analysis"

	"github.com/ring-go/ring/tools/ringvet/call"
)

// All returns the checks.
func All() []*analysis.Analyzer {
	return []*analysis.Analyzer{call.Analyzer}
}
