package ring_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ring-go/ring"
	"github.com/ring-go/ring/lrucache"
)

// TestBulkWritesWriteOnce: a bulk write that finds somebody busy with one of its keys does not
// write the others again, which could undo what was written after them.
func TestBulkWritesWriteOnce(t *testing.T) {
	cache := lrucache.New(ring.Unbounded)
	started, goOn := make(chan struct{}), make(chan struct{})
	r := ring.Wrap(func(n int) int {
		close(started)
		<-goOn
		return n
	}, ring.Lru{Lru: cache, KeyPrefix: "f"})
	done := make(chan struct{})
	go func() {
		defer close(done)
		_, err := r.Call(2)
		assert.NoError(t, err)
	}()
	<-started
	calls := []any{ring.Args{1}, ring.Args{2}, ring.Args{3}}

	writes := cache.Writes()
	require.NoError(t, r.SetMany(calls, []any{10, 20, 30}))
	assert.EqualValues(t, 3, cache.Writes()-writes)
	values, err := r.GetMany(calls...)
	require.NoError(t, err)
	assert.Equal(t, []any{10, 20, 30}, values)

	writes = cache.Writes()
	require.NoError(t, r.DeleteMany(calls...))
	assert.EqualValues(t, 3, cache.Writes()-writes)
	close(goOn)
	<-done
	has, err := r.HasMany(calls...)
	require.NoError(t, err)
	assert.Equal(t, []bool{false, false, false}, has, "the run is older than both")
}
