package ring_test

import (
	"context"
	"errors"
	"io"
	"math/big"
	"net/http"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/ring-go/ring"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ring-go/ring/internal/conformance"
	"github.com/ring-go/ring/lrucache"
)

type (
	secret struct{ hidden int }
	client struct {
		Name string
		mu   sync.Mutex
	}
	taggedClient struct {
		ID   int
		HTTP *http.Client `hash:"ignore"`
		mu   sync.Mutex   `hash:"-"`
	}
	unsound struct {
		ID   int
		Next *int `hash:""`
	}
	setTagged struct {
		IDs []int `hash:"set"`
	}
	wrongTag struct {
		ID int `hash:"unknown"`
	}
	selfHashed struct {
		ID    int `hash:""`
		Inner []selfHashed
	}

	twoNames struct {
		A int `ring:"x"`
		B int `ring:"x"`
	}
	badName struct {
		A int `ring:"-"`
	}
	nested    struct{ Inner secret }
	chained   struct{ Next *chained }
	failing   struct{ hidden int }
	hasSecret struct{ Map map[string][]*secret }

	promotedHash struct {
		conformance.Acct
		Name string
		DB   *int `hash:"ignore"`
	}
	pointerHash struct{ hidden int }
	nestedHash  struct {
		A  pointerHash
		DB *int `hash:"ignore"`
	}
	hiddenText struct{ hidden int }
	embedsText struct {
		hiddenText
		Name string
	}
	promotedJSON struct {
		time.Time
		X int
	}
	oneWayJSON int
	idA        struct{ ID int }
	idB        struct{ ID int }
	twoIDs     struct {
		idA
		idB
	}
	shadowed struct {
		idA
		ID int
	}
	sameTag struct {
		A int `json:"B"`
		B int
	}
	ignoring struct {
		ID   int
		Conn chan int `hash:"ignore"`
	}
	embedsIgnoring struct {
		ignoring
		Name string
	}
)

func (p *pointerHash) Hash() (uint64, error)    { return uint64(p.hidden), nil }
func (h hiddenText) String() string             { return strconv.Itoa(h.hidden) }
func (oneWayJSON) MarshalJSON() ([]byte, error) { return []byte("1"), nil }

// failure is a custom error by its address; failureValue is one itself.
type (
	failure      struct{ code int }
	failureValue string
)

func (f *failure) Error() string     { return strconv.Itoa(f.code) }
func (f *failure) next() *failure    { return f }
func (f failureValue) Error() string { return string(f) }

func (s secret) get() int                    { return s.hidden }
func (c *client) Get() int                   { c.mu.Lock(); defer c.mu.Unlock(); return 1 }
func (c *taggedClient) Get() int             { c.mu.Lock(); defer c.mu.Unlock(); return c.ID }
func (failing) MarshalText() ([]byte, error) { return nil, errors.New("no text today") }
func (*failing) UnmarshalText([]byte) error  { return nil }

