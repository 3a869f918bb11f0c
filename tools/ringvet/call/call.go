// Package call finds calls of cached functions that can only fail: with a wrong number of
// arguments, an unknown keyword, or an argument or value of a wrong type.
package call

import (
	"fmt"
	"go/ast"
	"go/constant"
	"go/types"
	"slices"
	"strings"

	"github.com/ring-go/ring/tools/ringvet/ropes"
)

// Analyzer is the check.
var Analyzer = ropes.NewCheck("call", "find calls of cached functions whose arguments the function cannot take", run)

func run(c *ropes.Check) {
	c.In.Preorder([]ast.Node{(*ast.CallExpr)(nil)}, func(n ast.Node) { (&check{c}).call(n.(*ast.CallExpr)) })
}

// check looks at the calls of one package.
type check struct{ *ropes.Check }

var (
	single = []string{"Call", "Key", "Execute", "Get", "Update", "GetOrUpdate", "Lookup", "Delete", "Has", "Touch", "MarkStale"}
	bulk   = []string{"KeyMany", "ExecuteMany", "GetMany", "UpdateMany", "GetOrUpdateMany", "DeleteMany", "HasMany", "TouchMany", "MarkStaleMany"}
	plain  = []string{"key", "execute", "get", "update", "get_or_update", "delete", "has", "touch"}

	// pythons are the names for Run.
	pythons = []string{
		"key", "execute", "get", "update", "get_or_update", "delete", "has", "touch", "set",
		"key_many", "execute_many", "get_many", "update_many", "get_or_update_many", "delete_many", "has_many", "touch_many", "set_many",
	}
)

// call looks at one call, if it is one of a rope.
func (c *check) call(call *ast.CallExpr) {
	if ropes.RingFunc(c.TypesInfo, call) == "Rope.Bind" && len(call.Args) == 1 {
		c.bind(call)
		return
	}
	method, u, ok := c.Method(call)
	if !ok || !u.Standard || call.Ellipsis.IsValid() {
		return
	}
	args := call.Args
	if method == "Run" && len(args) > 0 {
		if method, ok = c.action(args[0]); !ok {
			return
		}
		args = args[1:]
	}
	switch {
	case method == "Call" && !slices.Contains(plain, u.Action):
	case slices.Contains(single, method):
		c.report(call, method, c.arguments(u, args))
	case slices.Contains(bulk, method):
		c.elements(u, method, args)
	case method == "Set" && len(args) > 0:
		if why := c.result(u, args[0]); why != "" {
			c.report(args[0], method, why+"; the value comes first, and then the arguments")
			return
		}
		c.report(call, method, c.arguments(u, args[1:]))
	case method == "SetMany" && len(args) == 2:
		c.setMany(u, args[0], args[1])
	}
}

// action returns the method of a sub-function by its Python name.
func (c *check) action(e ast.Expr) (method string, ok bool) {
	v := c.TypesInfo.Types[e].Value
	if v == nil || v.Kind() != constant.String {
		return "", false
	}
	for part := range strings.SplitSeq(constant.StringVal(v), "_") {
		if part == "" {
			return "", false
		}
		method += strings.ToUpper(part[:1]) + part[1:]
	}
	return method, slices.Contains(pythons, constant.StringVal(v))
}

// bind looks at the receiver of a Bind.
func (c *check) bind(call *ast.CallExpr) {
	sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr)
	if !ok {
		return
	}
	u, ok := c.Of(sel.X)
	if !ok || !u.Known {
		return
	}
	v := ropes.ValueOf(c.TypesInfo, call.Args[0])
	switch {
	case !u.Receiver:
		c.report(call, "Bind", u.Name+" is no method expression, so it cannot be bound")
	case len(u.Params) == 0: // the receiver is a context
	case v.Nil:
		c.report(call, "Bind", "the receiver is nil")
	case v.Type.Elem == nil || v.Type.Elem.Name != u.Params[0].Name:
		c.report(call.Args[0], "Bind", v.Misfit(u.Params[0]))
	}
}

func (c *check) report(at ast.Node, method, why string) {
	if why != "" {
		c.Find(at, "%s: %s", method, why)
	}
}

// arguments returns why the arguments of one call are refused; "": they may be good.
func (c *check) arguments(u ropes.Use, args []ast.Expr) string {
	args, sure := c.withoutContext(u, args)
	if !sure {
		return ""
	}
	kwargs := map[string]ropes.Value{}
	if n := len(args) - 1; n >= 0 {
		t := c.TypesInfo.TypeOf(args[n])
		if isAny(t) {
			return "" // it may hold a Kwargs
		}
		if ropes.IsRing(t, "Kwargs") {
			if kwargs, sure = c.keywords(args[n]); !sure {
				return ""
			}
			args = args[:n]
		}
	}
	values := make([]ropes.Value, len(args))
	for i, arg := range args {
		values[i] = ropes.ValueOf(c.TypesInfo, arg)
	}
	return u.Bind(values, kwargs, false)
}

