// Package receiver finds method values that are cached on a storage which others reach: the
// receiver is not in the key, so two receivers may get each other's results.
package receiver

import (
	"go/ast"
	"go/types"

	"github.com/ring-go/ring/tools/ringvet/ropes"
)

// Analyzer is the check.
var Analyzer = ropes.NewCheck("receiver", "find cached method values whose receiver is not in the key", run)

func run(c *ropes.Check) {
	for _, site := range c.Sites {
		f := site.Factory
		if f == nil || site.Method == nil || site.Method.Kind() != types.MethodVal || !f.IsShared() || c.IsTest(site.Call) {
			continue
		}
		prefix, _, known := f.Constant("KeyPrefix")
		if !known || prefix == nil && !site.Named || isGlobal(c, site.Fn.(*ast.SelectorExpr).X) {
			continue
		}
		c.Find(site.Call.Args[0], "%s is a method value, and its receiver is not in the key: two receivers may get each other's results; wrap the method expression, and Bind it",
			types.ExprString(site.Fn))
	}
}

// isGlobal reports whether there may be a single receiver: a variable of a package, or a
// value that is made on the spot.
func isGlobal(c *ropes.Check, e ast.Expr) bool {
	for {
		switch x := ast.Unparen(e).(type) {
		case *ast.SelectorExpr:
			if v, ok := c.TypesInfo.Uses[x.Sel].(*types.Var); ok && !v.IsField() {
				return true
			}
			e = x.X
		case *ast.Ident:
			v, ok := c.TypesInfo.Uses[x].(*types.Var)
			return !ok || v.Parent() == v.Pkg().Scope() || c.Value(v) != nil
		default:
			return true
		}
	}
}
