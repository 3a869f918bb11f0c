package interop

import (
	"slices"
	"strings"
	"unicode"

	"github.com/ring-go/ring/internal/conformance"
)

// The rule by which TestKeys decides that a key of Python's can mean only one call, if
// the arguments have literals in Python. It is independent of ring's own rule, and
// strict: what it does not understand, it does not call unambiguous.
//
//   - A part that holds a text ends at the next colon. There must be no colon in it and no
//     backslash at its end, unless it is the only one, and nothing but numbers, which have
//     no colons, comes behind it. What comes before it ends with a bracket or a quote.
//   - Where the type of a parameter is any, a string must not look like anything else.
//   - A string in a list has no blank, since Python drops it.
//   - Strings in a dict or a dataclass have no commas and quotes, and those in a set no
//     quotes.

// unambiguous applies the rule to the arguments of a call and to the parts of its key.
func unambiguous(f *generated, labels, parts map[string]any) bool {
	open, behind, colons := false, false, false
	for _, p := range f.params {
		if slices.Contains(f.ignorable, p.name) {
			continue
		}
		if !isClear(p.typ, labels[p.name]) {
			return false
		}
		switch p.typ {
		case "int", "bool", "*big.Int", "[]int":
			continue
		}
		behind = behind || open
		switch p.typ {
		case "string", "any", "Keyed", "map[string]any", "map[string]int", "Point", "Person":
			text := parts[p.name].(string)
			open, colons = true, colons || strings.Contains(text, ":") || strings.HasSuffix(text, `\`)
		}
	}
	return !colons || !behind
}

// isClear reports whether the text of a value can stand for no other value.
func isClear(typ string, n note) bool {
	tag, arg := conformance.Tag(n)
	switch typ {
	case "int", "bool", "*big.Int", "string", "Keyed", "bytes", "[]int":
		return true
	case "[]string", "[]any":
		return clearItem(n)
	case "set of string":
		return !slices.ContainsFunc(arg.([]any), func(m note) bool { return strings.ContainsAny(m.(string), `'"\`) })
	case "map[string]any", "map[string]int", "Point", "Person":
		if tag == "$dataclass" {
			arg = arg.(map[string]any)["fields"]
		}
		return !slices.ContainsFunc(arg.([]any), func(pair note) bool {
			kv := pair.([]any)
			return !isWord(kv[0]) || !isWord(kv[1]) && !isNumber(kv[1])
		})
	}
	return isWord(n) || isNumber(n) || (tag == "$list" || tag == "$tuple" || tag == "$bytes") && clearItem(n)
}

// clearItem is isClear for an element of a list.
func clearItem(n note) bool {
	if s, ok := n.(string); ok {
		return !strings.Contains(s, " ")
	}
	switch tag, arg := conformance.Tag(n); tag {
	case "$list", "$tuple":
		return !slices.ContainsFunc(arg.([]any), func(item note) bool { return !clearItem(item) })
	case "$float":
		return true
	case "$bytes":
		return !strings.Contains(string(load(n).([]byte)), " ")
	}
	return isNumber(n)
}

// isNumber recognizes None, the bools, and the ints that fit a Go int.
func isNumber(n note) bool {
	switch v := load(n).(type) {
	case nil, bool, int:
		return true
	default:
		_ = v
		return false
	}
}

// isWord recognizes a string that consists only of letters, digits and harmless signs,
// and is no literal.
func isWord(n note) bool {
	s, ok := n.(string)
	if !ok || s == "" || slices.Contains([]string{"None", "True", "False", "Ellipsis", "inf", "nan"}, s) {
		return false
	}
	for i, r := range s {
		if !unicode.IsLetter(r) && (i == 0 || !unicode.IsDigit(r) && !strings.ContainsRune("_-./ ?=%", r)) {
			return false
		}
	}
	return true
}
