package ring_test

import (
	"context"
	"runtime"
	"runtime/debug"
	"testing"
	"unsafe"

	"github.com/ring-go/ring"

	"github.com/stretchr/testify/assert"
)

// TestStackAllocations: how much of the stack a level of recursion through a decorated
// function takes, beyond the plain function.
func TestStackAllocations(t *testing.T) {
	if racing > 0 {
		t.Log("the race detector takes stack of its own")
		return
	}
	// A garbage collection halves a stack of which little is used, which moves it.
	defer debug.SetGCPercent(debug.SetGCPercent(-1))
	runtime.GC() // waits for one that has begun
	const generic, common, others = 500, 2 << 10, 4 << 10
	for name, c := range map[string]struct {
		perLevel func(decorate bool) int
		limit    int
	}{
		"func(int) int, by Decorate1": {func(decorate bool) int {
			return countDown(decorate, func(f *func(int) int) { ring.Decorate1(f, ring.Lru{MaxSize: ring.Unbounded}) })
		}, generic},
		"func(context, int) (int, error), by Decorate2E": {func(decorate bool) int {
			return countDownInContext(decorate, func(f *func(context.Context, int) (int, error)) { ring.Decorate2E(f, ring.Dict{}) })
		}, generic},
		"func(context, string, int, bool) (string, error), by Decorate4E": {func(decorate bool) int {
			return stackPerLevel(func(m *stackMark) {
				var f func(ctx context.Context, s string, n int, even bool) (string, error)
				f = func(ctx context.Context, s string, n int, even bool) (string, error) {
					if m.reached(n) {
						return s, nil
					}
					text, err := f(ctx, s, n-1, !even)
					return text, err
				}
				if decorate {
					ring.Decorate4E(&f, ring.Lru{MaxSize: ring.Unbounded})
				}
				_, _ = f(context.Background(), "text", levels, true)
			})
		}, generic},
		"func(int) int": {func(decorate bool) int {
			return countDown(decorate, func(f *func(int) int) { ring.Decorate(f, ring.Lru{MaxSize: ring.Unbounded}) })
		}, common},
		"func(context, int) (int, error)": {func(decorate bool) int {
			return countDownInContext(decorate, func(f *func(context.Context, int) (int, error)) { ring.Decorate(f, ring.Dict{}) })
		}, common},
		"a type that is called by reflection": {func(decorate bool) int {
			return stackPerLevel(func(m *stackMark) {
				type step struct{ Left, Made int }
				var f func(s step) step
				f = func(s step) step {
					if m.reached(s.Left) {
						return s
					}
					return f(step{s.Left - 1, s.Made + 1})
				}
				if decorate {
					ring.Decorate(&f, ring.Lru{MaxSize: ring.Unbounded})
				}
				f(step{Left: levels})
			})
		}, others},
	} {
		more := c.perLevel(true) - c.perLevel(false)
		t.Logf("%s: %d bytes a level", name, more)
		assert.LessOrEqual(t, more, c.limit, name)
	}
}

// countDown returns what a level of a function takes that calls itself.
func countDown(decorate bool, with func(f *func(int) int)) int {
	return stackPerLevel(func(m *stackMark) {
		var f func(n int) int
		f = func(n int) int {
			if m.reached(n) {
				return 0
			}
			return n + f(n-1)
		}
		if decorate {
			with(&f)
		}
		f(levels)
	})
}

// countDownInContext is countDown with a context and an error.
func countDownInContext(decorate bool, with func(f *func(context.Context, int) (int, error))) int {
	return stackPerLevel(func(m *stackMark) {
		var f func(ctx context.Context, n int) (int, error)
		f = func(ctx context.Context, n int) (int, error) {
			if m.reached(n) {
				return 0, nil
			}
			sum, err := f(ctx, n-1)
			return n + sum, err
		}
		if decorate {
			with(&f)
		}
		_, _ = f(context.Background(), levels)
	})
}

const levels = 100

// stackMark records the address of the stack at the first level and at the last.
type stackMark struct{ first, last uintptr }

//go:noinline
func (m *stackMark) reached(n int) (end bool) {
	var here byte
	at := uintptr(unsafe.Pointer(&here))
	if n == levels {
		m.first = at
	}
	m.last = at
	return n == 0
}

func stackPerLevel(run func(m *stackMark)) int {
	done := make(chan int)
	go func() {
		grow(2 << 20) // once for all levels, because a growing stack moves
		var m stackMark
		run(&m)
		done <- int(m.first-m.last) / levels
	}()
	return <-done
}

//go:noinline
func grow(bytes int) byte {
	var page [4096]byte
	page[bytes%len(page)] = 1
	if bytes > len(page) {
		page[0] += grow(bytes - len(page))
	}
	return page[0]
}
