package keytext

import (
	"reflect"
	"slices"
	"strings"
)

// OwnHash names a parameter that Python would hash in its own way.
func (k *Plan) OwnHash() string {
	for i := range k.Parts {
		if p := &k.Parts[i]; p.co.rule == ruleHashTag || p.co.rule == ruleHash {
			return p.What
		}
	}
	return ""
}

// Differences says for which values of which parameters python, the plan of the same
// parameters in Python's style, makes another key.
func (k *Plan) Differences(python *Plan) []string {
	var all []string
	for i := range k.Parts {
		p := &k.Parts[i]
		d := keyDifferences{safe: k.rules, python: python.rules}
		if p.escapable {
			d.note("text with a colon or with a backslash at its end")
		}
		switch {
		case p.co.rule == ruleTuple && p.Type != tupleType: // *args
			d.walk(p.Type.Elem(), true)
		case p.co.rule == ruleBytes && python.Parts[i].co.rule == ruleTuple: // *args, of bytes
			d.note("all values")
		default:
			d.walk(p.Type, false)
		}
		if d.reasons != nil {
			all = append(all, "for "+p.What+": "+strings.Join(d.reasons, ", "))
		}
	}
	return all
}

// SameParams reports whether two plans have the same parameters in their keys.
func (k *Plan) SameParams(o *Plan) bool {
	return slices.EqualFunc(k.Parts, o.Parts, func(a, b keyPart) bool { return a.At == b.At })
}

// keyDifferences collects the values of a type for which the two styles have different
// texts.
type keyDifferences struct {
	safe, python Rules
	reasons      []string
	seen         []reflect.Type
}

func (d *keyDifferences) note(reason string) {
	if !slices.Contains(d.reasons, reason) {
		d.reasons = append(d.reasons, reason)
	}
}

// walk checks a type and, if it is written as its parts, their types. inside says that
// it is part of another type.
func (d *keyDifferences) walk(t reflect.Type, inside bool) {
	if slices.Contains(d.seen, t) {
		return
	}
	d.seen = append(d.seen, t)
	co, err := d.safe.coercerFor(t)
	python, err2 := d.python.coercerFor(t)
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
		if co.shape == shapeOpen {
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
