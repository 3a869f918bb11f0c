package ring_test

import (
	"bytes"
	"context"
	"encoding/gob"
	"encoding/hex"
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/ring-go/ring"
	"github.com/ring-go/ring/lrucache"
)

func Example() {
	// The function tells when it runs. What it does not tell of came from the cache.
	shout := ring.Wrap(func(word string) string {
		fmt.Println("running for", word)
		return strings.ToUpper(word)
	}, ring.Lru{MaxSize: 1000, Expire: time.Hour})

	fmt.Println(shout.Call("hello"))
	fmt.Println(shout.Call("hello"))
	fmt.Println(shout.Delete("hello"))
	fmt.Println(shout.Get("hello"))
	fmt.Println(shout.Call("hello"))
	// Output:
	// running for hello
	// HELLO <nil>
	// HELLO <nil>
	// <nil>
	// <nil> <nil>
	// running for hello
	// HELLO <nil>
}

func ExampleWrap() {
	// Any function will do, also one that you did not write.
	atoi := ring.Wrap(strconv.Atoi, ring.Lru{})

	fmt.Println(atoi.Call("42"))
	fmt.Println(atoi.Has("42"))

	// An error of the function comes as it is, and nothing is cached.
	_, err := atoi.Call("forty-two")
	fmt.Println(err)
	fmt.Println(atoi.Has("forty-two"))
	// Output:
	// 42 <nil>
	// true <nil>
	// strconv.Atoi: parsing "forty-two": invalid syntax
	// false <nil>
}

func ExampleWrap_severalResults() {
	cut := ring.Wrap(strings.Cut, ring.Lru{})

	// As in Python, several results are a tuple.
	value, err := cut.Call("key=value", "=")
	fmt.Println(value, err)
	fmt.Println(value.(ring.Tuple)[1])
	// Output:
	// [key value true] <nil>
	// value
}

func ExampleNew() {
	// Where the cache is chosen by a configuration file, misuse should not panic.
	_, err := ring.New(strconv.Itoa, ring.Lru{Coder: "yaml"})
	fmt.Println(errors.Is(err, ring.ErrCoder))

	// What can have no key is found at once, not by the first call.
	_, err = ring.New(func(done chan bool) int { return 1 }, ring.Lru{})
	fmt.Println(errors.Is(err, ring.ErrKey))
	// Output:
	// true
	// true
}

func ExampleDecorate() {
	var fibonacci func(n int) int
	fibonacci = func(n int) int {
		if n < 2 {
			return n
		}
		return fibonacci(n-1) + fibonacci(n-2)
	}
	// From here on the variable holds the cached function, and so the function
	// calls its cached self. The type stays: no any, no type assertion.
	rope := ring.Decorate(&fibonacci, ring.Lru{})

	fmt.Println(fibonacci(90))
	fmt.Println(rope.CacheInfo().Misses)
	// Output:
	// 2880067194370816120
	// 91
}

func ExampleSignature() {
	greet := func(name, greeting string, times int) string {
		return strings.Repeat(greeting+" ", times) + name
	}
	// Go does not keep the names of parameters and has no defaults.
	rope := ring.Wrap(greet, ring.Lru{}, ring.Signature("name, greeting='Hi', times=1"))

	fmt.Println(rope.Call("Ada"))
	fmt.Println(rope.Call("Ada", ring.Kwargs{"times": 2}))

	// However a call is written, it has one key.
	fmt.Println(rope.Key("Ada"))
	fmt.Println(rope.Key(ring.Kwargs{"times": 1, "name": "Ada"}))
	// Output:
	// Hi Ada <nil>
	// Hi Hi Ada <nil>
	// :Ada:Hi:1 <nil>
	// :Ada:Hi:1 <nil>
}

func ExampleSignature_starred() {
	query := func(table string, limit int, columns []string, where map[string]any) string {
		return fmt.Sprint(table, limit, columns, where)
	}
	// Also a slice can be *args, and a map takes the keywords that have no
	// parameter of their own.
	rope := ring.Wrap(query, ring.Lru{}, ring.Signature("table, limit=10, *columns, **where"))

	fmt.Println(rope.Key("users"))
	fmt.Println(rope.Key("users", 5, "id", "name", ring.Kwargs{"age": 36}))
	// Output:
	// :users:10:(): <nil>
	// :users:5:('id','name'):age,36 <nil>
}

func ExampleName() {
	cache := map[string]any{}
	// A function literal has no name of its own to begin its keys with.
	_, err := ring.New(func(n int) int { return -n }, ring.Dict{Obj: cache})
	fmt.Println(err != nil)

	negate, err := ring.New(func(n int) int { return -n }, ring.Dict{Obj: cache}, ring.Name("math.negate"))
	fmt.Println(err)
	fmt.Println(negate.Key(7))
	// Output:
	// true
	// <nil>
	// math.negate:7 <nil>
}

func ExampleFuncOption() {
	options := []ring.FuncOption{ring.Name("geo.distance"), ring.Signature("x, y=0")}
	distance := ring.Wrap(func(x, y int) int { return x*x + y*y }, ring.Dict{}, options...)

	fmt.Println(distance.Key(3))
	// Output:
	// geo.distance:3:0 <nil>
}

func ExampleFactory() {
	// A factory is a value: it may be chosen once, and wrap any number of functions.
	inProduction := false
	var cache ring.Factory = ring.Lru{MaxSize: ring.CacheNothing}
	if inProduction {
		cache = ring.Lru{MaxSize: 10_000}
	}
	square := ring.Wrap(slowSquare, cache)
	upper := ring.Wrap(strings.ToUpper, cache)

	fmt.Println(square.Call(4))
	fmt.Println(square.Call(4))
	fmt.Println(upper.Call("a"))
	// Output:
	// squaring 4
	// 16 <nil>
	// squaring 4
	// 16 <nil>
	// A <nil>
}

func ExampleLru() {
	square := ring.Wrap(slowSquare, ring.Lru{MaxSize: 2})

	square.Call(1)
	square.Call(2)
	square.Call(1) // a hit, which makes 2 the least recently used
	square.Call(3)
	fmt.Println(square.HasMany(ring.Args{1}, ring.Args{2}, ring.Args{3}))
	// Output:
	// squaring 1
	// squaring 2
	// squaring 3
	// [true false true] <nil>
}

func ExampleLru_expire() {
	// With a cache of one's own, a test can turn the clock.
	now := time.Date(2024, 2, 29, 12, 0, 0, 0, time.UTC)
	cache := lrucache.New(128)
	cache.Now = func() time.Time { return now }

	square := ring.Wrap(slowSquare, ring.Lru{Lru: cache, Expire: time.Minute})
	fmt.Println(square.Call(4))
	now = now.Add(59 * time.Second)
	fmt.Println(square.Call(4))
	now = now.Add(time.Second)
	fmt.Println(square.Call(4))
	// Output:
	// squaring 4
	// 16 <nil>
	// 16 <nil>
	// squaring 4
	// 16 <nil>
}

func ExampleLru_shared() {
	// Functions that share a cache compete for its places. Their names keep their
	// keys apart; a private cache needs no names.
	shared := lrucache.New(1000)
	upper := ring.Wrap(strings.ToUpper, ring.Lru{Lru: shared})
	lower := ring.Wrap(strings.ToLower, ring.Lru{Lru: shared})
	private := ring.Wrap(strings.ToLower, ring.Lru{})

	fmt.Println(upper.Key("Go"))
	fmt.Println(lower.Key("Go"))
	fmt.Println(private.Key("Go"))
	// Output:
	// strings.ToUpper:Go <nil>
	// strings.ToLower:Go <nil>
	// :Go <nil>
}

func ExampleUnbounded() {
	square := ring.Wrap(func(n int) int { return n * n }, ring.Lru{MaxSize: ring.Unbounded})
	for n := range 1000 {
		square.Call(n)
	}
	fmt.Println(square.CacheInfo().CurrSize)
	// Output:
	// 1000
}

func ExampleCacheNothing() {
	// The sub-functions stay in place, so a cache can be turned off by a setting.
	square := ring.Wrap(slowSquare, ring.Lru{MaxSize: ring.CacheNothing})
	fmt.Println(square.Call(4))
	fmt.Println(square.Has(4))
	// Output:
	// squaring 4
	// 16 <nil>
	// false <nil>
}

func ExampleNoPrefix() {
	// An empty KeyPrefix is the default one, so the empty prefix has a name.
	byDefault := ring.Wrap(strings.ToUpper, ring.Dict{})
	named := ring.Wrap(strings.ToUpper, ring.Dict{KeyPrefix: "up"})
	bare := ring.Wrap(strings.ToUpper, ring.Dict{KeyPrefix: ring.NoPrefix})

	fmt.Println(byDefault.Key("a"))
	fmt.Println(named.Key("a"))
	fmt.Println(bare.Key("a"))
	// Output:
	// strings.ToUpper:a <nil>
	// up:a <nil>
	// :a <nil>
}

func ExampleDict() {
	cache := map[string]any{}
	square := ring.Wrap(slowSquare, ring.Dict{Obj: cache, KeyPrefix: "square"})

	square.Call(4)
	fmt.Println(cache)

	// The map stays in reach. What is put there by hand is found.
	cache["square:5"] = 25
	fmt.Println(square.Call(5))
	// Output:
	// squaring 4
	// map[square:4:16]
	// 25 <nil>
}

