package main

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/tools/go/packages"
	"golang.org/x/tools/go/types/typeutil"
)

// makers are the functions of ring that make ropes, and whether they take a pointer to the
// function.
var makers = map[string]bool{"Wrap": false, "New": false, "Typed": false, "Decorate": true}

func init() {
	for n := range 4 {
		makers[fmt.Sprintf("Decorate%d", n+1)] = true
		makers[fmt.Sprintf("Decorate%dE", n+1)] = true
	}
}

// found is a call that makes a rope, and the name that the rope shall have.
type found struct {
	call  *ast.CallExpr // of ring
	at    ast.Node      // what to name in a message
	base  string        // Summary
	early bool          // it runs before main, with no reference to the constructor
	first bool          // it is within a NewXRope that initialises a package variable
}

// problem is a rope that cannot be typed.
type problem struct {
	at     token.Pos
	what   string
	reason string
}

// finder looks for the ropes of a package.
type finder struct {
	pkg      *packages.Package
	calls    map[types.Object][]*ast.CallExpr // what variables are assigned
	typed    map[*ast.CallExpr]bool           // those that are within a NewXRope
	found    []found
	problems []problem
}

// constructor is a name that gives a type its own.
var constructor = regexp.MustCompile(`^New(\p{Lu}[\p{L}\p{Nd}_]*)Rope$`)

// find returns the ropes of a package, in the order of the source.
func find(pkg *packages.Package) ([]found, []problem) {
	f := &finder{pkg: pkg, calls: map[types.Object][]*ast.CallExpr{}, typed: map[*ast.CallExpr]bool{}}
	var files []*ast.File
	for _, file := range pkg.Syntax {
		name := pkg.Fset.Position(file.Package).Filename
		if !strings.HasSuffix(name, "/"+fileName) {
			files = append(files, file)
		}
	}
	for _, file := range files {
		f.eachAssignment(file, f.note)
	}
	for _, file := range files {
		ast.Inspect(file, f.constructed)
	}
	for _, file := range files {
		f.eachAssignment(file, f.stored)
	}
	f.dropConstrained()
	slices.SortStableFunc(f.found, func(a, b found) int { return int(a.at.Pos() - b.at.Pos()) })
	return f.found, f.problems
}

// assignment is x = f() or, for results, x, y = f().
type assignment struct {
	left    ast.Expr // that holds the rope
	call    *ast.CallExpr
	global  bool // it initialises a package variable
	ignored bool
}

// eachAssignment calls do for the calls of ring whose rope is kept: assignments, variables
// and fields of literals.
func (f *finder) eachAssignment(file *ast.File, do func(assignment)) {
	ignored := ignoredLines(f.pkg.Fset, file)
	depth := 0 // of functions
	var stack []ast.Node
	emit := func(node ast.Node, lefts, rights []ast.Expr) {
		for i, right := range rights {
			call, name := f.ringCall(right)
			if call == nil {
				continue
			}
			place := i
			if len(rights) == 1 && name == "Typed" {
				place = 1
			}
			if place < len(lefts) {
				line := f.pkg.Fset.Position(node.Pos()).Line
				do(assignment{lefts[place], call, depth == 0, ignored[line] || ignored[line-1]})
			}
		}
	}
	ast.Inspect(file, func(n ast.Node) bool {
		if n == nil {
			if isFunction(stack[len(stack)-1]) {
				depth--
			}
			stack = stack[:len(stack)-1]
			return true
		}
		stack = append(stack, n)
		switch n := n.(type) {
		case *ast.FuncDecl, *ast.FuncLit:
			depth++
		case *ast.AssignStmt:
			emit(n, n.Lhs, n.Rhs)
		case *ast.ValueSpec:
			emit(n, identExprs(n.Names), n.Values)
		case *ast.KeyValueExpr:
			emit(n, []ast.Expr{n.Key}, []ast.Expr{n.Value})
		}
		return true
	})
}

func isFunction(n ast.Node) bool {
	switch n.(type) {
	case *ast.FuncDecl, *ast.FuncLit:
		return true
	}
	return false
}

func identExprs(names []*ast.Ident) []ast.Expr {
	list := make([]ast.Expr, len(names))
	for i, name := range names {
		list[i] = name
	}
	return list
}

// ignoredLines returns the lines with a comment //ringgen:ignore.
func ignoredLines(fset *token.FileSet, file *ast.File) map[int]bool {
	lines := map[int]bool{}
	for _, group := range file.Comments {
		for _, c := range group.List {
			if text := strings.TrimSpace(c.Text); text == "//ringgen:ignore" || strings.HasPrefix(text, "//ringgen:ignore ") {
				lines[fset.Position(c.Pos()).Line] = true
			}
		}
	}
	return lines
}

