package interop

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// lifetime is the expiry of TestExpiry, in seconds. Memcached counts them by its own
// clock, so an entry may live up to one second less.
const lifetime = 5

// inTime is the time within which something must be done to an entry while it is alive.
const inTime = (lifetime - 2) * time.Second

// TestExpiry: an entry that one driver writes expires for both, and a touch by either
// keeps it.
func TestExpiry(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for attempt := range 5 { // the machine may be too busy to be in time
		if expire(t, w, attempt) {
			return
		}
	}
	t.Fatal("the machine is too busy: what should happen in a second took longer five times")
}

// expiringFunction is a function with the driver that writes its entries and the driver
// that touches some of them.
type expiringFunction struct {
	*model
	writer, toucher *driver
	renewed         time.Time // when the touched entries got their whole life, at the earliest
	gone            time.Time // when the untouched entries were found to be gone
}

const (
	touched       = 0
	untouched     = 1
	inBulk        = 2 // untouched as well, and written by a bulk call
	touchedInBulk = 3 // by Go, because Python cannot
)

// newExpiring defines a function for each writer and toucher.
func newExpiring(w *world, name string, f function) []*expiringFunction {
	f.expire = lifetime
	var all []*expiringFunction
	for _, writer := range w.drivers() {
		for _, toucher := range w.drivers() {
			if f.backend == "diskcache" && toucher == w.python { // it cannot touch
				continue
			}
			m := newModel(w, f, fmt.Sprintf("%s.%d", name, len(all)))
			all = append(all, &expiringFunction{model: m, writer: writer, toucher: toucher})
		}
	}
	return all
}

// expire makes one attempt. It reports whether it was in time.
func expire(t *testing.T, w *world, attempt int) bool {
	var all []*expiringFunction
	for i, f := range []function{
		{backend: "redis", result: "bytes"}, {backend: "redis", coder: "json", result: "any"},
		{backend: "pymemcache", result: "bytes"}, {backend: "python-memcached", coder: "pickle", result: "any"},
		{backend: "diskcache", result: "string"}, {backend: "diskcache", coder: "dataclass", result: "Record"},
	} {
		all = append(all, newExpiring(w, fmt.Sprintf("expiry%d.%d", attempt, i), f)...)
	}
	start := time.Now()
	for _, e := range all {
		e.renewed = time.Now()
		e.do(t, step{driver: e.writer, action: "call", places: []int{touched}})
		e.do(t, step{driver: e.writer, action: "set", places: []int{touchedInBulk}})
		e.do(t, step{driver: e.writer, action: "set", places: []int{untouched}})
		e.do(t, step{driver: e.writer, action: "update_many", places: []int{inBulk}})
		for _, reader := range w.drivers() {
			e.do(t, step{driver: reader, action: "call", places: []int{untouched}})
		}
		if time.Since(e.renewed) > inTime {
			return false
		}
	}
	if !waitForUntouched(t, w, all, start) {
		return false
	}
	for _, e := range all {
		delete(e.entries, untouched)
		delete(e.entries, inBulk)
		assert.Greater(t, e.gone.Sub(start), (lifetime-1)*time.Second, "%s: too early", e.f)
		e.do(t, step{driver: w.drivers()[0], action: "call", places: []int{untouched}}) // the function runs
		e.do(t, step{driver: w.drivers()[1], action: "call", places: []int{untouched}}) // and does not run again
	}
	for _, e := range all {
		e.awaitGone(t, w, touched)
		e.awaitGone(t, w, touchedInBulk)
	}
	return true
}

// waitForUntouched touches one entry of each function until the others are gone.
func waitForUntouched(t *testing.T, w *world, all []*expiringFunction, start time.Time) bool {
	waiting := len(all)
	for round := 0; waiting > 0; round++ {
		require.Less(t, time.Since(start), time.Minute, "nothing expires")
		for _, e := range all {
			kept, before := []note{}, e.renewed
			e.renewed = time.Now()
			e.do(t, step{driver: e.toucher, action: "touch", places: []int{touched}})
			kept = append(kept, e.get(w.drivers()[round%2], touched))
			if e.toucher == w.golang {
				e.do(t, step{driver: e.toucher, action: "touch_many", places: []int{touchedInBulk}})
				kept = append(kept, e.get(w.drivers()[round%2], touchedInBulk))
			}
			if time.Since(before) > inTime {
				return false
			}
			require.NotContains(t, kept, nil, "%s: touched by %s", e.f, e.toucher.name)
			if e.gone.IsZero() && e.get(w.golang, untouched) == nil && e.get(w.python, untouched) == nil && e.get(w.python, inBulk) == nil {
				e.gone = time.Now()
				waiting--
			}
		}
		time.Sleep(100 * time.Millisecond) // the servers' clocks have to advance
	}
	return true
}

func (e *expiringFunction) get(d *driver, p int) note {
	return d.must(request{Do: "call", Name: e.f.name, Action: "get", element: places[p].forms[0]})
}

// awaitGone waits until an entry has expired for both.
func (e *expiringFunction) awaitGone(t *testing.T, w *world, p int) {
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(50 * time.Millisecond) {
		if e.get(w.golang, p) == nil && e.get(w.python, p) == nil {
			return
		}
		require.True(t, time.Now().Before(deadline), "%s: the touched entry does not expire", e.f)
	}
}
