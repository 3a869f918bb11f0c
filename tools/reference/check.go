package reference

import (
	"errors"
	"fmt"
	"go/ast"
	"slices"
	"strings"
)

// check compares the inventory, the entries and the source.
type check struct {
	inv        *inventory
	sections   []*section
	src        *source
	mapped     map[string]*entry // by Python name
	inRow      map[string]bool   // parameters that their function's entry shows
	leftOut    []*entry
	complaints []string
}

func newCheck(inv *inventory, sections []*section, src *source) *check {
	return &check{
		inv: inv, sections: sections, src: src,
		mapped: map[string]*entry{}, inRow: map[string]bool{},
		complaints: src.complaints,
	}
}

func (c *check) run() {
	for _, s := range c.sections {
		for _, e := range s.entries {
			c.checkEntry(e)
		}
	}
	c.checkInventory()
	c.checkComments()
}

func (c *check) complain(format string, args ...any) {
	c.complaints = append(c.complaints, fmt.Sprintf(format, args...))
}

func (c *check) checkEntry(e *entry) {
	if e.leftOut() {
		c.leftOut = append(c.leftOut, e)
		return
	}
	if c.mapped[e.python] != nil {
		c.complain("entries.txt:%d: %s is there twice", e.line, e.python)
	}
	c.mapped[e.python] = e
	if c.inv.byName[e.python] == nil {
		c.complain("entries.txt:%d: %s is no name of Python's", e.line, e.python)
	}
	for _, g := range e.goNames {
		c.checkGoName(e, g)
	}
	if len(e.shown) == 0 {
		c.complain("entries.txt:%d: %s has no test or example", e.line, e.python)
	}
	for _, name := range e.shown {
		c.checkShown(e, name)
	}
}

func (c *check) checkGoName(e *entry, g goName) {
	sym := c.src.symbols[g.name]
	if sym == nil {
		c.complain("entries.txt:%d: %s: there is no %s in Go", e.line, e.python, g.name)
		return
	}
	for _, p := range g.params {
		if p != "-" && !slices.Contains(sym.params, p) {
			c.complain("entries.txt:%d: %s: %s has no parameter %s", e.line, e.python, g.name, p)
		}
	}
	if g.params == nil || strings.Contains(e.python, "(") {
		return
	}
	params := c.inv.params[e.python]
	if len(params) != len(g.params) {
		c.complain("entries.txt:%d: %s has %d parameters, %s shows %d", e.line, e.python, len(params), g.name, len(g.params))
		return
	}
	for i, p := range g.params {
		if p != "-" {
			c.inRow[params[i].name] = true
		}
	}
}

// checkShown demands that the test or example exists and uses the entry.
func (c *check) checkShown(e *entry, name string) {
	shown := c.src.showers[name]
	if shown == nil {
		c.complain("entries.txt:%d: %s: there is no test or example %s", e.line, e.python, name)
		return
	}
	for _, g := range e.goNames {
		if shown.mentions[g.name[strings.LastIndexByte(g.name, '.')+1:]] || exampleOf(name) == g.name {
			return
		}
	}
	c.complain("entries.txt:%d: %s: %s does not mention %s", e.line, e.python, name, e.goNames[0].name)
}

// exampleOf returns the symbol to which an example belongs by its name, like go doc:
// lrucache.LruCache.Touch for "lrucache.ExampleLruCache_Touch".
func exampleOf(name string) string {
	before, after, ok := strings.Cut(name, "Example")
	if !ok {
		return ""
	}
	symbol, member, _ := strings.Cut(after, "_")
	if member, _, _ = strings.Cut(member, "_"); ast.IsExported(member) {
		symbol += "." + member
	}
	return before + symbol
}

