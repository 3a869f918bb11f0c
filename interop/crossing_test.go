package interop

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// script is the steps of one driver, A, and the other, B, in turn.
var script = []struct {
	by     byte
	action string
	places []int
	form   int
	run    bool
}{
	// A value that one writes is a hit for the other.
	{by: 'A', action: "call", places: []int{0}},
	{by: 'B', action: "call", places: []int{0}, form: 1},
	{by: 'B', action: "get", places: []int{0}, form: 2},
	{by: 'B', action: "has", places: []int{0}},
	{by: 'A', action: "get_or_update", places: []int{3}},
	{by: 'B', action: "get_or_update", places: []int{3}, form: 1},
	{by: 'B', action: "key", places: []int{3}},
	{by: 'A', action: "key", places: []int{4}, form: 1},
	{by: 'B', action: "execute", places: []int{0}},
	{by: 'A', action: "get", places: []int{0}},

	// Both see updates, sets and deletes.
	{by: 'B', action: "update", places: []int{0}},
	{by: 'A', action: "get", places: []int{0}},
	{by: 'A', action: "set", places: []int{1}},
	{by: 'B', action: "call", places: []int{1}},
	{by: 'B', action: "set", places: []int{1}, form: 1},
	{by: 'A', action: "call", places: []int{1}, form: 1},
	{by: 'B', action: "delete", places: []int{1}},
	{by: 'A', action: "get", places: []int{1}},
	{by: 'A', action: "has", places: []int{1}},
	{by: 'A', action: "delete", places: []int{1}},
	{by: 'A', action: "touch", places: []int{0}},
	{by: 'B', action: "touch", places: []int{0}},
	{by: 'A', action: "touch", places: []int{1}},
	{by: 'B', action: "touch", places: []int{1}},

	// Actions by name.
	{by: 'A', action: "update", places: []int{2}, run: true},
	{by: 'B', action: "get", places: []int{2}, form: 1, run: true},
	{by: 'B', action: "set", places: []int{2}, run: true},
	{by: 'A', action: "get_or_update", places: []int{2}, run: true},
	{by: 'A', action: "has", places: []int{2}, run: true},
	{by: 'A', action: "delete", places: []int{2}, run: true},
	{by: 'B', action: "has", places: []int{2}, run: true},
	{by: 'B', action: "key", places: []int{2}, run: true},
	{by: 'B', action: "execute", places: []int{2}, run: true},

	// Several calls at once.
	{by: 'A', action: "key_many", places: []int{0, 3, 4}},
	{by: 'A', action: "execute_many", places: []int{0, 3}},
	{by: 'A', action: "update_many", places: []int{0, 3, 5}},
	{by: 'B', action: "get_many", places: []int{5, 0, 1, 3}, form: 1},
	{by: 'B', action: "update_many", places: []int{3, 2}, form: 1},
	{by: 'A', action: "get_many", places: []int{2, 3, 4}},
	{by: 'B', action: "set_many", places: []int{0, 4}},
	{by: 'A', action: "get_or_update_many", places: []int{0, 1, 4}, form: 1},
	{by: 'B', action: "get_or_update_many", places: []int{1, 0}},
	{by: 'A', action: "get_or_update_many", places: []int{1, 0}},
	{by: 'A', action: "set_many", places: []int{2, 3}, form: 1},
	{by: 'B', action: "get_or_update_many", places: []int{2, 5, 1}},
	{by: 'A', action: "has_many", places: []int{2, 1, 0}},
	{by: 'B', action: "has_many", places: []int{2, 1, 0}},
	{by: 'A', action: "touch_many", places: []int{0, 1}},
	{by: 'B', action: "touch_many", places: []int{0, 1}},
	{by: 'A', action: "delete_many", places: []int{0, 3}},
	{by: 'B', action: "delete_many", places: []int{4, 3}, form: 1},
	{by: 'B', action: "get_many", places: []int{0, 1, 2, 3, 4, 5}, run: true},
	{by: 'A', action: "delete", places: []int{5}},
	{by: 'B', action: "get_or_update_many", places: []int{5, 2}, run: true},
	{by: 'A', action: "set_many", places: []int{1, 0}, run: true},

	// No call at once.
	{by: 'A', action: "get_many"},
	{by: 'B', action: "get_many"},
	{by: 'A', action: "update_many"},
	{by: 'B', action: "update_many"},
	{by: 'A', action: "get_or_update_many"},
	{by: 'B', action: "get_or_update_many"},
	{by: 'A', action: "set_many"},
	{by: 'B', action: "set_many"},
	{by: 'A', action: "get", places: []int{1}},
}

// TestCrossing: both drivers see whatever either of them does, and the store holds it,
// whichever of them it is.
func TestCrossing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	met := map[meeting]int{}
	for i, f := range functions(w.shelves) {
		for order, first := range w.drivers() {
			t.Run(f.String()+"/"+first.name, func(t *testing.T) {
				w.in(t)
				m := newModel(w, f, []string{"crossing", "again"}[order]+string(rune('A'+i)))
				second := w.drivers()[1-order]
				for _, line := range script {
					by := first
					if line.by == 'B' {
						by = second
					}
					s := step{by, line.action, line.places, line.form, line.run}
					m.do(t, s)
					m.check(t, s)
				}
				for _, one := range m.met {
					met[one]++
				}
			})
		}
	}
	if t.Failed() {
		return
	}
	for i, r := range refusals {
		if !w.shelves && r.backends[0] == "shelve" {
			continue
		}
		for _, action := range r.actions {
			python, golang := met[meeting{i, action, "Python"}], met[meeting{i, action, "Go"}]
			assert.Positive(t, python, "%s was not met by Python: %s", r.what, action)
			assert.Positive(t, golang, "%s was not met by Go: %s", r.what, action)
			t.Logf("%-20s Python: %-15s (%d times) Go: %-15s (%d times) %s", action, r.python, python, r.golang, golang, r.what)
		}
	}
}
