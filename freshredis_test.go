package ring_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ring-go/ring"
	"github.com/ring-go/ring/internal/testserver"
)

// onRedis is a function that is cached on Redis, whose states the test sets.
type onRedis struct {
	*testing.T
	*gated
	*ring.Rope
	client redis.UniversalClient // another program's
	errs   errorLog
	key    string
	grace  time.Duration
}

// redisExpire is that of all ropes on Redis in these tests.
const redisExpire = time.Hour

func newOnRedis(t *testing.T, client redis.UniversalClient, prefix string, o ring.Options) *onRedis {
	r := &onRedis{T: t, gated: &gated{}, client: client, grace: max(o.Freshness.StaleWhileRevalidate, o.Freshness.StaleIfError)}
	o.OnError = r.errs.add
	r.Rope = ring.Wrap(r.gated.get, ring.Redis{Client: client, KeyPrefix: prefix, Expire: redisExpire, Options: o})
	r.key, _ = r.Rope.Key("a")
	return r
}

// age makes the value as old as that.
func (r *onRedis) age(age time.Duration) {
	r.Helper()
	ok, err := r.client.PExpire(r.Context(), r.key, redisExpire+r.grace-age).Result()
	require.NoError(r, err)
	require.True(r, ok)
}

// Context is that of the test, not of the wire.
func (r *onRedis) Context() context.Context { return r.T.Context() }

// calls checks a call.
func (r *onRedis) calls(want int) {
	r.Helper()
	called(r.T, r.Rope, want)
}

// has waits until another program sees that value; "": none.
func (r *onRedis) has(want string) {
	r.Helper()
	assert.Eventually(r, func() bool {
		got, err := r.client.Get(r.Context(), r.key).Result()
		return got == want && (err == nil) == (want != "")
	}, 5*time.Second, time.Millisecond, "%q", want)
}

// block makes runs wait until the returned function is called.
func (r *onRedis) block() (release func()) {
	gate := make(chan struct{})
	r.set(func() { r.gate = gate })
	return func() {
		r.set(func() { r.gate = nil })
		close(gate)
	}
}

// runs waits until the function has run so often.
func (r *onRedis) runs(n int) {
	r.Helper()
	assert.Eventually(r, func() bool { return r.count() == n }, 5*time.Second, time.Millisecond, "%d runs", n)
}

// left checks the time left to the value, as the server tells it.
func (r *onRedis) left(want time.Duration) {
	r.Helper()
	left, err := r.client.PTTL(r.Context(), r.key).Result()
	require.NoError(r, err)
	assert.LessOrEqual(r, left, want+time.Millisecond)
	assert.Greater(r, left, want-time.Minute)
}

