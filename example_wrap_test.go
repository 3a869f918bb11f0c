package ring_test

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/ring-go/ring"
	"github.com/ring-go/ring/lrucache"
)

func Example() {
	// The function prints a line when it runs. Other results come from the cache.
	shout := ring.Wrap(func(word string) string {
		fmt.Println("running for", word)
		return strings.ToUpper(word)
	}, ring.Lru{MaxSize: 1000, Expire: time.Hour})

	fmt.Println(shout.Call("hello"))
	fmt.Println(shout.Call("hello"))
	fmt.Println(shout.Delete("hello"))
	fmt.Println(shout.Get("hello"))
	fmt.Println(shout.Call("hello"))
	// Output:
	// running for hello
	// HELLO <nil>
	// HELLO <nil>
	// <nil>
	// <nil> <nil>
	// running for hello
	// HELLO <nil>
}

func ExampleWrap() {
	// You can wrap any function, also one that you did not write.
	atoi := ring.Wrap(strconv.Atoi, ring.Lru{})

	fmt.Println(atoi.Call("42"))
	fmt.Println(atoi.Has("42"))

	// The function's error is returned unchanged, and nothing is cached.
	_, err := atoi.Call("forty-two")
	fmt.Println(err)
	fmt.Println(atoi.Has("forty-two"))
	// Output:
	// 42 <nil>
	// true <nil>
	// strconv.Atoi: parsing "forty-two": invalid syntax
	// false <nil>
}

func ExampleWrap_severalResults() {
	cut := ring.Wrap(strings.Cut, ring.Lru{})

	// As in Python, several results are a tuple.
	value, err := cut.Call("key=value", "=")
	fmt.Println(value, err)
	fmt.Println(value.(ring.Tuple)[1])
	// Output:
	// [key value true] <nil>
	// value
}

func ExampleNew() {
	// If a configuration file chooses the cache, a mistake should not panic.
	_, err := ring.New(strconv.Itoa, ring.Lru{Coder: "yaml"})
	fmt.Println(errors.Is(err, ring.ErrCoder))

	// New finds a parameter that cannot have a key, before the first call.
	_, err = ring.New(func(done chan bool) int { return 1 }, ring.Lru{}) //ringvet:ignore wrap the error is what this shows
	fmt.Println(errors.Is(err, ring.ErrKey))
	// Output:
	// true
	// true
}

func ExampleDecorate() {
	var fibonacci func(n int) int
	fibonacci = func(n int) int {
		if n < 2 {
			return n
		}
		return fibonacci(n-1) + fibonacci(n-2)
	}
	// From here on the variable holds the cached function, so the function calls its
	// cached self. The type stays: no any, no type assertion.
	rope := ring.Decorate(&fibonacci, ring.Lru{})

	fmt.Println(fibonacci(90))
	fmt.Println(rope.CacheInfo().Misses)
	// Output:
	// 2880067194370816120
	// 91
}

func ExampleSignature() {
	greet := func(name, greeting string, times int) string {
		return strings.Repeat(greeting+" ", times) + name
	}
	// Go does not keep the names of parameters and has no defaults.
	rope := ring.Wrap(greet, ring.Lru{}, ring.Signature("name, greeting='Hi', times=1"))

	fmt.Println(rope.Call("Ada"))
	fmt.Println(rope.Call("Ada", ring.Kwargs{"times": 2}))

	// All ways to write a call make the same key.
	fmt.Println(rope.Key("Ada"))
	fmt.Println(rope.Key(ring.Kwargs{"times": 1, "name": "Ada"}))
	// Output:
	// Hi Ada <nil>
	// Hi Hi Ada <nil>
	// :Ada:Hi:1 <nil>
	// :Ada:Hi:1 <nil>
}

func ExampleSignature_starred() {
	query := func(table string, limit int, columns []string, where map[string]any) string {
		return fmt.Sprint(table, limit, columns, where)
	}
	// A slice can be *args as well, and a map takes the keywords that are not
	// parameters.
	rope := ring.Wrap(query, ring.Lru{}, ring.Signature("table, limit=10, *columns, **where"))

	fmt.Println(rope.Key("users"))
	fmt.Println(rope.Key("users", 5, "id", "name", ring.Kwargs{"age": 36}))
	// Output:
	// :users:10:(): <nil>
	// :users:5:('id','name'):age,36 <nil>
}