// TestNewRefuses: New reports everything that the types can tell, with the parameter's
// number, its type and a remedy.
func TestNewRefuses(t *testing.T) {
	lru := func(o ring.Options) ring.Lru { return ring.Lru{Options: o} }
	hash := lru(ring.Options{KeyStyle: ring.HashKeys})
	for _, tt := range []struct {
		fn      any
		factory ring.Factory
		opts    []ring.FuncOption
		want    string
	}{
		{nil, ring.Lru{}, nil, "ring: wrap <nil>: nil is not a function: hand over a func"},
		{5, ring.Lru{}, nil, "ring: wrap int: int is not a function: hand over a func"},
		{(func())(nil), ring.Lru{}, nil, "ring: wrap func(): nil is not a function"},
		{strconv.Itoa, nil, nil, "ring: wrap strconv.Itoa: the factory is nil: say where to cache, for example ring.Lru{}"},
		{strconv.Itoa, (*ring.Lru)(nil), nil, "the factory is nil"},
		{strconv.Itoa, ring.Lru{}, []ring.FuncOption{nil}, "an option is nil"},
		{strconv.Itoa, ring.Lru{}, []ring.FuncOption{ring.Signature("a b")}, `signature "a b": column 3: a comma is missing`},
		{strconv.Itoa, ring.Lru{}, []ring.FuncOption{ring.Signature("a, b")}, "the signature has 2 parameters, the function func(int) string has 1"},
		{strconv.Itoa, ring.Lru{MaxSize: -3}, nil, "the MaxSize -3 is below CacheNothing (-2)"},
		{strconv.Itoa, ring.Lru{Lru: lrucache.New(9), MaxSize: 9}, nil, "the MaxSize 9 is that of a new cache, and Lru is one already: leave MaxSize out, and give lrucache.New the size"},
		{strconv.Itoa, ring.Lru{Lru: lrucache.New(9), MaxSize: ring.Unbounded}, nil, "the MaxSize -1 is that of a new cache"},
		{strconv.Itoa, ring.Lru{Lru: lrucache.New(9), MaxSize: ring.CacheNothing}, nil, "the MaxSize -2 is that of a new cache"},
		{strconv.Itoa, ring.Lru{Shards: -2}, nil, "the Shards -2 are below -1, which is four per processor"},
		{strconv.Itoa, ring.Lru{Lru: lrucache.New(9), Shards: 1}, nil, "the Shards 1 are those of a new cache, and Lru is one already: leave Shards out, and make the cache by lrucache.NewSharded"},
		{strconv.Itoa, ring.Lru{Expire: -time.Second}, nil, "the expiry -1s is negative"},
		{strconv.Itoa, ring.Lru{Coder: "pickel"}, nil, `"pickel" is not registered; there are: dataclass, json`},
		{strconv.Itoa, ring.Lru{Coder: 5}, nil, "int is not a coder: give a registered name, a Coder or a CoderTuple"},
		{strconv.Itoa, ring.Lru{Coder: ring.CoderTuple{}}, nil, "a CoderTuple needs both functions"},
		{strconv.Itoa, lru(ring.Options{DefaultAction: "fetch"}), nil, `the default action "fetch" is not a sub-function`},
		{strconv.Itoa, lru(ring.Options{DefaultAction: "get_many"}), nil, `the default action "get_many" is not a sub-function`},
		{strconv.Itoa, ring.BaseFactory{}, nil, "BaseFactory.StorageClass is missing"},
		{strconv.Itoa, ring.BaseFactory{StorageClass: func(any) (ring.Storage, error) { return nil, nil }}, nil, "the StorageClass returned no storage"},
		{strconv.Itoa, ring.BaseFactory{StorageClass: func(any) (ring.Storage, error) { return nil, io.EOF }}, nil, "EOF"},
		{strconv.Itoa, ring.Lru{UserInterface: ring.Compose(struct{}{})}, nil, "part 1 of the user interface, a struct {}, has no sub-function"},
		{strconv.Itoa, ring.Lru{UserInterface: ring.Compose(ring.CacheUserInterface{}, (*ring.BulkInterfaceMixin)(nil))}, nil, "part 2 of the user interface"},
		{strconv.Itoa, ring.Lru{UserInterface: ring.Compose()}, nil, "the user interface has no GetOrUpdate, which is the default action"},

		{func(int, chan int) {}, ring.Lru{}, nil, "parameter 2 (chan int): no key: a chan has no text: leave it out, a parameter with Options.IgnorableKeys"},
		{func(func()) {}, ring.Lru{}, nil, "parameter 1 (func()): no key: a func has no text"},
		{func(map[string]chan int) {}, ring.Lru{}, nil, "value (chan int): a chan has no text"},
		{func(...secret) {}, ring.Lru{}, nil, "parameter 1 ([]ring_test.secret): no key: field hidden (int): is not exported"},
		{func(secret) {}, ring.Lru{}, nil, `give the type a method RingKey() string that tells apart the values whose results differ. Or else: a method Hash() (uint64, error) that no embedded field has; the tag hash:"ignore"`},
		{func(nested) {}, ring.Lru{}, nil, "field Inner (ring_test.secret): field hidden (int): is not exported"},
		{func(hasSecret) {}, ring.Lru{}, nil, "field Map (map[string][]*ring_test.secret): value ([]*ring_test.secret): element (*ring_test.secret): field hidden"},
		{(*client).Get, ring.Lru{}, nil, "parameter 1 (*ring_test.client): no key: field mu (sync.Mutex): is not exported"},
		{func(unsound) {}, ring.Lru{}, nil, "field Next (*int): hashing takes a nil *int for a pointer to zero"},
		{func(setTagged) {}, ring.Lru{}, nil, `is tagged hash:"set", by which {a,a} and {b,b} are one: make it a map[T]struct{}`},
		{func(wrongTag) {}, ring.Lru{}, nil, `has the tag hash:"unknown"`},
		{func(selfHashed) {}, ring.Lru{}, nil, "contains itself, which hashing would follow forever"},
		{func(twoNames) {}, ring.Lru{}, nil, `two fields of ring_test.twoNames are named "x"`},
		{func(badName) {}, ring.Lru{}, nil, `the tag ring:"-" is not a name (hash:"ignore" leaves a field out)`},
		{func([]any) {}, hash, nil, "hashing cannot tell values of different types apart in interface {}"},
		{func([]*int) {}, hash, nil, "hashing takes a nil *int for a pointer to zero"},
		{func(map[string]complex128) {}, hash, nil, "hashing knows no complex128"},
		{func(struct{ x int }) {}, hash, nil, "field x (int): is not exported, and hashing leaves it out"},
		{func(chained) {}, hash, nil, "field Next (*ring_test.chained): hashing takes a nil"},

		{func(promotedHash) {}, ring.Lru{}, nil, "has the method of hashstructure.Hashable from an embedded field, and hashing may forget the others"},
		{func(nestedHash) {}, ring.Lru{}, nil, "field A (ring_test.pointerHash): ring_test.pointerHash has the method of hashstructure.Hashable with a pointer receiver"},
		{func(promotedHash) {}, hash, nil, "from an embedded field, and hashing may forget"},
		{func(embedsText) {}, ring.Lru{}, nil, "field hiddenText (ring_test.hiddenText): field hidden (int): is not exported"},

		{func() promotedJSON { return promotedJSON{} }, ring.Lru{Coder: "json"}, nil, "has the method of json.Marshaler from an embedded field"},
		{func() struct{ promotedJSON } { return struct{ promotedJSON }{} }, ring.Lru{Coder: "json"}, nil, "has the method of json.Marshaler from an embedded field"},
		{func() oneWayJSON { return 0 }, ring.Lru{Coder: "json"}, nil, "has only one of the methods of json.Marshaler and json.Unmarshaler"},
		{func() twoIDs { return twoIDs{} }, ring.Lru{Coder: "json"}, nil, `two fields of ring_test.twoIDs are named "ID" in JSON, and one of them would be lost`},
		{func() shadowed { return shadowed{} }, ring.Lru{Coder: "json"}, nil, `two fields of ring_test.shadowed are named "ID"`},
		{func() []sameTag { return nil }, ring.Lru{Coder: "dataclass"}, nil, "is not a struct type with a name"},
		{func() sameTag { return sameTag{} }, ring.Lru{Coder: "dataclass"}, nil, `two fields of ring_test.sameTag are named "B"`},

		{func() chan int { return nil }, ring.Lru{Coder: "json"}, nil, "result 1 (chan int): coder: it cannot be restored: JSON has no chan int"},
		{func() (int, secret) { return 0, secret{} }, ring.Lru{Coder: "json"}, nil, "result 2 (ring_test.secret): coder: it cannot be restored: field hidden of ring_test.secret is not exported and would be lost"},
		{func() io.Reader { return nil }, ring.Lru{Coder: "json"}, nil, "the type behind io.Reader cannot be restored"},
		{func() map[[2]int]int { return nil }, ring.Lru{Coder: "json"}, nil, "JSON cannot have a [2]int as the key of an object"},
		{func() int { return 0 }, ring.Lru{Coder: "dataclass"}, nil, "int is not a struct type with a name"},
	} {
		_, err := ring.New(tt.fn, tt.factory, tt.opts...)
		if assert.Error(t, err, tt.want) {
			assert.ErrorContains(t, err, tt.want)
			assert.Regexp(t, "^ring: wrap ", err.Error())
			assert.IsType(t, &ring.Error{}, err)
			assert.PanicsWithError(t, err.Error(), func() { ring.Wrap(tt.fn, tt.factory, tt.opts...) })
		}
	}
	for _, fn := range []any{
		func(int) (int, *failure) { return 0, nil }, func() *failure { return nil }, func() failureValue { return "" },
		func() (int, interface {
			error
			Status() int
		}) {
			return 0, nil
		},
		//lint:ignore ST1008 that is what is refused
		func() (error, *failure) { return nil, nil }, (*failure).next, func() (int, syscall.Errno) { return 0, 0 },
	} {
		for _, f := range []ring.Factory{ring.Lru{}, ring.Dict{}, ring.Lru{Coder: "json"}} {
			_, err := ring.New(fn, f)
			assert.ErrorContains(t, err, "is an error by its methods, and not of type error, so that a failure would be cached as a value: return error, or wrap it in a struct", "%T", fn)
		}
	}
	assert.ErrorContains(t, ring.Wrap(strconv.Itoa, ring.Lru{}).Ring().Key(func(int) (string, *failure) { return "", nil }), "result 2 (*ring_test.failure) is an error by its methods")
	assert.Panics(t, func() { f := func() *failure { return nil }; ring.Decorate(&f, ring.Lru{}) })
	for _, fn := range []any{
		func() (*failure, int) { return nil, 0 }, func() (*failure, error) { return nil, nil }, func() failure { return failure{} },
		func() struct{ Failure *failure } { return struct{ Failure *failure }{} }, func() []error { return nil }, func() any { return nil },
	} {
		_, err := ring.New(fn, ring.Lru{})
		assert.NoError(t, err, "%T", fn)
	}
	_ = secret{}.get()

	// A type that was given up within another one is still refused for its own reason.
	_, err := ring.New(func(textOfSecret) int { return 0 }, ring.Lru{})
	require.NoError(t, err)
	_, err = ring.New(func(innerSecret) int { return 0 }, ring.Lru{})
	assert.ErrorContains(t, err, "field hidden (int): is not exported")
	_, err = ring.Wrap(func(any) int { return 0 }, ring.Lru{}).Call(innerSecret{})
	assert.ErrorIs(t, err, ring.ErrKey)
}

