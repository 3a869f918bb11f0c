package interop

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// model is the expected content of a function's cache.
type model struct {
	w       *world
	f       *function
	entries map[int]held // by places
	runs    int          // runs of the function, and values that were set
	met     []meeting
}

// meeting records that a driver did an action that a refusal is about.
type meeting struct {
	refusal int
	action  string
	driver  string
}

// held is the value of an entry, and the driver that wrote it.
type held struct {
	value note
	by    string
}

// place is the arguments that have one key, in the forms in which they can be given.
type place struct {
	key   string // without the prefix
	forms []element
}

var places = []place{
	{":1:2", []element{{Args: []note{1}}, {Kwargs: map[string]note{"a": 1}}, {Args: []note{1, 2}}}},
	{":1:7", []element{{Args: []note{1, 7}}, {Kwargs: map[string]note{"a": 1, "b": 7}}}},
	{":x:2", []element{{Args: []note{"x"}}, {Kwargs: map[string]note{"b": 2, "a": "x"}}}},
	{":a b:é", []element{{Args: []note{"a b", "é"}}, {Kwargs: map[string]note{"a": "a b", "b": "é"}}}},
	{":None:[1,'y']", []element{{Args: []note{nil, list(1, "y")}}, {Kwargs: map[string]note{"a": nil, "b": list(1, "y")}}}},
	{":-5:True", []element{{Args: []note{-5, true}}}},
}

// newModel defines a function for both drivers.
func newModel(w *world, f function, prefix string) *model {
	w.t.Helper()
	f.prefix, f.name, f.hashKey = prefix, prefix, "hash of "+prefix
	w.both(f.request())
	return &model{w: w, f: &f, entries: map[int]held{}}
}

// step is an action of a driver.
type step struct {
	driver *driver
	action string
	places []int
	form   int  // the index of a form of the arguments, limited to the existing ones
	run    bool // by the name of the action
}

func (s step) String() string {
	return fmt.Sprintf("%s %s%v form %d run %v", s.driver.name, s.action, s.places, s.form, s.run)
}

// do performs a step with a driver, and compares its answer with the model's.
func (m *model) do(t *testing.T, s step) {
	t.Helper()
	r := request{Do: "call", Name: m.f.name, Action: s.action, Run: s.run}
	var fresh []note // what the function returns, or the value to set
	for _, p := range s.places {
		forms := places[p].forms
		form := forms[s.form%len(forms)]
		if isBulk(s.action) {
			r.List = append(r.List, form)
		} else {
			r.element = form
		}
		m.runs++
		fresh = append(fresh, plain(m.f.value(m.runs)))
	}
	var want answer
	refused := ""
	if i := findRefusal(m, s.action, s.places); i >= 0 {
		if refused = refusals[i].golang; s.driver.name == "Python" {
			refused = refusals[i].python
		}
		m.met = append(m.met, meeting{i, s.action, s.driver.name})
	}
	switch {
	case s.action == "set":
		r.Value = fresh[0]
	case s.action == "set_many":
		r.Values = fresh
	default:
		r.Returns = m.returns(s, fresh)
	}
	if refused == "" {
		want = m.expect(s, fresh)
	}
	got := s.driver.ask(r)
	require.Equal(t, refused, got.Error, "%s on %s: %s", s, m.f, got.Message)
	require.Equal(t, want.Executed, got.Executed, "%s on %s ran the function", s, m.f)
	if got.Error == "" {
		require.Equal(t, canonical(want.Result), canonical(got.Result), "%s on %s", s, m.f)
	}
}

// returns returns the values for the elements for which the function has to run.
func (m *model) returns(s step, fresh []note) []note {
	var values []note
	for i, p := range s.places {
		_, hit := m.entries[p]
		switch strings.TrimSuffix(s.action, "_many") {
		case "execute", "update":
			values = append(values, fresh[i])
		case "get_or_update", "call":
			if !hit {
				values = append(values, fresh[i])
			}
		}
	}
	return values
}

