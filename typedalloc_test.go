package ring_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/ring-go/ring"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestAllocationsOfTypedHits: there are none.
func TestAllocationsOfTypedHits(t *testing.T) {
	type user struct {
		Name string
		Age  int
	}
	lru := ring.Lru{KeyPrefix: "f"}
	expiring := ring.Lru{KeyPrefix: "f", Expire: time.Hour}
	square := func(n int) int { return n * n }
	length := func(s string) int { return len(s) }
	load := func(s string) (user, error) { return user{s, 1_000_000}, nil }
	loadPointer := func(s string) (*user, error) { return &user{s, 1_000_000}, nil }
	add := func(a, b int) int { return a + b }
	join := func(s string, n int) (string, error) { return s, nil }
	area := func(f flat) int { return f.A }
	fetch := func(_ context.Context, n int) (int, error) { return n, nil }
	short := func(n int) int { return n }
	three := func(a int, s string, b bool) int { return a }
	four := func(_ context.Context, a int, s string, b uint8) (int, error) { return a, nil }
	ring.Decorate1(&square, lru)
	ring.Decorate1(&length, lru)
	ring.Decorate1E(&load, lru)
	ring.Decorate1E(&loadPointer, lru)
	ring.Decorate2(&add, lru)
	ring.Decorate2E(&join, lru)
	ring.Decorate1(&area, lru)
	ring.Decorate2E(&fetch, lru)
	ring.Decorate1(&short, expiring)
	ring.Decorate3(&three, lru)
	ring.Decorate4E(&four, lru)
	sell := ring.Func2E[context.Context, int, int](ring.Wrap((*shop).Sell, lru).Bind(&shop{"s"}))
	ctx := t.Context()
	n, s := 1_000_000+len(t.Name()), "of "+t.Name()
	long, escaped := strings.Repeat(s, 100), s+`:\`
	f := flat{n, s, true, 4.5, 2}
	for name, call := range map[string]func() int{
		"an int":                   func() int { return square(n) },
		"an int, expiring":         func() int { return short(n) },
		"a string":                 func() int { return length(s) },
		"a long string":            func() int { return length(long) },
		"to a struct":              func() int { u, _ := load(s); return u.Age },
		"to a pointer":             func() int { u, _ := loadPointer(s); return u.Age },
		"two ints":                 func() int { return add(n, n) },
		"an escaped string":        func() int { text, _ := join(escaped, n); return len(text) },
		"a long string and an int": func() int { text, _ := join(long, n); return len(text) },
		"a struct":                 func() int { return area(f) },
		"a struct with a long text": func() int {
			f := f
			f.B = long
			return area(f)
		},
		"a context and an int": func() int { v, _ := fetch(ctx, n); return v },
		"three":                func() int { return three(n, s, true) },
		"a context and three":  func() int { v, _ := four(ctx, n, s, 3); return v },
		"a bound method":       func() int { v, _ := sell(ctx, n); return v },
	} {
		require.NotZero(t, call(), name)
		assert.LessOrEqual(t, testing.AllocsPerRun(200, func() { call() }), racing, name)
	}
}

// TestAllocationsOfTypedMisses: a miss allocates its key and the box of its result.
func TestAllocationsOfTypedMisses(t *testing.T) {
	const runs = 1000
	square := func(n int) int { return n * n }
	r := ring.Decorate1(&square, ring.Lru{})
	i := 1_000_000
	got := testing.AllocsPerRun(runs, func() {
		square(i)
		i++
	})
	assert.LessOrEqual(t, got, 2+racing)
	assert.Equal(t, runs+1, r.CacheInfo().Misses)
}
