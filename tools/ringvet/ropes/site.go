package ropes

import (
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"strings"

	"golang.org/x/tools/go/types/typeutil"
)

// Site is a call that makes a rope: of Wrap, New, Decorate, Decorate1 to Decorate4E or Typed.
type Site struct {
	Call    *ast.CallExpr
	Maker   string           // the name of the function of package ring
	Fn      ast.Expr         // the function; for Decorate what the pointer points to; nil: not known
	Type    *types.Signature // of the function; nil: not known
	Method  *types.Selection // Fn is a method expression or a method value
	Literal *ast.FuncLit     // Fn is a function literal
	Factory *Factory         // nil: not known
	Text    *string          // the text of the Signature; nil: there is none, or it is not known
	TextAt  ast.Expr         // the argument of Signature
	Named   bool             // there is a Name
	Known   bool             // what Fn holds is known, not only its type
	Sure    bool             // so are all options
	Rope    *Rope            // nil: the type of the function is not known
}

// Pass is what the search needs of an analysis.Pass.
type Pass struct {
	Info  *types.Info
	Pkg   *types.Package
	Files []*ast.File
}

// RingFunc returns the name of the function or method of package ring that a call calls:
// "Wrap", or "Wire.Call". It is "" for other calls.
func RingFunc(info *types.Info, call *ast.CallExpr) string {
	fn, ok := typeutil.Callee(info, call).(*types.Func)
	if !ok || fn.Pkg() == nil || fn.Pkg().Path() != Path {
		return ""
	}
	recv := fn.Signature().Recv()
	if recv == nil {
		return fn.Name()
	}
	if name := typeName(recv.Type()); name != "" {
		return name + "." + fn.Name()
	}
	return ""
}

// typeName returns the name of a type of package ring, or of what it points to.
func typeName(t types.Type) string {
	if p, ok := types.Unalias(t).(*types.Pointer); ok {
		t = p.Elem()
	}
	named, ok := types.Unalias(t).(*types.Named)
	if !ok || named.Obj().Pkg() == nil || named.Obj().Pkg().Path() != Path {
		return ""
	}
	return named.Obj().Name()
}

// IsRing reports whether t is that type of package ring, or a pointer to it.
func IsRing(t types.Type, name string) bool { return t != nil && typeName(t) == name }

func makes(name string) bool {
	return name == "Wrap" || name == "New" || name == "Typed" || strings.HasPrefix(name, "Decorate")
}

// site reads a call that makes a rope; nil: it is none.
func (p *finder) site(call *ast.CallExpr) *Site {
	maker := RingFunc(p.Info, call)
	if !makes(maker) || len(call.Args) < 2 {
		return nil
	}
	s := &Site{Call: call, Maker: maker, Fn: ast.Unparen(call.Args[0])}
	if strings.HasPrefix(maker, "Decorate") {
		s.Fn = pointed(s.Fn)
	}
	if s.Fn != nil {
		s.Type, _ = underlying(p.Info.TypeOf(s.Fn)).(*types.Signature)
	}
	s.Known = p.readFunc(s)
	s.Sure = s.Known
	s.Factory = p.factory(call.Args[1])
	p.readOptions(s)
	s.Rope = p.rope(s)
	return s
}

// pointed returns f of &f, or nil.
func pointed(e ast.Expr) ast.Expr {
	if u, ok := e.(*ast.UnaryExpr); ok && u.Op == token.AND {
		return ast.Unparen(u.X)
	}
	return nil
}

func underlying(t types.Type) types.Type {
	if t == nil {
		return nil
	}
	return t.Underlying()
}

// readFunc finds out what kind of function is wrapped, and reports whether it is known. What
// a variable holds is not: it may be a method expression, or cached already, and have names
// and defaults from there.
func (p *finder) readFunc(s *Site) (known bool) {
	switch fn := s.Fn.(type) {
	case *ast.FuncLit:
		s.Literal = fn
		return true
	case *ast.Ident:
		if _, declared := p.Info.Uses[fn].(*types.Func); declared {
			return true
		}
	case *ast.SelectorExpr:
		if s.Method = p.Info.Selections[fn]; s.Method != nil && s.Method.Kind() != types.FieldVal {
			return true
		}
		s.Method = nil
		if _, declared := p.Info.Uses[fn.Sel].(*types.Func); declared {
			return true
		}
	}
	if s.Fn == nil || !strings.HasPrefix(s.Maker, "Decorate") {
		return false
	}
	v := p.variable(s.Fn)
	return v != nil && p.onlyLiteral(v)
}

