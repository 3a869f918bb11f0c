// Package cases has calls for the check call.
package cases

import (
	"context"

	"github.com/ring-go/ring"
)

func summarize(path string, limit int) (int64, error) { return int64(len(path) + limit), nil }

func price(ctx context.Context, item string, factor float64) float64 {
	return float64(len(item)) * factor
}

func total(first int8, more ...uint8) int { return int(first) + len(more) }

func find(name *string, options map[string]int) string { return "found" }

// Clip is cached, and its parameters have names.
func Clip(text string, length int) string { return text }

// Words are cached, and so are theirs.
func (u *User) Words(limit int) string { return "words" }

var (
	_ = ring.RegisterSignature(Clip, "text, length=80")
	_ = ring.RegisterSignature((*User).Words, "u, limit=10")
)

// User has a cached method.
type User struct{ ID int }

// Child is cached.
func (u *User) Child(i int) string { return "child" }

// RingKey is that of the user.
func (u *User) RingKey() string { return "user" }

// Dir has a cached method.
type Dir string

var dir Dir

// Join is cached.
func (d Dir) Join(n int) string { return string(d) }

// Path is a string by another name.
type Path string

// The ropes.
var (
	Summary = ring.Wrap(summarize, ring.Lru{})
	Named   = ring.Wrap(summarize, ring.Lru{}, ring.Signature("path, limit=100"))
	Price   = ring.Wrap(price, ring.Lru{})
	Total   = ring.Wrap(total, ring.Lru{})
	Find    = ring.Wrap(find, ring.Lru{}, ring.Signature("name=None, **options"))
	Join    = ring.Wrap(Dir.Join, ring.Lru{})
	Clips   = ring.Wrap(Clip, ring.Lru{})
	Words   = ring.Wrap((*User).Words, ring.Lru{})
	Child   = ring.Wrap((*User).Child, ring.Lru{}, ring.Signature("self, i"))
)

var user = &User{1}

func only(_ any, err error) error { return err }

// Bad holds calls that the library refuses.
var Bad = []func() error{
	func() error { return only(Summary.Call(1)) },                                    // want `summarize\(\) missing 1 required positional argument: number 2`
	func() error { return only(Summary.Call(1, 2)) },                                 // want `parameter 1: int is not string`
	func() error { return only(Summary.Call(context.Background(), "a", 1)) },         // want `takes 2 positional arguments but 3 were given`
	func() error { return only(Summary.Call("a", 1.5)) },                             // want `1.5 \(float64\) does not fit int without loss`
	func() error { return only(Summary.Get("a", "b")) },                              // want `parameter 2: string is not int`
	func() error { return only(Summary.Update("a", 1, 2)) },                          // want `takes 2 positional arguments but 3 were given`
	func() error { return only(Summary.Call("a", nil)) },                             // want `nil is not int`
	func() error { return only(Summary.Key("a", []int{1})) },                         // want `\[\]int is not int`
	func() error { return only(Summary.Call("a", ring.Kwargs{})) },                   // want `missing 1 required`
	func() error { return only(Summary.Call(ring.Kwargs{"path": "a"})) },             // want `takes no keyword arguments`
	func() error { return only(Named.Call()) },                                       // want `missing 1 required positional argument: 'path'`
	func() error { return only(Named.Call("a", ring.Kwargs{"limits": 1})) },          // want `unexpected keyword argument 'limits'`
	func() error { return only(Named.Call("a", ring.Kwargs{"path": "b"})) },          // want `multiple values for argument 'path'`
	func() error { return Named.Delete("a", "b") },                                   // want `parameter 2, "limit": string is not int`
	func() error { return only(Price.Call(context.Background(), "a")) },              // want `missing 1 required`
	func() error { return only(Price.Call(context.Background(), "a", true)) },        // want `bool is not float64`
	func() error { return only(Total.Call(300)) },                                    // want `300 \(int\) does not fit int8 without loss`
	func() error { return only(Total.Call(1, 2, 256)) },                              // want `element 1: 256 \(int\) does not fit uint8 without loss`
	func() error { return only(Find.Call(1)) },                                       // want `int is not \*string`
	func() error { return only(Find.Call(ring.Kwargs{"a": "b"})) },                   // want `value of "a": string is not int`
	func() error { return only(Child.Bind(user).Call("a")) },                         // want `parameter 2, "i": string is not int`
	func() error { return only(Child.Bind(user).Call()) },                            // want `missing 1 required positional argument: 'i'`
	func() error { return only(Clips.Call(ring.Kwargs{"length": 3})) },               // want `missing 1 required positional argument: 'text'`
	func() error { return only(Clips.Call("a", ring.Kwargs{"lengths": 3})) },         // want `unexpected keyword argument 'lengths'`
	func() error { return only(Words.Bind(user).Call("a")) },                         // want `parameter 2, "limit": string is not int`
	func() error { return Summary.Set("a", "a", 1) },                                 // want `string is not int64; the value comes first`
	func() error { return Summary.Set(1, "a") },                                      // want `missing 1 required`
	func() error { return only(Summary.GetMany("a")) },                               // want `element 0: a string is no call`
	func() error { return only(Summary.GetMany(ring.Args{"a", 1}, ring.Args{"a"})) }, // want `element 1: .*missing 1 required`
	func() error { return only(Named.GetOrUpdateMany(ring.Kwargs{"path": 1})) },      // want `element 0: .*int is not string`
	func() error { return Summary.SetMany([]any{ring.Args{"a", 1}}, []any{"b"}) },    // want `value 0: string is not int64`
	func() error { return Summary.SetMany([]any{ring.Args{"a", 1}}, []any{1, 2}) },   // want `there are 2 values for 1 calls`
	func() error { return only(Summary.Run("get", "a")) },                            // want `Get: .*missing 1 required`
	func() error { return only(Summary.Run("set", "a", "a", 1)) },                    // want `Set: string is not int64`
	func() error { return only(Summary.Run("get_or_update_many", "a", 1)) },          // want `GetOrUpdateMany: element 0` `GetOrUpdateMany: element 1`
	func() error { return only(Summary.Bind(user).Call(1)) },                         // want `summarize is no method expression`
	func() error { return only(Child.Bind(nil).Call(1)) },                            // want `the receiver is nil`
	func() error { return only(Child.Bind(*user).Call(1)) },                          // want `cases.User is not \*cases.User`
	func() error { // the rope of a variable of the function
		r, err := ring.New(summarize, ring.Dict{})
		if err != nil {
			return nil
		}
		w := r.With(ring.CallOptions{SkipRead: true})
		return only(w.Call("a")) // want `missing 1 required`
	},
	func() error {
		f := func(n int) int { return n }
		r := ring.Decorate1(&f, ring.Lru{})
		return only(r.Call("a")) // want `string is not int`
	},
	func() error {
		_, r := ring.Typed(total, ring.Lru{})
		return only(r.Call("a")) // want `string is not int8`
	},
	func() error {
		h := holder{rope: ring.Wrap(summarize, ring.Lru{})}
		return only(h.rope.Call("a")) // want `missing 1 required`
	},
}

