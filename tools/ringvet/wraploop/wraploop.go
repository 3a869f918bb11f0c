// Package wraploop finds ropes that are made for a single call: their cache is new each
// time, so there is never a hit.
package wraploop

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"golang.org/x/tools/go/ast/inspector"

	"github.com/ring-go/ring/tools/ringvet/ropes"
)

// Analyzer is the check.
var Analyzer = ropes.NewCheck("wraploop", "find ropes in memory that are made for one call each, so that there is never a hit", run)

func run(c *ropes.Check) {
	for cursor := range c.In.Root().Preorder((*ast.CallExpr)(nil)) {
		site := c.Site(cursor.Node().(*ast.CallExpr))
		if site == nil || site.Maker != "Wrap" && site.Maker != "New" || site.Factory == nil || !site.Factory.IsPrivate() ||
			!site.Factory.IsZero("Options", "OnManufactured") || c.IsTest(site.Call) || !again(cursor) {
			continue
		}
		if usedOnce(c, cursor) {
			c.Find(site.Call, "a new cache is made here for one call, so that it may never have a hit: make the rope once, as a package variable or a field")
		}
	}
}

// again reports whether a place is reached more than once in a program: it is in a loop, or
// in a function other than main and init.
func again(cursor inspector.Cursor) bool {
	for outer := range cursor.Enclosing() {
		switch n := outer.Node().(type) {
		case *ast.ForStmt, *ast.RangeStmt:
			return true
		case *ast.FuncLit:
			return !calledAtOnce(outer)
		case *ast.FuncDecl:
			return n.Recv != nil || n.Name.Name != "main" && n.Name.Name != "init"
		}
	}
	return false
}

// calledAtOnce reports whether a literal may be called a single time: its own call, or an
// argument such as that of sync.OnceValue.
func calledAtOnce(cursor inspector.Cursor) bool {
	_, isCall := cursor.Parent().Node().(*ast.CallExpr)
	return isCall
}

var calls = []string{"Call", "GetOrUpdate", "Get", "Update", "Lookup", "Execute"}

// usedOnce reports whether the rope is used for one call of a method, and nothing else.
func usedOnce(c *ropes.Check, cursor inspector.Cursor) bool {
	parent := cursor.Parent()
	if isCall(parent, cursor.Node()) {
		return true
	}
	assign, ok := parent.Node().(*ast.AssignStmt)
	if !ok || assign.Tok != token.DEFINE {
		return false
	}
	id, ok := assign.Lhs[0].(*ast.Ident)
	if !ok || len(assign.Rhs) != 1 {
		return false
	}
	v := c.TypesInfo.Defs[id]
	return v != nil && usedForOneCall(c.TypesInfo, parent.Parent(), v)
}

// usedForOneCall looks for the uses of a variable in its block.
func usedForOneCall(info *types.Info, block inspector.Cursor, v types.Object) bool {
	n, good := 0, true
	for use := range block.Preorder((*ast.Ident)(nil)) {
		if info.Uses[use.Node().(*ast.Ident)] != v {
			continue
		}
		n++
		good = good && isCall(use.Parent(), use.Node()) && !inner(block, use)
	}
	return n == 1 && good
}

// isCall reports whether a node is the receiver of a call of a rope.
func isCall(parent inspector.Cursor, n ast.Node) bool {
	sel, ok := parent.Node().(*ast.SelectorExpr)
	if !ok || sel.X != n || !slices.Contains(calls, sel.Sel.Name) {
		return false
	}
	call, ok := parent.Parent().Node().(*ast.CallExpr)
	return ok && call.Fun == sel
}

// inner reports whether a use lies in a loop or a function within the block.
func inner(block, use inspector.Cursor) bool {
	for outer := range use.Enclosing((*ast.ForStmt)(nil), (*ast.RangeStmt)(nil), (*ast.FuncLit)(nil)) {
		if outer.Node().Pos() > block.Node().Pos() {
			return true
		}
	}
	return false
}
