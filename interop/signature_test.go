package interop

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"

	"github.com/ring-go/ring/internal/conformance"
)

// generator makes signatures, values and calls.
type generator struct {
	*rand.Rand
	memory bool // the storage is in memory, where Python hashes floats and bytes in keys
}

func pick[T any](g *generator, list ...T) T { return list[g.IntN(len(list))] }

// param is a parameter of a generated function.
type param struct {
	name   string // with its stars
	kind   kind
	typ    string // one of goTypes
	def    note
	hasDef bool
}

type kind int

const (
	positionalOnly kind = iota
	positional
	variadic
	keywordOnly
	keywords
)

// generated is a function whose keys are compared.
type generated struct {
	params    []param
	backend   string
	prefix    any
	encoding  any
	ignorable []string
}

var (
	scalars    = []string{"any", "any", "any", "string", "string", "int", "bool", "*big.Int", "Keyed"}
	composites = []string{"[]any", "[]string", "[]int", "map[string]any", "map[string]int", "set of string", "Point", "Person"}
	names      = []string{"a", "b", "self", "kind", "_x", "long_name", "n1", "key", "value", "été"}
)

func (g *generator) typ() string {
	if g.IntN(3) == 0 {
		return pick(g, composites...)
	}
	if !g.memory && g.IntN(8) == 0 {
		return "bytes"
	}
	return pick(g, scalars...)
}

// function makes a function of up to six parameters.
func (g *generator) function(backend string) generated {
	g.memory = backend == "shelve"
	f := generated{backend: backend, prefix: pick[any](g, "p", "pre:fix", "with blank é", "{a}", nil)}
	if g.IntN(5) == 0 {
		f.encoding = "utf-8"
	}
	free := g.Perm(len(names))
	hasDef := false
	add := func(k kind, typ string, stars string) {
		p := param{name: stars + names[free[0]], kind: k, typ: typ}
		free = free[1:]
		if stars == "" && (g.IntN(2) == 0 || hasDef && k != keywordOnly) {
			p.hasDef, p.def = true, g.literal(typ)
			p.hasDef = p.def != unset
		}
		if k < variadic && hasDef && !p.hasDef {
			p.typ, p.hasDef, p.def = "any", true, nil
		}
		hasDef = hasDef || p.hasDef && k < variadic
		f.params = append(f.params, p)
	}
	for range g.IntN(2) * g.IntN(3) {
		add(positionalOnly, g.typ(), "")
	}
	for range g.IntN(4) {
		add(positional, g.typ(), "")
	}
	if g.IntN(3) == 0 {
		add(variadic, pick(g, "[]any", "[]any", "[]string", "[]int"), "*")
	}
	for range g.IntN(2) * g.IntN(3) {
		add(keywordOnly, g.typ(), "")
	}
	if g.IntN(3) == 0 || len(f.params) == 0 {
		add(keywords, pick(g, "map[string]any", "map[string]int"), "**")
	}
	if g.IntN(4) == 0 {
		f.ignorable = []string{pick(g, f.params...).name}
	}
	return f
}

// unset stands for no default value.
var unset note = new(int)

// literal makes a default value, or unset if the type has none that is a literal.
func (g *generator) literal(typ string) note {
	switch typ {
	case "Point", "Person", "Keyed":
		return unset
	case "any":
		return pick[note](g, nil, true, g.integer(), g.text(), list(1, "a b"), tuple(), dict("k", 1))
	}
	return g.value(typ)
}

// text writes the signature.
func (f *generated) text() string {
	var parts []string
	last := positionalOnly
	star := false
	for i, p := range f.params {
		if p.kind > positionalOnly && last == positionalOnly && i > 0 {
			parts = append(parts, "/")
		}
		star = star || p.kind == variadic
		if p.kind == keywordOnly && !star {
			parts, star = append(parts, "*"), true
		}
		text := p.name
		if p.hasDef {
			text += "=" + literal(p.def)
		}
		parts, last = append(parts, text), p.kind
	}
	if n := len(f.params); n > 0 && last == positionalOnly {
		parts = append(parts, "/")
	}
	return strings.Join(parts, ", ")
}

// literal returns a note as a literal of Python.
func literal(n note) string {
	switch n := plain(n).(type) {
	case nil:
		return "None"
	case bool:
		return map[bool]string{true: "True", false: "False"}[n]
	case string:
		return strconv.QuoteToASCII(n)
	case map[string]any:
		return taggedLiteral(n)
	default:
		return fmt.Sprint(n)
	}
}

