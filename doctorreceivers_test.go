package ring

import (
	"fmt"
	"reflect"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ring-go/ring/diskcache"
	"github.com/ring-go/ring/internal/callable"
	"github.com/ring-go/ring/lrucache"
)

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

func (i ignoringAll) Who() string { return i.Name }

func (i *ignoringMost) Who() string { return i.Name }

func (i *ignoringKeyed) Who() string { return i.Name }

func (i *ignoringKeyed) RingKey() string { return i.Name }

func (i *ignoringWithin) Who() string { return i.Inner.Name }

func (i *ignoringBehind) Who() string { return i.Inner.Name }

func (i ignoringChain) Who() string { return fmt.Sprint(i.Next != nil) }

func (s *stateless) Who() string { return addresses[s] }

func (s stateless) Twice(n int) int { return 2 * n }

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