// checkInventory demands that every name is either mapped or left out, and that every
// name left out exists.
func (c *check) checkInventory() {
	used := map[*entry]bool{}
	for _, it := range c.inv.items {
		reason, mapped := c.reasonFor(it.name), c.mapped[it.name] != nil || c.inRow[it.name]
		if reason != nil {
			used[reason] = true
		}
		switch {
		case !mapped && reason == nil:
			c.complain("entries.txt: %s %s is neither mapped nor left out", it.kind, it.name)
		case mapped && reason != nil && reason.python == it.name:
			c.complain("entries.txt:%d: %s is left out, but mapped as well", reason.line, it.name)
		}
	}
	for _, e := range c.leftOut {
		if !used[e] {
			c.complain("entries.txt:%d: %s is left out, but is no name of Python's", e.line, e.python)
		}
	}
}

func (c *check) reasonFor(name string) *entry {
	for _, e := range c.leftOut {
		if e.covered.MatchString(name) {
			return e
		}
	}
	return nil
}

// pair is a name of Python's and the symbol that mirrors it.
type pair struct{ python, symbol string }

// checkComments demands that the doc comments and the entries say the same.
func (c *check) checkComments() {
	said := map[pair]bool{}
	for _, name := range c.src.order {
		for _, text := range c.src.symbols[name].python {
			found, err := c.resolve(text, c.ownerNames(name))
			if err != nil {
				c.complain("%s: Python: %s: %v", name, text, err)
			}
			for _, python := range found {
				said[pair{python, name}] = true
			}
		}
	}
	wanted := map[pair]bool{}
	for _, s := range c.sections {
		for _, e := range s.entries {
			for _, g := range e.goNames {
				c.checkComment(e, g, said, wanted)
			}
		}
	}
	for _, name := range c.src.order {
		for _, python := range c.namesIn(name) {
			if !wanted[pair{python, name}] {
				c.complain("%s: its doc comment says Python: %s, entries.txt does not", name, python)
			}
		}
	}
}

// checkComment demands the name in the comment of the symbol. For a parameter that is
// also a parameter in Go, the name of the function is enough.
func (c *check) checkComment(e *entry, g goName, said, wanted map[pair]bool) {
	own := pair{e.python, g.name}
	wanted[own] = true
	if said[own] || c.src.symbols[g.name] == nil {
		return
	}
	if strings.Contains(e.python, "(") && g.params != nil && said[pair{owner(e.python), g.name}] {
		return
	}
	if len(c.src.symbols[g.name].python) == 0 {
		c.complain("%s: its doc comment has no Python line: %s", g.name, e.python)
		return
	}
	c.complain("%s: its Python line does not name %s", g.name, e.python)
}

// ownerNames returns Python's names of the type that a symbol belongs to.
func (c *check) ownerNames(symbol string) []string {
	return c.namesIn(symbol[:max(strings.LastIndexByte(symbol, '.'), 0)])
}

// namesIn returns the names of Python's in the comment of a symbol.
func (c *check) namesIn(symbol string) []string {
	sym := c.src.symbols[symbol]
	if sym == nil {
		return nil
	}
	var owners, names []string
	if strings.Contains(sym.name, ".") {
		owners = c.ownerNames(symbol)
	}
	for _, text := range sym.python {
		found, _ := c.resolve(text, owners)
		names = append(names, found...)
	}
	return names
}

// resolve finds the full names of one in a comment.
func (c *check) resolve(text string, owners []string) ([]string, error) {
	if before, _, ok := strings.Cut(text, "="); ok { // maxsize=None is about maxsize
		text = before + ")"
	}
	for _, form := range []string{"%s.%s", "%s(%s)"} {
		var found []string
		for _, o := range owners {
			if name := fmt.Sprintf(form, o, text); c.inv.byName[name] != nil {
				found = append(found, name)
			}
		}
		if len(found) > 0 {
			return found, nil
		}
	}
	if c.inv.byName[text] != nil {
		return []string{text}, nil
	}
	switch found := c.inv.endingIn(text); len(found) {
	case 0:
		return nil, errors.New("that is no name of Python's")
	case 1:
		return found, nil
	default:
		return nil, fmt.Errorf("that may be any of %s", strings.Join(found, ", "))
	}
}
