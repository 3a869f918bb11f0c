package main

import (
	"fmt"
	"strings"

	"github.com/ring-go/ring/internal/signature"
)

// method is a sub-function of one call that returns no result of the function.
type method struct {
	name, returns, doc string
}

var answers = []method{
	{"Has", "(bool, error)", "reports whether a value is cached."},
	{"Touch", "error", "renews the expiry of the cached value."},
	{"MarkStale", "error", "makes the cached value appear as if its Expire had just passed."},
	{"Delete", "error", "removes the cached value."},
	{"Key", "(string, error)", "returns the key of the call."},
	{"Explain", "%s.Explanation", "tells how the key of the call is made and what is cached under it."},
}

// runs are the sub-functions that return the results of the function, and an error.
var runs = []method{
	{name: "GetOrUpdate", doc: "returns the cached value, or runs the function and stores its value."},
	{name: "Update", doc: "runs the function and stores its value, also if one is cached."},
	{name: "Execute", doc: "runs the function and does not use the cache."},
}

// looks are the sub-functions that return a cached value, and whether there is one.
var looks = []method{
	{name: "Get", doc: "returns the cached value. It reports false for a miss, and for a nil that is cached."},
	{name: "Lookup", doc: "is Get, but tells a nil that is cached from a miss."},
}

// derived are the methods that change the wire: name, parameter, argument and comment.
var derived = []struct{ name, param, typ, doc string }{
	{"WithContext", "ctx", "context.Context", "returns a rope whose calls use the context ctx, unless they have one of their own."},
	{"With", "o", "ring.CallOptions", "returns a rope whose calls have the options o."},
}

// untyped are methods of a wire that a rope with another wire has to pass on.
var untyped = []struct{ name, params, args, returns string }{
	{"Context", "", "", "context.Context"},
	{"Func", "", "", "any"},
	{"Run", "action string, args ...any", "action, args...", "(any, error)"},
	{"Scalars", "", "", "*ring.Scalars"},
}

// methods writes the methods of a typed rope or wire.
func (s *surface) methods() {
	s.callMethod()
	for _, m := range looks {
		s.look(m)
	}
	for _, m := range runs {
		s.run(m)
	}
	s.set()
	for _, m := range answers {
		returns := m.returns
		if strings.Contains(returns, "%s") {
			returns = fmt.Sprintf(returns, s.w.ring)
		}
		s.open(m.name, m.doc, s.parameters(), returns)
		s.w.printf("return %s.%s(%s)\n}\n\n", s.wire, m.name, s.arguments())
	}
	s.derived()
	if !s.simple() {
		s.declareInputs()
	}
	if len(s.own()) > 0 {
		s.many()
	}
}

// open begins a method with a comment.
func (s *surface) open(name, doc, params, returns string) {
	s.w.comment(name + " " + doc)
	s.w.printf("func (%s %s) %s(%s) %s {\n", s.me, s.typ, name, params, returns)
}

func (s *surface) callMethod() {
	w := s.w
	w.comment(fmt.Sprintf("Call is %s, cached: it runs the default action of the rope.", s.source))
	if s.doc != "" {
		w.printf("//\n")
		w.comment(s.doc)
	}
	back := "return "
	if s.callOutputs() == "" {
		back = ""
	}
	w.printf("func (%s %s) Call(%s) %s {\n%s%s.call(%s)\n}\n\n", s.me, s.typ, s.parameters(), s.callOutputs(), back, s.me, s.passed())
}

// look writes Get or Lookup.
func (s *surface) look(m method) {
	w, name := s.w, m.name
	value, ok, err, result := s.local("value"), s.local("ok"), s.local("err"), s.local("result")
	if len(s.results) == 0 { // a value that is always nil
		s.open(name, "reports whether the call is cached.", s.parameters(), "(bool, error)")
		w.printf("_, %s, %s := %s.Lookup(%s)\nreturn %s, %s\n}\n\n", ok, err, s.wire, s.arguments(), ok, err)
		return
	}
	s.open(name, m.doc, s.parameters(), s.outputs("bool", "error"))
	call := fmt.Sprintf("%s.%s(%s)", s.wire, name, s.arguments())
	switch {
	case name == "Get" && len(s.results) == 1:
		w.printf("return %s.As[%s](%s)\n}\n\n", w.ring, s.value(), call)
		return
	case name == "Get":
		w.printf("%s, %s, %s := %s.As[%s](%s)\n", value, ok, err, w.ring, s.value(), call)
		w.printf("return %s\n}\n\n", s.split(value, result, ok, err))
	default:
		w.printf("%s, %s, %s := %s\n%s, _, %s := %s.As[%s](%s, %s)\n", value, ok, err, call, result, err, w.ring, s.value(), value, err)
		w.printf("return %s\n}\n\n", s.split(result, s.local("results"), ok+" && "+err+" == nil", err))
	}
}

// split writes what takes a value apart, and returns the list of its results and more.
func (s *surface) split(value, into string, more ...string) string {
	if len(s.results) == 1 {
		return strings.Join(append([]string{value}, more...), ", ")
	}
	s.w.printf("%s := %sResults(%s)\n", into, unexported(s.base), value)
	var list []string
	for _, out := range s.outs() {
		list = append(list, into+"."+out)
	}
	return strings.Join(append(list, more...), ", ")
}

