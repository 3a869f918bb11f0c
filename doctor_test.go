package ring

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
	"weak"

	"github.com/bradfitz/gomemcache/memcache"
	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ring-go/ring/diskcache"
	"github.com/ring-go/ring/internal/callable"
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

// kinds are the kinds of the findings, with their ropes.
func kinds(r Report) (list []string) {
	for _, f := range r.Findings {
		short := make([]string, len(f.Ropes))
		for i, name := range f.Ropes {
			short[i] = strings.TrimPrefix(name, "github.com/ring-go/ring.doctor")
		}
		list = append(list, fmt.Sprintf("%v%v", f.Kind, short))
	}
	return list
}

// unreached are clients of servers that there are not: Doctor asks none.
func unreached(t *testing.T) (*redis.Client, *memcache.Client) {
	rdb := redis.NewClient(&redis.Options{Addr: "127.0.0.1:1"})
	t.Cleanup(func() { rdb.Close() })
	return rdb, memcache.New("127.0.0.1:1")
}

func TestDoctorOfACleanProgram(t *testing.T) {
	rdb, mc := unreached(t)
	disk, err := diskcache.Open(t.TempDir(), nil)
	require.NoError(t, err)
	defer disk.Close()
	shelf, err := shelve.Open(filepath.Join(t.TempDir(), "shelf"), nil)
	require.NoError(t, err)
	defer shelf.Close()
	shared, dict := lrucache.New(9), map[string]any{}
	r := Doctor(
		Wrap(doctorOne, Lru{}), Wrap(doctorTwo, Lru{}), // each its own
		Wrap(doctorOne, Lru{Lru: shared}), Wrap(doctorTwo, Lru{Lru: shared}), Wrap(doctorPair, Lru{Lru: shared}),
		Wrap(doctorOne, Dict{Obj: dict, Expire: time.Minute}), Wrap(doctorTwo, Dict{Obj: dict, Expire: time.Minute}),
		Wrap(doctorOne, RedisPy{Client: rdb, Expire: time.Minute}), Wrap(doctorPair, RedisPy{Client: rdb}),
		Wrap(doctorOne, RedisPy{Client: rdb, Expire: time.Minute}), // the same once more
		Wrap(doctorOne, RedisPyHash{Client: rdb, HashKey: "a", KeyPrefix: "p"}),
		Wrap(doctorTwo, RedisPyHash{Client: rdb, HashKey: "b", KeyPrefix: "p"}),
		Wrap(doctorOne, Memcache{Client: mc, KeyPrefix: "p", Expire: time.Second}),
		Wrap(doctorPair, Memcache{Client: mc, KeyPrefix: "q", Options: Options{KeyStyle: PythonKeys}}),
		Wrap(doctorTime, Shelve{Shelf: shelf}),
		Wrap(doctorSum, DiskCache{Obj: disk, KeyPrefix: "sum", Coder: "json", Expire: 1500 * time.Millisecond}),
		Wrap(func() any { return nil }, Lru{}),
		Wrap(func() any { return nil }, Lru{Coder: CoderTuple{func(v any) (any, error) { return v, nil }, func(v any, _ reflect.Type) (any, error) { return v, nil }}}),
	)
	assert.Empty(t, r.Findings, "%v", r)
	assert.Equal(t, "ring: 18 ropes, 0 warnings, 0 notes\n", r.String())
	assert.Empty(t, r.Warnings())
}

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

