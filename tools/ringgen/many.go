package main

import (
	"fmt"
	"strings"

	"github.com/ring-go/ring/internal/signature"
)

// many writes the struct of a call, and the methods that take several.
func (s *surface) many() {
	s.declareArgs()
	s.declareList()
	for _, m := range []method{
		{"GetOrUpdateMany", "values", "returns the cached values, runs the function for the missing ones and stores their values."},
		{"UpdateMany", "values", "runs the function for every call, once for equal calls, and stores the values."},
		{"ExecuteMany", "values", "runs the function for every call."},
		{"GetMany", "found", "returns the cached values, and for every call whether there is one."},
		{"HasMany", "([]bool, error)", "reports for every call whether its value is cached."},
		{"TouchMany", "error", "renews the expiry of the cached values."},
		{"MarkStaleMany", "error", "makes the cached values appear as if their Expire had just passed."},
		{"DeleteMany", "error", "removes the cached values."},
		{"KeyMany", "([]string, error)", "returns the keys of the calls."},
	} {
		s.bulk(m)
	}
	s.setMany()
}

// element is the type of a value in a list.
func (s *surface) element() string {
	if len(s.results) > 1 {
		return s.base + "Results"
	}
	return s.value()
}

// bulkWire returns the wire of a bulk call, with the context if there is one, and the
// parameter for that.
func (s *surface) bulkWire(ctx string) (param, wire string) {
	if s.contextAt < 0 {
		return "", s.wire
	}
	return ctx + " " + s.w.names.usePath("context", "context") + ".Context", fmt.Sprintf("%s.WithContext(%s)", s.wire, ctx)
}

// bulkName is a name in a method without the parameters of the function.
func (s *surface) bulkName(name string) string {
	return s.w.unique(name, map[string]bool{s.me: true})
}

func (s *surface) bulk(m method) {
	w := s.w
	ctx, calls, values, ok, err := s.bulkName("ctx"), s.bulkName("calls"), s.bulkName("values"), s.bulkName("ok"), s.bulkName("err")
	param, wire := s.bulkWire(ctx)
	params := strings.Join(nonEmpty(param, calls+" ..."+s.argsType), ", ")
	call := fmt.Sprintf("%s.%s(%sList(%s)...)", wire, m.name, s.prefix, calls)
	switch {
	case m.returns != "values" && m.returns != "found":
		s.open(m.name, m.doc, params, m.returns)
		w.printf("return %s\n}\n\n", call)
	case len(s.results) == 0 && m.returns == "found":
		s.open(m.name, "reports for every call whether it is cached.", params, "([]bool, error)")
		w.printf("return %s.HasMany(%sList(%s)...)\n}\n\n", wire, s.prefix, calls)
	case len(s.results) == 0:
		s.open(m.name, m.doc, params, "error")
		w.printf("_, %s := %s\nreturn %s\n}\n\n", err, call, err)
	default:
		w.uses.values = true
		kept, returns, list := "_", "([]"+s.element()+", error)", values
		if m.returns == "found" {
			kept, returns = ok, "([]"+s.element()+", []bool, error)"
		}
		s.open(m.name, m.doc, params, returns)
		w.printf("%s, %s, %s := %s[%s](%s)\n", values, kept, err, w.helper.values, s.value(), call)
		if len(s.results) > 1 {
			list = s.bulkName("results")
			w.printf("%s := make([]%s, len(%s))\nfor i, value := range %s {\n%s[i] = %sResults(value)\n}\n", list, s.element(), values, values, list, unexported(s.base))
		}
		w.printf("return %s\n}\n\n", strings.Join(nonEmpty(list, strings.Trim(kept, "_"), err), ", "))
	}
}

func (s *surface) setMany() {
	w := s.w
	ctx, calls, values, list := s.bulkName("ctx"), s.bulkName("calls"), s.bulkName("values"), s.bulkName("list")
	param, wire := s.bulkWire(ctx)
	params := nonEmpty(param, calls+" []"+s.argsType)
	if len(s.results) > 0 {
		params = append(params, values+" []"+s.element())
	}
	s.open("SetMany", "stores one value for each call.", strings.Join(params, ", "), "error")
	if len(s.results) == 0 {
		w.printf("return %s.SetMany(%sList(%s), make([]any, len(%s)))\n}\n\n", wire, s.prefix, calls, calls)
		return
	}
	element := "value"
	if len(s.results) > 1 {
		var fields []string
		for _, out := range s.outs() {
			fields = append(fields, "value."+out)
		}
		element = w.ring + ".Tuple{" + strings.Join(fields, ", ") + "}"
	}
	w.printf("%s := make([]any, len(%s))\nfor i, value := range %s {\n%s[i] = %s\n}\n", list, values, values, list, element)
	w.printf("return %s.SetMany(%sList(%s), %s)\n}\n\n", wire, s.prefix, calls, list)
}

// declareArgs writes the struct of a call.
func (s *surface) declareArgs() {
	w := s.w
	w.printf("// %s is one call of %s, for the methods with Many. All fields are passed as they are.\ntype %s struct {\n", s.argsType, s.source, s.argsType)
	required, values := []string{}, []string{}
	defaults := false
	for _, in := range s.own() {
		w.printf("%s %s\n", in.field, in.typ)
		if text, ok := defaultText(in); ok {
			defaults = true
			values = append(values, in.field+": "+text)
			continue
		}
		if in.formal.Kind != signature.VarPositional && in.formal.Kind != signature.VarKeyword {
			required = append(required, in.name+" "+in.typ)
			values = append(values, in.field+": "+in.name)
		}
	}
	w.printf("}\n\n")
	if defaults {
		w.printf("// New%s returns a call with the default values of the Signature.\nfunc New%s(%s) %s {\nreturn %s{%s}\n}\n\n",
			s.argsType, s.argsType, strings.Join(required, ", "), s.argsType, s.argsType, strings.Join(values, ", "))
	}
}

// declareList writes the function that makes a list of calls for the untyped methods.
func (s *surface) declareList() {
	w := s.w
	var fields []string
	for _, in := range s.own() {
		fields = append(fields, "call."+in.field)
	}
	list := strings.Join(fields, ", ")
	element := w.ring + ".Args{" + list + "}"
	if !s.simple() {
		element = fmt.Sprintf("%s.Args(%sInputs(%s))", w.ring, s.prefix, list)
	}
	w.printf("func %sList(calls []%s) []any {\nlist := make([]any, len(calls))\nfor i, call := range calls {\nlist[i] = %s\n}\nreturn list\n}\n\n",
		s.prefix, s.argsType, element)
}
