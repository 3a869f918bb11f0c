package howto_test

import (
	"context"
	"expvar"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ring-go/ring"
)

// fetch is the cached function. A response without a 200 is an error: errors are not cached.
func fetch(ctx context.Context, url string) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s: %s", url, resp.Status)
	}
	return io.ReadAll(resp.Body)
}

var pages = ring.Wrap(fetch, ring.Lru{MaxSize: 500, Expire: time.Minute})

func Example_http() {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, "hello")
	}))
	defer server.Close()
	ctx := context.Background()
	url := server.URL

	body, err := pages.Call(ctx, url)

	fmt.Printf("%s %v\n", body, err)
	// Output: hello <nil>
}

func Example_metrics() {
	users := ring.Wrap(load, ring.Lru{})
	_, err := users.Call(1)
	must(err)

	expvar.Publish("users", expvar.Func(func() any { return users.CacheInfo() }))

	fmt.Println(expvar.Get("users"))
	// Output: {"Hits":0,"Misses":1,"Stale":0,"MaxSize":128,"CurrSize":1}
}

// newUsers takes a factory, so a test can choose another one.
func newUsers(storage ring.Factory) *ring.Rope { return ring.Wrap(load, storage) }

func TestWithoutCache(t *testing.T) {
	users := newUsers(ring.Lru{MaxSize: ring.CacheNothing})

	first, err := users.Call(1)
	require.NoError(t, err)
	second, err := users.Call(1) // runs again
	require.NoError(t, err)
	assert.NotEqual(t, first, second)
}

func TestExpiry(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		users := ring.Wrap(load, ring.Lru{Expire: time.Hour})

		_, err := users.Call(1)
		require.NoError(t, err)
		time.Sleep(2 * time.Hour) // returns at once
		has, err := users.Has(1)
		require.NoError(t, err)
		assert.False(t, has)
	})
}

func Example_version() {
	users := ring.Wrap(load, ring.Dict{KeyPrefix: "users:v2"})

	fmt.Println(users.Key(1))
	// Output: users:v2:1 <nil>
}

func Example_failOpen() {
	loads.Store(0)
	client := redis.NewClient(&redis.Options{Addr: "127.0.0.1:1", MaxRetries: -1}) // nobody listens
	defer client.Close()
	failures := 0

	users := ring.Wrap(load, ring.Redis{Client: client, KeyPrefix: "users", Expire: time.Hour,
		Options: ring.Options{
			FailOpen:       true,                   // run the function when Redis fails
			StorageTimeout: 100 * time.Millisecond, // or takes longer than this
			OnError:        func(ctx context.Context, err *ring.Error) { failures++ },
		}})

	fmt.Println(users.Call(1))
	fmt.Println(failures > 0)
	// Output:
	// user 1, load 1 <nil>
	// true
}

func Example_deep() {
	var sum func(n int) int
	sum = func(n int) int {
		if n == 0 {
			return 0
		}
		return sum(n-1) + n
	}
	ring.Decorate1(&sum, ring.Lru{MaxSize: ring.Unbounded})

	for n := 0; n < 20_000; n += 1000 {
		sum(n) // never deeper than 1,000 levels
	}
	fmt.Println(sum(20_000))

	// Output: 200010000
}

func Example_concurrency() {
	var mu sync.Mutex
	runs := 0
	slow := ring.Wrap(func(n int) int {
		mu.Lock()
		defer mu.Unlock()
		runs++
		return n * n
	}, ring.Lru{})

	var wg sync.WaitGroup
	for range 100 {
		wg.Go(func() { _, _ = slow.Call(12) }) // one runs, the others wait for it or hit
	}
	wg.Wait()

	fmt.Println(runs)
	// Output: 1
}

func Example_shards() {
	square := func(n int) int { return n * n }

	squares := ring.Wrap(square, ring.Lru{MaxSize: 10_000, Shards: -1}) // four for each processor

	var wg sync.WaitGroup
	for i := range 100 {
		wg.Go(func() { _, _ = squares.Call(i) })
	}
	wg.Wait()

	fmt.Println(squares.CacheInfo().CurrSize)
	// Output: 100
}