func ExampleDict_syncMap() {
	// A plain map is guarded by the ropes that share it. When other code touches
	// it at the same time, use a map that guards itself.
	var cache sync.Map
	square := ring.Wrap(slowSquare, ring.Dict{Obj: &cache, KeyPrefix: "square"})

	square.Call(4)
	fmt.Println(cache.Load("square:4"))
	// Output:
	// squaring 4
	// 16 true
}

func ExampleDict_expire() {
	cache := map[string]any{}
	square := ring.Wrap(slowSquare, ring.Dict{Obj: cache, KeyPrefix: "square", Expire: time.Hour})
	square.Call(4)

	// What can expire lies in the map with its time.
	entry := cache["square:4"].(ring.Entry)
	fmt.Println(entry.Value, entry.ExpireAt.After(time.Now()))
	// Output:
	// squaring 4
	// 16 true
}

func ExampleEntry() {
	// A map can be filled by hand, and every value have an expiry of its own.
	cache := map[string]any{
		"square:4": ring.Entry{Value: 16}, // never expires
		"square:5": ring.Entry{Value: 25, ExpireAt: time.Unix(0, 0)},
		"square:6": 36, // as a dict without expiry keeps it
	}
	square := ring.Wrap(slowSquare, ring.Dict{Obj: cache, KeyPrefix: "square", Expire: time.Hour})

	fmt.Println(square.GetMany(ring.Args{4}, ring.Args{5}, ring.Args{6}))
	// Output:
	// [16 <nil> 36] <nil>
}

// tracedMap is a dict of one's own: a sync.Map that tells what is written to it.
type tracedMap struct{ values sync.Map }

func (m *tracedMap) Get(key string) (any, bool) { return m.values.Load(key) }
func (m *tracedMap) Delete(key string)          { m.values.Delete(key) }
func (m *tracedMap) Set(key string, value any) {
	fmt.Println("set", key, "to", value)
	m.values.Store(key, value)
}

func ExampleMapping() {
	square := ring.Wrap(slowSquare, ring.Dict{Obj: &tracedMap{}, KeyPrefix: "square"})
	fmt.Println(square.Call(4))
	fmt.Println(square.Call(4))
	// Output:
	// squaring 4
	// set square:4 to 16
	// 16 <nil>
	// 16 <nil>
}

// tinyStorage is a storage of one's own. These three methods are all it takes.
type tinyStorage struct{ values *sync.Map }

func (s tinyStorage) GetValue(_ context.Context, key string) (any, error) {
	if value, ok := s.values.Load(key); ok {
		return value, nil
	}
	return nil, ring.ErrNotFound
}

func (s tinyStorage) SetValue(_ context.Context, key string, value any, expire time.Duration) error {
	if expire != 0 {
		// Keeping the value for good would be worse than saying so.
		return fmt.Errorf("%w: a tinyStorage keeps no expiry", errors.ErrUnsupported)
	}
	s.values.Store(key, value)
	return nil
}

func (s tinyStorage) DeleteValue(_ context.Context, key string) error {
	s.values.Delete(key)
	return nil
}

func newTinyStorage(backend any) (ring.Storage, error) {
	values, ok := backend.(*sync.Map)
	if !ok {
		return nil, fmt.Errorf("a tinyStorage needs a *sync.Map, not a %T", backend)
	}
	return tinyStorage{values}, nil
}

func ExampleBaseFactory() {
	var values sync.Map
	square := ring.Wrap(slowSquare, ring.BaseFactory{
		StorageBackend: &values,
		StorageClass:   newTinyStorage,
		KeyPrefix:      "square",
	})
	fmt.Println(square.GetOrUpdateMany(ring.Args{4}, ring.Args{5}))
	fmt.Println(values.Load("square:4"))
	// Output:
	// squaring 4
	// squaring 5
	// [16 25] <nil>
	// 16 true
}

func ExampleStorage() {
	// A storage knows keys and values, but nothing of functions.
	var storage ring.Storage = tinyStorage{&sync.Map{}}
	ctx := context.Background()

	_, err := storage.GetValue(ctx, "k")
	fmt.Println(err == ring.ErrNotFound)
	fmt.Println(storage.SetValue(ctx, "k", "v", 0))
	fmt.Println(storage.GetValue(ctx, "k"))
	fmt.Println(storage.DeleteValue(ctx, "k"))
	// Output:
	// true
	// <nil>
	// v <nil>
	// <nil>
}

func ExampleStorageClass() {
	var class ring.StorageClass = newTinyStorage

	// What the class refuses, New returns.
	_, err := ring.New(slowSquare, ring.BaseFactory{StorageBackend: "a sync.Map?", StorageClass: class})
	fmt.Println(err != nil)
	_, err = ring.New(slowSquare, ring.BaseFactory{StorageBackend: &sync.Map{}, StorageClass: class})
	fmt.Println(err)
	// Output:
	// true
	// <nil>
}

// tinyStorageWithHas can tell whether there is a value without handing it over,
// which for a large value on a server makes a difference.
type tinyStorageWithHas struct{ tinyStorage }

func (s tinyStorageWithHas) HasValue(_ context.Context, key string) (bool, error) {
	fmt.Println("asked for", key)
	_, ok := s.values.Load(key)
	return ok, nil
}

func ExampleHasStorage() {
	square := ring.Wrap(slowSquare, ring.BaseFactory{
		StorageClass: func(any) (ring.Storage, error) {
			return tinyStorageWithHas{tinyStorage{&sync.Map{}}}, nil
		},
		KeyPrefix: "square",
	})
	fmt.Println(square.Has(4))
	// Output:
	// asked for square:4
	// false <nil>
}

// tinyStorageWithTouch has nothing to renew, but it learns what is still in use.
type tinyStorageWithTouch struct{ tinyStorage }

func (s tinyStorageWithTouch) TouchValue(_ context.Context, key string, expire time.Duration) error {
	fmt.Println("touched", key)
	return nil
}

func ExampleTouchStorage() {
	storages := []ring.Storage{
		tinyStorage{&sync.Map{}},
		tinyStorageWithTouch{tinyStorage{&sync.Map{}}},
	}
	for _, storage := range storages {
		square := ring.Wrap(slowSquare, ring.BaseFactory{
			StorageClass: func(any) (ring.Storage, error) { return storage, nil },
			KeyPrefix:    "square",
		})
		err := square.Touch(4)
		fmt.Println(errors.Is(err, errors.ErrUnsupported))
	}
	// Output:
	// true
	// touched square:4
	// false
}

// tinyBulkStorage does several keys in one go, as a server with a pipeline would.
type tinyBulkStorage struct{ tinyStorage }

func (s tinyBulkStorage) GetManyValues(ctx context.Context, keys []string) ([]any, error) {
	fmt.Println("one round trip to get", len(keys))
	values := make([]any, len(keys))
	for i, key := range keys {
		value, err := s.GetValue(ctx, key)
		if err != nil {
			value = ring.ErrNotFound // a miss is the error itself, in the value's place
		}
		values[i] = value
	}
	return values, nil
}

func (s tinyBulkStorage) SetManyValues(ctx context.Context, keys []string, values []any, expire time.Duration) error {
	fmt.Println("one round trip to set", len(keys))
	for i, key := range keys {
		if err := s.SetValue(ctx, key, values[i], expire); err != nil {
			return err
		}
	}
	return nil
}

func (s tinyBulkStorage) DeleteManyValues(ctx context.Context, keys []string) error {
	for _, key := range keys {
		s.values.Delete(key)
	}
	return nil
}

func (s tinyBulkStorage) HasManyValues(ctx context.Context, keys []string) ([]bool, error) {
	has := make([]bool, len(keys))
	for i, key := range keys {
		_, has[i] = s.values.Load(key)
	}
	return has, nil
}

func (s tinyBulkStorage) TouchManyValues(context.Context, []string, time.Duration) error {
	return fmt.Errorf("%w: there is no expiry to renew", errors.ErrUnsupported)
}

func ExampleBulkStorage() {
	square := ring.Wrap(slowSquare, ring.BaseFactory{
		StorageClass: func(any) (ring.Storage, error) {
			return tinyBulkStorage{tinyStorage{&sync.Map{}}}, nil
		},
		KeyPrefix: "square",
	})
	fmt.Println(square.GetOrUpdateMany(ring.Args{4}, ring.Args{5}, ring.Args{6}))
	// Output:
	// one round trip to get 3
	// squaring 4
	// squaring 5
	// squaring 6
	// one round trip to set 3
	// [16 25 36] <nil>
}

// tinyMemory is a storage that says of itself where the values are, and how many.
type tinyMemory struct{ tinyStorage }

func (tinyMemory) InMemoryStorage() bool { return true }

func (m tinyMemory) Size() (limit, current int) {
	m.values.Range(func(_, _ any) bool {
		current++
		return true
	})
	return ring.Unbounded, current
}

func newTinyMemory(any) (ring.Storage, error) {
	return tinyMemory{tinyStorage{&sync.Map{}}}, nil
}

func ExampleInMemory() {
	// Keys in memory need not be the same tomorrow. A storage that does not say
	// where it keeps its values is taken for one that outlives the process.
	memory := ring.Wrap(slowSquare, ring.BaseFactory{StorageClass: newTinyMemory})
	other := ring.Wrap(slowSquare, ring.BaseFactory{StorageClass: newTinyStorage, StorageBackend: &sync.Map{}})

	fmt.Println(memory.Config().InMemory, other.Config().InMemory)
	// Output:
	// true false
}

