package ring_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/ring-go/ring"
)

// freshPrices returns a rope whose prices are fresh for a minute and kept for an hour more.
func freshPrices(m *market) (prices *ring.Rope, forward func(time.Duration)) {
	cache, forward := stoppedClock()
	return ring.Wrap(m.price, ring.Lru{Lru: cache, KeyPrefix: "price", Expire: time.Minute, Options: ring.Options{
		OnError: ignore,
		Freshness: ring.Freshness{
			StaleWhileRevalidate: time.Hour,
			CacheError:           ring.CacheErrors(time.Hour, errMarket),
		},
	}}), forward
}

// Run the function whatever is cached, keep what it returns for an hour, and tell how it went.
func ExampleCallOptions() {
	var m market
	prices, _ := freshPrices(&m)
	prices.Call("AAPL")
	var info ring.CallInfo
	force := ring.CallOptions{SkipRead: true, Expire: time.Hour, Info: &info}
	fmt.Println(prices.With(force).Call("AAPL"))
	fmt.Println(info.Key, info.Outcome)
	fmt.Println(prices.Call("AAPL"))
	// Output:
	// AAPL 102 <nil>
	// price:AAPL bypassed
	// AAPL 102 <nil>
}

func ExampleCallOptions_skipRead() {
	var m market
	prices, _ := freshPrices(&m)
	fmt.Println(prices.Call("AAPL"))
	fmt.Println(prices.With(ring.CallOptions{SkipRead: true}).Call("AAPL")) // runs, and stores
	fmt.Println(prices.Call("AAPL"))
	// Output:
	// AAPL 101 <nil>
	// AAPL 102 <nil>
	// AAPL 102 <nil>
}

func ExampleCallOptions_skipWrite() {
	var m market
	prices, _ := freshPrices(&m)
	fmt.Println(prices.With(ring.CallOptions{SkipWrite: true}).Call("AAPL"))
	fmt.Println(prices.Has("AAPL"))
	// With SkipRead as well the call goes past the cache.
	fmt.Println(prices.Call("AAPL"))
	fmt.Println(prices.With(ring.CallOptions{SkipRead: true, SkipWrite: true}).Call("AAPL"))
	fmt.Println(prices.Call("AAPL"))
	// Output:
	// AAPL 101 <nil>
	// false <nil>
	// AAPL 102 <nil>
	// AAPL 103 <nil>
	// AAPL 102 <nil>
}

// Who is about to buy wants the price of now, or an error.
func ExampleCallOptions_noStale() {
	var m market
	prices, forward := freshPrices(&m)
	toBuy := prices.With(ring.CallOptions{NoStale: true})
	fmt.Println(prices.Call("AAPL"))
	forward(2 * time.Minute)
	fmt.Println(toBuy.Call("AAPL")) // waits for the run
	forward(2 * time.Minute)
	m.down = true
	_, err := toBuy.Call("AAPL")
	fmt.Println(err)
	fmt.Println(prices.Call("AAPL"))
	// Output:
	// AAPL 101 <nil>
	// AAPL 102 <nil>
	// the market is down
	// AAPL 102 <nil>
}

// Get, Lookup and Has take a value past its Expire for missing, unless the call says otherwise.
func ExampleCallOptions_allowStale() {
	var m market
	prices, forward := freshPrices(&m)
	prices.Call("AAPL")
	forward(2 * time.Minute)
	fmt.Println(prices.Lookup("AAPL"))
	fmt.Println(prices.With(ring.CallOptions{AllowStale: true}).Lookup("AAPL"))
	// Output:
	// <nil> false <nil>
	// AAPL 101 true <nil>
}

func ExampleCallOptions_expire() {
	cache, _ := stoppedClock()
	square := ring.Wrap(func(n int) int { return n * n }, ring.Lru{Lru: cache, KeyPrefix: "square", Expire: time.Hour})
	briefly := square.With(ring.CallOptions{Expire: time.Minute})
	briefly.Call(1)
	briefly.Set(4, 2)
	square.Call(3)
	square.With(ring.CallOptions{Expire: ring.DoNotStore}).Call(4)
	for n := 1; n <= 4; n++ {
		e := square.Explain(n)
		fmt.Println(e.Cached, e.TimeLeft)
	}
	// Output:
	// true 1m0s
	// true 1m0s
	// true 1h0m0s
	// false 0s
}

// The options of a wire stay with it, and the rope has none.
func ExampleWire_With() {
	var m market
	prices, _ := freshPrices(&m)
	forced := prices.With(ring.CallOptions{SkipRead: true})
	fmt.Println(forced.Call("AAPL"))
	fmt.Println(forced.Call("AAPL"))
	fmt.Println(prices.Call("AAPL"))
	// Output:
	// AAPL 101 <nil>
	// AAPL 102 <nil>
	// AAPL 102 <nil>
}

