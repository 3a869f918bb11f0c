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

// Site returns the rope that a call makes, or nil.
func (r *Result) Site(call *ast.CallExpr) *Site { return r.byCall[call] }

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
		if len(values)+len(places) > 0 || !r.finder.imports(v, &rope) {
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

// Answer returns the call of a rope's method whose first result an expression holds, if its
// variable gets nothing else.
func (r *Result) Answer(e ast.Expr) (call *ast.CallExpr, ok bool) {
	v := r.finder.variable(e)
	if v == nil || v.IsField() || v.Pkg() != r.finder.Pkg {
		return nil, false
	}
	places := r.finder.places[v]
	if len(places) != 1 || len(r.finder.values[v]) > 0 || places[0].at != 0 {
		return nil, false
	}
	return places[0].call, true
}

// Value returns the expression that a variable always holds, or nil.
func (r *Result) Value(v *types.Var) ast.Expr { return r.finder.onlyValue(v) }

// Source is Value, but parts of the value may be assigned later.
func (r *Result) Source(v *types.Var) ast.Expr { return r.finder.source(v) }

// Variable returns the variable or field that e names, or nil.
func (r *Result) Variable(e ast.Expr) *types.Var { return r.finder.variable(e) }

// Declaration returns the declaration or literal of a function of this package, or nil.
func (r *Result) Declaration(s *Site) (params *ast.FuncType, body *ast.BlockStmt, fn *types.Func) {
	if s.Literal != nil {
		return s.Literal.Type, s.Literal.Body, nil
	}
	fn = r.declared(s)
	if d := r.finder.declaration(fn); d != nil {
		return d.Type, d.Body, fn
	}
	return nil, nil, nil
}

func (r *Result) declared(s *Site) *types.Func {
	var obj types.Object
	switch e := s.Fn.(type) {
	case *ast.Ident:
		obj = r.finder.Info.Uses[e]
	case *ast.SelectorExpr:
		obj = r.finder.Info.Uses[e.Sel]
	}
	fn, _ := obj.(*types.Func)
	return fn
}

// Body returns the body of a function of this package; nil: there is none, or it is another's.
func (r *Result) Body(fn *types.Func) *ast.FuncDecl { return r.finder.declaration(fn) }

// declaration returns the declaration of a function of this package, or nil.
func (p *finder) declaration(fn *types.Func) *ast.FuncDecl {
	if fn == nil || fn.Pkg() != p.Pkg {
		return nil
	}
	for _, file := range p.Files {
		if fn.Pos() < file.FileStart || fn.Pos() > file.FileEnd {
			continue
		}
		for _, decl := range file.Decls {
			if d, ok := decl.(*ast.FuncDecl); ok && p.Info.Defs[d.Name] == fn.Origin() && d.Body != nil {
				return d
			}
		}
	}
	return nil
}
