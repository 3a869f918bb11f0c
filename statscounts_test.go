package ring_test

import (
	"context"
	"errors"
	"math"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ring-go/ring"
	"github.com/ring-go/ring/internal/testserver"
	"github.com/ring-go/ring/ringtest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// What Stats counts beside calls and runs.

// TestStatsOfTimeouts: a run that takes too long counts, whether it obeys its context or not, and
// a panic of the latter after its time as well.
func TestStatsOfTimeouts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := ring.Wrap(func(ctx context.Context, obeys bool) (int, error) {
			if obeys {
				<-ctx.Done()
				return 0, ctx.Err()
			}
			time.Sleep(time.Minute)
			panic("too late")
		}, ring.Dict{Options: ring.Options{
			Freshness: ring.Freshness{RunTimeout: time.Second}, OnError: func(context.Context, *ring.Error) {},
		}}, ring.Name("slow"))
		for _, obeys := range []bool{true, false} {
			_, err := r.Call(obeys)
			require.ErrorIs(t, err, context.DeadlineExceeded)
		}
		s := r.Stats()
		assert.Equal(t, [4]uint64{2, 1, 0, 2}, [4]uint64{s.Runs, s.RunErrors, s.RunPanics, s.RunTimeouts})
		assert.Equal(t, uint64(2), s.Errors)
		assert.Equal(t, int64(1), s.Refreshing, "it goes on alone")
		for _, e := range r.Events() {
			assert.Equal(t, ring.RunLate, e.Kind)
		}
		assert.Len(t, r.Events(), 2)
		time.Sleep(time.Minute)
		synctest.Wait()
		s = r.Stats()
		assert.Equal(t, uint64(1), s.RunPanics)
		assert.Zero(t, s.Refreshing)
	})
}

// TestStatsOfLocks: who waits for another process, for how long, and whose value is lost.
func TestStatsOfLocks(t *testing.T) {
	server := testserver.Redis(t)
	began, release := make(chan bool), make(chan bool)
	fn := func(context.Context, string) (string, error) {
		began <- true
		<-release
		return "value", nil
	}
	all := processes(t, server, 2, ring.Lock{Lease: 10 * time.Second}, fn)
	holder, other := all[0].rope, all[1].rope
	var calls sync.WaitGroup
	call := func(r *ring.Rope) {
		calls.Go(func() {
			v, err := r.Call("a")
			assert.NoError(t, err)
			assert.Equal(t, "value", v)
		})
	}
	call(holder)
	<-began
	call(other)
	require.Eventually(t, func() bool { return len(other.Flights()) == 1 && other.Flights()[0].Phase == "running" }, 5*time.Second, time.Millisecond)
	client := redisClient(t, server)
	require.Eventually(t, func() bool { // so that it waits
		return client.PubSubNumSub(t.Context(), "ring:lock:{locked:a}").Val()["ring:lock:{locked:a}"] == 1
	}, 5*time.Second, time.Millisecond)
	release <- true
	calls.Wait()
	s := other.Stats()
	assert.Equal(t, uint64(1), s.LockWaits)
	assert.Positive(t, s.LockWait)
	assert.Zero(t, s.Runs)
	assert.Equal(t, uint64(1), s.Hits)
	s = holder.Stats()
	assert.Zero(t, s.LockWaits)
	assert.Zero(t, s.LocksLost)

	// A delete of the other process voids the run.
	require.NoError(t, holder.Delete("a"))
	call(holder)
	<-began
	require.NoError(t, other.Delete("a"))
	release <- true
	calls.Wait()
	assert.Equal(t, uint64(1), holder.Stats().LocksLost)
	require.NotEmpty(t, holder.Events())
	assert.Equal(t, ring.LockLost, holder.Events()[0].Kind)
	has, err := other.Has("a")
	require.NoError(t, err)
	assert.False(t, has)
}

// failsBy is a storage whose writes, or look-ups, fail.
type failsBy struct {
	*remote
	reads, writes error
}

