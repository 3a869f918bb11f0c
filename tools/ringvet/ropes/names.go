package ropes

import (
	"go/ast"
	"go/types"
)

// Names is the fact on a function whose parameters RegisterSignature names.
type Names struct {
	Text  string
	Known bool // otherwise the text is not constant
}

// AFact makes Names a fact.
func (*Names) AFact() {}

// String shows a fact in a test.
func (n *Names) String() string { return "names " + n.Text }

// register notes a call of RegisterSignature.
func (p *finder) register(call *ast.CallExpr) {
	if RingFunc(p.Info, call) != "RegisterSignature" || len(call.Args) != 2 {
		return
	}
	if fn := p.declared(call.Args[0]); fn != nil {
		n := &Names{}
		n.Text, n.Known = constantString(p.Info, call.Args[1])
		p.names[fn] = n
	}
}

// declared returns the function or method that e is, or nil.
func (p *finder) declared(e ast.Expr) *types.Func {
	var id *ast.Ident
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident:
		id = e
	case *ast.SelectorExpr:
		id = e.Sel
	default:
		return nil
	}
	fn, _ := p.Info.Uses[id].(*types.Func)
	return fn
}

// registered returns the names of the parameters of a function, or nil.
func (p *finder) registered(e ast.Expr) *Names {
	fn := p.declared(e)
	if fn == nil {
		return nil
	}
	if n := p.names[fn]; n != nil {
		return n
	}
	if n := new(Names); p.imports(fn, n) {
		return n
	}
	return nil
}
