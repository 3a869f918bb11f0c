package ring_test

import (
	"context"
	"errors"
	"fmt"
	"math/big"
	"net/netip"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ring-go/ring"
	"github.com/ring-go/ring/diskcache"
	"github.com/ring-go/ring/pickle"
	"github.com/ring-go/ring/shelve"
	"github.com/ring-go/ring/storagetest"
)

func openCache(t testing.TB, dir string, options *diskcache.Options) *diskcache.Cache {
	t.Helper()
	cache, err := diskcache.Open(dir, options)
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, cache.Close()) })
	return cache
}

func openShelf(t testing.TB, file string) *shelve.Shelf {
	t.Helper()
	shelf, err := shelve.Open(file, nil)
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, shelf.Close()) })
	return shelf
}

// clock is a clock that stands still.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) Advance(_ *testing.T, d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

func TestDiskCacheStorage(t *testing.T) {
	c := &clock{now: time.Unix(1_700_000_000, 0)}
	open := func(t *testing.T) ring.Storage {
		s, err := ring.NewDiskCacheStorage(openCache(t, t.TempDir(), &diskcache.Options{Now: c.Now}))
		require.NoError(t, err)
		return s
	}
	storagetest.Run(t, open, &storagetest.Options{Advance: c.Advance})
}

func TestShelveStorage(t *testing.T) {
	open := func(t *testing.T) ring.Storage {
		s, err := ring.NewShelveStorage(openShelf(t, filepath.Join(t.TempDir(), "shelf")))
		require.NoError(t, err)
		return s
	}
	storagetest.Run(t, open, nil)
}

// diskFactories returns the two storages on disk, in a new place.
func diskFactories(t testing.TB, options ring.Options) map[string]ring.Factory {
	return map[string]ring.Factory{
		"diskcache": ring.DiskCache{Obj: openCache(t, t.TempDir(), nil), KeyPrefix: "f", Options: options},
		"shelve":    ring.Shelve{Shelf: openShelf(t, filepath.Join(t.TempDir(), "shelf")), KeyPrefix: "f", Options: options},
	}
}

type address struct {
	Street string
	Zip    int `pickle:"zip"`
}

type person struct {
	Name  string
	Age   int
	Home  *address
	Tags  []string
	Extra map[string]any
	Born  time.Time
}

// TestDiskTypes: a hit has the type that the function returns.
func TestDiskTypes(t *testing.T) {
	born := time.Date(2000, 1, 2, 3, 4, 5, 6000, time.UTC)
	someone := person{"Ada", 36, &address{"Main St", 12345}, []string{"a", "b"}, map[string]any{"x": 1, "deep": map[string]any{"y": []any{"z", nil}}}, born}
	wrap := map[string]func(f ring.Factory) (*ring.Rope, any){
		"string": func(f ring.Factory) (*ring.Rope, any) {
			return ring.Wrap(func(int) string { return "text\r\n" }, f), "text\r\n"
		},
		"bytes": func(f ring.Factory) (*ring.Rope, any) {
			return ring.Wrap(func(int) []byte { return []byte{0, 1} }, f), []byte{0, 1}
		},
		"int8": func(f ring.Factory) (*ring.Rope, any) { return ring.Wrap(func(int) int8 { return -8 }, f), int8(-8) },
		"uint64": func(f ring.Factory) (*ring.Rope, any) {
			return ring.Wrap(func(int) uint64 { return 1<<64 - 1 }, f), uint64(1<<64 - 1)
		},
		"float": func(f ring.Factory) (*ring.Rope, any) { return ring.Wrap(func(int) float64 { return 2 }, f), 2.0 },
		"struct": func(f ring.Factory) (*ring.Rope, any) {
			return ring.Wrap(func(int) person { return someone }, f), someone
		},
		"pointer": func(f ring.Factory) (*ring.Rope, any) {
			return ring.Wrap(func(int) *person { return &someone }, f), &someone
		},
		"nil pointer": func(f ring.Factory) (*ring.Rope, any) {
			return ring.Wrap(func(int) *person { return nil }, f), (*person)(nil)
		},
		"any": func(f ring.Factory) (*ring.Rope, any) {
			return ring.Wrap(func(int) any { return map[string]any{"a": []any{1, "b", 2.5, true, nil}} }, f), map[string]any{"a": []any{1, "b", 2.5, true, nil}}
		},
		"nil": func(f ring.Factory) (*ring.Rope, any) { return ring.Wrap(func(int) any { return nil }, f), nil },
		"several": func(f ring.Factory) (*ring.Rope, any) {
			return ring.Wrap(func(int) (string, person, int) { return "x", someone, 7 }, f), ring.Tuple{"x", someone, 7}
		},
		"nothing": func(f ring.Factory) (*ring.Rope, any) { return ring.Wrap(func(int) {}, f), nil },
	}
	for _, coder := range []any{nil, "pickle"} {
		for name, wrap := range wrap {
			for storage, f := range diskFactories(t, ring.Options{}) {
				t.Run(fmt.Sprintf("%s/%s/%v", name, storage, coder), func(t *testing.T) {
					rope, want := wrap(withCoder(f, coder))
					for range 2 {
						got, err := rope.Call(1)
						require.NoError(t, err)
						assert.Equal(t, want, got)
					}
					assert.Equal(t, 1, rope.CacheInfo().Hits)
					many, err := rope.GetMany(ring.Args{1}, ring.Args{2})
					require.NoError(t, err)
					assert.Equal(t, []any{want, nil}, many)
				})
			}
		}
	}
}

