package ring_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/ring-go/ring"
	"github.com/ring-go/ring/internal/fresh"
	"github.com/ring-go/ring/lrucache"
)

// price returns another price at every run, as long as the market is open.
func (m *market) price(symbol string) (string, error) {
	if m.down {
		return "", errMarket
	}
	m.runs++
	return fmt.Sprintf("%s %d", symbol, 100+m.runs), nil
}

type market struct {
	runs int
	down bool
}

var errMarket = errors.New("the market is down")

// stoppedClock returns a cache whose clock stands still, and a function that sets it forward.
func stoppedClock() (cache *lrucache.LruCache, forward func(time.Duration)) {
	now := time.Date(2024, 2, 29, 12, 0, 0, 0, time.UTC)
	cache = lrucache.New(128)
	cache.Now = func() time.Time { return now }
	return cache, func(d time.Duration) { now = now.Add(d) }
}

// settle waits for the renewals that run behind.
func settle() { _ = fresh.Wait(context.Background()) }

// ignore is an OnError that says nothing.
func ignore(context.Context, *ring.Error) {}

// A value is fresh for a minute. From then on calls do not wait for the next one, and for an
// hour they survive a market that is down.
func ExampleFreshness() {
	var m market
	cache, forward := stoppedClock()
	prices := ring.Wrap(m.price, ring.Lru{Lru: cache, KeyPrefix: "price", Expire: time.Minute, Options: ring.Options{
		OnError: ignore,
		Freshness: ring.Freshness{
			RefreshAhead:         10 * time.Second,
			StaleWhileRevalidate: time.Minute,
			StaleIfError:         time.Hour,
		},
	}})
	fmt.Println(prices.Call("AAPL"))
	forward(55 * time.Second)
	fmt.Println(prices.Call("AAPL")) // due: a hit, and the price is renewed behind
	settle()
	fmt.Println(prices.Call("AAPL"))

	forward(time.Minute + time.Second)
	fmt.Println(prices.Call("AAPL")) // stale: the old price, and it is renewed behind
	settle()

	m.down = true
	forward(30 * time.Minute)
	fmt.Println(prices.Call("AAPL")) // spare: the function fails, so the old price
	// Output:
	// AAPL 101 <nil>
	// AAPL 101 <nil>
	// AAPL 102 <nil>
	// AAPL 102 <nil>
	// AAPL 103 <nil>
}

// What is on the server is the plain value, for other programs too, and the time left to it is
// its age: a test can set that.
func ExampleFreshness_redis() {
	client := redis.NewClient(&redis.Options{Addr: redisAddr})
	defer client.Close()
	ctx := context.Background()
	var m market
	prices := ring.Wrap(m.price, ring.Redis{Client: client, KeyPrefix: "fresh:price", Expire: time.Minute, Options: ring.Options{
		Freshness: ring.Freshness{StaleWhileRevalidate: time.Hour},
	}})
	fmt.Println(prices.Call("AAPL"))
	fmt.Println(client.Get(ctx, "fresh:price:AAPL").Val(), client.PTTL(ctx, "fresh:price:AAPL").Val().Round(time.Minute))

	client.PExpire(ctx, "fresh:price:AAPL", time.Hour-time.Second) // as if 61 seconds had passed
	fmt.Println(prices.Call("AAPL"))                               // the old price, and it is renewed behind
	settle()
	fmt.Println(prices.Call("AAPL"))
	// Output:
	// AAPL 101 <nil>
	// AAPL 101 1h1m0s
	// AAPL 101 <nil>
	// AAPL 102 <nil>
}

// The value is renewed before it expires, so that no call waits for the function.
func ExampleFreshness_refreshAhead() {
	var m market
	cache, forward := stoppedClock()
	prices := ring.Wrap(m.price, ring.Lru{Lru: cache, KeyPrefix: "price", Expire: time.Minute, Options: ring.Options{
		Freshness: ring.Freshness{RefreshAhead: 10 * time.Second},
	}})
	fmt.Println(prices.Call("AAPL"))
	forward(50 * time.Second)
	fmt.Println(prices.Call("AAPL")) // a hit, and a renewal begins behind
	settle()
	fmt.Println(prices.Call("AAPL"))
	// Output:
	// AAPL 101 <nil>
	// AAPL 101 <nil>
	// AAPL 102 <nil>
}