type holder struct {
	rope *ring.Rope
}

var (
	anything any = ring.Kwargs{"path": "a"}
	list         = []any{"a", 1}
	float        = 2.0
	text         = "a"
)

// changed has another rope than the first at the time of the call.
func changed() error {
	r := ring.Wrap(summarize, ring.Lru{})
	r = ring.Wrap(total, ring.Lru{})
	return only(r.Call(1))
}

// own is a user interface that takes what it wants.
type own struct{ ring.CacheUserInterface }

// GetOrUpdate takes any arguments.
func (own) GetOrUpdate(*ring.Wire, ring.ArgPack) (any, error) { return 1, nil }

// Good holds calls that the library accepts.
var Good = []func() error{
	func() error { return only(Clips.Call("a")) },
	func() error { return only(Clips.Call("a", ring.Kwargs{"length": 3})) },
	func() error { return only(Words.Bind(user).Call()) },
	func() error { return only(Summary.Call("a", 1)) },
	func() error { return only(Summary.Call("a", 2.0)) },
	func() error { return only(Summary.Call("a", float)) },
	func() error { return only(Summary.Call("a", int8(3))) },
	func() error { return only(Summary.Call(Path("a"), 1)) },
	func() error { return only(Summary.Call(list...)) },
	func() error { return only(Named.Call("a")) },
	func() error { return only(Named.Call(anything)) },
	func() error { return only(Named.Call(ring.Kwargs{"limit": 1, "path": "a"})) },
	func() error { return only(Price.Call("a", 1)) },
	func() error { return only(Price.Call(context.Background(), "a", 1)) },
	func() error { return only(Price.WithContext(context.Background()).Call("a", 'x')) },
	func() error { return only(Total.Call(1)) },
	func() error { return only(Total.Call(1, 2, 3.0)) },
	func() error { return only(Find.Call()) },
	func() error { return only(Find.Call("a")) },
	func() error { return only(Find.Call(nil, ring.Kwargs{"a": 1})) },
	func() error { return only(Find.Call(&text)) },
	func() error { return only(Child.Call(user, 1)) },
	func() error { return only(Child.Bind(user).Call(1)) },
	func() error { return only(Child.Bind(user).Call(ring.Kwargs{"i": 1})) },
	func() error { return Summary.Set(1, "a", 1) },
	func() error { return Summary.Set(2.0, "a", 1) },
	func() error { return only(Summary.GetMany(ring.Args{"a", 1})) },
	func() error { return only(Summary.GetMany([]any{ring.Args{"a", 1}}...)) },
	func() error { return only(Named.GetMany(ring.Kwargs{"path": "a"}, anything)) },
	func() error { return Summary.SetMany([]any{ring.Args{"a", 1}}, []any{1}) },
	changed,
	func() error { return only(Summary.Run("get", "a", 1)) },
	func() error { return Summary.Set(1, "a", 1) },
	func() error { return only(Join.Bind(Dir("a")).Call(1)) },
	func() error { return only(Join.Bind(&dir).Call(1)) },
	func() error {
		f := (*User).Child
		return only(ring.Wrap(f, ring.Lru{}).Bind(user).Call(1))
	},
	func() error { return only(ring.Wrap(summarize, ring.Lru{UserInterface: own{}}).Call()) },
	func() error {
		signature := ring.Signature("path, limit=1")
		return only(ring.Wrap(summarize, ring.Lru{}, signature).Call("a"))
	},
	func() error {
		cached, _ := ring.Typed(summarize, ring.Lru{}, ring.Signature("path, limit=1"))
		return only(ring.Wrap(cached, ring.Lru{}).Call("a"))
	},
}

// Holder has a rope in a field.
type Holder struct{ Rope *ring.Rope }

// Held has one, too.
var Held = &Holder{Rope: ring.Wrap(summarize, ring.Lru{})}
