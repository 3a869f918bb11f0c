package howto_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/ring-go/ring"
	"github.com/ring-go/ring/lrucache"
)

func Example_hitRatio() {
	users := ring.Wrap(load, ring.Lru{})
	for _, id := range []int{1, 2, 1, 1} {
		_, err := users.Call(id)
		must(err)
	}

	info := users.CacheInfo()
	ratio := float64(info.Hits) / float64(info.Hits+info.Misses)

	fmt.Println(ratio)
	// Output: 0.5
}

func Example_clear() {
	ctx := context.Background()
	cache := lrucache.New(1000)
	users := ring.Wrap(load, ring.Lru{Lru: cache, KeyPrefix: "users"})
	_, err := users.GetOrUpdateMany(ring.Args{1}, ring.Args{2}, ring.Args{3}, ring.Args{4})
	must(err)

	err = users.Delete(1)                              // one call
	err = users.DeleteMany(ring.Args{2}, ring.Args{3}) // some calls
	n, err := users.Clear(ctx)                         // all calls of users
	cache.Clear()                                      // everything in this cache

	fmt.Println(n, cache.Len(), err)
	// Output: 1 0 <nil>
}

func Example_warmUp() {
	ctx := context.Background()
	users := ring.Wrap(load, ring.Lru{})
	ids := []int{1, 2, 3}

	calls := func(yield func(any) bool) {
		for _, id := range ids {
			if !yield(ring.Args{id}) {
				return
			}
		}
	}
	report, err := users.Warm(ctx, calls, 8) // at most eight runs at a time
	fmt.Println(report.Cached, report.Ran, report.Failed, report.Skipped)

	err = users.Set("known already", 4) // the value of users(4), without a run

	has, err := users.HasMany(ring.Args{1}, ring.Args{4}, ring.Args{5})
	fmt.Println(has, err)
	// Output:
	// 0 3 0 0
	// [true true false] <nil>
}

// Customer is what customersByID loads.
type Customer struct{ Name string }

// customersByID is one SELECT … WHERE id IN (…).
func customersByID(ctx context.Context, ids []int) (map[int]Customer, error) {
	m := map[int]Customer{}
	for _, id := range ids {
		m[id] = Customer{fmt.Sprintf("customer %d", id)}
	}
	fmt.Println("query", ids)
	return m, nil
}

var customers = ring.Wrap(customersByID, ring.Lru{MaxSize: 10_000}, ring.Batch(ring.BatchOptions{
	MaxSize:      500,              // elements of one query
	MaxWait:      time.Millisecond, // single calls wait so long for others
	CacheMissing: 5 * time.Second,  // do not ask again for what there is not
}))

func Example_loadMany() {
	ctx := context.Background()

	all, err := customers.GetOrUpdateMany(ring.Args{ctx, 1}, ring.Args{ctx, 2}) // one query for what is missing
	must(err)
	c, err := customers.Call(ctx, 3) // one element

	fmt.Println(all, c, err)
	// Output:
	// query [1 2]
	// query [3]
	// [{customer 1} {customer 2}] {customer 3} <nil>
}

func Example_refresh() {
	loads.Store(0)
	users := ring.Wrap(load, ring.Lru{})
	_, err := users.Call(1)
	must(err)

	v, err := users.Update(1) // runs in any case, and replaces what is cached

	fmt.Println(v, err)
	// Output: user 1, load 2 <nil>
}

// refreshEvery keeps users fresh until stop is closed.
func refreshEvery(interval time.Duration, users *ring.Rope, stop <-chan struct{}, calls ...any) {
	ticker := time.NewTicker(interval)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
			if _, err := users.UpdateMany(calls...); err != nil {
				continue // the old values stay
			}
		case <-stop:
			return
		}
	}
}

func Example_stale() {
	loads.Store(0)
	users := ring.Wrap(load, ring.Lru{Expire: time.Minute, Options: ring.Options{
		Freshness: ring.Freshness{
			StaleWhileRevalidate: time.Minute, // past Expire: the old value at once, and a run behind
			StaleIfError:         time.Hour,   // and for so long if the function fails
		},
	}})

	fmt.Println(users.Call(1))
	must(users.MarkStale(1))
	fmt.Println(users.Call(1))
	fmt.Println(users.With(ring.CallOptions{NoStale: true}).Call(1)) // waits for the run
	// Output:
	// user 1, load 1 <nil>
	// user 1, load 1 <nil>
	// user 1, load 2 <nil>
}

func Example_refreshEvery() {
	loads.Store(0)
	users := ring.Wrap(load, ring.Lru{}) // no Expire
	stop := make(chan struct{})

	go refreshEvery(time.Minute, users, stop, ring.Args{1}, ring.Args{2})

	close(stop)
	fmt.Println(users.Call(1))
	// Output: user 1, load 1 <nil>
}

type User struct{ Name string }

var errNoUser = errors.New("no such user")

// findUser returns nil, and no error, for a user who does not exist.
func findUser(id int) (*User, error) {
	user, err := queryUser(id)
	if errors.Is(err, errNoUser) {
		return nil, nil
	}
	return user, err
}

func queryUser(id int) (*User, error) {
	if id > 1 {
		return nil, errNoUser
	}
	return &User{"ann"}, nil
}

func Example_negative() {
	users := ring.Wrap(findUser, ring.Lru{})
	_, err := users.Call(7)
	must(err)

	v, ok, err := users.Lookup(7) // ok: cached; v.(*User) is nil: no such user

	fmt.Println(v.(*User) == nil, ok, err)
	v, ok, err = users.Lookup(8)
	fmt.Println(v == nil, ok, err)
	// Output:
	// true true <nil>
	// true false <nil>
}

func Example_expiryOfACall() {
	loads.Store(0)
	users := ring.Wrap(load, ring.Lru{Expire: time.Hour})

	v, err := users.With(ring.CallOptions{Expire: time.Minute}).Call(1)
	err = users.With(ring.CallOptions{Expire: time.Minute}).Set("ann", 2)

	fmt.Println(v, users.Explain(1).TimeLeft <= time.Minute, users.Explain(2).TimeLeft <= time.Minute, err)
	// Output: user 1, load 1 true true <nil>
}

func Example_tags() {
	generation := map[string]int{} // by customer

	orders := ring.Wrap(func(customer string, generation, page int) string {
		return fmt.Sprintf("page %d of the orders of %s", page, customer)
	}, ring.Lru{})

	v, err := orders.Call("ann", generation["ann"], 1)
	generation["ann"]++ // no call finds ann's old pages any more

	has, err := orders.Has("ann", generation["ann"], 1)
	fmt.Println(v, has, err)
	// Output: page 1 of the orders of ann false <nil>
}

func Example_errors() {
	fail := true
	rope := ring.Wrap(func(id int) (string, error) {
		if fail {
			return "", errors.New("not today")
		}
		return "done", nil
	}, ring.Lru{})

	_, err := rope.Call(1) // the function's own error; nothing is cached
	fail = false
	v, again := rope.Call(1) // runs again

	fmt.Println(err, v, again)
	// Output: not today done <nil>
}

func Example_rememberedErrors() {
	users := ring.Wrap(queryUser, ring.Lru{Options: ring.Options{
		Freshness: ring.Freshness{CacheError: ring.CacheErrors(5*time.Second, errNoUser)},
	}})

	_, err := users.Call(7)   // runs queryUser
	_, again := users.Call(7) // the same error, for five seconds

	fmt.Println(err, errors.Is(again, errNoUser))
	// Output: no such user true
}
