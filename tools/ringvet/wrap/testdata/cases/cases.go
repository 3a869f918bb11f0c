// Package cases has ropes for the check wrap.
package cases

import (
	"context"
	"io"
	"net/netip"
	"net/url"
	"sync"
	"time"

	"github.com/bradfitz/gomemcache/memcache"
	"github.com/redis/go-redis/v9"
	"github.com/ring-go/ring"
	"github.com/ring-go/ring/lrucache"
)

func of(_ any, err error) error { return err }

func square(n int) int { return n * n }

type hidden struct{ secret int }

type keyed struct{ secret int }

func (k keyed) RingKey() string { return "k" }

type tagged struct {
	Name string
	mu   sync.Mutex `hash:"ignore"`
}

type point struct{ X, Y int }

type tree struct {
	Value    int
	Children []*tree
}

type embedding struct {
	point
	_    int
	none struct{}
}

type failure struct{}

func (failure) Error() string { return "failure" }

func users(id int) (point, error) { return point{id, id}, nil }

func pair(id int) (int, string) { return id, "" }

func text(id int) (string, error) { return "", nil }

func locked(m *sync.Mutex) int { return 0 }

// User has a method.
type User struct{ ID int }

// Child is one.
func (u User) Child(ctx context.Context, i int) string { return "" }

var (
	client = redis.NewClient(&redis.Options{Addr: "127.0.0.1:1"})
	cache  = lrucache.New(10)
	user   User
)

// Bad holds ropes that the library refuses.
var Bad = []func() error{
	func() error { return of(ring.New(nil, ring.Lru{})) },                                                  // want `nil is not a function`
	func() error { return of(ring.New("f", ring.Lru{})) },                                                  // want `string is not a function`
	func() error { return of(ring.New(square, nil)) },                                                      // want `the factory is nil`
	func() error { return of(ring.New(square, ring.Lru{}, nil)) },                                          // want `an option is nil`
	func() error { return of(ring.New(square, ring.Lru{}, ring.Name(""))) },                                // want `a second Name, or an empty one`
	func() error { return of(ring.New(square, ring.Lru{}, ring.Name("a"), ring.Name("b"))) },               // want `a second Name`
	func() error { return of(ring.New(square, ring.Lru{Expire: -1})) },                                     // want `is negative`
	func() error { return of(ring.New(square, ring.Lru{Expire: 60})) },                                     // want `60\*time.Second`
	func() error { return of(ring.New(square, ring.Lru{MaxSize: -3})) },                                    // want `MaxSize -3 is below`
	func() error { return of(ring.New(square, ring.Lru{Shards: -2})) },                                     // want `Shards -2 are below`
	func() error { return of(ring.New(square, ring.Lru{Lru: lrucache.New(1), MaxSize: 3})) },               // want `MaxSize is that of a new cache`
	func() error { return of(ring.New(square, ring.Lru{Options: ring.Options{StorageTimeout: 1}})) },       // want `too short`
	func() error { return of(ring.New(square, ring.Lru{Options: ring.Options{KeyEncoding: "x"}})) },        // want `encoding "x" is not known`
	func() error { return of(ring.New(func(c chan int) int { return 0 }, ring.Lru{})) },                    // want `parameter 1 \(chan int\) has no key`
	func() error { return of(ring.New(func(n int, f func()) int { return 0 }, ring.Lru{})) },               // want `parameter 2 \(func\(\)\) has no key`
	func() error { return of(ring.New(func(h hidden) int { return 0 }, ring.Lru{})) },                      // want `the field secret of cases.hidden is not exported`
	func() error { return of(ring.New(func(h []*hidden) int { return 0 }, ring.Lru{})) },                   // want `the field secret`
	func() error { return of(ring.New(locked, ring.Lru{})) },                                               // want `has no key`
	func() error { return of(ring.New(func(n int, ctx context.Context) int { return 0 }, ring.Lru{})) },    // want `a context must be the first parameter`
	func() error { return of(ring.New(func(n int) (int, failure) { return 0, failure{} }, ring.Lru{})) },   // want `an error by its methods`
	func() error { return of(ring.New(users, ring.Redis{Client: client})) },                                // want `of type cases.point, and the storage keeps bytes`
	func() error { return of(ring.New(pair, ring.Redis{Client: client})) },                                 // want `has 2 results, and the storage keeps bytes`
	func() error { return of(ring.New(users, ring.RedisHash{Client: client, HashKey: "h"})) },              // want `keeps bytes`
	func() error { return of(ring.New(users, ring.Memcache{Client: memcache.New("127.0.0.1:1")})) },        // want `keeps bytes`
	func() error { return of(ring.New(func(n int) string { return "" }, ring.Redis{Client: client})) },     // want `a function literal without a name`
	func() error { return of(ring.New(func(n int) string { return "" }, ring.Lru{Lru: lrucache.New(1)})) }, // want `a function literal`
	func() error { return of(ring.New(user.Child, ring.Redis{Client: client})) },                           // want `its receiver is not in the key`
}

func generic[T any](v T) T { return v }

// Good holds ropes that the library accepts.
var Good = []func() error{
	func() error {
		return of(ring.New(square, ring.Lru{Expire: time.Minute, MaxSize: ring.Unbounded, Shards: -1}))
	},
	func() error { return of(ring.New(square, ring.Lru{Lru: cache})) },
	func() error { return of(ring.New(func(k keyed) int { return 0 }, ring.Lru{})) },
	func() error { return of(ring.New(func(k *keyed) int { return 0 }, ring.Lru{})) },
	func() error { return of(ring.New(func(t *tagged) int { return 0 }, ring.Lru{})) },
	func() error { return of(ring.New(func(t tree, e embedding) int { return 0 }, ring.Lru{})) },
	func() error {
		return of(ring.New(func(t time.Time, a netip.Addr, p netip.Prefix, u *url.URL) int { return 0 }, ring.Lru{}))
	},
	func() error { return of(ring.New(func(r io.Reader, v any) int { return 0 }, ring.Lru{})) },
	func() error {
		return of(ring.New(func(c chan int, n int) int { return 0 }, ring.Lru{Options: ring.Options{IgnorableKeys: []string{"c"}}}, ring.Signature("c, n")))
	},
	func() error { return of(ring.New(User.Child, ring.Lru{})) },
	func() error { return of(ring.New(User.Child, ring.Redis{Client: client})) },
	func() error { return of(ring.New(users, ring.Redis{Client: client, Coder: "json"})) },
	func() error { return of(ring.New(text, ring.Redis{Client: client})) },
	func() error { return of(ring.New(square, ring.Redis{Client: client})) },
	func() error {
		return of(ring.New(func(n int) string { return "" }, ring.Redis{Client: client, KeyPrefix: "p"}))
	},
	func() error {
		return of(ring.New(func(n int) string { return "" }, ring.Redis{Client: client}, ring.Name("p")))
	},
	func() error { return of(ring.New(func(n int) string { return "" }, ring.Lru{})) },
	func() error { return of(ring.New(generic[int], ring.Lru{})) },
	func() error { // what a variable holds
		f := User.Child
		return of(ring.New(f, ring.Lru{}))
	},
}
