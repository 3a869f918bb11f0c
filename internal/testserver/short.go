package testserver

import (
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"slices"
	"strings"
	"testing"
)

// reason is the message of a test that is skipped with -short.
const reason = "skipped with -short: it needs %s"

// Short reports whether go test runs with -short, which needs no servers and no Python.
func Short() bool {
	if !testing.Testing() {
		return false
	}
	if !flag.Parsed() { // as in TestMain
		flag.Parse()
	}
	return testing.Short()
}

// SkipExamples skips the examples in the working directory that use one of the
// variables, because an example cannot skip itself. Call it in TestMain. It prints their
// names.
func SkipExamples(variables ...string) {
	names, err := examplesWith(variables)
	if err != nil {
		panic(err)
	}
	if len(names) == 0 {
		return
	}
	pattern := "^(" + strings.Join(names, "|") + ")$"
	if given := flag.Lookup("test.skip").Value.String(); given != "" {
		pattern = given + "|" + pattern
	}
	if err := flag.Set("test.skip", pattern); err != nil {
		panic(err)
	}
	for _, name := range names {
		fmt.Printf("    "+reason+"\n--- SKIP: %s\n", "a server", name)
	}
}

func examplesWith(variables []string) ([]string, error) {
	var names []string
	files, err := fs.Glob(os.DirFS("."), "*_test.go")
	if err != nil {
		return nil, err
	}
	for _, name := range files {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		for _, d := range file.Decls {
			f, ok := d.(*ast.FuncDecl)
			if ok && strings.HasPrefix(f.Name.Name, "Example") && uses(f, variables) {
				names = append(names, f.Name.Name)
			}
		}
	}
	return names, nil
}

func uses(f *ast.FuncDecl, variables []string) bool {
	found := false
	ast.Inspect(f, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok && slices.Contains(variables, id.Name) {
			found = true
		}
		return !found
	})
	return found
}
