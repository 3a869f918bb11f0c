package ring_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/ring-go/ring"
	"github.com/ring-go/ring/lrucache"
)

func ExampleWire() {
	// A wire is a method with its receiver: you can pass it on like one.
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
	fmt.Println(square.Call(4.0)) // numbers convert where that loses nothing

	_, err := square.Call(4.5) //ringvet:ignore call the error is what this shows
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
	// Call does the same, unless Options.DefaultAction names another sub-function.
	fmt.Println(square.GetOrUpdate(4))
	fmt.Println(square.GetOrUpdate(4))
	// Output:
	// squaring 4
	// 16 <nil>
	// 16 <nil>
}

func ExampleWire_Lookup() {
	// This function can return nil. Get cannot tell that from a miss.
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

	// A cached result has to be one that the function could have returned.
	err := square.Set("seventeen", 4) //ringvet:ignore call the error is what this shows
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
	fmt.Println(square.Delete(4)) // there is nothing left, which is no error
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

func ExampleWire_Func() {
	rope := ring.Wrap(slowSquare, ring.Lru{})
	// One type assertion, and then the compiler checks the calls.
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
	fmt.Println(fetch.Call(ctx, "/a")) // a hit: a context is not part of the key
	cancel()
	fmt.Println(fetch.WithContext(ctx).Call("/b"))
	// Output:
	// the page at /a <nil>
	// the page at /a <nil>
	// <nil> context canceled
}

func ExampleWire_Context() {
	// The function itself takes no context, but a user interface can use it.
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

	// A decoded value has the type of the function's result.
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
	// {Hits:1 Misses:2 Stale:0 MaxSize:50 CurrSize:2}
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

func ExampleWire_UserInterface() {
	square := ring.Wrap(slowSquare, ring.Lru{})
	// Your own sub-function calls the others by this interface, also the bulk ones.
	ui := square.UserInterface()
	fmt.Println(ui.Key(&square.Wire, ring.ArgPack{Args: ring.Args{4}}))

	bulk := ui.(ring.BulkUserInterface)
	fmt.Println(bulk.KeyMany(&square.Wire, []ring.ArgPack{{Args: ring.Args{4}}, {Args: ring.Args{5}}}))
	// Output:
	// :4 <nil>
	// [:4 :5] <nil>
}

func ExampleWire_Scalars() {
	square := ring.Wrap(func(n int) int { return n * n }, ring.Lru{})
	scalars := square.Scalars()

	// A hit does not allocate.
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

// requestID is the type of a key in a context.
type requestID struct{}

// RequestLog records for which request the function had to run.
type RequestLog struct{ ring.CacheUserInterface }

// Execute logs and runs the function.
func (r RequestLog) Execute(w *ring.Wire, p ring.ArgPack) (any, error) {
	fmt.Println("a miss of request", w.Context().Value(requestID{}))
	return r.CacheUserInterface.Execute(w, p)
}
