// Package prefix finds a constant KeyPrefix that two functions have on one storage: they may
// get each other's results.
package prefix

import (
	"go/ast"
	"go/constant"
	"go/types"

	"github.com/ring-go/ring/tools/ringvet/ropes"
)

// Analyzer is the check.
var Analyzer = ropes.NewCheck("prefix", "find one KeyPrefix for two functions on one storage", run)

// place is where the keys of a rope are.
type place struct {
	storage types.Object
	hash    string
	prefix  string
}

func run(c *ropes.Check) {
	first := map[place]*ropes.Site{}
	for _, site := range c.Sites {
		p, known := placeOf(c, site)
		if !known || c.IsTest(site.Call) {
			continue
		}
		other := first[p]
		switch {
		case other == nil:
			first[p] = site
		case site.Fn != nil && other.Fn != nil && types.ExprString(site.Fn) != types.ExprString(other.Fn):
			c.Find(site.Call.Args[1], "the KeyPrefix %q is that of another function on this storage, too (line %d): they may get each other's results",
				shown(p.prefix), c.Fset.Position(other.Call.Pos()).Line)
		}
	}
}

func placeOf(c *ropes.Check, site *ropes.Site) (p place, known bool) {
	f := site.Factory
	if f == nil {
		return p, false
	}
	prefix, _, known := f.Constant("KeyPrefix")
	backend := f.Backend()
	if !known || prefix == nil || prefix.Kind() != constant.String || backend == nil {
		return p, false
	}
	hash, _, known := f.Constant("HashKey")
	if !known {
		return p, false
	}
	if hash != nil {
		p.hash = hash.ExactString()
	}
	id, ok := ast.Unparen(backend).(*ast.Ident)
	if !ok {
		return p, false
	}
	v := c.Variable(id)
	if v == nil || c.Value(v) == nil && v.Parent() != c.Pkg.Scope() {
		return p, false
	}
	p.storage, p.prefix = v, constant.StringVal(prefix)
	return p, p.prefix != ""
}

// shown returns a prefix for people.
func shown(prefix string) string {
	if prefix == "\x00no prefix" {
		return "NoPrefix"
	}
	return prefix
}
