package ropes

import (
	"go/ast"
	"go/types"
	"strings"
)

// Use is a rope in an expression.
type Use struct {
	*Rope
	Bound bool // to a receiver
}

// Of returns the rope that an expression of type *Rope or *Wire holds: a variable, a field,
// a call that makes one, or one of these with Bind, With or WithContext.
func (r *Result) Of(e ast.Expr) (Use, bool) { return r.of(e, 0) }

const maxSteps = 20 // a variable may be made of itself

func (r *Result) of(e ast.Expr, steps int) (Use, bool) {
	if steps > maxSteps {
		return Use{}, false
	}
	switch e := ast.Unparen(e).(type) {
	case *ast.CallExpr:
		if site := r.byCall[e]; site != nil && site.Rope != nil {
			return Use{Rope: site.Rope}, true
		}
		return r.ofDerived(e, steps)
	case *ast.Ident, *ast.SelectorExpr:
		v := r.finder.variable(e)
		if v == nil {
			return Use{}, false
		}
		if s, ok := e.(*ast.SelectorExpr); ok && s.Sel.Name == "Wire" && IsRing(r.finder.Info.TypeOf(s.X), "Rope") {
			return r.of(s.X, steps+1)
		}
		if rope := r.ofVariable(v); rope != nil {
			return Use{Rope: rope}, true
		}
		if value := r.finder.onlyValue(v); value != nil && IsRing(v.Type(), "Wire") {
			return r.of(value, steps+1)
		}
	}
	return Use{}, false
}

// ofDerived follows a call of a method that returns a wire of the same rope.
func (r *Result) ofDerived(call *ast.CallExpr, steps int) (Use, bool) {
	sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr)
	if !ok {
		return Use{}, false
	}
	name := RingFunc(r.finder.Info, call)
	switch name {
	case "Rope.Bind", "Wire.With", "Wire.WithContext":
		u, ok := r.of(sel.X, steps+1)
		u.Bound = u.Bound || name == "Rope.Bind"
		return u, ok
	}
	return Use{}, false
}

// ofVariable returns the rope of a variable or field that holds only one.
func (r *Result) ofVariable(v *types.Var) *Rope {
	p := r.finder
	values, places := p.values[v], p.places[v]
	if v.Pkg() != p.Pkg {
		var rope Rope
		if len(values)+len(places) > 0 || !r.imports(v, &rope) {
			return nil
		}
		return &rope
	}
	if len(values)+len(places) != 1 {
		return nil
	}
	var site *Site
	if len(values) == 1 {
		if call, ok := values[0].(*ast.CallExpr); ok {
			site = r.byCall[call]
		}
	} else {
		site = r.sitePlace(places[0])
	}
	if site == nil {
		return nil
	}
	return site.Rope
}

// sitePlace returns the site whose rope is that result of its call.
func (r *Result) sitePlace(p place) *Site {
	site := r.byCall[p.call]
	if site == nil || site.Maker == "New" && p.at != 0 || site.Maker == "Typed" && p.at != 1 {
		return nil
	}
	return site
}

// Method returns the method of a Wire or Rope that a call calls, and its rope.
func (r *Result) Method(call *ast.CallExpr) (name string, u Use, ok bool) {
	full := RingFunc(r.finder.Info, call)
	name, isWire := strings.CutPrefix(full, "Wire.")
	if !isWire {
		return "", Use{}, false
	}
	sel, isSelector := ast.Unparen(call.Fun).(*ast.SelectorExpr)
	if !isSelector {
		return "", Use{}, false
	}
	u, ok = r.Of(sel.X)
	return name, u, ok
}
