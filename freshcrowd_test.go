package ring_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ring-go/ring"
	"github.com/ring-go/ring/internal/testserver"
)

// trouble is what a function does while many call it.
var trouble = map[string]func(s *source){
	"blocks":  func(s *source) { s.takes = time.Second / 2 },
	"fails":   func(s *source) { s.takes, s.err = time.Second/2, errSource },
	"panics":  func(s *source) { s.takes, s.panics = time.Second/2, true },
	"hangs":   func(s *source) { s.takes = time.Hour },
	"is deaf": func(s *source) { s.takes, s.deaf = time.Minute, true },
}

// crowdFreshness: an hour, of which the last 10 minutes are due, then 30 minutes stale, then
// 30 minutes for errors.
var crowdFreshness = ring.Freshness{
	RefreshAhead: 10 * time.Minute, StaleWhileRevalidate: 30 * time.Minute, StaleIfError: time.Hour, RunTimeout: 5 * time.Second,
}

// crowdAges are the ages of a value, and how long a call may wait for the function.
var crowdAges = []struct {
	name string
	age  time.Duration
	most time.Duration // of a wait
	old  bool          // there is an old value
}{
	{"fresh", time.Minute, 0, true},
	{"due", 55 * time.Minute, 0, true},
	{"stale", 70 * time.Minute, 0, true},
	{"spare", 110 * time.Minute, 5 * time.Second, true},
	{"missing", 121 * time.Minute, 5 * time.Second, false},
}

// TestCrowd: 1,000 callers at a key of any age while the function has any trouble: nobody
// waits for longer than its state allows, one run is made at a time, and afterwards nothing
// is left of it.
func TestCrowd(t *testing.T) {
	for _, storage := range []string{"lru", "far away"} {
		for what, upset := range trouble {
			for _, at := range crowdAges {
				t.Run(storage+" "+what+" "+at.name, func(t *testing.T) {
					synctest.Test(t, func(t *testing.T) {
						s, o := &source{}, ring.Options{Freshness: crowdFreshness, OnError: func(context.Context, *ring.Error) {}}
						factory := memories["lru"](time.Hour, o)
						if storage != "lru" {
							factory = (&farAway{}).factory(time.Hour, o)
						}
						r := ring.Wrap(s.get, factory)
						called(t, r, 1)
						time.Sleep(at.age)
						s.set(func() { upset(s); s.most = 0 })
						begins := time.Now()
						var wg sync.WaitGroup
						for i := range 1000 {
							wg.Go(func() {
								time.Sleep(time.Duration(i%10) * time.Millisecond)
								start := time.Now()
								value, err := crowdCall(r)
								assert.LessOrEqual(t, time.Since(start), at.most)
								switch {
								case at.old && err != nil:
									assert.ErrorContains(t, err, "panic", "there is an old value")
									assert.Equal(t, "spare", at.name)
								case err == nil && what == "blocks" && at.most > 0:
									assert.Equal(t, 2, value)
								case err == nil:
									assert.Contains(t, []any{1, 2}, value)
								}
							})
						}
						wg.Wait()
						assert.LessOrEqual(t, time.Since(begins), at.most+10*time.Millisecond)
						assert.LessOrEqual(t, s.most, 1, "runs at a time")
						time.Sleep(time.Hour) // a bubble ends when nothing is left in it
					})
				})
			}
		}
	}
}

// crowdCall returns a panic of the function as an error.
func crowdCall(r *ring.Rope) (value any, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v", p)
		}
	}()
	return r.Call("a")
}

// gated is a function that waits for its context, or for the end of the test.
type gated struct {
	source
	gate  chan struct{}
	ended int // runs that have returned
}

func (h *gated) get(ctx context.Context, key string) (int, error) {
	value, err := h.source.get(ctx, key)
	defer h.set(func() { h.ended++ })
	h.mu.Lock()
	gate, done := h.gate, ctx.Done()
	if h.deaf {
		done = nil
	}
	h.mu.Unlock()
	if gate != nil {
		select {
		case <-gate:
		case <-done:
			return 0, ctx.Err()
		}
	}
	return value, err
}

// TestCrowdOnRedis: the same on a server, where the state is set. No call waits for the
// function, which does not end before the last call.
func TestCrowdOnRedis(t *testing.T) {
	t.Parallel()
	client := redisClient(t, testserver.Redis(t))
	f := crowdFreshness
	f.RunTimeout = 50 * time.Millisecond
	gate := make(chan struct{})
	for what, upset := range map[string]func(h *gated){
		"fails":   func(h *gated) { h.err = errSource },
		"panics":  func(h *gated) { h.panics = true },
		"hangs":   func(h *gated) { h.gate = gate },
		"is deaf": func(h *gated) { h.gate, h.deaf = gate, true },
	} {
		for _, at := range crowdAges {
			h := &gated{}
			r := ring.Wrap(h.get, ring.Redis{Client: client, KeyPrefix: what + at.name, Expire: time.Hour,
				Options: ring.Options{Freshness: f, OnError: func(context.Context, *ring.Error) {}}})
			called(t, r, 1)
			key, err := r.Key("a")
			require.NoError(t, err)
			require.NoError(t, client.PExpire(t.Context(), key, 2*time.Hour-at.age).Err()) // below 0: it is deleted
			h.set(func() { upset(h) })
			var wg sync.WaitGroup
			for range 1000 {
				wg.Go(func() {
					value, err := crowdCall(r)
					switch {
					case err == nil:
						assert.Equal(t, 1, value)
						assert.True(t, at.old)
					case at.old:
						assert.ErrorContains(t, err, "panic", "there is an old value")
						assert.Equal(t, "spare", at.name)
					default:
						assert.True(t, errors.Is(err, context.DeadlineExceeded) || errors.Is(err, errSource) || strings.HasPrefix(err.Error(), "panic"), "%v", err)
					}
				})
			}
			wg.Wait()
		}
	}
	close(gate)
	assert.Eventually(t, func() bool { return !strings.Contains(stacks(), "(*gated).get") }, 10*time.Second, 10*time.Millisecond)
}

// stacks returns those of all goroutines.
func stacks() string {
	buf := make([]byte, 16<<20)
	return string(buf[:runtime.Stack(buf, true)])
}