// freshOnRedis are tests by what they need of Freshness.
var freshOnRedis = map[string]struct {
	f    ring.Freshness
	test func(r *onRedis)
}{
	"RefreshAhead": {ring.Freshness{RefreshAhead: 10 * time.Minute}, func(r *onRedis) {
		r.calls(1)
		r.age(49 * time.Minute)
		r.calls(1)
		r.age(50*time.Minute + time.Second)
		release := r.block()
		for range 100 {
			r.calls(1)
		}
		r.runs(2)
		release()
		r.has("2")
		r.left(time.Hour)
		r.calls(2)
		assert.Equal(r, 2, r.count())
	}},
	"StaleWhileRevalidate": {ring.Freshness{StaleWhileRevalidate: 30 * time.Minute}, func(r *onRedis) {
		r.calls(1)
		r.left(90 * time.Minute)
		r.age(time.Hour)
		release := r.block()
		ctx, cancel := context.WithCancel(context.WithValue(r.Context(), sourceKey{}, "trace"))
		value, err := r.Rope.Call(ctx, "a")
		require.NoError(r, err)
		assert.Equal(r, 1, value)
		cancel()
		for range 100 {
			r.calls(1)
		}
		r.runs(2)
		missed, err := r.Rope.Get("a")
		require.NoError(r, err)
		assert.Nil(r, missed)
		release()
		r.has("2")
		r.calls(2)
		assert.Equal(r, []any{nil, "trace"}, r.seen)
	}},
	"StaleIfError": {ring.Freshness{StaleIfError: 30 * time.Minute}, func(r *onRedis) {
		r.calls(1)
		r.age(89 * time.Minute)
		r.set(func() { r.err = errSource })
		start := time.Now()
		for range 100 {
			r.calls(1)
		}
		n := r.count()
		assert.GreaterOrEqual(r, n, 2)
		assert.LessOrEqual(r, n, 2+int(time.Since(start)/time.Second)) // a try a second
		failed := r.errs.take()
		require.Len(r, failed, n-1)
		assert.Equal(r, "refresh", failed[0].Action)
		r.left(time.Minute)
		require.NoError(r, r.client.Del(r.Context(), r.key).Err())
		_, err := r.Rope.Call("a")
		assert.Equal(r, errSource, err)
		r.set(func() { r.err = nil })
		r.calls(n + 2)
	}},
	"SoftTimeout": {ring.Freshness{StaleIfError: 30 * time.Minute, SoftTimeout: 20 * time.Millisecond}, func(r *onRedis) {
		r.calls(1)
		r.age(70 * time.Minute)
		release := r.block()
		start := time.Now()
		r.calls(1)
		assert.GreaterOrEqual(r, time.Since(start), 20*time.Millisecond)
		release()
		r.has("2")
	}},
	"RunTimeout": {ring.Freshness{RunTimeout: 20 * time.Millisecond}, func(r *onRedis) {
		release := r.block()
		r.set(func() { r.deaf = true })
		_, err := r.Rope.Call("a")
		assert.ErrorIs(r, err, context.DeadlineExceeded)
		release()
		assert.Eventually(r, func() bool { r.mu.Lock(); defer r.mu.Unlock(); return r.ended == 1 }, 5*time.Second, time.Millisecond)
		r.has("")
		r.set(func() { r.deaf = false })
		value, err := r.Rope.With(ring.CallOptions{}).Call("a")
		require.NoError(r, err)
		assert.Equal(r, 2, value)
		r.has("2")
	}},
	"CacheError": {ring.Freshness{CacheError: ring.CacheErrors(time.Hour)}, func(r *onRedis) {
		r.set(func() { r.err = errSource })
		for range 10 {
			_, err := r.Rope.Call("a")
			assert.ErrorIs(r, err, errSource)
		}
		assert.Equal(r, 1, r.count())
		r.has("")
		require.NoError(r, r.Rope.Set(7, "a"))
		r.calls(7)
	}},
	"MarkStale": {ring.Freshness{StaleWhileRevalidate: 30 * time.Minute}, func(r *onRedis) {
		r.calls(1)
		require.NoError(r, r.Rope.MarkStale("a"))
		r.left(30 * time.Minute)
		r.has("1")
		release := r.block()
		for range 10 {
			r.calls(1)
		}
		r.runs(2)
		release()
		r.has("2")
		r.left(90 * time.Minute)
	}},
	"MarkStale, for errors": {ring.Freshness{StaleIfError: 30 * time.Minute}, func(r *onRedis) {
		r.calls(1)
		require.NoError(r, r.Rope.MarkStaleMany(ring.Args{"a"}, ring.Args{"b"}))
		r.calls(2)
	}},
	"a delete during a renewal": {ring.Freshness{StaleWhileRevalidate: 30 * time.Minute}, func(r *onRedis) {
		r.during(func() { require.NoError(r, r.client.Del(r.Context(), r.key).Err()) })
		r.has("")
	}},
	"a set during a renewal": {ring.Freshness{StaleWhileRevalidate: 30 * time.Minute}, func(r *onRedis) {
		r.during(func() { require.NoError(r, r.client.Set(r.Context(), r.key, "77", time.Hour).Err()) })
		r.has("77")
		r.left(time.Hour)
	}},
	"a set during a first run": {ring.Freshness{StaleWhileRevalidate: 30 * time.Minute}, func(r *onRedis) {
		release := r.block()
		var wg sync.WaitGroup
		wg.Go(func() { r.calls(1) })
		r.runs(1)
		require.NoError(r, r.client.Set(r.Context(), r.key, "77", 2*time.Hour).Err())
		release()
		wg.Wait()
		r.has("77")
		r.calls(77)
	}},
	"a set during a run in front": {ring.Freshness{StaleIfError: 30 * time.Minute}, func(r *onRedis) {
		r.calls(1)
		r.age(70 * time.Minute)
		release := r.block()
		var wg sync.WaitGroup
		wg.Go(func() { r.calls(2) })
		r.runs(2)
		require.NoError(r, r.client.Set(r.Context(), r.key, "77", 2*time.Hour).Err())
		release()
		wg.Wait()
		r.has("77")
	}},
}

