package main

import (
	"fmt"
	"runtime"
	"strconv"
	"time"

	"github.com/ring-go/ring"
)

// account is a result that is neither a scalar nor a pointer.
type account struct {
	Name  string
	Month int
}

func ofAccount(s string) (account, error) { return account{s, ran(len(s))}, nil }

func handTwo(size int, f func(a, b int) int) func(a, b int) int {
	cache := newHandLRU[int](size)
	return func(a, b int) int {
		var buf [64]byte
		key := strconv.AppendInt(append(buf[:0], prefix+":"...), int64(a), 10)
		key = strconv.AppendInt(append(key, ':'), int64(b), 10)
		if v, ok := cache.get(key); ok {
			return v
		}
		v := f(a, b)
		cache.set(string(key), v)
		return v
	}
}

func handAccount(size int, f func(string) (account, error)) func(string) (account, error) {
	cache := newHandLRU[account](size)
	return func(s string) (account, error) {
		var buf [64]byte
		key := append(append(buf[:0], prefix+":"...), s...)
		if v, ok := cache.get(key); ok {
			return v, nil
		}
		v, err := f(s)
		if err == nil {
			cache.set(string(key), v)
		}
		return v, err
	}
}

// ofFive has more parameters than Decorate4 takes.
func ofFive(a, b, c, d, e int) int { return ran(a + b + c + d + e) }

// probed is ofFive as ringgen makes it.
func probed() func(a, b, c, d, e int) int {
	type fn = func(a, b, c, d, e int) int
	probe, run := ring.NewProbe[fn](ring.Wrap(ofFive, cached(resident)))
	return func(a, b, c, d, e int) int {
		value, miss, ok := probe.Hit(&a, &b, &c, &d, &e)
		if !ok {
			return runProbe(probe, miss, run, a, b, c, d, e)
		}
		result, _ := value.(int)
		return result
	}
}

func runProbe(probe *ring.Probe, miss ring.Miss, run func(a, b, c, d, e int) int, a, b, c, d, e int) int {
	value, _ := probe.Run(miss, func() (any, error) { return run(a, b, c, d, e), nil }, &a, &b, &c, &d, &e)
	result, _ := value.(int)
	return result
}

func handFive(size int, f func(a, b, c, d, e int) int) func(a, b, c, d, e int) int {
	cache := newHandLRU[int](size)
	return func(a, b, c, d, e int) int {
		var buf [64]byte
		key := append(buf[:0], prefix...)
		for _, n := range [...]int{a, b, c, d, e} {
			key = strconv.AppendInt(append(key, ':'), int64(n), 10)
		}
		if v, ok := cache.get(key); ok {
			return v
		}
		v := f(a, b, c, d, e)
		cache.set(string(key), v)
		return v
	}
}

func five(f func(a, b, c, d, e int) int) operation {
	return func(n int) error {
		sum := 0
		for i := range n {
			i &= last
			sum += f(numbers[i], 1, i, 1000+i, 2)
		}
		runtime.KeepAlive(sum)
		return nil
	}
}

// overStub calls a function whose values lie in Redis, the typed one or Call.
func overStub(isTyped bool) operation {
	typed := fetch
	rope := ring.Decorate1E(&typed, ring.Redis{Client: redisStub{}, KeyPrefix: "f"})
	if !isTyped {
		typed = func(name string) (string, error) {
			v, err := rope.Call(name)
			return v.(string), err
		}
	}
	return loop(func(i int) error { _, err := typed(names[i&last]); return err })
}

// renewed is a cache whose values are renewed before they expire, and kept afterwards.
func renewed() ring.Lru {
	lru := cached(resident)
	lru.Expire = time.Hour
	lru.Options.Freshness = ring.Freshness{RefreshAhead: time.Minute, StaleWhileRevalidate: time.Hour}
	return lru
}

// decorated returns a function that lru caches.
func decorated(lru ring.Lru) func(int) int {
	f := ofInt
	ring.Decorate1(&f, lru)
	return f
}

