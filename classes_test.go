package ring_test

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ring-go/ring"
	"github.com/ring-go/ring/diskcache"
	"github.com/ring-go/ring/pickle"
	"github.com/ring-go/ring/shelve"
)

// place and temper are classes of Python's, which only this test registers.
type classPlace struct {
	UserID int
	Name   string
	Near   []any
}

type classTemper string

// TestClassesInPickles caches objects of Python's classes wherever something is pickled.
func TestClassesInPickles(t *testing.T) {
	registered := map[string]any{"tests.Place": classPlace{}, "tests.Temper": map[string]classTemper{"CALM": "calm"}}
	own := pickle.NewRegistry()
	for class, value := range registered {
		require.NoError(t, pickle.Register(class, value))
		require.NoError(t, own.Register(class, value))
	}
	shelf, err := shelve.Open(filepath.Join(t.TempDir(), "shelf"), nil)
	require.NoError(t, err)
	defer shelf.Close()
	disk, err := diskcache.Open(t.TempDir(), nil)
	require.NoError(t, err)
	defer disk.Close()
	dict := map[string]any{}
	place := classPlace{7, "hut", []any{classTemper("calm"), classPlace{Name: "well"}}}
	for name, factory := range map[string]ring.Factory{
		"coder":        ring.Dict{Obj: dict, KeyPrefix: "a", Coder: "pickle"},
		"own registry": ring.Dict{Obj: dict, KeyPrefix: "b", Coder: own},
		"shelve":       ring.Shelve{Shelf: shelf, KeyPrefix: "c"},
		"disk":         ring.DiskCache{Obj: disk, KeyPrefix: "d"},
	} {
		t.Run(name, func(t *testing.T) {
			runs := 0
			anything := ring.Wrap(func(n int) any { runs++; return []any{place, &place, classTemper("calm")} }, factory, ring.Name("anything"))
			typed := ring.Wrap(func(n int) (*classPlace, classTemper, any) { runs++; return &place, "calm", place }, factory, ring.Name("typed"))
			for range 2 {
				got, err := anything.Call(1)
				require.NoError(t, err)
				assert.IsType(t, classPlace{}, got.([]any)[0])
				assert.Equal(t, place, got.([]any)[0])
				results, err := typed.Call(2)
				require.NoError(t, err)
				assert.Equal(t, ring.Tuple{&place, classTemper("calm"), place}, results)
			}
			assert.Equal(t, 2, runs)
			many, err := anything.GetMany(ring.Args{1}, ring.Args{3})
			require.NoError(t, err)
			assert.Equal(t, []any{place, place, classTemper("calm")}, many[0])
			assert.Nil(t, many[1])
		})
	}
}