// during makes a renewal behind, and does something meanwhile.
func (r *onRedis) during(do func()) {
	r.calls(1)
	r.age(70 * time.Minute)
	release := r.block()
	r.calls(1)
	r.runs(2)
	do()
	release()
	r.settles()
}

// settles waits until the rope has no flight any more.
func (r *onRedis) settles() {
	r.Helper()
	assert.Eventually(r, ring.FlightsOf(r.Rope).Idle, 5*time.Second, time.Millisecond)
}

// TestFreshnessOnRedis: the states of values on a server, which another program sees as they
// are.
func TestFreshnessOnRedis(t *testing.T) {
	t.Parallel()
	server := testserver.Redis(t)
	for name, c := range freshOnRedis {
		t.Run(name, func(t *testing.T) {
			c.test(newOnRedis(t, redisClient(t, server), name, ring.Options{Freshness: c.f}))
		})
	}
}

// TestBytesOfFreshness: what is stored is what it would be without.
func TestBytesOfFreshness(t *testing.T) {
	t.Parallel()
	client := redisClient(t, testserver.Redis(t))
	type point struct{ X, Y int }
	fn := func(n int) (point, error) { return point{n, -n}, nil }
	for _, coder := range []any{"json", "pickle"} {
		factory := ring.Redis{Client: client, KeyPrefix: fmt.Sprint("plain", coder), Expire: time.Hour, Coder: coder}
		plain := ring.Wrap(fn, factory)
		factory.KeyPrefix, factory.Options.Freshness = fmt.Sprint("fresh", coder), crowdFreshness
		fresh := ring.Wrap(fn, factory)
		for _, r := range []*ring.Rope{plain, fresh} {
			_, err := r.Call(1)
			require.NoError(t, err)
			_, err = r.UpdateMany(ring.Args{2}, ring.Args{3})
			require.NoError(t, err)
			require.NoError(t, r.Set(point{}, 4))
		}
		for i := 1; i <= 4; i++ {
			want, err := client.Get(t.Context(), fmt.Sprintf("plain%v:%d", coder, i)).Bytes()
			require.NoError(t, err)
			got, err := client.Get(t.Context(), fmt.Sprintf("fresh%v:%d", coder, i)).Bytes()
			require.NoError(t, err)
			assert.Equal(t, want, got)
		}
	}
}

// livesByValue gives some values a life of their own.
var livesByValue = ring.Freshness{StaleIfError: time.Hour, Jitter: 0.5, ExpireFunc: func(value any, _ ring.ArgPack) time.Duration {
	switch value {
	case 1:
		return 30 * time.Hour
	case 2:
		return ring.DoNotStore
	}
	return 0
}}

