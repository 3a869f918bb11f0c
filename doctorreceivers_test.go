package ring_test

import (
	"fmt"
	"reflect"
	"sync"
	"testing"
	"time"

	"github.com/ring-go/ring"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ring-go/ring/diskcache"
	"github.com/ring-go/ring/internal/callable"
	"github.com/ring-go/ring/lrucache"
)

func TestDoctorFindsNamesThatOthersHave(t *testing.T) {
	rdb, _ := unreached(t)
	none := ring.Wrap(doctorTwo, ring.RedisPy{Client: rdb, KeyPrefix: ring.NoPrefix})
	assert.Equal(t, []string{"NameNotStable[Two]"}, kindsAndRopes(ring.Doctor(none)))
	assert.Empty(t, ring.Doctor(ring.Wrap(doctorTwo, ring.Dict{Obj: map[string]any{}, KeyPrefix: ring.NoPrefix})).Findings)

	id := callable.Identify(reflect.ValueOf(doctorTwo))
	id.Name = "main.doctorTwo" // as in a program, unlike in a test
	fn := reflect.ValueOf(ring.Wrap(doctorTwo, ring.RedisPy{Client: rdb}).Func())
	callable.Decorated.Add(fn, id)
	inMain := ring.Wrap(fn.Interface(), ring.RedisPy{Client: rdb})
	require.Equal(t, "main.doctorTwo", inMain.Config().KeyPrefix)
	assert.Equal(t, []string{"NameNotStable[main.doctorTwo]"}, kindsAndRopes(ring.Doctor(inMain)))
	assert.Empty(t, ring.Doctor(ring.Wrap(fn.Interface(), ring.RedisPy{Client: rdb}, ring.Name("shop.two"))).Findings)
	assert.Empty(t, ring.Doctor(ring.Wrap(fn.Interface(), ring.Lru{Lru: lrucache.New(1)})).Findings)
	disk, err := diskcache.Open(t.TempDir(), nil)
	require.NoError(t, err)
	defer disk.Close()
	assert.Empty(t, ring.Doctor(ring.Wrap(fn.Interface(), ring.DiskCache{Obj: disk})).Findings, "the program's own directory")
}

// The receivers of TestDoctorFindsReceivers; who is an interface that all of them
// implement.
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
	for _, f := range []ring.Factory{
		ring.Lru{Lru: cache, KeyPrefix: "p"}, ring.Dict{Obj: map[string]any{}, KeyPrefix: "p"}, ring.RedisPy{Client: rdb, KeyPrefix: "p"}, ring.RedisPyHash{Client: rdb, HashKey: "h", KeyPrefix: "p"},
		ring.Memcache{Client: mc, KeyPrefix: "p"}, ring.DiskCache{Obj: disk, KeyPrefix: "p"}, ring.BaseFactory{StorageClass: func(any) (ring.Storage, error) { return &missesAll{}, nil }, KeyPrefix: "p"},
	} {
		bound := ring.Wrap((*ignoringKeyed).Who, ring.Lru{}).Bind(a).Func()
		decorated := a.Who
		for _, r := range []*ring.Rope{ring.Wrap(a.Who, f), ring.Wrap(a.Who, f, ring.Name("x")), ring.Wrap(bound, f), ring.Decorate(&decorated, f), ring.Wrap(who(a).Who, f)} {
			found := ring.Doctor(r)
			require.Equal(t, []ring.FindingKind{ring.ReceiverNotInKey}, findingKinds(found), "%T", f)
			assert.Len(t, found.Warnings(), 1)
			assert.Contains(t, found.Findings[0].Message, `it is a method value, so that its receiver is not in the key, and ropes of other receivers with the prefix "`+r.Config().KeyPrefix+`" come to its values`)
			assert.Contains(t, found.Findings[0].Remedy, "…).Bind(x)")
		}
	}
	assert.Equal(t, "a", must(ring.Wrap(a.Who, ring.Lru{Lru: cache, KeyPrefix: "q"}).Call()))
	assert.Equal(t, "a", must(ring.Wrap(b.Who, ring.Lru{Lru: cache, KeyPrefix: "q"}).Call()), "what the finding says is so")

	self := ring.Options{IgnorableKeys: []string{"self"}}
	for _, tt := range []struct {
		fn      any
		options ring.Options
		message string
		a, b    any
	}{
		{(*ignoringKeyed).Who, self, "IgnorableKeys leaves its receiver out of the key", a, b},
		{ignoringAll.Who, ring.Options{}, "all receivers of the type ring_test.ignoringAll have one key", ignoringAll{Name: "a"}, ignoringAll{Name: "b"}},
		{(*ignoringAll).Who, ring.Options{}, "all receivers of the type *ring_test.ignoringAll have one key", &ignoringAll{Name: "a"}, &ignoringAll{Name: "b"}},
		{(*ignoringWithin).Who, ring.Options{}, "all receivers of the type *ring_test.ignoringWithin have one key", nil, nil},
		{(*ignoringWithin).Who, ring.Options{KeyStyle: ring.PythonKeys}, "all receivers of the type *ring_test.ignoringWithin have one key", nil, nil},
		{(*ignoringBehind).Who, ring.Options{}, "all receivers of the type *ring_test.ignoringBehind have one key", &ignoringBehind{&ignoringAll{Name: "a"}}, &ignoringBehind{&ignoringAll{Name: "b"}}},
		{(*stateless).Who, ring.Options{}, "all receivers of the type *ring_test.stateless have one key", nil, nil},
	} {
		r := ring.Wrap(tt.fn, ring.Lru{Options: tt.options}, ring.Signature("self"))
		found := ring.Doctor(r)
		require.Equal(t, []ring.FindingKind{ring.ReceiverNotInKey}, findingKinds(found), "%T", tt.fn)
		assert.Contains(t, found.Findings[0].Message, tt.message)
		assert.Contains(t, found.Findings[0].Message, "each other's results")
		assert.Contains(t, found.Findings[0].Remedy, "give the type a method RingKey() string")
		if tt.a != nil {
			assert.Equal(t, "a", must(r.Bind(tt.a).Call()))
			assert.Equal(t, "a", must(r.Bind(tt.b).Call()), "what the finding says is so")
		}
	}

	own := ring.Wrap((*ignoringAll).Who, ring.Lru{})
	require.NoError(t, own.Ring().Key(func(i *ignoringAll) string { return i.Name }))
	assert.Empty(t, ring.Doctor(
		own, ring.Wrap(a.Who, ring.Lru{}), ring.Wrap(a.Who, ring.Dict{}), ring.Wrap(a.Who, ring.Lru{}, ring.Name("f")), // each has its own cache
		ring.Wrap((*ignoringMost).Who, ring.Lru{}), ring.Wrap((*ignoringKeyed).Who, ring.Lru{}), ring.Wrap(stateless.Twice, ring.Lru{}), ring.Wrap(stateless.Twice, ring.Lru{Options: self}, ring.Signature("self, n")),
		ring.Wrap((*ignoringMost).Who, ring.Lru{Lru: cache}), ring.Wrap((*ignoringKeyed).Who, ring.RedisPy{Client: rdb}),
		ring.Wrap(who.Who, ring.Lru{}), ring.Wrap(ignoringChain.Who, ring.Lru{}), ring.Wrap(time.Time.Year, ring.Lru{}), ring.Wrap(func(ignoringKept) int { return 0 }, ring.Lru{}),
	).Findings)
}