func TestDoctorFindsNamesThatOthersHave(t *testing.T) {
	rdb, _ := unreached(t)
	none := Wrap(doctorTwo, RedisPy{Client: rdb, KeyPrefix: NoPrefix})
	assert.Equal(t, []string{"NameNotStable[Two]"}, kinds(Doctor(none)))
	assert.Empty(t, Doctor(Wrap(doctorTwo, Dict{Obj: map[string]any{}, KeyPrefix: NoPrefix})).Findings)

	r := Wrap(doctorTwo, RedisPy{Client: rdb})
	id := r.fn.Identity
	id.Name = "main.doctorTwo" // as in a program, which a test is not
	fn := reflect.ValueOf(r.Func())
	callable.Decorated.Add(fn, id)
	inMain := Wrap(fn.Interface(), RedisPy{Client: rdb})
	require.Equal(t, "main.doctorTwo", inMain.Config().KeyPrefix)
	assert.Equal(t, []string{"NameNotStable[main.doctorTwo]"}, kinds(Doctor(inMain)))
	assert.Empty(t, Doctor(Wrap(fn.Interface(), RedisPy{Client: rdb}, Name("shop.two"))).Findings)
	assert.Empty(t, Doctor(Wrap(fn.Interface(), Lru{Lru: lrucache.New(1)})).Findings)
	disk, err := diskcache.Open(t.TempDir(), nil)
	require.NoError(t, err)
	defer disk.Close()
	assert.Empty(t, Doctor(Wrap(fn.Interface(), DiskCache{Obj: disk})).Findings, "the program's own directory")
}

// The receivers of TestDoctorFindsReceivers, of which who returns what they are.
type (
	ignoringAll struct {
		Name string      `hash:"ignore"`
		Lock *sync.Mutex `hash:"-"`
	}
	ignoringMost struct {
		Name string
		Conn *int `hash:"ignore"`
	}
	ignoringKeyed struct {
		Name string `hash:"ignore"`
	}
	ignoringWithin struct{ Inner struct{ ignoringKept } }
	ignoringBehind struct{ Inner *ignoringAll }
	ignoringChain  struct{ Next *ignoringChain }
	ignoringKept   struct {
		Name string `hash:"ignore"`
	}
	stateless struct{}
	who       interface{ Who() string }
)

func (i ignoringAll) Who() string        { return i.Name }
func (i *ignoringMost) Who() string      { return i.Name }
func (i *ignoringKeyed) Who() string     { return i.Name }
func (i *ignoringKeyed) RingKey() string { return i.Name }
func (i *ignoringWithin) Who() string    { return i.Inner.Name }
func (i *ignoringBehind) Who() string    { return i.Inner.Name }
func (i ignoringChain) Who() string      { return fmt.Sprint(i.Next != nil) }
func (s *stateless) Who() string         { return addresses[s] }
func (s stateless) Twice(n int) int      { return 2 * n }

var addresses = map[*stateless]string{}