// TestDiskUndecodable: if a stored value does not fit the function's result, the
// function runs again.
func TestDiskUndecodable(t *testing.T) {
	var reported []error
	options := ring.Options{OnError: func(_ context.Context, err *ring.Error) { reported = append(reported, err) }}
	for name, f := range diskFactories(t, options) {
		t.Run(name, func(t *testing.T) {
			reported = nil
			texts := ring.Wrap(func(n int) string { return "text" }, f)
			numbers := ring.Wrap(func(n int) int { return n }, f)
			_, err := texts.Call(1)
			require.NoError(t, err)
			_, err = numbers.Get(1)
			require.ErrorIs(t, err, ring.ErrCoder)
			_, err = numbers.GetMany(ring.Args{1}, ring.Args{2})
			require.ErrorIs(t, err, ring.ErrCoder)
			v, err := numbers.Call(1)
			require.NoError(t, err)
			assert.Equal(t, 1, v)
			require.Len(t, reported, 1)
			require.ErrorIs(t, reported[0], ring.ErrCoder)
		})
	}
}

func TestDiskRefusals(t *testing.T) {
	for name, f := range diskFactories(t, ring.Options{}) {
		_, err := ring.New(func(int) chan int { return nil }, f)
		require.ErrorIs(t, err, ring.ErrCoder, name)
		values := ring.Wrap(func(int) any { return func() {} }, f)
		_, err = values.Call(1)
		require.ErrorIs(t, err, ring.ErrCoder, name)
	}
	var shelf *shelve.Shelf
	_, err := ring.New(func() int { return 0 }, ring.Shelve{Shelf: shelf})
	assert.ErrorContains(t, err, "ring.Shelve: Shelf is nil")
	_, err = ring.New(func() int { return 0 }, ring.DiskCache{})
	assert.ErrorContains(t, err, "ring.Disk (DiskCache): Obj is nil")

	s := ring.Wrap(func(int) int { return 0 }, ring.Shelve{Shelf: openShelf(t, filepath.Join(t.TempDir(), "s")), KeyPrefix: "f"})
	assert.ErrorIs(t, s.Touch(1), errors.ErrUnsupported)
	assert.ErrorIs(t, s.Storage().Set(t.Context(), "k", 1, time.Minute), errors.ErrUnsupported)
}

