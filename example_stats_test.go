package ring_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/ring-go/ring"
)

// Is the cache worth it?
func ExampleRope_Stats() {
	square := ring.Wrap(func(n int) int {
		time.Sleep(time.Millisecond)
		return n * n
	}, ring.Lru{MaxSize: 100})
	for i := range 10 {
		_, _ = square.Call(i % 2)
	}
	s := square.Stats()
	fmt.Println(s.Calls(), "calls,", s.Hits, "hits,", s.Runs, "runs,", s.Entries, "entries of", s.MaxEntries)
	fmt.Println("hit ratio", s.HitRatio())
	fmt.Println("time saved:", s.TimeSaved() >= 8*time.Millisecond, s.MeanRun() >= time.Millisecond)
	// Output:
	// 10 calls, 8 hits, 2 runs, 2 entries of 100
	// hit ratio 0.8
	// time saved: true true
}

func ExampleStats_Calls() {
	s := ring.Stats{Hits: 90, Stale: 4, Misses: 5, Errors: 1}
	fmt.Println(s.Calls())
	// Output: 100
}

func ExampleStats_HitRatio() {
	s := ring.Stats{Hits: 90, Stale: 4, Misses: 5, Errors: 1}
	fmt.Println(s.HitRatio())
	// Output: 0.94
}

func ExampleStats_MeanRun() {
	s := ring.Stats{Runs: 3, RunTime: 90 * time.Millisecond}
	s.RunBuckets[9] = 3
	fmt.Println(s.MeanRun())
	// Output: 30ms
}

func ExampleStats_TimeSaved() {
	s := ring.Stats{Hits: 1000, Runs: 3, RunTime: 90 * time.Millisecond}
	s.RunBuckets[9] = 3
	fmt.Println(s.TimeSaved())
	// Output: 30s
}

func ExampleStats_RunQuantile() {
	var s ring.Stats
	s.RunBuckets[4] = 90  // of more than 500 µs and up to 1 ms
	s.RunBuckets[10] = 10 // of more than 50 ms and up to 100 ms
	fmt.Println(s.RunQuantile(0.5), s.RunQuantile(0.95))
	// Output: 777.777µs 75ms
}

func ExampleRunBounds() {
	bounds := ring.RunBounds()
	fmt.Println(len(bounds), bounds[0], bounds[len(bounds)-1])
	// Output: 19 10µs 1m0s
}

// All ropes of the program, for a report.
func ExampleRopes() {
	users := ring.Wrap(func(id int) string { return "somebody" }, ring.Lru{}, ring.Name("example.users"))
	_, _ = users.Call(1)
	for _, r := range ring.Ropes() {
		if r == users {
			fmt.Println(r.Config().Name, r.Config().Storage, r.Stats().Misses)
		}
	}
	// Output: example.users lru 1
}

// Who runs now?
func ExampleRope_Flights() {
	began, release := make(chan bool), make(chan bool)
	slow := ring.Wrap(func(n int) int {
		began <- true
		<-release
		return n
	}, ring.Lru{}, ring.Name("slow"))
	done := make(chan bool)
	go func() {
		_, _ = slow.Call(5)
		close(done)
	}()
	<-began
	for _, f := range slow.Flights() {
		fmt.Println(f.Key, "by", f.Trigger, f.Phase, f.Waiting, f.Age > 0)
	}
	close(release)
	<-done
	fmt.Println(len(slow.Flights()))
	// Output:
	// slow:5 by miss running 0 true
	// 0
}

func ExampleFlightInfo() {
	f := ring.FlightInfo{Key: "report:5", Trigger: ring.ByRefresh, Phase: "running", Age: 3 * time.Second, Waiting: 2}
	fmt.Println(f.Key, f.Trigger, f.Age)
	// Output: report:5 refresh 3s
}

// What happened lately that no call has returned?
func ExampleRope_Events() {
	price := ring.Wrap(func(symbol string) (int, error) { return 0, errors.New("no connection") },
		ring.Lru{Expire: time.Hour, Options: ring.Options{
			Freshness: ring.Freshness{StaleIfError: time.Hour},
			OnError:   func(context.Context, *ring.Error) {},
		}}, ring.Name("price"))
	_ = price.Set(150, "AAPL")
	_ = price.MarkStale("AAPL")
	fmt.Println(price.Call("AAPL"))
	for _, e := range price.Events() {
		fmt.Println(e.Kind, e.Key, e.Err)
	}
	// Output:
	// 150 <nil>
	// refresh failed price:AAPL no connection
}

