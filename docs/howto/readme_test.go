package howto_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/ring-go/ring"
)

type Summary struct{ Lines int }

func summarize(ctx context.Context, path string, limit int) (Summary, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return Summary{}, err
	}
	return Summary{min(strings.Count(string(text), "\n"), limit)}, nil
}

// files makes a directory with a.txt and b.txt the working directory.
func files() (back func()) {
	dir, err := os.MkdirTemp("", "howto")
	must(err)
	must(os.WriteFile(filepath.Join(dir, "a.txt"), []byte("a\nb\n"), 0o600))
	must(os.WriteFile(filepath.Join(dir, "b.txt"), nil, 0o600))
	home, err := os.Getwd()
	must(err)
	must(os.Chdir(dir))
	return func() {
		must(os.Chdir(home))
		must(os.RemoveAll(dir))
	}
}

func Example_tenLines() {
	defer files()()
	ctx := context.Background()

	summary := summarize
	rope := ring.Decorate3E(&summary, ring.Lru{MaxSize: 1000, Expire: time.Hour},
		ring.Signature("path, limit=100"))

	s, err := summary(ctx, "a.txt", 100)              // runs summarize: s is a Summary
	s, err = summary(ctx, "a.txt", 100)               // the same call: a hit
	v, err := rope.Call("a.txt")                      // the same again, by the rope: v.(Summary)
	s, ok, err := ring.As[Summary](rope.Get("b.txt")) // only looks: ok is false
	err = rope.Delete("a.txt")
	all, err := rope.GetOrUpdateMany(ring.Args{"a.txt"}, ring.Args{"b.txt"})
	key, err := rope.Key("a.txt") // ":a.txt:100"

	fmt.Println(s, v, ok, all, key, rope.CacheInfo().Hits, err)
	// Output: {0} {2} false [{2} {0}] :a.txt:100 2 <nil>
}

func Example_typed() {
	defer files()()
	ctx := context.Background()
	var fib func(int) int
	fib = func(n int) int {
		if n < 2 {
			return n
		}
		return fib(n-1) + fib(n-2)
	}
	rope := ring.Decorate1(&fib, ring.Lru{})
	fmt.Println(fib(90), rope.CacheInfo().Misses) // 2880067194370816120 91

	summary := ring.Wrap(summarize, ring.Lru{})

	v, err := summary.Call(ctx, "a.txt", 100) // v.(Summary)

	typed := ring.Func3E[context.Context, string, int, Summary](summary)
	s, err := typed(ctx, "a.txt", 100) // s is a Summary

	fmt.Println(v, s.Lines, err)
	// Output:
	// 2880067194370816120 91
	// {2} 2 <nil>
}