// run writes a method that runs the function.
func (s *surface) run(m method) {
	w := s.w
	s.open(m.name, m.doc, s.parameters(), s.outputs("error"))
	call := fmt.Sprintf("%s.%s(%s)", s.wire, m.name, s.arguments())
	err, value := s.local("err"), s.local("value")
	switch len(s.results) {
	case 0:
		w.printf("_, %s := %s\nreturn %s\n}\n\n", err, call, err)
		return
	case 1:
		w.uses.result = true
		w.printf("return %s[%s](%s)\n}\n\n", w.helper.result, s.value(), call)
		return
	}
	w.uses.result = true
	w.printf("%s, %s := %s[%s](%s)\n", value, err, w.helper.result, s.value(), call)
	w.printf("return %s\n}\n\n", s.split(value, s.local("results"), err))
}

// set writes Set: the value comes after the context and before the other arguments.
func (s *surface) set() {
	var params, names []string
	for i, r := range s.results {
		name := r.name
		if name == "" {
			name = "value"
			if len(s.results) > 1 {
				name = fmt.Sprintf("value%d", i)
			}
		}
		names = append(names, s.local(name))
		params = append(params, names[i]+" "+s.w.names.typeString(r.typ))
	}
	value := "nil"
	switch len(names) {
	case 0:
	case 1:
		value = names[0]
	default:
		value = s.w.ring + ".Tuple{" + strings.Join(names, ", ") + "}"
	}
	list := s.parameters(params...)
	s.open("Set", "stores a value as if the function had returned it for the arguments.", list, "error")
	args := s.arguments()
	if !s.simple() { // one spread list
		args = "append([]any{" + strings.Join(nonEmpty(s.context()), "") + "}, " + s.inputsCall() + "...)..."
	}
	s.w.printf("return %s.Set(%s)\n}\n\n", s.wire, strings.Join(nonEmpty(value, args), ", "))
}

// inputsCall calls the function that makes a list of the inputs without the context.
func (s *surface) inputsCall() string {
	var names []string
	for _, in := range s.own() {
		names = append(names, in.name)
	}
	return fmt.Sprintf("%sInputs(%s)", s.prefix, strings.Join(names, ", "))
}

// derived writes the methods that return a rope with another wire.
func (s *surface) derived() {
	w := s.w
	for _, d := range derived {
		w.comment(d.name + " " + d.doc)
		param, typ := s.w.unique(d.param, map[string]bool{s.me: true}), strings.ReplaceAll(d.typ, "ring.", w.ring+".")
		if strings.HasPrefix(typ, "context.") {
			typ = w.names.usePath("context", "context") + strings.TrimPrefix(typ, "context")
		}
		w.printf("func (%s %s) %s(%s %s) %s {\n%s = %s.%s(%s)\n", s.me, s.typ, d.name, param, typ, s.typ, s.wire, s.wire, d.name, param)
		switch {
		case s.probes():
			w.printf("%s.probe.Probe = %s.probe.Of(%s)\n%s.call = %s.probe.call\n", s.me, s.me, s.wire, s.me, s.me)
		case d.name == "With": // a context comes with each call, options do not
			w.printf("%s.call = %s(%s)\n", s.me, s.direct(), s.wire)
		}
		w.printf("return %s\n}\n\n", s.me)
	}
	if s.bound {
		return
	}
	for _, u := range untyped {
		returns := strings.ReplaceAll(strings.ReplaceAll(u.returns, "ring.", w.ring+"."), "context.", w.names.usePath("context", "context")+".")
		w.printf("// %[1]s is that of ring.Wire.\nfunc (%[2]s %[3]s) %[1]s(%[4]s) %[5]s { return %[6]s.%[1]s(%[7]s) }\n\n",
			u.name, s.me, s.typ, u.params, returns, s.wire, u.args)
	}
}

// declareInputs writes the function that makes arguments of inputs which cannot be passed as
// they are: those of a variadic parameter one by one, and others by name.
func (s *surface) declareInputs() {
	w := s.w
	var params []string
	dynamic := false
	for _, in := range s.own() {
		params = append(params, in.name+" "+in.typ)
		dynamic = in.dynamic // of the last
	}
	args, kwargs, key, value := s.local("args"), s.local("kwargs"), s.local("key"), s.local("value")
	w.printf("// %sInputs returns what the untyped methods take for these inputs.\nfunc %sInputs(%s) []any {\nvar %s []any\n", s.prefix, s.prefix, strings.Join(params, ", "), args)
	named := dynamic
	for _, in := range s.own() {
		named = named || in.formal.Kind == signature.KeywordOnly || in.formal.Kind == signature.VarKeyword
	}
	if named {
		w.printf("%s := %s.Kwargs{}\n", kwargs, w.ring)
	}
	for _, in := range s.own() {
		switch in.formal.Kind {
		case signature.VarPositional:
			w.printf("for _, %s := range %s {\n%s = append(%s, %s)\n}\n", value, in.name, args, args, value)
		case signature.VarKeyword:
			w.printf("for %s, %s := range %s {\n%s[string(%s)] = %s\n}\n", key, value, in.name, kwargs, key, value)
		case signature.KeywordOnly:
			w.printf("%s[%q] = %s\n", kwargs, in.formal.Name, in.name)
		default:
			w.printf("%s = append(%s, %s)\n", args, args, in.name)
		}
	}
	if named { // also an empty one: it shows that the argument before it is none
		w.printf("return append(%s, %s)\n}\n\n", args, kwargs)
		return
	}
	w.printf("return %s\n}\n\n", args)
}
