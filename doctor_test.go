package ring_test

import (
	"fmt"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/ring-go/ring"

	"github.com/bradfitz/gomemcache/memcache"
	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ring-go/ring/diskcache"
	"github.com/ring-go/ring/internal/samples"
	"github.com/ring-go/ring/lrucache"
	"github.com/ring-go/ring/shelve"
)

func doctorOne(s string) string     { return s }
func doctorTwo(n int) string        { return "" }
func doctorPair(a, b string) string { return a }
func doctorTime(t time.Time) string { return "" }
func doctorSum(a, b int) (int, error) {
	return a + b, nil
}

// kindsAndRopes returns the kinds of the findings, with their ropes.
func kindsAndRopes(r ring.Report) (list []string) {
	for _, f := range r.Findings {
		short := make([]string, len(f.Ropes))
		for i, name := range f.Ropes {
			short[i] = strings.TrimPrefix(name, "github.com/ring-go/ring_test.doctor")
		}
		list = append(list, fmt.Sprintf("%v%v", f.Kind, short))
	}
	return list
}

// unreached returns clients of servers that do not exist: Doctor asks no server.
func unreached(t *testing.T) (*redis.Client, *memcache.Client) {
	rdb := redis.NewClient(&redis.Options{Addr: "127.0.0.1:1"})
	t.Cleanup(func() { rdb.Close() })
	return rdb, memcache.New("127.0.0.1:1")
}

// tempDisk returns a cache in its own directory, which is closed at the end of the
// test.
func tempDisk(t *testing.T) *diskcache.Cache {
	t.Helper()
	disk, err := diskcache.Open(t.TempDir(), nil)
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, disk.Close()) })
	return disk
}

// tempShelf returns a shelf that is closed at the end of the test.
func tempShelf(t *testing.T) *shelve.Shelf {
	t.Helper()
	shelf, err := shelve.Open(filepath.Join(t.TempDir(), "shelf"), nil)
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, shelf.Close()) })
	return shelf
}

func TestDoctorOfACleanProgram(t *testing.T) {
	rdb, mc := unreached(t)
	disk := tempDisk(t)
	shelf := tempShelf(t)
	shared, dict := lrucache.New(9), map[string]any{}
	r := ring.Doctor(
		ring.Wrap(doctorOne, ring.Lru{}), ring.Wrap(doctorTwo, ring.Lru{}), // each has its own cache
		ring.Wrap(doctorOne, ring.Lru{Lru: shared}), ring.Wrap(doctorTwo, ring.Lru{Lru: shared}), ring.Wrap(doctorPair, ring.Lru{Lru: shared}),
		ring.Wrap(doctorOne, ring.Dict{Obj: dict, Expire: time.Minute}), ring.Wrap(doctorTwo, ring.Dict{Obj: dict, Expire: time.Minute}),
		ring.Wrap(doctorOne, ring.RedisPy{Client: rdb, Expire: time.Minute}), ring.Wrap(doctorPair, ring.RedisPy{Client: rdb}),
		ring.Wrap(doctorOne, ring.RedisPy{Client: rdb, Expire: time.Minute}), // the same once more
		ring.Wrap(doctorOne, ring.RedisPyHash{Client: rdb, HashKey: "a", KeyPrefix: "p"}),
		ring.Wrap(doctorTwo, ring.RedisPyHash{Client: rdb, HashKey: "b", KeyPrefix: "p"}),
		ring.Wrap(doctorOne, ring.Memcache{Client: mc, KeyPrefix: "p", Expire: time.Second}),
		ring.Wrap(doctorPair, ring.Memcache{Client: mc, KeyPrefix: "q", Options: ring.Options{KeyStyle: ring.PythonKeys}}),
		ring.Wrap(doctorTime, ring.Shelve{Shelf: shelf}),
		ring.Wrap(doctorSum, ring.DiskCache{Obj: disk, KeyPrefix: "sum", Coder: "json", Expire: 1500 * time.Millisecond}),
		ring.Wrap(func() any { return nil }, ring.Lru{}),
		ring.Wrap(func() any { return nil }, ring.Lru{Coder: ring.CoderTuple{func(v any) (any, error) { return v, nil }, func(v any, _ reflect.Type) (any, error) { return v, nil }}}),
	)
	assert.Empty(t, r.Findings, "%v", r)
	assert.Equal(t, "ring: 18 ropes, 0 warnings, 0 notes\n", r.String())
	assert.Empty(t, r.Warnings())
}

