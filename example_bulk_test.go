package ring_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/ring-go/ring"
)

func ExampleWire_KeyMany() {
	power := ring.Wrap(func(base, exponent int) int { return 0 }, ring.Lru{KeyPrefix: "power"},
		ring.Signature("base, exponent=2"))

	// Every element is one call, by position or by name.
	fmt.Println(power.KeyMany(ring.Args{2, 8}, ring.Args{3}, ring.Kwargs{"exponent": 5, "base": 4}))

	// A plain list is refused, because it is too easy to get wrong.
	_, err := power.KeyMany([]int{2, 8}) //ringvet:ignore call the error is what this shows
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
	// The function runs only for the missing values. With a server behind the cache they
	// are stored in one round trip.
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

	// Without expiry, a touch still makes a value recently used.
	fmt.Println(square.TouchMany(ring.Args{1}))
	square.Set(9, 3)
	fmt.Println(square.HasMany(ring.Args{1}, ring.Args{2}, ring.Args{3}))
	// Output:
	// <nil>
	// [true false true] <nil>
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

	// A missing value is no error: there is nothing to renew.
	fmt.Println(square.Storage().TouchMany(ctx, []string{":4", ":5"}))
	fmt.Println(square.Storage().HasMany(ctx, []string{":4", ":5"}))
	// Output:
	// <nil>
	// [true false] <nil>
}

func ExampleBulkInterfaceMixin() {
	// Your own interface has the bulk forms if it is composed with them. They use its
	// sub-functions: here, its Key.
	length := ring.Wrap(func(s string) int { return len(s) }, ring.Lru{
		UserInterface: ring.Compose(LowerCaseKeys{}, ring.BulkInterfaceMixin{}),
	})
	fmt.Println(length.KeyMany(ring.Args{"Go"}, ring.Args{"Python"}))

	// All keys are made first. If one call is wrong, none is run.
	_, err := length.GetOrUpdateMany(ring.Args{"Go"}, ring.Args{"too", "many"})
	fmt.Println(errors.Is(err, ring.ErrArguments))
	fmt.Println(length.Has("Go"))
	// Output:
	// [:go :python] <nil>
	// true
	// false <nil>
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
