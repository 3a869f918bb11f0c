package ring_test

import (
	"context"
	"math/rand/v2"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ring-go/ring"

	"github.com/stretchr/testify/assert"

	"github.com/ring-go/ring/lrucache"
)

// jittery is a storage that takes a random time.
type jittery struct{ remote }

func nap() {
	switch rand.IntN(4) {
	case 0:
		time.Sleep(time.Duration(rand.IntN(200)) * time.Microsecond)
	case 1:
		runtime.Gosched()
	}
}

func (j *jittery) GetValue(ctx context.Context, key string) (any, error) {
	nap()
	defer nap()
	return j.remote.GetValue(ctx, key)
}

func (j *jittery) SetValue(_ context.Context, key string, value any, expire time.Duration) error {
	nap()
	defer nap()
	return j.remote.SetValue(context.Background(), key, value, expire)
}

func (j *jittery) DeleteValue(ctx context.Context, key string) error {
	nap()
	defer nap()
	return j.remote.DeleteValue(ctx, key)
}

// sourceKeys are the keys of a versioned source.
const sourceKeys = 3

// versioned is the state that a function reads, with the oldest versions that may still
// be returned: the versions at the beginning of the last write to the cache that has
// ended.
type versioned struct {
	version, oldest [sourceKeys]atomic.Int64
}

func (s *versioned) read(_ context.Context, key int) (int, error) {
	version := s.version[key].Load()
	nap()
	return int(version)*sourceKeys + key, nil
}

// change gives keys new versions, and calls write to invalidate them.
func (s *versioned) change(write func() error, keys ...int) {
	var now [sourceKeys]int64
	for _, key := range keys {
		now[key] = s.version[key].Add(1)
	}
	if write() != nil { // a deadline
		return
	}
	for _, key := range keys {
		for {
			old := s.oldest[key].Load()
			if old >= now[key] || s.oldest[key].CompareAndSwap(old, now[key]) {
				break
			}
		}
	}
}

// check checks that a call returned nothing too old.
func (s *versioned) check(t *testing.T, call func() ([]any, error), keys ...int) {
	var oldest [sourceKeys]int64
	for _, key := range keys {
		oldest[key] = s.oldest[key].Load()
	}
	values, err := call()
	if err != nil {
		return
	}
	for i, key := range keys {
		n := values[i].(int)
		assert.Equal(t, key, n%sourceKeys)
		assert.GreaterOrEqual(t, int64(n/sourceKeys), oldest[key], "key %d is out of date", key)
	}
}

// act performs an action on one of the ropes.
func (s *versioned) act(t *testing.T, r *ring.Rope, cache *lrucache.LruCache) {
	w, i, j := &r.Wire, rand.IntN(sourceKeys), rand.IntN(sourceKeys)
	if rand.IntN(3) == 0 {
		ctx, cancel := context.WithTimeout(t.Context(), time.Duration(rand.IntN(500))*time.Microsecond)
		defer cancel()
		w = w.WithContext(ctx)
	}
	switch rand.IntN(10) {
	case 0:
		s.change(func() error { return w.Delete(i) }, i)
	case 1:
		s.change(func() error { return w.DeleteMany(ring.Args{i}, ring.Args{j}) }, i, j)
	case 2:
		_, _ = w.Update(i)
	case 3:
		_, _ = w.UpdateMany(ring.Args{i}, ring.Args{j}, ring.Args{i})
	case 4, 5:
		s.check(t, func() ([]any, error) { return w.GetOrUpdateMany(ring.Args{i}, ring.Args{j}) }, i, j)
	case 6:
		if cache != nil {
			s.change(func() error { cache.Delete(must(r.Key(i))); return nil }, i)
		}
	case 7:
		if cache != nil && rand.IntN(4) == 0 {
			s.change(func() error { cache.Clear(); return nil }, 0, 1, 2)
		}
	default:
		s.check(t, func() ([]any, error) { v, err := w.Call(i); return []any{v}, err }, i)
	}
}

// TestNothingOlderThanADelete: whatever runs, a call that begins after a delete has
// ended returns nothing older, and at the end nothing is left.
func TestNothingOlderThanADelete(t *testing.T) {
	cache, slow := lrucache.New(10), &jittery{remote{&sync.Map{}}}
	quiet := ring.Options{OnError: func(context.Context, *ring.Error) {}}
	bounded := quiet
	bounded.FailOpen, bounded.StorageTimeout = true, 200*time.Microsecond
	class := func(any) (ring.Storage, error) { return slow, nil }
	for name, c := range map[string]struct {
		factory ring.Factory
		cache   *lrucache.LruCache
	}{
		"lru":       {ring.Lru{Lru: cache, KeyPrefix: "lru"}, cache},
		"small":     {ring.Lru{Lru: lrucache.New(2), KeyPrefix: "small"}, nil},
		"embedding": {ring.Lru{Lru: cache, KeyPrefix: "embedding", StorageClass: embedding}, cache},
		"dict":      {ring.Dict{Obj: map[string]any{}, KeyPrefix: "dict"}, nil},
		"slow":      {ring.BaseFactory{StorageClass: class, KeyPrefix: "slow", Options: quiet}, nil},
		"bounded":   {ring.BaseFactory{StorageClass: class, KeyPrefix: "bounded", Options: bounded}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			var s versioned
			ropes := []*ring.Rope{ring.Wrap(s.read, c.factory), ring.Wrap(s.read, c.factory)}
			var wg sync.WaitGroup
			for range 16 {
				wg.Go(func() {
					for range 300 {
						s.act(t, ropes[rand.IntN(2)], c.cache)
					}
				})
			}
			wg.Wait()
			assert.Eventually(t, ring.FlightsOf(ropes[0]).Idle, 10*time.Second, time.Millisecond, "the stores that go on have an end")
		})
	}
}
