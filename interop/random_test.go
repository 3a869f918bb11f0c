package interop

import (
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// newRand returns a generator that RING_INTEROP_SEED seeds: a number, or "random". The
// seed of a test that fails is in its output.
func newRand(t *testing.T) *rand.Rand {
	t.Helper()
	seed := uint64(1)
	switch text := os.Getenv("RING_INTEROP_SEED"); text {
	case "":
	case "random":
		seed = uint64(time.Now().UnixNano())
	default:
		var err error
		seed, err = strconv.ParseUint(text, 10, 64)
		require.NoError(t, err, "RING_INTEROP_SEED is a number, or random")
	}
	t.Logf("RING_INTEROP_SEED=%d", seed)
	return rand.New(rand.NewPCG(seed, 0))
}

// actions are the actions of random steps; those that change most occur more than once.
var actions = []string{
	"call", "call", "call", "get", "get_or_update", "update", "set", "delete", "delete", "has", "touch", "execute", "key",
	"get_many", "update_many", "get_or_update_many", "get_or_update_many", "set_many", "delete_many", "has_many", "touch_many",
	"key_many", "execute_many",
}

const randomSteps = 10_000

// TestRandom: whatever both drivers do in any order, both see the content of the store.
func TestRandom(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	r := newRand(t)
	var models []*model
	for i, f := range functions(w.shelves) {
		models = append(models, newModel(w, f, fmt.Sprintf("random%d", i)))
	}
	by := map[string]int{}
	for n := range randomSteps {
		m := models[r.IntN(len(models))]
		s := randomStep(w, r)
		by[s.driver.name]++
		m.do(t, s)
		if n%10 == 0 {
			m.check(t, fmt.Sprintf("step %d, %s", n, s))
		}
	}
	entries := 0
	for _, m := range models {
		m.check(t, "at the end")
		entries += len(m.entries)
	}
	t.Logf("%d steps %v on %d functions, %d entries at the end", randomSteps, by, len(models), entries)
}

func randomStep(w *world, r *rand.Rand) step {
	s := step{driver: w.drivers()[r.IntN(2)], action: actions[r.IntN(len(actions))], form: r.IntN(3)}
	s.run = r.IntN(4) == 0 && s.action != "call"
	s.places = r.Perm(len(places))[:1]
	if isBulk(s.action) {
		s.places = r.Perm(len(places))[:1+r.IntN(4)]
		s.form = r.IntN(2)
	}
	return s
}