func ExampleSizedStorage() {
	square := ring.Wrap(slowSquare, ring.BaseFactory{StorageClass: newTinyMemory})
	square.UpdateMany(ring.Args{4}, ring.Args{5})

	info := square.CacheInfo()
	fmt.Println(info.CurrSize, info.MaxSize == ring.Unbounded)
	// Output:
	// squaring 4
	// squaring 5
	// 2 true
}

// countingLru is the storage of ring.Lru, but for one method.
type countingLru struct {
	ring.LruStorage
	mu   sync.Mutex
	sets int // guarded by mu: a storage is used by many goroutines
}

func (s *countingLru) SetValue(ctx context.Context, key string, value any, expire time.Duration) error {
	s.mu.Lock()
	s.sets++
	s.mu.Unlock()
	return s.LruStorage.SetValue(ctx, key, value, expire)
}

func ExampleLruStorage() {
	var storage *countingLru
	square := ring.Wrap(slowSquare, ring.Lru{
		StorageClass: func(backend any) (ring.Storage, error) {
			storage = &countingLru{LruStorage: ring.LruStorage{Cache: backend.(*lrucache.LruCache)}}
			return storage, nil
		},
	})
	square.Call(4)
	square.Call(4)
	square.Set(25, 5)
	fmt.Println(storage.sets)
	// Output:
	// squaring 4
	// 2
}

func ExampleNewLruStorage() {
	// The storages are of use without a function, too.
	storage, err := ring.NewLruStorage(lrucache.New(1))
	fmt.Println(err)

	ctx := context.Background()
	storage.SetValue(ctx, "a", 1, 0)
	storage.SetValue(ctx, "b", 2, 0)
	_, err = storage.GetValue(ctx, "a")
	fmt.Println(err == ring.ErrNotFound)
	// Output:
	// <nil>
	// true
}

func ExampleExpirableDictStorage() {
	// Values without an expiry of their own stay; single ones can still be given
	// one. The clock belongs to the storage.
	now := time.Date(2024, 2, 29, 12, 0, 0, 0, time.UTC)
	square := ring.Wrap(slowSquare, ring.Dict{
		StorageClass: func(backend any) (ring.Storage, error) {
			storage, err := ring.NewExpirableDictStorage(backend)
			if err != nil {
				return nil, err
			}
			storage.(*ring.ExpirableDictStorage).Now = func() time.Time { return now }
			return storage, nil
		},
		KeyPrefix: "square",
	})
	ctx := context.Background()
	square.Storage().Set(ctx, "square:4", 16)
	square.Storage().Set(ctx, "square:5", 25, time.Minute)
	now = now.Add(time.Hour)
	fmt.Println(square.GetMany(ring.Args{4}, ring.Args{5}))
	// Output:
	// [16 <nil>] <nil>
}

func ExampleNewExpirableDictStorage() {
	cache := map[string]any{}
	storage, err := ring.NewExpirableDictStorage(cache)
	fmt.Println(err)

	storage.SetValue(context.Background(), "a", 1, 0)
	fmt.Println(cache["a"].(ring.Entry).Value)
	// Output:
	// <nil>
	// 1
}

func ExamplePersistentDictStorage() {
	square := ring.Wrap(slowSquare, ring.Dict{})
	_, ok := square.Storage().Storage().(*ring.PersistentDictStorage)
	fmt.Println(ok)

	// There is no expiry, so there is nothing that touch could renew.
	fmt.Println(errors.Is(square.Touch(4), errors.ErrUnsupported))
	// Output:
	// true
	// true
}

func ExampleNewPersistentDictStorage() {
	cache := map[string]any{}
	storage, err := ring.NewPersistentDictStorage(cache)
	fmt.Println(err)

	storage.SetValue(context.Background(), "a", 1, 0)
	fmt.Println(cache)
	// Output:
	// <nil>
	// map[a:1]
}

func ExampleOptions() {
	// Every factory takes them, as its Kwargs.
	square := ring.Wrap(slowSquare, ring.Dict{
		KeyPrefix: "square",
		Options: ring.Options{
			MissValue:   0,
			KeyRefactor: strings.ToUpper,
		},
	})
	fmt.Println(square.Get(4))
	fmt.Println(square.Key(4))
	// Output:
	// 0 <nil>
	// SQUARE:4 <nil>
}

func ExampleOptions_ignorableKeys() {
	// Who asks, and how patiently, makes no difference to the answer.
	page := ring.Wrap(
		func(path, user string, timeout time.Duration) string { return "the page at " + path },
		ring.Lru{Options: ring.Options{IgnorableKeys: []string{"user", "timeout"}}},
		ring.Signature("path, user, timeout=0"))

	fmt.Println(page.Key("/", "ada", time.Second))
	fmt.Println(page.Key("/", "grace"))
	// Output:
	// :/ <nil>
	// :/ <nil>
}

func ExampleOptions_keyEncoding() {
	upper := ring.Wrap(strings.ToUpper, ring.Lru{Options: ring.Options{KeyEncoding: "ascii"}})

	fmt.Println(upper.Key("cafe"))
	_, err := upper.Key("café")
	fmt.Println(errors.Is(err, ring.ErrKey))
	// Output:
	// :cafe <nil>
	// true
}

func ExampleOptions_keyRefactor() {
	// The storages that have rules for keys apply them by themselves. Where the
	// keys are shared with such a storage, ask for the same.
	upper := ring.Wrap(strings.ToUpper, ring.Dict{
		KeyPrefix: "upper",
		Options:   ring.Options{KeyRefactor: ring.MemcacheKey},
	})
	fmt.Println(upper.Key("word"))
	fmt.Println(upper.Key("two words"))
	// Output:
	// upper:word <nil>
	// ring-sha1:336273b61a9c3a4c12b9efd25b11d46d5ad50b1d <nil>
}

func ExampleMemcacheKey() {
	fmt.Println(ring.MemcacheKey("plain:key"))
	fmt.Println(ring.MemcacheKey("memcached takes no blanks"))
	fmt.Println(len(ring.MemcacheKey(strings.Repeat("nor long keys", 100))))
	// Output:
	// plain:key
	// ring-sha1:a9fd07897c142bec93da68a4e871e014b056a605
	// 50
}

func ExampleOptions_keyStyle() {
	// PythonKeys are for a cache that a Python process uses as well. Different calls
	// can have one key there, as the last two do; SafeKeys keep them apart.
	for _, style := range []ring.KeyStyle{ring.SafeKeys, ring.PythonKeys} {
		join := ring.Wrap(func(a, b string) string { return a + b },
			ring.Lru{KeyPrefix: "join", Options: ring.Options{KeyStyle: style}})
		fmt.Println(join.KeyMany(ring.Args{"x", "y"}, ring.Args{"a:b", "c"}, ring.Args{"a", "b:c"}))
	}
	// Output:
	// [join:x:y join:a\:b:c join:a:b\:c] <nil>
	// [join:x:y join:a:b:c join:a:b:c] <nil>
}

func ExampleKeyStyle() {
	numbers := make([]int, 1000)
	for _, style := range []ring.KeyStyle{ring.SafeKeys, ring.HashKeys} {
		sum := ring.Wrap(func(numbers []int) int { return len(numbers) },
			ring.Lru{Options: ring.Options{KeyStyle: style}})
		key, err := sum.Key(numbers)
		fmt.Println(style, len(key) < 50, err)
	}
	// Output:
	// SafeKeys false <nil>
	// HashKeys true <nil>
}

func ExampleKeyStyle_String() {
	fmt.Println(ring.SafeKeys, ring.PythonKeys, ring.HashKeys)
	// Output:
	// SafeKeys PythonKeys HashKeys
}

func ExampleOptions_defaultAction() {
	// This rope only ever looks: something else fills the cache.
	square := ring.Wrap(slowSquare, ring.Lru{Options: ring.Options{DefaultAction: "get"}})

	fmt.Println(square.Call(4))
	fmt.Println(square.Update(4))
	fmt.Println(square.Call(4))
	// Output:
	// <nil> <nil>
	// squaring 4
	// 16 <nil>
	// 16 <nil>
}

func ExampleNoDefaultAction() {
	// Whoever uses the rope has to say what he wants.
	square := ring.Wrap(slowSquare, ring.Lru{Options: ring.Options{DefaultAction: ring.NoDefaultAction}})

	_, err := square.Call(4)
	fmt.Println(errors.Is(err, errors.ErrUnsupported))
	fmt.Println(square.GetOrUpdate(4))
	// Output:
	// true
	// squaring 4
	// 16 <nil>
}

func ExampleOptions_missValue() {
	square := ring.Wrap(slowSquare, ring.Lru{Options: ring.Options{MissValue: -1}})

	fmt.Println(square.Get(4))
	fmt.Println(square.GetMany(ring.Args{4}, ring.Args{5}))
	// Output:
	// -1 <nil>
	// [-1 -1] <nil>
}

func ExampleOptions_onManufactured() {
	// One place that learns of every rope of an application.
	var ropes []*ring.Rope
	options := ring.Options{OnManufactured: func(r *ring.Rope) { ropes = append(ropes, r) }}
	ring.Wrap(strings.ToUpper, ring.Lru{Options: options})
	ring.Wrap(strings.ToLower, ring.Lru{Options: options})

	for _, r := range ropes {
		fmt.Println(r.Config().Name)
	}
	// Output:
	// strings.ToUpper
	// strings.ToLower
}