func TestDoctorFindsReceivers(t *testing.T) {
	rdb, mc := unreached(t)
	disk, err := diskcache.Open(t.TempDir(), nil)
	require.NoError(t, err)
	defer disk.Close()
	a, b := &ignoringKeyed{"a"}, &ignoringKeyed{"b"}
	cache := lrucache.New(9)
	for _, f := range []Factory{
		Lru{Lru: cache, KeyPrefix: "p"}, Dict{Obj: map[string]any{}, KeyPrefix: "p"}, RedisPy{Client: rdb, KeyPrefix: "p"}, RedisPyHash{Client: rdb, HashKey: "h", KeyPrefix: "p"},
		Memcache{Client: mc, KeyPrefix: "p"}, DiskCache{Obj: disk, KeyPrefix: "p"}, BaseFactory{StorageClass: func(any) (Storage, error) { return &missesAll{}, nil }, KeyPrefix: "p"},
	} {
		bound := Wrap((*ignoringKeyed).Who, Lru{}).Bind(a).Func()
		decorated := a.Who
		for _, r := range []*Rope{Wrap(a.Who, f), Wrap(a.Who, f, Name("x")), Wrap(bound, f), Decorate(&decorated, f), Wrap(who(a).Who, f)} {
			found := Doctor(r)
			require.Equal(t, []FindingKind{ReceiverNotInKey}, findingKinds(found), "%T", f)
			assert.Len(t, found.Warnings(), 1)
			assert.Contains(t, found.Findings[0].Message, `it is a method value, so that its receiver is not in the key, and ropes of other receivers with the prefix "`+r.Config().KeyPrefix+`" come to its values`)
			assert.Contains(t, found.Findings[0].Remedy, "…).Bind(x)")
		}
	}
	assert.Equal(t, "a", must(Wrap(a.Who, Lru{Lru: cache, KeyPrefix: "q"}).Call()))
	assert.Equal(t, "a", must(Wrap(b.Who, Lru{Lru: cache, KeyPrefix: "q"}).Call()), "what the finding says is so")

	self := Options{IgnorableKeys: []string{"self"}}
	for _, tt := range []struct {
		fn      any
		options Options
		message string
		a, b    any
	}{
		{(*ignoringKeyed).Who, self, "IgnorableKeys leaves its receiver out of the key", a, b},
		{ignoringAll.Who, Options{}, "all receivers of the type ring.ignoringAll have one key", ignoringAll{Name: "a"}, ignoringAll{Name: "b"}},
		{(*ignoringAll).Who, Options{}, "all receivers of the type *ring.ignoringAll have one key", &ignoringAll{Name: "a"}, &ignoringAll{Name: "b"}},
		{(*ignoringWithin).Who, Options{}, "all receivers of the type *ring.ignoringWithin have one key", nil, nil},
		{(*ignoringWithin).Who, Options{KeyStyle: PythonKeys}, "all receivers of the type *ring.ignoringWithin have one key", nil, nil},
		{(*ignoringBehind).Who, Options{}, "all receivers of the type *ring.ignoringBehind have one key", &ignoringBehind{&ignoringAll{Name: "a"}}, &ignoringBehind{&ignoringAll{Name: "b"}}},
		{(*stateless).Who, Options{}, "all receivers of the type *ring.stateless have one key", nil, nil},
	} {
		r := Wrap(tt.fn, Lru{Options: tt.options}, Signature("self"))
		found := Doctor(r)
		require.Equal(t, []FindingKind{ReceiverNotInKey}, findingKinds(found), "%T", tt.fn)
		assert.Contains(t, found.Findings[0].Message, tt.message)
		assert.Contains(t, found.Findings[0].Message, "each other's results")
		assert.Contains(t, found.Findings[0].Remedy, "give the type a method RingKey() string")
		if tt.a != nil {
			assert.Equal(t, "a", must(r.Bind(tt.a).Call()))
			assert.Equal(t, "a", must(r.Bind(tt.b).Call()), "what the finding says is so")
		}
	}

	own := Wrap((*ignoringAll).Who, Lru{})
	require.NoError(t, own.Ring().Key(func(i *ignoringAll) string { return i.Name }))
	assert.Empty(t, Doctor(
		own, Wrap(a.Who, Lru{}), Wrap(a.Who, Dict{}), Wrap(a.Who, Lru{}, Name("f")), // each its own
		Wrap((*ignoringMost).Who, Lru{}), Wrap((*ignoringKeyed).Who, Lru{}), Wrap(stateless.Twice, Lru{}), Wrap(stateless.Twice, Lru{Options: self}, Signature("self, n")),
		Wrap((*ignoringMost).Who, Lru{Lru: cache}), Wrap((*ignoringKeyed).Who, RedisPy{Client: rdb}),
		Wrap(who.Who, Lru{}), Wrap(ignoringChain.Who, Lru{}), Wrap(time.Time.Year, Lru{}), Wrap(func(ignoringKept) int { return 0 }, Lru{}),
	).Findings)
}