type (
	innerSecret  struct{ hidden int }
	textOfSecret struct {
		Inner innerSecret
		more  int
	}
)

func (s textOfSecret) MarshalText() ([]byte, error) {
	return strconv.AppendInt(nil, int64(s.Inner.hidden+s.more), 10), nil
}
func (s *textOfSecret) UnmarshalText([]byte) error { return nil }

// TestRefusedReceivers: the advice for a receiver does not lead to keys that all
// receivers share.
func TestRefusedReceivers(t *testing.T) {
	const want = `(it is the receiver: RingKey must tell apart all receivers whose results differ; those that differ only in what hash:"ignore" or IgnorableKeys leaves out get each other's results)`
	for _, style := range []ring.KeyStyle{ring.SafeKeys, ring.PythonKeys, ring.HashKeys} {
		_, err := ring.New((*client).Get, ring.Lru{Options: ring.Options{KeyStyle: style}})
		assert.ErrorContains(t, err, want)
		_, err = ring.New(func(*client) int { return 0 }, ring.Lru{Options: ring.Options{KeyStyle: style}})
		require.Error(t, err)
		assert.NotContains(t, err.Error(), want)
	}
	type getter interface{ Get() int }
	r := ring.Wrap(getter.Get, ring.Lru{})
	for _, call := range []func(...any) (any, error){r.Bind(&client{}).Call, r.Bind(&client{}).Get, r.Bind(&client{}).Update} {
		_, err := call()
		assert.ErrorIs(t, err, ring.ErrKey)
		assert.ErrorContains(t, err, want)
	}
	_, err := r.Bind(&client{}).GetOrUpdateMany(ring.Args{})
	assert.ErrorContains(t, err, want)
}

