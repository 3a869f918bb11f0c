package ring

import (
	"fmt"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
	"weak"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ring-go/ring/lrucache"
)

// gone runs the garbage collector until no living rope has a name with that prefix.
func gone(t *testing.T, prefix string) {
	t.Helper()
	require.Eventually(t, func() bool {
		runtime.GC()
		return !slices.ContainsFunc(living.all(), func(r *Rope) bool { return strings.HasPrefix(r.fn.Name, prefix) })
	}, 30*time.Second, time.Millisecond)
}

func TestDoctorKeepsNothingAlive(t *testing.T) {
	const n = 10_000
	own := roster{ropes: map[weak.Pointer[Rope]]struct{}{}}
	ropes := make([]*Rope, n)
	for i := range ropes {
		ropes[i] = Wrap(strings.ToUpper, Lru{}, Name("gone."+strconv.Itoa(i)))
		own.add(ropes[i])
	}
	runtime.GC()
	require.Len(t, own.all(), n)
	require.GreaterOrEqual(t, Doctor().Ropes, n)
	runtime.KeepAlive(ropes)
	ropes = nil
	gone(t, "gone.")
	require.Eventually(t, func() bool {
		runtime.GC()
		own.mu.Lock()
		defer own.mu.Unlock()
		return len(own.ropes) == 0
	}, 30*time.Second, time.Millisecond)
}

// rounds is a receiver.
type rounds struct{ N int }

func (r *rounds) Count() int { return r.N }

func TestDoctorKnowsDecoratedFunctions(t *testing.T) {
	kept := func() func(int) int {
		f := func(n int) int { return n }
		Decorate(&f, Lru{}, Name("decorated.f"))
		return f
	}()
	bound := Wrap((*rounds).Count, Lru{}, Name("decorated.bound")).Bind(&rounds{})
	alive := func(name string) bool {
		return slices.ContainsFunc(living.all(), func(r *Rope) bool { return r.fn.Name == name })
	}
	for range 3 {
		runtime.GC()
		Doctor()
		assert.True(t, alive("decorated.f"), "the function holds it")
		assert.True(t, alive("decorated.bound"), "the wire holds it")
	}
	assert.Equal(t, 1, kept(1))
	runtime.KeepAlive(kept)
	runtime.KeepAlive(bound)
	kept, bound = nil, nil
	gone(t, "decorated.")
}

func TestDoctorBesideNewRopes(t *testing.T) {
	var wg sync.WaitGroup
	cache := lrucache.New(9)
	for i := range 8 {
		wg.Go(func() {
			for n := range 50 {
				r := Wrap(strings.ToUpper, Lru{Lru: cache, KeyPrefix: fmt.Sprintf("beside%d.%d", i, n)})
				if n%10 == 0 {
					assert.NotEmpty(t, Doctor().String())
				}
				_, err := r.Call("a")
				assert.NoError(t, err)
			}
		})
	}
	wg.Wait()
}
