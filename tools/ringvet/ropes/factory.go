package ropes

import (
	"go/ast"
	"go/constant"
	"go/types"
	"strings"
)

// Factory is a factory whose fields are known: a composite literal, or a variable that has
// only ever held one.
type Factory struct {
	Name    string // Lru, Dict, RedisPy, …
	Literal *ast.CompositeLit
	info    *types.Info
	resolve func(ast.Expr) *ast.CompositeLit
}

func (p *finder) factory(e ast.Expr) *Factory {
	lit := p.literal(e)
	if lit == nil {
		return nil
	}
	name := typeName(p.Info.TypeOf(lit))
	if name == "" {
		return nil
	}
	return &Factory{Name: name, Literal: lit, info: p.Info, resolve: p.literal}
}

// literal returns the composite literal that e is or that its variable holds.
func (p *finder) literal(e ast.Expr) *ast.CompositeLit {
	switch e := ast.Unparen(e).(type) {
	case *ast.CompositeLit:
		return e
	case *ast.UnaryExpr:
		return nil
	case *ast.Ident:
		if v := p.variable(e); v != nil {
			lit, _ := p.onlyValue(v).(*ast.CompositeLit)
			return lit
		}
	}
	return nil
}

// Field returns the value of a field, by the way to it: "Options", "MissValue". known is
// false if it cannot be told; a nil expression is the zero value.
func (f *Factory) Field(path ...string) (value ast.Expr, known bool) {
	lit := f.Literal
	for i, name := range path {
		value, known = field(lit, name)
		if !known || value == nil {
			return nil, known
		}
		if i == len(path)-1 {
			return value, true
		}
		if lit = f.resolve(value); lit == nil {
			return nil, false
		}
	}
	return nil, false
}

// field returns the value of a field in a literal with names, or without any fields.
func field(lit *ast.CompositeLit, name string) (value ast.Expr, known bool) {
	for _, element := range lit.Elts {
		kv, ok := element.(*ast.KeyValueExpr)
		if !ok {
			return nil, false
		}
		if key, ok := kv.Key.(*ast.Ident); ok && key.Name == name {
			return kv.Value, true
		}
	}
	return nil, true
}

// IsZero reports whether a field is known to have its zero value.
func (f *Factory) IsZero(path ...string) bool {
	value, known := f.Field(path...)
	return known && (value == nil || f.info.Types[value].IsNil())
}

// MayBeZero reports whether a field may have its zero value.
func (f *Factory) MayBeZero(path ...string) bool {
	value, known := f.Field(path...)
	if !known || value == nil || f.info.Types[value].IsNil() {
		return true
	}
	switch value := ast.Unparen(value).(type) {
	case *ast.CompositeLit, *ast.UnaryExpr:
		return false
	case *ast.CallExpr: // lrucache.New, make
		name := types.ExprString(value.Fun)
		name = name[strings.LastIndexByte(name, '.')+1:]
		return !strings.HasPrefix(name, "New") && name != "make" && name != "new"
	}
	return true
}

// Constant returns the constant value of a field; nil for the zero value.
func (f *Factory) Constant(path ...string) (v constant.Value, at ast.Expr, known bool) {
	value, known := f.Field(path...)
	if !known || value == nil {
		return nil, nil, known
	}
	v = f.info.Types[value].Value
	return v, value, v != nil
}

func (f *Factory) action() string {
	v, _, known := f.Constant("Options", "DefaultAction")
	switch {
	case !known:
		return Unknown
	case v == nil || v.Kind() != constant.String || constant.StringVal(v) == "":
		return "get_or_update"
	}
	return constant.StringVal(v)
}

// backends are the fields that hold what a factory caches in.
var backends = map[string]string{
	"Lru": "Lru", "Dict": "Obj", "RedisPy": "Client", "RedisPyHash": "Client", "Memcache": "Client", "Shelve": "Shelf", "DiskCache": "Obj",
}

// Backend returns what the factory caches in; nil: a cache of the one function, or it is not known.
func (f *Factory) Backend() ast.Expr {
	name := backends[f.Name]
	if name == "" {
		return nil
	}
	value, _ := f.Field(name)
	return value
}

// IsPrivate reports whether the factory surely makes a new cache in memory for each function.
func (f *Factory) IsPrivate() bool {
	return f.Name == "Lru" && f.IsZero("Lru") && f.IsZero("StorageClass") || f.Name == "Dict" && f.IsZero("Obj") && f.IsZero("StorageClass")
}

// IsShared reports whether others surely may reach the storage.
func (f *Factory) IsShared() bool {
	switch f.Name {
	case "Lru", "Dict":
		return !f.MayBeZero(backends[f.Name])
	}
	return backends[f.Name] != ""
}
