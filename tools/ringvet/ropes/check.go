package ropes

import (
	"fmt"
	"go/ast"
	"go/token"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/passes/inspect"
	"golang.org/x/tools/go/ast/inspector"
)

// Check is one check at work on one package.
type Check struct {
	*analysis.Pass
	*Result
	In *inspector.Inspector
}

// NewCheck returns the analyzer of a check. doc is one line.
func NewCheck(name, doc string, run func(*Check)) *analysis.Analyzer {
	return &analysis.Analyzer{
		Name: name, Doc: doc, URL: "https://github.com/ring-go/ring/blob/main/docs/checks.md#" + name,
		Requires: []*analysis.Analyzer{inspect.Analyzer, Analyzer},
		Run: func(pass *analysis.Pass) (any, error) {
			result := pass.ResultOf[Analyzer].(*Result)
			if result.mentions {
				run(&Check{pass, result, pass.ResultOf[inspect.Analyzer].(*inspector.Inspector)})
			}
			return nil, nil
		},
	}
}

// Find reports a finding, unless a comment says that it is meant:
//
//	//ringvet:ignore call because this is about the error
//
// The comment is on the line of the finding or on the one above, and names the check, or
// several with commas. Above the package clause it is for the whole file.
func (c *Check) Find(at ast.Node, format string, args ...any) {
	c.FindFix(at, nil, format, args...)
}

// FindFix is Find with a change that mends what was found.
func (c *Check) FindFix(at ast.Node, fix *analysis.SuggestedFix, format string, args ...any) {
	d := analysis.Diagnostic{Pos: at.Pos(), End: at.End(), Message: fmt.Sprintf(format, args...)}
	if fix != nil {
		d.SuggestedFixes = []analysis.SuggestedFix{*fix}
	}
	if !c.isIgnored(at.Pos()) {
		c.Pass.Report(d)
	}
}

const ignoreComment = "//ringvet:ignore "

func (c *Check) isIgnored(pos token.Pos) bool {
	at := c.Fset.Position(pos)
	for _, file := range c.Files {
		if file.FileStart > pos || pos > file.FileEnd {
			continue
		}
		for _, group := range file.Comments {
			for _, comment := range group.List {
				names, found := strings.CutPrefix(comment.Text, ignoreComment)
				line := c.Fset.Position(comment.Pos()).Line
				near := line == at.Line || line == at.Line-1 || comment.Pos() < file.Package
				if found && near && namesCheck(names, c.Analyzer.Name) {
					return true
				}
			}
		}
	}
	return false
}

// namesCheck reports whether the first word of a comment, names with commas, has name.
func namesCheck(text, name string) bool {
	first, _, _ := strings.Cut(strings.TrimSpace(text), " ")
	return slices.Contains(strings.Split(first, ","), name)
}

// IsTest reports whether a place is in the file of a test.
func (c *Check) IsTest(at ast.Node) bool {
	return strings.HasSuffix(c.Fset.Position(at.Pos()).Filename, "_test.go")
}
