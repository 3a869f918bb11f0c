package porting_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/ring-go/ring"
	"github.com/ring-go/ring/diskcache"
)

type Summary struct{ Lines int }

func summarize(ctx context.Context, path string, limit int) (Summary, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return Summary{}, err
	}
	return Summary{min(strings.Count(string(text), "\n"), limit)}, nil
}

func Example_readmeWrap() {
	var summary = ring.Wrap(summarize, ring.Lru{MaxSize: 1000, Expire: time.Hour})
	show(summary.Key("a.txt", 100))
	// Output: :a.txt:100
}

func Example_readmeTenLines() {
	dir, remove := tempDir()
	defer remove()
	must(os.WriteFile(filepath.Join(dir, "a.txt"), []byte("a\nb\n"), 0o600))
	must(os.WriteFile(filepath.Join(dir, "b.txt"), nil, 0o600))
	back, err := os.Getwd()
	must(err)
	must(os.Chdir(dir))
	defer func() { must(os.Chdir(back)) }()
	ctx := context.Background()

	var summary = ring.Wrap(summarize, ring.Lru{}, ring.Signature("path, limit=100"))

	v, err := summary.Call(ctx, "a.txt")                // runs summarize: v.(Summary)
	v, err = summary.Call(ctx, "a.txt", 100)            // the same call: cached
	v, err = summary.Call(ring.Kwargs{"path": "a.txt"}) // the same again
	err = summary.Delete("a.txt")                       // no longer
	all, err := summary.GetOrUpdateMany(ring.Args{"a.txt"}, ring.Args{"b.txt"})
	key, err := summary.Key("a.txt")                                          // ":a.txt:100"
	f := summary.Func().(func(context.Context, string, int) (Summary, error)) // cached and typed

	typed, err := f(ctx, "a.txt", 100)
	fmt.Println(v, all, key, typed, summary.CacheInfo().Hits, err)
	// Output: {2} [{2} {0}] :a.txt:100 {2} 3 <nil>
}

func f(a, b int, args []any, kw map[string]any) string {
	return fmt.Sprint(a, b, args, kw)
}

type User struct{ ID string }

func (u *User) RingKey() string { return u.ID }

func (u *User) Child(n int) (string, error) {
	return fmt.Sprintf("%s/%d", u.ID, n), nil
}

var cache = map[string]any{}

var child = ring.Wrap((*User).Child,
	ring.Dict{Obj: cache, Expire: time.Minute})

func Example_readme() {
	client := newRedis()
	defer client.Close()

	r := ring.Wrap(f, ring.Redis{Client: client, Expire: time.Minute, Coder: "json"},
		ring.Signature("a, b=2, *args, **kw"))

	r.Call(1, 2)
	r.Call(1, ring.Kwargs{"b": 3})
	r.Key(1)
	r.Delete(1)
	r.GetMany(ring.Args{1, 2}, ring.Kwargs{"a": 1, "b": 4})
	r.Run("update", 1)

	key, err := r.Key(1)
	must(err)
	show(key[strings.LastIndexByte(key, '.')+1:])
	has, err := r.HasMany(ring.Args{1}, ring.Args{1, 3}, ring.Args{1, 4})
	show(has[0], has[1], has[2], err)

	user := &User{"ann"}

	child.Bind(user).Call(7)
	child.Bind(user).Touch(7)

	show(child.Bind(user).Get(7))

	hits := func() int {
		var fib func(int) int
		fib = func(n int) int {
			if n < 2 {
				return n
			}
			return fib(n-1) + fib(n-2)
		}
		r := ring.Decorate(&fib, ring.Lru{MaxSize: ring.Unbounded})
		fib(90) // still a func(int) int
		r.CacheInfo()

		fmt.Print(fib(90), " ")
		return r.CacheInfo().Hits
	}()
	show(hits)
	readmeDisk()
	// Output:
	// f:1:2:():
	// True True False
	// ann/7
	// 2880067194370816120 89
	// [1, 2] 9 2
}

func toSquare(n int) int { return n * n }

func readmeDisk() {
	dir, remove := tempDir()
	defer remove()
	ctx := context.Background()
	back, err := os.Getwd()
	must(err)
	must(os.Chdir(dir))
	defer func() { must(os.Chdir(back)) }()

	cache, err := diskcache.Open("pages", nil)
	must(err)
	defer cache.Close()

	err = cache.Set(ctx, "a", []int{1, 2}, time.Minute)
	must(err)

	v, err := cache.Get(ctx, "a")
	must(err)

	square := ring.Wrap(toSquare, ring.Disk{Obj: cache, Expire: time.Minute})
	square.Call(3)

	nine, err := square.Get(3)
	must(err)
	n, err := cache.Len(ctx)
	show(v, nine, n, err)
}
