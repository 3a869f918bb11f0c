package ring_test

import (
	"errors"
	"fmt"
	"strings"

	"github.com/ring-go/ring"
)

func ExampleMemcacheKey() {
	fmt.Println(ring.MemcacheKey("plain:key"))
	fmt.Println(ring.MemcacheKey("memcached takes no blanks"))
	fmt.Println(len(ring.MemcacheKey(strings.Repeat("nor long keys", 100))))
	// Output:
	// plain:key
	// ring-sha1:a9fd07897c142bec93da68a4e871e014b056a605
	// 50
}

func ExampleKeyStyle() {
	numbers := make([]int, 1000)
	for _, style := range []ring.KeyStyle{ring.SafeKeys, ring.HashKeys} {
		sum := ring.Wrap(func(numbers []int) int { return len(numbers) },
			ring.Lru{Options: ring.Options{KeyStyle: style}})
		key, err := sum.Key(numbers)
		fmt.Println(style, len(key) < 50, err)
	}
	// Output:
	// SafeKeys false <nil>
	// HashKeys true <nil>
}

func ExampleKeyStyle_String() {
	fmt.Println(ring.SafeKeys, ring.PythonKeys, ring.HashKeys)
	// Output:
	// SafeKeys PythonKeys HashKeys
}

func ExampleRingKeyer() {
	royalties := ring.Wrap(func(authors []*Author) int { return 100 * len(authors) }, ring.Lru{})
	fmt.Println(royalties.Key([]*Author{{1, "Ada"}, {2, "Grace"}}))
	// Output:
	// :[author1,author2] <nil>
}

func ExampleErrKey() {
	// The parameter can hold anything, so only a call can tell.
	show := ring.Wrap(func(v any) string { return fmt.Sprint(v) }, ring.Lru{})
	_, err := show.Key(make(chan int))
	fmt.Println(errors.Is(err, ring.ErrKey))
	// Output:
	// true
}
