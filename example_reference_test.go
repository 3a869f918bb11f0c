package ring_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"strings"
	"time"

	"github.com/bradfitz/gomemcache/memcache"
	"github.com/redis/go-redis/v9"

	"github.com/ring-go/ring"
	"github.com/ring-go/ring/lrucache"
)

// The methods of a storage, by key and without a coder. Here the clock is the cache's.
func ExampleLruStorage_values() {
	ctx := context.Background()
	now := time.Unix(0, 0)
	cache := lrucache.New(2)
	cache.Now = func() time.Time { return now }
	storage := &ring.LruStorage{Cache: cache}
	fmt.Println("in memory:", storage.InMemoryStorage())

	storage.SetValue(ctx, "k", []int{1, 2}, time.Minute)
	now = now.Add(50 * time.Second)
	storage.TouchValue(ctx, "k", time.Minute)
	now = now.Add(50 * time.Second)
	fmt.Println(storage.GetValue(ctx, "k"))
	fmt.Println(storage.HasValue(ctx, "k"))
	storage.DeleteValue(ctx, "k")
	fmt.Println(storage.GetValue(ctx, "k"))
	// Output:
	// in memory: true
	// [1 2] <nil>
	// true <nil>
	// <nil> not found
}

// An expired value is neither found nor revived, although the dict still holds it.
func ExampleExpirableDictStorage_values() {
	ctx := context.Background()
	now := time.Unix(0, 0)
	dict := map[string]any{}
	s, err := ring.NewExpirableDictStorage(dict)
	if err != nil {
		log.Fatal(err)
	}
	storage := s.(*ring.ExpirableDictStorage)
	storage.Now = func() time.Time { return now }
	fmt.Println("in memory:", storage.InMemoryStorage())

	storage.SetValue(ctx, "k", 1, time.Minute)
	now = now.Add(50 * time.Second)
	storage.TouchValue(ctx, "k", time.Minute)
	now = now.Add(50 * time.Second)
	fmt.Println(storage.GetValue(ctx, "k"))
	now = now.Add(time.Minute)
	storage.TouchValue(ctx, "k", time.Minute)
	fmt.Println(storage.HasValue(ctx, "k"))
	fmt.Println(len(dict))
	storage.DeleteValue(ctx, "k")
	fmt.Println(len(dict))
	// Output:
	// in memory: true
	// 1 <nil>
	// false <nil>
	// 1
	// 0
}

// A dict without expiry holds the values themselves.
func ExamplePersistentDictStorage_values() {
	ctx := context.Background()
	dict := map[string]any{}
	s, err := ring.NewPersistentDictStorage(dict)
	if err != nil {
		log.Fatal(err)
	}
	storage := s.(*ring.PersistentDictStorage)
	fmt.Println("in memory:", storage.InMemoryStorage())

	storage.SetValue(ctx, "k", 1, 0)
	fmt.Println(dict)
	fmt.Println(storage.GetValue(ctx, "k"))
	fmt.Println(storage.HasValue(ctx, "k"))
	storage.DeleteValue(ctx, "k")
	fmt.Println(dict)
	fmt.Println(errors.Is(storage.SetValue(ctx, "k", 1, time.Minute), errors.ErrUnsupported))
	// Output:
	// in memory: true
	// map[k:1]
	// 1 <nil>
	// true <nil>
	// map[]
	// true
}

// A value is in the shelf at once. The caller closes the shelf.
func ExampleShelveStorage_values() {
	ctx := context.Background()
	shelf, done := exShelf()
	defer done()
	storage := &ring.ShelveStorage{Shelf: shelf}

	fmt.Println(storage.SetValue(ctx, "k", "value", 0))
	fmt.Println(shelf.Get("k"))
	fmt.Println(storage.DeleteValue(ctx, "k"))
	fmt.Println(shelf.Has("k"))
	// Output:
	// <nil>
	// value <nil>
	// <nil>
	// false <nil>
}

// A nil is a value, not a miss.
func ExampleDiskCacheStorage_values() {
	ctx := context.Background()
	cache, done := exCache()
	defer done()
	storage := &ring.DiskCacheStorage{Obj: cache}

	fmt.Println(storage.SetValue(ctx, "k", nil, time.Hour))
	fmt.Println(storage.GetValue(ctx, "k"))
	fmt.Println(storage.DeleteValue(ctx, "k"))
	fmt.Println(storage.GetValue(ctx, "k"))
	// Output:
	// <nil>
	// <nil> <nil>
	// <nil>
	// <nil> not found
}

