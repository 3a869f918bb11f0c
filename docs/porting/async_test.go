package porting_test

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/ring-go/ring"
)

func fetchPage(ctx context.Context, n int) (int, error) {
	select {
	case <-time.After(time.Millisecond):
		return n * n, nil
	case <-ctx.Done():
		return 0, ctx.Err()
	}
}

func Example_async() {
	fetch := ring.Wrap(fetchPage, ring.Dict{KeyPrefix: "fetch"})
	ctx := context.Background()

	show(fetch.Call(ctx, 2))
	show(fetch.Get(ctx, 2))

	var wg sync.WaitGroup
	values, errs := make([]any, 2), make([]error, 2)
	for i, n := range []int{3, 4} {
		wg.Go(func() { values[i], errs[i] = fetch.Call(ctx, n) })
	}
	wg.Wait()
	show(values, errors.Join(errs...))

	must(fetch.Delete(ctx, 3))
	tooShort, cancel := context.WithTimeout(ctx, 0)
	defer cancel()
	_, err := fetch.Call(tooShort, 3)
	if errors.Is(err, context.DeadlineExceeded) {
		show("too late")
	}
	// Output:
	// 4
	// 4
	// [9, 16]
	// too late
}
