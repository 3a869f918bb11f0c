package howto_test

import (
	"fmt"

	"github.com/ring-go/ring"
)

func Example_withTypes() {
	loads.Store(0)
	fetch := load // func(id int) (string, error)
	users := ring.Decorate1E(&fetch, ring.Lru{MaxSize: 1000})

	name, err := fetch(7)
	err = users.Delete(7) // the rope does the rest

	fmt.Println(name, err, users.CacheInfo().Misses)

	sum, sums := ring.Typed(func(numbers ...int) int {
		total := 0
		for _, n := range numbers {
			total += n
		}
		return total
	}, ring.Lru{})

	fmt.Println(sum(1, 2, 3), sum(1, 2, 3), sums.CacheInfo().Hits)
	// Output:
	// user 7, load 1 <nil> 1
	// 6 6 1
}

func Example_typedView() {
	repository := &Repository{Name: "linux"}

	rope := ring.Wrap((*Repository).Count, ring.Lru{})

	count := ring.Func2E[*Repository, string, int](rope)
	n, err := count(repository, "main")

	ofLinux := ring.Func1E[string, int](rope.Bind(repository))
	n, err = ofLinux("main") // the same call: a hit

	fmt.Println(n, err, rope.CacheInfo().Hits)
	// Output: 9 <nil> 1
}

func Example_as() {
	loads.Store(0)
	users := ring.Wrap(load, ring.Lru{})

	name, ok, err := ring.As[string](users.Get(7)) // "", false: not cached
	name, ok, err = ring.As[string](users.Call(7)) // runs load

	fmt.Println(name, ok, err)
	// Output: user 7, load 1 true <nil>
}
