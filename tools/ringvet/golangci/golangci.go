// Package golangci is ringvet as a module plugin of golangci-lint. docs/checks.md says how
// to build it in.
package golangci

import (
	"fmt"
	"slices"

	"github.com/golangci/plugin-module-register/register"
	"golang.org/x/tools/go/analysis"

	"github.com/ring-go/ring/tools/ringvet/checks"
)

func init() { register.Plugin("ringvet", New) }

// Settings are those of the linter in .golangci.yml.
type Settings struct {
	Disable []string `json:"disable"` // checks, by their names
	Mutate  bool     `json:"mutate"`  // turns the check mutate on
}

type plugin struct{ checks []*analysis.Analyzer }

// New returns the linter.
func New(settings any) (register.LinterPlugin, error) {
	s, err := register.DecodeSettings[Settings](settings)
	if err != nil {
		return nil, err
	}
	all := checks.All()
	for _, name := range s.Disable {
		n := len(all)
		all = slices.DeleteFunc(all, func(a *analysis.Analyzer) bool { return a.Name == name })
		if len(all) == n {
			return nil, fmt.Errorf("ringvet: there is no check %q", name)
		}
	}
	for _, a := range all {
		if on := a.Flags.Lookup("on"); on != nil && s.Mutate {
			if err := on.Value.Set("true"); err != nil {
				return nil, err
			}
		}
	}
	return plugin{all}, nil
}

// BuildAnalyzers returns the checks.
func (p plugin) BuildAnalyzers() ([]*analysis.Analyzer, error) { return p.checks, nil }

// GetLoadMode asks for types.
func (plugin) GetLoadMode() string { return register.LoadModeTypesInfo }
