package ring

import (
	"reflect"
	"strings"
)

// explainedPart is how one parameter's part of a key came about.
type explainedPart struct {
	at      int    // the parameter
	rule    string // what made the text, for people
	typ     reflect.Type
	text    string
	escaped bool
	failed  bool // there is no text
}

// explain writes the text of the key of bound arguments and takes it apart, also where it
// could not be written to its end.
func (k *keyPlan) explain(values []any) (string, []explainedPart, error) {
	t := &text{starts: make([]int, 0, 2*len(k.parts))}
	err := k.write(t, nil, values)
	starts, escaped := t.starts, false
	for i := range starts {
		if i > 0 && t.starts[i] == t.starts[0] { // it was begun again, because it needs escapes
			starts, escaped = t.starts[i:], true
		}
	}
	parts := make([]explainedPart, len(starts))
	for i, start := range starts {
		p := &k.parts[i]
		v := reflect.ValueOf(&values[p.at]).Elem()
		if p.typ.Kind() != reflect.Interface {
			v = v.Elem()
		}
		parts[i] = explainedPart{at: p.at, rule: k.rules.describe(p.co, v)}
		if v.Kind() == reflect.Interface {
			v = v.Elem()
		}
		if v.IsValid() {
			parts[i].typ = v.Type()
		}
		switch {
		case i+1 < len(starts):
			parts[i].text = string(t.buf[start : starts[i+1]-len(":")])
		case err == nil:
			parts[i].text = string(t.buf[start:])
		default:
			parts[i].failed = true
		}
		parts[i].escaped = escaped && p.free && strings.Contains(parts[i].text, `\`)
	}
	return string(t.buf), parts, err
}

// describe says what makes v text, for people.
func (r rules) describe(co *coercer, v reflect.Value) string {
	prefix := ""
	for range plainDepth {
		switch co.rule {
		case rulePointer, ruleInterface:
			if v.IsNil() {
				return prefix + "None"
			}
		default:
			return prefix + string(co.rule)
		}
		if co.rule == rulePointer {
			prefix += "pointer to "
		} else if t := v.Elem().Type(); !r.python && t != stringType && !r.isLiteral(t) {
			prefix += "its type and "
		}
		v = v.Elem()
		elem, err := r.coercer(v.Type())
		if err != nil {
			return prefix + "nothing"
		}
		co = elem
	}
	return prefix + "more of them"
}
