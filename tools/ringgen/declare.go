package main

import (
	"fmt"
	"strings"
)

// declareRope writes the type of a rope and its constructor.
func (s *surface) declareRope() {
	w := s.w
	w.printf("// %s is a rope of %s, with its types.\ntype %s struct {\n*%s.Rope\nwire *%s.Wire\ncall %s\n", s.typ, s.source, s.typ, w.ring, w.ring, s.funcType())
	if s.probes() {
		w.printf("probe %sProbe\n", s.prefix)
	}
	w.printf("}\n\n")
	arg := w.unique("rope", nil)
	w.printf("// New%s gives a rope of %s its types. It panics with an *Error if the rope is that of another\n// function, or if its default action returns no result.\nfunc New%s(%s *%s.Rope) %s {\n", s.typ, s.source, s.typ, arg, w.ring, s.typ)
	if s.registered != "" && s.first {
		w.printf("_ = %sNames\n", s.prefix)
	}
	literal := fmt.Sprintf("return %s{Rope: %s, wire: &%s.Wire", s.typ, arg, arg)
	call := s.direct()
	switch {
	case call == "":
		probe := w.unique("probe", nil)
		w.printf("%s := new%sProbe(%s)\n%s, call: %s.call, probe: %s}\n}\n\n", probe, s.base, arg, literal, probe, probe)
	case s.probes():
		w.printf("%s, call: %s(%s), probe: new%sProbe(%s)}\n}\n\n", literal, call, arg, s.base, arg)
	default:
		w.printf("%s, call: %s(%s)}\n}\n\n", literal, call, arg)
	}
	s.declareProbe()
}

// declareBind writes Bind, and the type of what it returns.
func (s *surface) declareBind(bound *surface) {
	w, receiver := s.w, s.inputs[0]
	w.printf("// Bind returns the wire that calls the method on %s.\nfunc (%s %s) Bind(%s %s) %s {\n", receiver.name, s.me, s.typ, receiver.name, receiver.typ, bound.typ)
	wire, probe := s.local("wire"), s.local("probe")
	w.printf("%s := %s.Rope.Bind(%s)\n%s := %sProbe{%s.probe.Of(%s)}\nreturn %s{%s, %s.call, %s}\n}\n\n",
		wire, s.me, receiver.name, probe, bound.prefix, s.me, wire, bound.typ, wire, probe, probe)
	w.printf("// %s is a rope of %s that is bound to a receiver.\ntype %s struct {\n*%s.Wire\ncall %s\nprobe %sProbe\n}\n\n",
		bound.typ, s.source, bound.typ, w.ring, bound.funcType(), bound.prefix)
	bound.declareProbe()
}

// declareProbe writes the calls that have no typed function of ring.
func (s *surface) declareProbe() {
	if !s.probes() {
		return
	}
	w, run := s.w, ""
	w.printf("// %sProbe calls %s.\ntype %sProbe struct {\n*%s.Probe\n", s.prefix, s.source, s.prefix, w.ring)
	if !s.bound {
		run = "run"
		w.printf("run %s\n", s.funcType())
	}
	w.printf("}\n\n")
	if !s.bound {
		arg, probe, fn := w.unique("rope", nil), w.unique("probe", nil), w.unique("run", nil)
		w.printf("func new%sProbe(%s *%s.Rope) %sProbe {\n%s, %s := %s.NewProbe[%s](%s)\nreturn %sProbe{%s, %s}\n}\n\n",
			s.base, arg, w.ring, s.prefix, probe, fn, w.ring, s.funcType(), arg, s.prefix, probe, fn)
	}
	me, value, miss, ok, err := s.local("p"), s.local("value"), s.local("miss"), s.local("ok"), s.local("err")
	kept := value
	if len(s.results) == 0 {
		kept = "_"
	}
	w.printf("func (%s %sProbe) call(%s) %s {\n%s, %s, %s := %s.Hit(%s)\nif !%s {\n", me, s.prefix, s.parameters(), s.callOutputs(), kept, miss, ok, me, s.pointers(), ok)
	again := fmt.Sprintf("%s.miss(%s)", me, strings.Join(nonEmpty(miss, s.passed()), ", "))
	if s.callOutputs() == "" {
		w.printf("%s\n}\n}\n\n", again)
	} else {
		w.printf("return %s\n}\n", again)
		s.returnValue(value, "nil")
		w.printf("}\n\n")
	}
	keptErr := err
	if !s.fails {
		keptErr = "_"
	}
	assign := ":="
	if kept == "_" && keptErr == "_" {
		assign = "="
	}
	missParams := strings.Join(nonEmpty(miss+" "+w.ring+".Miss", s.parameters()), ", ")
	w.printf("func (%s %sProbe) miss(%s) %s {\n%s, %s %s %s.Run(%s)\n", me, s.prefix, missParams, s.callOutputs(),
		kept, keptErr, assign, me, strings.Join(nonEmpty(miss, s.runner(me, run), s.pointers()), ", "))
	s.returnValue(value, err)
	w.printf("}\n\n")
}