func ExampleName() {
	cache := map[string]any{}
	// Other functions can have the name of a function literal, so its keys need another
	// beginning.
	_, err := ring.New(func(n int) int { return -n }, ring.Dict{Obj: cache})
	fmt.Println(err != nil)

	negate, err := ring.New(func(n int) int { return -n }, ring.Dict{Obj: cache}, ring.Name("math.negate"))
	fmt.Println(err)
	fmt.Println(negate.Key(7))
	// Output:
	// true
	// <nil>
	// math.negate:7 <nil>
}

func ExampleFuncOption() {
	options := []ring.FuncOption{ring.Name("geo.distance"), ring.Signature("x, y=0")}
	distance := ring.Wrap(func(x, y int) int { return x*x + y*y }, ring.Dict{}, options...)

	fmt.Println(distance.Key(3))
	// Output:
	// geo.distance:3:0 <nil>
}

func ExampleRope() {
	// A rope of a function has all methods of a wire. A rope of a method expression
	// takes the receiver first, like the method expression itself.
	book := ring.Wrap((*Author).Book, ring.Lru{})
	fmt.Println(book.Call(&Author{1, "Ada"}, 3))
	fmt.Println(book.Bind(&Author{1, "Ada"}).Call(3))
	// Output:
	// looking for book 3 of Ada
	// Ada, Collected Works 3 <nil>
	// Ada, Collected Works 3 <nil>
}

func ExampleRope_Bind() {
	book := ring.Wrap((*Author).Book, ring.Dict{KeyPrefix: "book"})
	ada, grace := &Author{1, "Ada"}, &Author{2, "Grace"}

	fmt.Println(book.Bind(ada).Call(7))
	fmt.Println(book.Bind(grace).Call(7))
	fmt.Println(book.Bind(ada).Key(7))

	_, err := book.Bind("Ada").Call(7) //ringvet:ignore call the error is what this shows
	fmt.Println(errors.Is(err, ring.ErrArguments))
	// Output:
	// looking for book 7 of Ada
	// Ada, Collected Works 7 <nil>
	// looking for book 7 of Grace
	// Grace, Collected Works 7 <nil>
	// book:author1:7 <nil>
	// true
}

func Example_doubleCache() {
	now := time.Date(2024, 2, 29, 12, 0, 0, 0, time.UTC)
	cache := lrucache.New(128)
	cache.Now = func() time.Time { return now }

	down := false
	weather := ring.Wrap(func(city string) (string, error) {
		if down {
			return "", errors.New("the weather service is down")
		}
		return "sun in " + city, nil
	}, ring.Lru{
		Lru:           cache,
		KeyPrefix:     "weather",
		Expire:        time.Minute,
		UserInterface: ring.Compose(DoubleCache{}, ring.BulkInterfaceMixin{}),
	})
	fmt.Println(weather.Run("key2", "Oslo"))
	fmt.Println(weather.Call("Oslo"))

	now, down = now.Add(time.Hour), true
	fmt.Println(weather.Get("Oslo")) // has expired
	fmt.Println(weather.Call("Oslo"))
	fmt.Println(weather.Call("Bergen"))

	fmt.Println(weather.Delete("Oslo"))
	fmt.Println(weather.Call("Oslo"))
	// Output:
	// second/weather:Oslo <nil>
	// sun in Oslo <nil>
	// <nil> <nil>
	// sun in Oslo <nil>
	// <nil> the weather service is down
	// <nil>
	// <nil> the weather service is down
}

func ExampleKwargs() {
	repeat := ring.Wrap(strings.Repeat, ring.Lru{}, ring.Signature("s, count=1"))

	fmt.Println(repeat.Call("ab", ring.Kwargs{"count": 3}))
	fmt.Println(repeat.GetMany(ring.Kwargs{"s": "ab", "count": 3}, ring.Kwargs{"s": "ab"}))

	_, err := repeat.Call("ab", ring.Kwargs{"times": 3}) //ringvet:ignore call the error is what this shows
	fmt.Println(errors.Is(err, ring.ErrArguments))
	// Output:
	// ababab <nil>
	// [ababab <nil>] <nil>
	// true
}

