package watching

import (
	"context"
	"fmt"
	"time"

	"github.com/ring-go/ring"
)

func Example_trace() {
	trouble := &ring.Trace{
		Run: func(ctx context.Context, r ring.RunInfo) (context.Context, func(ring.RunResult)) {
			return ctx, func(result ring.RunResult) {
				if result.Err != nil || result.Panicked || result.Took > time.Second {
					fmt.Println(r.Rope.Config().Name, "ran by", r.Trigger, "for", result.Took.Round(time.Second), result.Err)
				}
			}
		},
		Event: func(_ context.Context, e ring.Event) {
			fmt.Println(e.Rope.Config().Name, e.Kind, e.Err)
		},
	}
	greetings := ring.Wrap(greet, ring.Lru{Options: ring.Options{Trace: trouble}}, ring.Name("greetings"))

	greetings.Call(context.Background(), "")
	greetings.Call(context.Background(), "Ann") // no trouble
	// Output: greetings ran by miss for 0s the name is empty
}

func Example_call() {
	ctx := context.Background()
	greetings := ring.Wrap(greet, ring.Lru{}, ring.Name("greetings"))

	for range 2 {
		var info ring.CallInfo
		greetings.With(ring.CallOptions{Info: &info}).Call(ctx, "Ann")
		fmt.Println(info.Outcome)
	}
	// Output:
	// ran
	// hit
}