// expect performs a step in the model and returns the answer.
func (m *model) expect(s step, fresh []note) answer {
	results := []note{}
	executed := len(m.returns(s, fresh))
	for i, p := range s.places {
		results = append(results, m.expectOne(s, p, fresh[i]))
	}
	switch strings.TrimSuffix(s.action, "_many") {
	case "set", "delete", "touch":
		return answer{}
	}
	if isBulk(s.action) {
		return answer{Result: list(results...), Executed: executed}
	}
	return answer{Result: results[0], Executed: executed}
}

func (m *model) expectOne(s step, p int, fresh note) note {
	old, hit := m.entries[p]
	switch strings.TrimSuffix(s.action, "_many") {
	case "key":
		return m.key(p)
	case "execute":
		return fresh
	case "get":
		return m.view(s.driver, p)
	case "has":
		return hit
	case "delete":
		delete(m.entries, p)
	case "get_or_update", "call":
		if hit {
			return m.f.hit(s.driver.name, old.value, old.by)
		}
		m.entries[p] = held{fresh, s.driver.name}
	case "update", "set":
		m.entries[p] = held{fresh, s.driver.name}
	}
	return fresh
}

// key returns the key of a place as a driver spells it.
func (m *model) key(p int) string {
	key := m.f.prefix + places[p].key
	if slices.Contains(memcaches, m.f.backend) {
		return memcachedKey(key)
	}
	return key
}

// view returns what a driver gets for a place.
func (m *model) view(d *driver, p int) note {
	if e, ok := m.entries[p]; ok {
		return m.f.hit(d.name, e.value, e.by)
	}
	return nil
}

// check compares with the model what both drivers see of the cache, and the content of
// the store.
func (m *model) check(t *testing.T, after any) {
	t.Helper()
	for _, d := range m.w.drivers() {
		m.checkView(t, d, after)
	}
	var keys []string
	for p := range places {
		keys = append(keys, m.f.prefix+places[p].key)
	}
	entries := m.w.entries(m.f, keys)
	require.Len(t, entries, len(m.entries), "%v: in the store of %s", after, m.f)
	for p, held := range m.entries {
		e, ok := entries[keys[p]]
		require.True(t, ok, "%v: %s is in the store of %s", after, keys[p], m.f)
		require.Equal(t, canonical(m.f.stored(held.value)), canonical(m.w.content(m.f, e)), "%v: %s in the store of %s", after, keys[p], m.f)
		m.checkExpiry(t, e, after)
	}
}

func (m *model) checkExpiry(t *testing.T, e entry, after any) {
	t.Helper()
	require.Equal(t, m.f.expire > 0, e.expires, "%v: expires on %s", after, m.f)
	if e.expires {
		whole := time.Duration(m.f.expire) * time.Second
		most := whole
		if slices.Contains(memcaches, m.f.backend) {
			most += time.Second // Go adds one second, of which Memcached may take a part away
		}
		assert.LessOrEqual(t, e.lifetime, most, "%v on %s", after, m.f)
		assert.Greater(t, e.lifetime, whole-slack, "%v on %s", after, m.f)
	}
}

// slack is how long ago an entry may have been written that should still have its whole
// life before it.
const slack = 200 * time.Second

// checkView compares with the model what a driver gets, and whether it has it.
func (m *model) checkView(t *testing.T, d *driver, after any) {
	t.Helper()
	var asked []request
	for p := range places {
		r := request{Do: "call", Name: m.f.name, element: places[p].forms[0]}
		r.Action = "get"
		asked = append(asked, r)
		if i := findRefusal(m, "has", []int{p}); i < 0 || d.name == "Go" {
			r.Action = "has"
			asked = append(asked, r)
		}
	}
	for i, a := range d.all(asked) {
		p := i * len(places) / len(asked)
		_, want := m.entries[p]
		var result note = want
		if asked[i].Action == "get" {
			result = m.view(d, p)
		}
		require.Empty(t, a.Error, "%v: %s: %s", after, d.name, a.Message)
		require.Equal(t, canonical(result), canonical(a.Result), "%v: %s %s of %s on %s", after, d.name, asked[i].Action, places[p].key, m.f)
	}
}