// TestDiskCacheTagsAndExpiry: the cache stores a tag and an expiry beside a value.
func TestDiskCacheTagsAndExpiry(t *testing.T) {
	c := &clock{now: time.Unix(1_700_000_000, 0)}
	cache := openCache(t, t.TempDir(), &diskcache.Options{Now: c.Now})
	tagged := func(backend any) (ring.Storage, error) {
		return &ring.DiskCacheStorage{Obj: backend.(*diskcache.Cache), Tag: "squares"}, nil
	}
	f := ring.Wrap(func(n int) int { return n * n }, ring.DiskCache{Obj: cache, KeyPrefix: "f", Expire: time.Minute, StorageClass: tagged})
	_, err := f.UpdateMany(ring.Args{1}, ring.Args{2})
	require.NoError(t, err)
	item, err := cache.GetItem(t.Context(), "f:2")
	require.NoError(t, err)
	assert.Equal(t, diskcache.Item{Value: 4, Expires: c.Now().Add(time.Minute), Tag: "squares"}, item)

	c.Advance(t, 50*time.Second)
	require.NoError(t, f.Touch(2))
	c.Advance(t, 50*time.Second)
	has, err := f.HasMany(ring.Args{1}, ring.Args{2})
	require.NoError(t, err)
	assert.Equal(t, []bool{false, true}, has)
	n, err := cache.Evict(t.Context(), "squares")
	require.NoError(t, err)
	assert.Equal(t, 2, n)
}

// TestDiskOwner: the caller who opened a shelf or cache closes it. Its ropes then return
// an error, and with FailOpen work without it.
func TestDiskOwner(t *testing.T) {
	cache, err := diskcache.Open(t.TempDir(), nil)
	require.NoError(t, err)
	shelf, err := shelve.Open(filepath.Join(t.TempDir(), "shelf"), nil)
	require.NoError(t, err)
	require.NoError(t, cache.Close())
	require.NoError(t, shelf.Close())
	for sentinel, f := range map[error]func(o ring.Options) ring.Factory{
		diskcache.ErrClosed: func(o ring.Options) ring.Factory { return ring.DiskCache{Obj: cache, KeyPrefix: "f", Options: o} },
		shelve.ErrClosed:    func(o ring.Options) ring.Factory { return ring.Shelve{Shelf: shelf, KeyPrefix: "f", Options: o} },
	} {
		_, err := ring.Wrap(func(n int) int { return n }, f(ring.Options{})).Call(1)
		require.ErrorIs(t, err, sentinel)
		v, err := ring.Wrap(func(n int) int { return n }, f(ring.Options{FailOpen: true, OnError: func(context.Context, *ring.Error) {}})).Call(1)
		require.NoError(t, err)
		assert.Equal(t, 1, v)
	}
}

// TestDiskSurvives: the next process finds the results.
func TestDiskSurvives(t *testing.T) {
	dir := t.TempDir()
	runs := 0
	double := func(n int) int { runs++; return 2 * n }
	for range 2 {
		cache, err := diskcache.Open(filepath.Join(dir, "cache"), nil)
		require.NoError(t, err)
		shelf, err := shelve.Open(filepath.Join(dir, "shelf"), nil)
		require.NoError(t, err)
		for _, f := range []ring.Factory{ring.DiskCache{Obj: cache, KeyPrefix: "f"}, ring.Shelve{Shelf: shelf, KeyPrefix: "f"}} {
			v, err := ring.Wrap(double, f).Call(21)
			require.NoError(t, err)
			assert.Equal(t, 42, v)
		}
		require.NoError(t, cache.Close())
		require.NoError(t, shelf.Close())
	}
	assert.Equal(t, 2, runs)
	_, err := os.Stat(filepath.Join(dir, "shelf"))
	require.NoError(t, err)
}

// TestPickleCoder: the bytes are Python's.
func TestPickleCoder(t *testing.T) {
	dict := map[string]any{}
	f := ring.Wrap(func(n int) person { return person{Name: "Ada"} }, ring.Dict{Obj: dict, Coder: "pickle", KeyPrefix: "f"})
	_, err := f.Call(1)
	require.NoError(t, err)
	var python any
	require.NoError(t, pickle.Unmarshal(dict["f:1"].([]byte), &python))
	assert.Equal(t, `{"Name": "Ada", "Age": 0, "Home": None, "Tags": None, "Extra": None, "Born": datetime(0001-01-01T00:00:00Z)}`, fmt.Sprint(python))
	_, err = ring.New(func(n int) func() { return nil }, ring.Dict{Coder: "pickle"})
	assert.ErrorIs(t, err, ring.ErrCoder)
}