// A line for each run, and what the caches do beside the results of calls.
func ExampleTrace() {
	trace := &ring.Trace{
		Run: func(ctx context.Context, r ring.RunInfo) (context.Context, func(ring.RunResult)) {
			fmt.Println("run", r.Key, "by", r.Trigger)
			return ctx, func(result ring.RunResult) { fmt.Println("end", r.Key, result.Err, result.Panicked) }
		},
		Call:  func(_ context.Context, c ring.CallInfo) { fmt.Println(c.Key, c.Outcome) },
		Event: func(_ context.Context, e ring.Event) { fmt.Println(e.Kind, e.Key, e.Err) },
	}
	square := ring.Wrap(func(n int) int { return n * n }, ring.Lru{Options: ring.Options{Trace: trace}}, ring.Name("square"))
	_, _ = square.Call(3)
	_, _ = square.Call(3)
	// Output:
	// run square:3 by miss
	// end square:3 <nil> false
	// square:3 ran
	// square:3 hit
}

func ExampleTraces() {
	log := &ring.Trace{Call: func(_ context.Context, c ring.CallInfo) { fmt.Println("log:", c.Outcome) }}
	audit := &ring.Trace{Call: func(_ context.Context, c ring.CallInfo) { fmt.Println("audit:", c.Key) }}
	square := ring.Wrap(func(n int) int { return n * n },
		ring.Lru{Options: ring.Options{Trace: ring.Traces(log, audit)}}, ring.Name("square"))
	_, _ = square.Call(3)
	// Output:
	// log: ran
	// audit: square:3
}

func ExampleTrigger() {
	fmt.Println(ring.ByMiss, ring.ByRefresh, ring.ByUpdate, ring.ByWarm, ring.ByExecute, ring.ByVerify)
	// Output: miss refresh update warm execute verify
}

// Runs that nobody waits for.
func ExampleRunInfo() {
	behind := 0
	r := ring.RunInfo{Key: "price:AAPL", Trigger: ring.ByRefresh, Behind: true, Elements: 1}
	if r.Behind {
		behind++
	}
	fmt.Println(behind, r.Trigger, r.Key)
	// Output: 1 refresh price:AAPL
}

func ExampleRunResult() {
	r := ring.RunResult{Took: 20 * time.Millisecond, Err: errors.New("no connection"), Waiting: 3}
	fmt.Println(r.Took, r.Err, r.Waiting+1, "callers")
	// Output: 20ms no connection 4 callers
}

func ExampleEventKind() {
	kinds := []ring.EventKind{ring.RefreshDropped, ring.RefreshFailed, ring.RunLate, ring.LockLost, ring.StorageFailed, ring.Undecodable, ring.Differed}
	fmt.Println(slices.Index(kinds, ring.Undecodable), ring.Undecodable)
	// Output: 5 undecodable
}

func ExampleEvent() {
	e := ring.Event{Kind: ring.StorageFailed, Key: "price:AAPL", Err: errors.New("connection refused")}
	fmt.Printf("%v %s: %v\n", e.Kind, e.Key, e.Err)
	// Output: storage failed price:AAPL: connection refused
}

// The function reads a clock, so that it must not be cached: a check of the hits finds that.
func ExampleFreshness_verify() {
	differed := make(chan string, 1)
	now := 0
	clock := ring.Wrap(func(zone string) int { now++; return now }, ring.Lru{Options: ring.Options{
		Freshness: ring.Freshness{Verify: 1},
		Trace: &ring.Trace{Event: func(_ context.Context, e ring.Event) {
			if e.Kind == ring.Differed {
				differed <- e.Key
			}
		}},
	}}, ring.Name("clock"))
	_, _ = clock.Call("UTC")
	_, _ = clock.Call("UTC")
	fmt.Println("differs:", <-differed)
	// Output: differs: clock:UTC
}
