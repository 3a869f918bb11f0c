package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"time"

	"github.com/ring-go/ring"
	"github.com/ring-go/ring/internal/fresh"
	"github.com/ring-go/ring/lrucache"
)

// quote is the function to cache.
func quote(ctx context.Context, symbol string) (string, error) {
	if symbol == "" {
		return "", sql.ErrNoRows
	}
	return "1.00 " + symbol, nil
}

func Example_start() {
	quotes := ring.Wrap(quote, ring.Lru{MaxSize: 1000, Expire: time.Minute, Options: ring.Options{
		Freshness: ring.Freshness{
			RefreshAhead:         10 * time.Second, // renew what is in use before it expires
			StaleWhileRevalidate: time.Minute,      // then serve the old value at once, and renew it behind
			StaleIfError:         time.Hour,        // then serve it only if the function fails
			RunTimeout:           5 * time.Second,  // and wait no longer than this for a run
		},
	}})

	fmt.Println(quotes.Call(context.Background(), "AAPL"))
	for _, s := range quotes.Explain("AAPL").States {
		fmt.Println(s.State, s.In.Round(time.Second))
	}
	// Output:
	// 1.00 AAPL <nil>
	// fresh 0s
	// due 50s
	// stale 1m0s
	// spare 2m0s
	// gone 1h1m0s
}

func Example_info() {
	ctx := context.Background()
	now := time.Date(2024, 2, 29, 12, 0, 0, 0, time.UTC)
	cache := lrucache.New(1000)
	cache.Now = func() time.Time { return now }
	quotes := ring.Wrap(quote, ring.Lru{Lru: cache, Expire: time.Minute, Options: ring.Options{
		Freshness: ring.Freshness{StaleWhileRevalidate: time.Hour},
	}})
	if _, err := quotes.Call(ctx, "AAPL"); err != nil {
		panic(err)
	}
	now = now.Add(3 * time.Minute)

	var info ring.CallInfo
	price, err := quotes.With(ring.CallOptions{Info: &info}).Call(ctx, "AAPL")
	if info.Outcome == ring.Stale {
		fmt.Println(price, err, "has been old for", -info.Left, "because of", info.Hidden)
	}

	// Output: 1.00 AAPL <nil> has been old for 2m0s because of <nil>
}

func Example_force() {
	ctx := context.Background()
	runs := 0
	visits := func(_ context.Context, page string) (int, error) {
		runs++
		return runs, nil
	}
	rope := ring.Decorate2E(&visits, ring.Lru{})

	n, err := visits(ring.WithCallOptions(ctx, ring.CallOptions{SkipRead: true}), "/") // the typed function

	v, err := rope.With(ring.CallOptions{SkipRead: true}).Call(ctx, "/") // the rope

	fmt.Println(n, v, err)
	// Output: 1 2 <nil>
}

func Example_maxAge() {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Cache-Control", "max-age=1200")
	}))
	defer server.Close()
	fetch := func(ctx context.Context, url string) (int, error) {
		response, err := http.Get(url)
		if err != nil {
			return 0, err
		}
		defer response.Body.Close()

		age, found := strings.CutPrefix(response.Header.Get("Cache-Control"), "max-age=")
		if seconds, err := strconv.Atoi(age); found && err == nil && seconds > 0 {
			ring.SetExpire(ctx, time.Duration(seconds)*time.Second)
		}

		return response.StatusCode, nil
	}
	statuses := ring.Wrap(fetch, ring.Lru{Expire: time.Minute})

	fmt.Println(statuses.Call(context.Background(), server.URL))
	fmt.Println(statuses.Explain(server.URL).TimeLeft.Round(time.Minute))
	// Output:
	// 200 <nil>
	// 20m0s
}

func Example_errors() {
	users := ring.Wrap(quote, ring.Lru{Expire: time.Minute, Options: ring.Options{
		Freshness: ring.Freshness{CacheError: ring.CacheErrors(5*time.Second, sql.ErrNoRows)},
	}})

	_, err := users.Call(context.Background(), "") // runs, and returns the error of the function
	_, again := users.Call(context.Background(), "")

	fmt.Println(err, errors.Is(again, sql.ErrNoRows))
	// Output: sql: no rows in result set true
}

type transactionKey struct{}

func Example_context() {
	freshness := ring.Freshness{
		StaleWhileRevalidate: time.Minute,
		RefreshContext: func(ctx context.Context) context.Context {
			return context.WithValue(ctx, transactionKey{}, nil) // it ends with the request
		},
	}

	ctx := context.WithValue(context.Background(), transactionKey{}, "open")
	fmt.Println(freshness.RefreshContext(ctx).Value(transactionKey{}))
	// Output: <nil>
}

func Example_markStale() {
	quotes := ring.Wrap(quote, ring.Lru{Expire: time.Hour, Options: ring.Options{
		Freshness: ring.Freshness{StaleWhileRevalidate: time.Minute},
	}})
	if _, err := quotes.Call(context.Background(), "AAPL"); err != nil {
		panic(err)
	}

	err := quotes.MarkStale("AAPL") // the next call gets the old value, and renews it
	err = quotes.MarkStaleMany(ring.Args{"AAPL"}, ring.Args{"MSFT"})
	err = quotes.Delete("AAPL") // the next call waits for the function

	fmt.Println(err)
	// Output: <nil>
}

// shutdown is the end of a server.
func shutdown(server *http.Server) error {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	return errors.Join(
		server.Shutdown(ctx), // no more calls
		ring.Shutdown(ctx),   // no more renewals: waits for those that run
	)
}

func Example_shutdown() {
	defer fresh.Reopen() // for what follows in this test program

	fmt.Println(shutdown(&http.Server{}))
	// Output: <nil>
}

func Example_verify() {
	told := make(chan string, 1)
	runs := 0
	random := func(symbol string) int { runs++; return runs } // must not be cached
	quotes := ring.Wrap(random, ring.Lru{Expire: time.Hour, Options: ring.Options{
		Freshness: ring.Freshness{Verify: 1},
		Trace: &ring.Trace{Event: func(_ context.Context, e ring.Event) {
			if e.Kind == ring.Differed {
				told <- e.Key
			}
		}},
	}}, ring.Name("quotes"))
	for range 2 {
		fmt.Println(quotes.Call("AAPL"))
	}
	fmt.Println("cached value differs:", <-told)
	fmt.Println(quotes.Stats().Verified, quotes.Stats().Differed)
	// Output:
	// 1 <nil>
	// 1 <nil>
	// cached value differs: quotes:AAPL
	// 1 1
}

func Example_verifySome() {
	ctx := context.Background()
	quotes := ring.Wrap(quote, ring.Lru{MaxSize: 1000, Expire: time.Hour, Options: ring.Options{
		Freshness: ring.Freshness{Verify: 0.001}, // one hit of a thousand
		Trace: &ring.Trace{Event: func(ctx context.Context, e ring.Event) {
			if e.Kind == ring.Differed {
				slog.WarnContext(ctx, "cached value differs", "rope", e.Rope.Config().Name, "key", e.Key)
			}
		}},
	}})
	fmt.Println(quotes.Call(ctx, "AAPL"))
	fmt.Println(quotes.Call(ctx, "AAPL"))
	fmt.Println(quotes.Stats().Differed)
	// Output:
	// 1.00 AAPL <nil>
	// 1.00 AAPL <nil>
	// 0
}
