package checks_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/checker"
	"golang.org/x/tools/go/packages"

	"github.com/ring-go/ring/tools/ringvet/checks"
)

const everything = packages.NeedName | packages.NeedFiles | packages.NeedCompiledGoFiles | packages.NeedImports |
	packages.NeedTypes | packages.NeedTypesSizes | packages.NeedSyntax | packages.NeedTypesInfo | packages.NeedDeps | packages.NeedModule

const ring = "github.com/ring-go/ring"

func TestAreValid(t *testing.T) { require.NoError(t, analysis.Validate(checks.All())) }

// TestAreDocumented: every check has its row and its part of docs/checks.md.
func TestAreDocumented(t *testing.T) {
	page, err := os.ReadFile("../../../docs/checks.md")
	require.NoError(t, err)
	for _, a := range checks.All() {
		assert.Contains(t, string(page), "\n### "+a.Name+"\n")
		assert.Contains(t, string(page), "\n| ["+a.Name+"](#"+a.Name+") |")
		assert.Equal(t, "https://github.com/ring-go/ring/blob/main/docs/checks.md#"+a.Name, a.URL)
	}
}

var (
	standard = []string{"encoding/json", "fmt", "go/types", "net", "net/http", "runtime/cgo", "slices"}
	cases    = []string{"/call/testdata/cases", "/mutate/testdata/cases", "/wraploop/testdata/cases"}
)

// load loads package ring, those of the standard library and those of cases, by their paths.
var load = sync.OnceValues(func() (map[string]*packages.Package, error) {
	patterns := append([]string{ring}, standard...)
	for _, name := range cases {
		patterns = append(patterns, "."+name)
	}
	pkgs, err := packages.Load(&packages.Config{Mode: everything, Dir: ".."}, patterns...)
	byPath := map[string]*packages.Package{}
	for _, pkg := range pkgs {
		byPath[pkg.PkgPath] = pkg
	}
	return byPath, err
})

// TestStandardLibrary: there is nothing to find in packages that do not use package ring, and
// no check panics. They are looked at as if they used it, or no check would read them.
func TestStandardLibrary(t *testing.T) {
	pkgs, err := load()
	require.NoError(t, err)
	var std []*packages.Package
	for _, path := range standard {
		require.Contains(t, pkgs, path)
		pkgs[path].Types.SetImports(append(pkgs[path].Types.Imports(), pkgs[ring].Types))
		std = append(std, pkgs[path])
	}
	graph, err := checker.Analyze(checks.All(), std, nil)
	require.NoError(t, err)
	require.Len(t, graph.Roots, len(std)*len(checks.All()))
	for _, root := range graph.Roots {
		assert.NoError(t, root.Err, root.String())
		assert.Empty(t, root.Diagnostics, root.String())
	}
}

// TestBrokenPackages: no check panics if a line of the package is missing, and with it types,
// variables or imports.
func TestBrokenPackages(t *testing.T) {
	pkgs, err := load()
	require.NoError(t, err)
	for _, name := range cases {
		pkg := pkgs[ring+"/tools/ringvet"+name]
		require.NotNil(t, pkg, name)
		require.Len(t, pkg.GoFiles, 1)
		src, err := os.ReadFile(pkg.GoFiles[0])
		require.NoError(t, err)
		lines := strings.SplitAfter(string(src), "\n")
		for i := range lines {
			broken := strings.Join(lines[:i], "") + strings.Join(lines[i+1:], "")
			assert.NotPanics(t, func() { check(pkg, broken) }, "%s without line %d", name, i+1)
		}
	}
}

// importer knows the packages that a good package imports.
type importer map[string]*packages.Package

func (i importer) Import(path string) (*types.Package, error) {
	if pkg := i[path]; pkg != nil {
		return pkg.Types, nil
	}
	return nil, os.ErrNotExist
}

// check runs all checks over a text, whatever its errors.
func check(good *packages.Package, src string) {
	fset := token.NewFileSet()
	file, _ := parser.ParseFile(fset, "broken.go", src, parser.ParseComments|parser.AllErrors)
	info := &types.Info{
		Types: map[ast.Expr]types.TypeAndValue{}, Defs: map[*ast.Ident]types.Object{}, Uses: map[*ast.Ident]types.Object{},
		Implicits: map[ast.Node]types.Object{}, Selections: map[*ast.SelectorExpr]*types.Selection{}, Scopes: map[ast.Node]*types.Scope{},
		Instances: map[*ast.Ident]types.Instance{},
	}
	config := types.Config{Importer: importer(good.Imports), Error: func(error) {}}
	pkg, _ := config.Check(good.PkgPath, fset, []*ast.File{file}, info)
	results := map[*analysis.Analyzer]any{}
	var run func(*analysis.Analyzer)
	run = func(a *analysis.Analyzer) {
		if _, done := results[a]; done {
			return
		}
		for _, required := range a.Requires {
			run(required)
		}
		results[a], _ = a.Run(&analysis.Pass{
			Analyzer: a, Fset: fset, Files: []*ast.File{file}, Pkg: pkg, TypesInfo: info, TypesSizes: good.TypesSizes, ResultOf: results,
			Report: func(analysis.Diagnostic) {}, ImportObjectFact: func(types.Object, analysis.Fact) bool { return false },
			ExportObjectFact: func(types.Object, analysis.Fact) {},
		})
	}
	for _, a := range checks.All() {
		run(a)
	}
}
