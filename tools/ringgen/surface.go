package main

import (
	"fmt"
	"go/types"
	"slices"
	"strings"

	"github.com/ring-go/ring/internal/signature"
)

// surface is a type with the methods of a rope: the rope itself, or one that is bound to a
// receiver.
type surface struct {
	*rope
	w        *writer
	typ      string // SummaryRope
	prefix   string // summary, for what is not exported
	argsType string // SummaryArgs
	bound    bool
	inputs   []input
	me       string // the receiver of methods
	wire     string // the *ring.Wire, as an expression
}

// input is a parameter of the methods.
type input struct {
	name     string
	field    string // in the args struct
	typ      string // a slice for the variadic one
	variadic bool
	context  bool
	dynamic  bool // a value in it may have any type
	under    types.Type
	formal   signature.Formal
}

// newSurface names what the methods use.
func newSurface(w *writer, r *rope, bound bool) *surface {
	s := &surface{rope: r, w: w, typ: r.base + "Rope", prefix: unexported(r.base), argsType: r.base + "Args", bound: bound}
	params := r.params
	if bound {
		s.typ, s.prefix, s.argsType = r.base+"Wire", unexported(r.base)+"Wire", r.base+"WireArgs"
		params = params[1:]
	}
	used, fields := map[string]bool{}, map[string]bool{}
	for i, p := range params {
		in := input{
			typ: w.names.typeString(p.typ), context: isContext(p.typ), formal: p.kind, under: p.typ.Underlying(),
			variadic: r.sig.Variadic() && i == len(params)-1, dynamic: isDynamic(p.typ),
		}
		name := p.name
		switch {
		case name == "" && in.context:
			name = "ctx"
		case name == "":
			name = fmt.Sprintf("arg%d", i+1)
		}
		in.name = w.unique(name, used)
		used[in.name] = true
		if in.field = fieldName(name); in.field == "" {
			in.field = fmt.Sprintf("Arg%d", i+1)
		}
		for fields[in.field] {
			in.field += "_"
		}
		if !in.context {
			fields[in.field] = true
		}
		s.inputs = append(s.inputs, in)
	}
	s.me = s.local("r")
	s.wire = s.me + ".wire"
	if bound {
		s.me = s.local("w")
		s.wire = s.me + ".Wire"
	}
	return s
}

// initials are names that Go writes in capital letters.
var initials = []string{"api", "cpu", "html", "http", "id", "ip", "json", "sql", "ttl", "uid", "uri", "url", "uuid", "xml"}

// fieldName is the field of a parameter.
func fieldName(name string) string {
	if slices.Contains(initials, name) {
		return strings.ToUpper(name)
	}
	return exported(name)
}

// isDynamic reports whether a value of a type can be a ring.Kwargs.
func isDynamic(t types.Type) bool {
	if s, ok := t.Underlying().(*types.Slice); ok {
		t = s.Elem() // the variadic parameter, or one that is spread
	}
	if named, ok := types.Unalias(t).(*types.Named); ok && named.Obj().Pkg() != nil && named.Obj().Pkg().Path() == ringPath {
		return true
	}
	return types.IsInterface(t)
}

// local returns a name for a variable in a method, which is not that of a parameter.
func (s *surface) local(name string) string {
	used := map[string]bool{}
	for _, in := range s.inputs {
		used[in.name] = true
	}
	return s.w.unique(name, used)
}

// parameters declares the parameters, with others before them but after the context.
func (s *surface) parameters(others ...string) string {
	var list []string
	for _, in := range s.inputs {
		if in.context && len(others) > 0 {
			list = append(list, in.name+" "+in.typ)
		}
	}
	list = append(list, others...)
	for _, in := range s.inputs {
		typ := in.typ
		if in.variadic {
			typ = "..." + strings.TrimPrefix(typ, "[]")
		}
		if !in.context || len(others) == 0 {
			list = append(list, in.name+" "+typ)
		}
	}
	return strings.Join(list, ", ")
}