func ExampleOptions_onError() {
	cache := map[string]any{"square:4": "no JSON"}
	square := ring.Wrap(slowSquare, ring.Dict{
		Obj:       cache,
		KeyPrefix: "square",
		Coder:     "json",
		Options: ring.Options{OnError: func(_ context.Context, err *ring.Error) {
			fmt.Println("not decoded:", err.Key, errors.Is(err, ring.ErrCoder))
		}},
	})
	// The caller is not bothered: there is a value after all.
	fmt.Println(square.Call(4))
	fmt.Printf("%s\n", cache["square:4"])
	// Output:
	// not decoded: square:4 true
	// squaring 4
	// 16 <nil>
	// 16
}

func ExampleOptions_coderRegistry() {
	// Names of coders that hold for some ropes only.
	registry := ring.NewRegistry()
	err := registry.Register("gob", gobCoder{})
	fmt.Println(err)

	square := ring.Wrap(slowSquare, ring.Lru{Coder: "gob", Options: ring.Options{CoderRegistry: registry}})
	fmt.Println(square.Call(4))
	fmt.Println(square.Call(4))
	// Output:
	// <nil>
	// squaring 4
	// 16 <nil>
	// 16 <nil>
}

// Author is a receiver. It says itself what it is called in a key, so that its other
// fields make no difference.
type Author struct {
	ID   int
	Name string
}

// RingKey implements ring.RingKeyer.
func (a *Author) RingKey() string { return "author" + strconv.Itoa(a.ID) }

// Book returns the author's n-th book.
func (a *Author) Book(n int) string {
	fmt.Println("looking for book", n, "of", a.Name)
	return a.Name + ", Collected Works " + strconv.Itoa(n)
}

func ExampleRope() {
	// A rope of a function can do what a wire can. One of a method expression
	// takes the receiver first, like the method expression itself.
	book := ring.Wrap((*Author).Book, ring.Lru{})
	fmt.Println(book.Call(&Author{1, "Ada"}, 3))
	fmt.Println(book.Bind(&Author{1, "Ada"}).Call(3))
	// Output:
	// looking for book 3 of Ada
	// Ada, Collected Works 3 <nil>
	// Ada, Collected Works 3 <nil>
}

func ExampleRope_Bind() {
	book := ring.Wrap((*Author).Book, ring.Dict{KeyPrefix: "book"})
	ada, grace := &Author{1, "Ada"}, &Author{2, "Grace"}

	fmt.Println(book.Bind(ada).Call(7))
	fmt.Println(book.Bind(grace).Call(7))
	fmt.Println(book.Bind(ada).Key(7))

	_, err := book.Bind("Ada").Call(7)
	fmt.Println(errors.Is(err, ring.ErrArguments))
	// Output:
	// looking for book 7 of Ada
	// Ada, Collected Works 7 <nil>
	// looking for book 7 of Grace
	// Grace, Collected Works 7 <nil>
	// book:author1:7 <nil>
	// true
}

func ExampleRingKeyer() {
	royalties := ring.Wrap(func(authors []*Author) int { return 100 * len(authors) }, ring.Lru{})
	fmt.Println(royalties.Key([]*Author{{1, "Ada"}, {2, "Grace"}}))
	// Output:
	// :[author1,author2] <nil>
}

func ExampleWire() {
	// A wire is a method with its receiver: it can be handed on like one.
	book := ring.Wrap((*Author).Book, ring.Lru{})
	var ofAda *ring.Wire = book.Bind(&Author{1, "Ada"})

	ofAda.Set("Notes on the Analytical Engine", 1)
	fmt.Println(ofAda.Call(1))
	fmt.Println(ofAda.Has(2))
	// Output:
	// Notes on the Analytical Engine <nil>
	// false <nil>
}

func ExampleWire_Call() {
	square := ring.Wrap(slowSquare, ring.Lru{}, ring.Signature("n"))

	fmt.Println(square.Call(4))
	fmt.Println(square.Call(ring.Kwargs{"n": 4}))
	fmt.Println(square.Call(4.0)) // numbers convert where nothing is lost

	_, err := square.Call(4.5)
	fmt.Println(errors.Is(err, ring.ErrArguments))
	// Output:
	// squaring 4
	// 16 <nil>
	// 16 <nil>
	// 16 <nil>
	// true
}

func ExampleWire_Run() {
	square := ring.Wrap(slowSquare, ring.Lru{})
	// The names are Python's. set takes the value first.
	fmt.Println(square.Run("get_or_update", 4))
	fmt.Println(square.Run("set", 17, 4))
	fmt.Println(square.Run("get", 4))
	fmt.Println(square.Run("has_many", ring.Args{4}, ring.Args{5}))

	_, err := square.Run("frobnicate", 4)
	fmt.Println(errors.Is(err, errors.ErrUnsupported))
	// Output:
	// squaring 4
	// 16 <nil>
	// <nil> <nil>
	// 17 <nil>
	// [true false] <nil>
	// true
}

func ExampleWire_Key() {
	type point struct{ X, Y int }
	plot := ring.Wrap(func(name string, p point, tags ...string) int { return 0 }, ring.Dict{KeyPrefix: "plot"})

	fmt.Println(plot.Key("here", point{1, 2}))
	fmt.Println(plot.Key("there", point{3, 4}, "red", "dotted"))
	// Output:
	// plot:here:pointX,1,Y,2:() <nil>
	// plot:there:pointX,3,Y,4:('red','dotted') <nil>
}

func ExampleWire_Execute() {
	square := ring.Wrap(slowSquare, ring.Lru{})
	square.Set(17, 4)

	// The function runs as if there were no cache.
	fmt.Println(square.Execute(4))
	fmt.Println(square.Get(4))
	// Output:
	// squaring 4
	// 16 <nil>
	// 17 <nil>
}

func ExampleWire_Get() {
	square := ring.Wrap(slowSquare, ring.Lru{})

	fmt.Println(square.Get(4)) // the miss value; the function does not run
	square.Call(4)
	fmt.Println(square.Get(4))
	// Output:
	// <nil> <nil>
	// squaring 4
	// 16 <nil>
}

func ExampleWire_Update() {
	stock := 10
	inStock := ring.Wrap(func(item string) int { return stock }, ring.Lru{})
	fmt.Println(inStock.Call("apple"))

	stock = 9
	fmt.Println(inStock.Call("apple"))
	fmt.Println(inStock.Update("apple"))
	fmt.Println(inStock.Call("apple"))
	// Output:
	// 10 <nil>
	// 10 <nil>
	// 9 <nil>
	// 9 <nil>
}

func ExampleWire_GetOrUpdate() {
	square := ring.Wrap(slowSquare, ring.Lru{})
	// It is what Call does, unless Options.DefaultAction says otherwise.
	fmt.Println(square.GetOrUpdate(4))
	fmt.Println(square.GetOrUpdate(4))
	// Output:
	// squaring 4
	// 16 <nil>
	// 16 <nil>
}

func ExampleWire_Lookup() {
	// For this function nil is an answer. Get cannot tell it from a miss.
	find := ring.Wrap(func(id int) any { return nil }, ring.Lru{})
	find.Call(1)

	fmt.Println(find.Get(1))
	fmt.Println(find.Get(2))
	fmt.Println(find.Lookup(1))
	fmt.Println(find.Lookup(2))
	// Output:
	// <nil> <nil>
	// <nil> <nil>
	// <nil> true <nil>
	// <nil> false <nil>
}

func ExampleWire_Set() {
	square := ring.Wrap(slowSquare, ring.Lru{})
	fmt.Println(square.Set(17, 4)) // the value, then the arguments
	fmt.Println(square.Call(4))

	// Only what the function could have returned can be its cached result.
	err := square.Set("seventeen", 4)
	fmt.Println(errors.Is(err, ring.ErrArguments))
	// Output:
	// <nil>
	// 17 <nil>
	// true
}

func ExampleWire_Delete() {
	square := ring.Wrap(slowSquare, ring.Lru{})
	square.Call(4)

	fmt.Println(square.Delete(4))
	fmt.Println(square.Delete(4)) // there is nothing left, and that is fine
	fmt.Println(square.Has(4))
	// Output:
	// squaring 4
	// <nil>
	// <nil>
	// false <nil>
}

func ExampleWire_Has() {
	square := ring.Wrap(slowSquare, ring.Lru{})
	fmt.Println(square.Has(4))
	square.Call(4)
	fmt.Println(square.Has(4))
	// Output:
	// false <nil>
	// squaring 4
	// true <nil>
}

func ExampleWire_Touch() {
	now := time.Date(2024, 2, 29, 12, 0, 0, 0, time.UTC)
	cache := lrucache.New(128)
	cache.Now = func() time.Time { return now }
	square := ring.Wrap(slowSquare, ring.Lru{Lru: cache, Expire: time.Minute})

	square.Call(4)
	now = now.Add(50 * time.Second)
	fmt.Println(square.Touch(4)) // another minute from now on
	now = now.Add(50 * time.Second)
	fmt.Println(square.Has(4))
	// Output:
	// squaring 4
	// <nil>
	// true <nil>
}

