package ring_test

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"reflect"
	"strings"

	"github.com/ring-go/ring"
)

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
	// A coder registered here is known only here.
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
	// Coder: "json" is looked up here. Register your application's own coders here,
	// before the ropes that name them.
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

	// Wrap notices half a coder, before the first value comes back.
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

func ExampleErrCoder() {
	cache := map[string]any{"square:4": []byte("[1, 2]")}
	square := ring.Wrap(slowSquare, ring.Dict{Obj: cache, KeyPrefix: "square", Coder: "json"})

	// A list does not fit an int. Get returns the error; Call would run the function
	// again.
	_, err := square.Get(4)
	fmt.Println(errors.Is(err, ring.ErrCoder))
	// Output:
	// true
}

// Planet is a result. Its tags are those of encoding/json.
type Planet struct {
	Name  string   `json:"name"`
	Moons []string `json:"moons"`
}
