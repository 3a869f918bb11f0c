package ring_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ring-go/ring"
	"github.com/ring-go/ring/internal/testserver"
)

// TestLockOfABatch: the missing elements of a bulk call run in one go, each under its lock.
func TestLockOfABatch(t *testing.T) {
	t.Parallel()
	for _, kind := range fleetKinds {
		t.Run(kind, func(t *testing.T) {
			where, server := fleetPlace(t, kind)
			var asked [][]int
			r := ring.Wrap(func(_ context.Context, ids []int) (map[int]string, error) {
				asked = append(asked, ids)
				found := map[int]string{}
				for _, id := range ids {
					if id < 10 {
						found[id] = "ok"
					}
				}
				return found, nil
			}, fleetFactory(kind, where, ring.Options{Lock: ring.Lock{Lease: time.Minute}}), ring.Batch(ring.BatchOptions{MaxSize: 3}))
			require.NoError(t, r.Set("old", 3))
			values, err := r.GetOrUpdateMany(ring.Args{1}, ring.Args{2}, ring.Args{1}, ring.Args{11}, ring.Args{3}, ring.Args{4})
			require.ErrorIs(t, err, ring.ErrNotFound)
			assert.Equal(t, []any{"ok", "ok", "ok", nil, "old", "ok"}, values)
			assert.Equal(t, [][]int{{1, 2, 11}, {4}}, asked)
			has, err := r.HasMany(ring.Args{1}, ring.Args{2}, ring.Args{11}, ring.Args{4})
			require.NoError(t, err)
			assert.Equal(t, []bool{true, true, false, true}, has)
			if kind == "redis" {
				keys, err := redisClient(t, server).Keys(t.Context(), "ring:lock:*").Result()
				require.NoError(t, err)
				assert.Empty(t, keys)
			}
		})
	}
}

// batchProcesses are n processes with one function for many.
func batchProcesses(t *testing.T, kind string, n int, lock ring.Lock, fn func(process int, ids []int) map[int]string) []*ring.Rope {
	where, _ := fleetPlace(t, kind)
	all := make([]*ring.Rope, n)
	for i := range all {
		all[i] = ring.Wrap(func(_ context.Context, ids []int) (map[int]string, error) { return fn(i, ids), nil },
			fleetFactory(kind, where, ring.Options{Lock: lock}), ring.Batch(ring.BatchOptions{}))
	}
	return all
}

func textOf(ids []int) map[int]string {
	all := map[int]string{}
	for _, id := range ids {
		all[id] = fmt.Sprint("v", id)
	}
	return all
}

// TestLockedBatchesOverlap: bulk calls with common elements, in any order and in several
// processes, run each element once, and do not wait for each other for ever.
func TestLockedBatchesOverlap(t *testing.T) {
	t.Parallel()
	for _, kind := range fleetKinds {
		t.Run(kind, func(t *testing.T) {
			var mu sync.Mutex
			ran := map[int]int{}
			ropes := batchProcesses(t, kind, 3, ring.Lock{Lease: time.Minute}, func(_ int, ids []int) map[int]string {
				mu.Lock()
				for _, id := range ids {
					ran[id]++
				}
				mu.Unlock()
				time.Sleep(time.Millisecond)
				return textOf(ids)
			})
			const rounds, elements = 5, 12
			for round := range rounds {
				var wg sync.WaitGroup
				for n := range 9 {
					wg.Go(func() {
						var args, want []any
						for _, id := range rand.Perm(elements)[:elements*2/3] {
							args, want = append(args, ring.Args{100*round + id}), append(want, fmt.Sprint("v", 100*round+id))
						}
						values, err := ropes[n%len(ropes)].GetOrUpdateMany(args...)
						assert.NoError(t, err)
						assert.Equal(t, want, values)
					})
				}
				wg.Wait()
			}
			for id, times := range ran {
				assert.Equal(t, 1, times, id)
			}
		})
	}
}