func (f *failsBy) GetValue(ctx context.Context, key string) (any, error) {
	if f.reads != nil {
		return nil, f.reads
	}
	return f.remote.GetValue(ctx, key)
}

func (f *failsBy) SetValue(ctx context.Context, key string, value any, expire time.Duration) error {
	if f.writes != nil {
		return f.writes
	}
	return f.remote.SetValue(ctx, key, value, expire)
}

func (f *failsBy) DeleteValue(ctx context.Context, key string) error {
	if f.writes != nil {
		return f.writes
	}
	return f.remote.DeleteValue(ctx, key)
}

// TestStatsOfFailures: each use of the storage that fails counts once, and nothing else does.
func TestStatsOfFailures(t *testing.T) {
	s := &failsBy{remote: &remote{&sync.Map{}}}
	r := ring.Wrap(func(n int) int { return n }, ring.BaseFactory{
		StorageBackend: s, StorageClass: func(any) (ring.Storage, error) { return s, nil }, KeyPrefix: "f",
		Options: ring.Options{OnError: func(context.Context, *ring.Error) {}},
	}, ring.Signature("n"))
	for _, c := range []struct {
		name          string
		reads, writes error
		call          func() error
		count         uint64
	}{
		{"look-up", errBroken, nil, func() error { _, err := r.Call(1); return err }, 1},
		{"get", errBroken, nil, func() error { _, err := r.Get(1); return err }, 1},
		{"has", errBroken, nil, func() error { _, err := r.Has(1); return err }, 1},
		{"get_many", errBroken, nil, func() error { _, err := r.GetMany(ring.Args{1}, ring.Args{2}); return err }, 2},
		{"store", nil, errBroken, func() error { _, err := r.Call(1); return err }, 1},
		{"update", nil, errBroken, func() error { _, err := r.Update(1); return err }, 1},
		{"set", nil, errBroken, func() error { return r.Set(1, 1) }, 1},
		{"delete", nil, errBroken, func() error { return r.Delete(1) }, 1},
		{"set_many", nil, errBroken, func() error { return r.SetMany([]any{ring.Args{1}, ring.Args{2}}, []any{1, 2}) }, 1},
		{"update_many", nil, errBroken, func() error { _, err := r.UpdateMany(ring.Args{1}, ring.Args{2}); return err }, 1},
		{"delete_many", nil, errBroken, func() error { return r.DeleteMany(ring.Args{1}, ring.Args{2}) }, 1},
		{"a wrong argument", errBroken, errBroken, func() error { _, err := r.Call("one"); return err }, 0},
		{"a canceled context", context.Canceled, nil, func() error {
			ctx, cancel := context.WithCancel(context.Background())
			cancel()
			_, err := r.WithContext(ctx).Call(1)
			return err
		}, 0},
		{"a miss", nil, nil, func() error { _, err := r.Get(9); return errors.Join(err, errBroken) }, 0},
	} {
		s.reads, s.writes = c.reads, c.writes
		before := r.Stats().StorageErrors
		require.Error(t, c.call(), c.name)
		assert.Equal(t, c.count, r.Stats().StorageErrors-before, c.name)
	}
	assert.Zero(t, r.Stats().DecodeErrors)
}

// TestStatsOfCoders: a value that cannot be encoded counts once, whatever stores it.
func TestStatsOfCoders(t *testing.T) {
	for name, f := range map[string]ring.Factory{
		"dict":   ring.Dict{Coder: "json"},
		"remote": ring.BaseFactory{StorageBackend: &sync.Map{}, StorageClass: newRemote, KeyPrefix: "f", Coder: "json"},
	} {
		r := ring.Wrap(func(int) float64 { return math.NaN() }, f, ring.Signature("n"))
		inTime, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		for i, call := range []func() error{
			func() error { _, err := r.Call(1); return err },
			func() error { _, err := r.WithContext(inTime).Call(1); return err },
			func() error { _, err := r.Update(1); return err },
			func() error { return r.Set(math.NaN(), 1) },
			func() error { return r.SetMany([]any{ring.Args{1}, ring.Args{2}}, []any{math.NaN(), 1.5}) },
			func() error { _, err := r.GetOrUpdateMany(ring.Args{1}); return err },
			func() error { _, err := r.UpdateMany(ring.Args{1}); return err },
		} {
			require.ErrorIs(t, call(), ring.ErrCoder, "%s, call %d", name, i)
			assert.Equal(t, uint64(i+1), r.Stats().DecodeErrors, "%s, call %d", name, i)
		}
		assert.Zero(t, r.Stats().StorageErrors)
		assert.Equal(t, ring.Undecodable, r.Events()[0].Kind)
		assert.Contains(t, r.Events()[0].Key, ":1")
	}
}