// passed is the arguments of a call of the function.
func (s *surface) passed() string {
	var list []string
	for _, in := range s.inputs {
		if in.variadic {
			list = append(list, in.name+"...")
			continue
		}
		list = append(list, in.name)
	}
	return strings.Join(list, ", ")
}

// pointers are those to all inputs.
func (s *surface) pointers() string {
	var list []string
	for _, in := range s.inputs {
		list = append(list, "&"+in.name)
	}
	return strings.Join(list, ", ")
}

// own returns the inputs without the context.
func (s *surface) own() []input {
	var list []input
	for _, in := range s.inputs {
		if !in.context {
			list = append(list, in)
		}
	}
	return list
}

// context returns the name of the context; "": there is none.
func (s *surface) context() string {
	for _, in := range s.inputs {
		if in.context {
			return in.name
		}
	}
	return ""
}

// simple reports whether a call takes the inputs as they are.
func (s *surface) simple() bool {
	own := s.own()
	for i, in := range own {
		positional := in.formal.Kind == signature.PositionalOnly || in.formal.Kind == signature.PositionalOrKeyword
		if !positional || in.dynamic && i == len(own)-1 {
			return false
		}
	}
	return true
}

// arguments is what the untyped methods take: the context first.
func (s *surface) arguments() string {
	var names []string
	for _, in := range s.own() {
		names = append(names, in.name)
	}
	ctx := s.context()
	switch list := strings.Join(names, ", "); {
	case !s.simple() && ctx != "":
		return fmt.Sprintf("append([]any{%s}, %sInputs(%s)...)...", ctx, s.prefix, list)
	case !s.simple():
		return fmt.Sprintf("%sInputs(%s)...", s.prefix, list)
	case ctx != "" && list != "":
		return ctx + ", " + list
	default:
		return ctx + list
	}
}

// outputs is the result list of Call.
func (s *surface) outputs(more ...string) string {
	var list []string
	for _, r := range s.results {
		list = append(list, s.w.names.typeString(r.typ))
	}
	list = append(list, more...)
	if len(list) == 1 {
		return list[0]
	}
	return "(" + strings.Join(list, ", ") + ")"
}

// callOutputs is that of the function.
func (s *surface) callOutputs() string {
	switch {
	case s.fails:
		return s.outputs("error")
	case len(s.results) == 0:
		return ""
	}
	return s.outputs()
}

// funcType is the type of the function.
func (s *surface) funcType() string {
	return "func(" + s.parameters() + ") " + s.callOutputs()
}

// value is the type of the rope's values: any for none.
func (s *surface) value() string {
	switch len(s.results) {
	case 0:
		return "any"
	case 1:
		return s.w.names.typeString(s.results[0].typ)
	}
	return s.w.ring + ".Tuple"
}

// direct returns the view of ring that is the typed function; "": there is none.
func (s *surface) direct() string {
	n := len(s.inputs)
	if s.bound || n == 0 || n > 4 || len(s.results) != 1 || s.sig.Variadic() {
		return ""
	}
	var types []string
	for _, in := range s.inputs {
		types = append(types, in.typ)
	}
	types = append(types, s.value())
	suffix := ""
	if s.fails {
		suffix = "E"
	}
	return fmt.Sprintf("%s.Func%d%s[%s]", s.w.ring, n, suffix, strings.Join(types, ", "))
}

// probes reports whether the type needs a probe: for calls, or for those with a context of
// the wire's.
func (s *surface) probes() bool { return s.direct() == "" || s.contextAt < 0 || s.method }

// outs are the names of the fields of the results struct.
func (s *surface) outs() []string {
	used := map[string]bool{}
	list := make([]string, len(s.results))
	for i, r := range s.results {
		name := exported(r.name)
		if name == "" || used[name] {
			name = fmt.Sprintf("R%d", i)
		}
		for used[name] {
			name += "_"
		}
		used[name] = true
		list[i] = name
	}
	return list
}
