package ring_test

import (
	"context"
	"fmt"

	"github.com/ring-go/ring"
)

// label has more parameters than Func4.
func label(name string, width, height, depth int, fragile bool) string {
	fmt.Println("label runs")
	return fmt.Sprintf("%s %dx%dx%d %t", name, width, height, depth, fragile)
}

// labels is what ringgen writes for label, in short.
type labels struct {
	probe *ring.Probe
	run   func(name string, width, height, depth int, fragile bool) string
}

func (l labels) Call(name string, width, height, depth int, fragile bool) string {
	value, miss, ok := l.probe.Hit(&name, &width, &height, &depth, &fragile)
	if !ok {
		return l.miss(miss, name, width, height, depth, fragile)
	}
	return value.(string)
}

func (l labels) miss(miss ring.Miss, name string, width, height, depth int, fragile bool) string {
	value, _ := l.probe.Run(miss, func() (any, error) {
		return l.run(name, width, height, depth, fragile), nil
	}, &name, &width, &height, &depth, &fragile)
	text, _ := value.(string)
	return text
}

func ExampleProbe() {
	probe, run := ring.NewProbe[func(string, int, int, int, bool) string](ring.Wrap(label, ring.Lru{}))
	box := labels{probe, run}
	fmt.Println(box.Call("books", 1, 2, 3, false))
	fmt.Println(box.Call("books", 1, 2, 3, false))
	// Output:
	// label runs
	// books 1x2x3 false
	// books 1x2x3 false
}

func ExampleNewProbe() {
	defer func() { fmt.Println(recover()) }()
	ring.NewProbe[func(string) string](ring.Wrap(label, ring.Lru{}))
	// Output: ring: func github.com/ring-go/ring_test.label: wrong arguments: the function is a func(string, int, int, int, bool) string, not a func(string) string: name its own types
}

func ExampleProbe_Hit() {
	r := ring.Wrap(label, ring.Lru{})
	probe, _ := ring.NewProbe[func(string, int, int, int, bool) string](r)
	name, n, fragile := "books", 1, true
	_, _, ok := probe.Hit(&name, &n, &n, &n, &fragile)
	fmt.Println(ok)
	if err := r.Set("a set one", "books", 1, 1, 1, true); err != nil {
		fmt.Println(err)
	}
	value, _, ok := probe.Hit(&name, &n, &n, &n, &fragile)
	fmt.Println(value, ok)
	// Output:
	// false
	// a set one true
}

func ExampleProbe_Run() {
	probe, run := ring.NewProbe[func(string, ...int) (int, error)](ring.Wrap(countMore, ring.Lru{}))
	word, more := "a", []int{1, 2}
	for range 2 {
		value, miss, ok := probe.Hit(&word, &more)
		var err error
		if !ok {
			value, err = probe.Run(miss, func() (any, error) { return run(word, more...) }, &word, &more)
		}
		fmt.Println(value, err)
	}
	// Output:
	// countMore runs
	// 2 <nil>
	// 2 <nil>
}

func countMore(word string, more ...int) (int, error) {
	fmt.Println("countMore runs")
	return len(more), nil
}

func ExampleMiss() {
	probe, run := ring.NewProbe[func(string, ...int) (int, error)](ring.Wrap(countMore, ring.Lru{}))
	var none []int
	word := "b"
	var miss ring.Miss
	_, miss, _ = probe.Hit(&word, &none)
	fmt.Println(probe.Run(miss, func() (any, error) { return run(word) }, &word, &none))
	// Output:
	// countMore runs
	// 0 <nil>
}

// Of is for wires: here for one with a context.
func ExampleProbe_Of() {
	r := ring.Wrap(label, ring.Lru{})
	probe, run := ring.NewProbe[func(string, int, int, int, bool) string](r)
	box := labels{probe.Of(r.WithContext(context.Background())), run}
	fmt.Println(box.Call("glass", 1, 1, 1, true))
	// Output:
	// label runs
	// glass 1x1x1 true
}

func ExampleRegisterSignature() {
	ring.RegisterSignature(label, "name, width, height, depth, fragile")
	r := ring.Wrap(label, ring.Lru{KeyPrefix: "label"})
	fmt.Println(r.Key("books", 1, 2, ring.Kwargs{"fragile": true, "depth": 3}))
	// Output: label:books:1:2:3:True <nil>
}