func TestDoctorFindsExpiriesThatAreNotKept(t *testing.T) {
	rdb, mc := unreached(t)
	long := 100 * 365 * 24 * time.Hour
	for _, tt := range []struct {
		rope    *Rope
		message string // "": all is well
	}{
		{Wrap(doctorTwo, Memcache{Client: mc, Expire: 1500 * time.Millisecond}), "for 2s where Expire says 1.5s"},
		{Wrap(doctorTwo, Memcache{Client: mc, Expire: time.Millisecond}), "for 1s where Expire says 1ms"},
		{Wrap(doctorTwo, Memcache{Client: mc, Expire: long}), "never do"},
		{Wrap(doctorTwo, Memcache{Client: mc, Expire: 2 * time.Second}), ""},
		{Wrap(doctorTwo, RedisPy{Client: rdb, Expire: 1500 * time.Microsecond}), "for 2ms where Expire says 1.5ms"},
		{Wrap(doctorTwo, RedisPy{Client: rdb, Expire: 1500 * time.Millisecond}), ""},
		{Wrap(doctorTwo, Lru{Expire: 1500 * time.Microsecond}), ""},
		{Wrap(doctorTwo, Dict{Expire: time.Minute, StorageClass: NewPersistentDictStorage}), "refuses every value"},
	} {
		r := Doctor(tt.rope)
		if tt.message == "" {
			assert.Empty(t, r.Findings)
			continue
		}
		require.Equal(t, []string{"ExpiryNotKept[Two]"}, kinds(r))
		assert.Contains(t, r.Findings[0].Message, tt.message)
	}
	refused := Wrap(doctorTwo, Dict{Expire: time.Minute, StorageClass: NewPersistentDictStorage})
	_, err := refused.Call(1)
	assert.Error(t, err, "what the finding says is so")
}

func TestDoctorFindsTypesThatAreLost(t *testing.T) {
	type inner struct {
		N    int
		Data map[string]any
	}
	type left struct {
		Seen int
		Any  any `json:"-" pickle:"-"`
	}
	shelf, err := shelve.Open(filepath.Join(t.TempDir(), "shelf"), nil)
	require.NoError(t, err)
	defer shelf.Close()
	for _, tt := range []struct {
		fn    any
		where string // "": nothing is lost
	}{
		{func() any { return int8(1) }, "result 1 (interface {}) can"},
		{func() (int, []any) { return 1, []any{int8(1)} }, "result 2 ([]interface {}), in its elements"},
		{func() *inner { return &inner{Data: map[string]any{"a": int8(1)}} }, "in its field Data, in its values"},
		{func() left { return left{} }, ""},
		{func() time.Time { return time.Time{} }, ""},
		{func() map[string][]float64 { return nil }, ""},
	} {
		for coder, f := range map[string]Factory{
			"json":   Lru{Coder: "json"},
			"pickle": Lru{Coder: "pickle"},
			"shelve": Shelve{Shelf: shelf, KeyPrefix: fmt.Sprintf("%T", tt.fn), Options: Options{KeyStyle: PythonKeys}},
		} {
			rope := Wrap(tt.fn, f)
			r := Doctor(rope)
			first, err := rope.Call()
			require.NoError(t, err)
			second, err := rope.Call()
			require.NoError(t, err)
			if tt.where == "" {
				assert.Empty(t, r.Findings, "%v by %s", tt.where, coder)
				assert.Equal(t, first, second)
				continue
			}
			require.Len(t, r.Findings, 1, "%v by %s", tt.where, coder)
			assert.Equal(t, TypeLost, r.Findings[0].Kind)
			assert.Contains(t, r.Findings[0].Message, tt.where)
			assert.NotEqual(t, first, second, "what the finding says is so, by %s", coder)
			assert.Len(t, r.Warnings(), 1)
		}
		assert.Empty(t, Doctor(Wrap(tt.fn, Lru{})).Findings)
	}
}

