package ring

import (
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

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
	lru := func(prefix string) Lru { return Lru{Lru: cache, KeyPrefix: prefix} }
	python := func(prefix string) Lru {
		return Lru{Lru: cache, KeyPrefix: prefix, Options: Options{KeyStyle: PythonKeys}}
	}
	closureOver := func(s string) func(string) string { return func(string) string { return s } }
	encoded := func(encoding, prefix string) Lru {
		return Lru{Lru: cache, KeyPrefix: prefix, Options: Options{KeyEncoding: encoding}}
	}
	storage := &missesAll{}
	for i, tt := range []struct {
		a, b *Rope
		key  string // "": they do not meet
	}{
		{Wrap(doctorOne, lru("p")), Wrap(doctorTwo, lru("p")), "p:0"},
		{Wrap(doctorOne, lru("p")), Wrap(doctorOne, lru("p")), ""},
		{Wrap(doctorTwo, lru("p")), Wrap(doctorSum, lru("p")), ""}, // one number or two
		{Wrap(doctorOne, lru("p")), Wrap(doctorSum, lru("p")), "p:0:0"},
		{Wrap(doctorTwo, lru("p")), Wrap(func(bool) string { return "" }, lru("p")), ""},
		{Wrap(doctorOne, lru("a")), Wrap(doctorTwo, lru("a:b")), "a:b:0"},
		{Wrap(doctorTwo, lru("a")), Wrap(doctorTwo, lru("a:b")), ""},
		{Wrap(doctorSum, lru("a")), Wrap(doctorTwo, lru("a:1")), "a:1:0"},
		{Wrap(doctorPair, lru("a")), Wrap(doctorSum, lru("a:b")), ""}, // the second colon would be escaped
		{Wrap(doctorPair, lru("a")), Wrap(doctorTwo, lru("a:b")), "a:b:0"},
		{Wrap(doctorPair, python("a")), Wrap(doctorSum, lru("a:b")), "a:b:0:0"},
		{Wrap(doctorOne, lru("ab")), Wrap(doctorOne, lru("a")), ""},
		{Wrap(func() string { return "" }, lru("a:1")), Wrap(doctorTwo, lru("a")), "a:1"},
		{Wrap(func([]string) string { return "" }, lru("a")), Wrap(func([]string, []string) string { return "" }, lru("a")), ""},
		{Wrap(func([]string) string { return "" }, lru("a")), Wrap(doctorOne, lru("a")), "a:[]"},
		{Wrap(func([]byte) string { return "" }, lru("a")), Wrap(doctorTwo, lru("a:b''")), ""},
		{Wrap(doctorTwo, lru("p")), Wrap(func(float64) string { return "" }, lru("p")), ""},
		{Wrap(doctorTwo, lru("p")), Wrap(func(*int) string { return "" }, lru("p")), "p:0"},
		{Wrap(doctorSum, lru("p")), Wrap(func(time.Time, int) string { return "" }, lru("p")), ""},
		{Wrap(doctorOne, lru("p")), Wrap(doctorTime, lru("p")), "p:0000-01-01T00:00:00Z"},
		{Wrap(doctorTwo, lru("p")), Wrap(func(any) string { return "" }, lru("p")), "p:0"},
		{Wrap(doctorTwo, lru("p")), Wrap(func(map[int]bool) string { return "" }, lru("p")), ""},
		{Wrap(doctorTwo, lru("p")), Wrap(func(explainedPoint) string { return "" }, lru("p")), ""},
		{Wrap(closureOver("x"), lru("p")), Wrap(closureOver("y"), lru("p")), "p:"},
		{Wrap(doctorOne, Lru{Lru: cache, KeyPrefix: NoPrefix}), Wrap(doctorTwo, Lru{Lru: cache, KeyPrefix: NoPrefix}), ":0"},
		{Wrap(doctorOne, Lru{KeyPrefix: "p"}), Wrap(doctorTwo, Lru{KeyPrefix: "p"}), ""},
		{Wrap(doctorOne, Dict{Obj: dict, KeyPrefix: "p"}), Wrap(doctorTwo, Dict{Obj: dict, KeyPrefix: "p", Expire: 1e9}), "p:0"},
		{Wrap(doctorOne, Dict{Obj: syncDict, KeyPrefix: "p"}), Wrap(doctorTwo, Dict{Obj: syncDict, KeyPrefix: "p"}), "p:0"},
		{Wrap(doctorOne, RedisPy{Client: rdb, KeyPrefix: "p"}), Wrap(doctorTwo, RedisPy{Client: same, KeyPrefix: "p"}), "p:0"},
		{Wrap(doctorOne, RedisPy{Client: rdb, KeyPrefix: "p"}), Wrap(doctorTwo, RedisPy{Client: other, KeyPrefix: "p"}), ""},
		{Wrap(doctorOne, RedisPy{Client: rdb, KeyPrefix: "p"}), Wrap(doctorTwo, RedisPyHash{Client: rdb, HashKey: "h", KeyPrefix: "p"}), ""},
		{Wrap(doctorOne, RedisPyHash{Client: rdb, HashKey: "h", KeyPrefix: "p"}), Wrap(doctorTwo, RedisPyHash{Client: same, HashKey: "h", KeyPrefix: "p"}), "p:0"},
		{Wrap(doctorOne, Memcache{Client: mc, KeyPrefix: "p"}), Wrap(doctorTwo, Memcache{Client: mc, KeyPrefix: "p"}), "p:0"},
		{Wrap(doctorOne, Memcache{Client: mc, KeyPrefix: "p"}), Wrap(doctorTwo, Memcache{Client: memcache.New("127.0.0.1:1"), KeyPrefix: "p"}), ""},
		{Wrap(doctorOne, DiskCache{Obj: disk, KeyPrefix: "p"}), Wrap(doctorTwo, DiskCache{Obj: again, KeyPrefix: "p"}), "p:0"},
		{Wrap(doctorOne, DiskCache{Obj: disk, KeyPrefix: "p"}), Wrap(doctorTwo, DiskCache{Obj: linked, KeyPrefix: "p"}), "p:0"},
		{Wrap(doctorOne, Shelve{Shelf: shelves[0], KeyPrefix: "p"}), Wrap(doctorTwo, Shelve{Shelf: shelves[1], KeyPrefix: "p"}), "p:0"},
		{Wrap(doctorOne, Shelve{Shelf: shelves[0], KeyPrefix: "p"}), Wrap(doctorTwo, Shelve{Shelf: shelves[2], KeyPrefix: "p"}), ""},
		{Wrap(doctorOne, Memcache{Client: mc, KeyPrefix: "p"}), Wrap(doctorTwo, Memcache{Client: mc, KeyPrefix: "p", Options: Options{KeyRefactor: strings.ToUpper}}), ""}, // who knows
		{Wrap(doctorOne, lru("p")), Wrap(doctorOne, Lru{Lru: cache, KeyPrefix: "p", Coder: "json"}), "p:"},
		{Wrap(doctorOne, lru("p")), Wrap(doctorTwo, Lru{Lru: cache, KeyPrefix: "p", UserInterface: shouting{}}), ""}, // who knows
		{Wrap(doctorOne, lru("p")), Wrap(doctorTwo, encoded("utf-8", "p")), "p:0"},
		{Wrap(doctorOne, encoded("latin-1", "p")), Wrap(doctorTwo, encoded("UTF8", "p")), "p:0"},
		{Wrap(doctorOne, encoded("latin-1", "é")), Wrap(doctorTwo, encoded("utf-8", "é")), ""},
		{Wrap(doctorOne, encoded("latin-1", "é")), Wrap(doctorTwo, encoded("latin-1", "é")), "\xe9:0"},
		{Wrap(doctorOne, encoded("ascii", "é")), Wrap(doctorTwo, encoded("ascii", "é")), ""}, // they have no keys
		{Wrap(doctorOne, lru("p")), Wrap(func(explainedPoint) string { return "" }, lru("p")), "p:explainedPointName,,X,0"},
		{Wrap(doctorOne, BaseFactory{StorageClass: func(any) (Storage, error) { return storage, nil }, KeyPrefix: "p"}),
			Wrap(doctorTwo, BaseFactory{StorageClass: func(any) (Storage, error) { return storage, nil }, KeyPrefix: "p"}), "p:0"},
		{Wrap(doctorOne, BaseFactory{StorageClass: func(any) (Storage, error) { return &missesAll{}, nil }, KeyPrefix: "p"}),
			Wrap(doctorTwo, BaseFactory{StorageClass: func(any) (Storage, error) { return &missesAll{}, nil }, KeyPrefix: "p"}), ""},
	} {
		met := slices.DeleteFunc(Doctor(tt.a, tt.b).Findings, func(f Finding) bool { return f.Kind != KeysMeet })
		assert.Equal(t, met, slices.DeleteFunc(Doctor(tt.b, tt.a).Findings, func(f Finding) bool { return f.Kind != KeysMeet }), "pair %d", i)
		if tt.key == "" {
			assert.Empty(t, met, "pair %d", i)
			continue
		}
		require.Len(t, met, 1, "pair %d", i)
		assert.Contains(t, met[0].Message, "such as "+strconv.Quote(tt.key), "pair %d", i)
	}
}

