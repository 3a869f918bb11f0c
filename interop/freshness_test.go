package interop

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The lives of TestFreshness, in seconds. Nothing waits for them: the test sets the time left.
const (
	freshFor = 1000
	graceFor = 500
)

// agingFunction is a function on Redis that Go keeps for longer than its expiry.
type agingFunction struct {
	t *testing.T
	w *world
	function
}

// TestFreshness: Python reads every entry of a rope with Freshness, and an entry of Python's
// is fresh, stale or missing in Go by the time left to it.
func TestFreshness(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for i, f := range functions(false) {
		if f.backend != "redis" || f.safe {
			continue
		}
		t.Run(f.String(), func(t *testing.T) {
			w.in(t)
			f.name, f.prefix, f.expire = fmt.Sprint("fresh", i), fmt.Sprint("fresh", i), freshFor
			define := f.request()
			w.python.must(define)
			define.Grace = graceFor
			w.golang.must(define)
			plain := f
			plain.name, plain.prefix = fmt.Sprint("plain", i), fmt.Sprint("plain", i)
			w.golang.must(plain.request())
			a := &agingFunction{t, w, f}
			a.ofGo(&plain)
			a.ofPython()
		})
	}
}

// ask makes a call of a driver for the key n. If returns is nil the function fails.
func (a *agingFunction) ask(d *driver, name, action string, n int, value note, returns ...note) answer {
	return d.ask(request{Do: "call", Name: name, Action: action, element: element{Args: []note{n, n}}, Value: value, Returns: returns})
}

// reads checks what a driver gets without a run; nil: nothing.
func (a *agingFunction) reads(d *driver, action string, n int, want note, by string) {
	a.t.Helper()
	got := a.ask(d, a.name, action, n, nil)
	require.Empty(a.t, got.Error, "%s in %s: %s", action, d.name, got.Message)
	assert.Zero(a.t, got.Executed)
	if want != nil {
		want = a.hit(d.name, want, by)
	}
	assert.Equal(a.t, canonical(plain(want)), canonical(plain(got.Result)), "%s in %s", action, d.name)
}

func (a *agingFunction) key(prefix string, n int) string {
	return fmt.Sprintf("%s:%d:%d", prefix, n, n)
}

// left checks the time left to the entry n, in seconds.
func (a *agingFunction) left(n, want int) {
	a.t.Helper()
	left, err := a.w.client.TTL(a.t.Context(), a.key(a.prefix, n)).Result()
	require.NoError(a.t, err)
	assert.InDelta(a.t, want, left.Seconds(), 60)
}

// shorten leaves the entry n so many seconds.
func (a *agingFunction) shorten(n, to int) {
	a.t.Helper()
	ok, err := a.w.client.Expire(a.t.Context(), a.key(a.prefix, n), time.Duration(to)*time.Second).Result()
	require.NoError(a.t, err)
	require.True(a.t, ok)
}

// ofGo checks entries of Go's, which are the same as those without Freshness.
func (a *agingFunction) ofGo(without *function) {
	a.t.Helper()
	for n, action := range []string{"call", "update", "set"} {
		value := a.value(n + 1)
		for _, name := range []string{a.name, without.name} {
			got := a.ask(a.w.golang, name, action, n, value, value)
			require.Empty(a.t, got.Error, got.Message)
		}
		if a.coder == nil || a.result != "any" { // the order of a map is random
			want, err := a.w.client.Get(a.t.Context(), a.key(without.prefix, n)).Bytes()
			require.NoError(a.t, err)
			got, err := a.w.client.Get(a.t.Context(), a.key(a.prefix, n)).Bytes()
			require.NoError(a.t, err)
			assert.Equal(a.t, want, got, "%s", action)
		}
		a.left(n, freshFor+graceFor)
		for range 2 { // fresh, and past its life
			a.reads(a.w.python, "get", n, value, "Go")
			a.reads(a.w.python, "call", n, value, "Go")
			a.shorten(n, graceFor-10)
		}
		a.reads(a.w.golang, "get", n, nil, "")
		a.reads(a.w.golang, "call", n, value, "Go") // the function fails
	}
}

// ofPython checks entries of Python's.
func (a *agingFunction) ofPython() {
	a.t.Helper()
	old, young := a.value(1), a.value(2)
	write := func(n int) {
		got := a.ask(a.w.python, a.name, "call", n, nil, old)
		require.Empty(a.t, got.Error, got.Message)
		a.left(n, freshFor)
		a.reads(a.w.golang, "get", n, old, "Python")
		a.reads(a.w.golang, "call", n, old, "Python")
		a.shorten(n, graceFor+10)
		a.reads(a.w.golang, "get", n, old, "Python")
		a.shorten(n, graceFor)
		a.reads(a.w.golang, "get", n, nil, "")
	}
	write(10)
	a.reads(a.w.golang, "call", 10, old, "Python") // the function fails
	a.reads(a.w.python, "call", 10, old, "Python")
	write(11)
	got := a.ask(a.w.golang, a.name, "call", 11, nil, young)
	require.Empty(a.t, got.Error, got.Message)
	assert.Equal(a.t, 1, got.Executed)
	a.left(11, freshFor+graceFor)
	a.reads(a.w.python, "call", 11, young, "Go")
	deleted := a.ask(a.w.python, a.name, "delete", 11, nil)
	require.Empty(a.t, deleted.Error, deleted.Message)
	assert.NotEmpty(a.t, a.ask(a.w.golang, a.name, "call", 11, nil).Error, "there is none, and the function fails")
}