// After Expire a call gets the old value at once, and the next one the new value.
func ExampleFreshness_staleWhileRevalidate() {
	var m market
	cache, forward := stoppedClock()
	prices := ring.Wrap(m.price, ring.Lru{Lru: cache, KeyPrefix: "price", Expire: time.Minute, Options: ring.Options{
		Freshness: ring.Freshness{StaleWhileRevalidate: time.Hour},
	}})
	fmt.Println(prices.Call("AAPL"))
	forward(5 * time.Minute)
	fmt.Println(prices.Call("AAPL"))
	settle()
	fmt.Println(prices.Call("AAPL"))
	fmt.Printf("%+v\n", prices.CacheInfo())
	// Output:
	// AAPL 101 <nil>
	// AAPL 101 <nil>
	// AAPL 102 <nil>
	// {Hits:1 Misses:1 Stale:1 MaxSize:128 CurrSize:1}
}

// While the function works, a call waits for it. While it fails, calls get the old value, and
// OnError gets the failure.
func ExampleFreshness_staleIfError() {
	var m market
	cache, forward := stoppedClock()
	prices := ring.Wrap(m.price, ring.Lru{Lru: cache, KeyPrefix: "price", Expire: time.Minute, Options: ring.Options{
		OnError:   func(_ context.Context, err *ring.Error) { fmt.Println(err.Action, err.Key, err.Err) },
		Freshness: ring.Freshness{StaleIfError: time.Hour},
	}})
	fmt.Println(prices.Call("AAPL"))
	m.down = true
	forward(2 * time.Minute)
	fmt.Println(prices.Call("AAPL"))
	forward(time.Hour)
	fmt.Println(prices.Call("AAPL")) // the old value is too old
	// Output:
	// AAPL 101 <nil>
	// refresh price:AAPL the market is down
	// AAPL 101 <nil>
	// <nil> the market is down
}

// A call waits a moment for the new value. If it takes longer, the call gets the old one.
func ExampleFreshness_softTimeout() {
	slow := make(chan struct{})
	runs := 0
	cache, forward := stoppedClock()
	rope := ring.Wrap(func() int {
		if runs++; runs == 3 {
			<-slow
		}
		return runs
	}, ring.Lru{Lru: cache, KeyPrefix: "slow", Expire: time.Minute, Options: ring.Options{
		Freshness: ring.Freshness{StaleWhileRevalidate: time.Hour, SoftTimeout: 50 * time.Millisecond},
	}})
	fmt.Println(rope.Call())
	forward(2 * time.Minute)
	patient := rope.With(ring.CallOptions{NoStale: true}) // however long it takes
	fmt.Println(patient.Call())
	forward(2 * time.Minute)
	fmt.Println(rope.Call()) // 50 milliseconds later
	close(slow)
	settle()
	fmt.Println(rope.Call())
	// Output:
	// 1 <nil>
	// 2 <nil>
	// 2 <nil>
	// 3 <nil>
}

// A run that takes too long ends for all who wait for it, even if it ignores its context.
func ExampleFreshness_runTimeout() {
	hangs, returned := make(chan struct{}), make(chan struct{})
	rope := ring.Wrap(func(string) (string, error) {
		defer close(returned)
		<-hangs
		return "too late", nil
	}, ring.Lru{KeyPrefix: "hangs", Options: ring.Options{
		Freshness: ring.Freshness{RunTimeout: 10 * time.Millisecond},
	}})
	_, err := rope.Call("a")
	var e *ring.Error
	fmt.Println(errors.As(err, &e), errors.Is(err, context.DeadlineExceeded))
	fmt.Println(e.Err)
	close(hangs)
	<-returned
	settle()
	fmt.Println(rope.Has("a")) // what came later is not stored
	// Output:
	// true true
	// the function has not returned within RunTimeout, 10ms
	// false <nil>
}