// typed compares functions that the compiler makes with the closures, with other caches, and
// with the least that a function made by reflection costs. The goals are for the times: ring
// keeps its values in an any and asks at every call what has been changed, which takes more
// instructions, and hardly more time.
func typed() ([]row, error) {
	ints, texts, two, structs, accounts, methods := ofInt, ofString, ofTwo, ofStruct, ofAccount, ofMonth
	ring.Decorate1(&ints, cached(resident))
	ring.Decorate1(&texts, cached(resident))
	ring.Decorate2(&two, cached(resident))
	ring.Decorate1(&structs, cached(resident))
	ring.Decorate1E(&accounts, cached(resident))
	ring.Decorate2(&methods, cached(resident))
	mortal, short := cached(resident), ofInt
	mortal.Expire = time.Hour
	ring.Decorate1(&short, mortal)
	callInts, callTexts, callTwo := one(each(numbers, ints)), one(each(names, texts)), both(two)
	rows := []row{
		{name: "Decorate1: func(int) int", ours: callInts, base: one(each(numbers, handInt(resident, ofInt))), baseName: "by hand", goal: 1.15},
		{name: "Decorate1: func(string) int", ours: callTexts, base: one(each(names, handString(resident, ofString))), baseName: "by hand", goal: 1.15},
		{name: "Decorate1E: func(string) (struct, error)", ours: loads(accounts), base: loads(handAccount(resident, ofAccount)), baseName: "by hand", goal: 1.15},
		{name: "Decorate2: func(int, int) int", ours: callTwo, base: both(handTwo(resident, ofTwo)), baseName: "by hand", goal: 1.3},
		{name: "Decorate1: func(struct of 5 fields) int", ours: one(each(points, structs)), base: one(each(points, handStruct(resident, ofStruct))), baseName: "by hand", goal: 1.4},
		{name: "Decorate1: func(int) int", ours: callInts, base: one(each(numbers, prebuilt[func(int) int](1))), baseName: "bare MakeFunc", goal: 0.4},
		{name: "Decorate2: func(int, int) int", ours: callTwo, base: both(prebuilt[func(int, int) int](1)), baseName: "bare MakeFunc", goal: 0.4},
		{name: "Decorate1: func(int) int, with expiry", ours: one(each(numbers, short)), base: callInts, baseName: "without", goal: 2}, // the clock is most of it
		{name: "Decorate1: func(int) int, with Freshness", ours: one(each(numbers, decorated(renewed()))), base: one(each(numbers, short)), baseName: "with expiry", goal: 1.25},
		{name: "Call(int), with Freshness", ours: one(call(ring.Wrap(ofInt, renewed()), numbers)), base: one(call(ring.Wrap(ofInt, mortal), numbers)), baseName: "with expiry", goal: 1.25, allocs: 1},
		{name: "generated: func of 5 ints", ours: five(probed()), base: five(handFive(resident, ofFive)), baseName: "by hand", goal: 1.4},
		{name: "Decorate1E: func(string) (string, error), over a stub of Redis", ours: overStub(true), base: overStub(false), baseName: "Call", goal: 1, allocs: 3},
		{name: "Func1 of a bound method(int) int", ours: boundMethods(), base: function(methods), baseName: "Decorate2: func(string, int)", goal: 1.8},
	}
	for _, start := range []func() (peer, error){golangLRU, otterCache} {
		p, err := start()
		if err != nil {
			return nil, err
		}
		rows = append(rows,
			row{name: "Decorate1: func(int) int", ours: callInts, base: ofNumbers(p), baseName: p.name},
			row{name: "Decorate1: func(string) int", ours: callTexts, base: ofNames(p), baseName: p.name})
	}
	for i := range rows {
		rows[i].byTime, rows[i].total = rows[i].baseName != "Call", true
	}
	return rows, nil
}

// both calls a function of two numbers.
func both(f func(a, b int) int) operation {
	return func(n int) error {
		sum := 0
		for i := range n {
			sum += f(numbers[i&last], 1000+i&last)
		}
		runtime.KeepAlive(sum)
		return nil
	}
}

// loads calls a function that returns an error, too.
func loads(f func(string) (account, error)) operation {
	return func(n int) error {
		sum := 0
		for i := range n {
			a, err := f(names[i&last])
			if err != nil {
				return fmt.Errorf("%s: %w", names[i&last], err)
			}
			sum += a.Month
		}
		runtime.KeepAlive(sum)
		return nil
	}
}

// boundMethods calls the typed methods of the users in turn.
func boundMethods() operation {
	rope := wrap((*user).Balance)
	balances := make([]func(int) int, resident)
	for i, u := range users {
		balances[i] = ring.Func1[int, int](rope.Bind(u))
	}
	return func(n int) error {
		sum := 0
		for i := range n {
			sum += balances[i&last](2026)
		}
		runtime.KeepAlive(sum)
		return nil
	}
}

// function calls a function that has the receiver's text as a parameter.
func function(f func(id string, month int) int) operation {
	return func(n int) error {
		sum := 0
		for i := range n {
			sum += f(names[i&last], 2026)
		}
		runtime.KeepAlive(sum)
		return nil
	}
}
