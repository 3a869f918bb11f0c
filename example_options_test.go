package ring_test

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/ring-go/ring"
)

func ExampleFactory() {
	// A factory is a value: choose it once, and wrap any number of functions.
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
	// All sub-functions still work, so a setting can turn a cache off.
	square := ring.Wrap(slowSquare, ring.Lru{MaxSize: ring.CacheNothing})
	fmt.Println(square.Call(4))
	fmt.Println(square.Has(4))
	// Output:
	// squaring 4
	// 16 <nil>
	// false <nil>
}

func ExampleNoPrefix() {
	// An empty KeyPrefix is the default prefix, so the empty prefix has a name.
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

func ExampleOptions() {
	// Every factory has them, in its field Options.
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
	// The result does not depend on who asks, and how patiently.
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
	// Storages with rules for keys apply them themselves. If you share keys with such a
	// storage, apply the same rule.
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

func ExampleOptions_keyStyle() {
	// PythonKeys are for a cache that a Python process uses as well. Different calls can
	// have the same key, as the last two do; SafeKeys tell them apart.
	for _, style := range []ring.KeyStyle{ring.SafeKeys, ring.PythonKeys} {
		join := ring.Wrap(func(a, b string) string { return a + b },
			ring.Lru{KeyPrefix: "join", Options: ring.Options{KeyStyle: style}})
		fmt.Println(join.KeyMany(ring.Args{"x", "y"}, ring.Args{"a:b", "c"}, ring.Args{"a", "b:c"}))
	}
	// Output:
	// [join:x:y join:a\:b:c join:a:b\:c] <nil>
	// [join:x:y join:a:b:c join:a:b:c] <nil>
}

func ExampleOptions_defaultAction() {
	// This rope only looks up: something else fills the cache.
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
	// Callers have to name the sub-function.
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
	// One callback gets every rope of an application.
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
	// The call returns no error: there is a value after all.
	fmt.Println(square.Call(4))
	fmt.Printf("%s\n", cache["square:4"])
	// Output:
	// not decoded: square:4 true
	// squaring 4
	// 16 <nil>
	// 16
}

func ExampleOptions_coderRegistry() {
	// These names of coders are known only to some ropes.
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

func ExampleConfig() {
	// A copy: it tells how the rope was made. Changing it does not change the rope.
	square := ring.Wrap(slowSquare, ring.Lru{})
	square.Config().KeyPrefix = "other"
	fmt.Println(square.Key(4))
	// Output:
	// :4 <nil>
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
	// Here, upper and lower case make no difference.
	shelf := ring.Wrap(func(title string) int { return len(title) }, ring.Lru{})
	fmt.Println(shelf.Ring().Key(func(title string) string { return "shelf/" + strings.ToLower(title) }))
	fmt.Println(shelf.Key("Emma"))

	// A function with other parameters is refused.
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
	// A coder for this rope alone, made of two existing functions.
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
	// Another program fills this cache, in hexadecimal.
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

func ExampleErrNotFound() {
	square := ring.Wrap(slowSquare, ring.Lru{})

	// Storages return it; the rope replaces it by the miss value.
	_, err := square.Storage().Get(context.Background(), ":4")
	fmt.Println(errors.Is(err, ring.ErrNotFound))
	fmt.Println(square.Get(4))
	// Output:
	// true
	// <nil> <nil>
}

func ExampleErrRecursion() {
	// The call would wait for itself. Ring notices that by its context.
	var loop *ring.Rope
	loop = ring.Wrap(func(ctx context.Context, n int) (any, error) {
		return loop.Call(ctx, n)
	}, ring.Lru{})

	_, err := loop.Call(1)
	fmt.Println(errors.Is(err, ring.ErrRecursion))
	// Output:
	// true
}
