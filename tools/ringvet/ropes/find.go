package ropes

import (
	"go/ast"
	"go/token"
	"go/types"
	"reflect"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/passes/inspect"
	"golang.org/x/tools/go/ast/inspector"
)

// Analyzer finds the ropes of a package. Its result is a *Result.
var Analyzer = &analysis.Analyzer{
	Name:             "ropes",
	Doc:              "find functions that package ring caches",
	Run:              run,
	Requires:         []*analysis.Analyzer{inspect.Analyzer},
	ResultType:       reflect.TypeFor[*Result](),
	RunDespiteErrors: true, // cycle needs it
	FactTypes:        []analysis.Fact{new(Rope), new(Names)},
}

// Result is what the search has found.
type Result struct {
	Sites    []*Site
	finder   *finder
	byCall   map[*ast.CallExpr]*Site
	mentions bool // the package imports package ring, if only by others
}

// finder looks into the variables of a package.
type finder struct {
	*Pass
	values map[types.Object][]ast.Expr // what is assigned to a variable or field; nil: not known what
	parts  map[types.Object]bool       // a field or an element is assigned
	places map[types.Object][]place    // the same for variables that get one result of a call
	names  map[*types.Func]*Names      // that this package registers

	imports func(types.Object, analysis.Fact) bool
}

// place is one of several results of a call.
type place struct {
	call *ast.CallExpr
	at   int
}

func run(pass *analysis.Pass) (any, error) {
	p := &finder{
		Pass:   &Pass{Info: pass.TypesInfo, Pkg: pass.Pkg, Files: pass.Files},
		values: map[types.Object][]ast.Expr{}, parts: map[types.Object]bool{}, places: map[types.Object][]place{},
		names: map[*types.Func]*Names{}, imports: pass.ImportObjectFact,
	}
	r := &Result{finder: p, byCall: map[*ast.CallExpr]*Site{}}
	in := pass.ResultOf[inspect.Analyzer].(*inspector.Inspector)
	if r.mentions = mentionsRing(pass.Pkg); !r.mentions {
		return r, nil
	}
	in.Preorder(bindings, p.bind)
	calls := []ast.Node{(*ast.CallExpr)(nil)}
	in.Preorder(calls, func(n ast.Node) { p.register(n.(*ast.CallExpr)) })
	for fn, names := range p.names {
		if fn.Pkg() == pass.Pkg {
			pass.ExportObjectFact(fn, names)
		}
	}
	in.Preorder(calls, func(n ast.Node) {
		if s := p.site(n.(*ast.CallExpr)); s != nil {
			r.Sites = append(r.Sites, s)
			r.byCall[s.Call] = s
		}
	})
	for v := range p.values {
		r.export(pass, v)
	}
	for v := range p.places {
		r.export(pass, v)
	}
	return r, nil
}

// export makes a fact of the rope that a variable of the package or a field holds.
func (r *Result) export(pass *analysis.Pass, obj types.Object) {
	v, ok := obj.(*types.Var)
	if !ok || v.Pkg() != pass.Pkg || !v.IsField() && v.Parent() != pass.Pkg.Scope() || !IsRing(v.Type(), "Rope") {
		return
	}
	if rope := r.ofVariable(v); rope != nil {
		pass.ExportObjectFact(v, rope)
	}
}

// mentionsRing reports whether pkg imports package ring, or a package that does.
func mentionsRing(pkg *types.Package) bool {
	seen := map[*types.Package]bool{}
	var mentions func(*types.Package) bool
	mentions = func(pkg *types.Package) bool {
		if pkg.Path() == Path {
			return true
		}
		if seen[pkg] {
			return false
		}
		seen[pkg] = true
		for _, imported := range pkg.Imports() {
			if mentions(imported) {
				return true
			}
		}
		return false
	}
	return mentions(pkg)
}

var bindings = []ast.Node{
	(*ast.ValueSpec)(nil), (*ast.AssignStmt)(nil), (*ast.CompositeLit)(nil), (*ast.UnaryExpr)(nil),
	(*ast.RangeStmt)(nil), (*ast.IncDecStmt)(nil),
}

