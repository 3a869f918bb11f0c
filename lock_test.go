package ring_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ring-go/ring"
	"github.com/ring-go/ring/internal/testserver"
)

// process is one of several users of a server, as another process is: it has a client and
// flights of its own.
type process struct {
	client *redis.Client
	rope   *ring.Rope
}

// processes are n of them, with one function.
func processes(t *testing.T, server *testserver.Server, n int, lock ring.Lock, fn func(context.Context, string) (string, error)) []process {
	all := make([]process, n)
	for i := range all {
		all[i].client = redisClient(t, server)
		all[i].rope = ring.Wrap(fn, ring.Redis{Client: all[i].client, KeyPrefix: "locked", Expire: time.Hour, Options: ring.Options{Lock: lock}})
	}
	return all
}

// TestLockOneRun: of all callers of all processes one runs the function, and all get its value.
// The lock is renewed as long as the function runs.
func TestLockOneRun(t *testing.T) {
	t.Parallel()
	server := testserver.Redis(t)
	other := redisClient(t, server)
	var runs atomic.Int64
	fn := func(ctx context.Context, s string) (string, error) {
		if runs.Add(1) > 1 {
			return s + "!", nil
		}
		before := other.PTTL(ctx, "ring:lock:{locked:a}").Val()
		assert.Eventually(t, func() bool {
			left := other.PTTL(ctx, "ring:lock:{locked:a}").Val()
			renewed := left > before
			before = left
			return renewed
		}, 20*time.Second, 10*time.Millisecond)
		return s + "!", nil
	}
	var wg sync.WaitGroup
	for _, p := range processes(t, server, 4, ring.Lock{Lease: 2 * time.Second}, fn) {
		for range 50 {
			wg.Go(func() {
				value, err := p.rope.Call("a")
				assert.NoError(t, err)
				assert.Equal(t, "a!", value)
			})
		}
	}
	wg.Wait()
	assert.EqualValues(t, 1, runs.Load())
	keys, err := other.Keys(t.Context(), "*").Result()
	require.NoError(t, err)
	assert.Equal(t, []string{"locked:a"}, keys, "the lock is released")
}

// TestLockIsReleasedByAFailure: the others need not wait for the end of the lease.
func TestLockIsReleasedByAFailure(t *testing.T) {
	t.Parallel()
	ps := processes(t, testserver.Redis(t), 2, ring.Lock{Lease: time.Hour}, func(_ context.Context, s string) (string, error) {
		if s == "panics" {
			panic(s)
		}
		return "", errSource
	})
	for _, p := range ps {
		_, err := p.rope.Call("fails")
		assert.Equal(t, errSource, err)
		assert.PanicsWithValue(t, "panics", func() { _, _ = p.rope.Call("panics") })
	}
}

// TestLockDeadHolder: who dies blocks the others for a lease.
func TestLockDeadHolder(t *testing.T) {
	t.Parallel()
	server := testserver.Redis(t)
	p := processes(t, server, 1, ring.Lock{Lease: time.Hour}, func(context.Context, string) (string, error) { return "new", nil })[0]
	start := time.Now()
	require.NoError(t, redisClient(t, server).Set(t.Context(), "ring:lock:{locked:a}", "of the dead", 200*time.Millisecond).Err())
	value, err := p.rope.Call("a")
	require.NoError(t, err)
	assert.Equal(t, "new", value)
	assert.GreaterOrEqual(t, time.Since(start), 200*time.Millisecond)
}

// TestLockVoided: what is deleted or set during a run, by Go or by any other program, is not
// undone by it.
func TestLockVoided(t *testing.T) {
	t.Parallel()
	server := testserver.Redis(t)
	gate, began := make(chan struct{}), make(chan struct{})
	ps := processes(t, server, 2, ring.Lock{Lease: time.Hour}, func(context.Context, string) (string, error) {
		began <- struct{}{}
		<-gate
		return "old", nil
	})
	other := redisClient(t, server)
	for name, write := range map[string]struct {
		do   func() error
		want any
	}{
		"deleted in another process": {func() error { return ps[1].rope.Delete("a") }, nil},
		"set in another process":     {func() error { return ps[1].rope.Set("theirs", "a") }, "theirs"},
		"set by another program":     {func() error { return other.Set(t.Context(), "locked:a", "theirs", 0).Err() }, "theirs"},
	} {
		require.NoError(t, ps[0].rope.Delete("a"))
		var wg sync.WaitGroup
		wg.Go(func() {
			value, err := ps[0].rope.Call("a")
			assert.NoError(t, err, name)
			assert.Equal(t, "old", value, name)
		})
		<-began
		require.NoError(t, write.do(), name)
		gate <- struct{}{}
		wg.Wait()
		value, err := ps[1].rope.Get("a")
		require.NoError(t, err, name)
		assert.Equal(t, write.want, value, name)
	}
}