type missesAll struct {
	Storage
	_ int
}

// TestDoctorRunsNoRefactor: what it says of keys is true before they are refactored.
func TestDoctorRunsNoRefactor(t *testing.T) {
	_, mc := unreached(t)
	refactored := func(f func(string) string) Memcache {
		return Memcache{Client: mc, KeyPrefix: "a b", Options: Options{KeyRefactor: f}}
	}
	never := func(string) string { panic("it runs") }
	for _, f := range []func(string) string{nil, never} {
		r := Doctor(Wrap(doctorOne, refactored(f)), Wrap(doctorTwo, refactored(f)))
		require.Len(t, r.Findings, 1)
		assert.Contains(t, r.Findings[0].Message, `such as "a b:0" (before its KeyRefactor), and`)
	}
}

func TestDoctorGroupsRopesThatMeet(t *testing.T) {
	cache := lrucache.New(9)
	lru := func(prefix string) Lru { return Lru{Lru: cache, KeyPrefix: prefix} }
	r := Doctor(Wrap(doctorTwo, lru("b")), Wrap(doctorPair, lru("a")), Wrap(doctorTwo, lru("a:x")), Wrap(doctorOne, lru("b")),
		Wrap(func(n int) int { return n }, lru("a:y")), Wrap(doctorSum, lru("c")))
	assert.Equal(t, []string{"KeysMeet[github.com/ring-go/ring.TestDoctorGroupsRopesThatMeet.func2 Pair Two]", "KeysMeet[One Two]"}, kinds(r), "%v", r)
	assert.Len(t, r.Warnings(), 2)
}
