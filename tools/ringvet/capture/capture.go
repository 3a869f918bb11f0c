// Package capture finds cached function literals that use a variable which is assigned
// later: its value is not in the key.
package capture

import (
	"go/ast"
	"go/types"

	"github.com/ring-go/ring/tools/ringvet/ropes"
)

// Analyzer is the check.
var Analyzer = ropes.NewCheck("capture", "find cached function literals that use a variable which changes later", run)

func run(c *ropes.Check) {
	for _, site := range c.Sites {
		if site.Literal == nil || c.IsTest(site.Call) {
			continue
		}
		for _, v := range captured(c, site.Literal) {
			if at := changed(c, v, site.Literal); at != nil {
				c.Find(site.Literal.Type, "the function uses %s, which is not in the key and changes later (line %d): results of its old value may be returned; pass it as a parameter",
					v.Name(), c.Fset.Position(at.Pos()).Line)
				break
			}
		}
	}
}

// captured returns the local variables of an outer function that a literal reads.
func captured(c *ropes.Check, lit *ast.FuncLit) (vars []*types.Var) {
	seen := map[types.Object]bool{}
	ast.Inspect(lit.Body, func(n ast.Node) bool {
		id, ok := n.(*ast.Ident)
		if !ok {
			return true
		}
		v, ok := c.TypesInfo.Uses[id].(*types.Var)
		if ok && !seen[v] && !v.IsField() && v.Pkg() == c.Pkg && v.Parent() != c.Pkg.Scope() && (v.Pos() < lit.Pos() || v.Pos() > lit.End()) {
			seen[v] = true
			vars = append(vars, v)
		}
		return true
	})
	return vars
}

// changed returns where a variable is assigned behind the literal; nil: nowhere, or the
// literal assigns it itself.
func changed(c *ropes.Check, v *types.Var, lit *ast.FuncLit) (at ast.Node) {
	own := false
	note := func(n ast.Node, left ast.Expr) {
		id, ok := ast.Unparen(left).(*ast.Ident)
		if !ok || c.TypesInfo.Uses[id] != v {
			return
		}
		switch {
		case lit.Pos() <= n.Pos() && n.Pos() < lit.End():
			own = true
		case n.Pos() > lit.End() && at == nil:
			at = n
		}
	}
	c.In.Preorder([]ast.Node{(*ast.AssignStmt)(nil), (*ast.IncDecStmt)(nil)}, func(n ast.Node) {
		switch n := n.(type) {
		case *ast.AssignStmt:
			for _, left := range n.Lhs {
				note(n, left)
			}
		case *ast.IncDecStmt:
			note(n, n.X)
		}
	})
	if own {
		return nil
	}
	return at
}
