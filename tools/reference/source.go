package reference

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"
)

// symbol is a declaration in a package of the module.
type symbol struct {
	pkg    string // its directory, "." for the module's own package
	name   string // "Lru", "Lru.MaxSize", "Wire.Get"
	file   string
	params []string // of a function or method
	called bool     // it is a function or method
	python []string // the names in its comment, as written there
}

// qualified returns the name of the symbol in entries.txt and in complaints.
func (s *symbol) qualified() string { return qualify(s.pkg, s.name) }

func qualify(pkg, name string) string {
	if pkg == "." {
		return name
	}
	return path.Base(pkg) + "." + name
}

// shower is a test or an example.
type shower struct {
	file     string
	mentions map[string]bool // the identifiers in it and in the test code that it uses
}

// source is the module's Go code.
type source struct {
	symbols    map[string]*symbol // by qualified name
	order      []string
	showers    map[string]*shower // by qualified name
	complaints []string
}

// skipped are the directories without anything for users of the module.
var skipped = map[string]bool{"internal": true, "testdata": true, "examples": true, "docs": true, "scripts": true, "tools": true}

// readSource parses the packages of a module.
func readSource(root fs.FS) (*source, error) {
	s := &source{symbols: map[string]*symbol{}, showers: map[string]*shower{}}
	err := fs.WalkDir(root, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || !d.IsDir() {
			return err
		}
		if name == "." {
			return s.readPackage(root, name)
		}
		_, err = fs.Stat(root, path.Join(name, "go.mod"))
		if strings.HasPrefix(d.Name(), ".") || skipped[d.Name()] || err == nil {
			return fs.SkipDir
		}
		return s.readPackage(root, name)
	})
	s.order = slices.Sorted(maps.Keys(s.symbols))
	return s, err
}

func (s *source) readPackage(root fs.FS, dir string) error {
	names, err := fs.Glob(root, path.Join(dir, "*.go"))
	if err != nil {
		return err
	}
	tests := map[string]*ast.File{}
	for _, name := range names {
		text, err := fs.ReadFile(root, name)
		if err != nil {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, text, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		if strings.HasSuffix(name, "_test.go") {
			tests[name] = file
			continue
		}
		s.readFile(dir, name, file)
	}
	s.readTests(dir, tests)
	return nil
}

func (s *source) readFile(pkg, fileName string, file *ast.File) {
	read := map[*ast.CommentGroup]bool{}
	add := func(name string, fn *ast.FuncType, comments ...*ast.CommentGroup) {
		sym := &symbol{pkg: pkg, name: name, file: fileName, called: fn != nil}
		if fn != nil {
			sym.params = fieldNames(fn.Params)
		}
		for _, c := range comments {
			read[c] = true
			names, err := pythonNames(c.Text())
			if err != nil {
				s.complain("%s: %v", sym.qualified(), err)
			}
			sym.python = append(sym.python, names...)
		}
		if !exported(name) {
			if len(sym.python) > 0 {
				s.complain("%s: a Python line, but it is not exported", sym.qualified())
			}
			return
		}
		s.symbols[sym.qualified()] = sym
	}
	for _, decl := range file.Decls {
		switch decl := decl.(type) {
		case *ast.FuncDecl:
			name := decl.Name.Name
			if decl.Recv != nil {
				name = receiver(decl.Recv.List[0].Type) + "." + name
			}
			add(name, decl.Type, decl.Doc)
		case *ast.GenDecl:
			for _, spec := range decl.Specs {
				s.readSpec(decl, spec, add)
			}
		}
	}
	for _, c := range file.Comments {
		if !read[c] && pythonLine.MatchString(unwrap(c.Text())) {
			s.complain("%s: a Python line that is in no symbol's doc comment: %.60q", fileName, unwrap(c.Text()))
		}
	}
}

func (s *source) readSpec(decl *ast.GenDecl, spec ast.Spec, add func(string, *ast.FuncType, ...*ast.CommentGroup)) {
	switch spec := spec.(type) {
	case *ast.ValueSpec:
		for _, name := range spec.Names {
			add(name.Name, nil, docs(decl, spec.Doc, spec.Comment)...)
		}
	case *ast.TypeSpec:
		add(spec.Name.Name, nil, docs(decl, spec.Doc, spec.Comment)...)
		var members *ast.FieldList
		switch t := spec.Type.(type) {
		case *ast.StructType:
			members = t.Fields
		case *ast.InterfaceType:
			members = t.Methods
		default:
			return
		}
		for _, member := range members.List {
			fn, _ := member.Type.(*ast.FuncType)
			if _, isStruct := spec.Type.(*ast.StructType); isStruct {
				fn = nil // a field that holds a function
			}
			for _, name := range member.Names {
				add(spec.Name.Name+"."+name.Name, fn, member.Doc, member.Comment)
			}
		}
	}
}

// docs returns the comments of a declaration. For a single declaration the comment of
// the keyword is one of them.
func docs(decl *ast.GenDecl, comments ...*ast.CommentGroup) []*ast.CommentGroup {
	if !decl.Lparen.IsValid() {
		comments = append(comments, decl.Doc)
	}
	return comments
}

func (s *source) complain(format string, args ...any) {
	s.complaints = append(s.complaints, fmt.Sprintf(format, args...))
}

// exported reports whether a name can be used outside its package.
func exported(name string) bool {
	for part := range strings.SplitSeq(name, ".") {
		if !ast.IsExported(part) {
			return false
		}
	}
	return true
}

func receiver(t ast.Expr) string {
	if star, ok := t.(*ast.StarExpr); ok {
		t = star.X
	}
	if generic, ok := t.(*ast.IndexExpr); ok {
		t = generic.X
	}
	if name, ok := t.(*ast.Ident); ok {
		return name.Name
	}
	return ""
}

func fieldNames(fields *ast.FieldList) []string {
	var names []string
	for _, field := range fields.List {
		for _, name := range field.Names {
			names = append(names, name.Name)
		}
	}
	return names
}

// pythonLine is the last sentence of a paragraph that names what a symbol mirrors.
var pythonLine = regexp.MustCompile(`(?:^|\. )Python: (.*)$`)

// pythonName is one name, with dots, and with a parameter in parentheses.
var pythonName = regexp.MustCompile(`^(?:[A-Za-z_]\w*(?:\.\w+)*(?:\(\*{0,2}\w+(?:=[^()]*)?\))?|\*{1,2}\w+)$`)

// pythonNames reads the names after "Python: " in a comment.
func pythonNames(comment string) ([]string, error) {
	var names []string
	for paragraph := range strings.SplitSeq(comment, "\n\n") {
		paragraph = unwrap(paragraph)
		m := pythonLine.FindStringSubmatch(paragraph)
		if m == nil {
			continue
		}
		if len(names) > 0 || strings.Contains(m[1], "Python: ") {
			return names, errors.New("a second Python line")
		}
		for name := range strings.SplitSeq(strings.TrimSuffix(m[1], "."), ", ") {
			if !pythonName.MatchString(name) {
				return nil, fmt.Errorf("the Python line does not end its paragraph, or %q is no name of Python's", name)
			}
			names = append(names, name)
		}
	}
	return names, nil
}

func unwrap(text string) string { return strings.Join(strings.Fields(text), " ") }
