package interop

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ring-go/ring/internal/conformance"
)

// togetherSteps is the number of steps of each driver, while the other one does its
// own.
const togetherSteps = 1000

// TestTogether: both drivers write the same entries at the same moment. Nothing fails
// or hangs, every value found was written under its key, and in the end both see the
// content of the store.
func TestTogether(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	r := newRand(t)
	for i, f := range functions(w.shelves) {
		if f.coder != "json" || f.result != "any" { // these values are the same for both
			continue
		}
		t.Run(f.String(), func(t *testing.T) {
			w.in(t)
			m := newModel(w, f, fmt.Sprintf("together%d", i))
			var wg sync.WaitGroup
			for j, d := range w.drivers() {
				steps := m.randomRequests(r, j)
				wg.Go(func() {
					for k, a := range d.all(steps) {
						assert.Empty(t, a.Error, "%s %s: %s", d.name, steps[k].Action, a.Message)
						if place, ok := placeOf(a.Result); ok {
							assert.Equal(t, steps[k].Args, plain(places[place].forms[0].Args), "%s %s", d.name, steps[k].Action)
						}
					}
				})
			}
			wg.Wait()
			m.adopt(t)
			m.check(t, "at the end")
		})
	}
}

// randomRequests returns calls of one driver whose values contain their place and their
// number.
func (m *model) randomRequests(r *rand.Rand, driver int) []request {
	var all []request
	for n := range togetherSteps {
		p := r.IntN(len(places))
		action := []string{"update", "get_or_update", "get", "set", "delete"}[r.IntN(5)]
		value := list(fmt.Sprintf("place %d", p), fmt.Sprintf("driver %d, step %d", driver, n))
		q := request{Do: "call", Name: m.f.name, Action: action, element: places[p].forms[0]}
		q.Args = plain(q.Args).([]any)
		if q.Value = value; action != "set" {
			q.Value, q.Returns = nil, []note{value}
		}
		all = append(all, q)
	}
	return all
}

// placeOf returns the place for which a value was written.
func placeOf(n note) (place int, ok bool) {
	tag, arg := conformance.Tag(n)
	if tag != "$list" {
		return 0, false
	}
	_, err := fmt.Sscanf(arg.([]any)[0].(string), "place %d", &place)
	return place, err == nil
}

// adopt makes the content that Go sees the expected one.
func (m *model) adopt(t *testing.T) {
	t.Helper()
	for p := range places {
		v := m.w.golang.must(request{Do: "call", Name: m.f.name, Action: "get", element: places[p].forms[0]})
		if v != nil {
			place, ok := placeOf(v)
			require.True(t, ok && place == p, "%v under %s", v, places[p].key)
			m.entries[p] = held{v, "one of them"}
		}
	}
}
