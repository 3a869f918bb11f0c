// Package assert finds type assertions on the result of a cached function that can never
// hold, because the function returns another type.
package assert

import (
	"go/ast"
	"go/types"
	"slices"

	"golang.org/x/tools/go/analysis"

	"github.com/ring-go/ring/tools/ringvet/ropes"
)

// Analyzer is the check.
var Analyzer = ropes.NewCheck("assert", "find type assertions on results of cached functions that can never hold", run)

// check looks at the assertions of one package.
type check struct{ *ropes.Check }

func run(c *ropes.Check) {
	k := &check{c}
	c.In.Preorder([]ast.Node{(*ast.TypeAssertExpr)(nil), (*ast.TypeSwitchStmt)(nil), (*ast.CallExpr)(nil)}, func(n ast.Node) {
		switch n := n.(type) {
		case *ast.TypeAssertExpr:
			if n.Type != nil {
				k.assertion(n.X, n.Type)
			}
		case *ast.TypeSwitchStmt:
			k.typeSwitch(n)
		case *ast.CallExpr:
			k.as(n)
		}
	})
}

// assertion looks at x.(t).
func (c *check) assertion(x, t ast.Expr) {
	call, ok := c.Answer(x)
	if !ok {
		return
	}
	if got, want, never := c.never(call, t); never {
		c.FindFix(t, fix(t, want, got), "the function returns %s, so that an assertion to %s never holds", got.Short, want.Short)
	}
}

// typeSwitch looks at the cases of switch x.(type).
func (c *check) typeSwitch(s *ast.TypeSwitchStmt) {
	var x ast.Expr
	switch assign := s.Assign.(type) {
	case *ast.ExprStmt:
		x = assign.X
	case *ast.AssignStmt:
		x = assign.Rhs[0]
	}
	assertion, ok := ast.Unparen(x).(*ast.TypeAssertExpr)
	if !ok {
		return
	}
	call, ok := c.Answer(assertion.X)
	if !ok {
		return
	}
	for _, clause := range s.Body.List {
		for _, t := range clause.(*ast.CaseClause).List {
			if got, want, never := c.never(call, t); never {
				c.Find(t, "the function returns %s, so that the case %s never holds", got.Short, want.Short)
			}
		}
	}
}

// as looks at ring.As[T](rope.Get(…)).
func (c *check) as(call *ast.CallExpr) {
	if ropes.RingFunc(c.TypesInfo, call) != "As" || len(call.Args) != 1 {
		return
	}
	index, ok := ast.Unparen(call.Fun).(*ast.IndexExpr)
	answer, isCall := ast.Unparen(call.Args[0]).(*ast.CallExpr)
	if !ok || !isCall {
		return
	}
	if got, want, never := c.never(answer, index.Index); never {
		c.FindFix(index.Index, fix(index.Index, want, got), "the function returns %s, so that As[%s] is always an error", got.Short, want.Short)
	}
}

var (
	results = []string{"Call", "Get", "Update", "GetOrUpdate", "Execute", "Lookup"}
	actions = []string{"get", "update", "get_or_update", "execute"}
)

// never reports whether the answer of a rope surely has another type than t.
func (c *check) never(call *ast.CallExpr, t ast.Expr) (got, want ropes.Type, never bool) {
	method, u, ok := c.Method(call)
	typ := c.TypesInfo.TypeOf(t)
	if !ok || !u.Standard || u.MissValue || len(u.Results) != 1 || !slices.Contains(results, method) ||
		method == "Call" && !slices.Contains(actions, u.Action) || typ == nil || !c.TypesInfo.Types[t].IsType() {
		return got, want, false
	}
	got, want = u.Results[0], ropes.TypeOf(typ)
	if got.IsInterface() || want.IsInterface() {
		return got, want, false
	}
	return got, want, got.Differs(want)
}

// fix names the right type, if it needs no import.
func fix(t ast.Expr, want, got ropes.Type) *analysis.SuggestedFix {
	if types.Universe.Lookup(got.Short) == nil || types.Universe.Lookup(want.Short) == nil {
		return nil
	}
	return &analysis.SuggestedFix{
		Message:   "assert " + got.Short,
		TextEdits: []analysis.TextEdit{{Pos: t.Pos(), End: t.End(), NewText: []byte(got.Short)}},
	}
}
