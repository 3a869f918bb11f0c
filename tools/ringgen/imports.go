package main

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// imports are the packages that a file needs, and their names in it.
type imports struct {
	own   *types.Package
	taken map[string]bool   // names that no package can have
	names map[string]string // by path
}

// use returns the name of a package, which the file then imports.
func (i *imports) use(pkg *types.Package) string { return i.usePath(pkg.Path(), pkg.Name()) }

func (i *imports) usePath(path, name string) string {
	if known, ok := i.names[path]; ok {
		return known
	}
	free := name
	for n := 2; i.taken[free] || token.IsKeyword(free); n++ {
		free = name + strconv.Itoa(n)
	}
	i.taken[free] = true
	i.names[path] = free
	return free
}

// typeString writes a type, and imports its packages.
func (i *imports) typeString(t types.Type) string {
	return types.TypeString(t, func(pkg *types.Package) string {
		if pkg == i.own {
			return ""
		}
		return i.use(pkg)
	})
}

// dropUnused forgets the packages that the declarations of a file do not mention.
func (i *imports) dropUnused(declarations []byte) error {
	file, err := parser.ParseFile(token.NewFileSet(), "", append([]byte("package p\n"), declarations...), parser.SkipObjectResolution)
	if err != nil {
		return err
	}
	used := map[string]bool{}
	ast.Inspect(file, func(n ast.Node) bool {
		if selector, ok := n.(*ast.SelectorExpr); ok {
			if name, ok := selector.X.(*ast.Ident); ok {
				used[name.Name] = true
			}
		}
		return true
	})
	maps.DeleteFunc(i.names, func(_, name string) bool { return !used[name] })
	return nil
}

// declaration returns the import declarations.
func (i *imports) declaration() string {
	var std, others []string
	for p, name := range i.names {
		spec := strconv.Quote(p)
		if name != path.Base(p) {
			spec = name + " " + spec
		}
		if first, _, _ := strings.Cut(p, "/"); strings.Contains(first, ".") {
			others = append(others, spec)
		} else {
			std = append(std, spec)
		}
	}
	byPath := func(a, b string) int {
		return strings.Compare(a[strings.IndexByte(a, '"'):], b[strings.IndexByte(b, '"'):])
	}
	slices.SortFunc(std, byPath)
	slices.SortFunc(others, byPath)
	return "import (\n" + strings.Join(std, "\n") + "\n\n" + strings.Join(others, "\n") + "\n)\n"
}

// check reports why a type cannot be written at package level.
func (i *imports) check(t types.Type) error { return i.checkType(t, map[types.Type]bool{}) }

func (i *imports) checkType(t types.Type, seen map[types.Type]bool) error {
	if seen[t] {
		return nil
	}
	seen[t] = true
	switch t := t.(type) {
	case *types.Basic:
		if t.Kind() == types.Invalid {
			return errors.New("its type is not known: it does not compile")
		}
	case *types.TypeParam:
		return fmt.Errorf("its type %v is a type parameter: wrap an instance at package level", t)
	case *types.Named:
		return i.checkName(t.Obj(), t.TypeArgs(), seen)
	case *types.Alias:
		return i.checkName(t.Obj(), t.TypeArgs(), seen)
	case *types.Map:
		return errors.Join(i.checkType(t.Key(), seen), i.checkType(t.Elem(), seen))
	case interface{ Elem() types.Type }: // a pointer, slice, array or channel
		return i.checkType(t.Elem(), seen)
	case *types.Signature:
		return errors.Join(i.checkTuple(t.Params(), seen), i.checkTuple(t.Results(), seen))
	case *types.Struct:
		for f := range t.Fields() {
			if !f.Exported() && f.Pkg() != i.own {
				return fmt.Errorf("its field %s belongs to another package", f.Name())
			}
			if err := i.checkType(f.Type(), seen); err != nil {
				return err
			}
		}
	case *types.Interface:
		for m := range t.ExplicitMethods() {
			if err := i.checkType(m.Type(), seen); err != nil {
				return err
			}
		}
		for e := range t.EmbeddedTypes() {
			if err := i.checkType(e, seen); err != nil {
				return err
			}
		}
	}
	return nil
}

func (i *imports) checkTuple(t *types.Tuple, seen map[types.Type]bool) error {
	for v := range t.Variables() {
		if err := i.checkType(v.Type(), seen); err != nil {
			return err
		}
	}
	return nil
}

func (i *imports) checkName(obj *types.TypeName, args *types.TypeList, seen map[types.Type]bool) error {
	pkg := obj.Pkg()
	switch {
	case pkg == nil:
	case obj.Parent() != nil && obj.Parent() != pkg.Scope():
		return fmt.Errorf("its type %s is declared within a function: declare it at package level", obj.Name())
	case pkg != i.own && !obj.Exported():
		return fmt.Errorf("its type %s.%s is not exported", pkg.Path(), obj.Name())
	case pkg != i.own && !visible(pkg.Path(), i.own.Path()):
		return fmt.Errorf("its type %s.%s is in an internal package of others", pkg.Path(), obj.Name())
	}
	for t := range args.Types() {
		if err := i.checkType(t, seen); err != nil {
			return err
		}
	}
	return nil
}

// visible reports whether a package can be imported from another one.
func visible(path, from string) bool {
	parts := strings.Split(path, "/")
	for n := len(parts) - 1; n >= 0; n-- {
		if parts[n] == "internal" {
			root := strings.Join(parts[:n], "/")
			return root != "" && (from == root || strings.HasPrefix(from, root+"/"))
		}
	}
	return true
}

// exported makes a name begin with a capital letter, without underscores before it. It
// returns "" if the name has no letter to begin with.
func exported(name string) string {
	name = strings.TrimLeft(name, "_0123456789")
	first, size := utf8.DecodeRuneInString(name)
	if name == "" {
		return ""
	}
	upper := unicode.ToUpper(first)
	if !unicode.IsUpper(upper) {
		return "X" + name
	}
	return string(upper) + name[size:]
}

// unexported makes a name begin with a small letter.
func unexported(name string) string {
	first, size := utf8.DecodeRuneInString(name)
	return string(unicode.ToLower(first)) + name[size:]
}
