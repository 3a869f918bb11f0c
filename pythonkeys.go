package ring

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// pythonPlan makes the keys that the rope would have with PythonKeys.
func (r *Rope) pythonPlan() (*keyPlan, error) {
	k, err := newKeyPlan(r.fn, rules{PythonKeys, r.storage.memory}, r.plan.prefix, r.config.IgnorableKeys)
	if err != nil {
		return nil, err
	}
	for i := range k.parts {
		if p := &k.parts[i]; p.co.rule == ruleHashTag || p.co.rule == ruleHash {
			return nil, fmt.Errorf("%s: Python's hash of it is its own", p.what)
		}
	}
	k.encoding, k.refactor, k.plain = r.plan.encoding, r.plan.refactor, r.plan.plain
	return k, nil
}

// pythonKey is the key that a call has with PythonKeys.
func (r *Rope) pythonKey(values []any) (string, error) {
	k, err := r.pythonPlan()
	if err != nil {
		return "", err
	}
	return k.key(values)
}

// pythonDiffers compares the keys with those of a Python process that was given the
// same prefix. One that is the Go function's own name nobody would give there.
func (r *Rope) pythonDiffers() (Finding, bool) {
	if !r.storage.place().outside || r.config.KeyStyle == PythonKeys || r.makesOwnKeys() || r.plan.prefix == r.original().name {
		return Finding{}, false
	}
	f := Finding{Kind: PythonDiffers, Remedy: "if Python shares the values, set Options.KeyStyle to ring.PythonKeys; otherwise there is nothing to do"}
	python, err := r.pythonPlan()
	if err != nil {
		f.Message = "a Python process cannot have these keys: " + err.Error()
		f.Remedy = "if Python shares the values, give it a type with a text, such as RingKey() string; otherwise there is nothing to do"
		return f, true
	}
	var all []string
	for i := range r.plan.parts {
		p := &r.plan.parts[i]
		d := keyDifferences{safe: rules{r.config.KeyStyle, r.storage.memory}, python: rules{PythonKeys, r.storage.memory}}
		if p.free {
			d.note("text with a colon or with a backslash at its end")
		}
		switch {
		case p.co.rule == ruleTuple && p.typ != tupleType: // *args
			d.walk(p.typ.Elem(), true)
		case p.co.rule == ruleBytes && python.parts[i].co.rule == ruleTuple: // *args, of bytes
			d.note("all values")
		default:
			d.walk(p.typ, false)
		}
		if d.reasons != nil {
			all = append(all, "for "+p.what+": "+strings.Join(d.reasons, ", "))
		}
	}
	if all == nil {
		return Finding{}, false
	}
	f.Message = "a Python process can come to other keys, and miss, " + strings.Join(all, "; ")
	return f, true
}

// keyDifferences collects for which values of a type the two styles have two texts.
type keyDifferences struct {
	safe, python rules
	reasons      []string
	seen         []reflect.Type
}

func (d *keyDifferences) note(reason string) {
	if !slices.Contains(d.reasons, reason) {
		d.reasons = append(d.reasons, reason)
	}
}

// walk looks at a type and, where that is written as what it is made of, at those in
// it. inside tells that it stands in another one.
func (d *keyDifferences) walk(t reflect.Type, inside bool) {
	if slices.Contains(d.seen, t) {
		return
	}
	d.seen = append(d.seen, t)
	co, err := d.safe.coercer(t)
	python, err2 := d.python.coercer(t)
	if err != nil || err2 != nil {
		return
	}
	switch co.rule {
	case ruleTime:
		d.note("all times")
	case ruleHash, ruleHashTag, ruleHashKeys:
		d.note("all values, since they are hashed")
		return
	case ruleBytes:
		if inside {
			d.note("bytes with blanks within another value")
		}
	case ruleType:
		d.note("types of a package")
	case ruleInterface:
		d.note("types that Python has no literal of and text that reads like a literal")
	case rulePointer:
		d.walk(t.Elem(), inside)
		if co.shape == shapeFree {
			d.note("the text None behind a pointer")
		}
	case ruleList, ruleTuple:
		d.walk(t.Elem(), true)
	case ruleSet, ruleFrozenSet:
		d.walk(t.Key(), true)
	case ruleDict:
		d.walk(t.Key(), true)
		d.walk(t.Elem(), true)
	case ruleDataclass:
		d.walkFields(t)
	case ruleStr, ruleRingKey, ruleMarshalText, ruleString:
		if inside {
			d.note("text with blanks or punctuation within another value")
		}
	}
	if co.rule != python.rule {
		d.note("all values")
	}
}

func (d *keyDifferences) walkFields(t reflect.Type) {
	for i := range t.NumField() {
		f := t.Field(i)
		if tag := f.Tag.Get("hash"); tag != "ignore" && tag != "-" && f.Name != "_" {
			d.walk(f.Type, true)
		}
	}
}
