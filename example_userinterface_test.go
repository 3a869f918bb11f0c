package ring_test

import (
	"errors"
	"fmt"

	"github.com/ring-go/ring"
)

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

func ExampleCompose() {
	// Each sub-function is that of the first part that has it, as in Python's tuple of
	// classes.
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

// FewAtOnce allows at most two calls at once.
type FewAtOnce struct{ ring.BulkInterfaceMixin }

// UpdateMany refuses a longer list.
func (f FewAtOnce) UpdateMany(w *ring.Wire, ps []ring.ArgPack) ([]any, error) {
	if len(ps) > 2 {
		return nil, fmt.Errorf("%d calls are too many", len(ps))
	}
	return f.BulkInterfaceMixin.UpdateMany(w, ps)
}

// ReadOnly is a part of a user interface with two methods only.
type ReadOnly struct{}

// Popping adds a sub-function that Python's dict has.
type Popping struct{}

// Verbose prints what its sub-function was called with.
type Verbose struct{}
