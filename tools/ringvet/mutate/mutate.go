// Package mutate finds callers that change the result of a function that is cached in memory:
// every other caller gets the changed value. It reports nothing without its flag on.
package mutate

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"golang.org/x/tools/go/types/typeutil"

	"github.com/ring-go/ring/tools/ringvet/ropes"
)

// Analyzer is the check.
var Analyzer = ropes.NewCheck("mutate", "find callers that change a result that is cached in memory (off without -mutate.on)", run)

var on bool

func init() { Analyzer.Flags.BoolVar(&on, "on", false, "report changes of cached results") }

// check looks at the changes in one package.
type check struct{ *ropes.Check }

func run(c *ropes.Check) {
	if !on {
		return
	}
	k := &check{c}
	c.In.Preorder([]ast.Node{(*ast.AssignStmt)(nil), (*ast.IncDecStmt)(nil), (*ast.CallExpr)(nil)}, func(n ast.Node) {
		switch n := n.(type) {
		case *ast.AssignStmt:
			if n.Tok == token.DEFINE {
				return
			}
			for _, left := range n.Lhs {
				k.change(left)
			}
		case *ast.IncDecStmt:
			k.change(n.X)
		case *ast.CallExpr:
			k.call(n)
		}
	})
}

// change looks at what is assigned: an element or a field of a result.
func (c *check) change(left ast.Expr) {
	left = ast.Unparen(left)
	for e := left; ; {
		switch x := ast.Unparen(e).(type) {
		case *ast.IndexExpr:
			e = x.X
		case *ast.SelectorExpr:
			e = x.X
		case *ast.StarExpr:
			e = x.X
		default:
			if e != left && c.isCached(e) {
				c.find(left)
			}
			return
		}
	}
}

var changers = []string{"slices.Sort", "slices.SortFunc", "slices.SortStableFunc", "slices.Reverse", "sort.Slice", "sort.SliceStable", "sort.Strings", "sort.Ints"}

// call looks at functions that change their first argument.
func (c *check) call(call *ast.CallExpr) {
	if len(call.Args) == 0 || !c.isCached(call.Args[0]) {
		return
	}
	switch fn := typeutil.Callee(c.TypesInfo, call).(type) {
	case *types.Builtin:
		if fn.Name() == "delete" || fn.Name() == "clear" || fn.Name() == "copy" {
			c.find(call)
		}
	case *types.Func:
		if slices.Contains(changers, fn.FullName()) {
			c.find(call)
		}
	}
}

func (c *check) find(at ast.Node) {
	c.Find(at, "this may change the cached result, which every caller gets: change a copy")
}

// isCached reports whether e is a slice, map or pointer that a rope in memory has returned.
func (c *check) isCached(e ast.Expr) bool {
	v := c.Variable(e)
	if v == nil || v.IsField() {
		return false
	}
	switch v.Type().Underlying().(type) {
	case *types.Slice, *types.Map, *types.Pointer:
	default:
		return false
	}
	assertion, ok := c.Source(v).(*ast.TypeAssertExpr)
	if !ok {
		return false
	}
	call, ok := c.Answer(assertion.X)
	if !ok {
		return false
	}
	method, u, ok := c.Method(call)
	return ok && u.InMemory && u.Standard && slices.Contains([]string{"Call", "Get", "GetOrUpdate", "Update", "Lookup"}, method)
}