type (
	tuplePoint struct {
		_    struct{} `pickle:",tuple"`
		X, Y int
	}
	inner  struct{ A int }
	sparse struct {
		A int `pickle:",omitempty"`
	}
	tupleOfNil struct {
		_ struct{} `pickle:",tuple"`
		*inner
		Z int
	}
	sparsely struct {
		*sparse
		Z int
	}
	endpoint struct {
		netip.Addr
		Port int
	}
	bigger struct {
		*big.Int
		X int
	}
	touchy struct{ S string }
)

func (v touchy) MarshalText() ([]byte, error) { return []byte(v.S), nil }

// UnmarshalText panics at a short text.
func (v *touchy) UnmarshalText(text []byte) error {
	v.S = string(text[7:])
	return nil
}

// TestDiskComesBack: a result comes back unchanged, or Wrap refuses its type.
func TestDiskComesBack(t *testing.T) {
	for name, fn := range map[string]any{
		"tuple struct": func(int) tuplePoint { return tuplePoint{X: 1, Y: 2} },
		"dict":         func(int) *pickle.Dict { return pickle.NewDict(pickle.Pair{Key: "a", Value: 1}) },
		"several": func(int) (*pickle.Dict, any) {
			return pickle.NewDict(pickle.Pair{Key: "a", Value: 1}), map[string]any{"b": 2}
		},
		"promoted text":   func(int) endpoint { return endpoint{netip.MustParseAddr("1.2.3.4"), 80} },
		"promoted in":     func(int) []endpoint { return []endpoint{{netip.MustParseAddr("1.2.3.4"), 80}} },
		"embedded number": func(int) bigger { return bigger{big.NewInt(7), 1} },
		"nil embedded":    func(int) tupleOfNil { return tupleOfNil{Z: 3} },
		"left out":        func(int) sparsely { return sparsely{&sparse{}, 3} },
		"location":        func(int) *time.Location { return time.UTC },
		"big float":       func(int) *big.Float { return big.NewFloat(0.1) },
	} {
		for _, coder := range []any{nil, "pickle"} {
			for storage, f := range diskFactories(t, ring.Options{}) {
				r, err := ring.New(fn, withCoder(f, coder))
				if err != nil {
					assert.ErrorIs(t, err, ring.ErrCoder, name)
					continue
				}
				want, err := r.Call(1)
				require.NoError(t, err, name)
				got, ok, err := r.Lookup(1)
				require.NoError(t, err, "%s on %s", name, storage)
				assert.True(t, ok)
				assert.Equal(t, want, got, "%s on %s", name, storage)
			}
		}
	}
}

func withCoder(f ring.Factory, coder any) ring.Factory {
	switch f := f.(type) {
	case ring.DiskCache:
		f.Coder = coder
		return f
	case ring.Shelve:
		f.Coder = coder
		return f
	}
	return f
}

// TestDiskBadValues: a value that cannot be stored is an ErrCoder, and no other value
// fails.
func TestDiskBadValues(t *testing.T) {
	for name, f := range diskFactories(t, ring.Options{}) {
		texts := ring.Wrap(func(int) string { return "a\xff" }, f)
		v, err := texts.Call(1)
		require.ErrorIs(t, err, ring.ErrCoder, name)
		assert.Equal(t, "a\xff", v)

		numbers := ring.Wrap(func(n int) pickle.Decimal {
			if n == 2 {
				return "no number"
			}
			return "1"
		}, f)
		_, err = numbers.GetOrUpdateMany(ring.Args{1}, ring.Args{2}, ring.Args{3})
		require.ErrorIs(t, err, ring.ErrCoder, name)
		assert.ErrorContains(t, err, "element 1")
		assert.NotContains(t, err.Error(), "element 0")
		has, err := numbers.HasMany(ring.Args{1}, ring.Args{2}, ring.Args{3})
		require.NoError(t, err)
		assert.Equal(t, []bool{true, false, true}, has, name)

		panics := ring.Wrap(func(int) touchy { return touchy{"short"} }, f, ring.Name("panics"))
		_, err = panics.Call(5)
		require.NoError(t, err)
		_, err = panics.Get(5)
		require.ErrorIs(t, err, ring.ErrCoder)
	}
}