// TestWaysOut tries the remedies that the refusals name.
func TestWaysOut(t *testing.T) {
	r := ring.Wrap((*taggedClient).Get, ring.Lru{})
	a, err := r.Bind(&taggedClient{ID: 1, HTTP: http.DefaultClient}).Key()
	require.NoError(t, err)
	b, err := r.Bind(&taggedClient{ID: 1}).Key()
	require.NoError(t, err)
	c, err := r.Bind(&taggedClient{ID: 2}).Key()
	require.NoError(t, err)
	assert.Equal(t, a, b)
	assert.NotEqual(t, a, c)
	none, err := r.Bind((*taggedClient)(nil)).Key()
	require.NoError(t, err)
	assert.Equal(t, ":None", none)
	_, err = r.Bind(nil).Key()
	assert.ErrorIs(t, err, ring.ErrArguments)
	assert.ErrorContains(t, err, "taggedClient.Get cannot be bound: the receiver is nil")

	key, err := ring.Wrap(func(embedsIgnoring) int { return 0 }, ring.Lru{}).Key(embedsIgnoring{ignoring{ID: 1}, "x"})
	require.NoError(t, err)
	assert.Equal(t, ":embedsIgnoringName,x,ignoring,{'ID': 1}", key)

	_, err = ring.New((*client).Get, ring.Lru{Options: ring.Options{IgnorableKeys: []string{"self"}}}, ring.Signature("self"))
	assert.NoError(t, err)
}