func ExampleWire_KeyMany() {
	power := ring.Wrap(func(base, exponent int) int { return 0 }, ring.Lru{KeyPrefix: "power"},
		ring.Signature("base, exponent=2"))

	// Every element is one call, by position or by name.
	fmt.Println(power.KeyMany(ring.Args{2, 8}, ring.Args{3}, ring.Kwargs{"exponent": 5, "base": 4}))

	// A list that is just a list would be too easy to get wrong.
	_, err := power.KeyMany([]int{2, 8})
	fmt.Println(errors.Is(err, ring.ErrArguments))
	// Output:
	// [power:2:8 power:3:2 power:4:5] <nil>
	// true
}

func ExampleWire_ExecuteMany() {
	square := ring.Wrap(slowSquare, ring.Lru{})
	fmt.Println(square.ExecuteMany(ring.Args{4}, ring.Args{4}))
	fmt.Println(square.Has(4))
	// Output:
	// squaring 4
	// squaring 4
	// [16 16] <nil>
	// false <nil>
}

func ExampleWire_GetMany() {
	square := ring.Wrap(slowSquare, ring.Lru{})
	square.Call(4)
	fmt.Println(square.GetMany(ring.Args{4}, ring.Args{5}))
	// Output:
	// squaring 4
	// [16 <nil>] <nil>
}

func ExampleWire_UpdateMany() {
	square := ring.Wrap(slowSquare, ring.Lru{})
	square.Set(17, 4)
	fmt.Println(square.UpdateMany(ring.Args{4}, ring.Args{5}, ring.Args{4})) // equal calls run once
	fmt.Println(square.Get(4))
	// Output:
	// squaring 4
	// squaring 5
	// [16 25 16] <nil>
	// 16 <nil>
}

func ExampleWire_GetOrUpdateMany() {
	square := ring.Wrap(slowSquare, ring.Lru{})
	square.Call(4)
	// Only what is missing is made, and with a server behind the cache it is stored
	// in one round trip.
	fmt.Println(square.GetOrUpdateMany(ring.Args{4}, ring.Args{5}, ring.Args{6}))
	// Output:
	// squaring 4
	// squaring 5
	// squaring 6
	// [16 25 36] <nil>
}

func ExampleWire_SetMany() {
	square := ring.Wrap(slowSquare, ring.Lru{})
	calls := []any{ring.Args{4}, ring.Args{5}}

	fmt.Println(square.SetMany(calls, []any{16, 25}))
	fmt.Println(square.GetMany(calls...))

	err := square.SetMany(calls, []any{16})
	fmt.Println(errors.Is(err, ring.ErrArguments))
	// Output:
	// <nil>
	// [16 25] <nil>
	// true
}

func ExampleWire_DeleteMany() {
	square := ring.Wrap(slowSquare, ring.Lru{})
	calls := []any{ring.Args{4}, ring.Args{5}}
	square.SetMany(calls, []any{16, 25})

	fmt.Println(square.DeleteMany(calls...))
	fmt.Println(square.HasMany(calls...))
	// Output:
	// <nil>
	// [false false] <nil>
}

func ExampleWire_HasMany() {
	square := ring.Wrap(slowSquare, ring.Lru{})
	square.Set(16, 4)
	fmt.Println(square.HasMany(ring.Args{4}, ring.Args{5}))
	// Output:
	// [true false] <nil>
}

func ExampleWire_TouchMany() {
	square := ring.Wrap(slowSquare, ring.Lru{MaxSize: 2})
	square.SetMany([]any{ring.Args{1}, ring.Args{2}}, []any{1, 4})

	// Without expiry, being touched still counts as being used.
	fmt.Println(square.TouchMany(ring.Args{1}))
	square.Set(9, 3)
	fmt.Println(square.HasMany(ring.Args{1}, ring.Args{2}, ring.Args{3}))
	// Output:
	// <nil>
	// [true false true] <nil>
}

func ExampleWire_Func() {
	rope := ring.Wrap(slowSquare, ring.Lru{})
	// The type assertion is done once, and the compiler checks the calls.
	square := rope.Func().(func(int) int)

	fmt.Println(square(4) + square(4))
	// Output:
	// squaring 4
	// 32
}

func ExampleWire_Func_bound() {
	book := ring.Wrap((*Author).Book, ring.Lru{})
	ofAda := book.Bind(&Author{1, "Ada"}).Func().(func(int) string)

	fmt.Println(ofAda(3))
	// Output:
	// looking for book 3 of Ada
	// Ada, Collected Works 3
}

func ExampleWire_WithContext() {
	fetch := ring.Wrap(func(ctx context.Context, path string) (string, error) {
		if err := ctx.Err(); err != nil {
			return "", err
		}
		return "the page at " + path, nil
	}, ring.Lru{})

	ctx, cancel := context.WithCancel(context.Background())
	fmt.Println(fetch.WithContext(ctx).Call("/a"))
	fmt.Println(fetch.Call(ctx, "/a")) // the same: a context is no part of the key
	cancel()
	fmt.Println(fetch.WithContext(ctx).Call("/b"))
	// Output:
	// the page at /a <nil>
	// the page at /a <nil>
	// <nil> context canceled
}

// requestID is the type of a key in a context.
type requestID struct{}

// RequestLog tells for which request the function had to run.
type RequestLog struct{ ring.CacheUserInterface }

// Execute logs and runs the function.
func (r RequestLog) Execute(w *ring.Wire, p ring.ArgPack) (any, error) {
	fmt.Println("a miss of request", w.Context().Value(requestID{}))
	return r.CacheUserInterface.Execute(w, p)
}

func ExampleWire_Context() {
	// The function itself takes no context, but a user interface can have use for it.
	square := ring.Wrap(slowSquare, ring.Lru{UserInterface: RequestLog{}})
	ctx := context.WithValue(context.Background(), requestID{}, 17)

	fmt.Println(square.WithContext(ctx).Call(4))
	fmt.Println(square.WithContext(ctx).Call(4))
	fmt.Println(square.Context() == context.Background()) // never nil
	// Output:
	// a miss of request 17
	// squaring 4
	// 16 <nil>
	// 16 <nil>
	// true
}

func ExampleWire_Storage() {
	square := ring.Wrap(slowSquare, ring.Dict{KeyPrefix: "square", Coder: "json"})
	square.Call(4)

	// By key instead of by arguments, but still decoded.
	fmt.Println(square.Storage().Get(context.Background(), "square:4"))
	fmt.Println(square.Storage().Has(context.Background(), "square:5"))
	// Output:
	// squaring 4
	// 16 <nil>
	// false <nil>
}

func ExampleWire_Encode() {
	origin := ring.Wrap(func() map[string]int { return nil }, ring.Lru{Coder: "json"})

	data, err := origin.Encode(map[string]int{"y": 2, "x": 1})
	fmt.Printf("%s %v\n", data, err)
	// Output:
	// {"x":1,"y":2} <nil>
}

func ExampleWire_Decode() {
	origin := ring.Wrap(func() map[string]int { return nil }, ring.Lru{Coder: "json"})

	// What is decoded has the type of the function's result.
	value, err := origin.Decode([]byte(`{"x": 1, "y": 2}`))
	fmt.Printf("%T %v %v\n", value, value, err)
	// Output:
	// map[string]int map[x:1 y:2] <nil>
}

func ExampleWire_CacheInfo() {
	square := ring.Wrap(slowSquare, ring.Lru{MaxSize: 50})
	square.Call(4)
	square.Call(4)
	square.Call(5)
	fmt.Printf("%+v\n", square.CacheInfo())
	// Output:
	// squaring 4
	// squaring 5
	// {Hits:1 Misses:2 MaxSize:50 CurrSize:2}
}

func ExampleCacheInfo() {
	hitRate := func(i ring.CacheInfo) float64 { return float64(i.Hits) / float64(i.Hits+i.Misses) }

	upper := ring.Wrap(strings.ToUpper, ring.Lru{})
	for _, word := range strings.Fields("to be or not to be") {
		upper.Call(word)
	}
	fmt.Printf("%.2f\n", hitRate(upper.CacheInfo()))
	// Output:
	// 0.33
}

func ExampleWire_Ring() {
	square := ring.Wrap(slowSquare, ring.Lru{})
	fmt.Println(square.Ring().Key(func(n int) string { return fmt.Sprintf("%d^2", n) }))
	fmt.Println(square.Key(4))
	// Output:
	// <nil>
	// 4^2 <nil>
}

func ExampleWire_Config() {
	square := ring.Wrap(slowSquare, ring.Lru{KeyPrefix: "square", Expire: time.Minute})

	config := square.Config()
	fmt.Println(config.KeyPrefix, config.Expire, config.DefaultAction, config.KeyStyle, config.InMemory)
	// Output:
	// square 1m0s get_or_update SafeKeys true
}

func ExampleConfig() {
	// A copy: it tells how the rope was made, and does not change it.
	square := ring.Wrap(slowSquare, ring.Lru{})
	square.Config().KeyPrefix = "other"
	fmt.Println(square.Key(4))
	// Output:
	// :4 <nil>
}

func ExampleWire_UserInterface() {
	square := ring.Wrap(slowSquare, ring.Lru{})
	// This is what a sub-function of one's own calls the others by. It has the
	// bulk ones, too.
	ui := square.UserInterface()
	fmt.Println(ui.Key(&square.Wire, ring.ArgPack{Args: ring.Args{4}}))

	bulk := ui.(ring.BulkUserInterface)
	fmt.Println(bulk.KeyMany(&square.Wire, []ring.ArgPack{{Args: ring.Args{4}}, {Args: ring.Args{5}}}))
	// Output:
	// :4 <nil>
	// [:4 :5] <nil>
}

