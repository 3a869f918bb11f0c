package ring_test

import (
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ring-go/ring"

	"github.com/bradfitz/gomemcache/memcache"
	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ring-go/ring/diskcache"
	"github.com/ring-go/ring/lrucache"
	"github.com/ring-go/ring/shelve"
)

func TestDoctorFindsKeysThatMeet(t *testing.T) {
	rdb, mc := unreached(t)
	same := redis.NewClient(&redis.Options{Addr: "127.0.0.1:1"})
	defer same.Close()
	other := redis.NewClient(&redis.Options{Addr: "127.0.0.1:1", DB: 1})
	defer other.Close()
	disk, err := diskcache.Open(t.TempDir(), nil)
	require.NoError(t, err)
	defer disk.Close()
	again, err := diskcache.Open(disk.Directory(), nil)
	require.NoError(t, err)
	defer again.Close()
	link := filepath.Join(t.TempDir(), "link")
	require.NoError(t, os.Symlink(disk.Directory(), link))
	linked, err := diskcache.Open(link, nil)
	require.NoError(t, err)
	defer linked.Close()
	file := filepath.Join(t.TempDir(), "shelf")
	var shelves [3]*shelve.Shelf
	for i, name := range []string{file, file, file + "2"} {
		shelves[i], err = shelve.Open(name, nil)
		require.NoError(t, err)
		defer shelves[i].Close()
	}
	cache, dict, syncDict := lrucache.New(9), map[string]any{}, &sync.Map{}
	lru := func(prefix string) ring.Lru { return ring.Lru{Lru: cache, KeyPrefix: prefix} }
	python := func(prefix string) ring.Lru {
		return ring.Lru{Lru: cache, KeyPrefix: prefix, Options: ring.Options{KeyStyle: ring.PythonKeys}}
	}
	closureOver := func(s string) func(string) string { return func(string) string { return s } }
	encoded := func(encoding, prefix string) ring.Lru {
		return ring.Lru{Lru: cache, KeyPrefix: prefix, Options: ring.Options{KeyEncoding: encoding}}
	}
	storage := &missesAll{}
	for i, tt := range []struct {
		a, b *ring.Rope
		key  string // "": they do not meet
	}{
		{ring.Wrap(doctorOne, lru("p")), ring.Wrap(doctorTwo, lru("p")), "p:0"},
		{ring.Wrap(doctorOne, lru("p")), ring.Wrap(doctorOne, lru("p")), ""},
		{ring.Wrap(doctorTwo, lru("p")), ring.Wrap(doctorSum, lru("p")), ""}, // one number or two
		{ring.Wrap(doctorOne, lru("p")), ring.Wrap(doctorSum, lru("p")), "p:0:0"},
		{ring.Wrap(doctorTwo, lru("p")), ring.Wrap(func(bool) string { return "" }, lru("p")), ""},
		{ring.Wrap(doctorOne, lru("a")), ring.Wrap(doctorTwo, lru("a:b")), "a:b:0"},
		{ring.Wrap(doctorTwo, lru("a")), ring.Wrap(doctorTwo, lru("a:b")), ""},
		{ring.Wrap(doctorSum, lru("a")), ring.Wrap(doctorTwo, lru("a:1")), "a:1:0"},
		{ring.Wrap(doctorPair, lru("a")), ring.Wrap(doctorSum, lru("a:b")), ""}, // the second colon would be escaped
		{ring.Wrap(doctorPair, lru("a")), ring.Wrap(doctorTwo, lru("a:b")), "a:b:0"},
		{ring.Wrap(doctorPair, python("a")), ring.Wrap(doctorSum, lru("a:b")), "a:b:0:0"},
		{ring.Wrap(doctorOne, lru("ab")), ring.Wrap(doctorOne, lru("a")), ""},
		{ring.Wrap(func() string { return "" }, lru("a:1")), ring.Wrap(doctorTwo, lru("a")), "a:1"},
		{ring.Wrap(func([]string) string { return "" }, lru("a")), ring.Wrap(func([]string, []string) string { return "" }, lru("a")), ""},
		{ring.Wrap(func([]string) string { return "" }, lru("a")), ring.Wrap(doctorOne, lru("a")), "a:[]"},
		{ring.Wrap(func([]byte) string { return "" }, lru("a")), ring.Wrap(doctorTwo, lru("a:b''")), ""},
		{ring.Wrap(doctorTwo, lru("p")), ring.Wrap(func(float64) string { return "" }, lru("p")), ""},
		{ring.Wrap(doctorTwo, lru("p")), ring.Wrap(func(*int) string { return "" }, lru("p")), "p:0"},
		{ring.Wrap(doctorSum, lru("p")), ring.Wrap(func(time.Time, int) string { return "" }, lru("p")), ""},
		{ring.Wrap(doctorOne, lru("p")), ring.Wrap(doctorTime, lru("p")), "p:0000-01-01T00:00:00Z"},
		{ring.Wrap(doctorTwo, lru("p")), ring.Wrap(func(any) string { return "" }, lru("p")), "p:0"},
		{ring.Wrap(doctorTwo, lru("p")), ring.Wrap(func(map[int]bool) string { return "" }, lru("p")), ""},
		{ring.Wrap(doctorTwo, lru("p")), ring.Wrap(func(explainedPoint) string { return "" }, lru("p")), ""},
		{ring.Wrap(closureOver("x"), lru("p")), ring.Wrap(closureOver("y"), lru("p")), "p:"},
		{ring.Wrap(doctorOne, ring.Lru{Lru: cache, KeyPrefix: ring.NoPrefix}), ring.Wrap(doctorTwo, ring.Lru{Lru: cache, KeyPrefix: ring.NoPrefix}), ":0"},
		{ring.Wrap(doctorOne, ring.Lru{KeyPrefix: "p"}), ring.Wrap(doctorTwo, ring.Lru{KeyPrefix: "p"}), ""},
		{ring.Wrap(doctorOne, ring.Dict{Obj: dict, KeyPrefix: "p"}), ring.Wrap(doctorTwo, ring.Dict{Obj: dict, KeyPrefix: "p", Expire: 1e9}), "p:0"},
		{ring.Wrap(doctorOne, ring.Dict{Obj: syncDict, KeyPrefix: "p"}), ring.Wrap(doctorTwo, ring.Dict{Obj: syncDict, KeyPrefix: "p"}), "p:0"},
		{ring.Wrap(doctorOne, ring.RedisPy{Client: rdb, KeyPrefix: "p"}), ring.Wrap(doctorTwo, ring.RedisPy{Client: same, KeyPrefix: "p"}), "p:0"},
		{ring.Wrap(doctorOne, ring.RedisPy{Client: rdb, KeyPrefix: "p"}), ring.Wrap(doctorTwo, ring.RedisPy{Client: other, KeyPrefix: "p"}), ""},
		{ring.Wrap(doctorOne, ring.RedisPy{Client: rdb, KeyPrefix: "p"}), ring.Wrap(doctorTwo, ring.RedisPyHash{Client: rdb, HashKey: "h", KeyPrefix: "p"}), ""},
		{ring.Wrap(doctorOne, ring.RedisPyHash{Client: rdb, HashKey: "h", KeyPrefix: "p"}), ring.Wrap(doctorTwo, ring.RedisPyHash{Client: same, HashKey: "h", KeyPrefix: "p"}), "p:0"},
		{ring.Wrap(doctorOne, ring.Memcache{Client: mc, KeyPrefix: "p"}), ring.Wrap(doctorTwo, ring.Memcache{Client: mc, KeyPrefix: "p"}), "p:0"},
		{ring.Wrap(doctorOne, ring.Memcache{Client: mc, KeyPrefix: "p"}), ring.Wrap(doctorTwo, ring.Memcache{Client: memcache.New("127.0.0.1:1"), KeyPrefix: "p"}), ""},
		{ring.Wrap(doctorOne, ring.DiskCache{Obj: disk, KeyPrefix: "p"}), ring.Wrap(doctorTwo, ring.DiskCache{Obj: again, KeyPrefix: "p"}), "p:0"},
		{ring.Wrap(doctorOne, ring.DiskCache{Obj: disk, KeyPrefix: "p"}), ring.Wrap(doctorTwo, ring.DiskCache{Obj: linked, KeyPrefix: "p"}), "p:0"},
		{ring.Wrap(doctorOne, ring.Shelve{Shelf: shelves[0], KeyPrefix: "p"}), ring.Wrap(doctorTwo, ring.Shelve{Shelf: shelves[1], KeyPrefix: "p"}), "p:0"},
		{ring.Wrap(doctorOne, ring.Shelve{Shelf: shelves[0], KeyPrefix: "p"}), ring.Wrap(doctorTwo, ring.Shelve{Shelf: shelves[2], KeyPrefix: "p"}), ""},
		{ring.Wrap(doctorOne, ring.Memcache{Client: mc, KeyPrefix: "p"}), ring.Wrap(doctorTwo, ring.Memcache{Client: mc, KeyPrefix: "p", Options: ring.Options{KeyRefactor: strings.ToUpper}}), ""}, // Doctor cannot know
		{ring.Wrap(doctorOne, lru("p")), ring.Wrap(doctorOne, ring.Lru{Lru: cache, KeyPrefix: "p", Coder: "json"}), "p:"},
		{ring.Wrap(doctorOne, lru("p")), ring.Wrap(doctorTwo, ring.Lru{Lru: cache, KeyPrefix: "p", UserInterface: shouting{}}), ""}, // Doctor cannot know
		{ring.Wrap(doctorOne, lru("p")), ring.Wrap(doctorTwo, encoded("utf-8", "p")), "p:0"},
		{ring.Wrap(doctorOne, encoded("latin-1", "p")), ring.Wrap(doctorTwo, encoded("UTF8", "p")), "p:0"},
		{ring.Wrap(doctorOne, encoded("latin-1", "é")), ring.Wrap(doctorTwo, encoded("utf-8", "é")), ""},
		{ring.Wrap(doctorOne, encoded("latin-1", "é")), ring.Wrap(doctorTwo, encoded("latin-1", "é")), "\xe9:0"},
		{ring.Wrap(doctorOne, encoded("ascii", "é")), ring.Wrap(doctorTwo, encoded("ascii", "é")), ""}, // they have no keys
		{ring.Wrap(doctorOne, lru("p")), ring.Wrap(func(explainedPoint) string { return "" }, lru("p")), "p:explainedPointName,,X,0"},
		{ring.Wrap(doctorOne, ring.BaseFactory{StorageClass: func(any) (ring.Storage, error) { return storage, nil }, KeyPrefix: "p"}),
			ring.Wrap(doctorTwo, ring.BaseFactory{StorageClass: func(any) (ring.Storage, error) { return storage, nil }, KeyPrefix: "p"}), "p:0"},
		{ring.Wrap(doctorOne, ring.BaseFactory{StorageClass: func(any) (ring.Storage, error) { return &missesAll{}, nil }, KeyPrefix: "p"}),
			ring.Wrap(doctorTwo, ring.BaseFactory{StorageClass: func(any) (ring.Storage, error) { return &missesAll{}, nil }, KeyPrefix: "p"}), ""},
	} {
		met := slices.DeleteFunc(ring.Doctor(tt.a, tt.b).Findings, func(f ring.Finding) bool { return f.Kind != ring.KeysMeet })
		assert.Equal(t, met, slices.DeleteFunc(ring.Doctor(tt.b, tt.a).Findings, func(f ring.Finding) bool { return f.Kind != ring.KeysMeet }), "pair %d", i)
		if tt.key == "" {
			assert.Empty(t, met, "pair %d", i)
			continue
		}
		require.Len(t, met, 1, "pair %d", i)
		assert.Contains(t, met[0].Message, "such as "+strconv.Quote(tt.key), "pair %d", i)
	}
}

