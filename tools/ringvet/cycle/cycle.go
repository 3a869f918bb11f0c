// Package cycle finds ropes as package variables that their own functions use. The compiler
// refuses them as an initialization cycle; this says what to do. go vet does not come so far.
package cycle

import (
	"go/ast"
	"go/types"

	"github.com/ring-go/ring/tools/ringvet/ropes"
)

// Analyzer is the check.
var Analyzer = ropes.NewCheck("cycle", "find ropes as package variables that their own functions use", run)

func init() { Analyzer.RunDespiteErrors = true }

func run(c *ropes.Check) {
	for _, file := range c.Files {
		for _, decl := range file.Decls {
			d, ok := decl.(*ast.GenDecl)
			if !ok {
				continue
			}
			for _, spec := range d.Specs {
				if v, ok := spec.(*ast.ValueSpec); ok {
					variables(c, v)
				}
			}
		}
	}
}

// variables looks at the variables of one declaration.
func variables(c *ropes.Check, spec *ast.ValueSpec) {
	for i, value := range spec.Values {
		call, ok := ast.Unparen(value).(*ast.CallExpr)
		if !ok {
			continue
		}
		site := c.Site(call)
		if site == nil {
			continue
		}
		names := spec.Names
		if len(spec.Values) == len(spec.Names) {
			names = names[i : i+1]
		}
		_, body, _ := c.Declaration(site)
		if name := used(c, body, names); name != nil {
			c.Find(site.Call, "the function uses %s, which is made of it, so that neither can be first: declare the variable without a value, and assign it in init", name.Name)
		}
	}
}

// used returns which of the variables a function uses, by itself or by others of the package.
func used(c *ropes.Check, body *ast.BlockStmt, names []*ast.Ident) (found *ast.Ident) {
	seen := map[*ast.BlockStmt]bool{}
	var visit func(*ast.BlockStmt)
	visit = func(body *ast.BlockStmt) {
		if body == nil || seen[body] {
			return
		}
		seen[body] = true
		ast.Inspect(body, func(n ast.Node) bool {
			id, ok := n.(*ast.Ident)
			if !ok || found != nil {
				return found == nil
			}
			obj := c.TypesInfo.Uses[id]
			if fn, ok := obj.(*types.Func); ok {
				if d := c.Body(fn); d != nil {
					visit(d.Body)
				}
			}
			for _, name := range names {
				if obj != nil && obj == c.TypesInfo.Defs[name] {
					found = name
				}
			}
			return found == nil
		})
	}
	visit(body)
	return found
}
