package shared

import (
	"runtime"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// owner is the state that belongs to an object, which it keeps alive.
type owner struct{ backend any }

func open(t *testing.T, all *By[owner], space string, backend any) *owner {
	t.Helper()
	obj, ok := ObjectOf(space, backend)
	require.True(t, ok)
	return all.Open(obj, func() *owner { return &owner{backend} })
}

// TestOneForAnObject: callers that ask for the same object get the same state, and no
// others do.
func TestOneForAnObject(t *testing.T) {
	var all By[owner]
	m, other, p := map[string]int{}, map[string]int{}, &sync.Map{}
	assert.Same(t, open(t, &all, "a", m), open(t, &all, "a", m))
	assert.NotSame(t, open(t, &all, "a", m), open(t, &all, "b", m))
	assert.NotSame(t, open(t, &all, "a", m), open(t, &all, "a", other))
	assert.Same(t, open(t, &all, "a", p), open(t, &all, "a", p))
	assert.Same(t, open(t, &all, "a", "file"), open(t, &all, "a", "file"), "by its value")
	type name string
	assert.NotSame(t, open(t, &all, "a", "file"), open(t, &all, "a", name("file")))
	for _, backend := range []any{nil, &struct{}{}, []int{1}, func() {}} {
		_, ok := ObjectOf("a", backend)
		assert.False(t, ok, "%T", backend)
	}
}

// TestNothingIsKept: state that is no longer in use is dropped, and its object with it.
func TestNothingIsKept(t *testing.T) {
	var all By[owner]
	for range 100 {
		open(t, &all, "a", map[string]int{})
	}
	known := func() int {
		all.mu.Lock()
		defer all.mu.Unlock()
		return len(all.known)
	}
	assert.Eventually(t, func() bool { runtime.GC(); return known() <= 1 }, 30e9, 1e6, "the last one may still be on the stack")
}
