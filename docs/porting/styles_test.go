package porting_test

import "github.com/ring-go/ring"

func listOf(a, b any) []any { return []any{a, b} }

func Example_styles() {
	python := ring.Wrap(listOf, ring.Lru{KeyPrefix: "f", Options: ring.Options{KeyStyle: ring.PythonKeys}})
	safe := ring.Wrap(listOf, ring.Lru{KeyPrefix: "f"})

	for _, call := range []ring.Args{{"x", "y"}, {1, "y"}, {"http://x", "y"}, {"x:y", "z"}, {"x", "y:z"}, {2, 1}, {"2", 1}} {
		pythonKey, err := python.Key(call...)
		must(err)
		safeKey, err := safe.Key(call...)
		show(pythonKey, safeKey, err)
	}
	// Output:
	// f:x:y f:x:y
	// f:1:y f:1:y
	// f:http://x:y f:http\://x:y
	// f:x:y:z f:x\:y:z
	// f:x:y:z f:x:y\:z
	// f:2:1 f:2:1
	// f:2:1 f:'2':1
}