// TestStatsOfPanicsApart: a run counts once although a test has turned the cache off.
func TestStatsOfPanicsApart(t *testing.T) {
	for name, freshness := range map[string]ring.Freshness{"plain": {}, "fresh": {CacheError: ring.CacheErrors(time.Second)}} {
		r := ring.Wrap(func(n int) (int, error) { panic(n) }, ring.Dict{Options: ring.Options{Freshness: freshness}}, ring.Signature("n"))
		ringtest.Bypass(t, r)
		for i, call := range []func(){
			func() { _, _ = r.Call(1) },
			func() { _, _ = r.Update(1) },
			func() { _, _ = r.Call(ring.Kwargs{"n": 1}) },
			func() { _, _ = r.GetOrUpdateMany(ring.Args{1}) },
			func() { _, _ = r.UpdateMany(ring.Args{1}) },
		} {
			assert.Panics(t, call, name)
			assert.Equal(t, uint64(i+1), r.Stats().RunPanics, "%s, form %d", name, i)
		}
	}
}

// TestStatsOfPanicsInLimits: as well if the function runs on a goroutine of its own.
func TestStatsOfPanicsInLimits(t *testing.T) {
	r := ring.Wrap(func(n int) (int, error) { panic(n) }, ring.Dict{Options: ring.Options{Freshness: ring.Freshness{RunTimeout: time.Hour}}}, ring.Signature("n"))
	for i, call := range []func(){
		func() { _, _ = r.Call(1) },
		func() { _, _ = r.Update(1) },
		func() { _, _ = r.Call(ring.Kwargs{"n": 1}) },
		func() { _, _ = r.With(ring.CallOptions{SkipWrite: true}).Call(1) },
	} {
		assert.Panics(t, call)
		assert.Equal(t, uint64(i+1), r.Stats().RunPanics, "form %d", i)
	}
}

// TestStatsOfLockedRenewals: a renewal that another process makes is dropped.
func TestStatsOfLockedRenewals(t *testing.T) {
	server := testserver.Redis(t)
	var runs atomic.Int32
	rope := func() *ring.Rope {
		return ring.Wrap(func(context.Context, string) (string, error) { runs.Add(1); return "value", nil }, ring.Redis{
			Client: redisClient(t, server), KeyPrefix: "f", Expire: time.Hour, Options: ring.Options{
				Lock: ring.Lock{Lease: 10 * time.Second}, Freshness: ring.Freshness{RefreshAhead: 59 * time.Minute},
			},
		})
	}
	r := rope()
	_, err := r.Call("a")
	require.NoError(t, err)
	client := redisClient(t, server)
	require.NoError(t, client.PExpire(t.Context(), "f:a", time.Minute).Err())
	require.NoError(t, client.Set(t.Context(), "ring:lock:{f:a}", "of another", time.Hour).Err())
	_, err = r.Call("a")
	require.NoError(t, err)
	require.Eventually(t, func() bool { return r.Stats().RefreshesDropped == 1 && r.Stats().Refreshing == 0 }, 5*time.Second, time.Millisecond)
	s := r.Stats()
	assert.Zero(t, s.Refreshes)
	assert.EqualValues(t, 1, runs.Load())
	assert.Equal(t, ring.RefreshDropped, r.Events()[0].Kind)
}