func ExamplePublicRing() {
	// What Python writes as a decorator below the function, @f.ring.key.
	book := ring.Wrap((*Author).Book, ring.Dict{})
	err := book.Ring().Key(func(a *Author, n int) string { return fmt.Sprintf("%s/%d", a.Name, n) })

	fmt.Println(err)
	fmt.Println(book.Bind(&Author{1, "Ada"}).Key(3))
	// Output:
	// <nil>
	// Ada/3 <nil>
}

func ExamplePublicRing_Key() {
	// For once, upper and lower case shall make no difference.
	shelf := ring.Wrap(func(title string) int { return len(title) }, ring.Lru{})
	fmt.Println(shelf.Ring().Key(func(title string) string { return "shelf/" + strings.ToLower(title) }))
	fmt.Println(shelf.Key("Emma"))

	// Anything but the function's own parameters is refused.
	err := shelf.Ring().Key(func(title []byte) string { return "" })
	fmt.Println(err != nil)
	// Output:
	// <nil>
	// shelf/emma <nil>
	// true
}

func ExamplePublicRing_Encode() {
	cache := map[string]any{}
	square := ring.Wrap(slowSquare, ring.Dict{Obj: cache, KeyPrefix: "square"})
	// A coder for this rope alone, of two functions that exist already.
	fmt.Println(square.Ring().Encode(strconv.Itoa))
	fmt.Println(square.Ring().Decode(strconv.Atoi))

	fmt.Println(square.Call(4))
	fmt.Printf("%#v\n", cache)
	// Output:
	// <nil>
	// <nil>
	// squaring 4
	// 16 <nil>
	// map[string]interface {}{"square:4":"16"}
}

func ExamplePublicRing_Decode() {
	// This cache is filled by someone who writes in hexadecimal.
	cache := map[string]any{"square:4": "10"}
	square := ring.Wrap(slowSquare, ring.Dict{Obj: cache, KeyPrefix: "square"})
	fmt.Println(square.Ring().Decode(func(data string) (int, error) {
		n, err := strconv.ParseInt(data, 16, 0)
		return int(n), err
	}))
	fmt.Println(square.Get(4))
	// Output:
	// <nil>
	// 16 <nil>
}

func ExampleBaseStorage() {
	ctx := context.Background()
	square := ring.Wrap(slowSquare, ring.Lru{})

	// Where the key is known, the arguments need not be.
	storage := square.Storage()
	fmt.Println(storage.Set(ctx, ":4", 16))
	fmt.Println(storage.Get(ctx, ":4"))
	fmt.Println(storage.Has(ctx, ":4"))
	fmt.Println(storage.Touch(ctx, ":4"))
	fmt.Println(storage.Delete(ctx, ":4"))
	// Output:
	// <nil>
	// 16 <nil>
	// true <nil>
	// <nil>
	// <nil>
}

func ExampleBaseStorage_Backend() {
	square := ring.Wrap(slowSquare, ring.Lru{})
	square.Call(4)

	// The private cache of the rope, for example to empty it.
	cache := square.Storage().Backend().(*lrucache.LruCache)
	cache.Clear()
	fmt.Println(square.Has(4))
	// Output:
	// squaring 4
	// false <nil>
}

func ExampleBaseStorage_Storage() {
	ctx := context.Background()
	square := ring.Wrap(slowSquare, ring.Lru{Coder: "json"})
	square.Call(4)

	// The storage behind knows nothing of the coder.
	data, err := square.Storage().Storage().GetValue(ctx, ":4")
	fmt.Printf("%q %v\n", data, err)
	fmt.Println(square.Storage().Get(ctx, ":4"))
	// Output:
	// squaring 4
	// "16" <nil>
	// 16 <nil>
}

func ExampleBaseStorage_Get() {
	square := ring.Wrap(slowSquare, ring.Lru{})
	_, err := square.Storage().Get(context.Background(), ":4")
	fmt.Println(err == ring.ErrNotFound)
	// Output:
	// true
}

func ExampleBaseStorage_Set() {
	ctx := context.Background()
	cache := map[string]any{}
	square := ring.Wrap(slowSquare, ring.Dict{Obj: cache, KeyPrefix: "square", Expire: time.Hour})

	square.Storage().Set(ctx, "square:4", 16)    // for the rope's hour
	square.Storage().Set(ctx, "square:5", 25, 0) // for good
	fmt.Println(cache["square:4"].(ring.Entry).ExpireAt.IsZero())
	fmt.Println(cache["square:5"].(ring.Entry).ExpireAt.IsZero())
	// Output:
	// false
	// true
}

func ExampleBaseStorage_Delete() {
	square := ring.Wrap(slowSquare, ring.Lru{})
	square.Set(16, 4)
	fmt.Println(square.Storage().Delete(context.Background(), ":4"))
	fmt.Println(square.Has(4))
	// Output:
	// <nil>
	// false <nil>
}

func ExampleBaseStorage_Has() {
	square := ring.Wrap(slowSquare, ring.Lru{})
	square.Set(16, 4)
	fmt.Println(square.Storage().Has(context.Background(), ":4"))
	// Output:
	// true <nil>
}

func ExampleBaseStorage_Touch() {
	ctx := context.Background()
	cache := map[string]any{}
	square := ring.Wrap(slowSquare, ring.Dict{Obj: cache, KeyPrefix: "square", Expire: time.Hour})
	square.Set(16, 4)

	// For longer than the others.
	fmt.Println(square.Storage().Touch(ctx, "square:4", 24*time.Hour))
	fmt.Println(time.Until(cache["square:4"].(ring.Entry).ExpireAt) > 23*time.Hour)
	// Output:
	// <nil>
	// true
}

func ExampleBaseStorage_GetMany() {
	square := ring.Wrap(slowSquare, ring.Lru{})
	square.Set(16, 4)

	values, err := square.Storage().GetMany(context.Background(), []string{":4", ":5"})
	fmt.Println(values[0], values[1] == ring.ErrNotFound, err)
	// Output:
	// 16 true <nil>
}

func ExampleBaseStorage_SetMany() {
	ctx := context.Background()
	square := ring.Wrap(slowSquare, ring.Lru{})
	keys, _ := square.KeyMany(ring.Args{4}, ring.Args{5})

	fmt.Println(square.Storage().SetMany(ctx, keys, []any{16, 25}))
	fmt.Println(square.Storage().HasMany(ctx, keys))
	// Output:
	// <nil>
	// [true true] <nil>
}

func ExampleBaseStorage_DeleteMany() {
	ctx := context.Background()
	square := ring.Wrap(slowSquare, ring.Lru{})
	square.Set(16, 4)

	fmt.Println(square.Storage().DeleteMany(ctx, []string{":4", ":5"}))
	fmt.Println(square.Has(4))
	// Output:
	// <nil>
	// false <nil>
}

func ExampleBaseStorage_HasMany() {
	square := ring.Wrap(slowSquare, ring.Lru{})
	square.Set(16, 4)
	fmt.Println(square.Storage().HasMany(context.Background(), []string{":4", ":5"}))
	// Output:
	// [true false] <nil>
}

func ExampleBaseStorage_TouchMany() {
	ctx := context.Background()
	square := ring.Wrap(slowSquare, ring.Lru{Expire: time.Hour})
	square.Set(16, 4)

	// A value that is missing is no error: nothing is there to be renewed.
	fmt.Println(square.Storage().TouchMany(ctx, []string{":4", ":5"}))
	fmt.Println(square.Storage().HasMany(ctx, []string{":4", ":5"}))
	// Output:
	// <nil>
	// [true false] <nil>
}

// DoubleCache is a user interface: it keeps a second copy of every result, which
// does not expire, and falls back on that when the function fails.
type DoubleCache struct{ ring.CacheUserInterface }

// key2 builds on the key as it finally is, should another part replace that. No call
// can have it for its key: with ":second" at the end, the call for "Oslo:second" could.
func (DoubleCache) key2(w *ring.Wire, p ring.ArgPack) (string, error) {
	key, err := w.UserInterface().Key(w, p)
	return "second/" + key, err
}

// Execute is where update and get_or_update come by for a new result, both of them
// and their bulk forms. Here the second copy is made.
func (d DoubleCache) Execute(w *ring.Wire, p ring.ArgPack) (any, error) {
	value, err := d.CacheUserInterface.Execute(w, p)
	if err != nil {
		return value, err
	}
	key2, err := d.key2(w, p)
	if err != nil {
		return nil, err
	}
	return value, w.Storage().Set(w.Context(), key2, value, 0)
}

// GetOrUpdate prefers an old result to none.
func (d DoubleCache) GetOrUpdate(w *ring.Wire, p ring.ArgPack) (any, error) {
	value, err := d.CacheUserInterface.GetOrUpdate(w, p)
	if err == nil {
		return value, nil
	}
	key2, keyErr := d.key2(w, p)
	if keyErr != nil {
		return value, err
	}
	if second, err := w.Storage().Get(w.Context(), key2); err == nil {
		return second, nil
	}
	return value, err
}