func ExampleTuple() {
	show := ring.Wrap(func(v any) string { return fmt.Sprint(v) }, ring.Lru{})

	// Python's keys tell a tuple from a list.
	fmt.Println(show.Key(ring.Tuple{1, "a"}))
	fmt.Println(show.Key([]any{1, "a"}))
	// Output:
	// :(1,'a') <nil>
	// :[1,'a'] <nil>
}

func ExampleFrozenSet() {
	// Within other values, Python's keys tell a frozenset from a set.
	show := ring.Wrap(func(sets []any) int { return len(sets) },
		ring.Lru{Options: ring.Options{KeyStyle: ring.PythonKeys}})

	fmt.Println(show.Key([]any{ring.FrozenSet{1: {}, 2: {}}}))
	fmt.Println(show.Key([]any{map[any]struct{}{1: {}, 2: {}}}))
	// Output:
	// :[frozenset({1,2})] <nil>
	// :[{1,2}] <nil>
}

func ExampleEllipsis() {
	// A default that no caller passes by accident.
	index := ring.Wrap(func(at any) bool { return at == ring.Ellipsis }, ring.Lru{}, ring.Signature("at=..."))

	fmt.Println(index.Call())
	fmt.Println(index.Key())
	fmt.Println(index.Key(nil))
	// Output:
	// true <nil>
	// :Ellipsis <nil>
	// :None <nil>
}

// DoubleCache is a user interface that keeps a second copy of every result. The copy
// does not expire, and is used if the function fails.
type DoubleCache struct{ ring.CacheUserInterface }

// key2 builds on the key of the composed interface, in case another part replaces that.
// No call can have the same key: with ":second" at the end, the call for "Oslo:second"
// could.
func (DoubleCache) key2(w *ring.Wire, p ring.ArgPack) (string, error) {
	key, err := w.UserInterface().Key(w, p)
	return "second/" + key, err
}

// Execute is called by update and get_or_update for a new result, and by their bulk
// forms. Here it stores the second copy.
func (d DoubleCache) Execute(w *ring.Wire, p ring.ArgPack) (any, error) {
	value, err := d.CacheUserInterface.Execute(w, p)
	if err != nil {
		return value, err
	}
	key2, err := d.key2(w, p)
	if err != nil {
		return nil, err
	}
	return value, w.Storage().Set(w.Context(), key2, value, 0)
}

// GetOrUpdate returns an old result rather than none.
func (d DoubleCache) GetOrUpdate(w *ring.Wire, p ring.ArgPack) (any, error) {
	value, err := d.CacheUserInterface.GetOrUpdate(w, p)
	if err == nil {
		return value, nil
	}
	key2, keyErr := d.key2(w, p)
	if keyErr != nil {
		return value, err
	}
	if second, err := w.Storage().Get(w.Context(), key2); err == nil {
		return second, nil
	}
	return value, err
}

// Delete forgets both.
func (d DoubleCache) Delete(w *ring.Wire, p ring.ArgPack) error {
	key2, err := d.key2(w, p)
	if err != nil {
		return err
	}
	return errors.Join(
		d.CacheUserInterface.Delete(w, p),
		w.Storage().Delete(w.Context(), key2))
}

// SubFunctions adds what is not in ring.UserInterface.
func (d DoubleCache) SubFunctions() map[string]ring.SubFunction {
	return map[string]ring.SubFunction{
		"key2": func(w *ring.Wire, p ring.ArgPack) (any, error) { return d.key2(w, p) },
	}
}

// SubFunctions implements "pop": get and delete in one.
func (Popping) SubFunctions() map[string]ring.SubFunction {
	return map[string]ring.SubFunction{
		"pop": func(w *ring.Wire, p ring.ArgPack) (any, error) {
			value, err := w.UserInterface().Get(w, p)
			if err != nil {
				return nil, err
			}
			return value, w.UserInterface().Delete(w, p)
		},
	}
}

// SubFunctions implements "show".
func (Verbose) SubFunctions() map[string]ring.SubFunction {
	return map[string]ring.SubFunction{
		"show": func(_ *ring.Wire, p ring.ArgPack) (any, error) {
			author, _ := p.Bound.(*Author)
			return fmt.Sprint(author.Name, " ", p.Args, " ", p.Kwargs), nil
		},
	}
}
