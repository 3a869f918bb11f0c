package reference

import (
	"bufio"
	"fmt"
	"regexp"
	"strings"
)

// item is one of Python's names.
type item struct {
	kind         string // class, function, method, attribute, parameter, …
	name         string // "ring.func.sync.lru", "ring.func.sync.lru(maxsize)"
	defaultValue string // of a parameter; "" if it has none
	documented   bool   // it is in the documentation of ring.func.sync
}

// inventory holds every name that has to be in the reference, in order.
type inventory struct {
	items  []*item
	byName map[string]*item
	params map[string][]*item // of a function, method or class
}

// readInventory joins the names of the documentation with those of the package. If both
// have a function, it uses the documentation's parameters.
func readInventory(documented, pkg string) (*inventory, error) {
	inv := &inventory{byName: map[string]*item{}, params: map[string][]*item{}}
	described, err := readItems(documented)
	if err != nil {
		return nil, fmt.Errorf("documented.txt: %w", err)
	}
	installed, err := readItems(pkg)
	if err != nil {
		return nil, fmt.Errorf("package.txt: %w", err)
	}
	for _, it := range described {
		it.documented = true
		inv.add(it)
	}
	for _, it := range installed {
		if it.kind == "parameter" && inv.describes(owner(it.name)) {
			continue
		}
		inv.add(it)
	}
	return inv, nil
}

func (inv *inventory) add(it *item) {
	if known := inv.byName[it.name]; known != nil {
		if known.kind == "mention" {
			known.kind = it.kind
		}
		return
	}
	inv.items = append(inv.items, it)
	inv.byName[it.name] = it
	if it.kind == "parameter" {
		inv.params[owner(it.name)] = append(inv.params[owner(it.name)], it)
	}
}

// describes reports whether the documentation has the parameters of name.
func (inv *inventory) describes(name string) bool {
	it := inv.byName[name]
	if it == nil || !it.documented {
		return false
	}
	params := inv.params[name]
	return len(params) > 0 && params[0].documented
}

// endingIn returns the names whose last parts are name.
func (inv *inventory) endingIn(name string) []string {
	var found []string
	for _, it := range inv.items {
		if strings.HasSuffix(it.name, "."+name) {
			found = append(found, it.name)
		}
	}
	return found
}

var itemLine = regexp.MustCompile(`^([a-z]+) (\S+?)(?: = (.+))?$`)

func readItems(text string) ([]*item, error) {
	var items []*item
	for lines := bufio.NewScanner(strings.NewReader(text)); lines.Scan(); {
		m := itemLine.FindStringSubmatch(lines.Text())
		if m == nil {
			return nil, fmt.Errorf("%q is no kind and name", lines.Text())
		}
		items = append(items, &item{kind: m[1], name: m[2], defaultValue: m[3]})
	}
	return items, nil
}

// owner returns the function of a parameter, or the class of a method.
func owner(name string) string {
	if before, _, ok := strings.Cut(name, "("); ok {
		return before
	}
	return name[:max(strings.LastIndexByte(name, '.'), 0)]
}

// parameter returns the part of name in parentheses.
func parameter(name string) string {
	_, after, _ := strings.Cut(name, "(")
	return strings.TrimSuffix(after, ")")
}
