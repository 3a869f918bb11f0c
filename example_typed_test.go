package ring_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/ring-go/ring"
)

// Account is what a query returns.
type Account struct {
	Name    string
	Balance int
}

var errNoAccount = errors.New("no such account")

// findAccount stands for a query.
func findAccount(_ context.Context, name string) (Account, error) {
	fmt.Println("querying", name)
	if name == "" {
		return Account{}, errNoAccount
	}
	return Account{name, 100 * len(name)}, nil
}

func ExampleDecorate1() {
	var fibonacci func(n int) int
	fibonacci = func(n int) int {
		if n < 2 {
			return n
		}
		return fibonacci(n-1) + fibonacci(n-2)
	}
	// From here on the function calls its cached self.
	rope := ring.Decorate1(&fibonacci, ring.Lru{})

	fmt.Println(fibonacci(90), rope.CacheInfo().Misses)
	// Output: 2880067194370816120 91
}

func ExampleDecorate1E() {
	parse := url.Parse
	rope := ring.Decorate1E(&parse, ring.Lru{MaxSize: 1000})

	u, err := parse("https://example.com/a?b=c") // a *url.URL
	fmt.Println(u.Host, err)

	_, err = parse("https://example.com:port")
	fmt.Println(err)
	fmt.Println(rope.Has("https://example.com:port")) // errors are not cached
	// Output:
	// example.com <nil>
	// parse "https://example.com:port": invalid port ":port" after host
	// false <nil>
}

func ExampleDecorate2() {
	power := math.Pow
	rope := ring.Decorate2(&power, ring.Lru{})

	fmt.Println(power(2, 10), power(2, 10))
	fmt.Println(rope.CacheInfo().Hits)
	// Output:
	// 1024 1024
	// 1
}

func ExampleDecorate2E() {
	ctx := context.Background()
	account := findAccount // func(context.Context, string) (Account, error)
	rope := ring.Decorate2E(&account, ring.Lru{Expire: time.Minute})

	a, err := account(ctx, "ann")
	fmt.Println(a.Balance, err)
	a, err = account(ctx, "ann") // the context is not part of the key
	fmt.Println(a.Balance, err)
	fmt.Println(rope.Delete("ann"))
	// Output:
	// querying ann
	// 300 <nil>
	// 300 <nil>
	// <nil>
}

func ExampleDecorate3() {
	replace := strings.ReplaceAll
	rope := ring.Decorate3(&replace, ring.Dict{})

	fmt.Println(replace("a-b-c", "-", "+"))
	fmt.Println(rope.Get("a-b-c", "-", "+"))
	// Output:
	// a+b+c
	// a+b+c <nil>
}

func ExampleDecorate3E() {
	parse := strconv.ParseInt // func(string, int, int) (int64, error)
	ring.Decorate3E(&parse, ring.Lru{})

	fmt.Println(parse("ff", 16, 64))
	// Output: 255 <nil>
}

func ExampleDecorate4() {
	format := strconv.FormatFloat // func(float64, byte, int, int) string
	ring.Decorate4(&format, ring.Lru{})

	fmt.Println(format(2.5, 'f', 2, 64))
	// Output: 2.50
}

func ExampleDecorate4E() {
	ctx := context.Background()
	page := func(_ context.Context, table string, limit, offset int) ([]string, error) {
		fmt.Println("selecting from", table)
		return []string{"ann", "bob"}[offset:limit], nil
	}
	rope := ring.Decorate4E(&page, ring.Lru{}, ring.Signature("table, limit, offset=0"))

	fmt.Println(page(ctx, "users", 2, 0))
	fmt.Println(rope.Call("users", 2)) // the same call, by the rope
	// Output:
	// selecting from users
	// [ann bob] <nil>
	// [ann bob] <nil>
}

func ExampleTyped() {
	// A variadic function, of which there is none among the numbered forms.
	join, rope := ring.Typed(func(words ...string) string { return strings.Join(words, " ") }, ring.Lru{})

	fmt.Println(join("a", "hit", "is", "typed"))
	fmt.Println(rope.CacheInfo().Misses)
	// Output:
	// a hit is typed
	// 1
}