func TestKeysThatFailInACall(t *testing.T) {
	r := ring.Wrap(func(v any) int { return 1 }, ring.Lru{})
	for _, v := range []any{make(chan int), func() {}, secret{1}, []any{secret{1}}, failing{1}, map[any]any{1: func() {}}} {
		for _, call := range []func(...any) (any, error){r.Call, r.Get, r.Update} {
			_, err := call(v)
			assert.ErrorIs(t, err, ring.ErrKey, "%T", v)
			assert.ErrorContains(t, err, "parameter 1 (interface {})")
		}
		assert.ErrorIs(t, r.Set(1, v), ring.ErrKey)
		_, err := r.GetMany(ring.Args{1}, ring.Args{v})
		assert.ErrorIs(t, err, ring.ErrKey)
		assert.ErrorContains(t, err, "element 1")
	}
	_, err := r.Call(big.NewInt(5))
	assert.NoError(t, err)

	// A method that panics, here on a nil within the value, has no text.
	_, err = r.Call(struct{ *textOfSecret }{})
	assert.ErrorIs(t, err, ring.ErrKey)
	assert.ErrorContains(t, err, "panic: ")
}

// TestWrongCalls: nothing that a caller can do makes ring panic.
func TestWrongCalls(t *testing.T) {
	r := ring.Wrap(func(ctx context.Context, a int8, b []string, c map[string]float32) (string, error) { return "", nil }, ring.Lru{}, ring.Signature("a, b=[], **c"))
	for _, args := range [][]any{
		{}, {nil}, {300}, {1.5}, {"x"}, {1, "x"}, {1, []int{1}}, {1, []string{}, 3}, {1, ring.Kwargs{"c": "x"}}, {1, ring.Kwargs{"x": 1e300}},
		{ring.Kwargs{"a": nil}}, {1, nil, nil}, {struct{}{}}, {context.Background()}, {1, []any{"x", 5}}, {new(int)}, {make(chan int)},
	} {
		for _, action := range []string{"key", "execute", "get", "update", "get_or_update", "delete", "has", "touch"} {
			_, err := r.Run(action, args...)
			assert.ErrorIs(t, err, ring.ErrArguments, "%s %v", action, args)
			assert.ErrorContains(t, err, "ring: "+action)
		}
		assert.ErrorIs(t, r.Set("v", args...), ring.ErrArguments)
		for _, action := range []string{"key_many", "execute_many", "get_many", "update_many", "get_or_update_many", "delete_many", "has_many", "touch_many"} {
			_, err := r.Run(action, ring.Args{1}, ring.Args(args))
			assert.ErrorIs(t, err, ring.ErrArguments, "%s %v", action, args)
			assert.ErrorContains(t, err, "element 1")
		}
	}
	for _, args := range [][]any{{1}, {2.0}, {int64(1), []any{"x"}}, {uint(1), nil, ring.Kwargs{"x": 1}}, {big.NewInt(7)}} {
		_, err := r.Call(args...)
		assert.NoError(t, err, "%v", args)
	}

	for _, tt := range []struct {
		action string
		args   []any
		want   error
	}{
		{"set", nil, ring.ErrArguments}, {"set", []any{5, 1}, ring.ErrArguments}, {"set_many", nil, ring.ErrArguments}, {"set_many", []any{1, 2}, ring.ErrArguments},
		{"set_many", []any{[]any{ring.Args{1}}, []any{}}, ring.ErrArguments}, {"nonsense", []any{1}, errors.ErrUnsupported}, {"", nil, errors.ErrUnsupported},
		{"key_many", []any{5}, ring.ErrArguments}, {"get_many", []any{nil}, ring.ErrArguments}, {"lookup", nil, errors.ErrUnsupported},
	} {
		_, err := r.Run(tt.action, tt.args...)
		assert.ErrorIs(t, err, tt.want, tt.action)
	}
}

// TestArgumentsThatGoRound: a conversion does not follow cyclic arguments for ever.
func TestArgumentsThatGoRound(t *testing.T) {
	type L []L
	loop := []any{nil}
	loop[0] = loop
	type M map[string]M
	round := map[string]any{}
	round["x"] = round
	type S struct{ M map[string]any }
	for _, call := range []func() error{
		func() error {
			_, err := ring.Wrap(func(map[*S]int) int { return 0 }, ring.Lru{}).Call(map[*S]any{{round}: "no"})
			return err
		},
		func() error { _, err := ring.Wrap(func(L) int { return 0 }, ring.Lru{}).Call(loop); return err },
		func() error { _, err := ring.Wrap(func(M) int { return 0 }, ring.Lru{}).Call(round); return err },
		func() error { return ring.Wrap(func() {}, ring.Lru{}).Set(loop) },
	} {
		err := call()
		assert.ErrorIs(t, err, ring.ErrArguments)
		assert.Less(t, len(err.Error()), 5000)
	}
}