// TestDoctorComparesWithPython: where Doctor says nothing of a function, all of its
// keys are Python's, and where it does, some are not.
func TestDoctorComparesWithPython(t *testing.T) {
	rdb, _ := unreached(t)
	said, silent := 0, 0
	wrap := func(fn any, style KeyStyle) (*Rope, error) {
		return New(fn, RedisPy{Client: rdb, KeyPrefix: "p", Coder: "json", Options: Options{KeyStyle: style}})
	}
	types := []reflect.Type{}
	for typ := range samples.Values {
		types = append(types, typ)
	}
	for _, typ := range types {
		for _, sig := range [][]reflect.Type{{typ}, {typ, typ}, {reflect.TypeFor[int](), typ}, {reflect.TypeFor[string](), typ}} {
			for _, style := range []KeyStyle{SafeKeys, HashKeys} {
				fn := reflect.MakeFunc(reflect.FuncOf(sig, []reflect.Type{reflect.TypeFor[string]()}, false), nil).Interface()
				r, err := wrap(fn, style)
				if err != nil {
					continue
				}
				python, err := wrap(fn, PythonKeys)
				require.NoError(t, err)
				differ := false
				for _, call := range samples.Calls(sig, samples.Values) {
					a, errA := r.Key(call...)
					b, errB := python.Key(call...)
					differ = differ || a != b || (errA == nil) != (errB == nil)
				}
				found := kinds(Doctor(r))
				if !differ {
					silent++
					assert.Empty(t, found, "%v %v", style, sig)
					continue
				}
				said++
				assert.Equal(t, []string{"PythonDiffers[reflect.makeFuncStub]"}, found, "%v %v", style, sig)
				assert.Empty(t, kinds(Doctor(python)))
			}
		}
	}
	assert.Greater(t, said, 10)
	assert.Greater(t, silent, 10)

	several, err := wrap(func(...byte) string { return "" }, HashKeys)
	require.NoError(t, err)
	assert.Contains(t, Doctor(several).Findings[0].Message, "all values", "bytes, but a tuple in Python")
	hashed, err := wrap(func([]int) string { return "" }, HashKeys)
	require.NoError(t, err)
	assert.True(t, strings.HasSuffix(Doctor(hashed).Findings[0].Message, ": all values, since they are hashed"), "said once")

	hidden := Wrap(func(explainedTagged) string { return "" }, RedisPy{Client: rdb, KeyPrefix: "p"})
	assert.Contains(t, Doctor(hidden).Findings[0].Message, "Python's hash of it is its own")
	assert.Empty(t, Doctor(Wrap(doctorPair, RedisPy{Client: rdb})).Findings, "a name of Go that Python does not have")
}

func TestDoctorText(t *testing.T) {
	rdb, mc := unreached(t)
	ropes := []*Rope{
		Wrap(doctorPair, RedisPy{Client: rdb, KeyPrefix: "p"}),
		Wrap(doctorTwo, Memcache{Client: mc, Expire: 1500 * time.Millisecond}),
	}
	want := `ring: 2 ropes, 1 warning, 1 note
warning: ExpiryNotKept: github.com/ring-go/ring.doctorTwo, on memcached
  Memcached keeps values for 2s where Expire says 1.5s
  remedy: make Expire a multiple of 1s
note: PythonDiffers: github.com/ring-go/ring.doctorPair, on Redis at 127.0.0.1:1, database 0
  a Python process can come to other keys, and miss, for parameter 1 (string): text with a colon or with a backslash at its end; for parameter 2 (string): text with a colon or with a backslash at its end
  remedy: if Python shares the values, set Options.KeyStyle to ring.PythonKeys; otherwise there is nothing to do
`
	for range 10 {
		assert.Equal(t, want, Doctor(ropes...).String())
		slices.Reverse(ropes)
	}
	assert.Equal(t, Doctor(ropes...), Doctor(append(ropes, ropes[0], nil)...))
	assert.Equal(t, "FindingKind(9)", FindingKind(9).String())
}

// gone runs the garbage collector until none of the names is that of a living rope.
func gone(t *testing.T, prefix string) {
	t.Helper()
	require.Eventually(t, func() bool {
		runtime.GC()
		return !slices.ContainsFunc(living.all(), func(r *Rope) bool { return strings.HasPrefix(r.fn.Name, prefix) })
	}, 30*time.Second, time.Millisecond)
}