// Delete forgets both.
func (d DoubleCache) Delete(w *ring.Wire, p ring.ArgPack) error {
	key2, err := d.key2(w, p)
	if err != nil {
		return err
	}
	return errors.Join(
		d.CacheUserInterface.Delete(w, p),
		w.Storage().Delete(w.Context(), key2))
}

// SubFunctions adds what is not in ring.UserInterface.
func (d DoubleCache) SubFunctions() map[string]ring.SubFunction {
	return map[string]ring.SubFunction{
		"key2": func(w *ring.Wire, p ring.ArgPack) (any, error) { return d.key2(w, p) },
	}
}

func Example_doubleCache() {
	now := time.Date(2024, 2, 29, 12, 0, 0, 0, time.UTC)
	cache := lrucache.New(128)
	cache.Now = func() time.Time { return now }

	down := false
	weather := ring.Wrap(func(city string) (string, error) {
		if down {
			return "", errors.New("the weather service is down")
		}
		return "sun in " + city, nil
	}, ring.Lru{
		Lru:           cache,
		KeyPrefix:     "weather",
		Expire:        time.Minute,
		UserInterface: ring.Compose(DoubleCache{}, ring.BulkInterfaceMixin{}),
	})
	fmt.Println(weather.Run("key2", "Oslo"))
	fmt.Println(weather.Call("Oslo"))

	now, down = now.Add(time.Hour), true
	fmt.Println(weather.Get("Oslo")) // has expired
	fmt.Println(weather.Call("Oslo"))
	fmt.Println(weather.Call("Bergen"))

	fmt.Println(weather.Delete("Oslo"))
	fmt.Println(weather.Call("Oslo"))
	// Output:
	// second/weather:Oslo <nil>
	// sun in Oslo <nil>
	// <nil> <nil>
	// sun in Oslo <nil>
	// <nil> the weather service is down
	// <nil>
	// <nil> the weather service is down
}

// LowerCaseKeys replaces the key. All other sub-functions use the new one.
type LowerCaseKeys struct{ ring.CacheUserInterface }

// Key is the usual key in lower case.
func (l LowerCaseKeys) Key(w *ring.Wire, p ring.ArgPack) (string, error) {
	key, err := l.CacheUserInterface.Key(w, p)
	return strings.ToLower(key), err
}

func ExampleUserInterface() {
	var ui ring.UserInterface = LowerCaseKeys{}
	length := ring.Wrap(func(s string) int { return len(s) }, ring.Lru{UserInterface: ui})

	length.Set(-1, "GO")
	fmt.Println(length.Call("go"))

	// Without the mixin there are no bulk forms.
	_, err := length.GetMany(ring.Args{"go"})
	fmt.Println(errors.Is(err, errors.ErrUnsupported))
	// Output:
	// -1 <nil>
	// true
}

func ExampleCacheUserInterface() {
	// The usual sub-functions, and nothing else.
	square := ring.Wrap(slowSquare, ring.Lru{UserInterface: ring.CacheUserInterface{}})
	fmt.Println(square.Call(4))
	_, err := square.HasMany(ring.Args{4})
	fmt.Println(errors.Is(err, errors.ErrUnsupported))
	// Output:
	// squaring 4
	// 16 <nil>
	// true
}

func ExampleBulkInterfaceMixin() {
	// An interface of one's own has the bulk forms when it is composed with them.
	// They use its sub-functions: here, its Key.
	length := ring.Wrap(func(s string) int { return len(s) }, ring.Lru{
		UserInterface: ring.Compose(LowerCaseKeys{}, ring.BulkInterfaceMixin{}),
	})
	fmt.Println(length.KeyMany(ring.Args{"Go"}, ring.Args{"Python"}))

	// All keys come first. If one call is wrong, none is done.
	_, err := length.GetOrUpdateMany(ring.Args{"Go"}, ring.Args{"too", "many"})
	fmt.Println(errors.Is(err, ring.ErrArguments))
	fmt.Println(length.Has("Go"))
	// Output:
	// [:go :python] <nil>
	// true
	// false <nil>
}

// FewAtOnce allows no more than two calls in one go.
type FewAtOnce struct{ ring.BulkInterfaceMixin }

// UpdateMany refuses too long a list.
func (f FewAtOnce) UpdateMany(w *ring.Wire, ps []ring.ArgPack) ([]any, error) {
	if len(ps) > 2 {
		return nil, fmt.Errorf("%d calls are too many", len(ps))
	}
	return f.BulkInterfaceMixin.UpdateMany(w, ps)
}

func ExampleBulkUserInterface() {
	var bulk ring.BulkUserInterface = FewAtOnce{}
	square := ring.Wrap(slowSquare, ring.Lru{UserInterface: ring.Compose(bulk, ring.CacheUserInterface{})})

	fmt.Println(square.UpdateMany(ring.Args{4}, ring.Args{5}))
	fmt.Println(square.UpdateMany(ring.Args{4}, ring.Args{5}, ring.Args{6}))
	// Output:
	// squaring 4
	// squaring 5
	// [16 25] <nil>
	// [] 3 calls are too many
}

// ReadOnly is a part of a user interface that has two methods only.
type ReadOnly struct{}

// Delete refuses.
func (ReadOnly) Delete(*ring.Wire, ring.ArgPack) error { return errors.New("read only") }

// Set refuses.
func (ReadOnly) Set(*ring.Wire, any, ring.ArgPack) error { return errors.New("read only") }

func ExampleCompose() {
	// Of each sub-function the first part that has it counts, as in Python's tuple
	// of classes.
	square := ring.Wrap(slowSquare, ring.Lru{
		UserInterface: ring.Compose(ReadOnly{}, ring.CacheUserInterface{}, ring.BulkInterfaceMixin{}),
	})
	fmt.Println(square.Call(4))
	fmt.Println(square.Delete(4))
	fmt.Println(square.HasMany(ring.Args{4}))
	// Output:
	// squaring 4
	// 16 <nil>
	// read only
	// [true] <nil>
}

// Popping adds a sub-function that Python's dict has.
type Popping struct{}

// SubFunctions implements "pop": get and delete in one.
func (Popping) SubFunctions() map[string]ring.SubFunction {
	return map[string]ring.SubFunction{
		"pop": func(w *ring.Wire, p ring.ArgPack) (any, error) {
			value, err := w.UserInterface().Get(w, p)
			if err != nil {
				return nil, err
			}
			return value, w.UserInterface().Delete(w, p)
		},
	}
}

func ExampleSubFunction() {
	square := ring.Wrap(slowSquare, ring.Lru{
		UserInterface: ring.Compose(Popping{}, ring.CacheUserInterface{}, ring.BulkInterfaceMixin{}),
	})
	square.Call(4)
	fmt.Println(square.Run("pop", 4))
	fmt.Println(square.Run("pop", 4))
	// Output:
	// squaring 4
	// 16 <nil>
	// <nil> <nil>
}

// Verbose prints what its sub-function was called with.
type Verbose struct{}

// SubFunctions implements "show".
func (Verbose) SubFunctions() map[string]ring.SubFunction {
	return map[string]ring.SubFunction{
		"show": func(_ *ring.Wire, p ring.ArgPack) (any, error) {
			author, _ := p.Bound.(*Author)
			return fmt.Sprint(author.Name, " ", p.Args, " ", p.Kwargs), nil
		},
	}
}

func ExampleArgPack() {
	book := ring.Wrap((*Author).Book,
		ring.Lru{UserInterface: ring.Compose(Verbose{}, ring.CacheUserInterface{})},
		ring.Signature("self, n"))

	ofAda := book.Bind(&Author{1, "Ada"})
	fmt.Println(ofAda.Run("show", 3))
	fmt.Println(ofAda.Run("show", ring.Kwargs{"n": 3}))
	// Output:
	// Ada [3] map[] <nil>
	// Ada [] map[n:3] <nil>
}

func ExampleArgs() {
	join := ring.Wrap(func(words ...string) string { return strings.Join(words, " ") }, ring.Lru{})

	// One call of many, and, spread out, one call.
	words := ring.Args{"cache", "me"}
	fmt.Println(join.GetOrUpdateMany(words, ring.Args{"if", "you", "can"}))
	fmt.Println(join.Get(words...))
	// Output:
	// [cache me if you can] <nil>
	// cache me <nil>
}

func ExampleKwargs() {
	repeat := ring.Wrap(strings.Repeat, ring.Lru{}, ring.Signature("s, count=1"))

	fmt.Println(repeat.Call("ab", ring.Kwargs{"count": 3}))
	fmt.Println(repeat.GetMany(ring.Kwargs{"s": "ab", "count": 3}, ring.Kwargs{"s": "ab"}))

	_, err := repeat.Call("ab", ring.Kwargs{"times": 3})
	fmt.Println(errors.Is(err, ring.ErrArguments))
	// Output:
	// ababab <nil>
	// [ababab <nil>] <nil>
	// true
}

func ExampleTuple() {
	show := ring.Wrap(func(v any) string { return fmt.Sprint(v) }, ring.Lru{})

	// Python's keys tell a tuple from a list.
	fmt.Println(show.Key(ring.Tuple{1, "a"}))
	fmt.Println(show.Key([]any{1, "a"}))
	// Output:
	// :(1,'a') <nil>
	// :[1,'a'] <nil>
}