// readOptions reads the Signature and the Name.
func (p *finder) readOptions(s *Site) {
	if s.Call.Ellipsis.IsValid() {
		s.Sure = false
		return
	}
	for _, arg := range s.Call.Args[2:] {
		option, ok := ast.Unparen(arg).(*ast.CallExpr)
		if !ok || len(option.Args) != 1 {
			s.Sure = false
			continue
		}
		switch RingFunc(p.Info, option) {
		case "Name":
			s.Named = true
		case "Signature":
			text, known := constantString(p.Info, option.Args[0])
			if !known {
				s.Sure = false
				continue
			}
			s.Text, s.TextAt = &text, option.Args[0]
		default:
			s.Sure = false
		}
	}
	if s.Text != nil && s.Type != nil {
		s.Sure = s.Sure || p.onlyTextMissing(s)
	}
}

// onlyTextMissing reports whether a function that is not known has a Signature of its own, so
// that it does not matter what it is.
func (p *finder) onlyTextMissing(s *Site) bool {
	return !s.Call.Ellipsis.IsValid() && len(s.Call.Args) == 3
}

func constantString(info *types.Info, e ast.Expr) (string, bool) {
	v := info.Types[e].Value
	if v == nil || v.Kind() != constant.String {
		return "", false
	}
	return constant.StringVal(v), true
}

// rope describes the rope that a site makes.
func (p *finder) rope(s *Site) *Rope {
	if s.Type == nil {
		return nil
	}
	r := &Rope{Name: types.ExprString(s.Fn), ContextAt: -1, Sure: s.Sure, Known: s.Known, Variadic: s.Type.Variadic()}
	if s.Literal != nil {
		r.Name = "the function"
	}
	if s.Text != nil {
		r.HasText, r.Text = true, *s.Text
	} else if n := p.registered(s.Fn); n != nil {
		r.HasText, r.Text, r.Sure = true, n.Text, r.Sure && n.Known
	}
	if s.Method != nil && s.Method.Kind() == types.MethodExpr {
		r.Receiver = true
		if isInstance(s.Method.Recv()) {
			r.Sure, r.Known = false, false
		}
	}
	i := 0
	for v := range s.Type.Params().Variables() {
		if IsContext(v.Type()) && r.ContextAt < 0 {
			r.ContextAt = i
		} else {
			r.Params = append(r.Params, TypeOf(v.Type()))
		}
		i++
	}
	results := s.Type.Results()
	for i := range results.Len() {
		t := results.At(i).Type()
		if i == results.Len()-1 && types.Identical(t, types.Universe.Lookup("error").Type()) {
			break
		}
		r.Results = append(r.Results, TypeOf(t))
	}
	r.Action = Unknown
	if f := s.Factory; f != nil {
		r.Standard = f.IsZero("UserInterface")
		r.Action = f.action()
		r.InMemory = (f.Name == "Lru" || f.Name == "Dict") && f.IsZero("Coder") && f.IsZero("StorageClass")
		r.MissValue = !f.IsZero("Options", "MissValue")
	}
	return r
}

// isInstance reports whether t is an instance of a generic type, or points to one. At run
// time the receiver of its method expression looks like any parameter.
func isInstance(t types.Type) bool {
	if p, ok := types.Unalias(t).(*types.Pointer); ok {
		t = p.Elem()
	}
	named, ok := types.Unalias(t).(*types.Named)
	return !ok || named.TypeArgs().Len() > 0 || named.Obj().Parent() != named.Obj().Pkg().Scope()
}

// IsContext reports whether t is a context.Context.
func IsContext(t types.Type) bool {
	named, ok := types.Unalias(t).(*types.Named)
	return ok && named.Obj().Pkg() != nil && named.Obj().Pkg().Path() == "context" && named.Obj().Name() == "Context"
}