func nonEmpty(parts ...string) []string {
	var list []string
	for _, p := range parts {
		if p != "" {
			list = append(list, p)
		}
	}
	return list
}

// runner is the literal that calls the function; nil for a bound method.
func (s *surface) runner(me, run string) string {
	call := fmt.Sprintf("%s.%s(%s)", me, run, s.passed())
	body := ""
	switch n := len(s.results); {
	case run == "":
		return "nil"
	case n == 0 && s.fails:
		body = "return nil, " + call
	case n == 0:
		body = call + "\nreturn nil, nil"
	case n == 1 && s.fails:
		body = "return " + call
	case n == 1:
		body = "return " + call + ", nil"
	default:
		var outs []string
		for i := range s.results {
			outs = append(outs, s.local(fmt.Sprintf("out%d", i)))
		}
		list, err := strings.Join(outs, ", "), s.local("err")
		if s.fails {
			body = fmt.Sprintf("%s, %s := %s\nreturn %s.Tuple{%s}, %s", list, err, call, s.w.ring, list, err)
		} else {
			body = fmt.Sprintf("%s := %s\nreturn %s.Tuple{%s}, nil", list, call, s.w.ring, list)
		}
	}
	return "func() (any, error) {\n" + body + "\n}"
}

// returnValue returns a value of the rope, and err where the function returns one.
func (s *surface) returnValue(value, err string) {
	w := s.w
	var list []string
	result := s.local("result")
	switch len(s.results) {
	case 0:
	case 1:
		w.printf("%s, _ := %s.(%s)\n", result, value, s.value())
		list = append(list, result)
	default:
		tuple := s.local("tuple")
		w.printf("%s, _ := %s.(%s)\n%s := %sResults(%s)\n", tuple, value, s.value(), result, unexported(s.base), tuple)
		for _, out := range s.outs() {
			list = append(list, result+"."+out)
		}
	}
	if s.fails {
		list = append(list, err)
	}
	if len(list) > 0 {
		w.printf("return %s\n", strings.Join(list, ", "))
	}
}

// declareResults writes the struct for several results.
func (s *surface) declareResults() {
	if len(s.results) < 2 {
		return
	}
	w, outs := s.w, s.outs()
	w.printf("// %sResults are the results of %s.\ntype %sResults struct {\n", s.base, s.source, s.base)
	for i, out := range outs {
		w.printf("%s %s\n", out, w.names.typeString(s.results[i].typ))
	}
	tuple, results := w.unique("tuple", nil), w.unique("results", nil)
	w.printf("}\n\nfunc %sResults(%s %s.Tuple) (%s %sResults) {\nif len(%s) != %d {\nreturn %s\n}\n", unexported(s.base), tuple, w.ring, results, s.base, tuple, len(outs), results)
	for i, out := range outs {
		w.printf("%s.%s, _ = %s[%d].(%s)\n", results, out, tuple, i, w.names.typeString(s.results[i].typ))
	}
	w.printf("return %s\n}\n\n", results)
}
