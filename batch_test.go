package ring_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ring-go/ring"
)

// loader is a function for many elements that records what it was asked for.
type loader struct {
	mu      sync.Mutex
	runs    [][]int
	lacking map[int]bool // elements that have no value
	err     error
}

func (l *loader) load(_ context.Context, ids []int) (map[int]string, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.runs = append(l.runs, slices.Sorted(slices.Values(ids)))
	m := map[int]string{}
	for _, id := range ids {
		if !l.lacking[id] {
			m[id] = fmt.Sprintf("v%d", id)
		}
	}
	return m, l.err
}

func (l *loader) taken() [][]int {
	l.mu.Lock()
	defer l.mu.Unlock()
	runs := l.runs
	l.runs = nil
	return runs
}

// batchFactories are those over which batches are tested without a server.
func batchFactories(t *testing.T) map[string]ring.Factory {
	return map[string]ring.Factory{
		"lru":        ring.Lru{},
		"lru, coder": ring.Lru{Coder: "json"},
		"dict":       ring.Dict{},
		"remote":     ring.BaseFactory{StorageBackend: &sync.Map{}, StorageClass: newRemote},
		"fresh":      ring.Lru{Expire: time.Hour, Options: ring.Options{Freshness: ring.Freshness{StaleWhileRevalidate: time.Hour}}},
		"disk":       ring.DiskCache{Obj: openCache(t, t.TempDir(), nil), Expire: time.Hour, Coder: "json", KeyPrefix: "b"},
		"shelve":     ring.Shelve{Shelf: openShelf(t, filepath.Join(t.TempDir(), "shelf")), KeyPrefix: "b"},
	}
}

func numbers(from, to int) []int {
	all := make([]int, 0, to-from)
	for i := from; i < to; i++ {
		all = append(all, i)
	}
	return all
}

func callsOf(ids []int) []any {
	list := make([]any, len(ids))
	for i, id := range ids {
		list[i] = ring.Args{id}
	}
	return list
}

func valuesOf(ids []int) []any {
	list := make([]any, len(ids))
	for i, id := range ids {
		list[i] = fmt.Sprintf("v%d", id)
	}
	return list
}

// TestBatchRunsWhatIsMissing: of 100 elements 40 are cached, so that one run gets 60.
func TestBatchRunsWhatIsMissing(t *testing.T) {
	for name, f := range batchFactories(t) {
		t.Run(name, func(t *testing.T) {
			var l loader
			r := ring.Wrap(l.load, f, ring.Batch(ring.BatchOptions{}), ring.Name("load"))
			wantMissingRun(t, r, &l)
		})
	}
}

func wantMissingRun(t *testing.T, r *ring.Rope, l *loader) {
	t.Helper()
	all := numbers(0, 100)
	values, err := r.GetOrUpdateMany(callsOf(numbers(30, 70))...)
	require.NoError(t, err)
	require.Equal(t, valuesOf(numbers(30, 70)), values)
	require.Equal(t, [][]int{numbers(30, 70)}, l.taken())
	values, err = r.GetOrUpdateMany(callsOf(all)...)
	require.NoError(t, err)
	require.Equal(t, valuesOf(all), values)
	require.Equal(t, [][]int{append(numbers(0, 30), numbers(70, 100)...)}, l.taken())
	values, err = r.GetOrUpdateMany(callsOf(all)...)
	require.NoError(t, err)
	require.Equal(t, valuesOf(all), values)
	value, err := r.Call(7)
	require.NoError(t, err)
	require.Equal(t, "v7", value)
	require.Empty(t, l.taken(), "everything is cached")

	require.NoError(t, r.Delete(7))
	value, err = r.Call(7)
	require.NoError(t, err)
	require.Equal(t, "v7", value)
	require.Equal(t, [][]int{{7}}, l.taken())
	values, err = r.UpdateMany(callsOf(numbers(0, 5))...)
	require.NoError(t, err)
	require.Equal(t, valuesOf(numbers(0, 5)), values)
	values, err = r.ExecuteMany(callsOf(numbers(0, 6))...)
	require.NoError(t, err)
	require.Equal(t, valuesOf(numbers(0, 6)), values)
	require.Equal(t, [][]int{numbers(0, 5), numbers(0, 6)}, l.taken())
	assert.True(t, ring.FlightsOf(r).Idle())
}

// TestBatchLacks: what the map lacks is ErrNotFound.
func TestBatchLacks(t *testing.T) {
	for name, f := range batchFactories(t) {
		t.Run(name, func(t *testing.T) {
			l := loader{lacking: map[int]bool{1: true, 3: true}}
			r := ring.Wrap(l.load, f, ring.Batch(ring.BatchOptions{}), ring.Name("load"))
			wantLacking(t, r, &l)
		})
	}
}

func wantLacking(t *testing.T, r *ring.Rope, l *loader) {
	t.Helper()
	value, err := r.Call(1)
	var e *ring.Error
	require.ErrorAs(t, err, &e)
	require.ErrorIs(t, err, ring.ErrNotFound)
	require.Equal(t, "get_or_update", e.Action)
	require.NotEmpty(t, e.Key)
	require.Nil(t, value)
	values, err := r.GetOrUpdateMany(callsOf(numbers(0, 5))...)
	require.ErrorIs(t, err, ring.ErrNotFound)
	require.ErrorContains(t, err, "element 1")
	require.ErrorContains(t, err, "element 3")
	require.NotContains(t, err.Error(), "element 2")
	require.Equal(t, []any{"v0", nil, "v2", nil, "v4"}, values)
	_, err = r.Update(3)
	require.ErrorAs(t, err, &e)
	require.Equal(t, "update", e.Action)
	_, err = r.Execute(3)
	require.ErrorAs(t, err, &e)
	require.Equal(t, "execute", e.Action)
	require.ErrorIs(t, err, ring.ErrNotFound)
	l.taken()
	_, err = r.GetOrUpdateMany(callsOf(numbers(0, 5))...)
	require.Error(t, err)
	require.Equal(t, [][]int{{1, 3}}, l.taken(), "missing elements are not stored")
}

// TestBatchPartialError: a map beside an error is stored; the rest gets the error.
func TestBatchPartialError(t *testing.T) {
	cause := errors.New("half")
	for name, f := range batchFactories(t) {
		t.Run(name, func(t *testing.T) {
			l := loader{lacking: map[int]bool{1: true}, err: cause}
			r := ring.Wrap(l.load, f, ring.Batch(ring.BatchOptions{}), ring.Name("load"))
			values, err := r.GetOrUpdateMany(callsOf(numbers(0, 3))...)
			require.ErrorIs(t, err, cause)
			require.NotErrorIs(t, err, ring.ErrNotFound)
			require.Equal(t, []any{"v0", nil, "v2"}, values)
			l.taken()
			value, err := r.Call(2)
			require.NoError(t, err)
			require.Equal(t, "v2", value)
			_, err = r.Call(1)
			require.Same(t, cause, err)
			require.Equal(t, [][]int{{1}}, l.taken())
		})
	}
}
