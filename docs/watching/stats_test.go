// Package watching has the programs of docs/watching.md.
package watching

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"time"

	"github.com/ring-go/ring"
)

var errEmpty = errors.New("the name is empty")

// greet is the function to cache.
func greet(_ context.Context, name string) (string, error) {
	if name == "" {
		return "", errEmpty
	}
	return "Hello, " + name, nil
}

func Example_stats() {
	ctx := context.Background()
	greetings := ring.Wrap(greet, ring.Lru{MaxSize: 1000}, ring.Name("greetings"))
	for _, name := range []string{"Ann", "Ann", "Bob", "Ann", ""} {
		greetings.Call(ctx, name)
	}

	s := greetings.Stats()
	fmt.Printf("%d calls: %d hits, %d misses, %d errors\n", s.Calls(), s.Hits, s.Misses, s.Errors)
	fmt.Printf("%.0f%% got what was there\n", 100*s.HitRatio())
	fmt.Printf("%d runs, %d failed, %d of %d entries\n", s.Runs, s.RunErrors, s.Entries, s.MaxEntries)
	fmt.Println(s.RunQuantile(0.95) < time.Second, s.TimeSaved() < time.Second)
	// Output:
	// 5 calls: 2 hits, 2 misses, 1 errors
	// 40% got what was there
	// 3 runs, 1 failed, 2 of 1000 entries
	// true true
}

func Example_all() {
	greetings := ring.Wrap(greet, ring.Lru{MaxSize: 10}, ring.Name("greetings.all"))
	for n := range 1000 {
		greetings.Call(context.Background(), fmt.Sprint("guest ", n))
	}

	for _, t := range ring.Totals() {
		if t.Calls() >= 1000 && t.HitRatio() < 0.1 {
			fmt.Printf("%s on %s: is it worth it?\n", t.Function, t.Storage)
		}
	}

	runtime.KeepAlive(greetings)
	// Output: greetings.all on lru: is it worth it?
}
