// Package contextkey finds cached functions that read a value of their context. The context
// is no part of the key, so callers with other values may get each other's results.
package contextkey

import (
	"go/ast"
	"go/types"
	"slices"

	"golang.org/x/tools/go/types/typeutil"

	"github.com/ring-go/ring/tools/ringvet/ropes"
)

// Analyzer is the check.
var Analyzer = ropes.NewCheck("contextkey", "find cached functions that read values of their context, which is not in the key", run)

// readers are functions that read what differs between callers.
var readers = []string{
	"google.golang.org/grpc/metadata.FromIncomingContext",
	"google.golang.org/grpc/metadata.ValueFromIncomingContext",
	"google.golang.org/grpc/peer.FromContext",
}

// depth is how far the context is followed into functions of the package.
const depth = 3

// check looks at the functions of one package.
type check struct {
	*ropes.Check
	seen map[*ast.BlockStmt]bool
}

func run(c *ropes.Check) {
	for _, site := range c.Sites {
		params, body, _ := c.Declaration(site)
		if body == nil {
			continue
		}
		k := &check{c, map[*ast.BlockStmt]bool{}}
		if at := k.reads(body, contexts(c.TypesInfo, params), depth); at != nil {
			c.Find(site.Call.Args[0], "the function reads a value of its context (line %d), which is not in the key: callers with other values may get each other's results; "+
				"pass what it reads as a parameter", c.Fset.Position(at.Pos()).Line)
		}
	}
}

// contexts returns the parameters that are contexts.
func contexts(info *types.Info, params *ast.FuncType) (vars []types.Object) {
	for _, field := range params.Params.List {
		for _, name := range field.Names {
			if v := info.Defs[name]; v != nil && ropes.IsContext(v.Type()) {
				vars = append(vars, v)
			}
		}
	}
	return vars
}

// reads returns where a body reads a value of one of the contexts, or nil.
func (c *check) reads(body *ast.BlockStmt, ctxs []types.Object, depth int) (at ast.Node) {
	if len(ctxs) == 0 || depth == 0 || c.seen[body] {
		return nil
	}
	c.seen[body] = true
	ast.Inspect(body, func(n ast.Node) bool {
		if call, ok := n.(*ast.CallExpr); ok && at == nil {
			at = c.readsBy(call, ctxs, depth)
		}
		return at == nil
	})
	return at
}

func (c *check) readsBy(call *ast.CallExpr, ctxs []types.Object, depth int) ast.Node {
	if sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr); ok && sel.Sel.Name == "Value" && c.isOne(sel.X, ctxs) {
		return call
	}
	if len(call.Args) == 0 || !slices.ContainsFunc(call.Args, func(e ast.Expr) bool { return c.isOne(e, ctxs) }) {
		return nil
	}
	fn, ok := typeutil.Callee(c.TypesInfo, call).(*types.Func)
	if !ok {
		return nil
	}
	if slices.Contains(readers, fn.FullName()) {
		return call
	}
	d := c.Body(fn)
	if d == nil || c.reads(d.Body, contexts(c.TypesInfo, d.Type), depth-1) == nil {
		return nil
	}
	return call
}

// isOne reports whether e is one of the contexts itself.
func (c *check) isOne(e ast.Expr, ctxs []types.Object) bool {
	id, ok := ast.Unparen(e).(*ast.Ident)
	return ok && slices.Contains(ctxs, c.TypesInfo.Uses[id])
}