// TestLockedBatchRunsTheOthers: what another process runs is waited for after the rest has run, and
// then taken from the storage.
func TestLockedBatchRunsTheOthers(t *testing.T) {
	t.Parallel()
	for _, kind := range fleetKinds {
		t.Run(kind, func(t *testing.T) {
			began, gate := make(chan []int, 9), make(chan struct{})
			ropes := batchProcesses(t, kind, 2, ring.Lock{Lease: time.Minute}, func(process int, ids []int) map[int]string {
				began <- slices.Clone(ids)
				if process == 0 {
					<-gate
				}
				return textOf(ids)
			})
			var wg sync.WaitGroup
			wg.Go(func() { _, err := ropes[0].Call(2); assert.NoError(t, err) })
			assert.Equal(t, []int{2}, <-began)
			wg.Go(func() {
				values, err := ropes[1].GetOrUpdateMany(ring.Args{3}, ring.Args{2}, ring.Args{1})
				assert.NoError(t, err)
				assert.Equal(t, []any{"v3", "v2", "v1"}, values)
			})
			assert.Equal(t, []int{3, 1}, <-began)
			gate <- struct{}{}
			wg.Wait()
			assert.Empty(t, began)
		})
	}
}

// TestLockedBatchAfterADeath: of what a dead process has locked the lease is waited for once, and
// then it runs in one go.
func TestLockedBatchAfterADeath(t *testing.T) {
	t.Parallel()
	server := testserver.Redis(t)
	client := redisClient(t, server)
	held := []string{"ring:lock:{fleet:2}", "ring:lock:{fleet:4}"}
	for _, lock := range held {
		require.NoError(t, client.Set(t.Context(), lock, "of the dead", time.Hour).Err())
	}
	var asked [][]int
	r := ring.Wrap(func(_ context.Context, ids []int) (map[int]string, error) {
		asked = append(asked, ids)
		for _, lock := range held { // the locks of the dead end
			assert.NoError(t, client.PExpire(t.Context(), lock, 100*time.Millisecond).Err())
		}
		held = nil
		return textOf(ids), nil
	}, fleetFactory("redis", server.Addr, ring.Options{Lock: ring.Lock{Lease: time.Minute}}), ring.Batch(ring.BatchOptions{}))
	values, err := r.GetOrUpdateMany(ring.Args{1}, ring.Args{2}, ring.Args{3}, ring.Args{4})
	require.NoError(t, err)
	assert.Equal(t, []any{"v1", "v2", "v3", "v4"}, values)
	require.GreaterOrEqual(t, len(asked), 2)
	assert.Equal(t, []int{1, 3}, asked[0])
	assert.ElementsMatch(t, []int{2, 4}, slices.Concat(asked[1:]...))
}