// After a failure the function does not run for a while. Delete, Set and Update end the pause.
func ExampleFreshness_retryAfter() {
	m := market{}
	attempts := 0
	cache, forward := stoppedClock()
	prices := ring.Wrap(func(symbol string) (string, error) {
		attempts++
		return m.price(symbol)
	}, ring.Lru{Lru: cache, KeyPrefix: "price", Expire: time.Minute, Options: ring.Options{
		OnError:   ignore,
		Freshness: ring.Freshness{StaleIfError: time.Hour, RetryAfter: 30 * time.Second},
	}})
	fmt.Println(prices.Call("AAPL"))
	m.down = true
	forward(2 * time.Minute)
	for range 3 {
		fmt.Println(prices.Call("AAPL"))
	}
	fmt.Println(attempts)
	// Output:
	// AAPL 101 <nil>
	// AAPL 101 <nil>
	// AAPL 101 <nil>
	// AAPL 101 <nil>
	// 2
}

// Five values have expired, and two of them are renewed at a time. No call waits for a place.
func ExampleFreshness_maxRefreshes() {
	var runs atomic.Int64
	var slow chan struct{}
	cache, forward := stoppedClock()
	square := ring.Wrap(func(n int) int {
		if runs.Add(1) > 5 {
			<-slow
		}
		return n * n
	}, ring.Lru{Lru: cache, KeyPrefix: "square", Expire: time.Minute, Options: ring.Options{
		Freshness: ring.Freshness{StaleWhileRevalidate: time.Hour, MaxRefreshes: 2},
	}})
	for n := range 5 {
		square.Call(n)
	}
	forward(2 * time.Minute)
	slow = make(chan struct{})
	for n := range 5 {
		square.Call(n) // a renewal begins for 0 and for 1
	}
	close(slow)
	settle()
	fmt.Println(runs.Load())
	square.Call(4) // now there is a place
	settle()
	fmt.Println(runs.Load())
	// Output:
	// 7
	// 8
}

type transaction struct{ open bool }

type transactionKey struct{}

// A renewal lives longer than the request that started it: leave out what ends with that.
func ExampleFreshness_refreshContext() {
	cache, forward := stoppedClock()
	balance := ring.Wrap(func(ctx context.Context, account string) string { //ringvet:ignore contextkey this shows what a renewal gets
		tx, _ := ctx.Value(transactionKey{}).(*transaction)
		return fmt.Sprintf("%s, in a transaction: %v", account, tx != nil)
	}, ring.Lru{Lru: cache, KeyPrefix: "balance", Expire: time.Minute, Options: ring.Options{
		Freshness: ring.Freshness{
			StaleWhileRevalidate: time.Hour,
			RefreshContext: func(ctx context.Context) context.Context {
				return context.WithValue(ctx, transactionKey{}, nil)
			},
		},
	}})
	ctx := context.WithValue(context.Background(), transactionKey{}, &transaction{open: true})
	fmt.Println(balance.Call(ctx, "ann"))
	forward(2 * time.Minute)
	fmt.Println(balance.Call(ctx, "ann"))
	settle()
	fmt.Println(balance.Call(ctx, "ann"))
	// Output:
	// ann, in a transaction: true <nil>
	// ann, in a transaction: true <nil>
	// ann, in a transaction: false <nil>
}

// Values that were stored together do not expire together. A key always has the same share.
func ExampleFreshness_jitter() {
	cache, _ := stoppedClock()
	square := ring.Wrap(func(n int) int { return n * n }, ring.Lru{Lru: cache, KeyPrefix: "square", Expire: time.Hour,
		Options: ring.Options{Freshness: ring.Freshness{Jitter: 0.1}}})
	for n := range 4 {
		square.Call(n)
		fmt.Println(square.Explain(n).TimeLeft.Round(time.Minute))
	}
	// Output:
	// 56m0s
	// 59m0s
	// 57m0s
	// 57m0s
}