func TestDoctorKeepsNothingAlive(t *testing.T) {
	const n = 10_000
	own := roster{ropes: map[weak.Pointer[Rope]]struct{}{}}
	ropes := make([]*Rope, n)
	for i := range ropes {
		ropes[i] = Wrap(doctorOne, Lru{}, Name("gone."+strconv.Itoa(i)))
		own.add(ropes[i])
	}
	runtime.GC()
	require.Len(t, own.all(), n)
	require.GreaterOrEqual(t, Doctor().Ropes, n)
	runtime.KeepAlive(ropes)
	ropes = nil
	gone(t, "gone.")
	require.Eventually(t, func() bool {
		runtime.GC()
		own.mu.Lock()
		defer own.mu.Unlock()
		return len(own.ropes) == 0
	}, 30*time.Second, time.Millisecond)
}

func TestDoctorKnowsDecoratedFunctions(t *testing.T) {
	kept := func() func(int) int {
		f := func(n int) int { return n }
		Decorate(&f, Lru{}, Name("decorated.f"))
		return f
	}()
	bound := Wrap((*explainedPoint).Move, Lru{}, Name("decorated.bound")).Bind(&explainedPoint{})
	alive := func(name string) bool {
		return slices.ContainsFunc(living.all(), func(r *Rope) bool { return r.fn.Name == name })
	}
	for range 3 {
		runtime.GC()
		Doctor()
		assert.True(t, alive("decorated.f"), "the function holds it")
		assert.True(t, alive("decorated.bound"), "the wire holds it")
	}
	assert.Equal(t, 1, kept(1))
	runtime.KeepAlive(kept)
	runtime.KeepAlive(bound)
	kept, bound = nil, nil
	gone(t, "decorated.")
}

func TestDoctorBesideNewRopes(t *testing.T) {
	var wg sync.WaitGroup
	cache := lrucache.New(9)
	for i := range 8 {
		wg.Go(func() {
			for n := range 50 {
				r := Wrap(doctorOne, Lru{Lru: cache, KeyPrefix: fmt.Sprintf("beside%d.%d", i, n)})
				if n%10 == 0 {
					assert.NotEmpty(t, Doctor().String())
				}
				_, err := r.Call("a")
				assert.NoError(t, err)
			}
		})
	}
	wg.Wait()
}

func BenchmarkNew(b *testing.B) {
	for b.Loop() {
		if _, err := New(doctorPair, Lru{}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkDoctor(b *testing.B) {
	cache := lrucache.New(9)
	ropes := make([]*Rope, 1000)
	for i := range ropes {
		ropes[i] = Wrap(doctorPair, Lru{Lru: cache, KeyPrefix: "p" + strconv.Itoa(i)})
	}
	for b.Loop() {
		Doctor(ropes...)
	}
}

// wide names the type it is of three times, so that there are 3³² ways to the innermost
// of thirty-two of them.
type (
	wide[T any]     struct{ A, B, C []T }
	wider[T any]    = wide[wide[wide[wide[T]]]]
	widest[T any]   = wider[wider[T]]
	manyWays[T any] = widest[widest[widest[widest[T]]]]
)

func TestTypesAreLookedAtOnce(t *testing.T) {
	for _, coder := range []string{"json", "pickle", "dataclass"} {
		r, err := New(func() manyWays[any] { return manyWays[any]{} }, Lru{Coder: coder})
		require.NoError(t, err)
		assert.Equal(t, []FindingKind{TypeLost}, findingKinds(Doctor(r)))
		r, err = New(func() manyWays[int] { return manyWays[int]{} }, Lru{Coder: coder})
		require.NoError(t, err)
		assert.Empty(t, Doctor(r).Findings)
	}
}

func findingKinds(r Report) (kinds []FindingKind) {
	for _, f := range r.Findings {
		kinds = append(kinds, f.Kind)
	}
	return kinds
}