// ringCall returns the call of ring that an expression is, or nil, and the function's name.
func (f *finder) ringCall(e ast.Expr) (*ast.CallExpr, string) {
	call, ok := ast.Unparen(e).(*ast.CallExpr)
	if !ok || len(call.Args) == 0 {
		return nil, ""
	}
	fn, ok := typeutil.Callee(f.pkg.TypesInfo, call).(*types.Func)
	if !ok || fn.Pkg() == nil || fn.Pkg().Path() != ringPath || fn.Signature().Recv() != nil {
		return nil, ""
	}
	if _, known := makers[fn.Name()]; !known {
		return nil, ""
	}
	return call, fn.Name()
}

// note remembers what a variable is assigned.
func (f *finder) note(a assignment) {
	if obj := f.object(a.left); obj != nil {
		f.calls[obj] = append(f.calls[obj], a.call)
	}
}

// object returns the variable or field that an expression names, or nil.
func (f *finder) object(e ast.Expr) types.Object {
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident:
		return f.pkg.TypesInfo.ObjectOf(e)
	case *ast.SelectorExpr:
		return f.pkg.TypesInfo.ObjectOf(e.Sel)
	}
	return nil
}

// constructed finds the ropes within a NewXRope.
func (f *finder) constructed(n ast.Node) bool {
	call, ok := n.(*ast.CallExpr)
	if !ok || len(call.Args) != 1 {
		return true
	}
	name, ok := call.Fun.(*ast.Ident)
	if !ok || f.pkg.TypesInfo.Uses[name] != nil {
		return true // it exists: the user's own
	}
	made, _ := f.ringCall(call.Args[0])
	m := constructor.FindStringSubmatch(name.Name)
	if m == nil {
		if made != nil {
			f.problems = append(f.problems, problem{call.Pos(), name.Name, "it does not exist: ringgen writes it if its name is New, a capital letter, anything, Rope"})
		}
		return true
	}
	if made != nil {
		f.typed[made] = true
		f.found = append(f.found, found{call: made, at: call, base: m[1], first: f.initializes(call)})
		return true
	}
	calls := f.calls[f.object(call.Args[0])]
	for _, made := range calls {
		f.typed[made] = true
		f.found = append(f.found, found{call: made, at: call, base: m[1], early: f.isGlobal(call.Args[0])})
	}
	if len(calls) == 0 {
		f.problems = append(f.problems, problem{call.Pos(), name.Name, "its rope is made elsewhere: call ring.Wrap within it, or assign the rope to a variable first"})
	}
	return true
}

// initializes reports whether a call belongs to the declaration of a package variable.
func (f *finder) initializes(call *ast.CallExpr) bool {
	for _, file := range f.pkg.Syntax {
		for _, decl := range file.Decls {
			if _, ok := decl.(*ast.GenDecl); ok && decl.Pos() <= call.Pos() && call.Pos() < decl.End() {
				return true
			}
		}
	}
	return false
}

func (f *finder) isGlobal(e ast.Expr) bool {
	obj := f.object(e)
	return obj != nil && obj.Parent() == f.pkg.Types.Scope()
}

// stored finds the ropes in package variables and fields.
func (f *finder) stored(a assignment) {
	obj := f.object(a.left)
	v, _ := obj.(*types.Var)
	if f.typed[a.call] || v == nil && !isBlank(a.left) || !a.global && (v == nil || !v.IsField()) && !f.isGlobal(a.left) {
		return
	}
	name := "_"
	if v != nil {
		name = v.Name()
	}
	base := baseName(name)
	switch {
	case a.ignored:
	case base == "":
		f.problems = append(f.problems, problem{a.left.Pos(), name, "the rope has no name: give it one, or make it with NewXRope"})
	default:
		f.found = append(f.found, found{call: a.call, at: a.left, base: base, early: a.global})
	}
}

func isBlank(e ast.Expr) bool {
	name, ok := e.(*ast.Ident)
	return ok && name.Name == "_"
}

// baseName makes Summary of summary and of summaryRope; "": the name has no letter.
func baseName(name string) string {
	if short := strings.TrimSuffix(strings.TrimSuffix(name, "Rope"), "_"); short != "" {
		name = short
	}
	return exported(name)
}

// dropConstrained turns ropes in files with a build constraint into problems.
func (f *finder) dropConstrained() {
	constrained := map[string]bool{}
	for _, file := range f.pkg.Syntax {
		name := f.pkg.Fset.Position(file.Package).Filename
		constrained[name] = hasConstraint(name, file)
	}
	f.found = slices.DeleteFunc(f.found, func(r found) bool {
		if !constrained[f.pkg.Fset.Position(r.at.Pos()).Filename] {
			return false
		}
		f.problems = append(f.problems, problem{r.at.Pos(), r.base + "Rope", "its file has a build constraint, and " + fileName + " has none: make the rope in a file without one"})
		return true
	})
}

// taken returns where the package declares its names.
func taken(pkg *packages.Package) map[string]token.Pos {
	names := map[string]token.Pos{}
	scope := pkg.Types.Scope()
	for _, name := range scope.Names() {
		if obj := scope.Lookup(name); !strings.HasSuffix(pkg.Fset.Position(obj.Pos()).Filename, "/"+fileName) {
			names[name] = obj.Pos()
		}
	}
	return names
}