// bind notes what a variable or a field gets.
func (p *finder) bind(n ast.Node) {
	switch n := n.(type) {
	case *ast.ValueSpec:
		left := make([]ast.Expr, len(n.Names))
		for i, name := range n.Names {
			left[i] = name
		}
		if len(n.Values) > 0 {
			p.assign(left, n.Values)
		}
	case *ast.AssignStmt:
		if n.Tok == token.ASSIGN || n.Tok == token.DEFINE {
			p.assign(n.Lhs, n.Rhs)
			return
		}
		p.spoil(n.Lhs...)
	case *ast.CompositeLit:
		p.bindFields(n)
	case *ast.UnaryExpr:
		if n.Op == token.AND {
			p.spoil(n.X)
		}
	case *ast.RangeStmt:
		p.spoil(n.Key, n.Value)
	case *ast.IncDecStmt:
		p.spoil(n.X)
	}
}

func (p *finder) assign(left, right []ast.Expr) {
	if len(left) == len(right) {
		for i := range left {
			p.add(left[i], ast.Unparen(right[i]))
		}
		return
	}
	call, ok := ast.Unparen(right[0]).(*ast.CallExpr)
	if !ok {
		p.spoil(left...)
		return
	}
	for i, l := range left {
		if v := p.variable(l); v != nil {
			p.places[v] = append(p.places[v], place{call, i})
		} else {
			p.spoil(l)
		}
	}
}

// add notes that a variable gets a value. A change to a part of it spoils the whole.
func (p *finder) add(left, value ast.Expr) {
	v := p.variable(left)
	if v == nil {
		p.spoil(left)
		return
	}
	p.values[v] = append(p.values[v], value)
	p.change(left)
}

// spoil notes that variables get what is not known.
func (p *finder) spoil(places ...ast.Expr) {
	for _, e := range places {
		if e == nil {
			continue
		}
		if v := p.variable(e); v != nil {
			p.values[v] = append(p.values[v], nil)
		}
		p.change(e)
	}
}

// change notes whose part is assigned.
func (p *finder) change(e ast.Expr) {
	for {
		switch x := ast.Unparen(e).(type) {
		case *ast.SelectorExpr:
			e = x.X
		case *ast.IndexExpr:
			e = x.X
		default:
			return
		}
		if v := p.variable(e); v != nil {
			p.parts[v] = true
		}
	}
}

// bindFields notes what the fields of a literal get.
func (p *finder) bindFields(lit *ast.CompositeLit) {
	s, ok := underlying(p.Info.TypeOf(lit)).(*types.Struct)
	if !ok {
		return
	}
	for i, element := range lit.Elts {
		if kv, ok := element.(*ast.KeyValueExpr); ok {
			if key, ok := kv.Key.(*ast.Ident); ok {
				if f, ok := p.Info.Uses[key].(*types.Var); ok {
					p.values[f.Origin()] = append(p.values[f.Origin()], ast.Unparen(kv.Value))
				}
			}
		} else if i < s.NumFields() {
			f := s.Field(i).Origin()
			p.values[f] = append(p.values[f], ast.Unparen(element))
		}
	}
}

// variable returns the variable or the field that e names, or nil.
func (p *finder) variable(e ast.Expr) *types.Var {
	var obj types.Object
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident:
		if e.Name == "_" {
			return nil
		}
		obj = p.Info.ObjectOf(e)
	case *ast.SelectorExpr:
		obj = p.Info.ObjectOf(e.Sel)
	}
	v, _ := obj.(*types.Var)
	if v == nil {
		return nil
	}
	return v.Origin()
}

// onlyValue returns the expression that a variable of this package always holds, or nil.
func (p *finder) onlyValue(v *types.Var) ast.Expr {
	if p.parts[v] {
		return nil
	}
	return p.source(v)
}

// source is onlyValue, but parts of the value may be assigned later.
func (p *finder) source(v *types.Var) ast.Expr {
	if values := p.values[v]; len(values) == 1 && len(p.places[v]) == 0 && v.Pkg() == p.Pkg {
		return values[0]
	}
	return nil
}

// onlyLiteral reports whether a variable of this package gets nothing but a function
// literal, except by Decorate, which takes its address.
func (p *finder) onlyLiteral(v *types.Var) bool {
	n, literal := 0, false
	for _, value := range p.values[v] {
		if value == nil {
			n++
			continue
		}
		_, literal = value.(*ast.FuncLit)
		if !literal {
			return false
		}
	}
	return literal && n <= 1 && len(p.places[v]) == 0
}