// withoutContext takes the context out of the arguments. It is not sure if one of another
// type may hold the context.
func (c *check) withoutContext(u ropes.Use, args []ast.Expr) (rest []ast.Expr, sure bool) {
	for i, arg := range args {
		t := c.TypesInfo.TypeOf(arg)
		switch {
		case t == nil:
			return nil, false
		case u.ContextAt < 0:
		case isContext(t) && (i > 1 || i == 1 && (!u.Receiver || u.Bound)):
			return nil, false
		case isContext(t):
			return slices.Delete(slices.Clone(args), i, i+1), true
		case i < 2 && types.IsInterface(t):
			return nil, false
		}
	}
	return args, true
}

// isContext reports whether t has the methods of a context.
func isContext(t types.Type) bool {
	for _, name := range []string{"Deadline", "Done", "Err", "Value"} {
		obj, _, _ := types.LookupFieldOrMethod(t, true, nil, name)
		if _, ok := obj.(*types.Func); !ok {
			return false
		}
	}
	return true
}

func isAny(t types.Type) bool {
	if t == nil {
		return true
	}
	if _, ok := types.Unalias(t).(*types.TypeParam); ok {
		return true
	}
	i, ok := t.Underlying().(*types.Interface)
	return ok && i.Empty()
}

// keywords reads a literal with constant names.
func (c *check) keywords(e ast.Expr) (map[string]ropes.Value, bool) {
	lit, ok := ast.Unparen(e).(*ast.CompositeLit)
	if !ok {
		return nil, false
	}
	kwargs := map[string]ropes.Value{}
	for _, element := range lit.Elts {
		kv, ok := element.(*ast.KeyValueExpr)
		if !ok {
			return nil, false
		}
		name := c.TypesInfo.Types[kv.Key].Value
		if name == nil || name.Kind() != constant.String {
			return nil, false
		}
		kwargs[constant.StringVal(name)] = ropes.ValueOf(c.TypesInfo, kv.Value)
	}
	return kwargs, true
}

// elements looks at the calls of a bulk call.
func (c *check) elements(u ropes.Use, method string, list []ast.Expr) {
	for i, e := range list {
		if why := c.element(u, e); why != "" {
			c.report(e, method, fmt.Sprintf("element %d: %s", i, why))
		}
	}
}

func (c *check) element(u ropes.Use, e ast.Expr) string {
	t := c.TypesInfo.TypeOf(e)
	lit, isLiteral := ast.Unparen(e).(*ast.CompositeLit)
	switch {
	case t == nil || types.IsInterface(t):
		return ""
	case ropes.IsRing(t, "Args") && !isPointer(t):
		if !isLiteral || hasIndices(lit) {
			return ""
		}
		return c.arguments(u, lit.Elts)
	case ropes.IsRing(t, "Kwargs") && !isPointer(t):
		kwargs, sure := c.keywords(e)
		if !sure {
			return ""
		}
		return u.Bind(nil, kwargs, true)
	}
	return fmt.Sprintf("a %s is no call: give ring.Args or ring.Kwargs, one for each call", types.TypeString(t, func(p *types.Package) string { return p.Name() }))
}

func isPointer(t types.Type) bool {
	_, ok := t.Underlying().(*types.Pointer)
	return ok
}

func hasIndices(lit *ast.CompositeLit) bool {
	return slices.ContainsFunc(lit.Elts, func(e ast.Expr) bool { _, ok := e.(*ast.KeyValueExpr); return ok })
}

// result returns why a value is surely no result of the function.
func (c *check) result(u ropes.Use, value ast.Expr) string {
	if len(u.Results) != 1 {
		return ""
	}
	return ropes.ValueOf(c.TypesInfo, value).Misfit(u.Results[0])
}

// setMany looks at literal lists.
func (c *check) setMany(u ropes.Use, calls, values ast.Expr) {
	list, ok := ast.Unparen(calls).(*ast.CompositeLit)
	if !ok || hasIndices(list) {
		return
	}
	c.elements(u, "SetMany", list.Elts)
	held, ok := ast.Unparen(values).(*ast.CompositeLit)
	if !ok || hasIndices(held) {
		return
	}
	if len(held.Elts) != len(list.Elts) {
		c.report(values, "SetMany", fmt.Sprintf("there are %d values for %d calls", len(held.Elts), len(list.Elts)))
		return
	}
	for i, value := range held.Elts {
		if why := c.result(u, value); why != "" {
			c.report(value, "SetMany", fmt.Sprintf("value %d: %s", i, why))
		}
	}
}
