package main

import (
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"

	"github.com/ring-go/ring"
	"github.com/ring-go/ring/lrucache"
)

// hitSteps shows the steps of a hit: every row adds one to the row that it is compared
// with.
func hitSteps() ([]row, error) {
	cache := lrucache.New(resident + 1) // the last entry is for the call without parameters
	inMap, lookUp, counted := lookUps(cache)
	bare, typed := withoutParameters(cache)
	const without = "Call() without parameters"
	rows := []row{
		{name: "look-up: LruCache.GetBytes", ours: lookUp, base: inMap, baseName: "map and mutex"},
		{name: "count: an atomic addition", ours: counted, base: lookUp, baseName: "look-up"},
		{name: "bind: " + without, ours: bare, base: counted, baseName: "look-up and count"},
		{name: "key: Scalars(string)", ours: one(callScalars(wrap(ofString), names)), base: bare, baseName: without},
		{name: "key: Scalars(int)", ours: one(callScalars(wrap(ofInt), numbers)), base: bare, baseName: without},
		{name: "box: Call(int)", ours: one(call(wrap(ofInt), numbers)), base: one(callScalars(wrap(ofInt), numbers)), baseName: "Scalars(int)"},
		{name: "typed: decorated func() int", ours: typed, base: bare, baseName: without},
	}
	for i := range rows {
		rows[i].over, rows[i].allocs = true, -1
	}
	return rows, nil
}

// lookUps find a value by a key that is there already: in a map, in the cache, and in the
// cache with the count of a hit.
func lookUps(cache *lrucache.LruCache) (inMap, lookUp, counted operation) {
	plain, keys := make(map[string]any, resident), make([][]byte, resident)
	for i, name := range names {
		key := prefix + ":" + name
		cache.Set(key, len(name), 0)
		plain[key], keys[i] = len(name), []byte(key)
	}
	var mu sync.Mutex
	inMap = func(n int) error {
		for i := range n {
			mu.Lock()
			v := plain[string(keys[i&last])]
			mu.Unlock()
			if v == nil {
				return errMissed
			}
		}
		return nil
	}
	lookUp = func(n int) error {
		for i := range n {
			if _, ok := cache.GetBytes(keys[i&last]); !ok {
				return errMissed
			}
		}
		return nil
	}
	var count atomic.Int64
	counted = func(n int) error {
		for i := range n {
			if _, ok := cache.GetBytes(keys[i&last]); !ok {
				return errMissed
			}
			count.Add(1)
		}
		return nil
	}
	return inMap, lookUp, counted
}

// withoutParameters calls a function that has no argument to write a key of.
func withoutParameters(cache *lrucache.LruCache) (bare, typed operation) {
	in := cached(0)
	in.Lru = cache
	nothing := ring.Wrap(func() int { return ran(1) }, in)
	bare = func(n int) error {
		for range n {
			if v, err := nothing.Call(); err != nil || v.(int) != 1 {
				return wrong(v, err)
			}
		}
		return nil
	}
	decorated := nothing.Func().(func() int)
	typed = func(n int) error {
		sum := 0
		for range n {
			sum += decorated()
		}
		runtime.KeepAlive(sum)
		return nil
	}
	return bare, typed
}

// choices compares what a user can choose from.
func choices() ([]row, error) {
	hashing := cached(resident)
	hashing.Options.KeyStyle = ring.HashKeys
	var rows []row
	add := func(what string, fn any, do func(rope *ring.Rope, i int) (any, error)) {
		rows = append(rows, row{name: fmt.Sprintf("%s, HashKeys", what), baseName: "SafeKeys", allocs: -1,
			ours: calling(ring.Wrap(fn, hashing), do), base: calling(wrap(fn), do)})
	}
	add("Call(struct of 5 fields)", ofStruct, func(rope *ring.Rope, i int) (any, error) { return rope.Call(points[i]) })
	add("Call(slice of 100 ints)", ofList, func(rope *ring.Rope, i int) (any, error) { return rope.Call(lists[i]) })
	add("Call(map of 20 entries)", ofMap, func(rope *ring.Rope, i int) (any, error) { return rope.Call(maps[i]) })
	structs := func(rope *ring.Rope, i int) (any, error) { return rope.Call(points[i]) }
	withKey := func(rope *ring.Rope, i int) (any, error) { return rope.Call(users[i]) }
	ofInts := wrap(ofInt)
	decorated, calls := ofInts.Func().(func(int) int), one(call(ofInts, numbers))
	update := func(rope *ring.Rope, i int) (any, error) { return rope.GetOrUpdate(numbers[i]) }
	get := func(rope *ring.Rope, i int) (any, error) { return rope.Get(numbers[i]) }
	dict := ring.Wrap(ofInt, ring.Dict{KeyPrefix: prefix})
	return append(rows,
		row{name: "Call(pointer with RingKey)", ours: calling(wrap(ofUser), withKey),
			base: calling(wrap(ofStruct), structs), baseName: "Call(struct of 5 fields)", allocs: -1},
		row{name: "decorated func(int) int", ours: one(each(numbers, decorated)),
			base: calls, baseName: "Call(int)", allocs: -1},
		row{name: "GetOrUpdate(int)", ours: calling(ofInts, update), base: calls, baseName: "Call(int)", allocs: -1},
		row{name: "Get(int)", ours: calling(ofInts, get), base: calls, baseName: "Call(int)", allocs: -1},
		row{name: "Call(int) of a Dict", ours: one(call(dict, numbers)), base: calls, baseName: "of an Lru", allocs: -1}), nil
}

// calling calls a rope for the arguments in turn.
func calling(rope *ring.Rope, do func(rope *ring.Rope, i int) (any, error)) operation {
	return func(n int) error {
		for i := range n {
			if v, err := do(rope, i&last); err != nil || v.(int) < 0 {
				return wrong(v, err)
			}
		}
		return nil
	}
}