// What is empty is worth asking again soon.
func ExampleFreshness_expireFunc() {
	cache, _ := stoppedClock()
	search := ring.Wrap(func(text string) []string {
		if text == "go" {
			return []string{"golang", "gopher"}
		}
		return nil
	}, ring.Lru{Lru: cache, KeyPrefix: "search", Expire: time.Hour, Options: ring.Options{
		Freshness: ring.Freshness{
			ExpireFunc: func(value any, p ring.ArgPack) time.Duration {
				if len(value.([]string)) == 0 {
					return time.Minute
				}
				return 0 // that of the rope
			},
		},
	}})
	search.Call("go")
	search.Call("python")
	fmt.Println(search.Explain("go").TimeLeft, search.Explain("python").TimeLeft)
	// Output:
	// 1h0m0s 1m0s
}

// The function runs once for an error that is remembered.
func ExampleFreshness_cacheError() {
	attempts := 0
	user := ring.Wrap(func(id int) (string, error) {
		attempts++
		return "", fmt.Errorf("user %d: %w", id, sql.ErrNoRows)
	}, ring.Lru{KeyPrefix: "user", Options: ring.Options{
		Freshness: ring.Freshness{
			CacheError: func(err error) time.Duration {
				if errors.Is(err, sql.ErrNoRows) {
					return time.Hour
				}
				return 0
			},
		},
	}})
	_, err := user.Call(7)
	fmt.Println(err)
	_, again := user.Call(7)
	var remembered *ring.Error
	fmt.Println(attempts, errors.Is(again, sql.ErrNoRows), errors.As(err, &remembered), errors.As(again, &remembered))
	fmt.Println(user.Set("ann", 7)) // forgets the error
	fmt.Println(user.Call(7))
	// Output:
	// user 7: sql: no rows in result set
	// 1 true false true
	// <nil>
	// ann <nil>
}

func ExampleCacheErrors() {
	remember := ring.CacheErrors(5*time.Second, sql.ErrNoRows, context.DeadlineExceeded)
	fmt.Println(remember(fmt.Errorf("user 7: %w", sql.ErrNoRows)), remember(sql.ErrConnDone))
	fmt.Println(ring.CacheErrors(time.Second)(sql.ErrConnDone)) // every error
	// Output:
	// 5s 0s
	// 1s
}

// A partial answer goes to the caller, and not to the next one.
func ExampleDoNotStore() {
	answer := ring.Wrap(func(n int) string {
		if n > 2 {
			return "partial"
		}
		return "whole"
	}, ring.Lru{KeyPrefix: "answer", Options: ring.Options{
		Freshness: ring.Freshness{
			ExpireFunc: func(value any, _ ring.ArgPack) time.Duration {
				if value == "partial" {
					return ring.DoNotStore
				}
				return 0
			},
		},
	}})
	fmt.Println(answer.Call(2))
	fmt.Println(answer.Call(3))
	fmt.Println(answer.HasMany(ring.Args{2}, ring.Args{3}))
	// Output:
	// whole <nil>
	// partial <nil>
	// [true false] <nil>
}

// The response says for how long it is fresh. That needs no Freshness.
func ExampleSetExpire() {
	cache, _ := stoppedClock()
	pages := ring.Wrap(func(ctx context.Context, url string) (string, error) {
		maxAge := 20 * time.Minute // of the header Cache-Control
		ring.SetExpire(ctx, maxAge)
		return "the page of " + url, nil
	}, ring.Lru{Lru: cache, KeyPrefix: "pages", Expire: time.Hour})
	fmt.Println(pages.Call(context.Background(), "/index"))
	fmt.Println(pages.Explain("/index").TimeLeft)
	// Output:
	// the page of /index <nil>
	// 20m0s
}

