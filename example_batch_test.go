package ring_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/ring-go/ring"
)

// stock loads many values in one go, as one SELECT … WHERE id IN (…) does.
func stock(_ context.Context, ids []string) (map[string]int, error) {
	fmt.Println("load", ids)
	all := map[string]int{"apple": 3, "pear": 5, "fig": 8}
	m := map[string]int{}
	for _, id := range ids {
		if n, ok := all[id]; ok {
			m[id] = n
		}
	}
	return m, nil
}

// Every element is a call of its own. A bulk call runs the function once for what is missing.
func ExampleBatch() {
	r := ring.Wrap(stock, ring.Lru{}, ring.Batch(ring.BatchOptions{}))
	fmt.Println(r.Call("apple"))
	fmt.Println(r.GetOrUpdateMany(ring.Args{"apple"}, ring.Args{"pear"}, ring.Args{"fig"}))
	_, err := r.Call("kiwi")
	fmt.Println(errors.Is(err, ring.ErrNotFound))
	inStock := ring.Func2E[context.Context, string, int](r)
	fmt.Println(inStock(context.Background(), "pear"))
	// Output:
	// load [apple]
	// 3 <nil>
	// load [pear fig]
	// [3 5 8] <nil>
	// load [kiwi]
	// true
	// 5 <nil>
}

// Single calls at the same time need one run, and what is missing is remembered.
func ExampleBatchOptions() {
	var mu sync.Mutex // runs for different elements can overlap
	var sizes []int
	load := func(ids []int) map[int]string {
		mu.Lock()
		sizes = append(sizes, len(ids))
		mu.Unlock()
		m := map[int]string{}
		for _, id := range ids {
			if id%10 != 0 {
				m[id] = fmt.Sprint("user ", id)
			}
		}
		return m
	}
	users := ring.Wrap(load, ring.Lru{}, ring.Batch(ring.BatchOptions{
		MaxSize:      50,
		MaxWait:      time.Minute, // a run of 50 begins at once; usual: a millisecond
		CacheMissing: 5 * time.Second,
	}))
	var wg sync.WaitGroup
	for id := range 100 {
		wg.Go(func() { _, _ = users.Call(id) })
	}
	wg.Wait()
	value, err := users.Call(42)
	fmt.Println(value, err)
	_, err = users.Call(40)
	fmt.Println(errors.Is(err, ring.ErrNotFound), slices.Equal(sizes, []int{50, 50}))
	// Output:
	// user 42 <nil>
	// true true
}