// TestLivesOnRedis: the server agrees with how long a value is to live.
func TestLivesOnRedis(t *testing.T) {
	t.Parallel()
	client := redisClient(t, testserver.Redis(t))
	fn := func(ctx context.Context, i int) (int, error) {
		if i < 0 {
			ring.SetExpire(ctx, time.Duration(-i)*time.Hour)
		}
		return i, nil
	}
	o := ring.Options{Freshness: livesByValue}
	onServer := ring.Wrap(fn, ring.Redis{Client: client, KeyPrefix: "p", Expire: 10 * time.Hour, Options: o})
	inMemory := ring.Wrap(fn, ring.Lru{KeyPrefix: "p", Expire: 10 * time.Hour, MaxSize: 1000, Options: o})
	agree := func(i int) {
		t.Helper()
		key, _ := onServer.Key(i)
		left, err := client.PTTL(t.Context(), key).Result()
		require.NoError(t, err)
		want := inMemory.Explain(i).TimeLeft
		if want == 0 {
			assert.Negative(t, left, "it is not stored")
			return
		}
		assert.InDelta(t, want.Seconds(), left.Seconds(), 30)
	}
	for i := -100; i < 100; i++ {
		for _, r := range []*ring.Rope{onServer, inMemory} {
			_, err := r.Call(i)
			require.NoError(t, err)
		}
		agree(i)
	}
	bulk := make([]any, 50)
	for i := range bulk {
		bulk[i] = ring.Args{i - 225}
	}
	for _, r := range []*ring.Rope{onServer, inMemory} {
		_, err := r.GetOrUpdateMany(bulk...)
		require.NoError(t, err)
		for i, expire := range []time.Duration{time.Hour, 77 * time.Hour, ring.DoNotStore} {
			_, err := r.With(ring.CallOptions{Expire: expire}).Call(1000 + i)
			require.NoError(t, err)
			require.NoError(t, r.With(ring.CallOptions{Expire: expire}).Set(1, 2000+i))
			require.NoError(t, r.With(ring.CallOptions{Expire: expire}).SetMany([]any{ring.Args{3000 + i}, ring.Args{4000 + i}}, []any{1, 2}))
		}
	}
	for i := range bulk {
		agree(i - 225)
	}
	for i := range 3 {
		for _, base := range []int{1000, 2000, 3000, 4000} {
			agree(base + i)
		}
	}
}

// TestOutageOfFreshness: a server dies and comes back. Calls work by the function meanwhile.
func TestOutageOfFreshness(t *testing.T) {
	t.Parallel()
	server := testserver.Redis(t)
	client := quickRedis(t, server)
	r := newOnRedis(t, client, "p", ring.Options{FailOpen: true, StorageTimeout: time.Second, Freshness: crowdFreshness})
	r.calls(1)
	server.Kill()
	for i := range 3 {
		r.calls(2 + i)
	}
	assert.NotEmpty(t, r.errs.take())
	_, err := r.Rope.GetOrUpdateMany(ring.Args{"a"}, ring.Args{"b"})
	require.NoError(t, err)
	require.Error(t, r.Rope.MarkStale("a"))
	server.Start()
	n := r.count()
	require.Eventually(t, func() bool { return client.Ping(t.Context()).Err() == nil }, 5*time.Second, 10*time.Millisecond)
	r.calls(n + 1)
	r.calls(n + 1)
	r.age(70 * time.Minute)
	release := r.block()
	r.calls(n + 1)
	r.runs(n + 2)
	server.Kill() // before the renewal stores its value
	release()
	r.settles()
	assert.NotEmpty(t, r.errs.take(), "the renewal could not store")
}

// freshOnCluster is the same on a cluster, for keys of several nodes.
func freshOnCluster(t *testing.T, client redis.UniversalClient) {
	for i := range 6 {
		for name, c := range freshOnRedis {
			c.test(newOnRedis(t, client, fmt.Sprint("fresh ", i, name), ring.Options{Freshness: c.f}))
		}
	}
}