// TestDoctorComparesWithPython: if Doctor says nothing about a function, all of its
// keys are Python's; otherwise some are not.
func TestDoctorComparesWithPython(t *testing.T) {
	rdb, _ := unreached(t)
	said, silent := 0, 0
	wrap := func(fn any, style ring.KeyStyle) (*ring.Rope, error) {
		return ring.New(fn, ring.RedisPy{Client: rdb, KeyPrefix: "p", Coder: "json", Options: ring.Options{KeyStyle: style}})
	}
	types := []reflect.Type{}
	for typ := range samples.Values {
		types = append(types, typ)
	}
	for _, typ := range types {
		for _, sig := range [][]reflect.Type{{typ}, {typ, typ}, {reflect.TypeFor[int](), typ}, {reflect.TypeFor[string](), typ}} {
			for _, style := range []ring.KeyStyle{ring.SafeKeys, ring.HashKeys} {
				fn := reflect.MakeFunc(reflect.FuncOf(sig, []reflect.Type{reflect.TypeFor[string]()}, false), nil).Interface()
				r, err := wrap(fn, style)
				if err != nil {
					continue
				}
				python, err := wrap(fn, ring.PythonKeys)
				require.NoError(t, err)
				differ := false
				for _, call := range samples.Calls(sig, samples.Values) {
					a, errA := r.Key(call...)
					b, errB := python.Key(call...)
					differ = differ || a != b || (errA == nil) != (errB == nil)
				}
				found := kindsAndRopes(ring.Doctor(r))
				if !differ {
					silent++
					assert.Empty(t, found, "%v %v", style, sig)
					continue
				}
				said++
				assert.Equal(t, []string{"PythonDiffers[reflect.makeFuncStub]"}, found, "%v %v", style, sig)
				assert.Empty(t, kindsAndRopes(ring.Doctor(python)))
			}
		}
	}
	assert.Greater(t, said, 10)
	assert.Greater(t, silent, 10)

	several, err := wrap(func(...byte) string { return "" }, ring.HashKeys)
	require.NoError(t, err)
	assert.Contains(t, ring.Doctor(several).Findings[0].Message, "all values", "bytes, but a tuple in Python")
	hashed, err := wrap(func([]int) string { return "" }, ring.HashKeys)
	require.NoError(t, err)
	assert.True(t, strings.HasSuffix(ring.Doctor(hashed).Findings[0].Message, ": all values, since they are hashed"), "said once")

	hidden := ring.Wrap(func(explainedTagged) string { return "" }, ring.RedisPy{Client: rdb, KeyPrefix: "p"})
	assert.Contains(t, ring.Doctor(hidden).Findings[0].Message, "Python's hash of it is its own")
	assert.Empty(t, ring.Doctor(ring.Wrap(doctorPair, ring.RedisPy{Client: rdb})).Findings, "a name of Go that Python does not have")
}

func TestDoctorText(t *testing.T) {
	rdb, mc := unreached(t)
	ropes := []*ring.Rope{
		ring.Wrap(doctorPair, ring.RedisPy{Client: rdb, KeyPrefix: "p"}),
		ring.Wrap(doctorTwo, ring.Memcache{Client: mc, Expire: 1500 * time.Millisecond}),
	}
	want := `ring: 2 ropes, 1 warning, 1 note
warning: ExpiryNotKept: github.com/ring-go/ring_test.doctorTwo, on memcached
  Memcached keeps values for 2s where Expire says 1.5s
  remedy: make Expire a multiple of 1s
note: PythonDiffers: github.com/ring-go/ring_test.doctorPair, on Redis at 127.0.0.1:1, database 0
  a Python process can come to other keys, and miss, for parameter 1 (string): text with a colon or with a backslash at its end; for parameter 2 (string): text with a colon or with a backslash at its end
  remedy: if Python shares the values, set Options.KeyStyle to ring.PythonKeys; otherwise there is nothing to do
`
	for range 10 {
		assert.Equal(t, want, ring.Doctor(ropes...).String())
		slices.Reverse(ropes)
	}
	assert.Equal(t, ring.Doctor(ropes...), ring.Doctor(append(ropes, ropes[0], nil)...))
	assert.Equal(t, "FindingKind(9)", ring.FindingKind(9).String())
}

func BenchmarkNew(b *testing.B) {
	for b.Loop() {
		if _, err := ring.New(doctorPair, ring.Lru{}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkDoctor(b *testing.B) {
	cache := lrucache.New(9)
	ropes := make([]*ring.Rope, 1000)
	for i := range ropes {
		ropes[i] = ring.Wrap(doctorPair, ring.Lru{Lru: cache, KeyPrefix: "p" + strconv.Itoa(i)})
	}
	for b.Loop() {
		ring.Doctor(ropes...)
	}
}

func findingKinds(r ring.Report) (kinds []ring.FindingKind) {
	for _, f := range r.Findings {
		kinds = append(kinds, f.Kind)
	}
	return kinds
}
