package fresh

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestShutdown: it waits for what runs, ends the contexts of what takes too long, also of a
// renewal that has its place and not yet a context, and nothing new begins.
func TestShutdown(t *testing.T) {
	t.Cleanup(Reopen)
	p := New(Config{})
	require.True(t, p.Begin())
	require.True(t, p.Begin())
	early, cancel := Cancelable(t.Context())
	defer cancel()
	ended, stop := context.WithCancel(t.Context())
	stop()
	assert.ErrorIs(t, Shutdown(ended), context.Canceled)
	assert.Error(t, early.Err())
	late, cancel := Cancelable(t.Context())
	defer cancel()
	assert.Error(t, late.Err())
	assert.False(t, p.Begin())
	assert.EqualValues(t, 2, p.Running())

	done := make(chan error)
	go func() { done <- Shutdown(t.Context()) }()
	p.End()
	select {
	case <-done:
		t.Error("one still runs")
	case <-time.After(10 * time.Millisecond):
	}
	p.End()
	assert.NoError(t, <-done)
	Reopen()
	assert.True(t, p.Begin())
	on, cancel := Cancelable(t.Context())
	defer cancel()
	assert.NoError(t, on.Err())
	p.End()
}

// TestTable: it keeps the last keys, in their order, and forgets the oldest.
func TestTable(t *testing.T) {
	var table table[int]
	key := func(i int) string { return string(rune(i)) }
	for i := range maxKeys {
		table.change(key(i), func(int) int { return i })
	}
	table.change(key(0), func(old int) int { return old + 7 }) // now the youngest
	table.change("new", func(old int) int { return old + 1 })
	_, ok := table.get(key(1))
	assert.False(t, ok, "the oldest is forgotten")
	for k, want := range map[string]int{key(0): 7, key(2): 2, "new": 1} {
		got, ok := table.get(k)
		assert.True(t, ok)
		assert.Equal(t, want, got)
	}
	assert.EqualValues(t, maxKeys, table.len())
	table.forget(key(2))
	table.forget("unknown")
	assert.EqualValues(t, maxKeys-1, table.len())
	table.clear()
	assert.Zero(t, table.len())
	table.change("a", func(int) int { return 1 })
	got, _ := table.get("a")
	assert.Equal(t, 1, got)
}
