package reference

import (
	"bufio"
	"fmt"
	"regexp"
	"strings"
)

// entry is a line of entries.txt: the counterpart in Go of one of Python's names.
type entry struct {
	line       int
	python     string
	goNames    []goName
	shown      []string       // tests and examples: "ExampleLru", "lrucache.TestSizes"
	difference string         // for a name left out, the reason
	covered    *regexp.Regexp // the names that it leaves out
}

// leftOut reports whether the name has no counterpart.
func (e *entry) leftOut() bool { return len(e.goNames) == 0 }

// anyName stands for any names, in the name of an entry that is left out.
const anyName = "{any}"

// covering matches the names that are left out with name: name itself and its members.
func covering(name string) *regexp.Regexp {
	pattern := strings.ReplaceAll(regexp.QuoteMeta(name), regexp.QuoteMeta(anyName), `[\w.]+`)
	return regexp.MustCompile(`^` + pattern + `([.(].*)?$`)
}

// goName is a symbol as entries.txt writes it: Lru.MaxSize, lrucache.New(maxSize). The
// parentheses contain the counterparts of Python's parameters, in Python's order; "-" is
// a parameter with its own line.
type goName struct {
	name   string
	params []string
}

// section is a heading of entries.txt with what is below it.
type section struct {
	title   string
	prose   []string
	entries []*entry
}

// readEntries reads entries.txt:
//
//	== heading
//	> a paragraph
//	python | go, go(a, b) | test, example | difference
//	python | - | | why it is left out
//
// It ignores empty lines and lines that begin with #.
func readEntries(text string) ([]*section, error) {
	var sections []*section
	number := 0
	for lines := bufio.NewScanner(strings.NewReader(text)); lines.Scan(); {
		number++
		line := strings.TrimSpace(lines.Text())
		switch {
		case line == "" || strings.HasPrefix(line, "#"):
		case strings.HasPrefix(line, "== "):
			sections = append(sections, &section{title: line[3:]})
		case len(sections) == 0:
			return nil, fmt.Errorf("entries.txt:%d: a line before the first heading", number)
		case strings.HasPrefix(line, "> "):
			last := sections[len(sections)-1]
			last.prose = append(last.prose, line[2:])
		default:
			e, err := readEntry(line)
			if err != nil {
				return nil, fmt.Errorf("entries.txt:%d: %w", number, err)
			}
			e.line = number
			last := sections[len(sections)-1]
			last.entries = append(last.entries, e)
		}
	}
	return sections, nil
}

func readEntry(line string) (*entry, error) {
	cells := strings.Split(line, "|")
	if len(cells) != 4 {
		return nil, fmt.Errorf("%d cells, not python | go | shown by | difference", len(cells))
	}
	for i := range cells {
		cells[i] = strings.TrimSpace(cells[i])
	}
	e := &entry{python: cells[0], difference: cells[3]}
	if cells[1] == "-" {
		if e.difference == "" {
			return nil, fmt.Errorf("%s is left out without a reason", e.python)
		}
		e.covered = covering(e.python)
		return e, nil
	}
	for _, name := range splitList(cells[1]) {
		name, params, called := strings.Cut(name, "(")
		g := goName{name: name}
		if called {
			g.params = splitList(strings.TrimSuffix(params, ")"))
		}
		e.goNames = append(e.goNames, g)
	}
	if len(e.goNames) == 0 {
		return nil, fmt.Errorf("%s has no Go name; what is left out has a -", e.python)
	}
	e.shown = splitList(cells[2])
	return e, nil
}

// splitList splits at the commas outside parentheses.
func splitList(text string) []string {
	var parts []string
	depth, start := 0, 0
	add := func(end int) {
		if part := strings.TrimSpace(text[start:end]); part != "" {
			parts = append(parts, part)
		}
	}
	for i, c := range text {
		switch c {
		case '(':
			depth++
		case ')':
			depth--
		case ',':
			if depth == 0 {
				add(i)
				start = i + 1
			}
		}
	}
	add(len(text))
	return parts
}