type missesAll struct {
	ring.Storage
	_ int
}

// TestDoctorRunsNoRefactor: its report describes the keys before they are refactored.
func TestDoctorRunsNoRefactor(t *testing.T) {
	_, mc := unreached(t)
	refactored := func(f func(string) string) ring.Memcache {
		return ring.Memcache{Client: mc, KeyPrefix: "a b", Options: ring.Options{KeyRefactor: f}}
	}
	never := func(string) string { panic("it runs") }
	for _, f := range []func(string) string{nil, never} {
		r := ring.Doctor(ring.Wrap(doctorOne, refactored(f)), ring.Wrap(doctorTwo, refactored(f)))
		require.Len(t, r.Findings, 1)
		assert.Contains(t, r.Findings[0].Message, `such as "a b:0" (before its KeyRefactor), and`)
	}
}

func TestDoctorGroupsRopesThatMeet(t *testing.T) {
	cache := lrucache.New(9)
	lru := func(prefix string) ring.Lru { return ring.Lru{Lru: cache, KeyPrefix: prefix} }
	r := ring.Doctor(ring.Wrap(doctorTwo, lru("b")), ring.Wrap(doctorPair, lru("a")), ring.Wrap(doctorTwo, lru("a:x")), ring.Wrap(doctorOne, lru("b")),
		ring.Wrap(func(n int) int { return n }, lru("a:y")), ring.Wrap(doctorSum, lru("c")))
	assert.Equal(t, []string{"KeysMeet[github.com/ring-go/ring_test.TestDoctorGroupsRopesThatMeet.func2 Pair Two]", "KeysMeet[One Two]"}, kindsAndRopes(r), "%v", r)
	assert.Len(t, r.Warnings(), 2)
}