// Single values and several at once; a miss among several is ErrNotFound in its place.
func ExampleMemcacheStorage_values() {
	ctx := context.Background()
	client := memcache.New(memcachedAddr)
	defer client.Close()
	storage := &ring.MemcacheStorage{Client: client}

	fmt.Println(storage.SetValue(ctx, "mc:a", "1", time.Hour))
	fmt.Println(storage.TouchValue(ctx, "mc:a", 2*time.Hour))
	value, err := storage.GetValue(ctx, "mc:a")
	fmt.Printf("%s %v\n", value, err)
	fmt.Println(storage.DeleteValue(ctx, "mc:a"))

	fmt.Println(storage.SetManyValues(ctx, []string{"mc:b", "mc:c"}, []any{"2", "3"}, time.Hour))
	values, err := storage.GetManyValues(ctx, []string{"mc:a", "mc:b", "mc:c"})
	fmt.Printf("%v %s %s %v\n", values[0], values[1], values[2], err)
	fmt.Println(storage.DeleteManyValues(ctx, []string{"mc:b", "mc:c"}))
	// Output:
	// <nil>
	// <nil>
	// 1 <nil>
	// <nil>
	// <nil>
	// not found 2 3 <nil>
	// <nil>
}

// A value that does not expire cannot be touched.
func ExampleRedisStorage_values() {
	ctx := context.Background()
	client := redis.NewClient(&redis.Options{Addr: redisAddr})
	defer client.Close()
	storage := &ring.RedisStorage{Client: client}

	fmt.Println(storage.SetValue(ctx, "rs:a", "1", time.Hour))
	fmt.Println(storage.TouchValue(ctx, "rs:a", 2*time.Hour))
	fmt.Println(errors.Is(storage.TouchValue(ctx, "rs:a", 0), errors.ErrUnsupported))
	value, err := storage.GetValue(ctx, "rs:a")
	fmt.Printf("%s %v\n", value, err)
	fmt.Println(storage.DeleteValue(ctx, "rs:a"))
	fmt.Println(storage.HasValue(ctx, "rs:a"))

	fmt.Println(storage.SetManyValues(ctx, []string{"rs:b", "rs:c"}, []any{"2", "3"}, time.Hour))
	values, err := storage.GetManyValues(ctx, []string{"rs:a", "rs:b", "rs:c"})
	fmt.Printf("%v %s %s %v\n", values[0], values[1], values[2], err)
	// Output:
	// <nil>
	// <nil>
	// true
	// 1 <nil>
	// <nil>
	// false <nil>
	// <nil>
	// not found 2 3 <nil>
}

// The fields of one hash.
func ExampleRedisHashStorage_values() {
	ctx := context.Background()
	client := redis.NewClient(&redis.Options{Addr: redisAddr})
	defer client.Close()
	storage := &ring.RedisHashStorage{Client: client, HashKey: "rhs"}

	fmt.Println(storage.SetValue(ctx, "a", "1", 0))
	fmt.Println(storage.HasValue(ctx, "a"))
	value, err := storage.GetValue(ctx, "a")
	fmt.Printf("%s %v\n", value, err)
	fmt.Println(storage.DeleteValue(ctx, "a"))
	fmt.Println(storage.SetManyValues(ctx, []string{"b", "c"}, []any{"2", "3"}, 0))
	values, err := storage.GetManyValues(ctx, []string{"a", "b", "c"})
	fmt.Printf("%v %s %s %v\n", values[0], values[1], values[2], err)
	fmt.Println(errors.Is(storage.SetValue(ctx, "a", "1", time.Hour), errors.ErrUnsupported))
	// Output:
	// <nil>
	// true <nil>
	// 1 <nil>
	// <nil>
	// <nil>
	// not found 2 3 <nil>
	// true
}

// logged prints every sub-function that is called, and calls the usual one.
type logged struct {
	ring.CacheUserInterface
	calls *[]string
}

func (l logged) note(name string) { *l.calls = append(*l.calls, name) }

func (l logged) Key(w *ring.Wire, p ring.ArgPack) (string, error) {
	l.note("key")
	return l.CacheUserInterface.Key(w, p)
}

func (l logged) Execute(w *ring.Wire, p ring.ArgPack) (any, error) {
	l.note("execute")
	return l.CacheUserInterface.Execute(w, p)
}

func (l logged) Get(w *ring.Wire, p ring.ArgPack) (any, error) {
	l.note("get")
	return l.CacheUserInterface.Get(w, p)
}

func (l logged) Update(w *ring.Wire, p ring.ArgPack) (any, error) {
	l.note("update")
	return l.CacheUserInterface.Update(w, p)
}

func (l logged) GetOrUpdate(w *ring.Wire, p ring.ArgPack) (any, error) {
	l.note("get_or_update")
	return l.CacheUserInterface.GetOrUpdate(w, p)
}

func (l logged) Set(w *ring.Wire, value any, p ring.ArgPack) error {
	l.note("set")
	return l.CacheUserInterface.Set(w, value, p)
}