func taggedLiteral(n note) string {
	tag, arg := conformance.Tag(n)
	items := func(write func(note) string) string {
		var texts []string
		for _, item := range arg.([]any) {
			texts = append(texts, write(item))
		}
		return strings.Join(texts, ", ")
	}
	switch tag {
	case "$int", "$float":
		return arg.(string)
	case "$bytes":
		var b strings.Builder
		for _, c := range load(n).([]byte) {
			fmt.Fprintf(&b, `\x%02x`, c)
		}
		return "b'" + b.String() + "'"
	case "$list":
		return "[" + items(literal) + "]"
	case "$tuple":
		if len(arg.([]any)) == 1 {
			return "(" + items(literal) + ",)"
		}
		return "(" + items(literal) + ")"
	case "$dict":
		return "{" + items(func(pair note) string {
			kv := pair.([]any)
			return literal(kv[0]) + ": " + literal(kv[1])
		}) + "}"
	case "$set":
		return "{" + items(literal) + "}"
	}
	panic("no literal for a " + tag)
}

// request defines the function.
func (f *generated) request(name, identifier string, safe bool) request {
	types := []string{}
	for _, p := range f.params {
		types = append(types, p.typ)
	}
	return request{
		Do: "define", Name: name, Backend: f.backend, Prefix: f.prefix, Identifier: identifier, Signature: f.text(), Types: types,
		Result: "bytes", Safe: safe, Encoding: f.encoding, Ignorable: f.ignorable, HashKey: "h",
	}
}

// call makes arguments that fit, except in one call of twelve.
func (g *generator) call(f *generated) element {
	g.memory = f.backend == "shelve"
	e := element{Args: []note{}, Kwargs: map[string]note{}}
	byName, open := false, true // all later ones are given by name; more can be given by position
	for _, p := range f.params {
		switch p.kind {
		case positionalOnly, positional:
			if p.hasDef && g.IntN(3) == 0 {
				byName, open = true, false
				continue
			}
			byName = byName || p.kind == positional && g.IntN(3) == 0
			open = open && !byName
			switch {
			case !byName:
				e.Args = append(e.Args, g.value(p.typ))
			case p.kind == positional:
				e.Kwargs[p.name] = g.value(p.typ)
			}
		case variadic:
			if !open {
				continue
			}
			for range g.IntN(4) {
				e.Args = append(e.Args, g.inner(strings.TrimPrefix(p.typ, "[]")))
			}
		case keywordOnly:
			if !p.hasDef || g.IntN(2) == 0 {
				e.Kwargs[p.name] = g.value(p.typ)
			}
		case keywords:
			for range g.IntN(4) {
				e.Kwargs[pick(g, "x", "y1", "Z", "_k", "ü")] = g.inner(strings.TrimPrefix(p.typ, "map[string]"))
			}
		}
	}
	if g.IntN(12) == 0 {
		g.spoil(f, &e)
	}
	return e
}

// spoil changes a call so that hardly any function accepts it.
func (g *generator) spoil(f *generated, e *element) {
	names := slices.Sorted(maps.Keys(e.Kwargs))
	switch {
	case g.IntN(3) == 0:
		e.Kwargs["unexpected"] = 1
	case len(e.Args) > 0 && g.IntN(2) == 0:
		e.Args = e.Args[:len(e.Args)-1]
	case len(names) > 0 && g.IntN(2) == 0:
		delete(e.Kwargs, pick(g, names...))
	case !slices.ContainsFunc(f.params, func(p param) bool { return p.kind == variadic }):
		for range len(f.params) + 1 {
			e.Args = append(e.Args, 1)
		}
	}
}

