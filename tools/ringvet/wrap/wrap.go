// Package wrap finds ropes that Wrap and New refuse: of a function whose parameters have no
// text for a key, or whose results the storage cannot keep; on a storage that others reach,
// of a function without a name of its own; with options out of their ranges.
package wrap

import (
	"go/ast"
	"go/constant"
	"go/types"
	"strings"

	"github.com/ring-go/ring/tools/ringvet/ropes"
)

// Analyzer is the check.
var Analyzer = ropes.NewCheck("wrap", "find ropes that Wrap and New refuse", run)

// check looks at the ropes of one package.
type check struct{ *ropes.Check }

func run(c *ropes.Check) {
	for _, site := range c.Sites {
		(&check{c}).site(site)
	}
}

func (c *check) site(s *ropes.Site) {
	if c.isNil(s.Call.Args[1]) {
		c.Find(s.Call.Args[1], "the factory is nil: say where to cache, for example ring.Lru{}")
		return
	}
	if why := c.noFunction(s); why != "" {
		c.Find(s.Call.Args[0], "%s", why)
		return
	}
	c.options(s)
	c.numbers(s.Factory)
	if s.Type == nil {
		return
	}
	for _, why := range []string{c.context(s), c.errorResult(s), c.parameters(s), c.results(s), c.nameless(s)} {
		if why != "" {
			c.Find(s.Call.Args[0], "%s", why)
			return
		}
	}
}

func (c *check) isNil(e ast.Expr) bool { return c.TypesInfo.Types[e].IsNil() }

// noFunction returns why the first argument cannot be wrapped.
func (c *check) noFunction(s *ropes.Site) string {
	arg := s.Call.Args[0]
	t := c.TypesInfo.TypeOf(arg)
	if t == nil {
		return ""
	}
	text := types.TypeString(t, types.RelativeTo(c.Pkg))
	switch _, isFunc := t.Underlying().(*types.Signature); {
	case strings.HasPrefix(s.Maker, "Decorate"):
		p, isPointer := t.Underlying().(*types.Pointer)
		if types.IsInterface(t) || isParameter(t) || s.Maker != "Decorate" {
			return ""
		}
		if isPointer {
			_, isFunc = p.Elem().Underlying().(*types.Signature)
			isFunc = isFunc || isParameter(p.Elem())
		}
		if !isPointer || !isFunc {
			return text + " is no pointer to a function variable: give Decorate(&f, …)"
		}
	case c.isNil(arg):
		return "nil is not a function: hand over a func"
	case !isFunc && !types.IsInterface(t) && !isParameter(t):
		return text + " is not a function: hand over a func"
	}
	return ""
}

func isParameter(t types.Type) bool {
	_, ok := types.Unalias(t).(*types.TypeParam)
	return ok
}

// options looks at the Signature and Name.
func (c *check) options(s *ropes.Site) {
	seen := map[string]bool{}
	for _, arg := range s.Call.Args[2:] {
		if c.isNil(arg) && !s.Call.Ellipsis.IsValid() {
			c.Find(arg, "an option is nil")
			continue
		}
		option, ok := ast.Unparen(arg).(*ast.CallExpr)
		if !ok {
			continue
		}
		name := ropes.RingFunc(c.TypesInfo, option)
		if name != "Signature" && name != "Name" {
			continue
		}
		v := c.TypesInfo.Types[option.Args[0]].Value
		if seen[name] || name == "Name" && v != nil && v.Kind() == constant.String && constant.StringVal(v) == "" {
			c.Find(arg, "a second %s, or an empty one", name)
		}
		seen[name] = true
	}
}

// context returns why the place of a context is refused.
func (c *check) context(s *ropes.Site) string {
	last := 0 // the last place that may be good
	if !s.Known || s.Method != nil && s.Method.Kind() == types.MethodExpr {
		last = 1
	}
	i := 0
	for v := range s.Type.Params().Variables() {
		if ropes.IsContext(v.Type()) && i > last {
			return "a context must be the first parameter, or follow the receiver of a method expression"
		}
		i++
	}
	return ""
}

// errorResult returns why an error that is not of type error is refused.
func (c *check) errorResult(s *ropes.Site) string {
	n := s.Type.Results().Len()
	if n == 0 {
		return ""
	}
	last := s.Type.Results().At(n - 1).Type()
	err := types.Universe.Lookup("error").Type()
	if types.Identical(last, err) || isParameter(last) || !types.Implements(last, err.Underlying().(*types.Interface)) {
		return ""
	}
	return "the last result is an error by its methods, and not of type error, so that a failure would be cached as a value: return error"
}

// nameless returns why a function needs a name of its own; "" if it has one.
func (c *check) nameless(s *ropes.Site) string {
	f := s.Factory
	if f == nil || s.Named || s.Call.Ellipsis.IsValid() || len(s.Call.Args) > 2 && !s.Sure || !f.IsZero("KeyPrefix") || !f.IsShared() {
		return ""
	}
	const give = ": give the factory a KeyPrefix, or the function a name with ring.Name"
	switch {
	case s.Literal != nil:
		return "it is a function literal without a name of its own, and others reach the storage" + give
	case s.Method != nil && s.Method.Kind() == types.MethodVal:
		return "it is a method value, and its receiver is not in the key: wrap the method expression, and Bind it"
	}
	return ""
}