func ExampleFrozenSet() {
	// Within other values, Python's keys tell a frozenset from a set.
	show := ring.Wrap(func(sets []any) int { return len(sets) },
		ring.Lru{Options: ring.Options{KeyStyle: ring.PythonKeys}})

	fmt.Println(show.Key([]any{ring.FrozenSet{1: {}, 2: {}}}))
	fmt.Println(show.Key([]any{map[any]struct{}{1: {}, 2: {}}}))
	// Output:
	// :[frozenset({1,2})] <nil>
	// :[{1,2}] <nil>
}

func ExampleEllipsis() {
	// A default that no caller gives by accident.
	index := ring.Wrap(func(at any) bool { return at == ring.Ellipsis }, ring.Lru{}, ring.Signature("at=..."))

	fmt.Println(index.Call())
	fmt.Println(index.Key())
	fmt.Println(index.Key(nil))
	// Output:
	// true <nil>
	// :Ellipsis <nil>
	// :None <nil>
}

// gobCoder is a coder of one's own.
type gobCoder struct{}

func (gobCoder) Encode(value any) (any, error) {
	var data bytes.Buffer
	err := gob.NewEncoder(&data).Encode(value)
	return data.Bytes(), err
}

// Decode gives back what typ says, and so a hit has the type of a miss.
func (gobCoder) Decode(data any, typ reflect.Type) (any, error) {
	text, ok := data.([]byte)
	if !ok || typ == nil {
		return nil, fmt.Errorf("a %T is not a gob", data)
	}
	value := reflect.New(typ)
	err := gob.NewDecoder(bytes.NewReader(text)).DecodeValue(value)
	return value.Elem().Interface(), err
}

func ExampleCoder() {
	var coder ring.Coder = gobCoder{}
	upper := ring.Wrap(strings.ToUpper, ring.Lru{Coder: coder})

	fmt.Println(upper.Call("gopher"))
	fmt.Println(upper.Call("gopher"))
	data, err := upper.Storage().Storage().GetValue(context.Background(), ":gopher")
	fmt.Printf("%T %v\n", data, err)
	// Output:
	// GOPHER <nil>
	// GOPHER <nil>
	// []uint8 <nil>
}

// Planet is a result. Its tags are those of encoding/json.
type Planet struct {
	Name  string   `json:"name"`
	Moons []string `json:"moons"`
}

func ExampleCoder_json() {
	cache := map[string]any{}
	planet := ring.Wrap(func(name string) Planet { return Planet{name, []string{"Phobos", "Deimos"}} },
		ring.Dict{Obj: cache, KeyPrefix: "planet", Coder: "json"})

	planet.Call("Mars")
	fmt.Printf("%s\n", cache["planet:Mars"])
	fmt.Println(planet.Get("Mars"))
	// Output:
	// {"name":"Mars","moons":["Phobos","Deimos"]}
	// {Mars [Phobos Deimos]} <nil>
}

func ExampleCoder_dataclass() {
	// As "json", but with the name of the type: what Python's ring writes for a
	// dataclass.
	cache := map[string]any{}
	planet := ring.Wrap(func(name string) *Planet { return &Planet{Name: name} },
		ring.Dict{Obj: cache, KeyPrefix: "planet", Coder: "dataclass"})

	planet.Call("Venus")
	fmt.Printf("%s\n", cache["planet:Venus"])
	value, err := planet.Get("Venus")
	fmt.Printf("%T %v %v\n", value, value.(*Planet).Name, err)
	// Output:
	// ["Planet",{"name":"Venus","moons":null}]
	// *ring_test.Planet Venus <nil>
}

func ExampleCoderTuple() {
	cache := map[string]any{}
	upper := ring.Wrap(strings.ToUpper, ring.Dict{
		Obj:       cache,
		KeyPrefix: "upper",
		Coder: ring.CoderTuple{
			Encode: func(value any) (any, error) { return hex.EncodeToString([]byte(value.(string))), nil },
			Decode: func(data any, _ reflect.Type) (any, error) {
				text, err := hex.DecodeString(data.(string))
				return string(text), err
			},
		},
	})
	fmt.Println(upper.Call("go"))
	fmt.Println(upper.Call("go"))
	fmt.Println(cache)
	// Output:
	// GO <nil>
	// GO <nil>
	// map[upper:go:474f]
}

func ExampleRegistry() {
	registry := ring.NewRegistry()
	fmt.Println(registry.Register("gob", gobCoder{}))

	for _, name := range []string{"json", "dataclass", "gob", "yaml"} {
		_, ok := registry.Get(name)
		fmt.Println(name, ok)
	}
	// Output:
	// <nil>
	// json true
	// dataclass true
	// gob true
	// yaml false
}

func ExampleNewRegistry() {
	// What is registered here is known here only.
	registry := ring.NewRegistry()
	registry.Register("gob", gobCoder{})

	_, err := ring.New(slowSquare, ring.Lru{Coder: "gob", Options: ring.Options{CoderRegistry: registry}})
	fmt.Println(err)
	_, err = ring.New(slowSquare, ring.Lru{Coder: "gob"})
	fmt.Println(errors.Is(err, ring.ErrCoder))
	// Output:
	// <nil>
	// true
}

func ExampleDefaultRegistry() {
	// This is where Coder: "json" is looked up. An application's own coders belong
	// here, registered before the ropes that name them.
	json, ok := ring.DefaultRegistry.Get("json")
	fmt.Println(ok)

	data, err := json.Encode([]int{1, 2})
	fmt.Printf("%s %v\n", data, err)
	// Output:
	// true
	// [1,2] <nil>
}

func ExampleRegistry_Register() {
	registry := ring.NewRegistry()
	fmt.Println(registry.Register("gob", gobCoder{}))

	// Half a coder is noticed now, not when the first value comes back.
	err := registry.Register("half", ring.CoderTuple{Encode: gobCoder{}.Encode})
	fmt.Println(err != nil)
	// Output:
	// <nil>
	// true
}

func ExampleRegistry_Get() {
	coder, ok := ring.NewRegistry().Get("json")
	fmt.Println(ok)
	fmt.Println(coder.Decode([]byte("[1, 2]"), reflect.TypeFor[[]int]()))
	// Output:
	// true
	// [1 2] <nil>
}

func ExampleError() {
	square := ring.Wrap(slowSquare, ring.Dict{KeyPrefix: "square"}, ring.Name("math.square"))

	err := square.Touch(4)
	var e *ring.Error
	fmt.Println(errors.As(err, &e))
	fmt.Println(e.Action, e.Rope, e.Key)
	fmt.Println(errors.Is(e.Err, errors.ErrUnsupported))
	// Output:
	// true
	// touch math.square square:4
	// true
}

func ExampleErrArguments() {
	// What Python calls a TypeError.
	square := ring.Wrap(slowSquare, ring.Lru{})
	for _, args := range []ring.Args{{}, {1, 2}, {"four"}} {
		_, err := square.Call(args...)
		fmt.Println(errors.Is(err, ring.ErrArguments))
	}
	// Output:
	// true
	// true
	// true
}

func ExampleErrKey() {
	// The parameter could be anything, so that only the call can tell.
	show := ring.Wrap(func(v any) string { return fmt.Sprint(v) }, ring.Lru{})
	_, err := show.Key(make(chan int))
	fmt.Println(errors.Is(err, ring.ErrKey))
	// Output:
	// true
}

func ExampleErrCoder() {
	cache := map[string]any{"square:4": []byte("[1, 2]")}
	square := ring.Wrap(slowSquare, ring.Dict{Obj: cache, KeyPrefix: "square", Coder: "json"})

	// A list is no int. Get says so; Call would make the value anew.
	_, err := square.Get(4)
	fmt.Println(errors.Is(err, ring.ErrCoder))
	// Output:
	// true
}

func ExampleErrNotFound() {
	square := ring.Wrap(slowSquare, ring.Lru{})

	// Storages return it, the rope itself turns it into the miss value.
	_, err := square.Storage().Get(context.Background(), ":4")
	fmt.Println(errors.Is(err, ring.ErrNotFound))
	fmt.Println(square.Get(4))
	// Output:
	// true
	// <nil> <nil>
}

func ExampleErrRecursion() {
	// The call would wait for its own end. Its context is how that is noticed.
	var loop *ring.Rope
	loop = ring.Wrap(func(ctx context.Context, n int) (any, error) {
		return loop.Call(ctx, n)
	}, ring.Lru{})

	_, err := loop.Call(1)
	fmt.Println(errors.Is(err, ring.ErrRecursion))
	// Output:
	// true
}

// slowSquare is the function of most examples. It tells when it runs; what it does
// not tell of came from the cache.
func slowSquare(n int) int {
	fmt.Println("squaring", n)
	return n * n
}

func ExampleWire_Scalars() {
	square := ring.Wrap(func(n int) int { return n * n }, ring.Lru{})
	scalars := square.Scalars()

	// A hit allocates nothing.
	fmt.Println(scalars.Call(12))
	fmt.Println(scalars.Call(12))
	fmt.Println(square.CacheInfo().Hits)

	_, err := scalars.Call([]int{12})
	fmt.Println(errors.Is(err, ring.ErrArguments))
	// Output:
	// 144 <nil>
	// 144 <nil>
	// 1
	// true
}

func ExampleScalars_Call() {
	greet := ring.Wrap(func(greeting, name string) string { return greeting + ", " + name }, ring.Lru{}).Scalars()
	fmt.Println(greet.Call("hello", "Ann"))
	// Output:
	// hello, Ann <nil>
}