// texts are the parts of strings: one alone, or two together.
var texts = []string{
	"", "a", "b", "word", "two words", "a:b", ":", "::", `\`, `back\slash`, `a\`, ",", "a,b", "'", `it's`, `"`, `both ' and "`, " ", "(", "[1,2]",
	"{}", "{x}", "1", "-7", "1.5", "None", "True", "Ellipsis", "b'x'", "x,1", "é", "été", "日本語", "\U0001f600", "\n", "\t", "\x00", "\x7f",
	"\u00a0", "\u200b", "\u2028", "\ufeff", "\u0301", "\u0378", "%s", "http://host/path?q=1", strings.Repeat("long", 70),
}

func (g *generator) text() string {
	text := pick(g, texts...)
	if g.IntN(4) == 0 {
		text += pick(g, texts...)
	}
	return text
}

func (g *generator) integer() note {
	return pick[note](g, 0, 1, -1, 2, 7, 42, -273, 1<<31, int64(1)<<53)
}

func (g *generator) bigInteger() note {
	return pick[note](g, 0, 5, -1, tagged("$int", "9223372036854775807"), tagged("$int", "-9223372036854775809"), tagged("$int", "1"+strings.Repeat("0", 40)))
}

func (g *generator) float() note {
	return float(pick(g, 0, 1, -1.5, 0.1, 1e16, 1e-7, 123456789.125, 1e300))
}

// some makes up to three of something.
func some[T any](g *generator, make func() T) []T {
	list := []T{}
	for range g.IntN(4) {
		list = append(list, make())
	}
	return list
}

// value makes a value of a Go type.
func (g *generator) value(typ string) note {
	switch typ {
	case "string":
		return g.text()
	case "int":
		return g.integer()
	case "bool":
		return g.IntN(2) == 0
	case "*big.Int":
		return g.bigInteger()
	case "bytes":
		return blob(g.text())
	case "Keyed":
		return tagged("$ringkey", g.text())
	case "[]any":
		return list(some(g, func() note { return g.item(1) })...)
	case "[]string":
		return list(some(g, func() note { return g.text() })...)
	case "[]int":
		return list(some(g, g.integer)...)
	case "map[string]any":
		return g.dict(func() note { return g.text() }, func() note { return g.item(1) })
	case "map[string]int":
		return g.dict(func() note { return g.text() }, g.integer)
	case "set of string":
		return g.set("$set", func() note { return g.text() })
	case "Point":
		return dataclass("Point", "x", g.item(1), "y", g.item(1))
	case "Person":
		return dataclass("Person", "name", g.text(), "age", g.integer())
	}
	return g.any()
}

// inner is value for an element of *args or **kw, which is inside another value.
func (g *generator) inner(typ string) note {
	if typ == "any" {
		return g.item(1)
	}
	return g.value(typ)
}

// dict makes a dict in the order of its keys, because a dict in another value keeps its
// order.
func (g *generator) dict(key, value func() note) note {
	pairs := map[string]note{}
	keys := map[string]note{}
	for range g.IntN(4) {
		k := key()
		pairs[canonical(k)], keys[fmt.Sprint(k)] = value(), k
	}
	var sorted []note
	for _, name := range slices.Sorted(maps.Keys(keys)) {
		sorted = append(sorted, keys[name], pairs[canonical(keys[name])])
	}
	return dict(sorted...)
}

// set makes a set of different members. Python has no literal for an empty one.
func (g *generator) set(tag string, member func() note) note {
	members := map[string]note{}
	for range 1 + g.IntN(3) {
		m := member()
		members[canonical(m)] = m
	}
	items := []any{}
	for _, name := range slices.Sorted(maps.Keys(members)) {
		items = append(items, members[name])
	}
	return tagged(tag, items)
}

// any makes a value of any type that Python has a key for, and sometimes one of another
// type.
func (g *generator) any() note {
	switch g.IntN(16) {
	case 0, 1, 2, 3:
		return g.text()
	case 4:
		return g.integer()
	case 5:
		return g.set(pick(g, "$set", "$frozenset"), func() note { return g.text() })
	case 6:
		return g.set("$set", g.integer)
	case 7:
		return g.dict(func() note { return g.text() }, func() note { return g.item(1) })
	case 8:
		return pick(g, dataclass("Point", "x", g.item(1), "y", g.item(1)), dataclass("Person", "name", g.text(), "age", g.integer()))
	case 9:
		return pick[note](g, tagged("$ringkey", g.text()), tagged("$type", "Point"), tagged("$ellipsis", true))
	case 10:
		return pick[note](g, tagged("$set", []any{1, "a"}), dict(1, 1, "a", 2)) // these cannot be sorted
	case 11:
		if !g.memory {
			return pick(g, g.float(), blob(g.text()))
		}
	}
	return g.item(0)
}

// item makes a value that can be in another one, and that Python's repr writes there by
// its content, not by its address or a hash.
func (g *generator) item(depth int) note {
	kinds := 9
	if depth == 2 {
		kinds = 6
	}
	next := func() note { return g.item(depth + 1) }
	switch n := g.IntN(kinds); {
	case n == 0:
		return pick[note](g, nil, true, false)
	case n == 1:
		return g.bigInteger()
	case n == 2 && depth > 0:
		return pick(g, g.float(), blob(g.text()))
	case n == 6:
		return list(some(g, next)...)
	case n == 7:
		return tuple(some(g, next)...)
	case n == 8 && depth > 0:
		return g.dict(func() note { return g.text() }, next)
	}
	return g.text()
}