// The context gives its options to a function with its own type.
func ExampleWithCallOptions() {
	runs := 0
	visits := func(_ context.Context, page string) (int, error) {
		runs++
		return runs, nil
	}
	ring.Decorate2E(&visits, ring.Lru{})
	ctx := context.Background()
	fmt.Println(visits(ctx, "/"))
	fmt.Println(visits(ctx, "/"))
	fmt.Println(visits(ring.WithCallOptions(ctx, ring.CallOptions{SkipRead: true}), "/"))
	fmt.Println(visits(ctx, "/"))
	// Output:
	// 1 <nil>
	// 1 <nil>
	// 2 <nil>
	// 2 <nil>
}

// Whoever shows a price can tell that it is an old one, how old, and why.
func ExampleCallInfo() {
	var m market
	prices, forward := freshPrices(&m)
	prices.Call("AAPL")
	m.down = true
	forward(2 * time.Minute)
	for range 2 {
		var info ring.CallInfo
		price, err := prices.With(ring.CallOptions{Info: &info}).Call("AAPL")
		fmt.Println(price, err)
		fmt.Println(info.Key, info.Outcome, info.Left, info.Hidden)
		settle() // the renewal that the call has started fails
	}
	// Output:
	// AAPL 101 <nil>
	// price:AAPL stale -1m0s <nil>
	// AAPL 101 <nil>
	// price:AAPL stale -1m0s the market is down
}

func ExampleOutcome() {
	var m market
	prices, _ := freshPrices(&m)
	for range 2 {
		var info ring.CallInfo
		prices.With(ring.CallOptions{Info: &info}).Call("AAPL")
		switch info.Outcome {
		case ring.Hit, ring.Stale, ring.Negative:
			fmt.Println("from the cache")
		case ring.Ran, ring.Shared, ring.Bypassed:
			fmt.Println("the function has run")
		}
	}
	// Output:
	// the function has run
	// from the cache
}

func ExampleOutcome_String() {
	for o := ring.Missed; o <= ring.Failed; o++ {
		fmt.Print(o, " ")
	}
	fmt.Println()
	// Output:
	// missed hit stale shared ran negative bypassed failed
}

// outcomeOf returns how a call of f went.
func outcomeOf(prices *ring.Rope, o ring.CallOptions, f func(*ring.Wire)) ring.Outcome {
	var info ring.CallInfo
	o.Info = &info
	f(prices.With(o))
	return info.Outcome
}

func callOne(w *ring.Wire) { w.Call("AAPL") }

func getOne(w *ring.Wire) { w.Get("AAPL") }

func ExampleMissed() {
	var m market
	prices, _ := freshPrices(&m)
	fmt.Println(outcomeOf(prices, ring.CallOptions{}, getOne))
	// Output: missed
}

func ExampleHit() {
	var m market
	prices, _ := freshPrices(&m)
	prices.Call("AAPL")
	fmt.Println(outcomeOf(prices, ring.CallOptions{}, callOne), outcomeOf(prices, ring.CallOptions{}, getOne))
	// Output: hit hit
}

func ExampleStale() {
	var m market
	prices, forward := freshPrices(&m)
	prices.Call("AAPL")
	forward(2 * time.Minute)
	fmt.Println(outcomeOf(prices, ring.CallOptions{}, callOne))
	settle()
	// Output: stale
}

// Calls that need the same value at the same time share one run.
func ExampleShared() {
	second := ring.Missed
	for second != ring.Shared { // the second call can also come too late, and hit
		runs, waits := make(chan struct{}), make(chan struct{})
		rope := ring.Wrap(func(string) string {
			close(runs)
			<-waits
			return "done"
		}, ring.Lru{})
		var wg sync.WaitGroup
		wg.Go(func() { rope.Call("AAPL") })
		<-runs
		wg.Go(func() { second = outcomeOf(rope, ring.CallOptions{}, callOne) })
		time.Sleep(time.Millisecond)
		close(waits)
		wg.Wait()
	}
	fmt.Println(second)
	// Output: shared
}

func ExampleRan() {
	var m market
	prices, _ := freshPrices(&m)
	fmt.Println(outcomeOf(prices, ring.CallOptions{}, callOne))
	// Output: ran
}

func ExampleNegative() {
	m := market{down: true}
	prices, _ := freshPrices(&m)
	prices.Call("AAPL")
	fmt.Println(outcomeOf(prices, ring.CallOptions{}, callOne))
	// Output: negative
}

func ExampleBypassed() {
	var m market
	prices, _ := freshPrices(&m)
	prices.Call("AAPL")
	fmt.Println(outcomeOf(prices, ring.CallOptions{SkipRead: true}, callOne))
	// Output: bypassed
}

func ExampleFailed() {
	m := market{down: true}
	prices, _ := freshPrices(&m)
	var info ring.CallInfo
	_, err := prices.With(ring.CallOptions{Info: &info}).Call("AAPL")
	fmt.Println(info.Outcome, errors.Is(err, errMarket))
	// Output: failed true
}
