package main

import (
	"errors"
	"fmt"
	"go/ast"
	"go/build"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/tools/go/packages"
)

const (
	ringPath = "github.com/ring-go/ring"
	fileName = "ring_gen.go"
)

// sources names the packages that import ring, those that others import first. problems are
// those of packages that cannot be read.
func sources(tags string, patterns []string) (sorted []*packages.Package, problems []error, _ error) {
	roots, err := packages.Load(&packages.Config{
		Mode:       packages.NeedName | packages.NeedFiles | packages.NeedImports | packages.NeedDeps,
		BuildFlags: buildFlags(tags),
	}, patterns...)
	if err != nil {
		return nil, nil, err
	}
	if len(roots) == 0 {
		return nil, nil, errors.New("there are no packages: ringgen ./... reads those below this directory")
	}
	isRoot := map[*packages.Package]bool{}
	for _, p := range roots {
		isRoot[p] = true
	}
	packages.Visit(roots, nil, func(p *packages.Package) {
		if !isRoot[p] {
			return
		}
		if len(p.Errors) > 0 {
			problems = append(problems, hinted(p.Errors[0]))
			return
		}
		if _, uses := p.Imports[ringPath]; uses || hasOldFile(p) {
			sorted = append(sorted, p)
		}
	})
	return sorted, problems, nil
}

// hinted says what to do about a generated file of a package that has another name now.
func hinted(err packages.Error) error {
	if strings.Contains(err.Msg, "found packages") && strings.Contains(err.Msg, fileName) {
		return fmt.Errorf("%w: remove %s", err, fileName)
	}
	return err
}

func buildFlags(tags string) []string {
	if tags == "" {
		return nil
	}
	return []string{"-tags=" + tags}
}

// directory returns where the files of a package are; "" for a package without files.
func directory(p *packages.Package) string {
	if len(p.GoFiles) == 0 {
		return ""
	}
	return filepath.Dir(p.GoFiles[0])
}

func hasOldFile(p *packages.Package) bool {
	_, err := os.Stat(filepath.Join(directory(p), fileName))
	return len(p.GoFiles) > 0 && err == nil
}

// load reads a package as if its generated file were empty. It accepts errors of types.
func load(tags string, p *packages.Package) (*packages.Package, error) {
	config := &packages.Config{Mode: packages.LoadSyntax | packages.NeedModule, BuildFlags: buildFlags(tags), Dir: directory(p)}
	if hasOldFile(p) {
		config.Overlay = map[string][]byte{filepath.Join(directory(p), fileName): []byte("package " + p.Name + "\n")}
	}
	loaded, err := packages.Load(config, ".")
	if err != nil {
		return nil, err
	}
	if len(loaded) != 1 {
		return nil, fmt.Errorf("%s: %d packages in one directory", p.PkgPath, len(loaded))
	}
	for _, e := range loaded[0].Errors {
		if e.Kind == packages.ParseError || e.Kind == packages.ListError && !strings.Contains(e.Msg, "\n") {
			return nil, e
		}
	}
	if loaded[0].Imports[ringPath] == nil && !hasOldFile(p) {
		return nil, fmt.Errorf("%s does not import %s", p.PkgPath, ringPath)
	}
	return loaded[0], nil
}

// hasConstraint reports whether a file is not part of every build.
func hasConstraint(name string, f *ast.File) bool {
	for _, group := range f.Comments {
		for _, c := range group.List {
			if c.Pos() < f.Package && strings.HasPrefix(c.Text, "//go:build ") {
				return true
			}
		}
	}
	anywhere := build.Context{GOOS: "none", GOARCH: "none", Compiler: "gc", CgoEnabled: true, ReleaseTags: build.Default.ReleaseTags}
	matches, err := anywhere.MatchFile(filepath.Dir(name), filepath.Base(name))
	return err == nil && !matches
}
