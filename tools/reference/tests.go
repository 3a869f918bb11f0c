package reference

import (
	"go/ast"
	"go/token"
	"regexp"
)

var showerName = regexp.MustCompile(`^(?:Test|Example|Fuzz|Benchmark)`)

// readTests finds the tests and examples of a package, with the identifiers that
// they use.
func (s *source) readTests(pkg string, files map[string]*ast.File) {
	uses := map[string]map[string]bool{} // of what the tests declare
	note := func(name string, node ast.Node) {
		if uses[name] == nil {
			uses[name] = map[string]bool{}
		}
		ast.Inspect(node, func(n ast.Node) bool {
			if id, ok := n.(*ast.Ident); ok {
				uses[name][id.Name] = true
			}
			return true
		})
	}
	home := map[string]string{}
	for name, file := range files {
		for _, decl := range file.Decls {
			switch decl := decl.(type) {
			case *ast.FuncDecl:
				if decl.Recv != nil { // a method is used with its type
					note(receiver(decl.Recv.List[0].Type), decl)
					continue
				}
				note(decl.Name.Name, decl)
				if showerName.MatchString(decl.Name.Name) {
					home[decl.Name.Name] = name
				}
			case *ast.GenDecl:
				noteSpecs(decl, note)
			}
		}
	}
	for name, file := range home {
		found := map[string]bool{}
		follow(name, uses, found)
		s.showers[qualify(pkg, name)] = &shower{file: file, mentions: found}
	}
}

func noteSpecs(decl *ast.GenDecl, note func(string, ast.Node)) {
	if decl.Tok == token.IMPORT {
		return
	}
	for _, spec := range decl.Specs {
		switch spec := spec.(type) {
		case *ast.TypeSpec:
			note(spec.Name.Name, spec)
		case *ast.ValueSpec:
			for _, name := range spec.Names {
				note(name.Name, spec)
			}
		}
	}
}

// follow adds to found what name uses, directly and indirectly.
func follow(name string, uses map[string]map[string]bool, found map[string]bool) {
	for used := range uses[name] {
		if !found[used] {
			found[used] = true
			follow(used, uses, found)
		}
	}
}
