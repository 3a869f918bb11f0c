// Package recursion finds functions that are wrapped and call themselves by their own names:
// these calls do not go through the cache.
package recursion

import (
	"go/ast"
	"go/types"
	"strings"

	"golang.org/x/tools/go/types/typeutil"

	"github.com/ring-go/ring/tools/ringvet/ropes"
)

// Analyzer is the check.
var Analyzer = ropes.NewCheck("recursion", "find cached functions that call themselves past the cache", run)

func run(c *ropes.Check) {
	for _, site := range c.Sites {
		_, body, fn := c.Declaration(site)
		if body == nil || fn == nil || strings.HasPrefix(site.Maker, "Decorate") || usesRope(c, body) {
			continue
		}
		if call := callOf(c.TypesInfo, body, fn); call != nil {
			c.Find(site.Call.Args[0], "%s calls itself (line %d), which may be meant to be cached, and is not: call the rope there, or Decorate a variable that holds the function",
				fn.Name(), c.Fset.Position(call.Pos()).Line)
		}
	}
}

// callOf returns a call of fn in a body, or nil.
func callOf(info *types.Info, body *ast.BlockStmt, fn *types.Func) (found *ast.CallExpr) {
	ast.Inspect(body, func(n ast.Node) bool {
		if call, ok := n.(*ast.CallExpr); ok && found == nil {
			if callee, ok := typeutil.Callee(info, call).(*types.Func); ok && callee.Origin() == fn.Origin() {
				found = call
			}
		}
		return found == nil
	})
	return found
}

// usesRope reports whether a body uses any rope: it may know what it does.
func usesRope(c *ropes.Check, body *ast.BlockStmt) (uses bool) {
	ast.Inspect(body, func(n ast.Node) bool {
		if e, ok := n.(ast.Expr); ok && (ropes.IsRing(c.TypesInfo.TypeOf(e), "Rope") || ropes.IsRing(c.TypesInfo.TypeOf(e), "Wire")) {
			uses = true
		}
		return !uses
	})
	return uses
}
