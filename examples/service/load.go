package main

import (
	"context"
	"math/rand/v2"
	"sync"
	"time"
)

// work calls the cached functions, some keys often and most seldom, until the context ends. A
// call may take longer than the pause to the next one, so that each has its own goroutine.
func (s *shop) work(ctx context.Context, perSecond int) {
	if perSecond <= 0 {
		return
	}
	var calls sync.WaitGroup
	defer calls.Wait()
	clock := time.NewTicker(time.Second / time.Duration(perSecond))
	defer clock.Stop()
	ids := rand.NewZipf(rand.New(rand.NewPCG(1, 2)), 1.2, 4, 999)
	for n := 0; ; n++ {
		select {
		case <-clock.C:
		case <-ctx.Done():
			return
		}
		id := int(ids.Uint64())
		calls.Go(func() { s.callOnce(ctx, n, id) })
	}
}

// callOnce makes the n-th call. The load has no use for what it returns.
func (s *shop) callOnce(ctx context.Context, n, id int) {
	switch {
	case n%40 == 0:
		_, _ = s.reports.Call(ctx, id%30)
	case n%4 == 0:
		_, _ = s.prices.Call(ctx, id)
	default:
		_, _ = s.products.Call(ctx, id)
	}
}