// TestLockVoidedForOthers: who has come after a delete in another process does not get the value
// of the run that began before.
func TestLockVoidedForOthers(t *testing.T) {
	t.Parallel()
	server := testserver.Redis(t)
	var source atomic.Value
	source.Store("old")
	gate, began := make(chan struct{}), make(chan struct{})
	ps := processes(t, server, 2, ring.Lock{Lease: time.Hour}, func(context.Context, string) (string, error) {
		value := source.Load().(string)
		began <- struct{}{}
		<-gate
		return value, nil
	})
	var wg sync.WaitGroup
	call := func(want string) {
		wg.Go(func() {
			value, err := ps[0].rope.Call("a")
			assert.NoError(t, err)
			assert.Equal(t, want, value)
		})
	}
	call("old")
	<-began
	source.Store("new")
	require.NoError(t, ps[1].rope.Delete("a"))
	for range 10 {
		call("new")
	}
	gate <- struct{}{}
	<-began
	gate <- struct{}{}
	wg.Wait()
}

// TestLockWaitWithoutNews: a subscription that the server does not confirm makes nobody wait
// longer than Wait.
func TestLockWaitWithoutNews(t *testing.T) {
	server := testserver.Redis(t)
	require.NoError(t, redisClient(t, server).Set(t.Context(), "ring:lock:{locked:a}", "another's", time.Hour).Err())
	var dialed atomic.Int64
	client := redis.NewClient(&redis.Options{PoolSize: 1, DialTimeout: time.Minute, Dialer: func(ctx context.Context, _, _ string) (net.Conn, error) {
		if dialed.Add(1) > 1 { // the subscription's
			<-t.Context().Done()
			return nil, t.Context().Err()
		}
		return new(net.Dialer).DialContext(ctx, server.Network, server.Addr)
	}})
	t.Cleanup(func() { assert.NoError(t, client.Close()) })
	fn := func(context.Context, string) (string, error) { return "own", nil }
	rope := ring.Wrap(fn, ring.Redis{Client: client, KeyPrefix: "locked", Expire: time.Hour,
		Options: ring.Options{Lock: ring.Lock{Lease: time.Hour, Wait: 50 * time.Millisecond}}})
	v, err := rope.Call("a")
	require.NoError(t, err)
	assert.Equal(t, "own", v)
	assert.Greater(t, dialed.Load(), int64(1))
	s := rope.Stats()
	assert.Equal(t, uint64(1), s.LockWaits)
	assert.GreaterOrEqual(t, s.LockWait, 50*time.Millisecond)
	assert.Less(t, s.LockWait, time.Second)
}

// TestLockWait: a call that has waited long enough runs without the lock, and what the holder
// has stored by then stays.
func TestLockWait(t *testing.T) {
	t.Parallel()
	server := testserver.Redis(t)
	p := processes(t, server, 1, ring.Lock{Lease: time.Hour, Wait: 50 * time.Millisecond}, func(context.Context, string) (string, error) { return "own", nil })[0]
	other := redisClient(t, server)
	require.NoError(t, other.Set(t.Context(), "ring:lock:{locked:a}", "of another", time.Hour).Err())
	value, err := p.rope.Call("a")
	require.NoError(t, err)
	assert.Equal(t, "own", value)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	require.NoError(t, other.Set(t.Context(), "ring:lock:{locked:b}", "of another", time.Hour).Err())
	_, err = p.rope.Call(ctx, "b")
	assert.ErrorIs(t, err, context.DeadlineExceeded)
}

