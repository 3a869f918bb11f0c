package main

import (
	"errors"
	"fmt"
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"golang.org/x/tools/go/packages"

	"github.com/ring-go/ring/internal/signature"
)

// rope is a typed rope to write.
type rope struct {
	at         token.Pos // where it is made
	base       string
	source     string // how the function is called in comments
	doc        string // the function's
	sig        *types.Signature
	registered string   // the signature to register; "": none
	functions  []string // whose signature to register, as expressions
	first      bool     // the registration has to come before a package variable
	method     bool     // a method expression
	fails      bool
	contextAt  int // -1: none
	params     []param
	results    []result
}

// param is an input of the function.
type param struct {
	name string // in Go, as written; "" for none
	typ  types.Type
	kind signature.Formal
}

// result is an output without the error.
type result struct {
	name string
	typ  types.Type
}

// shaper reads the functions of the ropes of a package.
type shaper struct {
	pkg   *packages.Package
	names *imports
}

// read makes a typed rope of a call.
func (s *shaper) read(f found) (*rope, error) {
	r := &rope{at: f.at.Pos(), base: f.base, contextAt: -1, first: f.first}
	arg := ast.Unparen(f.call.Args[0])
	_, isPointer := s.pkg.TypesInfo.TypeOf(arg).(*types.Pointer)
	typ := s.pkg.TypesInfo.TypeOf(arg)
	if isPointer {
		typ = typ.(*types.Pointer).Elem()
		if address, ok := arg.(*ast.UnaryExpr); ok {
			arg = ast.Unparen(address.X)
		}
	}
	if err := s.readType(r, typ); err != nil {
		return nil, err
	}
	origin := s.originOf(arg)
	r.source, r.doc, r.method = origin.text, origin.doc, origin.isMethod
	text, given, err := s.signatureOf(f.call)
	if err != nil {
		return nil, err
	}
	if !given {
		text = r.ownSignature()
		if !f.early && origin.expr != "" {
			r.registered, r.functions = text, []string{origin.expr}
		}
	}
	return r, r.readKinds(text)
}

func (s *shaper) readType(r *rope, typ types.Type) error {
	if typ == nil || typ.Underlying() == types.Typ[types.Invalid] {
		return errors.New("the function is not known: it does not compile")
	}
	sig, ok := typ.Underlying().(*types.Signature)
	if !ok {
		return fmt.Errorf("the function has the type %v, which tells no parameters: give it the type of a function", typ)
	}
	r.sig = sig
	for v := range sig.Params().Variables() {
		if err := s.names.check(v.Type()); err != nil {
			return fmt.Errorf("parameter %s: %w", orUnnamed(v), err)
		}
		if isContext(v.Type()) {
			r.contextAt = len(r.params)
		}
		r.params = append(r.params, param{name: nameOf(v), typ: v.Type()})
	}
	n := sig.Results().Len()
	if n > 0 && types.Identical(sig.Results().At(n-1).Type(), types.Universe.Lookup("error").Type()) {
		r.fails = true
		n--
	}
	for i := range n {
		v := sig.Results().At(i)
		if err := s.names.check(v.Type()); err != nil {
			return fmt.Errorf("result %d: %w", i+1, err)
		}
		r.results = append(r.results, result{nameOf(v), v.Type()})
	}
	return nil
}

func orUnnamed(v *types.Var) string {
	if name := nameOf(v); name != "" {
		return name
	}
	return "of type " + v.Type().String()
}

func nameOf(v *types.Var) string {
	if v.Name() == "_" {
		return ""
	}
	return v.Name()
}

func isContext(t types.Type) bool {
	named, ok := types.Unalias(t).(*types.Named)
	return ok && named.Obj().Pkg() != nil && named.Obj().Pkg().Path() == "context" && named.Obj().Name() == "Context"
}

// signatureOf returns the Signature among the options of a call.
func (s *shaper) signatureOf(call *ast.CallExpr) (text string, given bool, _ error) {
	if call.Ellipsis.IsValid() {
		return "", false, errors.New("its options are in a slice: write them into the call, since a Signature says how arguments are passed")
	}
	for _, arg := range call.Args[min(2, len(call.Args)):] {
		option, ok := ast.Unparen(arg).(*ast.CallExpr)
		name := ""
		if ok {
			if fn := calleeName(s.pkg.TypesInfo, option); fn != nil && fn.Pkg() != nil && fn.Pkg().Path() == ringPath {
				name = fn.Name()
			}
		}
		switch {
		case name == "Name":
		case name != "Signature" || len(option.Args) != 1:
			return "", false, errors.New("one of its options is neither ring.Signature nor ring.Name: write them into the call")
		default:
			value := s.pkg.TypesInfo.Types[option.Args[0]].Value
			if value == nil || value.Kind() != constant.String {
				return "", false, errors.New("its Signature is no constant")
			}
			text, given = constant.StringVal(value), true
		}
	}
	return text, given, nil
}

func (r *rope) readKinds(text string) error {
	sig, err := signature.Parse(text)
	if err != nil {
		return err
	}
	want := len(r.params)
	if r.contextAt >= 0 {
		want--
	}
	if len(sig.Formals) != want {
		return fmt.Errorf("the signature has %d parameters, the function has %d without the context", len(sig.Formals), want)
	}
	formals := sig.Formals
	for i := range r.params {
		if i == r.contextAt {
			continue
		}
		r.params[i].kind, formals = formals[0], formals[1:]
	}
	return nil
}

// ownSignature is that of a function without one: the names of its parameters.
func (r *rope) ownSignature() string {
	var parts, used []string
	for i := range r.params {
		if i == r.contextAt {
			continue
		}
		name := r.params[i].name
		if name == "" {
			name = fmt.Sprintf("arg%d", len(parts)+1)
		}
		for slices.Contains(used, name) || !isPythonName(name) {
			name += "_"
		}
		used = append(used, name)
		if r.sig.Variadic() && i == len(r.params)-1 {
			name = "*" + name
		}
		parts = append(parts, name)
	}
	return strings.Join(parts, ", ")
}

func isPythonName(name string) bool {
	_, err := signature.Parse(name)
	return err == nil
}

// same reports whether two ropes can be one type.
func (r *rope) same(o *rope) bool {
	return types.Identical(r.sig, o.sig) && r.method == o.method && slices.EqualFunc(r.params, o.params, func(a, b param) bool {
		return a.name == b.name && a.kind.Kind == b.kind.Kind && a.kind.Name == b.kind.Name && a.kind.HasDefault == b.kind.HasDefault &&
			fmt.Sprintf("%#v", a.kind.Def) == fmt.Sprintf("%#v", b.kind.Def)
	})
}
