// Package ignorable finds names in Options.IgnorableKeys that are no parameters.
package ignorable

import (
	"go/ast"
	"go/constant"
	"slices"
	"strconv"
	"strings"

	"github.com/ring-go/ring/internal/signature"
	"github.com/ring-go/ring/tools/ringvet/ropes"
)

// Analyzer is the check.
var Analyzer = ropes.NewCheck("ignorable", "find names in Options.IgnorableKeys that are no parameters of the function", run)

func run(c *ropes.Check) {
	for _, site := range c.Sites {
		check(c, site)
	}
}

func check(c *ropes.Check, site *ropes.Site) {
	if site.Factory == nil || site.Rope == nil {
		return
	}
	s := site.Rope.Signature()
	value, known := site.Factory.Field("Options", "IgnorableKeys")
	lit, isLiteral := value.(*ast.CompositeLit)
	if s == nil || !known || !isLiteral {
		return
	}
	seen := map[string]bool{}
	for _, e := range lit.Elts {
		v := c.TypesInfo.Types[e].Value
		if v == nil || v.Kind() != constant.String {
			continue
		}
		name := constant.StringVal(v)
		isName := func(f signature.Formal) bool { return f.Name != "" && f.Label() == name }
		switch {
		case seen[name]:
			c.Find(e, "the ignorable key %q is named twice", name)
		case !s.Named:
			c.Find(e, "the ignorable key %q: the parameters have no names; give them with ring.Signature", name)
		case !slices.ContainsFunc(s.Formals, isName):
			c.Find(e, "the ignorable key %q is not a parameter; they are %s", name, labels(s))
		}
		seen[name] = true
	}
}

func labels(s *signature.Signature) string {
	if len(s.Formals) == 0 {
		return "none"
	}
	quoted := make([]string, len(s.Formals))
	for i, f := range s.Formals {
		quoted[i] = strconv.Quote(f.Label())
	}
	return strings.Join(quoted, ", ")
}
