package main

import (
	"go/ast"
	"go/types"
	"strings"

	"golang.org/x/tools/go/types/typeutil"
)

// origin is where a function comes from.
type origin struct {
	text     string // how a comment names it
	doc      string
	expr     string // the same function at package level; "": there is none
	isMethod bool   // a method expression
}

func calleeName(info *types.Info, call *ast.CallExpr) *types.Func {
	fn, _ := typeutil.Callee(info, call).(*types.Func)
	return fn
}

// originOf reads the expression of a function.
func (s *shaper) originOf(e ast.Expr) origin {
	switch e := e.(type) {
	case *ast.Ident:
		return s.originOfName(e, e)
	case *ast.IndexExpr, *ast.IndexListExpr:
		var x ast.Expr
		if one, ok := e.(*ast.IndexExpr); ok {
			x = one.X
		} else {
			x = e.(*ast.IndexListExpr).X
		}
		if id := lastName(x); id != nil {
			return s.originOfName(id, e)
		}
	case *ast.SelectorExpr:
		if selection := s.pkg.TypesInfo.Selections[e]; selection != nil {
			return s.originOfSelection(selection)
		}
		return s.originOfName(e.Sel, e)
	case *ast.FuncLit:
		return origin{text: "a function literal"}
	}
	return origin{text: "the function"}
}

func lastName(e ast.Expr) *ast.Ident {
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident:
		return e
	case *ast.SelectorExpr:
		return e.Sel
	}
	return nil
}

// originOfName reads a function or a variable by its name.
func (s *shaper) originOfName(id *ast.Ident, e ast.Expr) origin {
	obj := s.pkg.TypesInfo.Uses[id]
	if obj == nil {
		return origin{text: id.Name}
	}
	o := origin{text: obj.Name()}
	own := obj.Pkg() == s.pkg.Types
	if !own && obj.Pkg() != nil {
		o.text = obj.Pkg().Name() + "." + obj.Name()
	}
	if obj.Pkg() == nil || obj.Parent() != obj.Pkg().Scope() {
		return o // a local variable or a builtin
	}
	o.doc = s.docOf(obj)
	o.expr = obj.Name()
	if !own {
		o.expr = s.names.use(obj.Pkg()) + "." + obj.Name()
	}
	if instance, ok := s.pkg.TypesInfo.Instances[id]; ok {
		var args []string
		for t := range instance.TypeArgs.Types() {
			if s.names.check(t) != nil {
				o.expr = ""
				return o
			}
			args = append(args, s.names.typeString(t))
		}
		o.expr += "[" + strings.Join(args, ", ") + "]"
	}
	return o
}

// originOfSelection reads a method expression, a method value or a field.
func (s *shaper) originOfSelection(x *types.Selection) origin {
	recv := x.Recv()
	typ := s.names.typeString(recv)
	switch x.Kind() {
	case types.MethodExpr:
		o := origin{text: "(" + shortType(recv) + ")." + x.Obj().Name(), doc: s.docOf(x.Obj()), isMethod: true}
		if _, isPointer := types.Unalias(recv).(*types.Pointer); !isPointer {
			o.text = shortType(recv) + "." + x.Obj().Name()
		}
		if s.names.check(recv) == nil {
			o.expr = "(" + typ + ")." + x.Obj().Name()
		}
		return o
	case types.MethodVal:
		o := origin{text: "the method " + x.Obj().Name(), doc: s.docOf(x.Obj())}
		if _, isInterface := recv.Underlying().(*types.Interface); !isInterface && len(x.Index()) == 1 {
			o.expr = s.methodValue(recv, x.Obj().(*types.Func))
		}
		return o
	}
	return origin{text: "the field " + x.Obj().Name()}
}

// methodValue returns a method value of a zero receiver, which has the code of all others.
func (s *shaper) methodValue(recv types.Type, method *types.Func) string {
	if p, ok := types.Unalias(recv).(*types.Pointer); ok {
		recv = p.Elem()
	}
	if s.names.check(recv) != nil {
		return ""
	}
	typ := s.names.typeString(recv)
	if _, byPointer := types.Unalias(method.Signature().Recv().Type()).(*types.Pointer); byPointer {
		return "(*" + typ + ")(nil)." + method.Name()
	}
	return "(*new(" + typ + "))." + method.Name()
}

// shortType returns a type without packages.
func shortType(t types.Type) string {
	return types.TypeString(t, func(*types.Package) string { return "" })
}

// docOf returns the doc comment of a declaration of the package.
func (s *shaper) docOf(obj types.Object) string {
	for _, file := range s.pkg.Syntax {
		for _, decl := range file.Decls {
			if decl.Pos() > obj.Pos() || obj.Pos() >= decl.End() {
				continue
			}
			switch decl := decl.(type) {
			case *ast.FuncDecl:
				return decl.Doc.Text()
			case *ast.GenDecl:
				return docOfVariable(decl, obj)
			}
		}
	}
	return ""
}

func docOfVariable(decl *ast.GenDecl, obj types.Object) string {
	for _, spec := range decl.Specs {
		if v, ok := spec.(*ast.ValueSpec); ok && v.Pos() <= obj.Pos() && obj.Pos() < v.End() && v.Doc != nil {
			return v.Doc.Text()
		}
	}
	if len(decl.Specs) == 1 {
		return decl.Doc.Text()
	}
	return ""
}