// A server that stops waits for the renewals that run.
func ExampleShutdown() {
	defer fresh.Reopen() // for the examples that follow; a program cannot do that

	var m market
	cache, forward := stoppedClock()
	prices := ring.Wrap(m.price, ring.Lru{Lru: cache, KeyPrefix: "price", Expire: time.Minute, Options: ring.Options{
		Freshness: ring.Freshness{StaleWhileRevalidate: time.Hour},
	}})
	prices.Call("AAPL")
	forward(2 * time.Minute)
	prices.Call("AAPL") // a renewal begins behind

	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	fmt.Println(ring.Shutdown(ctx))
	fmt.Println(m.runs)

	forward(2 * time.Minute)
	fmt.Println(prices.Call("AAPL")) // calls go on, and no renewal begins
	fmt.Println(m.runs)
	// Output:
	// <nil>
	// 2
	// AAPL 102 <nil>
	// 2
}

// From Expire on a value is stale, then it is kept for failures alone, and then it is gone.
func ExampleExplainedState() {
	cache, forward := stoppedClock()
	square := ring.Wrap(func(n int) int { return n * n }, ring.Lru{Lru: cache, KeyPrefix: "square", Expire: time.Minute,
		Options: ring.Options{Freshness: ring.Freshness{
			RefreshAhead:         10 * time.Second,
			StaleWhileRevalidate: time.Minute,
			StaleIfError:         time.Hour,
		}}})
	square.Call(12)
	fmt.Println(square.Explain(12).States)
	forward(90 * time.Second)
	fmt.Println(square.Explain(12).States)
	// Output:
	// [{fresh 0s} {due 50s} {stale 1m0s} {spare 2m0s} {gone 1h1m0s}]
	// [{stale 0s} {spare 30s} {gone 59m30s}]
}

func ExampleGraceDiffers() {
	cache := lrucache.New(128)
	square := func(n int) int { return n * n }
	with := ring.Lru{Lru: cache, KeyPrefix: "square", Expire: time.Minute,
		Options: ring.Options{Freshness: ring.Freshness{StaleIfError: time.Hour}}}
	without := ring.Lru{Lru: cache, KeyPrefix: "square", Expire: time.Minute}
	for _, f := range ring.Doctor(ring.Wrap(square, with), ring.Wrap(square, without)).Findings {
		if f.Kind == ring.GraceDiffers {
			fmt.Println(f.Message)
			fmt.Println(f.Remedy)
		}
	}
	// Output:
	// with the prefix "square" one keeps its values for 0s past their Expire, and the other for 1h0m0s, so that each takes the other's for fresher or older than they are
	// give both the same StaleWhileRevalidate and StaleIfError, or prefixes of their own
}

// Nobody has to wait, although the source has changed.
func ExampleWire_MarkStale() {
	var m market
	prices := ring.Wrap(m.price, ring.Lru{KeyPrefix: "price", Expire: time.Hour, Options: ring.Options{
		Freshness: ring.Freshness{StaleWhileRevalidate: time.Hour},
	}})
	fmt.Println(prices.Call("AAPL"))
	fmt.Println(prices.MarkStale("AAPL"))
	fmt.Println(prices.Call("AAPL")) // the old price, and it is renewed behind
	settle()
	fmt.Println(prices.Call("AAPL"))
	// Output:
	// AAPL 101 <nil>
	// <nil>
	// AAPL 101 <nil>
	// AAPL 102 <nil>
}

func ExampleWire_MarkStaleMany() {
	var m market
	prices := ring.Wrap(m.price, ring.Lru{KeyPrefix: "price", Expire: time.Hour, Options: ring.Options{
		Freshness: ring.Freshness{StaleIfError: time.Hour},
	}})
	fmt.Println(prices.GetOrUpdateMany(ring.Args{"AAPL"}, ring.Args{"MSFT"}))
	fmt.Println(prices.MarkStaleMany(ring.Args{"AAPL"}, ring.Args{"MSFT"}, ring.Args{"ORCL"})) // there is none of the last one
	fmt.Println(prices.HasMany(ring.Args{"AAPL"}, ring.Args{"MSFT"}))
	fmt.Println(prices.GetOrUpdateMany(ring.Args{"AAPL"}, ring.Args{"MSFT"}))
	// Output:
	// [AAPL 101 MSFT 102] <nil>
	// <nil>
	// [false false] <nil>
	// [AAPL 103 MSFT 104] <nil>
}
