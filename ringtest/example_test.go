package ringtest_test

import (
	"errors"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/ring-go/ring"
	"github.com/ring-go/ring/ringtest"
)

// The ropes of a program.
var (
	priceServer = redis.NewClient(&redis.Options{Addr: "prices.example:6379"})

	price = ring.Wrap(func(id int) (int, error) { return 100 + id, nil },
		ring.Redis{Client: priceServer, KeyPrefix: "price", Expire: time.Hour})
	labels = ring.Wrap(func(id int) ([]string, error) { return []string{"new"}, nil }, ring.Lru{})
)

// The function runs for every call. In your own test file, this is the function TestPrice.
func ExampleBypass() {
	testBypass = func(t *testing.T) {
		ringtest.Bypass(t, price)

		if got, err := price.Call(1); err != nil || got != 101 {
			t.Errorf("got %v, %v", got, err)
		}
		if has, err := price.Has(1); err != nil || has {
			t.Errorf("it was stored: %v, %v", has, err)
		}
	}
}

// There is no server, and the cache is empty.
func ExampleIsolate() {
	testIsolate = func(t *testing.T) {
		ringtest.Isolate(t, price, labels)

		for range 2 {
			if got, err := price.Call(1); err != nil || got != 101 {
				t.Errorf("got %v, %v", got, err)
			}
		}
		if info := price.CacheInfo(); info.Hits != 1 || info.Misses != 1 {
			t.Errorf("the second call was no hit: %v", info)
		}
	}
}

// Without ropes it is for all of the program.
func ExampleIsolate_all() {
	testIsolateAll = func(t *testing.T) {
		ringtest.Isolate(t)

		if _, err := price.Call(2); err != nil {
			t.Error(err)
		}
	}
}

// A test that appends to the labels of its own copy passes. Without the copy it would fail:
//
//	ringtest: labels "1": a cached value was changed by a caller, for all who get it; copy it before changing it:
//		[0]: was "new", is "old"
func ExampleGuard() {
	testGuard = func(t *testing.T) {
		ringtest.Isolate(t, labels)
		ringtest.Guard(t, labels)

		got, ok, err := ring.As[[]string](labels.Call(1))
		if err != nil || !ok {
			t.Fatal(err)
		}
		own := append([]string(nil), got...)
		own[0] = "old"
	}
}

// Every third look-up fails, and some of what is stored gets lost.
func ExampleFaulty() {
	testFaulty = func(t *testing.T) {
		class := func(backend any) (ring.Storage, error) {
			storage, err := ring.NewExpirableDictStorage(backend)
			return &ringtest.Faulty{
				Storage: storage,
				TB:      t,
				Get:     ringtest.Faults{Error: 0.33},
				Set:     ringtest.Faults{Lost: 0.1},
			}, err
		}
		double := ring.Wrap(func(n int) int { return 2 * n }, ring.Dict{Expire: time.Hour, StorageClass: class, Options: ring.Options{FailOpen: true}})

		for n := range 100 {
			if got, err := double.Call(n % 10); err != nil || got != 2*(n%10) {
				t.Errorf("got %v, %v", got, err)
			}
		}
	}
}

// A server that is always slow, and whose deletions fail with an error of its client.
func ExampleFaults() {
	testFaults = func(t *testing.T) {
		storage, err := ring.NewPersistentDictStorage(map[string]any{})
		if err != nil {
			t.Fatal(err)
		}
		faulty := &ringtest.Faulty{
			Storage: storage,
			TB:      t,
			Get:     ringtest.Faults{Slow: 1, Delay: time.Millisecond},
			Delete:  ringtest.Faults{Error: 1, Err: errors.New("connection refused")},
		}
		if err := faulty.DeleteValue(t.Context(), "k"); err == nil {
			t.Error("it did not fail")
		}
		if _, err := faulty.GetValue(t.Context(), "k"); err != ring.ErrNotFound {
			t.Error(err)
		}
	}
}

func ExampleErrFault() {
	testErrFault = func(t *testing.T) {
		storage, err := ring.NewPersistentDictStorage(map[string]any{})
		if err != nil {
			t.Fatal(err)
		}
		faulty := &ringtest.Faulty{Storage: storage, TB: t, Get: ringtest.Faults{Error: 1}}
		if _, err := faulty.GetValue(t.Context(), "k"); !errors.Is(err, ringtest.ErrFault) {
			t.Error(err)
		}
	}
}

var testBypass, testIsolate, testIsolateAll, testGuard, testFaulty, testFaults, testErrFault, testSettle func(*testing.T)

// A call gets the old value, and starts a renewal. The test waits for that.
func ExampleSettle() {
	testSettle = func(t *testing.T) {
		version := 0
		news := ring.Wrap(func() int { version++; return version }, ring.Lru{Expire: time.Hour, Options: ring.Options{
			Freshness: ring.Freshness{StaleWhileRevalidate: time.Hour},
		}})
		_, _ = news.Call()
		_ = news.MarkStale()
		_, _ = news.Call()
		ringtest.Settle(t)

		if got, err := news.Get(); err != nil || got != 2 {
			t.Errorf("got %v, %v", got, err)
		}
	}
}

// TestExamples runs the tests that the examples define.
func TestExamples(t *testing.T) {
	for name, example := range map[string]struct {
		define func()
		test   *func(*testing.T)
	}{
		"Bypass": {ExampleBypass, &testBypass}, "Isolate": {ExampleIsolate, &testIsolate},
		"IsolateAll": {ExampleIsolate_all, &testIsolateAll}, "Guard": {ExampleGuard, &testGuard},
		"Faulty": {ExampleFaulty, &testFaulty}, "Faults": {ExampleFaults, &testFaults},
		"ErrFault": {ExampleErrFault, &testErrFault}, "Settle": {ExampleSettle, &testSettle},
	} {
		example.define()
		t.Run(name, *example.test)
	}
}
