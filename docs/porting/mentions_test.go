package porting_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var (
	mention  = regexp.MustCompile("`[^`\n]*`")
	exported = regexp.MustCompile(`\b(ring|lrucache|diskcache|shelve|pickle|storagetest)\.([A-Z]\w*)`)
)

// TestNames looks every name of the library in the text of the documents up in its package.
func TestNames(t *testing.T) {
	declared := map[string]map[string]bool{}
	for page := range pages {
		markdown, err := os.ReadFile(page)
		require.NoError(t, err)
		found := 0
		for _, span := range mention.FindAllString(fence.ReplaceAllString(string(markdown), ""), -1) {
			for _, m := range exported.FindAllStringSubmatch(span, -1) {
				found++
				if declared[m[1]] == nil {
					declared[m[1]] = names(t, m[1])
				}
				assert.True(t, declared[m[1]][m[2]], "%s: there is no %s", page, m[0])
			}
		}
		assert.Positive(t, found, page)
	}
}

// names are what a package of the library exports, methods left out.
func names(t *testing.T, pkg string) map[string]bool {
	t.Helper()
	dir := filepath.Join("../..", pkg)
	if pkg == "ring" {
		dir = "../.."
	}
	files, err := filepath.Glob(dir + "/*.go")
	require.NoError(t, err)
	all := map[string]bool{}
	for _, name := range files {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		require.NoError(t, err)
		for _, d := range file.Decls {
			for _, name := range declares(d) {
				all[name] = true
			}
		}
	}
	return all
}

func declares(d ast.Decl) []string {
	var names []string
	switch d := d.(type) {
	case *ast.FuncDecl:
		if d.Recv == nil {
			names = append(names, d.Name.Name)
		}
	case *ast.GenDecl:
		for _, spec := range d.Specs {
			switch s := spec.(type) {
			case *ast.TypeSpec:
				names = append(names, s.Name.Name)
			case *ast.ValueSpec:
				for _, n := range s.Names {
					names = append(names, n.Name)
				}
			}
		}
	}
	return names
}
