package reference

import (
	"fmt"
	"slices"
	"strings"
)

const introduction = `<!-- Written by make reference; edit tools/reference/entries.txt and the doc comments. -->

# Reference: Python's names and Go's

Every function, class, method, attribute and parameter of ` + "`ring.func.sync`" + ` in Python's ring
0.10.1, and of what it uses: the base interface, coders, keys, the LRU cache, and the objects of
` + "`shelve`" + ` and ` + "`diskcache`" + `. A • marks the names in Python's documentation of ` + "`ring.func.sync`" + `.

A Go name links to the file that declares and documents it; ` + "`go doc ring.Lru`" + ` prints the same.
The parentheses contain the counterparts of Python's parameters, in Python's order, without the context that
many Go functions take first. A parameter that is a field in Go has its own line.
` + "`make test`" + ` runs the tests and examples under "shown by".

These differences hold everywhere and are not repeated:

- What Python raises, Go returns as an error.
- An expiry is a ` + "`time.Duration`" + `, in Python a number of seconds. No expiry is 0, in Python ` + "`None`" + `.
- Concurrent misses of one key run the function once, on every storage.
- Different calls of a function never share a key, unless ` + "`KeyStyle`" + ` is ` + "`PythonKeys`" + `.
- A hit has the function's own result type, on every storage and with every coder.
`

// render writes the reference.
func render(c *check) string {
	var b strings.Builder
	b.WriteString(introduction)
	mapped := 0
	for _, it := range c.inv.items {
		if c.mapped[it.name] != nil || c.inRow[it.name] {
			mapped++
		}
	}
	fmt.Fprintf(&b, "\nOf %d names %d have a counterpart; [the other %d](#left-out) are left out, with the reason.\n",
		len(c.inv.items), mapped, len(c.inv.items)-mapped)
	for _, s := range c.sections {
		c.renderSection(&b, s)
	}
	c.renderLeftOut(&b)
	return b.String()
}

// renderLeftOut writes the names that share a reason together.
func (c *check) renderLeftOut(b *strings.Builder) {
	b.WriteString("\n## Left out\n\nA name includes its members, unless they are in a table above; … is any name.\n\n" +
		"| Python | why |\n|---|---|\n")
	names := map[string][]string{}
	var reasons []string
	for _, e := range c.leftOut {
		if names[e.difference] == nil {
			reasons = append(reasons, e.difference)
		}
		names[e.difference] = append(names[e.difference], code(strings.ReplaceAll(e.python, anyName, "…"))+c.mark(e.python))
	}
	for _, reason := range reasons {
		fmt.Fprintf(b, "| %s | %s |\n", strings.Join(names[reason], ", "), reason)
	}
}

func (c *check) renderSection(b *strings.Builder, s *section) {
	rows := 0
	for _, e := range s.entries {
		if !e.leftOut() {
			rows++
		}
	}
	if rows == 0 {
		return
	}
	fmt.Fprintf(b, "\n## %s\n\n", s.title)
	for _, p := range s.prose {
		fmt.Fprintf(b, "%s\n\n", p)
	}
	b.WriteString("| Python | Go | shown by | difference |\n|---|---|---|---|\n")
	for _, e := range s.entries {
		if e.leftOut() {
			continue
		}
		var goNames, shown []string
		for _, g := range e.goNames {
			goNames = append(goNames, c.goCell(g))
		}
		for _, name := range e.shown {
			shown = append(shown, c.shownCell(name))
		}
		fmt.Fprintf(b, "| %s%s | %s | %s | %s |\n", code(c.pythonCell(s, e.python)), c.mark(e.python),
			strings.Join(goNames, "; "), strings.Join(shown, ", "), e.difference)
	}
}

func (c *check) mark(python string) string {
	if it := c.inv.byName[python]; it != nil && it.documented {
		return " •"
	}
	return ""
}

// pythonCell writes a function with its parameters, and the members of the section's
// class or function without its name.
func (c *check) pythonCell(s *section, python string) string {
	it := c.inv.byName[python]
	if it != nil && it.kind == "parameter" {
		text := parameter(python)
		if it.defaultValue != "" {
			text += "=" + it.defaultValue
		}
		if owner(python) == s.title {
			return text
		}
		return strings.TrimPrefix(owner(python), s.title+".") + "(" + text + ")"
	}
	text := strings.TrimPrefix(python, s.title+".")
	if it == nil || it.kind != "function" && it.kind != "method" && it.kind != "class" {
		return text
	}
	var params []string
	for _, p := range c.inv.params[python] {
		name := parameter(p.name)
		if p.defaultValue != "" {
			name += "=" + p.defaultValue
		}
		params = append(params, name)
		if strings.HasPrefix(name, "**") {
			break // what follows is described, but not in the signature
		}
	}
	if it.kind == "class" && len(params) == 0 {
		return text
	}
	return text + "(" + strings.Join(params, ", ") + ")"
}

func (c *check) goCell(g goName) string {
	sym := c.src.symbols[g.name]
	if sym == nil {
		return code(g.name)
	}
	text := g.name
	var params []string
	for _, p := range g.params {
		if p != "-" && !slices.Contains(params, p) { // *args and **kwargs can be one parameter in Go
			params = append(params, p)
		}
	}
	if sym.called {
		text += "(" + strings.Join(params, ", ") + ")"
	}
	return link(text, sym.file)
}

func (c *check) shownCell(name string) string {
	shown := c.src.showers[name]
	if shown == nil {
		return code(name)
	}
	return link(name, shown.file)
}

// link links from File to a file of the module. It has no line number, because lines
// move, and no site, because sites have other versions.
func link(text, file string) string { return fmt.Sprintf("[%s](../%s)", code(text), file) }

func code(text string) string { return "`" + strings.ReplaceAll(text, "|", `\|`) + "`" }
