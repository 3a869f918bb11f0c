package keytext

import (
	"reflect"
	"strings"
)

// explainedPart says how one parameter's part of a key was made.
type explainedPart struct {
	At      int    // the parameter
	Rule    string // what made the text, for people
	Type    reflect.Type
	Text    string
	Escaped bool
	Failed  bool // there is no text
}

// Explain writes the text of the key of bound arguments and splits it into its parts,
// even if it is incomplete because of an error.
func (k *Plan) Explain(values []any) (string, []explainedPart, error) {
	t := &Text{starts: make([]int, 0, 2*len(k.Parts))}
	err := k.Write(t, nil, values)
	starts, escaped := t.starts, false
	for i := range starts {
		if i > 0 && t.starts[i] == t.starts[0] { // the key was begun again, because it needs escapes
			starts, escaped = t.starts[i:], true
		}
	}
	parts := make([]explainedPart, len(starts))
	for i, start := range starts {
		p := &k.Parts[i]
		v := reflect.ValueOf(&values[p.At]).Elem()
		if p.Type.Kind() != reflect.Interface {
			v = v.Elem()
		}
		parts[i] = explainedPart{At: p.At, Rule: k.rules.describe(p.co, v)}
		if v.Kind() == reflect.Interface {
			v = v.Elem()
		}
		if v.IsValid() {
			parts[i].Type = v.Type()
		}
		switch {
		case i+1 < len(starts):
			parts[i].Text = string(t.Buf[start : starts[i+1]-len(":")])
		case err == nil:
			parts[i].Text = string(t.Buf[start:])
		default:
			parts[i].Failed = true
		}
		parts[i].Escaped = escaped && p.escapable && strings.Contains(parts[i].Text, `\`)
	}
	return string(t.Buf), parts, err
}

// describe says what makes the text of v, for people.
func (r Rules) describe(co *coercer, v reflect.Value) string {
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
		} else if t := v.Elem().Type(); !r.Python && t != stringType && !r.isLiteral(t) {
			prefix += "its type and "
		}
		v = v.Elem()
		elem, err := r.coercerFor(v.Type())
		if err != nil {
			return prefix + "nothing"
		}
		co = elem
	}
	return prefix + "more of them"
}