// TestLockedBatchWaits: a call that has waited long enough runs without the locks, and a call
// whose context ends gives up.
func TestLockedBatchWaits(t *testing.T) {
	t.Parallel()
	server := testserver.Redis(t)
	client := redisClient(t, server)
	lock := ring.Lock{Lease: time.Hour, Wait: 50 * time.Millisecond}
	r := ring.Wrap(func(_ context.Context, ids []int) (map[int]string, error) { return textOf(ids), nil },
		fleetFactory("redis", server.Addr, ring.Options{Lock: lock}), ring.Batch(ring.BatchOptions{}))
	for _, id := range []int{1, 2} {
		require.NoError(t, client.Set(t.Context(), fmt.Sprintf("ring:lock:{fleet:%d}", id), "of another", time.Hour).Err())
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	_, err := r.WithContext(ctx).GetOrUpdateMany(ring.Args{1}, ring.Args{2})
	require.ErrorIs(t, err, context.DeadlineExceeded)
	values, err := r.GetOrUpdateMany(ring.Args{1}, ring.Args{2})
	require.NoError(t, err)
	assert.Equal(t, []any{"v1", "v2"}, values)
}

// TestLockedBatchVoided: what another process deletes during the run is not stored, and who comes
// after that runs it again.
func TestLockedBatchVoided(t *testing.T) {
	t.Parallel()
	for _, kind := range fleetKinds {
		t.Run(kind, func(t *testing.T) {
			began, gate := make(chan []int, 9), make(chan struct{})
			ropes := batchProcesses(t, kind, 2, ring.Lock{Lease: time.Minute}, func(_ int, ids []int) map[int]string {
				began <- slices.Clone(ids)
				<-gate
				return textOf(ids)
			})
			var wg sync.WaitGroup
			stored := make(chan struct{})
			wg.Go(func() {
				defer close(stored)
				_, err := ropes[0].GetOrUpdateMany(ring.Args{1}, ring.Args{2})
				assert.NoError(t, err)
			})
			assert.Equal(t, []int{1, 2}, <-began)
			require.NoError(t, ropes[1].Delete(2))
			wg.Go(func() { _, err := ropes[0].Call(2); assert.NoError(t, err) })
			gate <- struct{}{}
			assert.Equal(t, []int{2}, <-began, "the value of the first run is not for it")
			<-stored
			has, err := ropes[1].HasMany(ring.Args{1}, ring.Args{2})
			require.NoError(t, err)
			assert.Equal(t, []bool{true, false}, has)
			gate <- struct{}{}
			wg.Wait()
		})
	}
}

// TestLockedBatchNested: a run can call the rope for an element that is left for later.
func TestLockedBatchNested(t *testing.T) {
	t.Parallel()
	server := testserver.Redis(t)
	key := "ring:lock:{fleet:2}"
	require.NoError(t, redisClient(t, server).Set(t.Context(), key, "of another", time.Hour).Err())
	var r *ring.Rope
	r = ring.Wrap(func(ctx context.Context, ids []int) (map[int]string, error) {
		if slices.Contains(ids, 1) {
			value, err := r.Call(ctx, 2)
			assert.NoError(t, err)
			assert.Equal(t, "v2", value)
		}
		return textOf(ids), nil
	}, fleetFactory("redis", server.Addr, ring.Options{Lock: ring.Lock{Lease: 100 * time.Millisecond}}), ring.Batch(ring.BatchOptions{}))
	values, err := r.GetOrUpdateMany(ring.Args{1}, ring.Args{2})
	require.NoError(t, err)
	assert.Equal(t, []any{"v1", "v2"}, values)
}

// TestLockedBatchTrips: 100 elements of which 40 are cached take three round trips, as one does.
func TestLockedBatchTrips(t *testing.T) {
	t.Parallel()
	client := redisClient(t, testserver.Redis(t))
	hook := &pipelines{}
	client.AddHook(hook)
	var asked [][]int
	r := ring.Wrap(func(_ context.Context, ids []int) (map[int]string, error) {
		asked = append(asked, ids)
		return textOf(ids), nil
	}, ring.Redis{Client: client, KeyPrefix: "b", Expire: time.Hour, Options: ring.Options{Lock: ring.Lock{Lease: time.Minute}}}, ring.Batch(ring.BatchOptions{}))
	_, err := r.GetOrUpdateMany(manyCalls(100)[60:]...)
	require.NoError(t, err)
	hook.trips = nil
	values, err := r.GetOrUpdateMany(manyCalls(100)...)
	require.NoError(t, err)
	assert.Len(t, values, 100)
	require.Len(t, asked, 2)
	assert.Len(t, asked[1], 60)
	require.Len(t, hook.trips, 3)
	assert.Equal(t, []string{"60 evalsha", "60 evalsha"}, hook.trips[1:])
}

// TestLockedBatchPanics: the locks are released.
func TestLockedBatchPanics(t *testing.T) {
	t.Parallel()
	panics := true
	ropes := batchProcesses(t, "redis", 2, ring.Lock{Lease: time.Hour}, func(_ int, ids []int) map[int]string {
		if panics {
			panic("once")
		}
		return textOf(ids)
	})
	assert.PanicsWithValue(t, "once", func() { _, _ = ropes[0].GetOrUpdateMany(ring.Args{1}, ring.Args{2}) })
	panics = false
	values, err := ropes[1].GetOrUpdateMany(ring.Args{2}, ring.Args{1})
	require.NoError(t, err)
	assert.Equal(t, []any{"v2", "v1"}, values)
}

// TestFleetBatches: two processes with overlapping bulk calls run each element once, in few runs.
func TestFleetBatches(t *testing.T) {
	atFleets(t, 2, 10*time.Second, 400*time.Millisecond, func(t *testing.T, _, _ string, fleet []*fleetChild) {
		var keys []any
		for i := range 100 {
			keys = append(keys, fmt.Sprintf("k%02d", i))
		}
		ran := map[string]int{}
		runs := 0
		batches := [][]any{keys[:70], slices.Clone(keys[30:])}
		slices.Reverse(batches[1])
		for i, c := range fleet {
			c.tell(append([]any{"many"}, batches[i]...)...)
		}
		for i, c := range fleet {
			before, line := c.hear("gotmany")
			require.Len(t, line[1:], 2*len(batches[i]), "each value is a key and a version")
			for n, key := range batches[i] {
				assert.Equal(t, key, line[1+2*n])
			}
			for _, line := range before {
				if line[0] != "runs" {
					continue
				}
				runs++
				for _, key := range line[1:] {
					ran[key]++
				}
			}
		}
		assert.Len(t, ran, 100)
		for key, times := range ran {
			assert.Equal(t, 1, times, key)
		}
		assert.Equal(t, 2, runs)
	})
}