func (l logged) Delete(w *ring.Wire, p ring.ArgPack) error {
	l.note("delete")
	return l.CacheUserInterface.Delete(w, p)
}

func (l logged) Has(w *ring.Wire, p ring.ArgPack) (bool, error) {
	l.note("has")
	return l.CacheUserInterface.Has(w, p)
}

func (l logged) Touch(w *ring.Wire, p ring.ArgPack) error {
	l.note("touch")
	return l.CacheUserInterface.Touch(w, p)
}

// Every sub-function can be replaced. The others use the replaced ones: here, set makes
// its key with the Key of logged.
func ExampleUserInterface_everySubFunction() {
	var calls []string
	square := ring.Wrap(func(n int) int { return n * n }, ring.Lru{UserInterface: logged{calls: &calls}})
	for _, action := range []string{"key", "execute", "get", "update", "get_or_update", "delete", "has", "touch"} {
		calls = nil
		if _, err := square.Run(action, 4); err != nil {
			log.Fatal(err)
		}
		fmt.Println(action+":", strings.Join(calls, " "))
	}
	calls = nil
	fmt.Println(square.Set(16, 4), strings.Join(calls, " "))
	// Output:
	// key: key
	// execute: execute
	// get: get key
	// update: update key execute
	// get_or_update: get_or_update key
	// delete: delete key
	// has: has key
	// touch: touch key
	// <nil> set key
}

// loggedMany is logged for the sub-functions with several calls.
type loggedMany struct {
	ring.BulkInterfaceMixin
	calls *[]string
}

func (l loggedMany) note(name string, ps []ring.ArgPack) {
	*l.calls = append(*l.calls, fmt.Sprint(name, " of ", len(ps)))
}

func (l loggedMany) KeyMany(w *ring.Wire, ps []ring.ArgPack) ([]string, error) {
	l.note("key_many", ps)
	return l.BulkInterfaceMixin.KeyMany(w, ps)
}

func (l loggedMany) ExecuteMany(w *ring.Wire, ps []ring.ArgPack) ([]any, error) {
	l.note("execute_many", ps)
	return l.BulkInterfaceMixin.ExecuteMany(w, ps)
}

func (l loggedMany) GetMany(w *ring.Wire, ps []ring.ArgPack) ([]any, error) {
	l.note("get_many", ps)
	return l.BulkInterfaceMixin.GetMany(w, ps)
}

func (l loggedMany) UpdateMany(w *ring.Wire, ps []ring.ArgPack) ([]any, error) {
	l.note("update_many", ps)
	return l.BulkInterfaceMixin.UpdateMany(w, ps)
}

func (l loggedMany) GetOrUpdateMany(w *ring.Wire, ps []ring.ArgPack) ([]any, error) {
	l.note("get_or_update_many", ps)
	return l.BulkInterfaceMixin.GetOrUpdateMany(w, ps)
}

func (l loggedMany) SetMany(w *ring.Wire, ps []ring.ArgPack, values []any) error {
	l.note("set_many", ps)
	return l.BulkInterfaceMixin.SetMany(w, ps, values)
}

func (l loggedMany) DeleteMany(w *ring.Wire, ps []ring.ArgPack) error {
	l.note("delete_many", ps)
	return l.BulkInterfaceMixin.DeleteMany(w, ps)
}

func (l loggedMany) HasMany(w *ring.Wire, ps []ring.ArgPack) ([]bool, error) {
	l.note("has_many", ps)
	return l.BulkInterfaceMixin.HasMany(w, ps)
}

func (l loggedMany) TouchMany(w *ring.Wire, ps []ring.ArgPack) error {
	l.note("touch_many", ps)
	return l.BulkInterfaceMixin.TouchMany(w, ps)
}

// So can every sub-function for several calls.
func ExampleBulkUserInterface_everySubFunction() {
	var calls []string
	many := loggedMany{calls: &calls}
	square := ring.Wrap(func(n int) int { return n * n },
		ring.Lru{UserInterface: ring.Compose(ring.CacheUserInterface{}, many)})
	for _, action := range []string{
		"key_many", "execute_many", "get_many", "update_many", "get_or_update_many", "delete_many", "has_many", "touch_many",
	} {
		if _, err := square.Run(action, ring.Args{4}, ring.Args{5}); err != nil {
			log.Fatal(err)
		}
	}
	if err := square.SetMany([]any{ring.Args{4}}, []any{16}); err != nil {
		log.Fatal(err)
	}
	fmt.Println(strings.Join(calls, "\n"))
	// Output:
	// key_many of 2
	// execute_many of 2
	// get_many of 2
	// update_many of 2
	// get_or_update_many of 2
	// delete_many of 2
	// has_many of 2
	// touch_many of 2
	// set_many of 1
}