func ExampleAs() {
	rope := ring.Wrap(findAccount, ring.Lru{})

	_, ok, err := ring.As[Account](rope.Get("ann"))
	fmt.Println(ok, err)

	a, ok, err := ring.As[Account](rope.Call("ann"))
	fmt.Println(a.Balance, ok, err)

	_, _, err = ring.As[string](rope.Get("ann")) //ringvet:ignore assert the error is what this shows
	fmt.Println(errors.Is(err, ring.ErrArguments))
	// Output:
	// false <nil>
	// querying ann
	// 300 true <nil>
	// true
}

func ExampleCached() {
	// A rope and a wire of it are both Cached.
	rope := ring.Wrap((*Author).Book, ring.Lru{})
	ada := &Author{1, "Ada"}
	for _, c := range []ring.Cached{rope, rope.Bind(ada)} {
		fmt.Printf("%T\n", c)
	}
	fmt.Println(ring.Func2[*Author, int, string](rope)(ada, 3))
	fmt.Println(ring.Func1[int, string](rope.Bind(ada))(3))
	// Output:
	// *ring.Rope
	// *ring.Wire
	// looking for book 3 of Ada
	// Ada, Collected Works 3
	// Ada, Collected Works 3
}

func ExampleFunc1() {
	rope := ring.Wrap(slowSquare, ring.Lru{})
	square := ring.Func1[int, int](rope)

	fmt.Println(square(4) + square(4))
	// Output:
	// squaring 4
	// 32
}

func ExampleFunc1_bound() {
	book := ring.Wrap((*Author).Book, ring.Lru{})
	ofAda := ring.Func1[int, string](book.Bind(&Author{1, "Ada"}))

	fmt.Println(ofAda(3))
	// Output:
	// looking for book 3 of Ada
	// Ada, Collected Works 3
}

func ExampleFunc1E() {
	rope := ring.Wrap(strconv.Atoi, ring.Lru{})
	atoi := ring.Func1E[string, int](rope)

	n, err := atoi("42")
	fmt.Println(n+1, err)
	// Output: 43 <nil>
}

func ExampleFunc2() {
	rope := ring.Wrap(strings.Repeat, ring.Lru{})
	repeat := ring.Func2[string, int, string](rope)

	fmt.Println(len(repeat("go", 3)))
	// Output: 6
}

func ExampleFunc2E() {
	// A service keeps both: the rope to manage the cache, and the function to call.
	rope := ring.Wrap(findAccount, ring.Lru{})
	account := ring.Func2E[context.Context, string, Account](rope)

	rope.Set(Account{"bob", 7}, "bob")
	a, err := account(context.Background(), "bob")
	fmt.Println(a.Balance, err)
	// Output: 7 <nil>
}

func ExampleFunc3() {
	rope := ring.Wrap(strings.ReplaceAll, ring.Lru{})
	replace := ring.Func3[string, string, string, string](rope)

	fmt.Println(replace("a-b", "-", "+"))
	// Output: a+b
}

func ExampleFunc3E() {
	rope := ring.Wrap(strconv.ParseInt, ring.Lru{})
	parse := ring.Func3E[string, int, int, int64](rope)

	_, err := parse("fg", 16, 64)
	fmt.Println(err)
	// Output: strconv.ParseInt: parsing "fg": invalid syntax
}

func ExampleFunc4() {
	rope := ring.Wrap(strconv.FormatFloat, ring.Lru{})
	format := ring.Func4[float64, byte, int, int, string](rope)

	fmt.Println(format(2.5, 'f', 2, 64))
	// Output: 2.50
}

func ExampleFunc4E() {
	distance := func(_ context.Context, from, to string, unit rune) (float64, error) {
		return float64(len(from)+len(to)) * 10, nil
	}
	rope := ring.Wrap(distance, ring.Lru{})
	cached := ring.Func4E[context.Context, string, string, rune, float64](rope)

	fmt.Println(cached(context.Background(), "Oslo", "Rome", 'k'))
	// Output: 80 <nil>
}
