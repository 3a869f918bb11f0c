package ring_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ring-go/ring"
)

// batchWorld is what a function for many reads: a version of each element, of which some are gone.
// It also counts which elements run at the moment.
type batchWorld struct {
	mu      sync.Mutex
	version map[int]int
	running map[int]int
	runs    int
	twice   []int
	most    int
	fails   bool
}

var errWorld = errors.New("the world is down")

func (w *batchWorld) load(_ context.Context, ids []int) (map[int]string, error) {
	w.enter(ids)
	defer w.leave(ids)
	w.mu.Lock()
	defer w.mu.Unlock()
	m := map[int]string{}
	for i, id := range ids {
		if v := w.version[id]; v >= 0 && !(w.fails && i%2 == 0) {
			m[id] = fmt.Sprintf("%d.%d", id, v)
		}
	}
	if w.fails {
		return m, errWorld
	}
	return m, nil
}

func (w *batchWorld) enter(ids []int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.runs++
	w.most = max(w.most, len(ids))
	for _, id := range ids {
		if w.running[id]++; w.running[id] > 1 {
			w.twice = append(w.twice, id)
		}
	}
}

func (w *batchWorld) leave(ids []int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, id := range ids {
		w.running[id]--
	}
}

// TestBatchModel: random calls, one after the other, against a map.
func TestBatchModel(t *testing.T) {
	for name, f := range batchFactories(t) {
		t.Run(name, func(t *testing.T) {
			random := rand.New(rand.NewPCG(1, 2))
			w := &batchWorld{version: map[int]int{}, running: map[int]int{}}
			r := ring.Wrap(w.load, f, ring.Batch(ring.BatchOptions{MaxSize: 5}), ring.Name("load"))
			cached := map[int]string{}
			for range 300 {
				id := random.IntN(20)
				switch random.IntN(6) {
				case 0:
					w.version[id]++
				case 1:
					w.version[id] = -1
				case 2:
					require.NoError(t, r.Delete(id))
					delete(cached, id)
				case 3:
					require.NoError(t, r.Set("own", id))
					cached[id] = "own"
				default:
					w.fails = random.IntN(4) == 0
					wantModel(t, random, r, w, cached)
				}
			}
			assert.LessOrEqual(t, w.most, 5)
			assert.Empty(t, w.twice)
			idle(t, r)
		})
	}
}

// wantModel does a bulk call, and compares it with what is cached and what the world says.
func wantModel(t *testing.T, random *rand.Rand, r *ring.Rope, w *batchWorld, cached map[int]string) {
	t.Helper()
	ids := make([]int, random.IntN(12))
	for i := range ids {
		ids[i] = random.IntN(20)
	}
	w.runs = 0
	values, err := r.GetOrUpdateMany(callsOf(ids)...)
	missing := map[int]bool{}
	for i, id := range ids {
		want, ok := cached[id]
		if !ok {
			missing[id] = true
			want = fmt.Sprintf("%d.%d", id, w.version[id])
		}
		switch {
		case values[i] != nil:
			assert.Equal(t, want, values[i])
		case w.fails:
			assert.False(t, ok)
			assert.ErrorContains(t, err, fmt.Sprintf("element %d, ", i))
		default:
			assert.Negative(t, w.version[id])
			assert.ErrorIs(t, err, ring.ErrNotFound)
		}
	}
	assert.Equal(t, (len(missing)+4)/5, w.runs)
	assert.Equal(t, err != nil, slices.Contains(values, nil))
	for i, id := range ids {
		if values[i] != nil {
			cached[id] = values[i].(string)
		}
	}
}

// TestBatchConcurrently: random bulk calls, single calls and writes at once. No element runs
// twice at a time, unless it was written to meanwhile, and no value is older than the last
// delete before the call.
func TestBatchConcurrently(t *testing.T) {
	for name, f := range map[string]ring.Factory{
		"lru": ring.Lru{}, "dict": ring.Dict{}, "remote": ring.BaseFactory{StorageBackend: &sync.Map{}, StorageClass: newRemote},
		"disk": ring.DiskCache{Obj: openCache(t, t.TempDir(), nil), KeyPrefix: "b"},
	} {
		for _, o := range []ring.BatchOptions{{}, {MaxSize: 3}, {MaxWait: 50_000, MaxSize: 7}} {
			t.Run(fmt.Sprintf("%s/%+v", name, o), func(t *testing.T) {
				w := &batchWorld{version: map[int]int{}, running: map[int]int{}}
				r := ring.Wrap(w.load, f, ring.Batch(o), ring.Name("load"))
				require.NoError(t, r.DeleteMany(callsOf(numbers(0, 20))...))
				var wg sync.WaitGroup
				for n := range 8 {
					wg.Go(func() { callConcurrently(t, rand.New(rand.NewPCG(3, uint64(n))), r, w, n) })
				}
				wg.Wait()
				for _, id := range w.twice {
					assert.GreaterOrEqual(t, id, 16, "only what is written to runs twice")
				}
				idle(t, r)
			})
		}
	}
}

// callConcurrently is one of several goroutines. The first two write to the elements from 16
// on, each to its own; what is below never changes.
func callConcurrently(t *testing.T, random *rand.Rand, r *ring.Rope, w *batchWorld, n int) {
	for range 60 {
		if own := 16 + n; n < 2 && random.IntN(2) == 0 {
			w.mu.Lock()
			w.version[own]++
			want := fmt.Sprintf("%d.%d", own, w.version[own])
			w.mu.Unlock()
			assert.NoError(t, r.Delete(own))
			values, err := r.GetOrUpdateMany(ring.Args{random.IntN(16)}, ring.Args{own})
			if assert.NoError(t, err) {
				assert.Equal(t, want, values[1], "not older than the delete")
			}
			continue
		}
		ids := make([]int, 1+random.IntN(8))
		for i := range ids {
			ids[i] = random.IntN(20)
		}
		values, err := r.GetOrUpdateMany(callsOf(ids)...)
		assert.NoError(t, err)
		value, err := r.Call(ids[0])
		assert.NoError(t, err)
		for i, v := range append(values, value) {
			if id := ids[i%len(ids)]; id < 16 {
				assert.Equal(t, fmt.Sprintf("%d.0", id), v)
			}
		}
	}
}
