package porting_test

import (
	"fmt"
	"reflect"
	"strings"

	"github.com/ring-go/ring"
)

func splitText(text string) []string { return strings.Split(text, ",") }

var words = ring.CoderTuple{
	Encode: func(value any) (any, error) {
		return []byte(strings.Join(value.([]string), " ")), nil
	},
	Decode: func(data any, typ reflect.Type) (any, error) {
		return strings.Split(string(data.([]byte)), " "), nil
	},
}

func Example_coders() {
	cache := map[string]any{}

	must(ring.DefaultRegistry.Register("words", words))
	registered := ring.Wrap(splitText, ring.Dict{Obj: cache, KeyPrefix: "f", Coder: "words"})
	given := ring.Wrap(splitText, ring.Dict{Obj: cache, KeyPrefix: "g", Coder: words})

	overridden := ring.Wrap(splitText, ring.Dict{Obj: cache, KeyPrefix: "h"})
	must(overridden.Ring().Encode(func(words []string) string { return strings.Join(words, "+") }))
	must(overridden.Ring().Decode(func(data string) []string { return strings.Split(data, "+") }))

	for _, f := range []*ring.Rope{registered, given, overridden} {
		first, err := f.Call("a,b")
		must(err)
		second, err := f.Call("a,b")
		must(err)
		key, err := f.Key("a,b")
		show(fmt.Sprint(first) == fmt.Sprint(second), cache[key], err)
	}
	encoded, err := registered.Encode([]string{"c", "d"})
	must(err)
	decoded, err := registered.Decode([]byte("c d"))
	show(encoded, decoded, err)
	// Output:
	// True b'a b'
	// True b'a b'
	// True a+b
	// b'c d' ['c', 'd']
}