// TestLocksOfEachOther: two functions that call each other, in two processes, do not wait for
// ever.
func TestLocksOfEachOther(t *testing.T) {
	t.Parallel()
	server := testserver.Redis(t)
	var f, g *ring.Rope
	var both sync.WaitGroup
	both.Add(2)
	lock := ring.Options{Lock: ring.Lock{Lease: 100 * time.Millisecond}}
	f = ring.Wrap(func(ctx context.Context, n int) (int, error) {
		if n > 0 {
			both.Done()
			both.Wait()
			_, err := g.Call(ctx, 0)
			return n, err
		}
		return n, nil
	}, ring.Redis{Client: redisClient(t, server), KeyPrefix: "f", Options: lock})
	g = ring.Wrap(func(ctx context.Context, n int) (int, error) {
		if n > 0 {
			both.Done()
			both.Wait()
			_, err := f.Call(ctx, 0)
			return n, err
		}
		return n, nil
	}, ring.Redis{Client: redisClient(t, server), KeyPrefix: "g", Options: lock})
	var wg sync.WaitGroup
	wg.Go(func() { _, err := f.Call(1); assert.NoError(t, err) })
	wg.Go(func() { _, err := g.Call(1); assert.NoError(t, err) })
	wg.Wait()
}

// TestLockRefused: where there is nothing to lock, New says so.
func TestLockRefused(t *testing.T) {
	fn := func(i int) int { return i }
	_, err := ring.New(fn, ring.Lru{Options: ring.Options{Lock: ring.Lock{Lease: time.Second}}})
	assert.ErrorIs(t, err, errors.ErrUnsupported)
	for text, lock := range map[string]ring.Lock{
		"negative": {Lease: -1}, "no Lease": {Wait: time.Second}, "10*time.Second": {Lease: 10},
	} {
		_, err := ring.New(fn, ring.Lru{Options: ring.Options{Lock: lock}})
		assert.ErrorContains(t, err, text)
	}
}

// heldAnswer is a hook of a Redis client that holds back the answers to GET, from when it is armed.
type heldAnswer struct {
	armed   atomic.Bool
	came    chan struct{}
	release chan struct{}
}

func (h *heldAnswer) hold(cmds ...redis.Cmder) {
	if slices.ContainsFunc(cmds, func(c redis.Cmder) bool { return c.Name() == "get" }) && h.armed.CompareAndSwap(true, false) {
		close(h.came)
		<-h.release
	}
}

func (h *heldAnswer) DialHook(next redis.DialHook) redis.DialHook { return next }

func (h *heldAnswer) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		err := next(ctx, cmd)
		h.hold(cmd)
		return err
	}
}

func (h *heldAnswer) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error {
		err := next(ctx, cmds)
		h.hold(cmds...)
		return err
	}
}

// TestLockJoinsNoOldLookUp: a call that comes after another process has deleted the value does not
// get what a look-up of its own process found before.
func TestLockJoinsNoOldLookUp(t *testing.T) {
	t.Parallel()
	var runs atomic.Int32
	all := processes(t, testserver.Redis(t), 2, ring.Lock{Lease: 10 * time.Second}, func(context.Context, string) (string, error) {
		return fmt.Sprintf("run %d", runs.Add(1)), nil
	})
	h := &heldAnswer{came: make(chan struct{}), release: make(chan struct{})}
	all[0].client.AddHook(h)
	first, err := all[0].rope.Call("a")
	require.NoError(t, err)
	assert.Equal(t, "run 1", first)

	h.armed.Store(true)
	var calls sync.WaitGroup
	calls.Go(func() {
		v, err := all[0].rope.Call("a")
		assert.NoError(t, err)
		assert.Equal(t, "run 1", v, "it began before the delete")
	})
	<-h.came
	require.NoError(t, all[1].rope.Delete("a"))
	calls.Go(func() {
		v, err := all[0].rope.Call("a")
		assert.NoError(t, err)
		assert.Equal(t, "run 2", v)
	})
	require.Eventually(t, func() bool {
		f := all[0].rope.Flights()
		return len(f) == 1 && f[0].Waiting == 1
	}, 5*time.Second, time.Millisecond)
	close(h.release)
	calls.Wait()
}