// TestDiskEncodeReplaced: a function that replaces Encode does not change the decoding.
func TestDiskEncodeReplaced(t *testing.T) {
	for name, f := range diskFactories(t, ring.Options{}) {
		r := ring.Wrap(func(n int) address { return address{Zip: n} }, f)
		require.NoError(t, r.Ring().Encode(func(v address) address { v.Zip++; return v }))
		_, err := r.Call(1)
		require.NoError(t, err)
		v, err := r.Get(1)
		require.NoError(t, err)
		assert.Equal(t, address{Zip: 2}, v, name)
	}
}

// TestDiskTimes: a result with a time is cached, to the microsecond, in all forms of calls.
func TestDiskTimes(t *testing.T) {
	paris, err := time.LoadLocation("Europe/Paris")
	require.NoError(t, err)
	at := time.Date(2024, 7, 2, 3, 4, 5, 123456789, paris)
	want := time.Date(2024, 7, 2, 3, 4, 5, 123456000, time.FixedZone("", 7200))
	type event struct {
		At    time.Time
		Took  time.Duration
		All   []time.Time
		ByDay map[string]*time.Time
		Any   any
	}
	check := func(t *testing.T, got event) {
		t.Helper()
		for _, v := range []time.Time{got.At, got.All[1], *got.ByDay["today"], got.Any.(time.Time)} {
			assert.True(t, want.Equal(v), "%v", v)
			_, offset := v.Zone()
			assert.Equal(t, 7200, offset)
		}
		assert.Equal(t, time.Second+time.Microsecond, got.Took)
	}
	made := event{at, time.Second + 1999, []time.Time{{}, at}, map[string]*time.Time{"today": &at}, at}
	for _, coder := range []any{nil, "pickle"} {
		for name, f := range diskFactories(t, ring.Options{}) {
			t.Run(fmt.Sprint(name, coder), func(t *testing.T) {
				f := withCoder(f, coder)
				runs := 0
				events := ring.Wrap(func(int) event { runs++; return made }, f)
				for i := range 3 {
					got, err := events.Call(1)
					require.NoError(t, err)
					if i > 0 {
						check(t, got.(event))
					}
				}
				for range 2 {
					many, err := events.GetOrUpdateMany(ring.Args{1}, ring.Args{2})
					require.NoError(t, err)
					check(t, many[0].(event))
				}
				assert.Equal(t, 2, runs)
				require.NoError(t, events.Set(made, 3))
				got, err := events.Get(3)
				require.NoError(t, err)
				check(t, got.(event))
			})
		}
	}
	for name, f := range diskFactories(t, ring.Options{}) {
		runs := 0
		now := func(int) time.Time { runs++; return at }
		ring.Decorate(&now, f)
		both := ring.Wrap(func(string) (time.Time, *time.Duration, error) { runs++; return at, new(time.Duration(1001)), nil }, f)
		now(1)
		assert.True(t, want.Equal(now(1)), name)
		for range 2 {
			_, err := both.Call("x")
			require.NoError(t, err)
		}
		got, err := both.Get("x")
		require.NoError(t, err)
		assert.True(t, want.Equal(got.(ring.Tuple)[0].(time.Time)), name)
		assert.Equal(t, time.Microsecond, *got.(ring.Tuple)[1].(*time.Duration))
		assert.Equal(t, 2, runs, name)
	}
}

// TestShelveTrailingBytes: a value with bytes after it is a hit, as in Python.
func TestShelveTrailingBytes(t *testing.T) {
	shelf := openShelf(t, filepath.Join(t.TempDir(), "shelf"))
	rope := ring.Wrap(func(n int) int { return n }, ring.Shelve{Shelf: shelf, KeyPrefix: "f"})
	require.NoError(t, shelf.SetBytes(t.Context(), "f:1", []byte("K\x07.\n")))
	require.NoError(t, shelf.SetBytes(t.Context(), "f:2", []byte("K\x01K\x08.K\x09.")))
	values, err := rope.GetMany(ring.Args{1}, ring.Args{2})
	require.NoError(t, err)
	assert.Equal(t, []any{7, 8}, values)
	got, err := rope.Call(1)
	require.NoError(t, err)
	assert.Equal(t, 7, got)
}
